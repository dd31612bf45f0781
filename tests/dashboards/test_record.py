"""Every look, list, file and refusal leaves one record, and nothing happens that cannot leave one."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, layout, record
from dashboards.guard.exports import Exports
from dashboards.guard.viewers import Viewer
from queries.drill import Drill, Side, encoded
from queries.question import Question
from queries.vocabulary import Period
from tests.dashboards.conftest import Become, Draw, shown
from tests.dashboards.test_boards import draw_board
from tests.warehouse.records.conftest import without_guards
from warehouse.errors import RecordsUnavailable
from warehouse.records import audit
from warehouse.records.audit import Action, Record, Wanted
from warehouse.records.opening import PLACE_VARIABLE, Records

READER = Viewer("u-1", "周书记", "a-login-nobody-may-know", "leader")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """A store of this test's own."""
    monkeypatch.setenv(PLACE_VARIABLE, str(tmp_path / "records.db"))
    with closing(record.records()) as opened:
        yield opened


@pytest.fixture
def broken(store: Records) -> None:
    """A store that takes no more."""
    without_guards(store, "DELETE FROM audit_head")


def written(store: Records) -> list[Record]:
    return list(reversed(audit.listed(store, Wanted(), 100)))


def test_a_record_says_who_without_what_opens_their_login(store: Records) -> None:
    record.noted_of(READER, Action.SIGNED_IN)
    record.noted_of(None, Action.SIGN_IN_FAILED, words="no role")
    first, second = written(store)
    assert (first.actor, first.actor_name, first.role) == ("u-1", "周书记", "leader")
    assert first.login == hashlib.sha256(b"a-login-nobody-may-know").hexdigest()[:12]
    assert (second.actor, second.role, second.login, second.words) == ("", "", "", "no role")


def test_a_look_is_written_once_a_session_and_choice(
    store: Records, dozen_directory: Path, draw: Draw
) -> None:
    page = draw(dozen_directory)
    (look,) = written(store)
    assert (look.action, look.object, look.actor) == ("viewed", "overview", "leader-1")
    assert look.as_of == "2026-04-30"
    assert look.words == "近 4 周 2026-04-03 至 2026-04-30 · 杭州市"
    assert look.version
    page.run()
    page.query_params["lang"] = "en"  # the same look in other words
    page.run()
    assert len(written(store)) == 1
    page.query_params["as_of"] = "2026-03-31"
    page.run()
    assert [one.as_of for one in written(store)] == ["2026-04-30", "2026-03-31"]
    draw(dozen_directory)  # somebody else, or another tab
    assert len(written(store)) == 3


def test_another_role_is_another_look(
    store: Records, dozen_directory: Path, draw: Draw, become: Become
) -> None:
    page = draw(dozen_directory)
    become("analyst")
    page.run()
    assert [one.role for one in written(store)] == ["leader", "analyst"]


def test_a_page_that_cannot_be_written_down_is_not_drawn(
    broken: None, dozen_directory: Path, draw: Draw
) -> None:
    page = draw(dozen_directory)
    assert record.REFUSED.zh in shown(page)
    assert 'class="q-index' not in shown(page)
    assert not page.exception


def test_a_look_that_failed_is_tried_again(store: Records, dozen_directory: Path, draw: Draw) -> None:
    def fail(*_: object) -> None:
        raise RecordsUnavailable("no room")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "append", fail)
        page = draw(dozen_directory)
    assert record.REFUSED.zh in shown(page)
    page.run()
    assert record.REFUSED.zh not in shown(page)
    assert len(written(store)) == 1


def test_what_is_not_open_is_refused_and_written_down(
    store: Records, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "may_open", lambda _: False)
    page = draw_board("overview", dozen_directory, monkeypatch)
    assert "无权查看" in shown(page)
    (refusal,) = written(store)
    assert (refusal.action, refusal.object) == ("denied", "overview")
    page.run()
    assert len(written(store)) == 1


def test_a_file_is_written_down_each_time_it_is_made_with_its_hash(
    store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "reader", lambda: READER)
    made = record.handed_out("items.xlsx", lambda: b"a file", "全市", 7)
    monkeypatch.setattr(access, "reader", lambda: replace(READER, user="another"))
    assert [made(), made()] == [b"a file", b"a file"]
    first, second = written(store)
    assert (first.action, first.object, first.words, first.actor) == ("exported", "items.xlsx", "全市", "u-1")
    assert (first.rows, first.bytes) == (7, 6)
    assert first.sha256 == second.sha256 == hashlib.sha256(b"a file").hexdigest()


def test_a_file_that_cannot_be_written_down_does_not_leave(
    broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = record.handed_out("items.xlsx", lambda: b"a file")
    with pytest.raises(RecordsUnavailable):
        made()


def pressed(monkeypatch: pytest.MonkeyPatch) -> Exports:
    """A page with one download button that has been pressed; returns what is on offer after it."""

    class Pressed:
        pressed = True

    offers = Exports()
    monkeypatch.setattr(layout, "_DOWNLOAD", lambda **_: Pressed)
    monkeypatch.setattr(layout, "_DELIVERY", lambda **_: None)
    monkeypatch.setattr(layout, "EXPORTS", offers)

    def page() -> None:
        from dashboards import layout

        layout.download("Export", lambda: b"a file", "file.xlsx", words="said", rows=3)

    assert not AppTest.from_function(page).run().exception
    return offers


def test_the_button_of_a_page_offers_what_is_written_down(
    store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    (offer,) = pressed(monkeypatch)._offers.values()
    assert written(store) == []  # nothing has left yet
    assert offer.content() == b"a file"
    (export,) = written(store)
    assert (export.object, export.words, export.rows) == ("file.xlsx", "said", 3)


def test_a_role_that_takes_nothing_away_has_no_button(
    store: Records, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    become("administrator")
    assert pressed(monkeypatch)._offers == {}


def test_items_listed_are_written_down_page_by_page(store: Records, demo_warehouse: Path, draw: Draw) -> None:
    question = Question(
        ("cases_registered",), Period(date(2026, 10, 1), date(2026, 10, 31)), date(2026, 10, 31)
    )
    word = encoded(Drill(question, Side.COUNTED))
    draw(demo_warehouse, items=word)
    look, listing = written(store)
    assert (look.action, listing.action, listing.object) == ("viewed", "listed", "cases_registered")
    assert listing.words == "2026-10-01 至 2026-10-31 · 计入分子 · 1–"
    assert listing.rows is not None
    assert listing.rows > 100


def test_a_list_taken_away_is_written_down_as_the_list_it_is(
    store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_once", lambda *_: None)
    question = record.Question("cases_registered", "2026-10-01 · 计入分子", date(2026, 10, 31), "v1")
    record.listed(question, 101, 240)
    record.handed_out("items.xlsx", lambda: b"", rows=240)()
    (export,) = written(store)
    assert (export.words, export.as_of, export.version) == ("2026-10-01 · 计入分子", "2026-10-31", "v1")


def test_a_short_chain_is_walked_at_once_and_a_long_one_on_demand(
    store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.noted_of(READER, Action.SIGNED_IN)
    monkeypatch.setattr(record, "SHORT", 0)
    assert record.checked() is None
    monkeypatch.setattr(record, "SHORT", 1)
    found = record.checked()
    assert found is not None
    assert found.verdict is not None
    assert (found.verdict.records, found.verdict.fault) == (1, None)
    record.noted_of(READER, Action.SIGNED_OUT)
    assert record.checked() == found  # what was found stays until it is walked again
    record.check()
    again = record.checked()
    assert again is not None
    assert again.verdict is not None
    assert again.verdict.records == 2


def test_a_store_taken_away_while_the_suite_runs_stops_every_page(
    store: Records, tmp_path: Path, dozen_directory: Path, draw: Draw
) -> None:
    shutil.move(tmp_path / "records.db", tmp_path / "aside.db")
    assert record.REFUSED.zh in shown(draw(dozen_directory))

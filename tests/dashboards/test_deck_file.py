"""A deck shows the numbers that its boards drew when it was frozen, to whoever has the same rights."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from dashboards import access, data, deck_file, filters, numbers, record
from dashboards.cards import decks as words_of
from dashboards.exports.slides import slides
from dashboards.figures.theme import LIGHT
from dashboards.guard.viewers import Viewer
from dashboards.navigation import all_boards
from dashboards.recipe import board_of
from queries.execute import Warehouse, open_warehouse
from queries.scope import Scope
from tests.dashboards.conftest import Become
from warehouse.records import audit, decks
from warehouse.records.decks import View
from warehouse.records.frozen import Frozen
from warehouse.records.opening import PLACE_VARIABLE, Records

AUGUST, SEPTEMBER = date(2026, 8, 31), date(2026, 9, 30)
VIEWS = (
    View("overview", "as_of=2026-09-30", "全市", SEPTEMBER, "v0", "先看全市"),
    View("volume", "district=330110&as_of=2026-08-31", "余杭区", AUGUST, "v0"),
    View("case_life", "as_of=2026-09-30", "办件", SEPTEMBER, "v0"),
)


@pytest.fixture(scope="module")
def demo(demo_warehouse: Path) -> Iterator[Warehouse]:
    all_boards()
    with closing(open_warehouse(demo_warehouse)) as opened:
        yield opened


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """A store of this test's own."""
    monkeypatch.setenv(PLACE_VARIABLE, str(tmp_path / "records.db"))
    with closing(record.records()) as opened:
        yield opened


def frozen(warehouse: Warehouse, view: View) -> Frozen:
    """What the view shows; of a board that is for no slide something all the same."""
    board = board_of(view.board)
    assert board is not None
    rights = access.rights()
    return board.freeze(warehouse, view, rights) if board.is_shown else Frozen(rights, {"zh": b"", "en": b""})


def kept(store: Records, warehouse: Warehouse, role: str = "") -> int:
    """A deck of the reader's, shared with `role`; returns its number."""
    by = record.person()
    deck = decks.make(store, by, "九月会商", SEPTEMBER, warehouse.info.version, role)
    for view in VIEWS:
        decks.add_slide(store, by, deck, view, frozen(warehouse, view))
    return deck


def made(store: Records, warehouse: Warehouse, lang: str = "zh") -> Any:
    deck = kept(store, warehouse)
    return Presentation(io.BytesIO(deck_file.file(access.reader(), deck, lang, slides)))


def words(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def series(file: Any) -> list[tuple[str, list[float | None]]]:
    charts = [shape.chart for slide in file.slides for shape in slide.shapes if shape.has_chart]
    return [(one.name, list(one.values)) for chart in charts for one in chart.plots[0].series]


def cells(file: Any) -> list[str]:
    tables = [shape.table for slide in file.slides for shape in slide.shapes if shape.has_table]
    return [cell.text for table in tables for cell in table.iter_cells()]


def test_charts_and_tables_hold_the_numbers_of_the_page(store: Records, demo: Warehouse) -> None:
    file = made(store, demo)
    found = series(file)
    for view in VIEWS[:2]:
        board = board_of(view.board)
        assert board is not None
        with filters.saved(view.address, "zh"):
            choices = board.filters(demo)
            shown = board.figures(demo, board.query(demo, choices), choices, "zh", LIGHT)
        trend = shown.trend if view.board == "overview" else shown.kinds
        for trace in trend.figure["data"]:
            if trace.get("name") and trace.get("yaxis", "y") == "y" and "lines" in trace["mode"]:
                assert (trace["name"], list(trace["y"])) in found
    assert "余杭区" in cells(file)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_slide_says_its_own_day_the_version_and_the_policies(
    lang: str, store: Records, demo: Warehouse
) -> None:
    first, *others = (words(slide) for slide in made(store, demo, lang).slides)
    assert "九月会商" in first
    assert len(others) > 2
    for told in others:
        day = AUGUST if told.startswith(("诉求总量", "Volume")) else SEPTEMBER
        assert numbers.day_text(day, lang) in told
        assert demo.info.version in told
        assert "2026.1" in told
        assert ("演示数据" if lang == "zh" else "Demo data") in told


def titles(viewer: Viewer, deck: int) -> list[str]:
    return [one.title for one in deck_file.opened(viewer, deck, "zh")[1] if one.view is not None]


def test_a_board_that_is_no_view_or_closed_is_left_out(
    store: Records, demo: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck, reader = kept(store, demo), access.reader()
    assert titles(reader, deck) == ["一图一指数", "诉求总量"]
    before = access.roles()
    closed = replace(before, boards={**before.boards, "volume": frozenset()})
    monkeypatch.setattr(access, "roles", lambda: closed)
    assert titles(reader, deck) == ["一图一指数"]


def test_later_data_and_another_policy_change_nothing(
    store: Records, demo: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck, reader = kept(store, demo), access.reader()
    before = deck_file.content_of(*deck_file.opened(reader, deck, "zh"), "zh")
    # whatever would be asked of a warehouse now fails
    monkeypatch.setattr(data, "warehouse", None)
    monkeypatch.setattr(data, "ask", None)
    again = deck_file.content_of(*deck_file.opened(reader, deck, "zh"), "zh")
    assert again == before
    assert [one.note for one in again.views] == ["先看全市", ""]
    assert again.definitions is not None
    assert len({row[1] for row in again.definitions.rows}) == len(again.definitions.rows) > 5


def test_what_was_frozen_with_other_rights_stays_closed(
    store: Records, demo: Warehouse, become: Become
) -> None:
    deck = kept(store, demo, role="presenter")
    presenter = become("presenter")
    assert titles(presenter, deck) == []
    why = [one.why for one in deck_file.opened(presenter, deck, "zh")[1]]
    assert why == [words_of.OTHER_RIGHTS, words_of.OTHER_RIGHTS, words_of.CLOSED]
    yuhang, xihu = become("district", "330110"), become("district", "330106")
    assert len({access.rights(one) for one in (presenter, yuhang, xihu)}) == 3
    with pytest.raises(ValueError, match="no deck"):
        deck_file.opened(yuhang, deck, "zh")


def test_a_reader_without_cases_gets_hidden_counts_in_the_file_too(
    store: Records, demo: Warehouse, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = cells(made(store, demo))
    become("presenter")
    monkeypatch.setenv(data.ROUNDING_VARIABLE, "5a" * 32)
    bound = demo.seen_by(Scope(cases=(), smallest=5), data._hiding("none"))
    assert cells(made(store, bound)) != exact


def test_the_wall_and_the_speakers_window_are_on_record(
    store: Records, demo: Warehouse, become: Become
) -> None:
    deck, reader = kept(store, demo), access.reader()
    wall = deck_file.present(reader, deck, "zh", is_speaker=False)
    speaker = deck_file.present(reader, deck, "zh", is_speaker=True)
    assert wall is not None
    assert speaker is not None
    assert "先看全市" in speaker
    assert "先看全市" not in wall
    shown = audit.listed(store, audit.Wanted(action="viewed"), 10)
    assert [(one.words, one.object, one.rows) for one in shown] == [
        ("演讲者窗口 · 九月会商", "decks", 3),
        ("放映 · 九月会商", "decks", 3),
    ]
    assert deck_file.present(reader, deck + 1000, "zh", is_speaker=False) is None
    assert deck_file.present(become("auditor"), deck, "zh", is_speaker=False) is None
    assert [one.object for one in audit.listed(store, audit.Wanted(action="denied"), 10)] == ["decks"]

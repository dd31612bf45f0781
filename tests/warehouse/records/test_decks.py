"""A deck keeps its views in order, is open to its owner and one role, and each change is a record."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.warehouse.records.conftest import LEADER, viewing
from warehouse.records import decks
from warehouse.records.audit import Person, Wanted, append, listed, verify
from warehouse.records.decks import Deck, View
from warehouse.records.frozen import Frozen
from warehouse.records.opening import Records, open_records
from warehouse.records.tables import frozen

DAY, LATER = date(2026, 9, 30), date(2026, 10, 31)
COLLEAGUE = Person("u-18", "李副书记", "leader")
STRANGER = Person("u-30", "王科长", "analyst")
SHOWN = Frozen("", {"zh": "定格".encode(), "en": b"frozen"})
OVERVIEW = View("overview", "district=330110&as_of=2026-09-30", "一图一指数 · 余杭区", DAY, "v1")


def begun(records: Records, *boards: str, role: str = "") -> int:
    """A deck of the leader with a slide for each board."""
    deck = decks.make(records, LEADER, "九月会商", DAY, "v1", role)
    for board in boards:
        decks.add_slide(records, LEADER, deck, View(board, "as_of=2026-09-30", board, DAY, "v1"), SHOWN)
    return deck


def order(records: Records, deck: int) -> list[str]:
    found = decks.slides_of(records, LEADER, deck)
    assert [one.place for one in found] == list(range(1, len(found) + 1))
    return [one.view.board for one in found]


def only(records: Records, by: Person = LEADER) -> Deck:
    (found,) = decks.decks_of(records, by)
    return found


def test_views_stand_in_the_order_they_were_added(records: Records) -> None:
    deck = decks.make(records, LEADER, "九月会商", DAY, "v1")
    decks.add_slide(records, LEADER, deck, OVERVIEW, SHOWN)
    decks.add_slide(
        records, LEADER, deck, View("volume", "as_of=2026-09-30", "总量", DAY, "v1", "先说总量"), SHOWN
    )
    first, second = decks.slides_of(records, LEADER, deck)
    assert (first.place, first.view) == (1, OVERVIEW)
    assert (second.place, second.view.note) == (2, "先说总量")
    found = only(records)
    assert (found.name, found.owner, found.as_of, found.slides) == ("九月会商", "u-17", DAY, 2)
    assert found.changed_at > found.created_at


def test_a_slide_moves_as_far_as_there_are_places(records: Records) -> None:
    deck = begun(records, "a", "b", "c")
    ids = {one.view.board: one.slide_id for one in decks.slides_of(records, LEADER, deck)}
    decks.move(records, LEADER, deck, ids["c"], -1)
    assert order(records, deck) == ["a", "c", "b"]
    decks.move(records, LEADER, deck, ids["a"], -1)
    assert order(records, deck) == ["a", "c", "b"]
    decks.move(records, LEADER, deck, ids["a"], 9)
    assert order(records, deck) == ["c", "b", "a"]
    decks.take_out(records, LEADER, deck, ids["b"])
    assert order(records, deck) == ["c", "a"]
    with pytest.raises(ValueError, match="no longer in deck"):
        decks.take_out(records, LEADER, deck, ids["b"])


def test_a_deck_is_open_to_its_owner_and_the_role_it_is_shared_with(records: Records) -> None:
    deck = begun(records, "a")
    assert decks.decks_of(records, COLLEAGUE) == ()
    with pytest.raises(ValueError, match="no deck"):
        decks.slides_of(records, COLLEAGUE, deck)
    decks.share(records, LEADER, deck, "leader")
    assert only(records, COLLEAGUE).deck_id == deck
    decks.add_slide(records, COLLEAGUE, deck, OVERVIEW, SHOWN)
    assert order(records, deck) == ["a", "overview"]
    for act in (
        partial(decks.rename, records, COLLEAGUE, deck, "我的"),
        partial(decks.share, records, COLLEAGUE, deck, ""),
        partial(decks.remove, records, COLLEAGUE, deck),
    ):
        with pytest.raises(ValueError, match="only its owner"):
            act()
    assert decks.decks_of(records, STRANGER) == ()
    # Nobody's role is empty, and an empty one shares nothing.
    decks.share(records, LEADER, deck, "")
    assert decks.decks_of(records, Person("u-40", "", "")) == ()
    with pytest.raises(ValueError, match="no deck"):
        decks.add_slide(records, COLLEAGUE, deck, OVERVIEW, SHOWN)


def test_last_months_deck_stands_on_a_new_day_with_its_notes(records: Records) -> None:
    deck = begun(records, "volume")
    decks.add_slide(records, LEADER, deck, View(**{**vars(OVERVIEW), "note": "看余杭"}), SHOWN)
    views = decks.copied(decks.slides_of(records, LEADER, deck), LATER, "v2")
    shown = [(view, Frozen("", {"zh": view.board.encode()})) for view in views]
    copy = decks.duplicate(records, LEADER, deck, "十月会商", LATER, "v2", shown)
    assert sorted(decks.open_deck(records, LEADER, copy, "zh").kept.values()) == [
        ("", b"overview"),
        ("", b"volume"),
    ]
    first, second = decks.slides_of(records, LEADER, copy)
    assert first.view.address == "as_of=2026-10-31"
    assert second.view == View(
        "overview", "district=330110&as_of=2026-10-31", OVERVIEW.title, LATER, "v2", "看余杭"
    )
    assert decks.slides_of(records, LEADER, deck)[1].view.as_of == DAY
    assert {one.name: one.as_of for one in decks.decks_of(records, LEADER)} == {
        "九月会商": DAY,
        "十月会商": LATER,
    }


def test_every_change_is_a_record_of_the_chain(records: Records) -> None:
    append(records, viewing("before"))
    deck = begun(records, "a", "b")
    first, second = decks.slides_of(records, LEADER, deck)
    decks.write_note(records, LEADER, deck, first.slide_id, "请看")
    decks.move(records, LEADER, deck, second.slide_id, -1)
    decks.take_out(records, LEADER, deck, second.slide_id)
    decks.rename(records, LEADER, deck, "改后")
    decks.remove(records, LEADER, deck)
    found = listed(records, Wanted(action="deck_changed"), 20)
    said = [one.words.partition(" · ")[0] for one in reversed(found)]
    assert said == ["新建", "加入", "加入", "备注", "移动", "移出", "改名", "删除"]
    assert {one.actor for one in found} == {"u-17"}
    assert "请看" not in "".join(one.words for one in found)
    assert verify(records).fault is None
    assert decks.decks_of(records, LEADER) == ()


def test_what_is_refused_changes_nothing_and_leaves_no_record(records: Records) -> None:
    deck = begun(records, "a")
    before = verify(records)
    slide = decks.slides_of(records, LEADER, deck)[0].slide_id
    for act in (
        partial(decks.rename, records, LEADER, deck, " "),
        partial(decks.rename, records, LEADER, deck, "长" * 61),
        partial(decks.write_note, records, LEADER, deck, slide, "长" * 1001),
        partial(decks.add_slide, records, LEADER, deck, View("a", "x" * 2001, "a", DAY, "v1"), SHOWN),
        partial(decks.move, records, LEADER, deck, 999, 1),
    ):
        with pytest.raises(ValueError, match=r"characters|no longer"):
            act()
    assert verify(records) == before
    assert only(records).name == "九月会商"


def test_decks_and_slides_are_limited(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decks, "DECKS", 2)
    monkeypatch.setattr(decks, "SLIDES", 2)
    deck = begun(records, "a", "b")
    with pytest.raises(ValueError, match="has 2 slides"):
        decks.add_slide(records, LEADER, deck, OVERVIEW, SHOWN)
    begun(records)
    with pytest.raises(ValueError, match="you have 2 decks"):
        begun(records)
    decks.make(records, COLLEAGUE, "另一人的", DAY, "v1")


def test_a_note_names_no_petitioner(records: Records) -> None:
    deck = begun(records, "a")
    slide = decks.slides_of(records, LEADER, deck)[0].slide_id
    decks.write_note(records, LEADER, deck, slide, "来电 13800138000\n第二行")
    note = decks.slides_of(records, LEADER, deck)[0].view.note
    assert "13800138000" not in note
    assert note.endswith("\n第二行")


def test_a_store_made_before_is_given_the_tables_of_decks(tmp_path: Path) -> None:
    place = str(tmp_path / "records.db")
    earlier = open_records(place)
    append(earlier, viewing("first"))
    with earlier.writing() as connection:
        connection.exec_driver_sql("DROP TABLE deck")
        connection.exec_driver_sql("DROP TABLE slide")
        connection.exec_driver_sql("DROP TABLE frozen")
    earlier.close()
    now = open_records(place)
    deck = begun(now, "a")
    assert order(now, deck) == ["a"]
    assert verify(now).fault is None
    now.close()


def test_a_slide_keeps_what_it_showed_until_it_is_frozen_anew(records: Records) -> None:
    deck = begun(records, "a", "b")
    first, second = (one.slide_id for one in decks.slides_of(records, LEADER, deck))
    assert decks.open_deck(records, LEADER, deck, "en").kept == dict.fromkeys(
        (first, second), ("", b"frozen")
    )
    anew = Frozen("5:330110", {"en": b"anew"})
    decks.freeze(records, LEADER, deck, "v2", {second: anew})
    assert decks.open_deck(records, LEADER, deck, "en").kept == {
        first: ("", b"frozen"),
        second: ("5:330110", b"anew"),
    }
    assert decks.open_deck(records, LEADER, deck, "zh").kept.keys() == {first}
    assert [one.view.version for one in decks.slides_of(records, LEADER, deck)] == ["v1", "v2"]
    assert only(records).version == "v2"
    last, *_ = listed(records, Wanted(action="deck_changed"), 20)
    assert (last.words, last.version, last.sha256) == ("重新定格 · b", "v2", anew.sha256)
    with pytest.raises(ValueError, match="no longer in deck"):
        decks.freeze(records, LEADER, deck, "v3", {first: anew, 999: anew})
    assert decks.open_deck(records, LEADER, deck, "en").kept[first] == ("", b"frozen")
    with pytest.raises(ValueError, match="no deck"):
        decks.open_deck(records, STRANGER, deck, "en")


def test_what_a_slide_showed_goes_with_it(records: Records) -> None:
    deck = begun(records, "a", "b")
    first, _ = (one.slide_id for one in decks.slides_of(records, LEADER, deck))
    decks.take_out(records, LEADER, deck, first)
    with records.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM frozen").scalar_one() == 2
    decks.remove(records, LEADER, deck)
    with records.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM frozen").scalar_one() == 0


def test_a_damaged_slide_is_not_shown(records: Records) -> None:
    deck = begun(records, "a")
    with records.writing() as connection:
        connection.execute(update(frozen).where(frozen.c.language == "zh").values(content=b"other numbers"))
    assert decks.open_deck(records, LEADER, deck, "zh").kept == {}
    assert len(decks.open_deck(records, LEADER, deck, "en").kept) == 1


def test_a_slide_that_is_too_large_is_not_kept(records: Records) -> None:
    deck = begun(records)
    with pytest.raises(ValueError, match="narrow its filters"):
        decks.add_slide(records, LEADER, deck, OVERVIEW, Frozen("", {"zh": bytes(4_000_001)}))
    assert order(records, deck) == []

"""A chain that was touched is found out: any field, any place, any order; and the first record is named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import WarehouseError
from warehouse.records.chain import (
    GENESIS,
    HASHED,
    Fault,
    Head,
    Verdict,
    Wrong,
    canonical,
    checked,
    digest,
    read_head,
)
from warehouse.records.tables import audit

Row = dict[str, Any]
LENGTH = 6


def chained(wordings: Sequence[str]) -> list[Row]:
    """A whole chain whose records say these words."""
    rows: list[Row] = []
    last = GENESIS
    for number, words in enumerate(wordings, start=1):
        fields = dict.fromkeys(HASHED, "")
        row: Row = {**fields, "at": f"2026-03-0{number}", "words": words, "rows": None, "bytes": 3}
        row |= {"previous": last, "audit_id": number}
        row["hash"] = last = digest(row)
        rows.append(row)
    return rows


def six() -> list[Row]:
    return chained("abcdef")


def end(rows: Sequence[Row]) -> Head:
    return Head(len(rows), rows[-1]["at"], rows[-1]["hash"]) if rows else Head(0, "", GENESIS)


def verdict(rows: Sequence[Row], head: Head | None, kept: Sequence[Head] = ()) -> Verdict:
    def places(hashed: str) -> list[int]:
        return [row["audit_id"] for row in rows if row["hash"] == hashed]

    return checked(rows, head, kept, places)


def numbered(rows: Sequence[Row]) -> list[Row]:
    """The rows counted anew, as somebody careful would leave them."""
    return [{**row, "audit_id": number} for number, row in enumerate(rows, start=1)]


def test_an_untouched_chain_is_whole() -> None:
    rows = six()
    assert verdict(rows, end(rows)) == Verdict(LENGTH, rows[-1]["hash"], None)
    assert verdict([], end([])) == Verdict(0, GENESIS, None)


def test_the_spelling_that_is_hashed_is_written_out_here() -> None:
    fields = {"b": "晴 \ud800", "a": None, "c": 5, "d": "left out"}
    assert canonical(fields, ("b", "a", "c")) == b'{"a":null,"b":"\\u6674 \\ud800","c":5}'
    spelled = (
        '{"action":"","actor":"","actor_name":"","as_of":"","at":"2026-03-01","bytes":3,"login":"","object":"",'
        f'"previous":"{GENESIS}","role":"","rows":null,"sha256":"","version":"","words":"a"}}'
    )
    assert six()[0]["hash"] == hashlib.sha256(spelled.encode()).hexdigest()


@pytest.mark.parametrize("place", range(LENGTH))
@pytest.mark.parametrize("field", [column.name for column in audit.columns])
def test_any_field_of_any_record_that_was_edited_is_found(field: str, place: int) -> None:
    rows = six()
    head = end(rows)
    was = rows[place][field]
    rows[place][field] = 999 if field == "audit_id" else f"{was}x" if isinstance(was, str) else 77
    fault = verdict(sorted(rows, key=lambda row: row["audit_id"]), head).fault
    assert fault is not None
    if field != "audit_id":
        assert fault == Fault(Wrong.EDITED, place + 1)
    elif place < LENGTH - 1:
        assert fault == Fault(Wrong.REORDERED, place + 1)


def test_a_text_that_became_a_number_was_edited() -> None:
    rows = chained(["5"])
    rows[0]["words"] = 5
    assert verdict(rows, end(rows)).fault == Fault(Wrong.EDITED, 1)
    rows[0]["words"] = b"5"
    assert verdict(rows, end(rows)).fault == Fault(Wrong.EDITED, 1)


@pytest.mark.parametrize("counted_anew", [False, True])
@pytest.mark.parametrize("place", range(LENGTH))
def test_a_record_that_was_removed_is_missed(place: int, counted_anew: bool) -> None:
    rows = six()
    head = end(rows)
    del rows[place]
    assert verdict(numbered(rows) if counted_anew else rows, head).fault == Fault(Wrong.MISSING, place + 1)


@pytest.mark.parametrize("removed", range(1, LENGTH + 1))
def test_a_cut_off_end_is_missed_by_the_head_and_with_a_false_head_by_one_kept(removed: int) -> None:
    rows = six()
    head, left = end(rows), rows[: LENGTH - removed]
    missing = Fault(Wrong.MISSING, LENGTH - removed + 1)
    assert verdict(left, head).fault == missing
    assert verdict(left, end(left)).fault is None
    assert verdict(left, end(left), [head]).fault == missing


@pytest.mark.parametrize("one", range(LENGTH))
@pytest.mark.parametrize("other", range(LENGTH))
def test_records_that_changed_places_are_found(one: int, other: int) -> None:
    rows = six()
    head = end(rows)
    rows[one], rows[other] = rows[other], rows[one]
    fault = verdict(numbered(rows), head).fault
    assert fault == (None if one == other else Fault(Wrong.REORDERED, min(one, other) + 1))


@pytest.mark.parametrize("place", range(LENGTH))
@pytest.mark.parametrize("target", range(LENGTH + 1))
def test_a_record_that_stands_twice_is_found(place: int, target: int) -> None:
    rows = six()
    head = end(rows)
    rows.insert(target, dict(rows[place]))
    fault = verdict(numbered(rows), head).fault
    assert fault is not None
    assert fault.wrong is Wrong.DUPLICATED


@pytest.mark.parametrize("place", range(LENGTH + 1))
def test_a_forged_record_is_found_where_it_was_put(place: int) -> None:
    rows = six()
    head = end(rows)
    forged = {**rows[0], "words": "never", "previous": rows[place - 1]["hash"] if place else GENESIS}
    forged["hash"] = digest(forged)
    rows.insert(place, forged)
    assert verdict(numbered(rows), head).fault == Fault(Wrong.INSERTED, place + 1)


@pytest.mark.parametrize("place", range(LENGTH))
def test_a_chain_hashed_anew_is_found_by_its_head_and_with_a_new_head_by_one_kept(place: int) -> None:
    words = list("abcdef")
    head = end(chained(words))
    words[place] = "another"
    rows = chained(words)
    assert verdict(rows, head).fault == Fault(Wrong.REWRITTEN, LENGTH)
    assert verdict(rows, end(rows)).fault is None
    assert verdict(rows, end(rows), [head]).fault == Fault(Wrong.REWRITTEN, LENGTH)


def test_a_chain_that_lost_its_head_is_not_whole() -> None:
    assert verdict(six(), None).fault == Fault(Wrong.UNANCHORED, 0)
    assert verdict([], Head(0, "", "1" * 64)).fault == Fault(Wrong.REWRITTEN, 0)


def test_what_was_added_behind_a_kept_head_is_no_fault() -> None:
    rows = six()
    assert verdict(rows, end(rows), [end(rows[:2]), end(rows[:4])]).fault is None


@given(data=st.data(), wordings=st.lists(st.text(max_size=4), min_size=1, max_size=8))
def test_no_other_chain_passes_for_this_one(data: st.DataObject, wordings: list[str]) -> None:
    rows = chained(wordings)
    head = end(rows)
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=len(rows) + 2))
    taken = [dict(rows[place]) for place in places]
    touched = data.draw(st.booleans())
    if taken and touched:
        field = data.draw(st.sampled_from(HASHED))
        taken[data.draw(st.integers(0, len(taken) - 1))][field] = data.draw(st.text(max_size=3))
    is_same = numbered(taken) == rows
    assert (verdict(numbered(taken), head).fault is None) == is_same


def test_a_head_is_read_as_it_was_written() -> None:
    head = end(six())
    assert read_head(f" {head.line}\n") == head
    with pytest.raises(WarehouseError, match="audit head"):
        read_head("qingyu-audit 5 today abc")

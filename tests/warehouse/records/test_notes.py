"""A supervise note stands with its record or not at all, and who changes it is found out."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import text

from tests.warehouse.records.conftest import LEADER, viewing, without_guards
from warehouse.errors import RecordsUnavailable
from warehouse.records import audit
from warehouse.records.audit import Wanted, append, listed, verify
from warehouse.records.chain import Fault, Wrong
from warehouse.records.notes import (
    LONGEST,
    Note,
    add_note,
    latest_notes,
    notes_of_case,
    notes_of_districts,
    notes_of_units,
)
from warehouse.records.opening import Records

CASE = 20_261_031_000_123  # more than 32 bits


def write(records: Records, words: str, case_id: int = CASE, unit_id: int = 3, district_id: int = 8) -> Note:
    return add_note(records, LEADER, words, case_id=case_id, unit_id=unit_id, district_id=district_id)


def test_a_note_is_read_by_case_unit_and_district(records: Records) -> None:
    append(records, viewing("before"))
    first = write(records, "请三日内办结。")
    second = write(records, "仍未答复，\n请说明原因。")
    other = write(records, "另一件", CASE + 1, unit_id=4, district_id=9)
    assert notes_of_case(records, CASE) == (first, second)
    assert notes_of_units(records, [3]) == (second, first)
    assert notes_of_units(records, [3, 4], limit=1) == (other,)
    assert notes_of_districts(records, [9]) == (other,)
    assert notes_of_districts(records, []) == ()
    assert (first.author, first.author_name, first.role) == ("u-17", "周书记", "leader")
    assert second.text == "仍未答复，\n请说明原因。"


def test_its_record_names_the_case_and_none_of_its_words(records: Records) -> None:
    written = write(records, "请三日内办结。")
    (record,) = listed(records, Wanted(), 5)
    assert (record.audit_id, record.action, record.object) == (written.audit_id, "supervised", str(CASE))
    assert (record.words, record.actor, len(record.sha256)) == ("", "u-17", 64)
    assert verify(records).fault is None


@pytest.mark.parametrize("words", ["", " \n ", "长" * (LONGEST + 1)])
def test_a_note_that_is_empty_or_too_long_is_refused(records: Records, words: str) -> None:
    with pytest.raises(ValueError, match="1 to 500"):
        write(records, words)
    assert write(records, "长" * LONGEST).audit_id == 1


def test_persons_are_masked_and_signs_are_plain(records: Records) -> None:
    written = write(records, "<b>请</b>\x00联系人：王小明 13812345678\u202e")
    assert written.text == "<b>请</b> 联系人：＊ ＊"
    assert notes_of_case(records, CASE) == (written,)


@pytest.mark.parametrize(
    ("statement", "at"),
    [
        ("UPDATE note SET text = 'never' WHERE audit_id = 2", 2),
        ("UPDATE note SET unit_id = 4 WHERE audit_id = 3", 3),
        ("DELETE FROM note WHERE audit_id = 3", 3),
        ("UPDATE note SET audit_id = 1 WHERE audit_id = 2", 2),
        ("INSERT INTO note VALUES (1, 5, 5, 5, '', '', '', '', 'never', '', NULL)", 1),
        ("INSERT INTO note VALUES (9, 5, 5, 5, '', '', '', '', 'never', '', NULL)", 9),
    ],
)
def test_a_note_that_was_touched_is_found(records: Records, statement: str, at: int) -> None:
    append(records, viewing("before"))
    for words in ("一", "二"):
        write(records, words)
    if not statement.startswith("INSERT"):
        with pytest.raises(RecordsUnavailable), records.writing() as connection:
            connection.execute(text(statement))
    without_guards(records, statement)
    assert verify(records).fault == Fault(Wrong.NOTE_CHANGED, at)


def test_a_note_without_its_record_is_not_written(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecordsUnavailable("no room")

    monkeypatch.setattr("warehouse.records.notes.add", fail)
    with pytest.raises(RecordsUnavailable, match="no room"):
        write(records, "一")
    assert notes_of_case(records, CASE) == ()
    assert audit.head(records).records == 0


def test_a_note_has_its_deadline_and_its_answer(records: Records) -> None:
    asked = partial(add_note, records, LEADER, case_id=CASE, unit_id=3, district_id=8)
    first = asked("请办结。", due_on=date(2026, 11, 25))
    answer = asked("已办结。", answers=first.audit_id)
    assert notes_of_case(records, CASE) == (first, answer)
    assert (first.due_on, first.answers) == (date(2026, 11, 25), None)
    assert (answer.due_on, answer.answers) == (None, first.audit_id)
    assert latest_notes(records, 1) == (answer,)
    assert verify(records).fault is None


def test_an_answer_belongs_to_a_note_of_the_same_case(records: Records) -> None:
    first = write(records, "请办结。")
    answer = add_note(records, LEADER, "好。", case_id=CASE, unit_id=3, district_id=8, answers=first.audit_id)
    for case_id, answers in ((CASE + 1, first.audit_id), (CASE, 99), (CASE, answer.audit_id)):
        with pytest.raises(ValueError, match="can be answered"):
            add_note(records, LEADER, "好。", case_id=case_id, unit_id=3, district_id=8, answers=answers)
    assert len(notes_of_case(records, CASE)) == 2
    assert notes_of_case(records, CASE + 1) == ()

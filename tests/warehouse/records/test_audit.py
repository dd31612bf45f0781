"""What is written down stays as it was written, and is found again; who touches it is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.warehouse.records.conftest import LEADER, viewing, without_guards
from warehouse.errors import RecordsUnavailable
from warehouse.records.audit import (
    Action,
    Deeds,
    Entry,
    Person,
    Total,
    Wanted,
    append,
    head,
    listed,
    people,
    totals,
    verify,
    walk,
)
from warehouse.records.chain import GENESIS, Fault, Head, Wrong
from warehouse.records.opening import Records, open_records

# A second record behind the same one.
FORK = (
    "INSERT INTO audit SELECT audit_id + 7, at, actor, actor_name, role, login, action, object, words, "
    "version, as_of, rows, bytes, sha256, previous, hash FROM audit"
)


def test_a_record_is_read_back_as_it_was_written(records: Records) -> None:
    before = datetime.now(UTC)
    written = append(
        records,
        Entry(
            Action.EXPORTED, LEADER, "overview.xlsx", "全市 · 近4周", "v1", date(2026, 10, 31), 12, 345, "ab"
        ),
    )
    assert listed(records, Wanted(), 5) == (written,)
    assert (written.audit_id, written.previous) == (1, GENESIS)
    assert before <= written.at <= datetime.now(UTC)
    assert written.at.utcoffset() == timedelta(0)
    assert (written.actor, written.actor_name, written.role, written.login) == (
        "u-17", "周书记", "leader", "0f3a",
    )  # fmt: skip
    assert (written.action, written.object, written.words) == ("exported", "overview.xlsx", "全市 · 近4周")
    assert (written.version, written.as_of, written.rows, written.bytes, written.sha256) == (
        "v1", "2026-10-31", 12, 345, "ab",
    )  # fmt: skip


def test_each_record_holds_the_hash_of_the_one_before(records: Records) -> None:
    first, second = append(records, viewing("a")), append(records, viewing("b"))
    assert second.previous == first.hash != second.hash
    assert head(records) == Head(2, second.at.isoformat(timespec="microseconds"), second.hash)
    assert verify(records).fault is None
    assert verify(records).records == 2


def test_the_store_is_the_same_when_it_is_opened_again(records: Records, place: str) -> None:
    append(records, viewing("a"))
    again = open_records(place)
    append(again, viewing("b"))
    again.close()
    assert [record.words for record in listed(records, Wanted(), 5)] == ["b", "a"]
    assert verify(records).fault is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET words = 'never' WHERE audit_id = 1",
        "DELETE FROM audit WHERE audit_id = 2",
        "UPDATE audit_head SET records = 1",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head VALUES (2, 5, '', '')",
        FORK,
    ],
)
def test_the_database_itself_refuses_to_change_a_record(records: Records, statement: str) -> None:
    for words in "ab":
        append(records, viewing(words))
    with pytest.raises(RecordsUnavailable), records.writing() as connection:
        connection.execute(text(statement))
    assert verify(records).fault is None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET words = 'never' WHERE audit_id = 2", Fault(Wrong.EDITED, 2)),
        ("UPDATE audit SET rows = 1 WHERE audit_id = 3", Fault(Wrong.EDITED, 3)),
        ("DELETE FROM audit WHERE audit_id = 1", Fault(Wrong.MISSING, 1)),
        ("DELETE FROM audit WHERE audit_id = 2", Fault(Wrong.MISSING, 2)),
        ("DELETE FROM audit WHERE audit_id = 4", Fault(Wrong.MISSING, 4)),
        ("DELETE FROM audit", Fault(Wrong.MISSING, 1)),
        ("UPDATE audit SET audit_id = 9 WHERE audit_id = 2", Fault(Wrong.REORDERED, 2)),
        ("DELETE FROM audit_head", Fault(Wrong.UNANCHORED, 0)),
        ("UPDATE audit_head SET records = 3", Fault(Wrong.INSERTED, 3)),
    ],
)
def test_who_owns_the_database_is_found_out(records: Records, statement: str, fault: Fault) -> None:
    for words in "abcd":
        append(records, viewing(words))
    without_guards(records, statement)
    assert verify(records).fault == fault


def test_a_store_replaced_as_a_whole_is_found_by_a_head_kept_elsewhere(records: Records) -> None:
    kept = head(records)
    for words in "ab":
        append(records, viewing(words))
    assert verify(records, [kept, head(records)]).fault is None
    assert verify(records, [Head(2, "", "0" * 64)]).fault == Fault(Wrong.REWRITTEN, 2)
    assert verify(records, [Head(3, "", "0" * 64)]).fault == Fault(Wrong.MISSING, 3)


def test_nothing_is_added_to_a_chain_that_lost_its_head(records: Records, place: str) -> None:
    append(records, viewing("a"))
    without_guards(records, "DELETE FROM audit_head")
    with pytest.raises(RecordsUnavailable, match="lost"):
        append(records, viewing("b"))
    with pytest.raises(RecordsUnavailable, match="lost"):
        head(records)
    open_records(place).close()  # opening does not give it another one
    assert verify(records).fault == Fault(Wrong.UNANCHORED, 0)


def test_hostile_words_are_kept_as_plain_text(records: Records) -> None:
    hostile = "a\x00b\x1b[31m\u202ec\ud800" + "x" * 5000
    written = append(records, viewing(hostile, replace(LEADER, actor="\x00" + "n" * 999)))
    assert written.words.startswith("a b [31m c x")
    assert (len(written.words), len(written.actor)) == (1000, 200)
    assert listed(records, Wanted(), 1) == (written,)
    assert verify(records).fault is None


def test_words_name_no_petitioner(records: Records) -> None:
    said = "全市 · 2026-10-05 至 2026-11-01 · 热线"
    assert append(records, viewing(said)).words == said
    assert append(records, viewing("查 13812345678，联系人：王小明")).words == "查 ＊，联系人：＊"


def test_an_auditor_finds_records_by_time_person_action_and_object(records: Records) -> None:
    start = datetime.now(UTC)
    for words in "ab":
        append(records, viewing(words))
    between = datetime.now(UTC)
    append(records, Entry(Action.DENIED, Person("u-9", role="district"), "audit"))

    def found(wanted: Wanted) -> list[int]:
        return [record.audit_id for record in listed(records, wanted, 10)]

    assert found(Wanted()) == [3, 2, 1]
    assert found(Wanted(until=between)) == [2, 1]
    assert found(Wanted(since=between)) == [3]
    assert found(Wanted(since=start, until=start)) == []
    assert found(Wanted(actor="u-9")) == [3]
    assert found(Wanted(action="viewed")) == [2, 1]
    assert found(Wanted(object="audit", action="viewed")) == []
    assert [record.audit_id for record in listed(records, Wanted(), 1)] == [3]
    assert [row["audit_id"] for row in walk(records, Wanted())] == [1, 2, 3]
    last = {record.audit_id: record.at for record in listed(records, Wanted(), 10)}
    assert people(records, Wanted()) == (
        Deeds("u-17", "leader", "viewed", "周书记", 2, last[2]),
        Deeds("u-9", "district", "denied", "u-9", 1, last[3]),
    )
    assert people(records, Wanted(actor="u-1")) == ()
    hour = start.replace(minute=0, second=0, microsecond=0)
    if datetime.now(UTC) < hour + timedelta(hours=1):
        assert totals(records, Wanted()) == (
            Total(hour, "denied", "district", 1), Total(hour, "viewed", "leader", 2),
        )  # fmt: skip


def test_a_walk_sees_the_chain_as_it_stood_when_it_began(records: Records) -> None:
    for words in "ab":
        append(records, viewing(words))
    walking = walk(records, Wanted())
    assert next(walking)["audit_id"] == 1
    append(records, viewing("c"))
    assert [row["audit_id"] for row in walking] == [2]

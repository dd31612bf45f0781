"""The hand-written table of the seventeen cases agrees with itself and with the loader's rules."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from tests.queries import dozen
from warehouse import matters
from warehouse.engines import duckdb
from warehouse.schema import cases


def test_who_came_back_when_is_what_the_linking_finds(tmp_path: Path) -> None:
    by_hand = {row["case_id"]: {name: row[name] for name in matters.LINKED} for row in dozen.case_rows()}
    unlinked = {"repeat_no": 0, "days_since_previous": None, "returned_on": None}
    rows = [row | unlinked | {"first_case_id": row["case_id"]} for row in dozen.case_rows()]
    engine = duckdb.engine(tmp_path / "dozen.duckdb", read_only=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        dozen.fill(connection, rows)
        matters.link_repeats(connection)
        columns = [cases.c[name] for name in ("case_id", *matters.LINKED)]
        linked = [dict(row) for row in connection.execute(select(*columns)).mappings()]
    engine.dispose()
    assert {row.pop("case_id"): row for row in linked} == by_hand


def test_flags_follow_the_channel_and_the_heads() -> None:
    channels = {1: "call", 2: "app", 3: "online", 5: "visit", 6: "letter", 7: "online"}
    for row in dozen.case_rows():
        kind = channels[row["channel_id"]]
        assert row["is_petition"] is (row["channel_id"] >= 5), row["case_id"]
        assert row["is_online"] is (kind in {"app", "online"}), row["case_id"]
        assert not row["is_collective"] or (kind == "visit" and row["people"] >= 5)
        assert not row["is_skip_level"] or kind == "visit"
        assert row["is_counted"] is (row["exclusion"] is None)


def test_no_case_is_ahead_of_itself() -> None:
    order = ("registered_at", "transferred_at", "accepted_at", "replied_at", "closed_at", "evaluated_at")
    for row in dozen.case_rows():
        told = [row[name] for name in order if row[name] is not None]
        assert told == sorted(told), row["case_id"]

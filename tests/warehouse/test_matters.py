"""Same person, same matter: a dozen items, worked by hand."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest
from sqlalchemy import Boolean, Connection, Date, DateTime, String, create_engine, select

from warehouse import frames, matters
from warehouse.schema import METADATA, cases

# case, person, matter, registered, closed            → first, repeat, days since, returned on
ITEMS = """
1   10    100   2026-01-01T09:00  2026-01-05T10:00    1   0  -   2026-01-08
2   10    100   2026-01-03T23:59  2026-01-06T10:00    1   1  2   2026-01-08
3   10    100   2026-01-08T00:01  2026-01-09T10:00    1   2  5   -
4   10    101   2026-01-04T09:00  -                   4   0  -   -
5   11    100   2026-01-01T09:00  2026-01-02T09:00    5   0  -   2026-01-02
6   11    100   2026-01-02T09:01  -                   5   2  0   -
7   11    100   2026-01-02T09:00  2026-01-02T09:30    5   1  1   -
8   -     100   2026-01-01T09:00  2026-01-02T09:00    8   0  -   -
9   -     100   2026-01-03T09:00  2026-01-04T09:00    9   0  -   -
10  12    -     2026-01-01T09:00  2026-01-02T09:00    10  0  -   -
11  12    -     2026-01-03T09:00  2026-01-04T09:00    11  0  -   -
13  13    100   2026-02-01T09:00  2026-02-03T09:00    12  1  0   2026-03-01
12  13    100   2026-02-01T09:00  2026-02-02T09:00    12  0  -   2026-03-01
14  13    100   2026-03-01T09:00  2026-03-02T09:00    12  2  28  -
"""


def _rows() -> list[dict[str, object]]:
    names = ("case_id", "person_key", "matter_key", "registered_at", "closed_at", *matters.LINKED)
    return [dict(zip(names, line.split(), strict=True)) for line in ITEMS.strip().splitlines()]


def _stored(row: dict[str, object]) -> dict[str, object]:
    """A whole row of `cases`: what the table above says, elsewhere the plainest value."""
    whole: dict[str, object] = {}
    for column in cases.columns:
        match column.type:
            case Boolean():
                plain: object = False
            case String():
                plain = ""
            case DateTime() | Date():
                plain = None if column.nullable else date(2026, 1, 1)
            case _:
                plain = None if column.nullable else 0
        whole[column.name] = plain
    for name in ("case_id", "person_key", "matter_key"):
        whole[name] = None if row[name] == "-" else int(str(row[name]))
    for name in ("registered_at", "closed_at"):
        whole[name] = None if row[name] == "-" else datetime.fromisoformat(str(row[name]))
    whole["title"] = f"item {row['case_id']}"
    return whole


@pytest.fixture
def connection() -> object:
    with create_engine("duckdb:///:memory:").begin() as opened:
        METADATA.create_all(opened)
        frames.append(opened, cases, pd.DataFrame([_stored(row) for row in _rows()]))
        yield opened


def _linked(connection: Connection) -> dict[int, tuple[object, ...]]:
    columns = [cases.c.case_id, *(cases.c[name] for name in matters.LINKED)]
    return {row[0]: tuple(row[1:]) for row in connection.execute(select(*columns))}


def test_every_item_is_linked_as_worked_by_hand(connection: Connection) -> None:
    matters.link_repeats(connection)
    expected = {
        int(str(row["case_id"])): (
            int(str(row["first_case_id"])),
            int(str(row["repeat_no"])),
            None if row["days_since_previous"] == "-" else int(str(row["days_since_previous"])),
            None if row["returned_on"] == "-" else date.fromisoformat(str(row["returned_on"])),
        )
        for row in _rows()
    }
    assert _linked(connection) == expected


def test_linking_twice_changes_nothing(connection: Connection) -> None:
    matters.link_repeats(connection)
    once = _linked(connection)
    matters.link_repeats(connection)
    assert _linked(connection) == once


def test_the_rest_of_the_row_is_kept(connection: Connection) -> None:
    matters.link_repeats(connection)
    rows = connection.execute(select(cases.c.case_id, cases.c.title))
    assert {row.case_id: row.title for row in rows} == {number: f"item {number}" for number in range(1, 15)}


def test_the_fresh_table_keeps_the_definition(connection: Connection) -> None:
    query = """
        SELECT column_name, data_type, is_nullable FROM duckdb_columns()
        WHERE table_name = 'cases' ORDER BY column_index
    """
    before = connection.exec_driver_sql(query).fetchall()
    matters.link_repeats(connection)
    assert connection.exec_driver_sql(query).fetchall() == before
    assert [row[0] for row in before] == [column.name for column in cases.columns]

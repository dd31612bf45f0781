"""Following what changed gives exactly what making everything anew gives: drawn loads, row by row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    select,
)

from warehouse import changes, frames, matters, rollups
from warehouse.schema import METADATA, cases, field_coverage

FIRST = datetime(2026, 3, 2, 9)
# These are not drawn: the key, and what the links make of the others.
OURS = {"case_id", "registered_on", *matters.LINKED}
DAYS = ("registered_at", "registered_on", "closed_at", "closed_on")
Row = dict[str, Any]


def values(column: Column[Any]) -> st.SearchStrategy[Any]:
    """A few values that a column can hold: few, so that items meet on days, in places and in matters."""
    match column.type:
        case Boolean():
            some: st.SearchStrategy[Any] = st.booleans()
        case DateTime():
            some = st.integers(0, 40).map(lambda half_days: FIRST + timedelta(hours=12 * half_days))
        case Date():
            some = st.integers(0, 20).map(lambda days: FIRST.date() + timedelta(days=days))
        case Double():
            some = st.just(120.0)
        case String():
            some = st.just("x")
        case _:
            some = st.integers(0, 2)
    return st.none() | some if column.nullable else some


DRAWN = {column.name: values(column) for column in cases.c if column.name not in OURS}
ITEM = st.fixed_dictionaries(DRAWN).map(lambda row: {**row, "registered_on": row["registered_at"].date()})
NEWER = Table(
    "newer",
    MetaData(),
    *(Column(name, cases.c[name].type) for name in ("case_id", "registered_on", *DRAWN)),
    prefixes=["TEMPORARY"],
)
FRESH = Table("fresh", MetaData(), *(Column(one.name, one.type) for one in cases.c), prefixes=["TEMPORARY"])
# A load: new items, and newer states of items that stand, by their place in the order of their keys.
# Half of them leave alone what the links are made of.
Load = tuple[list[Row], list[tuple[int, Row, bool]]]
ALTERED = st.tuples(st.integers(0, 30), ITEM, st.booleans())
LOADS: st.SearchStrategy[list[Load]] = st.lists(
    st.tuples(st.lists(ITEM, max_size=4), st.lists(ALTERED, max_size=4)),
    min_size=1,
    max_size=3,
)


def unlinked(number: int, row: Row) -> Row:
    """The item as a loader writes it: a matter of its own until the links follow."""
    own = {"first_case_id": number, "repeat_no": 0, "days_since_previous": None, "returned_on": None}
    return {"case_id": number, **row, **own}


def write(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        names = [one.name for one in table.c]
        frames.append(connection, table, pd.DataFrame(rows, columns=names, dtype=object))


@contextlib.contextmanager
def temporary(connection: Connection, table: Table, rows: list[Row]) -> Iterator[None]:
    table.create(connection)
    write(connection, table, rows)
    yield
    table.drop(connection)


def state(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = [cases, field_coverage, *(one.table for one in rollups.ROLLUPS)]
    return {
        one.name: sorted((tuple(row) for row in connection.execute(select(one))), key=repr) for one in tables
    }


@contextlib.contextmanager
def city(items: list[Row]) -> Iterator[Connection]:
    engine = create_engine("duckdb:///:memory:")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        METADATA.create_all(connection)
        write(connection, cases, [unlinked(number, row) for number, row in enumerate(items, 1)])
        matters.link_repeats(connection)
        rollups.rebuild(connection)
        yield connection
    engine.dispose()


def load(connection: Connection, new: list[Row], newer: list[tuple[int, Row, bool]]) -> None:
    """What a load does to the fact and to what follows from it."""
    standing = connection.execute(select(func.max(cases.c.case_id))).scalar_one()
    with changes.noted(connection) as noted:
        with temporary(
            connection, FRESH, [unlinked(number, row) for number, row in enumerate(new, standing + 1)]
        ):
            noted.add(FRESH)
        for place, row, is_slight in newer:
            number = 1 + place % (standing + len(new))
            kept = select(*(cases.c[name] for name in ("person_key", "matter_key", *DAYS)))
            was = connection.execute(kept.where(cases.c.case_id == number)).mappings().one()
            with temporary(connection, NEWER, [{"case_id": number, **row, **(was if is_slight else {})}]):
                noted.keep(select(NEWER.c.case_id))
                noted.alter(NEWER)
        matters.follow(connection, noted)
        rollups.follow(connection, noted)


# A failing example is printed as it was drawn: to make it smaller takes minutes.
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(ITEM, min_size=1, max_size=12), LOADS)
def test_a_refresh_equals_a_rebuild(items: list[Row], loads: list[Load]) -> None:
    with pytest.MonkeyPatch.context() as patched, city(items) as connection:
        patched.setattr(changes, "MANY", 1e9)  # follow, however much changes
        for new, newer in loads:
            load(connection, new, newer)
            followed = state(connection)
            matters.link_repeats(connection)
            rollups.rebuild(connection)
            assert followed == state(connection)


def item(person: int, day: int, **others: object) -> Row:
    """An item of person and matter `person`, registered in March 2026, all else plain."""
    plain: Row = {}
    for column in cases.c:
        match column.type:
            case Boolean():
                plain[column.name] = False
            case String():
                plain[column.name] = ""
            case _:
                plain[column.name] = None if column.nullable else 0
    at = datetime(2026, 3, day, 9)
    told = {
        "person_key": person,
        "matter_key": person,
        "registered_at": at,
        "registered_on": at.date(),
        **others,
    }
    whole = {**plain, **told, **others}
    return {name: value for name, value in whole.items() if name not in OURS or name == "registered_on"}


def test_only_the_days_that_changed_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A return on 20 March: its own day, and the day on which the item before it was closed."""
    made: dict[str, list[date]] = {}
    real = rollups._make_anew

    def seen(connection: Connection, rollup: rollups.Rollup, days: list[date]) -> None:
        made[rollup.key] = sorted(days)
        real(connection, rollup, days)

    monkeypatch.setattr(rollups, "_make_anew", seen)
    monkeypatch.setattr(changes, "MANY", 1e9)
    closed = {"closed_at": datetime(2026, 3, 5, 9), "closed_on": date(2026, 3, 5)}
    with city([item(1, 2, **closed), item(2, 3, **closed), item(3, 4)]) as connection:
        load(connection, [item(1, 20)], [])
    days = {key: found for key, found in made.items() if found}
    assert days == {
        "registered_street": [date(2026, 3, 20)],
        "registered_category": [date(2026, 3, 20)],
        "registered_cell": [date(2026, 3, 16)],
        "lifetimes": [date(2026, 3, 20)],
        "registered_place": [date(2026, 3, 16)],
        "returns_street": [date(2026, 3, 5)],
        "returns_district": [date(2026, 3, 5)],
        "returns_category": [date(2026, 3, 5)],
    }


def test_many_changes_make_everything_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a few days were made anew, though most items are new")

    monkeypatch.setattr(rollups, "_make_anew", never)
    with city([item(1, 2)]) as connection:
        load(connection, [item(1, 20), item(2, 20)], [])
        followed = state(connection)
        rollups.rebuild(connection)
        assert followed == state(connection)
        repeats = connection.execute(select(cases.c.repeat_no).order_by(cases.c.case_id)).scalars()
        assert repeats.all() == [0, 1, 0]


def test_the_notebook_leaves_nothing_behind() -> None:
    with city([item(1, 2)]) as connection:
        load(connection, [], [(0, item(1, 3), False)])
        found = connection.exec_driver_sql("SELECT database_name FROM duckdb_databases() WHERE NOT internal")
        assert found.scalars().all() == ["memory"]

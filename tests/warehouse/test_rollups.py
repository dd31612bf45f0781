"""Roll-ups hold what their clock has, rebuild to the same, and stay within the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, inspect, select

from tests.queries import dozen
from warehouse import measures, rollups
from warehouse.engines import duckdb
from warehouse.schema import METADATA, cases, field_coverage

KEYS = [one.key for one in rollups.ROLLUPS]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path: Path = tmp_path_factory.mktemp("rollups") / "dozen.duckdb"
    engine = duckdb.engine(path, read_only=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        dozen.fill(connection)
        yield connection
    engine.dispose()


def contents(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        one.key: sorted((tuple(row) for row in connection.execute(select(one.table))), key=str)
        for one in rollups.ROLLUPS
    }


@pytest.mark.parametrize("key", KEYS)
def test_a_rollup_adds_up_to_the_rows_of_its_clock(key: str, built: Connection) -> None:
    """Every measure of every roll-up, summed, is the fact's own sum over rows whose days are known."""
    rollup = next(one for one in rollups.ROLLUPS if one.key == key)
    known = rollup.days if key.startswith("returns") else rollup.days[:1]  # an open case has no closing day
    for measure in rollup.measures:
        rolled = built.execute(select(func.sum(rollup.table.c[measure.column]))).scalar_one()
        fact = select(func.sum(measure.amount())).where(*[day.is_not(None) for day in known])
        assert rolled == built.execute(fact).scalar_one(), measure.key


def test_the_registered_day_by_hand(built: Connection) -> None:
    """18 March: case 13, a repeat in litigation, of 西湖."""
    table = METADATA.tables["rollup_registered_street"]
    row = built.execute(select(table).where(table.c.registered_on == "2026-03-18")).mappings().one()
    assert row["district_id"] == dozen.district("西湖")
    counted = {name: row[name] for name in ("cases", "first_time", "repeats", "repeat_base", "people")}
    assert counted == {"cases": 1, "first_time": 0, "repeats": 0, "repeat_base": 0, "people": 1}


def test_rebuilding_changes_nothing(built: Connection) -> None:
    before = contents(built)
    rollups.rebuild(built)
    assert contents(built) == before
    assert rollups.rows(built) == {key: len(rows) for key, rows in before.items()}


def test_days_that_leave_the_fact_leave_the_rollups(tmp_path: Path) -> None:
    engine = duckdb.engine(tmp_path / "dozen.duckdb", read_only=False)
    with engine.begin() as connection:
        dozen.fill(connection)
        connection.execute(delete(cases))
        rollups.rebuild(connection)
        assert set(rollups.rows(connection).values()) == {0}
    engine.dispose()


def test_the_built_tables_are_the_declared_ones(built: Connection) -> None:
    found = inspect(built)
    assert set(found.get_table_names()) == set(METADATA.tables)
    for name, table in METADATA.tables.items():
        assert [column["name"] for column in found.get_columns(name)] == list(table.c.keys()), name


def test_every_measure_of_the_cases_has_a_rollup() -> None:
    held = {id(measure) for one in rollups.ROLLUPS for measure in one.measures}
    declared = [
        one
        for one in vars(measures).values()
        if isinstance(one, measures.Flow | measures.Stock) and one.table is cases
    ]
    assert declared
    assert [one.key for one in declared if id(one) not in held] == []


def test_measures_have_names_of_their_own() -> None:
    for one in rollups.ROLLUPS:
        keys = [measure.key for measure in one.measures]
        assert len(set(keys)) == len(keys)


def test_what_the_cases_record_is_counted(built: Connection) -> None:
    filled = {row.field: row.filled for row in built.execute(select(field_coverage))}
    assert filled["case_id"] == 17
    assert filled["person_key"] == 16  # 10 names nobody
    assert filled["replied_at"] == 11
    assert filled["lon"] == 0

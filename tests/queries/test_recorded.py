"""A number nobody recorded is no number: columns that are never filled, days before the data begin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from queries.execute import Warehouse, open_warehouse
from queries.metrics import CATALOG
from queries.question import Question
from queries.recorded import needs
from queries.vocabulary import Compare, Grain, Period
from tests.queries import dozen
from warehouse import rollups
from warehouse.schema import cases
from warehouse.store import Store

YEAR = Period(date(2025, 4, 1), dozen.AS_OF)
RESOLUTION = ("first_time_resolution", "resolve_rate", "three_rates_composite")
PERSONS = ("repeat_share", "return_rate_90", "repeat_petitioners", "time_to_return", "first_time_cases")


@pytest.fixture(scope="module")
def anonymous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The dozen cases as a source would give them that names no person and records no resolution."""
    folder: Path = tmp_path_factory.mktemp("anonymous")
    with Store(folder).build() as connection:
        dozen.fill(connection)
        unknown = {"person_key": None, "matter_key": None, "is_resolved": None, "returned_on": None}
        connection.execute(update(cases).values(**unknown, repeat_no=0))
        rollups.rebuild(connection)
    opened = open_warehouse(folder)
    yield opened
    opened.close()


@pytest.mark.parametrize("key", [*RESOLUTION, *PERSONS])
@pytest.mark.usefixtures("any_number")
def test_what_a_source_does_not_record_has_no_value(
    anonymous: Warehouse, on_duckdb: Warehouse, key: str
) -> None:
    question = Question((key,), YEAR, dozen.AS_OF)
    known, unknown = on_duckdb.ask(question).frame.iloc[0], anonymous.ask(question).frame.iloc[0]
    assert known[[key, f"{key}_numerator"]].notna().all(), "the same cases with persons have a value"
    assert unknown[[key, f"{key}_numerator", f"{key}_denominator"]].isna().all()


@pytest.mark.usefixtures("any_number")
def test_what_it_does_record_stays(anonymous: Warehouse, on_duckdb: Warehouse) -> None:
    question = Question(("cases_registered", "replied_on_time", "satisfaction"), YEAR, dozen.AS_OF)
    assert anonymous.ask(question).frame.equals(on_duckdb.ask(question).frame)


def test_a_base_before_the_data_is_unknown_rather_than_zero(on_duckdb: Warehouse) -> None:
    early = Period(dozen.DATA_FROM, dozen.DATA_FROM + timedelta(days=89))
    asked = Question(("cases_registered",), early, dozen.AS_OF, compare=(Compare.YOY,))
    row = on_duckdb.ask(asked).frame.iloc[0]
    assert row["cases_registered"] == 2, "cases 1 and 2"
    assert row[["cases_registered_yoy", "cases_registered_yoy_base"]].isna().all()


def test_a_bucket_that_begins_before_the_data_is_unknown(on_duckdb: Warehouse) -> None:
    around = Period(date(2024, 11, 1), date(2025, 3, 31))
    frame = on_duckdb.ask(Question(("cases_registered",), around, dozen.AS_OF, grain=Grain.MONTH)).frame
    assert frame["cases_registered"].isna().tolist() == [True, True, False, False, False]
    assert frame["cases_registered"].tolist()[2:] == [0, 0, 2]


def test_lists_are_older_than_the_cases(on_duckdb: Warehouse) -> None:
    around = Period(date(2024, 11, 1), date(2025, 3, 31))
    frame = on_duckdb.ask(Question(("backlog_stock",), around, dozen.AS_OF, grain=Grain.MONTH)).frame
    assert frame["backlog_stock"].notna().all()


def test_the_columns_a_metric_needs() -> None:
    assert needs(CATALOG["first_time_resolution"]) == {"closed_on", "matter_key", "is_resolved"}
    assert needs(CATALOG["stage_days_reply"]) == {"closed_on", "accepted_at", "replied_at"}
    assert needs(CATALOG["repeat_share"]) == {"registered_on", "is_litigation", "matter_key"}
    assert needs(CATALOG["time_to_return"]) == {"closed_on", "matter_key"}
    assert needs(CATALOG["backlog_stock"]) == frozenset()

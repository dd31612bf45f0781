"""What was never recorded has no value: columns that nobody fills, days before the data begin."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import pytest

from queries.execute import Warehouse, open_warehouse
from queries.metrics import CATALOG
from queries.question import Question, Trailing
from queries.recorded import before_the_data, needs
from queries.vocabulary import Compare, Grain, Period
from tests.queries import dozen
from tests.queries.dozen import AS_OF, DATA_FROM, only_row
from warehouse.store import Store

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
ALL = tuple(CATALOG)


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The seventeen cases of a city that records neither matters nor whether they were resolved."""
    folder = tmp_path_factory.mktemp("sparse")
    cases = [row | {"matter_key": None, "is_resolved": None} for row in dozen.case_rows()]
    with Store(folder).build() as connection:
        dozen.fill(connection, cases)
    opened = open_warehouse(folder)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        ("cases_registered", {"registered_on"}),
        ("resolve_rate", {"evaluated_on", "is_valid_callback", "is_resolved"}),
        ("repeat_share", {"registered_on", "is_litigation", "matter_key"}),
        ("return_rate_90", {"closed_on", "matter_key"}),
        ("time_to_return", {"closed_on", "matter_key"}),
        ("median_days", {"closed_on", "registered_at", "replied_at"}),
        ("repeat_petitioners", {"registered_on", "person_key"}),
        ("open_cases", {"registered_on", "closed_on"}),
        ("backlog_clearance", set()),  # the list is no column of the cases
        ("dynamic_zero", set()),
    ],
)
def test_what_a_metric_needs(key: str, columns: set[str]) -> None:
    assert needs(CATALOG[key]) == columns


def test_a_column_that_nobody_fills_leaves_no_value(sparse: Warehouse, any_number: None) -> None:
    row = only_row(sparse.ask(Question(ALL, MARCH, AS_OF)))
    unknown = {key for key in ALL if needs(CATALOG[key]) & {"matter_key", "is_resolved"}}
    assert {"repeat_share", "return_rate_30", "first_time_resolution", "resolve_rate"} <= unknown
    for key in unknown:
        parts = [row[key], row[f"{key}_numerator"], row[f"{key}_denominator"]]
        assert all(map(math.isnan, parts)), key
    assert row["cases_registered"] == 10
    assert row["satisfaction"] == 0.8
    assert row["backlog_clearance"] == 0.4


def test_nothing_else_is_blanked(sparse: Warehouse, on_duckdb: Warehouse, any_number: None) -> None:
    known = [key for key in ALL if not needs(CATALOG[key]) & {"matter_key", "is_resolved"}]
    found, expected = (only_row(one.ask(Question(tuple(known), MARCH, AS_OF))) for one in (sparse, on_duckdb))
    assert found == pytest.approx(expected, nan_ok=True)


def test_windows_that_reach_before_the_data_have_no_value(warehouse: Warehouse) -> None:
    ends = (date(2025, 1, 5), date(2025, 1, 7), date(2025, 3, 9))
    asked = ("cases_registered", "backlog_assigned")
    frame = warehouse.ask(Question(asked, MARCH, AS_OF, trailing=Trailing(ends, 7))).frame
    # the third holds case 1; the second begins on the first day
    assert list(frame["cases_registered"]) == pytest.approx([math.nan, 0, 1], nan_ok=True)
    assert list(frame["backlog_assigned"]) == [0, 0, 2], "the list has days of its own"


def test_last_year_before_the_data_is_unknown_not_zero(warehouse: Warehouse) -> None:
    question = Question(
        ("cases_registered",), Period(date(2025, 3, 1), date(2025, 3, 31)), AS_OF, compare=tuple(Compare)
    )
    row = only_row(warehouse.ask(question))
    assert row["cases_registered"] == 2
    assert math.isnan(row["cases_registered_yoy"])
    assert math.isnan(row["cases_registered_yoy_base"])
    assert row["cases_registered_mom_base"] == 0, "February was recorded, and had none"
    months = Question(
        ("cases_registered",), Period(date(2024, 12, 1), date(2025, 3, 31)), AS_OF, grain=Grain.MONTH
    )
    found = list(warehouse.ask(months).frame["cases_registered"])
    assert found == pytest.approx([math.nan, 0, 0, 2], nan_ok=True)


def test_the_first_day_is_recorded() -> None:
    assert before_the_data(CATALOG["cases_registered"], date(2024, 12, 31), DATA_FROM)
    assert not before_the_data(CATALOG["cases_registered"], DATA_FROM, DATA_FROM)
    assert not before_the_data(CATALOG["backlog_stock"], date(2024, 1, 1), DATA_FROM)

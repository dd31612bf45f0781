"""Stages reached and what went wrong with items rated, worked out by hand from dozen.py, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from queries.drill import Side, drill_of
from queries.execute import Warehouse, open_warehouse
from queries.question import Filter, Question
from queries.vocabulary import Period
from tests.queries import dozen
from tests.queries.dozen import AS_OF
from tests.services.engines import ENGINES, copied
from tests.services.postgresql import new_database
from warehouse.schema import Outcome
from warehouse.store import Store

EVER = Period(date(2025, 1, 1), AS_OF)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


# What else may be wrong with a rated item of the dozen with which nothing is wrong.
ALSO: dict[int, dict[str, Any]] = {
    1: {"replied_at": datetime(2025, 4, 3)},  # due on 2 April
    2: {"outcome": int(Outcome.NOT_SUPPORTED)},
    3: {"replied_at": None, "reply_due_at": datetime(2025, 11, 24)},  # rated a day later, without a reply
    5: {"outcome": int(Outcome.NOT_SUPPORTED), "replied_at": datetime(2026, 3, 21)},  # a day late as well
    10: {"is_contacted": None, "is_resolved": None, "reply_due_at": None},  # nothing of it is recorded
}


@pytest.fixture(params=ENGINES)
def worse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """The dozen cases with ALSO, on one engine after the other."""
    with Store(tmp_path).build() as connection:
        dozen.fill(connection, [row | ALSO.get(row["case_id"], {}) for row in dozen.case_rows()])
    match request.param:
        case "postgresql":
            url = new_database(request.getfixturevalue("postgresql_url"), "worse")
        case "clickhouse":
            url = request.getfixturevalue("clickhouse").url("worse")
        case _:
            opened = open_warehouse(tmp_path)
            yield opened
            opened.close()
            return
    with copied(tmp_path, url) as opened:
        yield opened


def rated(warehouse: Warehouse) -> dict[int, tuple[int, int]]:
    """By shortfall: items rated, and how many of them content."""
    asked = Question(("satisfaction",), EVER, AS_OF, split=("shortfall",))
    rows = warehouse.ask(asked).frame.to_dict("records")
    found = {
        int(row["shortfall"]): tuple(
            int(row[f"satisfaction_{side}"]) for side in ("denominator", "numerator")
        )
        for row in rows
    }
    return {key: (whole, content) for key, (whole, content) in found.items() if whole}


def test_items_rated_by_the_first_thing_that_went_wrong(warehouse: Warehouse) -> None:
    """7 is also not resolved and late, but was not contacted first. 8 and 13 are not rated."""
    assert rated(warehouse) == {
        1: (3, 2),  # 4 6 7, of which 7 is dissatisfied
        2: (1, 1),  # 11
        5: (6, 5),  # 1 2 3 5 10 14, of which 2 is dissatisfied
    }


def test_late_comes_before_not_supported_and_what_is_not_recorded_is_no_shortfall(worse: Warehouse) -> None:
    assert rated(worse) == {
        1: (3, 2),
        2: (1, 1),
        3: (3, 3),  # 1 3 5
        4: (1, 0),  # 2
        5: (2, 2),  # 10 14
    }


@pytest.mark.parametrize(("shortfall", "cases"), [(1, {7}), (2, set()), (5, {2})])
def test_the_dissatisfied_of_each_class_are_listed(
    shortfall: int, cases: set[int], warehouse: Warehouse
) -> None:
    asked = Question(("satisfaction",), EVER, AS_OF, split=("shortfall",))
    drill = drill_of(asked, "satisfaction", {"shortfall": shortfall}, Side.REST)
    assert drill is not None
    assert {*warehouse.listed(drill, ("case_id",), 0, 50).frame["case_id"].astype(int)} == cases


def test_items_by_the_furthest_stage_that_was_known(warehouse: Warehouse) -> None:
    """Registered in March: 6 to 15. On 30 April 12 is transferred, 9 accepted, 15 closed without a reply."""
    asked = Question(("cases_registered",), MARCH, AS_OF, split=("stage",))
    frame = warehouse.ask(asked).frame
    assert dict(zip(frame["stage"].astype(int), frame["cases_registered"], strict=True)) == {
        2: 1,  # 12
        3: 1,  # 9
        5: 1,  # 15
        6: 7,  # 6 7 8 10 11 13 14
    }


def test_stages_are_as_known_on_the_as_of_date_not_on_the_last_day_of_the_period(
    warehouse: Warehouse,
) -> None:
    """On 31 March: 15, registered at 23:00, waits for its transfer, 14 for its reply."""
    asked = Question(("cases_registered",), MARCH, MARCH.end, split=("stage",))
    frame = warehouse.ask(asked).frame
    early = dict(zip(frame["stage"].astype(int), frame["cases_registered"], strict=True))
    assert early == {1: 1, 2: 1, 3: 2, 6: 6}  # 15, 12, 9 14, and 6 7 8 10 11 13
    waiting = Question(("cases_registered",), MARCH, AS_OF, filters=(Filter("stage", (2, 3)),))
    assert warehouse.ask(waiting).one("cases_registered") == 2

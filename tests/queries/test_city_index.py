"""The index on a small demo city: the same numbers as plain SQL over the fact, asked of roll-ups only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from queries.answer import Answer
from queries.city_index import CityIndex, ask_index
from queries.execute import Warehouse, open_warehouse
from queries.insights.index import CITY_ROW
from queries.policies import read_index
from queries.question import Question
from queries.scope import Scope
from warehouse.engines import duckdb
from warehouse.store import Store

LISTS = {"backlog_item", "major_issue", "review"}  # item lists: a few thousand rows, no roll-up needed


class Watched(Warehouse):
    """A warehouse that remembers which tables its answers were read from."""

    read: set[str]

    def ask(self, question: Question) -> Answer:
        """The answer, its tables noted."""
        answer = super().ask(question)
        self.read = getattr(self, "read", set()) | {one.reads for one in answer.statements}
        return answer


@pytest.fixture(scope="module")
def warehouse(demo_warehouse: Path) -> Iterator[Warehouse]:
    opened = open_warehouse(demo_warehouse)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def index(warehouse: Warehouse) -> CityIndex:
    return ask_index(warehouse, read_index(), as_of=warehouse.info.as_of)


@pytest.fixture(scope="module")
def plain(demo_warehouse: Path) -> Iterator[Any]:
    """Plain SQL over the same file."""
    engine = duckdb.engine(Store(demo_warehouse).current(), read_only=True)
    with engine.connect() as connection:
        yield lambda sql, **values: tuple(connection.execute(text(sql), values).one())
    engine.dispose()


def reading(index: CityIndex, key: str, region: int = CITY_ROW, on: date | None = None) -> Any:
    return index.readings[region, on or index.as_of, key]


def test_the_index_reads_roll_ups_and_item_lists_never_the_fact(demo_warehouse: Path) -> None:
    watched = open_warehouse(demo_warehouse)
    watched.__class__ = Watched
    ask_index(watched, read_index(), as_of=watched.info.as_of)
    read: set[str] = getattr(watched, "read", set())
    watched.close()
    assert read, "nothing was asked"
    assert {table for table in read if not table.startswith("rollup_")} <= LISTS


def test_every_region_has_an_index_of_all_thirteen_indicators(index: CityIndex) -> None:
    city = index.city
    assert 0 < city.value < 100
    assert sum(aim.used for aim in city.aims) == 13
    assert len(index.districts) == 13
    assert all(not math.isnan(index.score(district, index.as_of).value) for district in index.districts)


def test_first_time_yoy_equals_plain_sql(index: CityIndex, plain: Any) -> None:
    sql = "SELECT count(*) FROM cases WHERE repeat_no = 0 AND registered_on BETWEEN :a AND :b"
    last = index.as_of
    (now,) = plain(sql, a=last - timedelta(days=83), b=last)
    year = last.replace(year=last.year - 1)
    start = (last - timedelta(days=83)).replace(year=last.year - 1)
    (before,) = plain(sql, a=start, b=year)
    assert reading(index, "first_time_yoy").value == pytest.approx((now - before) / before)


def test_the_mature_cohort_of_the_return_rate_equals_plain_sql(index: CityIndex, plain: Any) -> None:
    end = index.as_of - timedelta(days=90)
    part, whole = plain(
        """SELECT count(*) FILTER (returned_on <= closed_on + 90 AND returned_on <= :as_of), count(*)
           FROM cases WHERE repeat_no = 0 AND closed_on BETWEEN :a AND :b""",
        a=end - timedelta(days=83), b=end, as_of=index.as_of,
    )  # fmt: skip
    got = reading(index, "return_rate_90")
    assert (got.numerator, got.denominator) == (part, whole)


def test_first_time_resolution_of_a_past_week_is_what_was_known_then(index: CityIndex, plain: Any) -> None:
    on = index.dates[0]
    part, whole = plain(
        """SELECT count(*) FILTER (is_resolved AND (returned_on IS NULL OR returned_on > :on)), count(*)
           FROM cases WHERE repeat_no = 0 AND closed_on BETWEEN :a AND :on""",
        a=on - timedelta(days=83), on=on,
    )  # fmt: skip
    got = reading(index, "first_time_resolution", on=on)
    assert (got.numerator, got.denominator) == (part, whole)


def test_backlog_clearance_of_a_district_equals_plain_sql(index: CityIndex, plain: Any) -> None:
    district = index.districts[4]
    part, whole = plain(
        """SELECT count(*) FILTER (resolved_on <= :on AND coalesce(returned_on > :on, true)), count(*)
           FROM backlog_item WHERE assigned_on <= :on AND district_id = :district""",
        on=index.as_of, district=district,
    )  # fmt: skip
    got = reading(index, "backlog_clearance", district)
    assert (got.numerator, got.denominator) == (part, whole)


def test_the_past_is_not_computed_anew(warehouse: Warehouse, index: CityIndex) -> None:
    past = index.dates[-8]
    then = ask_index(warehouse, read_index(), as_of=past)
    for region in (CITY_ROW, *index.districts):
        assert then.score(region, past).value == pytest.approx(index.score(region, past).value, nan_ok=True)


def test_contributions_add_up_to_every_change(index: CityIndex) -> None:
    for region in (CITY_ROW, *index.districts):
        points = sum(one.points for one in index.contributions(region))
        assert points == pytest.approx(index.change(region), abs=1e-9)


def test_a_what_if_costs_no_question_and_leaves_the_index_alone(index: CityIndex) -> None:
    before = index.city.value
    only = index.under(index.policy.weighted({"volume_down": 1000.0}))
    aims = {aim.aim.key: aim.value for aim in index.city.aims}
    assert only.city.value == pytest.approx(aims["volume_down"], abs=0.5)
    assert index.city.value == before


def test_ranks_lie_inside_their_peer_groups(index: CityIndex) -> None:
    for group in set(index.groups.values()):
        ranks = sorted(index.ranks[d].rank for d in index.districts if index.groups[d] == group)
        assert ranks[0] == 1
        assert ranks[-1] <= len(ranks)
    assert all(one.low <= one.rank <= one.high for one in index.ranks.values())


def test_a_district_office_sees_its_own_district_alone(warehouse: Warehouse, index: CityIndex) -> None:
    own = index.districts[2]
    scoped = ask_index(warehouse, read_index(), as_of=index.as_of, scope=Scope((own,)))
    assert scoped.districts == (own,)
    assert {region for region, _, _ in scoped.readings} <= {CITY_ROW, own}
    assert scoped.score(own, index.as_of).value == pytest.approx(index.score(own, index.as_of).value)
    assert scoped.city.value == pytest.approx(scoped.score(own, index.as_of).value), (
        "its city is its district"
    )

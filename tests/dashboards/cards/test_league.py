"""The districts ranked in a measure: what the answers say, what is ranked, and what is not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from dashboards.cards import league as leagues
from dashboards.cards.league import VOLUME, Asked, Fair, League
from queries.city_index import ask_index
from queries.execute import Warehouse, open_warehouse
from queries.insights.funnel_limits import Law
from queries.insights.rate_ranks import Draws
from queries.metrics import metric as metric_of
from queries.policies import read_index
from queries.question import Question
from queries.vocabulary import Compare, Direction, Period

DRAWS = Draws(500, 1, 0.9)
MEASURES = (
    ("repeat_share", Fair.CRUDE),
    ("repeat_share", Fair.MIX),
    ("replied_on_time", Fair.MIX),
    ("cases_registered", Fair.RESIDENTS),
    ("cases_per_10k", Fair.CRUDE),
    ("median_days", Fair.CRUDE),
)


@pytest.fixture(scope="module")
def warehouse(demo_warehouse: Path) -> Iterator[Warehouse]:
    opened = open_warehouse(demo_warehouse)
    yield opened
    opened.close()


def period_of(warehouse: Warehouse) -> Period:
    return Period(warehouse.info.as_of - timedelta(days=27), warehouse.info.as_of)


def league_of(warehouse: Warehouse, key: str, fair: Fair) -> League:
    period = period_of(warehouse)
    windows, before = leagues.trailing(period), period.last_year()
    split = ("district", leagues.STRATUM) if fair is Fair.MIX else ("district",)
    kept, over = leagues.kept_metrics(key), Period(windows.ends[0], period.end)
    ask = warehouse.ask
    asked = Asked(
        now=ask(Question(kept, period, period.end, split)),
        before=ask(Question(kept, before, before.end, split)),
        periods=ask(Question(kept, over, period.end, split, trailing=windows)),
        city=ask(Question(kept, period, period.end)),
        city_periods=ask(Question(kept, over, period.end, trailing=windows)),
    )
    return leagues.metric_league(warehouse, key, fair, asked, DRAWS)


every_measure = pytest.mark.parametrize(("key", "fair"), MEASURES)


@every_measure
def test_last_period_is_the_period_itself(warehouse: Warehouse, key: str, fair: Fair) -> None:
    found = league_of(warehouse, key, fair)
    assert found.ends[-1] == warehouse.info.as_of
    assert found.city_values[-1] == pytest.approx(found.city)
    for one in found.entries:
        assert one.values[-1] == pytest.approx(one.value, nan_ok=True)
        assert one.ranks[-1] == one.rank
        assert one.rank_before == one.ranks[-2]


@every_measure
def test_ranks_follow_the_values_inside_each_group(warehouse: Warehouse, key: str, fair: Fair) -> None:
    found = league_of(warehouse, key, fair)
    assert len(found.groups) == 2
    for entries in found.groups.values():
        values = [one.value for one in entries if one.rank is not None]
        assert values == sorted(values, reverse=found.direction is Direction.UP)
        assert entries[0].rank == 1
        for one in entries:
            if one.interval is not None and one.rank is not None:
                assert one.interval.low <= one.rank <= one.interval.high <= len(entries)


def test_crude_values_and_those_of_last_year_are_the_answers(warehouse: Warehouse) -> None:
    period = period_of(warehouse)
    question = Question(("repeat_share",), period, period.end, ("district",), compare=(Compare.YOY,))
    rows = warehouse.ask(question).frame.set_index("district")
    for one in league_of(warehouse, "repeat_share", Fair.CRUDE).entries:
        row = rows.loc[one.region.id]
        assert (one.value, one.part) == (row["repeat_share"], row["repeat_share_numerator"])
        assert one.before == pytest.approx(row["repeat_share_yoy_base"])


def test_count_per_residents_is_the_metric_of_that_name(warehouse: Warehouse) -> None:
    counted = league_of(warehouse, "cases_registered", Fair.RESIDENTS)
    rate = league_of(warehouse, "cases_per_10k", Fair.CRUDE)
    assert [one.region.id for one in counted.entries] == [one.region.id for one in rate.entries]
    for one, other in zip(counted.entries, rate.entries, strict=True):
        assert one.value == pytest.approx(other.value)
        assert one.before == pytest.approx(other.before)
        assert one.interval == other.interval
        assert one.volume == one.part
    assert counted.law is rate.law is Law.POISSON


def test_expected_numbers_add_up_to_the_city_and_no_district_is_lost(warehouse: Warehouse) -> None:
    mixed = league_of(warehouse, "repeat_share", Fair.MIX)
    crude = {one.region.id: one for one in league_of(warehouse, "repeat_share", Fair.CRUDE).entries}
    period = period_of(warehouse)
    nowhere = warehouse.ask(Question(("repeat_share",), period, period.end, ("district",))).frame
    unstated = nowhere.loc[nowhere["district"] == 0, "repeat_share_numerator"].sum()
    assert sum(one.part for one in mixed.entries) == sum(one.part for one in crude.values())
    assert sum(one.expected for one in mixed.entries) == pytest.approx(
        sum(one.part for one in mixed.entries), abs=unstated + 5
    )
    for one in mixed.entries:
        assert one.whole == crude[one.region.id].whole
        assert one.value == pytest.approx(one.part / one.expected * mixed.city)


def test_days_and_the_index_have_no_funnel(warehouse: Warehouse) -> None:
    days = league_of(warehouse, "median_days", Fair.CRUDE)
    assert days.law is None
    assert all(one.verdict is None and one.interval is None for one in days.entries)


def test_index_is_ranked_with_its_own_intervals(warehouse: Warehouse) -> None:
    index = ask_index(warehouse, read_index(), as_of=warehouse.info.as_of)
    day = warehouse.info.as_of
    counted = warehouse.ask(
        Question((leagues.VOLUME,), Period(day.replace(day=1), day), day, split=("district",))
    )
    found = leagues.index_league(warehouse, index, None, counted)
    volumes = dict(zip(counted.frame["district"], counted.frame[leagues.VOLUME], strict=True))
    assert {one.region.id: one.volume for one in found.entries if one.volume} == {
        k: v for k, v in volumes.items() if v and k
    }
    assert all(one.volume_items.endswith(f"~district-{one.region.id}") for one in found.entries if one.volume)
    assert len(found.ends) == leagues.PERIODS
    assert found.ends[-1] == warehouse.info.as_of
    for one in found.entries:
        assert one.rank == index.ranks[one.region.id].rank
        assert one.interval == index.ranks[one.region.id]
        assert math.isnan(one.before)


def test_district_below_the_least_number_is_listed_and_not_ranked(warehouse: Warehouse) -> None:
    crude = league_of(warehouse, "repeat_share", Fair.CRUDE)
    sizes = sorted(one.whole for one in crude.entries)
    least = int(sizes[3])
    metric = metric_of("repeat_share")
    kept = metric.min_n
    object.__setattr__(metric, "min_n", least)
    try:
        for fair in (Fair.CRUDE, Fair.MIX):
            found = league_of(warehouse, "repeat_share", fair)
            few = [one for one in found.entries if one.rank is None]
            assert sorted(one.whole for one in few) == sizes[:3]
            assert all(math.isnan(one.value) and one.interval is None for one in few)
    finally:
        object.__setattr__(metric, "min_n", kept)


def test_ways_that_make_sense(warehouse: Warehouse) -> None:
    ways = partial(leagues.fair_ways, warehouse, day=warehouse.info.as_of)
    assert ways("index") == (Fair.CRUDE,)
    assert ways(VOLUME) == (Fair.CRUDE, Fair.RESIDENTS)
    assert ways("repeat_share") == (Fair.CRUDE, Fair.MIX)
    assert ways("cases_per_10k") == (Fair.CRUDE,)
    assert ways("median_days") == (Fair.CRUDE,)
    assert ways("review_public_coverage") == (Fair.CRUDE,)

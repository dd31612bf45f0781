"""The index by hand: goalposts, missing readings, exact contributions, rank intervals, event ratio."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.insights.index import (
    Aggregation,
    Aim,
    IndexPolicy,
    Indicator,
    Read,
    Reading,
    Readings,
    Score,
    contributions,
    event_ratio,
    rank_intervals,
    ratio_error,
    score,
    share_error,
)
from queries.vocabulary import Text

NOW, BEFORE = date(2026, 10, 31), date(2026, 10, 3)
NAME = Text("名", "name")


def indicator(key: str, floor: float, target: float, weight: float = 1.0) -> Indicator:
    return Indicator(key, NAME, key, Reading.LEVEL, 28, 0, floor, target, weight)


def policy(aggregation: Aggregation = Aggregation.ARITHMETIC, least: float = 0.0) -> IndexPolicy:
    timely = Aim("timely", NAME, 2.0, (indicator("on_time", 0.8, 1.0), indicator("repeat", 0.2, 0.0, 3.0)))
    calm = Aim("calm", NAME, 1.0, (indicator("visits", 2.0, 0.5),))
    return IndexPolicy("t", date(2020, 1, 1), aggregation, 4, least, 400, 7, 0.25, 0.9, (timely, calm))


def read(value: float, error: float = 0.0) -> Read:
    return Read(value, math.nan, math.nan, error)


def readings(region: int, on: date, **values: float) -> dict[tuple[int, date, str], Read]:
    return {(region, on, key): read(value) for key, value in values.items()}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.8, 0.0), (0.9, 50.0), (1.0, 100.0), (0.7, 0.0), (1.2, 100.0)],
)
def test_a_higher_is_better_indicator_scores_between_its_goalposts(value: float, expected: float) -> None:
    assert indicator("on_time", 0.8, 1.0).score(value) == pytest.approx(expected)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 100.0), (0.05, 75.0), (0.2, 0.0), (0.4, 0.0)])
def test_lower_is_better_is_symmetrical_and_zero_is_perfect(value: float, expected: float) -> None:
    assert indicator("repeat", 0.2, 0.0).score(value) == pytest.approx(expected)


def test_index_by_hand() -> None:
    # on_time 0.9 → 50, repeat 0.05 → 75: timely = (50·1 + 75·3) ÷ 4 = 68.75; visits 1.1 → 60
    # index = (68.75·2 + 60·1) ÷ 3 = 65.8333…
    got = score(1, NOW, readings(1, NOW, on_time=0.9, repeat=0.05, visits=1.1), policy())
    assert [aim.value for aim in got.aims] == pytest.approx([68.75, 60.0])
    assert got.value == pytest.approx(65.8333333333)


def test_geometric_index_by_hand() -> None:
    # exp((2·ln 68.75 + ln 60) ÷ 3) = (68.75² · 60)^(1/3) = 283 593.75^(1/3)
    values = readings(1, NOW, on_time=0.9, repeat=0.05, visits=1.1)
    assert score(1, NOW, values, policy(Aggregation.GEOMETRIC)).value == pytest.approx(283_593.75 ** (1 / 3))


def test_a_missing_indicator_renormalises_and_says_so() -> None:
    # only on_time is read: timely = 50, based on 1 of 2; calm is left out, so the index is 50
    got = score(1, NOW, readings(1, NOW, on_time=0.9), policy())
    assert got.value == pytest.approx(50.0)
    assert [(aim.used, aim.of) for aim in got.aims] == [(1, 2), (0, 1)]
    assert [aim.weight for aim in got.aims] == [1.0, 0.0]


def test_a_few_indicators_are_not_the_index() -> None:
    # on_time alone is ¼ of timely, which is ⅔ of the index: 1/6 of all weights
    values = readings(1, NOW, on_time=0.9)
    assert score(1, NOW, values, policy(least=0.16)).value == pytest.approx(50.0)
    got = score(1, NOW, values, policy(least=0.17))
    assert math.isnan(got.value)
    assert got.aims[0].value == pytest.approx(50.0), "the aim keeps its value and says 1 of 2"


def test_nothing_read_is_no_index_rather_than_zero() -> None:
    got = score(1, NOW, {}, policy())
    assert math.isnan(got.value)


values = st.fixed_dictionaries(
    {},
    optional={
        "on_time": st.floats(0.5, 1.1),
        "repeat": st.floats(0.0, 0.4),
        "visits": st.floats(0.0, 3.0),
    },
)


@given(now=values, before=values, aggregation=st.sampled_from(list(Aggregation)))
def test_contributions_add_up_to_the_change(
    now: dict[str, float], before: dict[str, float], aggregation: Aggregation
) -> None:
    p = policy(aggregation)
    new = score(1, NOW, readings(1, NOW, **now), p)
    old = score(1, BEFORE, readings(1, BEFORE, **before), p)
    found = contributions(new, old, aggregation)
    if math.isnan(new.value) or math.isnan(old.value):
        assert found == ()
    else:
        assert sum(one.points for one in found) == pytest.approx(new.value - old.value, abs=1e-9)


def test_contribution_by_hand() -> None:
    # on_time 0.8 → 0.9 gains 50 points of its score; its weight in the index is ¼ · ⅔ = 1/6
    p = policy()
    new = score(1, NOW, readings(1, NOW, on_time=0.9, repeat=0.1, visits=1.0), p)
    old = score(1, BEFORE, readings(1, BEFORE, on_time=0.8, repeat=0.1, visits=1.0), p)
    moved = {one.indicator.key: one.points for one in contributions(new, old, p.aggregation)}
    assert moved == pytest.approx({"on_time": 50 / 6, "repeat": 0.0, "visits": 0.0})


def test_another_district_does_not_move_the_score() -> None:
    mine = readings(1, NOW, on_time=0.9, repeat=0.05, visits=1.1)
    alone = score(1, NOW, mine, policy()).value
    both: Readings = mine | readings(2, NOW, on_time=1.0, repeat=0.0, visits=0.1)
    assert score(1, NOW, both, policy()).value == alone


def _three(error: float) -> dict[int, Score]:
    got = {}
    for region, on_time in ((1, 0.95), (2, 0.94), (3, 0.82)):
        values = {
            (region, NOW, key): read(value, error)
            for key, value in {"on_time": on_time, "repeat": 0.1, "visits": 1.0}.items()
        }
        got[region] = score(region, NOW, values, policy())
    return got


def test_ranks_inside_peer_groups_and_their_interval() -> None:
    scores = _three(0.01)
    ranks = rank_intervals(scores, {1: "urban", 2: "urban", 3: "urban"}, policy())
    assert [ranks[d].rank for d in (1, 2, 3)] == [1, 2, 3]
    assert (ranks[1].low, ranks[1].high) == (1, 2), "1 and 2 lie within each other's error"
    assert ranks[3].high == 3
    apart = rank_intervals(scores, {1: "urban", 2: "urban", 3: "suburban"}, policy())
    assert apart[3].rank == 1


def test_without_error_the_interval_is_the_rank_and_ties_share_the_better_one() -> None:
    scores = _three(0.0)
    scores[2] = replace(scores[1], region=2)
    ranks = rank_intervals(scores, dict.fromkeys((1, 2, 3), "urban"), policy())
    assert [(ranks[d].low, ranks[d].rank, ranks[d].high) for d in (1, 2, 3)] == [
        (1, 1, 1),
        (1, 1, 1),
        (3, 3, 3),
    ]


def test_the_same_seed_gives_the_same_interval() -> None:
    groups = dict.fromkeys((1, 2, 3), "urban")
    scores = _three(0.05)
    assert rank_intervals(scores, groups, policy()) == rank_intervals(scores, groups, policy())


def test_event_ratio_by_hand() -> None:
    # two weeks from a Monday. Outside: Mondays 4, Tuesdays 2; event: the second Monday and Tuesday, 9 + 3
    visits = [4, 2, 0, 0, 0, 0, 0, 9, 3, 0, 0, 0, 0, 0]
    inside = [day in (7, 8) for day in range(14)]
    got = event_ratio(visits, [day % 7 for day in range(14)], inside)
    assert (got.numerator, got.denominator) == (12.0, 6.0)
    assert got.value == pytest.approx(2.0)
    assert got.error > 0


def test_event_ratio_needs_an_event_and_something_to_expect() -> None:
    weekdays = list(range(7)) * 2
    assert math.isnan(event_ratio([1] * 14, weekdays, [False] * 14).value)
    assert math.isnan(event_ratio([1] * 14, weekdays, [True] * 14).value)
    assert math.isnan(event_ratio([0] * 14, weekdays, [day == 3 for day in range(14)]).value)


def test_errors_of_shares_and_ratios_by_hand() -> None:
    # Agresti–Coull: p = (90 + 2) ÷ (100 + 4) = 0.884615…, √(p·(1 − p) ÷ 104) = 0.031328…
    assert share_error(90, 100) == pytest.approx(0.0313284, abs=1e-6)
    assert share_error(100, 100) > 0
    assert share_error(0, 0) == 0.0
    # 100 against 400: ratio 0.25, error 0.25 · √(1/100 + 1/400) = 0.02795…
    assert ratio_error(0.25, 100, 400) == pytest.approx(0.0279508, abs=1e-6)

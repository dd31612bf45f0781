"""Rank intervals of rates: certain with many cases, open with few, the same at every run."""

from __future__ import annotations

import pytest

from queries.insights.funnel_limits import Law
from queries.insights.index import RankInterval
from queries.insights.rate_ranks import Draws, Rate, rate_intervals
from queries.vocabulary import Direction

DRAWS = Draws(2000, 7, 0.90)


def _share(part: float, whole: float) -> Rate:
    return Rate(part / whole, part, whole)


def test_many_cases_make_a_rank_certain() -> None:
    found = rate_intervals(
        {"甲": _share(9_000, 10_000), "乙": _share(8_000, 10_000), "丙": _share(7_000, 10_000)},
        Direction.UP,
        Law.BINOMIAL,
        DRAWS,
    )
    assert found == {"甲": RankInterval(1, 1, 1), "乙": RankInterval(2, 2, 2), "丙": RankInterval(3, 3, 3)}


def test_few_cases_leave_a_rank_open() -> None:
    found = rate_intervals(
        {"甲": _share(9, 10), "乙": _share(8, 10), "丙": _share(7, 10)}, Direction.UP, Law.BINOMIAL, DRAWS
    )
    assert found["乙"] == RankInterval(2, 1, 3)


@pytest.mark.parametrize("law", list(Law))
def test_lower_is_better_where_the_direction_says_so(law: Law) -> None:
    rates = {"甲": _share(10, 10_000), "乙": _share(2_000, 10_000)}
    down = rate_intervals(rates, Direction.DOWN, law, DRAWS)
    assert (down["甲"].rank, down["乙"].rank) == (1, 2)
    up = rate_intervals(rates, Direction.UP, law, DRAWS)
    assert (up["甲"].rank, up["乙"].rank) == (2, 1)


def test_two_equal_rates_share_a_rank_and_half_the_draws() -> None:
    found = rate_intervals({"甲": _share(50, 100), "乙": _share(50, 100)}, Direction.UP, Law.BINOMIAL, DRAWS)
    assert found == {"甲": RankInterval(1, 1, 2), "乙": RankInterval(1, 1, 2)}


def test_interval_holds_the_rank_even_where_chance_hardly_does() -> None:
    found = rate_intervals(
        {"甲": _share(1, 1), "乙": _share(9_990, 10_000)}, Direction.UP, Law.BINOMIAL, Draws(2000, 7, 0.5)
    )
    assert found["甲"] == RankInterval(1, 1, 2)


def test_seed_decides_the_draws() -> None:
    rates = {name: _share(40 + n, 100) for n, name in enumerate("甲乙丙丁戊")}
    assert rate_intervals(rates, Direction.UP, Law.BINOMIAL, DRAWS) == rate_intervals(
        rates, Direction.UP, Law.BINOMIAL, DRAWS
    )


def test_draws_lie_around_the_standardised_value() -> None:
    rates = {"甲": Rate(0.9, 5_000, 10_000), "乙": Rate(0.1, 9_000, 10_000)}
    assert rate_intervals(rates, Direction.UP, Law.BINOMIAL, DRAWS)["甲"] == RankInterval(1, 1, 1)


def test_half_of_chance_covers_less_than_nearly_all_of_it() -> None:
    rates = {name: _share(40 + n, 100) for n, name in enumerate("甲乙丙丁戊")}
    narrow = rate_intervals(rates, Direction.UP, Law.BINOMIAL, Draws(2000, 7, 0.5))["丙"]
    wide = rate_intervals(rates, Direction.UP, Law.BINOMIAL, Draws(2000, 7, 0.99))["丙"]
    assert wide.low < narrow.low
    assert narrow.high < wide.high

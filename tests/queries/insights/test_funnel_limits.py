"""Funnel limits worked from published binomial and Poisson tables, and held against SciPy's tails."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from queries.insights.funnel_limits import (
    THREE_SIGMA,
    TWO_SIGMA,
    Law,
    Verdict,
    curve,
    dispersion,
    limits,
)


def test_probabilities_are_those_beyond_two_and_three_deviations() -> None:
    assert pytest.approx(stats.norm.sf([2, 3]), abs=5e-6) == [TWO_SIGMA, THREE_SIGMA]


def test_binomial_limits_worked_from_the_published_table() -> None:
    # Cumulative binomial table, n = 20, p = 0.10: P(R ≤ 4) = 0.9568, P(R ≤ 5) = 0.9887. Spiegelhalter (2005),
    # A.1.1: limit = (r − α) ÷ n with α = (P(R ≤ r) − p) ÷ P(R = r); one case higher, since it is mirrored.
    found = limits(0.10, 20, Law.BINOMIAL)
    alpha = (0.9887 - (1 - TWO_SIGMA)) / (0.9887 - 0.9568)
    assert found.high_2 == pytest.approx((5 - alpha + 1) / 20, abs=2e-4)
    assert (found.low_3, found.low_2) == (0.0, 0.0)


def test_poisson_limits_worked_from_the_published_table() -> None:
    # Cumulative Poisson table, mean 10: P(R ≤ 3) = 0.0103, P(R ≤ 4) = 0.0293, P(R ≤ 16) = 0.9730,
    # P(R ≤ 17) = 0.9857.
    found = limits(0.5, 20, Law.POISSON)
    low = (0.0293 - TWO_SIGMA) / (0.0293 - 0.0103)
    high = (0.9857 - (1 - TWO_SIGMA)) / (0.9857 - 0.9730)
    assert found.low_2 == pytest.approx((4 - low) / 20, abs=3e-4)
    assert found.high_2 == pytest.approx((17 - high + 1) / 20, abs=5e-4)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 0.999), st.integers(1, 60_000), st.sampled_from(list(Law)))
def test_outside_is_what_chance_reaches_with_less_than_the_probability(
    centre: float, size: int, law: Law
) -> None:
    known = stats.binom(size, centre) if law is Law.BINOMIAL else stats.poisson(centre * size)
    found = limits(centre, size, law)
    for p, low, high in ((THREE_SIGMA, found.low_3, found.high_3), (TWO_SIGMA, found.low_2, found.high_2)):
        lowest, highest = math.ceil(low * size - 1e-6), math.floor(high * size + 1e-6)
        assert known.cdf(lowest - 1) <= p + 1e-9
        assert known.cdf(lowest) >= p - 1e-9
        assert known.sf(highest) <= p + 1e-9
        assert known.sf(highest - 1) >= p - 1e-9
    assert found.low_3 <= found.low_2 <= found.high_2 <= found.high_3


def test_perfect_share_among_few_cases_is_no_outlier() -> None:
    assert limits(0.98, 40, Law.BINOMIAL).verdict(1.0) is Verdict.INSIDE
    assert limits(0.02, 40, Law.BINOMIAL).verdict(0.0) is Verdict.INSIDE
    assert limits(0.90, 400, Law.BINOMIAL).verdict(1.0) is Verdict.ABOVE_3


def test_large_sizes_come_close_to_the_normal_limits() -> None:
    found = limits(0.2, 100_000, Law.BINOMIAL)
    deviation = math.sqrt(0.2 * 0.8 / 100_000)
    assert (found.high_2 - 0.2) / deviation == pytest.approx(2, abs=0.02)
    assert (0.2 - found.low_3) / deviation == pytest.approx(3, abs=0.03)


@pytest.mark.parametrize(("centre", "law"), [(0.0, Law.BINOMIAL), (1.0, Law.BINOMIAL), (0.0, Law.POISSON)])
def test_what_never_varies_has_no_width(centre: float, law: Law) -> None:
    found = limits(centre, 50, law)
    assert (found.low_3, found.high_3) == pytest.approx((centre, centre), abs=0.021)
    assert found.verdict(centre) is Verdict.INSIDE


@pytest.mark.parametrize(("centre", "size"), [(0.5, 0), (-0.1, 5), (1.2, 5), (float("nan"), 5)])
def test_impossible_limits_are_refused(centre: float, size: float) -> None:
    with pytest.raises(ValueError, match="no binomial limits"):
        limits(centre, size, Law.BINOMIAL)


def test_verdicts_name_side_and_limit() -> None:
    found = limits(0.5, 100, Law.BINOMIAL)
    values = [0.70, 0.62, 0.5, 0.38, 0.30]
    assert [found.verdict(value) for value in values] == [
        Verdict.ABOVE_3,
        Verdict.ABOVE_2,
        Verdict.INSIDE,
        Verdict.BELOW_2,
        Verdict.BELOW_3,
    ]
    assert [found.verdict(value).is_outlier for value in values] == [True, False, False, False, True]
    assert found.verdict(found.high_3) is Verdict.ABOVE_2


def test_funnel_narrows_as_sizes_grow() -> None:
    drawn = curve(0.1, 5_000, Law.BINOMIAL)
    widths = [one.high_3 - one.low_3 for one in drawn]
    assert drawn[-1].size == 5_000
    assert all(one.size == int(one.size) for one in drawn)
    assert widths[0] > widths[len(widths) // 2] > widths[-1]


def test_dispersion_is_the_winsorised_mean_of_squared_scores() -> None:
    # z = ±1, ±2 around 0.5 at 100 cases; winsorised at the 10 % quantiles (±1.7): (1 + 1 + 2.89 + 2.89) ÷ 4
    assert dispersion([0.45, 0.55, 0.40, 0.60], [100] * 4, 0.5, Law.BINOMIAL) == pytest.approx(1.945)
    assert math.isnan(dispersion([], [], 0.5, Law.BINOMIAL))
    assert math.isnan(dispersion([0.0], [10], 0.0, Law.POISSON))

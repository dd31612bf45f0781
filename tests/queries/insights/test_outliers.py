"""Funnel limits: binomial tails worked out by hand, and what a false alarm costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from queries.insights.outliers import TAIL, Side, outliers


def test_the_tail_is_that_of_three_standard_deviations() -> None:
    assert pytest.approx(0.001349898, abs=1e-9) == TAIL


def test_a_side_is_called_by_the_exact_tail() -> None:
    """At 1/2, none of ten has probability 1/1024, one or none 11/1024; the others hold the rate at 1/2."""
    found = outliers([0, 10, 1000], [10, 10, 2000])
    assert found.centre == pytest.approx(0.5)
    assert found.sides == (Side.BELOW, Side.ABOVE, Side.WITHIN)
    assert outliers([1, 9, 1000], [10, 10, 2000]).sides == (Side.WITHIN,) * 3


def test_one_late_item_of_three_is_no_signal() -> None:
    """At 97 % it comes about 8.7 times in a hundred; the normal approximation would call it a signal."""
    assert outliers([2, 97_000], [3, 100_000]).sides[0] is Side.WITHIN


def test_the_same_rate_stands_out_only_when_it_is_of_many() -> None:
    small, large, _ = outliers([18, 1800, 96_182], [20, 2000, 98_980]).sides
    assert (small, large) == (Side.WITHIN, Side.BELOW)


def test_nothing_due_is_unknown() -> None:
    found = outliers([math.nan, 0, 5], [math.nan, 0, 5])
    assert found.sides == (Side.UNKNOWN, Side.UNKNOWN, Side.WITHIN)
    nothing = outliers([math.nan], [math.nan])
    assert math.isnan(nothing.centre)
    assert nothing.sides == (Side.UNKNOWN,)


def test_units_that_do_not_differ_rarely_stand_out() -> None:
    """1 200 units of one rate: at most 2 × 0.00135 of them are called, exact tails call fewer."""
    chance = np.random.default_rng(7)
    wholes = chance.integers(5, 400, 1200)
    sides = outliers(chance.binomial(wholes, 0.97).tolist(), wholes.tolist()).sides
    assert sum(side is not Side.WITHIN for side in sides) <= 10

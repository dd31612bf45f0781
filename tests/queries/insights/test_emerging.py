"""Patterns as Esri publishes them, week by week by hand; the trend against EPA's example and SciPy's tau."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, norm

from queries.insights.emerging import Pattern, mann_kendall, patterns


def test_the_example_of_the_epa() -> None:
    """EPA QA/G-9S, Data Quality Assessment: Statistical Methods for Practitioners (2006), page 109."""
    found = mann_kendall(np.array([[10, 10, 10, 5, 10, 20, 18, 17, 15, 24, 15.0]]))
    assert found.s[0] == 22
    assert found.variance[0] == pytest.approx(155.33, abs=0.005)
    assert found.z[0] == pytest.approx(1.685, abs=0.0005)


@pytest.mark.parametrize("ties", [False, True])
def test_s_and_variance_are_those_of_scipy(ties: bool) -> None:
    draw = np.random.default_rng(3)
    rows = draw.integers(0, 6, (40, 26)).astype(float) if ties else draw.normal(size=(40, 26))
    rows += np.linspace(0, 3, 26) * draw.normal(size=(40, 1))
    found = mann_kendall(np.round(rows) if ties else rows)
    for row, s, variance in zip(np.round(rows) if ties else rows, found.s, found.variance, strict=True):
        chance = kendalltau(np.arange(26), row, method="asymptotic").pvalue  # without continuity
        assert 2 * norm.sf(abs(s) / variance**0.5) == pytest.approx(chance, abs=1e-12)


def test_equal_values_have_no_trend() -> None:
    found = mann_kendall(np.ones((2, 12)))
    assert found.z.tolist() == [0.0, 0.0]
    assert found.variance.tolist() == [0.0, 0.0]


# Ten weeks, oldest first: h hot, c cold. How the score moves: / rises, \ falls, - neither.
WEEKS = """
..........  -  NONE
.........h  -  NEW
..c......h  -  NEW
c......hhh  -  CONSECUTIVE
.......hhh  -  CONSECUTIVE
........hh  /  CONSECUTIVE
.h......hh  -  SPORADIC
h..h.h...h  -  SPORADIC
h.c..h...h  -  OSCILLATING
hhhhhhhhhh  -  PERSISTENT
hhhhhhhhhh  /  INTENSIFYING
hhhhhhhhhh  \\  DIMINISHING
.hhhhhhhhh  /  INTENSIFYING
h.hhhhhhhh  -  PERSISTENT
chhhhhhhhh  -  PERSISTENT
hhhhhhhhh.  -  HISTORICAL
hhhhhhhhh.  /  HISTORICAL
hhhhhhhh..  -  NONE
cccccccccc  -  NONE
hhhhh.....  \\  NONE
"""
MOVES = {"/": np.arange(10.0), "\\": -np.arange(10.0), "-": np.array([1, 3, 2, 4, 1, 3, 2, 4, 1, 3.0])}


@pytest.mark.parametrize("line", WEEKS.split("\n")[1:-1])
def test_a_pattern_by_hand(line: str) -> None:
    weeks, move, named = line.split()
    hot, cold = (np.array([[week == sign for week in weeks]]) for sign in "hc")
    (found,) = patterns(hot, cold, MOVES[move][None, :], 0.9, 0.05)
    assert Pattern(found).name == named


def test_many_cells_at_once_are_each_alone() -> None:
    lines = [line.split() for line in WEEKS.split("\n")[1:-1]]
    hot, cold = (np.array([[week == sign for week in weeks] for weeks, _, _ in lines]) for sign in "hc")
    scores = np.array([MOVES[move] for _, move, _ in lines])
    alone = [patterns(hot[[n]], cold[[n]], scores[[n]], 0.9, 0.05)[0] for n in range(len(lines))]
    assert patterns(hot, cold, scores, 0.9, 0.05).tolist() == alone

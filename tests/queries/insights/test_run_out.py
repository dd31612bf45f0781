"""The day of zero, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.insights.run_out import run_out


def test_by_hand() -> None:
    """100 items; 8, 12, 8, 12 a week: mean 10, variance 16/3; t(3) at 97.5 % is 3.182446.

    t²s² = 10.127964 × 16/3 = 54.0158, so a = 100 − 54.0158/4 = 86.4960 and b = 2 000 + 54.0158 = 2 054.0158.
    √(b² − 4a·10 000) = √(4 218 981 − 3 459 842) = 871.286; roots 1 182.730/172.992 and 2 925.302/172.992.
    """
    found = run_out(100, [8, 12, 8, 12])
    assert found is not None
    assert (found.speed, found.expected) == (10, 10)
    assert found.spread == pytest.approx(math.sqrt(16 / 3))
    assert found.quantile == pytest.approx(3.182446, abs=1e-6)
    assert found.earliest == pytest.approx(6.8369, abs=1e-3)
    assert found.latest == pytest.approx(16.9101, abs=1e-3)


def test_the_interval_of_the_drift_method() -> None:
    """After 4 weeks: 100 − 40 ± 3.182446 × 2.309401 × √(4 × (1 + 4/4)) = 60 ± 20.787."""
    found = run_out(100, [8, 12, 8, 12])
    assert found is not None
    assert found.after(0) == (100, 100, 100)
    assert found.after(4) == pytest.approx((60, 39.213, 80.787), abs=1e-3)
    assert found.after(50)[0] == 0


def test_steady_weeks_leave_no_doubt() -> None:
    found = run_out(30, [5, 5, 5, 5])
    assert found is not None
    assert (found.earliest, found.expected, found.latest) == (6, 6, 6)


def test_an_unsteady_speed_has_no_latest_day() -> None:
    found = run_out(100, [0, 0, 0, 4])
    assert found is not None
    assert found.expected == 100
    assert found.latest is None
    assert found.after(1000)[2] > 0


@pytest.mark.parametrize("given", [(0, [5] * 8), (10, [5] * 3), (10, [0] * 8), (10, [-1] * 8)])
def test_where_nothing_can_be_said(given: tuple[float, list[float]]) -> None:
    assert run_out(*given) is None


@given(st.integers(1, 3000), st.lists(st.integers(0, 60), min_size=4, max_size=26))
def test_the_edges_meet_zero_around_the_middle(stock: int, outflows: list[int]) -> None:
    found = run_out(stock, outflows)
    if found is None:
        assert sum(outflows) == 0
        return
    assert 0 < found.earliest <= found.expected * (1 + 1e-9)
    assert found.after(found.earliest)[1] == pytest.approx(0, abs=1e-6 * stock)
    if found.latest is not None:
        assert found.latest >= found.expected * (1 - 1e-9)
        assert found.after(found.latest)[2] == pytest.approx(0, abs=1e-4 * stock + 1e-6 * found.latest)


def test_the_interval_holds_the_day_as_often_as_it_says() -> None:
    """26 weeks of Poisson outflow at 12.6: the week of zero lies inside 95 % of 2 000 intervals."""
    random = np.random.default_rng(7)
    inside = 0
    for _ in range(2000):
        found = run_out(935, random.poisson(12.6, 26).tolist())
        assert found is not None
        assert found.latest is not None
        zero = int(np.argmax(np.cumsum(random.poisson(12.6, 300)) >= 935)) + 1
        # only whole weeks are seen: the one in which zero was reached
        inside += found.earliest <= zero <= found.latest + 1
    assert 0.94 < inside / 2000 < 0.98

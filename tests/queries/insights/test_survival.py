"""The product-limit estimate, by hand and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from queries.insights.survival import kaplan_meier


def test_without_censoring_it_is_the_plain_share() -> None:
    curve = kaplan_meier([5, 10, 20, 200], [1, 1, 1, 1], [1, 1, 1, 1])
    assert curve.days == (5, 10, 20, 200)
    assert [curve.returned_by(day) for day in (4, 5, 10, 180, 200)] == [0, 0.25, 0.5, 0.75, 1]


def test_who_is_no_longer_seen_leaves_the_risk_afterwards() -> None:
    """Ten at risk, 2 back on day 3: 0.8; 3 seen no longer; 5 at risk, 1 back on day 7: 0.8 × 0.8."""
    curve = kaplan_meier([3, 3, 7, 9], [1, 0, 1, 0], [2, 3, 1, 4])
    assert curve.staying == pytest.approx((0.8, 0.64))
    assert curve.returned_by(6) == pytest.approx(0.2)
    assert curve.returned_by(180) == pytest.approx(0.36)


def test_groups_of_the_same_day_are_one() -> None:
    assert kaplan_meier([3, 3], [1, 1], [1, 1]) == kaplan_meier([3], [1], [2])


def test_nobody_seen_nobody_back() -> None:
    curve = kaplan_meier([], [], [])
    assert curve.days == ()
    assert curve.returned_by(180) == 0


GROUPS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 1), st.integers(1, 9)), min_size=1, max_size=12
)


@given(GROUPS)
def test_the_curve_never_rises_and_stays_a_probability(groups: list[tuple[int, int, int]]) -> None:
    curve = kaplan_meier(*zip(*groups, strict=True))
    assert list(curve.staying) == sorted(curve.staying, reverse=True)
    assert all(-1e-12 <= share <= 1 for share in curve.staying)
    back, seen = sum(n for _, came, n in groups if came), sum(n for *_, n in groups)
    assert curve.returned_by(300) >= back / seen - 1e-12, "censoring never lowers the estimate"


@given(GROUPS)
def test_the_curve_is_that_of_statsmodels(groups: list[tuple[int, int, int]]) -> None:
    days, back, rows = zip(*groups, strict=True)
    if not any(back):
        return
    theirs = SurvfuncRight(np.repeat(days, rows), np.repeat(back, rows))
    curve = kaplan_meier(days, back, rows)
    assert curve.days == tuple(theirs.surv_times)
    assert curve.staying == pytest.approx(tuple(theirs.surv_prob), abs=1e-12)

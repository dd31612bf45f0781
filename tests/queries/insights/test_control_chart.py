"""Control charts against published worked examples, and each special-cause rule by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.insights.control_chart import Signal, level_chart, p_chart, p_prime_chart, u_chart, xmr

# NIST/SEMATECH e-Handbook of Statistical Methods 6.3.2.2, flow rates of ten batches
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# Montgomery, Introduction to Statistical Quality Control, example 7.1: cans of 30 samples of 50
CANS = [
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
    9,
    6,
]
CALM = [10.0, 12.0, 9.0, 11.0, 10.0, 8.0, 11.0, 9.0, 12.0, 10.0]


def test_individuals_chart_of_the_nist_handbook() -> None:
    chart = xmr(FLOW)
    assert chart.centre == pytest.approx(50.81)
    assert (chart.lower[0], chart.upper[0]) == pytest.approx((45.8159, 55.8041), abs=5e-4)
    assert not any(chart.signals)


def test_p_chart_of_montgomery() -> None:
    chart = p_chart(CANS, [50] * 30)
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert (chart.lower[0], chart.upper[0]) == pytest.approx((0.0524, 0.4102), abs=1e-4)
    outside = [at + 1 for at, found in enumerate(chart.signals) if Signal.OUTSIDE in found]
    assert outside == [15, 23], "the two samples that the book finds out of control"


def test_u_chart_by_hand() -> None:
    # 4 + 9 + 5 = 18 over 100 + 200 + 100 = 400: 0.045; limits ± 3·√(0.045 ÷ n)
    chart = u_chart([4, 9, 5], [100, 200, 100])
    assert chart.centre == pytest.approx(0.045)
    assert chart.upper[1] == pytest.approx(0.045 + 3 * math.sqrt(0.045 / 200))
    assert chart.lower[0] == 0.0, "a rate has no limit below nothing"


def test_unequal_denominators_widen_the_limits() -> None:
    chart = p_chart([5, 50], [10, 100])
    assert chart.upper[0] - chart.centre == pytest.approx((chart.upper[1] - chart.centre) * math.sqrt(10))


def test_p_prime_limits_are_those_of_individuals_when_denominators_are_equal() -> None:
    found, plain = p_prime_chart(CANS, [50] * 30), xmr([cans / 50 for cans in CANS])
    assert found.centre == pytest.approx(plain.centre)
    assert (found.lower[0], found.upper[0]) == pytest.approx((max(0.0, plain.lower[0]), plain.upper[0]))


def test_p_prime_limits_by_hand() -> None:
    # pooled 600 ÷ 2 000 = 0.3; z = (p − 0.3) ÷ √(0.21 ÷ n); σz = mean moving range of z ÷ 1.128
    parts, wholes = [40.0, 340.0, 220.0], [100.0, 1000.0, 900.0]
    pairs = zip(parts, wholes, strict=True)
    scores = [(part / whole - 0.3) / math.sqrt(0.21 / whole) for part, whole in pairs]
    wider = (abs(scores[1] - scores[0]) + abs(scores[2] - scores[1])) / 2 / 1.128
    chart = p_prime_chart(parts, wholes)
    assert wider > 1, "these shares move more than chance lets them"
    assert chart.upper == pytest.approx([0.3 + 3 * wider * math.sqrt(0.21 / whole) for whole in wholes])


def test_p_prime_chart_leaves_out_what_has_no_denominator() -> None:
    chart = p_prime_chart([math.nan, 5, 0, 7], [math.nan, 50, 0, 60])
    assert [math.isnan(value) for value in chart.upper] == [True, False, True, False]
    assert math.isnan(p_prime_chart([], []).centre)


def test_seven_on_one_side_is_a_shift_and_six_are_not() -> None:
    low, high = [9.0, 10.0, 9.5] * 3, [10.8, 10.6, 10.9, 10.7, 10.8, 10.6, 10.9]
    seven = xmr([*low, *high])
    assert [Signal.SHIFT in found for found in seven.signals[-7:]] == [True] * 7
    six = xmr([*low, *high[:6]])
    assert not any(Signal.SHIFT in found for found in six.signals[-6:])


def test_six_steps_up_are_a_trend_and_five_are_not() -> None:
    rising = [10.0, 9.0, 11.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0]
    assert [at for at, found in enumerate(xmr(rising).signals) if Signal.TREND in found] == [4, 5, 6, 7, 8, 9]
    assert not any(Signal.TREND in found for found in xmr([*rising[:9], 9.0]).signals)


def test_two_of_three_near_the_same_limit() -> None:
    # centre 10.512, mean moving range 76.4 ÷ 32 → σ 2.117: beyond 14.745 is 2 σ, beyond 16.862 is 3 σ
    chart = xmr([*CALM, *CALM, *CALM, 15.5, 10.0, 15.4])
    assert [at for at, found in enumerate(chart.signals) if Signal.NEAR_LIMIT in found] == [30, 32]
    assert not any(Signal.OUTSIDE in found for found in chart.signals)
    other = xmr([*CALM, *CALM, *CALM, 15.5, 10.0, 5.6])
    assert not any(Signal.NEAR_LIMIT in found for found in other.signals)


def test_a_point_without_anything_due_is_on_no_chart_and_breaks_a_run() -> None:
    chart = p_chart([1, 0, 1], [10, 0, 10])
    assert math.isnan(chart.values[1])
    assert math.isnan(chart.upper[1])
    broken = xmr([9.0, 10.0, 9.5, 9.0, *[11.0] * 4, math.nan, *[11.0] * 3])
    assert not any(Signal.SHIFT in found for found in broken.signals)


def test_too_few_points_say_nothing() -> None:
    assert not any(xmr([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 100.0]).signals)
    assert math.isnan(xmr([1.0]).centre)
    assert p_chart([], []).last == frozenset()


@given(st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=40), st.floats(-1e6, 1e6))
def test_moving_every_value_moves_the_chart_and_no_signal(values: list[float], by: float) -> None:
    # whole numbers, so that moving them changes no difference
    whole, step = [round(value) for value in values], round(by)
    chart, moved = xmr(whole), xmr([value + step for value in whole])
    assert moved.centre == pytest.approx(chart.centre + step, abs=1e-6)
    assert [Signal.TREND in one for one in moved.signals] == [Signal.TREND in one for one in chart.signals]


# Stock of a list by week: it moves by one or two, then by nine. Mean move −20 ÷ 9, mean moving range 14 ÷ 8:
# standard deviation 1.551, limits −6.88 and 2.43.
STOCK = [100.0, 99.0, 97.0, 96.0, 94.0, 93.0, 91.0, 90.0, 89.0, 80.0]


def test_a_level_is_judged_by_its_moves() -> None:
    chart = level_chart(STOCK)
    assert chart.last == {Signal.OUTSIDE, Signal.TREND}
    assert Signal.OUTSIDE not in chart.signals[-2]
    assert math.isnan(chart.upper[-1])
    assert math.isnan(chart.centre)


def test_a_level_that_came_to_rest_on_one_side_is_no_shift() -> None:
    wandering = [10.0, 11.0, 10.0, 11.0, 12.0, 13.0, 12.0, 13.0, 12.0, 13.0, 12.0, 13.0]
    assert Signal.SHIFT in xmr([*[2.0] * 4, *wandering]).last
    assert not any(level_chart(wandering).signals)


def test_a_level_with_gaps_breaks_its_trend() -> None:
    rising = [1.0, 2.1, 3.0, 4.1, math.nan, 5.0, 6.1, 7.0, 8.1, 9.0]
    assert level_chart(rising).last == frozenset()
    assert level_chart([1.0, 2.0, 3.1, 4.0, 5.0, 6.1, 7.0]).last == frozenset()  # seven points are too few
    assert Signal.TREND in level_chart([0.0, 1.0, 2.0, 3.1, 4.0, 5.0, 6.1, 7.0]).last

"""Indirect standardisation against a textbook's example, and by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.insights.standardisation import expected, pooled_rates, standardised

AGES = ["15–24", "25–34", "35–44", "45–54", "55–64"]


def test_cirrhosis_among_male_doctors() -> None:
    # Bland, An Introduction to Medical Statistics, table 16.3: deaths a million men, male doctors of 1970
    rates = pd.Series([5.859, 13.050, 46.937, 161.503, 271.358], index=AGES) / 1e6
    doctors = pd.Series([1_080, 12_860, 11_510, 10_330, 7_790], index=AGES, dtype="float64")
    due = expected(doctors, rates)
    assert due == pytest.approx(4.4966, abs=1e-4)
    assert 14 / due == pytest.approx(3.11, abs=0.005)


def _cells(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["member", "stratum", "part", "whole"])


def _at(found: pd.DataFrame, member: str, column: str) -> float:
    return float(found[column][member])


# Wages repeat at 30 ÷ 100, noise at 10 ÷ 200; the city at 40 ÷ 300.
MIXED = _cells(("甲", "欠薪", 27, 90), ("甲", "噪声", 0, 10), ("乙", "欠薪", 3, 10), ("乙", "噪声", 10, 190))


def test_hard_mix_is_not_held_against_a_district() -> None:
    found = standardised(MIXED)
    assert dict(pooled_rates(MIXED)) == {"噪声": 0.05, "欠薪": 0.3}
    # 甲: expected 90 × 0.3 + 10 × 0.05 = 27.5, observed 27 (crude 27 %, twice the city's 13.3 %)
    assert _at(found, "甲", "expected") == pytest.approx(27.5)
    assert _at(found, "甲", "value") == pytest.approx(27 / 27.5 * 40 / 300)
    assert _at(found, "乙", "expected") == pytest.approx(3 + 9.5)
    assert _at(found, "甲", "value") < _at(found, "乙", "value")


def test_good_share_is_standardised_by_its_failures() -> None:
    # Answered on time: 甲 8 ÷ 10 and 乙 10 ÷ 10 of the same stratum; city 18 ÷ 20, failures 2 of 20.
    found = standardised(_cells(("甲", "一", 8, 10), ("乙", "一", 10, 10)))
    assert _at(found, "甲", "value") == pytest.approx(0.8)
    assert _at(found, "乙", "value") == pytest.approx(1.0)


def test_good_share_never_passes_the_whole() -> None:
    # 一: 20 of 30 (甲 10 of 10, 乙 10 of 20), 二: 70 of 70; city 90 %. 10 ÷ 6.67 times 90 % would be 135 %.
    found = standardised(_cells(("甲", "一", 10, 10), ("乙", "一", 10, 20), ("乙", "二", 70, 70)))
    assert _at(found, "甲", "expected") == pytest.approx(20 / 3)
    assert _at(found, "甲", "value") == pytest.approx(1.0)
    # 乙: 10 failures where 6.67 are expected, at the city's 10 %
    assert _at(found, "乙", "value") == pytest.approx(1 - 10 / (20 / 3) * 0.1)


counts = st.integers(0, 50)


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.sampled_from("一二"), counts, counts), min_size=1))
def test_expected_numbers_add_up_to_those_observed(rows: list[tuple[str, str, int, int]]) -> None:
    cells = _cells(*((member, stratum, min(a, b), b) for member, stratum, a, b in rows))
    found = standardised(cells)
    assert found["expected"].sum() == pytest.approx(cells["part"].sum())
    assert found["observed"].sum() == pytest.approx(cells["part"].sum())


@given(counts, st.integers(1, 50), counts, st.integers(1, 50))
def test_equal_mix_leaves_a_rate_as_it_is(a: int, m: int, b: int, n: int) -> None:
    found = standardised(_cells(("甲", "一", min(a, m), m), ("乙", "一", min(b, n), n)))
    assert _at(found, "甲", "value") == pytest.approx(min(a, m) / m) or math.isnan(_at(found, "甲", "value"))


def test_nothing_due_has_no_value() -> None:
    found = standardised(_cells(("甲", "一", 0, 0)))
    assert math.isnan(_at(found, "甲", "value"))

"""Counts become printed figures: formulas, least numbers, changes, and the worked checks of METRICS §10."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from queries import answer as answers
from queries.answer import Answer, change, figure, immature_note
from queries.compiler import Times, compile_question
from queries.metrics import CATALOG, metrics
from queries.question import Question
from queries.vocabulary import Period, Rounding
from queries.windows import windows
from tests.queries.dozen import Row, only_row

AS_OF = date(2026, 4, 30)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def counted(*keys: str, **counts: int) -> Row:
    """The row that an answer gives where an engine returned these sums."""
    question = Question(keys, MARCH, AS_OF)
    times = Times(windows(question), timed=False)
    parts = compile_question(question, metrics(keys), times)
    frames = [pd.DataFrame([{name: counts.pop(name, 0) for name in part.slots}]) for part in parts]
    assert not counts, f"no such measure in {keys}: {sorted(counts)}"

    def nobody(base: pd.DataFrame) -> pd.Series[float]:
        return pd.Series(math.nan, index=base.index)

    base = answers.merged(question, times, parts, frames)
    return only_row(Answer(question, answers.measured(question, metrics(keys), times, base, {}, nobody)))


def printed(key: str, row: Row) -> str:
    return str(figure(CATALOG[key], row))


# METRICS §10 ------------------------------------------------------------------------------------


def test_linyi() -> None:
    row = counted("first_time_resolution", resolved_first=7839, closed_first=8307)
    assert printed("first_time_resolution", row) == "94.37"
    row = counted("backlog_clearance", backlog_resolved=638, backlog_assigned=1876)
    assert printed("backlog_clearance", row) == "34.01"


def test_the_same_hundred_tickets_have_four_satisfactions() -> None:
    """满意 60, 基本满意 20, 不满意 10, 超期未评价 10; the 90 that rated are the valid call-backs."""
    all_rated = ("satisfaction", "satisfaction_product", "participation")
    row = counted(*all_rated, satisfied=60, mostly_satisfied=20, rated=90, unrated_overdue=10)
    assert [printed(key, row) for key in all_rated] == ["88.89", "81.00", "90.00"]
    keys = ("satisfaction_beijing", "satisfaction_not_dissatisfied")
    row = counted(*keys, callbacks=90, callback_satisfied=60, callback_mostly=20, callback_dissatisfied=10)
    assert [printed(key, row) for key in keys] == ["86.67", "88.89"]


def test_three_rates() -> None:
    """100 call-backs, 90 contacted, 80 content, 70 resolved: 9 + 32 + 35."""
    row = counted(
        "three_rates_composite",
        callbacks=100, callback_contacted=90, callback_satisfied=50, callback_mostly=30, callback_resolved=70,
    )  # fmt: skip
    assert printed("three_rates_composite", row) == "76.0"


def test_shanghai_publishes_a_mean_of_ten_days_and_five_hours() -> None:
    row = counted("mean_days", reply_seconds=8 * (10 * 86_400 + 5 * 3600), replied=8)
    assert row["mean_days"] == pytest.approx(10 + 5 / 24)
    assert printed("mean_days", row) == "10.2"


# Figures ----------------------------------------------------------------------------------------


def test_a_figure_is_divided_from_its_counts_not_from_the_binary_value() -> None:
    one = CATALOG["backlog_clearance"]
    row = {one.key: 0.7496499999999999, f"{one.key}_numerator": 14993.0, f"{one.key}_denominator": 20000.0}
    assert str(figure(one, row)) == "74.97"
    assert str(figure(replace(one, rounding=Rounding.TRUNCATE), row)) == "74.96"
    tie = {one.key: 1 / 800, f"{one.key}_numerator": 1.0, f"{one.key}_denominator": 800.0}
    assert str(figure(replace(one, decimals=2), tie)) == "0.13"  # 0.125


def test_negative_and_missing_figures() -> None:
    one = CATALOG["median_days"]
    assert figure(one, {"median_days": -0.25, "median_days_denominator": 6.0}) == Decimal("-0.3")
    assert figure(one, {"median_days": math.nan, "median_days_denominator": 2.0}) is None


def test_counts_have_no_places() -> None:
    row = counted("cases_registered", cases=1234)
    assert printed("cases_registered", row) == "1234"


# Least numbers and changes ----------------------------------------------------------------------


@pytest.mark.parametrize(("due", "shown"), [(0, False), (4, False), (5, True)])
def test_a_rate_needs_its_least_number(due: int, shown: bool) -> None:
    row = counted("participation", rated=due)
    assert math.isnan(row["participation"]) is not shown
    assert row["participation_denominator"] == due
    assert (figure(CATALOG["participation"], row) is not None) is shown


@pytest.mark.parametrize(
    ("key", "value", "base", "expected"),
    [
        ("cases_registered", 120.0, 100.0, 0.2),  # counts: relative
        ("cases_per_10k", 9.0, 12.0, -0.25),  # rates: relative
        ("repeat_share", 0.12, 0.10, 0.02),  # shares: percentage points
        ("median_days", 7.5, 9.0, -1.5),  # durations: days
        ("cases_registered", 5.0, 0.0, math.nan),
        ("repeat_share", 0.1, math.nan, math.nan),
    ],
)
def test_changes_are_told_in_the_measure_of_the_metric(
    key: str, value: float, base: float, expected: float
) -> None:
    (found,) = change(CATALOG[key], pd.Series([value]), pd.Series([base]))
    assert found == pytest.approx(expected, nan_ok=True)


def test_maturity() -> None:
    one = CATALOG["return_rate_90"]
    last = date(2026, 3, 31)
    note = immature_note(one, last, date(2026, 6, 28))
    assert note is not None
    assert "2026-06-29" in note.text.zh
    assert immature_note(one, last, date(2026, 6, 29)) is None
    assert immature_note(CATALOG["cases_registered"], last, last) is None


def test_one_value_is_asked_of_one_row() -> None:
    answer = Answer(Question(("open_cases",), MARCH, AS_OF), pd.DataFrame({"open_cases": [1.0, 2.0]}))
    with pytest.raises(ValueError, match="asked of 2 rows"):
        answer.one("open_cases")

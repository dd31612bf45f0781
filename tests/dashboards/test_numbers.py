"""Numbers as they are read aloud: units, signs, per cent and percentage points, half-up and cut."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from dashboards import numbers
from queries.metrics import CATALOG
from queries.vocabulary import Direction, Language, Measurement, Period, Rounding, Text

NARROW = numbers.NARROW


ITEMS = Text("件", "items")


@dataclass(frozen=True)
class Printed:
    """What of a metric decides how it is written."""

    measurement: Measurement
    unit: Text = ITEMS
    decimals: int = 2
    rounding: Rounding = Rounding.HALF_UP


SHARE, COUNT = Printed(Measurement.SHARE), Printed(Measurement.COUNT, decimals=0)
DAYS = Printed(Measurement.DAYS, Text("天", "days"), 1)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (12_345, "1.2 万", "12.3 K"),
        (1_250_000, "125 万", "1.3 M"),
        (340_000_000, "3.4 亿", "340 M"),
        (-12_345, "−1.2 万", "−12.3 K"),
    ],
)
def test_large_counts_use_the_units_of_the_language(value: float, zh: str, en: str) -> None:
    assert numbers.compact(value, "zh") == zh.replace(" ", NARROW)
    assert numbers.compact(value, "en") == en.replace(" ", NARROW)


def test_share_is_printed_half_up_from_its_decimal_spelling() -> None:
    # 74.965 % as a binary float lies below the half; printed it is 74.97 (METRICS rule 6).
    assert numbers.value_text(SHARE, 0.74965, "zh") == f"74.97{NARROW}%"
    cut = Printed(Measurement.SHARE, rounding=Rounding.TRUNCATE)
    assert numbers.value_text(cut, 0.74969, "zh") == f"74.96{NARROW}%"


def test_published_figure_is_printed_as_published() -> None:
    # Linyi: 7839 of 8307 resolved at the first time.
    metric = CATALOG["first_time_resolution"]
    assert numbers.figure_text(metric, Decimal(7839) * 100 / 8307, "zh") == f"94.37{NARROW}%"


def test_unit_is_written_unless_it_stands_above_the_column() -> None:
    assert numbers.value_text(DAYS, 10.25, "en") == f"10.3{NARROW}days"
    assert numbers.value_text(DAYS, 10.25, "en", unit=False) == "10.3"
    assert numbers.value_text(COUNT, 12.0, "zh") == f"12{NARROW}件"


@pytest.mark.parametrize(
    ("metric", "change", "zh", "en"),
    [
        (SHARE, 0.014, "+1.4 个百分点", "+1.4 pp"),
        (COUNT, -0.032, "−3.2 %", "−3.2 %"),
        (DAYS, 0.5, "+0.5 天", "+0.5 days"),
        (SHARE, 0.0, "0.0 个百分点", "0.0 pp"),
    ],
)
def test_per_cent_and_percentage_points_are_never_mixed(
    metric: Printed, change: float, zh: str, en: str
) -> None:
    assert numbers.change_text(metric, change, "zh") == zh.replace(" ", NARROW)
    assert numbers.change_text(metric, change, "en") == en.replace(" ", NARROW)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_is_a_dash(language: Language) -> None:
    nothing = float("nan")
    assert numbers.value_text(SHARE, nothing, language) == numbers.DASH
    assert numbers.change_text(SHARE, nothing, language) == numbers.DASH
    assert numbers.change_text(COUNT, float("inf"), language) == numbers.DASH
    assert numbers.score_change_text(nothing, language) == numbers.DASH
    assert numbers.parts(nothing, 5) == numbers.DASH
    assert (
        numbers.plain(nothing)
        == numbers.signed(nothing)
        == numbers.compact(nothing, language)
        == numbers.DASH
    )


def test_fall_of_what_should_fall_is_better() -> None:
    assert numbers.judged(-0.02, Direction.DOWN) is numbers.Judgement.BETTER
    assert numbers.judged(-0.02, Direction.UP) is numbers.Judgement.WORSE
    assert numbers.judged(0.02, Direction.NEITHER) is numbers.Judgement.UNCHANGED
    assert numbers.judged(0.0004, Direction.UP, smallest=0.0005) is numbers.Judgement.UNCHANGED


def test_a_smaller_rank_is_a_rise() -> None:
    assert numbers.rank_move(1, 3) == "▲2"
    assert numbers.rank_move(4, 3) == "▼1"
    assert numbers.rank_move(2, 2) == numbers.rank_move(None, 2) == numbers.DASH


def test_parts_travel_with_a_share() -> None:
    assert numbers.parts(7839, 8307) == "7,839 / 8,307"
    assert numbers.parts(12, float("nan")) == "12"
    assert numbers.parts(85.4, 90) == "85.40 / 90"


def test_days_and_periods() -> None:
    assert numbers.day_text(date(2026, 10, 5), "zh") == "2026年10月5日"
    assert numbers.day_text(date(2026, 10, 5), "en") == "5 Oct 2026"
    period = Period(date(2026, 10, 1), date(2026, 10, 31))
    assert numbers.period_text(period, "zh") == "2026-10-01 至 2026-10-31"


def test_zero_after_rounding_has_no_sign() -> None:
    assert numbers.signed(-0.04, 1) == "0.0"
    assert numbers.signed(-0.05, 1) == "−0.1"

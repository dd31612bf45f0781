"""How a number is written in each language: units, signs, per cent against percentage points, dates."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from queries.vocabulary import Direction, Language, Measurement, Period, Rounding, Text, rounded

MINUS = "\u2212"
DASH = "–"
NARROW = "\u00a0"


class Printed(Protocol):
    """What of a metric decides how its values are written."""

    @property
    def measurement(self) -> Measurement:
        """Count, share, rate or days."""

    @property
    def unit(self) -> Text:
        """The unit's word."""

    @property
    def decimals(self) -> int:
        """Places after the point."""

    @property
    def rounding(self) -> Rounding:
        """Half up or cut."""


class Judgement(StrEnum):
    """What a change means to the reader."""

    BETTER = "better"
    WORSE = "worse"
    UNCHANGED = "unchanged"


WORDS = {
    Judgement.BETTER: Text("向好", "better"),
    Judgement.WORSE: Text("变差", "worse"),
    Judgement.UNCHANGED: Text("持平", "unchanged"),
}
_POINTS = Text("个百分点", "pp")
_DAYS = Text("天", "days")
_SCORE = Text("分", "points")


def is_known(value: float | None) -> bool:
    """Whether there is a value: neither None nor NaN."""
    return value is not None and not math.isnan(value)


def plain(value: float | Decimal, decimals: int = 0, rounding: Rounding = Rounding.HALF_UP) -> str:
    """`value` with thousands separators, `decimals` places and a true minus sign; a dash for NaN."""
    if math.isnan(value):
        return DASH
    exact = rounded(value, decimals, rounding)
    sign = MINUS if exact < 0 else ""
    return f"{sign}{abs(exact):,.{decimals}f}"


def signed(value: float | Decimal, decimals: int = 0) -> str:
    """`plain` with its sign always written; a zero after rounding has none."""
    if math.isnan(value):
        return DASH
    exact = rounded(value, decimals)
    return ("+" if exact > 0 else "") + plain(exact, decimals)


def compact(value: float, language: Language) -> str:
    """A count in the language's own large units: 1.2 万, 3.4 亿; 12 K, 34 M; below 10 000 in full."""
    steps = ((1e8, "亿"), (1e4, "万")) if language == "zh" else ((1e9, "B"), (1e6, "M"), (1e3, "K"))
    if math.isnan(value) or abs(value) < 10_000:
        return plain(value)
    size, word = next((size, word) for size, word in steps if abs(value) >= size)
    scaled = value / size
    return f"{plain(scaled, 1 if abs(scaled) < 100 else 0)}{NARROW}{word}"


def value_text(metric: Printed, value: float | None, language: Language, *, unit: bool = True) -> str:
    """A metric's value as printed, with its own decimals and rounding; a dash where there is none.

    Shares (0 to 1) are written in per cent. `unit=False` leaves out the unit's word, never the per cent sign.
    """
    if value is None or math.isnan(value):
        return DASH
    exact = Decimal(repr(float(value)))
    return figure_text(
        metric, exact * 100 if metric.measurement is Measurement.SHARE else exact, language, unit=unit
    )


def figure_text(metric: Printed, figure: Decimal | None, language: Language, *, unit: bool = True) -> str:
    """As `value_text`, of a figure in the printed scale (shares in per cent), see queries.answer.figure."""
    if figure is None:
        return DASH
    if metric.measurement is Measurement.SHARE:
        return f"{plain(figure, metric.decimals, metric.rounding)}{NARROW}%"
    if metric.measurement is Measurement.COUNT:
        written = compact(float(figure), language)
    else:
        written = plain(figure, metric.decimals, metric.rounding)
    return f"{written}{NARROW}{metric.unit.in_(language)}" if unit else written


def change_text(metric: Printed, change: float | None, language: Language) -> str:
    """A change as printed: per cent of counts and rates, percentage points of shares, days of durations."""
    if change is None or math.isnan(change) or math.isinf(change):
        return DASH
    match metric.measurement:
        case Measurement.SHARE:
            return f"{signed(change * 100, 1)}{NARROW}{_POINTS.in_(language)}"
        case Measurement.DAYS:
            return f"{signed(change, 1)}{NARROW}{_DAYS.in_(language)}"
        case Measurement.COUNT | Measurement.RATE:
            return f"{signed(change * 100, 1)}{NARROW}%"


def score_change_text(change: float | None, language: Language) -> str:
    """A change of a 0–100 score: +1.3 分."""
    if change is None or math.isnan(change):
        return DASH
    return f"{signed(change, 1)}{NARROW}{_SCORE.in_(language)}"


def judged(change: float | None, direction: Direction, *, smallest: float = 0.0) -> Judgement:
    """Whether `change` is good news for a metric of `direction`; up to `smallest` in size it is none."""
    if change is None or math.isnan(change) or abs(change) <= smallest or direction is Direction.NEITHER:
        return Judgement.UNCHANGED
    return Judgement.BETTER if (change > 0) == (direction is Direction.UP) else Judgement.WORSE


def arrow(change: float | None, *, smallest: float = 0.0) -> str:
    """▲ for a rise, ▼ for a fall, – for neither."""
    if change is None or math.isnan(change) or abs(change) <= smallest:
        return DASH
    return "▲" if change > 0 else "▼"


def rank_move(rank: int | None, previous: int | None) -> str:
    """▲2 (two places up), ▼1, – (as before, or not known)."""
    if rank is None or previous is None or rank == previous:
        return DASH
    return f"▲{previous - rank}" if rank < previous else f"▼{rank - previous}"


def parts(numerator: float | None, denominator: float | None) -> str:
    """`1,234 / 5,678`, or the numerator alone where nothing divides it."""
    if numerator is None or math.isnan(numerator):
        return DASH
    if denominator is None or math.isnan(denominator):
        return _exact(numerator)
    return f"{_exact(numerator)} / {_exact(denominator)}"


def _exact(value: float) -> str:
    return plain(value, 0 if float(value).is_integer() else 2)


def day_text(day: date, language: Language) -> str:
    """2026年10月31日, 31 Oct 2026."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%b %Y}"


def period_text(period: Period, language: Language) -> str:
    """2026-10-01 至 2026-10-31, 2026-10-01 to 2026-10-31."""
    return f"{period.start} {'至' if language == 'zh' else 'to'} {period.end}"

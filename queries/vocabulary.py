"""The small values that the whole suite speaks in: bilingual text, direction, rounding, periods."""

from __future__ import annotations

import calendar as month_calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

Language = str  # "zh" or "en"


@dataclass(frozen=True)
class Text:
    """One reader-facing text in both languages; `Text(zh, en)`."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise ValueError(f"a text needs both languages, got zh={self.zh!r} en={self.en!r}")

    def in_(self, language: Language) -> str:
        """The text in `language` ("zh" or "en")."""
        return self.zh if language == "zh" else self.en

    def with_(self, **values: object) -> Text:
        """Both languages with `{name}` places filled; each language places its own words."""
        return Text(self.zh.format(**values), self.en.format(**values))


class Direction(StrEnum):
    """Which way of moving is good for the reader."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class Rounding(StrEnum):
    """How a printed figure is rounded (METRICS rule 6)."""

    HALF_UP = "half_up"
    TRUNCATE = "truncate"


class Measurement(StrEnum):
    """What a value is: decides its unit word, its decimals and how two values are compared."""

    COUNT = "count"  # change in per cent
    SHARE = "share"  # 0 to 1, shown in per cent, change in percentage points
    RATE = "rate"  # numerator ÷ denominator in a unit of its own, change in per cent
    DAYS = "days"  # a duration in days, change in days


class Grain(StrEnum):
    """Width of a time bucket."""

    DAY = "day"
    WEEK = "week"  # ISO week, Monday first
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Compare(StrEnum):
    """Comparison of a period with another one (同比 环比 累计)."""

    YOY = "yoy"
    MOM = "mom"
    YTD = "ytd"


# Letters that are written from right to left, and the two signs that close a stretch of text off (UAX #9).
_FROM_THE_RIGHT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
ISOLATING = "\u2068\u2069"


def isolated(text: str) -> str:
    """`text` so that it can stand in a sentence: a script from right to left turns nothing beside it around.

    Text of other scripts is returned as it is.
    """
    return f"{ISOLATING[0]}{text}{ISOLATING[1]}" if _FROM_THE_RIGHT.search(text) else text


def rounded(value: float | Decimal, decimals: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """`value` at `decimals` places, half away from zero or cut; a float is read by its shortest spelling.

    Raises ValueError for NaN and infinities: what has no value is not rounded.
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"cannot round {value!r}")
    mode = ROUND_HALF_UP if rounding is Rounding.HALF_UP else ROUND_DOWN
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=mode)


def share_rounded(part: int, whole: int, decimals: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """`part` ÷ `whole` in per cent at `decimals` places, computed exactly (7839, 8307, 2 → 94.37)."""
    scaled = Decimal(part) * 100 / Decimal(whole)
    return rounded(scaled, decimals, rounding)


def bucket_start(day: date, grain: Grain) -> date:
    """First day of the bucket that holds `day`."""
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)


def bucket_end(day: date, grain: Grain) -> date:
    """Last day of the bucket that holds `day`."""
    start = bucket_start(day, grain)
    match grain:
        case Grain.DAY:
            return start
        case Grain.WEEK:
            return start + timedelta(days=6)
        case Grain.MONTH:
            return months_later(start, 1) - timedelta(days=1)
        case Grain.QUARTER:
            return months_later(start, 3) - timedelta(days=1)
        case Grain.YEAR:
            return start.replace(month=12, day=31)


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later (negative: earlier), or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(day.day, month_calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, order=True)
class Period:
    """Days `start` to `end`, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period ends on or after its start, got {self.start} to {self.end}")

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    def holds(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return self.start <= day <= self.end

    def whole_unit(self) -> Grain | None:
        """The calendar unit that the period is exactly (a month, quarter or year), if any."""
        for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
            if bucket_start(self.start, grain) == self.start and bucket_end(self.start, grain) == self.end:
                return grain
        return None

    def last_year(self) -> Period:
        """The same calendar days a year earlier (29 February → 28; whole months stay whole months)."""
        end = months_later(self.end, -12)
        if self.start.day == 1 and self.end == bucket_end(self.end, Grain.MONTH):
            end = bucket_end(end, Grain.MONTH)
        return Period(months_later(self.start, -12), end)

    def preceding(self) -> Period:
        """The period before of equal length: the calendar unit before a whole unit, else as many days."""
        unit = self.whole_unit()
        last = self.start - timedelta(days=1)
        if unit is not None:
            return Period(bucket_start(last, unit), last)
        return Period(self.start - timedelta(days=self.days), last)

    def year_to_date(self) -> Period:
        """1 January of the end's year to the end."""
        return Period(self.end.replace(month=1, day=1), self.end)

    def clipped(self, last: date) -> Period:
        """The period cut after `last`; raises ValueError when it only starts later."""
        return Period(self.start, min(self.end, last))

"""The axes of a plotly figure as pixels: where a value stands, where a tick stands and what it says."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from dashboards.exports.deck import printable
from dashboards.figures import fitting

LINEAR, LOG, DATE, CATEGORY = "linear", "log", "date", "category"
TYPE = 12.0  # pixels, that of a tick
_EPOCH = datetime(2000, 1, 1)
_MONTH = 30.4  # days, on average
_STEPS = (2.0, 5.0, 10.0)
_DAYS, _MONTHS = (1, 2, 3, 7, 14), (1, 2, 3, 6, 12)
_PADDING = 0.05  # of the axis beyond the outermost value, as plotly leaves it
_APART = 6.0  # pixels between two labels
_TAG = re.compile(r"<[^>]*>")
_SIGNS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


class Undrawable(ValueError):
    """The figure holds what only a browser can draw; the message names it."""


@dataclass(frozen=True)
class Tick:
    """A place on an axis in pixels and its words."""

    at: float
    text: str


@dataclass(frozen=True)
class Axis:
    """Positions `low` to `high` between the pixels `start` and `end`; `told` is the axis as plotly reads it.

    A position is the number itself, its logarithm to ten, days since 2000 or the number of the category.
    """

    kind: str
    low: float
    high: float
    told: Mapping[str, Any]
    categories: tuple[str, ...] = ()
    start: float = 0.0
    end: float = 1.0

    def spread(self, start: float, end: float) -> Axis:
        """The same axis between other pixels."""
        return replace(self, start=start, end=end)

    def position(self, value: Any) -> float | None:
        """The position of a value; None where there is none."""
        match value:
            case None:
                return None
            case str() if self.kind == CATEGORY:
                return float(self.categories.index(value))
            case str() if self.kind == DATE:
                return (datetime.fromisoformat(value) - _EPOCH) / timedelta(days=1)
            case str():
                raise Undrawable(f"{value!r} stands on an axis of kind {self.kind}; give a number")
        number = float(value)
        if not math.isfinite(number) or (self.kind == LOG and number <= 0):
            return None
        return math.log10(number) if self.kind == LOG else number

    def at(self, position: float) -> float:
        """The pixel of a position."""
        share = (position - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.end - self.start)

    def of(self, value: Any) -> float | None:
        """The pixel of a value; None where there is none."""
        position = self.position(value)
        return None if position is None else self.at(position)

    def holds(self, position: float) -> bool:
        """Whether a position lies between the ends, with a little room for rounding."""
        low, high = sorted((self.low, self.high))
        room = 1e-9 * (high - low)
        return low - room <= position <= high + room

    def ticks(self) -> list[Tick]:
        """The ticks in sight, from `low` to `high`."""
        if self.told.get("showticklabels") is False and self.told.get("showgrid") is False:
            return []
        shows = self.told.get("showticklabels") is not False
        return [
            Tick(self.at(position), text if shows else "")
            for position, text in self._ticks()
            if self.holds(position)
        ]

    def _ticks(self) -> Iterable[tuple[float, str]]:
        if "tickvals" in self.told:
            values = [float(self.position(one) or 0.0) for one in self.told["tickvals"]]
            texts = self.told.get("ticktext") or [self._text(value) for value in values]
            return zip(values, map(plain, texts), strict=True)
        if self.kind == CATEGORY:
            return enumerate(self.categories)
        if self.kind == DATE:
            return self._days()
        if self.kind == LOG:
            decades = range(math.ceil(min(self.low, self.high)), math.floor(max(self.low, self.high)) + 1)
            return ((float(one), self._text(10.0**one)) for one in decades)
        return ((value, self._text(value)) for value in _round_values(self.low, self.high, self._step()))

    def _text(self, value: float) -> str:
        return said(value, str(self.told.get("tickformat") or ""))

    def _number(self, apart: float) -> float:
        """How many ticks are wanted: as told, or one for each `apart` pixels."""
        wanted = self.told.get("nticks")
        length = abs(self.end - self.start)
        return float(wanted) if wanted else min(9.0, max(4.0, length / apart)) + 1

    def _step(self) -> float:
        told = self.told.get("dtick")
        if told is not None:
            return float(told)
        # pixels grow downwards, so that the axis that stands ends above where it starts
        rough = abs(self.high - self.low) / self._number(40 if self.end < self.start else 80) or 1.0
        step = round_step(rough)
        return max(1.0, step) if self.told.get("tickformat") == ",d" else step

    def _days(self) -> Iterable[tuple[float, str]]:
        """Months or days, each with its day in the axis' own format."""
        form = str(self.told.get("tickformat") or "%Y-%m-%d")
        first, last = (_EPOCH + timedelta(days=one) for one in sorted((self.low, self.high)))
        told = self.told.get("dtick")
        rough = abs(self.high - self.low) / self._number(80)
        months = int(str(told)[1:]) if told else _next(_MONTHS, rough / _MONTH) if rough > _MONTH else 0
        if months:
            start = 12 * first.year + first.month - 1
            every = range(start - start % months, 12 * last.year + last.month, months)
            days = [datetime(one // 12, one % 12 + 1, 1) for one in every]
        else:
            step = _next(_DAYS, rough)
            begin = (first - _EPOCH).days // step * step
            days = [_EPOCH + timedelta(days=one) for one in range(begin, (last - _EPOCH).days + 1, step)]
        return (((day - _EPOCH) / timedelta(days=1), day.strftime(form)) for day in days)


def axis(told: Mapping[str, Any], values: Iterable[Any], *, room: float, is_padded: bool) -> Axis:
    """The axis that plotly makes of what is `told` of it and of the `values` drawn on it.

    `room` are the positions that a bar or cell takes beyond its middle on either side; `is_padded` leaves
    air beyond the outermost point.
    """
    every = [value for value in values if value is not None]
    kind = str(told.get("type") or _kind(every))
    if kind not in {LINEAR, LOG, DATE, CATEGORY}:
        raise Undrawable(f"an axis of type {kind!r} is not drawn here")
    named = tuple(dict.fromkeys(str(one) for one in every)) if kind == CATEGORY else ()
    free = Axis(kind, 0.0, 1.0, told, named)
    if "range" in told:
        # the range of a logarithmic axis is told in logarithms
        low, high = (float(one if kind == LOG else free.position(one) or 0.0) for one in told["range"])
        return replace(free, low=low, high=high)
    found = [position for one in every if (position := free.position(one)) is not None]
    low, high = (min(found) - room, max(found) + room) if found else (0.0, 1.0)
    is_zero_based = told.get("rangemode") == "tozero"
    below = 0.0 if is_zero_based and low >= 0 else _PADDING
    above = 0.0 if is_zero_based and high <= 0 else _PADDING
    if is_zero_based:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = (low, low + 1) if is_zero_based else (low - 1, high + 1)
    elif is_padded:
        whole = (high - low) / (1 - below - above)
        low, high = low - below * whole, high + above * whole
    if told.get("autorange") == "reversed":
        low, high = high, low
    return replace(free, low=low, high=high)


def round_step(rough: float) -> float:
    """The next of 2, 5 and 10 times a power of ten: what plotly counts its ticks by."""
    base = 10.0 ** math.floor(math.log10(rough))
    return base * next(one for one in _STEPS if one >= rough / base - 1e-9)


def said(value: float, form: str) -> str:
    """A number in one of the formats that the figures use; raises Undrawable for another."""
    match form:
        case ",d":
            text = f"{round(value):,}"
        case "" | "~g":
            text = f"{value:.10g}"
        case "~s":
            by, sign = next((one for one in _SIGNS if abs(value) >= one[0]), (1.0, ""))
            text = f"{value / by:.6g}{sign}"
        case ".0%" | ".1%" | ".2%":
            text = f"{value:{form}}"
        case ".1~%":
            text = f"{round(100 * value, 1):g}%"
        case _:
            raise Undrawable(f"tick format {form!r} is not drawn here")
    return text.replace("-", "−")


def plain(text: Any) -> str:
    """A text of a figure, which is escaped for the browser, as it is read: without tags and entities."""
    return printable(html.unescape(_TAG.sub("", str(text))))


def thinned(ticks: Sequence[Tick]) -> list[Tick]:
    """Ticks of a lying axis: as many keep their words as stand beside each other without touching."""
    worded = [tick for tick in ticks if tick.text]
    for every in range(1, len(worded) + 1):
        kept = worded[::every]
        if all(_free(one, other) for one, other in pairwise(kept)):
            return [tick if tick in kept else replace(tick, text="") for tick in ticks]
    return list(ticks)


def _free(one: Tick, other: Tick) -> bool:
    half = (fitting.width(one.text, TYPE) + fitting.width(other.text, TYPE)) / 2
    return abs(other.at - one.at) >= half + _APART


def _kind(values: Sequence[Any]) -> str:
    words = [one for one in values if isinstance(one, str)]
    if not words:
        return LINEAR
    return DATE if len(words) == len(values) and all(map(_is_day, words)) else CATEGORY


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _next(steps: Sequence[int], wanted: float) -> int:
    return next((one for one in steps if one >= wanted), steps[-1])


def _round_values(low: float, high: float, step: float) -> Iterable[float]:
    first, last = sorted((low, high))
    # multiples, not sums: 0.1 three times is not 0.3
    return (
        round(one * step, 12)
        for one in range(math.ceil(first / step - 1e-9), math.floor(last / step + 1e-9) + 1)
    )

"""Signal or noise: control charts for counts and rates, with the rules of NHS England's Making Data Count.

XmR after Shewhart and Wheeler, p- and u-charts for rates with unequal denominators (Montgomery, Introduction
to Statistical Quality Control, chapter 7), p′-charts for large ones (Laney), the moves of stocks and trailing
measures. Values may hold NaN where nothing was due: such a point is on no chart and breaks every run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

MOVING_RANGE = 1.128  # d2 of two neighbours: mean moving range ÷ standard deviation
WIDTH = 3.0  # limits in standard deviations
RUN = 7  # points on one side of the centre
TREND = 6  # steps the same way, one after the other
FEWEST = 8  # points a chart needs before it may call anything a signal


class Signal(StrEnum):
    """A special cause."""

    OUTSIDE = "outside"  # beyond three standard deviations
    SHIFT = "shift"  # seven or more on one side of the centre
    TREND = "trend"  # six or more rising or falling
    NEAR_LIMIT = "near_limit"  # two of three beyond two standard deviations on the same side


@dataclass(frozen=True)
class Chart:
    """A control chart: limits and signals are as long as `values`; NaN limits where nothing was due."""

    values: tuple[float, ...]
    centre: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    signals: tuple[frozenset[Signal], ...]

    @property
    def last(self) -> frozenset[Signal]:
        """The signals of the last point."""
        return self.signals[-1] if self.signals else frozenset()


def xmr(values: Sequence[float]) -> Chart:
    """Individuals chart: centre = mean, standard deviation = mean moving range ÷ 1.128."""
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 2:
        return _silent(values)
    centre = sum(known) / len(known)
    ranges = [abs(later - earlier) for earlier, later in pairwise(known)]
    sigma = sum(ranges) / len(ranges) / MOVING_RANGE
    return _chart(values, centre, [sigma] * len(values), -math.inf, math.inf)


def p_chart(parts: Sequence[float], wholes: Sequence[float]) -> Chart:
    """Chart of shares `parts` ÷ `wholes`: centre = pooled share, binomial limits, within 0 and 1."""
    return _rates(parts, wholes, lambda centre, whole: math.sqrt(centre * (1 - centre) / whole), 1.0)


def p_prime_chart(parts: Sequence[float], wholes: Sequence[float]) -> Chart:
    """The p-chart of large denominators: its limits widened by how much more than chance the shares move.

    Laney, Improved control charts for attributes (Quality Engineering 14, 2002): the z-scores of the
    p-chart are put on an individuals chart, whose standard deviation scales the limits. With equal
    denominators these are the limits of `xmr`.
    """
    plain = p_chart(parts, wholes)
    sigmas = [
        math.sqrt(plain.centre * (1 - plain.centre) / whole) if whole > 0 else math.nan for whole in wholes
    ]
    scores = [
        (value - plain.centre) / sigma
        for value, sigma in zip(plain.values, sigmas, strict=True)
        if sigma > 0 and not math.isnan(value)
    ]
    if len(scores) < 2:
        return plain
    ranges = [abs(later - earlier) for earlier, later in pairwise(scores)]
    moved = sum(ranges) / len(ranges) / MOVING_RANGE
    return _chart(plain.values, plain.centre, [sigma * moved for sigma in sigmas], 0.0, 1.0)


def u_chart(counts: Sequence[float], exposures: Sequence[float]) -> Chart:
    """Chart of counts per exposure (residents, days): centre = pooled rate, Poisson limits, not below 0."""
    return _rates(counts, exposures, lambda centre, exposure: math.sqrt(centre / exposure), math.inf)


def level_chart(values: Sequence[float]) -> Chart:
    """Chart of a stock or a trailing measure, whose points hang on each other: its moves are judged.

    Montgomery, chapter 10.4: autocorrelated data are charted by what is left once the last value is known,
    for a level that stays where it was its first difference. A point is outside when its move from the point
    before is on the individuals chart of all moves; six moves the same way are a trend, as their signs are
    independent. The level itself has neither limits nor a side to be on.
    """
    moves = xmr([later - earlier for earlier, later in pairwise(values)])
    found: list[set[Signal]] = [set() for _ in values]
    for at, move in enumerate(moves.signals, start=1):
        found[at] |= move & {Signal.OUTSIDE}
    if sum(not math.isnan(value) for value in values) >= FEWEST:
        _mark(found, [0, *(_sign(move) for move in moves.values)], TREND, Signal.TREND)
    nothing = (math.nan,) * len(values)
    return Chart(tuple(values), math.nan, nothing, nothing, tuple(frozenset(one) for one in found))


def _rates(
    parts: Sequence[float], wholes: Sequence[float], spread: Callable[[float, float], float], most: float
) -> Chart:
    values = [part / whole if whole > 0 else math.nan for part, whole in zip(parts, wholes, strict=True)]
    due = [(part, whole) for part, whole in zip(parts, wholes, strict=True) if whole > 0]
    if not due:
        return _silent(values)
    centre = sum(part for part, _ in due) / sum(whole for _, whole in due)
    sigmas = [spread(centre, whole) if whole > 0 else math.nan for whole in wholes]
    return _chart(values, centre, sigmas, 0.0, most)


def _silent(values: Sequence[float]) -> Chart:
    nothing = (math.nan,) * len(values)
    return Chart(tuple(values), math.nan, nothing, nothing, (frozenset(),) * len(values))


def _chart(
    values: Sequence[float], centre: float, sigmas: Sequence[float], least: float, most: float
) -> Chart:
    # sigma first: max and min give the other argument when theirs is NaN
    lower = tuple(sigma if math.isnan(sigma) else max(least, centre - WIDTH * sigma) for sigma in sigmas)
    upper = tuple(sigma if math.isnan(sigma) else min(most, centre + WIDTH * sigma) for sigma in sigmas)
    return Chart(tuple(values), centre, lower, upper, signals(values, centre, sigmas))


def signals(values: Sequence[float], centre: float, sigmas: Sequence[float]) -> tuple[frozenset[Signal], ...]:
    """The special causes at each point; none while fewer than eight points are known."""
    found: list[set[Signal]] = [set() for _ in values]
    if sum(not math.isnan(value) for value in values) < FEWEST:
        return tuple(frozenset(one) for one in found)
    away = [
        (value - centre) / sigma if sigma > 0 else _far(value - centre)
        for value, sigma in zip(values, sigmas, strict=True)
    ]
    for at, distance in enumerate(away):
        if abs(distance) > WIDTH:
            found[at].add(Signal.OUTSIDE)
    _mark(found, [_sign(distance) for distance in away], RUN, Signal.SHIFT)
    steps = [_sign(later - earlier) for earlier, later in pairwise(values)]
    _mark(found, [0, *steps], TREND, Signal.TREND)
    for at in range(2, len(away)):
        last = away[at - 2 : at + 1]
        for side in (1, -1):
            near = [place for place, distance in enumerate(last) if distance * side > 2]
            if len(near) >= 2:
                for place in near:
                    found[at - 2 + place].add(Signal.NEAR_LIMIT)
    return tuple(frozenset(one) for one in found)


def _mark(found: list[set[Signal]], signs: Sequence[int], least: int, signal: Signal) -> None:
    """Marks every point of each run of at least `least` equal signs other than 0."""
    start = 0
    for at in range(1, len(signs) + 1):
        if at == len(signs) or signs[at] != signs[start]:
            if signs[start] and at - start >= least:
                for point in range(start, at):
                    found[point].add(signal)
            start = at


def _sign(distance: float) -> int:
    return 0 if math.isnan(distance) else (distance > 0) - (distance < 0)


def _far(distance: float) -> float:
    """On a chart without spread any difference is beyond the limits."""
    return distance if not distance or math.isnan(distance) else math.copysign(math.inf, distance)

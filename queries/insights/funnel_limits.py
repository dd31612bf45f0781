"""Funnel plots: the limits around a pooled rate within which members of unequal size differ by chance alone.

After Spiegelhalter, Funnel plots for comparing institutional performance (Statistics in Medicine 24, 2005,
1185–1202): exact binomial limits for shares and Poisson limits for rates, interpolated as in its appendix
A.1, at two and three standard deviations. The upper limits are those of the count mirrored: outside is what
chance reaches *or passes* with less than the limit's probability, on both sides. Without the mirror 100 %
would always lie above its upper limit, and more than promised would fall outside (Manktelow and Seaton,
PLoS ONE 7, 2012, e45723).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

# Chance of falling beyond one side's limit: the normal distribution's beyond two and three deviations.
TWO_SIGMA, THREE_SIGMA = 0.02275, 0.00135
_REACH = 12  # standard deviations beyond which no probability is left to add up


class Law(StrEnum):
    """How the numerator varies by chance: a part of its denominator, or events over an exposure."""

    BINOMIAL = "binomial"
    POISSON = "poisson"


class Verdict(StrEnum):
    """Where a member stands against the limits."""

    INSIDE = "inside"
    ABOVE_2 = "above_2"
    BELOW_2 = "below_2"
    ABOVE_3 = "above_3"
    BELOW_3 = "below_3"

    @property
    def is_outlier(self) -> bool:
        """Whether it lies beyond the limits of three standard deviations."""
        return self in (Verdict.ABOVE_3, Verdict.BELOW_3)


@dataclass(frozen=True)
class Limits:
    """The limits of the rate at one size (denominator), at two and three standard deviations."""

    size: float
    low_3: float
    low_2: float
    high_2: float
    high_3: float

    def verdict(self, value: float) -> Verdict:
        """Where `value` stands; on a limit is inside it."""
        if value > self.high_3:
            return Verdict.ABOVE_3
        if value < self.low_3:
            return Verdict.BELOW_3
        if value > self.high_2:
            return Verdict.ABOVE_2
        return Verdict.BELOW_2 if value < self.low_2 else Verdict.INSIDE


def limits(centre: float, size: float, law: Law) -> Limits:
    """The limits of the rate at `size` (denominator) around the pooled rate `centre`.

    The size of a share is a whole number of cases. Raises ValueError for a size that is not above 0, a
    negative centre, or a share above 1.
    """
    if not size > 0 or not centre >= 0 or (law is Law.BINOMIAL and centre > 1):
        raise ValueError(f"no {law} limits around {centre} at a size of {size}")
    first, chances = _distribution(centre, size, law)
    last = first + len(chances) - 1
    low_3, low_2 = (max(0.0, first + _below(chances, p)) for p in (THREE_SIGMA, TWO_SIGMA))
    high_3, high_2 = (last - _below(chances[::-1], p) for p in (THREE_SIGMA, TWO_SIGMA))
    most = size if law is Law.BINOMIAL else math.inf
    return Limits(size, low_3 / size, low_2 / size, min(most, high_2) / size, min(most, high_3) / size)


def curve(centre: float, largest: float, law: Law, points: int = 60) -> tuple[Limits, ...]:
    """The limits at sizes up to `largest`, closer together where the funnel is narrowing fastest."""
    sizes = largest * (np.arange(1, points + 1) / points) ** 2
    if law is Law.BINOMIAL:
        sizes = np.unique(np.ceil(sizes))
    return tuple(limits(centre, float(size), law) for size in sizes)


def dispersion(values: Sequence[float], sizes: Sequence[float], centre: float, law: Law) -> float:
    """Mean squared z-score: 1 when chance alone parts the members, more when something else does.

    Spiegelhalter's overdispersion factor (his section 4), winsorised at 10 %. NaN without members or without
    any variance.
    """
    spread = centre * (1 - centre) if law is Law.BINOMIAL else centre
    known = [(v, n) for v, n in zip(values, sizes, strict=True) if not math.isnan(v) and n > 0]
    if not known or not spread > 0:
        return math.nan
    scores = np.array([(value - centre) / math.sqrt(spread / size) for value, size in known])
    low, high = np.quantile(scores, [0.1, 0.9])
    return float(np.mean(np.clip(scores, low, high) ** 2))


def _distribution(centre: float, size: float, law: Law) -> tuple[int, np.ndarray]:
    """The smallest count worth looking at and P(R = r) from there on, by the ratio of neighbouring terms."""
    mean = centre * size
    if mean == 0 or (law is Law.BINOMIAL and centre == 1):
        return round(mean), np.ones(1)
    deviation = math.sqrt(mean * (1 - centre) if law is Law.BINOMIAL else mean)
    most = math.floor(size) if law is Law.BINOMIAL else math.inf
    first = max(0, math.floor(mean - _REACH * deviation) - _REACH)
    last = int(min(most, math.ceil(mean + _REACH * deviation) + _REACH))
    before = np.arange(first, last)
    if law is Law.BINOMIAL:
        steps = np.log((most - before) / (before + 1.0)) + math.log(centre) - math.log1p(-centre)
    else:
        steps = math.log(mean) - np.log(before + 1.0)
    logged = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logged - logged.max())
    return first, weights / weights.sum()


def _below(chances: np.ndarray, p: float) -> float:
    """r − α, counted from the first: r is the smallest with P(R ≤ r) > p, α = (P(R ≤ r) − p) ÷ P(R = r)."""
    cumulated = np.cumsum(chances)
    at = min(int(np.searchsorted(cumulated, p, side="right")), len(chances) - 1)
    return at - float((cumulated[at] - p) / chances[at])

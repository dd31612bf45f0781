"""Which units stand out from a common rate although they differ in size: funnel limits, exact binomial.

D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24 (2005),
1185–1202: limits at three standard deviations of the pooled rate. The tails are those of the binomial
distribution and not of its normal approximation, which would call one late item of three a signal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.stats import binom, norm

TAIL = float(norm.sf(3.0))  # one side of three standard deviations: 0.00135


class Side(StrEnum):
    """Where a unit stands."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    UNKNOWN = "unknown"  # nothing was due


@dataclass(frozen=True)
class Outliers:
    """The pooled rate (NaN where nothing was due) and the side of each unit, in the order given."""

    centre: float
    sides: tuple[Side, ...]


def outliers(parts: Sequence[float], wholes: Sequence[float]) -> Outliers:
    """Compares the rates `parts` ÷ `wholes` with the rate of all together; NaN stands for not recorded.

    A unit is below (above) when so few (many) would come about less than once in 740 times at the pooled
    rate. Raises ValueError when the two differ in length.
    """
    pairs = list(zip(parts, wholes, strict=True))
    due = [(part, whole) for part, whole in pairs if not math.isnan(part) and whole > 0]
    if not due:
        return Outliers(math.nan, (Side.UNKNOWN,) * len(pairs))
    centre = sum(part for part, _ in due) / sum(whole for _, whole in due)
    known = [part for part, _ in due], [whole for _, whole in due]
    fewer = iter(binom.cdf(*known, centre))
    more = iter(binom.sf([part - 1 for part in known[0]], known[1], centre))
    sides = [
        _side(float(next(fewer)), float(next(more))) if not math.isnan(part) and whole > 0 else Side.UNKNOWN
        for part, whole in pairs
    ]
    return Outliers(centre, tuple(sides))


def _side(fewer: float, more: float) -> Side:
    if fewer < TAIL:
        return Side.BELOW
    return Side.ABOVE if more < TAIL else Side.WITHIN

"""Rank intervals of rates: how far a rank could move by chance alone, simulated with a fixed seed.

After Goldstein and Spiegelhalter, League tables and their limitations (Journal of the Royal Statistical
Society A 159, 1996, 385–443): every member's rate is drawn from what its own numerator and denominator leave
possible (Jeffreys' prior: Beta for shares, Gamma for rates), the draws are ranked, and the interval holds the
middle share `coverage` of the ranks.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from queries.insights.funnel_limits import Law
from queries.insights.index import RankInterval
from queries.insights.ranking import intervals
from queries.vocabulary import Direction

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Draws:
    """How many draws, from which seed, and which middle share of the ranks the interval holds."""

    number: int
    seed: int
    coverage: float


@dataclass(frozen=True)
class Rate:
    """A member's rate as it is ranked (`value`), with the numerator and denominator it rests on."""

    value: float
    part: float
    whole: float


def rate_intervals(
    rates: Mapping[Key, Rate], direction: Direction, law: Law, draws: Draws
) -> dict[Key, RankInterval]:
    """Rank and interval of each member of one peer group; all rates must be known, wholes above 0.

    Where the ranked value is not part ÷ whole (a standardised rate) the draws are shifted to it.
    """
    members = list(rates)
    rng = np.random.default_rng(draws.seed)
    sign = 1.0 if direction is Direction.UP else -1.0
    drawn = np.column_stack([_drawn(rates[one], law, draws.number, rng) for one in members])
    found = intervals(sign * drawn, [sign * rates[one].value for one in members], draws.coverage)
    return {one: RankInterval(*ranks) for one, ranks in zip(members, found, strict=True)}


def _drawn(rate: Rate, law: Law, number: int, rng: np.random.Generator) -> np.ndarray:
    if law is Law.BINOMIAL:
        drawn = rng.beta(rate.part + 0.5, rate.whole - rate.part + 0.5, number)
    else:
        drawn = rng.gamma(rate.part + 0.5, 1 / rate.whole, number)
    crude = rate.part / rate.whole
    return drawn + (rate.value - crude)

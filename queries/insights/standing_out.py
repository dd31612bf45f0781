"""Which places have conspicuously much of one kind: their share of it against that of all places together.

The deviates of a funnel plot (Spiegelhalter, Funnel plots for comparing institutional performance, Statistics
in Medicine 24, 2005), their spread scaled by the overdispersion factor of its section 4: places differ for
many reasons, and only those beyond what parts all of them anyway stand out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from queries.insights.funnel_limits import Law, dispersion

DEVIATIONS = 3.0
LEAST_ITEMS = 5  # of the kind: fewer stand out by chance too easily to be named
LEAST_PLACES = 8  # fewer do not say how far places differ anyway


def standing_out(parts: Sequence[float], wholes: Sequence[float]) -> tuple[bool, ...]:
    """For each place whether its `parts` ÷ `wholes` lies more than DEVIATIONS above the pooled share.

    NaN and places without items stand out from nothing.
    """
    known = [(part, whole) for part, whole in zip(parts, wholes, strict=True) if whole > 0 and part >= 0]
    whole_of_all = sum(whole for _, whole in known)
    centre = sum(part for part, _ in known) / whole_of_all if whole_of_all else 0.0
    if len(known) < LEAST_PLACES or not 0 < centre < 1:
        return (False,) * len(parts)
    spread = dispersion(
        [part / whole for part, whole in known], [whole for _, whole in known], centre, Law.BINOMIAL
    )
    limit = DEVIATIONS * math.sqrt(max(1.0, spread) * centre * (1 - centre))
    return tuple(
        part >= LEAST_ITEMS and whole > 0 and (part / whole - centre) * math.sqrt(whole) > limit
        for part, whole in zip(parts, wholes, strict=True)
    )

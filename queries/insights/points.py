"""The point rule of published assessments: full points from a threshold on, some off per point below it."""

from __future__ import annotations

from decimal import Decimal


def points(
    rate: Decimal | None, *, full: Decimal, full_at: Decimal, per_point: Decimal, floor: Decimal
) -> Decimal | None:
    """Points for `rate` (per cent, as printed): `full` at `full_at` and above, never less than `floor`.

    Each percentage point below `full_at` costs `per_point`; nothing is rounded here. None stays None: where
    nothing was due, nothing is scored. Raises ValueError when `floor` lies above `full`. Source: the rule
    inferred from Lianyungang's published scores (按时办结率: 20 points, full at 95 %, 1 a point, floor 0).
    """
    if floor > full:
        raise ValueError(f"the floor of {floor} points lies above the full {full}; lower it")
    if rate is None:
        return None
    below = max(Decimal(0), full_at - rate)
    return max(floor, full - per_point * below)

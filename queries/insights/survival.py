"""Time to return 回访间隔 as a survival curve (Kaplan & Meier 1958), from counts rather than single cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    """Survival step by step: `staying[i]` is the share that has not come back by the end of day `days[i]`."""

    days: tuple[int, ...]
    staying: tuple[float, ...]

    def returned_by(self, day: int) -> float:
        """Estimated share that has come back by the end of `day` (0 to 1)."""
        staying = 1.0
        for at, share in zip(self.days, self.staying, strict=True):
            if at > day:
                break
            staying = share
        return 1.0 - staying


def kaplan_meier(days: Sequence[int], came_back: Sequence[int], rows: Sequence[int]) -> Curve:
    """The product-limit estimate from groups of `rows` cases seen for `days` days.

    `came_back[i]` is 1 where the group's cases came back on that day and 0 where observation ended there
    (censored). A case censored on a day was still at risk on that day.
    """
    back: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for day, came, number in zip(days, came_back, rows, strict=True):
        (back if came else ended)[int(day)] += int(number)
    at_risk = sum(back.values()) + sum(ended.values())
    staying, steps, shares = 1.0, [], []
    for day in sorted(back.keys() | ended.keys()):
        if back[day]:
            staying *= 1 - back[day] / at_risk
            steps.append(day)
            shares.append(staying)
        at_risk -= back[day] + ended[day]
    return Curve(tuple(steps), tuple(shares))

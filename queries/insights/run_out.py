"""When a list runs out: the day on which a stock reaches zero at its recent weekly speed, with an interval.

The stock after h weeks is a random walk with drift: S(h) = S − h·m ± t·s·√(h + h²/n), where m and s are mean
and standard deviation of the n last weekly outflows and t is Student's quantile of n − 1 degrees of freedom:
the prediction interval of the drift method (Hyndman and Athanasopoulos, Forecasting: Principles and Practice,
3rd ed., §5.5, σ√(h(1 + h/n)) with n differences). The earliest and the latest day of zero are where its lower
and its upper edge meet zero. It is assumed that nothing is added to the list, that the speed stays what it
was, and that weeks are independent of each other. A speed that slows down towards the hardest items makes the
true day later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import t as student

FEWEST_WEEKS = 4


@dataclass(frozen=True)
class RunOut:
    """Weeks until zero: as expected, at the earliest and at the latest (None: not bounded).

    `speed` and `spread` are mean and standard deviation of the weekly outflow over `weeks` weeks.
    """

    stock: float
    speed: float
    spread: float
    weeks: int
    quantile: float
    expected: float
    earliest: float
    latest: float | None

    def after(self, weeks: float) -> tuple[float, float, float]:
        """Stock after `weeks` weeks as expected, low and high; never below zero."""
        middle = self.stock - weeks * self.speed
        reach = self.quantile * self.spread * math.sqrt(weeks + weeks**2 / self.weeks)
        return max(0.0, middle), max(0.0, middle - reach), max(0.0, middle + reach)


def run_out(stock: float, outflows: Sequence[float], confidence: float = 0.95) -> RunOut | None:
    """The forecast for `stock` items from the last weekly `outflows`, or None where none can be made.

    None: nothing is left, fewer than FEWEST_WEEKS weeks are known, or nothing flows out.
    """
    n = len(outflows)
    if n < FEWEST_WEEKS or stock <= 0:
        return None
    speed = math.fsum(outflows) / n
    if speed <= 0:
        return None
    spread = math.sqrt(math.fsum((one - speed) ** 2 for one in outflows) / (n - 1))
    quantile = float(student.ppf((1 + confidence) / 2, n - 1))
    # (S − h·m)² = (t·s)²·(h + h²/n), a quadratic in h: its roots are the earliest and the latest week
    reach = (quantile * spread) ** 2
    a, b = speed**2 - reach / n, 2 * stock * speed + reach
    root = math.sqrt(max(0.0, b**2 - 4 * a * stock**2))
    # 2S² ÷ (b + √…) is the smaller root without the cancellation that a near zero would bring
    return RunOut(
        stock=stock,
        speed=speed,
        spread=spread,
        weeks=n,
        quantile=quantile,
        expected=stock / speed,
        earliest=2 * stock**2 / (b + root),
        latest=(b + root) / (2 * a) if a > 0 else None,
    )

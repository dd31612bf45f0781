"""Emerging hot spots: how the weeks of a cell, hot or not, read together, and whether its score has a trend.

The patterns are those of Esri's Emerging Hot Spot Analysis (ArcGIS Pro, Space Time Pattern Mining, How
Emerging Hot Spot Analysis works), on weekly Gi* without a neighbourhood in time, so that weeks do not
overlap. Trend by Mann, Nonparametric tests against trend (Econometrica 13, 1945, 245–259) and Kendall, Rank
correlation methods (1975), with the correction for ties and for continuity.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from queries.insights.hot_spots import Floats

Flags = NDArray[np.bool_]


class Pattern(IntEnum):
    """What a cell's weeks say; the larger, the sooner one should look."""

    NONE = 0
    HISTORICAL = 1  # not hot now, but in nearly all weeks
    DIMINISHING = 2  # hot in nearly all weeks and now, ever less
    OSCILLATING = 3  # hot now, a cold spot before
    SPORADIC = 4  # hot now, on and off before
    PERSISTENT = 5  # hot in nearly all weeks, without trend
    INTENSIFYING = 6  # hot in nearly all weeks and now, ever more
    CONSECUTIVE = 7  # hot in the last weeks in a row, never before
    NEW = 8  # hot in the last week for the first time


@dataclass(frozen=True, eq=False)
class Trends:
    """Kendall's S of each row, its variance, and Z (standard normal, 0 where S is 0 or all values tie)."""

    s: NDArray[np.int64]
    variance: Floats
    z: Floats


def mann_kendall(series: Floats) -> Trends:
    """The trend of each row of `series` (cells × weeks, oldest first)."""
    number = series.shape[1]
    s = np.zeros(len(series), dtype=np.int64)
    equal = np.ones(series.shape)
    for week in range(number - 1):
        later = np.sign(series[:, week + 1 :] - series[:, [week]])
        s += later.sum(axis=1).astype(np.int64)
        ties = later == 0
        equal[:, week] += ties.sum(axis=1)
        equal[:, week + 1 :] += ties
    # Σ t(t−1)(2t+5) over groups of t equal values is Σ (t−1)(2t+5) over the values themselves
    tied = ((equal - 1) * (2 * equal + 5)).sum(axis=1)
    variance = (number * (number - 1) * (2 * number + 5) - tied) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(len(series)), where=variance > 0)
    return Trends(s, variance, z)


def patterns(
    hot: Flags, cold: Flags, scores: Floats, hot_share: float, trend_significance: float
) -> NDArray[np.int8]:
    """The Pattern of each cell from its weeks: significant `hot` and `cold` ones and its Gi* (cells × weeks).

    `hot_share` of the weeks (0.9) is nearly all of them; a trend counts below `trend_significance`.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - a third of a second that only this page needs

    weeks = hot.shape[1]
    now, often = hot[:, -1], hot.sum(axis=1) >= hot_share * weeks
    trend = mann_kendall(scores).z
    beyond = -ndtri(trend_significance / 2)
    rises, falls = trend > beyond, trend < -beyond
    # the weeks from the last one back that are hot without a break
    run = np.where(hot.all(axis=1), weeks, np.argmin(hot[:, ::-1], axis=1))
    never_before = hot.sum(axis=1) == run
    # np.select takes the first that holds
    found = [
        (often & ~now, Pattern.HISTORICAL),
        (often & rises, Pattern.INTENSIFYING),
        (often & falls, Pattern.DIMINISHING),
        (often, Pattern.PERSISTENT),
        (now & never_before & (run == 1), Pattern.NEW),
        (now & never_before, Pattern.CONSECUTIVE),
        (now & cold.any(axis=1), Pattern.OSCILLATING),
        (now, Pattern.SPORADIC),
    ]
    return np.select(
        [where for where, _ in found], [int(one) for _, one in found], default=int(Pattern.NONE)
    ).astype(np.int8)

"""Hot and cold spots: Getis–Ord Gi* on H3 cells, its false discoveries controlled over the whole map.

Gi* after Getis and Ord, The analysis of spatial association by use of distance statistics (Geographical
Analysis 24, 1992, 189–206), in the standardised form of Ord and Getis, Local spatial autocorrelation
statistics (Geographical Analysis 27, 1995, 286–306), with the cell itself among its neighbours and weights
of one. That every cell is a test of its own is met by the false-discovery rate of Benjamini and Hochberg
(Journal of the Royal Statistical Society B 57, 1995, 289–300), as Caldas de Castro and Singer propose for
local statistics of association (Geographical Analysis 38, 2006, 180–208).

What is fed in decides what is found: `intensity` finds where items concentrate, `excess` where there are more
than each cell's own expectation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]


class Spot(IntEnum):
    """How sure it is that a cell is a hot (positive) or a cold spot: a false-discovery rate of 10, 5, 1 %."""

    COLD_99 = -3
    COLD_95 = -2
    COLD_90 = -1
    NONE = 0
    HOT_90 = 1
    HOT_95 = 2
    HOT_99 = 3


LEVELS = {1: 0.10, 2: 0.05, 3: 0.01}  # of Spot, without its sign: the false-discovery rate at most


@dataclass(frozen=True)
class HotSpotPolicy:
    """What of the method is a choice (queries/policy/hot_spots.toml).

    `rings` of cells are neighbours; a cell's normal is its share of the `reference_weeks` before; fewer than
    `least_reference_weeks` are none. `significance` is the rate of false discoveries at which a week counts
    as hot, `hot_share` of the weeks make a cell lastingly hot, `trend_significance` is that of its trend.
    Counts under `least_shown` are not told by cell. `shuffles` from `seed` measure the error of a map.
    """

    rings: int
    reference_weeks: int
    least_reference_weeks: int
    significance: float
    hot_share: float
    trend_significance: float
    least_shown: int
    shuffles: int
    seed: int


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells in the order of their number and who neighbours whom, each cell its own neighbour.

    The neighbours of cell i are `neighbours[starts[i]:starts[i + 1]]`, places in `cells`.
    """

    cells: Cells
    neighbours: NDArray[np.intp]
    starts: NDArray[np.intp]

    @property
    def degrees(self) -> Floats:
        """How many neighbours each cell has, itself included."""
        return np.diff(self.starts, append=len(self.neighbours)).astype(float)


@dataclass(frozen=True)
class ErrorRates:
    """Share of cells called a spot on maps without any: by each cell's own test, and after the control."""

    single: float
    controlled: float


def grid(cells: Sequence[int] | Cells, rings: int) -> Grid:
    """The cells (H3 numbers of one resolution) and their neighbours up to `rings` cells away.

    Neighbours are cells of the list alone: what lies outside is not known to be zero.
    """
    known = np.unique(np.asarray(cells, dtype=np.int64))
    near = [h3.grid_disk(int(cell), rings).astype(np.int64) for cell in known]
    sizes = np.array([len(one) for one in near], dtype=np.intp)
    flat = np.concatenate(near) if near else np.empty(0, dtype=np.int64)
    place = np.minimum(np.searchsorted(known, flat), max(0, len(known) - 1))
    found = known[place] == flat if len(known) else np.zeros(0, dtype=bool)
    owner = np.repeat(np.arange(len(known)), sizes)[found]
    starts = np.searchsorted(owner, np.arange(len(known)))
    return Grid(known, place[found], starts)


def gi_star(values: Floats, on: Grid) -> Floats:
    """Gi* as a standard normal score of each cell; `values` is (cells,) or (cells, weeks), each week apart.

    Zero where all values are equal or every cell is a neighbour: nothing stands out then. The score does not
    change when all values are moved or stretched alike.
    """
    columns = np.asarray(values, dtype=float).reshape(len(on.cells), -1)
    number, degrees = len(on.cells), on.degrees[:, None]
    if number < 2:
        return np.zeros(np.shape(values))
    sums: Floats = np.add.reduceat(columns[on.neighbours], on.starts, axis=0)
    spread = columns.std(axis=0) * np.sqrt(degrees * (number - degrees) / (number - 1))
    score: Floats = np.divide(
        sums - degrees * columns.mean(axis=0), spread, out=np.zeros_like(sums), where=spread > 1e-12
    )
    return score.reshape(np.shape(values))


def discovery_rates(scores: Floats) -> Floats:
    """The smallest false-discovery rate at which each score is found: two-sided, Benjamini and Hochberg.

    Weeks (columns) are controlled apart.
    """
    from scipy.special import erfc  # noqa: PLC0415 - a third of a second that only this page needs

    columns = np.asarray(scores, dtype=float).reshape(len(scores), -1)
    chances = erfc(np.abs(columns) / math.sqrt(2))
    order = np.argsort(chances, axis=0, kind="stable")
    number = len(columns)
    sorted_ = np.take_along_axis(chances, order, axis=0) * number / np.arange(1, number + 1)[:, None]
    sorted_ = np.minimum.accumulate(sorted_[::-1], axis=0)[::-1]
    rates = np.empty_like(sorted_)
    np.put_along_axis(rates, order, np.minimum(sorted_, 1.0), axis=0)
    return rates.reshape(np.shape(scores))


def spots(scores: Floats) -> NDArray[np.int8]:
    """The Spot of each score, weeks (columns) apart."""
    rates = discovery_rates(scores)
    sure = np.zeros(np.shape(scores), dtype=np.int8)
    for level, rate in LEVELS.items():
        sure[rates <= rate] = level
    return (sure * np.sign(scores)).astype(np.int8)


def patches(found: NDArray[np.bool_], strength: Floats, on: Grid) -> NDArray[np.int64]:
    """Which patch of neighbouring `found` cells each belongs to: 1 holds the strongest cell, 0 is none."""
    outside = len(on.cells)
    labels = np.where(found, np.arange(outside), outside)
    while len(labels):
        nearby = np.minimum.reduceat(labels[on.neighbours], on.starts)
        spread = np.where(found, nearby, outside)
        if (spread == labels).all():
            break
        labels = spread
    order = labels[np.argsort(np.where(found, -strength, np.inf), kind="stable")][: int(found.sum())]
    number = {int(label): place for place, label in enumerate(dict.fromkeys(order.tolist()), start=1)}
    return np.array([number.get(int(label), 0) for label in labels], dtype=np.int64)


def intensity(counts: Floats) -> Floats:
    """Counts on a scale on which the densest cells do not outshout all others: ln(1 + n).

    The counts of places are skewed, and the normal law of Gi* holds the worse the more skewed they are: on
    shuffled maps raw counts give ten times as many false spots (see `error_rates`).
    """
    return np.log1p(counts)


def excess(counts: Floats, expected: Floats) -> Floats:
    """How far counts lie above (+) or below (−) what was expected of each, in about standard deviations.

    The deviate of Freeman and Tukey, Transformations related to the angular and the square root (Annals of
    Mathematical Statistics 21, 1950, 607–611): √n + √(n + 1) − √(4e + 1), which has a value where nothing
    was expected too.
    """
    deviates: Floats = np.sqrt(counts) + np.sqrt(counts + 1) - np.sqrt(4 * expected + 1)
    return deviates


def expectation(counts: Floats, reference: Floats) -> Floats:
    """What each cell would have if the items of each week (column) fell as those of the `reference` did.

    So season and growth of the whole city are in the expectation, only the shift between places is not.
    """
    total = reference.sum()
    share = reference / total if total else np.zeros_like(reference)
    expected: Floats = share.reshape(-1, *[1] * (np.ndim(counts) - 1)) * counts.sum(axis=0)
    return expected


def error_rates(values: Floats, on: Grid, policy: HotSpotPolicy) -> ErrorRates:
    """What the method finds where there is nothing to find: on maps with the values dealt out at random."""
    draw = np.random.default_rng(policy.seed)
    dealt = draw.permuted(np.repeat(values[:, None], policy.shuffles, axis=1), axis=0)
    scores = gi_star(dealt, on)
    single = np.abs(scores) > _two_sided(policy.significance)
    return ErrorRates(float(single.mean()), float((discovery_rates(scores) <= policy.significance).mean()))


@cache
def _two_sided(significance: float) -> float:
    from scipy.special import ndtri  # noqa: PLC0415 - a third of a second that only this page needs

    return float(-ndtri(significance / 2))

"""Asks how items fall on the cells of the map, by week and against their normal, for the pure insights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from queries.execute import Warehouse
from queries.insights.emerging import patterns
from queries.insights.hot_spots import (
    ErrorRates,
    Floats,
    Grid,
    HotSpotPolicy,
    Spot,
    error_rates,
    excess,
    expectation,
    gi_star,
    grid,
    intensity,
    patches,
    spots,
)
from queries.metrics import metric
from queries.question import Filter, Question
from queries.scope import Scope
from queries.vocabulary import Grain, Period, bucket_start
from warehouse.schema import NOT_STATED

VOLUME = metric("cases_registered").key
_WEEK = timedelta(weeks=1)
# Spot.HOT_95 and hotter: LEVELS gives its false-discovery rate
_HOT = int(Spot.HOT_95)


class Basis(StrEnum):
    """What makes a cell stand out: many items, or more than its own normal."""

    COUNT = "count"
    NORMAL = "normal"


@dataclass(frozen=True, eq=False)
class CellMap:
    """The cells of a place in a period of whole weeks; arrays are in the order of `grid.cells`.

    `counts` is (cells, weeks). `expected` is what the whole period would be by each cell's normal, None where
    too few weeks before it are known. `streets` and `districts` are the keys of the region that most items
    of a cell name. `unlocated` items have no coordinates: they are in no cell. The scores, `spots` of the
    period and of each week, and `patterns` speak of `basis`.
    """

    period: Period
    weeks: tuple[date, ...]
    basis: Basis
    reference_weeks: int
    grid: Grid
    counts: NDArray[np.int64]
    expected: Floats | None
    streets: NDArray[np.int64]
    districts: NDArray[np.int64]
    unlocated: int
    scores: Floats
    spots: NDArray[np.int8]
    weekly_spots: NDArray[np.int8]
    patterns: NDArray[np.int8]
    errors: ErrorRates

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        """Items of each cell in the period."""
        found: NDArray[np.int64] = self.counts.sum(axis=1)
        return found

    @cached_property
    def patches(self) -> NDArray[np.int64]:
        """The patch of neighbouring hot cells that each belongs to, the strongest first; 0 for none."""
        return patches(self.spots >= _HOT, self.scores, self.grid)

    @cached_property
    def weeks_hot(self) -> NDArray[np.int64]:
        """In how many weeks each cell was a hot spot."""
        found: NDArray[np.int64] = (self.weekly_spots >= _HOT).sum(axis=1)
        return found


def whole_weeks(period: Period) -> bool:
    """Whether `period` begins on a Monday and ends on a Sunday."""
    return period.start.weekday() == 0 and period.end.weekday() == 6


def reference_period(period: Period, data_from: date, policy: HotSpotPolicy) -> Period | None:
    """The whole weeks before `period` that say what is normal; None where too few of them are known."""
    monday = bucket_start(data_from + timedelta(days=6), Grain.WEEK)
    start = max(monday, period.start - policy.reference_weeks * _WEEK)
    if period.start - start < policy.least_reference_weeks * _WEEK:
        return None
    return Period(start, period.start - timedelta(days=1))


def ask_cells(
    warehouse: Warehouse, question: Question, basis: Basis, policy: HotSpotPolicy
) -> CellMap | None:
    """The cells under the period, filters and scope of `question`; None where no item has coordinates.

    The study area is every cell with an item of any category in the period or its reference, so that a cell
    without an item of the chosen category counts as zero. Without a reference the basis is the count. A cell
    holds few items, so a reader sees the cells of those districts alone whose items they may list. Raises
    ValueError for a period that is not whole weeks.
    """
    if not warehouse.may_list(question):
        warehouse = warehouse.seen_by(Scope(warehouse.scope.listable))
        if not warehouse.may_list(question):
            return None
    if not whole_weeks(question.period):
        raise ValueError(f"cells are kept by whole weeks, got {question.period}; ask Monday to Sunday")
    period = question.period
    before = reference_period(period, warehouse.info.data_from, policy)
    split = replace(question, metrics=(VOLUME,), split=("cell", "district", "street"), compare=())
    rows = warehouse.sparse(replace(split, grain=Grain.WEEK))
    base = warehouse.ask(replace(split, period=before)).frame if before is not None else rows.iloc[:0]
    area: Sequence[pd.DataFrame] = (rows, base)
    if _places(question) != question.filters:
        reach = period if before is None else Period(before.start, period.end)
        area = (
            warehouse.ask(replace(split, period=reach, split=("cell",), filters=_places(question))).frame,
        )
    cells = np.concatenate([part["cell"].to_numpy(dtype=np.int64) for part in area])
    on = grid(cells[cells != NOT_STATED], policy.rings)
    if not len(on.cells):
        return None
    weeks = tuple(period.start + n * _WEEK for n in range(period.days // 7))
    counts = _by_cell_and_week(rows, on, weeks)
    reference = _by_cell(base, on)
    homes = pd.concat([rows, base])
    known = before is not None and bool(reference.any())
    kind = basis if known else Basis.COUNT
    values, weekly = _values(kind, counts, reference)
    scores, each_week = gi_star(values, on), gi_star(weekly, on)
    week_spots = spots(each_week)
    return CellMap(
        period=period,
        weeks=weeks,
        basis=kind,
        reference_weeks=before.days // 7 if before is not None else 0,
        grid=on,
        counts=counts,
        expected=expectation(counts.sum(axis=1).astype(float), reference) if known else None,
        streets=_home(homes, "street", on),
        districts=_home(homes, "district", on),
        unlocated=int(rows.loc[rows["cell"] == NOT_STATED, VOLUME].sum()),
        scores=scores,
        spots=spots(scores),
        weekly_spots=week_spots,
        patterns=patterns(
            week_spots >= _HOT, week_spots <= -_HOT, each_week, policy.hot_share, policy.trend_significance
        ),
        errors=error_rates(values, on, policy),
    )


def _places(question: Question) -> tuple[Filter, ...]:
    return tuple(one for one in question.filters if one.dimension in ("district", "street"))


def _values(basis: Basis, counts: NDArray[np.int64], reference: Floats) -> tuple[Floats, Floats]:
    """What Gi* is fed with for the period and for each week."""
    whole, weekly = counts.sum(axis=1).astype(float), counts.astype(float)
    if basis is Basis.COUNT:
        return intensity(whole), intensity(weekly)
    return excess(whole, expectation(whole, reference)), excess(weekly, expectation(weekly, reference))


def _by_cell_and_week(rows: pd.DataFrame, on: Grid, weeks: Sequence[date]) -> NDArray[np.int64]:
    located = rows[rows["cell"] != NOT_STATED]
    place = np.searchsorted(on.cells, located["cell"].to_numpy(dtype=np.int64))
    week = (pd.to_datetime(located["bucket"]) - pd.Timestamp(weeks[0])).dt.days.to_numpy() // 7
    counts = np.zeros((len(on.cells), len(weeks)), dtype=np.int64)
    np.add.at(counts, (place, week), located[VOLUME].to_numpy(dtype=np.int64))
    return counts


def _by_cell(base: pd.DataFrame, on: Grid) -> Floats:
    located = base[base["cell"] != NOT_STATED]
    place = np.searchsorted(on.cells, located["cell"].to_numpy(dtype=np.int64))
    counts = np.bincount(place, located[VOLUME].to_numpy(dtype=float), minlength=len(on.cells))
    return counts.astype(float)


def _home(rows: pd.DataFrame, key: str, on: Grid) -> NDArray[np.int64]:
    """The region of each cell that most of its items name, the smaller key where two tie; 0 for none."""
    located = rows[(rows["cell"] != NOT_STATED) & (rows[key] != NOT_STATED)]
    counted = located.groupby(["cell", key])[VOLUME].sum().reset_index()
    counted = counted.sort_values(["cell", VOLUME, key], ascending=[True, False, True])
    first = counted.drop_duplicates("cell").set_index("cell")[key]
    return first.reindex(on.cells).fillna(NOT_STATED).to_numpy(dtype=np.int64)

"""What was never recorded has no value: a column the source does not fill, days before the data begin. Pure.

Without this rule a city that does not record resolutions would show a resolution rate of 0 %, and the first
year of any warehouse would show last year as zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import Column
from sqlalchemy.sql import visitors

from queries.compiler import TIME, Times, terms_of
from queries.metric import ClearedWeeks, Concentration, Metric, Persons, Quantile, Survival
from warehouse.measures import Flow
from warehouse.schema import cases

Filled = Mapping[str, int]  # column of the fact → rows in which it is filled
# A column that is always filled, and the one that must be recorded for it to mean something.
_RESTS_ON = {"repeat_no": "matter_key", "returned_on": "matter_key"}


@cache
def needs(metric: Metric) -> frozenset[str]:
    """The columns of the fact without which `metric` cannot be measured."""
    columns = (one for one in _columns(metric) if one.table is cases)
    return frozenset(_RESTS_ON.get(one.name, one.name) for one in columns)


def _columns(metric: Metric) -> Iterator[Column[Any]]:
    for term in terms_of(metric.formula):
        measure = term.measure
        days = (measure.clock, measure.known) if isinstance(measure, Flow) else (measure.since, measure.until)
        yield from (day for day in days if day is not None)
        yield from (*_inside(measure.where), *_inside(measure.value))
    match metric.formula:
        case Quantile(clock=clock, start=start, end=end, where=where):
            yield from (clock, *_inside(start), *_inside(end), *_inside(where))
        case Persons(clock=clock, person=person) | Concentration(clock=clock, person=person):
            yield from (clock, person)
        case Survival(clock=clock, back=back, where=where):
            yield from (clock, back, *_inside(where))
        case ClearedWeeks(due=due, done=done):
            yield from (due, done)
        case _:
            pass


def _inside(expression: Any) -> Iterator[Column[Any]]:
    return (one for one in visitors.iterate(expression) if isinstance(one, Column))


def is_recorded(metric: Metric, filled: Filled) -> bool:
    """Whether every column that `metric` needs is filled in at least one row, if there are rows at all."""
    return not filled.get("case_id", 0) or all(filled.get(column, 1) > 0 for column in needs(metric))


def before_the_data(metric: Metric, start: date, data_from: date) -> bool:
    """Whether a window from `start` reaches back before the cases that `metric` counts."""
    return start < data_from and bool(needs(metric))


def blanked(
    frame: pd.DataFrame,
    metrics: Sequence[Metric],
    times: Times,
    *,
    data_from: date,
    filled: Filled,
    is_base: bool,
) -> pd.DataFrame:
    """`frame` (as `answer.measured` makes it) without the values that were never recorded.

    A window that begins before the data is blanked in a time split and as the base of a comparison; the one
    period that a reader chose is not, since it says itself from when to when it counts.
    """
    blank: dict[str, pd.Series[bool]] = {}
    for metric in metrics:
        early = [w.label for w in times.windows if before_the_data(metric, w.start, data_from)]
        if not is_recorded(metric, filled) or (early and is_base and not times.timed):
            rows = pd.Series(True, index=frame.index)
        elif early and times.timed:
            rows = frame[TIME].isin(early)
        else:
            continue
        blank |= dict.fromkeys((metric.key, f"{metric.key}_numerator", f"{metric.key}_denominator"), rows)
    if not blank:
        return frame
    kept = frame[list(blank)].mask(pd.DataFrame(blank))
    return pd.concat([frame.drop(columns=list(blank)), kept], axis=1)[list(frame.columns)]

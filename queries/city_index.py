"""Asks everything that the index needs in a few batches, from roll-ups only, for the pure insight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from queries.execute import Warehouse
from queries.insights.index import (
    CITY_ROW,
    NOT_READ,
    Contribution,
    IndexPolicy,
    Indicator,
    RankInterval,
    Read,
    Reading,
    Readings,
    Score,
    contributions,
    event_ratio,
    rank_intervals,
    ratio_error,
    score,
    share_error,
)
from queries.metrics import CATALOG
from queries.policies import in_force
from queries.question import Question, Trailing
from queries.scope import CITY, Scope
from queries.vocabulary import Compare, Grain, Measurement, Period
from queries.windows import past_ends

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class CityIndex:
    """The index of the city and its districts on weekly dates up to `as_of`, by the policy in force on each.

    `districts` are the keys of the districts in scope, `groups` their peer groups. Everything is derived from
    `readings`, so a what-if (`under`) costs no question.
    """

    as_of: date
    dates: tuple[date, ...]
    districts: tuple[int, ...]
    groups: Mapping[int, str]
    readings: Readings
    versions: tuple[IndexPolicy, ...]

    @property
    def policy(self) -> IndexPolicy:
        """The version in force on the as-of date."""
        return in_force(self.versions, self.as_of)

    def under(self, policy: IndexPolicy) -> CityIndex:
        """The same readings scored by another policy on every date."""
        return CityIndex(self.as_of, self.dates, self.districts, self.groups, self.readings, (policy,))

    @property
    def before(self) -> date:
        """The date that the change is shown against."""
        return self.as_of - timedelta(weeks=self.policy.change_weeks)

    @property
    def city(self) -> Score:
        """The whole city on the as-of date."""
        return self.score(CITY_ROW, self.as_of)

    def score(self, region: int, on: date) -> Score:
        """The index of a district (or CITY_ROW) on one of the dates."""
        return self._scores[region, on]

    def change(self, region: int) -> float:
        """Points gained since `before`; NaN where either value is missing."""
        return self.score(region, self.as_of).value - self.score(region, self.before).value

    def series(self, region: int) -> tuple[tuple[date, float], ...]:
        """(date, index) week by week, oldest first; NaN where there is no value."""
        return tuple((on, self.score(region, on).value) for on in self.dates)

    def contributions(self, region: int) -> tuple[Contribution, ...]:
        """Points by which each indicator moved the index since `before`; they add up to `change`."""
        now, before = self.score(region, self.as_of), self.score(region, self.before)
        return contributions(now, before, self.policy.aggregation)

    @cached_property
    def ranks(self) -> dict[int, RankInterval]:
        """Rank and rank interval of every district inside its peer group, on the as-of date."""
        return self._ranked(self.as_of)

    @cached_property
    def ranks_before(self) -> dict[int, RankInterval]:
        """The same on `before`."""
        return self._ranked(self.before)

    def _ranked(self, on: date) -> dict[int, RankInterval]:
        return rank_intervals({d: self.score(d, on) for d in self.districts}, self.groups, self.policy)

    @cached_property
    def _scores(self) -> dict[tuple[int, date], Score]:
        return {
            (region, on): score(region, on, self.readings, in_force(self.versions, on))
            for region in (CITY_ROW, *self.districts)
            for on in self.dates
        }


def ask_index(
    warehouse: Warehouse,
    versions: Sequence[IndexPolicy],
    *,
    as_of: date,
    weeks: int = 27,
    scope: Scope = CITY,
) -> CityIndex:
    """The index on `weeks` dates a week apart up to `as_of`; raises what `Warehouse.ask` raises.

    `weeks` must reach back at least the policy's change_weeks.
    """
    policy, scope = in_force(versions, as_of), scope.within(warehouse.scope)
    dates = past_ends(as_of, max(weeks, policy.change_weeks + 1))
    members = warehouse.members("district")
    if scope.districts is not None:
        members = members[members["id"].isin(scope.districts)]
    districts = tuple(int(one) for one in members["id"])
    ask = _Asker(warehouse, as_of, dates, districts, scope)
    used = {in_force(versions, on).version: in_force(versions, on) for on in dates}
    readings: dict[tuple[int, date, str], Read] = {}
    for one in used.values():
        readings |= ask.readings(one.indicators)
    groups = dict(zip(districts, members["peer_group"].astype(str), strict=True))
    return CityIndex(as_of, dates, districts, groups, readings, tuple(versions))


class _Asker:
    """Turns the indicators of a policy into as few questions as their windows allow."""

    def __init__(
        self,
        warehouse: Warehouse,
        as_of: date,
        dates: tuple[date, ...],
        districts: tuple[int, ...],
        scope: Scope,
    ) -> None:
        self.warehouse = warehouse
        self.as_of = as_of
        self.dates = dates
        self.districts = districts
        self.scope = scope
        windows = warehouse.event_windows()
        self.events = [
            (pd.Timestamp(row["starts_on"]).date(), pd.Timestamp(row["ends_on"]).date())
            for row in windows.to_dict("records")
        ]

    def readings(self, indicators: Iterable[Indicator]) -> dict[tuple[int, date, str], Read]:
        found: dict[tuple[int, date, str], Read] = {}
        batches: dict[tuple[int, int, bool], list[Indicator]] = {}
        for one in indicators:
            if one.reading is Reading.EVENT_RATIO:
                found |= self._event_ratio(one)
            elif one.reading is Reading.AT_EVENT_START:
                found |= self._at_event_start(one)
            else:
                batches.setdefault((one.window_days, one.lag_days, one.reading is Reading.YOY), []).append(
                    one
                )
        for (days, lag, yoy), batch in batches.items():
            metrics = tuple(dict.fromkeys(one.metric for one in batch))
            rows = self._rows(metrics, Trailing(self.dates, days, lag), (Compare.YOY,) if yoy else ())
            for (region, on), row in rows.items():
                for one in batch:
                    found[region, on, one.key] = _read(one, row)
        return found

    def _rows(
        self, metrics: tuple[str, ...], trailing: Trailing, compare: tuple[Compare, ...] = ()
    ) -> dict[tuple[int, date], Row]:
        """One row per district (and the city) and window end."""
        rows: dict[tuple[int, date], Row] = {}
        for split in ((), ("district",)):
            question = Question(
                metrics,
                Period(trailing.ends[0], trailing.ends[-1]),
                self.as_of,
                split=split,
                trailing=trailing,
                compare=compare,
                scope=self.scope,
            )
            for row in self.warehouse.ask(question).frame.to_dict("records"):
                region = int(row["district"]) if split else CITY_ROW
                rows[region, row["window_end"]] = {str(key): value for key, value in row.items()}
        return rows

    def _event_ratio(self, one: Indicator) -> dict[tuple[int, date, str], Read]:
        first = max(self.warehouse.info.data_from, self.dates[0] - timedelta(days=one.window_days - 1))
        period = Period(first, max(first, self.as_of))
        question = Question(
            (one.metric,), period, self.as_of, split=("district",), grain=Grain.DAY, scope=self.scope
        )
        frame = self.warehouse.ask(question).frame
        days = pd.Index([first + timedelta(days=n) for n in range(period.days)])
        wide = frame.pivot_table(index="bucket", columns="district", values=one.metric, aggfunc="sum")
        wide = wide.reindex(index=days, columns=[0, *self.districts], fill_value=0.0).fillna(0.0)
        visits = {CITY_ROW: wide.sum(axis=1).to_numpy()} | {d: wide[d].to_numpy() for d in self.districts}
        weekdays = np.array([day.weekday() for day in days])
        inside = np.array([any(start <= day <= end for start, end in self.events) for day in days])
        found = {}
        for on in self.dates:
            last = (on - first).days + 1
            from_ = max(0, last - one.window_days)
            for region, counted in visits.items():
                window = slice(from_, max(0, last))
                found[region, on, one.key] = event_ratio(counted[window], weekdays[window], inside[window])
        return found

    def _at_event_start(self, one: Indicator) -> dict[tuple[int, date, str], Read]:
        last = {on: self._last_event(on, one.window_days) for on in self.dates}
        starts = tuple(sorted({start for start in last.values() if start is not None}))
        if not starts:
            return {}
        rows = self._rows((one.metric,), Trailing(starts, 1))
        found = {}
        for on, start in last.items():
            for region in (CITY_ROW, *self.districts):
                row = rows.get((region, start)) if start is not None else None
                if start is not None:
                    found[region, on, one.key] = _read(one, row) if row else self._none_open(region)
        return found

    def _none_open(self, region: int) -> Read:
        """A district absent from a stock's answer has none on hand: 0, which is perfect, not missing."""
        members = self.warehouse.members("district").set_index("id")["population"].astype("float64")
        return Read(0.0, 0.0, float(members.get(region, math.nan)))

    def _last_event(self, on: date, days: int) -> date | None:
        begun = [start for start, _ in self.events if on - timedelta(days=days) < start <= on]
        return max(begun, default=None)


def _read(one: Indicator, row: Row) -> Read:
    """The reading of an indicator in an answer's row, with its sampling error."""
    value = float(row[one.metric])
    part, whole = float(row[f"{one.metric}_numerator"]), float(row[f"{one.metric}_denominator"])
    if one.reading is Reading.YOY:
        base = float(row[f"{one.metric}_yoy_base"])
        moved = float(row[f"{one.metric}_yoy"])
        if math.isnan(moved):
            return NOT_READ
        return Read(moved, value, base, ratio_error(1 + moved, part, part / (1 + moved) if moved > -1 else 0))
    if CATALOG[one.metric].measurement is Measurement.SHARE:
        return Read(value, part, whole, share_error(part, whole))
    return Read(value, part, whole, math.sqrt(max(part, 1.0)) / whole if whole > 0 else 0.0)

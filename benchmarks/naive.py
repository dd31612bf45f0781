"""The overview's questions as most dashboards answer them: pandas over the rows of the fact, at every rerun.

Written without the roll-ups, the measures and the compiler, so that equal numbers also mean something. It is
given every advantage that costs a page author nothing: only the columns the page needs, read by the engine's
own fast path, one filter for all metrics of a clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Select, Table, false, func, select

from queries import answer as answers
from queries.answer import Answer, spelled
from queries.execute import Info, Warehouse
from queries.metrics import metric as metric_of
from queries.question import Question
from queries.vocabulary import Grain
from queries.windows import Window, compared, windows
from warehouse.engines import duckdb
from warehouse.schema import Satisfaction, backlog_item, cases, major_issue
from warehouse.store import Store

Rows = pd.DataFrame
Count = Callable[[Rows, Window], "pd.Series[float]"]
# The columns of the fact that the overview's metrics need; the two lists are small and read whole.
FACT = (
    "district_id", "registered_on", "accept_due_on", "notify_due_on", "reply_due_on", "closed_on",
    "evaluated_on", "returned_on", "accepted_at", "notified_at", "replied_at",
    "accept_due_at", "notify_due_at", "reply_due_at", "repeat_no", "people",
    "is_litigation", "is_counted", "is_skip_level", "is_collective", "is_resolved", "satisfaction",
)  # fmt: skip


@dataclass(frozen=True)
class Flow:
    """A metric over the rows whose day `clock` lies in the window: Σ part ÷ Σ whole or residents ÷ `per`."""

    clock: str
    part: Count
    whole: Count | None = None
    per: int = 0


@dataclass(frozen=True)
class Stock:
    """A metric over a small list as it stands at the window's end; `table` names the list."""

    table: str
    part: Count
    whole: Count | None = None
    per: int = 0


def _every(rows: Rows, _window: Window) -> pd.Series[float]:
    return pd.Series(1.0, index=rows.index)


def _first(rows: Rows, _window: Window) -> pd.Series[float]:
    return (rows["repeat_no"] == 0) * 1.0


def _skip_level_heads(rows: Rows, _window: Window) -> pd.Series[float]:
    return rows["people"] * rows["is_skip_level"] * 1.0


def _sensitive(rows: Rows, _window: Window) -> pd.Series[float]:
    return (rows["is_collective"] | rows["is_skip_level"]) * 1.0


def _on_time(step: str, due: str, *, first_only: bool) -> tuple[Count, Count]:
    def assessed(rows: Rows, window: Window) -> pd.Series[float]:
        counted = rows["is_counted"] * 1.0
        return counted * _first(rows, window) if first_only else counted

    def met(rows: Rows, window: Window) -> pd.Series[float]:
        return assessed(rows, window) * (rows[step] <= rows[due])

    return met, assessed


def _rated(*answers_given: Satisfaction) -> Count:
    return lambda rows, _window: rows["satisfaction"].isin([int(one) for one in answers_given]) * 1.0


def _settled(rows: Rows, window: Window) -> pd.Series[float]:
    back = rows["returned_on"] <= pd.Timestamp(window.as_of)
    return _first(rows, window) * rows["is_resolved"] * ~back


def _back_in_90(rows: Rows, window: Window) -> pd.Series[float]:
    known = rows["returned_on"] <= pd.Timestamp(window.as_of)
    soon = (rows["returned_on"] - rows["closed_on"]).dt.days <= 90
    return _first(rows, window) * (known & soon)


def _standing(since: str, until: str | None) -> Count:
    """Rows that have begun by the window's end and not gone yet."""

    def on_hand(rows: Rows, window: Window) -> pd.Series[float]:
        end = pd.Timestamp(window.end)
        begun = rows[since] <= end
        return (begun if until is None else begun & ~(rows[until] <= end)) * 1.0

    return on_hand


def _high_risk(rows: Rows, window: Window) -> pd.Series[float]:
    return _standing("opened_on", "struck_off_on")(rows, window) * (rows["severity"] == 3)


_GOOD, _RATED = (Satisfaction.SATISFIED, Satisfaction.MOSTLY), (*Satisfaction,)[:3]
_ON_LIST, _ASSIGNED = _standing("assigned_on", "struck_off_on"), _standing("assigned_on", None)
METRICS: Mapping[str, Flow | Stock] = {
    "cases_registered": Flow("registered_on", _every),
    "cases_per_10k": Flow("registered_on", _every, per=10_000),
    "first_time_per_10k": Flow("registered_on", _first, per=10_000),
    "skip_level_heads_per_100k": Flow("registered_on", _skip_level_heads, per=100_000),
    "sensitive_visits": Flow("registered_on", _sensitive),
    "repeat_share": Flow(
        "registered_on", lambda rows, _: (~rows["is_litigation"] & (rows["repeat_no"] > 0)) * 1.0,
        lambda rows, _: ~rows["is_litigation"] * 1.0,
    ),
    "accepted_on_time": Flow("accept_due_on", *_on_time("accepted_at", "accept_due_at", first_only=True)),
    "notified_on_time": Flow("notify_due_on", *_on_time("notified_at", "notify_due_at", first_only=True)),
    "replied_on_time": Flow("reply_due_on", *_on_time("replied_at", "reply_due_at", first_only=False)),
    "first_time_resolution": Flow("closed_on", _settled, _first),
    "return_rate_90": Flow("closed_on", _back_in_90, _first),
    "satisfaction": Flow("evaluated_on", _rated(*_GOOD), _rated(*_RATED)),
    "participation": Flow("evaluated_on", _rated(*_RATED), _rated(*_RATED, Satisfaction.OVERDUE)),
    "backlog_stock": Stock("backlog_item", _ON_LIST),
    "backlog_clearance": Stock("backlog_item", _standing("resolved_on", "returned_on"), _ASSIGNED),
    "backlog_overdue_share": Stock("backlog_item", _standing("planned_on", "resolved_on"), _ON_LIST),
    "high_risk_issues_per_million": Stock("major_issue", _high_risk, per=1_000_000),
}  # fmt: skip


class NaiveWarehouse:
    """Stands in for an open warehouse and answers from DataFrames; `keep` reads them once, else every time.

    Whole-city questions only, split by nothing or by district, as the overview's front asks them.
    """

    def __init__(self, directory: Path, real: Warehouse, *, keep: bool) -> None:
        self._engine = duckdb.engine(Store(directory).current(), read_only=True)
        self._keep = keep
        self._tables: dict[str, Rows] = {}
        # Answers are cached by version: these must never be taken for the real ones.
        self.info: Info = replace(real.info, version=f"{real.info.version}-naive")
        self.city = real.city
        self.scope, self.hiding = real.scope, real.hiding
        self.engine_name = "pandas"
        self.members = real.members
        self.event_windows = real.event_windows
        self.annotations = real.annotations
        self.calendar = real.calendar

    def close(self) -> None:
        """Gives the connection back."""
        self._engine.dispose()

    def rerun(self) -> None:
        """Begins a rerun of the page: a page that does not keep its rows reads them again, once."""
        if not self._keep:
            self._tables.clear()

    def ask(self, question: Question) -> Answer:
        """The answer to `question`; raises ValueError for what this page never asks."""
        if question.filters or question.split not in {(), ("district",)}:
            raise ValueError(f"the naive page answers for the whole city and its districts, not {question}")
        asked = [metric_of(key) for key in question.metrics]
        own = windows(question)
        frame = self._measured(question, own)
        timed = question.grain is not None or question.trailing is not None
        keys = [*question.split, *(["time"] if timed else [])]
        for compare in question.compare:
            moved = tuple(compared(one, compare, question) for one in own)
            frame = answers.beside(frame, self._measured(question, moved), asked, keys, compare.value)
        label = "bucket" if question.grain is not None else "window_end"
        return Answer(question, frame.rename(columns={"time": label}))

    def _measured(self, question: Question, own: tuple[Window, ...]) -> Rows:
        wide = self._sums(question, own)
        labels = [one.label for one in own]
        if question.split and "time" in wide.index.names:
            members = wide.index.get_level_values("district").unique()
            wide = wide.reindex(pd.MultiIndex.from_product([members, labels], names=["district", "time"]))
        elif "time" in wide.index.names:
            wide = wide.reindex(pd.Index(labels, name="time"))
        wide = wide.fillna(0.0).sort_index()
        columns = {}
        for key in question.metrics:
            part, whole = wide[f"{key}:part"], self._whole(question, key, wide)
            columns[f"{key}_numerator"] = part
            columns[f"{key}_denominator"] = pd.Series(math.nan, index=wide.index) if whole is None else whole
            if whole is not None:
                enough = whole > 0 if METRICS[key].per else whole >= metric_of(key).min_n
                columns[key] = (part / whole).where((whole != 0) & enough)
            else:
                columns[key] = part
        frame = pd.DataFrame(columns, index=wide.index)
        return frame.reset_index(drop=not (question.split or "time" in wide.index.names))

    def _whole(self, question: Question, key: str, wide: Rows) -> pd.Series[float] | None:
        if f"{key}:whole" in wide:
            return wide[f"{key}:whole"]
        if not METRICS[key].per:
            return None
        residents = self.members("district").set_index("id")["population"].astype("float64")
        if question.split:
            found = residents.reindex(wide.index.get_level_values(0)).set_axis(wide.index)
        else:
            found = pd.Series(residents.sum(skipna=False), index=wide.index)
        return found / METRICS[key].per

    def _sums(self, question: Question, own: tuple[Window, ...]) -> Rows:
        """Σ part and Σ whole of every metric, by district and time where the question splits by them."""
        flows = [key for key in question.metrics if isinstance(METRICS[key], Flow)]
        stocks = [key for key in question.metrics if key not in flows]
        if question.grain is None:
            return self._by_window(question, question.metrics, own)
        # Buckets lie side by side: one pass over the flows of all of them. Stocks are read at each one's end.
        whole = Window(own[0].label, own[0].start, own[-1].end, own[-1].as_of)
        found = [self._one_window(question, flows, whole)] if flows else []
        return pd.concat([*found, *([self._by_window(question, stocks, own)] if stocks else [])], axis=1)

    def _by_window(self, question: Question, keys: Sequence[str], own: tuple[Window, ...]) -> Rows:
        pieces = {window.label: self._one_window(question, keys, window) for window in own}
        if question.grain is None and question.trailing is None:
            return pieces[own[0].label]
        every = pd.concat(pieces, names=["time"])
        return every.swaplevel() if question.split else every.droplevel(1)

    def _one_window(self, question: Question, keys: Sequence[str], window: Window) -> Rows:
        cut: dict[str, Rows] = {}
        sums: dict[str, object] = {}
        for key in keys:
            metric = METRICS[key]
            if isinstance(metric, Flow):
                source, rows = metric.clock, cut.get(metric.clock)
                rows = self._between(metric.clock, window) if rows is None else rows
            else:
                source, rows = "", self._table(metric.table)
            cut[source] = rows
            by = self._keys(question, rows, source)
            for name, count in (("part", metric.part), ("whole", metric.whole)):
                if count is not None:
                    amount = count(rows, window)
                    sums[f"{key}:{name}"] = amount.groupby(by).sum() if by else [amount.sum()]
        return pd.DataFrame(sums)

    def _keys(self, question: Question, rows: Rows, clock: str) -> list[pd.Series[Any]]:
        """What the rows are grouped by; buckets only where they have a clock."""
        by = [rows["district_id"].rename("district")] if question.split else []
        if question.grain is None or not clock:
            return by
        day = rows[clock]
        if question.grain is Grain.WEEK:
            day = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
        elif question.grain is not Grain.DAY:
            raise ValueError(f"the naive page draws days and weeks, not {question.grain}")
        codes, days = pd.factorize(day)
        dates = pd.Series([one.date() for one in days], dtype=object)
        return [*by, pd.Series(dates.to_numpy()[codes], index=rows.index, name="time")]

    def _between(self, clock: str, window: Window) -> Rows:
        rows = self._table("cases")
        start, after = pd.Timestamp(window.start), pd.Timestamp(window.end + timedelta(days=1))
        return rows[(rows[clock] >= start) & (rows[clock] < after)]

    def _table(self, name: str) -> Rows:
        if name not in self._tables:
            self._tables[name] = self._read(
                {"backlog_item": backlog_item, "major_issue": major_issue}.get(name, cases)
            )
        return self._tables[name]

    def _read(self, table: Table) -> Rows:
        query: Select[Any] = select(table)
        if table is cases:
            # Nothing where nothing was said: a column with NULLs would come as slow Python objects.
            plain = {"is_resolved": false(), "satisfaction": 0}
            columns = [
                func.coalesce(cases.c[name], plain[name]).label(name) if name in plain else cases.c[name]
                for name in FACT
            ]
            query = select(*columns)
        with self._engine.connect() as connection:
            rows: Rows = duckdb.raw(connection).execute(spelled(query, self._engine.dialect)).df()
            return rows

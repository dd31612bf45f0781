"""The only file that calls a database: it opens the warehouse and sends the SELECTs of a question."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Column, ColumnElement, Connection, Engine, Select, Table, func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from queries import answer as answers
from queries import hiding
from queries.answer import Answer, Note, Statement, spelled
from queries.compiler import TIME, Times, compile_items, compile_question
from queries.dimensions import dimension
from queries.drill import Drill, Items, compiled, named_only
from queries.errors import BadQuestion, NotAllowed, UnknownDimension
from queries.hiding import Hiding, Plan, plan
from queries.insights.suppression import PrivacyPolicy
from queries.insights.survival import Curve
from queries.metric import Metric, Ratio, Survival
from queries.metrics import metrics as metrics_of
from queries.question import Question
from queries.recorded import blanked, is_recorded
from queries.scope import CITY, Scope
from queries.vocabulary import Compare, Period, Text, isolated
from queries.windows import compared, festival_moves, windows
from warehouse import schema
from warehouse.cities import City, read_city
from warehouse.errors import WarehouseError, WarehouseMissing, WarehouseUnavailable
from warehouse.places import frame as frame_of
from warehouse.places import in_time, versions_at
from warehouse.schema import NOT_STATED

_EVERY = 1_000_000  # rows of the city's list: a few hundred items and a report of each a week
_NAMES = ("name_zh", "name_en")
_BASE_NAMES = {
    Compare.YOY: Text("上年同期", "same period last year"),
    Compare.MOM: Text("上期", "preceding period"),
}
# The tables of items that the city itself puts on a list and reports on: no petitioner's case among them.
OFFICIAL = frozenset({schema.major_issue.name, schema.major_issue_week.name})


@dataclass(frozen=True)
class Info:
    """What the open warehouse version holds."""

    version: str
    city: str
    built_at: datetime
    data_from: date
    as_of: date
    is_demo: bool
    full_scale: float


def open_warehouse(place: str | Path, version: str | None = None) -> Warehouse:
    """The warehouse at `place` (a directory, or the URL of a server or cluster): live, or a kept `version`.

    A version never changes, so that one opened by name answers as it did on the day it was live.

    Raises WarehouseMissing, WarehouseBusy, WarehouseUnavailable and BadCity, each a sentence with its cure.
    """
    return Warehouse(versions_at(place).reader(version))


class Warehouse:
    """One open version of the warehouse; safe to share between threads, each takes its own connection.

    It is bound to a scope (`seen_by`), which narrows whatever is asked of it: a question's own scope can
    only take away. What is opened first is bound to the whole city.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.scope = CITY
        self.hiding: Hiding | None = None
        try:
            self.info = self._read_info()
            self._filled = self._read_filled()
            self._festival = self._read_festival()
        except WarehouseError:
            engine.dispose()
            raise
        self.city: City = read_city(self.info.city)
        self._members: dict[str, pd.DataFrame] = {}

    @property
    def engine_name(self) -> str:
        """The engine's dialect: duckdb, postgresql, clickhousedb."""
        return self._engine.dialect.name

    def seen_by(self, scope: Scope, hides: Hiding | None = None) -> Warehouse:
        """The same open warehouse, bound to what both its own scope and `scope` allow.

        `hides` says how small numbers are hidden; without it a question that needs it is refused.
        """
        bound = copy.copy(self)
        bound.scope, bound.hiding = self.scope.within(scope), hides or self.hiding
        return bound

    def may_list(self, question: Question) -> bool:
        """Whether the items behind a number of `question` may be listed: the scope has a right to all."""
        return self._bound(question).scope.holds(self._bound(question).districts)

    def is_exact(self, question: Question) -> bool:
        """Whether every number of an answer to `question` stands as it is, none of it hidden."""
        return self._plan(self._bound(question)) is None

    def close(self) -> None:
        """Gives every connection back."""
        self._engine.dispose()

    def ask(self, question: Question) -> Answer:
        """The answer to `question`; every SELECT runs on one connection, so on one version.

        Raises UnknownMetric, UnknownDimension, BadQuestion, and WarehouseUnavailable when the engine fails.
        """
        question = self._bound(question)
        asked = metrics_of(question.metrics)
        times = _times(question)
        bases = {
            compare: Times(tuple(compared(w, compare, question) for w in times.windows), times.timed)
            for compare in question.compare
        }
        statements: list[Statement] = []
        fine = self._plan(question)
        with self._connected() as connection:
            ask = partial(self._measured, connection, question, asked, statements, fine)
            every = [times, *bases.values()]
            frames = [ask(one) for one in every] if times.timed else _at_once(every, ask)
        keys = [*question.split, *([TIME] if times.timed else [])]
        told = [
            self._told(frame, asked, one, one is not times) for frame, one in zip(frames, every, strict=True)
        ]
        frame, notes = told[0], self._notes(asked, times)
        nothing = 0.0 if fine is None else math.nan
        for (compare, moved), base in zip(bases.items(), told[1:], strict=True):
            notes += self._festival_notes(times, moved.windows, compare)
            frame = answers.beside(frame, base, asked, keys, compare.value, nothing=nothing)
        if fine is not None:
            frame = hiding.untold(fine, frame, answers.measures_in(frame, asked, keys))
        if times.timed:
            label = "bucket" if question.grain is not None else "window_end"
            frame = frame.rename(columns={TIME: label})
        return Answer(question, frame, notes, tuple(statements), nothing)

    def items(self, question: Question, columns: Sequence[str]) -> pd.DataFrame:
        """`columns` of the cases registered in the question's period, under its filters and scope.

        One row per case, for what must be worked out item by item; ask for few columns of few cases. Raises
        NotAllowed where the scope has no right to the items.
        """
        return self._items(self._listable(question, columns), columns)

    def counted_items(self, question: Question, columns: Sequence[str]) -> pd.DataFrame:
        """As `items`, for a caller of this package that makes published aggregates of them and shows none.

        The districts of the scope still bind; what must not leave as a row is kept back here too.
        """
        named_only(columns)
        return self._items(self._bound(question), columns)

    def _items(self, question: Question, columns: Sequence[str]) -> pd.DataFrame:
        return self._table(compile_items(question, columns))

    def listed(self, drill: Drill, columns: Sequence[str], offset: int, limit: int) -> Items:
        """Items `offset` to `offset + limit` behind the number of `drill`, latest first, and how many in all.

        `columns` of the items' own table; `adds`, what each contributes to the number, comes last. Raises
        UnknownDimension, BadQuestion where the number is not made of items, and NotAllowed where the scope
        has no right to them.
        """
        return self._listed(
            replace(drill, question=self._listable(drill.question, columns)), columns, offset, limit
        )

    def official(self, drill: Drill, columns: Sequence[str]) -> pd.DataFrame:
        """All items behind a number of the city's own list of major issues, which every office reads whole.

        Raises NotAllowed for items of any other table.
        """
        named_only(columns)
        bound = replace(drill, question=self._bound(drill.question))
        if any(part.table.name not in OFFICIAL for part in compiled(bound)):
            raise NotAllowed(
                "Only the city's list of major issues is read whole; ask for the items behind a number."
            )
        return self._listed(bound, columns, 0, _EVERY).frame

    def _listed(self, drill: Drill, columns: Sequence[str], offset: int, limit: int) -> Items:
        frames: list[pd.DataFrame] = []
        rows, amount = 0, 0.0
        parts = compiled(drill)
        for part in parts:
            inner = part.select.subquery("behind")
            one = self._table(select(*_sums(inner.c.adds)))
            here = int(one["rows"].iloc[0])
            skipped = max(0, offset - rows)
            taken = min(limit - sum(len(frame) for frame in frames), here - skipped)
            if taken > 0:
                named = [inner.c[name] for name in columns]
                key = next(iter(part.table.primary_key.columns)).name
                query = select(*named, inner.c.adds).order_by(inner.c.day.desc(), inner.c[key])
                page = self._table(query.limit(taken).offset(skipped))
                frames.append(page.assign(adds=page["adds"].astype("float64") / part.scale))
            rows += here
            amount += float(one["amount"].iloc[0] or 0) / part.scale
        empty = pd.DataFrame(columns=[*columns, "adds"])
        return Items(parts[0].table.name, pd.concat(frames) if frames else empty, rows, amount)

    def own_cases(self, query: Select[Any]) -> pd.DataFrame:
        """The rows of `query`, which reads `cases` alone, of those items that the scope lets be listed.

        Raises NotAllowed for a column that no list shows.
        """
        named_only([column.name for column in query.selected_columns])
        districts = self.scope.listable
        if districts is not None:
            query = query.where(schema.cases.c.district_id.in_(districts))
        return self._table(query)

    def about_case(self, case_id: int, table: Table) -> pd.DataFrame:
        """The rows of `table` (its reviews, its corrections) on one item, by key; none if it is not open."""
        found = self.own_cases(select(schema.cases.c.case_id).where(schema.cases.c.case_id == case_id))
        (key,) = table.primary_key.columns
        query = select(table).where(table.c.case_id == (-1 if found.empty else case_id)).order_by(key)
        return self._table(query)

    def sparse(self, question: Question) -> pd.DataFrame:
        """The rows of the question's one count as they come: split columns, `bucket` (a day), the count.

        For splits so fine that zeros would be most of an answer: cells by week. Raises BadQuestion for a
        metric that is not a plain count, and for a question without a grain, and NotAllowed where the scope
        has no right to the items: a cell holds few of them.
        """
        question = self._listable(question, ())
        asked, times = metrics_of(question.metrics), _times(question)
        formula = asked[0].formula
        is_count = isinstance(formula, Ratio) and formula.denominator is None and len(formula.numerator) == 1
        if len(asked) != 1 or not is_count or question.grain is None:
            raise BadQuestion("sparse rows are asked of one count by week or month; drop the others")
        (part,) = compile_question(question, asked, times)
        rows = self._table(part.select, many=True)
        rows = rows.rename(columns={TIME: "bucket", part.slots[0]: asked[0].key})
        return rows.assign(bucket=pd.to_datetime(rows["bucket"]))[[*question.split, "bucket", asked[0].key]]

    def curve(self, question: Question) -> Curve | None:
        """The whole survival curve of the question's one metric, for which an answer has a single day.

        None where the metric is not recorded, fewer than its min_n were closed, or the reader is told no such
        curve: every step of it is an item. Raises BadQuestion for a question of another metric, of several,
        or with a split.
        """
        question = self._bound(question)
        asked, times = metrics_of(question.metrics), _times(question)
        if len(asked) != 1 or not isinstance(asked[0].formula, Survival) or question.split or times.timed:
            raise BadQuestion("a curve is asked of one survival metric without a split; drop the others")
        if not is_recorded(asked[0], self._filled) or self._plan(question) is not None:
            return None
        (part,) = compile_question(question, asked, times)
        rows = self._table(part.select)
        return answers.curve(rows) if rows["rows"].sum() >= max(1, asked[0].min_n) else None

    def statements(self, question: Question) -> tuple[str, ...]:
        """The SQL that `question` sends to this engine, values written in, without sending it."""
        question = self._bound(question)
        parts = compile_question(question, metrics_of(question.metrics), _times(question))
        return tuple(spelled(part.select, self._engine.dialect) for part in parts)

    def members(self, key: str) -> pd.DataFrame:
        """The members of a dimension from its own table, in the order of their keys, without 未明确 (0).

        Columns are those of the dimension's table, its key renamed `id`; names can stand in a sentence,
        whatever script they are in. Shared: do not change in place.
        Raises UnknownDimension for a dimension without a table.
        """
        if key not in self._members:
            cut = dimension(key)
            if cut.members is None:
                raise UnknownDimension(f"dimension {key!r} has no table of members; use its names instead")
            id_column = next(iter(cut.members.primary_key.columns))
            query = select(cut.members).where(id_column != NOT_STATED).order_by(id_column)
            if cut.level is not None:
                query = query.where(cut.members.c.level == int(cut.level))
            found = self._table(query).rename(columns={id_column.name: "id"})
            names = {name: found[name].map(isolated) for name in _NAMES if name in found}
            self._members[key] = found.assign(**names)
        return self._members[key]

    def records(self, column: str) -> bool:
        """Whether any case fills `column` of the fact; a warehouse without cases leaves nothing out."""
        return not self._filled.get("case_id", 0) or self._filled.get(column, 1) > 0

    def event_windows(self) -> pd.DataFrame:
        """Major-event windows (重大活动): event_window_id, names, level, starts_on, ends_on."""
        return self._whole(schema.event_window, schema.event_window.c.starts_on)

    def annotations(self) -> pd.DataFrame:
        """Policy changes and events for time axes: noted_on, kind, district_id, text_zh, text_en."""
        return self._whole(schema.annotation, schema.annotation.c.noted_on)

    def calendar(self, period: Period) -> pd.DataFrame:
        """The calendar's days of `period`: day_on, is_workday, holiday, lunar date, is_spring_festival."""
        table = schema.calendar
        query = select(table).where(table.c.day_on.between(period.start, period.end)).order_by(table.c.day_on)
        return self._table(query)

    def _bound(self, question: Question) -> Question:
        """`question` under the scope of this warehouse too: the only way to a SELECT of rows."""
        return replace(question, scope=question.scope.within(self.scope))

    def _listable(self, question: Question, columns: Sequence[str]) -> Question:
        """`question` bound, where the items it reads may be listed; raises NotAllowed."""
        named_only(columns)
        bound = self._bound(question)
        if not bound.scope.holds(bound.districts):
            raise NotAllowed(
                "These items lie outside what you may open, so they are not listed;"
                " choose your own district or ask its office."
            )
        return bound

    def _whole(self, table: Table, order: Column[Any]) -> pd.DataFrame:
        """A small table, read once: a version of the warehouse does not change."""
        if table.name not in self._members:
            self._members[table.name] = self._table(select(table).order_by(order))
        return self._members[table.name]

    def _read_filled(self) -> dict[str, int]:
        table = self._table(select(schema.field_coverage))
        return dict(zip(table["field"], table["filled"].astype(int), strict=True))

    def _read_festival(self) -> frozenset[date]:
        table = schema.calendar
        days = self._table(select(table.c.day_on).where(table.c.is_spring_festival))["day_on"]
        return frozenset(pd.to_datetime(days).dt.date)

    def _connected(self) -> Connection:
        try:
            return self._engine.connect()
        except PoolTimeoutError as error:
            raise WarehouseUnavailable(
                f"All connections to the warehouse ({self.engine_name}) are taken by questions that still"
                " run; try again in a moment."
            ) from error
        except DBAPIError as error:
            raise WarehouseUnavailable(
                f"The warehouse ({self.engine_name}) cannot be reached;"
                " check that its server runs and try again."
            ) from error

    def _read_info(self) -> Info:
        table = schema.warehouse_info
        with self._connected() as connection:
            try:
                rows = self._sent(connection, select(table)).to_dict("records")
            except WarehouseUnavailable as error:
                raise WarehouseMissing(
                    f"The {self.engine_name} database holds no warehouse; load one or name another with"
                    " QINGYU_WAREHOUSE."
                ) from error
        if len(rows) != 1:
            raise WarehouseMissing(
                "The warehouse says nothing of itself (table warehouse_info); build it again."
            )
        row: dict[str, Any] = {str(k): v for k, v in rows[0].items()}
        return Info(
            version=str(row["version"]),
            city=str(row["city"]),
            built_at=pd.Timestamp(row["built_at"]).to_pydatetime(),
            data_from=pd.Timestamp(row["data_from_on"]).date(),
            as_of=pd.Timestamp(row["as_of_on"]).date(),
            is_demo=bool(row["is_demo"]),
            full_scale=float(row["full_scale"]),
        )

    def _measured(
        self,
        connection: Connection,
        question: Question,
        asked: Sequence[Metric],
        statements: list[Statement],
        fine: Plan | None,
        times: Times,
    ) -> pd.DataFrame:
        def read(one: Question, metrics: Sequence[Metric]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
            """The sums that answer `one`, and the rows of the metrics that no sum can give."""
            parts, frames = compile_question(one, metrics, times), []
            for part in parts:
                started = time.perf_counter()
                frame = self._sent(connection, part.select)
                if times.timed and len(frame):
                    frame[TIME] = pd.to_datetime(frame[TIME]).dt.date
                frames.append(frame)
                spent = (time.perf_counter() - started) * 1000
                statements.append(Statement(part.reads, part.select, self._engine.dialect, len(frame), spent))
            special = {key: frame for part, frame in zip(parts, frames, strict=True) for key in part.special}
            return answers.merged(one, times, parts, frames), special

        def living(base: pd.DataFrame) -> pd.Series[float]:
            return answers.residents(self.members, question, base)

        if fine is None or self.hiding is None:
            return answers.measured(question, asked, times, *read(question, asked), living)
        told = hiding.told_by(
            fine, self.hiding, asked, times, read, members=self._divided(fine), version=self.info.version
        )
        return answers.measured(question, asked, times, told.base, told.special, living, told)

    def _plan(self, question: Question) -> Plan | None:
        """How `question` is asked where its reader may not be told every cell; None where all are exact."""
        policy = PrivacyPolicy(1, frozenset()) if self.hiding is None else self.hiding.policy
        fine = plan(question, policy)
        if fine is not None and self.hiding is None:
            raise NotAllowed(
                "Small numbers must be hidden here, and no policy says how; bind one with the scope."
            )
        return fine

    def _divided(self, fine: Plan) -> float:
        """How many cells the other cuts of the question can divide a published total into."""
        most = 1.0
        for cut in map(dimension, fine.divides):
            known = len(cut.names) if cut.members is None else len(self.members(cut.key))
            most *= known + 1 if known else math.inf
        return most

    def _told(
        self, frame: pd.DataFrame, asked: Sequence[Metric], times: Times, is_base: bool
    ) -> pd.DataFrame:
        return blanked(
            frame, asked, times, data_from=self.info.data_from, filled=self._filled, is_base=is_base
        )

    def _table(self, query: Select[Any], *, many: bool = False) -> pd.DataFrame:
        with self._connected() as connection:
            return self._sent(connection, query, many=many)

    def _sent(self, connection: Connection, query: Select[Any], *, many: bool = False) -> pd.DataFrame:
        try:
            with in_time(connection):
                result = connection.execute(query)
                if many:
                    return frame_of(result)
                return pd.DataFrame([tuple(row) for row in result], columns=list(result.keys()))
        except SQLAlchemyError as error:
            raise WarehouseUnavailable(
                f"The warehouse ({self.engine_name}) could not answer ({type(error).__name__});"
                " see the server log, and build the warehouse again if its tables are older than the suite."
            ) from error

    def _notes(self, asked: Sequence[Metric], times: Times) -> tuple[Note, ...]:
        last = times.windows[-1]
        found = (answers.immature_note(metric, last.end, last.as_of) for metric in asked)
        return tuple(note for note in found if note is not None)

    def _festival_notes(self, times: Times, moved: Sequence[Any], compare: Compare) -> tuple[Note, ...]:
        if compare is Compare.YTD:
            return ()
        pairs = zip(times.windows, moved, strict=True)
        if any(festival_moves(window, base, self._festival) for window, base in pairs):
            return (answers.festival_note(_BASE_NAMES[compare]),)
        return ()


def _sums(adds: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    """How many rows there are, and what they add up to."""
    return func.count().label("rows"), func.sum(adds).label("amount")


def _at_once(every: Sequence[Times], ask: Callable[[Times], pd.DataFrame]) -> list[pd.DataFrame]:
    """The period and its bases as windows of the same SELECTs, rather than the SELECTs for each of them."""
    if len(every) == 1:
        return [ask(every[0])]
    labels = [date(2000, 1, 1 + place) for place in range(len(every))]  # told apart by label alone
    named = [replace(one.windows[0], label=label) for one, label in zip(every, labels, strict=True)]
    frame = ask(Times(tuple(named), timed=True))
    kept = [column for column in frame.columns if column != TIME and not column.endswith("_mature_on")]
    return [frame.loc[frame[TIME] == label, kept].reset_index(drop=True) for label in labels]


def _times(question: Question) -> Times:
    timed = question.grain is not None or question.trailing is not None
    return Times(windows(question), timed, question.grain)

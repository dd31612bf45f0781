"""The daily cubes: one family per clock, additive, small enough to answer a page in milliseconds.

Each roll-up is keyed by the event day of its clock, so that a refresh is: delete the days that changed,
insert them again. Two families per clock (by street; by district × category × channel) answer the boards;
maps read a third, of whole weeks by H3 cell; anything finer is asked of the fact. `returns` and `lifetimes`
carry a second date and so answer what was known on any past day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Insert,
    MetaData,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
    union_all,
    update,
)

from warehouse import measures as m
from warehouse.changes import EARLIER, LATER, Changes, answer_of
from warehouse.dialects import total, week_start
from warehouse.schema import METADATA, NOT_STATED, cases, field_coverage

STREET = ("district_id", "street_id")
CATEGORY = ("district_id", "category1_id", "channel_id")
PLACE = ("h3", "district_id", "street_id")
CELL = (*PLACE, "category1_id")


@dataclass(frozen=True, eq=False)
class Rollup:
    """One cube: its table, the days and dimensions that key it, and the measures it holds, smallest first.

    A `weekly` cube keeps each day as its week's Monday, so it answers whole weeks alone. One that is the sum
    of a `finer` one is made from it: at 33 million cases that reads a tenth of what the fact would.
    """

    key: str
    days: tuple[Column[Any], ...]
    dimensions: tuple[str, ...]
    measures: tuple[m.Measure, ...]
    table: Table
    weekly: bool = False
    finer: Rollup | None = None

    @property
    def clock(self) -> ColumnElement[Any]:
        """The day by which the content is cut, as it stands where the content is read from."""
        column: ColumnElement[Any] = (
            self.days[0] if self.finer is None else self.finer.table.c[self.days[0].name]
        )
        return column


def _rollup(
    key: str,
    days: tuple[Column[Any], ...],
    dimensions: tuple[str, ...],
    measures: tuple[m.Measure, ...],
    *,
    weekly: bool = False,
    finer: Rollup | None = None,
) -> Rollup:
    stored = dict.fromkeys(measure.column for measure in measures)
    table = Table(
        f"rollup_{key}",
        METADATA,
        *[Column(day.name, day.type, nullable=True) for day in days],
        *[Column(name, cases.c[name].type, nullable=False) for name in dimensions],
        *[Column(name, BigInteger, nullable=False) for name in stored],
        # on a cluster the rows stay where their cases are
        info={"shard_by": None, "sort_by": days[0].name},
    )
    return Rollup(key, days, dimensions, measures, table, weekly, finer)


_FLOWS: dict[str, tuple[Column[Any], tuple[m.Measure, ...]]] = {
    "registered": (
        cases.c.registered_on,
        (
            m.CASES,
            m.FIRST_TIME,
            m.REPEAT_BASE,
            m.REPEATS,
            m.PEOPLE,
            m.PETITIONS,
            m.PETITIONS_ONLINE,
            m.SKIP_LEVEL_GROUPS,
            m.SKIP_LEVEL_HEADS,
            m.COLLECTIVE_GROUPS,
            m.COLLECTIVE_HEADS,
            m.SENSITIVE_VISITS,
            m.SAME_DAY,
        ),
    ),
    "dispatched": (cases.c.transferred_on, (m.DISPATCHED, m.REFUSED, m.REDISPATCHED)),
    "accept_due": (
        cases.c.accept_due_on,
        (m.ACCEPT_DUE, m.ACCEPT_MET, m.ACCEPT_DUE_ALL, m.ACCEPT_MET_ALL),
    ),
    "notify_due": (
        cases.c.notify_due_on,
        (m.NOTIFY_DUE, m.NOTIFY_MET, m.NOTIFY_DUE_ALL, m.NOTIFY_MET_ALL),
    ),
    "reply_due": (cases.c.reply_due_on, (m.REPLY_DUE, m.REPLY_MET, m.REPLY_DUE_ALL, m.REPLY_MET_ALL)),
    "closed": (
        cases.c.closed_on,
        (
            m.CLOSED,
            m.CLOSED_FIRST,
            m.RESOLVED_FIRST,
            m.REPLIED,
            m.REPLY_SECONDS,
            m.PUBLISHABLE,
            m.PUBLISHED,
        ),
    ),
    "evaluated": (
        cases.c.evaluated_on,
        (
            m.RATED_ITEMS,
            m.SATISFIED,
            m.MOSTLY_SATISFIED,
            m.DISSATISFIED,
            m.UNRATED_OVERDUE,
            m.CALLBACKS,
            m.CALLBACK_SATISFIED,
            m.CALLBACK_MOSTLY,
            m.CALLBACK_DISSATISFIED,
            m.CALLBACK_CONTACTED,
            m.CALLBACK_RESOLVED,
        ),
    ),
}

_RETURNS = (m.RESOLVED_FIRST_RETURNED, *m.RETURNED_WITHIN.values())
_RETURNS_STREET = _rollup("returns_street", (cases.c.closed_on, cases.c.returned_on), STREET, _RETURNS)
_REGISTERED_CELL = _rollup(
    "registered_cell", (cases.c.registered_on,), CELL, (m.CASES, m.REPEAT_BASE, m.REPEATS), weekly=True
)

ROLLUPS: tuple[Rollup, ...] = (
    *[_rollup(f"{key}_street", (day,), STREET, held) for key, (day, held) in _FLOWS.items()],
    _rollup("returns_district", _RETURNS_STREET.days, ("district_id",), _RETURNS, finer=_RETURNS_STREET),
    _RETURNS_STREET,
    _rollup("lifetimes", (cases.c.registered_on, cases.c.closed_on), ("district_id",), (m.OPEN_CASES,)),
    *[_rollup(f"{key}_category", (day,), CATEGORY, held) for key, (day, held) in _FLOWS.items()],
    _rollup("returns_category", _RETURNS_STREET.days, CATEGORY, _RETURNS),
    _rollup(
        "registered_place",
        _REGISTERED_CELL.days,
        PLACE,
        _REGISTERED_CELL.measures,
        weekly=True,
        finer=_REGISTERED_CELL,
    ),
    _REGISTERED_CELL,
)
# In the order they are made: first those of the fact.
MADE: tuple[Rollup, ...] = tuple(sorted(ROLLUPS, key=lambda rollup: rollup.finer is not None))


def rebuild(connection: Connection) -> None:
    """Makes every roll-up and the coverage of the fact's fields, whole, inside the caller's transaction."""
    for rollup in MADE:
        fill(connection, rollup)
    covered = connection.execute(_filled()).mappings().one()
    connection.execute(field_coverage.delete())
    rows = [{"field": name, "filled": int(filled)} for name, filled in covered.items()]
    connection.execute(insert(field_coverage), rows)


def follow(connection: Connection, changes: Changes) -> None:
    """Brings every roll-up and the coverage after `changes`; the result equals that of `rebuild`.

    Made anew are only the days on which the changed items add something else to the cube than they added
    before. The links must have followed already (`matters.follow`). Needs the embedded engine.
    """
    if changes.are_many():
        rebuild(connection)
        return
    for rollup in MADE:
        _make_anew(connection, rollup, _touched(connection, rollup))
    for database, sign in ((EARLIER, -1), (LATER, 1)):
        filled = answer_of(connection, database, _filled()).mappings().one()
        for name, rows in filled.items():
            more = field_coverage.c.filled + sign * int(rows)
            connection.execute(
                update(field_coverage).where(field_coverage.c.field == name).values(filled=more)
            )


def _touched(connection: Connection, rollup: Rollup) -> list[date]:
    """The days (Mondays of a weekly cube) on which what the changed items add is not what they added."""
    parts = []
    for database in (EARLIER, LATER):
        part = rollup.table.to_metadata(MetaData(), schema=database)
        part.create(connection, checkfirst=False)
        names = [column.name for column in part.c]
        answer_of(connection, database, insert(part).from_select(names, _content(rollup)))
        parts.append(part)
    day = rollup.days[0].name
    was, now = (select(part) for part in parts)
    differing = union_all(was.except_(now), now.except_(was)).subquery()
    return list(connection.execute(select(differing.c[day]).distinct()).scalars())


def _make_anew(connection: Connection, rollup: Rollup, days: Sequence[date]) -> None:
    if not days:
        return
    connection.execute(delete(rollup.table).where(rollup.table.c[rollup.days[0].name].in_(days)))
    connection.execute(content(rollup, days))


def _filled() -> Select[*tuple[Any, ...]]:
    """Counts the rows that fill each field that may be empty: what no row records cannot be measured."""
    fields = [column for column in cases.c if column.nullable or column.primary_key]
    return select(*[func.count(column).label(column.name) for column in fields])


def fill(connection: Connection, rollup: Rollup) -> None:
    """Makes one roll-up from the fact, whole."""
    rollup.table.drop(connection, checkfirst=True)
    rollup.table.create(connection)
    connection.execute(content(rollup))


def content(rollup: Rollup, days: Sequence[date] | None = None) -> Insert:
    """The statement that fills the empty table of a roll-up, or with `days` the part of it on those days.

    The days of a weekly cube are Mondays.
    """
    query = _content(rollup)
    if days is not None:
        # The bounds let the engine skip the blocks of all other days unread.
        last = max(days) + timedelta(days=6 if rollup.weekly else 0)
        query = query.where(rollup.clock.between(min(days), last), _day(rollup, rollup.clock).in_(days))
    return insert(rollup.table).from_select([column.name for column in rollup.table.c], query)


def _content(rollup: Rollup) -> Select[Any]:
    """What the roll-up holds, in the order of its columns, read from the fact or from a finer roll-up."""
    stored = {measure.column: measure for measure in rollup.measures}
    keys: list[ColumnElement[Any]]
    if rollup.finer is not None:
        finer = rollup.finer.table.c
        keys = [finer[name] for name in (*[day.name for day in rollup.days], *rollup.dimensions)]
        return select(*keys, *[total(finer[name]).label(name) for name in stored]).group_by(*keys)
    keys = [*[_day(rollup, day) for day in rollup.days], *[_member(name) for name in rollup.dimensions]]
    amounts = [total(measure.amount()).label(name) for name, measure in stored.items()]
    query = select(*keys, *amounts).where(rollup.days[0].is_not(None)).group_by(*keys)
    if rollup.key.startswith("returns"):
        return query.where(cases.c.returned_on.is_not(None))
    return query


def _day(rollup: Rollup, day: ColumnElement[Any]) -> ColumnElement[Any]:
    return week_start(day) if rollup.weekly else day


def _member(name: str) -> ColumnElement[Any]:
    """The fact's key; one that the source left out (a place without coordinates) is 未明确."""
    column = cases.c[name]
    return func.coalesce(column, NOT_STATED) if column.nullable else column


def rows(connection: Connection) -> dict[str, int]:
    """Rows held by each roll-up."""
    return {
        rollup.key: int(connection.execute(select(func.count()).select_from(rollup.table)).scalar_one())
        for rollup in ROLLUPS
    }

"""The daily cubes: one family per clock, additive, small enough to answer a page in milliseconds.

Each roll-up is keyed by the event day of its clock, so that a refresh is: delete those days, insert them
again. Two families per clock (by street; by district × category × channel) answer the boards; maps read a
third, of whole weeks by H3 cell; anything finer is asked of the fact. `returns` and `lifetimes` carry a
second date and so answer what was known on any past day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Insert, Table, func, insert, select

from warehouse import measures as m
from warehouse.dialects import total, week_start
from warehouse.schema import METADATA, NOT_STATED, cases, field_coverage

STREET = ("district_id", "street_id")
CATEGORY = ("district_id", "category1_id", "channel_id")
CELL = ("h3", "district_id", "street_id", "category1_id")


@dataclass(frozen=True, eq=False)
class Rollup:
    """One cube: its table, the days and dimensions that key it, and the measures it holds, smallest first.

    A `weekly` cube keeps each day as its week's Monday, so it answers whole weeks alone.
    """

    key: str
    days: tuple[Column[Any], ...]
    dimensions: tuple[str, ...]
    measures: tuple[m.Measure, ...]
    table: Table
    weekly: bool = False


def _rollup(
    key: str,
    days: tuple[Column[Any], ...],
    dimensions: tuple[str, ...],
    measures: tuple[m.Measure, ...],
    *,
    weekly: bool = False,
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
    return Rollup(key, days, dimensions, measures, table, weekly)


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

ROLLUPS: tuple[Rollup, ...] = (
    *[_rollup(f"{key}_street", (day,), STREET, held) for key, (day, held) in _FLOWS.items()],
    _rollup(
        "returns_street",
        (cases.c.closed_on, cases.c.returned_on),
        STREET,
        (m.RESOLVED_FIRST_RETURNED, *m.RETURNED_WITHIN.values()),
    ),
    _rollup("lifetimes", (cases.c.registered_on, cases.c.closed_on), ("district_id",), (m.OPEN_CASES,)),
    *[_rollup(f"{key}_category", (day,), CATEGORY, held) for key, (day, held) in _FLOWS.items()],
    _rollup(
        "returns_category",
        (cases.c.closed_on, cases.c.returned_on),
        CATEGORY,
        (m.RESOLVED_FIRST_RETURNED, *m.RETURNED_WITHIN.values()),
    ),
    _rollup(
        "registered_cell",
        (cases.c.registered_on,),
        CELL,
        (m.CASES, m.REPEAT_BASE, m.REPEATS),
        weekly=True,
    ),
)


def rebuild(connection: Connection) -> None:
    """Makes every roll-up and the coverage of the fact's fields, whole, inside the caller's transaction."""
    for rollup in ROLLUPS:
        fill(connection, rollup)
    _cover(connection)


def _cover(connection: Connection) -> None:
    """Counts the rows that fill each field that may be empty: what no row records cannot be measured."""
    fields = [column for column in cases.c if column.nullable or column.primary_key]
    counted = connection.execute(select(*[func.count(column).label(column.name) for column in fields])).one()
    connection.execute(field_coverage.delete())
    rows = [{"field": column.name, "filled": int(getattr(counted, column.name))} for column in fields]
    connection.execute(insert(field_coverage), rows)


def fill(connection: Connection, rollup: Rollup) -> None:
    """Makes one roll-up from the fact, whole."""
    rollup.table.drop(connection, checkfirst=True)
    rollup.table.create(connection)
    connection.execute(content(rollup))


def content(rollup: Rollup) -> Insert:
    """The statement that fills the empty table of a roll-up from the fact."""
    keys = [*[_day(rollup, day) for day in rollup.days], *[_member(name) for name in rollup.dimensions]]
    stored = {measure.column: measure for measure in rollup.measures}
    amounts = [total(measure.amount()).label(name) for name, measure in stored.items()]
    query = select(*keys, *amounts).where(rollup.days[0].is_not(None)).group_by(*keys)
    if rollup.key.startswith("returns"):
        query = query.where(cases.c.returned_on.is_not(None))
    return insert(rollup.table).from_select([column.name for column in rollup.table.c], query)


def _day(rollup: Rollup, day: Column[Any]) -> ColumnElement[Any]:
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

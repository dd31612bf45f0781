"""What a load changes: the items it adds, and those it alters, as they were before it and as they are after.

Links and roll-ups follow a load by looking at these alone, so that a day's items cost seconds in a warehouse
of years. Loads are made in the embedded engine, so the SQL here is DuckDB's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    MetaData,
    Select,
    String,
    Table,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from warehouse.schema import cases

# Two databases in memory beside the file, each with a table `cases` of its own.
EARLIER, LATER = "earlier", "later"
# From this share of all items on, making everything anew takes no longer than following them.
MANY = 0.1

_earlier = cases.to_metadata(MetaData(), schema=EARLIER)
_later = cases.to_metadata(MetaData(), schema=LATER)
_NAMES = [column.name for column in cases.c]


@contextmanager
def noted(connection: Connection) -> Iterator[Changes]:
    """Yield the notebook of a load into the DuckDB file under `connection`; it leaves nothing behind."""
    for database in (EARLIER, LATER):
        connection.exec_driver_sql(f"ATTACH ':memory:' AS {database}")
    for table in (_earlier, _later):
        table.create(connection, checkfirst=False)
    try:
        yield Changes(connection)
    finally:
        for database in (EARLIER, LATER):
            connection.exec_driver_sql(f"DETACH {database}")


class Changes:
    """The items that a load adds (`case_id` from `first_new` on) or alters.

    In turn: `keep` whatever is to be altered, alter it, `take_stock`, `take_over` what follows from that.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        greatest = connection.execute(select(func.max(cases.c.case_id))).scalar_one()
        self.first_new = (greatest or 0) + 1

    def keep(self, items: Select[tuple[int]]) -> None:
        """Note what these items say before they are altered. New ones have no past."""
        seen = select(_earlier.c.case_id)
        rows = select(cases).where(
            cases.c.case_id.in_(items), cases.c.case_id < self.first_new, cases.c.case_id.not_in(seen)
        )
        self._connection.execute(insert(_earlier).from_select(_NAMES, rows))

    def are_many(self) -> bool:
        """Say whether so much changed that everything is better made anew."""
        every, new = self._connection.execute(
            select(func.count(), func.count().filter(cases.c.case_id >= self.first_new))
        ).one()
        altered = self._connection.execute(select(func.count()).select_from(_earlier)).scalar_one()
        return bool(new + altered > MANY * every)

    def take_stock(self) -> None:
        """Note what the items say that were added or altered until now."""
        altered = cases.c.case_id.in_(select(_earlier.c.case_id))
        for rows in (select(cases).where(cases.c.case_id >= self.first_new), select(cases).where(altered)):
            self._connection.execute(insert(_later).from_select(_NAMES, rows))

    def take_over(self, newer: Table) -> None:
        """Write what `newer` (case_id and some columns, no text) says of items into them, and note it.

        Items that were not altered before are noted without their texts: to read those of some thousand
        items scattered over years takes longer than all the rest.
        """
        noted_already = select(_later.c.case_id)
        others = select(newer.c.case_id).where(newer.c.case_id.not_in(noted_already))
        columns = [_without_text(one) for one in cases.c]
        rows = select(*columns).where(cases.c.case_id.in_(others))
        self._connection.execute(insert(_earlier).from_select(_NAMES, rows))
        as_they_were = select(_earlier).where(_earlier.c.case_id.not_in(noted_already))
        self._connection.execute(insert(_later).from_select(_NAMES, as_they_were))
        names = [column.name for column in newer.c if column.name != "case_id"]
        for table in (cases, _later):
            written = update(table).values({name: newer.c[name] for name in names})
            self._connection.execute(written.where(table.c.case_id == newer.c.case_id))


def _without_text(column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, String):
        return column
    return (null() if column.nullable else literal("")).label(column.name)


def answer_of(connection: Connection, database: str, statement: Executable) -> CursorResult[Any]:
    """Run `statement`, in which `cases` means the `cases` of `database`: EARLIER or LATER."""
    return connection.execute(statement, execution_options={"schema_translate_map": {None: database}})

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
    and_,
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

    In turn: `keep` what is to be altered, `alter` it, `take_stock` when all is in, then look at both sides.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        greatest = connection.execute(select(func.max(cases.c.case_id))).scalar_one()
        self.first_new = (greatest or 0) + 1

    def are_many(self) -> bool:
        """Say whether so much changed that everything is better made anew; once so, it stays so."""
        every, new = self._connection.execute(
            select(func.count(), func.count().filter(cases.c.case_id >= self.first_new))
        ).one()
        altered = self._connection.execute(select(func.count()).select_from(_earlier)).scalar_one()
        return bool(new + altered > MANY * every)

    def keep(self, items: Select[tuple[int]], *, texts: bool = True) -> None:
        """Note what these items say before they are altered. New ones have no past.

        Without `texts` they are noted as empty: to read those of some thousand items scattered over years
        takes longer than all the rest. Nothing more is noted once changes are many.
        """
        if self.are_many():
            return
        fresh = and_(
            cases.c.case_id.in_(items),
            cases.c.case_id < self.first_new,
            cases.c.case_id.not_in(select(_earlier.c.case_id)),
        )
        columns = [one if texts else _without_text(one) for one in cases.c]
        self._connection.execute(insert(_earlier).from_select(_NAMES, select(*columns).where(fresh)))
        both = select(_earlier).where(_earlier.c.case_id.not_in(select(_later.c.case_id)))
        self._connection.execute(insert(_later).from_select(_NAMES, both))

    def alter(self, newer: Table) -> None:
        """Write what `newer` (case_id and other columns) says of items into them, here and in the notes."""
        values = {column.name: column for column in newer.c if column.name != "case_id"}
        # Kept in step from the start: what was just written in place is slow to read again.
        for table in (cases, _later):
            self._connection.execute(update(table).values(values).where(table.c.case_id == newer.c.case_id))

    def take_stock(self) -> None:
        """Note what the new items say, once all of them are in."""
        rows = select(cases).where(cases.c.case_id >= self.first_new)
        self._connection.execute(insert(_later).from_select(_NAMES, rows))


def _without_text(column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, String):
        return column
    return (null() if column.nullable else literal("")).label(column.name)


def answer_of(connection: Connection, database: str, statement: Executable) -> CursorResult[Any]:
    """Run `statement`, in which `cases` means the `cases` of `database`: EARLIER or LATER."""
    return connection.execute(statement, execution_options={"schema_translate_map": {None: database}})

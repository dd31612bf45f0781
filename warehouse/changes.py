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
    bindparam,
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
# From this share of all items on everything is made anew: memory would hold much of the fact twice. A day is
# a third of a percent of three years.
MANY = 0.1

# So many items are found one by one, by their key; more of them by reading the whole column.
FEW = 10_000

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
    """The items that a load adds or alters; every write to `cases` goes through here.

    Both sides are kept in step from the start, as what was just written in place is slow to read again.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = connection.execute(select(func.count()).select_from(cases)).scalar_one()
        self._new = self._altered = 0

    def are_many(self) -> bool:
        """Say whether so much changed that everything is better made anew; then nothing more is noted."""
        return self._new + self._altered > MANY * (self._rows + self._new)

    @property
    def standing(self) -> str:
        """Where what the items say now is read fastest, once they are kept."""
        return cases.name if self.are_many() else f"{LATER}.{cases.name}"

    def add(self, items: Table) -> None:
        """Add new items, which `items` holds with the columns of `cases`."""
        rows = select(*(items.c[name] for name in _NAMES))
        self._new += self._connection.execute(insert(cases).from_select(_NAMES, rows)).rowcount
        if not self.are_many():
            self._connection.execute(insert(_later).from_select(_NAMES, rows))

    def keep(self, items: Select[tuple[int]], *, texts: bool = True) -> None:
        """Note what these items say before they are altered. New ones have no past.

        Without `texts` they are noted as empty: to read those of some thousand items scattered over years
        takes longer than all the rest.
        """
        noted_already = select(_later.c.case_id)
        unnoted = items.where(items.selected_columns[0].not_in(noted_already))
        rows, chosen = among(self._connection, unnoted)
        self._altered += rows
        if self.are_many():
            return
        columns = [one if texts else _without_text(one) for one in cases.c]
        self._connection.execute(insert(_earlier).from_select(_NAMES, select(*columns).where(chosen)))
        both = select(_earlier).where(_earlier.c.case_id.not_in(noted_already))
        self._connection.execute(insert(_later).from_select(_NAMES, both))

    def alter(self, newer: Table) -> None:
        """Write what `newer` (case_id and other columns) says of items into them."""
        values = {column.name: column for column in newer.c if column.name != "case_id"}
        for table in (cases, _later):
            self._connection.execute(update(table).values(values).where(table.c.case_id == newer.c.case_id))


def among(connection: Connection, items: Select[tuple[int]]) -> tuple[int, ColumnElement[bool]]:
    """Return how many items these are, and the condition on `cases` by which they are found fastest."""
    ids = connection.execute(items).scalars().all()
    few: Any = bindparam("few", ids, expanding=True, literal_execute=True)
    return len(ids), cases.c.case_id.in_(few if len(ids) <= FEW else items)


def _without_text(column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, String):
        return column
    return (null() if column.nullable else literal("")).label(column.name)


def answer_of(connection: Connection, database: str, statement: Executable) -> CursorResult[Any]:
    """Run `statement`, in which `cases` means the `cases` of `database`: EARLIER or LATER."""
    return connection.execute(statement, execution_options={"schema_translate_map": {None: database}})

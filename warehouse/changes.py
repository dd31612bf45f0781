"""What a load changes: the items it adds, and those it alters as they were before it.

Links and roll-ups follow a load by looking at these alone, so that a day's items cost seconds in a warehouse
of years. Loads are made in the embedded engine, so the SQL here is DuckDB's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, MetaData, Select, func, insert, select

from warehouse.schema import cases

# Two databases in memory beside the file, each with a table `cases` of its own.
EARLIER, LATER = "earlier", "later"
# Above this share of all items, making everything anew is faster than following them. Measured at 3 million
# cases: a tenth takes 0.8 of the time of a whole rebuild.
MANY = 0.1

_earlier = cases.to_metadata(MetaData(), schema=EARLIER)
_later = cases.to_metadata(MetaData(), schema=LATER)


@contextmanager
def noted(connection: Connection) -> Iterator[Changes]:
    """Yield the notebook of a load that writes into the DuckDB file under `connection`, which it leaves."""
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
    """The items that a load adds (`case_id` from `first_new` on) or alters (kept in `earlier.cases`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        greatest = connection.execute(select(func.max(cases.c.case_id))).scalar_one()
        self.first_new = (greatest or 0) + 1

    def keep(self, items: Select[tuple[int]]) -> None:
        """Note what these items say now; to be called before they are altered. New ones have no past."""
        seen = select(_earlier.c.case_id)
        rows = select(cases).where(
            cases.c.case_id.in_(items), cases.c.case_id < self.first_new, cases.c.case_id.not_in(seen)
        )
        self._connection.execute(insert(_earlier).from_select([one.name for one in cases.c], rows))

    def are_many(self) -> bool:
        """Say whether so much changed that everything is better made anew."""
        every, new = self._connection.execute(
            select(func.count(), func.count().filter(cases.c.case_id >= self.first_new))
        ).one()
        altered = self._connection.execute(select(func.count()).select_from(_earlier)).scalar_one()
        return bool(new + altered > MANY * every)

    def take_stock(self) -> None:
        """Note in `later.cases` what all of them say; to be called when nothing alters any more."""
        names = [one.name for one in cases.c]
        altered = select(cases).where(cases.c.case_id.in_(select(_earlier.c.case_id)))
        for rows in (select(cases).where(cases.c.case_id >= self.first_new), altered):
            self._connection.execute(insert(_later).from_select(names, rows))


def answer_of(connection: Connection, database: str, statement: Executable) -> CursorResult[Any]:
    """Run `statement`, in which `cases` means the `cases` of `database`: EARLIER or LATER."""
    return connection.execute(statement, execution_options={"schema_translate_map": {None: database}})

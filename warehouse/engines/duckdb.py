"""The only file that opens a DuckDB file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy
from sqlalchemy import ColumnElement, CursorResult, Engine, Select, String, Table, cast, event, func
from sqlalchemy.engine import URL, ExceptionContext

from warehouse.engines.transfer import ROWS, arrow_schema, as_declared, spelled
from warehouse.errors import WarehouseBusy, WarehouseMissing, WarehouseUnavailable

# Measured at 33 million cases: readers answer every question inside 512 MB, so 1 GB leaves room for eight at
# once; DuckDB's own default, 80 % of the machine per process, would let one reader starve the rest.
READER_MEMORY = "1GB"
# With it a load of any size stays below 2 GB, rows on their way included.
WRITER_MEMORY = "1GB"
READERS_AT_ONCE = 8
# It has no limit of its own. Counting persons over 33 million cases took 31 s on a crowded machine.
QUERY_SECONDS = 60
_HOLDER = re.compile(r"held in (?P<program>\S+) \(PID (?P<pid>\d+)\)")


def engine(
    path: Path, *, read_only: bool, memory_limit: str | None = None, threads: int | None = None
) -> Engine:
    """Return an engine on the DuckDB file at `path`; nothing is opened before the first connection.

    Each thread checks its own connection out of a pool: one DuckDB connection used by two threads answers
    wrongly without an error. A reader can touch no other file, no network and no setting. `memory_limit` is
    DuckDB's spelling ("2GB") and bounds the whole process's use of this file; `threads` defaults to the
    machine's cores.

    Raises on connecting: WarehouseMissing when a reader finds no file, WarehouseBusy when another process
    holds it, WarehouseUnavailable when the file cannot be read or the disk is full.
    """
    config: dict[str, str | int | bool] = {
        "memory_limit": memory_limit or (READER_MEMORY if read_only else WRITER_MEMORY),
        "threads": threads or os.cpu_count() or 1,
    }
    if read_only:
        config |= {"enable_external_access": False, "lock_configuration": True}
    opened = sqlalchemy.create_engine(
        URL.create("duckdb", database=str(path)),
        connect_args={"read_only": read_only, "config": config},
        poolclass=sqlalchemy.QueuePool,
        pool_size=READERS_AT_ONCE,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # bound values may be names or numbers of persons; they never reach a log
    )

    def say_it_in_one_sentence(context: ExceptionContext) -> None:
        _translate(path, context.original_exception)

    event.listen(opened, "handle_error", say_it_in_one_sentence)
    return opened


def raw(connection: sqlalchemy.Connection) -> Any:
    """Return DuckDB's own connection under `connection`, to register Arrow tables or fetch Arrow results."""
    return connection.connection.driver_connection


def stop(connection: sqlalchemy.Connection) -> None:
    """End the statement that runs on `connection` with an error; called from another thread."""
    raw(connection).interrupt()


def fetched(result: CursorResult[Any]) -> pa.Table:
    """Return the rows of an answer column by column: many are brought over in a fraction of the time."""
    rows: Any = result.cursor
    table: pa.Table = rows.to_arrow_table()
    result.close()
    return table


def batches(connection: sqlalchemy.Connection, query: Select[Any]) -> Iterator[pa.Table]:
    """Yield the answer of `query` as Arrow tables of the declared types, streamed."""
    answered = raw(connection).execute(spelled(connection, query))
    yield from as_declared(answered.to_arrow_reader(ROWS), arrow_schema(query))


def fingerprint(table: Table) -> ColumnElement[str]:
    """A text that stands for a group of rows of `table`, whatever their order, in this engine alone."""
    return cast(func.sum(func.hash(*table.c)), String)


class Build:
    """A version being written into its file, whole; `connection` sees it as readers will."""

    lends, earlier = False, None

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self.connection, self.shards = connection, (connection,)

    def create(self, tables: Sequence[Table]) -> None:
        """Make empty tables."""
        for table in tables:
            table.create(self.connection)

    def append(self, table: Table, rows: pa.Table) -> None:
        """Add rows with exactly the columns of `table`."""
        engine = raw(self.connection)
        engine.register("incoming", rows)
        try:
            engine.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM incoming")  # noqa: S608 (own name)
        finally:
            engine.unregister("incoming")

    def settle(self) -> None:
        """Nothing is left to do: DuckDB keeps the least and the greatest of every block by itself."""


def _translate(path: Path, error: BaseException) -> None:
    """Raise the warehouse's own error where DuckDB's message means one; return where it does not."""
    message = str(error)
    if "Could not set lock" in message or "different configuration" in message:
        holder = _HOLDER.search(message)
        who = f"process {holder['pid']} ({holder['program']})" if holder else "another connection"
        raise WarehouseBusy(
            f"{path} is held by {who}; wait until it has finished or stop it, then try again."
        ) from error
    if "database does not exist" in message:
        raise WarehouseMissing(
            f"{path} does not exist; build one with `python -m warehouse demo` or `load`."
        ) from error
    if "No space left" in message:
        raise WarehouseUnavailable(f"The disk holding {path} is full; free space and run again.") from error
    if "not a valid DuckDB database file" in message or "Corrupt" in message:
        raise WarehouseUnavailable(
            f"{path} is damaged or not a DuckDB file; build the warehouse again or restore its copy."
        ) from error

"""The only file that opens a PostgreSQL database: one warehouse in it, one schema a version.

A version is the schema `qingyu_<version>`; which one is live stands in `qingyu.published`. A build makes its
schema, fills it and adds its line to that table in one transaction, so there is never half a version, and
a build that fails or is killed leaves nothing behind. A reader looks up the live version first and keeps to
its schema.
"""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa
import sqlalchemy
from pyarrow import csv
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Select,
    String,
    Table,
    cast,
    event,
    func,
    insert,
    literal_column,
    not_,
    select,
)
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError

from warehouse.engines import versions
from warehouse.engines.transfer import ROWS, arrow_schema, as_declared, spelled
from warehouse.errors import WarehouseBusy, WarehouseMissing, WarehouseUnavailable

DIALECT = "postgresql"
HOME = "qingyu"
READERS_AT_ONCE = 8
# Measured with a server that vanished, one that stalled and one whose table was locked: without these a
# reader waits for ever.
_PATIENCE = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
QUERY_SECONDS = 8
HANG_UP_SECONDS = 10  # later than the server's own limit, which says more
LOCK_SECONDS = 3
# Any number will do, as long as every build asks for the same.
_WRITER_LOCK = 7_468_291_037
# Without it the server goes on for a builder that was killed, and holds the lock, until a statement ends.
_LOOKS_FOR_ITS_BUILDER = "2s"
# Long enough for a question that is being answered, short enough not to hold the next ones up.
_DROP_WAITS = "5s"
_BLOCK = 8 << 20
# What the driver raises where rows go past SQLAlchemy.
FAULTS: tuple[type[Exception], ...] = (psycopg.Error,)


def engine(url: URL, schema: str, *, read_only: bool, patient: bool = False) -> Engine:
    """Return an engine whose tables are those of `schema`; nothing is opened before the first connection.

    A reader cannot write and gives up by itself. Raises on asking: WarehouseUnavailable when the server does
    not answer, and WarehouseMissing when the version asked for has been dropped meanwhile.
    """
    settings = [f"search_path={schema}"]
    if read_only:
        settings.append("default_transaction_read_only=on")
    if read_only and not patient:
        settings += [f"statement_timeout={QUERY_SECONDS}s", f"lock_timeout={LOCK_SECONDS}s"]
    options = " ".join(["-c " + setting for setting in settings])
    given = url.query.get("options", "")
    opened = sqlalchemy.create_engine(
        url.set(drivername="postgresql+psycopg").update_query_dict({"options": f"{given} {options}".strip()}),
        connect_args=dict(_PATIENCE),
        pool_size=READERS_AT_ONCE,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
    )
    place = url.render_as_string(hide_password=True)

    def say_it_in_one_sentence(context: ExceptionContext) -> None:
        _translate(place, schema, context)

    event.listen(opened, "handle_error", say_it_in_one_sentence)
    return opened


def _translate(place: str, schema: str, context: ExceptionContext) -> None:
    """Raise the warehouse's own error where PostgreSQL's means one; return where it does not."""
    error = context.original_exception
    state = getattr(error, "sqlstate", None)
    if state == "42P01" and schema != HOME:  # undefined_table
        raise WarehouseMissing(
            f"{place} holds no version {schema.removeprefix(HOME + '_')} any more; open the live one."
        ) from error
    if context.is_disconnect or (context.connection is None and state is None):
        raise WarehouseUnavailable(
            f"The warehouse at {place} cannot be reached; check that its server runs and try again."
        ) from error
    if state == "57014":  # query_canceled
        raise WarehouseUnavailable(
            f"{place} did not answer within {QUERY_SECONDS} seconds; ask again when it is less busy, or ask "
            "for less."
        ) from error


def stop(connection: Connection) -> None:
    """Hang up on a server that neither answers nor gives up; called from another thread.

    Its own limit ends a statement that runs, not one whose server is stopped or cut off.
    """
    driver: Any = connection.connection.driver_connection
    with socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def batches(connection: Connection, query: Select[Any]) -> Iterator[pa.Table]:
    """Yield the answer of `query` as Arrow tables of the declared types, streamed in the server's order."""
    schema = arrow_schema(query)
    with _cursor(connection).copy(f"COPY ({spelled(connection, query)}) TO STDOUT (FORMAT csv)") as copied:
        incoming = io.BufferedReader(_Incoming(copied), _BLOCK)
        if not incoming.peek(1):
            return
        reader = csv.open_csv(
            incoming,
            read_options=csv.ReadOptions(column_names=schema.names, block_size=_BLOCK, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=schema,
                null_values=[""],  # PostgreSQL quotes an empty text and leaves a null bare
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
        yield from as_declared(reader, schema)


def fingerprint(table: Table) -> ColumnElement[str]:
    """A text that stands for a group of rows of `table`, whatever their order, on this server alone."""
    row = cast(literal_column(f'"{table.name}"'), String)
    return cast(func.sum(func.hashtextextended(row, 0)), String)


class _Incoming(io.RawIOBase):
    """The bytes of a COPY as a file that Arrow can read."""

    def __init__(self, copied: Any) -> None:
        self._copied, self._rest = copied, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(self._copied.read())
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


class Store:
    """The versions of one warehouse in one database; one writer at a time."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def __str__(self) -> str:
        return self._url.render_as_string(hide_password=True)

    def versions(self) -> list[str]:
        """Return the versions that can be opened, oldest first."""
        with self._connected() as connection:
            return _kept(connection)

    def version(self) -> str:
        """Return the live version's name; raises WarehouseMissing when nothing has been published."""
        with self._connected() as connection:
            return self._live(connection)

    def reader(self, version: str | None = None, *, patient: bool = False) -> Engine:
        """Return an engine that reads one version and keeps to it; see `places.Versions`."""
        chosen = versions.require_kept(version, self.versions(), self) if version else self.version()
        return engine(self._url, _schema(chosen), read_only=True, patient=patient)

    @contextmanager
    def build(self) -> Iterator[Build]:
        """Yield a new version to be filled; when the block ends cleanly it goes live.

        The block must leave exactly one row in warehouse_info; its `version` is set here. An error changes
        nothing. Raises WarehouseBusy when another build is at work.
        """
        with self._connected() as connection:
            self._lock(connection)
            connection.exec_driver_sql(
                f"SET LOCAL client_connection_check_interval = '{_LOOKS_FOR_ITS_BUILDER}'"
            )
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {HOME}")
            connection.exec_driver_sql(
                f"CREATE TABLE IF NOT EXISTS {HOME}.published (version text NOT NULL, "
                "published_at timestamptz NOT NULL DEFAULT clock_timestamp())"
            )
            kept = _kept(connection)
            version, live = versions.new_name(kept), _last(connection)
            connection.exec_driver_sql(f"CREATE SCHEMA {_schema(version)}")
            connection.exec_driver_sql(f"SET LOCAL search_path TO {_schema(version)}")
            build = Build(connection)
            with self._seeing(live if live in kept else None) as served:
                if served is not None and live is not None:
                    build.earlier = Earlier(served, _schema(live), build, _schema(version))
                yield build
            rows = connection.exec_driver_sql("SELECT count(*) FROM warehouse_info").scalar_one()
            versions.require_one_row(rows)
            connection.exec_driver_sql("UPDATE warehouse_info SET version = %s", (version,))
            _publish(connection, version)
            connection.commit()
            self._retire(connection, version)

    def roll_back(self, to: str | None = None) -> str:
        """Make the version `to`, else the one before the live one, live; returns its name.

        Raises WarehouseMissing when that version is not kept, WarehouseBusy while a build is at work.
        """
        with self._connected() as connection:
            self._lock(connection)
            chosen = versions.to_go_back_to(to, _kept(connection), self._live(connection), self)
            _publish(connection, chosen)
            connection.commit()
            return chosen

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        opened = engine(self._url, HOME, read_only=False)
        try:
            with opened.connect() as connection:
                yield connection
        finally:
            opened.dispose()

    @contextmanager
    def _seeing(self, version: str | None) -> Iterator[Connection | None]:
        if version is None:
            yield None
            return
        reader = self.reader(version, patient=True)
        try:
            with reader.connect() as connection:
                yield connection
        finally:
            reader.dispose()

    def _lock(self, connection: Connection) -> None:
        # Ends with the transaction, so with the process too.
        asked = "SELECT pg_try_advisory_xact_lock(%s)"
        if not connection.exec_driver_sql(asked, (_WRITER_LOCK,)).scalar_one():
            raise WarehouseBusy(
                f"{self} is being written by another process; wait until it has finished, then try again."
            )

    def _live(self, connection: Connection) -> str:
        kept = _kept(connection)
        if not kept:
            raise WarehouseMissing(
                f"{self} holds no warehouse; bring one with `python -m warehouse copy --from DIRECTORY "
                "--to URL`."
            )
        if (live := _last(connection)) not in kept:
            raise WarehouseMissing(
                f"{self} names version {live} as live, whose schema is not there; copy the warehouse again."
            )
        return live

    def _retire(self, connection: Connection, live: str) -> None:
        for version in versions.retired(_kept(connection), live):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_DROP_WAITS}'")
            try:
                connection.exec_driver_sql(f"DROP SCHEMA {_schema(version)} CASCADE")
                connection.commit()
            except DBAPIError:  # a reader is still at it: the next build drops it
                connection.rollback()


class Build:
    """A version on its way, in the transaction that publishes it; `connection` sees it as readers will.

    `earlier` is the live version, where there is one.
    """

    lends = True
    earlier: Earlier | None = None

    def __init__(self, connection: Connection) -> None:
        self.connection, self.shards = connection, (connection,)
        self._unsettled: list[Table] = []

    def create(self, tables: Sequence[Table]) -> None:
        """Make empty tables."""
        for table in tables:
            table.create(self.connection, checkfirst=False)
        self._unsettled += tables

    def append(self, table: Table, rows: pa.Table) -> None:
        """Add rows with exactly the columns of `table`."""
        text = io.BytesIO()
        csv.write_csv(rows, text, csv.WriteOptions(include_header=False, batch_size=ROWS))
        with _cursor(self.connection).copy(f'COPY "{table.name}" FROM STDIN (FORMAT csv)') as copied:
            copied.write(text.getbuffer())

    def settle(self) -> None:
        """Index what has been filled since the last time and gather the planner's statistics."""
        for table in self._unsettled:
            if "sort_by" in table.info:
                # Rows lie nearly in the order of their days, so that an index of a few pages is enough.
                for column in table.columns:
                    if column.name.endswith("_on"):
                        self.connection.exec_driver_sql(
                            f'CREATE INDEX ON "{table.name}" USING brin ("{column.name}")'
                        )
            self.connection.exec_driver_sql(f'ANALYZE "{table.name}"')
        self._unsettled.clear()


class Earlier:
    """The live version beside a build; `connection` sees it as readers do."""

    def __init__(self, connection: Connection, schema: str, build: Build, into: str) -> None:
        self.connection, self._schema, self._build, self._into = connection, schema, build, into

    def take_over(self, table: Table, leaving: ColumnElement[bool] | None) -> None:
        """Fill the build's empty table with what this version holds, but for the rows named by `leaving`."""
        staying = select(table) if leaving is None else select(table).where(not_(leaving))
        into = insert(table.to_metadata(MetaData(), schema=self._into))
        # What names no schema is looked for in the live one.
        self._build.connection.execute(
            into.from_select([column.name for column in table.columns], staying),
            execution_options={"schema_translate_map": {None: self._schema}},
        )


def _kept(connection: Connection) -> list[str]:
    """The versions that were published and whose schemas are there, oldest first."""
    if not connection.exec_driver_sql(f"SELECT to_regclass('{HOME}.published')").scalar_one():
        return []
    found = connection.exec_driver_sql(
        f"SELECT DISTINCT version FROM {HOME}.published"  # noqa: S608 (own identifiers)
        f" WHERE to_regnamespace('{HOME}_' || lower(version)) IS NOT NULL"
    )
    return sorted(version for (version,) in found)


def _last(connection: Connection) -> str | None:
    """The version that was published last, if any was."""
    last = f"SELECT version FROM {HOME}.published ORDER BY published_at DESC LIMIT 1"  # noqa: S608
    found = connection.exec_driver_sql(last).scalar_one_or_none()
    return None if found is None else str(found)


def _publish(connection: Connection, version: str) -> None:
    connection.exec_driver_sql(f"INSERT INTO {HOME}.published (version) VALUES (%s)", (version,))  # noqa: S608


def _schema(version: str) -> str:
    return f"{HOME}_{version}".lower()  # PostgreSQL's own spelling, so that nothing needs quotes

"""The only file that opens the store of records: a SQLite file of this machine, or a PostgreSQL database."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event, insert, inspect
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from warehouse.engines import postgresql
from warehouse.errors import RecordsUnavailable, WarehouseError
from warehouse.patience import Patience
from warehouse.records.chain import GENESIS
from warehouse.records.tables import ADDED, METADATA, audit, audit_head

PLACE_VARIABLE = "QINGYU_RECORDS"
DEFAULT_PLACE = Path("var/records/records.db")
SCHEMA = "qingyu_records"
# Seconds. A record takes milliseconds: who waits longer stands before a store that does not work.
WAITS = 10
# Any number will do, as long as every writer asks for the same.
_WRITER_LOCK = 7_468_291_038
_WRITES = "writes"
_NOTHING = f"No records stand in {{place}}; set {PLACE_VARIABLE} to the store that the suite writes."
_PATIENCE = Patience()
# What SQLite says, and what the operator is told: the store's place comes first.
_CURES = {
    "database or disk is full": "stands on a disk that is full; free space and try again",
    "disk I/O error": "cannot be written (disk error); look at its disk and free space",
    "database is locked": f"is held by another process for more than {WAITS} seconds; stop that one",
    "readonly database": "may not be written; correct the rights of the file and its folder",
    "unable to open database file": f"cannot be opened; correct its rights or set {PLACE_VARIABLE}",
    "file is not a database": "is damaged or no SQLite file; put it aside and restore its copy",
    "malformed": "is damaged; put it aside and restore its copy",
}


def records_place() -> str:
    """Return where records are kept: QINGYU_RECORDS (a file or a URL), else var/records/records.db."""
    return os.environ.get(PLACE_VARIABLE) or str(DEFAULT_PLACE)


class Records:
    """An open store of records; safe to share between threads and beside other processes."""

    def __init__(self, place: str, engine: Engine, stop: Callable[[Connection], None]) -> None:
        self._place = place
        self._engine = engine
        self._stop = stop
        self._file = _file_at(place)
        # One at a time inside the process as well: SQLite lets writers guess when to try again.
        self._turn = threading.Lock()

    def __str__(self) -> str:
        return self._place

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    @contextmanager
    def reading(self, *, patient: bool = False) -> Iterator[Connection]:
        """Yield a connection that sees the store as it is now, whatever is added meanwhile.

        Raises RecordsUnavailable; so does a statement that takes too long, unless `patient`.
        """
        with self._begun({}, None if patient else WAITS) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the one connection that may add records; what the block did is on disk when it ends.

        An error in the block adds nothing. Raises RecordsUnavailable.
        """
        if not self._turn.acquire(timeout=WAITS):
            raise RecordsUnavailable(f"{self._place} does not answer; look at its disk or server.")
        try:
            self._require_file()
            with self._begun({_WRITES: True}, WAITS) as connection:
                yield connection
        finally:
            self._turn.release()

    def _require_file(self) -> None:
        """Refuse to write into a file that has been taken away: it would be gone with this process."""
        if self._file != _file_at(self._place):
            raise RecordsUnavailable(
                f"{self._place} was removed or replaced while the suite ran; put it back and start again."
            )

    @contextmanager
    def _begun(self, options: dict[str, Any], seconds: float | None) -> Iterator[Connection]:
        try:
            with (
                self._engine.connect() as connection,
                self._in_time(connection, seconds),
                connection.execution_options(**options).begin(),
            ):
                yield connection
        except RecordsUnavailable:
            raise
        except (SQLAlchemyError, WarehouseError) as error:
            raise RecordsUnavailable(
                f"{self._place} could not be used ({type(error).__name__}); look at its disk or server."
            ) from error

    @contextmanager
    def _in_time(self, connection: Connection, seconds: float | None) -> Iterator[None]:
        if seconds is None:
            yield
            return
        with _PATIENCE.of(seconds, partial(self._stop, connection)):
            yield


def open_records(place: str | None = None, *, must_exist: bool = False) -> Records:
    """The store of records at `place` (default: `records_place`), made when it is not there.

    Raises RecordsUnavailable when it cannot be opened and written; with `must_exist`, when it is not there.
    """
    place = place or records_place()
    if must_exist and "://" not in place and not Path(place).exists():
        raise RecordsUnavailable(_NOTHING.format(place=place))
    engine, stop = _on_server(place) if "://" in place else _in_file(Path(place))
    shown = make_url(place).render_as_string(hide_password=True) if "://" in place else place
    records = Records(shown, engine, stop)
    try:
        with records.writing() as connection:
            if not inspect(connection).has_table(audit.name):
                if must_exist:
                    raise RecordsUnavailable(_NOTHING.format(place=shown))
                if engine.dialect.name == postgresql.DIALECT:
                    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                METADATA.create_all(connection)
                # Only with the tables: a chain that has lost its head is not given another one.
                connection.execute(insert(audit_head).values(head_id=1, records=0, at="", hash=GENESIS))
            else:
                for table in ADDED:
                    table.create(connection, checkfirst=True)
            _require_columns(connection, shown)
    except RecordsUnavailable:
        records.close()
        raise
    return records


def _require_columns(connection: Connection, shown: str) -> None:
    known = inspect(connection)
    for table in METADATA.sorted_tables:
        found = {column["name"] for column in known.get_columns(table.name)}
        lacking = [column.name for column in table.columns if column.name not in found]
        if lacking:
            raise RecordsUnavailable(
                f"{shown} was made by an older suite (it lacks {table.name}.{lacking[0]}); export it, put it "
                "aside and start a new one."
            )


def _file_at(place: str) -> tuple[int, int] | None:
    """Which file stands at a place, None where there is none, as on a server."""
    try:
        found = Path(place).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _in_file(path: Path) -> tuple[Engine, Callable[[Connection], None]]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # nobody else may read who looked at what
    except OSError as error:
        raise RecordsUnavailable(
            f"{path} cannot be written ({error.strerror}); correct its rights or set {PLACE_VARIABLE}."
        ) from error
    engine = sqlalchemy.create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": WAITS, "check_same_thread": False},
        pool_size=4,
        max_overflow=0,
        pool_timeout=WAITS,
        hide_parameters=True,
    )

    def prepare(driver: sqlite3.Connection, _: object) -> None:
        driver.isolation_level = None  # a transaction begins where `begin` below says so
        # FULL: what was acknowledged stands after a power cut as well, for one fsync a record.
        for setting in ("journal_mode=WAL", "synchronous=FULL"):
            driver.execute(f"PRAGMA {setting}")

    def begin(connection: Connection) -> None:
        is_writer = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    def say_it_in_one_sentence(context: ExceptionContext) -> None:
        message = str(context.original_exception)
        for said, cure in _CURES.items():
            if said in message:
                raise RecordsUnavailable(f"{path} {cure}.") from context.original_exception

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    event.listen(engine, "handle_error", say_it_in_one_sentence)
    return engine, _interrupt


def _interrupt(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.interrupt()


def _on_server(place: str) -> tuple[Engine, Callable[[Connection], None]]:
    try:
        url = make_url(place)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise RecordsUnavailable(
            f"{PLACE_VARIABLE} cannot be read; write it like postgresql://user@host/database."
        ) from error
    if url.get_backend_name() != postgresql.DIALECT:
        raise RecordsUnavailable(
            f"{PLACE_VARIABLE} names {url.get_backend_name()}; records stand in a SQLite file or PostgreSQL."
        )
    engine = postgresql.engine(url, SCHEMA, read_only=False)

    def begin(connection: Connection) -> None:
        # A walk must see one state of the chain; a writer what the one before it has left.
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAITS - 1}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    event.listen(engine, "begin", begin)
    return engine, postgresql.stop

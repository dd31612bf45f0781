"""The only file that tells from a place (a directory or a URL) which engine keeps the warehouse there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, CursorResult, Engine, Select, Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from warehouse import store
from warehouse.engines import clickhouse, duckdb, postgresql
from warehouse.errors import WarehouseError, WarehouseUnavailable
from warehouse.patience import Patience

_BATCHES = {
    "duckdb": duckdb.batches,
    postgresql.DIALECT: postgresql.batches,
    clickhouse.DIALECT: clickhouse.batches,
}
_FINGERPRINTS = {
    "duckdb": duckdb.fingerprint,
    postgresql.DIALECT: postgresql.fingerprint,
    clickhouse.DIALECT: clickhouse.fingerprint,
}
# Seconds a reader's statement may take, and how it is ended. ClickHouse's driver gives up by itself.
DEADLINES: dict[str, tuple[float, Callable[[Connection], None]]] = {
    "duckdb": (duckdb.QUERY_SECONDS, duckdb.stop),
    postgresql.DIALECT: (postgresql.HANG_UP_SECONDS, postgresql.stop),
}
_PATIENCE = Patience()
# What an engine raises while rows move, besides the warehouse's own errors.
FAULTS: tuple[type[Exception], ...] = (SQLAlchemyError, *postgresql.FAULTS, *clickhouse.FAULTS)


class Earlier(Protocol):
    """The live version beside a build, from which the build takes over what has not changed."""

    @property
    def connection(self) -> Connection:
        """Sees it as readers do."""

    def take_over(self, table: Table, leaving: ColumnElement[bool] | None) -> None:
        """Fill the build's empty table with what this version holds, but for the rows that `leaving` names.

        The rows do not pass through this process. This version stays as it is.
        """


class Build(Protocol):
    """A version being made."""

    @property
    def lends(self) -> bool:
        """Say whether a later build can take rows over from this one."""

    @property
    def earlier(self) -> Earlier | None:
        """The live version, where there is one that lends."""

    @property
    def connection(self) -> Connection:
        """Sees the whole of it, as readers will."""

    @property
    def shards(self) -> tuple[Connection, ...]:
        """Each sees its own part of the facts, where a cluster keeps them apart; else the same connection."""

    def create(self, tables: Sequence[Table]) -> None:
        """Make empty tables."""

    def append(self, table: Table, rows: pa.Table) -> None:
        """Add rows with exactly the columns of `table`."""

    def settle(self) -> None:
        """Do what is best done once what was created so far is filled: indexes, statistics."""


class Versions(Protocol):
    """What keeps the versions of one warehouse and says which is live."""

    def version(self) -> str:
        """Return the live version's name; raises WarehouseMissing."""

    def versions(self) -> list[str]:
        """Return the versions that can be opened, oldest first."""

    def reader(self, version: str | None = None, *, patient: bool = False) -> Engine:
        """Return an engine that reads `version`, else the one live now; raises WarehouseMissing.

        Questions are cut off after some seconds, unless `patient`: a copy reads for minutes.
        """

    def build(self) -> AbstractContextManager[Build]:
        """Yield a new version, which goes live when the block ends cleanly; an error changes nothing."""

    def roll_back(self, to: str | None = None) -> str:
        """Make the version `to`, else the one before the live one, live; returns its name.

        Raises WarehouseMissing when that version is not kept, WarehouseBusy while a build is at work.
        """


def versions_at(place: str | Path) -> Versions:
    """Return the keeper of the warehouse at a directory, or at the URL of a server or cluster.

    Raises WarehouseError for a URL of an engine that is not one of the three. Nothing is opened.
    """
    if "://" not in str(place):
        return _Directory(Path(place))
    try:
        url = make_url(str(place))
    except ArgumentError as error:
        raise WarehouseError(
            "The warehouse's URL cannot be read; write it like postgresql://user@host/database."
        ) from error
    engine = url.get_backend_name()
    if engine == postgresql.DIALECT:
        return postgresql.Store(url)
    if engine == clickhouse.DIALECT:
        return clickhouse.Store(url)
    raise WarehouseError(
        f"No warehouse stands on {engine}; give a directory, or a URL that begins with postgresql:// or "
        f"{clickhouse.DIALECT}://."
    )


def batches(connection: Connection, query: Select[object]) -> Iterator[pa.Table]:
    """Yield the answer of `query` as Arrow tables of the declared types, so many rows at a time."""
    return _BATCHES[connection.dialect.name](connection, query)


def fingerprint(connection: Connection, table: Table) -> ColumnElement[str]:
    """Return the aggregate by which this engine, in this release, tells one set of rows from another.

    Fast, since no row leaves the engine, and of no meaning to any other.
    """
    return _FINGERPRINTS[connection.dialect.name](table)


@contextmanager
def in_time(connection: Connection) -> Iterator[None]:
    """End what runs on `connection` in the block when it takes too long; then raises WarehouseUnavailable."""
    name = connection.dialect.name
    if name not in DEADLINES:
        yield
        return
    seconds, stop = DEADLINES[name]
    with _PATIENCE.of(seconds, partial(stop, connection)) as late:
        try:
            yield
        except Exception as error:
            if late.is_set():
                raise WarehouseUnavailable(
                    f"The warehouse ({name}) did not answer in time; ask again when it is less busy, or ask "
                    "for less."
                ) from error
            raise


def frame(result: CursorResult[Any]) -> pd.DataFrame:
    """Return an answer of many rows as a DataFrame of plain numbers; its days come as pandas has them."""
    names = list(result.keys())
    if result.dialect.name == "duckdb":
        columns: pd.DataFrame = duckdb.fetched(result).rename_columns(names).to_pandas(date_as_object=False)
        return columns
    return pd.DataFrame([tuple(row) for row in result], columns=names)


class _Directory:
    """Versions as DuckDB files of a directory."""

    def __init__(self, directory: Path) -> None:
        self._store = store.Store(directory)

    def __str__(self) -> str:
        return str(self._store.directory)

    def version(self) -> str:
        return self._store.version()

    def versions(self) -> list[str]:
        return self._store.versions()

    def reader(
        self,
        version: str | None = None,
        *,
        patient: bool = False,  # noqa: ARG002 - a file is read without a limit
    ) -> Engine:
        path = self._store.file_of(version) if version else self._store.current()
        return duckdb.engine(path, read_only=True)

    def roll_back(self, to: str | None = None) -> str:
        return self._store.roll_back(to)

    @contextmanager
    def build(self) -> Iterator[duckdb.Build]:
        with self._store.build() as connection:
            yield duckdb.Build(connection)

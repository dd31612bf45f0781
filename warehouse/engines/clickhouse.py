"""The only file that opens a ClickHouse cluster: one warehouse spread over shards, one database a version.

The URL names the database, the cluster as the servers' own configuration knows it, and every further shard:
`clickhousedb://user:password@first:8123/qingyu?cluster=shards&node=second:8123`. A version is a pair of
databases on every node: `qingyu_<version>_shard` holds the node's own rows, `qingyu_<version>` what readers
see, which is a Distributed table over those of all nodes, or a dimension whole on every node. Which version
is live stands in `qingyu.published` on the first node and is written last, so a reader, who looks there
first, has one complete version before it and keeps it.

Facts and roll-ups are partitioned by the month of their day. A new version takes partitions over from the
live one as hard links, shard by shard; either of the two can be dropped without harm to the other.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Double,
    Engine,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    cast,
    event,
    func,
)
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from warehouse.engines import lease, versions
from warehouse.engines.transfer import ROWS, arrow_schema, as_declared, spelled
from warehouse.errors import WarehouseError, WarehouseMissing, WarehouseUnavailable

DIALECT = "clickhousedb"
# What the driver would print of an error is said by the error itself, in one sentence.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
DEFAULT_PORT = 8123
READERS_AT_ONCE = 8
CONNECT_SECONDS = 3
QUERY_SECONDS = 8
BUILD_SECONDS = 3600
# What the driver raises where rows go past SQLAlchemy.
FAULTS: tuple[type[Exception], ...] = (ClickHouseError,)
# Each makes ClickHouse answer as the other engines do: nulls where a join finds nothing and where there is
# nothing to aggregate, a null can be cast. A missing shard is an error: the server can be told to leave it
# out in silence, and these readers overrule that.
MEANING = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "cast_keep_nullable": 1,
    "skip_unavailable_shards": 0,
}
# A portion may hold rows of many months, and the list of parts that a refresh leaves out may be long.
_WRITING = {"max_partitions_per_insert_block": 0, "max_query_size": 4 << 20}
_TYPES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (SmallInteger, "Int16"),
    (BigInteger, "Int64"),
    (Integer, "Int32"),
    (Boolean, "Bool"),
    (DateTime, "DateTime64(6, 'UTC')"),  # naive times of the city: any fixed zone keeps them as they are
    (Date, "Date32"),
    (Double, "Float64"),
    (String, "String"),
)
_VERSION, _OWN = r"\d{8}T\d{12}", "_shard"
_SOME_DAY = datetime(2000, 1, 1)
# The server's codes for a peer that cannot be reached, hangs up or falls silent.
_SHARD_LOST = re.compile(r"code: (32|209|210|279|519)\b")
_TOO_LONG = re.compile(r"code: 159\b")
_PEER = re.compile(r"\(([\w.\-\[\]:]+:\d+)[,)]")


@dataclass(frozen=True)
class Cluster:
    """Where a cluster stands: its nodes as (host, port), the first of which is asked, and its database."""

    url: URL
    nodes: tuple[tuple[str, int], ...]
    name: str
    database: str

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)


def cluster(url: URL) -> Cluster:
    """Read the operator's URL; raises WarehouseError when database or cluster are missing."""
    query = dict(url.query)
    name, more = query.pop("cluster", ""), query.pop("node", ())
    if not url.database or not isinstance(name, str) or not name:
        raise WarehouseError(
            f"{url.render_as_string(hide_password=True)} names no database or no cluster; write it as "
            "clickhousedb://host:8123/qingyu?cluster=NAME&node=host:port, one node for every further shard."
        )
    others = (more,) if isinstance(more, str) else more
    first = (url.host or "localhost", url.port or DEFAULT_PORT)
    nodes = (first, *(_host_and_port(node, url) for node in others))
    return Cluster(url.set(query=query), nodes, name, url.database)


def _host_and_port(node: str, url: URL) -> tuple[str, int]:
    host, _, port = node.partition(":")
    if not host or not (port or "0").isdecimal():
        raise WarehouseError(
            f"{url.render_as_string(hide_password=True)} names the node {node!r}; write it as host:port."
        )
    return host, int(port or DEFAULT_PORT)


def engine(place: Cluster, database: str, *, node: int = 0, read_only: bool, patient: bool = False) -> Engine:
    """Return an engine on one node's `database`; nothing is opened before the first connection.

    Raises on asking: WarehouseUnavailable when the node, or any shard it needs, does not answer.
    """
    host, port = place.nodes[node]
    # readonly=2: may read and choose settings, may not write.
    bounds = {"readonly": 2} if read_only else dict(_WRITING)
    impatient = read_only and not patient
    if impatient:
        bounds["max_execution_time"] = QUERY_SECONDS
    opened = sqlalchemy.create_engine(
        place.url.set(host=host, port=port, database=database),
        connect_args={
            **MEANING,
            **bounds,
            "connect_timeout": CONNECT_SECONDS,
            "send_receive_timeout": QUERY_SECONDS + CONNECT_SECONDS if impatient else BUILD_SECONDS,
            "autogenerate_session_id": False,
        },
        pool_size=READERS_AT_ONCE,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
    )

    def say_it_in_one_sentence(context: ExceptionContext) -> None:
        _translate(f"{host}:{port}", context.original_exception)

    event.listen(opened, "handle_error", say_it_in_one_sentence)
    return opened


def _translate(node: str, error: BaseException) -> None:
    """Raise the warehouse's own error where a node is not there; return where it answered something else."""
    message = str(error)
    if _SHARD_LOST.search(message):
        peer = _PEER.search(message)
        raise WarehouseUnavailable(
            f"The shard {peer[1] if peer else 'beside ' + node} of the ClickHouse cluster does not answer, "
            "and a number without it would be too small; start that node and ask again."
        ) from error
    if _TOO_LONG.search(message):
        raise WarehouseUnavailable(
            f"ClickHouse at {node} did not answer within {QUERY_SECONDS} seconds; ask again when it is less "
            "busy, or ask for less."
        ) from error
    if isinstance(error, OperationalError) and "Error Code" not in message and "code:" not in message:
        raise WarehouseUnavailable(
            f"ClickHouse at {node} does not answer; check that the node runs and try again."
        ) from error


def client(connection: Connection) -> Any:
    """Return the driver's own client under `connection`, for bulk rows and DDL."""
    driver: Any = connection.connection.driver_connection
    return driver.client


def batches(connection: Connection, query: Select[Any]) -> Iterator[pa.Table]:
    """Yield the answer of `query` as Arrow tables of the declared types, streamed."""
    settings = {"max_block_size": ROWS, "output_format_arrow_string_as_string": 1}
    with client(connection).query_arrow_stream(spelled(connection, query), settings=settings) as stream:
        yield from as_declared(stream, arrow_schema(query))


def fingerprint(table: Table) -> ColumnElement[str]:
    """A text that stands for a group of rows of `table`, whatever their order, on this server alone."""
    # A tuple, since the hash of a bare null is null.
    return cast(func.sum(func.cityHash64(func.tuple(*table.c))), String)


class Store:
    """The versions of one warehouse on a cluster; one writer at a time, who writes to the list last."""

    def __init__(self, url: URL) -> None:
        self._place = cluster(url)

    def __str__(self) -> str:
        return str(self._place)

    def versions(self) -> list[str]:
        """Return the versions that were published and are still there, oldest first."""
        with self._connected(0) as connection:
            return self._kept(connection) if self._listed(connection) else []

    def version(self) -> str:
        """Return the live version's name; raises WarehouseMissing when nothing has been published."""
        with self._connected(0) as connection:
            return self._live(connection)

    def reader(self, version: str | None = None, *, patient: bool = False) -> Engine:
        """Return an engine that reads one version and keeps to it; see `places.Versions`."""
        chosen = versions.require_kept(version, self.versions(), self) if version else self.version()
        return engine(self._place, self._named(chosen), read_only=True, patient=patient)

    @contextmanager
    def build(self) -> Iterator[Build]:
        """Yield a new version to be filled; when the block ends cleanly it goes live.

        The block must leave exactly one row in warehouse_info; its `version` is set here. An error drops what
        was built on every node and changes nothing; what a killed build left is dropped by the next one.

        Raises WarehouseBusy when another build is at work (see `lease`, also for what that does not
        guarantee), WarehouseUnavailable when any node does not answer.
        """
        with ExitStack() as open_:
            nodes = [open_.enter_context(self._connected(node)) for node in range(len(self._place.nodes))]
            writer = open_.enter_context(self._only_writer(nodes[0]))
            self._begin_list(nodes[0])
            kept = self._kept(nodes[0])
            self._clear_abandoned(nodes, kept)
            version = versions.new_name(kept)
            name, live = self._named(version), self._last(nodes[0])
            try:
                for node in nodes:
                    for database in (_shard(name), name):
                        _run(node, f"CREATE DATABASE {_quoted(database)}")
                seen = open_.enter_context(self._connected(0, name))
                own = [open_.enter_context(self._connected(node, _shard(name))) for node in range(len(nodes))]
                build = Build(self._place.name, name, seen, own)
                if live in kept:
                    served = open_.enter_context(self._connected(0, self._named(live)))
                    build.earlier = Earlier(served, self._named(live), build)
                yield build
                writer.require()  # or else what was built may have been dropped as abandoned
                build.stamp(version)
                writer.require()
                self._publish(nodes[0], version)
            except BaseException:
                self._drop_where_possible(nodes, version)
                raise
            for old in versions.retired(self._kept(nodes[0]), version):
                self._drop_where_possible(nodes, old)

    def roll_back(self, to: str | None = None) -> str:
        """Make the version `to`, else the one before the live one, live; returns its name.

        Raises WarehouseMissing when that version is not kept, WarehouseBusy while a build is at work.
        """
        with self._connected(0) as connection:
            self._live(connection)  # or else there is nothing to go back from
            with self._only_writer(connection) as writer:
                kept, live = self._kept(connection), self._live(connection)
                chosen = versions.to_go_back_to(to, kept, live, self)
                writer.require()
                self._publish(connection, chosen)
            return chosen

    @contextmanager
    def _only_writer(self, connection: Connection) -> Iterator[lease.Lease]:
        _run(connection, f"CREATE DATABASE IF NOT EXISTS {_quoted(self._place.database)}")
        with (
            self._connected(0) as beating,
            lease.held(client(connection), client(beating), self._place.database, self) as writer,
        ):
            yield writer

    @contextmanager
    def _connected(self, node: int, database: str = "") -> Iterator[Connection]:
        opened = engine(self._place, database or "default", node=node, read_only=False)
        try:
            with opened.connect() as connection:
                yield connection
        finally:
            opened.dispose()

    def _named(self, version: str) -> str:
        return f"{self._place.database}_{version}"

    @property
    def _published(self) -> str:
        return f"{_quoted(self._place.database)}.published"

    def _begin_list(self, connection: Connection) -> None:
        columns = "version String, published_at DateTime64(6, 'UTC')"
        stored = f"({columns}) ENGINE = MergeTree ORDER BY published_at"
        _run(connection, f"CREATE TABLE IF NOT EXISTS {self._published} {stored}")

    def _listed(self, connection: Connection) -> bool:
        return bool(client(connection).command(f"EXISTS TABLE {self._published}"))

    def _live(self, connection: Connection) -> str:
        if not self._listed(connection) or not (kept := self._kept(connection)):
            raise WarehouseMissing(
                f"{self} holds no warehouse; bring one with `python -m warehouse copy --from DIRECTORY "
                "--to URL`."
            )
        if (live := self._last(connection)) not in kept:
            raise WarehouseMissing(
                f"{self} names version {live} as live, whose database is not there; copy the warehouse again."
            )
        return live

    def _last(self, connection: Connection) -> str:
        last = f"SELECT argMax(version, published_at) FROM {self._published}"  # noqa: S608 (own identifiers)
        return str(client(connection).command(last))

    def _kept(self, connection: Connection) -> list[str]:
        found = client(connection).query(
            f"SELECT DISTINCT version FROM {self._published}"  # noqa: S608 (own identifiers)
        )
        there = {name[1] for name in self._databases(connection) if not name["own"]}
        return sorted(version for (version,) in found.result_rows if version in there)

    def _databases(self, connection: Connection) -> Iterator[re.Match[str]]:
        """The databases of versions, published or not: the version, and whether it is a node's `own`."""
        named = re.compile(re.escape(self._place.database) + rf"_({_VERSION})(?P<own>{_OWN})?")
        for (name,) in client(connection).query("SELECT name FROM system.databases").result_rows:
            if found := named.fullmatch(name):
                yield found

    def _publish(self, connection: Connection, version: str) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        _run(connection, f"INSERT INTO {self._published} VALUES ('{version}', '{now}')")  # noqa: S608

    def _clear_abandoned(self, nodes: Sequence[Connection], published: Sequence[str]) -> None:
        """Drop what is on its way nowhere; only the one writer may call this."""
        for node in nodes:
            for version in {name[1] for name in self._databases(node)}.difference(published):
                self._drop(node, version)

    def _drop_where_possible(self, nodes: Sequence[Connection], version: str) -> None:
        """Drop a version; where a node has gone the next builds see to it."""
        for node in nodes:
            with suppress(WarehouseUnavailable, DBAPIError):
                self._drop(node, version)

    def _drop(self, node: Connection, version: str) -> None:
        for database in (self._named(version), _shard(self._named(version))):
            _run(node, f"DROP DATABASE IF EXISTS {_quoted(database)} SYNC")


class Build:
    """A version on its way: `connection` sees it as readers will, `shards` each see one node's own rows.

    `earlier` is the live version, where there is one.
    """

    lends = True
    earlier: Earlier | None = None

    def __init__(
        self, cluster: str, database: str, connection: Connection, shards: Sequence[Connection]
    ) -> None:
        self.connection, self.shards = connection, tuple(shards)
        self.database, self._cluster = database, cluster

    def create(self, tables: Sequence[Table]) -> None:
        """Make empty tables on every node: sharded where their `info` says by what, else whole on each."""
        for table in tables:
            columns = ", ".join(f"{_quoted(column.name)} {_kind(column)}" for column in table.columns)
            stored = f"({columns}) ENGINE = MergeTree {_layout(table)} SETTINGS allow_nullable_key = 1"
            name, own = _named(self.database, table), _own(self.database, table)
            for node in self.shards:
                _run(node, f"CREATE TABLE {own} {stored}")
                if own != name:
                    place = [self._cluster, _shard(self.database), table.name]
                    spread = ", ".join([*(f"'{part}'" for part in place), *_sharding(table)])
                    _run(node, f"CREATE TABLE {name} AS {own} ENGINE = Distributed({spread})")

    def append(self, table: Table, rows: pa.Table) -> None:
        """Add rows with exactly the columns of `table`; they are stored on their shards when this returns."""
        nodes = self.shards[:1] if "shard_by" in table.info else self.shards
        for node in nodes:
            client(node).insert_arrow(
                f"{self.database}.{table.name}",
                _without_rubbish(rows),
                settings={"distributed_foreground_insert": 1},
            )

    def settle(self) -> None:
        """Nothing is left to do: parts merge by themselves, and the sorting key is the index."""

    def stamp(self, version: str) -> None:
        """Write the version's name into the one row of warehouse_info, on every node."""
        name = f"{_quoted(self.database)}.warehouse_info"
        stamped = f"{_quoted(self.database)}.stamped"
        for node in self.shards:
            versions.require_one_row(int(client(node).command(f"SELECT count() FROM {name}")))  # noqa: S608
            # Written anew and not updated: a mutation starts only seconds later.
            _run(node, f"CREATE TABLE {stamped} AS {name}")
            _run(node, f"INSERT INTO {stamped} SELECT * REPLACE ('{version}' AS version) FROM {name}")  # noqa: S608
            _run(node, f"DROP TABLE {name} SYNC")
            _run(node, f"RENAME TABLE {stamped} TO {name}")


class Earlier:
    """The live version beside a build; `connection` sees it as readers do."""

    def __init__(self, connection: Connection, database: str, build: Build) -> None:
        self.connection, self._database, self._build = connection, database, build

    def take_over(self, table: Table, leaving: ColumnElement[bool] | None) -> None:
        """Fill the build's empty table with what this version holds, but for the rows that `leaving` names.

        Whole partitions are linked; one that rows leave is written anew from its other rows, on its own node.
        A mutation would do the same, but starts seconds later for each table.
        """
        own, old = _own(self._build.database, table), _own(self._database, table)
        for node in self._build.shards:
            _run(node, f"ALTER TABLE {own} ATTACH PARTITION ALL FROM {old}")
            if leaving is None:
                continue
            gone = _written(node, leaving)
            touched = client(node).query(f"SELECT DISTINCT _partition_id FROM {old} WHERE {gone}")  # noqa: S608
            partitions = [f"'{partition}'" for (partition,) in touched.result_rows]
            if partitions:
                dropping = ", ".join(f"DROP PARTITION ID {partition}" for partition in partitions)
                _run(node, f"ALTER TABLE {own} {dropping}")
                staying = f"_partition_id IN ({', '.join(partitions)}) AND NOT {gone}"
                _run(node, f"INSERT INTO {own} SELECT * FROM {old} WHERE {staying}")  # noqa: S608


def _without_rubbish(rows: pa.Table) -> pa.Table:
    """The same rows with a plain day beneath every missing date and time.

    Arrow leaves there what it likes; ClickHouse refuses days out of its range even there, but keeps such
    times, and the driver stumbles over them when they are read.
    """
    for place, field in enumerate(rows.schema):
        if pa.types.is_temporal(field.type):
            days, nothing = rows.column(place), pa.scalar(None, field.type)
            cleared = pc.if_else(pc.is_null(days), nothing, days.fill_null(_SOME_DAY))
            rows = rows.set_column(place, field, cleared)
    return rows


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _shard(database: str) -> str:
    return database + _OWN


def _named(database: str, table: Table) -> str:
    """The table as readers see it."""
    return f"{_quoted(database)}.{_quoted(table.name)}"


def _own(database: str, table: Table) -> str:
    """The table that holds a node's own rows."""
    return _named(_shard(database) if "shard_by" in table.info else database, table)


def _written(connection: Connection, condition: ColumnElement[bool]) -> str:
    return f"({condition.compile(dialect=connection.dialect, compile_kwargs={'literal_binds': True})})"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _kind(column: Column[Any]) -> str:
    kind = next(spelled for declared, spelled in _TYPES if isinstance(column.type, declared))
    return f"Nullable({kind})" if column.nullable else kind


def _sharding(table: Table) -> list[str]:
    key = table.info["shard_by"]
    return [f"cityHash64({_quoted(key)})"] if key else []


def _layout(table: Table) -> str:
    """Months apart and sorted by the day that questions cut by; dimensions are read whole."""
    if "sort_by" not in table.info:
        return "ORDER BY tuple()"
    day = _quoted(table.info["sort_by"])
    return f"PARTITION BY toYYYYMM({day}) ORDER BY {day}"

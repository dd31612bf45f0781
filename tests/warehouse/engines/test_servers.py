"""PostgreSQL and ClickHouse publish whole versions or nothing, keep some, go back, and read only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from sqlalchemy import Engine, create_engine, make_url, select
from sqlalchemy.exc import DBAPIError

from tests.queries.dozen import INFO, case_rows
from tests.services.clickhouse import Cluster
from tests.services.engines import SERVERS
from tests.services.postgresql import new_database
from warehouse.engines import clickhouse, lease, postgresql, versions
from warehouse.engines.transfer import arrow_schema
from warehouse.errors import WarehouseBusy, WarehouseError, WarehouseMissing, WarehouseUnavailable
from warehouse.schema import cases, category, warehouse_info

Store = postgresql.Store | clickhouse.Store
TABLES = (warehouse_info, category, cases)


@pytest.fixture(params=SERVERS)
def store(request: pytest.FixtureRequest) -> Store:
    """A server without a warehouse, by a name of its own for every test."""
    name = request.node.originalname.removeprefix("test_")[:40]
    if request.param == "postgresql":
        return postgresql.Store(make_url(new_database(request.getfixturevalue("postgresql_url"), name)))
    return clickhouse.Store(make_url(request.getfixturevalue("clickhouse").url(name)))


def fill(build: postgresql.Build | clickhouse.Build, city: str) -> None:
    build.create(TABLES)
    row = INFO | {"city": city}
    build.append(warehouse_info, pa.Table.from_pylist([row], arrow_schema(select(warehouse_info))))
    build.append(cases, pa.Table.from_pylist(case_rows(), arrow_schema(select(cases))))
    build.settle()


def publish(store: Store, city: str) -> str:
    with store.build() as build:
        fill(build, city)
    return store.version()


def test_a_kept_version_is_opened_by_name(store: Store) -> None:
    first = publish(store, "hangzhou")
    publish(store, "boston")
    older = store.reader(first)
    assert told(older)[:2] == (first, "hangzhou")
    older.dispose()
    with pytest.raises(WarehouseMissing, match=f"keeps no version 2020; it keeps: {first}, "):
        store.reader("2020")


def fail(store: Store) -> None:
    with store.build() as build:
        fill(build, "never")
        raise ZeroDivisionError


def told(engine: Engine) -> tuple[str, str, int]:
    """Version and city of the warehouse that an engine reads, and how many cases it holds."""
    with engine.connect() as connection:
        version, city = connection.execute(select(warehouse_info.c.version, warehouse_info.c.city)).one()
        found = connection.execute(select(cases.c.case_id)).all()
    return str(version), str(city), len(found)


@pytest.fixture
def reading() -> Iterator[Callable[[Store], Engine]]:
    """Opens readers and closes them after the test."""
    opened: list[Engine] = []

    def read(store: Store) -> Engine:
        opened.append(store.reader())
        return opened[-1]

    yield read
    for one in opened:
        one.dispose()


def test_what_was_built_goes_live(store: Store, reading: Callable[[Store], Engine]) -> None:
    assert store.versions() == []
    with pytest.raises(WarehouseMissing, match="holds no warehouse; bring one with `python -m"):
        store.version()
    version = publish(store, "first")
    assert told(reading(store)) == (version, "first", 17)
    assert store.versions() == [version]


def test_a_reader_keeps_its_version(store: Store, reading: Callable[[Store], Engine]) -> None:
    first = publish(store, "first")
    reader = reading(store)
    second = publish(store, "second")
    assert told(reader) == (first, "first", 17)
    assert told(reading(store)) == (second, "second", 17)


def test_a_failing_build_changes_nothing(store: Store, reading: Callable[[Store], Engine]) -> None:
    version = publish(store, "first")
    with pytest.raises(ZeroDivisionError):
        fail(store)
    assert store.versions() == [version]
    assert told(reading(store)) == (version, "first", 17)


def test_a_build_says_what_it_is(store: Store) -> None:
    def build() -> None:
        with store.build() as empty:
            empty.create(TABLES)

    with pytest.raises(WarehouseError, match="0 rows in warehouse_info"):
        build()
    assert store.versions() == []


def test_versions_are_kept_and_gone_back_to(store: Store, reading: Callable[[Store], Engine]) -> None:
    published = [publish(store, str(number)) for number in range(versions.KEPT + 1)]
    assert store.versions() == published[1:]
    assert store.roll_back() == published[-2]
    assert told(reading(store))[:2] == (published[-2], str(versions.KEPT - 1))
    store.roll_back()
    with pytest.raises(WarehouseMissing, match=f"keeps no version before {published[1]}"):
        store.roll_back()
    with pytest.raises(WarehouseMissing, match="keeps no version 2020; it keeps: "):
        store.roll_back("2020")
    assert store.roll_back(published[-1]) == published[-1] == store.version()
    store.roll_back(published[1])
    # the live version stays, old as it is, until another one is
    newest = publish(store, "newest")
    assert store.versions() == [*published[2:], newest]


def test_readers_cannot_write(store: Store, reading: Callable[[Store], Engine]) -> None:
    publish(store, "first")
    with reading(store).connect() as connection, pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        connection.exec_driver_sql("CREATE TABLE more AS SELECT 1 AS one")


# Two seconds of work that no server finishes sooner.
SLOW = {
    "postgresql": "SELECT pg_sleep(2)",
    "clickhousedb": "SELECT sleepEachRow(0.5) FROM numbers(4) SETTINGS max_block_size = 1",
}


def test_a_reader_gives_up_unless_it_is_patient(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, "first")
    for module in (postgresql, clickhouse):
        monkeypatch.setattr(module, "QUERY_SECONDS", 1)
    for patient in (True, False):
        reader = store.reader(patient=patient)
        with reader.connect() as connection:
            if patient:
                connection.exec_driver_sql(SLOW[connection.dialect.name])
            else:
                with pytest.raises(WarehouseUnavailable, match="did not answer within 1 seconds"):
                    connection.exec_driver_sql(SLOW[connection.dialect.name])
        reader.dispose()


@pytest.mark.postgresql
def test_an_account_that_may_only_read_reads_every_version(postgresql_url: str) -> None:
    """The two statements of docs/operations.md, given once, are enough."""
    url = make_url(new_database(postgresql_url, "accounts"))
    owner = create_engine(url)
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE onlooker LOGIN")
        connection.exec_driver_sql("ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO onlooker")
        connection.exec_driver_sql("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO onlooker")
    owner.dispose()
    onlooker = postgresql.Store(url.set(username="onlooker"))
    for city in ("first", "second"):
        version = publish(postgresql.Store(url), city)
        reader = onlooker.reader()
        assert told(reader) == (version, city, 17)
        reader.dispose()
    with pytest.raises(DBAPIError, match="permission denied"), onlooker.build():
        pass


def test_one_writer_at_a_time(store: Store) -> None:
    publish(store, "first")
    with store.build() as build:
        with pytest.raises(WarehouseBusy, match=r"is being written by (another )?process"):
            publish(store, "second")
        with pytest.raises(WarehouseBusy):
            store.roll_back()
        fill(build, "third")
    assert len(store.versions()) == 2
    publish(store, "fourth")


@pytest.mark.postgresql
def test_a_version_that_was_dropped_says_so(postgresql_url: str) -> None:
    store = postgresql.Store(make_url(new_database(postgresql_url, "dropped")))
    first = publish(store, "first")
    reader = store.reader()
    for number in range(versions.KEPT):
        publish(store, str(number))
    with pytest.raises(WarehouseMissing, match=f"(?i)holds no version {first} any more; open the live one"):
        told(reader)
    reader.dispose()


@pytest.mark.postgresql
def test_a_version_still_read_is_dropped_later(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "_DROP_WAITS", "10ms")
    store = postgresql.Store(make_url(new_database(postgresql_url, "still_read")))
    first = publish(store, "first")
    reader = store.reader()
    with reader.connect() as connection:
        connection.execute(select(cases.c.case_id)).all()  # its transaction holds the table
        for number in range(versions.KEPT):
            publish(store, str(number))
        assert first in store.versions()
    reader.dispose()
    publish(store, "last")
    assert first not in store.versions()


@pytest.mark.clickhouse
def test_a_build_that_lost_its_turn_does_not_publish(
    clickhouse: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was silent for so long that another one took it for dead, built and published."""
    monkeypatch.setattr(lease, "BEAT_SECONDS", 600.0)
    store = _cluster_store(clickhouse, "lost_turn")
    publish(store, "first")
    slow = store.build()
    fill(slow.__enter__(), "slow")
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.0)
    second = publish(store, "second")
    with pytest.raises(WarehouseBusy, match="was taken over by process"):
        slow.__exit__(None, None, None)
    assert store.version() == second
    assert len(store.versions()) == 2
    reader = store.reader()
    assert told(reader)[1:] == ("second", 17)
    reader.dispose()


@pytest.mark.clickhouse
def test_the_items_of_a_matter_live_on_one_shard(clickhouse: Cluster) -> None:
    with _cluster_store(clickhouse, "matters").build() as build:
        fill(build, "first")
        held = [set(shard.execute(select(cases.c.first_case_id)).scalars()) for shard in build.shards]
        rows = [len(shard.execute(select(cases.c.case_id)).all()) for shard in build.shards]
    assert all(held), "every shard should hold something, or this test shows nothing"
    assert not set.intersection(*held)
    assert sum(rows) == 17


@pytest.mark.clickhouse
def test_what_a_killed_build_left_is_removed_by_the_next(clickhouse: Cluster) -> None:
    store = _cluster_store(clickhouse, "left")
    first = publish(store, "first")
    now = datetime.now(UTC).strftime(versions.FORMAT)
    left = {f"left_{now}", f"left_{now}_shard"}
    others = {f"another_{now}_shard", "left_notes", f"left_{now}_shards"}
    with store._connected(1) as node:
        for name in left | others:
            node.exec_driver_sql(f"CREATE DATABASE `{name}`")
    second = publish(store, "second")
    with store._connected(1) as node:
        there = set(node.exec_driver_sql("SHOW DATABASES").scalars())
    assert not left & there
    assert others <= there
    assert store.versions() == [first, second]


def _cluster_store(cluster: Cluster, name: str) -> clickhouse.Store:
    return clickhouse.Store(make_url(cluster.url(name)))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("clickhousedb://host/?cluster=shards", "names no database or no cluster"),
        ("clickhousedb://host/qingyu", "names no database or no cluster"),
        ("clickhousedb://host/qingyu?cluster=shards&node=second:http", "names the node 'second:http'"),
    ],
)
def test_a_wrong_url_says_what_to_write(url: str, said: str) -> None:
    with pytest.raises(WarehouseError, match=said):
        clickhouse.cluster(make_url(url))


def test_a_cluster_is_read_from_its_url() -> None:
    url = make_url("clickhousedb://u:secret@one/qingyu?cluster=shards&node=two&node=three:9000&secure=true")
    found = clickhouse.cluster(url)
    assert found.nodes == (("one", 8123), ("two", 8123), ("three", 9000))
    assert (found.name, found.database, dict(found.url.query)) == ("shards", "qingyu", {"secure": "true"})
    assert "secret" not in str(found)

"""The three engines as tests name them, and the dozen cases on each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from queries.execute import Warehouse, open_warehouse
from tests.queries import dozen
from tests.services.clickhouse import Cluster
from tests.services.postgresql import new_database
from warehouse.copying import copy
from warehouse.places import versions_at
from warehouse.store import Store

SERVERS = (
    pytest.param("postgresql", marks=pytest.mark.postgresql),
    pytest.param("clickhouse", marks=pytest.mark.clickhouse),
)
ENGINES = ("duckdb", *SERVERS)


@contextmanager
def copied(folder: Path, url: str) -> Iterator[Warehouse]:
    """Copies the warehouse of a directory to a server and opens it there."""
    copy(versions_at(folder), versions_at(url), say=lambda _: None)
    opened = open_warehouse(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def dozen_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dozen cases in a published DuckDB file."""
    folder: Path = tmp_path_factory.mktemp("dozen")
    with Store(folder).build() as connection:
        dozen.fill(connection)
    return folder


@pytest.fixture(scope="session")
def on_duckdb(dozen_cases: Path) -> Iterator[Warehouse]:
    """The dozen cases, opened as the suite opens them."""
    opened = open_warehouse(dozen_cases)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def on_postgresql(dozen_cases: Path, postgresql_url: str) -> Iterator[Warehouse]:
    """The same cases on PostgreSQL, roll-ups made there."""
    with copied(dozen_cases, new_database(postgresql_url, "dozen")) as opened:
        yield opened


@pytest.fixture(scope="session")
def on_clickhouse(dozen_cases: Path, clickhouse: Cluster) -> Iterator[Warehouse]:
    """The same cases on ClickHouse, spread over two shards, roll-ups made on each."""
    with copied(dozen_cases, clickhouse.url("dozen")) as opened:
        yield opened

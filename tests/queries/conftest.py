"""The dozen cases on DuckDB and on PostgreSQL, and the catalogue without its least numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from queries.execute import Warehouse, open_warehouse
from queries.metrics import metrics
from tests.queries import dozen
from warehouse.store import Store


@pytest.fixture(scope="session")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The dozen cases in a published DuckDB file, opened as the suite opens it."""
    folder: Path = tmp_path_factory.mktemp("dozen")
    with Store(folder).build() as connection:
        dozen.fill(connection)
    opened = open_warehouse(folder)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def on_postgresql(postgresql_url: str) -> Iterator[Warehouse]:
    """The same cases in a PostgreSQL schema of their own."""
    url = f"{postgresql_url}&options=-csearch_path%3Ddozen"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA dozen")
        dozen.fill(connection)
    engine.dispose()
    opened = open_warehouse(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Three hundred cases drawn at random, on DuckDB: for what must hold whatever the numbers are."""
    folder: Path = tmp_path_factory.mktemp("many")
    with Store(folder).build() as connection:
        dozen.fill(connection, dozen.random_cases(seed=1, number=300))
    opened = open_warehouse(folder)
    yield opened
    opened.close()


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    """The dozen cases on one engine after the other."""
    found: Warehouse = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
def any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are shown however few items they rest on, so that seventeen cases say something."""

    def relaxed(keys: Any) -> Any:
        return tuple(replace(one, min_n=1) for one in metrics(keys))

    monkeypatch.setattr("queries.execute.metrics_of", relaxed)

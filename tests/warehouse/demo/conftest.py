"""One demo city of 60 000 cases, built once and read by every test of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from warehouse import demo
from warehouse.engines import duckdb


def silent(line: str) -> None:
    """Swallow what a build says."""
    assert line


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A reader of the built city."""
    path: Path = tmp_path_factory.mktemp("demo") / "city.duckdb"
    writer = duckdb.engine(path, read_only=False)
    with writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        demo.build(connection, cases=60_000, seed=1, say=silent)
    writer.dispose()
    reader = duckdb.engine(path, read_only=True)
    with reader.connect() as connection:
        yield connection
    reader.dispose()

"""The three engines as tests name them, and a DuckDB warehouse brought to one of the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from queries.execute import Warehouse, open_warehouse
from warehouse.copying import copy
from warehouse.places import versions_at

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

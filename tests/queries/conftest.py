"""The dozen cases on one engine after the other, and the catalogue without its least numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queries.execute import Warehouse, open_warehouse
from queries.metrics import metrics
from tests.queries import dozen
from tests.services.engines import ENGINES
from warehouse.store import Store


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Three hundred cases drawn at random, on DuckDB: for what must hold whatever the numbers are."""
    folder: Path = tmp_path_factory.mktemp("many")
    with Store(folder).build() as connection:
        dozen.fill(connection, dozen.random_cases(seed=1, number=300))
    opened = open_warehouse(folder)
    yield opened
    opened.close()


@pytest.fixture(params=ENGINES)
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

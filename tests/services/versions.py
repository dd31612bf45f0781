"""Warehouses of two versions: what is asked of the older one must not change with the later one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from queries.execute import Warehouse, open_warehouse
from tests.queries.dozen import fill, random_cases
from warehouse.store import Store


def two_versions(folder: Path, first: int, later: int) -> Path:
    """A warehouse of `first` random cases in `folder`, and a later version of `later` that is live."""
    for number in (first, later):
        with Store(folder).build() as connection:
            fill(connection, random_cases(seed=1, number=number))
    return folder


@contextmanager
def older(folder: Path) -> Iterator[Warehouse]:
    """The older version, opened by its name."""
    with closing(open_warehouse(folder, Store(folder).versions()[0])) as opened:
        yield opened

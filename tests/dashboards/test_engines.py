"""Whatever a board asks of its warehouse, PostgreSQL and ClickHouse answer as DuckDB does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from dashboards import access
from dashboards.guard.viewers import Viewer
from dashboards.navigation import all_boards
from queries.answer import Answer
from queries.execute import Warehouse
from tests.dashboards.conftest import shown
from tests.dashboards.test_boards import draw_board
from tests.services.clickhouse import Cluster
from tests.services.engines import SERVERS, copied
from tests.services.postgresql import new_database
from warehouse.store import Store

# How a method was called, and what it returned.
Asked = tuple[str, tuple[Any, ...], dict[str, Any], Any]
DISTRICT = "330110"
# What a method says of the engine or of the moment, rather than of the city.
OF_THE_ENGINE = {"close", "seen_by", "statements"}
# Rows that are added up by whoever asks for them.
WITHOUT_ORDER = {"counted_items", "items", "sparse"}


def methods() -> dict[str, Callable[..., Any]]:
    """Every public way to ask a warehouse, so that a new one is covered by itself."""
    return {
        name: one
        for name, one in vars(Warehouse).items()
        if inspect.isfunction(one) and not name.startswith("_") and name not in OF_THE_ENGINE
    }


@pytest.fixture(scope="session")
def asked(demo_warehouse: Path) -> dict[str, list[Asked]]:
    """Per board, everything it asked while it was drawn for the city and for one district."""
    found: dict[str, list[Asked]] = {}
    with pytest.MonkeyPatch.context() as patch:
        noted: list[Asked] = []
        for name, method in methods().items():

            @functools.wraps(method)
            def noting(
                warehouse: Warehouse,
                *args: Any,
                _name: str = name,
                _method: Callable[..., Any] = method,
                **options: Any,
            ) -> Any:
                returned = _method(warehouse, *args, **options)
                noted.append((_name, args, options, returned))
                return returned

            patch.setattr(Warehouse, name, noting)
        # Read through no cache: each board's own questions, whatever another has asked before.
        for cache in ("_answer", "_statutes", "_index", "_drawn"):
            patch.setattr(f"dashboards.data.{cache}", uncached(cache))
        patch.setattr(access, "reader", lambda: Viewer("leader-1", "leader one", "login-1", "leader"))
        for board in all_boards():
            noted = found[board.key] = []
            draw_board(board.key, demo_warehouse, patch)
            draw_board(board.key, demo_warehouse, patch, district=DISTRICT)
    return found


def uncached(name: str) -> Any:
    from dashboards import data

    return inspect.unwrap(getattr(data, name))


@pytest.fixture(scope="session")
def alike() -> dict[str, set[str]]:
    """Per engine, what has been answered alike: boards share many questions, and one answer will do."""
    return {"postgresql": set(), "clickhouse": set()}


@pytest.fixture(scope="session")
def demo_on_postgresql(demo_warehouse: Path, postgresql_url: str) -> Iterator[Warehouse]:
    with copied(demo_warehouse, new_database(postgresql_url, "demo")) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo_on_clickhouse(demo_warehouse: Path, clickhouse: Cluster) -> Iterator[Warehouse]:
    with copied(demo_warehouse, clickhouse.url("demo")) as opened:
        yield opened


@pytest.mark.parametrize("engine", SERVERS)
@pytest.mark.parametrize("board", [board.key for board in all_boards()])
def test_a_boards_questions_are_answered_alike(
    board: str,
    engine: str,
    asked: dict[str, list[Asked]],
    alike: dict[str, set[str]],
    request: pytest.FixtureRequest,
) -> None:
    server = request.getfixturevalue(f"demo_on_{engine}")
    assert asked[board] or board == "definitions"
    for name, args, options, returned in asked[board]:
        if (call := repr((name, args, options))) not in alike[engine]:
            alone = in_order if name in WITHOUT_ORDER else as_it_is
            require_same(alone(getattr(server, name)(*args, **options)), alone(returned), call)
            alike[engine].add(call)


@pytest.mark.clickhouse
def test_a_page_from_a_cluster_is_the_page_from_a_file(
    demo_on_clickhouse: Warehouse, demo_warehouse: Path, clickhouse: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [
        shown(draw_board("handling", place, monkeypatch)).replace(version, "")
        for place, version in (
            (str(demo_warehouse), Store(demo_warehouse).version()),
            (clickhouse.url("demo"), demo_on_clickhouse.info.version),
        )
    ]
    assert "演示数据" in pages[0]
    assert pages[0] == pages[1]


def as_it_is(found: Any) -> Any:
    return found


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


def require_same(found: Any, expected: Any, place: str) -> None:
    """Both hold the same values; rows in the same order, numbers to twelve digits, types aside."""
    assert type(found) is type(expected), place
    if isinstance(expected, Answer):
        require_same(found.frame, expected.frame, place)
        assert found.notes == expected.notes, place
    elif isinstance(expected, pd.DataFrame):
        assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12, obj=place[:2000])
    elif is_dataclass(expected):
        for one in fields(expected):
            require_same(getattr(found, one.name), getattr(expected, one.name), f"{place}.{one.name}")
    elif isinstance(expected, np.ndarray):
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=place)
    else:
        assert found == expected, place

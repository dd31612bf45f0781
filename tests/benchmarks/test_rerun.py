"""The re-run benchmark: its reader speaks to a real server, counts bytes, and notices a page that fails."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from benchmarks import cures, rerun, warehouses
from benchmarks.server import serving
from benchmarks.viewer import NotDrawn, Rerun, viewing

LARGE = 50_000  # characters: enough for Streamlit to let the reader keep them


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    page = tmp_path_factory.mktemp("page") / "page.py"
    page.write_text(
        "import streamlit as st\n"
        f"st.code('x' * {LARGE})\n"
        "if 'fail' in st.query_params:\n"
        "    raise ValueError('on purpose')\n"
    )
    with serving(str(page), page.parent) as found:
        yield found


async def _twice(address: str, *, keeps: bool) -> list[Rerun]:
    async with viewing(address, keeps=keeps) as viewer:
        return [await viewer.rerun(), await viewer.rerun()]


def test_the_second_run_is_spared_what_is_kept(address: str) -> None:
    first, again = asyncio.run(_twice(address, keeps=True))
    assert first.size > LARGE > again.size
    first, again = asyncio.run(_twice(address, keeps=False))
    assert again.size > LARGE
    assert first.milliseconds > 0


def test_a_page_that_fails_is_no_measurement(address: str) -> None:
    async def fail() -> None:
        async with viewing(address) as viewer:
            await viewer.rerun(fail="1")

    with pytest.raises(NotDrawn):
        asyncio.run(fail())


def test_a_room_clicks_after_thinking(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "THINK", (0.05, 0.1))
    spent = asyncio.run(rerun.crowd(address, 3, 0.8))
    assert len(spent) >= 3
    assert min(spent) > 0


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="was not served"), serving(str(tmp_path / "absent.py"), tmp_path):
        pass


def test_tables_set_before_beside_after() -> None:
    found = {"empty: nothing changed": {"before": [Rerun(120.0, 900)], "after": [Rerun(8.0, 1_100)]}}
    row = rerun.rerun_table(found).splitlines()[-1]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "empty: nothing changed", "120", "120", "8.0", "8.0", "15 ×", "15 ×", "1.1",
    ]  # fmt: skip


def test_every_way_draws_the_same_chart_and_map() -> None:
    line = {"type": "scatter", "name": "now", "x": ["2026-01-01", "2026-01-08"], "y": [1, 2]}
    layer = {"@@type": "GeoJsonLayer", "id": "areas", "data": [], "getFillColor": "@@=properties.fill"}
    deck = orjson.dumps(
        {"initialViewState": {"longitude": 120.0, "latitude": 30.0, "zoom": 8}, "layers": [layer]}
    )
    found = cures.costs({"data": [line], "layout": {}}, deck.decode())
    assert len(found) == 6
    assert all(cost.milliseconds > 0 and cost.size > 0 for cost in found.values())
    assert found["map, orjson (ours)"].size == len(deck)


def test_a_warehouse_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def build(arguments: list[str]) -> int:
        made.append(arguments)
        return 1

    monkeypatch.setattr("warehouse.__main__.main", build)
    with pytest.raises(RuntimeError, match="was not built"):
        warehouses.demo("1k", tmp_path)
    assert made == [["demo", "--cases", "1k", "--directory", str(tmp_path)]]

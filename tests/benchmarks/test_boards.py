"""The benchmark of every board: it draws all of them, says where the time went and which takes too long."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import boards, report, warehouses
from benchmarks.page import Page, Run
from dashboards.navigation import all_boards
from queries.execute import Warehouse, open_warehouse

CASES = "5k"
FROM_RECORDS = {"audit", "decks"}  # boards that ask the warehouse nothing


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warehouses.demo(CASES, tmp_path_factory.mktemp("boards"))


@pytest.fixture(scope="module")
def opened(directory: Path) -> Iterator[Warehouse]:
    warehouse = open_warehouse(directory)
    yield warehouse
    warehouse.close()


def test_every_board_is_measured_and_written(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(boards, "LIMITS", {boards.COLD: 1e9, boards.WARM: 1e9})
    every = [board.key for board in all_boards()]
    assert boards.run(directory, CASES, 1, every) == boards.WITHIN
    written = json.loads((tmp_path / "boards.json").read_text(encoding="utf-8"))
    assert list(written["boards"]) == every
    printed = capsys.readouterr().out
    for key in every:
        (cold,), (warm,) = (written["boards"][key][kind] for kind in (boards.COLD, boards.WARM))
        assert f"{key}: cold" in printed
        assert cold["statements"] > 0 or key in FROM_RECORDS
        assert warm["statements"] == 0, f"{key} asks the warehouse again when nothing has changed"
        assert cold["bytes"] > 1000


def test_steps_are_told_apart(opened: Warehouse) -> None:
    run = Page(opened, "volume").run(span="12w")
    assert {"engine", "query", "insight", "figure", "transport", "frame"} <= run.steps.keys()
    assert run.total > 0
    assert run.cpu > 0
    assert run.charts


def test_page_that_is_an_error_is_not_measured(opened: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("no figures")

    monkeypatch.setattr("dashboards.boards.leadership.overview.facts", broken)
    with pytest.raises(RuntimeError, match="overview was not drawn"):
        Page(opened).run(span="year")


def test_what_takes_too_long_is_named_with_its_dearest_steps() -> None:
    slow, quick = Run({"query": 1900.0, "engine": 90.0, "frame": 10.0}, frozenset()), Run({}, frozenset())
    kinds = {boards.COLD: [slow], boards.FILTERED: [quick], boards.WARM: [quick]}
    (said,) = boards.over({"volume": kinds})
    assert said == "volume cold: 2,000 ms, allowed 1,500; most of it query 1,900 ms, engine 90 ms"

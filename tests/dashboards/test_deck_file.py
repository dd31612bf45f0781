"""A deck's file holds the numbers that its boards draw for the same reader, as of the day of each view."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from dashboards import data, deck_file, numbers
from dashboards.figures.theme import LIGHT
from dashboards.navigation import all_boards
from dashboards.recipe import board_of
from queries.execute import Warehouse, open_warehouse
from queries.scope import Scope
from warehouse.records.decks import Deck, Slide, View

AUGUST, SEPTEMBER = date(2026, 8, 31), date(2026, 9, 30)
VIEWS = (
    View("overview", "as_of=2026-09-30", "全市", SEPTEMBER, "v0", "先看全市"),
    View("volume", "district=330110&as_of=2026-08-31", "余杭区", AUGUST, "v0"),
    View("case_life", "as_of=2026-09-30", "办件", SEPTEMBER, "v0"),
)


@pytest.fixture(scope="module")
def demo(demo_warehouse: Path) -> Iterator[Warehouse]:
    all_boards()
    with closing(open_warehouse(demo_warehouse)) as opened:
        yield opened


def made(warehouse: Warehouse, lang: str = "zh", role: str = "leader") -> Any:
    now = datetime(2026, 10, 1, tzinfo=UTC)
    deck = Deck(7, "九月会商", "leader-1", "leader one", "", SEPTEMBER, "v0", now, now, len(VIEWS))
    slides = [Slide(place, 7, place, view) for place, view in enumerate(VIEWS, 1)]
    shown = [deck_file.shown(warehouse, slide, role, lang) for slide in slides]
    file = deck_file.powerpoint(warehouse, deck, shown, lang)
    return Presentation(io.BytesIO(file))


def words(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def series(file: Any) -> list[tuple[str, list[float | None]]]:
    charts = [shape.chart for slide in file.slides for shape in slide.shapes if shape.has_chart]
    return [(one.name, list(one.values)) for chart in charts for one in chart.plots[0].series]


def cells(file: Any) -> list[str]:
    tables = [shape.table for slide in file.slides for shape in slide.shapes if shape.has_table]
    return [cell.text for table in tables for cell in table.iter_cells()]


def test_charts_and_tables_hold_the_numbers_of_the_page(demo: Warehouse) -> None:
    file = made(demo)
    found = series(file)
    for view in VIEWS[:2]:
        board = board_of(view.board)
        assert board is not None
        shown = board.saved_figures(demo, view.address, "zh", LIGHT)
        trend = shown.trend if view.board == "overview" else shown.kinds
        for trace in trend.figure["data"]:
            if trace.get("name") and trace.get("yaxis", "y") == "y" and "lines" in trace["mode"]:
                assert (trace["name"], list(trace["y"])) in found
    assert "余杭区" in cells(file)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_slide_says_its_own_day_the_version_and_the_policies(lang: str, demo: Warehouse) -> None:
    first, *others = (words(slide) for slide in made(demo, lang).slides)
    assert "九月会商" in first
    assert len(others) > 2
    for told in others:
        day = AUGUST if told.startswith(("诉求总量", "Volume")) else SEPTEMBER
        assert numbers.day_text(day, lang) in told
        assert demo.info.version in told
        assert "2026.1" in told
        assert ("演示数据" if lang == "zh" else "Demo data") in told


def test_a_board_that_is_no_view_or_closed_is_left_out(demo: Warehouse) -> None:
    assert "办件" not in "".join(words(slide) for slide in made(demo).slides)
    assert len(made(demo, role="auditor").slides) == 1


def test_a_reader_without_cases_gets_hidden_counts_in_the_file_too(
    demo: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(data.ROUNDING_VARIABLE, "5a" * 32)
    bound = demo.seen_by(Scope(cases=(), smallest=5), data._hiding("none"))
    assert cells(made(bound)) != cells(made(demo))

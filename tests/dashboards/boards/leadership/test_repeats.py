"""The repeat visits board: its links, its district and cuts, and roll-ups where they can answer."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from dashboards.boards.leadership import repeats as board
from dashboards.cards.overview import span_period
from dashboards.cards.sent_back import CUTS
from dashboards.figures.theme import LIGHT
from queries.execute import open_warehouse
from queries.metrics import CATALOG
from queries.vocabulary import Text
from tests.dashboards.conftest import Draw, shown
from tests.dashboards.test_boards import STATE, draw_board


def choices(directory: Path, cut: str) -> board.Choices:
    as_of = open_warehouse(directory).info.as_of
    period = span_period("4w", as_of, as_of.replace(year=2020))
    city = Text("杭州市", "Hangzhou")
    return board.Choices(as_of, "4w", period, "", None, city, city, (), "90", cut)


def test_deep_link_restores_every_choice(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    link = {"district": "330110", "span": "12w", "window": "30", "cut": "unit", "lang": "en"}
    test = draw_board("repeats", demo_warehouse, monkeypatch, **link)
    page = re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)
    assert STATE not in page
    assert "Return window 30 days" in page
    assert "Return rate within 30 days" in page
    for reference in sorted({one.reference for one in CATALOG.values()}, key=len, reverse=True):
        page = page.replace(reference, "")
    assert re.findall("[\u4e00-\u9fff]", page) == []


@pytest.mark.parametrize("link", [{"window": "7"}, {"cut": "<script>"}, {"district": "x"}])
def test_a_choice_that_is_none_is_the_default(
    link: dict[str, str], demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("repeats", demo_warehouse, monkeypatch, **link))
    assert STATE not in page
    assert "再访观察期 90 天" in page
    assert "<script>" not in page


@pytest.mark.parametrize("cut", CUTS)
def test_parts_add_up_and_the_file_opens(cut: str, demo_warehouse: Path) -> None:
    warehouse, chosen = open_warehouse(demo_warehouse), choices(demo_warehouse, cut)
    asked = board.query(warehouse, chosen)
    assert asked.curves[0] is not None
    assert asked.curves[0].returned_by(180) == pytest.approx(asked.year.one("time_to_return"))
    figures = board.figures(warehouse, asked, chosen, "zh", LIGHT)
    book = zipfile.ZipFile(io.BytesIO(figures.workbook()))
    assert sum(name.startswith("xl/worksheets/sheet") for name in book.namelist()) == 7


def test_only_persons_and_the_curve_leave_the_rollups(demo_warehouse: Path) -> None:
    asked = board.query(open_warehouse(demo_warehouse), choices(demo_warehouse, "category1"))
    answers = (asked.total, asked.weekly, asked.monthly, asked.back)
    read = {statement.reads for answer in answers for statement in answer.statements}
    assert all(table.startswith("rollup_") for table in read)

"""The district profile: nothing is assumed before a district is chosen, then all of one fits its sheet."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from dashboards.boards.leadership import profile as board
from dashboards.cards.overview import span_period
from dashboards.cards.profile import CELLS, VOLUME
from dashboards.figures.theme import LIGHT
from queries.execute import Warehouse, open_warehouse
from queries.metrics import CATALOG
from queries.vocabulary import Text
from tests.dashboards.conftest import Draw, shown
from tests.dashboards.test_boards import STATE, draw_board


def sheet(test: AppTest) -> str:
    """The clickable HTML of the page, as the browser gets it."""
    return "".join(json.loads(piece.proto.json).get("html", "") for piece in test.get("bidi_component"))


def choices(warehouse: Warehouse, entered: int | None) -> board.Choices:
    info = warehouse.info
    period = span_period("4w", info.as_of, info.data_from)
    return board.Choices(info.as_of, "4w", period, entered, Text("某区", "Some District"))


def test_without_a_district_the_page_asks_for_one(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = draw_board("profile", demo_warehouse, monkeypatch)
    page = sheet(test)
    assert "请选择一个区县" in page
    assert 'class="q-sheet"' not in page
    assert len(re.findall(r'data-choose="\d{6}"', page)) == 13
    assert not test.button


def test_one_district_has_every_card(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = draw_board("profile", demo_warehouse, monkeypatch, district="330127", lang="en")
    assert STATE not in shown(test)
    page = sheet(test)
    assert "Chun&#x27;an County" in page
    for words in (
        "weakest is",
        "12 measures",
        "backlog items on hand",
        "busiest of",
        "units with enough",
        "line",
    ):
        assert words in page
    assert [button.label for button in test.button] == ["← Whole city"]


def test_english_sheet_holds_chinese_only_where_posts_have_no_english_name(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    chosen = choices(warehouse, 13)
    found = board.query(warehouse, chosen)
    assert found.own is not None
    figures = board.figures(warehouse, found, chosen, "en", LIGHT)
    page = str(figures.page + figures.notes)
    for leader in {one.issue.leader for one in found.own.issues.now}:
        page = page.replace(leader, "")
    for reference in sorted({one.reference for one in CATALOG.values()}, key=len, reverse=True):
        page = page.replace(reference, "")
    assert re.findall("[\u4e00-\u9fff]", page) == []


def test_numbers_of_a_district_are_those_of_its_row_among_all(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    found = board.query(warehouse, choices(warehouse, 7))
    assert found.own is not None
    rows = {int(row["district"]): row for row in found.districts.frame.to_dict("records")}
    for key in (VOLUME, *CELLS):
        assert found.own.total.one(key) == pytest.approx(float(rows[7][key]), nan_ok=True)
    streets = found.own.streets.frame[VOLUME].sum()
    assert streets == found.own.total.one(VOLUME) == found.own.categories.frame[VOLUME].sum()
    last = found.own.weekly.frame["bucket"].max()
    assert len(found.own.weekly.frame) == 27
    assert last.weekday() == 0


def test_only_units_and_the_clock_leave_the_roll_ups(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    own = board.query(warehouse, choices(warehouse, 2)).own
    assert own is not None
    answers = (own.total, own.city, own.districts, own.weekly, own.categories, own.mix, own.streets)
    assert "cases" not in {statement.reads for answer in answers for statement in answer.statements}
    assert {
        statement.reads for answer in (own.units, own.clocks.whole) for statement in answer.statements
    } == {"cases"}


def test_file_holds_what_the_sheet_shows(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    chosen = choices(warehouse, 2)
    figures = board.figures(warehouse, board.query(warehouse, chosen), chosen, "zh", LIGHT)
    assert figures.workbook is not None
    book = CalamineWorkbook.from_filelike(io.BytesIO(figures.workbook()))
    assert book.sheet_names == ["指数", "区县", "各区县", "每周", "类别", "镇街", "信号", "单位", "口径"]
    weeks = book.get_sheet_by_name("信号").to_python()
    assert len(weeks) == 1 + 27 * 14


@pytest.mark.parametrize("link", [{"district": "x"}, {"district": "<script>"}])
def test_a_district_that_is_none_is_asked_for(
    link: dict[str, str], demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = sheet(draw_board("profile", demo_warehouse, monkeypatch, **link))
    assert "请选择一个区县" in page
    assert "<script>" not in page


def test_dozen_cases_and_an_early_day_are_enough(
    dozen_directory: Path, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    for directory, day in ((dozen_directory, ""), (demo_warehouse, "2024-11-05")):
        warehouse = open_warehouse(directory)
        for code in warehouse.members("district")["code"].head(2):
            link = {"district": str(code)} | ({"as_of": day} if day else {})
            test = draw_board("profile", directory, monkeypatch, **link)
            assert "暂时无法显示" not in shown(test)
            assert "nan" not in sheet(test)

"""热点地图: every layer against either basis, inside a district and a category, from roll-ups, in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.cards.hot_spots import BASES, LAYERS
from dashboards.recipe import Board
from queries.metrics import CATALOG
from tests.dashboards.conftest import Become, Draw, shown
from tests.dashboards.test_boards import CHINESE, STATE, draw_board


def page_of(test: AppTest) -> str:
    """All HTML on the page, signs that JSON has escaped as themselves."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), shown(test))


def drawn(directory: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    return draw_board("hotspots", directory, monkeypatch, **choices)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("basis", BASES)
def test_every_layer_is_drawn_with_its_legend(
    layer: str, basis: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = drawn(demo_warehouse, monkeypatch, layer=layer, basis=basis, span="26w")
    page = page_of(test)
    assert STATE not in page
    assert "q-legend" in page
    assert bool(test.get("deck_gl_json_chart")) == (layer == "districts")
    assert ('"palette"' in page) == (layer != "districts")
    assert "最突出的格" in page
    assert "重点镇街：前 50 个占" in page


@pytest.mark.usefixtures("nothing_kept")
def test_only_roll_ups_are_read(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, read: set[str]
) -> None:
    from queries.answer import spelled
    from queries.execute import Warehouse

    sent: list[str] = []
    answered = Warehouse._table

    def table(self: Warehouse, query: object, **how: bool) -> object:
        sent.append(spelled(query, self._engine.dialect))  # type: ignore[arg-type]
        return answered(self, query, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Warehouse, "_table", table)
    category = "01"
    for district in ("", "330110"):
        drawn(demo_warehouse, monkeypatch, district=district, category=category)
    assert read
    assert all(name.startswith("rollup_") for name in read)
    assert any("rollup_registered_cell" in one for one in sent)
    assert not [one for one in sent if re.search(r"FROM cases\b", one)]


def test_english_page_holds_no_chinese(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    for layer in LAYERS:
        page = page_of(drawn(demo_warehouse, monkeypatch, lang="en", layer=layer))
        page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        # Streamlit's own labels in Chinese, which the switch of the language takes back
        page = re.sub(r'"back": {[^{}]*}', "", page)
        for metric in CATALOG.values():
            page = page.replace(metric.reference, "")
        found = sorted({*CHINESE.findall(page)} - set("中文"))
        assert found == [], "".join(found)


def test_inside_a_district_only_its_places_are_named(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = drawn(demo_warehouse, monkeypatch, district="330110")
    page = page_of(test)
    assert "余杭区 · " in page
    assert "西湖区 · " not in page
    assert "data-choose" not in page.replace("[data-choose]", "")
    assert [button.label for button in test.button] == ["← 返回全市"]


def test_choices_come_from_the_address(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = page_of(drawn(demo_warehouse, monkeypatch, as_of="2026-09-30", span="26w"))
    assert "近 26 周 2026-03-30 至 2026-09-27（整周） · 杭州市 · 全部类别" in page
    page = page_of(
        drawn(demo_warehouse, monkeypatch, layer="<script>", basis="x", category="none", span="4w")
    )
    assert "近 12 周" in page
    assert "<script>" not in page


def test_cases_without_coordinates_have_streets_and_districts(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = page_of(drawn(dozen_directory, monkeypatch))
    assert "来源没有坐标" in page
    assert "三墩镇" in page
    assert STATE not in page
    page = page_of(drawn(dozen_directory, monkeypatch, layer="districts"))
    assert "q-legend" in page


def test_the_second_run_asks_nothing(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = drawn(demo_warehouse, monkeypatch)

    def ask(*_arguments: object) -> None:
        raise AssertionError("asked again")

    for name in ("ask", "sparse"):
        monkeypatch.setattr(f"queries.execute.Warehouse.{name}", ask)
    assert STATE not in page_of(test.run())


def test_another_layer_needs_no_new_question(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    drawn(demo_warehouse, monkeypatch)

    def ask(*_arguments: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr("queries.execute.Warehouse.sparse", ask)
    assert STATE not in page_of(drawn(demo_warehouse, monkeypatch, layer="patterns"))


def test_an_office_is_told_that_the_cells_are_its_own(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    assert "位置格只含本区县的办件" not in page_of(drawn(demo_warehouse, monkeypatch))
    become("district", "330106")
    assert "位置格只含本区县的办件" in page_of(drawn(demo_warehouse, monkeypatch))
    elsewhere = page_of(drawn(demo_warehouse, monkeypatch, district="330108"))
    assert "位置格只显示本区县的办件" in elsewhere
    assert "来源没有坐标" not in elsewhere


def test_the_board_stands_after_the_backlog() -> None:
    from dashboards.navigation import all_boards

    order = [board.key for board in all_boards()]
    assert order.index("backlog") < order.index("hotspots") < order.index("rankings")
    assert all(isinstance(board, Board) for board in all_boards())

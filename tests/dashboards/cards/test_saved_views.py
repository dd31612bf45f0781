"""A board's figures as panels: the same sentences, tables, maps and cells as on the page, once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboards.cards.saved_views import panels, remarks
from dashboards.exports.deck import Grid, Lines, Map, Panel
from dashboards.figures.choropleth import Deck, Point, legend
from dashboards.figures.control_cells import Cell, control_cells
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.multiples import Multiple, multiples
from dashboards.figures.stage_board import Column, ItemCard, stage_board
from dashboards.figures.theme import LIGHT
from tests.dashboards.figures import test_choropleth, test_hex_map

HEAD = tag("section", tag("h2", "在办 2 件"), tag("p", "每件一卡"))


@dataclass(frozen=True)
class Drawn:
    """A map as cards hold it."""

    deck: Deck
    legend: Markup
    ranking: Markup
    ties: Markup


@dataclass(frozen=True)
class Figures:
    """What a board returns."""

    head: Markup
    body: Any
    foot: Markup | None = None


def table(*rows: tuple[str, ...]) -> Markup:
    lines = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag("table", tag("thead", tag("tr", tag("th", "区县"), tag("th", "件数"))), tag("tbody", *lines))


def card(title: str, subtitle: str, *body: Markup) -> Markup:
    return tag("section", tag("h2", title), tag("p", subtitle, class_="q-note"), *body)


def test_each_card_of_a_sheet_keeps_its_own_title() -> None:
    sheet = joined(
        card("单位", "按期率", table(("城管局", "12"))),
        card("镇街", "重复件", table(("闲林街道", "9"))),
        card("要点", "近 4 周", tag("p", "登记 656 件"), tag("p", "办结 600 件")),
    )
    assert panels(Figures(Markup(""), sheet)) == (
        Panel("单位", "按期率", Grid(("区县", "件数"), (("城管局", "12"),))),
        Panel("镇街", "重复件", Grid(("区县", "件数"), (("闲林街道", "9"),))),
        Panel("要点", "", Lines(("近 4 周", "登记 656 件", "办结 600 件"))),
    )


def test_long_words_beside_a_table_are_a_panel_of_their_own() -> None:
    sheet = card("构成", "长" * 300, table(("城管", "7")))
    said, shown = panels(Figures(Markup(""), sheet))
    assert said == Panel("构成", "", Lines(("长" * 300,)))
    assert (shown.title, shown.subtitle) == ("构成", "")


def test_tiles_are_rows_beside_what_stands_above_them() -> None:
    tiles = (
        tag("div", tag("h3", name), tag("span", "基于 2/2 项指标"), tag("p", value))
        for name, value in (("重大活动安", "82.9"), ("诉求总量降", "70.5"))
    )
    index = joined(tag("h2", "一指数"), tag("p", "74.1"), tag("p", "较 4 周前 +1.4 分"), *tiles)
    said, shown = panels(Figures(Markup(""), index))
    assert said == Panel("一指数", "", Lines(("74.1", "较 4 周前 +1.4 分")))
    assert shown.body == Grid(
        ("",) * 3,
        (("重大活动安", "基于 2/2 项指标", "82.9"), ("诉求总量降", "基于 2/2 项指标", "70.5")),
    )


def test_cells_of_measures_are_rows() -> None:
    def cell(name: str, *lines: tuple[str, str]) -> Cell:
        return Cell(name, "5.35", "较上年同期 −1 %", "better", (1.0, 2.0), (), (), None, ("", ""), lines)

    several = control_cells([cell("万人诉求量", ("第 4/8 名", "unchanged")), cell("重复件占比")])
    (shown,) = panels(Figures(Markup(""), several))
    assert shown.body == Grid(
        ("",) * 4,
        (
            ("万人诉求量", "5.35", "较上年同期 −1 %", "第 4/8 名"),
            ("重复件占比", "5.35", "较上年同期 −1 %", ""),
        ),
    )


def test_cards_of_stages_are_rows_with_their_stage() -> None:
    late = ItemCard("1", "甲事", "余杭区", "31.5", "", "超期 5 天", is_late=True, hint="")
    plain = ItemCard("2", "乙<b>事", "临平区", "20.0", "3 级", "距计划 9 天", is_late=False, hint="")
    board = stage_board(
        (Column("摸排", "1", "超期 1", (late,)), Column("化解", "1", "", (plain,))), chosen=None
    )
    (panel,) = panels(Figures(HEAD, board))
    assert panel.title == "在办 2 件"
    assert panel.body == Grid(
        ("",) * 6,
        (
            ("摸排 1 超期 1", "甲事", "余杭区", "", "31.5", "超期 5 天"),
            ("化解 1", "乙<b>事", "临平区", "3 级", "20.0", "距计划 9 天"),
        ),
    )


def test_small_multiples_are_names_and_values() -> None:
    cells = [Multiple(name, name, value, (1.0, 2.0), "") for name, value in (("甲", "4.37 %"), ("乙", "–"))]
    (panel,) = panels(Figures(HEAD, multiples(cells, (1.0, 2.0), (0.0, 3.0))))
    assert panel.body == Grid(("", ""), (("甲", "4.37 %"), ("乙", "–")))


def test_a_map_carries_its_legend_and_titles_its_table_whose_remark_stands_below() -> None:
    key = legend(test_choropleth.CLASSES, (60, 80), LIGHT, title="指数", missing="–", counted="（{n}）")
    drawn = Drawn(test_choropleth.drawn(), key, table(("甲", "1")), tag("p", "并列者并列。"))
    chart, rows = panels(Figures(Markup(""), drawn))
    assert isinstance(chart.body, Map)
    assert (chart.title, rows.title, rows.subtitle) == ("指数", "指数", "并列者并列。")
    assert [words for _, words in chart.body.keys] == ["under 50 （0）", "50–70 （1）", "70 and over （1）"]
    assert [area.name for area in chart.body.areas] == ["big", "small"]


def test_of_an_entered_area_its_points_are_drawn_and_no_neighbour() -> None:
    deck = test_choropleth.drawn(entered=1, points=(Point("街道", 119.2, 30.2, 80.0),))
    (panel,) = panels(Figures(Markup(""), deck))
    assert isinstance(panel.body, Map)
    assert [area.name for area in panel.body.areas] == ["big", "街道"]
    (ring,) = panel.body.areas[1].rings
    lons, lats = zip(*ring, strict=True)
    assert min(lons) < 119.2 < max(lons)
    assert min(lats) < 30.2 < max(lats)
    assert panel.body.areas[1].fill == LIGHT.scale[-1][1:]


def test_cells_that_stand_out_are_drawn_over_their_areas() -> None:
    head = joined(HEAD, tag("div", tag("span", "图例", class_="q-key"), class_="q-legend"))
    (panel,) = panels(Figures(head, test_hex_map.drawn()))
    assert isinstance(panel.body, Map)
    quiet, loud = panel.body.areas[:2], panel.body.areas[2:]
    assert [area.name for area in quiet] == ["甲", "乙"]
    # two of the seven cells are of the loud class
    assert [cell.name for cell in loud] == ["乙街", "甲街"]
    assert {cell.fill for cell in loud} == {test_hex_map.KINDS[0].colour[1:]}
    assert all(len(cell.rings[0]) == 6 for cell in loud)
    assert "图例" not in panel.subtitle


def test_a_page_s_foot_is_its_remarks() -> None:
    assert remarks(Figures(HEAD, None, tag("p", "行政区边界：高德地图"))) == ("行政区边界：高德地图",)


def test_a_sentence_between_cards_keeps_a_panel_of_its_own() -> None:
    found = panels(Figures(Markup(""), (tag("p", "甲"), tag("p", "乙"))))
    assert found == (Panel("", "", Lines(("甲",))), Panel("", "", Lines(("乙",))))

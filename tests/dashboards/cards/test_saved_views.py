"""A board's figures as panels: the same sentences, tables, maps and cells as on the page, once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboards.cards.saved_views import panels, remarks
from dashboards.exports.deck import Grid, Lines, Map, Panel
from dashboards.figures.choropleth import Deck, Point, legend
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

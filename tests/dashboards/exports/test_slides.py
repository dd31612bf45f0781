"""Slides hold the numbers of the page in charts and tables that PowerPoint edits, and name faces it has."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.oxml.ns import qn

from dashboards.exports import paging
from dashboards.exports.charts import numbers_of, plot
from dashboards.exports.deck import Area, Chart, Deck, Grid, Label, Lines, Map, Panel, View, printable
from dashboards.exports.slides import TEMPLATE, BadTemplate, slides
from dashboards.figures.bump import Lane, Lanes, bump
from dashboards.figures.dumbbell import Pair, dumbbell
from dashboards.figures.theme import LIGHT
from tests.hostile.strings import STRINGS

LINE = "晴雨 · 数据截至 2026-10-31 · 数据版本 20261120T1"
DAYS = ["2026-10-05", "2026-10-12", "2026-10-19"]
TREND: dict[str, Any] = {
    "data": [
        {"type": "scatter", "mode": "lines", "x": DAYS, "y": [90, 91, 92], "hoverinfo": "skip"},
        {"type": "scatter", "mode": "lines+markers", "name": "2026", "x": DAYS, "y": [97, None, 142],
         "line": {"color": "#17212E"}},
        {"type": "scatter", "mode": "markers", "name": "信号", "x": DAYS[2:], "y": [142],
         "marker": {"color": "#C2512B"}},
        {"type": "scatter", "mode": "markers", "x": DAYS, "y": [1, 1, 1], "yaxis": "y9",
         "marker": {"opacity": 0}},
    ],
    "layout": {"xaxis": {"tickformat": "%Y-%m"}, "yaxis": {"tickformat": ",d"}},
}  # fmt: skip
FUNNEL: dict[str, Any] = {
    "data": [
        {"type": "scatter", "mode": "lines", "x": [1, 100], "y": [0.5, 0.2], "hoverinfo": "skip"},
        {"type": "scatter", "mode": "markers+text", "name": "区县", "x": [30, 80], "y": [0.1, 0.25],
         "text": ["余杭区", "临平区"], "ids": ["余杭区", "临平区"]},
    ],
    "layout": {"xaxis": {"type": "log", "tickformat": ",d"}, "yaxis": {"tickformat": ".1~%"}},
}  # fmt: skip
WATERFALL: dict[str, Any] = {
    "data": [{"type": "bar", "x": ["期初", "销号", "期末"], "y": [10, 4, 6], "base": [0, 6, 0],
              "marker": {"color": ["#17212E"] * 3}}],
    "layout": {"xaxis": {"type": "category"}, "yaxis": {"tickformat": ",d"}},
}  # fmt: skip
HEAT: dict[str, Any] = {
    "data": [{"type": "heatmap", "x": DAYS, "y": [0, 1], "z": [[1, 2, None], [4, 5, 6]],
              "colorscale": [[0, "#FFFFCC"], [1, "#253494"]]}],
    "layout": {"yaxis": {"tickvals": [0, 1], "ticktext": ["周一", "周二"]}},
}  # fmt: skip
SQUARE = ((119.0, 30.0), (120.0, 30.0), (120.0, 31.0), (119.0, 31.0))
CITY = Map(
    (Area("余杭区", (SQUARE,), "41B6C4", "FFFFFF"),),
    (Label("余杭区 80.3", 119.5, 30.5, is_beside=False, colour="FFFFFF"),),
    (),
    (("41B6C4", "70–75 (2)"),),
)


def deck_of(*panels: Panel, note: str = "", mark: str = "演示数据") -> Deck:
    view = View("一图一指数", "近 4 周 · 杭州市", LINE, note, ("行政区边界：高德地图",), panels)
    return Deck("zh", "十月会商", (LINE,), mark, "（{place}/{all}）", date(2026, 10, 31), (view,))


def deck(*panels: Panel, note: str = "", mark: str = "演示数据") -> Any:
    return Presentation(io.BytesIO(slides(deck_of(*panels, note=note, mark=mark))))


def charts(file: Any) -> list[Any]:
    return [shape.chart for slide in file.slides for shape in slide.shapes if shape.has_chart]


def words(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_a_trend_is_an_editable_chart_with_the_same_numbers() -> None:
    (chart,) = charts(deck(Panel("总量上升", "件", Chart(TREND))))
    assert [(one.name, tuple(one.values)) for one in chart.plots[0].series] == [
        ("界限", (90, 91, 92)),
        ("2026", (97, None, 142)),
        ("信号", (None, None, 142)),
    ]
    assert "c:dateAx" in chart._chartSpace.xml
    book = zipfile.ZipFile(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    assert "xl/worksheets/sheet1.xml" in book.namelist()


def test_points_keep_both_numbers_their_names_and_the_axis() -> None:
    (chart,) = charts(deck(Panel("", "", Chart(FUNNEL))))
    limits, points = chart.plots[0].series
    assert list(limits.values) == [0.5, 0.2]
    assert list(points.values) == [0.1, 0.25]
    assert [point.data_label.text_frame.text for point in (points.points[0], points.points[1])] == [
        "余杭区",
        "临平区",
    ]
    assert "c:logBase" in chart._chartSpace.xml


def test_points_of_several_colours_are_a_series_of_each() -> None:
    points = {**FUNNEL["data"][1], "marker": {"color": ["#137C83", "#C2512B"]}}
    (chart,) = charts(deck(Panel("", "", Chart({**FUNNEL, "data": [points]}))))
    first, second = chart.plots[0].series
    assert (list(first.values), list(second.values)) == ([0.1], [0.25])
    assert str(second.marker.format.fill.fore_color.rgb) == "C2512B"
    assert second.points[0].data_label.text_frame.text == "临平区"


def test_the_longest_series_of_points_comes_first_and_the_axis_begins_at_a_round_number() -> None:
    many = {**FUNNEL["data"][1], "x": [30, 80, 90], "y": [0.663, 0.7, 0.9], "text": ["", "", ""]}
    layout = {**FUNNEL["layout"], "yaxis": {"tickformat": ".1~%", "range": [0.662, 1.019]}}
    (chart,) = charts(deck(Panel("", "", Chart({"data": [FUNNEL["data"][0], many], "layout": layout}))))
    assert [len(list(one.values)) for one in chart.plots[0].series] == [3, 2]
    assert chart.value_axis.minimum_scale == pytest.approx(0.6)


def test_a_waterfall_hangs_on_columns_nobody_sees() -> None:
    (chart,) = charts(deck(Panel("", "", Chart(WATERFALL))))
    bases, steps = chart.plots[0].series
    assert (tuple(bases.values), tuple(steps.values)) == ((0, 6, 0), (10, 4, 6))
    assert "a:noFill" in bases._element.xml


def test_a_heat_map_is_a_table_in_its_colours() -> None:
    file = deck(Panel("", "", Chart(HEAT)), Panel("", "", Lines(("甲",))))
    assert charts(file) == []
    assert len(file.slides) == 3  # it stands alone
    (table,) = [shape.table for shape in file.slides[1].shapes if shape.has_table]
    assert [[cell.text for cell in row.cells] for row in list(table.rows)[1:]] == [
        ["周一", "1", "2", ""],
        ["周二", "4", "5", "6"],
    ]
    assert table.cell(0, 1).text == "2026-10"
    assert str(table.cell(1, 1).fill.fore_color.rgb) == "FFFFCC"
    assert str(table.cell(2, 3).fill.fore_color.rgb) == "253494"


def test_lanes_are_a_chart_of_ranks_for_each_group_the_first_on_top() -> None:
    lanes = (Lane("甲", (1, None, 2), ("", "", "")), Lane("Lin&#x27;an", (2, 1, 1), ("", "", ""), "better"))
    figure = bump((Lanes("城区", lanes), Lanes("郊县", lanes[1:])), ("8月", "9月", "10月"), LIGHT)
    first, second = charts(deck(Panel("位次", "", Chart(figure))))
    assert [(one.name, tuple(one.values)) for one in first.plots[0].series] == [
        ("甲", (1, None, 2)),
        ("Lin'an", (2, 1, 1)),
    ]
    assert list(first.plots[0].categories) == ["8月", "9月", "10月"]
    assert first.value_axis.reverse_order
    assert first.plots[0].series[1].points[2].data_label.text_frame.text == "1 Lin'an"
    assert len(second.plots[0].series) == 1


def test_then_and_now_are_bars_side_by_side() -> None:
    pairs = (Pair("甲", 0.1, 0.2, "worse", ""), Pair("乙", None, 0.3, "better", ""))
    (chart,) = charts(deck(Panel("", "", Chart(dumbbell(pairs, LIGHT, percent=True)))))
    assert [(one.name, tuple(one.values)) for one in chart.plots[0].series] == [
        ("此前", (0.1, None)),
        ("本期", (0.2, 0.3)),
    ]
    assert list(chart.plots[0].categories) == ["甲", "乙"]


def test_limits_and_the_second_part_of_a_line_have_no_place_in_the_legend() -> None:
    twice = {**TREND, "data": [*TREND["data"][:3], {**TREND["data"][1], "y": [1, 2, 3]}]}
    (chart,) = charts(deck(Panel("", "", Chart(twice))))
    hidden = re.findall(r"<c:legendEntry>\s*<c:idx val=\"(\d)\"/>\s*<c:delete", chart._chartSpace.xml)
    assert hidden == ["0", "3"]


def test_what_powerpoint_has_no_chart_for_is_a_table_of_what_it_says() -> None:
    stages = {"data": [{"type": "scatter", "mode": "lines", "x": DAYS, "y": [1, 2, 3],
                        "text": ["甲", "乙", "丙"]}],
              "layout": {"yaxis": {"tickvals": [1, 2, 3], "ticktext": ["一", "二", "三"]}}}  # fmt: skip
    assert plot(stages, "zh") is None
    assert numbers_of(stages) == Grid(("",), (("甲",), ("乙",), ("丙",)))
    file = deck(Panel("", "", Chart(stages)))
    (table,) = [shape.table for shape in file.slides[1].shapes if shape.has_table]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["甲"], ["乙"], ["丙"]]


def test_a_number_that_stands_alone_is_large() -> None:
    (slide,) = list(deck(Panel("", "", Lines(("74.1", "较 4 周前")))).slides)[1:]
    sizes = {run.text: run.font.size.pt for shape in slide.shapes if shape.has_text_frame
             for paragraph in shape.text_frame.paragraphs for run in paragraph.runs}  # fmt: skip
    assert sizes["74.1"] == paging.HERO
    assert sizes["较 4 周前"] < 20


def test_a_number_keeps_the_blank_before_its_sign() -> None:
    assert "12.3\xa0%" in words(deck(Panel("甲 12.3\xa0%", "", Lines(("　乙",)))).slides[1])


@pytest.mark.parametrize("text", STRINGS)
def test_hostile_text_is_text(text: str) -> None:
    figure = {**TREND, "data": [{**TREND["data"][1], "name": text}, *TREND["data"][2:3]]}
    file = deck(
        Panel(text, text, Chart(figure)), Panel("", "", Grid((text,), ((text,),))), note=text, mark=text
    )
    assert printable(text).strip() in words(file.slides[1]) or not printable(text).strip()
    (table,) = [shape.table for shape in file.slides[1].shapes if shape.has_table]
    assert table.cell(1, 0).text.replace("\v", "\n") == printable(text)


@pytest.mark.parametrize("rows", [1, 13, 60])
def test_no_row_of_a_table_is_lost_and_its_heading_stands_on_every_slide(rows: int) -> None:
    grid = Grid(
        ("区域", "件数"),
        tuple((f"街道办事处{place}" * (1 + place % 4 * 3), f"{place}") for place in range(rows)),
    )
    file = deck(Panel("排名", "", grid))
    tables = [shape for slide in file.slides for shape in slide.shapes if shape.has_table]
    found = [[cell.text for cell in row.cells] for one in tables for row in list(one.table.rows)[1:]]
    assert found == [list(row) for row in grid.rows]
    assert all([cell.text for cell in one.table.rows[0].cells] == ["区域", "件数"] for one in tables)
    assert all(one.top + one.height <= file.slide_height for one in tables)


def test_a_list_too_long_for_slides_is_named_not_cut() -> None:
    file = deck(Panel("单位", "", Grid(("单位",), tuple((str(one),) for one in range(61)))))
    assert "共 61 行" in words(file.slides[1])


def test_the_map_is_shapes_with_names_and_the_colours_of_the_screen() -> None:
    (slide,) = list(deck(Panel("", "", CITY)).slides)[1:]
    (shape,) = [one for one in slide.shapes if one.shape_type == MSO_SHAPE_TYPE.FREEFORM]
    assert (shape.name, str(shape.fill.fore_color.rgb)) == ("余杭区", "41B6C4")
    assert shape._element.xml.count("<a:lnTo>") == 3
    assert '<a:effectRef idx="0">' in shape._element.xml  # no shadow
    assert "余杭区 80.3" in words(slide)
    assert "70–75 (2)" in words(slide)


def test_every_slide_says_its_day_version_and_that_it_is_demo_data() -> None:
    file = deck(Panel("", "", Lines(("甲",))), Panel("", "", Chart(TREND)), Panel("", "", CITY))
    assert len(file.slides) == 3
    for slide in list(file.slides):
        assert LINE in words(slide)
        assert "演示数据" in words(slide)
    assert "一图一指数（1/2）" in words(file.slides[1])
    assert "演示数据" not in words(deck(Panel("", "", CITY), mark="").slides[1])


def test_notes_and_remarks_stand_in_the_notes_pane() -> None:
    file = deck(Panel("", "", Lines(("甲",))), note="先看余杭\n再看\x0b临平")
    assert file.slides[1].notes_slide.notes_text_frame.text.startswith("先看余杭\n再看")
    assert "高德地图" in file.slides[1].notes_slide.notes_text_frame.text


def test_every_text_names_a_chinese_face_that_windows_has() -> None:
    file = deck(Panel("甲", "乙", Chart(TREND)), Panel("", "", Grid(("甲",), (("乙",),))), note="备注")
    runs = [run for slide in file.slides for run in slide._element.iter(qn("a:r"))]
    assert len(runs) > 10
    assert {run.find(f".//{qn('a:ea')}").get("typeface") for run in runs} == {"Microsoft YaHei"}
    assert 'a:ea typeface="Microsoft YaHei"' in charts(file)[0]._chartSpace.xml


def test_slides_stand_on_the_office_s_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Presentation(str(TEMPLATE))
    own.slide_master.placeholders[0].text_frame.text = "联席会议办公室"
    own.save(str(tmp_path / "own.pptx"))
    monkeypatch.setattr("dashboards.exports.slides.TEMPLATE", tmp_path / "own.pptx")
    file = deck(Panel("", "", Lines(("甲",))))
    assert file.slide_master.placeholders[0].text_frame.text == "联席会议办公室"
    assert (file.slide_width, file.slide_height) == (12_192_000, 6_858_000)


def test_a_template_that_cannot_be_used_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "own.pptx"
    monkeypatch.setattr("dashboards.exports.slides.TEMPLATE", place)
    for make in (lambda: None, lambda: place.write_bytes(b"no file of PowerPoint")):
        make()
        with pytest.raises(
            BadTemplate, match=r"own\.pptx is no PowerPoint file .* put the one delivered back"
        ):
            slides(deck_of())
    own = Presentation(str(TEMPLATE))
    own.slide_layouts[0].name = "空白"
    own.save(str(place))
    with pytest.raises(BadTemplate, match='needs a layout called "Blank"'):
        slides(deck_of())

"""What is drawn on the server is what the page shows: every board's figures, each number in its place."""

from __future__ import annotations

import copy
import html
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pytest

from dashboards import filters
from dashboards.cards.saved_views import panels
from dashboards.exports.deck import Area, Chart, Label, Map
from dashboards.exports.drawing import chart_svg, map_svg
from dashboards.exports.drawing_axes import Axis, Tick, Undrawable, axis, said, thinned
from dashboards.figures.progress import progress
from dashboards.figures.theme import DARK, LIGHT, Theme
from dashboards.figures.trend import Series
from dashboards.figures.waterfall import Step, waterfall
from dashboards.navigation import all_boards
from dashboards.recipe import Board, Empty
from queries.execute import Warehouse, open_warehouse
from queries.vocabulary import Language
from tests.hostile.strings import STRINGS

SVG = "{http://www.w3.org/2000/svg}"
SHOWN = [board for board in all_boards() if board.is_shown]
DAYS = ["2026-10-05", "2026-10-12", "2026-10-19"]
# Views whose figures differ: the whole city, a district entered, the day with the longest past.
ADDRESSES = ("as_of=2026-10-31", "district=330110&as_of=2026-09-30&category=09")


@pytest.fixture(scope="module")
def demo(demo_warehouse: Path) -> Iterator[Warehouse]:
    with closing(open_warehouse(demo_warehouse)) as opened:
        yield opened


def figures(board: Board, demo: Warehouse, address: str, now: Language, theme: Theme = LIGHT) -> list[Any]:
    with filters.saved(address, now):
        choices = board.filters(demo)
        try:
            drawn = board.figures(demo, board.query(demo, choices), choices, now, theme)
        except Empty:
            return []
    return [one.body for one in panels(drawn) if isinstance(one.body, Chart | Map)]


def is_number(value: Any) -> bool:
    return isinstance(value, str) or (value is not None and math.isfinite(value))


def seen(figure: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    traces = [one for one in figure["data"] if one["type"] == kind]
    return [one for one in traces if (one.get("marker") or {}).get("opacity") != 0]


def of_reach(axis_told: Mapping[str, Any], value: Any) -> bool:
    """Whether a range that the figure gives holds a value."""
    if "range" not in axis_told:
        return True
    if axis_told.get("type") == "log":
        value = math.log10(value)
    low, high = sorted(axis_told["range"])
    return bool(low <= value <= high)


def expected_points(figure: Mapping[str, Any]) -> int:
    """The points that the page shows: with a marker that has a colour, at a number that is in sight."""
    layout, count = figure["layout"], 0
    for trace in seen(figure, "scatter"):
        if "markers" not in trace["mode"] or trace["marker"].get("color") == "rgba(0,0,0,0)":
            continue
        for x, y in zip(trace["x"], trace["y"], strict=True):
            known = is_number(x) and is_number(y)
            count += known and of_reach(layout["xaxis"], x) and of_reach(layout["yaxis"], y)
    return count


def expected_vertices(figure: Mapping[str, Any]) -> int:
    """The numbers that lines join: all in a run of two or more."""
    count = 0
    for trace in seen(figure, "scatter"):
        if "lines" in trace["mode"] and (trace.get("line") or {}).get("width", 2):
            for known, run in groupby(is_number(y) for y in trace["y"]):
                long = len(list(run))
                count += long if known and long > 1 else 0
    return count


def tree(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def points(svg: str) -> list[ET.Element]:
    """Circles, and the diamonds, which alone are closed around four corners without a fill's opacity."""
    diamonds = [
        one
        for one in tree(svg).iter(f"{SVG}path")
        if re.fullmatch(r"M[^A-Z]+(L[^A-Z]+){3}Z", one.get("d", "")) and one.get("fill-opacity") is None
    ]
    return [*tree(svg).iter(f"{SVG}circle"), *diamonds]


def vertices(svg: str) -> int:
    paths = [one.get("d", "") for one in tree(svg).iter(f"{SVG}path") if one.get("fill") == "none"]
    return sum(len(re.findall("[MLHQC]", path)) for path in paths if not path.endswith("Z"))


def words(svg: str) -> list[str]:
    return [one.text or "" for one in tree(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("board", SHOWN, ids=lambda board: board.key)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_figure_of_a_board_is_drawn_with_all_its_numbers(
    board: Board, lang: Language, address: str, demo: Warehouse
) -> None:
    for body in figures(board, demo, address, lang):
        if isinstance(body, Map):
            svg = map_svg(body, 600, 320)
            drawn = [one.find(f"{SVG}title") for one in tree(svg).iter(f"{SVG}path")]
            assert [one.text for one in drawn if one is not None] == [one.name for one in body.areas]
            continue
        svg, layout = chart_svg(body.figure, 600, 320, lang), body.figure["layout"]
        kept = orjson.loads(orjson.dumps(body.figure, option=orjson.OPT_SERIALIZE_NUMPY))
        assert chart_svg(kept, 600, 320, lang) == svg  # as a deck keeps it
        assert len(points(svg)) == expected_points(body.figure)
        assert vertices(svg) == expected_vertices(body.figure)
        rectangles = sum(
            sum(map(is_number, trace["y"])) if trace["type"] == "bar" else sum(map(is_number, row))
            for kind in ("bar", "heatmap")
            for trace in seen(body.figure, kind)
            for row in (trace["z"] if kind == "heatmap" else [trace["y"]])
        )
        bands = sum(one["type"] == "rect" for one in layout.get("shapes", ()))
        stripes = 40 * len(seen(body.figure, "heatmap"))
        assert len(list(tree(svg).iter(f"{SVG}rect"))) == rectangles + bands + stripes
        for note in layout.get("annotations", ()):
            assert not note["text"] or html.unescape(note["text"]) in words(svg)


def test_boards_have_figures_to_draw(demo: Warehouse) -> None:
    drawn = [body for board in SHOWN for body in figures(board, demo, ADDRESSES[0], "zh")]
    assert len(drawn) > 12
    assert {trace["type"] for one in drawn if isinstance(one, Chart) for trace in one.figure["data"]} == {
        "scatter",
        "bar",
        "heatmap",
    }


def test_it_is_drawn_at_night_as_well(demo: Warehouse) -> None:
    board = next(board for board in SHOWN if board.key == "overview")
    (chart,) = [one for one in figures(board, demo, ADDRESSES[0], "zh", DARK) if isinstance(one, Chart)]
    assert DARK.ink in chart_svg(chart.figure, 600, 320, "zh", DARK)


TREND: dict[str, Any] = {
    "data": [
        {"type": "scatter", "mode": "lines+markers", "x": DAYS, "y": [10, None, 40],
         "line": {"color": "#17212E"}, "marker": {"color": "#17212E", "size": 4}},
        {"type": "scatter", "mode": "lines", "x": DAYS, "y": [10, 20, 30], "line": {"color": "#C2512B"}},
    ],
    "layout": {"margin": {"l": 50, "r": 50, "t": 20, "b": 30},
               "yaxis": {"range": [0, 50], "tickformat": ",d"},
               "xaxis": {"range": [DAYS[0], DAYS[2]], "tickformat": "%Y-%m"}},
}  # fmt: skip


def test_each_number_stands_at_its_place() -> None:
    svg = chart_svg(TREND, 600, 350, "zh")
    # 500 pixels for 14 days from the left, 300 pixels for 50 from below
    found = [(float(one.get("cx", 0)), float(one.get("cy", 0))) for one in points(svg)]
    assert found == [(50, 320 - 60), (550, 320 - 240)]
    (path,) = [one.get("d") for one in tree(svg).iter(f"{SVG}path")]
    assert path == "M50,260L300,200L550,140"


def test_a_hole_is_no_line() -> None:
    figure = copy.deepcopy(TREND)
    figure["data"][0]["y"] = [10, None, 40]
    (path,) = [one.get("d") for one in tree(chart_svg(figure, 600, 350, "zh")).iter(f"{SVG}path")]
    assert "C2512B" in chart_svg(figure, 600, 350, "zh")
    assert path is not None
    assert path.count("M") == 1


def test_a_small_drawing_is_a_smaller_picture_not_a_denser_one() -> None:
    small = tree(chart_svg(TREND, 300, 175, "zh"))
    assert (small.get("width"), small.get("height")) == ("300", "175")
    assert small.get("viewBox") == "0 0 560 326.67"


def test_columns_hang_at_their_base_with_their_words_above() -> None:
    steps = (Step("期初", 10, "10", "", is_level=True), Step("销号", -4, "−4", ""))
    svg = chart_svg(waterfall(steps, LIGHT, height=250), 600, 250, "zh")
    bars = [{key: float(one.get(key, 0)) for key in ("y", "height")} for one in tree(svg).iter(f"{SVG}rect")]
    unit = bars[0]["height"] / 10
    assert bars[1]["y"] == pytest.approx(bars[0]["y"], abs=0.02)
    assert bars[1]["height"] == pytest.approx(4 * unit, abs=0.02)
    assert {"10", "−4", "期初", "销号"} <= set(words(svg))


def test_long_names_of_columns_are_broken_not_cut() -> None:
    name = "Registered as repeated petitions of the year"
    steps = [Step(name * (1 + at % 2) + str(at), 1, "", "", is_level=True) for at in range(5)]
    svg = chart_svg(waterfall(steps, LIGHT, height=250), 600, 250, "en")
    together = "".join(words(svg)).replace(" ", "")
    assert all(step.name.replace(" ", "") in together for step in steps)


def test_stages_are_stairs_with_their_names_beside_them() -> None:
    days = tuple(date.fromisoformat(day) for day in DAYS)
    reached, planned = Series("进度", days, (1, 2, None)), Series("计划", days, (1, 2, 3))
    svg = chart_svg(progress(reached, planned, LIGHT, stages=("摸排", "方案", "办理")), 600, 340, "zh")
    assert {"摸排", "方案", "办理"} <= set(words(svg))
    assert [one.get("d", "").count("V") for one in tree(svg).iter(f"{SVG}path")] == [2, 1]


def test_what_no_server_draws_is_named() -> None:
    def told(**trace: Any) -> Any:
        return {"data": [{"type": "scatter", "mode": "markers", "x": [1], "y": [1], **trace}], "layout": {}}

    for wrong, name in (
        ({"type": "pie"}, "'pie'"),
        ({"yaxis": "y2"}, "'y2'"),
        ({"marker": {"symbol": "star"}}, "'star'"),
        ({"marker": {"color": "red"}}, "'red'"),
        ({"mode": "lines", "fill": "toself"}, "'toself'"),
        ({"mode": "lines", "x": [1, 2], "y": [1, 2], "line": {"shape": "vh"}}, "'vh'"),
    ):
        with pytest.raises(Undrawable, match=name):
            chart_svg(told(**wrong), 600, 300, "zh")
    with pytest.raises(Undrawable, match="format"):
        chart_svg(told() | {"layout": {"xaxis": {"tickformat": ".3e"}}}, 600, 300, "zh")


@pytest.mark.parametrize("text", STRINGS)
def test_hostile_text_is_text(text: str) -> None:
    figure = copy.deepcopy(TREND)
    figure["layout"]["annotations"] = [{"text": text, "x": DAYS[0], "y": 10}]
    figure["layout"]["yaxis"] |= {"tickvals": [0], "ticktext": [text]}
    figure["data"][1] |= {"mode": "lines+text", "text": [text, "", ""]}
    area = Area(text, (((119.0, 30.0), (120.0, 30.0), (120.0, 31.0)),), "41B6C4", "FFFFFF")
    label = Label(text, 119.5, 30.5, is_beside=False, colour="FFFFFF")
    for svg in (
        chart_svg(figure, 600, 350, "zh"),
        map_svg(Map((area,), (label,), (), (("41B6C4", text),)), 600, 350),
    ):
        tags = {one.tag.removeprefix(SVG) for one in tree(svg).iter()}
        assert tags <= {"svg", "g", "path", "line", "circle", "rect", "text", "title"}
        named = {name for one in tree(svg).iter() for name in one.attrib}
        assert not named & {"id", "class", "style", "href"}
        assert not any(name.startswith("on") for name in named)


def test_ticks_of_an_axis() -> None:
    def ticks(told: Mapping[str, Any], values: list[Any], start: float = 0, end: float = 500) -> list[str]:
        made = axis(told, values, room=0, is_padded=False).spread(start, end)
        return [tick.text for tick in made.ticks()]

    assert ticks({"nticks": 5, "tickformat": ",d"}, [0, 1800]) == ["0", "500", "1,000", "1,500"]
    assert ticks({"nticks": 5, "tickformat": ",d"}, [0, 2]) == ["0", "1", "2"]
    assert ticks({"tickformat": "%Y-%m", "dtick": "M3"}, ["2025-11-01", "2026-08-01"]) == [
        "2026-01",
        "2026-04",
        "2026-07",
    ]
    assert ticks({"type": "log", "range": [0.5, 3.2], "tickformat": ",d", "dtick": 1}, []) == [
        "10",
        "100",
        "1,000",
    ]
    assert ticks({"tickvals": [0, 30], "tickformat": ""}, [0, 40]) == ["0", "30"]
    assert ticks({"rangemode": "tozero"}, [5, 9])[0] == "0"
    assert axis({"autorange": "reversed"}, [0, 6], room=0.5, is_padded=False).low == 6.5


def test_numbers_are_said_as_on_the_page() -> None:
    for value, form, text in (
        (-1234.0, ",d", "−1,234"),
        (0.125, ".1~%", "12.5%"),
        (0.1, ".1~%", "10%"),
        (0.05, ".0%", "5%"),
        (12000.0, "~s", "12k"),
        (0.30000000000000004, "~g", "0.3"),
    ):
        assert said(value, form) == text


def test_ticks_that_would_touch_lose_their_words() -> None:
    ticks = [Tick(at * 20.0, "2026-01") for at in range(5)]
    assert [bool(tick.text) for tick in thinned(ticks)] == [True, False, False, True, False]


def test_a_label_moves_aside_rather_than_over_another() -> None:
    dots = {"type": "scatter", "mode": "markers+text", "x": [5, 5.05], "y": [5, 5],
            "text": ["上城区", "下城区"], "textposition": "top center",
            "marker": {"size": 8, "color": "#17212E"}}  # fmt: skip
    svg = chart_svg({"data": [dots], "layout": {"xaxis": {"range": [0, 10]}}}, 600, 300, "zh")
    first, second = [one for one in tree(svg).iter(f"{SVG}text") if "城" in (one.text or "")]
    assert first.get("y") != second.get("y")


def test_a_position_that_an_axis_cannot_have_is_refused() -> None:
    with pytest.raises(Undrawable, match="give a number"):
        Axis("linear", 0, 1, {}).position("十月")

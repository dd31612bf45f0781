"""Plotly figures as charts that PowerPoint edits: their series with the same numbers, no picture."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pptx.chart.chart import Chart as NativeChart
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from dashboards.exports.deck import Grid

FACE = "Microsoft YaHei"
SMALL = Pt(9)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6})")
_INK, _GREY = "17212E", "9AA5B1"
_WIDTHS = {"thin": Pt(0.75), "own": Pt(2)}
_MOST_NAMES = 40  # points that carry their name
_FORMATS = {",d": "#,##0", ".0%": "0%", ".1%": "0.0%", ".1~%": "0.0%", ".2%": "0.00%"}


@dataclass(frozen=True)
class Series:
    """One series: numbers by place, None where there is none; `names` of its points where they carry one."""

    name: str
    x: tuple[Any, ...]
    y: tuple[float | None, ...]
    colour: str
    has_line: bool
    has_points: bool
    is_quiet: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plot:
    """A figure as PowerPoint draws it; `kind` is line (over days), bar, bars lying (`across`) or points."""

    kind: str
    series: tuple[Series, ...]
    format: str
    x_format: str
    is_log: bool = False
    is_stacked: bool = False
    bases: tuple[float, ...] = ()


def plot(figure: Mapping[str, Any], bound: str) -> Plot | None:
    """The native chart that shows the numbers of `figure`; None where PowerPoint has no such chart.

    Lines without a name, such as limits, are called `bound`.
    """
    drawn = [trace for trace in figure["data"] if trace.get("yaxis", "y") == "y"]
    layout = figure["layout"]
    if not drawn or any(trace.get("type") not in {"scatter", "bar"} for trace in drawn):
        return None
    form = _FORMATS.get(_axis(layout, "yaxis").get("tickformat", ""), "General")
    x_form = _FORMATS.get(_axis(layout, "xaxis").get("tickformat", ""), "General")
    if all(trace["type"] == "bar" for trace in drawn):
        return _bars(drawn, layout, form, x_form, bound)
    if any(trace["type"] == "bar" or "ticktext" in _axis(layout, "yaxis") for trace in drawn):
        return None
    series = tuple(_series(trace, bound) for trace in drawn if trace.get("x"))
    xs = [x for one in series for x in one.x]
    if not xs or all(one.has_points and not one.name for one in series):
        return None
    is_log = _axis(layout, "xaxis").get("type") == "log"
    if all(isinstance(x, str) and _DAY.match(x) for x in xs):
        return Plot("line", series, form, x_form)
    if "ticktext" not in _axis(layout, "xaxis") and all(isinstance(x, int | float) for x in xs):
        return Plot("points", series, form, x_form, is_log)
    return None


def numbers_of(figure: Mapping[str, Any]) -> Grid:
    """The numbers of a figure without a native chart, as a table: a heat map's cells, or what points say."""
    for trace in figure["data"]:
        if trace.get("type") == "heatmap":
            return _cells(trace, _axis(figure["layout"], "yaxis"))
    rows = [
        tuple(_plain(part) for part in str(text).split("<br>"))
        for trace in figure["data"]
        for text in trace.get("hovertext") or ()
    ]
    wide = max((len(row) for row in rows), default=0)
    return Grid(("",) * wide, tuple((*row, *[""] * (wide - len(row))) for row in rows))


def chart_data(found: Plot) -> Any:
    """The numbers that stand in the chart's own worksheet, as python-pptx takes them."""
    if found.kind == "points":
        points: Any = XyChartData(number_format=found.format)  # type: ignore[no-untyped-call]
        for one in found.series:
            added = points.add_series(one.name)
            for x, y in zip(one.x, one.y, strict=True):
                if y is not None:
                    added.add_data_point(x, y)
        return points
    data: Any = CategoryChartData(number_format=found.format)  # type: ignore[no-untyped-call]
    if found.kind == "line":
        days = sorted({_day(x) for one in found.series for x in one.x})
        data.categories = days
        for one in found.series:
            by_day = dict(zip(map(_day, one.x), one.y, strict=True))
            data.add_series(one.name, [by_day.get(day) for day in days])
        return data
    data.categories = [_plain(str(x)) for x in found.series[0].x]
    if found.bases:
        data.add_series(" ", found.bases)
    for one in found.series:
        data.add_series(one.name, one.y)
    return data


def chart_type(found: Plot) -> XL_CHART_TYPE:
    """PowerPoint's kind of chart."""
    match found.kind:
        case "line":
            return XL_CHART_TYPE.LINE_MARKERS
        case "points":
            return XL_CHART_TYPE.XY_SCATTER
        case "across":
            return XL_CHART_TYPE.BAR_STACKED if found.is_stacked else XL_CHART_TYPE.BAR_CLUSTERED
        case _:
            return XL_CHART_TYPE.COLUMN_STACKED if found.is_stacked else XL_CHART_TYPE.COLUMN_CLUSTERED


def dressed(chart: NativeChart, found: Plot) -> None:
    """Colours, axes, fonts and legend as on the page."""
    chart.has_title = False
    chart.font.size, chart.font.name = SMALL, FACE
    chart.font.color.rgb = rgb(_INK)
    # The default faces of all text in the chart; python-pptx names the Latin one only.
    properties = chart._chartSpace.txPr.find(f".//{qn('a:defRPr')}")  # noqa: SLF001
    properties.append(parse_xml(f'<a:ea {nsdecls("a")} typeface="{FACE}" pitchFamily="34" charset="-122"/>'))
    named = [one for one in found.series if not one.is_quiet]
    chart.has_legend = len(named) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    value, category = chart.value_axis, chart.category_axis
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = found.format, False
    value.major_gridlines.format.line.color.rgb = rgb("E3E7ED")
    value.format.line.fill.background()
    category.has_major_gridlines = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.format.line.color.rgb = rgb(_GREY)
    if found.kind in {"line", "points"}:
        labels = category.tick_labels
        labels.number_format = "yyyy-mm" if found.kind == "line" else found.x_format
        labels.number_format_is_linked = False
    if found.kind == "across":
        category.reverse_order = True
    if found.is_log:
        scaling = category._element.find(qn("c:scaling"))  # noqa: SLF001 - python-pptx has no word for it
        scaling.insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
    plots = list(chart.plots[0].series)
    if found.bases:
        plots[0].format.fill.background()
        plots = plots[1:]
    for native, one in zip(plots, found.series, strict=True):
        _dressed_series(native, one, found)
    if found.kind in {"bar", "across"}:
        chart.plots[0].gap_width = 60
        chart.plots[0].overlap = 100 if found.is_stacked else 0


def _dressed_series(native: Any, one: Series, found: Plot) -> None:
    colour = rgb(one.colour)
    if found.kind in {"bar", "across"}:
        native.format.fill.solid()
        native.format.fill.fore_color.rgb = colour
        return
    native.smooth = False
    if one.has_line:
        native.format.line.color.rgb = colour
        native.format.line.width = _WIDTHS["thin" if one.is_quiet else "own"]
        if one.is_quiet:
            native.format.line.dash_style = MSO_LINE.DASH
    else:
        native.format.line.fill.background()
    native.marker.style = XL_MARKER_STYLE.CIRCLE if one.has_points else XL_MARKER_STYLE.NONE
    if one.has_points:
        native.marker.size = 4 if one.has_line else 7
        native.marker.format.fill.solid()
        native.marker.format.fill.fore_color.rgb = colour
        native.marker.format.line.color.rgb = colour
    kept = [name for name, y in zip(one.names, one.y, strict=False) if y is not None]
    for place, name in enumerate(kept[:_MOST_NAMES]):
        if name:
            native.points[place].data_label.text_frame.text = name


def _bars(
    drawn: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], form: str, x_form: str, bound: str
) -> Plot:
    across = drawn[0].get("orientation") == "h"
    series = tuple(_series(trace, bound, across=across) for trace in drawn)
    bases = tuple(float(base) for base in drawn[0].get("base") or ())
    stacked = layout.get("barmode") in {"stack", "relative"} or bool(bases)
    kind, shown = ("across", x_form) if across else ("bar", form)
    return Plot(kind, series, shown, form, is_stacked=stacked, bases=bases)


def _series(trace: Mapping[str, Any], bound: str, *, across: bool = False) -> Series:
    xs, ys = (trace.get("y"), trace.get("x")) if across else (trace.get("x"), trace.get("y"))
    mode = trace.get("mode", "lines")
    is_quiet = trace.get("hoverinfo") == "skip" and not trace.get("name")
    name = _plain(trace.get("name") or (bound if is_quiet else ""))
    texts = tuple(_plain(str(one)) for one in trace.get("text") or ()) if "text" in mode else ()
    line, marker = trace.get("line") or {}, trace.get("marker") or {}
    colour = _hex(line.get("color")) or _hex(marker.get("color")) or (_GREY if is_quiet else _INK)
    return Series(
        name=name,
        x=tuple(xs or ()),
        y=tuple(_number(y) for y in ys or ()),
        colour=_GREY if is_quiet else colour,
        has_line="lines" in mode,
        has_points="markers" in mode,
        is_quiet=is_quiet,
        names=texts,
    )


def _cells(trace: Mapping[str, Any], axis: Mapping[str, Any]) -> Grid:
    """A heat map with its columns as rows: there are more of them than a slide is wide."""
    ticks = dict(zip(axis.get("tickvals") or (), axis.get("ticktext") or (), strict=False))
    headings = ("", *(_plain(str(ticks.get(y, y))) for y in trace["y"]))
    rows = tuple(
        (str(x), *("" if _number(line[place]) is None else f"{line[place]:,}" for line in trace["z"]))
        for place, x in enumerate(trace["x"])
    )
    return Grid(headings, rows)


def rgb(spelled: str) -> RGBColor:
    """The colour `RRGGBB`."""
    return RGBColor(*bytes.fromhex(spelled))  # type: ignore[no-untyped-call]


def _axis(layout: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = layout.get(name) or {}
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _number(value: Any) -> float | None:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else float(value)


def _hex(value: Any) -> str:
    """The colour as RRGGBB; of several the first."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    found = _COLOUR.fullmatch(first) if isinstance(first, str) else None
    return found[1] if found else ""


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)

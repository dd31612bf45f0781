"""Plotly figures as charts that PowerPoint edits: their series with the same numbers, no picture."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pptx.chart.chart import Chart as NativeChart
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from dashboards.exports.deck import Grid
from dashboards.exports.drawing_axes import plain, round_step
from dashboards.exports.figure_rows import BEFORE, BOUND, NOW
from queries.vocabulary import Language

FACE = "Microsoft YaHei"
SMALL = Pt(9)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6})")
_INK, _GREY = "17212E", "9AA5B1"
_TALL = 0.08  # of the axis: a column in which its number has room
_THIN = 0.75  # points, the width of limits
_MONTHS = ((1, 250), (2, 400), (3, 800), (6, 1600))  # between two labels, up to so many days
_TICKS = 6
_MOST_NAMES = 40  # points that carry their name
_FORMATS = {",d": "#,##0", ".0%": "0%", ".1%": "0.0%", ".1~%": "0.0%", ".2%": "0.00%"}
_UNSEEN = "rgba(0,0,0,0)"
Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class Series:
    """One series: numbers by place, None where there is none; `names` of its points where they carry one.

    `colours` are those of its points where they are told one by one; `width` is that of its line in points.
    """

    name: str
    x: tuple[Any, ...]
    y: tuple[float | None, ...]
    colour: str
    has_line: bool
    has_points: bool
    is_quiet: bool
    names: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    width: float = 1.5
    is_open: bool = False


@dataclass(frozen=True)
class Plot:
    """A figure as PowerPoint draws it; `kind` is line (over days), rank, bar, bars lying (across) or points.

    `reach` and `x_reach` are the ends of the axes where the figure tells them; `periods` are those of ranks,
    `months` those between two labels of days.
    """

    kind: str
    series: tuple[Series, ...]
    format: str
    x_format: str
    is_log: bool = False
    is_stacked: bool = False
    bases: tuple[float, ...] = ()
    periods: tuple[str, ...] = ()
    months: int = 1
    reach: Ends = (None, None)
    x_reach: Ends = (None, None)


def plot(figure: Mapping[str, Any], now: Language) -> Plot | None:
    """The native chart that shows the numbers of `figure`; None where PowerPoint has no such chart.

    Lines without a name are called limits.
    """
    drawn = [trace for trace in figure["data"] if trace.get("yaxis", "y") == "y"]
    if not drawn or any(trace.get("type") not in {"scatter", "bar"} for trace in drawn):
        return None
    layout = figure["layout"]
    x_axis, y_axis = _axis(layout, "xaxis"), _axis(layout, "yaxis")
    form = _FORMATS.get(y_axis.get("tickformat", ""), "General")
    x_form = _FORMATS.get(x_axis.get("tickformat", ""), "General")
    if all(trace["type"] == "bar" for trace in drawn):
        return _bars(drawn, form, _reach(y_axis), now)
    if any(trace["type"] == "bar" for trace in drawn):
        return None
    if all(trace.get("legendgroup") is not None for trace in drawn):
        return _ranks(drawn, x_axis, now)
    if "ticktext" in y_axis:
        return _pairs(drawn, y_axis, x_form, now)
    series = tuple(_series(trace, now) for trace in drawn if trace.get("x"))
    xs = [x for one in series for x in one.x]
    if not xs or all(one.has_points and not one.has_line and not one.name for one in series):
        return None
    if all(isinstance(x, str) and _DAY.match(x) for x in xs):
        span = (max(map(_day, xs)) - min(map(_day, xs))).days
        months = next((one for one, longest in _MONTHS if span <= longest), 12)
        return Plot("line", series, form, x_form, months=months, reach=_reach(y_axis))
    if "ticktext" not in x_axis and all(isinstance(x, int | float) for x in xs):
        is_log = x_axis.get("type") == "log"
        ends = (None, None) if is_log else _reach(x_axis)
        low, high = _reach(y_axis)
        if low is not None and high is not None:
            # an axis of PowerPoint counts its ticks from its end, which therefore is a round number
            step = round_step((high - low) / _TICKS)
            positive = all(y is None or y >= 0 for one in series for y in one.y)
            low = max(0.0 if positive else -math.inf, math.floor(low / step) * step)
        every = (part for one in series for part in _by_colour(one))
        # the longest first: LibreOffice loses the lines of series that stand before a longer one
        series = tuple(sorted(every, key=lambda one: -len(one.y)))
        return Plot("points", series, form, x_form, is_log, reach=(low, high), x_reach=ends)
    return None


def parts(figure: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The figures that PowerPoint needs a chart each for, with their names: one for each group of lanes."""
    groups = dict.fromkeys(trace.get("legendgroup") for trace in figure["data"])
    if len(groups) < 2 or None in groups:
        return [("", figure)]
    return [
        (plain(group), {**figure, "data": [one for one in figure["data"] if one["legendgroup"] == group]})
        for group in groups
    ]


def numbers_of(figure: Mapping[str, Any]) -> Grid:
    """What the points of a figure without a native chart say, as a table."""
    rows = [
        tuple(plain(part) for part in str(text).split("<br>"))
        for trace in figure["data"]
        for text in trace.get("hovertext") or trace.get("text") or ()
        if text
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
    data.categories = found.periods or [plain(x) for x in found.series[0].x]
    if found.bases:
        data.add_series(" ", found.bases)
    for one in found.series:
        data.add_series(one.name, one.y)
    return data


def chart_type(found: Plot) -> XL_CHART_TYPE:
    """PowerPoint's kind of chart."""
    match found.kind:
        case "line" | "rank":
            return XL_CHART_TYPE.LINE_MARKERS
        case "points":
            return XL_CHART_TYPE.XY_SCATTER
        case "across":
            return XL_CHART_TYPE.BAR_CLUSTERED
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
    # limits need no name, and a line of two parts needs it once
    first = {one.name: at for at, one in reversed([*enumerate(found.series)]) if not one.is_quiet}
    chart.has_legend = len(first) > 1 and found.kind != "rank"
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        _without(chart.legend, [at for at in range(len(found.series)) if at not in first.values()])
    _dressed_axes(chart, found)
    plots = list(chart.plots[0].series)
    if found.bases:
        plots[0].format.fill.background()
        plots = plots[1:]
    for native, one in zip(plots, found.series, strict=True):
        _dressed_series(native, one, found)
    if found.kind in {"bar", "across"}:
        chart.plots[0].gap_width = 60
        chart.plots[0].overlap = 100 if found.is_stacked else 0


def _dressed_axes(chart: NativeChart, found: Plot) -> None:
    value, category = chart.value_axis, chart.category_axis
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = found.format, False
    value.major_gridlines.format.line.color.rgb = rgb("E3E7ED")
    value.format.line.fill.background()
    value.minimum_scale, value.maximum_scale = found.reach
    category.has_major_gridlines = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.format.line.color.rgb = rgb(_GREY)
    if found.kind in {"line", "points"}:
        labels = category.tick_labels
        labels.number_format = "yyyy-mm" if found.kind == "line" else found.x_format
        labels.number_format_is_linked = False
    if found.kind == "line":
        _labelled_by_months(category, found.months)
    if found.kind == "points":
        category.minimum_scale, category.maximum_scale = found.x_reach
    if found.kind == "across":
        category.reverse_order = True
        value.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    if found.kind == "rank":
        # the first rank on top, the periods below the last
        value.reverse_order, value.major_unit = True, 1
        category.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    if found.is_log:
        scaling = category._element.find(qn("c:scaling"))  # noqa: SLF001 - python-pptx has no word for it
        scaling.insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))


def _labelled_by_months(category: Any, months: int) -> None:
    """A label for every so many months; python-pptx has no word for it."""
    offset = category._element.find(qn("c:lblOffset"))  # noqa: SLF001
    for name, value in (("majorTimeUnit", "months"), ("majorUnit", months), ("baseTimeUnit", "days")):
        for old in category._element.findall(qn(f"c:{name}")):  # noqa: SLF001
            old.getparent().remove(old)
        offset.addnext(parse_xml(f'<c:{name} {nsdecls("c")} val="{value}"/>'))


def _without(legend: Any, series: Sequence[int]) -> None:
    """The legend without these series; python-pptx has no word for it."""
    place = legend._element.find(qn("c:legendPos"))  # noqa: SLF001
    for one in reversed(series):
        place.addnext(
            parse_xml(
                f'<c:legendEntry {nsdecls("c")}><c:idx val="{one}"/><c:delete val="1"/></c:legendEntry>'
            )
        )


def _dressed_series(native: Any, one: Series, found: Plot) -> None:
    is_bar = found.kind in {"bar", "across"}
    if is_bar:
        native.format.fill.solid()
        native.format.fill.fore_color.rgb = rgb(one.colour)
    else:
        _dressed_line(native, one)
    # what is drawn of points of two numbers is only those that have both
    drawn = [at for at, y in enumerate(one.y) if y is not None or found.kind != "points"]
    named = 0
    for place, at in enumerate(drawn):
        if is_bar and at < len(one.colours) and one.colours[at] != one.colour:
            fill = native.points[place].format.fill
            fill.solid()
            fill.fore_color.rgb = rgb(one.colours[at])
        if at < len(one.names) and one.names[at] and named < _MOST_NAMES:
            named += 1
            label = native.points[place].data_label
            label.text_frame.text = one.names[at]
            if is_bar and (one.y[at] or 0) > _TALL * (found.reach[1] or math.inf):
                (run,) = label.text_frame.paragraphs[0].runs
                run.font.color.rgb = rgb("FFFFFF")  # inside the column
            if found.kind == "rank":
                label.position = XL_LABEL_POSITION.RIGHT
            elif found.kind == "points":
                label.position = XL_LABEL_POSITION.ABOVE


def _dressed_line(native: Any, one: Series) -> None:
    native.smooth = False
    if one.has_line:
        native.format.line.color.rgb = rgb(one.colour)
        native.format.line.width = Pt(_THIN if one.is_quiet else one.width)
        if one.is_quiet:
            native.format.line.dash_style = MSO_LINE.DASH
    else:
        native.format.line.fill.background()
    native.marker.style = XL_MARKER_STYLE.CIRCLE if one.has_points else XL_MARKER_STYLE.NONE
    if not one.has_points:
        return
    native.marker.size = 4 if one.has_line else 9 if one.is_open else 7
    if one.is_open:
        native.marker.format.fill.background()
    else:
        native.marker.format.fill.solid()
        native.marker.format.fill.fore_color.rgb = rgb(one.colour)
    native.marker.format.line.color.rgb = rgb(one.colour)


def _bars(drawn: Sequence[Mapping[str, Any]], form: str, reach: Ends, now: Language) -> Plot:
    bases = tuple(float(base) for base in drawn[0].get("base") or ())
    series = tuple(
        replace(_series(trace, now), names=tuple(map(plain, trace.get("text") or ()))) for trace in drawn
    )
    return Plot("bar", series, form, form, is_stacked=bool(bases), bases=bases, reach=reach)


def _ranks(drawn: Sequence[Mapping[str, Any]], axis: Mapping[str, Any], now: Language) -> Plot:
    """Lanes of one group: at each period the rank, at the last one the name."""
    series = []
    for trace in drawn:
        ranks = tuple(float(text) if text else None for text in trace["text"])
        last = max((at for at, rank in enumerate(ranks) if rank is not None), default=-1)
        told = f"{ranks[last]:.0f} {plain(trace['name'])}"
        names = tuple(told if at == last else "" for at in range(len(ranks)))
        series.append(replace(_series(trace, now), y=ranks, names=names))
    most = max((rank for one in series for rank in one.y if rank is not None), default=1.0)
    periods = tuple(map(plain, axis.get("ticktext") or ()))
    return Plot("rank", tuple(series), "0", "", periods=periods, reach=(1.0, max(2.0, most)))


def _pairs(
    drawn: Sequence[Mapping[str, Any]], axis: Mapping[str, Any], form: str, now: Language
) -> Plot | None:
    """Points beside names as lying bars: then and now."""
    if len(drawn) != 2 or any(trace.get("mode") != "markers" for trace in drawn):
        return None
    names = tuple(map(plain, axis["ticktext"]))
    then, here = (
        replace(_series(trace, now), name=name.in_(now), x=names, y=tuple(map(_number, trace["x"])))
        for trace, name in zip(drawn, (BEFORE, NOW), strict=True)
    )
    return Plot("across", (replace(then, colour=_GREY, colours=()), here), form, form, reach=(0.0, None))


def _series(trace: Mapping[str, Any], now: Language) -> Series:
    mode = trace.get("mode", "lines")
    is_quiet = trace.get("hoverinfo") == "skip" and not trace.get("name")
    name = plain(trace.get("name") or (BOUND.in_(now) if is_quiet else ""))
    texts = tuple(map(plain, trace.get("text") or ())) if "text" in mode else ()
    line, marker = trace.get("line") or {}, trace.get("marker") or {}
    colour = _hex(line.get("color")) or _hex(marker.get("color")) or (_GREY if is_quiet else _INK)
    told = marker.get("color")
    each = told if isinstance(told, list | tuple) else ()
    return Series(
        name=name,
        x=tuple(trace.get("x") or ()),
        y=tuple(map(_number, trace.get("y") or ())),
        colour=_GREY if is_quiet else colour,
        has_line="lines" in mode,
        has_points="markers" in mode and told != _UNSEEN,
        is_quiet=is_quiet,
        names=texts,
        colours=tuple(_hex(one) or colour for one in each),
        width=float(line.get("width") or 2) * 0.75,
        is_open=marker.get("symbol") == "circle-open",
    )


def _by_colour(one: Series) -> list[Series]:
    """Points of several colours as a series of each: some programs know no colour of a single point."""
    if len(set(one.colours)) < 2:
        return [one]
    found = []
    for colour in dict.fromkeys(one.colours):
        kept = [at for at, other in enumerate(one.colours) if other == colour]
        x, y = (tuple(part[at] for at in kept) for part in (one.x, one.y))
        names = tuple(one.names[at] for at in kept if one.names)
        found.append(replace(one, x=x, y=y, names=names, colour=colour, colours=()))
    return found


def _reach(axis: Mapping[str, Any]) -> Ends:
    """The ends of an axis of numbers where they are told; one that stands on zero begins there."""
    told = axis.get("range")
    if told and all(isinstance(one, int | float) for one in told):
        return float(min(told)), float(max(told))
    return (0.0 if axis.get("rangemode") == "tozero" else None), None


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

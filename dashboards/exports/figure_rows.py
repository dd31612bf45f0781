"""The numbers of a plotly figure as the rows of a sheet: a line for each day, name or point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dashboards.exports.drawing_axes import plain
from dashboards.exports.drawing_marks import is_unseen
from dashboards.exports.workbook import Cell, Shown
from queries.vocabulary import Language, Text

BOUND = Text("界限", "Limit")
BEFORE, NOW = Text("此前", "Before"), Text("本期", "Now")
_SERIES, _NAME, _VALUE, _BASE = (
    Text("系列", "Series"),
    Text("名称", "Name"),
    Text("数值", "Value"),
    Text("起点", "From"),
)
_SIZE = Text("横轴", "Across")
Rows = tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]


def figure_rows(figure: Mapping[str, Any], now: Language) -> Rows:
    """The headings and rows that hold every number which the figure draws."""
    traces = [trace for trace in figure["data"] if not is_unseen(trace)]
    axes = figure["layout"].get("xaxis") or {}, figure["layout"].get("yaxis") or {}
    heat = next((trace for trace in traces if trace["type"] == "heatmap"), None)
    if heat is not None:
        return _cells(heat, axes[1])
    if traces and traces[0]["type"] == "bar":
        return _columns(traces[0], axes[1], now)
    if "ticktext" in axes[1] and all(trace.get("mode") == "markers" for trace in traces):
        return _pairs(traces, axes, now)
    if any(trace.get("ids") for trace in traces):
        return _points(traces, axes, now)
    return _lines(traces, axes, now)


def series_names(traces: Sequence[Mapping[str, Any]], now: Language) -> list[str]:
    """The name of each trace; those without one are limits, numbered."""
    found, nameless = [], 0
    for trace in traces:
        name = plain(trace.get("name") or "")
        if not name:
            nameless += 1
            name = f"{BOUND.in_(now)} {nameless}"
        found.append(name)
    return found


def cell(value: Any, form: str) -> Cell:
    """A number with the format of its axis, a day as a day; None where there is none."""
    if value is None or value != value:  # noqa: PLR0124 - not a number is not itself
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return plain(value)
    if "%" in form:
        return Shown(float(value), "0.00%")
    whole = float(value).is_integer()
    return Shown(float(value), "#,##0" if whole else "#,##0.00")


def _cells(heat: Mapping[str, Any], axis: Mapping[str, Any]) -> Rows:
    """The columns of a heat map as rows: there are more of them."""
    ticks = dict(zip(axis.get("tickvals") or (), axis.get("ticktext") or (), strict=False))
    headings = ("", *(plain(ticks.get(y, y)) for y in heat["y"]))
    rows = tuple(
        (cell(x, ""), *(cell(line[place], "") for line in heat["z"])) for place, x in enumerate(heat["x"])
    )
    return headings, rows


def _columns(trace: Mapping[str, Any], axis: Mapping[str, Any], now: Language) -> Rows:
    form = str(axis.get("tickformat") or "")
    bases = trace.get("base") or [None] * len(trace["y"])
    headings = (_NAME.in_(now), _VALUE.in_(now), _BASE.in_(now))
    every = zip(trace["x"], trace["y"], bases, strict=True)
    return headings, tuple((plain(x), cell(y, form), cell(base, form)) for x, y, base in every)


def _pairs(
    traces: Sequence[Mapping[str, Any]], axes: tuple[Mapping[str, Any], Mapping[str, Any]], now: Language
) -> Rows:
    """Points in rows that have a name: a line for each name, a column for each trace."""
    form = str(axes[0].get("tickformat") or "")
    headings = [BEFORE.in_(now), NOW.in_(now)] if len(traces) == 2 else series_names(traces, now)
    rows = tuple(
        (plain(name), *(cell(trace["x"][at], form) for trace in traces))
        for at, name in enumerate(axes[1]["ticktext"])
    )
    return (_NAME.in_(now), *headings), rows


def _points(
    traces: Sequence[Mapping[str, Any]], axes: tuple[Mapping[str, Any], Mapping[str, Any]], now: Language
) -> Rows:
    """A line for each point: its series, its name where it has one, both numbers."""
    forms = [str(axis.get("tickformat") or "") for axis in axes]
    title = plain((axes[0].get("title") or {}).get("text") or _SIZE.in_(now))
    rows: list[tuple[Cell, ...]] = []
    for trace, name in zip(traces, series_names(traces, now), strict=True):
        ids = trace.get("ids") or [""] * len(trace["x"])
        for point, x, y in zip(ids, trace["x"], trace["y"], strict=True):
            series = "" if trace.get("ids") and not trace.get("name") else name
            rows.append((series, plain(point) or None, cell(x, forms[0]), cell(y, forms[1])))
    return (_SERIES.in_(now), _NAME.in_(now), title, _VALUE.in_(now)), tuple(rows)


def _lines(
    traces: Sequence[Mapping[str, Any]], axes: tuple[Mapping[str, Any], Mapping[str, Any]], now: Language
) -> Rows:
    """A line for each place along the axis, a column for each name."""
    form = str(axes[1].get("tickformat") or "")
    ticks = dict(zip(axes[0].get("tickvals") or (), axes[0].get("ticktext") or (), strict=False))
    stages = dict(zip(axes[1].get("tickvals") or (), axes[1].get("ticktext") or (), strict=False))
    columns: dict[str, dict[Any, Cell]] = {}
    for trace, name in zip(traces, series_names(traces, now), strict=True):
        found = {
            x: _value(trace, at, y, form, stages)
            for at, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
        }
        key = name
        while any(columns.get(key, {}).get(x, one) != one for x, one in found.items()):
            key += "′"  # another line of the same name with other numbers
        columns.setdefault(key, {}).update(found)
    places = sorted({x for column in columns.values() for x in column})
    rows = tuple(
        (plain(ticks[x]) if x in ticks else cell(x, ""), *(column.get(x) for column in columns.values()))
        for x in places
    )
    return ("", *columns), rows


def _value(trace: Mapping[str, Any], at: int, y: Any, form: str, stages: Mapping[Any, str]) -> Cell:
    """What a point says: the rank that a lane has, the stage that was reached, or its number."""
    if trace.get("legendgroup") is not None:
        return int(trace["text"][at]) if trace["text"][at] else None
    return plain(stages[y]) if y in stages else cell(y, form)

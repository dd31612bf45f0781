"""Plotly figures and maps as SVG, drawn on the server: the numbers, colours, order and axes of the page.

No style, no script, no name inside: it can stand on any page, and its text takes the face of that page.
Pure. What a browser alone can draw raises Undrawable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from dashboards.exports.deck import Map
from dashboards.exports.drawing_axes import (
    CATEGORY,
    DATE,
    LINEAR,
    TYPE,
    Axis,
    Undrawable,
    axis,
    plain,
    thinned,
)
from dashboards.exports.drawing_marks import (
    Frame,
    Point,
    Word,
    bars,
    cells,
    colour_bar,
    is_unseen,
    lines,
    number,
    paint,
    points,
    reach,
    rectangle,
    stroke,
    words,
    written,
)
from dashboards.figures import fitting
from dashboards.figures.boundaries import mercator
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.theme import LIGHT, Theme
from queries.vocabulary import Language

_LEAST_WIDTH = 560.0  # pixels: the narrowest card of a page; a smaller drawing is a smaller picture of it
_TICK_GAP = 6.0  # pixels between an axis and the words of its ticks
_LINE = 1.35  # of the size of type
_BAR, _BAR_GAP = 8.0, 6.0  # pixels of a colour bar, and before it
_KEY = 22.0  # pixels of a line of a legend
_LABEL, _LEAST_LABEL = 12.0, 8.0  # pixels, type on a map
_TALLEST_CELL = 2.0  # of its width
_LEAST = 0.6  # pixels between two points of an outline


def chart_svg(
    figure: Mapping[str, Any], width: float, height: float, language: Language, theme: Theme = LIGHT
) -> Markup:
    """A plotly figure (`data`, `layout`) as an SVG of `width` × `height` pixels.

    Type and points have the size they have on the page, unless there is too little room: then the whole is
    drawn smaller. `theme` is the one that the figure was made in. Raises Undrawable.
    """
    layout = figure["layout"]
    traces = [trace for trace in figure["data"] if not is_unseen(trace)]
    zoom = max(1.0, float(layout.get("height", 0)) / height, _LEAST_WIDTH / width)
    wide, high = width * zoom, height * zoom
    frame, margins = _frame(traces, layout, wide, high, theme)
    return _picture(
        joined(*_parts(traces, layout, frame, margins, wide, high)), (width, height), (wide, high), language
    )


def map_svg(drawn: Map, width: float, height: float, theme: Theme = LIGHT) -> Markup:
    """A map as an SVG of `width` × `height` pixels: its legend in lines on top, the areas below it.

    `theme` is the one that the map was made in.
    """
    keys, used = _legend(drawn, width, theme)
    at = projection(drawn, width, height - used, _LABEL)
    # On a small map the labels of the column beside it are set smaller, or they would touch.
    column = sorted(at(one.lon, one.lat)[1] for one in drawn.labels if one.is_beside)
    apart = min((below - above for above, below in pairwise(column)), default=_LABEL * _LINE)
    size = max(_LEAST_LABEL, min(_LABEL, apart / _LINE))
    at = projection(drawn, width, height - used, size)

    def place(lon: float, lat: float) -> Point:
        x, y = at(lon, lat)
        return x, y + used

    parts = joined(*keys, *_areas(drawn, place), *_labels(drawn, place, size, theme))
    return _picture(parts, (width, height), (width, height))


def projection(
    drawn: Map, width: float, height: float, size: float
) -> Callable[[float, float], tuple[float, float]]:
    """Where a longitude and latitude lie when the map is fitted, with its labels at a type `size`, into
    `width` × `height`; from the left upper corner, in the middle across.
    """
    points = [mercator(*point) for area in drawn.areas for ring in area.rings for point in ring]
    labels = [(mercator(one.lon, one.lat), fitting.width(one.text, size) + 4, one) for one in drawn.labels]
    points += [middle for middle, *_ in labels]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    north, south = min(y for _, y in points), max(y for _, y in points)
    air = size / 2  # half a label
    scale = min(width / (east - west or 1), (height - 2 * air) / (south - north or 1))
    for (x, _), wide, one in labels:
        if x > west:
            scale = min(scale, (width - (wide if one.is_beside else wide / 2)) / (x - west))
    ends = [(x - west) * scale + (wide if one.is_beside else wide / 2) for (x, _), wide, one in labels]
    aside = max(0.0, width - max([(east - west) * scale, *ends])) / 2

    def at(lon: float, lat: float) -> tuple[float, float]:
        x, y = mercator(lon, lat)
        return (x - west) * scale + aside, (y - north) * scale + air

    return at


def thinned_ring(ring: Iterable[Point], least: float) -> list[Point]:
    """The ring without points that lie closer than `least` to the one before."""
    kept: list[Point] = []
    for point in ring:
        if not kept or math.dist(point, kept[-1]) > least:
            kept.append(point)
    return kept


def _areas(drawn: Map, place: Callable[[float, float], Point]) -> Iterator[Markup]:
    for area in drawn.areas:
        rings = (thinned_ring((place(*point) for point in ring), _LEAST) for ring in area.rings)
        # a tenth of a pixel is fine enough for an outline of hundreds of points
        steps = "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ring) + "Z" for ring in rings)
        yield tag(
            "path",
            tag("title", plain(area.name)) if area.name else None,
            d=steps,
            fill=f"#{area.fill}",
            stroke=f"#{area.line}",
            stroke_width=1,
            stroke_linejoin="round",
        )


def _labels(
    drawn: Map, place: Callable[[float, float], Point], size: float, theme: Theme
) -> Iterator[Markup]:
    for (lon, lat), (to_lon, to_lat) in drawn.leaders:
        yield _rule((*place(lon, lat), *place(to_lon, to_lat)), theme.muted)
    for label in drawn.labels:
        anchor = "start" if label.is_beside else "middle"
        at = place(label.lon, label.lat)
        yield written(plain(label.text), at, size, f"#{label.colour}", anchor, 700)


def _legend(drawn: Map, width: float, theme: Theme) -> tuple[list[Markup], float]:
    """The keys, line by line, and the height that they take."""
    found: list[Markup] = []
    left, line = 0.0, 0
    for colour, said in drawn.keys:
        wide = _KEY + fitting.width(said, _LABEL)
        if left and left + wide > width:
            left, line = 0.0, line + 1
        middle = (line + 0.5) * _KEY
        box = (left, middle - 6, left + 12, middle + 6)
        found += [rectangle(box, f"#{colour}"), written(plain(said), (left + 17, middle), _LABEL, theme.ink)]
        left += wide + 8
    return found, (line + 1) * _KEY if found else 0.0


def _frame(
    traces: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    wide: float,
    high: float,
    theme: Theme,
) -> tuple[Frame, dict[str, float]]:
    """The axes in their place, and the margins around them: those of the page, or more for longer words."""
    for trace in traces:
        if trace.get("type") not in {"scatter", "bar", "heatmap"} or trace.get("yaxis", "y") != "y":
            raise Undrawable(
                f"a trace of type {trace.get('type')!r} on axis {trace.get('yaxis', 'y')!r} is not drawn here"
            )
    told = {side: float(layout.get("margin", {}).get(side, 80)) for side in "lrtb"}
    frame = Frame(_axis(traces, layout, "x"), _axis(traces, layout, "y"), theme)
    heat = next((trace for trace in traces if trace["type"] == "heatmap"), None)
    if heat is not None:
        told["r"] += (
            _BAR + 2 * _BAR_GAP + max(fitting.width(one.text, TYPE) for one in _scale(heat, 0, 1).ticks())
        )
    for _ in range(2):  # the words of the wider margin stand elsewhere: once more
        frame = replace(
            frame,
            x=frame.x.spread(told["l"], wide - told["r"]),
            y=frame.y.spread(high - told["b"], told["t"]),
        )
        said = [fitting.width(tick.text, TYPE) + _TICK_GAP + 2 for tick in frame.y.ticks() if tick.text]
        told["l"] = max([told["l"], *said])
        if frame.x.kind == CATEGORY:
            rows = max((len(tick) for tick in _names(frame.x)), default=1)
            told["b"] = max(told["b"], rows * TYPE * _LINE + _TICK_GAP + 4)
        boxes = [word.box() for word, is_above in _notes(layout, frame) if not is_above]
        told["r"] += max(0.0, max((box[2] for box in boxes), default=0.0) - wide + 2)
        told["l"] += max(0.0, 2 - min((box[0] for box in boxes), default=2.0))
    if heat is not None:
        across = (wide - told["l"] - told["r"]) / len(heat["x"])
        told["b"] = max(told["b"], high - told["t"] - _TALLEST_CELL * across * len(heat["y"]))
    return (
        replace(
            frame,
            x=frame.x.spread(told["l"], wide - told["r"]),
            y=frame.y.spread(high - told["b"], told["t"]),
        ),
        told,
    )


def _axis(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], name: str) -> Axis:
    values: list[Any] = []
    room = 0.0
    for trace in traces:
        if trace["type"] == "heatmap":
            room = 3.5 if name == "x" and isinstance(trace["x"][0], str) else 0.5
        elif trace["type"] == "bar":
            room = 0.5 if name == "x" else 0.0
            if name == "y":
                bases = trace.get("base") or [0.0] * len(trace["y"])
                values += [*bases, *(a + b for a, b in zip(trace["y"], bases, strict=True))]
        values += list(trace.get(name) or ())
    has_points = any("markers" in str(trace.get("mode", "lines")) for trace in traces)
    # a line alone is drawn from end to end of its days
    is_padded = not room and (name == "y" or has_points)
    return axis(layout.get(f"{name}axis") or {}, values, room=room, is_padded=is_padded)


def _parts(
    traces: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    frame: Frame,
    margins: Mapping[str, float],
    wide: float,
    high: float,
) -> Iterator[Markup]:
    box = (margins["l"], margins["t"], wide - margins["l"] - margins["r"], high - margins["t"] - margins["b"])
    shapes = list(layout.get("shapes") or ())
    colour = str((layout.get("font") or {}).get("color") or frame.theme.muted)
    yield _inside(box, (_shape(one, frame, box) for one in shapes if one.get("layer") == "below"))
    yield from _grid(frame, box)
    said: list[Word] = []
    for trace in traces:
        if trace["type"] == "heatmap":
            yield from cells(trace, frame)
            yield from _bar(trace, box, colour)
        elif trace["type"] == "bar":
            for part in bars(trace, frame):
                if isinstance(part, Word):
                    said.append(part)
                else:
                    yield part
    scattered = [trace for trace in traces if trace["type"] == "scatter"]
    yield _inside(box, lines(scattered, frame))
    for trace in scattered:
        yield from points(trace, frame)
        said += words(trace, frame)
    yield _inside(box, (_shape(one, frame, box) for one in shapes if one.get("layer") != "below"))
    yield from _axes(frame, layout, box, colour)
    notes = [_kept_in(word, wide) if is_above else word for word, is_above in _notes(layout, frame)]
    yield from (word.drawn() for word in _apart([*notes, *said], wide, high))


def _grid(frame: Frame, box: tuple[float, float, float, float]) -> Iterator[Markup]:
    left, top, wide, high = box
    for one, ends in (
        (frame.x, lambda at: (at, top, at, top + high)),
        (frame.y, lambda at: (left, at, left + wide, at)),
    ):
        if one.told.get("showgrid", True):
            colour, _ = paint(one.told.get("gridcolor"), frame.theme.hairline)
            yield from (_rule(ends(tick.at), colour) for tick in one.ticks())


def _axes(
    frame: Frame, layout: Mapping[str, Any], box: tuple[float, float, float, float], colour: str
) -> Iterator[Markup]:
    """The lines of the axes, the words of their ticks, and the title below."""
    left, top, wide, high = box
    bottom = top + high
    for one, ends in ((frame.x, (left, bottom, left + wide, bottom)), (frame.y, (left, top, left, bottom))):
        if one.told.get("linecolor"):
            yield _rule(ends, paint(one.told["linecolor"], frame.theme.hairline)[0])
    below = bottom + _TICK_GAP + TYPE / 2
    inks = [str((one.told.get("tickfont") or {}).get("color") or colour) for one in (frame.x, frame.y)]
    if frame.x.kind == CATEGORY:
        for tick, rows in zip(frame.x.ticks(), _names(frame.x), strict=True):
            for place, row in enumerate(rows):
                yield written(row, (tick.at, below + place * TYPE * _LINE), TYPE, inks[0], "middle")
    else:
        shown = thinned(frame.x.ticks())
        for tick in shown:
            if tick.text:
                yield written(tick.text, (tick.at, below), TYPE, inks[0], "middle")
    for tick in frame.y.ticks():
        if tick.text:
            yield written(tick.text, (left - _TICK_GAP, tick.at), TYPE, inks[1], "end")
    title = (layout.get("xaxis") or {}).get("title") or {}
    if title.get("text"):
        yield written(plain(title["text"]), (left + wide / 2, below + TYPE * _LINE), TYPE, colour, "middle")


def _names(across: Axis) -> list[list[str]]:
    """The names below a lying axis of categories, each in as many lines as its room asks for."""
    ticks = across.ticks()
    room = abs(across.end - across.start) / max(1, len(ticks)) - _TICK_GAP
    return [fitting.broken(plain(tick.text), room, TYPE) for tick in ticks]


def _scale(heat: Mapping[str, Any], start: float, end: float) -> Axis:
    """The axis of a heat map's colour bar."""
    told = heat.get("colorbar") or {}
    low, high = reach(heat)
    return Axis(LINEAR, low, high, {"nticks": 4, **told}, (), start, end)


def _bar(heat: Mapping[str, Any], box: tuple[float, float, float, float], colour: str) -> Iterator[Markup]:
    left, top, wide, high = box
    at = left + wide + _BAR_GAP
    yield colour_bar(heat, at, _BAR, top, top + high)
    for tick in _scale(heat, top + high, top).ticks():
        yield written(tick.text, (at + _BAR + _BAR_GAP, tick.at), TYPE, colour)


def _shape(told: Mapping[str, Any], frame: Frame, box: tuple[float, float, float, float]) -> Markup:
    """A line or a band of the layout."""
    left, top, wide, high = box
    xs = [_along(told, "x", end, frame.x, lambda share: left + share * wide) for end in "01"]
    ys = [_along(told, "y", end, frame.y, lambda share: top + high - share * high) for end in "01"]
    marked = stroke(told.get("line") or {}, frame.theme.hairline)
    if told.get("type") == "line":
        return tag("line", x1=number(xs[0]), y1=number(ys[0]), x2=number(xs[1]), y2=number(ys[1]), **marked)
    if told.get("type") != "rect":
        raise Undrawable(f"a shape of type {told.get('type')!r} is not drawn here")
    colour, opacity = paint(told.get("fillcolor"), frame.theme.hairline)
    return tag(
        "rect",
        x=number(min(xs)),
        y=number(min(ys)),
        width=number(abs(xs[1] - xs[0])),
        height=number(abs(ys[1] - ys[0])),
        fill=colour,
        fill_opacity=number(opacity * float(told.get("opacity", 1))),
        **marked,
    )


def _along(told: Mapping[str, Any], name: str, end: str, one: Axis, share: Any) -> float:
    value = told[f"{name}{end}"]
    if told.get(f"{name}ref", name) == "paper":
        return float(share(float(value)))
    return float(one.of(value) or 0.0)


def _notes(layout: Mapping[str, Any], frame: Frame) -> Iterator[tuple[Word, bool]]:
    """The annotations, and whether each stands above the axes rather than at a value."""
    for told in layout.get("annotations") or ():
        text = plain(told["text"])
        if not text:
            continue
        font = told.get("font") or {}
        size, (colour, _) = float(font.get("size", 12)), paint(font.get("color"), frame.theme.ink)
        is_above = told.get("yref") == "paper"
        up = frame.y.start + float(told["y"]) * (frame.y.end - frame.y.start) if is_above else None
        # on a logarithmic axis a note stands at the logarithm, on one of days at the day
        x = frame.x.of(told["x"]) if frame.x.kind in {DATE, CATEGORY} else frame.x.at(float(told["x"]))
        y = up if up is not None else frame.y.at(float(told["y"]))
        lift = {"bottom": size * 0.65, "top": -size * 0.65}.get(str(told.get("yanchor", "middle")), 0.0)
        at = (float(x or 0) + float(told.get("xshift", 0)), y - float(told.get("yshift", 0)) - lift)
        anchor = {"left": "start", "right": "end"}.get(str(told.get("xanchor", "center")), "middle")
        aside = tuple(((at[0], at[1] + off), anchor) for off in (size, -size))
        yield Word(text, at, anchor, size, colour, aside), is_above


def _kept_in(word: Word, wide: float) -> Word:
    """A remark moved aside as far as it would leave the picture."""
    left, _, right, _ = word.box()
    off = min(0.0, wide - 2 - right) or max(0.0, 2 - left)
    return replace(word, at=(word.at[0] + off, word.at[1]))


def _apart(every: Iterable[Word], wide: float, high: float) -> list[Word]:
    """The words, each at the first of its places where it covers none before it."""
    found: list[Word] = []
    for word in every:
        places = [word, *(replace(word, at=at, anchor=anchor) for at, anchor in word.avoids)]
        free = (
            one
            for one in places
            if _is_in(one.box(), wide, high) and not any(_touch(one.box(), other.box()) for other in found)
        )
        found.append(next(free, word))
    return found


def _is_in(box: tuple[float, float, float, float], wide: float, high: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= wide and box[3] <= high


def _touch(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: tuple[float, float, float, float], drawn: Iterable[Markup]) -> Markup:
    """What is drawn, cut off at the edges of the axes."""
    left, top, wide, high = (number(one) for one in box)
    inner = joined(*drawn)
    if not inner:
        return inner
    view = f"{left} {top} {wide} {high}"
    return tag("svg", inner, x=left, y=top, width=wide, height=high, viewBox=view, overflow="hidden")


def _rule(ends: tuple[float, float, float, float], colour: str) -> Markup:
    x, y, a, b = (number(one) for one in ends)
    return tag("line", x1=x, y1=y, x2=a, y2=b, stroke=colour, stroke_width=1)


def _picture(
    drawn: Markup, size: tuple[float, float], inner: tuple[float, float], language: Language | None = None
) -> Markup:
    return tag(
        "svg",
        drawn,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(inner[0])} {number(inner[1])}",
        width=number(size[0]),
        height=number(size[1]),
        role="img",
        lang={"zh": "zh-CN", "en": "en", None: None}[language],
    )

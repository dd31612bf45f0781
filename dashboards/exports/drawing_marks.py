"""The traces of a plotly figure as SVG: lines, fills, points, bars, cells and the words beside points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dashboards.exports.drawing_axes import Axis, Undrawable, plain
from dashboards.figures import fitting
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.theme import Theme

_RGBA = re.compile(r"rgba\((\d+),\s*(\d+),\s*(\d+),\s*([\d.]+)\)")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_BUBBLE = 0.7  # plotly draws points of several sizes see-through
_BAR = 0.8  # of the room between two bars
_BASELINE = 0.35  # of its size: how far below its middle a text stands
_STRIPES = 40  # of a colour bar
Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Frame:
    """Both axes, spread over their pixels, and the surface that is drawn on."""

    x: Axis
    y: Axis
    theme: Theme

    def point(self, x: Any, y: Any) -> Point | None:
        """The pixels of a pair of values; None where one is missing."""
        across, up = self.x.of(x), self.y.of(y)
        return None if across is None or up is None else (across, up)

    def holds(self, x: Any, y: Any) -> bool:
        """Whether a pair of values is in sight."""
        across, up = self.x.position(x), self.y.position(y)
        return across is not None and up is not None and self.x.holds(across) and self.y.holds(up)


@dataclass(frozen=True)
class Word:
    """A text with its middle or its beginning at a point; `avoids` are other points where it may stand."""

    text: str
    at: Point
    anchor: str
    size: float
    colour: str
    avoids: tuple[tuple[Point, str], ...] = ()

    def box(self) -> Box:
        """Left, top, right and bottom."""
        wide = fitting.width(self.text, self.size)
        left = self.at[0] - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.at[1] - self.size * 0.6, left + wide, self.at[1] + self.size * 0.6

    def drawn(self) -> Markup:
        """The text as SVG."""
        return written(self.text, self.at, self.size, self.colour, self.anchor)


def is_unseen(trace: Mapping[str, Any]) -> bool:
    """Whether a trace only serves the pointer."""
    return (trace.get("marker") or {}).get("opacity") == 0 and trace.get("mode") == "markers"


def number(value: float) -> str:
    """A length as SVG reads it, to a hundredth of a pixel."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def paint(value: Any, default: str) -> tuple[str, float]:
    """A colour as `#RRGGBB` and its opacity."""
    if value is None:
        return default, 1.0
    if isinstance(value, str) and _HEX.fullmatch(value):
        return value, 1.0
    found = _RGBA.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Undrawable(f"colour {value!r} is not drawn here; write #RRGGBB or rgba(r,g,b,a)")
    return "#" + "".join(f"{int(part):02X}" for part in found.groups()[:3]), float(found[4])


def written(
    text: str, at: Point, size: float, colour: str, anchor: str = "start", weight: int | None = None
) -> Markup:
    """A text whose middle in height is at a point."""
    return tag(
        "text",
        text,
        x=number(at[0]),
        y=number(at[1] + _BASELINE * size),
        font_size=number(size),
        fill=colour,
        font_weight=weight,
        text_anchor=None if anchor == "start" else anchor,
    )


def stroke(told: Mapping[str, Any], default: str, wide: float = 2.0) -> dict[str, Any]:
    """The attributes of a line as plotly tells it; no width draws none."""
    colour, opacity = paint(told.get("color"), default)
    width = float(told.get("width", wide))
    if not width or not opacity:
        return {}
    dash = {"solid": 0, "dot": 1, "dash": 3}.get(str(told.get("dash", "solid")))
    if dash is None:
        raise Undrawable(f"a line with dashes {told['dash']!r} is not drawn here")
    return {
        "stroke": colour,
        "stroke_width": number(width),
        "stroke_opacity": number(opacity) if opacity < 1 else None,
        "stroke_dasharray": number(dash * max(3.0, width)) if dash else None,
    }


def lines(traces: Sequence[Mapping[str, Any]], frame: Frame) -> Iterator[Markup]:
    """Fills and lines of scatter traces in their order; the caller cuts off what leaves the axes."""
    before: list[Point] = []
    for trace in traces:
        places = [frame.point(x, y) for x, y in _pairs(trace)]
        known = [place for place in places if place is not None]
        if trace.get("fill") == "tonexty":
            colour, opacity = paint(trace.get("fillcolor"), frame.theme.band)
            steps = _path([*before, *reversed(known)], "linear", 0)
            yield tag("path", d=f"{steps}Z", fill=colour, fill_opacity=number(opacity))
        elif trace.get("fill"):
            raise Undrawable(f"a fill {trace['fill']!r} is not drawn here")
        before = known
        told = trace.get("line") or {}
        marked = stroke(told, frame.theme.ink) if "lines" in str(trace.get("mode", "lines")) else {}
        if marked:
            shape, smoothing = str(told.get("shape", "linear")), float(told.get("smoothing", 1))
            steps = "".join(_path(run, shape, smoothing) for run in _runs(places) if len(run) > 1)
            marked |= {"fill": "none", "stroke_linejoin": "round"}
            yield tag("path", d=steps, opacity=_faint(trace), **marked) if steps else Markup("")


def points(trace: Mapping[str, Any], frame: Frame) -> Iterator[Markup]:
    """The markers of a scatter trace whose values are in sight."""
    if "markers" not in str(trace.get("mode", "lines")) or is_unseen(trace):
        return
    told = trace.get("marker") or {}
    pairs = list(_pairs(trace))
    of = {key: _each(told.get(key), len(pairs), key) for key in ("color", "size", "symbol")}
    edge = told.get("line") or {}
    edges = {key: _each(edge.get(key), len(pairs), key) for key in ("color", "width")}
    see = _BUBBLE if isinstance(told.get("size"), list | tuple) else 1.0
    for place, (x, y) in enumerate(pairs):
        at = frame.point(x, y)
        if at is None or not frame.holds(x, y):
            continue
        colour, opacity = paint(of["color"][place], frame.theme.ink)
        if opacity == 0:
            continue
        symbol, is_open, _ = str(of["symbol"][place] or "circle").partition("-open")
        wide = float(edges["width"][place] or 0)
        if is_open:
            look = {"fill": "none", "stroke": colour, "stroke_width": number(wide or 1)}
        else:
            line, _ = paint(edges["color"][place], frame.theme.ink)
            look = {"fill": colour, **({"stroke": line, "stroke_width": number(wide)} if wide else {})}
        yield _sign(
            symbol, at, float(of["size"][place] or 6) / 2, opacity=_faint(trace, opacity * see), **look
        )


def words(trace: Mapping[str, Any], frame: Frame) -> Iterator[Word]:
    """The words that points in sight carry, with other places around the point for those that collide."""
    if "text" not in str(trace.get("mode", "lines")):
        return
    pairs = list(_pairs(trace))
    told = trace.get("textfont") or {}
    size, (colour, _) = float(told.get("size", 12)), paint(told.get("color"), frame.theme.ink)
    sizes = _each((trace.get("marker") or {}).get("size"), len(pairs), "size")
    where = _each(trace.get("textposition"), len(pairs), "textposition")
    for place, ((x, y), said) in enumerate(zip(pairs, trace["text"], strict=True)):
        at = frame.point(x, y)
        if at is None or not said or not frame.holds(x, y):
            continue
        off = float(sizes[place] or 6) / 2 + 2
        high, beside = off + size * 0.6, off + 2
        around = {
            "top center": ((at[0], at[1] - high), "middle"),
            "bottom center": ((at[0], at[1] + high), "middle"),
            "middle right": ((at[0] + beside, at[1]), "start"),
            "middle left": ((at[0] - beside, at[1]), "end"),
        }
        first = around.pop(str(where[place] or "top center"), None)
        if first is None:
            raise Undrawable(f"a text at {where[place]!r} of its point is not drawn here")
        yield Word(plain(said), first[0], first[1], size, colour, tuple(around.values()))


def bars(trace: Mapping[str, Any], frame: Frame) -> Iterator[Markup | Word]:
    """Standing bars on zero or on their base, each with its words above it."""
    if trace.get("orientation", "v") != "v" or trace.get("textposition", "outside") != "outside":
        raise Undrawable("bars that lie, or with words inside, are not drawn here; turn the axes")
    pairs = list(_pairs(trace))
    bases = _each(trace.get("base"), len(pairs), "base")
    colours = _each((trace.get("marker") or {}).get("color"), len(pairs), "color")
    told = trace.get("textfont") or {}
    size, (ink, _) = float(told.get("size", 12)), paint(told.get("color"), frame.theme.ink)
    half = float(trace.get("width", _BAR)) / 2
    for place, (x, y) in enumerate(pairs):
        middle = frame.x.position(x)
        if middle is None or y is None:
            continue
        base = float(bases[place] or 0)
        left, right = frame.x.at(middle - half), frame.x.at(middle + half)
        ends = frame.y.at(base), frame.y.at(base + float(y))
        top, bottom = min(ends), max(ends)
        yield rectangle((left, top, right, bottom), paint(colours[place], frame.theme.primary)[0])
        said = plain((trace.get("text") or [""] * len(pairs))[place])
        if said:
            yield Word(said, ((left + right) / 2, top - size * 0.75), "middle", size, ink)


def cells(trace: Mapping[str, Any], frame: Frame) -> Iterator[Markup]:
    """The cells of a heat map that hold a number, in the colours of its scale."""
    low, high = reach(trace)
    gaps = float(trace.get("xgap", 0)) / 2, float(trace.get("ygap", 0)) / 2
    across = _edges([frame.x.position(one) for one in trace["x"]], frame.x)
    up = _edges([frame.y.position(one) for one in trace["y"]], frame.y)
    for (top, bottom), row in zip(up, trace["z"], strict=True):
        for (left, right), value in zip(across, row, strict=True):
            if value is not None and value == value:  # noqa: PLR0124 - not a number is not itself
                box = (left + gaps[0], top + gaps[1], right - gaps[0], bottom - gaps[1])
                yield rectangle(box, shade(trace, (value - low) / ((high - low) or 1)))


def reach(trace: Mapping[str, Any]) -> tuple[float, float]:
    """The smallest and the largest number of a heat map."""
    known = [float(one) for row in trace["z"] for one in row if one is not None and one == one]  # noqa: PLR0124
    return (min(known), max(known)) if known else (0.0, 1.0)


def shade(trace: Mapping[str, Any], share: float) -> str:
    """The colour at a share (0 to 1) of a heat map's scale."""
    scale = [(float(at), str(colour)) for at, colour in trace["colorscale"]]
    for (low, dark), (high, light) in pairwise(scale):
        if share <= high:
            part = (share - low) / ((high - low) or 1)
            both = zip(bytes.fromhex(dark[1:]), bytes.fromhex(light[1:]), strict=True)
            return "#" + "".join(f"{round(one + part * (other - one)):02X}" for one, other in both)
    return scale[-1][1]


def colour_bar(trace: Mapping[str, Any], left: float, wide: float, top: float, bottom: float) -> Markup:
    """The scale of a heat map as a standing bar, its largest number on top."""
    high = (bottom - top) / _STRIPES
    return joined(
        *(
            # stripes overlap a little, or the page would shine through between them
            rectangle(
                (left, bottom - (one + 1) * high, left + wide, bottom - one * high + (0.5 if one else 0)),
                shade(trace, (one + 0.5) / _STRIPES),
            )
            for one in range(_STRIPES)
        )
    )


def _pairs(trace: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    return zip(trace.get("x") or (), trace.get("y") or (), strict=True)


def _each(value: Any, many: int, name: str) -> Sequence[Any]:
    """A value for each of so many points, given once or for each."""
    if not isinstance(value, list | tuple):
        return [value] * many
    if len(value) != many:
        raise Undrawable(f"{len(value)} values of {name!r} for {many} points")
    return value


def _faint(trace: Mapping[str, Any], by: float = 1.0) -> str | None:
    opacity = float(trace.get("opacity", 1)) * by
    return number(opacity) if opacity < 1 else None


def _runs(places: Iterable[Point | None]) -> list[list[Point]]:
    found: list[list[Point]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(place)
    return found


def _path(run: Sequence[Point], shape: str, smoothing: float) -> str:
    """The steps of a path through points: straight, as stairs (hv) or as a spline."""
    if not run:
        return ""
    start = f"M{_at(run[0])}"
    match shape:
        case "linear":
            return start + "".join(f"L{_at(one)}" for one in run[1:])
        case "hv":
            return start + "".join(f"H{number(x)}V{number(y)}" for x, y in run[1:])
        case "spline":
            return start + _spline(run, smoothing)
    raise Undrawable(f"a line of shape {shape!r} is not drawn here")


def _spline(run: Sequence[Point], smoothing: float) -> str:
    """The Catmull-Rom curve that plotly draws."""
    if len(run) < 3:
        return "".join(f"L{_at(one)}" for one in run[1:])
    turns = [
        _tangent(before, here, after, smoothing)
        for before, here, after in zip(run, run[1:], run[2:], strict=False)
    ]
    steps = [f"Q{_at(turns[0][0])} {_at(run[1])}"]
    steps += [
        f"C{_at(turns[place][1])} {_at(turns[place + 1][0])} {_at(run[place + 2])}"
        for place in range(len(turns) - 1)
    ]
    return "".join([*steps, f"Q{_at(turns[-1][1])} {_at(run[-1])}"])


def _tangent(before: Point, here: Point, after: Point, smoothing: float) -> tuple[Point, Point]:
    one = (before[0] - here[0], before[1] - here[1])
    two = (after[0] - here[0], after[1] - here[1])
    # to the power of a half: a centripetal curve, without loops
    first, second = ((x * x + y * y) ** 0.25 for x, y in (one, two))
    across, up = ((second**2 * a - first**2 * b) * smoothing for a, b in zip(one, two, strict=True))
    left, right = 3 * second * (first + second) or 1.0, 3 * first * (first + second) or 1.0
    return (here[0] + across / left, here[1] + up / left), (here[0] - across / right, here[1] - up / right)


def _at(point: Point) -> str:
    return f"{number(point[0])},{number(point[1])}"


def _edges(middles: Sequence[float | None], axis: Axis) -> list[tuple[float, float]]:
    """The two pixels between which each cell lies: half the way to its neighbours."""
    known = [float(one or 0) for one in middles]
    half = min((abs(b - a) for a, b in pairwise(known)), default=1.0) / 2
    return [(min(ends), max(ends)) for one in known for ends in [(axis.at(one - half), axis.at(one + half))]]


def rectangle(box: Box, colour: str) -> Markup:
    """A box (left, top, right, bottom) in one colour."""
    left, top, right, bottom = box
    return tag(
        "rect",
        x=number(left),
        y=number(top),
        width=number(max(0.0, right - left)),
        height=number(max(0.0, bottom - top)),
        fill=colour,
    )


def _sign(symbol: str, at: Point, radius: float, **look: Any) -> Markup:
    x, y = at
    match symbol:
        case "circle":
            return tag("circle", cx=number(x), cy=number(y), r=number(radius), **look)
        case "diamond":
            wide = radius * 1.3  # as plotly: a square of the circle's surface on its corner
            corners = ((x + wide, y), (x, y + wide), (x - wide, y), (x, y - wide))
            return tag("path", d="M" + "L".join(map(_at, corners)) + "Z", **look)
    raise Undrawable(f"a point drawn as {symbol!r} is not drawn here")

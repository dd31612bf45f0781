"""Areas coloured by a value in fixed classes, as deck.gl JSON, and the legend of the classes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from dashboards.figures import fitting
from dashboards.figures.boundaries import Boundaries, degrees, mercator
from dashboards.figures.markup import Markup, tag
from dashboards.figures.theme import FONT, Theme, contrast, rgb

# Streamlit asks a foreign server for a base map unless a style is given; an empty list loads nothing.
_NO_BASE_MAP: list[str] = []
_LABEL = 12  # px
_LINE = 17  # px between two labels set beside the map
_COLUMN = 118  # px that the map leaves for them
_FADED = 0.5
_MOST_LABELS = 13


@dataclass(frozen=True)
class Classes:
    """Fixed breaks of a scale: class k holds values from `breaks[k-1]` (included) to `breaks[k]` (excluded).

    `labels` has one entry more than `breaks` and is shown in the legend.
    """

    breaks: tuple[float, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if list(self.breaks) != sorted(set(self.breaks)):
            raise ValueError(f"breaks must rise, got {self.breaks}")
        if len(self.labels) != len(self.breaks) + 1:
            raise ValueError(
                f"{len(self.breaks)} breaks need {len(self.breaks) + 1} labels, got {self.labels}"
            )

    def of(self, value: float | None) -> int | None:
        """Index of the class that holds `value`; None where there is none."""
        return None if value is None or math.isnan(value) else bisect_right(self.breaks, value)


@dataclass(frozen=True)
class Place:
    """One area's row: where its label stands (WGS84), what colours it, what the pointer reads."""

    id: int
    code: str
    name: str
    lon: float
    lat: float
    value: float | None
    value_text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """A small mark inside the entered area (a street), with what the pointer reads."""

    name: str
    lon: float
    lat: float
    value: float | None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deck:
    """What `st.pydeck_chart` reads of a pydeck.Deck: its JSON and the template of its tooltip."""

    json: str
    _tooltip: Mapping[str, object]
    layers: tuple[object, ...] = field(default=())

    def to_json(self) -> str:
        """The deck.gl JSON."""
        return self.json


def colours(classes: Classes, theme: Theme) -> list[str]:
    """One colour for each class, spread over the theme's whole scale."""
    count, last = len(classes.labels), len(theme.scale) - 1
    return [theme.scale[round(step * last / max(1, count - 1))] for step in range(count)]


def choropleth(
    boundaries: Boundaries,
    places: Sequence[Place],
    classes: Classes,
    theme: Theme,
    *,
    width: int,
    height: int,
    entered: int | None = None,
    points: Sequence[Point] = (),
    no_data: str = "–",
) -> Deck:
    """The map, fitted into `width` × `height` pixels; labels of areas too small for theirs stand in a column.

    `entered` is the id of the area that is outlined while the rest fades; the classes then colour the
    `points` inside it and no area. An area without a value is left in the theme's `missing` colour and its
    label says `no_data`.
    """
    fills = colours(classes, theme)
    areas = boundaries.by_code()
    drawn = [place for place in places if place.code in areas]
    # A hexagon alone would say nothing of where it lies.
    near = None if boundaries.are_hexagons else entered
    shown = [place for place in drawn if near in (None, place.id)] or drawn
    zoom, view = _view(boundaries, [place.code for place in shown], width, height, whole=near is None)
    # Inside an area that is entered, its points carry the colours.
    plain = entered if points else None
    filled = {place.id: _fill(place, classes, fills, theme, plain) for place in drawn}
    inside, beside = _labels(shown, boundaries, zoom, view, width, height, no_data, values=near is None)
    for label in inside:
        # On its area a name is written in whichever of ink and paper stands out more.
        label["colour"] = rgb(
            max((theme.ink, theme.paper), key=lambda one: contrast(one, filled[label["id"]]))
        )
    for label in beside:
        label["colour"] = rgb(theme.ink)
    layers = [
        _polygons(boundaries, drawn, filled, theme, entered),
        _leaders(beside, theme),
        _marks(points, classes, fills, theme),
        _names([*inside, *beside]),
    ]
    specification = {
        "initialViewState": {
            "longitude": view[0],
            "latitude": view[1],
            "zoom": zoom,
            "pitch": 0,
            "bearing": 0,
        },
        # The wheel scrolls the page, not the map; a double click or a pinch comes nearer.
        "views": [
            {"@@type": "MapView", "id": "map", "controller": {"scrollZoom": False, "dragRotate": False}}
        ],
        "mapProvider": None,
        "mapStyle": _NO_BASE_MAP,
        "layers": [layer for layer in layers if layer is not None],
    }
    tooltip = {
        "html": "<b>{name}</b><br>{tip1}<br>{tip2}<br>{tip3}",
        "style": {
            "background": theme.card,
            "color": theme.ink,
            "border": f"1px solid {theme.hairline}",
            "borderRadius": "8px",
            "font": f"12px/1.6 {FONT}",
            "padding": "8px 12px",
        },
    }
    return Deck(orjson.dumps(specification).decode(), tooltip)


def legend(
    classes: Classes,
    values: Sequence[float | None],
    theme: Theme,
    *,
    title: str,
    missing: str,
    counted: str,
) -> Markup:
    """The classes from low to high with range and number of areas; `counted` words that number."""
    held = [classes.of(value) for value in values]
    items = [
        tag(
            "span",
            tag("i", style=f"background:{colour}"),
            tag("b", label),
            tag("em", counted.format(n=held.count(step))),
            class_="q-key",
        )
        for step, (colour, label) in enumerate(zip(colours(classes, theme), classes.labels, strict=True))
    ]
    if None in held:
        items.append(
            tag(
                "span",
                tag("i", class_="q-missing"),
                tag("b", missing),
                tag("em", counted.format(n=held.count(None))),
                class_="q-key",
            )
        )
    return tag("div", tag("span", title, class_="q-key-title"), *items, class_="q-legend")


def _view(
    boundaries: Boundaries, codes: Sequence[str], width: int, height: int, *, whole: bool
) -> tuple[float, tuple[float, float]]:
    """Zoom and centre that fit the areas of `codes`; the whole city leaves room for labels at its east."""
    areas = [area for area in boundaries.areas if area.code in set(codes)] or list(boundaries.areas)
    west, east = min(a.west for a in areas), max(a.east for a in areas)
    north, south = min(a.north for a in areas), max(a.south for a in areas)
    margin = 24
    side = _COLUMN if whole and not boundaries.are_hexagons else 0
    scale = min((width - 2 * margin - side) / (east - west), (height - 2 * margin) / (south - north))
    x = (west + east) / 2 + side / 2 / scale
    lon, lat = degrees(x, (north + south) / 2)
    return round(math.log2(scale), 3), (round(lon, 5), round(lat, 5))


def _labels(
    places: Sequence[Place],
    boundaries: Boundaries,
    zoom: float,
    view: tuple[float, float],
    width: int,
    height: int,
    no_data: str,
    *,
    values: bool,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Labels that fit their area stand on it; the others in one column at the right edge, north first.

    More than that column has room for are not drawn: the pointer and the ranking name those. Hexagons, which
    all have one size, are labelled as far as no label covers another, the first places first.
    """
    scale = 2.0**zoom
    areas = boundaries.by_code()
    inside: list[dict[str, Any]] = []
    small: list[tuple[Place, str]] = []
    boxes: list[tuple[float, float, float]] = []
    for place in places:
        value = place.value_text if place.value is not None else no_data
        text = f"{place.name} {value}" if values else place.name
        label = {"id": place.id, "text": text, "position": [place.lon, place.lat], "anchor": "middle"}
        wide = fitting.width(text, _LABEL)
        if boundaries.are_hexagons:
            label["position"] = areas[place.code].middle
            x, y = (scale * one for one in mercator(*areas[place.code].middle))
            free = all(abs(x - a) > (wide + w) / 2 or abs(y - b) > _LINE for a, b, w in boxes)
            if free and len(boxes) < _MOST_LABELS:
                boxes.append((x, y, wide))
                inside.append(label)
        elif areas[place.code].size * scale >= wide * 0.95:
            inside.append(label)
        else:
            room = _COLUMN - fitting.width(f" {value}" if values else "", _LABEL)
            small.append((place, text.replace(place.name, fitting.fitted(place.name, room, _LABEL), 1)))
    if len(small) > _MOST_LABELS:
        small = []
    return inside, _beside(small, boundaries, scale, view, width, height)


def _beside(
    small: list[tuple[Place, str]],
    boundaries: Boundaries,
    scale: float,
    view: tuple[float, float],
    width: int,
    height: int,
) -> list[dict[str, Any]]:
    small.sort(key=lambda item: -item[0].lat)
    centre_x, centre_y = mercator(*view)
    east = max(area.east for area in boundaries.areas)
    column = min(east + 14 / scale, centre_x + (width / 2 - _COLUMN) / scale)
    first = centre_y - (height / 2 - 34) / scale
    beside = []
    for line, (place, text) in enumerate(small):
        lon, lat = degrees(column, first + line * _LINE / scale)
        beside.append(
            {
                "text": text,
                "position": [lon, lat],
                "anchor": "start",
                "from": [place.lon, place.lat],
                "to": [degrees(column - 4 / scale, 0)[0], lat],
            }
        )
    return beside


def _polygons(
    boundaries: Boundaries,
    places: Sequence[Place],
    filled: Mapping[int, str],
    theme: Theme,
    entered: int | None,
) -> dict[str, Any]:
    areas = boundaries.by_code()
    features = []
    # The entered area last, so that its outline lies above its neighbours'.
    for place in sorted(places, key=lambda place: place.id == entered):
        fades = entered is not None and place.id != entered
        tips = [*place.lines, "", "", ""][:3]
        properties = {
            "id": place.id,
            "code": place.code,
            "name": place.name,
            "value": place.value_text,
            "tip1": tips[0],
            "tip2": tips[1],
            "tip3": tips[2],
            "fill": rgb(filled[place.id], _FADED if fades else 1.0),
            "line": rgb(_outline(place, theme, entered, alone=boundaries.are_hexagons)),
            "wide": 2.5 if place.id == entered else 1.0,
        }
        features.append(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": orjson.Fragment(areas[place.code].geometry),
            }
        )
    return {
        "@@type": "GeoJsonLayer",
        "id": "areas",
        "data": features,
        "pickable": True,
        "stroked": True,
        "filled": True,
        "getFillColor": "@@=properties.fill",
        "getLineColor": "@@=properties.line",
        "getLineWidth": "@@=properties.wide",
        "lineWidthUnits": "pixels",
        "lineJointRounded": True,
    }


def _fill(place: Place, classes: Classes, fills: Sequence[str], theme: Theme, entered: int | None) -> str:
    step = classes.of(place.value)
    if entered is not None:
        return theme.selected if place.id == entered else theme.missing
    return theme.missing if step is None else fills[step]


def _outline(place: Place, theme: Theme, entered: int | None, *, alone: bool) -> str:
    if place.id == entered:
        return theme.ink
    # An area without value is as pale as the card, and a hexagon has no neighbours that show where it ends.
    return theme.muted if alone or place.value is None else theme.card


def _leaders(labels: Sequence[dict[str, Any]], theme: Theme) -> dict[str, Any] | None:
    if not labels:
        return None
    return {
        "@@type": "LineLayer",
        "id": "leaders",
        "data": [{"from": label["from"], "to": label["to"]} for label in labels],
        "getSourcePosition": "@@=from",
        "getTargetPosition": "@@=to",
        "getColor": rgb(theme.muted, 0.7),
        "getWidth": 1,
    }


def _marks(
    points: Sequence[Point], classes: Classes, fills: Sequence[str], theme: Theme
) -> dict[str, Any] | None:
    if not points:
        return None
    marks = []
    for point in points:
        step = classes.of(point.value)
        tips = [*point.lines, "", "", ""][:3]
        marks.append(
            {
                "name": point.name,
                "position": [point.lon, point.lat],
                "tip1": tips[0],
                "tip2": tips[1],
                "tip3": tips[2],
                "fill": rgb(theme.missing if step is None else fills[step]),
            }
        )
    return {
        "@@type": "ScatterplotLayer",
        "id": "points",
        "data": marks,
        "pickable": True,
        "stroked": True,
        "getPosition": "@@=position",
        "getFillColor": "@@=fill",
        "getLineColor": rgb(theme.ink),
        "lineWidthUnits": "pixels",
        "getLineWidth": 1,
        "radiusUnits": "pixels",
        "getRadius": 7,
    }


def _names(labels: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@@type": "TextLayer",
        "id": "names",
        "data": [{key: label[key] for key in ("text", "position", "anchor", "colour")} for label in labels],
        "getPosition": "@@=position",
        "getText": "@@=text",
        "getTextAnchor": "@@=anchor",
        "getAlignmentBaseline": "center",
        "getSize": _LABEL,
        "getColor": "@@=colour",
        "characterSet": "auto",
        "fontFamily": FONT,
        "fontWeight": 600,
    }

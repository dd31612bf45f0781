"""Cells of a city coloured week by week: everything the browser needs to play them, packed once.

The cells, their classes and their counts travel as compressed arrays (some 100 KB for 11 000 cells and 26
weeks), so that a week is drawn without asking the server. deck.gl, which Streamlit carries, would be sent the
whole map again for each of them.
"""

from __future__ import annotations

import base64
import hashlib
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import orjson
from numpy.typing import NDArray

from dashboards.figures.boundaries import Boundaries, mercator
from dashboards.figures.markup import Markup, tag
from dashboards.figures.theme import FONT, Theme, rgb

UNDRAWN = 255  # the class of a cell that is left out
_UNITS = 60_000  # of the wider side of the city: a few metres each
_MARGIN = 0.01


@dataclass(frozen=True)
class Kind:
    """A class of cells: its colour and its words; a loud one is seen however small its cells are drawn."""

    colour: str
    label: str
    is_loud: bool = False


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of all cells: its label, the class (place in the kinds, or UNDRAWN) and count of each."""

    label: str
    kinds: NDArray[np.uint8]
    counts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Told:
    """What the pointer reads of a cell beside its class and count; arrays are in the order of the cells.

    `names` holds each name once, `name_of` its place for each cell; `lines` are further texts, each with a
    number per cell (NaN where there is none to tell).
    """

    names: Sequence[str]
    name_of: NDArray[np.int64]
    lines: Sequence[tuple[str, NDArray[np.float64], int]]


@dataclass(frozen=True)
class Area:
    """A district on the map: its code, its name and where that is written (WGS84)."""

    code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Words:
    """The component's own words, in the reader's language; `few` stands for counts below the least shown."""

    count: str
    few: str
    play: str
    pause: str
    week: str
    nearer: str
    farther: str
    label: str


@dataclass(frozen=True)
class HexMap:
    """What the browser is sent, and a stamp that changes with it."""

    data: Mapping[str, Any]
    stamp: str


def blend(colour: str, ground: str, share: float) -> str:
    """`share` of a colour laid over `ground`, both `#RRGGBB`."""
    mixed = (round(share * a + (1 - share) * b) for a, b in zip(rgb(colour), rgb(ground), strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in list(mixed)[:3])


def hex_map(
    boundaries: Boundaries,
    areas: Sequence[Area],
    cells: NDArray[np.int64],
    frames: Sequence[Frame],
    kinds: Sequence[Kind],
    told: Told,
    words: Words,
    theme: Theme,
    *,
    least: int,
    entered: str = "",
) -> HexMap:
    """The map of `cells` (H3 numbers of one resolution) over the districts' outlines.

    The first frame is shown until the reader plays the others, the weeks, oldest first. Counts from 1 to
    below `least` are sent as 1 and told as `words.few`, and the further lines of such a cell are not sent.
    `entered` is the code of the district that fills the view.
    """
    centres = np.array([h3.cell_to_latlng(int(cell))[::-1] for cell in cells]).reshape(-1, 2)
    scale = _Scale(boundaries, centres)
    counts = np.stack([_censored(frame.counts, least) for frame in frames])
    hidden = frames[0].counts < least
    drawn = [area for area in areas if area.code in boundaries.by_code()]
    data: dict[str, Any] = {
        "cells": packed(scale.of(centres[:, 0], centres[:, 1]), np.uint16),
        "corners": [round(float(one), 1) for one in _corners(cells, centres, scale).ravel()],
        "kinds": packed(np.stack([frame.kinds for frame in frames]), np.uint8),
        "counts": packed(counts, np.uint32),
        "frames": [frame.label for frame in frames],
        "palette": [{"colour": kind.colour, "label": kind.label, "loud": kind.is_loud} for kind in kinds],
        "names": list(told.names),
        "nameOf": packed(told.name_of, np.uint16),
        "lines": [
            {
                "label": label,
                "decimals": decimals,
                "values": packed(np.where(hidden, np.nan, values), np.float32),
            }
            for label, values, decimals in told.lines
        ],
        "areas": [
            {
                "code": area.code,
                "name": area.name,
                "at": scale.of(np.array([area.lon]), np.array([area.lat])).ravel().tolist(),
                "rings": [packed(ring, np.uint16) for ring in scale.rings(area.code)],
            }
            for area in drawn
        ],
        "view": scale.view([area.code for area in drawn if area.code == entered]),
        "entered": entered,
        "least": least,
        "words": {field: getattr(words, field) for field in Words.__dataclass_fields__},
        "font": FONT,
        "colours": {name: getattr(theme, name) for name in ("card", "hairline", "ink", "muted", "missing")},
    }
    return HexMap(data, hashlib.blake2b(orjson.dumps(data), digest_size=8).hexdigest())


def packed(values: NDArray[Any], kind: type[np.generic]) -> str:
    """An array as the browser unpacks it: little-endian numbers of `kind`, deflated, in base 64."""
    ordered = np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<"))
    return base64.b64encode(zlib.compress(ordered.tobytes(), 6)).decode()


def kind_legend(title: str, kinds: Sequence[Kind], held: Sequence[int], counted: str) -> Markup:
    """The classes with the number of cells in each (`held`); `counted` words that number."""
    keys = [
        tag(
            "span",
            tag("i", style=f"background:{kind.colour}"),
            tag("b", kind.label),
            tag("em", counted.format(n=number)),
            class_="q-key",
        )
        for kind, number in zip(kinds, held, strict=True)
    ]
    return tag("div", tag("span", title, class_="q-key-title"), *keys, class_="q-legend")


class _Scale:
    """Degrees as whole units from the north-west corner of the city: its areas and its cells."""

    def __init__(self, boundaries: Boundaries, centres: NDArray[np.float64]) -> None:
        self.by_code = boundaries.by_code()
        west, north, east, south = _box(list(boundaries.areas))
        if boundaries.are_hexagons:
            # they only stand for the areas, whose cells may lie beyond them
            at = np.array([mercator(lon, lat) for lon, lat in centres])
            (west, north), (east, south) = (
                np.minimum(at.min(axis=0), (west, north)),
                np.maximum(at.max(axis=0), (east, south)),
            )
        self.box = (float(west), float(north), float(east), float(south))
        margin = _MARGIN * max(east - west, south - north)
        self.west, self.north = west - margin, north - margin
        self.units = _UNITS / (max(east - west, south - north) + 2 * margin)

    def of(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """x and y of points, one row each; what lies outside is drawn at the edge."""
        found = np.array([mercator(x, y) for x, y in zip(lon, lat, strict=True)]).reshape(-1, 2)
        units = (found - (self.west, self.north)) * self.units
        return np.clip(np.round(units), 0, 65_535)

    def rings(self, code: str) -> list[NDArray[np.float64]]:
        """The outlines of an area."""
        geometry = orjson.loads(self.by_code[code].geometry)
        polygon = geometry["type"] == "Polygon"
        parts = [geometry["coordinates"]] if polygon else geometry["coordinates"]
        rings = [np.array([point[:2] for point in ring], dtype=float) for part in parts for ring in part]
        return [self.of(ring[:, 0], ring[:, 1]) for ring in rings]

    def view(self, codes: Sequence[str]) -> list[float]:
        """The box around some areas, or around the whole city: west, north, east, south."""
        west, north, east, south = _box([self.by_code[code] for code in codes]) if codes else self.box
        box = ((west, self.west), (north, self.north), (east, self.west), (south, self.north))
        return [round(float(value - origin) * float(self.units), 1) for value, origin in box]


def _box(areas: Sequence[Any]) -> tuple[float, float, float, float]:
    west, east = min(area.west for area in areas), max(area.east for area in areas)
    return west, min(area.north for area in areas), east, max(area.south for area in areas)


def _corners(cells: NDArray[np.int64], centres: NDArray[np.float64], scale: _Scale) -> NDArray[np.float64]:
    """The six corners around the centre of the cell in the middle; those of one city hardly differ."""
    middle = int(np.argmin(np.hypot(*(centres - np.median(centres, axis=0)).T)))
    ring = np.array([mercator(lon, lat) for lat, lon in h3.cell_to_boundary(int(cells[middle]))])
    centre = np.array(mercator(*centres[middle]))
    around = (ring - centre) * scale.units
    order = np.argsort([math.atan2(y, x) for x, y in around])
    return np.asarray(around[order])


def _censored(counts: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    return np.where((counts > 0) & (counts < least), 1, counts)

"""A city's areas as shapes on a map: polygons of its boundary file, or a hexagon for each place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h3
import orjson

Ring = Sequence[Sequence[float]]
_COARSEST, _FINEST = 5, 10
_OWN_CELL = 0.5
# Beyond 85° Web Mercator has no place; a metre of height matters to nobody here.
_WORLD = 512.0


@dataclass(frozen=True)
class Area:
    """One area: its `code`, the serialised GeoJSON geometry, and its extent in Web Mercator pixels of zoom 0.

    `size` is the square root of its surface in those pixels: how wide a label may be before it leaves the
    area.
    """

    code: str
    geometry: bytes
    west: float
    north: float
    east: float
    south: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of its extent."""
        return degrees((self.west + self.east) / 2, (self.north + self.south) / 2)


@dataclass(frozen=True)
class Boundaries:
    """All areas of a city, and whether they are hexagons that stand in for unknown boundaries."""

    areas: tuple[Area, ...]
    are_hexagons: bool

    def by_code(self) -> dict[str, Area]:
        """The areas by their code."""
        return {area.code: area for area in self.areas}


def polygons(content: bytes) -> Boundaries:
    """The features of a GeoJSON FeatureCollection (WGS84), each with the property `code`.

    Raises ValueError when the content is not such a collection, naming what is wrong.
    """
    try:
        features = orjson.loads(content)["features"]
        areas = tuple(_area(feature["properties"]["code"], feature["geometry"]) for feature in features)
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError) as wrong:
        raise ValueError(
            "the boundaries are not GeoJSON polygons with a property 'code'"
            f" ({type(wrong).__name__}: {wrong})"
        ) from wrong
    return Boundaries(areas, are_hexagons=False)


def hexagons(points: Mapping[str, tuple[float, float]]) -> Boundaries:
    """One H3 cell for each code near its longitude and latitude.

    The cells are as large as lets half of the places have the cell they lie in; the others get the
    nearest free one.
    """
    for resolution in range(_COARSEST, _FINEST + 1):
        wanted = {code: h3.latlng_to_cell(lat, lon, resolution) for code, (lon, lat) in points.items()}
        if len(set(wanted.values())) >= _OWN_CELL * len(wanted):
            break
    taken: dict[str, str] = {}
    for code, cell in wanted.items():
        taken[_free(cell, taken)] = code
    areas = []
    for cell, code in taken.items():
        ring = [[lon, lat] for lat, lon in h3.cell_to_boundary(cell)]
        areas.append(_area(code, {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))
    return Boundaries(tuple(areas), are_hexagons=True)


def _free(cell: str, taken: Container[str]) -> str:
    """The cell itself, or the first free one of the rings around it, in the order of their names."""
    for distance in itertools.count():
        found = next((one for one in sorted(h3.grid_ring(cell, distance)) if one not in taken), None)
        if found is not None:
            return str(found)
    raise AssertionError("an endless grid has a free cell")


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator pixels at zoom 0, x eastward and y southward, 0 to 512."""
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return _WORLD * (lon + 180) / 360, _WORLD * (1 - y / math.pi) / 2


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of Web Mercator pixels at zoom 0."""
    latitude = 2 * math.atan(math.exp(math.pi * (1 - 2 * y / _WORLD))) - math.pi / 2
    return x * 360 / _WORLD - 180, math.degrees(latitude)


def _area(code: str, geometry: dict[str, Any]) -> Area:
    rings = [[mercator(lon, lat) for lon, lat, *_ in ring] for ring in _outer_rings(geometry)]
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    surface = sum(_surface(ring) for ring in rings)
    return Area(
        code=str(code),
        geometry=orjson.dumps(geometry),
        west=min(xs),
        north=min(ys),
        east=max(xs),
        south=max(ys),
        size=math.sqrt(surface),
    )


def _outer_rings(geometry: dict[str, Any]) -> Iterator[Ring]:
    match geometry["type"]:
        case "Polygon":
            yield geometry["coordinates"][0]
        case "MultiPolygon":
            for polygon in geometry["coordinates"]:
                yield polygon[0]
        case kind:
            raise TypeError(f"a geometry of type {kind}")


def _surface(ring: Sequence[tuple[float, float]]) -> float:
    """The shoelace formula."""
    return abs(sum(x * b - a * y for (x, y), (a, b) in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2

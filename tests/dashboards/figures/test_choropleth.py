"""The map: classes with fixed breaks, the view that fits, labels beside what is too small for them."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from dashboards.figures.boundaries import Boundaries, degrees, hexagons, mercator, polygons
from dashboards.figures.choropleth import Classes, Deck, Place, Point, choropleth, colours, legend
from dashboards.figures.theme import DARK, LIGHT, rgb

BOUNDARY = Path(__file__).resolve().parents[3] / "assets" / "cities" / "hangzhou" / "districts.geojson"
CLASSES = Classes((50, 70), ("under 50", "50–70", "70 and over"))
# Two squares, the second a hundredth of the first.
SQUARES = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "properties": {"code": code},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[x, 30], [x + side, 30], [x + side, 30 + side], [x, 30 + side], [x, 30]]
                    ],
                },
            }
            for code, x, side in (("big", 119.0, 1.0), ("small", 120.0, 0.1))
        ],
    }
).encode()


def place(id_: int, code: str, value: float | None, lon: float = 119.5, lat: float = 30.5) -> Place:
    return Place(id_, code, code, lon, lat, value, "–" if value is None else f"{value:.1f}", ("a / b",))


def layers(deck: Deck) -> dict[str, dict[str, Any]]:
    return {layer["id"]: layer for layer in json.loads(deck.to_json())["layers"]}


def drawn(**changes: Any) -> Deck:
    given: dict[str, Any] = {"width": 500, "height": 400} | changes
    places = (place(1, "big", 65.0), place(2, "small", 80.0, 120.05, 30.05))
    return choropleth(polygons(SQUARES), places, CLASSES, LIGHT, **given)


def test_value_on_a_break_belongs_to_the_class_above() -> None:
    assert [CLASSES.of(value) for value in (49.99, 50, 69.99, 70, None, math.nan)] == [0, 1, 1, 2, None, None]


def test_classes_refuse_what_they_cannot_show() -> None:
    with pytest.raises(ValueError, match="rise"):
        Classes((70, 50), ("a", "b", "c"))
    with pytest.raises(ValueError, match="3 labels"):
        Classes((50, 70), ("a", "b"))


def test_areas_are_coloured_by_their_class() -> None:
    fills = {f["properties"]["code"]: f["properties"]["fill"] for f in layers(drawn())["areas"]["data"]}
    steps = colours(CLASSES, LIGHT)
    assert steps == [LIGHT.scale[0], LIGHT.scale[2], LIGHT.scale[5]]
    assert fills == {"big": rgb(steps[1]), "small": rgb(steps[2])}


def test_area_without_value_is_no_class_and_says_so() -> None:
    deck = choropleth(
        polygons(SQUARES), (place(1, "big", None),), CLASSES, LIGHT, width=500, height=400, no_data="?"
    )
    assert layers(deck)["areas"]["data"][0]["properties"]["fill"] == rgb(LIGHT.missing)
    assert layers(deck)["names"]["data"][0]["text"] == "big ?"


def test_small_area_has_its_label_beside_the_map_with_a_line_to_it() -> None:
    found = layers(drawn())
    anchors = {label["text"]: label["anchor"] for label in found["names"]["data"]}
    assert anchors == {"big 65.0": "middle", "small 80.0": "start"}
    (line,) = found["leaders"]["data"]
    assert line["from"] == [120.05, 30.05]


@pytest.mark.parametrize("entered", [None, 1])
def test_everything_fits_into_the_pixels(entered: int | None) -> None:
    deck = drawn(entered=entered)
    view = json.loads(deck.to_json())["initialViewState"]
    scale = 2 ** view["zoom"]
    centre = mercator(view["longitude"], view["latitude"])
    for lon, lat in ((119.0, 30.0), (120.0, 31.0)):
        x, y = mercator(lon, lat)
        assert abs(x - centre[0]) * scale <= 250
        assert abs(y - centre[1]) * scale <= 200


def test_entered_area_is_outlined_and_the_rest_fades() -> None:
    point = Point("street", 119.2, 30.2, 40.0, ("1 / 2",))
    found = layers(drawn(entered=1, points=(point,)))
    *_, last = found["areas"]["data"]
    assert last["properties"]["code"] == "big"
    assert last["properties"]["line"] == rgb(LIGHT.ink)
    assert [f["properties"]["fill"][3] for f in found["areas"]["data"]] == [128, 255]
    assert found["points"]["data"][0]["fill"] == rgb(LIGHT.scale[0])


def test_nothing_is_fetched() -> None:
    specification = json.loads(drawn().to_json())
    assert specification["mapStyle"] == []
    assert specification["mapProvider"] is None
    assert "http" not in drawn().to_json()


def test_legend_counts_the_areas_of_each_class() -> None:
    made = legend(CLASSES, [40, 55, 60, math.nan], LIGHT, title="x", missing="too few", counted="({n})")
    for words in ("under 50</b><em>(1)", "50–70</b><em>(2)", "70 and over</b><em>(0)", "too few</b><em>(1)"):
        assert words in made
    assert "too few" not in legend(CLASSES, [40], DARK, title="x", missing="too few", counted="({n})")


def test_mercator_there_and_back() -> None:
    lon, lat = degrees(*mercator(120.15, 30.25))
    assert (lon, lat) == pytest.approx((120.15, 30.25))


def test_every_district_of_hangzhou_is_read() -> None:
    read = polygons(BOUNDARY.read_bytes())
    assert len(read.areas) == 13
    assert not read.are_hexagons
    assert max(read.areas, key=lambda area: area.size).code == "330127"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"features": [{"properties": {}, "geometry": {}}]}'])
def test_what_is_no_boundary_is_said(content: bytes) -> None:
    with pytest.raises(ValueError, match="not GeoJSON polygons"):
        polygons(content)


def test_places_without_boundary_become_hexagons_of_their_own() -> None:
    made: Boundaries = hexagons({"a": (-71.06, 42.36), "b": (-71.05, 42.35), "c": (-71.13, 42.28)})
    assert made.are_hexagons
    rings = [json.loads(area.geometry)["coordinates"][0] for area in made.areas]
    assert [len(ring) for ring in rings] == [7, 7, 7]
    assert len({tuple(map(tuple, ring)) for ring in rings}) == 3

"""What the browser is sent of the cells: small counts kept back, arrays that unpack to what went in."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import orjson
import pytest

from dashboards.figures.boundaries import hexagons, polygons
from dashboards.figures.hex_map import (
    UNDRAWN,
    Area,
    Frame,
    HexMap,
    Kind,
    Told,
    Words,
    blend,
    hex_map,
    kind_legend,
    packed,
)
from dashboards.figures.theme import DARK, LIGHT

CENTRE = h3.latlng_to_cell(30.25, 120.15, 8)
CELLS = np.unique(h3.grid_disk(CENTRE, 1).astype(np.int64))
SHAPES = hexagons({"a": (120.15, 30.25), "b": (120.6, 30.4)})
AREAS = (Area("a", "甲", 120.15, 30.25), Area("b", "乙", 120.6, 30.4), Area("x", "丙", 121.0, 30.0))
WORDS = Words("{n} 件", "少于 3 件", "播放", "暂停", "周", "放大", "缩小", "地图")
KINDS = (Kind("#FF0000", "热", is_loud=True), Kind("#EEEEEE", "无"))


def unpacked(text: str, kind: str) -> np.ndarray:
    """What the browser reads."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=kind)


def drawn(**more: Any) -> HexMap:
    whole = np.array([0, 1, 2, 3, 9, 40, 70_000])
    frames = (
        Frame("整段", np.array([1, 1, 1, 1, 1, 0, 0], dtype=np.uint8), whole),
        Frame("第一周", np.full(7, UNDRAWN, dtype=np.uint8), np.minimum(whole, 2)),
    )
    told = Told(("甲街", "乙街"), np.array([0, 0, 1, 1, 0, 1, 0]), (("常态 {n}", np.arange(7) / 2, 1),))
    return hex_map(SHAPES, AREAS, CELLS, frames, KINDS, told, WORDS, LIGHT, least=3, **more)


def test_small_counts_never_leave_the_server() -> None:
    data = drawn().data
    counts = unpacked(data["counts"], "<u4").reshape(2, 7)
    assert counts[0].tolist() == [0, 1, 1, 3, 9, 40, 70_000]
    assert counts[1].tolist() == [0, 1, 1, 1, 1, 1, 1]
    assert data["least"] == 3
    (line,) = data["lines"]
    values = unpacked(line["values"], "<f4")
    assert np.isnan(values[:3]).all()
    assert values[3:].tolist() == [1.5, 2.0, 2.5, 3.0]


def test_classes_and_names_arrive_as_they_are() -> None:
    data = drawn().data
    assert unpacked(data["kinds"], "u1").tolist() == [1] * 5 + [0] * 2 + [UNDRAWN] * 7
    assert unpacked(data["nameOf"], "<u2").tolist() == [0, 0, 1, 1, 0, 1, 0]
    assert data["names"] == ["甲街", "乙街"]
    assert [kind["loud"] for kind in data["palette"]] == [True, False]
    assert data["frames"] == ["整段", "第一周"]
    assert data["words"]["few"] == "少于 3 件"


def test_cells_lie_beside_each_other_and_inside_their_area() -> None:
    """Neighbouring centres are √3 of a corner's distance apart: the hexagons meet without gap or overlap."""
    data = drawn().data
    at = unpacked(data["cells"], "<u2").reshape(-1, 2).astype(float)
    corners = np.array(data["corners"]).reshape(6, 2)
    reach = np.hypot(*corners.T)
    middle = at[list(CELLS).index(CENTRE)]
    apart = np.hypot(*(at - middle).T)
    assert sorted(apart)[1] / reach.mean() == pytest.approx(3**0.5, abs=0.12)
    ring = unpacked(next(a for a in data["areas"] if a["code"] == "a")["rings"][0], "<u2").reshape(-1, 2)
    assert (ring.min(axis=0) <= middle).all()
    assert (middle <= ring.max(axis=0)).all()
    angles = np.unwrap(np.arctan2(corners[:, 1], corners[:, 0]))
    assert (np.diff(angles) > 0).all()


def test_the_view_is_the_city_or_the_area_entered() -> None:
    whole, inside = drawn().data, drawn(entered="a").data
    assert [area["code"] for area in whole["areas"]] == ["a", "b"]  # c has no shape
    wide = whole["view"][2] - whole["view"][0]
    assert inside["view"][2] - inside["view"][0] < wide / 2
    assert (whole["entered"], inside["entered"]) == ("", "a")
    assert drawn(entered="x").data["view"] == whole["view"]


def test_cells_beyond_the_hexagons_that_stand_for_areas_are_in_view() -> None:
    far = np.append(CELLS[:6], h3.latlng_to_cell(31.5, 119.0, 8))
    order = np.argsort(far)
    frame = Frame("", np.zeros(7, dtype=np.uint8), np.zeros(7, dtype=int))
    told = Told(("甲",), np.zeros(7, dtype=int), ())
    data = hex_map(SHAPES, AREAS, far[order], (frame,), KINDS, told, WORDS, LIGHT, least=3).data
    at = unpacked(data["cells"], "<u2").reshape(-1, 2).astype(float)
    west, north, east, south = data["view"]
    assert (at >= (west - 1, north - 1)).all()
    assert (at <= (east + 1, south + 1)).all()
    assert at.min() > 0  # none was drawn at the edge for want of room


def test_the_stamp_changes_with_what_is_drawn() -> None:
    assert drawn().stamp == drawn().stamp
    assert drawn().stamp != drawn(entered="a").stamp


def test_polygons_with_holes_and_parts_keep_every_ring() -> None:
    def square(size: float) -> list[list[float]]:
        return [[120, 30], [120 + size, 30], [120 + size, 30 + size], [120, 30 + size], [120, 30]]

    shape = {"type": "MultiPolygon", "coordinates": [[square(2), square(0.5)], [square(0.2)]]}
    feature = {"type": "Feature", "properties": {"code": "a"}, "geometry": shape}
    shapes = polygons(orjson.dumps({"type": "FeatureCollection", "features": [feature]}))
    told = Told(("甲",), np.zeros(7, dtype=int), ())
    frame = Frame("", np.zeros(7, dtype=np.uint8), np.zeros(7, dtype=int))
    data = hex_map(shapes, AREAS[:1], CELLS, (frame,), KINDS, told, WORDS, DARK, least=3).data
    assert len(data["areas"][0]["rings"]) == 3


def test_arrays_are_small_and_little_endian() -> None:
    assert unpacked(packed(np.array([1, 256, 65_535]), np.uint16), "<u2").tolist() == [1, 256, 65_535]
    assert len(packed(np.zeros(100_000), np.uint8)) < 400


def test_a_blend_lies_between_its_colours() -> None:
    assert blend("#FF0000", "#FFFFFF", 1.0) == "#FF0000"
    assert blend("#FF0000", "#FFFFFF", 0.0) == "#FFFFFF"
    assert blend("#000000", "#FFFFFF", 0.4) == "#999999"


def test_the_legend_counts_and_escapes() -> None:
    shown = kind_legend("图<例>", KINDS, (3, 4), "({n})")
    assert "图&lt;例&gt;" in shown
    assert "(3)" in shown
    assert shown.count('q-key"') == 2
    assert "background:#FF0000" in shown

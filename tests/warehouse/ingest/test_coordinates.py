"""Coordinates: the published worked values, there and back, and the cells."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from warehouse.ingest.coordinates import cells, gcj02_to_bd09, to_wgs84, wgs84_to_gcj02

POLYGONS = Path(__file__).resolve().parents[4] / "shared" / "data" / "hangzhou_districts"
CENTIMETRE = 1e-7  # degrees


def test_the_published_values_of_coordtransform_hold() -> None:
    # wandergis/coordtransform, test/app.js, for the point 116.404, 39.915
    lon, lat = np.array([116.404]), np.array([39.915])
    assert np.allclose(wgs84_to_gcj02(lon, lat), [[116.41024449916938], [39.91640428150164]], 0, 1e-12)
    assert np.allclose(gcj02_to_bd09(lon, lat), [[116.41036949371029], [39.92133699351021]], 0, 1e-12)


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_a_point_sent_there_comes_back_within_a_centimetre(system: str) -> None:
    random = np.random.default_rng(1)
    lon, lat = random.uniform(118.3, 120.8, 5000), random.uniform(29.1, 30.7, 5000)
    there = wgs84_to_gcj02(lon, lat)
    if system == "BD-09":
        there = gcj02_to_bd09(*there)
    assert np.abs(there[0] - lon).max() > 0.004  # the systems do differ, by some hundred metres
    back = to_wgs84(*there, system)
    assert np.abs(back[0] - lon).max() < CENTIMETRE
    assert np.abs(back[1] - lat).max() < CENTIMETRE


def test_a_border_published_in_gcj02_lands_on_its_wgs84_twin() -> None:
    if not POLYGONS.is_dir():
        pytest.skip("the reference polygons ../shared/data/hangzhou_districts are not here")
    gcj, wgs = (
        np.array(
            json.loads((POLYGONS / f"hangzhou_districts_{system}.geojson").read_text())["features"][0][
                "geometry"
            ]["coordinates"][0][0]
        )
        for system in ("gcj02", "wgs84")
    )
    lon, lat = to_wgs84(gcj[:, 0], gcj[:, 1], "GCJ-02")
    # The twin was made by the one-step inverse, good to some metres.
    assert np.abs(lon - wgs[:, 0]).max() < 5e-5
    assert np.abs(lat - wgs[:, 1]).max() < 5e-5


def test_outside_china_nothing_moves_and_an_unknown_point_stays_unknown() -> None:
    lon, lat = np.array([-71.0587, np.nan]), np.array([42.3594, np.nan])
    moved = to_wgs84(lon, lat, "GCJ-02")
    assert moved[0].tolist()[0] == -71.0587
    assert np.isnan(moved[0][1])


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(ValueError, match="'CGCS2000' is not one of WGS84, GCJ-02, BD-09"):
        to_wgs84(np.array([120.0]), np.array([30.0]), "CGCS2000")


def test_cells_are_signed_integers_and_minus_one_where_there_is_no_point() -> None:
    found = cells(np.array([120.15, np.nan, 120.15, 120.95]), np.array([30.27, 30.0, 30.27, 30.27]))
    assert found.dtype == np.int64
    assert found[0] == found[2] == 613344579906699263
    assert found[1] == -1
    assert found[3] != found[0]
    assert cells(np.array([np.nan]), np.array([np.nan])).tolist() == [-1]

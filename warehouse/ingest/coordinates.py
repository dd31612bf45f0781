"""The only file that converts coordinates: whatever a source uses becomes WGS84 degrees.

GCJ-02 is the shifted system of maps published in mainland China, BD-09 Baidu's further shift of it. The
forward formulas are the published ones (coordTransform, eviltransform; Krasovsky 1940 ellipsoid). They have
no closed inverse, so the inverse is found by fixed-point iteration, to far less than a millimetre.
"""

from __future__ import annotations

from collections.abc import Callable

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

SYSTEMS = ("WGS84", "GCJ-02", "BD-09")
H3_RESOLUTION = 8

Degrees = NDArray[np.float64]

_AXIS = 6378245.0  # semi-major axis, metres
_ECCENTRICITY = 0.00669342162296594323  # first eccentricity squared
_BAIDU = np.pi * 3000.0 / 180.0
# Outside this box the Chinese systems are the same as WGS84.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271


def to_wgs84(lon: Degrees, lat: Degrees, system: str) -> tuple[Degrees, Degrees]:
    """Return longitudes and latitudes in `system` as WGS84 degrees; NaN stays NaN.

    Raises ValueError for a system that is not one of SYSTEMS.
    """
    if system == "WGS84":
        return lon, lat
    if system == "GCJ-02":
        return _inverse(lon, lat, wgs84_to_gcj02)
    if system == "BD-09":
        return _inverse(*_inverse(lon, lat, gcj02_to_bd09), wgs84_to_gcj02)
    raise ValueError(f"Coordinate system {system!r} is not one of {', '.join(SYSTEMS)}.")


def wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return WGS84 degrees as GCJ-02 degrees."""
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY * np.sin(angle) ** 2
    north = north * 180.0 / (_AXIS * (1.0 - _ECCENTRICITY) / magic**1.5 * np.pi)
    east = east * 180.0 / (_AXIS / np.sqrt(magic) * np.cos(angle) * np.pi)
    abroad = (lon < _WEST) | (lon > _EAST) | (lat < _SOUTH) | (lat > _NORTH)
    return np.where(abroad, lon, lon + east), np.where(abroad, lat, lat + north)


def gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return GCJ-02 degrees as BD-09 degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def cells(lon: Degrees, lat: Degrees) -> NDArray[np.int64]:
    """Return the H3 cell (resolution 8, about 0.7 km²) of each point as a signed integer, -1 where NaN.

    Points that agree to five decimals, about a metre, are looked up once.
    """
    found = np.full(len(lon), -1, dtype=np.int64)
    known = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
    points, place = np.unique(
        np.round(np.column_stack([lon[known], lat[known]]), 5), axis=0, return_inverse=True
    )
    cell = [h3.latlng_to_cell(south, west, H3_RESOLUTION) for west, south in points]
    found[known] = np.array(cell, dtype=np.int64)[place.reshape(-1)]
    return found


def _inverse(
    lon: Degrees, lat: Degrees, forward: Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]
) -> tuple[Degrees, Degrees]:
    """Find the point that `forward` sends to (lon, lat).

    The shift hardly changes over its own length (less than 1 %), so each step gains two digits; six steps
    reach the last digit of a double.
    """
    east, north = lon, lat
    for _ in range(6):
        shifted_east, shifted_north = forward(east, north)
        east, north = east - (shifted_east - lon), north - (shifted_north - lat)
    return east, north

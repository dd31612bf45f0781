"""Points in polygons, and shares turned into slots."""

from __future__ import annotations

import numpy as np
import pytest

from warehouse.demo.chances import slots
from warehouse.demo.places import inside

SQUARE = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], dtype=float)
HOLE = np.array([[1, 1], [1, 3], [3, 3], [3, 1], [1, 1]], dtype=float)


@pytest.mark.parametrize(
    ("lon", "lat", "expected"),
    [(0.5, 0.5, True), (2, 2, False), (5, 2, False), (-1, 1, False), (3.5, 2, True), (2, 4.1, False)],
)
def test_a_hole_is_outside(lon: float, lat: float, expected: bool) -> None:
    assert inside(np.array([float(lon)]), np.array([float(lat)]), [SQUARE, HOLE]).tolist() == [expected]


def test_slots_follow_the_weights() -> None:
    counts = np.bincount(slots(np.array([1.0, 0.0, 2.0, 5.0]), 800), minlength=4)
    assert counts.tolist() == [100, 0, 200, 500]

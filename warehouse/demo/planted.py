"""What is hidden in the demo data for the analysis to find: three surges, two hot spots, two policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from warehouse import frames
from warehouse.demo.story import Story
from warehouse.schema import NOT_STATED

CANDIDATES = 60  # of the largest cells, from which the seed chooses
POLICY = "policy"


@dataclass(frozen=True)
class Surge:
    """A theme in one street that rises for some days; `ends_before` counts days back from the end of the data."""

    ends_before: int
    days: int
    factor: float


@dataclass(frozen=True)
class HotSpot:
    """A theme round one point that is frequent for some months."""

    ends_before: int
    days: int
    factor: float
    radius_km: float


SURGES = (Surge(3, 14, 8.0), Surge(150, 21, 6.0), Surge(420, 18, 7.0))
HOT_SPOTS = (HotSpot(0, 150, 4.0, 1.5), HotSpot(300, 120, 5.0, 2.0))


def plant(connection: Connection, story: Story) -> pd.DataFrame:
    """Choose places and themes, stage the tables `plant` and `plant_point`, and return the rows of demo_truth.

    The temporary tables `item`, `place`, `point` and `leaf` hold the city without planted cases. `factor` is the
    multiple of the expected volume truly planted, which for small cities differs from the wished one by rounding.
    """
    plants: list[dict[str, object]] = []
    points: list[pd.DataFrame] = []
    truth: list[dict[str, object]] = []

    def add(row: dict[str, object], where: pd.DataFrame, leaves: list[int], expected: float, factor: float) -> None:
        count = max(1, round((factor - 1) * expected))
        before = sum(int(str(one["planted"])) for one in plants)
        number = len(truth) + 1
        starts, ends = row["starts_on"], row["ends_on"]
        assert isinstance(starts, date)
        assert isinstance(ends, date)
        plants.append(
            {
                "truth_id": number,
                "before": before,
                "planted": count,
                "starts_on": pd.Timestamp(starts),
                "days": (ends - starts).days + 1,
                "leaves": leaves,
                "points": len(where),
            }
        )
        points.append(
            pd.DataFrame({"truth_id": number, "number": np.arange(len(where)), "point_id": where["point_id"].to_numpy()})
        )
        truth.append({"truth_id": number, **row, "factor": 1 + count / expected, "planted_cases": count})

    for surge, cell in zip(SURGES, _cells(connection, story, len(SURGES)), strict=True):
        row = {
            "kind": "surge",
            "district_id": cell.district_id,
            "street_id": cell.street_id,
            "category1_id": cell.category1_id,
            "category2_id": cell.category2_id,
            **_window(story, surge.ends_before, surge.days),
            "lon": None,
            "lat": None,
            "radius_km": None,
        }
        here = _frame(connection, "SELECT point_id FROM point JOIN place USING (place_id) WHERE street_id = ?", cell.street_id)
        expected = cell.items * surge.days / story.days
        add(row, here, _leaves(connection, "category2_id", cell.category2_id), expected, surge.factor)
    for spot, (row, near, items) in zip(HOT_SPOTS, _spots(connection, story), strict=True):
        row |= _window(story, spot.ends_before, spot.days)
        expected = items * spot.days / story.days
        add(row, near, _leaves(connection, "category1_id", int(str(row["category1_id"]))), expected, spot.factor)
    frames.stage(connection, "plant", pd.DataFrame(plants))
    frames.stage(connection, "plant_point", pd.concat(points, ignore_index=True))
    for starts in (story.pilot, story.drive):
        truth.append({"truth_id": len(truth) + 1, **_policy(starts, story.until)})
    return pd.DataFrame(truth)


def _policy(starts: date, ends: date) -> dict[str, object]:
    everywhere = dict.fromkeys(("district_id", "street_id", "category1_id", "category2_id"), NOT_STATED)
    nowhere = dict.fromkeys(("lon", "lat", "radius_km"))
    return {"kind": POLICY, **everywhere, **nowhere, "starts_on": starts, "ends_on": ends, "factor": 1.0, "planted_cases": 0}


def _window(story: Story, ends_before: int, days: int) -> dict[str, object]:
    ends = story.until - timedelta(ends_before)
    return {"starts_on": ends - timedelta(days - 1), "ends_on": ends}


def _cells(connection: Connection, story: Story, count: int) -> list[Any]:
    """`count` of the largest cells street × level-2 category, each in another district and category."""
    largest = _frame(
        connection,
        """
        SELECT place.district_id, place.street_id, leaf.category1_id, leaf.category2_id, count(*) AS items
        FROM item JOIN place USING (place_id) JOIN leaf ON leaf.category_id = item.category_id
        GROUP BY ALL ORDER BY items DESC, street_id, category2_id LIMIT ?
        """,
        CANDIDATES,
    )
    shuffled = largest.iloc[np.random.default_rng(story.seed + 3).permutation(len(largest))]
    chosen: list[Any] = []
    for cell in shuffled.itertuples(index=False):
        districts, themes = {one.district_id for one in chosen}, {one.category2_id for one in chosen}
        if len(chosen) < count and cell.district_id not in districts and cell.category2_id not in themes:
            chosen.append(cell)
    return chosen


def _spots(connection: Connection, story: Story) -> list[tuple[dict[str, object], pd.DataFrame, int]]:
    """Round the densest points of two districts: the row of demo_truth, the points near it, the theme's items there."""
    rng = np.random.default_rng(story.seed + 4)
    dense = _frame(
        connection,
        """
        SELECT district_id, street_id, h3, avg(lon) AS lon, avg(lat) AS lat, sum(items) AS items
        FROM (SELECT point_id, count(*) AS items FROM item GROUP BY point_id) JOIN point USING (point_id)
        JOIN (SELECT place_id, street_id FROM place) USING (place_id)
        GROUP BY ALL ORDER BY items DESC, h3 LIMIT ?
        """,
        CANDIDATES * 2,
    )
    apart = dense.iloc[rng.permutation(len(dense))].drop_duplicates("district_id")
    found = []
    taken: set[int] = set()
    for spot, centre in zip(HOT_SPOTS, apart.itertuples(index=False), strict=False):
        near = _frame(
            connection,
            """
            SELECT point_id FROM point
            WHERE district_id = ? AND 6371.0 * 2 * asin(sqrt(sin(radians(lat - ?) / 2) ** 2
                + cos(radians(lat)) * cos(radians(?)) * sin(radians(lon - ?) / 2) ** 2)) <= ?
            ORDER BY point_id
            """,
            *(int(centre.district_id), centre.lat, centre.lat, centre.lon, spot.radius_km),
        )
        frames.stage(connection, "near", near)
        themes = _frame(
            connection,
            """
            SELECT category1_id, count(*) AS items FROM item JOIN near USING (point_id)
            JOIN leaf ON leaf.category_id = item.category_id GROUP BY ALL ORDER BY items DESC, category1_id LIMIT ?
            """,
            len(HOT_SPOTS) + 1,
        )
        theme = next(row for row in themes.itertuples() if row.category1_id not in taken)
        taken.add(int(theme.category1_id))
        row: dict[str, object] = {
            "kind": "hot_spot",
            "district_id": int(centre.district_id),
            "street_id": int(centre.street_id),
            "category1_id": int(theme.category1_id),
            "category2_id": NOT_STATED,
            "lon": float(centre.lon),
            "lat": float(centre.lat),
            "radius_km": spot.radius_km,
        }
        found.append((row, near, int(theme.items)))
    return found


def _leaves(connection: Connection, level: str, category_id: int) -> list[int]:
    """The themes below a category, in the order of the taxonomy, which is from frequent to rare."""
    below = _frame(connection, f"SELECT category_id FROM leaf WHERE {level} = ? ORDER BY category_id", category_id)
    return [int(one) for one in below["category_id"]]


def _frame(connection: Connection, sql: str, *parameters: object) -> pd.DataFrame:
    rows = connection.exec_driver_sql(sql, parameters)
    return pd.DataFrame(rows.fetchall(), columns=list(rows.keys()))

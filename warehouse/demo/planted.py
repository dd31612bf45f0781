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
from warehouse.schema import NOT_STATED, demo_truth

CANDIDATES = 30  # of the largest cells, from which the seed chooses
EVERYWHERE = dict.fromkeys(("district_id", "street_id", "category1_id", "category2_id"), NOT_STATED)


@dataclass(frozen=True)
class Window:
    """Some days with `factor` times the expected cases; `ends_before` counts back from the last day."""

    ends_before: int
    days: int
    factor: float

    def dates(self, story: Story) -> dict[str, date]:
        """Its first and last day."""
        ends = story.until - timedelta(self.ends_before)
        return {"starts_on": ends - timedelta(self.days - 1), "ends_on": ends}


@dataclass(frozen=True, eq=False)
class Plant:
    """One surge or hot spot: its row of demo_truth without counts, where its cases may lie, their themes.

    `points` has point_id, `leaves` lists category_id from frequent to rare, `items` counts what the three
    years hold there without it.
    """

    row: dict[str, Any]
    window: Window
    points: pd.DataFrame
    leaves: list[int]
    items: int


SURGES = (Window(3, 14, 8.0), Window(150, 21, 6.0), Window(420, 18, 7.0))  # a theme in one street
HOT_SPOTS = (Window(0, 150, 4.0), Window(300, 120, 5.0))  # a theme round one point
RADIUS_KM = (1.5, 2.0)


def plant(connection: Connection, story: Story) -> pd.DataFrame:
    """Choose places and themes, stage the tables `plant` and `plant_point`, return the rows of demo_truth.

    The tables `scratch.item`, `place`, `point` and `leaf` hold the city without planted cases. `factor` is
    the multiple of the expected volume truly planted; in small cities rounding moves it off the window's.
    """
    plants = _surges(connection, story) + _hot_spots(connection, story)
    truth, staged, points, before = [], [], [], 0
    for number, one in enumerate(plants, start=1):
        expected = one.items * one.window.days / story.days
        planted = max(1, round((one.window.factor - 1) * expected))
        truth.append({**one.row, "factor": 1 + planted / expected, "planted_cases": planted})
        staged.append(
            {
                "truth_id": number,
                "before": before,
                "planted": planted,
                "starts_on": pd.Timestamp(one.row["starts_on"]),
                "days": one.window.days,
                "leaves": one.leaves,
                "points": len(one.points),
            }
        )
        points.append(one.points.assign(truth_id=number, number=np.arange(len(one.points))))
        before += planted
    frames.stage(connection, "plant", pd.DataFrame(staged))
    frames.stage(connection, "plant_point", pd.concat(points, ignore_index=True))
    for starts_on in (story.pilot, story.drive):
        days = {"starts_on": starts_on, "ends_on": story.until}
        truth.append({"kind": "policy", **EVERYWHERE, **days, "factor": 1.0, "planted_cases": 0})
    rows = pd.DataFrame(truth)
    rows["truth_id"] = np.arange(1, len(rows) + 1)
    return rows[[column.name for column in demo_truth.columns]]


def _surges(connection: Connection, story: Story) -> list[Plant]:
    """In some of the largest cells street × level-2 category, each in another district and category."""
    largest = _frame(
        connection,
        """
        SELECT place.district_id, place.street_id, leaf.category1_id, leaf.category2_id, count(*) AS items
        FROM scratch.item AS item JOIN place USING (place_id) JOIN leaf ON leaf.category_id = item.category_id
        GROUP BY ALL ORDER BY items DESC, street_id, category2_id LIMIT ?
        """,
        CANDIDATES,
    )
    shuffled = largest.iloc[np.random.default_rng(story.seed + 3).permutation(len(largest))]
    cells: list[Any] = []
    for cell in frames.rows(shuffled):
        districts, themes = {one.district_id for one in cells}, {one.category2_id for one in cells}
        if cell.district_id not in districts and cell.category2_id not in themes:
            cells.append(cell)
    return [
        Plant(
            row={
                "kind": "surge",
                "district_id": cell.district_id,
                "street_id": cell.street_id,
                "category1_id": cell.category1_id,
                "category2_id": cell.category2_id,
                **window.dates(story),
            },
            window=window,
            points=_frame(
                connection,
                """
                SELECT point_id FROM point JOIN place USING (place_id)
                WHERE street_id = ? ORDER BY point_id
                """,
                cell.street_id,
            ),
            leaves=_leaves(connection, cell.category1_id, cell.category2_id),
            items=cell.items,
        )
        for window, cell in zip(SURGES, cells, strict=False)
    ]


def _hot_spots(connection: Connection, story: Story) -> list[Plant]:
    """Round some of the densest H3 cells, in two districts and of two level-1 categories."""
    dense = _frame(
        connection,
        """
        SELECT district_id, street_id, h3, avg(lon) AS lon, avg(lat) AS lat, sum(items) AS items
        FROM (SELECT point_id, count(*) AS items FROM scratch.item GROUP BY point_id)
        JOIN point USING (point_id)
        JOIN (SELECT place_id, street_id FROM place) USING (place_id)
        GROUP BY ALL ORDER BY items DESC, h3, street_id LIMIT ?
        """,
        CANDIDATES * 2,
    )
    shuffled = dense.iloc[np.random.default_rng(story.seed + 4).permutation(len(dense))]
    centres = frames.rows(shuffled.drop_duplicates("district_id"))
    found: list[Plant] = []
    for window, radius_km, centre in zip(HOT_SPOTS, RADIUS_KM, centres, strict=False):
        near = _near(connection, centre, radius_km)
        taken = [one.row["category1_id"] for one in found]
        theme = next(row for row in _themes(connection, near) if row.category1_id not in taken)
        row = {
            "kind": "hot_spot",
            "district_id": centre.district_id,
            "street_id": centre.street_id,
            "category1_id": theme.category1_id,
            "category2_id": NOT_STATED,
            "lon": centre.lon,
            "lat": centre.lat,
            "radius_km": radius_km,
            **window.dates(story),
        }
        found.append(Plant(row, window, near, _leaves(connection, theme.category1_id, None), theme.items))
    return found


def _near(connection: Connection, centre: Any, radius_km: float) -> pd.DataFrame:
    """The points of the centre's district within the radius, by the haversine formula."""
    return _frame(
        connection,
        """
        SELECT point_id FROM point
        WHERE district_id = ? AND 2 * 6371.0 * asin(sqrt(sin(radians(lat - ?) / 2) ** 2
            + cos(radians(lat)) * cos(radians(?)) * sin(radians(lon - ?) / 2) ** 2)) <= ?
        ORDER BY point_id
        """,
        centre.district_id,
        centre.lat,
        centre.lat,
        centre.lon,
        radius_km,
    )


def _themes(connection: Connection, near: pd.DataFrame) -> list[Any]:
    """The level-1 categories at these points with their items, most frequent first."""
    frames.stage(connection, "near", near)
    rows = _frame(
        connection,
        """
        SELECT category1_id, count(*) AS items
        FROM scratch.item AS item JOIN near USING (point_id) JOIN leaf ON leaf.category_id = item.category_id
        GROUP BY ALL ORDER BY items DESC, category1_id
        """,
    )
    return list(frames.rows(rows))


def _leaves(connection: Connection, category1_id: int, category2_id: int | None) -> list[int]:
    """The themes below a category, in the order of the taxonomy, which is from frequent to rare."""
    below = _frame(
        connection,
        """
        SELECT category_id FROM leaf WHERE category1_id = ? AND category2_id = coalesce(?, category2_id)
        ORDER BY category_id
        """,
        category1_id,
        category2_id,
    )
    return [int(one) for one in below["category_id"]]


def _frame(connection: Connection, sql: str, *parameters: object) -> pd.DataFrame:
    rows = connection.exec_driver_sql(sql, parameters)
    return pd.DataFrame(rows.fetchall(), columns=list(rows.keys()))

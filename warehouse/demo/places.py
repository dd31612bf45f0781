"""Where things happen in the demo city: address points inside the right district, with weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import h3
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from warehouse import frames
from warehouse.cities import City
from warehouse.errors import BadCity
from warehouse.schema import RegionLevel

Floats = NDArray[np.float64]
Rings = list[Floats]

H3_RESOLUTION = 8
POINTS_A_PLACE = 24
CANDIDATES = 400  # tried in a district before a street without a known point takes the loneliest
ROUNDS = 12  # redraws of points that fell outside; what is left then stands on its centre
KM_PER_DEGREE = 111.2
SETTLED = {"subdistrict": 1.0, "town": 0.8, "township": 0.4, "statistical_area": 0.25}


@dataclass(frozen=True, eq=False)
class Places:
    """`places`: one row a village (or a street without villages): place_id from 0, district_id, street_id,
    village_id, mix (0 urban, 1 mixed, 2 rural), weight (share of all cases). `points`: POINTS_A_PLACE rows a
    place in its order: point_id, place_id, district_id, lon, lat (degrees WGS84), h3 (cell of resolution 8).
    """

    places: pd.DataFrame
    points: pd.DataFrame


def read_places(city: City, districts: pd.DataFrame, seed: int) -> Places:
    """Lay out the city; `districts` has code and per_head (cases per head against the city's mean).

    Raises BadCity when the city has no boundary file, or a district of it no polygon, population or story.
    """
    rng = np.random.default_rng(seed)
    regions = city.regions.set_index("region_id", drop=False)
    shapes = _polygons(city)
    streets = regions[regions["level"] == RegionLevel.STREET]
    code = dict(zip(regions["region_id"], regions["code"], strict=True))
    centres: dict[int, tuple[float, float]] = {}
    for district_id in streets["parent_id"].unique():
        here = streets[streets["parent_id"] == district_id]
        centres |= _street_centres(here, shapes[code[district_id]], rng)
    places = _weighted(_rows(regions, streets), regions, districts, city, rng)
    points = _points(places, centres, {one: shapes[code[one]] for one in places["district_id"].unique()}, rng)
    return Places(places, points)


def inside(lon: Floats, lat: Floats, rings: Rings) -> NDArray[np.bool_]:
    """Whether each point lies in the polygon of `rings` (holes included), by the even-odd rule."""
    odd = np.zeros(lon.shape, dtype=bool)
    for ring in rings:
        x1, y1 = ring[:-1, 0], ring[:-1, 1]
        x2, y2 = ring[1:, 0], ring[1:, 1]
        # Horizontal edges never cross the ray; the division is guarded for them alone.
        slope = (x2 - x1) / np.where(y2 == y1, 1.0, y2 - y1)
        crosses = (y1 > lat[:, None]) != (y2 > lat[:, None])
        odd ^= (np.sum(crosses & (lon[:, None] < x1 + (lat[:, None] - y1) * slope), axis=1) % 2).astype(bool)
    return odd


def _polygons(city: City) -> dict[str, Rings]:
    if city.boundary is None:
        raise BadCity(f"The city '{city.key}' has no boundary file; build the demo for a city that has one.")
    features = json.loads(Path(city.boundary).read_text(encoding="utf-8"))["features"]
    shapes: dict[str, Rings] = {}
    for feature in features:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        shapes[feature["properties"]["code"]] = [
            np.asarray(ring, dtype=float) for part in parts for ring in part
        ]
    for code in city.regions.loc[city.regions["level"] == RegionLevel.DISTRICT, "code"]:
        if code not in shapes:
            raise BadCity(
                f"{city.boundary} has no polygon with the code {code}; add the district's boundary."
            )
    return shapes


def _street_centres(
    streets: pd.DataFrame, rings: Rings, rng: np.random.Generator
) -> dict[int, tuple[float, float]]:
    """A centre per street: its known point, else the loneliest candidate inside the district."""
    corners = np.concatenate(rings)
    low, high = corners.min(axis=0), corners.max(axis=0)
    candidates = rng.uniform(low, high, size=(CANDIDATES * 4, 2))
    candidates = candidates[inside(candidates[:, 0], candidates[:, 1], rings)][:CANDIDATES]
    known = streets[streets["lon"].notna()]
    centres = {int(row.region_id): (float(row.lon), float(row.lat)) for row in frames.rows(known)}
    for street_id in streets.loc[streets["lon"].isna(), "region_id"]:
        taken = np.array(list(centres.values()) or [candidates.mean(axis=0)])
        nearest = np.hypot(*(candidates[:, None, :] - taken[None, :, :]).transpose(2, 0, 1)).min(axis=1)
        lon, lat = candidates[int(nearest.argmax())]
        centres[int(street_id)] = (float(lon), float(lat))
    return centres


def _rows(regions: pd.DataFrame, streets: pd.DataFrame) -> pd.DataFrame:
    villages = regions[regions["level"] == RegionLevel.VILLAGE]
    bare = streets[~streets["region_id"].isin(villages["parent_id"])]
    street_ids = np.concatenate([villages["parent_id"], bare["region_id"]])
    village_ids = np.concatenate([villages["region_id"], np.zeros(len(bare), dtype=int)])
    rows = pd.DataFrame({"street_id": street_ids, "village_id": village_ids}).sort_values(
        ["street_id", "village_id"]
    )
    rows["district_id"] = streets["parent_id"].loc[rows["street_id"]].to_numpy()
    rows["kind"] = streets["kind"].loc[rows["street_id"]].to_numpy()
    rows.insert(0, "place_id", np.arange(len(rows)))
    return rows.reset_index(drop=True)


def _weighted(
    rows: pd.DataFrame, regions: pd.DataFrame, districts: pd.DataFrame, city: City, rng: np.random.Generator
) -> pd.DataFrame:
    per_head = districts.set_index("code")["per_head"]
    codes = rows["district_id"].map(regions["code"])
    missing = sorted(set(codes) - set(per_head.index))
    if missing or regions.loc[rows["district_id"].unique(), "population"].isna().any():
        raise BadCity(
            f"The demo of '{city.key}' has no story for the districts "
            f"{', '.join(missing) or 'without population'}; "
            "add them to warehouse/demo/districts.csv and give them a population in the region table."
        )
    street_ids = rows["street_id"].unique()
    street_size = pd.Series(rng.lognormal(0.0, 0.45, len(street_ids)), index=street_ids)
    size = rows["street_id"].map(street_size) * rows["kind"].map(SETTLED)
    size = size * rng.lognormal(0.0, 0.5, len(rows)) / rows.groupby("street_id")["place_id"].transform("size")
    share = size / size.groupby(rows["district_id"]).transform("sum")
    volume = rows["district_id"].map(regions["population"]).astype(float) * codes.map(per_head)
    weight = share * volume
    urban = rows["district_id"].map(regions["peer_group"]) == "urban"
    settled = rows["kind"] == "subdistrict"
    mix = np.where(settled & urban, 0, np.where(settled | (rows["kind"] == "statistical_area"), 1, 2))
    return rows.drop(columns="kind").assign(mix=mix, weight=weight / weight.sum())


def _points(
    places: pd.DataFrame,
    centres: dict[int, tuple[float, float]],
    shapes: dict[int, Rings],
    rng: np.random.Generator,
) -> pd.DataFrame:
    centre = np.array([centres[street_id] for street_id in places["street_id"]])
    spread = _spread_km(centres, places)
    district = places["district_id"].to_numpy()
    anchor = _scattered(centre, spread, district, shapes, rng)
    point = _scattered(
        anchor.repeat(POINTS_A_PLACE, axis=0),
        np.clip(spread * 0.25, 0.15, 0.8).repeat(POINTS_A_PLACE),
        district.repeat(POINTS_A_PLACE),
        shapes,
        rng,
    ).round(6)
    cells = [h3.str_to_int(h3.latlng_to_cell(lat, lon, H3_RESOLUTION)) for lon, lat in point.tolist()]
    return pd.DataFrame(
        {
            "point_id": np.arange(len(point)),
            "place_id": places["place_id"].to_numpy().repeat(POINTS_A_PLACE),
            "district_id": district.repeat(POINTS_A_PLACE),
            "lon": point[:, 0],
            "lat": point[:, 1],
            "h3": np.array(cells, dtype=np.int64),
        }
    )


def _spread_km(centres: dict[int, tuple[float, float]], places: pd.DataFrame) -> Floats:
    """How far a street's villages lie from its centre: a third of the way to the nearest other street."""
    at = np.array(list(centres.values())) * (KM_PER_DEGREE * np.cos(np.radians(30)), KM_PER_DEGREE)
    apart = np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    spread = dict(zip(centres, np.clip(apart.min(axis=1) / 3, 0.5, 3.0), strict=True))
    return np.array([spread[street_id] for street_id in places["street_id"]])


def _scattered(
    centre: Floats,
    spread_km: Floats,
    district: NDArray[np.int64],
    shapes: dict[int, Rings],
    rng: np.random.Generator,
) -> Floats:
    """Points normally spread round their centres (which lie inside), redrawn until inside their district."""
    degrees = spread_km[:, None] / (KM_PER_DEGREE * np.array([np.cos(np.radians(30)), 1.0]))
    points = centre.copy()
    wrong = np.arange(len(centre))
    for _ in range(ROUNDS):
        drawn = centre[wrong] + rng.normal(size=(len(wrong), 2)) * degrees[wrong]
        good = np.zeros(len(wrong), dtype=bool)
        for district_id, rings in shapes.items():
            mine = district[wrong] == district_id
            good[mine] = inside(drawn[mine, 0].round(6), drawn[mine, 1].round(6), rings)
        points[wrong[good]] = drawn[good]
        wrong = wrong[~good]
        if not len(wrong):
            break
    return points

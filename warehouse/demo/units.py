"""The 1 200 handling units of the demo city, and which of them can be given a case."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import pandas as pd

from warehouse import frames
from warehouse.cities import CITY_ID
from warehouse.demo.tables import table
from warehouse.schema import NOT_STATED, ListLevel, RegionLevel

UTILITIES = frozenset({"power", "gas", "water_supply", "transit"})
STATIONS = {"police": "station", "urban": "team"}  # bureaus with a post of their own in every street
STREET_ENDINGS = ("街道", "镇", "乡")
STREET_ENDINGS_EN = (" Subdistrict", " Town", " Township")


@dataclass(frozen=True)
class Unit:
    """One row of schema.unit; `level` counts as in schema.ListLevel."""

    unit_id: int
    code: str
    name_zh: str
    name_en: str
    level: int
    parent_id: int
    district_id: int
    peer_group: str


def units(regions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table `unit`, and the desks: for every bureau and street the units a case may go to.

    Desks have bureau_id (from 0), bureau, street_id, district_unit, street_unit, station_unit (0: none) and
    city_units (list of unit_id).
    """
    bureaus = table("bureaus.csv")
    made = [Unit(NOT_STATED, "not_stated", "未明确", "Not stated", 0, NOT_STATED, NOT_STATED, "")]
    made += _city(bureaus, regions)
    made += _districts(bureaus, regions, made)
    made += _streets(regions, made)
    rows = pd.DataFrame([astuple(one) for one in made], columns=[field.name for field in fields(Unit)])
    return rows, _desks(bureaus, regions, {one.code: one.unit_id for one in made})


def _of(regions: pd.DataFrame, level: RegionLevel) -> pd.DataFrame:
    return regions[regions["level"] == level]


def _city(bureaus: pd.DataFrame, regions: pd.DataFrame) -> list[Unit]:
    city = _of(regions, RegionLevel.CITY).iloc[0]
    return [
        Unit(
            unit_id=number,
            code=f"{one.code}_{CITY_ID}",
            name_zh=f"{city.name_zh}{one.name_zh}",
            name_en=f"{city.name_en} {one.name_en}",
            level=int(ListLevel.CITY),
            parent_id=NOT_STATED,
            district_id=NOT_STATED,
            peer_group="utility" if one.code in UTILITIES or one.stands_for else "city_bureau",
        )
        for number, one in enumerate(frames.rows(bureaus), start=1)
    ]


def _districts(bureaus: pd.DataFrame, regions: pd.DataFrame, above: list[Unit]) -> list[Unit]:
    parent = {unit.code: unit.unit_id for unit in above}
    everywhere = bureaus[bureaus["stands_for"] == ""]
    districts = _of(regions, RegionLevel.DISTRICT)
    pairs = [(one, place) for one in frames.rows(everywhere) for place in frames.rows(districts)]
    return [
        Unit(
            unit_id=number,
            code=f"{one.code}_{place.region_id}",
            name_zh=f"{place.name_zh}{one.name_zh}",
            name_en=f"{place.name_en} {one.name_en}",
            level=int(ListLevel.DISTRICT),
            parent_id=parent[f"{one.code}_{CITY_ID}"],
            district_id=place.region_id,
            peer_group="utility" if one.code in UTILITIES else "district_bureau",
        )
        for number, (one, place) in enumerate(pairs, start=len(above))
    ]


def _streets(regions: pd.DataFrame, above: list[Unit]) -> list[Unit]:
    parent = {unit.code: unit.unit_id for unit in above}
    found: list[Unit] = []
    for place in frames.rows(_of(regions, RegionLevel.STREET)):
        town = place.peer_group == "town"
        stem_zh, stem_en = _stem(place.name_zh, STREET_ENDINGS), _stem(place.name_en, STREET_ENDINGS_EN)
        office_zh = f"{place.name_zh}{'人民政府' if town else '办事处'}"
        team_zh, team_en = f"{place.name_zh}综合行政执法队", f"{place.name_en} Enforcement Team"
        for code, bureau, zh, en, peers in (
            (
                "street",
                "office",
                office_zh,
                f"{place.name_en} Office",
                "town_office" if town else "street_office",
            ),
            ("station", "police", f"{stem_zh}派出所", f"{stem_en} Police Station", "police_station"),
            ("team", "urban", team_zh, team_en, "enforcement_team"),
        ):
            number = len(above) + len(found)
            own, over = f"{code}_{place.region_id}", parent[f"{bureau}_{place.parent_id}"]
            found.append(Unit(number, own, zh, en, int(ListLevel.STREET), over, place.parent_id, peers))
    return found


def _stem(name: str, endings: tuple[str, ...]) -> str:
    return next((name.removesuffix(ending) for ending in endings if name.endswith(ending)), name)


def _desks(bureaus: pd.DataFrame, regions: pd.DataFrame, unit: dict[str, int]) -> pd.DataFrame:
    streets = _of(regions, RegionLevel.STREET)
    rows = []
    for number, bureau in enumerate(bureaus.loc[bureaus["stands_for"] == "", "code"]):
        in_its_place = bureaus.loc[bureaus["stands_for"] == bureau, "code"]
        at_city = {
            "bureau_id": number,
            "bureau": bureau,
            "city_units": [unit[f"{code}_{CITY_ID}"] for code in (bureau, *in_its_place)],
        }
        rows += [
            {
                **at_city,
                "street_id": place.region_id,
                "district_unit": unit[f"{bureau}_{place.parent_id}"],
                "street_unit": unit[f"street_{place.region_id}"],
                "station_unit": unit.get(f"{STATIONS.get(bureau)}_{place.region_id}", NOT_STATED),
            }
            for place in frames.rows(streets)
        ]
    return pd.DataFrame(rows)

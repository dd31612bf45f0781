"""The people, desks and themes of the demo city: categories, units, sources, events and annotations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from warehouse import reference
from warehouse.cities import CITY_ID, City
from warehouse.demo.story import YEARS, Story
from warehouse.schema import NOT_STATED, ListLevel, RegionLevel

FOLDER = Path(__file__).parent
TAXONOMY = "demo-1"
DEEPEST = 5
UTILITIES = frozenset({"power", "gas", "water_supply", "transit"})


@dataclass(frozen=True, eq=False)
class Dimensions:
    """The dimension tables of the demo, with the columns of the schema, and what the generator looks up in them.

    `leaves`: category_id, category1_id, category2_id, bureau, weight, season, rural, returns, place, theme.
    `desks`: bureau, street_id, district_unit, street_unit, station_unit (0: none), city_units (list of unit_id).
    `source_weights`: source_id, channel_id, district_id (0: any), weight.
    """

    category: pd.DataFrame
    unit: pd.DataFrame
    source: pd.DataFrame
    event_window: pd.DataFrame
    annotation: pd.DataFrame
    leaves: pd.DataFrame
    desks: pd.DataFrame
    source_weights: pd.DataFrame


def table(name: str) -> pd.DataFrame:
    """A table of this folder as text, blanks as empty strings."""
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


def districts() -> pd.DataFrame:
    """How each district differs: code, per_head, trend (a year), late, returns, published (shares and factors)."""
    rows = table("districts.csv")
    return rows.astype(dict.fromkeys(rows.columns.drop("code"), float))


def make(city: City, story: Story) -> Dimensions:
    """Every dimension of the demo in `city`."""
    regions = city.regions
    category, leaves = _categories()
    unit, desks = _units(regions)
    source, weights = _sources(regions)
    return Dimensions(
        category=category,
        unit=unit,
        source=source,
        event_window=_events(story),
        annotation=_annotations(story, regions),
        leaves=leaves,
        desks=desks,
        source_weights=weights,
    )


# --- categories ------------------------------------------------------------------------------------------------


def _categories() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = table("categories.csv")
    rows["level"] = rows["level"].astype(int)
    rows["category_id"] = np.arange(1, len(rows) + 1)
    key = dict(zip(rows["code"], rows["category_id"], strict=True))
    for level in range(1, DEEPEST):
        rows[f"category{level}_id"] = rows["code"].str[: 2 * level].map(key)
    rows["parent_id"] = rows["code"].str[:-2].map(key).fillna(NOT_STATED).astype(int)
    named = ["category_id", "code", "level", "parent_id", "name_zh", "name_en"]
    ancestors = [f"category{level}_id" for level in range(1, DEEPEST)]
    category = rows[named + ancestors].assign(taxonomy=TAXONOMY)
    member = {**dict.fromkeys(["category_id", "level", "parent_id", *ancestors], NOT_STATED)}
    stated = {"code": "not_stated", "name_zh": "未明确", "name_en": "Not stated", "taxonomy": TAXONOMY}
    category = pd.concat([pd.DataFrame([{**member, **stated}]), category], ignore_index=True)
    return category, _leaves(rows)


def _leaves(rows: pd.DataFrame) -> pd.DataFrame:
    """The themes a case can have, Zipf by their order inside a level-2 category."""
    themes = rows.set_index("category_id")[["bureau", "weight", "season", "rural", "returns", "place"]]
    leaves = rows[~rows["category_id"].isin(rows["parent_id"])]
    leaves = leaves[["category_id", "category1_id", "category2_id", "name_zh"]].rename(columns={"name_zh": "theme"})
    leaves = leaves.join(themes, on="category2_id")
    numbers = ["weight", "rural", "returns"]
    leaves[numbers] = leaves[numbers].astype(float)
    rank = leaves.groupby("category2_id").cumcount() + 1
    zipf = 1.0 / rank**0.9
    leaves["weight"] *= zipf / zipf.groupby(leaves["category2_id"]).transform("sum")
    return leaves.reset_index(drop=True)


# --- units -----------------------------------------------------------------------------------------------------


def _units(regions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    bureaus = table("bureaus.csv")
    city = regions[regions["level"] == RegionLevel.CITY].iloc[0]
    districts_here = regions[regions["level"] == RegionLevel.DISTRICT]
    streets = regions[regions["level"] == RegionLevel.STREET]
    rows: list[dict[str, object]] = [_unit(NOT_STATED, "not_stated", "未明确", "Not stated", 0, NOT_STATED, 0, "")]
    at: dict[tuple[str, int], int] = {}

    def add(code: str, place: int, zh: str, en: str, level: int, parent: int, district: int, peers: str) -> None:
        at[code, place] = len(rows)
        rows.append(_unit(len(rows), f"{code}_{place}", zh, en, level, parent, district, peers))

    for one in bureaus.itertuples():
        peers = "utility" if one.code in UTILITIES or one.stands_for else "city_bureau"
        name_en = f"{city.name_en} {one.name_en}"
        add(one.code, CITY_ID, f"{city.name_zh}{one.name_zh}", name_en, ListLevel.CITY, NOT_STATED, NOT_STATED, peers)
    for one in bureaus[bureaus["stands_for"] == ""].itertuples():
        peers = "utility" if one.code in UTILITIES else "district_bureau"
        for place in districts_here.itertuples():
            zh, en = f"{place.name_zh}{one.name_zh}", f"{place.name_en} {one.name_en}"
            add(one.code, place.region_id, zh, en, ListLevel.DISTRICT, at[one.code, CITY_ID], place.region_id, peers)
    for place in streets.itertuples():
        home = (place.region_id, place.parent_id)
        peers, office = ("town_office", "人民政府") if place.peer_group == "town" else ("street_office", "办事处")
        stem_zh = place.name_zh.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        stem_en = place.name_en.removesuffix(" Subdistrict").removesuffix(" Town").removesuffix(" Township")
        for code, zh, en, above, group in (
            ("street", f"{place.name_zh}{office}", f"{place.name_en} Office", "office", peers),
            ("station", f"{stem_zh}派出所", f"{stem_en} Police Station", "police", "police_station"),
            ("team", f"{place.name_zh}综合行政执法队", f"{place.name_en} Enforcement Team", "urban", "enforcement_team"),
        ):
            add(code, home[0], zh, en, ListLevel.STREET, at[above, home[1]], home[1], group)
    return pd.DataFrame(rows), _desks(bureaus, streets, at)


def _unit(
    unit_id: int, code: str, zh: str, en: str, level: int, parent: int, district: int, peers: str
) -> dict[str, object]:
    names = {"unit_id": unit_id, "code": code, "name_zh": zh, "name_en": en}
    return {**names, "level": int(level), "parent_id": parent, "district_id": district, "peer_group": peers}


def _desks(bureaus: pd.DataFrame, streets: pd.DataFrame, at: dict[tuple[str, int], int]) -> pd.DataFrame:
    stations = {"police": "station", "urban": "team"}
    rows = []
    for position, bureau in enumerate(bureaus.loc[bureaus["stands_for"] == "", "code"]):
        in_its_place = bureaus.loc[bureaus["stands_for"] == bureau, "code"]
        city_units = [at[code, CITY_ID] for code in (bureau, *in_its_place)]
        for place in streets.itertuples():
            rows.append(
                {
                    "bureau_id": position,
                    "bureau": bureau,
                    "street_id": place.region_id,
                    "district_unit": at[bureau, place.parent_id],
                    "street_unit": at["street", place.region_id],
                    "station_unit": at.get((stations.get(bureau, ""), place.region_id), NOT_STATED),
                    "city_units": city_units,
                }
            )
    return pd.DataFrame(rows)


# --- sources, events, annotations ------------------------------------------------------------------------------


def _sources(regions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """75 merged lines and letterboxes: those of sources.csv, and a mailbox and a reception hall per district."""
    channels = reference.channels().set_index("code")["channel_id"]
    rows = table("sources.csv").assign(district_id=NOT_STATED)
    rows["weight"] = rows["weight"].astype(float)
    own = []
    for place in regions[regions["level"] == RegionLevel.DISTRICT].itertuples():
        head = {"county": "县长", "county_city": "市长"}.get(place.kind, "区长")
        stem = place.name_zh.removesuffix("区").removesuffix("县").removesuffix("市")
        box = {"code": f"mailbox_{place.code}", "name_zh": f"{stem}{head}信箱", "channel": "mayor_mailbox", "weight": 30.0}
        hall = {"code": f"visit_{place.code}", "name_zh": f"{place.name_zh}人民来访接待中心", "channel": "petition_visit"}
        own.append({**box, "name_en": f"Mailbox of {place.name_en}", "district_id": place.region_id})
        own.append({**hall, "name_en": f"{place.name_en} Reception Centre", "weight": 70.0, "district_id": place.region_id})
    rows = pd.concat([rows, pd.DataFrame(own)], ignore_index=True)
    rows["source_id"] = np.arange(1, len(rows) + 1)
    rows["channel_id"] = rows["channel"].map(channels).astype(int)
    member = {"source_id": NOT_STATED, "code": "not_stated", "name_zh": "未明确", "name_en": "Not stated"}
    source = rows[["source_id", "code", "name_zh", "name_en", "channel_id"]]
    source = pd.concat([pd.DataFrame([{**member, "channel_id": NOT_STATED}]), source], ignore_index=True)
    return source, rows[["source_id", "channel_id", "district_id", "weight"]]


def _events(story: Story) -> pd.DataFrame:
    """The major events of each year of the data, and those of the following weeks, for the countdown."""
    rows = []
    for year in range(story.first.year, story.until.year + 1):
        for event in table("events.csv").itertuples():
            starts = date(year, int(event.month), int(event.day))
            if story.first <= starts <= story.until + timedelta(60):
                ends = starts + timedelta(int(event.days) - 1)
                zh, en = f"{year}年{event.name_zh}", f"{event.name_en} {year}"
                rows.append({"name_zh": zh, "name_en": en, "level": int(event.level), "starts_on": starts, "ends_on": ends})
    events = pd.DataFrame(rows).sort_values("starts_on", ignore_index=True)
    return events.assign(event_window_id=np.arange(1, len(events) + 1))


def _annotations(story: Story, regions: pd.DataFrame) -> pd.DataFrame:
    rows = table("annotations.csv")
    key = dict(zip(regions["code"], regions["region_id"], strict=True))
    days = [story.pilot if days == "pilot" else story.until - timedelta(int(days)) for days in rows["days_before"]]
    rows = rows.assign(noted_on=days, district_id=rows["district_code"].map(key).fillna(NOT_STATED).astype(int))
    rows = rows[rows["noted_on"] >= story.until - timedelta(365 * YEARS)].sort_values("noted_on", ignore_index=True)
    rows["annotation_id"] = np.arange(1, len(rows) + 1)
    return rows.drop(columns=["days_before", "district_code"])

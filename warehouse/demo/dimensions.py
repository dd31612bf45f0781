"""The dimensions of the demo city: categories, units, sources, major events and annotations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from warehouse import frames, reference
from warehouse.cities import City
from warehouse.demo.story import Story
from warehouse.demo.tables import table
from warehouse.demo.units import units
from warehouse.schema import NOT_STATED, RegionLevel

TAXONOMY = "demo-1"
STATED = {"code": "not_stated", "name_zh": "未明确", "name_en": "Not stated"}
HEADS = {"county": "县长", "county_city": "市长"}  # who heads a district, by its kind; elsewhere 区长
COUNTDOWN = timedelta(60)  # events so far ahead are already known
DEEPEST = 5


@dataclass(frozen=True, eq=False)
class Dimensions:
    """The dimension tables of the demo with the columns of the schema, and what is looked up in them.

    `leaves`: category_id, category1_id, category2_id, bureau, weight, season, rural, returns, place,
    theme.
    `desks`: see warehouse.demo.units. `source_weights`: source_id, channel_id, district_id (0: any), weight.
    """

    category: pd.DataFrame
    unit: pd.DataFrame
    source: pd.DataFrame
    event_window: pd.DataFrame
    annotation: pd.DataFrame
    leaves: pd.DataFrame
    desks: pd.DataFrame
    source_weights: pd.DataFrame


def make(city: City, story: Story) -> Dimensions:
    """Every dimension of the demo in `city`."""
    regions = city.regions
    category, leaves = _categories()
    unit, desks = units(regions)
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


# --- categories ---------------------------------------------------------------------------------------


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
    member = pd.DataFrame([{**STATED, "taxonomy": TAXONOMY}]).reindex(columns=category.columns, fill_value=0)
    category = pd.concat([member, category], ignore_index=True)
    return category, _leaves(rows)


def _leaves(rows: pd.DataFrame) -> pd.DataFrame:
    """The themes a case can have, Zipf by their order inside a level-2 category."""
    themes = rows.set_index("category_id")[["bureau", "weight", "season", "rural", "returns", "place"]]
    leaves = rows[~rows["category_id"].isin(rows["parent_id"])]
    leaves = leaves[["category_id", "category1_id", "category2_id", "name_zh"]].rename(
        columns={"name_zh": "theme"}
    )
    leaves = leaves.join(themes, on="category2_id")
    numbers = ["weight", "rural", "returns"]
    leaves[numbers] = leaves[numbers].astype(float)
    rank = leaves.groupby("category2_id").cumcount() + 1
    zipf = 1.0 / rank**0.9
    leaves["weight"] *= zipf / zipf.groupby(leaves["category2_id"]).transform("sum")
    return leaves.reset_index(drop=True)


# --- sources, events, annotations ---------------------------------------------------------------------


def _sources(regions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """75 merged lines and letterboxes: sources.csv, and a mailbox and a reception hall per district."""
    channels = reference.channels().set_index("code")["channel_id"]
    rows = table("sources.csv").assign(district_id=NOT_STATED)
    rows["weight"] = rows["weight"].astype(float)
    own = []
    for place in frames.rows(regions[regions["level"] == RegionLevel.DISTRICT]):
        head = HEADS.get(place.kind, "区长")
        box_zh, hall_zh = f"{place.name_zh[:-1]}{head}信箱", f"{place.name_zh}人民来访接待中心"
        box_en, hall_en = f"Mailbox of {place.name_en}", f"{place.name_en} Reception Centre"
        own.append((f"mailbox_{place.code}", box_zh, box_en, "mayor_mailbox", 30.0, place.region_id))
        own.append((f"visit_{place.code}", hall_zh, hall_en, "petition_visit", 70.0, place.region_id))
    rows = pd.concat([rows, pd.DataFrame(own, columns=rows.columns)], ignore_index=True)
    rows["source_id"] = np.arange(1, len(rows) + 1)
    rows["channel_id"] = rows["channel"].map(channels).astype(int)
    source = rows[["source_id", "code", "name_zh", "name_en", "channel_id"]]
    source = pd.concat([pd.DataFrame([STATED]).reindex(columns=source.columns, fill_value=0), source])
    return source, rows[["source_id", "channel_id", "district_id", "weight"]]


def _events(story: Story) -> pd.DataFrame:
    """The major events of each year of the data, and those of the following weeks, for the countdown."""
    rows = []
    last = story.until + COUNTDOWN
    for year in range(story.first.year, last.year + 1):
        for event in frames.rows(table("events.csv")):
            starts = date(year, int(event.month), int(event.day))
            ends = starts + timedelta(int(event.days) - 1)
            if story.first <= starts <= last:
                zh, en = f"{year}年{event.name_zh}", f"{event.name_en} {year}"
                rows.append((zh, en, int(event.level), starts, ends))
    events = pd.DataFrame(rows, columns=["name_zh", "name_en", "level", "starts_on", "ends_on"])
    events = events.sort_values(["starts_on", "name_zh"], ignore_index=True)
    return events.assign(event_window_id=np.arange(1, len(events) + 1))


def _annotations(story: Story, regions: pd.DataFrame) -> pd.DataFrame:
    rows = table("annotations.csv")
    key = dict(zip(regions["code"], regions["region_id"], strict=True))
    rows = rows[rows["district_code"].isin(["", *key])].copy()  # another city has no events of this one
    rows["noted_on"] = [
        story.pilot if days == "pilot" else story.until - timedelta(int(days)) for days in rows["days_before"]
    ]
    rows["district_id"] = rows["district_code"].map(key).fillna(NOT_STATED).astype(int)
    rows = rows.sort_values("noted_on", ignore_index=True).drop(columns=["days_before", "district_code"])
    return rows.assign(annotation_id=np.arange(1, len(rows) + 1))

"""What may colour a map of regions and order their ranking: the index, or a metric with fixed classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from dashboards.cards.behind import token
from dashboards.cards.index_card import INDEX
from dashboards.cards.regions import (
    VOLUME,
    Region,
    Standings,
    group_name,
    index_standings,
    metric_standings,
    regions,
)
from dashboards.figures.choropleth import Classes
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.execute import Warehouse
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Measurement, Text

INDEX_KEY = "index"
_TIMES = Text("{name}（为全市的倍数）", "{name} (multiple of the city)")


@dataclass(frozen=True)
class Measure:
    """A measure with the fixed breaks of its classes: scores, fractions, or multiples of the city's value."""

    key: str
    breaks: tuple[float, ...]
    multiples: bool = False


_ON_TIME = (0.80, 0.90, 0.95, 0.98, 0.99)
# The size of a rate follows the length of the period, so its breaks are multiples of the city's.
_RATE = (0.5, 0.8, 1.0, 1.25, 1.6)
MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        Measure(INDEX_KEY, (60, 65, 70, 75, 80)),
        Measure("repeat_share", (0.05, 0.10, 0.15, 0.20, 0.25)),
        Measure("replied_on_time", _ON_TIME),
        Measure("accepted_on_time", _ON_TIME),
        Measure("satisfaction", (0.70, 0.80, 0.85, 0.90, 0.95)),
        Measure("first_time_resolution", (0.80, 0.85, 0.90, 0.94, 0.97)),
        Measure("backlog_clearance", (0.20, 0.35, 0.50, 0.65, 0.80)),
        Measure("cases_per_10k", _RATE, multiples=True),
        Measure("skip_level_heads_per_100k", _RATE, multiples=True),
    )
}


METRICS = tuple(key for key in MEASURES if key != INDEX_KEY)


def measure_name(key: str) -> Text:
    """The measure's name with its variant."""
    return INDEX if key == INDEX_KEY else metric_of(key).full_name


def legend_title(key: str, language: Language) -> str:
    """The measure's name above its classes, saying so where they are multiples of the city's value."""
    name = INDEX.in_(language) if key == INDEX_KEY else metric_of(key).name.in_(language)
    return _TIMES.in_(language).format(name=name) if MEASURES[key].multiples else name


def measure_classes(key: str, city: float) -> Classes:
    """The measure's fixed classes; `city` is the city's value, for breaks that are multiples of it."""
    measure = MEASURES[key]
    if measure.multiples:
        words = [f"{_number(one)}×" for one in measure.breaks]
        return Classes(tuple(one * city for one in measure.breaks), _ranges(words))
    percent = key != INDEX_KEY and metric_of(key).measurement is Measurement.SHARE
    words = [f"{_number(one * 100)}%" if percent else _number(one) for one in measure.breaks]
    return Classes(measure.breaks, _ranges(words))


@dataclass(frozen=True)
class Listing:
    """Regions in the measure `key`, with their names by key."""

    key: str
    regions: tuple[Region, ...]
    standings: Standings

    @property
    def names(self) -> dict[int, Text]:
        """Names by key."""
        return {region.id: region.name for region in self.regions}

    @property
    def values(self) -> list[float]:
        """The values in the order of the regions."""
        return [reading.value for reading in self.standings.readings]

    @property
    def without_place(self) -> int:
        """How many of the regions have no coordinates."""
        return sum(math.isnan(region.lon) for region in self.regions)

    def group(self, region: int | None, language: Language) -> str:
        """The words for a region's peer group; empty for none."""
        key = next((one.group for one in self.regions if one.id == region), "")
        return group_name(key, language) if key else ""


def district_listing(
    warehouse: Warehouse, key: str, index: CityIndex, now: Answer, weekly: Answer, language: Language
) -> Listing:
    """The districts in a measure; `now` and `weekly` are answers split by district (and week)."""
    districts = regions(warehouse.members("district"))
    volumes = _volumes(now.frame, "district")
    if key == INDEX_KEY:
        rows = now.frame.to_dict("records")
        opened = {int(row["district"]): token(now.question, VOLUME, row) for row in rows}
        return Listing(key, districts, index_standings(index, districts, volumes, language, opened))
    standings = metric_standings(
        metric_of(key),
        now.frame,
        "district",
        districts,
        language,
        volumes=volumes,
        weekly=weekly.frame,
        question=now.question,
        nothing=now.nothing,
    )
    return Listing(key, districts, standings)


def street_listing(warehouse: Warehouse, key: str, district: int, now: Answer, language: Language) -> Listing:
    """The streets and towns of a district in a metric; `now` is an answer split by street."""
    members = warehouse.members("street")
    streets = regions(members[members["parent_id"] == district])
    standings = metric_standings(
        metric_of(key),
        now.frame,
        "street",
        streets,
        language,
        volumes=_volumes(now.frame, "street"),
        question=now.question,
        nothing=now.nothing,
    )
    return Listing(key, streets, standings)


def _volumes(frame: pd.DataFrame, key: str) -> dict[int, float]:
    return {int(row[key]): float(row["cases_registered"]) for row in frame.to_dict("records")}


def _ranges(words: Sequence[str]) -> tuple[str, ...]:
    return (f"< {words[0]}", *(f"{low}–{high}" for low, high in pairwise(words)), f"≥ {words[-1]}")


def _number(value: float) -> str:
    return f"{value:.6g}"

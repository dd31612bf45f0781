"""Map and ranking side by side: the districts of the city, or the streets of the one that was entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.cards import measures, regions
from dashboards.cards.measures import INDEX_KEY
from dashboards.figures.boundaries import Boundaries
from dashboards.figures.choropleth import Deck, choropleth, legend
from dashboards.figures.markup import Markup, tag
from dashboards.figures.theme import Theme
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.execute import Warehouse
from queries.vocabulary import Language, Text

STREETS = "repeat_share"  # the index has no street level: streets are then compared by this
SIZE = (560, 376)  # pixels the map is fitted to: what the narrowest screen leaves it
_LONG = 20  # rows that a screen shows beside the map; more of them scroll
LABEL = Text("区县地图：点击一个区县进入", "Map of the districts: click one to enter it")
_TOO_FEW = Text("样本不足", "too few")
_COUNTED = Text("({n})", "({n})")
_TIES = Text(
    "位次在同类组内排定，数值相同者并列（1-2-2-4），并列者诉求量大的在前；"
    "位次区间由权重 ±25% 与抽样误差模拟得出",
    "Ranked within peer groups; equal values share a rank (1-2-2-4), larger volume first; the interval "
    "simulates weights ±25 % and sampling error",
)
_TIES_PLAIN = Text(
    "位次在同类组内排定，数值相同者并列（1-2-2-4），并列者诉求量大的在前；升降与上一时段相比",
    "Ranked within peer groups; equal values share a rank (1-2-2-4), larger volume first; moves are "
    "against the period before",
)
_NO_STREETS = Text(
    "所选指标没有镇街一级（指数不下沉，镇街人口未知），镇街按重复件占比排列。",
    "The measure has no street level (no index, residents not known); streets are ranked by repeat share.",
)
_NO_POINTS = Text("{n} 个镇街无坐标，未上图。", "{n} streets have no coordinates and are not on the map.")
HEXAGONS = Text(
    "该城市无区划边界文件，以六边形代表各区位置，形状与面积无意义。",
    "This city has no boundary file: hexagons mark where the districts are; shape and size mean nothing.",
)


@dataclass(frozen=True)
class Regions:
    """The districts in the chosen measure, and inside one of them its streets."""

    districts: measures.Listing
    streets: measures.Listing | None
    entered: int | None

    @property
    def shown(self) -> measures.Listing:
        """What the ranking lists and the legend counts."""
        return self.streets or self.districts

    @property
    def names(self) -> dict[int, Text]:
        """Names of districts and streets by key."""
        return self.districts.names | (self.streets.names if self.streets else {})


@dataclass(frozen=True)
class RegionMap:
    """The drawn pieces; `remarks` belong at the foot of the page."""

    deck: Deck
    legend: Markup
    ranking: Markup
    ties: Markup
    remarks: tuple[str, ...]


def street_metric(measure: str) -> str:
    """The metric that compares streets when the districts are compared by `measure`.

    Streets have neither an index nor a known number of residents.
    """
    return STREETS if measure == INDEX_KEY or measures.MEASURES[measure].multiples else measure


def with_measure(keys: Sequence[str], measure: str) -> tuple[str, ...]:
    """The metrics `keys` and that of `measure`, which stands last; the index is no metric."""
    if measure == INDEX_KEY:
        return tuple(keys)
    return (*(key for key in keys if key != measure), measure)


def regions_in(
    warehouse: Warehouse,
    measure: str,
    index: CityIndex,
    districts: Answer,
    weekly: Answer,
    streets: Answer | None,
    entered: int | None,
    language: Language,
) -> Regions:
    """The regions of answers split by district, by district and week, and (inside `entered`) by street."""
    inside = None
    if streets is not None and entered is not None:
        inside = measures.street_listing(warehouse, street_metric(measure), entered, streets, language)
        # A city may know no division below its districts.
        inside = inside if inside.regions else None
    listing = measures.district_listing(warehouse, measure, index, districts, weekly, language)
    return Regions(listing, inside, entered)


def region_map(
    found: Regions, shapes: Boundaries, total: Mapping[Any, Any], language: Language, theme: Theme
) -> RegionMap:
    """Map, legend and ranking; `total` is the answer's row of the whole, for classes relative to it."""
    shown = found.shown
    classes = measures.measure_classes(shown.key, float(total.get(shown.key, 0.0)))
    deck = choropleth(
        shapes,
        regions.places(found.districts.standings, language),
        classes,
        theme,
        width=SIZE[0],
        height=SIZE[1],
        entered=found.entered,
        points=regions.points(found.streets.standings, language) if found.streets else (),
    )
    title = measures.legend_title(shown.key, language)
    words = (_TOO_FEW.in_(language), _COUNTED.in_(language))
    chosen = next((one.code for one in found.districts.regions if one.id == found.entered), None)
    ranking = regions.ranking_table(shown.standings, language, clickable=found.streets is None, chosen=chosen)
    ties = _TIES if shown.key == INDEX_KEY else _TIES_PLAIN
    return RegionMap(
        deck=deck,
        legend=legend(classes, shown.values, theme, title=title, missing=words[0], counted=words[1]),
        ranking=tag("div", ranking, class_="q-scroll") if len(shown.values) > _LONG else ranking,
        ties=tag("p", ties.in_(language), class_="q-note"),
        remarks=_remarks(found, shapes, language),
    )


def _remarks(found: Regions, shapes: Boundaries, language: Language) -> tuple[str, ...]:
    remarks = []
    if found.streets is not None:
        if found.streets.key != found.districts.key:
            remarks.append(_NO_STREETS.in_(language))
        missing = found.streets.without_place
        if missing:
            remarks.append(_NO_POINTS.in_(language).format(n=missing))
    if shapes.are_hexagons:
        remarks.append(HEXAGONS.in_(language))
    return tuple(remarks)

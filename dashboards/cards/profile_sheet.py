"""One district's sheet of A4: its cards in rows, and the same data as a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dashboards.cards import overview, profile, profile_lists, regions, signals, units
from dashboards.cards.clocks import Clocks
from dashboards.cards.downloads import answer_sheet, definitions_sheet, index_sheet
from dashboards.cards.index_card import index_headline
from dashboards.cards.league import draws_of
from dashboards.cards.profile import REPLY, VOLUME
from dashboards.cards.spoken import key_point_list
from dashboards.cards.units import Unit, unit_sheet
from dashboards.cards.volume import named
from dashboards.exports.workbook import Cell, Sheet, workbook
from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.execute import Warehouse
from queries.facts import facts
from queries.insights.index import CITY_ROW
from queries.insights.key_points import key_points
from queries.issue_list import IssueList
from queries.metrics import metric as metric_of
from queries.metrics import metrics as metrics_of
from queries.vocabulary import Language, Text

PRINT = Text("打印（A4 一页）", "Print (one A4)")
_POINTS = Text("本期要点", "Key points")
_SIGNALS = Text("信号", "Signals")
_SIGNAL_HEAD = (
    Text("指标", "Metric"),
    Text("周起始日", "Week from"),
    Text("数值", "Value"),
    Text("下限", "Low"),
    Text("均值", "Mean"),
    Text("上限", "High"),
    Text("信号", "Signal"),
)
TOTAL, CITY, WEEKLY = Text("区县", "District"), Text("各区县", "Districts"), Text("每周", "By week")
CATEGORIES, STREETS = Text("类别", "Categories"), Text("镇街", "Streets")


@dataclass(frozen=True)
class Asked:
    """The answers behind one district's sheet.

    `total` of the district and `city` over the period, `districts` split by district, `weekly` by week,
    `categories` of the district and `mix` of the city, `streets`, `units`, `clocks` and major `issues` of the
    district.
    """

    total: Answer
    city: Answer
    districts: Answer
    weekly: Answer
    categories: Answer
    mix: Answer
    streets: Answer
    units: Answer
    clocks: Clocks
    issues: IssueList


def choice(warehouse: Warehouse, index: CityIndex, districts: Answer, now: Language) -> Markup:
    """The districts to choose from, ranked by the index inside their peer groups; a click reports one."""
    every = regions.regions(warehouse.members("district"))
    rows = districts.frame.to_dict("records")
    volumes = {int(row["district"]): float(row[VOLUME]) for row in rows}
    table = regions.ranking_table(regions.index_standings(index, every, volumes, now), now, clickable=True)
    return profile.card(profile.CHOOSE.in_(now), profile.CHOOSE_SUB.in_(now), table)


def sheet(
    warehouse: Warehouse, index: CityIndex, asked: Asked, own: int, place: Text, said: str, now: Language
) -> Markup:
    """The whole sheet of district `own`; `said` are the choices in words."""
    groups = {region.id: region.group for region in regions.regions(warehouse.members("district"))}
    streets = street_names(warehouse, own)
    total, city = (answer.frame.to_dict("records")[0] for answer in (asked.total, asked.city))
    here = overview.standing(index, own, regions.group_name(groups[own], now), place, now)
    courses = signals.courses(asked.weekly)
    # items and items per resident are one line: one alarm is enough
    watched = {key: found for key, found in courses.items() if key != VOLUME}
    said_of = facts(place, index, own, total, asked.streets, streets, asked.weekly)
    ranks = profile.peer_ranks(asked.districts, groups, own, draws_of(index.policy))
    foot = overview.foot(warehouse.city, asked.total.notes, (), now)
    return tag(
        "div",
        _row(
            "q-sheet-top",
            index_headline(here, index.policy, now, overview.context(here, now)),
            profile.aims_card(here, index, now),
            key_point_list(key_points(said_of), now, title=_POINTS, subtitle=said),
        ),
        profile.measures_card(asked.total, city, courses, ranks, now),
        _row(
            "q-sheet-lists",
            profile_lists.categories_card(
                *(asked.categories, asked.mix, float(total[VOLUME]), float(city[VOLUME])),
                *(category_names(warehouse), now),
            ),
            profile_lists.streets_card(asked.streets, streets, now),
            profile_lists.units_card(handling_units(warehouse, asked), asked.units, now),
        ),
        _row(
            "q-sheet-last",
            profile_lists.backlog_card(asked.total, now),
            profile_lists.issues_card(asked.issues, now),
            profile.alerts_card(total, watched, asked.clocks.whole, now),
        ),
        tag("div", *(tag("div", line) for line in foot), class_="q-foot"),
        class_="q-sheet",
    )


def _row(kind: str, *cards: Markup) -> Markup:
    return tag("div", *cards, class_=f"q-sheet-row {kind}")


def street_names(warehouse: Warehouse, district: int) -> dict[int, Text]:
    """The streets and towns of a district by key."""
    members = warehouse.members("street")
    return {one.id: one.name for one in regions.regions(members[members["parent_id"] == district])}


def category_names(warehouse: Warehouse) -> Mapping[int, Text]:
    """The first-level categories by key, 未明确 included."""
    return named(warehouse.members("category1"))


def handling_units(warehouse: Warehouse, asked: Asked) -> tuple[Unit, ...]:
    """The units that handle the district's items."""
    recorded = not math.isnan(asked.total.one(f"{REPLY}_denominator"))
    return units.units(warehouse.members("unit"), asked.units, asked.clocks.units, REPLY, recorded=recorded)


def profile_workbook(
    warehouse: Warehouse, index: CityIndex, asked: Asked, own: int, place: Text, now: Language
) -> bytes:
    """The sheet's data as a file."""
    districts = named(warehouse.members("district"))
    here = {CITY_ROW: place}
    told = (
        (TOTAL, asked.total, here),
        (CITY, asked.districts, districts),
        (WEEKLY, asked.weekly, here),
        (CATEGORIES, asked.categories, category_names(warehouse)),
        (STREETS, asked.streets, street_names(warehouse, own)),
    )
    return workbook(
        [
            index_sheet(index, districts, now),
            *(answer_sheet(name.in_(now), answer, names, now) for name, answer, names in told),
            signal_sheet(asked.weekly, now),
            unit_sheet(handling_units(warehouse, asked), now),
            definitions_sheet(metrics_of(asked.total.question.metrics), now),
        ]
    )


def signal_sheet(weekly: Answer, now: Language) -> Sheet:
    """Every week of every measure between its control limits, with its signal in words."""
    rows: list[tuple[Cell, ...]] = []
    for key, found in signals.courses(weekly).items():
        chart = found.chart
        rows += [
            (
                metric_of(key).full_name.in_(now),
                day,
                chart.values[at],
                chart.lower[at],
                chart.centre,
                chart.upper[at],
                signals.why(chart, at, now),
            )
            for at, day in enumerate(found.days)
        ]
    return Sheet(_SIGNALS.in_(now), tuple(text.in_(now) for text in _SIGNAL_HEAD), tuple(rows))

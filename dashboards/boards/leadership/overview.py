"""一图一指数: is something wrong, how wrong, where, and what moved it; the page a meeting opens with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout, numbers
from dashboards.cards import downloads, due, measures, overview as words, regions
from dashboards.cards.definitions import definition_list
from dashboards.cards.index_card import aim_indicators, aim_tiles, index_headline, index_moves
from dashboards.cards.spoken import key_point_list
from dashboards.exports.workbook import workbook
from dashboards.figures.choropleth import Deck, choropleth, legend
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.figures.trend import trend
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.execute import Warehouse
from queries.insights.index import CITY_ROW
from queries.insights.key_points import key_points
from queries.metrics import metrics as metrics_of
from queries.question import Filter, Question
from queries.vocabulary import Compare, Grain, Language, Period, Text

WEEKS = 26
MAP = (560, 408)  # pixels the map is fitted to: the narrowest screen it must work on
SAID = ("cases_registered", "repeat_share", "replied_on_time", "backlog_clearance", "backlog_stock",
        "backlog_overdue_share")  # fmt: skip
STREETS = "repeat_share"  # the index has no street level: streets are then compared by this


@dataclass(frozen=True)
class Choices:
    """What the reader chose; `district` is a code or empty, `entered` the key of that district or None."""

    as_of: date
    span: str
    period: Period
    district: str
    entered: int | None
    place: Text
    measure: str
    aim: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        return f"{words.SPANS[self.span].in_(now)} {numbers.period_text(self.period, now)} · {self.place.in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The answers behind the page; `streets` only inside a district."""

    index: CityIndex
    total: Answer
    districts: Answer
    streets: Answer | None
    weekly: Answer
    lines: Answer
    due: Answer
    due_districts: Answer


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    hero: Markup
    tiles: Markup
    aim: Markup | None
    deck: Deck
    legend: Markup
    ranking: Markup
    ties: Markup
    says: Markup
    due: Markup
    moves: Markup
    trend: Mapping[str, Any]
    trend_title: Markup
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    now, info = language.current(), warehouse.info
    rows = {str(row.code): row for row in warehouse.members("district").itertuples()}
    whole = Text(f"{warehouse.city.name_zh}（全市）", f"{warehouse.city.name_en} (whole city)")
    names = {"": whole} | {code: Text(str(row.name_zh), str(row.name_en)) for code, row in rows.items()}
    as_of = filters.day("as_of", words.AS_OF.in_(now), words.earliest(info.data_from, info.as_of), info.as_of)
    span = filters.select("span", words.SPAN.in_(now), {k: t.in_(now) for k, t in words.SPANS.items()}, "4w")
    district = filters.select("district", words.DISTRICT.in_(now), {c: t.in_(now) for c, t in names.items()}, "")
    shown = {key: measures.measure_name(key, now) for key in measures.MEASURES}
    measure = filters.select("measure", words.MEASURE.in_(now), shown, measures.INDEX_KEY)
    aims = [aim.key for aim in data.city_index(warehouse, as_of).policy.aims]
    return Choices(
        as_of, span, words.span_period(span, as_of, info.data_from), district,
        int(rows[district].id) if district else None, names[district], measure, filters.chosen("aim", aims, ""),
    )  # fmt: skip


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """Everything the page needs, from roll-ups."""
    as_of, period, own = choices.as_of, choices.period, choices.measure != measures.INDEX_KEY
    kept = tuple(dict.fromkeys((*SAID, choices.measure))) if own else SAID
    here = () if choices.entered is None else (Filter("district", (choices.entered,)),)
    weeks, last = words.whole_weeks(as_of, 52 + WEEKS), words.whole_weeks(as_of, WEEKS)
    week, both, by_district = Period(as_of - timedelta(days=6), as_of), (Compare.YOY, Compare.MOM), ("district",)
    street = ("cases_registered", choices.measure if own else STREETS)
    ask = partial(data.ask, warehouse)
    total = ask(Question(kept, period, as_of, filters=here, compare=both))
    if not total.one("cases_registered") > 0:
        raise Empty
    return Asked(
        index=data.city_index(warehouse, as_of),
        total=total,
        districts=ask(Question(kept, period, as_of, split=by_district, compare=both)),
        streets=ask(Question(street, period, as_of, split=("street",), filters=here, compare=both)) if here else None,
        weekly=ask(Question(("cases_registered", "repeat_share"), weeks, as_of, grain=Grain.WEEK, filters=here)),
        lines=ask(Question((street[1],), last, as_of, split=by_district, grain=Grain.WEEK)),
        due=ask(Question(tuple(due.DEADLINES), week, as_of, filters=here, compare=(Compare.MOM,))),
        due_districts=ask(Question(tuple(due.DEADLINES), week, as_of, split=by_district, filters=here)),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    index, entered, key = asked.index, choices.entered, choices.measure
    whole = measures.district_listing(warehouse, key, index, asked.districts, asked.lines, now)
    inside, part, split = None, asked.districts, "district"
    if asked.streets is not None and entered is not None:
        own = STREETS if key == measures.INDEX_KEY else key
        inside, part, split = measures.street_listing(warehouse, own, entered, asked.streets, now), asked.streets, "street"
    names = {**whole.names, **(inside.names if inside else {}), CITY_ROW: choices.place}
    here = words.standing(index, entered or CITY_ROW, choices.place.in_(now), whole.group(entered, now))
    total = asked.total.frame.to_dict("records")[0]
    says = key_points(words.facts(here, total, part.frame, split, names, asked.weekly.frame))
    classes = measures.measure_classes(key, float(total.get(key, 0.0)), now)
    shapes = data.boundaries(warehouse)
    metrics = metrics_of(tuple(dict.fromkeys([*SAID, *due.DEADLINES, *measures.METRICS])))
    flags = words.flags(warehouse.annotations(), words.whole_weeks(choices.as_of, WEEKS), entered, now)
    week = Period(choices.as_of - timedelta(days=6), choices.as_of)

    def sheets() -> bytes:
        answers = ((words.TOTAL, asked.total), (words.DISTRICT, asked.districts), (words.WEEKS, asked.weekly))
        every = [downloads.answer_sheet(title.in_(now), answer, names, now) for title, answer in answers]
        return workbook([downloads.index_sheet(index, names, now), *every, downloads.definitions_sheet(metrics, now)])

    return Figures(
        choices=choices,
        hero=index_headline(here, index.policy, now, words.context(here, now)),
        tiles=aim_tiles(here, now, chosen=choices.aim),
        aim=aim_indicators(here, choices.aim, now),
        deck=choropleth(shapes, regions.places(whole.standings, now), classes, theme, width=MAP[0], height=MAP[1],
                        entered=entered, points=regions.points(inside.standings, now) if inside else ()),
        legend=legend(classes, whole.values, theme, title=whole.standings.name, missing=words.TOO_FEW.in_(now),
                      counted=words.COUNTED.in_(now)),
        ranking=regions.ranking_table((inside or whole).standings, now, clickable=inside is None),
        ties=layout.small((words.TIES if key == measures.INDEX_KEY and not inside else words.TIES_PLAIN).in_(now)),
        says=key_point_list(says, now, title=words.KEY_POINTS.in_(now), subtitle=choices.said(now)),
        due=due.due_card(asked.due.frame.to_dict("records")[0], asked.due_districts.frame, names, week, now),
        moves=index_moves(here, now),
        trend=trend(*words.weekly_lines(asked.weekly.frame, "cases_registered", WEEKS, now), theme, height=230, flags=flags),
        trend_title=layout.heading(words.trend_title(total["cases_registered_yoy"], now), words.TREND_UNIT.in_(now)),
        notes=definition_list(metrics, now),
        foot=layout.foot(words.foot(warehouse.city, asked.total.notes, now, streets=inside and inside.standings,
                                    are_hexagons=shapes.are_hexagons)),
        workbook=sheets,
    )  # fmt: skip


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, district = language.current(), shown.choices.district
    with tools:
        if district:
            st.button(words.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"qingyu-overview-{shown.choices.as_of}.xlsx")
    hero, tiles = layout.row(24, 76)
    layout.show(shown.hero, hero)
    with tiles:
        layout.clickable("aims", shown.tiles, partial(filters.toggle, "aim", "aims"))
    if shown.aim is not None:
        layout.show(shown.aim)
    left, right = layout.row(44, 56)
    with left, layout.card():
        layout.show(shown.legend)
        enter = partial(filters.enter, "district", f"map-{district}", "areas")
        layout.pydeck(f"map-{district}", shown.deck, MAP[1], words.MAP.in_(now), enter)
    with right, layout.card():
        layout.clickable("ranking", shown.ranking, partial(filters.follow, "district", "ranking"))
        layout.show(shown.ties)
    for column, piece in zip(layout.row(42, 32, 26), (shown.says, shown.due, shown.moves), strict=True):
        layout.show(piece, column)
    with layout.card():
        layout.show(shown.trend_title)
        layout.plotly("trend", shown.trend)
    layout.show(shown.foot)


BOARD = Board(
    key="overview",
    section=Text("领导看板", "Leadership"),
    title=Text("一图一指数", "One map, one index"),
    answers=Text("全市哪里有问题、有多严重、是什么推动的", "Where is something wrong, how wrong, and what moved it"),
    order=1,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

"""一图一指数: is something wrong, how wrong, where, and what moved it; the page a meeting opens with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import due, measures, region_map
from dashboards.cards import overview as words
from dashboards.cards.definitions import definition_list
from dashboards.cards.downloads import overview_workbook
from dashboards.cards.happenings import marked
from dashboards.cards.index_card import aim_indicators, index_card, index_moves
from dashboards.cards.scene import Scene, choose_scene
from dashboards.cards.signals import note
from dashboards.cards.spoken import key_point_list
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.execute import Warehouse
from queries.facts import SAID, facts
from queries.insights.index import CITY_ROW
from queries.insights.key_points import key_points
from queries.metrics import metrics as metrics_of
from queries.question import Filter, Question
from queries.vocabulary import Compare, Grain, Language, Period, Text


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `district` is a code or empty, `entered` the key of that district or None."""

    measure: str
    aim: str


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
    due_parts: Answer
    due_weekly: Answer


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    index: Markup
    aim: Markup | None
    map: region_map.RegionMap
    says: Markup
    due: Markup
    moves: Markup
    trend: words.TrendCard
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse)
    shown = {key: measures.measure_name(key) for key in measures.MEASURES}
    measure = filters.select("measure", words.MEASURE, shown, measures.INDEX_KEY)
    aims = [aim.key for aim in data.city_index(warehouse, scene.as_of).policy.aims]
    return Choices(
        **vars(scene),
        measure=measure,
        aim=filters.chosen("aim", aims, ""),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """Everything the page needs, from roll-ups."""
    as_of, period = choices.as_of, choices.period
    volume = SAID[:2]
    own = region_map.with_measure(volume, region_map.street_metric(choices.measure))
    kept = region_map.with_measure(SAID, choices.measure)
    here = () if choices.entered is None else (Filter("district", (choices.entered,)),)
    parts = ("street",) if here else ("district",)
    weeks, last = words.whole_weeks(as_of, 52 + words.WEEKS), words.whole_weeks(as_of)
    week, both = Period(as_of - timedelta(days=6), as_of), (Compare.YOY, Compare.MOM)
    ask = partial(data.ask, warehouse)
    total = ask(Question(kept, period, as_of, filters=here, compare=both))
    if not total.one("cases_registered") > 0:
        raise Empty
    return Asked(
        index=data.city_index(warehouse, as_of),
        total=total,
        districts=ask(Question(kept, period, as_of, split=("district",), compare=both)),
        streets=ask(Question(own, period, as_of, parts, filters=here, compare=both)) if here else None,
        weekly=ask(Question(volume, weeks, as_of, grain=Grain.WEEK, filters=here)),
        lines=ask(Question(kept[-1:], last, as_of, split=("district",), grain=Grain.WEEK)),
        due=ask(Question(due.METRICS, week, as_of, filters=here, compare=(Compare.MOM,))),
        due_parts=ask(Question(due.METRICS, week, as_of, split=parts, filters=here)),
        due_weekly=ask(words.weekly_question(due.METRICS, as_of, here)),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    entered, answers = choices.entered, (asked.districts, asked.lines, asked.streets)
    found = region_map.regions_in(warehouse, choices.measure, asked.index, *answers, entered, now)
    total = asked.total.frame.to_dict("records")[0]
    names, drawn = found.names, region_map.region_map(found, data.boundaries(warehouse), total, now, theme)
    here = words.standing(asked.index, entered, found.districts.group(entered, now), choices.place, now)
    region, parts = CITY_ROW if entered is None else entered, asked.streets or asked.districts
    told = facts(choices.place, asked.index, region, total, parts, names, asked.weekly)
    metrics = metrics_of(tuple(dict.fromkeys([*SAID, *due.METRICS, *measures.METRICS])))
    trend = words.trend_card(asked.weekly, total, warehouse.annotations(), entered, now, theme)
    sheets = {words.TOTAL: asked.total, words.DISTRICT: asked.districts, words.WEEKLY: asked.weekly}
    return Figures(
        choices=choices,
        index=index_card(here, asked.index.policy, words.context(here, now), now, chosen=choices.aim),
        aim=aim_indicators(here, choices.aim, now),
        map=drawn,
        says=key_point_list(key_points(told), now, title=words.KEY_POINTS, subtitle=choices.said(now)),
        due=due.due_card(asked.due, asked.due_parts, asked.due_weekly, names, now),
        moves=index_moves(here, now),
        trend=marked(trend, warehouse, entered, now, theme, flagged=True),
        notes=joined(note(now), definition_list(asked.index.policy, metrics, now)),
        foot=layout.foot(words.foot(warehouse.city, asked.total.notes, drawn.remarks, now)),
        workbook=partial(overview_workbook, asked.index, sheets, names, choices.place, metrics, now),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, district = language.current(), shown.choices.district
    with tools:
        if district:
            st.button(words.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"overview-{shown.choices.as_of}.xlsx")
    layout.clickable("aims", shown.index, partial(filters.toggle, "aim", "aims"))
    if shown.aim is not None:
        layout.show(shown.aim)
    left, right = layout.row(44, 56)
    with left, layout.card("map"):
        layout.show(shown.map.legend)
        enter = partial(filters.enter, "district", f"map-{district}", "areas")
        layout.pydeck(f"map-{district}", shown.map.deck, region_map.SIZE[1], region_map.LABEL.in_(now), enter)
    with right, layout.card("ranking"):
        layout.clickable("ranking", shown.map.ranking, partial(filters.follow, "district", "ranking"))
        layout.show(shown.map.ties)
    says, middle, moves = layout.row(37, 34, 29)
    layout.show(shown.says, says)
    layout.show(shown.due, middle)
    layout.chart(middle, "trend", shown.trend.title, shown.trend.figure)
    layout.show(shown.moves, moves)
    layout.show(shown.foot)


BOARD = Board(
    key="overview",
    section=Text("领导看板", "Leadership"),
    title=Text("一图一指数", "One map, one index"),
    answers=Text(
        "哪里有问题、有多严重、什么在推动", "Where is something wrong, how wrong, and what moved it"
    ),
    order=1,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

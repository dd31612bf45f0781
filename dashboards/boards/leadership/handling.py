"""办理时效: are deadlines kept, where do the days go, who is late, and what is about to be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import handling as words
from dashboards.cards import overview, peers, stages, units
from dashboards.cards.clocks import Clocks, ask_clocks
from dashboards.cards.definitions import definition
from dashboards.cards.due import DEADLINES
from dashboards.cards.handling_workbook import handling_workbook
from dashboards.cards.scene import choose_scene
from dashboards.cards.statutes import statutes_card
from dashboards.cards.unit_funnel import unit_funnel
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.execute import Warehouse
from queries.metrics import metrics as metrics_of
from queries.question import Filter, Question
from queries.statutes import Statute
from queries.vocabulary import Compare, Language, Period, Text

REPLY = "replied_on_time"


@dataclass(frozen=True)
class Choices:
    """What the reader chose; `district` is a code or empty, `entered` the key of that district or None."""

    as_of: date
    span: str
    period: Period
    district: str
    entered: int | None
    here: tuple[Filter, ...]
    place: Text
    deadline: str
    group: str
    sought: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        return overview.said(self.span, self.period, self.place, now)


@dataclass(frozen=True)
class Asked:
    """The answers behind the page."""

    total: Answer
    weekly: Answer
    days: Answer
    parts: Answer
    units: Answer
    clocks: Clocks
    stages: Answer
    statutes: tuple[Statute, ...] | None


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    on_time: Markup
    days: Markup
    clock: Markup
    flow: Markup
    statutes: Markup
    regions: Markup
    stages: Markup
    units: peers.UnitTable
    funnel: overview.TrendCard
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse, narrowed_by=("channel", "category1"))
    return Choices(
        as_of=scene.as_of,
        span=scene.span,
        period=scene.period,
        district=scene.district,
        entered=scene.entered,
        here=scene.here,
        place=scene.place,
        deadline=filters.select("deadline", words.DEADLINE, DEADLINES, REPLY),
        group=filters.select("peers", peers.GROUP, peers.groups(warehouse.members("unit")), ""),
        sought=filters.search("unit", peers.SEARCH),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """The rates from roll-ups; medians, units and the clock from the cases, which no roll-up can give."""
    as_of, period = choices.as_of, choices.period
    here, part = choices.here, "district" if choices.entered is None else "street"
    both, ask = (choices.deadline, f"{choices.deadline}_all"), partial(data.ask, warehouse)
    sums = ("cases_registered", *words.ON_TIME, *words.FLOWS, "mean_days")
    total = ask(Question(sums, period, as_of, filters=here, compare=(Compare.YOY,)))
    clocks = ask_clocks(warehouse, as_of, part, here)
    if not total.one("cases_registered") > 0 and clocks.whole.frame.empty:
        raise Empty
    return Asked(
        total=total,
        weekly=ask(overview.weekly_question(words.WEEKLY, as_of, here)),
        days=ask(Question(words.DAYS, period, as_of, filters=here)),
        parts=ask(Question(words.REGION_METRICS, period, as_of, split=(part,), filters=here)),
        units=ask(Question(both, period, as_of, split=("unit",), filters=here)),
        clocks=clocks,
        stages=ask(Question((stages.COUNT,), period, as_of, split=(stages.STAGE,), filters=here)),
        statutes=data.statutes(warehouse, Question(("cases_registered",), period, as_of, filters=here)),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    part, members = asked.parts.question.split[0], warehouse.members("unit")
    places = warehouse.members(part).to_dict("records")
    names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in places}
    codes = {} if choices.entered else {int(row["id"]): str(row["code"]) for row in places}
    recorded = not math.isnan(asked.total.one(f"{choices.deadline}_denominator"))
    every = units.units(members, asked.units, asked.clocks.units, choices.deadline, recorded=recorded)
    shown = peers.chosen_units(every, choices.group, choices.sought)
    metrics = metrics_of((*words.ON_TIME, *words.DAYS, "mean_days", *words.FLOWS, words.OPEN))
    told = {words.TOTAL: asked.total, words.REGIONS: asked.parts, words.TIMES: asked.days}
    book = partial(handling_workbook, told, asked.clocks.parts, asked.stages, names, choices.place)
    return Figures(
        choices=choices,
        on_time=words.on_time_card(asked.total, asked.weekly, now),
        days=words.days_card(asked.total, asked.days, now),
        clock=words.clock_card(asked.clocks.whole, now),
        flow=words.flow_card(asked.total, asked.weekly, asked.parts, names, now),
        statutes=statutes_card(asked.statutes, now),
        regions=words.regions_card(asked.parts, asked.clocks.parts, names, codes, now),
        stages=stages.stages_card(asked.stages, stages.recorded_stages(warehouse), now),
        units=units.unit_card(every, shown, choices.deadline, asked.units, asked.clocks.units, now),
        funnel=unit_funnel(every, choices.group, asked.units, units.HEADINGS["due"], now, theme),
        notes=joined(words.notes(now), *(definition(metric, now) for metric in metrics)),
        foot=layout.foot(overview.foot(warehouse.city, asked.total.notes, (), now)),
        workbook=partial(book, every, asked.statutes, metrics, now),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, district = language.current(), shown.choices.district
    with tools:
        if district:
            st.button(overview.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(overview.DEFINITIONS.in_(now), shown.notes)
        layout.download(overview.DOWNLOAD.in_(now), shown.workbook, f"handling-{shown.choices.as_of}.xlsx")
    left, right = layout.row(56, 44)
    layout.show(shown.on_time, left)
    layout.show(shown.stages, left)
    layout.show(shown.statutes, right)
    layout.show(shown.days, right)
    left, right = layout.row(40, 60)
    layout.show(shown.clock, left)
    layout.show(shown.flow, left)
    with right:
        layout.clickable("regions", shown.regions, partial(filters.follow, "district", "regions"))
    left, right = layout.row(64, 36)
    found, title = shown.units, layout.heading(shown.units.title, shown.units.subtitle)
    layout.listing(left, "units", title, found.frame, found.shares, units.SHEET.in_(now), found.items)
    layout.chart(right, "funnel", shown.funnel.title, shown.funnel.figure)
    layout.show(shown.foot)


BOARD = Board(
    key="handling",
    section=Text("领导看板", "Leadership"),
    title=Text("办理时效", "Handling"),
    answers=Text(
        "期限守住了没有、时间花在哪、谁逾期、哪些快到线",
        "Are deadlines kept, where do the days go, who is late, what is about to be",
    ),
    order=90,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

"""区县画像: one district on one page that prints to one sheet of A4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import overview as words
from dashboards.cards import signals
from dashboards.cards.clocks import ask_clocks
from dashboards.cards.definitions import definition_list
from dashboards.cards.profile import CELLS, REPLY, STOCK, VOLUME
from dashboards.cards.profile_lists import BACKLOG
from dashboards.cards.profile_sheet import PRINT, Asked, choice, profile_workbook, sheet
from dashboards.cards.scene import choose_scene
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.execute import Warehouse
from queries.facts import SAID
from queries.issue_list import ask_issues
from queries.metrics import metrics as metrics_of
from queries.policies import read_major_issues
from queries.question import Filter, Question
from queries.vocabulary import Compare, Language, Period, Text

METRICS = tuple(dict.fromkeys((*SAID, *CELLS, *BACKLOG)))
LISTED = ("cases_registered", "repeat_share", REPLY)


@dataclass(frozen=True)
class Choices:
    """What the reader chose; `entered` is the key of the district, None while none is chosen."""

    as_of: date
    span: str
    period: Period
    entered: int | None
    place: Text

    def said(self, now: Language) -> str:
        """The choices in words."""
        return words.said(self.span, self.period, self.place, now)


@dataclass(frozen=True)
class Found:
    """The index and the districts to choose from; `own` is what was asked of the chosen one."""

    index: CityIndex
    districts: Answer
    own: Asked | None


@dataclass(frozen=True)
class Figures:
    """What is put on the page; `workbook` is None while no district is chosen."""

    choices: Choices
    page: Markup
    notes: Markup
    workbook: Callable[[], bytes] | None


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse)
    return Choices(scene.as_of, scene.span, scene.period, scene.entered, scene.place)


def query(warehouse: Warehouse, choices: Choices) -> Found:
    """From roll-ups and short lists; units and the clock from the district's cases, in no roll-up."""
    as_of, period, yoy = choices.as_of, choices.period, (Compare.YOY,)
    ask, one = partial(data.ask, warehouse), (VOLUME,)
    districts = ask(Question((VOLUME, *CELLS), period, as_of, split=("district",)))
    here = () if choices.entered is None else (Filter("district", (choices.entered,)),)
    total = ask(Question(METRICS, period, as_of, filters=here, compare=yoy))
    if not total.one(VOLUME) > 0:
        raise Empty
    index = data.city_index(warehouse, as_of)
    if not here:
        return Found(index, districts, None)
    kinds = Question(one, period, as_of, split=("category1",), filters=here, compare=yoy)
    own = Asked(
        total=total,
        city=ask(Question((VOLUME, *CELLS), period, as_of)),
        districts=districts,
        weekly=ask(words.weekly_question((VOLUME, *CELLS, STOCK), as_of, here)),
        categories=ask(kinds),
        mix=ask(Question(one, period, as_of, split=("category1",))),
        streets=ask(Question(LISTED, period, as_of, split=("street",), filters=here, compare=yoy)),
        units=ask(Question((REPLY, f"{REPLY}_all"), period, as_of, split=("unit",), filters=here)),
        clocks=ask_clocks(warehouse, as_of, "street", here),
        issues=ask_issues(warehouse, read_major_issues(), as_of=as_of, weeks=1, filters=here),
    )
    return Found(index, districts, own)


def figures(warehouse: Warehouse, found: Found, choices: Choices, now: Language, _theme: Theme) -> Figures:
    """Answers to figures."""
    notes = joined(signals.note(now), definition_list(found.index.policy, metrics_of(METRICS), now))
    if found.own is None or choices.entered is None:
        return Figures(choices, choice(warehouse, found.index, found.districts, now), notes, None)
    args = (warehouse, found.index, found.own, choices.entered, choices.place)
    return Figures(
        choices, sheet(*args, choices.said(now), now), notes, partial(profile_workbook, *args, now)
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now = language.current()
    with tools:
        if shown.workbook is not None:
            st.button(words.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        if shown.workbook is not None:
            layout.printer(PRINT.in_(now))
            layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"profile-{shown.choices.as_of}.xlsx")
    layout.clickable("sheet", shown.page, partial(filters.follow, "district", "sheet"))


BOARD = Board(
    key="profile",
    section=Text("领导看板", "Leadership"),
    title=Text("区县画像", "District profile"),
    answers=Text(
        "一个区县的全貌，一张 A4 纸",
        "One district on one sheet of A4",
    ),
    order=80,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

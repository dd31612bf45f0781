"""重大问题清单: every major issue by stage, what it scores and why, which lists fall behind, what is next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import backlog, overview, signals, volume
from dashboards.cards import issues as words
from dashboards.cards.backlog import Card
from dashboards.cards.definitions import definition
from dashboards.cards.happenings import marked_card
from dashboards.cards.issue_panel import Panel, panel
from dashboards.cards.issue_scores import districts, history
from dashboards.cards.issue_sheets import definition_note, issues_workbook
from dashboards.cards.regions import regions
from dashboards.cards.scene import Scene, choose_scene
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.issue_list import IssueList
from queries.metrics import metrics as metrics_of
from queries.question import Filter, Question
from queries.vocabulary import Compare, Grain, Language, Text

ISSUE = "issue"  # the opened item's key in the address


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `lists` holds the list level, `issue` is the opened item's key or empty."""

    level: Text
    lists: tuple[Filter, ...]
    issue: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        return f"{super().said(now)} · {self.level.in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The list of the whole city, the figures of the period, and the same by week."""

    found: IssueList
    total: Answer
    weekly: Answer


@dataclass(frozen=True)
class Figures:
    """What is put on the page; `opened` is None when no item of the list is chosen."""

    choices: Choices
    score: Markup
    tiles: Markup
    cards: Mapping[str, Card]
    opened: Panel | None
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse)
    names = {str(key): name for key, name in dimension(backlog.LEVEL).names}
    level = filters.select("level", backlog.LEVELS, {"": backlog.EVERY_LEVEL, **names}, "")
    lists = (Filter(backlog.LEVEL, (int(level),)),) if level else ()
    ids = [str(one.issue.id) for one in data.issues(warehouse, scene.as_of, lists).now]
    return Choices(
        **vars(scene),
        level=names.get(level, backlog.EVERY_LEVEL),
        lists=lists,
        issue=filters.chosen(ISSUE, ids, ""),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """The list is short: a few hundred items, read whole, since districts are compared whatever is chosen."""
    here = () if choices.entered is None else (Filter("district", (choices.entered,)),)
    found = data.issues(warehouse, choices.as_of, choices.lists)
    if not found.of(choices.entered, choices.as_of):
        raise Empty
    as_of, both, keys = choices.as_of, (*here, *choices.lists), (*words.TILES, words.LISTED)
    total = Question(keys, choices.period, as_of, filters=both, compare=(Compare.YOY, Compare.MOM))
    weeks = overview.whole_weeks(as_of, signals.WEEKS)
    weekly = Question(words.TILES, weeks, as_of, grain=Grain.WEEK, filters=both)
    return Asked(found, data.ask(warehouse, total), data.ask(warehouse, weekly))


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    every, found, here = regions(warehouse.members("district")), asked.found, choices.entered
    names, listed = words.places(every), found.of(here, found.as_of)
    opened = next((one for one in listed if str(one.issue.id) == choices.issue), None)
    chosen = opened.issue.id if opened else None
    shown = panel(opened, found.history(opened.issue.id), found.policy, names, now, theme) if opened else None
    over = history(found, here, choices.place, warehouse.annotations(), now, theme)
    metrics = metrics_of(asked.total.question.metrics)
    rules = (definition_note(found.policy, now), signals.note(now))
    return Figures(
        choices=choices,
        score=words.score_tile(found, here, choices.place, now),
        tiles=volume.tiles(asked.total, now, words.TILES, asked.weekly),
        cards={
            "stages": words.board(listed, found.policy, names, chosen, now),
            "districts": districts(found, every, choices.district or None, choices.lists, now),
            "history": marked_card(over, warehouse, here, now, theme, flagged=True),
            "losses": words.losses(found.score(here, found.as_of), now),
            "next": words.upcoming(listed, now),
            "returned": words.returned(found, here, now),
            "clears": words.five_clears(listed, now),
        },
        opened=shown,
        notes=joined(*rules, *(definition(metric, now) for metric in metrics)),
        foot=layout.foot(overview.foot(warehouse.city, asked.total.notes, (), now)),
        workbook=partial(issues_workbook, found, here, choices.place, asked.total, names, metrics, now),
    )


def put(shown: Figures, key: str, place: DeltaGenerator, choice: str) -> None:
    """The card `key` at `place`: its title, and a chart or rows that a click on chooses `choice` by."""
    card, rows = shown.cards[key], f"{key}-rows"
    with place, layout.card(key):
        layout.show(layout.heading(card.title, card.subtitle))
        if isinstance(card.body, Markup):
            layout.clickable(rows, card.body, partial(filters.toggle, choice, rows))
        elif isinstance(card.body, Mapping):
            layout.plotly(key, card.body)


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now = language.current()
    with tools:
        if shown.choices.district:
            st.button(overview.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(overview.DEFINITIONS.in_(now), shown.notes)
        layout.download(overview.DOWNLOAD.in_(now), shown.workbook, f"issues-{shown.choices.as_of}.xlsx")
    left, right = layout.row(22, 78)
    with left:  # a drawing reaches the page only this way
        layout.clickable("score", shown.score, partial(filters.follow, ISSUE, "score"))
    layout.show(shown.tiles, right)
    put(shown, "stages", st.container(), ISSUE)
    if shown.opened is not None:
        left, right = layout.row(52, 48)
        with left:
            layout.clickable("panel", shown.opened.words, partial(filters.follow, ISSUE, "panel"))
        if shown.opened.course is not None:
            with right, layout.card("course"):
                layout.show(shown.opened.course_title)
                layout.plotly("course", shown.opened.course)
    left, right = layout.row(50, 50)
    put(shown, "districts", left, "district")
    put(shown, "history", right, ISSUE)
    put(shown, "clears", right, ISSUE)
    left, right = layout.row(50, 50)
    put(shown, "losses", left, ISSUE)
    put(shown, "next", right, ISSUE)
    put(shown, "returned", st.container(), ISSUE)
    layout.show(shown.foot)


BOARD = Board(
    key="issues",
    section=Text("领导看板", "Leadership"),
    title=Text("重大问题清单", "Major issues"),
    answers=Text(
        "重大问题办到哪一步、按计划了吗、清单得了多少分、接下来能销哪些号",
        "How far each major issue is, whether it keeps its plan, what its list scores, what is next",
    ),
    order=60,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

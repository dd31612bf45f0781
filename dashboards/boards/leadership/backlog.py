"""积案化解: how the list of long-standing items shrinks, against its plan, where, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import backlog as words
from dashboards.cards import burn_down, due_next, overview, volume
from dashboards.cards.backlog import Card
from dashboards.cards.backlog_workbook import backlog_workbook
from dashboards.cards.definitions import definition
from dashboards.cards.happenings import marked_card
from dashboards.cards.scene import Scene, choose_scene
from dashboards.cards.signals import note
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.dimensions import dimension
from queries.drill import Items
from queries.execute import Warehouse
from queries.metrics import metrics as metrics_of
from queries.question import Filter, Question, Trailing
from queries.vocabulary import Compare, Grain, Language, Period, Text
from queries.windows import past_ends


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `here` holds the district and the list level, `district` is a code or empty."""

    level: Text
    due: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        return f"{super().said(now)} · {self.level.in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The answers behind the page."""

    total: Answer
    weekly: Answer
    levels: Answer
    ages: Answer
    parts: Answer
    leaders: Answer
    weeks: Answer
    due: Items | None
    found: burn_down.BurnDown | None


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    tiles: Markup
    cards: Mapping[str, Card]
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse, narrowed_by=("category1",))
    levels = {"": words.EVERY_LEVEL, **{str(key): name for key, name in dimension(words.LEVEL).names}}
    level = filters.select("level", words.LEVELS, levels, "")
    only = (Filter(words.LEVEL, (int(level),)),) if level else ()
    return Choices(
        **vars(scene.under(*only)),
        level=levels[level],
        due=filters.chosen("due", tuple(due_next.LISTED), due_next.EVERY),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """All from the list itself, which is short: a few thousand items."""
    as_of, here, today = choices.as_of, choices.here, Period(choices.as_of, choices.as_of)
    ask, both = partial(data.ask, warehouse), (Compare.YOY, Compare.MOM)
    total = ask(Question((*words.TILES, *words.BALANCE), choices.period, as_of, filters=here, compare=both))
    state = {
        key: ask(Question(words.STATE, today, as_of, split=(key,), filters=here))
        for key in (words.LEVEL, words.AGE, "street" if choices.district else "district", words.LEADER)
    }
    levels, ages, parts, leaders = state.values()
    if not levels.frame[words.ASSIGNED].sum() > 0:
        raise Empty
    ends = past_ends(as_of, burn_down.WEEKS)
    line = ask(Question(burn_down.FLOWS, today, as_of, trailing=Trailing(ends, 7), filters=here))
    plan = ask(Question((burn_down.PLANNED,), today, as_of, split=(burn_down.TO_PLAN,), filters=here))
    due = due_next.due_drill(as_of, here)
    listable = warehouse.may_list(due.question)
    return Asked(
        total=total,
        weekly=ask(overview.weekly_question(words.TILES, as_of, here)),
        levels=levels,
        ages=ages,
        parts=parts,
        leaders=leaders,
        weeks=ask(Question(words.DUE, overview.whole_weeks(as_of), as_of, grain=Grain.WEEK, filters=here)),
        due=data.listed(warehouse, due, due_next.COLUMNS, 0, due_next.MOST) if listable else None,
        found=burn_down.learn(line, plan),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    rows = warehouse.members(asked.parts.question.split[0]).to_dict("records")
    names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in rows}
    codes = {} if choices.district else {int(row["id"]): str(row["code"]) for row in rows}
    keys = (*words.TILES, words.ASSIGNED, *words.BALANCE, burn_down.PLANNED, due_next.UNRESOLVED)
    members = {f"{key}_id": volume.named(warehouse.members(key)) for key in due_next.NAMED}
    drill = due_next.due_drill(choices.as_of, choices.here)
    due, sheet = due_next.due_card(asked.due, drill, members, choices.due, now)
    notes, metrics = (burn_down.NOTE.in_(now), due_next.NO_CONSULTATION.in_(now)), metrics_of(keys)
    told = (asked.total, asked.weeks, asked.levels, asked.ages, asked.parts)
    line = burn_down.burn_down_card(asked.found, now, theme)
    entered = next((int(one.members[0]) for one in choices.here if one.dimension == "district"), None)
    return Figures(
        choices=choices,
        tiles=volume.tiles(asked.total, now, words.TILES, asked.weekly),
        cards={
            "balance": words.balance(asked.total, now, theme),
            "line": marked_card(line, warehouse, entered, now, theme) if asked.found else line,
            "levels": words.levels(asked.levels, now),
            "ages": words.ages(asked.ages, now),
            "parts": words.regions(asked.parts, names, codes, now),
            "weeks": words.weeks(asked.weeks, now),
            "due": due,
            "leaders": words.leaders(asked.leaders, now),
        },
        notes=joined(note(now), *(definition(metric, now) for metric in metrics)),
        foot=layout.foot(overview.foot(warehouse.city, asked.total.notes, notes, now)),
        workbook=partial(
            backlog_workbook, told, asked.leaders, asked.found, sheet, names, choices.place, metrics, now
        ),
    )


def put(shown: Figures, columns: Sequence[DeltaGenerator], keys: Sequence[Sequence[str]]) -> None:
    """The cards `keys` of each column: a title, and a chart or a table, whose rows may enter a district."""
    for column, key in ((column, key) for column, here in zip(columns, keys, strict=True) for key in here):
        with column, layout.card(key):
            card, rows = shown.cards[key], f"{key}-rows"
            layout.show(layout.heading(card.title, card.subtitle))
            if isinstance(card.body, Markup):
                layout.clickable(rows, card.body, partial(filters.follow, "district", rows))
            elif isinstance(card.body, pd.DataFrame):
                if key == "due":
                    filters.segments("due", due_next.WHICH, due_next.LISTED, due_next.EVERY)
                layout.table(key, card.body, card.shares, card.title, items=card.items)
            else:
                layout.plotly(key, card.body)


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now = language.current()
    with tools:
        if shown.choices.district:
            st.button(overview.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(overview.DEFINITIONS.in_(now), shown.notes)
        layout.download(overview.DOWNLOAD.in_(now), shown.workbook, f"backlog-{shown.choices.as_of}.xlsx")
    layout.show(shown.tiles)
    put(shown, layout.row(38, 62), (("balance",), ("line",)))
    put(shown, layout.row(50, 50), (("levels", "ages"), ("parts",)))
    put(shown, layout.row(100), (("due",),))
    put(shown, layout.row(60, 40), (("leaders",), ("weeks",)))
    layout.show(shown.foot)


BOARD = Board(
    key="backlog",
    section=Text("领导看板", "Leadership"),
    title=Text("积案化解", "Backlog"),
    answers=Text(
        "清单还剩多少、计划兑现了吗、卡在哪里、何时清零",
        "How much of the list is left, is the plan kept, where is it stuck, when is it done",
    ),
    order=40,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

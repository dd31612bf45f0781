"""重复信访: who comes back with the same matter, how soon, and what sends people back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import overview as words
from dashboards.cards import repeats, sent_back, volume
from dashboards.cards.definitions import definition
from dashboards.cards.happenings import marked
from dashboards.cards.hushed import is_hushed
from dashboards.cards.repeats_sheets import repeats_workbook
from dashboards.cards.scene import Scene, choose_scene
from dashboards.cards.signals import note
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.execute import Warehouse
from queries.insights.survival import Curve
from queries.metrics import metrics as metrics_of
from queries.question import Question
from queries.vocabulary import Compare, Grain, Language, Period, Text, bucket_start, months_later

MONTHS, WEEKS = 24, 52  # of the cohorts and of the control chart
METRICS = (repeats.SHARE, *repeats.RATES.values(), *repeats.PERSONS, repeats.RETURN)


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `window` is the days of the return rate, `cut` what sends people back."""

    window: str
    cut: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        days = repeats.WINDOWS[self.window].in_(now)
        return f"{super().said(now)} · {repeats.WINDOW.in_(now)} {days}"


@dataclass(frozen=True)
class Asked:
    """The answers behind the page; the curves are of the last 365 days and of those a year before."""

    total: Answer
    weekly: Answer
    monthly: Answer
    year: Answer
    curves: tuple[Curve | None, Curve | None]
    back: Answer


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    is_told: bool
    control: words.TrendCard | None
    few: Markup
    cohorts: words.TrendCard
    table: Markup
    curve: words.TrendCard | None
    senders: Markup
    funnel: tuple[Markup, Mapping[str, object]] | None
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse, narrowed_by=("channel", "category1"))
    return Choices(
        **vars(scene),
        window=filters.segments("window", repeats.WINDOW, repeats.WINDOWS, "90"),
        cut=filters.chosen("cut", tuple(sent_back.CUTS), sent_back.STRATUM),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """Shares and cohorts from roll-ups; persons and the curve from the cases, which no roll-up can give."""
    as_of, here, both = choices.as_of, choices.here, (Compare.YOY,)
    ask, first = partial(data.ask, warehouse), warehouse.info.data_from
    total = ask(Question((volume.VOLUME, repeats.SHARE), choices.period, as_of, filters=here, compare=both))
    if not total.one(volume.VOLUME) > 0:
        raise Empty
    months = Period(months_later(bucket_start(as_of, Grain.MONTH), 1 - MONTHS), as_of)
    year = Period(as_of - repeats.YEAR, as_of)
    curve = Question((repeats.RETURN,), year, as_of, filters=here)
    ago = months_later(as_of, -12)
    before = replace(curve, period=Period(ago - repeats.YEAR, ago), as_of=ago)
    return Asked(
        total=total,
        weekly=ask(
            Question((repeats.SHARE,), words.whole_weeks(as_of, WEEKS), as_of, grain=Grain.WEEK, filters=here)
        ),
        monthly=ask(Question(tuple(repeats.RATES.values()), months, as_of, grain=Grain.MONTH, filters=here)),
        year=ask(Question((*repeats.PERSONS, repeats.RETURN), year, as_of, filters=here, compare=both)),
        curves=(warehouse.curve(curve), warehouse.curve(before) if ago - repeats.YEAR >= first else None),
        back=ask(sent_back.mature_question(as_of, choices.window, choices.cut, here)),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    found, rates = repeats.weeks(asked.weekly), repeats.cohort_rates(asked.monthly)
    member = warehouse.members(asked.back.question.split[0]).to_dict("records")
    names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in member}
    codes = volume.codes_of(warehouse.members(asked.back.question.split[0]))
    back = sent_back.senders(asked.back, choices.cut, choices.window, names, codes)
    answers = (asked.total, asked.year)
    is_told = not is_hushed(asked.weekly)
    cohorts = repeats.cohort_card(rates, choices.window, is_told, now, theme)
    control, where = repeats.control_card(found, now, theme), (warehouse, choices.entered, now, theme)
    return Figures(
        choices=choices,
        is_told=is_told,
        control=None if control is None else marked(control, *where),
        few=repeats.few_card(asked.total, asked.year, found.course if is_told else None, now),
        cohorts=marked(cohorts, *where) if is_told else cohorts,
        table=repeats.cohort_table(rates, choices.window, is_told, now),
        curve=repeats.curve_card(*asked.curves, now, theme),
        senders=sent_back.senders_table(back, now),
        funnel=sent_back.senders_funnel(back, now, theme),
        notes=joined(note(now), *(definition(metric, now) for metric in metrics_of(METRICS))),
        foot=layout.foot(words.foot(warehouse.city, asked.total.notes, (), now)),
        workbook=partial(
            repeats_workbook, answers, choices.place, found, rates, asked.curves, back, METRICS, now
        ),
    )


def chart(key: str, card: words.TrendCard | None, is_told: bool, place: DeltaGenerator) -> None:
    """A chart below its title, or what is missing for it."""
    with place, layout.card(key):
        if card is None:
            layout.show(repeats.missing(key, is_told, language.current()))
            return
        layout.show(card.title)
        layout.plotly(key, card.figure)


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now = language.current()
    with tools:
        if shown.choices.entered is not None:
            st.button(words.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"repeats-{shown.choices.as_of}.xlsx")
    left, right = layout.row(56, 44)
    chart("control", shown.control, shown.is_told, left)
    chart("curve", shown.curve, shown.is_told, right)
    left, right = layout.row(56, 44)
    chart("cohorts", shown.cohorts, shown.is_told, left)
    layout.show(shown.few, left)
    layout.show(shown.table, right)
    left, right = layout.row(60, 40)
    with left, layout.card("senders"):
        filters.segments("cut", sent_back.CUT, sent_back.CUTS, sent_back.STRATUM)
        layout.show(shown.senders)
    with right, layout.card("funnel"):
        if shown.funnel is not None:
            layout.show(shown.funnel[0])
            layout.plotly("funnel", shown.funnel[1])
    layout.show(shown.foot)


BOARD = Board(
    key="repeats",
    section=Text("领导看板", "Leadership"),
    title=Text("重复信访", "Repeat visits"),
    answers=Text(
        "谁又回来了、多久回来、什么在把人推回来",
        "Who comes back, how soon, and what sends them back",
    ),
    order=30,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

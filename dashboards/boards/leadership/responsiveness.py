"""民声呼应: are citizens reached, helped and content, by which definition, and who stands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import divisions, overview, peers, unit_ratings
from dashboards.cards import responsiveness as words
from dashboards.cards.definitions import definition
from dashboards.cards.happenings import marked
from dashboards.cards.responsiveness_sheets import responsiveness_workbook
from dashboards.cards.scene import Scene, choose_scene
from dashboards.cards.unit_funnel import unit_funnel
from dashboards.cards.volume import codes_of, named
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.metrics import metrics as metrics_of
from queries.question import Question
from queries.vocabulary import Compare, Grain, Language, Period, Text


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `entered` is the key of the district or None, `months` those of the chart."""

    months: Period
    rate: str
    group: str
    sought: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        return f"{super().said(now)} · {words.RATES[self.rate].in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The answers behind the page."""

    total: Answer
    reviews: Answer
    monthly: Answer
    regions: Answer
    categories: Answer
    channels: Answer
    shortfalls: Answer
    units: Answer


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    variants: Markup
    rates: Markup
    reviews: Markup
    months: overview.TrendCard
    regions: Markup
    categories: Markup
    channels: Markup
    shortfalls: Markup
    units: peers.UnitTable
    funnel: overview.TrendCard
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse, narrowed_by=("channel", "category1"))
    return Choices(
        **vars(scene),
        months=words.whole_months(warehouse.info.data_from, scene.as_of),
        rate=filters.select("rate", words.RATE, words.RATES, "satisfaction"),
        group=filters.select("peers", peers.GROUP, peers.groups(warehouse.members("unit")), ""),
        sought=filters.search("unit", peers.SEARCH),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """From roll-ups and the short list of reviews; units and what went wrong are asked of the cases."""
    as_of, period, rate = choices.as_of, choices.period, (choices.rate,)
    here, part = choices.here, "district" if choices.entered is None else "street"
    ask = partial(data.ask, warehouse)
    total = ask(Question(words.MEASURES, period, as_of, filters=here, compare=(Compare.YOY,)))
    due = ("participation", "contact_rate", words.REPLIES)
    if not any(total.one(f"{key}_denominator") > 0 for key in due):
        raise Empty
    shown = tuple(dict.fromkeys((*rate, "participation", words.COMPOSITE, words.REPLIES)))
    # reviews know their district alone
    own = tuple(one for one in here if one.dimension == "district")
    return Asked(
        total=total,
        reviews=ask(Question(words.REVIEWED, period, as_of, filters=own, compare=(Compare.YOY,))),
        monthly=ask(Question(rate, choices.months, as_of, grain=Grain.MONTH, filters=here)),
        regions=ask(Question(shown, period, as_of, split=(part,), filters=here)),
        categories=ask(Question(rate, period, as_of, split=("category1",), filters=here)),
        channels=ask(Question(rate, period, as_of, split=("channel",), filters=here)),
        shortfalls=ask(
            Question((divisions.SATISFACTION,), period, as_of, (divisions.SHORTFALL,), filters=here)
        ),
        units=ask(Question((*rate, words.COMPOSITE), period, as_of, split=("unit",), filters=here)),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    places = warehouse.members(asked.regions.question.split[0]).to_dict("records")
    names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in places}
    codes = {} if choices.entered else {int(row["id"]): str(row["code"]) for row in places}
    total, rate = asked.total, choices.rate
    known = [warehouse.members(answer.question.split[0]) for answer in (asked.categories, asked.channels)]
    divided = tuple(zip((asked.categories, asked.channels), map(named, known), strict=True))
    categories, channels = (
        divisions.divided_card(answer, total, rate, members, codes_of(rows), now)
        for (answer, members), rows in zip(divided, known, strict=True)
    )
    chart = words.control_chart(asked.monthly, rate)
    named_by = (choices.place, choices.region)
    book = partial(
        responsiveness_workbook, total, asked.reviews, *named_by, asked.regions, names, asked.monthly, chart
    )
    every = unit_ratings.rated_units(warehouse.members("unit"), asked.units)
    shown = peers.chosen_units(every, choices.group, choices.sought)
    recorded = divisions.recorded_shortfalls(warehouse)
    reasons = (asked.shortfalls, dict(dimension(divisions.SHORTFALL).names))
    months = words.time_card(asked.monthly, chart, rate, now, theme)
    return Figures(
        choices=choices,
        variants=words.variants_card(total, now),
        rates=words.rates_card(total, now),
        reviews=words.reviews_card(
            asked.reviews, now, is_wider=asked.reviews.question.filters != asked.total.question.filters
        ),
        months=marked(months, warehouse, choices.entered, now, theme),
        regions=words.regions_card(asked.regions, total, rate, names, codes, now),
        categories=categories,
        channels=channels,
        shortfalls=divisions.shortfall_card(asked.shortfalls, total, recorded, now),
        units=unit_ratings.rated_card(every, shown, rate, asked.units, now),
        funnel=unit_funnel(every, choices.group, asked.units, unit_ratings.WHOLE, now, theme),
        notes=joined(words.notes(now), *(definition(metric, now) for metric in metrics_of(words.METRICS))),
        foot=layout.foot(overview.foot(warehouse.city, total.notes, (), now)),
        workbook=partial(book, (*divided, reasons), unit_ratings.rated_sheet(every, rate, now), rate, now),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, chosen = language.current(), shown.choices
    with tools:
        if chosen.entered is not None:
            st.button(overview.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(overview.DEFINITIONS.in_(now), shown.notes)
        layout.download(overview.DOWNLOAD.in_(now), shown.workbook, f"responsiveness-{chosen.as_of}.xlsx")
    left, right = layout.row(54, 46)
    layout.show(shown.variants, left)
    layout.show(shown.shortfalls, left)
    layout.show(shown.rates, right)
    layout.show(shown.reviews, right)
    left, right = layout.row(54, 46)
    layout.chart(left, "months", shown.months.title, shown.months.figure)
    layout.show(shown.channels, right)
    left, right = layout.row(54, 46)
    with left:
        layout.clickable("regions", shown.regions, partial(filters.follow, "district", "regions"))
    layout.show(shown.categories, right)
    left, right = layout.row(64, 36)
    found, title = shown.units, layout.heading(shown.units.title, shown.units.subtitle)
    layout.listing(left, "units", title, found.frame, found.shares, unit_ratings.SHEET.in_(now), found.items)
    layout.chart(right, "funnel", shown.funnel.title, shown.funnel.figure)
    layout.show(shown.foot)


BOARD = Board(
    key="responsiveness",
    section=Text("领导看板", "Leadership"),
    title=Text("民声呼应", "Responsiveness"),
    answers=Text(
        "群众是否被联系、被解决、满意，按哪种口径，谁明显不同",
        "Are citizens reached, helped and content, by which definition, and who stands out",
    ),
    order=100,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

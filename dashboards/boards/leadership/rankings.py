"""区县排名: which district stands where among its peers, how sure that is, and what has moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import league as leagues
from dashboards.cards import overview as words
from dashboards.cards import rankings
from dashboards.cards.definitions import definition, policy_table
from dashboards.cards.league import RANKABLE, VOLUME, Fair, League, kept_metrics
from dashboards.cards.league_methods import methods
from dashboards.cards.league_sheets import league_workbook
from dashboards.cards.measures import INDEX_KEY, measure_name
from dashboards.cards.scene import Scene, choose_scene
from dashboards.cards.signals import note
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Note
from queries.execute import Warehouse
from queries.insights.index import IndexPolicy
from queries.insights.rate_ranks import Draws
from queries.metrics import metrics as metrics_of
from queries.policies import in_force, read_index
from queries.question import Question
from queries.vocabulary import Compare, Language, Period, Text, months_later


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `district` is a code or empty."""

    measure: str
    fair: Fair

    def said(self, now: Language) -> str:
        """The choices in words."""
        period = super().said(now)
        return f"{period} · {measure_name(self.measure).in_(now)} · {rankings.WAYS[self.fair].in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The districts ranked, how their intervals were drawn, and what must be said of the numbers."""

    league: League
    policy: IndexPolicy
    draws: Draws
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    table: rankings.Listing
    charts: tuple[rankings.Chart, ...]
    multiples: rankings.Listing
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse)
    shown = {key: measure_name(key) for key in (INDEX_KEY, *RANKABLE)}
    measure = filters.select("measure", rankings.MEASURE, shown, "repeat_share")
    ways = {way.value: rankings.WAYS[way] for way in leagues.fair_ways(warehouse, measure, scene.as_of)}
    return Choices(
        **vars(scene),
        measure=measure,
        fair=Fair(filters.segments("fair", rankings.FAIR, ways, Fair.CRUDE.value)),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """The districts in the measure: now, a year ago, and over twelve periods."""
    as_of, period, measure = choices.as_of, choices.period, choices.measure
    ask = partial(data.ask, warehouse)
    policy = in_force(read_index(), as_of)
    draws = leagues.draws_of(policy)
    kept = kept_metrics(measure)
    total = ask(Question(kept, period, as_of, compare=(Compare.YOY,)))
    if not total.one(VOLUME) > 0:
        raise Empty
    if measure == INDEX_KEY:
        counted = ask(Question(kept, period, as_of, split=("district",)))
        index, then = data.city_index(warehouse, as_of), months_later(as_of, -12)
        last_year = data.city_index(warehouse, then) if then >= warehouse.info.data_from else None
        return Asked(leagues.index_league(warehouse, index, last_year, counted), policy, draws, ())
    split = ("district", leagues.STRATUM) if choices.fair is Fair.MIX else ("district",)
    before, windows = period.last_year(), leagues.trailing(period)
    over = Period(windows.ends[0], as_of)
    asked = leagues.Asked(
        now=ask(Question(kept, period, as_of, split)),
        before=ask(Question(kept, before, before.end, split))
        if before.start >= warehouse.info.data_from
        else None,
        periods=ask(Question(kept, over, as_of, split, trailing=windows)),
        city=total,
        city_periods=ask(Question(kept, over, as_of, trailing=windows)),
    )
    league = leagues.metric_league(warehouse, measure, choices.fair, asked, draws)
    return Asked(league, policy, draws, total.notes)


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """The ranked districts to figures."""
    league, chosen = asked.league, choices.district
    metrics = metrics_of(kept_metrics(choices.measure))
    policy = [policy_table(asked.policy, now)] if choices.measure == INDEX_KEY else []
    return Figures(
        choices=choices,
        table=rankings.table(league, asked.draws, choices.said(now), chosen, now),
        charts=(
            rankings.funnel_chart(league, chosen, now, theme),
            rankings.bump_chart(league, choices.period.days, chosen, now, theme),
            rankings.dumbbell_chart(league, now, theme),
        ),
        multiples=rankings.multiples_card(league, chosen, now),
        notes=joined(*policy, methods(now), note(now), *(definition(one, now) for one in metrics)),
        foot=layout.foot(words.foot(warehouse.city, asked.notes, (), now)),
        workbook=partial(league_workbook, league, choices.place, metrics, now),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, (funnel, bump, dumbbell) = language.current(), shown.charts
    with tools:
        if shown.choices.district:
            st.button(words.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"rankings-{shown.choices.as_of}.xlsx")
    left, right = layout.row(56, 44)
    with left:
        _listing("league", shown.table)
        _chart("bump", bump)
    with right:
        _chart("funnel", funnel)
        _chart("dumbbell", dumbbell)
    _listing("multiples", shown.multiples)
    layout.show(shown.foot)


def _chart(key: str, chart: rankings.Chart) -> None:
    heading = layout.heading(chart.title, chart.note)
    if chart.figure is None:
        layout.show(heading)
        return
    with layout.card(key):
        layout.show(heading)
        layout.plotly(key, chart.figure)


def _listing(key: str, listing: rankings.Listing) -> None:
    with layout.card(key):
        layout.show(layout.heading(listing.title, listing.note))
        layout.clickable(key, listing.content, partial(filters.toggle, "district", key))
        layout.show(layout.small(listing.rules))


BOARD = Board(
    key="rankings",
    section=Text("领导看板", "Leadership"),
    title=Text("区县排名", "District rankings"),
    answers=Text(
        "谁在同类中靠前靠后、有几分把握、较前如何",
        "Who leads and lags among peers, how surely, and since when",
    ),
    order=70,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

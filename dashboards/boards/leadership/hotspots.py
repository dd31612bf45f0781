"""热点地图: where items cluster or exceed their normal, how that moves week by week, the focus list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import hot_map, hot_spots, hot_words, region_map
from dashboards.cards import hot_places as places
from dashboards.cards import overview as words
from dashboards.cards.definitions import definition
from dashboards.cards.regions import regions
from dashboards.cards.scene import Scene, choose_scene
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.cell_map import VOLUME, Basis, CellMap, reference_period
from queries.execute import Warehouse
from queries.metrics import metrics as metrics_of
from queries.policies import read_hot_spots
from queries.question import Filter, Question
from queries.vocabulary import Language, Period, Text

YEAR = timedelta(weeks=52)  # whole weeks, so that the same weekdays are compared


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; the period is of whole weeks, `only` filters by the category."""

    only: tuple[Filter, ...]
    category: Text
    layer: str
    basis: Basis

    @property
    def question(self) -> Question:
        """The page's items."""
        return Question((VOLUME,), self.period, self.as_of, filters=(*self.here, *self.only))

    def said(self, now: Language) -> str:
        """The choices in words."""
        period = hot_words.said(self.span, self.period, now)
        return f"{period} · {self.place.in_(now)} · {self.category.in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The answers behind the page; `cells` is None where no item has coordinates."""

    cells: CellMap | None
    streets: Answer
    year_ago: Answer | None
    districts: Answer
    normal: Answer | None


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    map: hot_map.HotMap
    top: Markup
    focus: Markup
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row; layer and basis stand above the map."""
    scene = choose_scene(warehouse, hot_spots.SPANS, "12w")
    rows = {str(row["code"]): row for row in warehouse.members("category1").to_dict("records")}
    names = {code: Text(row["name_zh"], row["name_en"]) for code, row in rows.items()}
    category = filters.select("category", hot_spots.CATEGORY, {"": hot_spots.EVERY, **names}, "")
    weeks = hot_words.weeks_of(scene.span, scene.as_of, warehouse.info.data_from)
    return Choices(
        **vars(replace(scene, period=weeks)),
        only=(Filter("category1", (int(rows[category]["id"]),)),) if category else (),
        category=names.get(category, hot_spots.EVERY),
        layer=filters.chosen("layer", tuple(hot_spots.LAYERS), "spots"),
        basis=Basis(filters.chosen("basis", tuple(hot_spots.BASES), Basis.NORMAL.value)),
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """Everything the page needs, from roll-ups of whole weeks."""
    ask, period, first = partial(data.ask, warehouse), choices.period, warehouse.info.data_from
    streets = replace(choices.question, metrics=places.METRICS, split=("district", "street"))
    now = ask(streets)
    if not now.frame[VOLUME].sum() > 0:
        raise Empty
    ago = Period(period.start - YEAR, period.end - YEAR)
    before = reference_period(period, first, read_hot_spots())
    everywhere = replace(choices.question, metrics=places.METRICS, split=("district",), filters=choices.only)
    return Asked(
        cells=data.cell_map(warehouse, choices.question, choices.basis),
        streets=now,
        year_ago=ask(replace(streets, metrics=(VOLUME,), period=ago)) if ago.start >= first else None,
        districts=ask(everywhere),
        normal=ask(replace(everywhere, metrics=(VOLUME,), period=before)) if before is not None else None,
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    policy, found, shapes = read_hot_spots(), asked.cells, data.boundaries(warehouse)
    districts, streets = (regions(warehouse.members(key)) for key in ("district", "street"))
    names = {one.id: one.name for one in (*districts, *streets)}
    codes = {one.id: one.code for one in districts} if choices.entered is None else {}
    shown = hot_map.Shown(
        choices.layer, choices.basis, choices.span, choices.entered, choices.district, warehouse.scope
    )
    if choices.layer == "districts":
        drawn = hot_map.districts_drawn(asked.districts, asked.normal, shown, districts, shapes, now, theme)
    else:
        drawn = hot_map.cells_drawn(found, shown, districts, names, shapes, policy, now, theme)
    notes, heaviest = asked.streets.notes, places.focus_streets(asked.streets, asked.year_ago)
    defined = [definition(one, now) for one in metrics_of(places.METRICS)]
    return Figures(
        choices=choices,
        map=drawn,
        top=joined(
            places.top_title(now),
            places.top_cells(found, names, codes, choices.question, policy.least_shown, now, warehouse.scope),
        ),
        focus=joined(
            places.focus_title(heaviest, asked.streets, names, now),
            places.focus_table(heaviest, names, codes, asked.streets.question, now),
        ),
        notes=joined(hot_words.method(found, policy, now), *defined),
        foot=layout.foot(words.foot(warehouse.city, notes, hot_words.remarks(shapes, now), now)),
        workbook=partial(
            places.hot_spots_workbook,
            found,
            asked.streets,
            asked.districts,
            names,
            choices.place,
            policy,
            now,
        ),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, district = language.current(), shown.choices.district
    with tools:
        if district:
            st.button(words.BACK.in_(now), key="back", on_click=filters.choose, args=("district", None))
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"hotspots-{shown.choices.as_of}.xlsx")
    left, right = layout.row(54, 46)
    with left, layout.card("hotspots"):
        with layout.buttons():
            filters.segments("layer", hot_spots.LAYER, hot_spots.LAYERS, "spots")
            filters.segments("basis", hot_spots.BASIS, hot_spots.BASES, Basis.NORMAL.value)
        layout.show(shown.map.head)
        if shown.map.cells is not None:
            layout.hex_map("cells", shown.map.cells, partial(filters.follow, "district", "cells"))
        elif shown.map.deck is not None:
            enter = partial(filters.enter, "district", f"map-{district}", "areas")
            layout.pydeck(f"map-{district}", shown.map.deck, hot_map.HEIGHT, region_map.LABEL.in_(now), enter)
    with right, layout.card("top"):
        layout.clickable("top", shown.top, partial(filters.follow, "district", "top"))
    with layout.card("focus"):
        layout.clickable("focus", shown.focus, partial(filters.follow, "district", "focus"))
    layout.show(shown.foot)


BOARD = Board(
    key="hotspots",
    section=Text("领导看板", "Leadership"),
    title=Text("热点地图", "Hot-spot map"),
    answers=Text("哪里集聚、哪里反常、往哪里走", "Where items cluster, where they are unusual, how it moves"),
    order=50,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

"""The hot-spot map itself: a layer of cells that plays its weeks, or the districts, with title and legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.cards import hot_spots, hot_words
from dashboards.cards.hot_districts import NOT_KNOWN, hot_districts
from dashboards.cards.regions import Region, short
from dashboards.figures.boundaries import Boundaries
from dashboards.figures.choropleth import Deck, choropleth, legend
from dashboards.figures.hex_map import Area, HexMap
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from queries.answer import Answer
from queries.cell_map import Basis, CellMap
from queries.insights.hot_spots import HotSpotPolicy
from queries.scope import CITY, Scope
from queries.vocabulary import Language, Text

WIDTH, HEIGHT = 640, 440  # pixels the districts are fitted to: what the narrowest screen leaves them


@dataclass(frozen=True)
class HotMap:
    """What is drawn below `head`: `cells` or `deck`, or neither where the source has no coordinates."""

    head: Markup
    cells: HexMap | None = None
    deck: Deck | None = None


@dataclass(frozen=True)
class Shown:
    """What of the map the reader chose; `entered` and `code` name the district entered, if any.

    `scope` is the reader's.
    """

    layer: str
    basis: Basis
    span: str
    entered: int | None
    code: str
    scope: Scope = CITY


def cells_drawn(
    found: CellMap | None,
    shown: Shown,
    districts: Sequence[Region],
    names: dict[int, Text],
    shapes: Boundaries,
    policy: HotSpotPolicy,
    language: Language,
    theme: Theme,
) -> HotMap:
    """The chosen layer of cells; `names` are of districts and streets by key."""
    if found is None:
        return HotMap(hot_words.no_cells(language, shown.scope))
    layer = hot_spots.layer_of(shown.layer, found, policy.least_shown, language, theme)
    areas = [Area(one.code, short(one.name.in_(language), language), one.lon, one.lat) for one in districts]
    title = hot_words.cells_title(shown.layer, found, names, shown.span, policy, shown.basis, language)
    return HotMap(
        joined(title, hot_words.own_cells(shown.scope, language), layer.legend),
        cells=hot_spots.cells_drawn(layer, found, areas, names, shapes, policy, shown.code, language, theme),
    )


def districts_drawn(
    now: Answer,
    before: Answer | None,
    shown: Shown,
    districts: Sequence[Region],
    shapes: Boundaries,
    language: Language,
    theme: Theme,
) -> HotMap:
    """The districts; `now` and `before` (the reference weeks, if known) are split by district."""
    found = hot_districts(districts, now, before, shown.basis, language)
    values = [one.value for one in found.places]
    key = legend(
        found.classes, values, theme, title=found.legend, missing=NOT_KNOWN.in_(language), counted="({n})"
    )
    return HotMap(
        joined(found.title, key),
        deck=choropleth(
            shapes, found.places, found.classes, theme, width=WIDTH, height=HEIGHT, entered=shown.entered
        ),
    )

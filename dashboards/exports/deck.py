"""What a deck is made of before it is written as slides: views, their panels, and what stands in a panel."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from queries.vocabulary import Language

Ring = tuple[tuple[float, float], ...]
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    """`text` without signs that no file of XML may hold or that turn writing around."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in _UNSEEN)


@dataclass(frozen=True)
class Lines:
    """Sentences, each a paragraph."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table: every row as long as `headings`; texts as they stand on the screen."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(f"a row is not as long as the {len(self.headings)} headings {self.headings}")


@dataclass(frozen=True)
class Chart:
    """A plotly figure (`data`, `layout`) of the page."""

    figure: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Area:
    """An area of a map by its name: outer rings of longitude and latitude, its colours as `RRGGBB`."""

    name: str
    rings: tuple[Ring, ...]
    fill: str
    line: str


@dataclass(frozen=True)
class Label:
    """A text on a map in a colour `RRGGBB`, centred at its longitude and latitude or begun (`is_beside`)."""

    text: str
    lon: float
    lat: float
    is_beside: bool
    colour: str


@dataclass(frozen=True)
class Map:
    """Areas with their labels, the lines from labels to areas, and the legend: colour and words."""

    areas: tuple[Area, ...]
    labels: tuple[Label, ...]
    leaders: tuple[Ring, ...]
    keys: tuple[tuple[str, str], ...]


Body = Lines | Grid | Chart | Map


@dataclass(frozen=True)
class Panel:
    """One card of a view: a sentence, the measure and unit below it, and what it shows."""

    title: str
    subtitle: str
    body: Body


@dataclass(frozen=True)
class View:
    """A saved view: the board's title, the filters in words, the line that says of which day and version.

    `note` is for the speaker and stands in the notes pane, with the page's closing `remarks`. `definitions`
    are rows of what the metrics of the view mean, as `Deck.definitions` takes them.
    """

    title: str
    words: str
    line: str
    note: str
    remarks: tuple[str, ...]
    panels: tuple[Panel, ...]
    definitions: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Deck:
    """A deck in one language; `mark` stands on every slide (演示数据), `dated` is the day in its properties.

    `more` is what a slide's title adds where a view needs several, with {place} and {all} in it.
    """

    language: Language
    title: str
    subtitle: tuple[str, ...]
    mark: str
    more: str
    dated: date
    views: tuple[View, ...]
    headings: tuple[str, ...] = ()  # of the definitions

    @property
    def definitions(self) -> Grid | None:
        """What the metrics of all views mean, each once; None where no view has any."""
        rows = dict.fromkeys(row for view in self.views for row in view.definitions)
        return Grid(self.headings, tuple(rows)) if rows else None

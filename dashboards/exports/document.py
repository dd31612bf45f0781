"""What a printed document is made of, before it is written as a Word file or as a PDF."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from queries.vocabulary import Language

# Half characters: what is wider is broken into lines rather than taken from the other columns.
_WIDEST_WORD = 14
_WIDEST_CELL = 24
# Of a drawing, in pixels: as wide as the text of a page.
DRAWING_WIDTH, DRAWING_HEIGHT = 588.0, 260.0
# A table of no more rows, and no more lines when its texts are broken, is not parted by the end of a page.
_WHOLE_ROWS, _WHOLE_LINES = 16, 34
_SIGNS = 84  # half characters that a line of a table holds, the air in its cells included


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (一、) or 2 （一）; the number is part of its text."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a `quiet` one is a remark in small type."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """A table under its title: every row as long as `headings`, the first `names` columns set left.

    A row is never cut by the end of a page, and the headings stand again on the next one.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1

    def __post_init__(self) -> None:
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(
                f"table {self.title!r}: a row is not as long as the {len(self.headings)} headings"
            )


@dataclass(frozen=True)
class Slot:
    """Empty lines to be written on by hand."""

    lines: int


@dataclass(frozen=True)
class Drawing:
    """A chart under its title: a plotly figure (`data`, `layout`) made in the light theme."""

    title: str
    figure: Mapping[str, Any] = field(repr=False)


Block = Heading | Paragraph | Table | Slot | Drawing


@dataclass(frozen=True)
class Document:
    """A document in one language: `mark` stands on every page (演示数据), `foot` closes the last one.

    The title may have several lines. `dated` is the day in its properties, so that the same content gives
    the same bytes.
    """

    language: Language
    number: str
    title: str
    mark: str
    dated: date
    blocks: tuple[Block, ...]
    foot: tuple[str, ...]


def width(text: str) -> int:
    """How wide a text is set, in half Chinese characters."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def shares(table: Table) -> tuple[float, ...]:
    """The share of the table's width that each column gets, by its widest text."""
    widest = [
        max(
            [
                *(min(_WIDEST_WORD, width(word)) for word in heading.split()),
                *(min(_WIDEST_CELL, width(row[place])) for row in table.rows),
            ]
        )
        for place, heading in enumerate(table.headings)
    ]
    padded = [one + 4 for one in widest]  # the air on both sides
    return tuple(one / sum(padded) for one in padded)


def is_whole(table: Table) -> bool:
    """Whether a table is kept on one page: one that is higher would leave the page before it empty."""
    room = [max(1.0, _SIGNS * share - 3) for share in shares(table)]
    lines = sum(
        max(math.ceil(width(cell) / wide) for cell, wide in zip(row, room, strict=True)) or 1
        for row in (table.headings, *table.rows)
    )
    return len(table.rows) <= _WHOLE_ROWS and lines <= _WHOLE_LINES

"""How the panels of a view are laid out slide by slide, 16 to 9: the same for every way a deck is shown.

All lengths are in points. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from dashboards.exports.deck import Chart, Grid, Lines, Panel
from dashboards.figures import fitting
from queries.vocabulary import Language, Text

Part = TypeVar("Part")

WIDTH, HEIGHT = 960.0, 540.0
MARGIN, GAP = 36.0, 21.6
TOP, BOTTOM = 93.6, 496.8  # what a view's panels stand between
HEAD = 44.6  # a panel's title and subtitle
TITLE, SUBTITLE, CELL = 13, 9, 10  # type sizes
_LEAST = 7
_AIR = 12  # of a cell, both sides
_WIDER = 1.08  # what a face may be wider than the estimate
LINE = 1.3  # of a type's size
_NARROW_TABLE = 7  # columns that half a slide holds
_LONGEST = 60  # rows; of longer lists the first slide is shown
_TOLD, _APART = 13, 8  # type size of sentences, and the space between two
HERO = 40  # type size of a number that stands alone
_ALONE = re.compile(r"[−\d.,]+ ?%?")
_WHOLE = WIDTH - 2 * MARGIN
_HALF = (_WHOLE - GAP) / 2
_SPACE = BOTTOM - TOP
_BETWEEN = 14.0  # two panels of a column
_LONG = Text(
    "前 {shown} 行，共 {n} 行，全部见 Excel", "the first {shown} of {n} rows; all are in the Excel file"
)


@dataclass(frozen=True)
class Placed:
    """A panel and its place on the slide, heading included."""

    panel: Panel
    left: float
    top: float
    wide: float
    high: float


def pages(panels: Iterable[Panel], language: Language) -> list[list[Placed]]:
    """The panels slide by slide: in two columns, wide ones across both, long ones cut between rows.

    Of a very long table the first slide is shown and its length is told: the workbook holds all of it.
    """
    pieces = [piece for panel in panels for piece in _pieces(panel, language)]
    heights = [_needs(piece) for piece in pieces]
    found: list[list[Placed]] = []
    used = [_SPACE, _SPACE]  # of each column; a slide is full before there is any
    for piece, high, following in zip(pieces, heights, [*heights[1:], 0.0], strict=False):
        across = _is_wide(piece)
        column = _column(used, high, following, across=across)
        if column is None:
            found.append([])
            used, column = [0.0, 0.0], 0
        above = max(used) if across else used[column]
        top = above + (_BETWEEN if above else 0)
        left = MARGIN + column * (_HALF + GAP)
        found[-1].append(Placed(piece, left, TOP + top, _WHOLE if across else _HALF, high))
        used = [top + high] * 2 if across else [top + high if at == column else used[at] for at in (0, 1)]
    return [[replace(page[0], wide=_WHOLE)] if len(page) == 1 else page for page in found] or [[]]


def _column(used: Sequence[float], high: float, following: float, *, across: bool) -> int | None:
    """The column that a piece goes into, the emptier one; None when it fits into neither.

    An empty column is kept for a following piece that needs all of it where this one fits below another.
    """
    if across:
        return 0 if _fits(max(used), high) else None
    free = [at for at in (0, 1) if _fits(used[at], high)]
    begun = [at for at in free if used[at]]
    if begun and len(free) > len(begun) and not _fits(_BETWEEN, following):
        return begun[0]
    return min(free, key=lambda at: used[at]) if free else None


def _fits(used: float, high: float) -> bool:
    return used + (_BETWEEN if used else 0) + high <= _SPACE


def _needs(panel: Panel) -> float:
    """The height of a panel; charts and maps take a whole column."""
    match panel.body:
        case Lines(lines):
            return HEAD + sum(map(_line_height, lines))
        case Grid() as grid:
            wide = columns(grid, WIDTH)
            return HEAD + sum(row_height(row, wide) for row in (grid.headings, *grid.rows))
    return _SPACE


def columns(grid: Grid, room: float) -> list[float]:
    """The width of each column in `room` across or what such a table is given.

    Every column has room for its widest word where there is so much; what is left goes to those that need no
    more than an equal share of it, and then to the others.
    """
    across = min(room, _room(grid))
    texts = [tuple(column) for column in zip(grid.headings, *grid.rows, strict=True)]
    needs, words = (
        [max(measured(text, CELL * _WIDER) for text in column) + _AIR for column in texts]
        for measured in (fitting.width, fitting.widest_word)
    )
    if sum(needs) <= across or sum(words) > across:
        return [one * across / sum(needs) for one in needs]
    left, found = across - sum(words), list(words)
    wanting = sorted(range(len(needs)), key=lambda at: needs[at] - words[at])
    for place, at in enumerate(wanting):
        more = min(needs[at] - words[at], left / (len(wanting) - place))
        found[at] += more
        left -= more
    return found


def row_height(row: Sequence[str], wide: Sequence[float]) -> float:
    """The height of a row of columns this `wide`: as many lines as its longest cell is broken into."""
    lines = max(
        len(fitting.broken(cell, max(1.0, one - 8), CELL * _WIDER))
        for cell, one in zip(row, wide, strict=True)
    )
    return lines * CELL * LINE + 7


def heading_sizes(panel: Panel, wide: float) -> tuple[int, int]:
    """Type sizes of a panel's title and subtitle: smaller where these are too long for the room above it."""
    for shrink in (1.0, 0.9, 0.8, 0.7, 0.6):
        title, subtitle = (max(_LEAST, math.floor(size * shrink)) for size in (TITLE, SUBTITLE))
        high = sum(
            math.ceil(fitting.width(text, size) * 1.05 / wide) * size * LINE
            for text, size in ((panel.title, title), (panel.subtitle, subtitle))
            if text
        )
        if high <= HEAD:
            break
    return title, subtitle


def is_hero(line: str) -> bool:
    """Whether a sentence is a number that stands alone."""
    return bool(_ALONE.fullmatch(line))


def is_figure(grid: Grid, place: int) -> bool:
    """Whether a column holds numbers: most of its cells have a digit in their first two signs."""
    cells = [row[place] for row in grid.rows if row[place]]
    return sum(any(sign.isdigit() for sign in cell[:2]) for cell in cells) * 2 > len(cells)


def _pieces(panel: Panel, language: Language) -> list[Panel]:
    body, space = panel.body, _SPACE - HEAD
    if isinstance(body, Lines):
        groups = _parted(body.lines, map(_line_height, body.lines), space)
        return [replace(panel, body=Lines(lines)) for lines in groups]
    if not isinstance(body, Grid):
        return [panel]
    if not body.rows:
        return []
    wide = columns(body, WIDTH)
    high = (row_height(row, wide) for row in body.rows)
    below = space - row_height(body.headings, wide)
    parts = [Grid(body.headings, rows) for rows in _parted(body.rows, high, below)]
    if len(body.rows) <= _LONGEST:
        return [replace(panel, body=one) for one in parts]
    told = _LONG.in_(language).format(shown=len(parts[0].rows), n=len(body.rows))
    return [replace(panel, body=parts[0], subtitle=" · ".join(filter(None, (told, panel.subtitle))))]


def _is_wide(panel: Panel) -> bool:
    """Whether a panel stands alone: a table of many columns, a heat map."""
    match panel.body:
        case Grid(headings=headings):
            return len(headings) > _NARROW_TABLE
        case Chart(figure=figure):
            return any(trace.get("type") == "heatmap" for trace in figure["data"])
    return False


def _room(grid: Grid) -> float:
    return _WHOLE if len(grid.headings) > _NARROW_TABLE else _HALF


def _line_height(line: str) -> float:
    """The height of a sentence on half a slide."""
    if is_hero(line):
        return HERO * 1.1 + _APART
    return math.ceil(fitting.width(line, _TOLD) * 1.08 / _HALF) * _TOLD * 1.4 + _APART


def _parted(parts: Sequence[Part], heights: Iterable[float], space: float) -> Iterator[tuple[Part, ...]]:
    """The parts of these heights in groups that fit into `space`; none is cut."""
    group: list[Part] = []
    used = 0.0
    for one, high in zip(parts, heights, strict=True):
        if group and used + high > space:
            yield tuple(group)
            group, used = [], 0.0
        group.append(one)
        used += high
    if group:
        yield tuple(group)

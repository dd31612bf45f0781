"""How the panels of a view are laid out slide by slide, 16 to 9: the same for every way a deck is shown.

All lengths are in points. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dashboards.exports.deck import Grid, Lines, Panel
from dashboards.figures import fitting
from queries.vocabulary import Language

WIDTH, HEIGHT = 960.0, 540.0
MARGIN, GAP = 36.0, 21.6
TOP, BOTTOM = 93.6, 496.8  # what a view's panels stand between
HEAD = 44.6  # a panel's title and subtitle
CELL = 10  # type size
LINE = 1.3  # of a type's size
_WIDEST_COLUMN = 150.0
_NARROW_TABLE = 7  # columns that half a slide holds
_LONGEST = 60  # rows; longer lists are read in the workbook
_LINES_ON_A_SLIDE = 11
_LONG = {
    "zh": "共 {n} 行，请见看板的 Excel 下载。",
    "en": "{n} rows: see the board's Excel file.",
}


def pages(panels: Iterable[Panel], language: Language) -> list[list[Panel]]:
    """The panels slide by slide: two side by side, wide ones alone, long ones cut between rows."""
    pieces = [piece for panel in panels for piece in _pieces(panel, language)]
    found: list[list[Panel]] = []
    for piece in pieces:
        if found and len(found[-1]) == 1 and not _is_wide(piece) and not _is_wide(found[-1][0]):
            found[-1].append(piece)
        else:
            found.append([piece])
    return found or [[]]


def columns(grid: Grid, room: float) -> list[float]:
    """The width of each column, by its widest text, in `room` across or what such a table is given."""
    across = min(room, _room(grid))
    lines = (grid.headings, *grid.rows)
    widest = [
        min(_WIDEST_COLUMN, max(fitting.width(line[place], CELL) for line in lines)) + 12
        for place in range(len(grid.headings))
    ]
    return [one * across / sum(widest) for one in widest]


def row_height(row: Sequence[str], wide: Sequence[float]) -> float:
    """The height of a row of columns this `wide`: as many lines as its longest cell is broken into."""
    lines = max(
        math.ceil(fitting.width(cell, CELL) * 1.08 / max(1.0, one - 10)) or 1
        for cell, one in zip(row, wide, strict=True)
    )
    return lines * CELL * LINE + 7


def _pieces(panel: Panel, language: Language) -> list[Panel]:
    body = panel.body
    if isinstance(body, Lines):
        return [
            replace(panel, body=Lines(body.lines[first : first + _LINES_ON_A_SLIDE]))
            for first in range(0, len(body.lines), _LINES_ON_A_SLIDE)
        ]
    if not isinstance(body, Grid):
        return [panel]
    if not body.rows:
        return []
    if len(body.rows) > _LONGEST:
        return [replace(panel, body=Lines((_LONG[language].format(n=len(body.rows)),)))]
    return [replace(panel, body=Grid(body.headings, rows)) for rows in _cut(body)]


def _is_wide(panel: Panel) -> bool:
    return isinstance(panel.body, Grid) and len(panel.body.headings) > _NARROW_TABLE


def _room(grid: Grid) -> float:
    whole = WIDTH - 2 * MARGIN
    return whole if len(grid.headings) > _NARROW_TABLE else (whole - GAP) / 2


def _cut(grid: Grid) -> Iterable[tuple[tuple[str, ...], ...]]:
    """The rows slide by slide; none is cut."""
    wide = columns(grid, WIDTH)
    space = BOTTOM - TOP - HEAD - row_height(grid.headings, wide)
    rows: list[tuple[str, ...]] = []
    used = 0.0
    for row in grid.rows:
        high = row_height(row, wide)
        if rows and used + high > space:
            yield tuple(rows)
            rows, used = [], 0.0
        rows.append(row)
        used += high
    yield tuple(rows)

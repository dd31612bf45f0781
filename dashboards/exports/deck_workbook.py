"""A deck as a workbook: its contents, a sheet for each chart, table and map, and what the metrics mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dashboards.exports.deck import Chart, Deck, Grid, Lines, Map, Panel, View
from dashboards.exports.figure_rows import figure_rows
from dashboards.exports.workbook import Cell, Link, Sheet, Shown
from dashboards.exports.workbook import workbook as written
from queries.vocabulary import Text

_CONTENTS, _DEFINITIONS = Text("目录", "Contents"), Text("口径说明", "Definitions")
_BOARD, _FILTERS = Text("看板", "Board"), Text("筛选", "Filters")
_WHAT = Text("内容", "Content")
_AREA, _VALUE = Text("区域", "Area"), Text("地图所标", "On the map")
_TEXT = Text("内容", "Text")
_BANNED = re.compile(r"[\[\]:*?/\\']")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# A sign, digits, and a unit that holds no further number.
_NUMBER = re.compile(
    r"([+−-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([\s\xa0]*)([^\d\s\"\\,.:;：–/(（·~-][^\d\"\\]{0,11})?"
)
_NAME = 31  # signs of a sheet's name
_LONGEST = 15  # digits that a spreadsheet keeps of a number


def workbook(deck: Deck) -> bytes:
    """The deck as an XLSX file: numbers with their formats, texts that are never formulas.

    Lists are whole, however long they are.
    """
    now = deck.language
    names = _Names()
    contents = names.made(_CONTENTS.in_(now))
    found = [
        (place, view, panel, *_table(panel, deck))
        for place, view in enumerate(deck.views, 1)
        for panel in view.panels
    ]
    sheets: list[Sheet] = []
    lines: list[tuple[Cell, ...]] = []
    for place, view, panel, headings, rows in found:
        name = names.made(f"{place:02} {panel.title or view.title}")
        above = (
            panel.title or view.title,
            panel.subtitle,
            f"{view.title} · {view.words}",
            _line(view, deck),
            "",
        )
        sheets.append(Sheet(name, headings, rows, above))
        lines.append((place, view.title, view.words, Link(panel.title or view.title, name)))
    if deck.definitions is not None:
        name = names.made(_DEFINITIONS.in_(now))
        sheets.append(Sheet(name, deck.definitions.headings, tuple(deck.definitions.rows)))
        lines.append((None, "", "", Link(_DEFINITIONS.in_(now), name)))
    headings = ("", *(text.in_(now) for text in (_BOARD, _FILTERS, _WHAT)))
    told = (deck.title, *deck.subtitle, deck.mark, "")
    return written([Sheet(contents, headings, tuple(lines), told), *sheets])


def number(text: str) -> Cell:
    """A text of the screen as the number or day that it says, shown the same; else the text itself.

    Only what is told exactly counts: `12.3 %` is 0.123 shown as `0.0 %`, `1–3` stays as it is.
    """
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    sign, whole, part, gap, unit = (one or "" for one in found.groups())
    digits = whole.replace(",", "")
    # a number with zeros before it, or more digits than a cell keeps, is a name
    if len(digits + part) > _LONGEST or (len(digits) > 1 and digits.startswith("0")):
        return text
    value = Decimal(f"{'-' if sign in {'−', '-'} else ''}{digits}{part}")
    grouped = "," in whole or len(digits) < 4
    form = ("#,##0" if grouped else "0") + (f".{'0' * (len(part) - 1)}" if part else "")
    if unit == "%":
        value, form = value / 100, f"{form}{f'{chr(34)}{gap}{chr(34)}' if gap else ''}%"
    elif unit:
        form += f'"{gap}{unit}"'
    minus = form if not sign or sign == "-" else f'"−"{form}'
    if sign == "+":
        form = f"+{form};{minus};{form}"
    elif sign == "−":
        form = f"{form};{minus}"
    return Shown(float(value), form)


def _table(panel: Panel, deck: Deck) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    now = deck.language
    match panel.body:
        case Chart(figure):
            return figure_rows(figure, now)
        case Grid(headings, rows):
            return headings, tuple(tuple(map(number, row)) for row in rows)
        case Map():
            return (_AREA.in_(now), _VALUE.in_(now)), tuple(_labelled(panel.body))
        case Lines(lines):
            return (_TEXT.in_(now),), tuple((line,) for line in lines)


def _labelled(drawn: Map) -> Iterator[tuple[Cell, ...]]:
    """Each area and what its label adds to its name; the classes of the legend below them."""
    for area in drawn.areas:
        label = next((one.text for one in drawn.labels if one.text.startswith(area.name)), "")
        yield area.name, number(label.removeprefix(area.name).strip())


def _line(view: View, deck: Deck) -> str:
    return " · ".join(filter(None, (deck.mark, view.line)))


class _Names:
    """The names of the sheets of one file: 31 signs at most, none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def made(self, wanted: str) -> str:
        """A name as near to `wanted` as a sheet may have."""
        plain = "".join(sign for sign in _BANNED.sub(" ", wanted) if sign.isprintable()).strip() or "–"
        name, again = plain[:_NAME], 1
        while name.casefold() in self._taken:
            again += 1
            tail = f" {again}"
            name = plain[: _NAME - len(tail)] + tail
        self._taken.add(name.casefold())
        return name

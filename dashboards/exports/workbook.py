"""The only file that writes spreadsheets: no cell of data is ever read as a formula or a link."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from queries.vocabulary import ISOLATING


@dataclass(frozen=True)
class Shown:
    """A number and how it is shown: a number format of spreadsheets, such as `0.0%`."""

    value: float
    form: str


@dataclass(frozen=True)
class Link:
    """A text that leads to another sheet of the same file."""

    text: str
    sheet: str


Cell = str | int | float | date | Shown | Link | None

# Excel and its kin read a text that begins with one of these as a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDEST = 60
_LONGEST = 32_767  # signs in a cell; a longer text would be left out without a word
_PAGE_SIGNS = str.maketrans("", "", ISOLATING)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the lines above its table, the headings of its columns, and its rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    above: tuple[str, ...] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX file of `sheets`, with a fixed heading line and columns wide enough to read."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        forms = _Forms(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            head = len(sheet.above)
            page.freeze_panes(head + 1, 0)
            for line, text in enumerate(sheet.above):
                page.write_string(line, 0, harmless(text), forms.plain if line else forms.title)
            for column, heading in enumerate(sheet.headings):
                page.write_string(head, column, harmless(heading), forms.bold)
                cells = [heading, *(_text(row[column]) for row in sheet.rows)]
                page.set_column(column, column, min(_WIDEST, 2 + max(_width(cell) for cell in cells)))
            for line, row in enumerate(sheet.rows, start=head + 1):
                for column, cell in enumerate(row):
                    _write(page, line, column, cell, forms)
    return buffer.getvalue()


class _Forms:
    """The formats of one file, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.title = book.add_format({"bold": True})
        self.plain = book.add_format({})
        self.link = book.add_format({"font_color": "#274C8F", "underline": 1})
        self._numbers: dict[str, Any] = {}

    def number(self, form: str) -> Any:
        """The format that shows a number or a day like this."""
        if form not in self._numbers:
            self._numbers[form] = self._book.add_format({"num_format": form})
        return self._numbers[form]


def _write(page: Any, line: int, column: int, cell: Cell, forms: _Forms) -> None:
    match cell:
        case None:
            pass
        case date():
            page.write_datetime(line, column, cell, forms.number("yyyy-mm-dd"))
        case Shown():
            page.write_number(line, column, cell.value, forms.number(cell.form))
        case Link():
            place = cell.sheet.replace("'", "''")
            page.write_url(line, column, f"internal:'{place}'!A1", forms.link, harmless(cell.text))
        case int() | float():
            if math.isfinite(cell):
                page.write_number(line, column, cell)
        case _:
            page.write_string(line, column, harmless(cell))


def _text(cell: Cell) -> str:
    """A cell as wide as it is shown, about."""
    match cell:
        case None:
            return ""
        case Shown():
            return f"{cell.value:,.2f}{cell.form.rpartition(chr(34))[0][-4:]}"
        case Link():
            return cell.text
    return str(cell)


def harmless(text: str) -> str:
    """`text` as a cell may hold it: with a quote before it when a spreadsheet could take it for a formula.

    Signs that keep scripts apart on a page are left out, and so is what no cell has room for.
    """
    shown = text.translate(_PAGE_SIGNS)
    formula = shown.lstrip().startswith(_FORMULA_SIGNS) or shown.startswith(("\t", "\r", "\n"))
    return (f"'{shown}" if formula else shown)[:_LONGEST]


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)

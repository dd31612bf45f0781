"""The only file that writes spreadsheets: no cell of data is ever read as a formula or a link."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from queries.vocabulary import ISOLATING

Cell = str | int | float | date | None

# Excel and its kin read a text that begins with one of these as a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDEST = 60
_LONGEST = 32_767  # signs in a cell; a longer text would be left out without a word
_PAGE_SIGNS = str.maketrans("", "", ISOLATING)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the headings of its columns, and its rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


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
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.freeze_panes(1, 0)
            for column, heading in enumerate(sheet.headings):
                page.write_string(0, column, harmless(heading), bold)
                cells = [heading, *(str(row[column]) for row in sheet.rows if row[column] is not None)]
                page.set_column(column, column, min(_WIDEST, 2 + max(_width(cell) for cell in cells)))
            for line, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    match cell:
                        case None:
                            pass
                        case date():
                            page.write_datetime(line, column, cell, day)
                        case int() | float():
                            if math.isfinite(cell):
                                page.write_number(line, column, cell)
                        case _:
                            page.write_string(line, column, harmless(cell))
    return buffer.getvalue()


def harmless(text: str) -> str:
    """`text` as a cell may hold it: with a quote before it when a spreadsheet could take it for a formula.

    Signs that keep scripts apart on a page are left out, and so is what no cell has room for.
    """
    shown = text.translate(_PAGE_SIGNS)
    formula = shown.lstrip().startswith(_FORMULA_SIGNS) or shown.startswith(("\t", "\r", "\n"))
    return (f"'{shown}" if formula else shown)[:_LONGEST]


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)

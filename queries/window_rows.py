"""The windows of a question in SQL, in one text: 27 windows of bound dates cost more than the query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, column, literal_column, text

from queries.windows import Window

_COLUMNS = ("label_on", "start_on", "end_on", "opening_on", "as_of_on")


@lru_cache(maxsize=128)
def windows_table(windows: tuple[Window, ...]) -> FromClause:
    """The windows as rows: label_on, start_on, end_on, opening_on, as_of_on."""

    def row(window: Window) -> str:
        days = (window.label, window.start, window.end, window.opening, window.as_of)
        named = zip(_COLUMNS, days, strict=True)
        return "SELECT " + ", ".join(f"CAST('{day.isoformat()}' AS DATE) AS {name}" for name, day in named)

    rows = text(" UNION ALL ".join(row(window) for window in windows))
    return rows.columns(*[column(name, Date) for name in _COLUMNS]).subquery("time_window")


def first_as_of(windows: Sequence[Window], known: str) -> ColumnElement[Any]:
    """The first as-of date of the windows from the day in the column `known` on; null after the last."""
    dates = sorted({window.as_of.isoformat() for window in windows})
    whens = "".join(f" WHEN {known} <= CAST('{day}' AS DATE) THEN CAST('{day}' AS DATE)" for day in dates)
    return literal_column(f"CASE{whens} END", Date)

"""A year of days as a calendar: a column a week, a row a weekday, darker where more happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dashboards.figures.theme import FONT, Theme


@dataclass(frozen=True)
class Cell:
    """One day: its value, what the pointer reads (escaped), a public holiday or not, what opens its items."""

    day: date
    value: float
    hover: str
    is_holiday: bool = False
    items: str = ""


def calendar(cells: Sequence[Cell], weekdays: Sequence[str], theme: Theme, *, height: int) -> dict[str, Any]:
    """A plotly figure (`data`, `layout`) of `height` pixels; `weekdays` are the seven names from Monday.

    Public holidays carry a dot. The scale runs from the smallest to the largest value.
    """
    mondays = sorted({_monday(cell.day) for cell in cells})
    column = {monday: at for at, monday in enumerate(mondays)}
    values: list[list[float | None]] = [[None] * len(mondays) for _ in range(7)]
    words = [[""] * len(mondays) for _ in range(7)]
    items = [[""] * len(mondays) for _ in range(7)]
    for cell in cells:
        at, row = column[_monday(cell.day)], cell.day.weekday()
        values[row][at], words[row][at], items[row][at] = cell.value, cell.hover, cell.items
    steps = len(theme.scale) - 1
    x = [monday.isoformat() for monday in mondays]
    holidays = [cell for cell in cells if cell.is_holiday]
    heat = {
        "type": "heatmap",
        "x": x,
        "y": list(range(7)),
        "z": values,
        "text": words,
        "customdata": items,
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "colorscale": [[at / steps, colour] for at, colour in enumerate(theme.scale)],
        "colorbar": {
            "thickness": 8,
            "outlinewidth": 0,
            "nticks": 4,
            "tickformat": ",d",
            "x": 1.005,
            "xpad": 4,
        },
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [_monday(cell.day).isoformat() for cell in holidays],
        "y": [cell.day.weekday() for cell in holidays],
        "hoverinfo": "skip",
        "marker": {"size": 5, "color": theme.card, "line": {"width": 1, "color": theme.ink}},
    }
    layout = {
        "height": height,
        "margin": {"l": 36, "r": 8, "t": 4, "b": 22},
        "paper_bgcolor": theme.card,
        "plot_bgcolor": theme.card,
        "font": {"family": FONT, "size": 12, "color": theme.muted},
        "showlegend": False,
        "hoverlabel": {
            "bgcolor": theme.card,
            "bordercolor": theme.hairline,
            "font": {"color": theme.ink, "size": 12},
        },
        "xaxis": {
            "showgrid": False,
            "tickformat": "%Y-%m",
            "dtick": "M1",
            "fixedrange": True,
            "zeroline": False,
        },
        "yaxis": {
            "autorange": "reversed",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "tickvals": list(range(7)),
            "ticktext": list(weekdays),
        },
    }
    return {"data": [heat, dots], "layout": layout}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

"""Shares that go on rising until their cohort is mature: lines by cohort, what may still rise in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dashboards.figures.surface import label, surface
from dashboards.figures.theme import Theme

_SHADES = (1.2, 1.6, 2.0, 2.6)  # widths of the lines, in order
_BEFORE, _AFTER = timedelta(days=75), timedelta(days=15)  # room on the axis


@dataclass(frozen=True)
class Cohorts:
    """One line: a share (0 to 1) by cohort, which of them are mature, what the pointer reads at each.

    Mature cohorts come first; `name` and `hover` are escaped by the caller; `items` opens what is behind.
    """

    name: str
    days: tuple[date, ...]
    values: tuple[float, ...]
    mature: tuple[bool, ...]
    hover: tuple[str, ...]
    items: tuple[str, ...] = ()


def cohorts(lines: Sequence[Cohorts], theme: Theme, *, height: int) -> dict[str, Any]:
    """A plotly figure of up to four lines, thin to bold; immature points are open, grey and dotted."""
    drawn, notes = [], []
    for line, width in zip(lines, _SHADES, strict=False):
        known = sum(line.mature)
        # the dotted part begins at the last mature point, so that the line does not break
        drawn.append(_part(line, max(0, known - 1), len(line.days), theme.muted, width, mature=False))
        drawn.append(_part(line, 0, known, theme.ink, width, mature=True))
        if line.days:
            start = line.days[0].isoformat()
            notes.append(label(line.name, start, line.values[0], theme.ink, xanchor="right", xshift=-6))
    days = [day for line in lines for day in line.days]
    months: dict[str, Any] = {"showgrid": False, "tickformat": "%Y-%m"}
    if days:
        # the names of the lines stand before the first month
        months["range"] = [(min(days) - _BEFORE).isoformat(), (max(days) + _AFTER).isoformat()]
    shares = {"tickformat": ".1~%", "nticks": 5, "rangemode": "tozero"}
    margin = (48, 24, 16, 28)
    return {
        "data": drawn,
        "layout": surface(theme, height, margin, x=months, y=shares, notes=notes, shapes=[]),
    }


def _part(line: Cohorts, start: int, end: int, colour: str, width: float, *, mature: bool) -> dict[str, Any]:
    first = start if mature else start + (1 if start < len(line.mature) and line.mature[start] else 0)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.name,
        "x": [day.isoformat() for day in line.days[start:end]],
        "y": list(line.values[start:end]),
        "text": ["" if at < first else line.hover[at] for at in range(start, end)],
        "customdata": list(line.items[start:end]) or None,
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": colour, "width": width, "dash": "solid" if mature else "dot"},
        "marker": {"size": 5, "symbol": "circle" if mature else "circle-open", "color": colour},
    }

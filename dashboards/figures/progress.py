"""Stages over time: what was planned and what was reached, as two stairs on one scale of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.figures.surface import label, line, surface
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Flag, Series


def progress(
    reached: Series,
    planned: Series,
    theme: Theme,
    *,
    stages: Sequence[str],
    flags: Sequence[Flag] = (),
    height: int = 340,
) -> dict[str, Any]:
    """A plotly figure (`data`, `layout`); values are 1 to the number of `stages`, None breaks the stairs.

    `flags` stand above the chart. Text is escaped by the caller.
    """
    days = [*reached.days, *planned.days, *(flag.day for flag in flags)]
    first, last = min(days).isoformat(), max(days).isoformat()
    notes = [
        label(flag.text, flag.day.isoformat(), 1, theme.muted, xref="x", yref="paper", yanchor="bottom")
        for flag in flags
    ]
    return {
        "data": [
            _stairs(planned, theme.primary, 1.4, "dot"),
            _stairs(reached, theme.ink, 2.4, "solid"),
        ],
        "layout": surface(
            theme,
            height,
            (84, 16, 28, 28),
            x={"type": "date", "showgrid": False, "tickformat": "%Y-%m", "range": [first, last]},
            y={
                "tickvals": list(range(1, len(stages) + 1)),
                "ticktext": list(stages),
                "range": [0.8, len(stages) + 0.25],
            },
            notes=notes,
            shapes=[
                line(
                    theme,
                    xref="x",
                    yref="paper",
                    x0=flag.day.isoformat(),
                    x1=flag.day.isoformat(),
                    y0=0,
                    y1=1,
                )
                for flag in flags
            ],
        )
        | {"hovermode": "x unified"},
    }


def _stairs(series: Series, colour: str, width: float, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": series.name,
        "x": [day.isoformat() for day in series.days],
        "y": list(series.values),
        "text": list(series.hover),
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "line": {"color": colour, "width": width, "dash": dash, "shape": "hv"},
    }

"""A measure over time: this year in ink, last year thin and grey, events as small flags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.figures import fitting
from dashboards.figures.theme import FONT, Theme

MONTHLY_TICKS = 400  # days up to which every month has its label
_SIDE = 64  # pixels at the right for the names of the lines, or more where they need it
_TYPE = 12  # pixels, that of a name
REMARK = 15  # pixels of a line of remarks: each has one, so that two near each other can be read


@dataclass(frozen=True)
class Series:
    """One line: a value for each day of `days` (None breaks it), and what the pointer reads at each.

    `items` is what opens the items behind each value when it is clicked.
    """

    name: str
    days: tuple[date, ...]
    values: tuple[float | None, ...]
    hover: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flag:
    """A remark at one day."""

    day: date
    text: str


def trend(
    now: Series,
    before: Series | None,
    theme: Theme,
    *,
    height: int = 220,
    percent: bool = False,
    zero_based: bool = True,
    flags: Sequence[Flag] = (),
) -> dict[str, Any]:
    """A plotly figure (`data`, `layout`) of `height` pixels; `before` is drawn at the days of `now`.

    Values of a share are given as 0 to 1 and `percent=True` writes them in per cent. All text is escaped by
    the caller, since plotly reads markup in labels.
    """
    traces = []
    if before is not None:
        traces.append(_line(before, now.days, theme.muted, 1.2, "rgba(0,0,0,0)"))
    traces.append(_line(now, now.days, theme.ink, 2.2, theme.ink))
    names = [series.name for series in (now, before) if series is not None]
    right = max(_SIDE, *(round(fitting.width(name, _TYPE)) + 14 for name in names))
    layout = {
        "height": height,
        "margin": {"l": 44, "r": right, "t": 8 + REMARK * len(flags), "b": 28},
        "paper_bgcolor": theme.card,
        "plot_bgcolor": theme.card,
        "font": {"family": FONT, "size": 12, "color": theme.muted},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": theme.card,
            "bordercolor": theme.hairline,
            "font": {"color": theme.ink, "size": 12},
        },
        "xaxis": {
            "showgrid": False,
            "linecolor": theme.hairline,
            "tickformat": "%Y-%m",
            "dtick": "M1" if (now.days[-1] - now.days[0]).days <= MONTHLY_TICKS else "M3",
            "fixedrange": True,
            # Given, or room would be made for the labels as if they were data.
            "range": [now.days[0].isoformat(), now.days[-1].isoformat()],
        },
        "yaxis": {
            "gridcolor": theme.hairline,
            "zeroline": False,
            "nticks": 5,
            "fixedrange": True,
            "rangemode": "tozero" if zero_based else "normal",
            "tickformat": ".0%" if percent else ",d",
        },
        "annotations": [*_ends(now, before, theme), *flag_labels(flags, now.days[len(now.days) // 2], theme)],
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": flag.day.isoformat(),
                "x1": flag.day.isoformat(),
                "y0": 0,
                "y1": 1,
                "line": {"color": theme.hairline, "width": 1},
            }
            for flag in flags
        ],
    }
    return {"data": traces, "layout": layout}


def _line(series: Series, days: Sequence[date], colour: str, width: float, marker: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": series.name,
        "x": [day.isoformat() for day in days],
        "y": [None if value is None or math.isnan(value) else value for value in series.values],
        "text": list(series.hover) or None,
        "customdata": list(series.items) or None,
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>" if series.hover else None,
        "line": {"color": colour, "width": width},
        "marker": {"size": 3.5, "color": marker},
    }


def _ends(now: Series, before: Series | None, theme: Theme) -> list[dict[str, Any]]:
    """The names of the lines at their right ends, kept apart when the lines end close to each other."""
    ends = []
    for series, colour in ((now, theme.ink), (before, theme.muted)):
        if series is None:
            continue
        last = next(
            (value for value in reversed(series.values) if value is not None and not math.isnan(value)), None
        )
        if last is not None:
            ends.append((last, series.name, colour))
    highest = max((value for value, _, _ in ends), default=0.0)
    close = len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 0.12 * (highest or 1)
    upper = next((at for at, (value, _, _) in enumerate(ends) if value == highest), 0)  # of equals the first
    return [
        {
            "text": name,
            "x": now.days[-1].isoformat(),
            "y": value,
            "xref": "x",
            "yref": "y",
            "xanchor": "left",
            "xshift": 6,
            "showarrow": False,
            "font": {"color": colour, "size": _TYPE},
            "yshift": 0 if not close else (9 if at == upper else -9),
        }
        for at, (value, name, colour) in enumerate(ends)
    ]


def flag_labels(flags: Sequence[Flag], middle: date, theme: Theme) -> list[dict[str, Any]]:
    """The remarks above the lines, each towards the side that has room; `middle` is that of the axis."""
    return [
        {
            "text": flag.text,
            "x": flag.day.isoformat(),
            "xref": "x",
            "xanchor": "right" if flag.day > middle else "left",
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": REMARK * line,
            "showarrow": False,
            "font": {"size": 11, "color": theme.muted},
        }
        for line, flag in enumerate(flags)
    ]

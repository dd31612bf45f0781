"""A measure over time against what was expected: pale band, forecast with its interval, signals ringed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.figures.theme import Theme, rgb
from dashboards.figures.trend import MONTHLY_TICKS, Flag, Series, trend


@dataclass(frozen=True)
class Band:
    """What is expected at each day of `days`, and the range around it; its words are escaped."""

    name: str
    days: tuple[date, ...]
    expected: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    hover: tuple[str, ...]


@dataclass(frozen=True)
class Ring:
    """A point that is a signal: where it is and what the pointer reads."""

    day: date
    value: float
    text: str


def expectation(
    now: Series,
    before: Series | None,
    band: Band | None,
    forecast: Band | None,
    rings: Sequence[Ring],
    theme: Theme,
    *,
    signal: str,
    height: int,
    flags: Sequence[Flag] = (),
    percent: bool = False,
) -> dict[str, Any]:
    """A plotly figure (`data`, `layout`): a trend with the band behind it and the forecast after it.

    `signal` names the rings. Without a band the trend stands alone. `percent` is for shares (0 to 1), whose
    axis need not begin at 0.
    """
    figure = trend(now, before, theme, height=height, flags=flags, percent=percent, zero_based=not percent)
    drawn = [part for part in (band, forecast) if part is not None]
    behind = [trace for part in drawn for trace in _range(part, theme)]
    ahead = [] if forecast is None else [_ahead(now, forecast, theme)]
    figure["data"] = [*behind, *figure["data"], *ahead, *ringed(rings, signal, theme)]
    days = [*now.days, *(day for part in drawn for day in part.days)]
    figure["layout"]["xaxis"]["range"] = [min(days).isoformat(), max(days).isoformat()]
    if (max(days) - min(days)).days > MONTHLY_TICKS:
        figure["layout"]["xaxis"]["dtick"] = "M3"
    for label in figure["layout"]["annotations"]:
        # the names of the lines stand at the end of the chart, not where the known days end
        if label.get("xanchor") == "left" and label.get("xshift") == 6:
            label["x"] = max(days).isoformat()
    return figure


def _range(band: Band, theme: Theme) -> list[dict[str, Any]]:
    x = [day.isoformat() for day in band.days]
    edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
    fill = {"fill": "tonexty", "fillcolor": theme.band}
    return [{**edge, "y": list(band.low)}, {**edge, "y": list(band.high), **fill}, _middle(band, x, theme)]


def _middle(band: Band, x: Sequence[str], theme: Theme) -> dict[str, Any]:
    """The expectation itself: no line, only what the pointer reads."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": band.name,
        "x": list(x),
        "y": list(band.expected),
        "text": list(band.hover),
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "line": {"width": 1, "color": f"rgba({','.join(map(str, rgb(theme.muted)[:3]))},0.5)", "dash": "dot"},
    }


def _ahead(now: Series, forecast: Band, theme: Theme) -> dict[str, Any]:
    """The dashed line from the last known point through the forecast."""
    last = [(day, value) for day, value in zip(now.days, now.values, strict=True) if value is not None][-1:]
    points = [*last, *zip(forecast.days, forecast.expected, strict=True)]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [day.isoformat() for day, _ in points],
        "y": [value for _, value in points],
        "hoverinfo": "skip",
        "line": {"width": 1.8, "color": theme.ink, "dash": "dash"},
    }


def ringed(rings: Sequence[Ring], name: str, theme: Theme) -> list[dict[str, Any]]:
    """The trace of the rings, called `name`; none without rings."""
    if not rings:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "cliponaxis": False,  # a ring at the last day is drawn whole
            "name": name,
            "x": [ring.day.isoformat() for ring in rings],
            "y": [ring.value for ring in rings],
            "text": [ring.text for ring in rings],
            "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
            "marker": {
                "symbol": "circle-open",
                "size": 13,
                "color": theme.primary,
                "line": {"width": 2, "color": theme.primary},
            },
        }
    ]

"""A stock that should shrink: what is left, what the plan leaves, and the forecast until zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.figures.expectation import Band, expectation
from dashboards.figures.surface import label
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Series


def burn_down(
    left: Series, plan: Series, forecast: Band | None, theme: Theme, *, names: Sequence[str], height: int
) -> dict[str, Any]:
    """A plotly figure (`data`, `layout`); `plan` may go on after the last day of `left`.

    `names` are those of the stock and of the plan as written at the last known day; text is escaped.
    """
    figure = expectation(left, None, None, forecast, (), theme, signal="", height=height)
    figure["data"].append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": plan.name,
            "x": [day.isoformat() for day in plan.days],
            "y": list(plan.values),
            "text": list(plan.hover),
            "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
            "line": {"color": theme.primary, "width": 1.4, "dash": "dot"},
        }
    )
    layout = figure["layout"]
    last = [*left.days, *plan.days, *(() if forecast is None else forecast.days)]
    layout["xaxis"]["range"] = [left.days[0].isoformat(), max(last).isoformat()]
    layout["xaxis"]["dtick"] = "M3"
    layout["margin"]["r"] = 16
    here = left.days[-1]
    at = {"xref": "x", "yref": "y", "xanchor": "left", "xshift": 4}
    values = (left.values[-1], dict(zip(plan.days, plan.values, strict=True)).get(here))
    layout["annotations"] = [
        label(name, here.isoformat(), value, colour, yshift=14, **at)
        for name, value, colour in zip(names, values, (theme.ink, theme.primary), strict=True)
        if value is not None
    ]
    return figure

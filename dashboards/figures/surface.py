"""The empty surface of a chart: colours, type and margins that charts of members share."""

from __future__ import annotations

from typing import Any

from dashboards.figures.theme import FONT, Theme


def surface(
    theme: Theme,
    height: int,
    margin: tuple[int, int, int, int],
    *,
    x: dict[str, Any],
    y: dict[str, Any],
    notes: list[dict[str, Any]],
    shapes: list[dict[str, Any]],
) -> dict[str, Any]:
    """A plotly layout of `height` pixels with margins left, right, top, bottom; axes never zoom."""
    left, right, top, bottom = margin
    hover = {"color": theme.ink, "size": 12, "family": FONT}
    fixed = {"fixedrange": True, "zeroline": False, "linecolor": theme.hairline, "gridcolor": theme.hairline}
    return {
        "font": {"color": theme.muted, "size": 12, "family": FONT},
        "hoverlabel": {"font": hover, "bgcolor": theme.card, "bordercolor": theme.hairline, "align": "left"},
        "plot_bgcolor": theme.card,
        "paper_bgcolor": theme.card,
        "showlegend": False,
        "height": height,
        "margin": {"t": top, "b": bottom, "l": left, "r": right},
        "xaxis": fixed | x,
        "yaxis": fixed | y,
        "annotations": notes,
        "shapes": shapes,
    }


def label(text: str, x: Any, y: Any, colour: str, **more: Any) -> dict[str, Any]:
    """A text at a point of the chart, without an arrow; `text` is escaped by the caller."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"color": colour, "size": 11}} | more


def line(theme: Theme, **place: Any) -> dict[str, Any]:
    """A straight hairline; `place` says where (x0, x1, y0, y1, xref, yref)."""
    return {"type": "line", "line": {"color": theme.hairline, "width": 1}} | place

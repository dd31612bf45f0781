"""How soon cases come back: the share that has returned by each day, as steps that only rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.surface import label, line, surface
from dashboards.figures.theme import Theme


@dataclass(frozen=True)
class Returned:
    """One curve: `shares[i]` (0 to 1) has returned by the end of day `i`; words are escaped by the caller."""

    name: str
    shares: tuple[float, ...]
    hover: tuple[str, ...]


def returns(
    now: Returned, before: Returned | None, marks: Sequence[int], theme: Theme, *, height: int
) -> dict[str, Any]:
    """A plotly figure: this cohort in ink, an earlier one thin and grey; `marks` are days to point out."""
    curves = [] if before is None else [_steps(before, theme.muted, 1.2)]
    curves.append(_steps(now, theme.ink, 2.2))
    last = len(now.shares) - 1
    ends = [(now, theme.ink)] if before is None else [(now, theme.ink), (before, theme.muted)]
    above = before is None or now.shares[-1] >= before.shares[-1]
    notes = [
        label(
            curve.name,
            last,
            curve.shares[-1],
            colour,
            xanchor="left",
            xshift=4,
            yshift=(7 if (curve is now) is above else -7) if before is not None else 0,
        )
        for curve, colour in ends
    ]
    return {
        "data": curves,
        "layout": surface(
            theme,
            height,
            (48, 92, 8, 28),
            x={"range": [0, last], "tickvals": [0, *marks], "showgrid": False},
            y={"tickformat": ".1~%", "nticks": 5, "rangemode": "tozero"},
            notes=notes,
            shapes=[line(theme, x0=day, x1=day, y0=0, y1=1, xref="x", yref="paper") for day in marks],
        ),
    }


def _steps(curve: Returned, colour: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": curve.name,
        "x": list(range(len(curve.shares))),
        "y": list(curve.shares),
        "text": list(curve.hover),
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "line": {"color": colour, "width": width, "shape": "hv"},
    }

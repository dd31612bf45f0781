"""A funnel plot: every member's rate against its size, between the limits of two and three deviations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from dashboards.figures.surface import label, surface
from dashboards.figures.theme import Theme
from queries.insights.funnel_limits import Limits

_MANY = 100  # dots from which on they are drawn smaller


@dataclass(frozen=True)
class Dot:
    """One member: `tone` is better, worse or plain; only a `named` one has its name beside it.

    `items` opens the items behind its value.
    """

    name: str
    size: float
    value: float
    tone: str
    hover: str
    named: bool = False
    chosen: bool = False
    items: str = ""


@dataclass(frozen=True)
class FunnelWords:
    """What stands at the axes, at the pooled rate and at the limits."""

    size: str
    centre: str
    limit_2: str
    limit_3: str


def funnel(
    dots: Sequence[Dot],
    limits: Sequence[Limits],
    centre: float,
    words: FunnelWords,
    theme: Theme,
    *,
    height: int = 400,
    percent: bool = False,
    log: bool = False,
) -> dict[str, Any]:
    """A plotly figure; `limits` by growing size. All text is escaped by the caller.

    `log` spreads sizes of very unequal members; the limits of the smallest may then leave the chart.
    """
    smallest = min((dot.size for dot in dots), default=limits[-1].size)
    if log:
        limits = [one for one in limits if one.size >= 0.8 * smallest]
    sizes = [one.size for one in limits]
    curves = [
        _curve(sizes, [getattr(one, name) for one in limits], theme.muted, dash)
        for name, dash in (("low_3", "solid"), ("low_2", "dot"), ("high_2", "dot"), ("high_3", "solid"))
    ]
    reaching = median(dot.size for dot in dots) if log and dots else 0.6 * smallest
    near = [one for one in limits if one.size >= reaching] or list(limits[-1:])
    reach = [near[0].low_3, near[0].high_3, *(dot.value for dot in dots)]
    low, high = min(reach), max(reach)
    room = 0.06 * ((high - low) or 1.0)
    last, widest = limits[-1], (1.8 if log else 1.18) * sizes[-1]
    # a label on a logarithmic axis stands at the logarithm
    end = math.log10(last.size) if log else last.size
    notes = [
        label(words.centre, end, centre, theme.ink, xanchor="left", xshift=4),
        *(
            label(text, end, at, theme.muted, xanchor="left", xshift=4, yshift=shift)
            for text, at, shift in (
                (words.limit_3, last.high_3, 4),
                (words.limit_2, last.high_2, -4),
                (words.limit_2, last.low_2, 4),
                (words.limit_3, last.low_3, -4),
            )
            # near 100 % both upper limits and the centre are one line
            if at < centre or last.high_3 - centre > 0.03 * (high - low)
        ),
    ]
    return {
        "data": [
            *curves,
            _curve([sizes[0] if log else 0, sizes[-1]], [centre, centre], theme.ink, "solid"),
            _dots(dots, theme),
        ],
        "layout": surface(
            theme,
            height,
            (52, 12, 8, 40),
            x={
                "range": [math.log10(0.85 * min(smallest, sizes[0])), math.log10(widest)]
                if log
                else [0, widest],
                "showgrid": False,
                "title": {"text": words.size, "standoff": 6},
                "tickformat": "~s" if widest >= 10_000 else ",d",
                **({"type": "log", "dtick": 1} if log else {}),
            },
            y={"range": [low - room, high + room], "tickformat": ".1~%" if percent else "~g", "nticks": 6},
            notes=notes,
            shapes=[],
        ),
    }


def _curve(x: Sequence[float], y: Sequence[float], colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "hoverinfo": "skip",
        "line": {"color": colour, "width": 1, "dash": dash},
    }


def _places(dots: Sequence[Dot]) -> list[int]:
    """The place by size of each dot whose name is written; 0 of the others."""
    written = sorted(
        (at for at, dot in enumerate(dots) if dot.named or dot.chosen), key=lambda at: dots[at].size
    )
    place = {at: number for number, at in enumerate(written)}
    return [place.get(at, 0) for at in range(len(dots))]


def _dots(dots: Sequence[Dot], theme: Theme) -> dict[str, Any]:
    colours = {"better": theme.better, "worse": theme.worse, "plain": theme.muted}
    # The sign says the tone as well: colour is never alone.
    signs = {"better": "circle", "worse": "diamond", "plain": "circle-open"}
    size = 10 if len(dots) < _MANY else 6
    return {
        "type": "scatter",
        "mode": "markers+text",
        "ids": [dot.name for dot in dots],
        "x": [dot.size for dot in dots],
        "y": [dot.value for dot in dots],
        "text": [dot.name if dot.named or dot.chosen else "" for dot in dots],
        # Neighbours in size have their names above and below, so that these do not cover each other.
        "textposition": ["top center" if place % 2 else "bottom center" for place in _places(dots)],
        "textfont": {"size": 11, "color": theme.ink},
        "hovertext": [dot.hover for dot in dots],
        "customdata": [dot.items for dot in dots],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "size": [size + 3 if dot.chosen else size for dot in dots],
            "symbol": [signs[dot.tone] for dot in dots],
            "color": [colours[dot.tone] for dot in dots],
            "line": {
                "width": [2 if dot.chosen else 1.5 if size > 6 else 1 for dot in dots],
                "color": theme.ink,
            },
        },
    }

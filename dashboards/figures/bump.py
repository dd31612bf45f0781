"""A bump chart: the rank of every member period by period, group below group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import fitting
from dashboards.figures.surface import label, surface
from dashboards.figures.theme import Theme

_ROW = 24  # pixels for one rank
TYPE = 11  # pixels, that of a label
_SIDE = 128  # pixels at either side
NAME_ROOM = 96  # pixels of them for a name; the caller cuts longer ones


@dataclass(frozen=True)
class Lane:
    """One member's ranks, None where it was not ranked; `tone` is better, worse or plain."""

    name: str
    ranks: tuple[int | None, ...]
    hover: tuple[str, ...]
    tone: str = "plain"
    chosen: bool = False


@dataclass(frozen=True)
class Lanes:
    """The members of one group under its heading."""

    name: str
    lanes: tuple[Lane, ...]


def bump(
    groups: Sequence[Lanes], periods: Sequence[str], theme: Theme, *, fade: bool = False
) -> dict[str, Any]:
    """A plotly figure; `fade` draws all but the chosen member pale. All text is escaped by the caller.

    Members that share a rank share its point; their names stand side by side.
    """
    traces, notes, top = [], [], 0.0
    for group in groups:
        notes.append(label(group.name, 0, -(top + 0.2), theme.ink, xanchor="left", xshift=-8))
        ends: tuple[dict[int, list[str]], dict[int, list[str]]] = ({}, {})
        for lane in group.lanes:
            traces.append(_lane(lane, periods, top, theme, fade) | {"legendgroup": group.name})
            for place, names in zip((0, -1), ends, strict=True):
                rank = lane.ranks[place] if lane.ranks else None
                if rank is not None:
                    names.setdefault(rank, []).append(lane.name)
        for names, at, anchor, shift in ((ends[0], 0, "right", -8), (ends[1], len(periods) - 1, "left", 8)):
            notes += [
                label(
                    f"{_together(who)} {rank}" if anchor == "right" else f"{rank} {_together(who)}",
                    at,
                    -(top + rank),
                    theme.ink,
                    xanchor=anchor,
                    xshift=shift,
                )
                for rank, who in names.items()
            ]
        top += len(group.lanes) + 1
    axis = {
        "range": [-0.2, len(periods) - 0.8],
        "tickmode": "array",
        "tickvals": list(range(len(periods))),
        "ticktext": list(periods),
        "showgrid": True,
    }
    rows = {"range": [-(top - 0.3), 0.3], "showticklabels": False, "showgrid": False}
    return {
        "data": traces,
        "layout": surface(
            theme, round(_ROW * top) + 40, (_SIDE, _SIDE, 4, 28), x=axis, y=rows, notes=notes, shapes=[]
        ),
    }


def _together(names: Sequence[str]) -> str:
    """Names side by side; where there is no room for all, the first and how many more."""
    every = " / ".join(names)
    if len(names) == 1 or fitting.width(every, TYPE) <= NAME_ROOM:
        return every
    return f"{names[0]} +{len(names) - 1}"


def _lane(lane: Lane, periods: Sequence[str], top: float, theme: Theme, fade: bool) -> dict[str, Any]:
    colour = {"better": theme.better, "worse": theme.worse, "plain": theme.muted}[lane.tone]
    if lane.chosen:
        colour = theme.primary
    strong = lane.chosen or (lane.tone != "plain" and not fade)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": lane.name,
        "x": list(range(len(periods))),
        "y": [None if rank is None else -(top + rank) for rank in lane.ranks],
        "text": ["" if rank is None else str(rank) for rank in lane.ranks],
        "hovertext": list(lane.hover),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "opacity": 1.0 if strong else (0.35 if fade else 0.6),
        "line": {"color": colour, "width": 3 if strong else 1.4, "shape": "spline", "smoothing": 0.4},
        "marker": {"color": colour, "size": 8 if strong else 5},
    }

"""A dumbbell chart: every member's value then (hollow) and now (full), joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.surface import surface
from dashboards.figures.theme import Theme

TYPE = 12  # pixels, that of a name
NAME_ROOM = 132  # pixels for a name; the caller cuts longer ones


@dataclass(frozen=True)
class Pair:
    """One member then and now, NaN-free: None where there was no value; `tone` is better, worse or plain."""

    name: str
    before: float | None
    now: float | None
    tone: str
    hover: str


def dumbbell(pairs: Sequence[Pair], theme: Theme, *, percent: bool = False, row: int = 26) -> dict[str, Any]:
    """A plotly figure, the first pair on top, `row` pixels for each. All text is escaped by the caller."""
    colours = {"better": theme.better, "worse": theme.worse, "plain": theme.unchanged}
    rows = list(range(len(pairs)))
    joins = [
        {
            "type": "line",
            "x0": pair.before,
            "x1": pair.now,
            "y0": place,
            "y1": place,
            "layer": "below",
            "line": {"color": colours[pair.tone], "width": 3},
        }
        for place, pair in enumerate(pairs)
        if pair.before is not None and pair.now is not None
    ]
    then = _points([pair.before for pair in pairs], pairs, rows)
    then["marker"] = {"size": 10, "color": theme.card, "line": {"width": 2, "color": theme.muted}}
    now = _points([pair.now for pair in pairs], pairs, rows)
    # The sign says the tone as well: colour is never alone.
    now["marker"] = {
        "size": 11,
        "color": [colours[pair.tone] for pair in pairs],
        "symbol": ["diamond" if pair.tone == "worse" else "circle" for pair in pairs],
    }
    return {
        "data": [then, now],
        "layout": surface(
            theme,
            row * len(pairs) + 44,
            (NAME_ROOM + 12, 16, 4, 28),
            x={"tickformat": ".1~%" if percent else "~g", "nticks": 6},
            y={
                "range": [len(pairs) - 0.5, -0.5],
                "tickmode": "array",
                "tickvals": rows,
                "ticktext": [pair.name for pair in pairs],
                "tickfont": {"color": theme.ink, "size": TYPE},
                "showgrid": False,
            },
            notes=[],
            shapes=joins,
        ),
    }


def _points(x: Sequence[float | None], pairs: Sequence[Pair], rows: Sequence[int]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(x),
        "y": list(rows),
        "hovertext": [pair.hover for pair in pairs],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }

"""How a stock became another: opening, what came and went, closing, as columns that hang on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.surface import surface
from dashboards.figures.theme import Theme

_ROOM = 1.15  # of the highest column, for the number above it


@dataclass(frozen=True)
class Step:
    """One column: a level (`is_level`) stands on zero, a change hangs on what was there before it.

    `text` is printed above it, `hover` read by the pointer; both are escaped by the caller. `items` opens the
    items of the column.
    """

    name: str
    amount: float
    text: str
    hover: str
    is_level: bool = False
    items: str = ""


def waterfall(steps: Sequence[Step], theme: Theme, *, height: int) -> dict[str, Any]:
    """A plotly figure (`data`, `layout`) of `height` pixels.

    Raises ValueError when a level after the first is not what the steps before it add up to.
    """
    bases, reached = [], 0.0
    for at, step in enumerate(steps):
        if step.is_level:
            if at and step.amount != reached:
                raise ValueError(f"{step.name} is {step.amount:g}, the steps before add up to {reached:g}")
            bases.append(0.0)
            reached = step.amount
        else:
            bases.append(min(reached, reached + step.amount))
            reached += step.amount
    tops = [base + abs(step.amount) for base, step in zip(bases, steps, strict=True)]
    trace = {
        "type": "bar",
        "x": [step.name for step in steps],
        "y": [abs(step.amount) for step in steps],
        "base": bases,
        "text": [step.text for step in steps],
        "textposition": "outside",
        "textfont": {"color": theme.ink, "size": 13},
        "cliponaxis": False,
        "hovertext": [step.hover for step in steps],
        "customdata": [step.items for step in steps],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": [_colour(step, theme) for step in steps]},
        "width": 0.55,
    }
    return {
        "data": [trace],
        "layout": surface(
            theme,
            height,
            (44, 12, 16, 28),
            x={"showgrid": False, "type": "category"},
            y={"range": [0, _ROOM * (max(tops, default=0.0) or 1.0)], "tickformat": ",d", "nticks": 5},
            notes=[],
            shapes=[],
        ),
    }


def _colour(step: Step, theme: Theme) -> str:
    if step.is_level:
        return theme.primary
    return theme.worse if step.amount > 0 else theme.better

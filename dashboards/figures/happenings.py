"""What happened, on a time axis: remarks as flags, event windows as pale bands, holidays along the foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dashboards.figures.surface import line
from dashboards.figures.theme import Theme
from dashboards.figures.trend import REMARK, Flag, flag_labels

_AXIS = "y9"  # lies over the axis of the values, from 0 to 1, and is not drawn
_FOOT = 0.03  # of the height


@dataclass(frozen=True)
class Stretch:
    """Days `start` to `end`, both included, and what the pointer reads there (escaped)."""

    start: date
    end: date
    text: str


def happenings(
    figure: Mapping[str, Any],
    flags: Sequence[Flag],
    events: Sequence[Stretch],
    holidays: Sequence[Stretch],
    theme: Theme,
) -> dict[str, Any]:
    """`figure` (a plotly figure over days) with what happened drawn behind it; nothing else of it changes."""
    layout = dict(figure["layout"])
    middle = _middle(layout["xaxis"]["range"])
    rules = [
        line(theme, x0=flag.day.isoformat(), x1=flag.day.isoformat(), y0=0, y1=1, xref="x", yref="paper")
        for flag in flags
    ]
    bands = [_band(one, 1.0, theme.hairline, 0.55) for one in events]
    feet = [_band(one, _FOOT, theme.muted, 0.8) for one in holidays]
    layout["shapes"] = [*bands, *feet, *rules, *layout.get("shapes", ())]
    layout["annotations"] = [*layout.get("annotations", ()), *flag_labels(flags, middle, theme)]
    margin, room = layout["margin"], REMARK * len(flags)
    layout |= {"margin": {**margin, "t": margin["t"] + room}, "height": layout["height"] + room}
    layout["yaxis9"] = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
    data = [*figure["data"], *(_read(events, 0.97)), *(_read(holidays, _FOOT / 2))]
    return {"data": data, "layout": layout}


def _middle(reach: Sequence[str]) -> date:
    first, last = (date.fromisoformat(day[:10]) for day in reach)
    return first + (last - first) / 2


def _band(one: Stretch, height: float, colour: str, opacity: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        # a day is drawn from its noon before to its noon after, so that one day has a width
        "x0": f"{one.start - timedelta(days=1)} 12:00",
        "x1": f"{one.end} 12:00",
        "y0": 0,
        "y1": height,
        "fillcolor": colour,
        "opacity": opacity,
        "line": {"width": 0},
        "layer": "below",
    }


def _read(stretches: Sequence[Stretch], height: float) -> list[dict[str, Any]]:
    """Unseen points in the middle of each stretch, for the pointer."""
    if not stretches:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [(one.start + (one.end - one.start) / 2).isoformat() for one in stretches],
            "y": [height] * len(stretches),
            "yaxis": _AXIS,
            "text": [one.text for one in stretches],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"size": 10, "opacity": 0},
            "cliponaxis": False,
        }
    ]

"""The plan goes on after the last known day, and the axis reaches the end of plan and forecast."""

from __future__ import annotations

from datetime import date, timedelta

from dashboards.figures.burn_down import burn_down
from dashboards.figures.expectation import Band
from dashboards.figures.theme import LIGHT
from dashboards.figures.trend import Series

DAYS = tuple(date(2026, 1, 3) + timedelta(weeks=at) for at in range(6))
LEFT = Series("left", DAYS[:3], (30.0, 28.0, 25.0))
PLAN = Series("plan", DAYS[:5], (26.0, 20.0, 12.0, 5.0, 0.0), ("read",) * 5)
AHEAD = Band(
    "forecast", DAYS[2:], (25.0, 20.0, 10.0, 0.0), (25.0, 15.0, 2.0, 0.0), (25.0,) * 4, ("read",) * 4
)


def test_plan_and_forecast_reach_beyond_the_known_days() -> None:
    figure = burn_down(LEFT, PLAN, AHEAD, LIGHT, names=("left", "plan"), height=200)
    assert figure["data"][-1]["y"][-2:] == [5.0, 0.0]
    assert figure["layout"]["xaxis"]["range"] == ["2026-01-03", DAYS[5].isoformat()]
    (dashed,) = [trace for trace in figure["data"] if trace["line"].get("dash") == "dash"]
    assert dashed["y"][0] == 25.0


def test_names_stand_at_the_last_known_day() -> None:
    notes = burn_down(LEFT, PLAN, None, LIGHT, names=("left", "plan"), height=200)["layout"]["annotations"]
    assert [(note["text"], note["x"], note["y"]) for note in notes] == [
        ("left", DAYS[2].isoformat(), 25.0),
        ("plan", DAYS[2].isoformat(), 12.0),
    ]


def test_without_a_forecast_nothing_is_dashed() -> None:
    figure = burn_down(LEFT, PLAN, None, LIGHT, names=("left", "plan"), height=200)
    assert all(trace["line"].get("dash") != "dash" for trace in figure["data"])
    assert figure["layout"]["xaxis"]["range"][1] == DAYS[4].isoformat()

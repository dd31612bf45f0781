"""The line over time is a figure that plotly accepts."""

from datetime import date, timedelta

import plotly.graph_objects as go
import pytest

from dashboards.figures.theme import THEMES
from dashboards.figures.trend import Flag, Series, trend

DAYS = tuple(date(2026, 1, 5) + timedelta(weeks=n) for n in range(4))
NOW = Series("2026", DAYS, (10.0, None, 12.0, 11.0), ("a", "b", "c", "d"))
BEFORE = Series("2025", DAYS, (9.0, 9.5, float("nan"), 10.9))


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("before", [None, BEFORE])
def test_plotly_accepts_it(theme: object, before: Series | None) -> None:
    figure = trend(NOW, before, theme, flags=(Flag(DAYS[1], "x"),))  # type: ignore[arg-type]
    assert len(go.Figure(figure, _validate=True).data) == (1 if before is None else 2)


def test_last_year_is_drawn_on_the_days_of_this_one() -> None:
    figure = trend(NOW, BEFORE, THEMES["light"])
    last_year, this_year = figure["data"]
    assert last_year["x"] == this_year["x"] == [day.isoformat() for day in DAYS]
    assert this_year["y"] == [10.0, None, 12.0, 11.0]
    assert last_year["y"][2] is None


def test_lines_start_at_zero_and_their_names_do_not_collide() -> None:
    layout = trend(NOW, BEFORE, THEMES["dark"])["layout"]
    assert layout["yaxis"]["rangemode"] == "tozero"
    names = {note["text"]: note["yshift"] for note in layout["annotations"]}
    assert names == {"2026": 9, "2025": -9}


def test_names_of_lines_that_end_alike_stand_apart() -> None:
    alike = Series("2025", DAYS, (9.0, 9.5, 10.0, 11.0))
    notes = trend(NOW, alike, THEMES["light"])["layout"]["annotations"]
    assert {note["text"]: note["yshift"] for note in notes} == {"2026": 9, "2025": -9}

"""A day stands in the column of its week and the row of its weekday."""

from datetime import date, timedelta

from dashboards.figures.calendar import Cell, calendar
from dashboards.figures.theme import LIGHT

NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def test_every_day_has_its_square() -> None:
    first = date(2026, 1, 1)  # a Thursday
    cells = [Cell(first + timedelta(at), float(at), f"day {at}", at == 0) for at in range(10)]
    figure = calendar(cells, NAMES, LIGHT, height=150)
    heat, dots = figure["data"]
    assert heat["x"] == ["2025-12-29", "2026-01-05"]
    assert [row[0] for row in heat["z"]] == [None, None, None, 0.0, 1.0, 2.0, 3.0]
    assert [row[1] for row in heat["z"]] == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, None]
    assert heat["text"][3][0] == "day 0"
    assert (dots["x"], dots["y"]) == (["2025-12-29"], [3])
    assert figure["layout"]["yaxis"]["ticktext"] == list(NAMES)

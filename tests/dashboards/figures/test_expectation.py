"""The band lies behind the line, the forecast continues it, signals are ringed."""

from datetime import date, timedelta

from dashboards.figures.expectation import Band, Ring, expectation
from dashboards.figures.theme import LIGHT
from dashboards.figures.trend import Flag, Series

DAYS = tuple(date(2026, 1, 5) + timedelta(weeks=at) for at in range(6))
NOW = Series("2026", DAYS[:4], (10.0, 12.0, 30.0, 11.0))


def band(start: int, end: int) -> Band:
    """A band of 8 to 14 around 11."""
    days = DAYS[start:end]
    count = len(days)
    return Band("expected", days, (11.0,) * count, (8.0,) * count, (14.0,) * count, ("read",) * count)


def test_band_is_drawn_first_and_rings_last() -> None:
    rings = [Ring(DAYS[2], 30.0, "outside")]
    figure = expectation(NOW, None, band(0, 4), band(4, 6), rings, LIGHT, signal="signal", height=200)
    assert figure["data"][1]["fill"] == "tonexty"
    assert figure["data"][1]["y"] == [14.0] * 4
    last = figure["data"][-1]
    assert (last["x"], last["y"], last["marker"]["symbol"]) == (["2026-01-19"], [30.0], "circle-open")


def test_forecast_starts_at_the_last_known_point_and_the_axis_reaches_its_end() -> None:
    figure = expectation(NOW, None, band(0, 4), band(4, 6), [], LIGHT, signal="signal", height=200)
    (dashed,) = [trace for trace in figure["data"] if trace.get("line", {}).get("dash") == "dash"]
    assert dashed["x"] == ["2026-01-26", "2026-02-02", "2026-02-09"]
    assert dashed["y"] == [11.0, 11.0, 11.0]
    assert figure["layout"]["xaxis"]["range"] == ["2026-01-05", "2026-02-09"]


def test_without_an_expectation_the_trend_stands_alone() -> None:
    figure = expectation(NOW, None, None, None, [], LIGHT, signal="signal", height=200)
    assert len(figure["data"]) == 1
    assert figure["layout"]["xaxis"]["range"][1] == "2026-01-26"


def test_remarks_do_not_lie_on_each_other() -> None:
    flags = [Flag(day, "remark") for day in DAYS[:3]]
    figure = expectation(NOW, None, band(0, 4), None, [], LIGHT, signal="signal", height=200, flags=flags)
    lifted = [note["yshift"] for note in figure["layout"]["annotations"] if note["text"] == "remark"]
    assert len(set(lifted)) == 3

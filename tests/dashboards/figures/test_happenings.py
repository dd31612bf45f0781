"""What happened on a time axis is drawn behind the lines, at its days, and leaves the lines as they were."""

from __future__ import annotations

from datetime import date

from dashboards.figures.happenings import Stretch, happenings
from dashboards.figures.theme import LIGHT
from dashboards.figures.trend import REMARK, Flag, Series, trend

DAYS = tuple(date(2026, month, 1) for month in range(1, 7))
LINE = trend(Series("a", DAYS, tuple(map(float, range(6)))), None, LIGHT)
EVENT = Stretch(date(2026, 3, 3), date(2026, 3, 12), "两会")
HOLIDAY = Stretch(date(2026, 4, 4), date(2026, 4, 6), "清明节")


def test_bands_stand_at_their_days_behind_the_lines() -> None:
    drawn = happenings(LINE, (), (EVENT,), (HOLIDAY,), LIGHT)
    event, holiday = drawn["layout"]["shapes"]
    assert (event["x0"], event["x1"]) == ("2026-03-02 12:00", "2026-03-12 12:00")
    assert (event["y0"], event["y1"], event["layer"]) == (0, 1.0, "below")
    assert holiday["y1"] < 0.1
    assert drawn["data"][0] == LINE["data"][0]
    assert [trace["text"] for trace in drawn["data"][1:]] == [["两会"], ["清明节"]]
    assert {trace["yaxis"] for trace in drawn["data"][1:]} == {"y9"}
    assert drawn["layout"]["yaxis9"]["visible"] is False
    assert drawn["layout"]["yaxis"] == LINE["layout"]["yaxis"]


def test_each_remark_has_a_line_of_its_own_and_room_for_it() -> None:
    flags = (Flag(date(2026, 2, 1), "甲"), Flag(date(2026, 5, 1), "乙"))
    drawn = happenings(LINE, flags, (), (), LIGHT)
    early, late = drawn["layout"]["annotations"][-2:]
    assert (early["text"], early["xanchor"], early["yshift"]) == ("甲", "left", 0)
    assert (late["text"], late["xanchor"], late["yshift"]) == ("乙", "right", REMARK)
    assert drawn["layout"]["margin"]["t"] == LINE["layout"]["margin"]["t"] + 2 * REMARK
    assert drawn["layout"]["height"] == LINE["layout"]["height"] + 2 * REMARK
    assert [shape["x0"] for shape in drawn["layout"]["shapes"]] == ["2026-02-01", "2026-05-01"]
    assert len(drawn["data"]) == len(LINE["data"])


def test_the_figure_given_is_not_changed() -> None:
    before = str(LINE)
    happenings(LINE, (Flag(date(2026, 2, 1), "甲"),), (EVENT,), (HOLIDAY,), LIGHT)
    assert str(LINE) == before

"""Events and holidays as stretches: cut to the axis, one per holiday, in both languages and escaped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from dashboards.cards.backlog import Card
from dashboards.cards.happenings import (
    LEGEND,
    event_stretches,
    holiday_stretches,
    marked,
    marked_card,
    marked_figure,
)
from dashboards.cards.overview import TrendCard
from dashboards.figures.markup import tag
from dashboards.figures.theme import LIGHT
from dashboards.figures.trend import Series, trend
from queries.execute import open_warehouse
from queries.vocabulary import Period

PERIOD = Period(date(2026, 1, 1), date(2026, 3, 10))
EVENTS = pd.DataFrame(
    {
        "name_zh": ["旧", "两会<b>", "新"],
        "name_en": ["old", "Sessions", "new"],
        "starts_on": pd.to_datetime(["2025-11-01", "2026-03-03", "2026-05-01"]),
        "ends_on": pd.to_datetime(["2025-11-03", "2026-03-12", "2026-05-02"]),
    }
)


def test_only_windows_that_reach_in_are_drawn_and_cut() -> None:
    (found,) = event_stretches(EVENTS, PERIOD, "zh")
    assert (found.start, found.end) == (date(2026, 3, 3), date(2026, 3, 10))
    assert found.text == "重大活动：两会&lt;b&gt;（2026-03-03 至 2026-03-12）"
    assert event_stretches(EVENTS, PERIOD, "en")[0].text == "Major event: Sessions (2026-03-03 to 2026-03-12)"


def test_days_of_one_holiday_are_one_stretch() -> None:
    days = pd.date_range("2026-09-24", "2026-10-03")
    names = ["", "mid_autumn", "mid_autumn", "mid_autumn", "", "", "", "national", "national", "national"]
    found = holiday_stretches(pd.DataFrame({"day_on": days, "holiday": names}), "zh")
    assert [(one.start.day, one.end.day) for one in found] == [(25, 27), (1, 3)]
    assert found[1].text == "法定节假日：国庆节（2026-10-01 至 2026-10-03）"


def test_remarks_of_another_district_stay_off_the_axis(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    notes = warehouse.annotations()
    own = next(row for row in notes.to_dict("records") if int(row["district_id"]) > 1)
    day = pd.Timestamp(own["noted_on"]).date()
    days = (day.replace(day=1), date(day.year + 1, day.month, 1))
    line = trend(Series("a", days, (1.0, 2.0)), None, LIGHT)

    def texts(district: int | None, *, flagged: bool = False) -> list[str]:
        figure = marked_figure(line, warehouse, district, "zh", LIGHT, flagged=flagged)
        return [str(note["text"]) for note in figure["layout"]["annotations"]]

    assert own["text_zh"] in texts(int(own["district_id"]))
    assert own["text_zh"] not in texts(int(own["district_id"]) + 1)
    assert own["text_zh"] not in texts(int(own["district_id"]), flagged=True)


def test_card_says_what_the_marks_mean(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    line = trend(Series("a", (PERIOD.start, PERIOD.end), (1.0, 2.0)), None, LIGHT)
    assert LEGEND.zh in marked(TrendCard(tag("h2", "x"), line), warehouse, None, "zh", LIGHT).title
    card = marked_card(Card("x", "y", line), warehouse, None, "en", LIGHT)
    assert card.subtitle == f"y · {LEGEND.en}"
    with pytest.raises(TypeError, match="only a chart"):
        marked_card(Card("x", "y", tag("table")), warehouse, None, "en", LIGHT)
    assert marked_figure({"layout": {"xaxis": {}}}, warehouse, None, "zh", LIGHT) == {"layout": {"xaxis": {}}}

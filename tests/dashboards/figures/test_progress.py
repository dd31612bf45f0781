"""The stairs of stages: named levels, both lines, flags, and a layout that plotly accepts."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go

from dashboards.figures.progress import progress
from dashboards.figures.theme import DARK, LIGHT
from dashboards.figures.trend import Flag, Series

DAYS = (date(2026, 3, 2), date(2026, 3, 9))
REACHED, PLANNED = Series("实际", DAYS, (1.0, 2.0), ("a", "b")), Series("计划", DAYS, (1.0, 3.0), ("a", "c"))


def test_stairs_over_named_stages() -> None:
    figure = progress(REACHED, PLANNED, LIGHT, stages=("摸排", "方案", "办理"))
    assert [line["line"]["shape"] for line in figure["data"]] == ["hv", "hv"]
    assert {line["name"]: line["y"] for line in figure["data"]} == {"实际": [1.0, 2.0], "计划": [1.0, 3.0]}
    axis = figure["layout"]["yaxis"]
    assert (axis["tickvals"], axis["ticktext"]) == ([1, 2, 3], ["摸排", "方案", "办理"])
    assert figure["layout"]["xaxis"]["range"] == ["2026-03-02", "2026-03-09"]


def test_a_flag_after_the_last_report_has_room() -> None:
    for theme in (LIGHT, DARK):
        flags = [Flag(date(2026, 5, 1), "返回")]
        figure = progress(REACHED, PLANNED, theme, stages=("摸排", "方案", "办理"), flags=flags)
        assert figure["layout"]["xaxis"]["range"][1] == "2026-05-01"
        assert [note["text"] for note in figure["layout"]["annotations"]] == ["返回"]
        assert len(figure["layout"]["shapes"]) == 1
        go.Figure(figure)

"""What a deck keeps of a view comes back as it was, and what was damaged is no view."""

from __future__ import annotations

import zlib

import numpy as np
import orjson
import pytest

from dashboards.exports.deck import Area, Chart, Grid, Label, Lines, Map, Panel, View
from dashboards.exports.frozen import Unreadable, pack, unpack
from tests.hostile.strings import STRINGS

RING = ((120.1, 30.2), (120.3, 30.2), (120.2, 30.4))
FIGURE = {
    "data": [{"type": "scatter", "x": ["2026-10-01"], "y": np.array([1.5, np.nan]), "name": "件"}],
    "layout": {"yaxis": {"tickformat": ",d"}},
}
VIEW = View(
    title="一图一指数",
    words="近 4 周",
    line="数据截至 2026年10月31日",
    note="",
    remarks=("自定义口径",),
    panels=(
        Panel("要点", "", Lines(("一", "二"))),
        Panel("排名", "件", Grid(("区县", "件"), (("余杭区", "1,234"), ("西湖区", "—")))),
        Panel("走势", "每周", Chart(FIGURE)),
        Panel(
            "地图",
            "",
            Map(
                (Area("余杭区", (RING, RING), "FFFFCC", "E3E7ED"),),
                (Label("余杭区 77.7", 120.2, 30.3, True, "17212E"),),
                (RING[:2],),
                (("FFFFCC", "低"),),
            ),
        ),
    ),
    definitions=(("诉求总量", "cases_registered", "件数", "登记", "全部", "自定义"),),
)


def test_a_view_comes_back_as_it_was() -> None:
    view, mark = unpack(pack(VIEW, "演示数据"))
    assert mark == "演示数据"
    chart = view.panels[2].body
    assert isinstance(chart, Chart)
    assert chart.figure["data"][0]["y"] == [1.5, None]
    assert chart.figure["layout"] == FIGURE["layout"]
    kept = tuple(one for place, one in enumerate(view.panels) if place != 2)
    assert kept == tuple(one for place, one in enumerate(VIEW.panels) if place != 2)
    assert (view.title, view.words, view.line, view.remarks, view.definitions) == (
        VIEW.title,
        VIEW.words,
        VIEW.line,
        VIEW.remarks,
        VIEW.definitions,
    )
    assert pack(VIEW, "演示数据") == pack(VIEW, "演示数据")


def test_the_note_is_not_frozen() -> None:
    noted = View("t", "w", "l", "先看余杭", (), ())
    assert unpack(pack(noted, ""))[0].note == ""


def test_hostile_strings_come_back_as_they_were() -> None:
    words = tuple(one for one in STRINGS if not any("\ud800" <= sign <= "\udfff" for sign in one))
    assert len(words) > 200
    panel = Panel("", "", Grid(("x",), tuple((one,) for one in words)))
    found = unpack(pack(View("t", "w", "l", "", (), (panel,)), ""))[0].panels[0].body
    assert isinstance(found, Grid)
    assert tuple(row[0] for row in found.rows) == words


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zlib",
        zlib.compress(b"no json"),
        zlib.compress(b"[]"),
        zlib.compress(orjson.dumps({"mark": "", "title": "t"})),
        pack(VIEW, "")[:-20],
        zlib.compress(b"[" + b" " * 30_000_000 + b"]"),
    ],
    ids=["empty", "not packed", "not JSON", "a list", "without panels", "cut off", "a bomb"],
)
def test_what_was_damaged_is_no_view(content: bytes) -> None:
    with pytest.raises(Unreadable, match="freeze its deck anew"):
        unpack(content)

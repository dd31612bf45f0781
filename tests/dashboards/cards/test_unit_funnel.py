"""The funnel of one peer group: its centre, who is drawn, named and coloured, and what a dot opens."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from dashboards.cards.peers import Beside
from dashboards.cards.unit_funnel import unit_funnel
from dashboards.figures.theme import LIGHT
from queries.answer import Answer
from queries.drill import Side, decoded
from queries.insights.funnel_limits import Verdict
from queries.question import Question
from queries.vocabulary import Period, Text

DAY = date(2026, 10, 31)
ANSWER = Answer(Question(("replied_on_time",), Period(DAY, DAY), DAY, split=("unit",)), pd.DataFrame())
DUE = Text("到期件", "Due")


def one(id_: int, group: str, part: float, whole: float, verdict: Verdict | None) -> Beside:
    return Beside(id_, Text(f"第{id_}局", f"<b>Unit {id_}"), group, verdict, None, None, part, whole)


EVERY = (
    one(1, "street_office", 50, 100, Verdict.BELOW_3),
    one(2, "street_office", 850, 900, Verdict.INSIDE),
    one(3, "street_office", 0, 2, None),
    one(4, "utility", 10, 100, Verdict.BELOW_3),
    one(5, "utility", 40, 100, Verdict.BELOW_3),
    one(6, "utility", 850, 800 + 100, Verdict.ABOVE_3),
    one(7, "x", 0, 0, None),
)


def test_the_group_with_most_units_below_is_drawn_until_one_is_chosen() -> None:
    card = unit_funnel(EVERY, "", ANSWER, DUE, "zh", LIGHT)
    assert "公用事业单位：2 个单位显著低于同类，1 个显著高于" in card.title
    assert "未选同类组时" in card.title
    assert "中线为同类合并 81.82\u00a0%" in card.title  # 900 of 1 100
    dots = card.figure["data"][-1]
    assert dots["x"] == [100, 100, 900]
    assert dots["y"] == pytest.approx([0.1, 0.4, 850 / 900])
    assert dots["marker"]["symbol"] == ["diamond", "diamond", "circle"]
    assert [bool(name) for name in dots["text"]] == [True, True, False]


def test_a_chosen_group_has_all_its_items_in_the_centre_and_no_dot_without_a_rate() -> None:
    card = unit_funnel(EVERY, "street_office", ANSWER, DUE, "en", LIGHT)
    assert "Street offices: 1 units stand below their peers, 0 above" in card.title
    assert "centre: its peers, 89.82\u00a0%" in card.title  # 900 of 1 002
    dots = card.figure["data"][-1]
    assert dots["x"] == [100, 900]
    assert dots["hovertext"][0].startswith("&lt;b&gt;Unit 1 50.00")
    opened = decoded(dots["customdata"][0])
    assert opened.side is Side.REST
    assert opened.question.filters[0].members == (1,)


@pytest.mark.parametrize("group", ["x", "police_station"])
def test_nothing_to_draw_is_said(group: str) -> None:
    card = unit_funnel(EVERY, group, ANSWER, DUE, "zh", LIGHT)
    assert "没有可作漏斗图的单位" in card.title
    assert card.figure["data"] == []

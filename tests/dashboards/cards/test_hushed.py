"""What stands in place of sums, ranks and judgements of counts that a reader is not told all of."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from dashboards.cards import backlog, hushed
from dashboards.cards.peers import beside_peers, signal_text
from dashboards.cards.regions import metric_standings, ranking_table, regions
from queries.answer import Answer
from queries.metrics import metric
from queries.question import Question
from queries.vocabulary import Period

DAY = date(2026, 10, 31)
EXACT, HIDDEN = 0.0, math.nan


def answer(key: str, split: str, rows: list[tuple[int, float, float]], nothing: float) -> Answer:
    """Rows of (member, numerator, denominator) of a rate."""
    frame = pd.DataFrame(
        [
            {split: one, key: part / whole, f"{key}_numerator": part, f"{key}_denominator": whole}
            for one, part, whole in rows
        ]
    )
    return Answer(Question((key,), Period(DAY, DAY), DAY, split=(split,)), frame, nothing=nothing)


def test_a_title_is_put_in_place_of_a_judgement_only_where_counts_are_hidden() -> None:
    exact, told = (answer("repeat_share", "street", [(1, 1.0, 2.0)], one) for one in (EXACT, HIDDEN))
    assert hushed.instead(exact, [1]) is None
    assert hushed.instead(told, [1]) is hushed.UNJUDGED
    assert hushed.instead(told, []) is hushed.UNTOLD


@pytest.mark.parametrize(("nothing", "said"), [(EXACT, ">0<"), (HIDDEN, ">–<")])
def test_a_region_without_a_row_has_nothing_or_is_not_told(nothing: float, said: str) -> None:
    members = pd.DataFrame(
        [
            {"id": one, "code": str(one), "name_zh": f"第{one}镇", "name_en": f"Town {one}"}
            | {"peer_group": "town", "lon": 120.0, "lat": 30.0}
            for one in (1, 2)
        ]
    )
    share = metric("repeat_share")
    found = metric_standings(
        share,
        answer("repeat_share", "street", [(1, 30.0, 300.0)], nothing).frame,
        "street",
        regions(members),
        "zh",
        volumes={1: 300.0},
        nothing=nothing,
    )
    table = ranking_table(found, "zh", clickable=False)
    assert said in table[table.index("第2镇") :]
    assert [one.rank for one in found.readings] == ([1, None] if nothing == EXACT else [None, None])


def test_units_are_not_held_against_peers_of_whom_not_all_is_told() -> None:
    members = pd.DataFrame(
        [
            {"id": one, "name_zh": f"{one}局", "name_en": f"Unit {one}", "peer_group": "city_bureau"}
            for one in (1, 2)
        ]
    )
    rows = [(1, 400.0, 1000.0), (2, 990.0, 1000.0)]
    exact, told = (
        beside_peers(members, answer("replied_on_time", "unit", rows, one), "replied_on_time")
        for one in (EXACT, HIDDEN)
    )
    assert exact[0].verdict is not None
    assert exact[0].verdict.is_outlier
    assert (told[0].verdict, told[0].peers, told[0].rate) == (None, None, 40.0)
    assert signal_text(told[0], "zh") == "不作判断"


@pytest.mark.parametrize(("nothing", "late"), [(EXACT, 0.0), (HIDDEN, math.nan)])
def test_a_leader_s_items_past_plan_are_none_or_not_told(nothing: float, late: float) -> None:
    row = {backlog.LEADER: "区长", f"{backlog.PAST_PLAN}_numerator": math.nan}
    found = backlog._count(
        row, backlog.PAST_PLAN, answer(backlog.PAST_PLAN, "leader", [(1, 1.0, 2.0)], nothing)
    )
    assert found == late or (math.isnan(found) and math.isnan(late))

"""Stages of handling, worked by hand: who has come how far, where items wait, and lists of as many."""

from __future__ import annotations

import html
import math
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from dashboards.cards import stages
from queries.answer import Answer
from queries.drill import decoded
from queries.execute import Warehouse, open_warehouse
from queries.question import Question
from queries.vocabulary import Period
from tests.queries.dozen import AS_OF

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
ALL = dict.fromkeys(stages.STAGES, True)


@pytest.fixture
def few(dozen_directory: Path) -> Warehouse:
    return open_warehouse(dozen_directory)


def asked(period: Period = MARCH) -> Question:
    return Question((stages.COUNT,), period, AS_OF, split=(stages.STAGE,))


def rows(page: str) -> list[list[str]]:
    cells = [re.findall("<td[^>]*>(.*?)</td>", row) for row in re.findall("<tr.*?</tr>", page)[1:]]
    return [[re.sub("<[^>]+>", "", cell) for cell in row if "q-bar" not in cell] for row in cells]


def test_items_reach_every_stage_before_their_furthest(few: Warehouse) -> None:
    """March: 12 waits to be accepted, 9 for its reply, 15 was closed without one, seven are evaluated."""
    answer = few.ask(asked())
    assert stages.stage_counts(answer) == {1: 0, 2: 1, 3: 1, 4: 0, 5: 1, 6: 7}
    assert stages.reached(stages.stage_counts(answer)) == {1: 10, 2: 10, 3: 9, 4: 8, 5: 8, 6: 7}
    page = stages.stages_card(answer, stages.recorded_stages(few), "zh")
    assert "<h2>期内登记 10 件，2 件尚未办结，最多的停在“已转送、待受理”（1 件）</h2>" in page
    assert rows(page)[2] == ["受理", "9", "90.0\u00a0%", "90.0\u00a0%", "1"]
    assert rows(page)[3] == ["答复", "8", "80.0\u00a0%", "88.9\u00a0%", "0"]
    assert rows(page)[5][-1] == "–"


def test_every_number_opens_a_list_of_as_many(few: Warehouse) -> None:
    page = stages.stages_card(few.ask(asked()), ALL, "en")
    opened = re.findall(r'data-items="([^"]+)"[^>]*>(\d+)<', page)
    assert [int(said) for _, said in opened] == [10, 10, 1, 9, 1, 8, 8, 1, 7]
    for word, said in opened:
        assert few.listed(decoded(html.unescape(word)), ("case_id",), 0, 99).rows == int(said)


def test_a_stage_that_is_not_on_record_is_said_and_does_not_stop_the_next() -> None:
    answer = Answer(asked(), pd.DataFrame({stages.STAGE: [2, 6], stages.COUNT: [4.0, 6.0]}))
    page = stages.stages_card(answer, ALL | {3: False}, "zh")
    found = rows(page)
    assert found[2] == ["受理", "未记录", "", "–", "–", "–"]  # and no bar
    assert found[3][1:4] == ["6", "60.0\u00a0%", "60.0\u00a0%"]


def test_all_closed_and_none_at_all_are_said() -> None:
    done = Answer(asked(), pd.DataFrame({stages.STAGE: [5, 6], stages.COUNT: [1.0, 2.0]}))
    assert "3 registered, all of them closed" in stages.stages_card(done, ALL, "en")
    none = Answer(asked(), pd.DataFrame({stages.STAGE: [], stages.COUNT: []}))
    assert "期内没有登记件" in stages.stages_card(none, ALL, "zh")


def test_what_is_not_told_whole_is_not_added_up() -> None:
    hidden = Answer(asked(), pd.DataFrame({stages.STAGE: [5], stages.COUNT: [10.0]}), nothing=math.nan)
    card = str(stages.stages_card(hidden, ALL, "zh"))
    assert "本卡由细分数相加或相比得出" in card
    assert "10" not in re.sub(r"<[^>]+>", "", card)
    assert stages.stages_sheet(hidden, "zh").rows == ()

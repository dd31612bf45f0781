"""Figures of a period: coloured and explained only where their weeks show a signal."""

from __future__ import annotations

import math
import re

import pandas as pd

from dashboards.cards import overview, volume
from dashboards.cards.volume import FIRST_TIME, VOLUME
from dashboards.figures.theme import LIGHT
from queries.answer import Answer
from queries.question import Question
from queries.vocabulary import Compare, Period, Text
from tests.dashboards.cards.test_signals import CALM, MONDAY, SHIFTED, weekly

PERIOD = Period(MONDAY, MONDAY.replace(day=31))
NO_REMARKS = pd.DataFrame(columns=["noted_on", "kind", "district_id", "text_zh", "text_en"])


def counted(values: tuple[float, ...]) -> Answer:
    return weekly(VOLUME, *((one, one, math.nan) for one in values))


def total(change: float) -> Answer:
    row = {VOLUME: 400.0, f"{VOLUME}_numerator": 400.0, f"{VOLUME}_denominator": math.nan}
    row |= {f"{VOLUME}_yoy": change, f"{VOLUME}_mom": 0.02}
    question = Question((VOLUME,), PERIOD, PERIOD.end, compare=(Compare.YOY, Compare.MOM))
    return Answer(question, pd.DataFrame([row]))


def test_tile_says_its_signal_and_colours_the_change_that_agrees() -> None:
    made = volume.tiles(total(-0.1), "zh", (VOLUME,), counted(SHIFTED))
    assert re.search(r'class="q-better" title="信号：连续 8 周低于均值[^"]*">较上年同期 −10.0\s% 向好<', made)
    assert '<p class="q-note q-better">连续 8 周低于均值</p>' in made


def test_tile_of_noise_has_no_colour_and_no_word() -> None:
    made = volume.tiles(total(-0.1), "zh", (VOLUME,), counted(CALM))
    assert "q-better" not in made
    assert "向好" not in made
    assert "没有信号" in made
    assert "q-better" not in volume.tiles(total(-0.1), "zh", (VOLUME,))


def test_signal_against_the_change_is_said_but_does_not_colour_it() -> None:
    made = volume.tiles(total(0.1), "en", (VOLUME,), counted(SHIFTED))
    assert "below the mean for 8 weeks running" in made
    assert 'class="q-unchanged" title="Signal' in made


def test_member_without_weeks_is_listed_without_colour() -> None:
    frame = pd.DataFrame(
        {
            "category1": [1, 2],
            VOLUME: [300.0, 100.0],
            f"{VOLUME}_numerator": [300.0, 100.0],
            f"{VOLUME}_yoy": [-0.1, -0.2],
            f"{VOLUME}_yoy_base": [333.0, 125.0],
            FIRST_TIME: [200.0, 90.0],
            f"{FIRST_TIME}_numerator": [200.0, 90.0],
        }
    )
    answer = Answer(Question((VOLUME,), PERIOD, PERIOD.end, split=("category1",)), frame)
    weeks = weekly(VOLUME, *((1, one, one, math.nan) for one in SHIFTED), split=("category1",))
    names = {1: Text("教育", "Education"), 2: Text("交通", "Transport")}
    _, table = volume.divided(answer, weeks, names, {}, 400.0, "zh")
    assert table.count("q-num q-better") == 1
    assert "没有逐周准确数" in table


def test_week_beyond_the_limits_is_ringed_on_the_overview() -> None:
    values = [100.0 + (3 if at % 2 else -3) for at in range(overview.WEEKS)]
    values[10] = 160.0
    rows = counted(tuple(values))
    card = overview.trend_card(rows, {f"{VOLUME}_yoy": 0.1}, NO_REMARKS, None, "zh", LIGHT)
    ring = card.figure["data"][-1]
    assert ring["x"] == [rows.frame["bucket"][10].isoformat()]
    assert ring["text"] == ["高于控制上限"]
    calm = overview.trend_card(
        counted((100.0, 103.0) * 13), {f"{VOLUME}_yoy": 0.1}, NO_REMARKS, None, "zh", LIGHT
    )
    assert len(calm.figure["data"]) == 1

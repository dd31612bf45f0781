"""The index on its card: what is printed adds up to what is computed."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

import pytest

from dashboards.cards.index_card import (
    Standing,
    aim_indicators,
    aim_tiles,
    change_words,
    index_card,
    index_moves,
)
from dashboards.cards.overview import context
from dashboards.cards.signals import trailing_course
from queries.insights.index import RankInterval, Read, aim_moves, contributions, score
from queries.policies import read_index
from queries.vocabulary import Direction

POLICY = read_index()[-1]
NOW, BEFORE = date(2026, 10, 31), date(2026, 10, 3)


def standing(left_out: tuple[str, ...] = (), **changes: Any) -> Standing:
    """A region that stands halfway between all goalposts now and a quarter of the way before."""
    readings = {
        (1, day, one.key): Read(one.floor + way * (one.target - one.floor), 3.0, 7.0)
        for day, way in ((NOW, 0.5), (BEFORE, 0.25))
        for one in POLICY.indicators
        if one.key not in left_out
    }
    now, before = score(1, NOW, readings, POLICY), score(1, BEFORE, readings, POLICY)
    given: dict[str, Any] = {
        "name": "甲区",
        "now": now,
        "before": before,
        "weeks": 4,
        "moves": contributions(now, before, POLICY.aggregation),
        "series": (None, 40.0, 50.0),
    }
    return Standing(**(given | changes))


def test_contributions_shown_add_up_to_the_change() -> None:
    made = index_moves(standing(), "zh")
    printed = [float(text.replace("−", "-")) for text in re.findall(r">([+−]\d+\.\d\d)<", made)]
    assert sum(printed) == pytest.approx(25.0, abs=0.05)
    assert "合计 +25.00" in made
    assert sum(points for _, points in aim_moves(standing().moves)) == pytest.approx(25.0)


def test_large_number_change_interval_and_version_stand_on_the_card() -> None:
    here = standing(interval=RankInterval(3, 2, 5), group="城区")
    made = index_card(here, POLICY, context(here, "zh"), "zh", chosen=None)
    assert ">50.0<" in made
    assert "+25.0" in made
    assert "城区第 3 名，区间第 2–5 名" in made
    assert POLICY.version in made
    assert "自定义口径" in made


def test_aim_says_on_how_many_indicators_it_rests() -> None:
    made = aim_tiles(standing(("participation",)), "zh", chosen="responsive")
    assert "基于 3/4 项指标" in made
    assert made.count("q-chosen") == 1
    assert made.count("data-choose") == 6


def test_indicators_show_goalposts_parts_and_weights_that_add_up() -> None:
    made = aim_indicators(standing(), "responsive", "zh")
    assert made is not None
    assert "3 / 7" in made
    assert "85\u00a0%" in made
    weights = [float(text) for text in re.findall(r">(\d+\.\d)\u00a0%<", made)]
    assert sum(weights) == pytest.approx(100 / 6, abs=0.2)
    assert aim_indicators(standing(), "no such aim", "zh") is None


def test_too_few_indicators_are_said_instead_of_a_number() -> None:
    every = tuple(one.key for one in POLICY.indicators)
    here = standing(every[1:])
    assert math.isnan(here.now.value)
    made = index_card(here, POLICY, context(here, "en"), "en", chosen=None)
    assert "too few for an index" in made
    assert "nothing to take apart" in index_moves(here, "en")


def test_change_has_a_word_and_a_colour_only_as_a_signal() -> None:
    falling = trailing_course([(NOW, 60.0 - at) for at in range(9)], Direction.UP)
    assert change_words(-0.4, 4, "zh", falling) == "▼ −0.4\u00a0分（较 4 周前，变差）"
    assert change_words(-0.4, 4, "zh") == "▼ −0.4\u00a0分（较 4 周前）"
    assert change_words(0.4, 4, "en", falling) == "▲ +0.4\u00a0points on 4 weeks ago"
    made = index_card(standing(course=falling, aims={"responsive": falling}), POLICY, (), "zh", chosen=None)
    assert "连续 8 周下降" in made
    assert "q-change q-better" not in made  # the change is a rise, the signal a fall
    risen = trailing_course([(NOW, 60.0 + at) for at in range(9)], Direction.UP)
    made = index_card(standing(aims={"responsive": risen}), POLICY, (), "zh", chosen=None)
    assert made.count("q-change q-better") == 1

"""Fields of one item in words: durations, stages, inert text."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dashboards.cards.case_words import duration, inert, stage
from queries.cases import STAGES


@pytest.mark.parametrize(
    ("time", "zh", "en"),
    [
        (timedelta(days=3, hours=4, minutes=59), "3 天 4 小时", "3 d 4 h"),
        (-timedelta(hours=22), "22 小时", "22 h"),
        (timedelta(days=2, minutes=5), "2 天", "2 d"),
        (timedelta(minutes=59, seconds=59), "59 分钟", "59 min"),
        (timedelta(0), "0 分钟", "0 min"),
    ],
)
def test_a_duration_is_told_in_two_units(time: timedelta, zh: str, en: str) -> None:
    assert (duration(time, "zh"), duration(time, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        ("registered_at", "已登记、待转送"),
        ("accepted_at", "已受理、待答复"),
        ("notified_at", "已登记、待转送"),
        ("evaluated_at", "已评价"),
    ],
)
def test_the_stage_is_the_furthest_one_reached(reached: str, said: str) -> None:
    case = dict.fromkeys(STAGES) | {"registered_at": datetime(2026, 3, 1), reached: datetime(2026, 3, 2)}
    assert stage(case, "zh") == said


@pytest.mark.parametrize("sign", ["\x00", "\u202e", "\u2066", "\u200b", "\n", "\x1b", "\ufeff", "\u2028"])
def test_signs_that_do_not_print_become_blanks(sign: str) -> None:
    assert inert(f"a{sign}b") == "a b"
    assert inert("全角　空格") == "全角　空格"

"""What fell due: counts as they are, and a change has a colour only when the weeks show a signal."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from dashboards.cards.due import METRICS, due_card
from queries.answer import Answer
from queries.question import Question
from queries.vocabulary import Compare, Grain, Period, Text

DAY = date(2026, 10, 31)
WEEK = Period(DAY - timedelta(days=6), DAY)
NAMES = {1: Text("甲区", "A District"), 2: Text("乙区", "B District")}


def row(met: int, due: int, **more: float) -> dict[str, float]:
    found: dict[str, float] = dict(more)
    for key in METRICS:
        found |= {key: met / due, f"{key}_numerator": met, f"{key}_denominator": due, f"{key}_mom": -0.08}
    return found


def card(*late: int) -> str:
    """The card whose weeks had so many late of 100; the last of them is the week shown."""
    total = Answer(
        Question(METRICS, WEEK, DAY, compare=(Compare.MOM,)), pd.DataFrame([row(100 - late[-1], 100)])
    )
    parts = Answer(
        Question(METRICS, WEEK, DAY, split=("district",)),
        pd.DataFrame([row(58, 60, district=1), row(38, 40, district=2)]),
    )
    weeks = [
        {"bucket": DAY - timedelta(weeks=len(late) - at)} | row(100 - one, 100) for at, one in enumerate(late)
    ]
    period = Period(WEEK.start - timedelta(weeks=len(late)), DAY)
    weekly = Answer(Question(METRICS, period, DAY, grain=Grain.WEEK), pd.DataFrame(weeks))
    return due_card(total, parts, weekly, NAMES, "zh")


def test_fall_that_no_week_explains_is_coloured_and_says_why() -> None:
    made = card(2, 3, 2, 3, 2, 3, 2, 3, 2, 30)
    assert made.count('class="q-worse"') == len(METRICS)
    assert "信号：低于控制下限" in made
    assert "变差" in made


def test_the_same_fall_within_chance_is_not() -> None:
    made = card(2, 12, 3, 9, 1, 11, 4, 8, 2, 10)
    assert "q-worse" not in made
    assert "变差" not in made
    assert "−8.0" in made
    assert "没有信号" in made
    assert "甲区 " in made

"""The burn-down by hand: the speed from the weeks, the plan by day, what is said of the day of zero."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboards.cards.burn_down import (
    PLANNED,
    TO_PLAN,
    BurnDown,
    burn_down_card,
    burn_down_sheet,
    day_of,
    learn,
)
from dashboards.figures.theme import LIGHT
from queries.answer import Answer
from queries.question import Question
from queries.vocabulary import Period

DAY = date(2026, 10, 31)


def found(stocks: list[int], gone: list[int], plan: dict[int, int]) -> BurnDown:
    rows = [
        {
            "window_end": DAY - timedelta(weeks=len(stocks) - 1 - at),
            "backlog_stock": float(stock),
            "backlog_planned": 40.0,
            "backlog_struck_off": float(off),
        }
        for at, (stock, off) in enumerate(zip(stocks, gone, strict=True))
    ]
    question = Question((PLANNED,), Period(DAY, DAY), DAY)
    ahead: list[dict[str, Any]] = [{TO_PLAN: days, PLANNED: float(items)} for days, items in plan.items()]
    frame = pd.DataFrame(ahead, columns=[TO_PLAN, PLANNED])
    found = learn(Answer(question, pd.DataFrame(rows)), Answer(question, frame))
    assert found is not None
    return found


STEADY = found([0, 140, 130, 120, 110, 100], [7, 0, 10, 10, 10, 10], {0: 3, 7: 15, 8: 20, 20: 5})


def test_weeks_before_the_list_began_do_not_slow_it_down() -> None:
    assert STEADY.forecast is not None
    assert (STEADY.forecast.weeks, STEADY.forecast.speed) == (4, 10)
    assert day_of(STEADY, STEADY.forecast.expected) == DAY + timedelta(weeks=10)


def test_the_plan_falls_on_the_day_and_ends_at_zero() -> None:
    """40 are planned later than today: 15 of them in the first week, 20 in the second, 5 in the third."""
    assert list(STEADY.plan.values()) == [40, 25, 5, 0]
    assert list(STEADY.plan) == [DAY + timedelta(weeks=week) for week in range(4)]


def test_the_title_names_the_month_and_the_line_below_the_gap() -> None:
    card = burn_down_card(STEADY, "zh", LIGHT)
    assert card.title == "存量 100 件，按近 4 周速度约 2027-01 清零"
    assert "每周销号 10.0 件（近 4 周平均）" in card.subtitle
    assert "存量比按计划应剩多 60 件" in card.subtitle


def test_no_day_is_named_that_cannot_be_told() -> None:
    still = found([9, 9, 9, 9, 9], [0, 0, 0, 0, 0], {})
    assert "尚不能推算" in burn_down_card(still, "zh", LIGHT).title
    slow = found([9000] * 5, [0, 0, 0, 0, 1], {})
    assert "not zero within ten years" in burn_down_card(slow, "en", LIGHT).title
    unsteady = found([100] * 5, [0, 0, 0, 0, 4], {})
    assert "with no latest day" in burn_down_card(unsteady, "en", LIGHT).subtitle
    done = found([4, 3, 2, 1, 0], [1, 1, 1, 1, 1], {})
    assert burn_down_card(done, "en", LIGHT).title == "Nothing is left on hand"


def test_the_sheet_goes_on_after_the_last_known_day() -> None:
    sheet = burn_down_sheet(STEADY, "en")
    days = [row[0] for row in sheet.rows]
    assert days == sorted({*days}, key=str)
    assert sheet.rows[5] == (DAY, 100.0, 40.0, 10.0, None, None, None)
    assert sheet.rows[6] == (DAY + timedelta(weeks=1), None, 25.0, None, 90.0, 90.0, 90.0)

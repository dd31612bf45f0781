"""A change has a colour only when the latest week is a signal that points the same way, and says why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.cards import signals
from dashboards.numbers import Judgement
from queries.answer import Answer
from queries.question import Question
from queries.vocabulary import Direction, Grain, Period

MONDAY = date(2026, 5, 4)
CALM = (100.0, 104.0, 97.0, 101.0, 99.0, 103.0, 98.0, 102.0, 100.0, 96.0)
SHIFTED = (*CALM, 96.0, 95.0, 97.0, 94.0, 96.0, 95.0, 97.0)  # eight weeks below the mean of 98.2


def weekly(key: str, *rows: Sequence[float], split: tuple[str, ...] = ()) -> Answer:
    """An answer of one metric by week; a row is the member (when split), value, numerator, denominator."""
    per = len(rows) // max(1, len({row[0] for row in rows})) if split else len(rows)
    found = []
    for at, row in enumerate(rows):
        member, (value, part, whole) = (row[0], row[1:]) if split else (None, row)
        line = {"bucket": MONDAY + timedelta(weeks=at % per), key: value}
        found.append(
            {**line, f"{key}_numerator": part, f"{key}_denominator": whole}
            | ({split[0]: member} if split else {})
        )
    period = Period(MONDAY, MONDAY + timedelta(days=7 * per - 1))
    question = Question((key,), period, period.end, split=split, grain=Grain.WEEK)
    return Answer(question, pd.DataFrame(found))


def counted(values: Sequence[float]) -> signals.Course:
    return signals.courses(weekly("cases_registered", *((one, one, math.nan) for one in values)))[
        "cases_registered"
    ]


def test_noise_has_no_colour_and_says_so() -> None:
    calm = counted(CALM)
    assert calm.side == 0
    assert calm.judged(-0.2) is Judgement.UNCHANGED
    assert calm.why("zh") == ""
    assert calm.hint("zh") == "没有信号：最近一周在随机波动之内（XmR 控制图，10 周），增减不着色"


def test_run_below_the_mean_is_good_news_of_volume_and_says_for_how_long() -> None:
    shifted = counted(SHIFTED)
    assert (shifted.side, shifted.tone) == (-1, Judgement.BETTER)
    assert shifted.why("zh") == "连续 8 周低于均值"
    assert shifted.why("en") == "below the mean for 8 weeks running"
    assert shifted.hint("zh") == "信号：连续 8 周低于均值（XmR 控制图，17 周）"


def test_only_a_change_that_points_the_way_of_the_signal_is_coloured() -> None:
    shifted = counted(SHIFTED)
    assert shifted.judged(-0.03) is Judgement.BETTER
    assert signals.why(shifted.chart, 12, "zh") == "连续 8 周低于均值", "any week of the run"
    assert shifted.judged(0.03) is Judgement.UNCHANGED
    assert shifted.judged(math.nan) is Judgement.UNCHANGED
    assert shifted.judged(-0.0004) is Judgement.UNCHANGED, "it is printed as 0.0 %"
    assert signals.judged(None, -0.03) is Judgement.UNCHANGED
    assert signals.hint(None, "zh") == "没有逐周准确数，增减不着色"


def test_point_outside_is_ringed_and_a_run_only_at_its_end() -> None:
    outside = counted((*CALM, 150.0))
    assert outside.why("zh") == "高于控制上限"
    assert [ring.day for ring in outside.rings("zh")] == [MONDAY + timedelta(weeks=10)]
    assert outside.tone is Judgement.WORSE
    assert [ring.day for ring in counted(SHIFTED).rings("zh")] == [MONDAY + timedelta(weeks=16)]
    assert signals.marks(counted(SHIFTED))[-2:] == ("better", "better")
    assert signals.marks(counted(CALM)) == ("",) * 10


def test_share_stands_on_the_p_prime_chart_and_a_week_without_items_is_a_gap() -> None:
    rows = [(part / 100, part, 100.0) for part in (10, 11, 9, 10, 12, 8, 11, 10, 9)]
    found = signals.courses(weekly("repeat_share", *rows, (math.nan, 1.0, 4.0), (0.4, 40.0, 100.0)))
    course = found["repeat_share"]
    assert course.kind == "share"
    assert math.isnan(course.chart.values[9])
    assert course.chart.centre == pytest.approx(130 / 1000)
    assert (course.side, course.tone) == (1, Judgement.WORSE)


def test_stock_is_judged_by_its_moves() -> None:
    stock = [120.0 - at for at in range(9)]
    found = signals.courses(weekly("backlog_stock", *((one, one, math.nan) for one in stock)))
    course = found["backlog_stock"]
    assert course.kind == "level"
    assert course.why("zh") == "连续 8 周下降"
    assert course.tone is Judgement.BETTER
    dropped = [*(120.0 - at // 2 for at in range(12)), 90.0]
    moved = signals.courses(weekly("backlog_stock", *((one, one, math.nan) for one in dropped)))
    assert moved["backlog_stock"].why("en") == "fell more than it usually does in a week"


def test_index_is_judged_by_its_moves_as_well() -> None:
    ends = [(MONDAY + timedelta(weeks=at), 70.0 + 0.1 * at) for at in range(8)]
    rising = signals.trailing_course(ends, Direction.UP)
    assert rising.tone is Judgement.BETTER
    assert rising.why("zh") == "连续 7 周上升"
    assert signals.trailing_course(ends[:7], Direction.UP).hint("zh") == "不足 8 周，不判断信号"
    assert signals.trailing_course((), Direction.UP).side == 0


def test_every_member_of_a_split_has_its_own_course() -> None:
    rows = [(1, one, one, math.nan) for one in SHIFTED] + [(2, 50.0, 50.0, math.nan) for _ in SHIFTED]
    found = signals.courses_by(weekly("cases_registered", *rows, split=("district",)))
    assert found[1]["cases_registered"].side == -1
    assert found[2]["cases_registered"].side == 0


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_words_a_side_and_a_colour_come_together(values: list[int]) -> None:
    found = counted([float(one) for one in values])
    assert (found.side != 0) == bool(found.why("en")) == bool(found.chart.last)
    assert len(signals.marks(found)) == len(values)
    assert "nan" not in found.hint("en")

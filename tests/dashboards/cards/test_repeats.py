"""Repeat visits in words: signals, cohorts on both sides of their maturity, senders against expectation."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pandas as pd
import pytest

from dashboards.cards import repeats, sent_back
from dashboards.figures.theme import LIGHT
from queries.answer import Answer
from queries.insights.funnel_limits import Verdict
from queries.insights.survival import kaplan_meier
from queries.question import Filter, Question
from queries.vocabulary import Grain, Period, Text

AS_OF = date(2026, 10, 31)
YEAR = Period(date(2025, 11, 1), AS_OF)


def weekly(*shares: float) -> Answer:
    days = [date(2026, 1, 5) + timedelta(weeks=at) for at in range(len(shares))]
    whole = [math.nan if math.isnan(one) else 100.0 for one in shares]
    rows = {"bucket": days, "repeat_share": shares, "repeat_share_denominator": whole}
    frame = pd.DataFrame({**rows, "repeat_share_numerator": [one * 100 for one in shares]})
    return Answer(Question(("repeat_share",), YEAR, AS_OF, grain=Grain.WEEK), frame)


def monthly(**values: tuple[float, ...]) -> Answer:
    """Three months; the return rates are the same for every window unless given."""
    months = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
    ends = [date(2026, 8, 31), date(2026, 9, 30), AS_OF]
    frame: dict[str, object] = {"bucket": months}
    for days, key in repeats.RATES.items():
        rate = values.get(key, (0.03, 0.02, 0.01))
        frame[key], frame[f"{key}_numerator"] = rate, [one * 1000 for one in rate]
        frame[f"{key}_denominator"] = [1000.0] * 3
        frame[f"{key}_mature_on"] = [end + timedelta(days=int(days)) for end in ends]
    return Answer(
        Question(tuple(repeats.RATES.values()), YEAR, AS_OF, grain=Grain.MONTH), pd.DataFrame(frame)
    )


def test_a_week_outside_its_limits_is_the_title_and_a_ring() -> None:
    found = repeats.weeks(weekly(*[0.10, 0.12, 0.11, 0.10, 0.12, 0.11, 0.10, 0.12, 0.11, 0.40]))
    card = repeats.control_card(found, "zh", LIGHT)
    assert card is not None
    assert "2026-03-09 起一周重复件占比 40.00\u00a0%，高于控制上限" in card.title
    assert list(card.figure["data"][-1]["x"]) == ["2026-03-09"]


def test_quiet_weeks_say_so_and_weeks_before_the_data_are_left_out() -> None:
    found = repeats.weeks(weekly(math.nan, *[0.10, 0.12, 0.11, 0.10, 0.12, 0.11, 0.10, 0.12, 0.11]))
    card = repeats.control_card(found, "en", LIGHT)
    assert card is not None
    assert "no signal" in card.title
    assert len(found.days) == 9


def test_no_recorded_share_has_no_chart() -> None:
    assert repeats.control_card(repeats.weeks(weekly(math.nan, math.nan)), "zh", LIGHT) is None
    assert "未记录" in repeats.missing("control", is_told=True, now="zh")


def test_cohorts_are_mature_on_their_day_and_not_before() -> None:
    rates = repeats.cohort_rates(monthly())
    # 30 September + 30 days = 30 October, the day before the as-of date
    assert [one.is_mature for one in rates["30"]] == [True, True, False]
    # 31 August + 60 days = 30 October; 30 September + 60 days lies ahead
    assert [one.is_mature for one in rates["60"]] == [True, False, False]
    assert [one.is_mature for one in rates["90"]] == [False, False, False]


def test_title_is_of_the_latest_mature_cohort_of_the_chosen_window() -> None:
    rates = repeats.cohort_rates(monthly())
    assert (
        "2026-09 办结的初次件，30 天内有 2.00\u00a0% 再访"
        in repeats.cohort_card(rates, "30", True, "zh", LIGHT).title
    )
    assert "No cohort is mature yet" in repeats.cohort_card(rates, "90", True, "en", LIGHT).title


def test_table_says_when_the_immature_mature() -> None:
    table = repeats.cohort_table(repeats.cohort_rates(monthly()), "60", True, "zh")
    assert "2026-09 的 60 天队列将于 2026-11-29 成熟" in table
    assert table.count("q-num q-muted") == 3 * 4 - 3, "all but two of 30 days and one of 60"
    assert "20 / 1,000，2026-11-29 成熟" not in table
    assert "（20 / 1,000），2026-11-29 成熟" in table


def test_months_without_a_value_are_left_out() -> None:
    rates = repeats.cohort_rates(monthly(return_rate_30=(math.nan, 0.02, 0.01)))
    assert [one.month.month for one in rates["30"]] == [9, 10]
    assert len(rates["60"]) == 3


def test_curve_says_when_half_of_the_returns_have_happened() -> None:
    curve = kaplan_meier([10, 20, 60, 200], [1, 1, 1, 0], [2, 1, 1, 6])
    card = repeats.curve_card(curve, None, "zh", LIGHT)
    assert card is not None
    assert "再访的一半发生在办结后 10 天内；180 天内累计 40.00\u00a0% 再访" in card.title
    assert repeats.by_day(curve)[9:11] == pytest.approx((0.0, 0.2))
    nobody = repeats.curve_card(kaplan_meier([5], [0], [3]), None, "zh", LIGHT)
    assert nobody is not None
    assert "尚无再访" in nobody.title
    assert repeats.curve_card(None, None, "zh", LIGHT) is None


def sent(cut: str, rows: list[tuple[int, int, float, float]]) -> sent_back.Senders:
    """Senders of (member, category, returned, closed)."""
    member = {"region": "district"}.get(cut, cut)
    frame = pd.DataFrame(rows, columns=["m", "category1", "back", "closed"])
    frame = frame.rename(columns={"back": "return_rate_90_numerator", "closed": "return_rate_90_denominator"})
    frame[member] = frame["m"]
    question = sent_back.mature_question(AS_OF, "90", cut, ())
    names = {1: Text("甲", "A"), 2: Text("乙", "B"), 3: Text("丙", "C")}
    return sent_back.senders(Answer(question, frame), cut, "90", names, {1: "a"})


def test_expectation_is_that_of_the_own_mix() -> None:
    # category 1: 20 of 200 return, category 2: 80 of 200; each member returns just as its mix lets expect
    found = sent("region", [(1, 1, 18, 180), (1, 2, 8, 20), (2, 1, 2, 20), (2, 2, 72, 180)])
    assert {one.name.zh: one.due for one in found.every} == pytest.approx({"甲": 26.0, "乙": 74.0})
    assert {one.verdict for one in found.every} == {Verdict.INSIDE}
    assert "差异在随机波动之内" in sent_back.senders_table(found, "zh")


def test_who_sends_back_most_above_expectation_is_named_first() -> None:
    found = sent("category1", [(1, 1, 100, 1000), (2, 2, 300, 1000), (3, 3, 0, 5)])
    assert [one.name.zh for one in found.every] == ["乙", "丙", "甲"]
    assert [one.verdict for one in found.every] == [Verdict.ABOVE_3, None, Verdict.BELOW_3]
    table = sent_back.senders_table(found, "zh")
    assert "1 个再访显著多于应有，最多的是乙：300 件，应有 199.5 件" in table
    assert "样本不足" in table
    drawn = sent_back.senders_funnel(found, "zh", LIGHT)
    assert drawn is not None
    assert "2 个超出三倍标准差界限" in drawn[0]
    assert len(sent_back.senders_sheet(found, "zh").rows) == 3


def test_not_stated_counts_in_the_whole_and_is_not_listed() -> None:
    found = sent("category1", [(0, 0, 50, 500), (1, 1, 50, 500)])
    assert [one.name.zh for one in found.every] == ["甲"]
    assert found.pooled == pytest.approx(0.1)


def test_nothing_closed_has_nothing_to_compare() -> None:
    found = sent("category1", [])
    assert "没有可比较的再访" in sent_back.senders_table(found, "zh")
    assert sent_back.senders_funnel(found, "zh", LIGHT) is None


def test_question_is_of_mature_closings_and_of_streets_within_a_district() -> None:
    city = sent_back.mature_question(AS_OF, "180", "region", ())
    assert city.split == ("district", "category1")
    assert city.period == Period(date(2025, 5, 5), date(2026, 5, 4))
    assert sent_back.mature_question(AS_OF, "30", "region", (Filter("district", (3,)),)).split[0] == "street"
    assert sent_back.mature_question(AS_OF, "30", "category1", ()).split == ("category1",)

"""Handling in words: what the assessment leaves out, what is not recorded, who stands out, the file."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

from dashboards.cards import handling
from dashboards.cards.handling_workbook import handling_workbook
from dashboards.cards.statutes import statutes_card
from queries.answer import Answer
from queries.metrics import metrics
from queries.question import Question
from queries.statutes import Kept, Statute
from queries.vocabulary import Period, Text
from tests.dashboards.cards.reading import unlinked

DAY = date(2026, 10, 31)
NAMES = {1: Text("甲区", "A District"), 2: Text("乙区", "B District"), 3: Text("丙区", "C District")}


def answer(frame: pd.DataFrame, *split: str, keys: tuple[str, ...] = ("replied_on_time",)) -> Answer:
    return Answer(Question(keys, Period(DAY, DAY), DAY, split=split), frame)


def columns(key: str, part: float, whole: float) -> dict[str, float]:
    value = part / whole if whole > 0 else math.nan
    return {key: value, f"{key}_numerator": part, f"{key}_denominator": whole, f"{key}_yoy": math.nan}


def total(**given: tuple[float, float]) -> Answer:
    row: dict[str, Any] = {}
    for key in (*handling.ON_TIME, *handling.FLOWS, "mean_days"):
        row |= columns(key, *given.get(key, (math.nan, math.nan)))
    return answer(pd.DataFrame([row]))


def clock(*rows: tuple[int, int, float], split: str = "district") -> Answer:
    frame = pd.DataFrame(rows, columns=[split, "case_clock", "open_cases"])
    return answer(frame, split, "unit", "case_clock", keys=("open_cases",))


def regions(**rates: tuple[float, float]) -> Answer:
    rows = []
    for member, (part, whole) in enumerate(rates.values(), start=1):
        row: dict[str, Any] = {"district": member}
        for key in handling.REGION_METRICS:
            row |= columns(key, part, whole)
        rows.append(row)
    return answer(pd.DataFrame(rows), "district")


def weeks(*late: int) -> Answer:
    """Weeks in each of which so many of 100 were late."""
    rows = []
    for at, one in enumerate(late):
        row: dict[str, Any] = {"bucket": DAY - timedelta(weeks=len(late) - at)}
        for key in handling.WEEKLY:
            row |= columns(key, 100 - one, 100)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=None if rows else ["bucket"])
    return answer(frame, keys=handling.WEEKLY if rows else ("cases_registered",))


def test_change_is_coloured_only_when_the_latest_week_is_a_signal() -> None:
    def card(*late: int) -> str:
        frame = total(replied_on_time=(900, 1000)).frame.assign(replied_on_time_yoy=-0.05)
        return handling.on_time_card(answer(frame), weeks(*late), "zh")

    loud = card(2, 3, 2, 3, 2, 3, 2, 3, 2, 30)
    assert loud.count("q-worse") == 1
    assert "−5.0\u00a0个百分点 变差" in loud
    assert "低于控制下限" in loud
    calm = card(2, 3, 2, 3, 2, 3, 2, 3, 2, 3)
    assert "q-worse" not in calm
    assert "变差" not in calm


def test_what_the_assessment_leaves_out_is_the_difference() -> None:
    """950 of 1 000 assessed, 1 000 of 1 100 of all: 100 left out, 50 of them late."""
    card = handling.on_time_card(
        total(replied_on_time=(950, 1000), replied_on_time_all=(1000, 1100)), weeks(), "zh"
    )
    page = unlinked(card)
    assert "按期答复率 95.00\u00a0%：到期 1,000 件，逾期 50 件" in page
    assert '<td class="q-num">90.91\u00a0%</td><td class="q-num">100</td><td class="q-num">50</td>' in page
    assert card.count('data-items="replied_on_time~r~') == 1  # the 50 late open as a list


def test_what_is_not_recorded_is_said_and_never_zero() -> None:
    page = handling.on_time_card(total(), weeks(), "zh")
    assert page.count(">未记录<") == 6
    assert "0.00" not in page
    assert "本期没有可计算的期限" in page
    assert "Not recorded" in handling.flow_card(total(), weeks(), regions(), NAMES, "en")


def test_nothing_due_and_too_few_are_told_apart() -> None:
    card = total(replied_on_time=(0, 0), replied_on_time_all=(3, 4))
    row = card.frame.assign(replied_on_time_all=math.nan).to_dict("records")[0]
    assert handling.printed("replied_on_time", row, card, "zh") == "无应办件"
    assert handling.printed("replied_on_time_all", row, card, "zh") == "样本不足"


def test_the_longest_stage_is_named() -> None:
    days: dict[str, float] = {}
    for key, value in zip(handling.DAYS, (2.0, 6.0, 0.1, 0.2, 1.8, 1.4), strict=True):
        days |= columns(key, value, 100) | {key: value}
    page = handling.days_card(total(mean_days=(290, 100)), answer(pd.DataFrame([days])), "zh")
    assert "一半的件在 2.0 天内得到答复，最耗时的环节是受理→答复" in page
    assert ">43.2<" in page  # hours
    assert "2.9\u00a0天" in page


def test_the_clock_adds_up_and_names_the_lines() -> None:
    page = handling.clock_card(clock((1, 1, 5), (1, 3, 2), (2, 4, 3), (2, 5, 10)), "zh")
    assert "在办未答复 10 件，3 件已过红线，2 件在黄线内" in page
    assert "未记录答复期限" not in page
    assert "25.0\u00a0%" in page
    assert "未记录答复期限" in handling.clock_card(clock((1, 0, 5)), "zh")
    assert "没有在办件" in handling.clock_card(clock(), "zh")


def test_a_region_is_named_only_beyond_chance() -> None:
    codes = {1: "330101", 2: "330102", 3: "330103"}
    held = clock((1, 4, 7), (2, 4, 9))
    far = regions(a=(800, 1000), b=(4900, 5000), c=(4900, 5000))
    page = handling.regions_card(far, held, NAMES, codes, "zh")
    assert "甲区按期答复率显著偏低（80.00\u00a0%）；红线件最多的是乙区（9 件）" in page
    assert 'data-choose="330101"' in page
    near = regions(a=(95, 100), b=(97, 100), c=(98, 100))
    page = handling.regions_card(near, held, NAMES, {}, "zh")
    assert "各区域按期答复率的差异在随机波动之内" in page
    assert "data-choose" not in page
    assert "甲区" in page
    flows = handling.flow_card(total(returned_share=(5, 100)), weeks(), far, NAMES, "zh")
    assert "退回率 5.00\u00a0%，乙区最高（98.00\u00a0%），显著偏高" in flows


def test_profiles_name_the_kindest_and_the_strictest() -> None:
    found = (
        Statute("a", Text("甲法", "Law A"), "source a", {"accept": Kept(1, 1), "reply": Kept(9, 10)}),
        Statute("b", Text("乙法", "Law B"), "source b", {"accept": Kept(0, 1), "reply": Kept(5, 10)}),
    )
    page = statutes_card(found, "zh")
    assert "按甲法 90.00\u00a0%，按乙法 50.00\u00a0%" in page
    assert "没有信访渠道件" in statutes_card((), "zh")


def test_the_file_holds_every_sheet() -> None:
    far = regions(a=(800, 1000))
    held = clock((1, 4, 7), (0, 0, 2))
    statutes = (Statute("a", Text("甲法", "Law A"), "source a", {"reply": Kept(9, 10)}),)
    file = handling_workbook(
        {handling.REGIONS: far},
        held,
        Answer(
            Question(("cases_registered",), Period(DAY, DAY), DAY, split=("stage",)),
            pd.DataFrame({"stage": [3, 6], "cases_registered": [2.0, 8.0]}),
        ),
        NAMES,
        Text("全市", "City"),
        (),
        statutes,
        metrics(("open_cases",)),
        "zh",
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    assert book.sheet_names == ["区域", "环节进度", "办理时钟", "单位", "法定时限", "口径"]
    assert book.get_sheet_by_name("环节进度").to_python()[3:5] == [["受理", 10.0, 2.0], ["答复", 8.0, 0.0]]
    rows = book.get_sheet_by_name("办理时钟").to_python()
    assert ["甲区", "红线 100 % 以上", 7.0] in rows
    assert ["未明确", "未记录答复期限", 2.0] in rows
    assert book.get_sheet_by_name("法定时限").to_python()[1] == ["甲法", "答复", 9.0, 10.0, "source a"]


def hidden(answer: Answer) -> Answer:
    """The same answer to a reader who is not told every count."""
    return replace(answer, nothing=math.nan)


def test_nothing_is_subtracted_or_judged_where_counts_are_hidden() -> None:
    rates = {"replied_on_time": (900.0, 1000.0), "replied_on_time_all": (950.0, 1100.0)}
    exact, told = (
        handling.on_time_card(one, weeks(), "zh") for one in (total(**rates), hidden(total(**rates)))
    )
    assert unlinked(told).count("–") > unlinked(exact).count("–")
    parts = hidden(regions(replied_on_time=(10.0, 1000.0)))
    assert "不作判断" in handling.regions_card(parts, clock(), NAMES, {}, "zh")
    assert (
        handling.printed("replied_on_time", {"replied_on_time_denominator": math.nan}, parts, "zh")
        == "不予显示"
    )

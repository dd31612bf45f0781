"""Responsiveness in words: four definitions named, signals with their side, who stands out, the file."""

from __future__ import annotations

import io
import math
import re
from datetime import date
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from dashboards.cards import divisions
from dashboards.cards import responsiveness as words
from dashboards.cards.responsiveness_sheets import responsiveness_workbook
from dashboards.exports.workbook import Sheet
from dashboards.figures.theme import LIGHT
from queries.answer import Answer
from queries.insights.funnel_limits import Verdict
from queries.question import Question
from queries.vocabulary import Grain, Period, Text, months_later
from tests.dashboards.cards.reading import unlinked

DAY = date(2026, 10, 31)
KEY = "satisfaction"
NAMES = {
    0: Text("未明确", "Not stated"),
    1: Text("甲", "Alpha"),
    2: Text("乙", "Beta"),
    3: Text("丙", "Gamma"),
}
# METRICS §5: 满意 60, 基本满意 20, 不满意 10, 超期未评价 10.
WORKED = {
    "satisfaction": (80.0, 90.0),
    "satisfaction_beijing": (78.0, 90.0),
    "satisfaction_product": (81.0, 100.0),
    "satisfaction_not_dissatisfied": (80.0, 90.0),
    "participation": (90.0, 100.0),
}


def columns(key: str, part: float, whole: float) -> dict[str, float]:
    value = part / whole if whole > 0 else math.nan
    return {key: value, f"{key}_numerator": part, f"{key}_denominator": whole, f"{key}_yoy": math.nan}


def answer(rows: list[dict[str, Any]], *split: str, grain: Grain | None = None) -> Answer:
    first = DAY if grain is None else min(row["bucket"] for row in rows)
    question = Question((KEY,), Period(first, DAY), DAY, split=split, grain=grain)
    return Answer(question, pd.DataFrame(rows))


def total(**given: tuple[float, float]) -> Answer:
    row: dict[str, float] = {}
    for key in words.METRICS:
        row |= columns(key, *given.get(key, (0.0, 0.0)))
    return answer([row])


def parts(split: str, *rates: tuple[float, float]) -> Answer:
    keys = (KEY, "participation", words.COMPOSITE, words.REPLIES)
    rows: list[dict[str, Any]] = []
    for member, rate in enumerate(rates, start=1):
        row: dict[str, Any] = {split: member}
        for key in keys:
            row |= columns(key, *rate)
        rows.append(row)
    return answer(rows, split)


def months(*values: float, whole: float = 1000.0) -> Answer:
    first = date(2024, 11, 1)
    rows = [
        {"bucket": months_later(first, at), **columns(KEY, round(value * whole), whole)}
        for at, value in enumerate(values)
    ]
    return answer(rows, grain=Grain.MONTH)


def test_four_definitions_of_the_worked_example_are_named_with_what_they_count() -> None:
    page = unlinked(words.variants_card(total(**WORKED), "zh"))
    figures = re.findall(r'q-value"[^>]*>([0-9.]+)\xa0%<', page)
    assert figures == ["88.89", "86.67", "81.00", "88.89"]
    assert "从 81.00\xa0%（V3 乘积口径）到 88.89\xa0%（V1 信访口径）" in page
    for name in ("V1 信访口径：", "V2 北京口径：", "V3 乘积口径：", "V4 非不满意口径："):
        assert name in page
    assert '<td class="q-num">78</td><td class="q-num">90</td>' in page


def test_nothing_rated_is_said_and_never_zero() -> None:
    page = words.variants_card(total(), "zh") + words.rates_card(total(), "zh")
    assert "本期评价不足" in page
    assert "本期回访不足" in page
    assert page.count(">无应办件<") == 10
    assert "0.00" not in page


def test_lowest_of_the_three_rates_is_named() -> None:
    three = {"contact_rate": (98.0, 100.0), "resolve_rate": (70.0, 100.0), "satisfy_rate": (90.0, 100.0)}
    page = words.rates_card(total(**three, three_rates_composite=(8080.0, 100.0)), "en")
    assert "Composite 80.8\xa0points; lowest of the three: Resolve rate 70.00\xa0%" in page


def test_reviews_show_mean_items_and_coverage() -> None:
    counted = total(review_public_mean=(850.0, 10.0), review_public_coverage=(10.0, 200.0))
    page = unlinked(words.reviews_card(counted, "zh", is_wider=False))
    assert "未按所选渠道" not in page
    assert "未按所选渠道" in words.reviews_card(counted, "zh", is_wider=True)
    assert "三评平均分：群众 85.0\xa0分，专家 无应办件，第三方 无应办件" in page
    assert '<td class="q-num">10</td><td class="q-num">5.00\xa0%</td>' in page


def test_month_inside_its_limits_is_no_signal() -> None:
    """p = 0.9, n = 1 000: limits 0.9 ± 3 √(0.9 × 0.1 ÷ 1 000) = 0.8715 to 0.9285."""
    monthly = months(0.89, 0.91, 0.89, 0.91, 0.89, 0.91, 0.89, 0.91)
    chart = words.control_chart(monthly, KEY)
    card = words.time_card(monthly, chart, KEY, "zh", LIGHT)
    assert "2025-06 满意率 V1 91.00\xa0%，在控制限 87.15\xa0%–92.85\xa0% 之内" in card.title
    assert not any(words.causes(chart, at, "zh") for at in range(8))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.9,) * 11 + (0.7,), "低于下控制限"),
        ((0.7,) * 1 + (0.9,) * 11, "处于连续 7 个月及以上高于均值之中"),
        ((0.90, 0.91, 0.9, 0.91, 0.90, 0.905, 0.904, 0.903, 0.902, 0.901, 0.9, 0.899), "6 次及以上下降"),
    ],
)
def test_signal_of_the_last_month_says_its_side(values: tuple[float, ...], said: str) -> None:
    monthly = months(*values, whole=100_000.0 if "下降" in said else 1000.0)
    chart = words.control_chart(monthly, KEY)
    card = words.time_card(monthly, chart, KEY, "zh", LIGHT)
    assert said in card.title
    assert card.figure["data"][-1]["marker"]["symbol"] == "circle-open"


def test_few_months_and_no_months_call_no_signal() -> None:
    for values, said in (((0.9, 0.1), "不足 8 个月"), ((math.nan,), "没有可计算的月份")):
        monthly = months(*values) if values[0] > 0 else answer([{"bucket": DAY, **columns(KEY, 0, 0)}])
        card = words.time_card(monthly, words.control_chart(monthly, KEY), KEY, "zh", LIGHT)
        assert said in card.title


def test_region_is_named_only_beyond_the_funnel() -> None:
    """Around 0.9: 500 of 600 lies below three deviations, 50 of 60 (the same share) does not."""
    whole = total(satisfaction=(9000.0, 10000.0))
    page = words.regions_card(
        parts("district", (500, 600), (50, 60), (980, 1000)), whole, KEY, NAMES, {1: "x"}, "zh"
    )
    assert "<h2>甲满意率 V1 显著偏低</h2>" in page
    assert page.count(">显著偏低<") == 1
    assert page.count(">显著偏高<") == 1
    assert 'data-choose="x"' in page
    names = {member: Text(f"第{member}镇", f"Town {member}") for member in range(1, 5)}
    many = words.regions_card(parts("street", *((500, 600),) * 4), whole, KEY, names, {}, "zh")
    assert "<h2>第1镇、第2镇、第3镇等 4 个区域满意率 V1 显著偏低</h2>" in many
    plain = words.regions_card(parts("district", (50, 60)), whole, KEY, NAMES, {}, "en")
    assert "no region stands out low" in plain


def test_divisions_are_ordered_by_what_they_missed_beyond_the_overall_rate() -> None:
    whole = total(satisfaction=(9000.0, 10000.0))
    found = parts("category1", (950, 1000), (45, 60), (1600, 2000))
    page = unlinked(divisions.divided_card(found, whole, KEY, NAMES, {1: "a"}, "zh"))
    assert "丙不满意件比总体水平多约 200 件" in page
    assert re.findall(r'q-name"[^>]*>([甲乙丙])<', page) == ["丙", "乙", "甲"]
    assert re.findall(r'data-narrow="([^"]+)"', page) == ["category1=a"]
    row = found.frame.to_dict("records")[0]
    assert words.excess(row, KEY, 0.9, found) == pytest.approx(-50)
    assert words.missed(row, KEY) == 50
    assert words.verdict({KEY: math.nan}, KEY, 0.9, found) is Verdict.INSIDE
    plain = divisions.divided_card(parts("channel", (950, 1000)), whole, KEY, NAMES, {}, "en")
    assert "No channel has more items dissatisfied than chance allows" in plain


def test_without_an_overall_rate_nothing_is_divided() -> None:
    page = divisions.divided_card(parts("channel", (1, 2)), total(), KEY, NAMES, {}, "zh")
    assert "没有渠道的不满意件显著多于总体水平" in page


UNITS = Sheet("单位", ("单位",), (("甲局",),))


def test_file_holds_what_is_behind_the_page() -> None:
    whole = total(satisfaction=(9000.0, 10000.0))
    monthly = months(*(0.9,) * 11, 0.7)
    chart = words.control_chart(monthly, KEY)
    regions = Answer(
        Question((KEY,), Period(DAY, DAY), DAY, split=("district",)), parts("district", (5, 9)).frame
    )
    divided = [(parts("category1", (1600, 2000)), NAMES), (parts("channel", (9, 10)), NAMES)]
    made = responsiveness_workbook(
        whole, total(), NAMES[1], NAMES[2], regions, NAMES, monthly, chart, divided, UNITS, KEY, "zh"
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.sheet_names == ["合计", "三评", "区域", "按月控制图", "类别", "渠道", "单位", "口径"]
    last = book.get_sheet_by_name("按月控制图").to_python()[-1]
    assert last[2:5] == [0.7, 700.0, 1000.0]
    assert "低于下控制限" in str(last[-1])
    line = book.get_sheet_by_name("类别").to_python()[1]
    assert line[0] == "甲"
    assert line[5:] == [400.0, 200.0, "显著偏低"]
    assert len(book.get_sheet_by_name("口径").to_python()) == 1 + len(words.METRICS)

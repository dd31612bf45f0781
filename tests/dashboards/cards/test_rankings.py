"""The rankings in words: sentences that follow from the ranks, ties, too few, funnels that do not exist."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from dashboards.cards import rankings
from dashboards.cards.league import Entry, Fair, League
from dashboards.cards.league_sheets import league_workbook
from dashboards.cards.regions import Region
from dashboards.figures.theme import LIGHT
from queries.insights.funnel_limits import Law, Verdict, limits
from queries.insights.index import RankInterval
from queries.insights.rate_ranks import Draws
from queries.metrics import metric
from queries.vocabulary import Text

NAN = math.nan
DRAWS = Draws(1000, 1, 0.9)
ENDS = (date(2026, 8, 8), date(2026, 9, 5), date(2026, 10, 3))


def entry(name: str, part: float, whole: float, ranks: tuple[int | None, ...], **more: object) -> Entry:
    value = part / whole if whole else NAN
    fields: dict[str, object] = {
        "region": Region(ord(name), name, Text(name, f"{name} District"), "urban", NAN, NAN),
        "value": value,
        "part": part,
        "whole": whole,
        "expected": NAN,
        "volume": whole,
        "before": NAN,
        "values": (value if whole else None,) * 3,
        "ranks": ranks,
        "rank": ranks[-1],
        "rank_before": ranks[-2],
        "interval": None if ranks[-1] is None else RankInterval(ranks[-1], 1, 3),
        "verdict": limits(0.1, whole, Law.BINOMIAL).verdict(value) if whole else None,
    }
    return Entry(**(fields | more))  # type: ignore[arg-type]


LEAGUE = League(
    key="repeat_share",
    fair=Fair.CRUDE,
    entries=(
        entry("甲", 30, 1000, (3, 2, 1), before=0.05),
        entry("乙", 110, 1000, (1, 1, 2), before=0.10),
        entry("丙", 22, 200, (2, 3, 2), before=0.11),
        entry("丁", 0, 0, (None, None, None)),
    ),
    ends=ENDS,
    city=0.1,
    city_values=(0.1, 0.1, 0.1),
    law=Law.BINOMIAL,
    spread=12.3,
)


def test_sentence_names_first_and_last_with_those_that_share_the_rank() -> None:
    listing = rankings.table(LEAGUE, DRAWS, "note", "", "zh")
    assert listing.title == "城区：甲居首，乙、丙居末"
    assert rankings.table(LEAGUE, DRAWS, "note", "", "en").title == "Urban districts: 甲 first, 乙, 丙 last"


def test_district_with_too_few_is_listed_without_rank_or_move() -> None:
    content = rankings.table(LEAGUE, DRAWS, "note", "", "zh").content
    last = content.rsplit("<tr", 1)[-1]
    assert "丁" in last
    assert "样本不足" in last
    assert '<td class="q-num q-rank">–</td>' in last


def test_rules_of_ties_and_intervals_are_printed() -> None:
    rules = rankings.table(LEAGUE, DRAWS, "note", "", "zh").rules
    assert "1-2-2-4" in rules
    assert "4 周前" in rules
    assert "模拟 1000 次" in rules
    assert "90%" in rules
    without = replace(LEAGUE, entries=tuple(replace(one, interval=None) for one in LEAGUE.entries))
    assert "模拟" not in rankings.table(without, DRAWS, "note", "", "zh").rules


def test_volume_stands_beside_every_rank() -> None:
    content = rankings.table(LEAGUE, DRAWS, "note", "", "zh").content
    assert "诉求量" in content
    assert content.count(">1,000<") == 2
    assert ">200<" in content


def test_funnel_names_those_outside_and_shows_numerator_and_denominator() -> None:
    chart = rankings.funnel_chart(LEAGUE, "", "zh", LIGHT)
    assert chart.title == "1 个区县超出 3σ 界限：甲"
    assert "12.3 倍" in chart.note
    assert chart.figure is not None
    dots = chart.figure["data"][-1]
    assert dots["marker"]["symbol"] == ["circle", "circle-open", "circle-open"]
    assert "30 / 1,000" in dots["hovertext"][0]
    assert "第 1 名" in dots["hovertext"][0]


def test_funnel_of_equals_says_that_chance_can_explain_the_order() -> None:
    alike = replace(LEAGUE, entries=tuple(one for one in LEAGUE.entries if one.verdict is Verdict.INSIDE))
    assert "偶然" in rankings.funnel_chart(alike, "", "zh", LIGHT).title


def test_measure_without_a_law_says_why_it_has_no_funnel() -> None:
    chart = rankings.funnel_chart(replace(LEAGUE, law=None), "", "en", LIGHT)
    assert chart.figure is None
    assert "ratio of counts" in chart.note


def test_bump_names_the_largest_rise_and_fall() -> None:
    chart = rankings.bump_chart(LEAGUE, 28, "", "zh", LIGHT)
    assert chart.title == "12 期之间甲升得最多（3→1），乙降得最多（1→2）"
    assert "28 天" in chart.note
    still = replace(LEAGUE, entries=tuple(replace(one, ranks=(1, 1, 1)) for one in LEAGUE.entries))
    assert rankings.bump_chart(still, 28, "", "zh", LIGHT).title == "12 期首尾位次没有升降"


def test_dumbbell_counts_better_worse_and_not_comparable() -> None:
    chart = rankings.dumbbell_chart(LEAGUE, "zh", LIGHT)
    assert chart.title == "较上年同期，1 个区县向好，1 个变差，2 个持平或无从比较"


def test_multiples_count_those_better_than_the_city() -> None:
    listing = rankings.multiples_card(LEAGUE, "乙", "zh")
    assert listing.title == "最近一期 1 个区县好于全市，共 3 个有数"
    assert "3.00\u00a0% 至 11.00\u00a0%" in listing.note
    assert listing.content.count("q-chosen") == 1


def test_nobody_ranked_is_said() -> None:
    nobody = replace(LEAGUE, entries=LEAGUE.entries[-1:], law=None)
    assert rankings.table(nobody, DRAWS, "note", "", "zh").title == "没有可排位次的区县"
    for chart in (
        rankings.funnel_chart(nobody, "", "zh", LIGHT),
        rankings.bump_chart(nobody, 28, "", "zh", LIGHT),
        rankings.dumbbell_chart(nobody, "zh", LIGHT),
    ):
        assert chart.title


@pytest.mark.parametrize(
    ("fair", "value", "before", "change"),
    [(Fair.CRUDE, 0.2, 0.1, 0.1), (Fair.RESIDENTS, 6.0, 5.0, 0.2)],
)
def test_change_is_a_difference_of_shares_and_relative_for_rates(
    fair: Fair, value: float, before: float, change: float
) -> None:
    one = replace(LEAGUE.entries[0], value=value, before=before)
    assert rankings.change_of(replace(LEAGUE, fair=fair), one)[0] == pytest.approx(change)


def test_workbook_holds_parts_intervals_periods_and_definitions() -> None:
    content = league_workbook(LEAGUE, Text("杭州市", "Hangzhou"), (metric("repeat_share"),), "zh")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["排名", "各期", "口径"]
    head, first, *_, last = book.get_sheet_by_name("排名").to_python()
    row = dict(zip(head, first, strict=True))
    assert (row["区县"], row["位次"], row["分子"], row["分母"]) == ("甲", 1, 30, 1000)
    assert (row["位次区间下"], row["位次区间上"], row["对漏斗界限"]) == (1, 3, "低于 3σ")
    assert dict(zip(head, last, strict=True))["位次"] == "样本不足"
    periods = book.get_sheet_by_name("各期").to_python()
    assert len(periods) == 1 + 3 * (4 + 1)
    assert {line[0] for line in periods[1:]} == set(ENDS)
    assert ENDS[1] - ENDS[0] == timedelta(days=28)

"""One district in words: ranks by hand, the mix against the city, who stands out, what alarms."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from dashboards.cards import profile, profile_lists, signals
from dashboards.cards.handling import CLOCK, OPEN, RED, YELLOW
from dashboards.cards.units import Unit
from queries.answer import Answer
from queries.insights.funnel_limits import Verdict
from queries.insights.major_issues import Issue, IssuePolicy, standing
from queries.insights.rate_ranks import Draws
from queries.issue_list import IssueList
from queries.question import Question
from queries.vocabulary import Period, Text
from tests.dashboards.cards.test_signals import CALM, SHIFTED, weekly
from tests.queries.insights.test_major_issues import POLICY, issue, reports, week

DAY = date(2026, 10, 31)
PERIOD = Period(date(2026, 10, 4), DAY)
DRAWS = Draws(number=400, seed=7, coverage=0.9)
GROUPS = {1: "urban", 2: "urban", 3: "urban", 4: "suburban"}


def answer(split: str, *rows: dict[str, Any]) -> Answer:
    metrics = tuple(key for key in rows[0] if key != split)
    found = []
    for row in rows:
        line: dict[str, Any] = {split: row[split]}
        for key in metrics:
            part, whole = row[key]
            line |= {
                key: part / whole if whole else math.nan,
                f"{key}_numerator": part,
                f"{key}_denominator": whole,
            }
            line |= {f"{key}_yoy": -0.1}
            if key == profile.VOLUME:
                line |= {key: float(part), f"{key}_denominator": math.nan}
        found.append(line)
    return Answer(Question(metrics, PERIOD, DAY, split=(split,)), pd.DataFrame(found))


def test_ranks_count_only_peers_that_can_be_ranked() -> None:
    districts = answer(
        "district",
        {"district": 1, "repeat_share": (100, 1000)},
        {"district": 2, "repeat_share": (50, 1000)},
        {"district": 3, "repeat_share": (0, 0)},
        {"district": 4, "repeat_share": (10, 1000)},
    )
    ranks = profile.peer_ranks(districts, GROUPS, 1, DRAWS)
    place, of = ranks["repeat_share"]
    assert (place.rank, of) == (2, 2)  # fewer repeats are better; the suburban one is no peer
    assert place.low <= place.rank <= place.high
    assert profile.peer_ranks(districts, GROUPS, 3, DRAWS) == {}
    assert profile.peer_ranks(districts, GROUPS, 4, DRAWS)["repeat_share"][0].rank == 1


def test_more_in_the_numerator_than_in_the_denominator_is_not_ranked() -> None:
    districts = answer(
        "district", {"district": 1, "repeat_share": (12, 10)}, {"district": 2, "repeat_share": (1, 10)}
    )
    assert profile.peer_ranks(districts, GROUPS, 1, DRAWS) == {}


def test_mix_names_what_is_more_than_in_the_city() -> None:
    names = {1: Text("教育", "Education"), 2: Text("交通", "Transport")}
    own = answer(
        "category1", {"category1": 1, profile.VOLUME: (300, 0)}, {"category1": 2, profile.VOLUME: (700, 0)}
    )
    city = answer(
        "category1", {"category1": 1, profile.VOLUME: (2000, 0)}, {"category1": 2, profile.VOLUME: (8000, 0)}
    )
    page = profile_lists.categories_card(own, city, 1000, 10000, names, "zh")
    # 30 % against 20 % of 1 000: three deviations are 3.8 points
    assert "教育占比显著高于全市" in page
    assert page.index("交通") < page.index(">教育<")
    assert "显著偏低" in page
    same = profile_lists.categories_card(city, city, 10000, 10000, names, "en")
    assert "The mix differs from the city&#x27;s within chance" in same


def test_streets_name_the_one_that_stands_out() -> None:
    names = {1: Text("甲街道", "A Subdistrict"), 2: Text("乙镇", "B Town"), 3: Text("丙镇", "C Town")}
    rows = [
        {"street": 1, profile.VOLUME: (500, 0), "repeat_share": (150, 500), profile.REPLY: (480, 500)},
        {"street": 2, profile.VOLUME: (900, 0), "repeat_share": (90, 900), profile.REPLY: (880, 900)},
    ]
    page = profile_lists.streets_card(answer("street", *rows), names, "zh")
    assert "甲街道重复件占比显著偏高" in page
    assert "诉求量前 2 位，共 3 个镇街" in page
    assert page.index("乙镇") < page.index(">甲街道<")
    assert "镇街未记录" in profile_lists.streets_card(answer("street", *rows), {}, "zh")


def unit(
    name: str, verdict: Verdict | None, late: float, rate: float | None = 90.0, due: float = 20.0
) -> Unit:
    return Unit(Text(name, name), "district_bureau", verdict, rate, 95.0, rate, due, late, 0, 0, 0)


def test_units_at_both_ends_never_without_volume() -> None:
    every = [
        unit("low", Verdict.BELOW_3, 9),
        *(unit(f"plain{at}", Verdict.INSIDE, 5 - at) for at in range(5)),
        unit("best", Verdict.ABOVE_3, 0, 100.0, 400.0),
        unit("few", None, 2, None, 2.0),
    ]
    answered = answer("unit", {"unit": 0, profile.REPLY: (18, 20)})
    page = profile_lists.units_card(every, answered, "en")
    assert "1 units stand below their peers, 1 above" in page
    named = [name for name in ("low", "plain0", "plain3", "plain4", "best", "few") if f">{name}<" in page]
    assert named == ["low", "plain0", "plain3", "best"]
    assert "Units differ in replies on time within chance" in profile_lists.units_card(
        every[1:6], answered, "en"
    )
    assert "各单位应办件均不足" in profile_lists.units_card(every[-1:], answered, "zh")
    assert page.count("data-items") == 2 * 6  # due and late of each unit shown


def clock(red: int, yellow: int) -> Answer:
    question = Question((OPEN,), Period(DAY, DAY), DAY, split=("unit", CLOCK))
    rows = [
        {"unit": 1, CLOCK: band, OPEN: float(count)}
        for band, count in ((RED, red), (YELLOW, yellow))
        if count
    ]
    return Answer(question, pd.DataFrame(rows, columns=["unit", CLOCK, OPEN]))


def test_bad_signals_alarm_first_and_good_ones_are_no_alarm() -> None:
    volume = [(one, one, math.nan) for one in SHIFTED]
    shares = [(one / 200, one, 200.0) for one in (*CALM, 150.0, 150.0)]
    courses = {
        **signals.courses(weekly(profile.VOLUME, *volume)),
        **signals.courses(weekly("repeat_share", *shares)),
    }
    total = {
        profile.VOLUME: 380.0,
        "repeat_share": 0.75,
        "repeat_share_numerator": 300.0,
        "repeat_share_denominator": 400.0,
    }
    total |= {f"{profile.VOLUME}_numerator": 380.0, f"{profile.VOLUME}_denominator": math.nan}
    page = profile.alerts_card(total, courses, clock(3, 0), "zh")
    assert "2 项需要关注" in page
    assert page.index("重复件占比 75.00") < page.index("连续 8 周低于均值")
    assert ">3</span> 件在办件已过红线" in page
    assert "data-items" in page
    assert "黄线" not in page
    calm = profile.alerts_card(
        total, signals.courses(weekly(profile.VOLUME, *volume[:10])), clock(0, 0), "en"
    )
    assert "Nothing to watch" in calm


def listed(*issues: Issue, policy: IssuePolicy = POLICY) -> IssueList:
    day = week(4)
    standings = tuple(one for one in (standing(each, policy, day) for each in issues) if one is not None)
    return IssueList(day, (day,), issues, (policy,), {day: standings})


def test_open_issues_that_cost_most_come_first() -> None:
    slow = replace(issue(reports=reports("1111", "1234", "0000", "nnnn")), id=2, name=Text("慢", "slow"))
    steady = replace(issue(reports=reports("1234", "1234", "2345", "yyyy")), id=3, name=Text("稳", "steady"))
    page = profile_lists.issues_card(listed(steady, slow), "en")
    assert page.index(">slow<") < page.index(">steady<")
    assert "Major issues: 2 open" in page
    assert "没有在办的重大问题" in profile_lists.issues_card(listed(), "zh")


@pytest.mark.parametrize("key", profile.CELLS)
def test_every_measure_can_be_charted_and_ranked(key: str) -> None:
    districts = answer("district", {"district": 1, key: (60, 100)}, {"district": 2, key: (50, 100)})
    assert profile.peer_ranks(districts, GROUPS, 1, DRAWS)[key][1] == 2

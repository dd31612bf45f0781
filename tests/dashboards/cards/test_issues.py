"""The major-issue list in words: titles say what stands out; ranks, losses, what is next, what came back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboards.cards import issue_panel, issue_scores, issue_sheets, issues
from dashboards.cards.regions import Region
from dashboards.exports.workbook import workbook
from dashboards.figures.markup import Markup
from dashboards.figures.theme import LIGHT
from queries.insights.major_issues import Clear, Component, Issue, Report, Stage, Standing, standing
from queries.issue_list import IssueList
from queries.policies import read_major_issues
from queries.vocabulary import Text
from queries.windows import past_ends

VERSIONS = read_major_issues()
(POLICY,) = VERSIONS
AS_OF = date(2026, 10, 31)
EVERY = tuple(
    Region(id_, f"33010{id_}", Text(zh, en), "urban", 120.0, 30.0)
    for id_, zh, en in ((2, "上城区", "Shangcheng District"), (3, "拱墅区", "Gongshu District"))
)
NAMES = issues.places(EVERY)
NO_REMARKS = pd.DataFrame(columns=["noted_on", "kind", "district_id", "text_zh", "text_en"])
TAGS = re.compile(r"<[^>]+>")


def issue(id_: int, stage: int, clears: int, **changed: Any) -> Issue:
    """An item of Shangcheng opened 30 weeks ago, reported at one stage each week, planned in a month."""
    first = AS_OF - timedelta(days=AS_OF.weekday(), weeks=30)
    made: dict[str, Any] = {
        "id": id_,
        "name": Text(f"某小区停车问题{id_}", f"Parking {id_}"),
        "district": 2,
        "list_level": 3,
        "severity": 1,
        "people": 12,
        "leader": "上城区区长",
        "opened_on": first,
        "planned_on": AS_OF + timedelta(days=30),
        "signed_off_on": None,
        "struck_off_on": None,
        "returned_on": None,
        "reports": tuple(
            Report(
                first + timedelta(weeks=week),
                Stage(stage),
                Stage.HANDLING,
                frozenset(list(Clear)[:clears]),
                week % 2 == 0,
            )
            for week in range(31)
        ),
    }
    return Issue(**(made | changed))


DONE = {"signed_off_on": date(2026, 10, 1), "struck_off_on": date(2026, 10, 5)}
LATE = issue(2, 2, 1, planned_on=AS_OF - timedelta(days=12), severity=3)
READY = issue(3, 5, 5, signed_off_on=date(2026, 10, 20), severity=2)
WATCHED = issue(4, 6, 5, **DONE)
BACK = issue(5, 6, 5, **DONE, returned_on=date(2026, 10, 20), district=3)
ALL = (issue(1, 3, 3), LATE, READY, WATCHED, BACK)


def listed(*found: Issue, weeks: int = 27) -> IssueList:
    """A list of these items as it stood on each week."""
    days = past_ends(AS_OF, weeks)
    stood = {
        day: tuple(one for each in found if (one := standing(each, POLICY, day)) is not None) for day in days
    }
    return IssueList(AS_OF, days, found, VERSIONS, stood)


def stood(one: Issue) -> Standing:
    """How it stands on the as-of date."""
    now = standing(one, POLICY, AS_OF)
    assert now is not None
    return now


def plain(markup: object) -> str:
    """The words of a piece of the page."""
    assert isinstance(markup, Markup)
    return TAGS.sub(" ", markup)


def test_the_board_counts_its_columns_and_says_what_is_late() -> None:
    found = listed(*ALL)
    card = issues.board(found.now, POLICY, NAMES, 2, "zh")
    assert card.title == "在办 4 件，1 件超期；停在“验收”的最多（2 件）"
    assert isinstance(card.body, Markup)
    assert card.body.count("<section") == 6
    assert card.body.count('role="button"') == 5
    assert "超期 12 天" in card.body
    assert "重新打开" in card.body
    assert "观察至 2027-04-03" in card.body
    assert 'data-choose="2" tabindex="0" role="button"' in card.body
    assert card.body.count('aria-pressed="true"') == 1
    assert "180" in card.subtitle


def test_a_list_with_nothing_open_says_so() -> None:
    card = issues.board([stood(WATCHED)], POLICY, NAMES, None, "en")
    assert card.title == "Nothing is open; 1 are being watched"
    assert issues.upcoming([stood(WATCHED)], "zh").title == "没有在办事项"
    assert issues.five_clears([stood(WATCHED)], "zh").body == ""


@pytest.mark.parametrize(
    ("days", "said"), [(3, "距计划 3 天"), (0, "今日到期"), (-1, "超期 1 天"), (-400, "超期 400 天")]
)
def test_how_an_item_stands_to_its_plan(days: int, said: str) -> None:
    assert issues.due_text(stood(issue(1, 3, 3, planned_on=AS_OF + timedelta(days=days))), "zh") == said


def test_the_score_says_on_how_many_items_it_rests() -> None:
    page = plain(issues.score_tile(listed(*ALL, issue(6, 1, 0, reports=())), None, Text("杭州市", "x"), "zh"))
    score = listed(*ALL).score(None, AS_OF).value
    assert f" {score:.1f} " in page
    assert "5 件计分" in page
    assert "1 件尚无周报，不计分" in page
    assert "自定义口径 · 政策版本 2026.1" in page


def test_what_costs_most_comes_first_and_all_losses_are_told() -> None:
    score = listed(*ALL).score(None, AS_OF)
    card = issues.losses(score, "zh")
    late = next(one for one in score.shares if one.standing.issue is LATE)
    assert card.title == f"某小区停车问题2失分最多：拉低清单 {late.lost:.2f} 分"
    assert f"全部相加为 {100 - score.value:.1f} 分" in card.subtitle
    assert late.weight == pytest.approx(3 / 8)
    assert "37.5" in plain(card.body)


def test_what_strikes_off_next_names_what_is_missing() -> None:
    card = issues.upcoming(listed(*ALL).now, "zh")
    assert card.title == "1 件销号条件已齐"
    words = plain(card.body)
    assert words.index("某小区停车问题3") < words.index("某小区停车问题1") < words.index("某小区停车问题2")
    assert "条件已齐" in words
    unsigned = issues.upcoming([stood(replace(READY, signed_off_on=None))], "zh")
    assert unsigned.title == "最近可销号：某小区停车问题3，还差 1 项"
    assert "验收签字" in plain(unsigned.body)
    assert issues.missing_text(stood(issue(1, 3, 3)), "zh") == "化解、验收、工作清、方案清、验收签字"
    assert issues.missing_text(stood(issue(1, 3, 3)), "en", most=1) == "2 stages, 2 clears, sign-off"


def test_returns_tell_reopened_from_outside_the_watch() -> None:
    stale = issue(6, 6, 5, struck_off_on=date(2025, 12, 1), returned_on=date(2026, 9, 1))
    long_ago = issue(7, 6, 5, struck_off_on=date(2025, 1, 1), returned_on=date(2025, 2, 1))
    found = listed(*ALL, stale, long_ago)
    card = issues.returned(found, None, "zh")
    assert card.title == "近一年销号后返回 2 件，1 件重新打开"
    assert "另有 1 件在观察期，0 件 30 天内期满" in card.subtitle
    words = plain(card.body)
    assert "观察期外" in words
    assert "15 天" in words
    assert issues.returned(found, 2, "zh").title == "近一年销号后返回 1 件，0 件重新打开"
    assert issues.returned(listed(LATE), None, "zh").title == "近一年没有销号后返回的事项"


def test_the_weakest_clear_is_named() -> None:
    card = issues.five_clears([stood(issue(1, 3, 3)), stood(LATE)], "zh")
    assert card.title == "五清中“工作清”最弱：在办 2 件清了 0 件"
    assert "2 / 2" in plain(card.body)
    assert "50.0" in plain(card.body)


def test_a_district_with_few_items_has_no_rank() -> None:
    card = issue_scores.districts(listed(*ALL), EVERY, "330103", (), "zh")
    words = " ".join(plain(card.body).split())
    assert "上城区" in card.title
    assert "样本不足" in words
    assert re.search(r"– – 拱墅区", words)
    assert isinstance(card.body, Markup)
    assert card.body.count("q-chosen") == 1
    assert 'data-choose="330102"' in card.body
    assert 'data-items="major_issues_overdue~n~20261031~20261031~20261031~district-2"' in card.body
    assert card.body.count("data-items") == 1  # nothing is late in the other
    assert issue_scores.districts(listed(BACK), EVERY, None, (), "zh").title == "各区县清单得分"


def test_ranks_follow_the_scores() -> None:
    mine = [issue(10 + at, 2, 1) for at in range(3)]
    theirs = [issue(20 + at, 4, 4, district=3) for at in range(3)]
    words = " ".join(
        plain(issue_scores.districts(listed(*mine, *theirs), EVERY, None, (), "zh").body).split()
    )
    assert re.search(r"1 – 拱墅区 .*2 – 上城区", words)


def test_the_history_is_a_figure_with_the_city_behind_a_district() -> None:
    found = listed(*ALL)
    for here, lines in ((None, 1), (2, 2)):
        card = issue_scores.history(found, here, Text("上城区", "Shangcheng"), NO_REMARKS, "zh", LIGHT)
        assert isinstance(card.body, dict)
        assert len(card.body["data"]) == lines
        assert "清单得分 26 周内变化" in card.title
        go.Figure(card.body)
    short = issue_scores.history(listed(LATE, weeks=1), None, Text("x", "x"), NO_REMARKS, "zh", LIGHT)
    assert "历史不足" in short.title


def opened(one: Issue, now: str = "zh") -> issue_panel.Panel:
    """The panel of an item."""
    return issue_panel.panel(stood(one), listed(one).history(one.id), POLICY, NAMES, now, LIGHT)


def test_the_panel_adds_up_and_says_why() -> None:
    shown = opened(LATE)
    words = " ".join(plain(shown.words).split())
    score = stood(LATE).score
    assert f"某小区停车问题2：{score:.1f} 分" in words
    assert f"合计 {score:.1f} 分" in words
    assert "落后计划 1 个阶段" in words
    assert "已完成 1/5 个阶段" in words
    assert "未销号，不计此项" in words
    assert "人员清 ✓ 已清 诉求清 ✗ 未清" in words
    assert "近 8 周开展 4 次" in words
    assert "销号后 180 天，尚未开始" in words
    assert re.search(rf'aria-label="27 周得分：[0-9.]+ → {score:.1f}"', shown.words)
    assert shown.course is not None
    go.Figure(shown.course)


def test_the_panel_of_what_came_back() -> None:
    words = plain(opened(BACK).words)
    assert "销号后第 15 天返回" in words
    assert "返回后重新打开" in words
    watched = plain(opened(WATCHED).words)
    assert "至 2027-04-03（还有 154 天）" in watched
    assert "离销号所差" not in watched
    late = replace(WATCHED, planned_on=date(2026, 10, 1))
    assert "销号晚于计划 4 天" in plain(opened(late).words)


def test_the_panel_of_what_was_never_reported() -> None:
    shown = opened(issue(1, 1, 0, reports=()), "en")
    assert "not reported yet, so not scored" in plain(shown.words)
    assert shown.course is None


def test_weeks_without_a_report_are_told_apart() -> None:
    silent = issue(1, 3, 3)
    silent = replace(silent, reports=silent.reports[:-1])
    weeks = issue_panel.consultations(silent, AS_OF, 4)
    assert [held for _, held in weeks] == [False, True, False, None]
    assert issue_panel.consultations(replace(silent, opened_on=AS_OF), AS_OF, 4) == (
        (date(2026, 10, 26), None),
    )


def test_every_component_says_why_in_both_languages() -> None:
    for one in ALL:
        for part in stood(one).parts:
            for now in ("zh", "en"):
                assert issue_panel.because(stood(one), part, now)


@pytest.mark.parametrize("now", ["zh", "en"])
def test_the_sheets_hold_every_part(now: str) -> None:
    found = listed(*ALL)
    sheet = issue_sheets.items_sheet(found, None, NAMES, now)
    at = {name: place for place, name in enumerate(sheet.headings)}
    assert len(at) == len(sheet.headings)
    lost = "清单失分" if now == "zh" else "Points lost of the list"
    score = found.score(None, AS_OF)
    cells = pd.to_numeric(pd.Series([row[at[lost]] for row in sheet.rows]))
    assert cells.sum() == pytest.approx(100 - score.value)
    name = issues.COMPONENTS[Component.STAGE].in_(now)
    points = f"{name}：得分" if now == "zh" else f"{name}: points"
    assert sheet.rows[0][at[points]] == pytest.approx(100 * 30 / 85 * 2 / 5)
    assert {len(row) for row in sheet.rows} == {len(sheet.headings)}
    weeks = issue_sheets.weeks_sheet(found, Text("杭州市", "Hangzhou"), None, NAMES, now)
    assert weeks.rows[-1][0] == AS_OF
    book = openpyxl.load_workbook(BytesIO(workbook([sheet, weeks])))
    assert len(book.sheetnames) == 2


def test_the_note_prints_the_formula_and_every_weight() -> None:
    words = plain(issue_sheets.definition_note(POLICY, "zh"))
    assert "自定义口径，政策版本 2026.1，2020-01-01 起施行" in words
    assert "每落后一个阶段减 1/3；逾计划日销号为 0.5" in words
    assert "报出新进展前按“办理”计" in words
    assert [value for _, value in issue_sheets.rules(POLICY, "zh")] == [30, 25, 20, 15, 10, 1, 2, 3, 180]

"""The major-issue board: its links, its district, the opened item, and numbers that agree with each other."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.cards import issues
from queries.execute import Warehouse, open_warehouse
from queries.issue_list import IssueList, ask_issues
from queries.metrics import CATALOG
from queries.policies import read_major_issues
from queries.question import Filter, Question
from queries.vocabulary import Period
from tests.dashboards.conftest import Draw, shown
from tests.dashboards.test_boards import STATE, draw_board


def spelled(text: str) -> str:
    """`text` as it travels to a clickable piece of the page."""
    return json.dumps(text)[1:-1]


@pytest.fixture(scope="module")
def opened(demo_warehouse: Path) -> Warehouse:
    """The demo city."""
    return open_warehouse(demo_warehouse)


@pytest.fixture(scope="module")
def found(opened: Warehouse) -> IssueList:
    """Its list on the last day."""
    return ask_issues(opened, read_major_issues(), as_of=opened.info.as_of, weeks=27)


def test_deep_link_restores_every_choice(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    chosen = {"district": "330109", "span": "year", "level": "3", "lang": "en", "as_of": "2026-06-30"}
    test = draw_board("issues", demo_warehouse, monkeypatch, **chosen)
    page = shown(test)
    assert STATE not in page
    assert "2026-01-01 to 2026-06-30 · Xiaoshan District · City list" in page
    assert test.selectbox(key="w-level").value == "3"
    assert page.count("q-row q-chosen") == 1  # the district in its ranking


def test_an_opened_item_shows_how_it_scores(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, found: IssueList
) -> None:
    one = next(each for each in found.now if each.is_overdue)
    page = shown(draw_board("issues", demo_warehouse, monkeypatch, issue=str(one.issue.id)))
    assert spelled(f"合计 {one.score:.1f} 分（各分项相加）") in page
    assert page.count('aria-pressed=\\"true\\"') == 1


def test_an_item_of_another_district_is_not_opened(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, found: IssueList
) -> None:
    one = next(each for each in found.now if each.issue.district != 7)
    page = shown(
        draw_board("issues", demo_warehouse, monkeypatch, issue=str(one.issue.id), district="330110")
    )
    assert STATE not in page
    assert spelled("各分项相加") not in page


def test_english_page_holds_no_chinese_but_posts(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, found: IssueList
) -> None:
    one = next(each for each in found.now if each.is_overdue)
    test = draw_board("issues", demo_warehouse, monkeypatch, lang="en", issue=str(one.issue.id))
    page = re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)
    # Sources are cited, and leaders named, as they are in the list.
    names = {one.reference for one in CATALOG.values()} | {each.leader for each in found.issues}
    for name in sorted(names, key=len, reverse=True):
        page = page.replace(name, "")
    assert re.findall("[\u4e00-\u9fff]", page) == []


@pytest.mark.parametrize(
    "choices",
    [{"issue": "x"}, {"issue": "999999"}, {"issue": "<script>"}, {"level": "9"}],
)
def test_a_link_that_means_nothing_is_ignored(
    choices: dict[str, str], demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("issues", demo_warehouse, monkeypatch, **choices))
    assert STATE not in page
    assert "<script>" not in page


def test_few_items_are_enough_for_a_page(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("issues", dozen_directory, monkeypatch, issue="2"))
    assert STATE not in page
    assert spelled("各分项相加") in page
    assert spelled("观察期外") in page


def test_before_the_first_item_nothing_matches(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("issues", demo_warehouse, monkeypatch, as_of="1999-01-01"))
    assert "没有符合条件的数据" in page


def test_the_facts_of_cases_are_not_read(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, read: set[str]
) -> None:
    draw_board("issues", demo_warehouse, monkeypatch, district="330110")
    assert read == {"major_issue", "major_issue_week"}


def test_the_demo_has_something_of_everything(found: IssueList) -> None:
    standings = found.now
    assert {one.stage for one in standings} == set(issues.STAGES)
    assert {one.status for one in standings} == set(issues.STATUSES)
    assert any(one.is_ready for one in standings)
    assert any(one.is_overdue for one in standings)
    assert 20 < found.score(None, found.as_of).value < 95
    assert len({one.issue.name.zh for one in standings}) > len(standings) / 2


@settings(max_examples=25)
@given(
    day=st.dates(date(2025, 6, 1), date(2026, 10, 31)),
    level=st.none() | st.integers(1, 3),
    district=st.none() | st.integers(2, 14),
)
def test_tiles_and_columns_agree_on_every_day(
    opened: Warehouse, day: date, level: int | None, district: int | None
) -> None:
    chosen = (("list_level", level), ("district", district))
    filters = tuple(Filter(key, (member,)) for key, member in chosen if member is not None)
    listed = ask_issues(opened, read_major_issues(), as_of=day, weeks=1, filters=filters)
    keys = (issues.OPEN, issues.OVERDUE, issues.LISTED)
    answer = opened.ask(Question(keys, Period(day, day), day, filters=filters))
    assert answer.one(issues.OPEN) == sum(one.is_open for one in listed.now)
    assert answer.one(issues.OVERDUE) == sum(one.is_overdue for one in listed.now)
    assert answer.one(issues.LISTED) == len(listed.issues)
    whole = ask_issues(opened, read_major_issues(), as_of=day, weeks=1)
    assert {one.issue.id for one in listed.now} <= {one.issue.id for one in whole.now}
    alike = {one.issue.id: one.score for one in whole.now}
    assert all(one.score == pytest.approx(alike[one.issue.id], nan_ok=True) for one in listed.now)

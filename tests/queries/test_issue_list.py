"""The major-issue list of a warehouse: as known on its day, under a scope, as the metrics count it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from queries.execute import Warehouse
from queries.insights.major_issues import Clear, Stage, Status
from queries.issue_list import IssueList, ask_issues
from queries.metrics import metrics
from queries.policies import read_major_issues
from queries.question import Filter, Question
from queries.scope import Scope
from queries.vocabulary import Period
from tests.queries.dozen import AS_OF, district, only_row

VERSIONS = read_major_issues()
LAST_OF_MARCH = date(2026, 3, 31)


def listed(warehouse: Warehouse, as_of: date, **more: object) -> IssueList:
    """The list with nine weeks behind it."""
    return ask_issues(warehouse, VERSIONS, as_of=as_of, weeks=9, **more)  # type: ignore[arg-type]


def test_the_list_as_it_stood(warehouse: Warehouse) -> None:
    found = listed(warehouse, LAST_OF_MARCH)
    assert [one.id for one in found.issues] == [1, 2, 3, 4, 5, 6]
    # 5 was struck off in June of the year before and came back after its watch period
    assert {one.issue.id: one.status for one in found.now} == {
        1: Status.OPEN,
        2: Status.REOPENED,
        3: Status.OPEN,
        4: Status.OPEN,
        6: Status.OPEN,
    }
    back = next(one for one in found.now if one.issue.id == 2)
    assert (back.stage, back.planned_stage) == (Stage.HANDLING, Stage.STRUCK_OFF)
    assert back.missing == (Clear.PLAN,)
    assert not back.is_signed_off
    assert (back.held, back.due) == (1, 1)
    # (30 · 2/5 + 25 · 0 + 20 · 4/5 + 15 · 0 + 10 · 1) ÷ 100
    assert back.score == pytest.approx(38)
    assert found.score(None, LAST_OF_MARCH).unscored == 2  # 3 and 4 were never reported


def test_nothing_later_than_the_day_leaks(warehouse: Warehouse) -> None:
    before = listed(warehouse, date(2026, 3, 14))
    issue = next(one for one in before.issues if one.id == 2)
    assert (issue.signed_off_on, issue.struck_off_on, issue.returned_on) == (date(2026, 3, 13), None, None)
    assert max(report.week_on for one in before.issues for report in one.reports) == date(2026, 3, 9)
    assert next(one for one in before.now if one.issue.id == 2).is_ready


def test_a_week_of_history_is_what_was_said_then(warehouse: Warehouse) -> None:
    now = listed(warehouse, AS_OF)
    for day in now.days:
        then = listed(warehouse, day)
        said, says = (
            [(one.issue.id, one.status, one.stage, one.parts, one.missing) for one in each]
            for each in (then.now, now.standings[day])
        )
        assert says == said
        assert now.score(None, day).unscored == then.score(None, day).unscored


@pytest.mark.parametrize("day", [date(2025, 6, 11), date(2026, 3, 15), date(2026, 3, 31), AS_OF])
@pytest.mark.parametrize("here", [None, "上城", "西湖", "萧山", "淳安"])
def test_the_metrics_count_the_same_items(warehouse: Warehouse, day: date, here: str | None) -> None:
    filters = () if here is None else (Filter("district", (district(here),)),)
    found = listed(warehouse, day, filters=filters)
    keys = ("major_issues_listed", "major_issues_open", "major_issues_overdue")
    counted = only_row(warehouse.ask(Question(keys, Period(day, day), day, filters=filters)))
    assert counted["major_issues_listed"] == len(found.issues)
    assert counted["major_issues_open"] == sum(one.is_open for one in found.now)
    assert counted["major_issues_overdue"] == sum(one.is_overdue for one in found.now)
    assert len(metrics(keys)) == 3


def test_a_scope_and_a_filter_are_walls(warehouse: Warehouse) -> None:
    mine = listed(warehouse, AS_OF, scope=Scope((district("西湖"),)))
    assert {one.id for one in mine.issues} == {2, 6}
    assert listed(warehouse, AS_OF, scope=Scope(())).issues == ()
    provincial = listed(warehouse, AS_OF, filters=(Filter("list_level", (2,)),))
    assert {one.id for one in provincial.issues} == {2}
    assert provincial.series(None)[-1] == provincial.now[0].score


def test_the_city_is_made_of_its_districts(warehouse: Warehouse) -> None:
    found = listed(warehouse, AS_OF)
    parts = {one.issue.district for one in found.now}
    assert sum(len(found.of(one, AS_OF)) for one in parts) == len(found.now)
    heavy = VERSIONS[0].severity
    weight = {
        one: sum(heavy[each.issue.severity] for each in found.of(one, AS_OF) if each.parts) for one in parts
    }
    scored = {one: found.score(one, AS_OF).value for one in parts if weight[one]}
    mean = sum(weight[one] * value for one, value in scored.items()) / sum(weight.values())
    assert found.score(None, AS_OF).value == pytest.approx(mean)


def test_each_day_is_scored_by_the_policy_in_force(warehouse: Warehouse) -> None:
    (first,) = VERSIONS
    second = replace(first, version="next", in_force_from=date(2026, 4, 20), watch_days=1)
    found = ask_issues(warehouse, (first, second), as_of=AS_OF, weeks=3)
    states = {day: {one.issue.id for one in found.standings[day]} for day in found.days}
    # back after ten days: inside the first version's watch period, outside the second's
    assert [2 in states[day] for day in found.days] == [True, False, False]
    assert found.policy.version == "next"
    assert [one is None for one in found.history(2)] == [False, True, True]

"""The major-issue list by hand: what an item scores and why, its list, what is left, what a return does."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.insights.major_issues import (
    Clear,
    Component,
    Issue,
    IssuePolicy,
    Report,
    Stage,
    Standing,
    Status,
    list_score,
    next_to_strike_off,
    parts,
    reopened_on,
    standing,
)
from queries.vocabulary import Text

MONDAY = date(2026, 3, 2)
ALL = frozenset(Clear)
POLICY = IssuePolicy(
    version="test",
    in_force_from=date(2020, 1, 1),
    watch_days=180,
    consultation_weeks=8,
    stages_behind_for_zero=3,
    late_strike_off=0.5,
    reopened_stage=Stage.HANDLING,
    weights={
        Component.STAGE: 30,
        Component.SCHEDULE: 25,
        Component.CLEARS: 20,
        Component.NO_RETURN: 15,
        Component.CONSULTATION: 10,
    },
    severity={1: 1, 2: 2, 3: 3},
)


def week(number: int) -> date:
    """The Monday so many weeks after the first."""
    return MONDAY + timedelta(weeks=number)


def reports(stages: str, planned: str, clears: str, held: str, first: int = 0) -> tuple[Report, ...]:
    """A report for each sign: stage, planned stage, how many clears, consultation held (y, n)."""
    columns = zip(stages, planned, clears, held, strict=True)
    return tuple(
        Report(
            week(first + at),
            Stage(int(one)),
            Stage(int(plan)),
            frozenset(list(Clear)[: int(clear)]),
            mark == "y",
        )
        for at, (one, plan, clear, mark) in enumerate(columns)
    )


def issue(**changed: Any) -> Issue:
    """An item opened on the first Monday, planned for the end of June."""
    made: dict[str, Any] = {
        "id": 1,
        "name": Text("某小区停车问题", "Parking"),
        "district": 2,
        "list_level": 3,
        "severity": 2,
        "people": 10,
        "leader": "副区长",
        "opened_on": MONDAY,
        "planned_on": date(2026, 6, 30),
        "signed_off_on": None,
        "struck_off_on": None,
        "returned_on": None,
        "reports": (),
    }
    return Issue(**(made | changed))


HANDLED = issue(reports=reports("11223333", "11223344", "01122333", "yynyynyy"))
SETTLED = issue(
    id=2,
    severity=1,
    signed_off_on=date(2026, 4, 21),
    struck_off_on=date(2026, 4, 23),
    reports=reports("12345556", "12345555", "12345555", "yyyyyyyy"),
)


def found(one: Issue, day: date, policy: IssuePolicy = POLICY) -> Standing:
    """The standing, which there is."""
    now = standing(one, policy, day)
    assert now is not None
    return now


def points(one: Standing) -> dict[Component, float]:
    """What each component adds."""
    return {part.component: part.points for part in one.parts}


def test_an_open_item_by_hand() -> None:
    now = found(HANDLED, week(7))
    # (30 · 2/5 + 25 · 2/3 + 20 · 3/5 + 10 · 6/8) ÷ 85: one stage behind; not struck off, so no return
    assert now.score == pytest.approx(100 * (12 + 50 / 3 + 12 + 7.5) / 85)
    assert now.score == pytest.approx(56.6667, abs=1e-4)
    assert points(now)[Component.STAGE] == pytest.approx(14.1176, abs=1e-4)
    assert points(now)[Component.SCHEDULE] == pytest.approx(19.6078, abs=1e-4)
    assert points(now)[Component.NO_RETURN] == 0
    assert [part.weight for part in now.parts if part.component is Component.NO_RETURN] == [0]
    assert (now.held, now.due) == (6, 8)
    assert (now.status, now.stage, now.planned_stage) == (Status.OPEN, Stage.HANDLING, Stage.RESOLUTION)
    assert (now.steps, now.missing) == ((Stage.RESOLUTION, Stage.ACCEPTANCE), (Clear.WORK, Clear.PLAN))
    assert now.steps_left == 5
    assert not now.is_ready
    assert not now.is_overdue
    assert now.days_left == (date(2026, 6, 30) - week(7)).days


def test_struck_off_in_time_scores_all_and_is_watched_for_180_days() -> None:
    now = found(SETTLED, date(2026, 5, 31))
    assert now.score == 100
    assert now.status is Status.WATCHED
    assert now.stage is Stage.STRUCK_OFF
    assert now.watched_until == date(2026, 10, 20)
    assert standing(SETTLED, POLICY, date(2026, 10, 20)) is not None
    assert standing(SETTLED, POLICY, date(2026, 10, 21)) is None


def test_struck_off_late_keeps_the_loss() -> None:
    late = replace(SETTLED, planned_on=date(2026, 4, 22))
    assert found(late, date(2026, 5, 31)).score == 100 - 25 * 0.5
    assert not found(late, date(2026, 5, 31)).is_overdue


def test_a_return_inside_the_watch_period_opens_it_again_and_the_score_shows_it() -> None:
    back = replace(SETTLED, returned_on=date(2026, 6, 3))
    before, after = found(back, date(2026, 6, 2)), found(back, date(2026, 6, 3))
    assert (before.status, before.score) == (Status.WATCHED, 100)
    # stage 3 again, planned 5: two behind; five clears as last reported; returned; no consultation due yet
    assert after.score == pytest.approx(100 * (30 * 2 / 5 + 25 / 3 + 20 + 0) / 90)
    assert (after.status, after.stage) == (Status.REOPENED, Stage.HANDLING)
    assert after.due == 0
    assert after.is_open
    assert not after.is_signed_off
    assert after.steps_left == 3  # two stages, and the old sign-off no longer counts
    assert after.watched_until == date(2026, 10, 20)
    reported = replace(back, reports=(*back.reports, *reports("45", "56", "55", "ny", first=14)))
    later = found(reported, week(15))
    assert (later.stage, later.held, later.due) == (Stage.ACCEPTANCE, 1, 2)
    assert later.score == pytest.approx(30 * 4 / 5 + 25 * 2 / 3 + 20 + 0 + 10 / 2)
    signed = replace(reported, signed_off_on=week(15))
    assert found(signed, week(15)).is_ready
    # and it stays open when the first watch period is over
    assert found(reported, date(2026, 12, 31)).status is Status.REOPENED


@pytest.mark.parametrize(("days", "opens"), [(0, True), (180, True), (181, False)])
def test_the_watch_period_ends_on_its_day(days: int, opens: bool) -> None:
    back = replace(SETTLED, returned_on=date(2026, 4, 23) + timedelta(days))
    late = date(2027, 4, 1)
    assert (reopened_on(back, POLICY, late) is not None) is opens
    assert (standing(back, POLICY, late) is not None) is opens


def test_nothing_of_later_days_is_looked_at() -> None:
    whole = replace(SETTLED, returned_on=date(2026, 6, 3))
    for day in (week(0), week(3), date(2026, 4, 22), date(2026, 5, 1)):
        days = ("signed_off_on", "struck_off_on", "returned_on")
        unknown: dict[str, Any] = dict.fromkeys(name for name in days if getattr(whole, name) > day)
        told = tuple(one for one in whole.reports if one.week_on <= day)
        known = replace(whole, reports=told, **unknown)
        assert replace(found(whole, day), issue=known) == found(known, day)


def test_sign_off_is_the_last_thing_missing() -> None:
    monday = found(SETTLED, week(7))  # reported at stage 6, struck off three days later
    assert (monday.stage, monday.steps, monday.missing) == (Stage.ACCEPTANCE, (), ())
    assert not monday.is_ready
    assert found(SETTLED, date(2026, 4, 21)).is_ready


def test_not_on_its_list_before_it_is_opened_and_without_a_score_before_a_report() -> None:
    fresh = issue(opened_on=date(2026, 3, 4))
    assert standing(fresh, POLICY, date(2026, 3, 3)) is None
    now = found(fresh, date(2026, 3, 4))
    assert now.parts == ()
    assert math.isnan(now.score)
    assert (now.stage, now.held, now.due) == (Stage.SURVEY, 0, 1)
    assert now.steps_left == 10


def test_a_week_without_a_report_is_a_consultation_not_held() -> None:
    silent = found(HANDLED, week(9))
    assert (silent.held, silent.due) == (4, 8)  # weeks 2 to 7 were reported, 8 and 9 were not
    assert (found(HANDLED, week(1)).held, found(HANDLED, week(1)).due) == (2, 2)


def test_overdue_from_the_planned_day() -> None:
    assert not found(HANDLED, date(2026, 6, 29)).is_overdue
    assert found(HANDLED, date(2026, 6, 30)).is_overdue
    assert found(HANDLED, date(2026, 7, 2)).days_left == -2


def test_a_list_is_the_mean_by_severity() -> None:
    standings = [found(HANDLED, date(2026, 4, 26)), found(SETTLED, date(2026, 4, 26))]
    first, second = (one.score for one in standings)
    score = list_score([*standings, found(issue(id=3), MONDAY)], POLICY.severity)
    assert score.value == pytest.approx((2 * first + second) / 3)
    assert score.unscored == 1
    assert [one.standing.issue.id for one in score.shares] == [1, 2]  # what costs most comes first
    assert score.shares[0].lost == pytest.approx(2 / 3 * (100 - first))
    assert sum(one.lost for one in score.shares) == pytest.approx(100 - score.value)
    assert math.isnan(list_score([], POLICY.severity).value)


def test_what_strikes_off_next_has_least_left_to_do() -> None:
    day = date(2026, 4, 22)
    late = replace(HANDLED, id=3, planned_on=date(2026, 6, 1))
    standings = [found(HANDLED, day), found(late, day), found(SETTLED, day)]
    assert [one.issue.id for one in next_to_strike_off(standings)] == [2, 3, 1]
    assert [one.issue.id for one in next_to_strike_off([found(SETTLED, date(2026, 4, 23))])] == []


def test_no_component_no_score() -> None:
    with pytest.raises(ValueError, match="stage of an item always does"):
        parts({Component.STAGE: math.nan}, POLICY.weights)


# --- whatever the numbers are ----------------------------------------------------------------------

SHARES = st.floats(0, 1)
VALUES = st.fixed_dictionaries(
    {
        Component.STAGE: SHARES,
        Component.SCHEDULE: SHARES,
        Component.CLEARS: SHARES,
        Component.NO_RETURN: st.just(math.nan) | SHARES,
        Component.CONSULTATION: st.just(math.nan) | SHARES,
    }
)
WEIGHTS = st.fixed_dictionaries({one: st.floats(0.01, 1000) for one in Component})


@given(VALUES, WEIGHTS)
def test_the_parts_add_up(values: dict[Component, float], weights: dict[Component, float]) -> None:
    made = parts(values, weights)
    assert math.fsum(one.weight for one in made) == pytest.approx(100)
    assert 0 <= math.fsum(one.points for one in made) <= 100 + 1e-9
    known = [one for one in made if not math.isnan(one.value)]
    least, most = min(one.value for one in known), max(one.value for one in known)
    assert 100 * least - 1e-9 <= math.fsum(one.points for one in made) <= 100 * most + 1e-9


@given(VALUES, WEIGHTS, st.sampled_from(Component), SHARES)
def test_better_in_one_component_is_never_worse(
    values: dict[Component, float], weights: dict[Component, float], component: Component, rise: float
) -> None:
    if not math.isnan(values[component]):
        better = values | {component: min(1.0, values[component] + rise)}
        before, after = (sum(one.points for one in parts(each, weights)) for each in (values, better))
        assert after >= before - 1e-9


ISSUES = st.builds(
    lambda severity, stages, held, plan, gone, back: issue(
        severity=severity,
        planned_on=MONDAY + timedelta(plan),
        struck_off_on=None if gone is None else MONDAY + timedelta(gone),
        returned_on=None if gone is None or back is None else MONDAY + timedelta(gone + back),
        reports=reports(stages, stages[::-1], stages.replace("6", "5"), held),
    ),
    st.integers(1, 3),
    st.text("123456", min_size=6, max_size=6),
    st.text("yn", min_size=6, max_size=6),
    st.integers(1, 400),
    st.none() | st.integers(1, 300),
    st.none() | st.integers(0, 300),
)


@given(st.lists(ISSUES, min_size=1, max_size=6), st.integers(0, 500))
def test_a_list_lies_between_its_items_and_its_shares_add_up(issues: list[Issue], days: int) -> None:
    day = MONDAY + timedelta(days)
    standings = [one for one in (standing(each, POLICY, day) for each in issues) if one is not None]
    score = list_score(standings, POLICY.severity)
    if not standings:
        assert math.isnan(score.value)
        return
    scores = [one.score for one in standings]
    assert min(scores) - 1e-9 <= score.value <= max(scores) + 1e-9
    assert math.fsum(one.points for one in score.shares) == score.value
    assert math.fsum(one.weight for one in score.shares) == pytest.approx(1)
    assert math.fsum(one.lost for one in score.shares) == pytest.approx(100 - score.value, abs=1e-9)
    for one in standings:
        assert math.fsum(part.points for part in one.parts) == one.score
        assert one.is_ready is (one.is_open and not one.steps and not one.missing and one.is_signed_off)


@given(ISSUES)
def test_a_return_always_costs_something(one: Issue) -> None:
    if one.struck_off_on is None or one.returned_on is None or one.struck_off_on < one.opened_on:
        return
    day, told = one.returned_on, tuple(each for each in one.reports if each.week_on < one.returned_on)
    if (day - one.struck_off_on).days <= POLICY.watch_days and told:
        back = replace(one, reports=told)
        calm = found(replace(back, returned_on=None), day)
        if calm.report is not None:
            assert found(back, day).score < calm.score

"""The major-issue list 重大问题清单 (自定义口径): what items and lists score and why, what is left to do.

METRICS §6. An item is on its list from the day it was opened until it has been struck off and its watch
period has passed; a return inside that period opens it again. Everything is told as known on a day: reports,
sign-off, strike-off and returns of later days are not looked at.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from functools import cached_property

from queries.vocabulary import Grain, Text, bucket_start

WEEK = timedelta(days=7)


class Stage(IntEnum):
    """The six stages in their order."""

    SURVEY = 1
    PLAN = 2
    HANDLING = 3
    RESOLUTION = 4
    ACCEPTANCE = 5
    STRUCK_OFF = 6


class Component(StrEnum):
    """What an item's score is made of."""

    STAGE = "stage"
    SCHEDULE = "schedule"
    CLEARS = "clears"
    NO_RETURN = "no_return"
    CONSULTATION = "consultation"


class Clear(StrEnum):
    """The five clears (五清)."""

    PEOPLE = "people"
    DEMAND = "demand"
    DUTY = "duty"
    WORK = "work"
    PLAN = "plan"


class Status(StrEnum):
    """How an item stands on its list."""

    OPEN = "open"
    REOPENED = "reopened"
    WATCHED = "watched"  # struck off, its watch period still running


@dataclass(frozen=True)
class IssuePolicy:
    """One version of queries/policy/major_issues.toml: never edited once in force."""

    version: str
    in_force_from: date
    watch_days: int
    consultation_weeks: int
    stages_behind_for_zero: int
    late_strike_off: float
    reopened_stage: Stage
    weights: Mapping[Component, float]
    severity: Mapping[int, float]


@dataclass(frozen=True)
class Report:
    """What was reported of an item on the Monday `week_on`."""

    week_on: date
    stage: Stage
    planned_stage: Stage
    cleared: frozenset[Clear]
    is_consulted: bool


@dataclass(frozen=True)
class Issue:
    """One item with every report on it, oldest first; `severity` is 1 to 3, `leader` a post."""

    id: int
    name: Text
    district: int
    list_level: int
    severity: int
    people: int
    leader: str
    opened_on: date
    planned_on: date
    signed_off_on: date | None
    struck_off_on: date | None
    returned_on: date | None
    reports: tuple[Report, ...]

    @cached_property
    def _mondays(self) -> tuple[date, ...]:
        return tuple(one.week_on for one in self.reports)

    def report(self, day: date) -> Report | None:
        """The last report known on `day`."""
        at = bisect_right(self._mondays, day)
        return self.reports[at - 1] if at else None

    def consulted(self, first: date, last: date) -> int:
        """Reports of the Mondays `first` to `last` that say a consultation was held."""
        within = self.reports[bisect_left(self._mondays, first) : bisect_right(self._mondays, last)]
        return sum(one.is_consulted for one in within)


@dataclass(frozen=True)
class Part:
    """One component of a score: `value` 0 to 1 and NaN where it does not apply, with its effective weight.

    `points` is what it adds to the score; the weights of an item's parts add up to 100.
    """

    component: Component
    value: float
    weight: float
    points: float


@dataclass(frozen=True)
class Standing:
    """An item as it stood on `day`; `report` is None where nothing has been reported of it.

    `held` of `due` weekly consultations of the last weeks took place. Without a report there is no score.
    """

    issue: Issue
    day: date
    status: Status
    stage: Stage
    planned_stage: Stage
    report: Report | None
    is_signed_off: bool
    watched_until: date | None
    held: int
    due: int
    parts: tuple[Part, ...]

    @property
    def score(self) -> float:
        """0 to 100, the sum of its parts; NaN without a report."""
        return math.fsum(part.points for part in self.parts) if self.parts else math.nan

    @property
    def is_open(self) -> bool:
        """Whether it is still, or again, to be settled."""
        return self.status is not Status.WATCHED

    @property
    def is_overdue(self) -> bool:
        """Whether it is open and its planned day has come."""
        return self.is_open and self.day >= self.issue.planned_on

    @property
    def days_left(self) -> int:
        """Days to the planned day, negative after it."""
        return (self.issue.planned_on - self.day).days

    @property
    def cleared(self) -> frozenset[Clear]:
        """The clears ticked in the last report."""
        return frozenset() if self.report is None else self.report.cleared

    @property
    def steps(self) -> tuple[Stage, ...]:
        """Stages still to be reached before it can be struck off; acceptance is the last."""
        return tuple(one for one in Stage if self.stage < one <= Stage.ACCEPTANCE)

    @property
    def missing(self) -> tuple[Clear, ...]:
        """Clears not yet ticked."""
        return tuple(one for one in Clear if one not in self.cleared)

    @property
    def steps_left(self) -> int:
        """How many things are missing before it can be struck off: stages, clears and the sign-off."""
        return len(self.steps) + len(self.missing) + (not self.is_signed_off)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing: all stages, all five clears, and signed off."""
        return self.is_open and self.steps_left == 0


@dataclass(frozen=True)
class Share:
    """One item in its list's score: its weight of 1, points it adds, points it costs against full marks."""

    standing: Standing
    weight: float
    points: float
    lost: float


@dataclass(frozen=True)
class ListScore:
    """The severity-weighted mean of a list's items, 0 to 100; NaN for a list without a scored item.

    `unscored` items have no report. The points of the shares add up to the value.
    """

    shares: tuple[Share, ...]
    unscored: int

    @property
    def value(self) -> float:
        """The score."""
        return math.fsum(one.points for one in self.shares) if self.shares else math.nan


def status(issue: Issue, policy: IssuePolicy, day: date) -> Status | None:
    """How `issue` stood on `day`; None before it was opened and after its watch period."""
    if day < issue.opened_on:
        return None
    gone = issue.struck_off_on
    if gone is None or gone > day:
        return Status.OPEN
    if reopened_on(issue, policy, day) is not None:
        return Status.REOPENED
    return Status.WATCHED if day <= gone + timedelta(days=policy.watch_days) else None


def reopened_on(issue: Issue, policy: IssuePolicy, day: date) -> date | None:
    """The day on which a return inside the watch period opened `issue` again, if that is known on `day`."""
    gone, back = issue.struck_off_on, issue.returned_on
    if gone is None or back is None or back > day or (back - gone).days > policy.watch_days:
        return None
    return back


def standing(issue: Issue, policy: IssuePolicy, day: date) -> Standing | None:
    """`issue` with its score as known on `day`; None when it is not on its list."""
    now = status(issue, policy, day)
    if now is None:
        return None
    gone, back = issue.struck_off_on, reopened_on(issue, policy, day)
    last = gone if now is Status.WATCHED and gone is not None else day
    report = issue.report(last)
    fresh = report is not None and (back is None or report.week_on >= back)
    if now is Status.WATCHED:
        stage = planned = Stage.STRUCK_OFF
    else:
        reported = report.stage if fresh and report is not None else Stage.SURVEY
        stage = policy.reopened_stage if back is not None and not fresh else reported
        stage = min(stage, Stage.ACCEPTANCE)  # whatever is reported: only the strike-off itself reaches it
        planned = stage if report is None else report.planned_stage
    signed = issue.signed_off_on is not None and issue.signed_off_on <= day
    held, due = _consultations(issue, policy, last, back)
    found = Standing(
        issue=issue,
        day=day,
        status=now,
        stage=stage,
        planned_stage=planned,
        report=report,
        is_signed_off=signed and (back is None or (issue.signed_off_on or day) > back),
        watched_until=None if gone is None or now is Status.OPEN else gone + timedelta(policy.watch_days),
        held=held,
        due=due,
        parts=(),
    )
    if report is None:
        return found
    values = {
        Component.STAGE: (stage - 1) / (len(Stage) - 1),
        Component.SCHEDULE: _schedule(found, policy),
        Component.CLEARS: len(found.cleared) / len(Clear),
        Component.NO_RETURN: math.nan if now is Status.OPEN else float(now is Status.WATCHED),
        Component.CONSULTATION: held / due if due else math.nan,
    }
    return replace(found, parts=parts(values, policy.weights))


def parts(values: Mapping[Component, float], weights: Mapping[Component, float]) -> tuple[Part, ...]:
    """The parts of a score of 0 to 100: `values` are 0 to 1, NaN where a component does not apply.

    The weight of what does not apply is spread over the others. Raises ValueError when nothing applies.
    """
    whole = math.fsum(weights[one] for one, value in values.items() if not math.isnan(value))
    if not whole:
        raise ValueError("no component of the score applies; the stage of an item always does")
    found = []
    for one, value in values.items():
        weight = 0.0 if math.isnan(value) else 100 * weights[one] / whole
        found.append(Part(one, value, weight, 0.0 if math.isnan(value) else weight * value))
    return tuple(found)


def list_score(standings: Sequence[Standing], severity: Mapping[int, float]) -> ListScore:
    """The score of a list of items, each weighted by its severity."""
    scored = [one for one in standings if one.parts]
    whole = math.fsum(severity[one.issue.severity] for one in scored)
    shares = []
    for one in scored:
        weight = severity[one.issue.severity] / whole
        shares.append(Share(one, weight, weight * one.score, weight * (100 - one.score)))
    shares.sort(key=lambda share: (-share.lost, share.standing.issue.id))
    return ListScore(tuple(shares), len(standings) - len(scored))


def next_to_strike_off(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """The open items, those with the least left to do first, then by planned day."""
    found = [one for one in standings if one.is_open]
    return tuple(sorted(found, key=lambda one: (one.steps_left, one.issue.planned_on, one.issue.id)))


def _schedule(found: Standing, policy: IssuePolicy) -> float:
    gone = found.issue.struck_off_on
    if found.status is Status.WATCHED and gone is not None:
        return 1.0 if gone <= found.issue.planned_on else policy.late_strike_off
    behind = max(0, found.planned_stage - found.stage)
    return max(0.0, 1 - behind / policy.stages_behind_for_zero)


def _consultations(issue: Issue, policy: IssuePolicy, last: date, back: date | None) -> tuple[int, int]:
    """Consultations held, and Mondays on which one was due, in the last weeks up to `last`.

    A week that was not reported counts as due and not held. Nothing is due from the strike-off to a return.
    """
    monday = bucket_start(last, Grain.WEEK)
    first = max(monday - (policy.consultation_weeks - 1) * WEEK, bucket_start(issue.opened_on, Grain.WEEK))
    if back is not None:
        first = max(first, bucket_start(back + timedelta(days=6), Grain.WEEK))
    due = max(0, (monday - first) // WEEK + 1)
    return issue.consulted(first, monday), due

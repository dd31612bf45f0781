"""What is counted: every additive measure, spelled once, on one clock each.

A `Flow` adds up the rows whose clock day falls in a period. A `Stock` counts the rows that are on hand at
the end of a day (opened by then, not yet gone). Rates are built from them in the queries; nothing here
divides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Table, and_, case, cast, literal, or_, true

from warehouse.dialects import days_between, seconds_between
from warehouse.schema import (
    ReviewKind,
    Satisfaction,
    backlog_item,
    cases,
    major_issue,
    major_issue_week,
    review,
)

Where = ColumnElement[bool]


@dataclass(frozen=True, eq=False)
class Flow:
    """Rows of `table` that meet `where`, or the sum of `value` over them, by the day column `clock`.

    `known` names the date column by which the fact became known: rows known only after the as-of date do not
    count, so that a past date shows what could be said on that date. `within` further asks that `known`
    lies at most that many days after the clock. `stored` is the column that holds the amount in a roll-up.
    """

    key: str
    table: Table
    clock: Column[Any]
    where: Where
    value: ColumnElement[int]
    known: Column[Any] | None = None
    within: int | None = None
    stored: str = ""

    @property
    def column(self) -> str:
        """Name of the roll-up column that holds the amount."""
        return self.stored or self.key

    def amount(self) -> ColumnElement[int]:
        """What one row adds: `value` where it counts, else 0."""
        return case((self.where, self.value), else_=literal(0))


@dataclass(frozen=True, eq=False)
class Stock:
    """Rows of `table` that meet `where`, opened (`since`) by the end of a day and not gone (`until`)."""

    key: str
    table: Table
    since: Column[Any]
    until: Column[Any] | None
    where: Where
    value: ColumnElement[int]

    @property
    def column(self) -> str:
        """Name of the roll-up column that holds the amount."""
        return self.key

    def amount(self) -> ColumnElement[int]:
        """What one row adds: `value` where it counts, else 0."""
        return case((self.where, self.value), else_=literal(0))


Measure = Flow | Stock

ONE: ColumnElement[int] = literal(1)
ALL: Where = true()

c = cases.c
FIRST: Where = c.repeat_no == 0
ASSESSED_FIRST: Where = and_(c.is_counted, c.repeat_no == 0)  # 初件 · 纳入统计
RATED: Where = c.satisfaction.in_([Satisfaction.SATISFIED, Satisfaction.MOSTLY, Satisfaction.DISSATISFIED])
CALLED_BACK: Where = c.is_valid_callback


def _registered(key: str, where: Where = ALL, value: ColumnElement[int] = ONE) -> Flow:
    return Flow(key, cases, c.registered_on, where, value)


def _dispatched(key: str, where: Where = ALL) -> Flow:
    return Flow(key, cases, c.transferred_on, where, ONE)


def _closed(key: str, where: Where = ALL, value: ColumnElement[int] = ONE) -> Flow:
    return Flow(key, cases, c.closed_on, where, value)


def _evaluated(key: str, where: Where) -> Flow:
    return Flow(key, cases, c.evaluated_on, where, ONE)


# registered ---------------------------------------------------------------------------------------
CASES = _registered("cases")
FIRST_TIME = _registered("first_time", FIRST)
REPEAT_BASE = _registered("repeat_base", ~c.is_litigation)
REPEATS = _registered("repeats", and_(~c.is_litigation, c.repeat_no > 0))
PEOPLE = _registered("people", ALL, c.people)
PETITIONS = _registered("petitions", c.is_petition)
PETITIONS_ONLINE = _registered("petitions_online", and_(c.is_petition, c.is_online))
SKIP_LEVEL_GROUPS = _registered("skip_level_groups", c.is_skip_level)
SKIP_LEVEL_HEADS = _registered("skip_level_heads", c.is_skip_level, c.people)
COLLECTIVE_GROUPS = _registered("collective_groups", c.is_collective)
COLLECTIVE_HEADS = _registered("collective_heads", c.is_collective, c.people)
SENSITIVE_VISITS = _registered("sensitive_visits", or_(c.is_collective, c.is_skip_level))
SAME_DAY = _registered(
    "same_day",
    and_(c.transferred_on == c.registered_on, cast(c.accepted_at, Date) == c.registered_on),
)

# dispatched to a handling unit --------------------------------------------------------------------
DISPATCHED = _dispatched("dispatched")
REFUSED = _dispatched("refused", c.returned_count > 0)
REDISPATCHED = _dispatched("redispatched", c.redispatched_count > 0)


# deadlines: due in the period, and met (考核口径 for the assessed population, 全口径 for every item
def _due(
    key: str, clock: Column[Any], done: Column[Any], due: Column[Any], where: Where
) -> tuple[Flow, Flow]:
    met = and_(where, done.is_not(None), done <= due)
    return Flow(f"{key}_due", cases, clock, where, ONE), Flow(f"{key}_met", cases, clock, met, ONE)


ACCEPT_DUE, ACCEPT_MET = _due("accept", c.accept_due_on, c.accepted_at, c.accept_due_at, ASSESSED_FIRST)
ACCEPT_DUE_ALL, ACCEPT_MET_ALL = _due("accept_all", c.accept_due_on, c.accepted_at, c.accept_due_at, ALL)
NOTIFY_DUE, NOTIFY_MET = _due("notify", c.notify_due_on, c.notified_at, c.notify_due_at, ASSESSED_FIRST)
NOTIFY_DUE_ALL, NOTIFY_MET_ALL = _due("notify_all", c.notify_due_on, c.notified_at, c.notify_due_at, ALL)
REPLY_DUE, REPLY_MET = _due("reply", c.reply_due_on, c.replied_at, c.reply_due_at, c.is_counted)
REPLY_DUE_ALL, REPLY_MET_ALL = _due("reply_all", c.reply_due_on, c.replied_at, c.reply_due_at, ALL)

# closed -------------------------------------------------------------------------------------------
CLOSED = _closed("closed")
CLOSED_FIRST = _closed("closed_first", FIRST)
RESOLVED_FIRST = _closed("resolved_first", and_(FIRST, c.is_resolved.is_(True)))
RESOLVED_FIRST_RETURNED = Flow(
    "resolved_first_returned",
    cases,
    c.closed_on,
    and_(FIRST, c.is_resolved.is_(True), c.returned_on.is_not(None)),
    ONE,
    known=c.returned_on,
)
RETURN_WINDOWS = (30, 60, 90, 180)
RETURNED_WITHIN = {
    days: Flow(
        f"returned_within_{days}",
        cases,
        c.closed_on,
        and_(FIRST, c.returned_on.is_not(None)),
        ONE,
        known=c.returned_on,
        within=days,
        stored="returned_first",
    )
    for days in RETURN_WINDOWS
}
REPLIED = _closed("replied", c.replied_at.is_not(None))
REPLY_SECONDS = _closed(
    "reply_seconds", c.replied_at.is_not(None), seconds_between(c.registered_at, c.replied_at)
)
PUBLISHABLE = _closed("publishable", c.is_publishable)
PUBLISHED = _closed("published", and_(c.is_publishable, c.is_published))

# evaluated ----------------------------------------------------------------------------------------
RATED_ITEMS = _evaluated("rated", RATED)
SATISFIED = _evaluated("satisfied", c.satisfaction == Satisfaction.SATISFIED)
MOSTLY_SATISFIED = _evaluated("mostly_satisfied", c.satisfaction == Satisfaction.MOSTLY)
DISSATISFIED = _evaluated("dissatisfied", c.satisfaction == Satisfaction.DISSATISFIED)
UNRATED_OVERDUE = _evaluated("unrated_overdue", c.satisfaction == Satisfaction.OVERDUE)
CALLBACKS = _evaluated("callbacks", CALLED_BACK)
CALLBACK_SATISFIED = _evaluated(
    "callback_satisfied", and_(CALLED_BACK, c.satisfaction == Satisfaction.SATISFIED)
)
CALLBACK_MOSTLY = _evaluated("callback_mostly", and_(CALLED_BACK, c.satisfaction == Satisfaction.MOSTLY))
CALLBACK_DISSATISFIED = _evaluated(
    "callback_dissatisfied", and_(CALLED_BACK, c.satisfaction == Satisfaction.DISSATISFIED)
)
CALLBACK_CONTACTED = _evaluated("callback_contacted", and_(CALLED_BACK, c.is_contacted.is_(True)))
CALLBACK_RESOLVED = _evaluated("callback_resolved", and_(CALLED_BACK, c.is_resolved.is_(True)))

# on hand ------------------------------------------------------------------------------------------
OPEN_CASES = Stock("open_cases", cases, c.registered_on, c.closed_on, ALL, ONE)

# the backlog list (积案) --------------------------------------------------------------------------
b = backlog_item.c
FIVE_CLEARS: Where = and_(
    b.is_people_clear, b.is_demand_clear, b.is_duty_clear, b.is_work_clear, b.is_plan_clear
)
BACKLOG_ASSIGNED = Stock("backlog_assigned", backlog_item, b.assigned_on, None, ALL, ONE)
BACKLOG_RESOLVED = Stock("backlog_resolved", backlog_item, b.resolved_on, b.returned_on, ALL, ONE)
BACKLOG_ON_HAND = Stock("backlog_on_hand", backlog_item, b.assigned_on, b.struck_off_on, ALL, ONE)
# struck off unresolved is no longer on hand, so it is not past its plan either
NOT_DROPPED: Where = or_(b.struck_off_on.is_(None), b.resolved_on.is_not(None))
BACKLOG_PAST_PLAN = Stock("backlog_past_plan", backlog_item, b.planned_on, b.resolved_on, NOT_DROPPED, ONE)
BACKLOG_UNRESOLVED = Stock("backlog_unresolved", backlog_item, b.assigned_on, b.resolved_on, NOT_DROPPED, ONE)
BACKLOG_CLEAR = Stock("backlog_clear", backlog_item, b.assigned_on, b.struck_off_on, FIVE_CLEARS, ONE)
BACKLOG_PLANNED = Stock("backlog_planned", backlog_item, b.assigned_on, b.planned_on, ALL, ONE)
BACKLOG_ADDED = Flow("backlog_added", backlog_item, b.assigned_on, ALL, ONE)
BACKLOG_STRUCK_OFF = Flow("backlog_struck_off", backlog_item, b.struck_off_on, ALL, ONE)
BACKLOG_RETURNED = Flow("backlog_returned", backlog_item, b.returned_on, ALL, ONE)
BACKLOG_DUE = Flow("backlog_due", backlog_item, b.planned_on, ALL, ONE)
BACKLOG_ON_PLAN = Flow("backlog_on_plan", backlog_item, b.planned_on, b.resolved_on <= b.planned_on, ONE)

# the major-issue list -----------------------------------------------------------------------------
m = major_issue.c
HIGH_RISK_ISSUES = Stock("high_risk_issues", major_issue, m.opened_on, m.struck_off_on, m.severity == 3, ONE)
ISSUE_WATCH_DAYS = 180
# a return within so many days of the strike-off opens the issue again; a later one does not
REOPENED: Where = and_(
    m.returned_on.is_not(None), days_between(m.struck_off_on, m.returned_on) <= ISSUE_WATCH_DAYS
)
ISSUES_LISTED = Stock("issues_listed", major_issue, m.opened_on, None, ALL, ONE)
ISSUES_ON_HAND = Stock("issues_on_hand", major_issue, m.opened_on, m.struck_off_on, ALL, ONE)
ISSUES_REOPENED = Stock("issues_reopened", major_issue, m.returned_on, None, REOPENED, ONE)
ISSUES_PAST_PLAN = Stock("issues_past_plan", major_issue, m.planned_on, m.struck_off_on, ALL, ONE)
# those that came back are past their plan again: from that day, or from the planned day if that is later
ISSUES_BACK_LATE = Stock(
    "issues_back_late", major_issue, m.returned_on, None, and_(REOPENED, m.planned_on <= m.returned_on), ONE
)
ISSUES_BACK_IN_TIME = Stock(
    "issues_back_in_time", major_issue, m.planned_on, None, and_(REOPENED, m.planned_on > m.returned_on), ONE
)
ISSUES_STRUCK_OFF = Flow("issues_struck_off", major_issue, m.struck_off_on, ALL, ONE)
ISSUES_RETURNED = Flow("issues_returned", major_issue, m.returned_on, REOPENED, ONE)
w = major_issue_week.c
ISSUE_REPORTS = Flow("issue_reports", major_issue_week, w.week_on, ALL, ONE)
ISSUE_CONSULTED = Flow("issue_consulted", major_issue_week, w.week_on, w.is_consulted, ONE)
ISSUE_CLEAR = Flow(
    "issue_clear",
    major_issue_week,
    w.week_on,
    and_(w.is_people_clear, w.is_demand_clear, w.is_duty_clear, w.is_work_clear, w.is_plan_clear),
    ONE,
)

# reviews of handled items (三评) ------------------------------------------------------------------
REVIEWS = {
    kind: Flow(f"reviews_{kind.name.lower()}", review, review.c.reviewed_on, review.c.kind == kind, ONE)
    for kind in ReviewKind
}
REVIEW_SCORES = {
    kind: Flow(
        f"review_scores_{kind.name.lower()}",
        review,
        review.c.reviewed_on,
        review.c.kind == kind,
        review.c.score,
    )
    for kind in ReviewKind
}

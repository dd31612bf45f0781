"""One major issue opened: how it scores and why, what is clear, what was planned and reached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dashboards import numbers
from dashboards.cards.index_card import score_text
from dashboards.cards.issues import (
    CLEARS,
    COMPONENTS,
    ITEM,
    SEVERITY,
    STAGES,
    STATUSES,
    drawn,
    due_text,
    missing_text,
    place_name,
)
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, escaped, joined, tag
from dashboards.figures.progress import progress
from dashboards.figures.sparkline import sparkline
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Flag, Series
from queries.dimensions import dimension
from queries.insights.major_issues import (
    Component,
    Issue,
    IssuePolicy,
    Part,
    Stage,
    Standing,
    Status,
)
from queries.vocabulary import Grain, Language, Text, bucket_start

_TITLE = Text(
    "{name}：{score} 分，{what}失分最多（{lost} 分）", "{name}: {score}, most lost on {what} ({lost})"
)
_FULL = Text("{name}：{score} 分，没有失分", "{name}: {score}, nothing lost")
_SILENT = Text("{name}：尚无周报，不计分", "{name}: not reported yet, so not scored")
_SUB = Text(
    "{place} · {level} · {severity} · 涉及 {people} 人 · 包案领导：{leader}",
    "{place} · {level} · {severity} · {people} people · in charge: {leader}",
)
_HEAD = (
    Text("分项", "Component"),
    Text("得分", "Points"),
    Text("满分", "Of"),
    Text("依据", "Because"),
)
_TOTAL = Text("合计 {score} 分（各分项相加）", "Together {score} (the parts add up)")
_STAGE = Text("已完成 {n}/5 个阶段", "{n} of 5 stages done")
_BEHIND = Text("落后计划 {n} 个阶段", "{n} stages behind the plan")
_AHEAD = Text("比计划快 {n} 个阶段", "{n} stages ahead of the plan")
_AS_PLANNED = Text("与计划一致", "as planned")
_ON_TIME = Text("按计划销号", "struck off on plan")
_LATE = Text("销号晚于计划 {n} 天", "struck off {n} days late")
_TICKED = Text("{n}/5 项已清", "{n} of 5 ticked")
_NOT_YET = Text("未销号，不计此项", "not struck off: does not count")
_NO_RETURN = Text("观察期内无返回", "nothing came back")
_RETURNED = Text("销号后第 {n} 天返回", "back {n} days after the strike-off")
_HELD = Text("近 {due} 周开展 {held} 次", "held in {held} of {due} weeks")
_NONE_DUE = Text("尚无应开展的周", "none due yet")
_CLEAR, _OPEN = Text("{name} ✓ 已清", "{name} ✓ clear"), Text("{name} ✗ 未清", "{name} ✗ open")
_CLEARS = Text("五清", "Five clears")
_CONSULTATIONS = Text("近 {n} 周周会商", "Consultations of {n} weeks")
_WEEK = {
    True: Text("{day} 已开展", "{day} held"),
    False: Text("{day} 未开展", "{day} not held"),
    None: Text("{day} 无周报", "{day} not reported"),
}
_STATE = Text("状态", "Now")
_SIGNED = Text("验收签字", "Signed off")
_YES, _NO = Text("已签字", "signed off"), Text("未签字", "not signed off")
_WATCH = Text("观察期", "Watch period")
_WATCHED = (
    Text("销号后 {days} 天，尚未开始", "{days} days from the strike-off, not begun"),
    Text("至 {until}（还有 {n} 天）", "to {until} ({n} days more)"),
    Text("返回后重新打开，再次销号后重计", "reopened by a return; begins anew at the next strike-off"),
)
_SCORES = Text("近 26 周得分", "Score, 26 weeks")
_FROM_TO = Text("{n} 周得分：{first} → {last}", "Score in {n} weeks: {first} → {last}")
_MISSING = Text("离销号所差", "Missing")
_DATES = (Text("列入", "Listed"), Text("计划销号", "Planned"))
_CHART = (
    Text("目前落后计划 {n} 个阶段", "Now {n} stages behind the plan"),
    Text("目前不落后于计划", "Now not behind the plan"),
    Text("已于 {day} 销号", "Struck off on {day}"),
)
_CHART_SUB = Text(
    "各周周报所报阶段：实线为实际，虚线为计划", "Stage of each weekly report: solid reached, dotted planned"
)
_REACHED, _PLANNED = Text("实际", "reached"), Text("计划", "planned")
_REPORTED = Text("{day}：{stage}", "{day}: {stage}")
_STRUCK, _BACK = Text("销号", "struck off"), Text("返回", "came back")


@dataclass(frozen=True)
class Panel:
    """What is shown of one item: how it scores, and its course over the weeks (None without a report)."""

    words: Markup
    course_title: Markup
    course: Mapping[str, Any] | None


def panel(
    one: Standing,
    weeks: Sequence[Standing | None],
    policy: IssuePolicy,
    names: Mapping[int, Text],
    now: Language,
    theme: Theme,
) -> Panel:
    """The opened item as it stood, and its score over `weeks` (None: not on the list)."""
    scores = drawn([math.nan if week is None else week.score for week in weeks])
    words = _words(one, scores, policy, names, now)
    return Panel(words, _course_title(one, now), _course(one, now, theme))


def because(one: Standing, part: Part, now: Language) -> str:
    """What a component rests on, in words."""
    issue = one.issue
    match part.component:
        case Component.STAGE:
            return _STAGE.in_(now).format(n=one.stage - 1)
        case Component.SCHEDULE if one.status is Status.WATCHED and issue.struck_off_on is not None:
            late = (issue.struck_off_on - issue.planned_on).days
            return _LATE.in_(now).format(n=late) if late > 0 else _ON_TIME.in_(now)
        case Component.SCHEDULE:
            ahead = one.stage - one.planned_stage
            if not ahead:
                return _AS_PLANNED.in_(now)
            return (_AHEAD if ahead > 0 else _BEHIND).in_(now).format(n=abs(ahead))
        case Component.CLEARS:
            return _TICKED.in_(now).format(n=len(one.cleared))
        case Component.NO_RETURN if issue.returned_on is not None and one.status is Status.REOPENED:
            after = (issue.returned_on - (issue.struck_off_on or issue.returned_on)).days
            return _RETURNED.in_(now).format(n=after)
        case Component.NO_RETURN:
            return (_NOT_YET if math.isnan(part.value) else _NO_RETURN).in_(now)
        case Component.CONSULTATION:
            return _HELD.in_(now).format(held=one.held, due=one.due) if one.due else _NONE_DUE.in_(now)


def _words(
    one: Standing,
    scores: Sequence[float | None],
    policy: IssuePolicy,
    names: Mapping[int, Text],
    now: Language,
) -> Markup:
    issue = one.issue
    level = dict(dimension("list_level").names).get(issue.list_level)
    subtitle = _SUB.in_(now).format(
        place=place_name(names, issue.district, now),
        level=numbers.DASH if level is None else level.in_(now),
        severity=SEVERITY.in_(now).format(n=issue.severity),
        people=numbers.plain(issue.people),
        leader=issue.leader,
    )
    score = score_text(one.score)
    table = None
    if one.parts:
        lines = [_part(one, part, now) for part in one.parts]
        table = joined(
            bars([text.in_(now) for text in _HEAD], lines),
            tag("p", _TOTAL.in_(now).format(score=score), class_="q-total"),
        )
    return tag(
        "section",
        tag("h2", _title(one, score, now)),
        tag("p", subtitle, class_="q-note"),
        table,
        _facts(one, scores, policy, now),
        class_="q-card q-panel",
    )


def _title(one: Standing, score: str, now: Language) -> str:
    name = one.issue.name.in_(now)
    if not one.parts:
        return _SILENT.in_(now).format(name=name)
    worst = max(one.parts, key=lambda part: part.weight - part.points)
    lost = worst.weight - worst.points
    if lost < 0.05:  # prints as 0.0
        return _FULL.in_(now).format(name=name, score=score)
    what = COMPONENTS[worst.component].in_(now)
    return _TITLE.in_(now).format(name=name, score=score, what=what, lost=numbers.plain(lost, 1))


def _part(one: Standing, part: Part, now: Language) -> Bar:
    applies = not math.isnan(part.value)
    return Bar(
        name=COMPONENTS[part.component].in_(now),
        value=numbers.plain(part.points, 1) if applies else numbers.DASH,
        share=part.value if applies else None,
        cells=(
            numbers.plain(part.weight, 1) if applies else numbers.DASH,
            because(one, part, now),
        ),
    )


def _facts(one: Standing, scores: Sequence[float | None], policy: IssuePolicy, now: Language) -> Markup:
    issue = one.issue
    opened, planned = (text.in_(now) for text in _DATES)
    weeks = consultations(issue, one.day, policy.consultation_weeks)
    rows: list[tuple[str, Markup | str]] = [
        (_STATE.in_(now), f"{STATUSES[one.status].in_(now)} · {STAGES[one.stage].in_(now)}"),
        (opened, str(issue.opened_on)),
        (planned, f"{issue.planned_on} · {due_text(one, now)}"),
        (_CLEARS.in_(now), _ticks([_tick(one, clear, now) for clear in CLEARS])),
        (_SIGNED.in_(now), (_YES if one.is_signed_off else _NO).in_(now)),
        (_CONSULTATIONS.in_(now).format(n=len(weeks)), _ticks([_week(*week, now) for week in weeks])),
        (_WATCH.in_(now), _watch(one, policy, now)),
        (
            _SCORES.in_(now),
            sparkline(scores, width=240, height=28, low=0, high=100, label=_told(scores, now)),
        ),
    ]
    if one.is_open:
        rows.insert(3, (_MISSING.in_(now), missing_text(one, now)))
    entries = [child for name, value in rows for child in (tag("dt", name), tag("dd", value))]
    return tag("article", tag("dl", *entries), class_="q-define q-facts", aria_label=ITEM.in_(now))


def _told(scores: Sequence[float | None], now: Language) -> str:
    known = [score for score in scores if score is not None]
    if len(known) < 2:
        return _SCORES.in_(now)
    first, last = numbers.plain(known[0], 1), numbers.plain(known[-1], 1)
    return _FROM_TO.in_(now).format(n=len(known), first=first, last=last)


def consultations(issue: Issue, day: date, weeks: int) -> tuple[tuple[date, bool | None], ...]:
    """The last Mondays up to `day` on which the item was listed, and whether a consultation was held.

    None where nothing was reported.
    """
    last = bucket_start(day, Grain.WEEK)
    first = bucket_start(issue.opened_on, Grain.WEEK)
    mondays = [last - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    held = {one.week_on: one.is_consulted for one in issue.reports}
    return tuple((monday, held.get(monday)) for monday in mondays if monday >= first)


def _tick(one: Standing, clear: Any, now: Language) -> Markup:
    is_clear = clear in one.cleared
    text = (_CLEAR if is_clear else _OPEN).in_(now).format(name=CLEARS[clear].in_(now))
    return tag("span", text, class_="q-better" if is_clear else "q-worse")


def _week(monday: date, held: bool | None, now: Language) -> Markup:
    sign = {True: "✓", False: "✗", None: numbers.DASH}[held]
    said = _WEEK[held].in_(now).format(day=monday)
    look = {True: "q-better", False: "q-worse", None: "q-muted"}[held]
    return tag("span", sign, class_=look, title=said, role="img", aria_label=said)


def _ticks(ticks: Sequence[Markup]) -> Markup:
    return tag("span", *ticks, class_="q-ticks")


def _watch(one: Standing, policy: IssuePolicy, now: Language) -> str:
    if one.status is Status.REOPENED:
        return _WATCHED[2].in_(now)
    if one.watched_until is None:
        return _WATCHED[0].in_(now).format(days=policy.watch_days)
    return _WATCHED[1].in_(now).format(until=one.watched_until, n=(one.watched_until - one.day).days)


def _course_title(one: Standing, now: Language) -> Markup:
    behind = one.planned_stage - one.stage
    title = (_CHART[0] if behind > 0 else _CHART[1]).in_(now).format(n=behind)
    if not one.is_open:
        title = _CHART[2].in_(now).format(day=one.issue.struck_off_on)
    return tag("div", tag("h2", title), tag("p", _CHART_SUB.in_(now), class_="q-note"), class_="q-heading")


def _course(one: Standing, now: Language, theme: Theme) -> Mapping[str, Any] | None:
    issue, reports = one.issue, one.issue.reports
    if not reports:
        return None

    def series(name: Text, stages: Sequence[Stage]) -> Series:
        days = tuple(report.week_on for report in reports)
        read = tuple(
            str(escaped(_REPORTED.in_(now).format(day=day, stage=STAGES[stage].in_(now))))
            for day, stage in zip(days, stages, strict=True)
        )
        return Series(name.in_(now), days, tuple(map(float, stages)), read)

    flags = [
        Flag(day, text.in_(now))
        for day, text in ((issue.struck_off_on, _STRUCK), (issue.returned_on, _BACK))
        if day is not None
    ]
    return progress(
        series(_REACHED, [report.stage for report in reports]),
        series(_PLANNED, [report.planned_stage for report in reports]),
        theme,
        stages=[str(escaped(name.in_(now))) for name in STAGES.values()],
        flags=flags,
    )

"""The major-issue list in words: its stages, its districts, its weeks, what costs points, what comes next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from dashboards import numbers
from dashboards.cards.backlog import Card
from dashboards.cards.index_card import change_words, score_text
from dashboards.cards.regions import Region, short
from dashboards.cards.signals import Course, hint, judged, trailing_course
from dashboards.figures.aims import Headline, headline
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, tag
from dashboards.figures.stage_board import Column, ItemCard, stage_board
from queries.insights.major_issues import (
    Clear,
    Component,
    IssuePolicy,
    ListScore,
    Stage,
    Standing,
    Status,
    next_to_strike_off,
    reopened_on,
)
from queries.issue_list import IssueList
from queries.vocabulary import Direction, Language, Text

OPEN, OVERDUE, STRUCK_OFF, RETURNED, CONSULTED, CLEAR, LISTED = (
    "major_issues_open",
    "major_issues_overdue",
    "major_issues_struck_off",
    "major_issues_returned",
    "major_issues_consulted",
    "major_issues_clear",
    "major_issues_listed",
)
TILES = (OPEN, OVERDUE, STRUCK_OFF, RETURNED, CONSULTED, CLEAR)
CHANGE_WEEKS = 4
_ALL_STEPS = len(Stage) - 2 + len(Clear) + 1  # from the first stage to the sign-off
_MOST = 12  # items named in a card; the download has them all

STAGES = {
    Stage.SURVEY: Text("摸排", "Survey"),
    Stage.PLAN: Text("方案", "Plan"),
    Stage.HANDLING: Text("办理", "Handling"),
    Stage.RESOLUTION: Text("化解", "Resolution"),
    Stage.ACCEPTANCE: Text("验收", "Acceptance"),
    Stage.STRUCK_OFF: Text("销号", "Struck off"),
}
COMPONENTS = {
    Component.STAGE: Text("阶段", "Stage reached"),
    Component.SCHEDULE: Text("进度", "On schedule"),
    Component.CLEARS: Text("五清", "Five clears"),
    Component.NO_RETURN: Text("观察期无返回", "No return while watched"),
    Component.CONSULTATION: Text("周会商", "Weekly consultation"),
}
CLEARS = {
    Clear.PEOPLE: Text("人员清", "people"),
    Clear.DEMAND: Text("诉求清", "demand"),
    Clear.DUTY: Text("责任清", "duty"),
    Clear.WORK: Text("工作清", "work"),
    Clear.PLAN: Text("方案清", "plan"),
}
STATUSES = {
    Status.OPEN: Text("在办", "open"),
    Status.REOPENED: Text("重新打开", "reopened"),
    Status.WATCHED: Text("观察期", "watched"),
}
SEVERITY = Text("严重程度 {n} 级", "severity {n}")
SIGN_OFF = Text("验收签字", "sign-off")
SCORE = Text("清单得分", "List score")
ITEM = Text("事项", "Item")
_NOTE = Text("自定义口径 · 政策版本 {version}", "Our own definition · policy {version}")
SCORED = Text("{scored} 件计分，满分 100", "{scored} items scored, of 100")
_UNSCORED = Text("{n} 件尚无周报，不计分", "{n} without a report are not scored")
_WEEKS = Text("近 26 周清单得分", "List score, last 26 weeks")
_LEFT = Text("距计划 {n} 天", "{n} d left")
_LATE = Text("超期 {n} 天", "{n} d late")
_TODAY = Text("今日到期", "due today")
_WATCHED = Text("观察至 {day}", "watched to {day}")
_LEVEL = Text("{n} 级", "sev. {n}")
_LATE_COUNT = Text("超期 {n}", "{n} late")
_HINT = Text(
    "{name}\n{place} · {leader}\n列入 {opened} · 计划销号 {planned}\n点击查看得分构成",
    "{name}\n{place} · {leader}\nlisted {opened} · planned {planned}\nclick for how it scores",
)
_BOARD = Text(
    "在办 {open} 件，{late} 件超期；停在“{stage}”的最多（{n} 件）",
    "{open} open, {late} past plan; most of them stand at {stage} ({n})",
)
_BOARD_DONE = Text("没有在办事项，{n} 件在观察期", "Nothing is open; {n} are being watched")
_BOARD_SUB = Text(
    "每件一卡，超期在前；“销号”列为销号后仍在 {days} 天观察期内的事项；点击卡片看得分构成",
    "A card an item, late ones first; the last column holds items still in their {days}-day watch period; "
    "click a card for how it scores",
)
_LOSS = Text("{name}失分最多：拉低清单 {lost} 分", "{name} costs most: {lost} points of the list")
_LOSS_NONE = Text("没有失分的事项", "No item costs points")
_LOSS_SUB = Text(
    "失分 = 占清单权重 ×（100 − 事项得分）；全部相加为 {all} 分，列出 {shown} 件共 {sum} 分",
    "Points lost: weight in the list × (100 − item score); all together {all}, the {shown} listed {sum}",
)
_LOSS_HEAD = (
    ITEM,
    Text("失分", "Lost"),
    Text("得分", "Score"),
    Text("占清单权重", "Weight"),
    Text("贡献", "Points"),
)
_NEXT = Text("{n} 件销号条件已齐", "{n} ready to be struck off")
_NEXT_ONE = Text("最近可销号：{name}，还差 {n} 项", "Next to be struck off: {name}, {n} steps left")
_NEXT_NONE = Text("没有在办事项", "Nothing is open")
_NEXT_SUB = Text(
    "销号须到验收阶段、五清俱全并经签字；按所差项数、计划日排列",
    "Striking off needs acceptance reached, all five clears and the sign-off; fewest steps first, then "
    "planned day",
)
_NEXT_HEAD = (
    ITEM,
    Text("还差", "Left"),
    Text("所差", "Missing"),
    Text("计划销号日", "Planned"),
)
_STEPS = Text("{n} 项", "{n}")
_STAGES_LEFT, _CLEARS_LEFT = Text("{n} 个阶段", "{n} stages"), Text("五清差 {n} 项", "{n} clears")
_READY = Text("条件已齐", "ready")
_BACK = Text(
    "近一年销号后返回 {n} 件，{open} 件重新打开", "{n} came back within a year, {open} were reopened"
)
_BACK_NONE = Text("近一年没有销号后返回的事项", "Nothing came back within a year")
_BACK_SUB = Text(
    "销号后 {days} 天内返回即重新打开，得分随之回落；另有 {watched} 件在观察期，{soon} 件 30 天内期满",
    "A return within {days} days reopens an item and lowers its score; {watched} more are watched, {soon} of "
    "them for 30 days or less",
)
_BACK_HEAD = (
    ITEM,
    Text("返回日", "Came back"),
    Text("距销号", "After"),
    Text("状态", "Now"),
    Text("得分", "Score"),
)
_DAYS = Text("{n} 天", "{n} days")
_OUTSIDE = Text("观察期外", "after its watch")
_CLEAR_TITLE = Text(
    "五清中“{name}”最弱：在办 {of} 件清了 {n} 件", "Weakest clear: {name}, {n} of {of} open items"
)
_CLEAR_SUB = Text(
    "在办事项中各项已清的占比，取最近一次周报；五清俱全 {all} 件",
    "Share of open items with each clear ticked in the last report; all five: {all}",
)
_CLEAR_HEAD = (Text("五清", "Clear"), Text("占比", "Share"), Text("已清", "Ticked"))


def places(every: Sequence[Region]) -> dict[int, Text]:
    """Names of the districts by key."""
    return {one.id: one.name for one in every}


def score_tile(found: IssueList, here: int | None, place: Text, now: Language) -> Markup:
    """The list's score, large, with its change and its weeks."""
    score, series = found.score(here, found.as_of), found.series(here)
    lines = [SCORED.in_(now).format(scored=len(score.shares))]
    if score.unscored:
        lines.append(_UNSCORED.in_(now).format(n=score.unscored))
    change, moves = change_of(series), course(found, here)
    return headline(
        Headline(
            name=f"{SCORE.in_(now)} · {place.in_(now)}",
            value=score_text(score.value),
            change=change_words(change, CHANGE_WEEKS, now, moves),
            change_is=judged(moves, change),
            change_hint=hint(moves, now),
            context=tuple(lines),
            note=_NOTE.in_(now).format(version=found.policy.version),
            series=drawn(series),
            series_label=_WEEKS.in_(now),
        )
    )


def course(found: IssueList, here: int | None) -> Course:
    """The list's score on its control chart: what may colour a change."""
    return trailing_course(list(zip(found.days, found.series(here), strict=True)), Direction.UP)


def change_of(series: Sequence[float]) -> float:
    """Points since four weeks ago; NaN where either is not known."""
    return series[-1] - series[-1 - CHANGE_WEEKS] if len(series) > CHANGE_WEEKS else math.nan


def drawn(series: Sequence[float]) -> tuple[float | None, ...]:
    """A series as figures take it: None where there is no value."""
    return tuple(None if math.isnan(value) else value for value in series)


def due_text(one: Standing, now: Language) -> str:
    """How an item stands to its plan: days late or left, or until when it is watched."""
    if not one.is_open:
        return _WATCHED.in_(now).format(day=one.watched_until)
    if one.days_left == 0:
        return _TODAY.in_(now)
    text = _LATE if one.is_overdue else _LEFT
    return text.in_(now).format(n=numbers.plain(abs(one.days_left)))


def board(
    standings: Sequence[Standing],
    policy: IssuePolicy,
    names: Mapping[int, Text],
    chosen: int | None,
    now: Language,
) -> Card:
    """The items in columns by the stage they stand at."""
    ordered = sorted(standings, key=lambda one: (not one.is_overdue, -one.issue.severity, _end(one)))
    open_ = [one for one in standings if one.is_open]
    late = sum(one.is_overdue for one in open_)
    columns = []
    for stage, name in STAGES.items():
        here = [one for one in ordered if one.stage is stage]
        overdue = sum(one.is_overdue for one in here)
        columns.append(
            Column(
                name.in_(now),
                numbers.plain(len(here)),
                _LATE_COUNT.in_(now).format(n=overdue) if overdue else "",
                tuple(_item(one, names, now) for one in here),
            )
        )
    title = _BOARD_DONE.in_(now).format(n=len(standings))
    if open_:
        counts = {stage: sum(one.stage is stage for one in open_) for stage in STAGES}
        most = max(counts, key=lambda stage: counts[stage])
        title = _BOARD.in_(now).format(
            open=len(open_), late=late, stage=STAGES[most].in_(now), n=counts[most]
        )
    marked = None if chosen is None else str(chosen)
    return Card(
        title,
        _BOARD_SUB.in_(now).format(days=policy.watch_days),
        stage_board(columns, chosen=marked),
    )


def _end(one: Standing) -> str:
    return str(one.issue.planned_on if one.is_open else one.watched_until)


def _item(one: Standing, names: Mapping[int, Text], now: Language) -> ItemCard:
    issue = one.issue
    place = short(place_name(names, issue.district, now), now)
    name = issue.name.in_(now)
    mark = STATUSES[one.status].in_(now) if one.status is Status.REOPENED else ""
    level = _LEVEL.in_(now).format(n=issue.severity)
    return ItemCard(
        choose=str(issue.id),
        name=name,
        # a post says its district itself
        place=issue.leader if issue.leader.startswith(place) else f"{place} · {issue.leader}",
        score=score_text(one.score),
        mark=f"{mark} · {level}" if mark else level,
        due=due_text(one, now),
        is_late=one.is_overdue,
        hint=_HINT.in_(now).format(
            name=name, place=place, leader=issue.leader, opened=issue.opened_on, planned=issue.planned_on
        ),
    )


def place_name(names: Mapping[int, Text], district: int, now: Language) -> str:
    """A district's name; a dash for one that is not stated."""
    return names[district].in_(now) if district in names else numbers.DASH


def losses(score: ListScore, now: Language) -> Card:
    """The items that cost the list most, with what each adds."""
    shown = [one for one in score.shares[:_MOST] if one.lost > 0]
    if not shown:
        return Card(_LOSS_NONE.in_(now), SCORE.in_(now), Markup(""))
    most = shown[0].lost
    lines = [
        Bar(
            name=one.standing.issue.name.in_(now),
            value=numbers.plain(one.lost, 2),
            share=one.lost / most,
            cells=(
                score_text(one.standing.score),
                f"{numbers.plain(one.weight * 100, 1)}{numbers.NARROW}%",
                numbers.plain(one.points, 2),
            ),
            choose=str(one.standing.issue.id),
            colour="worse",
        )
        for one in shown
    ]
    title = _LOSS.in_(now).format(name=lines[0].name, lost=lines[0].value)
    subtitle = _LOSS_SUB.in_(now).format(
        all=numbers.plain(math.fsum(one.lost for one in score.shares), 1),
        shown=len(shown),
        sum=numbers.plain(math.fsum(one.lost for one in shown), 1),
    )
    return Card(title, subtitle, _table(_LOSS_HEAD, lines, now))


def missing_text(one: Standing, now: Language, *, most: int = len(STAGES)) -> str:
    """What is missing before an item can be struck off; more than `most` stages or clears are counted."""
    stages = [STAGES[stage].in_(now) for stage in one.steps]
    clears = [CLEARS[clear].in_(now) for clear in one.missing]
    words = [
        *(stages if len(stages) <= most else [_STAGES_LEFT.in_(now).format(n=len(stages))]),
        *(clears if len(clears) <= most else [_CLEARS_LEFT.in_(now).format(n=len(clears))]),
        *([] if one.is_signed_off else [SIGN_OFF.in_(now)]),
    ]
    return ("、" if now == "zh" else ", ").join(words) or _READY.in_(now)


def upcoming(standings: Sequence[Standing], now: Language) -> Card:
    """What strikes off next."""
    ordered = next_to_strike_off(standings)
    if not ordered:
        return Card(_NEXT_NONE.in_(now), _NEXT_SUB.in_(now), Markup(""))
    ready = sum(one.is_ready for one in ordered)
    first = ordered[0]
    title = _NEXT.in_(now).format(n=ready)
    if not ready:
        title = _NEXT_ONE.in_(now).format(name=first.issue.name.in_(now), n=first.steps_left)
    lines = [
        Bar(
            name=one.issue.name.in_(now),
            value=_STEPS.in_(now).format(n=one.steps_left),
            share=1 - one.steps_left / _ALL_STEPS,
            cells=(missing_text(one, now, most=1), f"{one.issue.planned_on} · {due_text(one, now)}"),
            choose=str(one.issue.id),
        )
        for one in ordered[:_MOST]
    ]
    return Card(title, _NEXT_SUB.in_(now), _table(_NEXT_HEAD, lines, now))


def returned(found: IssueList, here: int | None, now: Language) -> Card:
    """What came back after being struck off within a year, latest first."""
    policy, day = found.policy, found.as_of
    standing = {one.issue.id: one for one in found.of(here, day)}
    since = day - timedelta(days=365)
    lines, reopened = [], 0
    here_only = [one for one in found.issues if here is None or one.district == here]
    for one in sorted(here_only, key=lambda issue: str(issue.returned_on), reverse=True):
        if one.returned_on is None or one.struck_off_on is None or one.returned_on <= since:
            continue
        is_open = reopened_on(one, policy, day) is not None
        reopened += is_open
        after = (one.returned_on - one.struck_off_on).days
        lines.append(
            Bar(
                name=one.name.in_(now),
                value=str(one.returned_on),
                share=after / policy.watch_days,
                cells=(
                    _DAYS.in_(now).format(n=after),
                    (STATUSES[Status.REOPENED] if is_open else _OUTSIDE).in_(now),
                    score_text(standing[one.id].score) if one.id in standing else numbers.DASH,
                ),
                choose=str(one.id) if one.id in standing else "",
            )
        )
    watched = [one.watched_until for one in standing.values() if one.status is Status.WATCHED]
    soon = sum(until is not None and until <= day + timedelta(days=30) for until in watched)
    title = _BACK.in_(now).format(n=len(lines), open=reopened) if lines else _BACK_NONE.in_(now)
    subtitle = _BACK_SUB.in_(now).format(days=policy.watch_days, watched=len(watched), soon=soon)
    return Card(title, subtitle, _table(_BACK_HEAD, lines, now) if lines else Markup(""))


def five_clears(standings: Sequence[Standing], now: Language) -> Card:
    """How many of the open items have each clear ticked."""
    open_ = [one for one in standings if one.is_open]
    if not open_:
        return Card(_NEXT_NONE.in_(now), COMPONENTS[Component.CLEARS].in_(now), Markup(""))
    ticked = {clear: sum(clear in one.cleared for one in open_) for clear in CLEARS}
    lines = [
        Bar(
            name=name.in_(now),
            value=f"{numbers.plain(ticked[clear] / len(open_) * 100, 1)}{numbers.NARROW}%",
            share=ticked[clear] / len(open_),
            cells=(f"{ticked[clear]} / {len(open_)}",),
        )
        for clear, name in CLEARS.items()
    ]
    low = min(ticked, key=lambda clear: ticked[clear])
    title = _CLEAR_TITLE.in_(now).format(name=CLEARS[low].in_(now), n=ticked[low], of=len(open_))
    every = sum(not one.missing for one in open_)
    return Card(
        title,
        _CLEAR_SUB.in_(now).format(all=every),
        bars([text.in_(now) for text in _CLEAR_HEAD], lines),
    )


def _table(headings: Sequence[Text], lines: Sequence[Bar], now: Language) -> Markup:
    """A table of items whose names have as much room as there is."""
    table = bars([text.in_(now) for text in headings], lines)
    return tag("div", table, class_="q-panel q-scroll")

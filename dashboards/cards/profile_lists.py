"""One district in short lists: its categories against the city's mix, streets, units, backlog and issues."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import numbers
from dashboards.cards.backlog import CLEARANCE, ON_PLAN, PAST_PLAN, STRUCK_OFF
from dashboards.cards.behind import count, number, rate
from dashboards.cards.handling import outliers, printed
from dashboards.cards.hushed import instead
from dashboards.cards.issues import STAGES
from dashboards.cards.profile import REPLY, STOCK, VOLUME, card
from dashboards.cards.regions import short
from dashboards.cards.units import Unit
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup
from queries.answer import Answer
from queries.drill import Side
from queries.insights.funnel_limits import Law, Verdict, limits
from queries.issue_list import IssueList
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

Row = Mapping[Any, Any]

REPEAT = "repeat_share"
BACKLOG = (STOCK, CLEARANCE, PAST_PLAN, ON_PLAN, "backlog_added", STRUCK_OFF)
SHARES = (CLEARANCE, PAST_PLAN, ON_PLAN)
CATEGORIES, STREETS = 6, 6  # shown
WORST, BEST = 4, 2  # units shown of each end
LISTED = 5  # major issues shown

_HIGH, _LOW = Text("显著偏高", "high"), Text("显著偏低", "low")
_MIX = Text("{names}占比显著高于全市", "{names}: a larger share than in the city")
_MIX_PLAIN = Text("诉求结构与全市没有显著差异", "The mix differs from the city's within chance")
_MIX_SUB = Text(
    "前 {n} 类；与全市占比相比，超出三倍标准差为显著",
    "The {n} largest; beyond three deviations of the city's share",
)
_MIX_HEAD = (
    Text("类别", "Category"),
    Text("占比", "Share"),
    Text("件数", "Items"),
    Text("全市", "City"),
    Text("较上年", "On last year"),
    Text("判断", "Signal"),
)
_STREETS = Text("{names}重复件占比显著偏高", "{names}: repeat share stands out high")
_STREETS_PLAIN = Text("各镇街重复件占比的差异在随机波动之内", "Streets differ in repeat share within chance")
_STREETS_NONE = Text("镇街未记录", "Streets are not recorded")
_STREETS_SUB = Text("诉求量前 {n} 位，共 {all} 个镇街", "The {n} busiest of {all} streets and towns")
_STREETS_HEAD = (
    Text("镇街", "Street"),
    Text("件数", "Items"),
    Text("较上年", "On last year"),
    Text("重复件占比", "Repeat"),
    Text("按期答复", "On time"),
)
_UNITS = Text(
    "{below} 个单位按期答复率显著低于同类，{above} 个显著高于",
    "Replies on time: {below} units stand below their peers, {above} above",
)
_UNITS_PLAIN = Text("各单位按期答复率的差异在随机波动之内", "Units differ in replies on time within chance")
_UNITS_NONE = Text("各单位应办件均不足，不作比较", "No unit had enough replies due to compare")
_UNITS_SUB = Text(
    "应办件足够的 {all} 个承办单位；超出同类合并比率三倍标准差者在前，其次逾期多者",
    "{all} units with enough replies due: beyond three deviations of their peers first, then most late",
)
_UNITS_HEAD = (
    Text("单位", "Unit"),
    Text("按期率", "On time"),
    Text("同类", "Peers"),
    Text("到期", "Due"),
    Text("逾期", "Late"),
    Text("判断", "Signal"),
)
_BACKLOG = Text("积案存量 {stock} 件，化解率 {rate}", "{stock} backlog items on hand, {rate} cleared")
_BACKLOG_NONE = Text("没有交办的积案", "No backlog was assigned")
_BACKLOG_SUB = Text(
    "截至日；按计划化解率、销号为所选时段", "On the as-of date; on plan and struck off: the chosen period"
)
_BACKLOG_HEAD = (Text("指标", "Measure"), Text("本期", "Now"), Text("较上年同期", "On last year"))
_ISSUES = Text(
    "在办重大问题 {n} 件，超期 {late} 件，清单得分 {score}",
    "Major issues: {n} open, {late} past plan, list score {score}",
)
_ISSUES_NONE = Text("没有在办的重大问题", "No major issue is open")
_ISSUES_SUB = Text(
    "失分最多的 {n} 件；自定义口径，政策版本 {version}",
    "The {n} that cost most points; our own definition, policy {version}",
)
_ISSUES_HEAD = (
    Text("问题", "Issue"),
    Text("得分", "Score"),
    Text("阶段", "Stage"),
    Text("计划销号", "Planned"),
    Text("包案领导", "Leader"),
)


def categories_card(
    own: Answer, city: Answer, whole: float, every: float, names: Mapping[int, Text], now: Language
) -> Markup:
    """The largest categories with their share of the district's `whole` items and the city's `every`."""
    split = own.question.split[0]
    # a category whose number is hidden takes no place in the mix
    told, every_one = (one.frame[one.frame[VOLUME].notna()].to_dict("records") for one in (own, city))
    rows = sorted(told, key=lambda row: (-float(row[VOLUME]), int(row[split])))
    shares = {int(row[split]): float(row[VOLUME]) for row in every_one}
    lines, high, unjudged = [], list[str](), instead(own, rows)
    for row in rows:
        member, items = int(row[split]), float(row[VOLUME])
        centre = shares.get(member, city.nothing) / every
        verdict = None if unjudged else limits(centre, whole, Law.BINOMIAL).verdict(items / whole)
        if verdict is Verdict.ABOVE_3:
            high.append(names[member].in_(now))
        lines.append(
            Bar(
                name=names[member].in_(now),
                value=_per_cent(items / whole),
                share=items / whole,
                cells=(
                    number(numbers.plain(items), own.question, VOLUME, row),
                    _per_cent(centre),
                    numbers.change_text(metric_of(VOLUME), float(row[f"{VOLUME}_yoy"]), now),
                    _verdict(verdict, now),
                ),
                hint=numbers.parts(items, whole),
            )
        )
    title = _MIX.in_(now).format(names=_listed(high[:3], now)) if high else _MIX_PLAIN.in_(now)
    if unjudged is not None:
        title = unjudged.in_(now)
    shown = lines[:CATEGORIES]
    return card(title, _MIX_SUB.in_(now).format(n=len(shown)), bars(_said(_MIX_HEAD, now), shown))


def streets_card(answer: Answer, names: Mapping[int, Text], now: Language) -> Markup:
    """The busiest streets; `answer` is split by street and compared with last year."""
    rows = [row for row in answer.frame.to_dict("records") if int(row["street"]) in names]
    rows = [row for row in rows if not math.isnan(float(row[VOLUME]))]
    rows.sort(key=lambda row: (-float(row[VOLUME]), int(row["street"])))
    unjudged = instead(answer, rows)
    if not rows:
        return card((unjudged or _STREETS_NONE).in_(now), _STREETS_SUB.in_(now).format(n=0, all=0))
    known = [row for row in rows if not math.isnan(float(row[REPEAT]))]
    above = [] if unjudged else outliers(known, REPEAT, Verdict.ABOVE_3)
    high = [short(names[int(row["street"])].in_(now), now) for row in above]
    most = max(float(row[VOLUME]) for row in rows) or 1.0
    lines = [
        Bar(
            name=short(names[int(row["street"])].in_(now), now),
            value=number(numbers.plain(float(row[VOLUME])), answer.question, VOLUME, row),
            share=float(row[VOLUME]) / most,
            cells=(
                numbers.change_text(metric_of(VOLUME), float(row[f"{VOLUME}_yoy"]), now),
                rate(printed(REPEAT, row, answer, now), answer.question, REPEAT, row),
                rate(printed(REPLY, row, answer, now), answer.question, REPLY, row),
            ),
            hint=numbers.parts(float(row[f"{REPEAT}_numerator"]), float(row[f"{REPEAT}_denominator"])),
        )
        for row in rows[:STREETS]
    ]
    plain = (unjudged or _STREETS_PLAIN).in_(now)
    title = _STREETS.in_(now).format(names=_listed(high[:3], now)) if high else plain
    below = _STREETS_SUB.in_(now).format(n=len(lines), all=len(names))
    return card(title, below, bars(_said(_STREETS_HEAD, now), lines))


def units_card(every: Sequence[Unit], answer: Answer, now: Language) -> Markup:
    """The units at both ends: those that stand below their peers first, and the best that stand above.

    `answer` is what they were made of, split by unit.
    """
    rows = {int(row["unit"]): row for row in answer.frame.to_dict("records")}
    due = [one for one in every if one.due > 0 and one.rate is not None]
    below, above = (
        [one for one in due if one.verdict is side] for side in (Verdict.BELOW_3, Verdict.ABOVE_3)
    )
    best = sorted(above, key=lambda one: -one.due)[:BEST]
    worst = [one for one in due if one not in best][: WORST + BEST - len(best)]
    lines = [
        Bar(
            name=one.name.in_(now),
            value=numbers.DASH if one.rate is None else f"{numbers.plain(one.rate, 1)}{numbers.NARROW}%",
            share=None if one.rate is None else one.rate / 100,
            cells=(
                numbers.DASH if one.peers is None else f"{numbers.plain(one.peers, 1)}{numbers.NARROW}%",
                count(answer.question, REPLY, rows[one.id], Side.WHOLE),
                count(answer.question, REPLY, rows[one.id], Side.REST),
                _verdict(one.verdict, now),
            ),
            hint=numbers.parts(one.due - one.late, one.due),
        )
        for one in (*worst, *best)
    ]
    text = _UNITS if below or above else _UNITS_PLAIN if due else _UNITS_NONE
    title = (instead(answer, due) or text).in_(now).format(below=len(below), above=len(above))
    sub = _UNITS_SUB.in_(now).format(all=numbers.plain(len(due)))
    return card(title, sub, bars(_said(_UNITS_HEAD, now), lines))


def backlog_card(answer: Answer, now: Language) -> Markup:
    """The backlog against last year; `answer` is not split."""
    total = answer.frame.to_dict("records")[0]
    lines = [
        Bar(
            name=metric_of(key).full_name.in_(now),
            value=rate(_said_value(key, total, answer, now), answer.question, key, total),
            share=None,
            cells=(numbers.change_text(metric_of(key), float(total[f"{key}_yoy"]), now),),
            hint=numbers.parts(float(total[f"{key}_numerator"]), float(total[f"{key}_denominator"])),
        )
        for key in BACKLOG
    ]
    title = _BACKLOG_NONE.in_(now)
    if float(total[f"{CLEARANCE}_denominator"]) > 0:
        title = _BACKLOG.in_(now).format(
            stock=_said_value(STOCK, total, answer, now), rate=printed(CLEARANCE, total, answer, now)
        )
    return card(title, _BACKLOG_SUB.in_(now), bars(_said(_BACKLOG_HEAD, now), lines))


def issues_card(found: IssueList, now: Language) -> Markup:
    """The open major issues that cost the district's list most points."""
    score = found.score(None, found.as_of)
    open_now = [one for one in found.now if one.is_open]
    worst = [one.standing for one in score.shares if one.standing.is_open][:LISTED]
    lines = [
        Bar(
            name=one.issue.name.in_(now),
            value=numbers.plain(one.score, 1),
            share=one.score / 100,
            cells=(STAGES[one.stage].in_(now), str(one.issue.planned_on), one.issue.leader),
            colour="red" if one.is_overdue else "primary",
        )
        for one in worst
    ]
    sub = _ISSUES_SUB.in_(now).format(n=len(lines), version=found.policy.version)
    if not open_now:
        return card(_ISSUES_NONE.in_(now), sub)
    late = sum(one.is_overdue for one in open_now)
    title = _ISSUES.in_(now).format(n=len(open_now), late=late, score=numbers.plain(score.value, 1))
    return card(title, sub, bars(_said(_ISSUES_HEAD, now), lines))


def _said_value(key: str, row: Row, answer: Answer, now: Language) -> str:
    return printed(key, row, answer, now) if key in SHARES else numbers.plain(float(row[key]))


def _verdict(found: Verdict | None, now: Language) -> str:
    said = {Verdict.ABOVE_3: _HIGH, Verdict.BELOW_3: _LOW}
    return said[found].in_(now) if found in said else numbers.DASH


def _listed(names: Sequence[str], now: Language) -> str:
    return ("、" if now == "zh" else ", ").join(names)


def _per_cent(share: float) -> str:
    return numbers.DASH if math.isnan(share) else f"{numbers.plain(share * 100, 1)}{numbers.NARROW}%"


def _said(headings: Sequence[Text], now: Language) -> list[str]:
    return [text.in_(now) for text in headings]

"""One district in figures: its aims beside the city's, each measure on its control chart, what alarms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import numbers
from dashboards.cards import signals
from dashboards.cards.behind import rate
from dashboards.cards.handling import CLOCK, OPEN, RED, YELLOW, on_hand, printed
from dashboards.cards.index_card import Standing, moved_text, score_text
from dashboards.cards.league import Fair, law_of
from dashboards.cards.signals import Course
from dashboards.figures.bars import Bar, bars
from dashboards.figures.control_cells import Cell, control_cells
from dashboards.figures.markup import Markup, joined, tag
from dashboards.numbers import Judgement
from queries.answer import Answer, figure
from queries.city_index import CityIndex
from queries.insights.funnel_limits import Law
from queries.insights.index import RankInterval
from queries.insights.rate_ranks import Draws, Rate, rate_intervals
from queries.metric import Metric
from queries.metrics import metric as metric_of
from queries.vocabulary import Direction, Language, Text

Row = Mapping[Any, Any]

VOLUME, STOCK, REPLY = "cases_registered", "backlog_stock", "replied_on_time"
CELLS = (
    "cases_per_10k",
    "skip_level_heads_per_100k",
    "repeat_share",
    "online_share",
    "accepted_on_time",
    REPLY,
    "same_day_loop",
    "returned_share",
    "satisfaction",
    "participation",
    "public_reply_share",
    "backlog_clearance",
)
MOST_ALERTS = 5  # signals named one by one

CHOOSE = Text("请选择一个区县", "Choose a district")
CHOOSE_SUB = Text("点击一行进入该区县的画像", "Click a row to open that district's profile")
_AIMS = Text("六项目标，最弱的是{name}（{value} 分）", "Six aims; the weakest is {name} ({value})")
_AIMS_NONE = Text("目标暂无数据", "No aim has data")
_AIMS_SUB = Text(
    "得分 0–100，自定义口径；变动为较 {weeks} 周前", "0–100, our own definition; change on {weeks} weeks ago"
)
_AIMS_HEAD = (
    Text("目标", "Aim"),
    Text("得分", "Score"),
    Text("变动", "Change"),
    Text("全市", "City"),
    Text("指标", "Of"),
)
_CELLS = Text("{n} 项指标中 {k} 项最近一周有信号", "{k} of {n} measures have a signal in the latest week")
_CELLS_NONE = Text("{n} 项指标最近一周均无信号", "None of {n} measures has a signal in the latest week")
_CELLS_SUB = Text(
    "数值为所选时段；曲线为近 {weeks} 个整周，浅带为控制限（件数 XmR，占比 p′），点线为均值，圆点为信号周；"
    "各图纵轴自定，不从 0 起；名次在同类组内，括号为位次区间",
    "Values: the chosen period; lines: the last {weeks} whole weeks, pale band: control limits (XmR, p′), "
    "dotted: mean, dots: signals; each on its own scale, not from 0; ranks inside the peer group, intervals",
)
_YOY = Text("较上年同期 {x}", "{x} on last year")
_RANKED = Text(
    "第 {rank}/{of} 名（{low}–{high}） · 全市 {city}", "rank {rank} of {of} ({low}–{high}) · city {city}"
)
_UNRANKED = Text("不排名 · 全市 {city}", "not ranked · city {city}")
_PARTS = Text("分子 / 分母：{parts}", "Numerator / denominator: {parts}")
_ALERTS = Text("{n} 项需要关注", "{n} to watch")
_ALERTS_NONE = Text("没有需要关注的信号", "Nothing to watch")
_ALERTS_SUB = Text(
    "最近整周（{week} 起）的信号，截至日已过线的件",
    "Signals of the latest whole week ({week}); items past their line",
)
_SIGNAL = Text("{name} {value}：{why}", "{name} {value}: {why}")
_MORE = Text("另有 {n} 项信号见上图", "{n} more signals above")
_PAST = {
    RED: Text(
        "{n} 件在办件已过红线（答复期限已满）", "{n} items on hand are past the red line (reply overdue)"
    ),
    YELLOW: Text(
        "{n} 件在办件已过黄线（期限用去 75 % 以上）",
        "{n} items on hand are past the yellow line (75 % of the time used)",
    ),
}
_SIGNS = {Judgement.WORSE: "▲", Judgement.BETTER: "●", Judgement.UNCHANGED: "–"}


def aims_card(standing: Standing, index: CityIndex, now: Language) -> Markup:
    """The aims of a district beside the city's."""
    before = {aim.aim.key: aim.value for aim in standing.before.aims}
    city = {aim.aim.key: aim.value for aim in index.city.aims}
    lines, known = [], []
    for aim in standing.now.aims:
        key, change = aim.aim.key, aim.value - before.get(aim.aim.key, math.nan)
        if not math.isnan(aim.value):
            known.append(aim)
        lines.append(
            Bar(
                name=aim.aim.name.in_(now),
                value=score_text(aim.value),
                share=None if math.isnan(aim.value) else aim.value / 100,
                cells=(
                    signals.changed(moved_text(change, now), change, standing.aims.get(key), now),
                    score_text(city.get(key, math.nan)),
                    f"{aim.used}/{aim.of}",
                ),
            )
        )
    title = _AIMS_NONE.in_(now)
    if known:
        weakest = min(known, key=lambda aim: aim.value)
        title = _AIMS.in_(now).format(name=weakest.aim.name.in_(now), value=score_text(weakest.value))
    return card(title, _AIMS_SUB.in_(now).format(weeks=standing.weeks), bars(_said(_AIMS_HEAD, now), lines))


def peer_ranks(
    districts: Answer, groups: Mapping[int, str], own: int, draws: Draws
) -> dict[str, tuple[RankInterval, int]]:
    """Rank with its interval and the number ranked, of district `own` inside its peer group, by metric.

    `districts` is an answer split by district. A metric is absent where chance has no law for it, or where
    the district has too little to be ranked.
    """
    rows = [
        row for row in districts.frame.to_dict("records") if groups.get(int(row["district"])) == groups[own]
    ]
    found = {}
    for key in districts.question.metrics:
        metric = metric_of(key)
        law = law_of(metric, Fair.CRUDE)
        if law is None or metric.direction is Direction.NEITHER:
            continue
        rates = {int(row["district"]): rate for row in rows if (rate := _rate(row, key, law)) is not None}
        if own in rates:
            found[key] = (rate_intervals(rates, metric.direction, law, draws)[own], len(rates))
    return found


def _rate(row: Row, key: str, law: Law) -> Rate | None:
    """A row's rate; None where it is not known or, as weighted items may be, no part of its denominator."""
    value, part, whole = (float(row[f"{key}{end}"]) for end in ("", "_numerator", "_denominator"))
    if math.isnan(value) or not whole > 0 or (law is Law.BINOMIAL and part > whole):
        return None
    return Rate(value, part, whole)


def measures_card(
    total: Answer,
    city: Row,
    courses: Mapping[str, Course],
    ranks: Mapping[str, tuple[RankInterval, int]],
    now: Language,
) -> Markup:
    """The measures as small control charts; `total` is an answer over the period, `city` the city's row."""
    cells = [_cell(metric_of(key), total, city, courses[key], ranks.get(key), now) for key in CELLS]
    loud = sum(courses[key].side != 0 for key in CELLS)
    title = (_CELLS if loud else _CELLS_NONE).in_(now).format(n=len(CELLS), k=loud)
    weeks = len(next(iter(courses.values())).days)
    return card(title, _CELLS_SUB.in_(now).format(weeks=weeks), control_cells(cells))


def _cell(
    metric: Metric,
    answer: Answer,
    city: Row,
    course: Course,
    rank: tuple[RankInterval, int] | None,
    now: Language,
) -> Cell:
    key, chart, total = metric.key, course.chart, answer.frame.to_dict("records")[0]
    change = float(total[f"{key}_yoy"])
    everywhere = printed_value(key, city, answer, now)
    place = _UNRANKED.in_(now).format(city=everywhere)
    if rank is not None:
        one, of = rank
        place = _RANKED.in_(now).format(rank=one.rank, of=of, low=one.low, high=one.high, city=everywhere)
    lines = [(place, "unchanged")]
    if course.side:
        lines.append((course.why(now), course.tone.value))
    parts = numbers.parts(float(total[f"{key}_numerator"]), float(total[f"{key}_denominator"]))
    return Cell(
        name=metric.name.in_(now),
        value=rate(printed_value(key, total, answer, now), answer.question, key, total),
        change=_YOY.in_(now).format(x=numbers.change_text(metric, change, now)),
        change_is=course.judged(change).value,
        values=_known(chart.values),
        lower=_known(chart.lower),
        upper=_known(chart.upper),
        centre=None if math.isnan(chart.centre) else chart.centre,
        marks=signals.marks(course),
        lines=tuple(lines),
        hint=f"{_PARTS.in_(now).format(parts=parts)} · {course.hint(now)}",
    )


def printed_value(key: str, row: Row, answer: Answer, now: Language) -> str:
    """A measure as printed, without the word of its unit, which its name says; or why there is none."""
    metric, shown = metric_of(key), figure(metric_of(key), row)
    if shown is None:
        return printed(key, row, answer, now)
    return numbers.figure_text(metric, shown, now, unit=False)


def alerts_card(total: Row, courses: Mapping[str, Course], clock: Answer, now: Language) -> Markup:
    """What alarms: bad signals of the latest week first, then good ones, and what is past its line now."""
    said = [(key, found) for key, found in courses.items() if found.side and key in total]
    said.sort(key=lambda one: (one[1].tone is not Judgement.WORSE, one[1].tone is Judgement.UNCHANGED))
    items = [
        _alert(
            found.tone,
            _SIGNAL.in_(now).format(
                name=metric_of(key).name.in_(now),
                value=printed_value(key, total, clock, now),
                why=found.why(now),
            ),
            now,
        )
        for key, found in said[:MOST_ALERTS]
    ]
    if len(said) > MOST_ALERTS:
        items.append(_alert(Judgement.UNCHANGED, _MORE.in_(now).format(n=len(said) - MOST_ALERTS), now))
    bands = clock.frame.groupby(CLOCK)[OPEN].sum().to_dict() if len(clock.frame) else {}
    past = {band: bands[band] for band in (RED, YELLOW) if bands.get(band, 0.0) > 0}
    for band, amount in past.items():
        before, after = _PAST[band].in_(now).split("{n}")
        text = joined(before, on_hand(clock, {CLOCK: band}, amount), after)
        items.append(_alert(Judgement.WORSE, text, now))
    watched = sum(found.tone is Judgement.WORSE for _, found in said) + len(past)
    title = (_ALERTS if watched else _ALERTS_NONE).in_(now).format(n=watched)
    week = max((found.days[-1] for found in courses.values() if found.days), default=clock.question.as_of)
    return card(title, _ALERTS_SUB.in_(now).format(week=week), tag("ul", *items, class_="q-alerts"))


def _alert(tone: Judgement, text: str, now: Language) -> Markup:
    sign = tag("span", _SIGNS[tone], class_=f"q-{tone}", role="img", aria_label=numbers.WORDS[tone].in_(now))
    return tag("li", sign, tag("span", text))


def card(title: str, subtitle: str, *body: Markup) -> Markup:
    """A card of the sheet: what stands out, the measure below it, and what shows it."""
    return tag("section", tag("h2", title), tag("p", subtitle, class_="q-note"), *body, class_="q-card")


def _known(values: Sequence[float]) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(value) else value for value in values)


def _said(headings: Sequence[Text], now: Language) -> list[str]:
    return [text.in_(now) for text in headings]

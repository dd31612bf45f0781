"""Repeat visits in words: the share against its limits, cohorts and when they mature, how soon, how few."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards import numbers
from dashboards.cards.behind import opening, rate, token
from dashboards.cards.hushed import NO_CHART, UNTOLD, hushed, is_hushed
from dashboards.cards.overview import TrendCard
from dashboards.cards.signals import RING, Course, changed
from dashboards.cards.volume import heading
from dashboards.figures.bars import Bar, bars
from dashboards.figures.cohorts import Cohorts, cohorts
from dashboards.figures.expectation import Band, expectation
from dashboards.figures.markup import Markup, escaped, joined, tag
from dashboards.figures.returns import Returned, returns
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Series
from queries.answer import Answer
from queries.insights.control_chart import Chart, p_prime_chart
from queries.insights.survival import Curve
from queries.metrics import metric as metric_of
from queries.metrics.repeat import REPEAT_PETITIONER_ITEMS, SURVIVAL_DAYS
from queries.vocabulary import Language, Text
from warehouse.measures import RETURN_WINDOWS

SHARE, RETURN = "repeat_share", "time_to_return"
RATES = {str(days): f"return_rate_{days}" for days in RETURN_WINDOWS}
PERSONS = ("repeat_petitioners", "repeat_concentration")
YEAR = timedelta(days=364)  # from the first of 365 days to the last
MONTHS_SHOWN = 12  # of the table of cohorts
WINDOW = Text("再访观察期", "Return window")
WINDOWS = {key: Text(f"{key} 天", f"{key} days") for key in RATES}
NOT_RECORDED = Text("未记录", "Not recorded")
_NO_SHARE = Text("重复件占比未记录", "The repeat share is not recorded")
_NO_CURVE = Text("再访未记录，或近一年办结太少", "Returns are not recorded, or too few were closed")
_QUIET = Text(
    "{day} 起一周重复件占比 {x}，在控制限内，无异常信号",
    "Week of {day}: {x} are repeats, within the limits, no signal",
)
_LOUD = Text("{day} 起一周重复件占比 {x}，{causes}", "Week of {day}: {x} are repeats, {causes}")
_CONTROL = Text(
    "每周重复件占比，周一起算；浅带为 p′ 图控制限（±3σ，Laney），点线为中心线 {centre}，圆圈为信号；"
    "纵轴不从 0 起",
    "Repeats by week from Monday; pale band: limits of the p′-chart (±3σ, Laney), dotted: centre {centre}, "
    "rings: signals; the axis does not begin at 0",
)
_WEEKLY, _LIMITS = Text("每周", "by week"), Text("控制限", "limits")
_WEEK = Text("{day} 起一周：{x}（{parts}）", "Week of {day}: {x} ({parts})")
_BAND = Text("{low}–{high}", "{low} to {high}")
_COHORTS_HEAD = Text("按办结月份的再访率", "Return rate by month of closing")
_COHORTS = Text(
    "{month} 办结的初次件，{days} 天内有 {x} 再访（最近的成熟队列）",
    "Closed in {month}: {x} came back within {days} days (latest mature cohort)",
)
_NO_COHORT = Text("还没有成熟的队列", "No cohort is mature yet")
_COHORTS_SUB = Text(
    "按办结月份的再访率，线由细到粗为 30、60、90、180 天；灰色虚线为未成熟队列，还会上升",
    "Return rate by month of closing, thin to bold: 30, 60, 90, 180 days; grey and dotted: cohorts not yet "
    "mature, which still rise",
)
_TABLE = Text("{month} 的 {days} 天队列将于 {day} 成熟", "{month}: the {days}-day cohort matures on {day}")
_ALL_MATURE = Text("所列队列均已成熟", "Every cohort listed is mature")
_TABLE_SUB = Text(
    "近 {n} 个办结月份；灰色为未成熟队列，现值偏低，附成熟日期",
    "The last {n} months of closing; grey: not yet mature and too low, with the day they mature",
)
_MONTH, _CLOSED = Text("办结月份", "Closed in"), Text("办结初次件", "First-time closed")
_MATURE = Text("{day} 成熟", "on {day}")
_COHORT = Text("{month} · {days} 天：{x}（{parts}）", "{month}, {days} days: {x} ({parts})")
_YOUNG = Text("，{day} 成熟", ", matures on {day}")
_SOON = Text(
    "再访的一半发生在办结后 {half} 天内；{days} 天内累计 {x} 再访",
    "Half of those who return do so within {half} days; {x} have returned by day {days}",
)
_NOBODY = Text("近一年办结的初次件尚无再访", "Nothing closed in the last year has come back")
_CURVE_SUB = Text(
    "Kaplan–Meier：近 365 天办结的初次件，办结后各天的累计再访概率；未再访者在截至日删失。"
    "灰线为上年同期，按当时所知",
    "Kaplan–Meier: first-time items closed in the last 365 days, probability of having come back by each day;"
    " others are censored at the as-of date. Grey: a year before, as known then",
)
_BY_DAY = Text("办结后 {day} 天内：{x}", "within {day} days of closing: {x}")
_THIS, _LAST = Text("近 365 天", "Last 365 days"), Text("上年同期", "Year before")
_FEW = Text(
    "近一年 {n} 人登记 {k} 件及以上；件数最多的 1% 的人占全部件的 {x}",
    "{n} persons filed {k} or more in a year; the busiest 1% filed {x} of all items",
)
_NO_PERSONS = Text("重复信访人未记录", "Repeat petitioners are not recorded")
_BACK = Text(f"{SURVIVAL_DAYS} 天累计再访概率", f"Back within {SURVIVAL_DAYS} days")
_FEW_SUB = Text(
    "重复件占比为所选时段，其余为近 365 天；只计数，不列个人",
    "Repeat share: the chosen period, others: the last 365 days; counts only, no person is listed",
)
_FEW_HEAD = (Text("指标", "Measure"), Text("本期", "Now"), Text("较上年同期", "On last year"))


@dataclass(frozen=True)
class Weeks:
    """The weeks of the control chart: their Mondays, the counts behind each share, and the chart.

    `items` opens the repeats of each week.
    """

    days: tuple[date, ...]
    parts: tuple[float, ...]
    wholes: tuple[float, ...]
    chart: Chart
    items: tuple[str, ...] = ()

    @property
    def course(self) -> Course:
        """The weeks as what colours a change of the repeat share."""
        return Course("share", metric_of(SHARE).direction, self.days, self.chart)


def share(value: float, decimals: int = 2) -> str:
    """A share (0 to 1) in per cent; a dash where there is none."""
    return numbers.DASH if math.isnan(value) else f"{numbers.plain(value * 100, decimals)}{numbers.NARROW}%"


def weeks(weekly: Answer) -> Weeks:
    """The weeks of an answer of the repeat share, charted; weeks before the data are left out."""
    frame = weekly.frame.sort_values("bucket").dropna(subset=[f"{SHARE}_denominator"])
    if is_hushed(weekly):
        frame = frame.iloc[:0]  # stepped counts stand on no control chart
    parts, wholes = (tuple(map(float, frame[f"{SHARE}_{part}"])) for part in ("numerator", "denominator"))
    items = tuple(token(weekly.question, SHARE, row) for row in frame.to_dict("records"))
    return Weeks(tuple(frame["bucket"]), parts, wholes, p_prime_chart(parts, wholes), items)


def control_card(found: Weeks, now: Language, theme: Theme) -> TrendCard | None:
    """The repeat share by week between its control limits; None where it is not recorded or not exact."""
    chart = found.chart
    at = [place for place, value in enumerate(chart.values) if not math.isnan(value)]
    if not at:
        return None
    read = tuple(
        _said(_WEEK, now, day=str(day), x=share(value), parts=numbers.parts(part, whole))
        for day, value, part, whole in zip(found.days, chart.values, found.parts, found.wholes, strict=True)
    )
    known = [place for place in at if not math.isnan(chart.upper[place])]
    band = Band(
        _LIMITS.in_(now),
        tuple(found.days[place] for place in known),
        tuple(chart.centre for _ in known),
        tuple(chart.lower[place] for place in known),
        tuple(chart.upper[place] for place in known),
        tuple(
            _said(_BAND, now, low=share(chart.lower[place]), high=share(chart.upper[place]))
            for place in known
        ),
    )
    line = Series(_WEEKLY.in_(now), found.days, chart.values, read, found.items)
    drawn = expectation(
        line, None, band, None, found.course.rings(now), theme, signal=RING.in_(now), height=290, percent=True
    )
    text = _LOUD if chart.last else _QUIET
    title = text.in_(now).format(day=found.days[-1], x=share(chart.values[-1]), causes=found.course.why(now))
    return TrendCard(heading(title, _CONTROL.in_(now).format(centre=share(chart.centre))), drawn)


def missing(key: str, is_told: bool, now: Language) -> Markup:
    """What stands where the chart `key` (control, curve) has nothing to draw, or what is not told."""
    if not is_told:
        name = metric_of(SHARE).name if key == "control" else _BACK
        return joined(heading(name.in_(now), ""), hushed(now))
    return heading((_NO_SHARE if key == "control" else _NO_CURVE).in_(now), NOT_RECORDED.in_(now))


@dataclass(frozen=True)
class Cohort:
    """First-time items closed in one month: how many came back within `days`, and when that is final.

    `items` opens those that came back.
    """

    month: date
    days: str
    back: float
    closed: float
    value: float
    mature_on: date
    is_mature: bool
    items: str = ""


def cohort_rates(monthly: Answer) -> dict[str, tuple[Cohort, ...]]:
    """The cohorts by window, month by month; months in which nothing is known exactly are left out.

    A month is mature when its last day is at least the window before the as-of date.
    """
    as_of, rows = monthly.question.as_of, monthly.frame.sort_values("bucket").to_dict("records")
    if is_hushed(monthly):
        rows = []
    return {
        days: tuple(
            Cohort(
                row["bucket"],
                days,
                float(row[f"{key}_numerator"]),
                float(row[f"{key}_denominator"]),
                float(row[key]),
                row[f"{key}_mature_on"],
                row[f"{key}_mature_on"] <= as_of,
                token(monthly.question, key, row),
            )
            for row in rows
            if not math.isnan(float(row[key]))
        )
        for days, key in RATES.items()
    }


def cohort_card(
    found: Mapping[str, tuple[Cohort, ...]], window: str, is_told: bool, now: Language, theme: Theme
) -> TrendCard:
    """Return rates by month of closing; the title speaks of the chosen window.

    Where the reader is not told every count (`is_told` is False) there is none: of stepped counts more could
    have come back within 60 days than within 90.
    """
    if not is_told:
        return TrendCard(joined(heading(_COHORTS_HEAD.in_(now), ""), hushed(now)), NO_CHART)
    lines = [
        Cohorts(
            str(escaped(WINDOWS[days].in_(now))),
            tuple(one.month for one in every),
            tuple(one.value for one in every),
            tuple(one.is_mature for one in every),
            tuple(str(escaped(_read(one, now))) for one in every),
            tuple(one.items for one in every),
        )
        for days, every in found.items()
    ]
    last = [one for one in found[window] if one.is_mature][-1:]
    title = _NO_COHORT.in_(now)
    for one in last:
        title = _COHORTS.in_(now).format(month=f"{one.month:%Y-%m}", days=window, x=share(one.value))
    return TrendCard(heading(title, _COHORTS_SUB.in_(now)), cohorts(lines, theme, height=290))


def _read(one: Cohort, now: Language) -> str:
    said = _COHORT.in_(now).format(
        month=f"{one.month:%Y-%m}",
        days=one.days,
        x=share(one.value),
        parts=numbers.parts(one.back, one.closed),
    )
    return said if one.is_mature else said + _YOUNG.in_(now).format(day=one.mature_on)


def cohort_table(
    found: Mapping[str, tuple[Cohort, ...]], window: str, is_told: bool, now: Language
) -> Markup:
    """The last months as a table: rates, and for the immature ones in grey the day they mature.

    `is_told` as in `cohort_card`.
    """
    if not is_told:
        return tag("div", heading(_MONTH.in_(now), ""), hushed(now), class_="q-card")
    months = sorted({one.month for every in found.values() for one in every}, reverse=True)[:MONTHS_SHOWN]
    at = {(one.month, days): one for days, every in found.items() for one in every}
    heads = (_MONTH, _CLOSED, *(WINDOWS[days] for days in found))
    head = tag("tr", *(tag("th", text.in_(now), class_="q-num" if n else "") for n, text in enumerate(heads)))
    rows = []
    for month in months:
        cells = [at.get((month, days)) for days in found]
        closed = next((one.closed for one in cells if one is not None), math.nan)
        rows.append(
            tag(
                "tr",
                tag("td", f"{month:%Y-%m}", style="white-space:nowrap"),
                tag("td", numbers.plain(closed), class_="q-num"),
                *(_cell(one, now) for one in cells),
                class_="q-row",
            )
        )
    young = [one for one in reversed(found[window]) if not one.is_mature][-1:]
    title = _ALL_MATURE.in_(now)
    for one in young:
        title = _TABLE.in_(now).format(month=f"{one.month:%Y-%m}", days=window, day=one.mature_on)
    table = tag("table", tag("thead", head), tag("tbody", joined(*rows)), class_="q-ranking q-tight")
    above = heading(title, _TABLE_SUB.in_(now).format(n=len(months)))
    return tag("div", above, table, class_="q-card")


def _cell(one: Cohort | None, now: Language) -> Markup:
    if one is None:
        return tag("td", numbers.DASH, class_="q-num")
    value = opening(share(one.value), one.items)
    if one.is_mature:
        return tag("td", value, class_="q-num", title=_read(one, now))
    until = tag("div", _MATURE.in_(now).format(day=one.mature_on), class_="q-note")
    return tag("td", value, until, class_="q-num q-muted", title=_read(one, now))


def curve_card(curve: Curve | None, before: Curve | None, now: Language, theme: Theme) -> TrendCard | None:
    """How soon what was closed comes back; None where it is not recorded or too few were."""
    if curve is None:
        return None
    total = curve.returned_by(SURVIVAL_DAYS)
    title = _NOBODY.in_(now)
    if total > 0:
        half = next(day for day in range(SURVIVAL_DAYS + 1) if curve.returned_by(day) >= total / 2)
        title = _SOON.in_(now).format(half=half, days=SURVIVAL_DAYS, x=share(total))
    drawn = returns(
        _returned(_THIS, curve, now),
        None if before is None else _returned(_LAST, before, now),
        RETURN_WINDOWS,
        theme,
        height=290,
    )
    return TrendCard(heading(title, _CURVE_SUB.in_(now)), drawn)


def by_day(curve: Curve) -> tuple[float, ...]:
    """The share that has returned by the end of each day from 0 to the last that the metric looks at."""
    return tuple(curve.returned_by(day) for day in range(SURVIVAL_DAYS + 1))


def _returned(name: Text, curve: Curve, now: Language) -> Returned:
    shares = by_day(curve)
    hover = tuple(_said(_BY_DAY, now, day=str(day), x=share(value)) for day, value in enumerate(shares))
    return Returned(str(escaped(name.in_(now))), shares, hover)


def few_card(period: Answer, year: Answer, course: Course | None, now: Language) -> Markup:
    """How many come back how often: answers compared with last year, of the period and of a year.

    `course` is that of the repeat share; the others have no weeks, so no change of theirs is coloured. None
    where its weeks are not exact.
    """
    rows = [_fact(SHARE, period, course, now), *(_fact(key, year, None, now) for key in (*PERSONS, RETURN))]
    persons, busiest = (metric_of(key) for key in PERSONS)
    title = _FEW.in_(now).format(
        n=numbers.value_text(persons, year.one(persons.key), now, unit=False),
        k=REPEAT_PETITIONER_ITEMS,
        x=numbers.value_text(busiest, year.one(busiest.key), now),
    )
    if math.isnan(year.one(persons.key)):
        title = (UNTOLD if is_hushed(year) else _NO_PERSONS).in_(now)
    table = bars([text.in_(now) for text in _FEW_HEAD], rows)
    return tag("div", heading(title, _FEW_SUB.in_(now)), table, class_="q-card")


def _fact(key: str, answer: Answer, course: Course | None, now: Language) -> Bar:
    metric, row = metric_of(key), answer.frame.to_dict("records")[0]
    change = float(row[f"{key}_yoy"])
    return Bar(
        (_BACK if key == RETURN else metric.full_name).in_(now),
        rate(numbers.value_text(metric, float(row[key]), now), answer.question, key, row),
        None,
        (changed(numbers.change_text(metric, change, now), change, course, now),),
        hint=numbers.parts(float(row[f"{key}_numerator"]), float(row[f"{key}_denominator"])),
    )


def _said(text: Text, now: Language, **values: str) -> str:
    return str(escaped(text.in_(now).format(**values)))

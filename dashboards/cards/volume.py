"""The volume board in words: its figures, the line against its expectation, days, and how items divide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.behind import narrowing, number, over, rate, token
from dashboards.cards.hushed import NO_CHART, UNJUDGED, UNTOLD, hushed, is_hushed
from dashboards.cards.overview import TrendCard, flags
from dashboards.cards.signals import Course, changed, courses, courses_by, hint, judged
from dashboards.cards.stretches import Width, counted, last_year
from dashboards.figures.calendar import Cell, calendar
from dashboards.figures.expectation import Band, Ring, expectation
from dashboards.figures.markup import Markup, escaped, joined, tag
from dashboards.figures.ranking import Column, Group, Headings, Row, ranking
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Series, trend
from queries.answer import Answer
from queries.dimensions import dimension
from queries.insights.control_chart import Signal
from queries.insights.expectation import Bucket, Expectation
from queries.metrics import metric as metric_of
from queries.question import Filter, Question
from queries.vocabulary import Compare, Language, Measurement, Period, Text

VOLUME, FIRST_TIME = "cases_registered", "first_time_cases"
TILES = (VOLUME, FIRST_TIME, "repeat_share", "people_registered", "cases_per_10k", "online_share")
BASES = {
    Compare.YOY.value: Text("较上年同期", "On last year"),
    Compare.MOM.value: Text("较上期", "On period before"),
}
CUTS = {
    "category1": Text("类别", "Category"),
    "channel": Text("渠道", "Channel"),
    "district": Text("区县", "District"),
    "purpose": Text("目的", "Purpose"),
}
GRAIN, BASE = Text("时间粒度", "Grain"), Text("增减比较", "Compared with")
CUT = Text("构成", "Divided by")
NOT_STATED = Text("未明确", "Not stated")
WEEKDAYS = (Text("一", "Mon"), Text("二", "Tue"), Text("三", "Wed"), Text("四", "Thu"), Text("五", "Fri"))
WEEKEND = (Text("六", "Sat"), Text("日", "Sun"))
HOLIDAYS = {
    "new_year": Text("元旦", "New Year"),
    "spring_festival": Text("春节", "Spring Festival"),
    "tomb_sweeping": Text("清明节", "Tomb-sweeping Day"),
    "labour": Text("劳动节", "Labour Day"),
    "dragon_boat": Text("端午节", "Dragon Boat Festival"),
    "mid_autumn": Text("中秋节", "Mid-autumn Festival"),
    "national": Text("国庆节", "National Day"),
    "victory_70": Text("抗战胜利纪念日", "Victory Day"),
}
CAUSES = {
    Signal.OUTSIDE: Text("超出控制限", "outside the limits"),
    Signal.NEAR_LIMIT: Text("3 期中 2 期接近控制限", "2 of 3 near a limit"),
}
_YOY, _MOM = Text("较上年同期 {x}", "{x} on last year"), Text("较上期 {x}", "{x} on period before")
_INSIDE = Text(
    "{when} 登记 {n} 件，在预期区间 {low}–{high} 件之内",
    "{when}: {n} items, inside the expected {low} to {high}",
)
_OUTSIDE = (
    Text(
        "{when} 登记 {n} 件，低于预期区间 {low}–{high} 件",
        "{when}: {n} items, below the expected {low} to {high}",
    ),
    Text(
        "{when} 登记 {n} 件，高于预期区间 {low}–{high} 件",
        "{when}: {n} items, above the expected {low} to {high}",
    ),
)
_NO_EXPECTATION = Text("历史数据不足以推算预期区间", "Too little history to expect anything")
_CHART = Text(
    "{rate}登记件数；灰线为上年同期，浅带为 95% 预期区间（星期、节假日、季节、趋势），圆圈为信号",
    "Items registered {rate}; grey: last year; pale band: 95% range expected of weekday, holiday, season and"
    " trend; rings: signals",
)
_NEXT = Text(
    "虚线为预测：{when} 预计 {n} 件（95% 区间 {low}–{high}）",
    "Dashed: forecast. {when}: {n} items (95% range {low} to {high})",
)
_WHEN = Text("{day} {each}", "{each} {day}")
_READ = Text("{when}：{n} 件，上年同期 {before} 件", "{when}: {n} items, last year {before}")
_EXPECTED = Text("{when}：预期 {n} 件（{low}–{high}）", "{when}: {n} items expected ({low} to {high})")
_EXPECTATION, _FORECAST, _SIGNAL = Text("预期", "expected"), Text("预测", "forecast"), Text("信号", "signal")
_LAST_YEAR = Text("上年", "last year")
_BUSIEST = Text("近一年最忙的一天是 {day}，登记 {n} 件", "Busiest day of the year: {day}, {n} items")
_DAYS = Text(
    "每格一天，件数见右侧色标；圆点为法定节假日",
    "A square a day, items by the scale at the right; dots: public holidays",
)
_DAY = Text("{day} {holiday}：{n} 件", "{day} {holiday}: {n} items")
_BY_DAY = Text("逐日登记件数", "Items by day")
_TOLD = Text("{when}：{n} 件", "{when}: {n} items")
_TOLD_SUB = Text("{rate}登记件数", "Items registered {rate}")
_KINDS = Text("初次件占 {x}", "{x} are first-time items")
_KINDS_SUB = Text(
    "{rate}登记件数；粗线为初次件，细灰线为重复件（登记件减初次件）",
    "Items registered {rate}; bold: first-time items, thin and grey: repeats (all less first-time)",
)
_REPEATS = Text("重复件", "Repeat")
_MOST = Text("{name}最多，占 {x}", "Most: {name}, {x} of all")
_MOST_SUB = Text("各项登记件数及占全部的比重", "Items registered and their share of all")
_MOST_DOWN = Text(
    "各项登记件数及占全部的比重；点击一行，全页只看该项",
    "Items and their share of all; click a row to narrow the page",
)
_HEADINGS = {
    "rank": Text("位次", "Rank"),
    "move": Text("占比", "Share"),
    "value": Text("件数", "Items"),
}
_FIRST_TIME = Text("初次件占比", "First-time")
_COUNTED = Text("{n} 件，上年同期 {before} 件", "{n} items, last year {before}")


def named(members: pd.DataFrame) -> dict[int, Text]:
    """Names of a dimension's members by key, 未明确 (0) included."""
    rows = members.to_dict("records")
    return {0: NOT_STATED, **{int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in rows}}


def codes_of(members: pd.DataFrame) -> dict[int, str]:
    """Codes of a dimension's members by key; 未明确 has none."""
    return {int(row["id"]): str(row["code"]) for row in members.to_dict("records")}


def heading(title: str, subtitle: str) -> Markup:
    """A card's title with the measure below it."""
    return tag("div", tag("h2", title), tag("p", subtitle, class_="q-note"), class_="q-heading")


def when(day: date, width: Width, now: Language) -> str:
    """The bucket that begins on `day`, in words: 2026-10-12 起一周."""
    return _WHEN.in_(now).format(day=day, each=width.each.in_(now))


def tiles(
    answer: Answer,
    now: Language,
    keys: Sequence[str] = TILES,
    weekly: Answer | None = None,
) -> Markup:
    """The figures of the period, each with its changes; `answer` is compared both ways and not split.

    `weekly` holds the keys by week: only a signal colours a change, and the tile then says which one.
    """
    known = {} if weekly is None else courses(weekly)
    return tag("div", *(_tile(key, answer, known.get(key), now) for key in keys), class_="q-tiles q-six")


def _tile(key: str, answer: Answer, course: Course | None, now: Language) -> Markup:
    metric, total = metric_of(key), answer.frame.to_dict("records")[0]
    change = float(total[f"{key}_yoy"])
    behind = numbers.parts(float(total[f"{key}_numerator"]), float(total[f"{key}_denominator"]))
    yoy = _YOY.in_(now).format(x=numbers.change_text(metric, change, now))
    why = "" if course is None else course.why(now)
    # the name of a rate says its unit, which is too long for a tile
    value = numbers.value_text(
        metric, float(total[key]), now, unit=metric.measurement is not Measurement.RATE
    )
    mom = _MOM.in_(now).format(x=numbers.change_text(metric, float(total[f"{key}_mom"]), now))
    return tag(
        "div",
        tag("h3", metric.name.in_(now)),
        tag("strong", rate(value, answer.question, key, total), title=behind),
        tag("p", changed(yoy, change, course, now), class_="q-note"),
        tag("p", mom, class_="q-note"),
        tag("p", why, class_=f"q-note q-{course.tone}") if course is not None and why else None,
        class_="q-card",
    )


@dataclass(frozen=True)
class Buckets:
    """The line's buckets: whole ones and those ahead, with what is expected of each (None: nothing is)."""

    width: Width
    known: tuple[Period, ...]
    ahead: tuple[Period, ...]
    expected: tuple[Bucket, ...] | None

    @property
    def signals(self) -> tuple[Bucket, ...]:
        """Whole buckets with a special cause, latest first."""
        return tuple(one for one in reversed(self.expected or ()) if one.signals)


def buckets(
    width: Width, known: tuple[Period, ...], ahead: tuple[Period, ...], expected: Expectation | None
) -> Buckets:
    """The buckets with what is expected of them."""
    if expected is None:
        return Buckets(width, known, ahead, None)
    reach = tuple(period for period in ahead if period.end <= expected.days[-1])
    return Buckets(width, known, reach, expected.over((*known, *reach)))


def line(
    found: Buckets,
    counts: Mapping[date, int],
    question: Question,
    annotations: pd.DataFrame,
    district: int | None,
    now: Language,
    theme: Theme,
) -> TrendCard:
    """The items over time against last year and what was expected; `question` filters `counts`."""
    width = found.width
    values = [_count(counts, period) for period in found.known]
    before = [counted(counts, last_year(period, width.grain)) for period in found.known]
    days = tuple(period.start for period in found.known)
    read = tuple(
        _words(_READ, now, when=when(day, width, now), n=_n(value), before=_n(base))
        for day, value, base in zip(days, values, before, strict=True)
    )
    items = tuple(over(question, VOLUME, period) for period in found.known)
    this = Series(str(days[-1].year), days, tuple(map(float, values)), read, items)
    old = Series(_LAST_YEAR.in_(now), days, tuple(None if one is None else float(one) for one in before))
    span = Period(days[0], found.known[-1].end)
    figure = expectation(
        this,
        old if any(value is not None for value in before) else None,
        _band(found, len(found.known), None, now),
        _band(found, None, len(found.known), now),
        [
            Ring(one.period.start, float(one.counted or 0), str(escaped(" · ".join(causes(one, now)))))
            for one in found.signals
        ],
        theme,
        signal=_SIGNAL.in_(now),
        height=320,
        flags=flags(annotations, span, district, now),
    )
    subtitle = _CHART.in_(now).format(rate=width.rate.in_(now))
    ahead = _ahead(found, now)
    return TrendCard(
        tag(
            "div",
            heading(_standing(found, now), subtitle),
            tag("p", ahead, class_="q-note") if ahead else None,
        ),
        figure,
    )


def causes(bucket: Bucket, now: Language) -> tuple[str, ...]:
    """The special causes of a bucket in words, the plainest first."""
    return tuple(CAUSES[cause].in_(now) for cause in CAUSES if cause in bucket.signals)


def _count(counts: Mapping[date, int], period: Period) -> int:
    return counted(counts, period) or 0


def _n(value: float | None) -> str:
    return numbers.DASH if value is None else numbers.plain(value)


def _words(text: Text, now: Language, **values: str) -> str:
    return str(escaped(text.in_(now).format(**values)))


def _range(text: Text, bucket: Bucket, width: Width, now: Language) -> str:
    n = bucket.expected if bucket.counted is None else float(bucket.counted)
    return text.in_(now).format(
        when=when(bucket.period.start, width, now), n=_n(n), low=_n(bucket.low), high=_n(bucket.high)
    )


def _standing(found: Buckets, now: Language) -> str:
    whole = [one for one in found.expected or () if one.counted is not None]
    if not whole:
        return _NO_EXPECTATION.in_(now)
    last = whole[-1]
    count = last.counted or 0
    text = _INSIDE if last.low <= count <= last.high else _OUTSIDE[count > last.high]
    return _range(text, last, found.width, now)


def _ahead(found: Buckets, now: Language) -> str:
    coming = [one for one in found.expected or () if one.counted is None]
    return _range(_NEXT, coming[0], found.width, now) if coming else ""


def _band(found: Buckets, end: int | None, start: int | None, now: Language) -> Band | None:
    part = (found.expected or ())[start:end]
    if not part:
        return None
    return Band(
        (_EXPECTATION if start is None else _FORECAST).in_(now),
        tuple(one.period.start for one in part),
        tuple(one.expected for one in part),
        tuple(one.low for one in part),
        tuple(one.high for one in part),
        tuple(
            _words(
                _EXPECTED,
                now,
                when=when(one.period.start, found.width, now),
                n=_n(one.expected),
                low=_n(one.low),
                high=_n(one.high),
            )
            for one in part
        ),
    )


def told_line(by_bucket: Answer, width: Width, now: Language, theme: Theme) -> TrendCard:
    """As `line`, of counts that are not exact: each bucket as it is told, and nothing expected of them."""
    rows = by_bucket.frame.sort_values("bucket").to_dict("records")
    days, values = tuple(row["bucket"] for row in rows), tuple(float(row[VOLUME]) for row in rows)
    read = tuple(
        _words(_TOLD, now, when=when(day, width, now), n=_n(value))
        for day, value in zip(days, values, strict=True)
    )
    items = tuple(token(by_bucket.question, VOLUME, row) for row in rows)
    drawn = trend(Series(metric_of(VOLUME).name.in_(now), days, values, read, items), None, theme, height=320)
    return TrendCard(heading(UNJUDGED.in_(now), _TOLD_SUB.in_(now).format(rate=width.rate.in_(now))), drawn)


def untold_year(now: Language) -> TrendCard:
    """As `year`, where the counts of days are not exact."""
    return TrendCard(joined(heading(_BY_DAY.in_(now), ""), hushed(now)), NO_CHART)


def year(
    counts: Mapping[date, int], question: Question, days: pd.DataFrame, now: Language, theme: Theme
) -> TrendCard:
    """The calendar of the last year; `days` are its rows of the warehouse's calendar."""
    free = {
        pd.Timestamp(row["day_on"]).date(): HOLIDAYS[row["holiday"]]
        for row in days.to_dict("records")
        if row["holiday"] in HOLIDAYS
    }
    shown = [day for day in (pd.Timestamp(one).date() for one in days["day_on"]) if day in counts]
    cells = [
        Cell(
            day,
            counts[day],
            _words(
                _DAY, now, day=str(day), holiday=free[day].in_(now) if day in free else "", n=_n(counts[day])
            ),
            day in free,
            over(question, VOLUME, Period(day, day)),
        )
        for day in shown
    ]
    top = max(cells, key=lambda cell: cell.value)
    title = _BUSIEST.in_(now).format(day=numbers.day_text(top.day, now), n=_n(top.value))
    names = [name.in_(now) for name in (*WEEKDAYS, *WEEKEND)]
    return TrendCard(heading(title, _DAYS.in_(now)), calendar(cells, names, theme, height=178))


def kinds(
    by_bucket: Answer, total: Mapping[Any, Any], width: Width, now: Language, theme: Theme
) -> TrendCard:
    """First-time items against repeats; `by_bucket` is an answer of both counts by bucket."""
    rows = by_bucket.frame.sort_values("bucket").to_dict("records")
    days = tuple(row["bucket"] for row in rows)
    first = tuple(float(row[FIRST_TIME]) for row in rows)
    repeat = tuple(float(row[VOLUME]) - float(row[FIRST_TIME]) for row in rows)
    if is_hushed(by_bucket):
        repeat = (math.nan,) * len(rows)  # a difference of stepped counts says nothing
    name = metric_of(FIRST_TIME).name
    share = float(total[FIRST_TIME]) / float(total[VOLUME])

    def read(kind: Text, values: Sequence[float]) -> tuple[str, ...]:
        texts = zip(days, values, strict=True)
        return tuple(
            str(escaped(f"{when(day, width, now)} {kind.in_(now)} {_n(value)}")) for day, value in texts
        )

    def opened(question: Question, key: str) -> tuple[str, ...]:
        return tuple(token(question, key, row) for row in rows)

    asked = by_bucket.question
    again = replace(asked, filters=(*asked.filters, Filter("repeat", (1,))))
    figure = trend(
        Series(name.in_(now), days, first, read(name, first), items=opened(asked, FIRST_TIME)),
        Series(_REPEATS.in_(now), days, repeat, read(_REPEATS, repeat), items=opened(again, VOLUME)),
        theme,
        height=178,
    )
    title = _KINDS.in_(now).format(x=f"{numbers.plain(share * 100, 1)}{numbers.NARROW}%")
    if is_hushed(by_bucket):
        title = UNJUDGED.in_(now)
    return TrendCard(heading(title, _KINDS_SUB.in_(now).format(rate=width.rate.in_(now))), figure)


def divided(
    answer: Answer,
    weekly: Answer,
    names: Mapping[int, Text],
    codes: Mapping[int, str],
    total: float,
    now: Language,
) -> tuple[Markup, Markup]:
    """Title and table of the items by the members of the split, most first; `weekly` is the same by week.

    `answer` also holds the first-time items. A row whose member is in `codes` narrows the page to it.
    """
    (cut,) = answer.question.split
    known = courses_by(weekly)
    told = [row for row in answer.frame.to_dict("records") if not math.isnan(float(row[VOLUME]))]
    rows = sorted(told, key=lambda row: (-float(row[VOLUME]), int(row[cut])))
    most = max((float(row[VOLUME]) for row in rows), default=0.0) or 1.0
    metric = metric_of(VOLUME)
    lines = []
    for rank, row in enumerate(rows, start=1):
        value, change = float(row[VOLUME]), float(row[f"{VOLUME}_yoy"])
        course = known.get(int(row[cut]), {}).get(VOLUME)
        lines.append(
            Row(
                choose="",
                narrow=narrowing(cut, codes, int(row[cut])),
                name=names[int(row[cut])].in_(now),
                rank=None if is_hushed(answer) else rank,
                move=_share(value, total),
                move_is="unchanged",
                interval="",
                value=number(_n(value), answer.question, VOLUME, row),
                bar=value / most,
                bar_is="unchanged",
                change=numbers.change_text(metric, change, now),
                change_is=judged(course, change).value,
                change_hint=hint(course, now),
                hint=_COUNTED.in_(now).format(n=_n(value), before=_n(float(row[f"{VOLUME}_yoy_base"]))),
            )
        )
    heads = {key: text.in_(now) for key, text in _HEADINGS.items()}
    name = CUTS[cut] if cut in CUTS else dimension(cut).name
    table = ranking(
        [Group("", tuple(lines))],
        Headings(**heads, name=name.in_(now), interval="", change=BASES["yoy"].in_(now), series=""),
        # of stepped counts a share says nothing
        further=[] if is_hushed(answer) else [_first_time(answer.question, rows, now)],
    )
    if not rows:
        return heading(UNTOLD.in_(now), ""), tag("div")
    title = _MOST.in_(now).format(
        name=names[int(rows[0][cut])].in_(now), x=_share(float(rows[0][VOLUME]), total)
    )
    if is_hushed(answer):
        title = UNJUDGED.in_(now)
    above = heading(title, (_MOST_DOWN if codes else _MOST_SUB).in_(now))
    return above, tag("div", table, class_="q-scroll")


def _first_time(question: Question, rows: Sequence[Mapping[Any, Any]], now: Language) -> Column:
    """The share of first-time items, each opening them."""
    return Column(
        _FIRST_TIME.in_(now),
        tuple(
            number(_share(float(row[FIRST_TIME]), float(row[VOLUME])), question, FIRST_TIME, row)
            for row in rows
        ),
        tuple(numbers.parts(float(row[FIRST_TIME]), float(row[VOLUME])) for row in rows),
    )


def _share(value: float, total: float) -> str:
    # nothing this year, but something last year
    if not total > 0 or math.isnan(value):
        return numbers.DASH
    return f"{numbers.plain(value / total * 100, 1)}{numbers.NARROW}%"

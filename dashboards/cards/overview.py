"""The overview in words: what its choices mean, the facts of its sentences, its weeks, its notes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards import signals
from dashboards.cards.behind import token
from dashboards.cards.index_card import Standing, score_text, weakest
from dashboards.cards.signals import Course, trailing_course
from dashboards.figures.expectation import ringed
from dashboards.figures.markup import Markup, escaped, tag
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Flag, Series, trend
from queries.answer import Answer, Note
from queries.city_index import CityIndex
from queries.insights.control_chart import Signal
from queries.insights.index import CITY_ROW
from queries.metrics import metric as metric_of
from queries.question import Filter, Question
from queries.vocabulary import Direction, Grain, Language, Period, Text, bucket_start, months_later
from warehouse.cities import City

SPANS = {
    "4w": Text("近 4 周", "Last 4 weeks"),
    "1w": Text("近 1 周", "Last week"),
    "12w": Text("近 12 周", "Last 12 weeks"),
    "month": Text("本月以来", "This month"),
    "year": Text("今年以来", "This year"),
}
VOLUME = "cases_registered"
WEEKS = 26  # of the line over time
_WEEKS = {"4w": 4, "1w": 1, "12w": 12, "26w": 26}
AS_OF = Text("截至日期", "As of")
SPAN = Text("统计时段", "Period")
DISTRICT = Text("区县", "District")
MEASURE = Text("地图与排名指标", "Measure of map and ranking")
WHOLE = Text("全市", "Whole city")
BACK = Text("← 返回全市", "← Whole city")
DEFINITIONS = Text("口径说明", "Definitions")
DOWNLOAD = Text("下载本页数据", "Download data")
KEY_POINTS = Text("本期要点", "Key points")
TOTAL, WEEKLY = Text("合计", "Total"), Text("每周", "By week")
_TREND_UNIT = Text(
    "每周登记件数，周一起算；灰线为上年同期，圆圈为信号周",
    "Items registered by week from Monday; grey: last year, rings: signals",
)
_WEAKEST = Text("最弱目标：{name} {value} 分", "Weakest aim: {name}, {value}")
_ITEMS = Text("{value} 件（{day} 起一周）", "{value} items (week of {day})")
_RISE, _FALL = (
    Text("诉求总量同比上升 {x}", "Volume is up {x} on last year"),
    Text("诉求总量同比下降 {x}", "Volume is down {x} on last year"),
)
_STEADY, _PLAIN = (
    Text("诉求总量与上年同期基本持平", "Volume is about as last year"),
    Text("每周登记诉求量", "Items registered by week"),
)


def said(span: str, period: Period, place: Text, language: Language) -> str:
    """The choices in words."""
    return f"{SPANS[span].in_(language)} {numbers.period_text(period, language)} · {place.in_(language)}"


def span_period(span: str, as_of: date, first: date) -> Period:
    """The days that a span means on `as_of`, not before `first`."""
    if span in _WEEKS:
        start = as_of - timedelta(days=7 * _WEEKS[span] - 1)
    else:
        start = bucket_start(as_of, Grain.MONTH if span == "month" else Grain.YEAR)
    return Period(min(as_of, max(first, start)), as_of)


def earliest(first: date, last: date) -> date:
    """The first as-of date that may be chosen: a year of data before it, or nothing can be compared."""
    return min(last, months_later(first, 12))


def whole_weeks(as_of: date, weeks: int = WEEKS) -> Period:
    """The last `weeks` whole weeks (Monday to Sunday) up to `as_of`."""
    after = bucket_start(as_of + timedelta(days=1), Grain.WEEK)
    return Period(after - timedelta(weeks=weeks), after - timedelta(days=1))


def weekly_question(
    metrics: Sequence[str], as_of: date, filters: tuple[Filter, ...], split: tuple[str, ...] = ()
) -> Question:
    """The weeks that the changes of `metrics` are judged by."""
    weeks = whole_weeks(as_of, signals.WEEKS)
    return Question(tuple(metrics), weeks, as_of, split, filters=filters, grain=Grain.WEEK)


def standing(index: CityIndex, entered: int | None, group: str, place: Text, language: Language) -> Standing:
    """The index of the city or the entered district, ready for its card; `group` names its peers."""
    region = CITY_ROW if entered is None else entered
    return Standing(
        name=place.in_(language),
        now=index.score(region, index.as_of),
        before=index.score(region, index.before),
        weeks=index.policy.change_weeks,
        moves=index.contributions(region),
        series=tuple(None if math.isnan(value) else value for _, value in index.series(region)),
        interval=index.ranks.get(region),
        group=group,
        course=trailing_course(index.series(region), Direction.UP),
        aims=_aim_courses(index, region),
    )


def _aim_courses(index: CityIndex, region: int) -> dict[str, Course]:
    series: dict[str, list[tuple[date, float]]] = {}
    for on in index.dates:
        for aim in index.score(region, on).aims:
            series.setdefault(aim.aim.key, []).append((on, aim.value))
    return {key: trailing_course(points, Direction.UP) for key, points in series.items()}


def context(here: Standing, language: Language) -> tuple[str, ...]:
    """The lines below the large number."""
    aim = weakest(here)
    if aim is None:
        return ()
    return (_WEAKEST.in_(language).format(name=aim.aim.name.in_(language), value=score_text(aim.value)),)


@dataclass(frozen=True)
class TrendCard:
    """A chart of figures/trend with its title."""

    title: Markup
    figure: Mapping[str, Any]


def trend_card(
    weekly: Answer,
    total: Mapping[Any, Any],
    annotations: pd.DataFrame,
    district: int | None,
    language: Language,
    theme: Theme,
) -> TrendCard:
    """Volume by week: `weekly` is an answer by week over a year and 26 weeks, `total` the period's row."""
    rows = weekly.frame.sort_values("bucket").to_dict("records")
    this = _series(weekly.question, rows[-WEEKS:], language)
    before = _series(weekly.question, rows[-52 - WEEKS : -52], language) if len(rows) >= 52 + WEEKS else None
    marks = flags(annotations, Period(this.days[0], this.days[-1]), district, language)
    drawn = trend(this, before, theme, height=170, flags=marks)
    course = signals.course(metric_of(VOLUME), rows[-signals.WEEKS :])
    rings = course.rings(language, frozenset({Signal.OUTSIDE}))
    shown = [ring for ring in rings if ring.day >= this.days[0]]
    drawn["data"] += ringed(shown, signals.RING.in_(language), theme)
    return TrendCard(_trend_title(float(total[f"{VOLUME}_yoy"]), language), drawn)


def _series(question: Question, rows: Sequence[Mapping[Any, Any]], language: Language) -> Series:
    return Series(
        name=str(rows[-1]["bucket"].year),
        days=tuple(row["bucket"] for row in rows),
        values=tuple(float(row[VOLUME]) for row in rows),
        hover=tuple(
            str(
                escaped(
                    _ITEMS.in_(language).format(day=row["bucket"], value=numbers.plain(float(row[VOLUME])))
                )
            )
            for row in rows
        ),
        items=tuple(token(question, VOLUME, row) for row in rows),
    )


def _trend_title(change: float, language: Language) -> Markup:
    if math.isnan(change):
        title = _PLAIN.in_(language)
    elif abs(change) < 0.005:
        title = _STEADY.in_(language)
    else:
        amount = f"{numbers.plain(abs(change) * 100, 1)}{numbers.NARROW}%"
        title = (_RISE if change > 0 else _FALL).in_(language).format(x=amount)
    unit = tag("p", _TREND_UNIT.in_(language), class_="q-note")
    return tag("div", tag("h2", title), unit, class_="q-heading")


def flags(
    annotations: pd.DataFrame, period: Period, district: int | None, language: Language
) -> tuple[Flag, ...]:
    """Remarks on the time axis that concern the whole city or the entered district: the latest three."""
    text = "text_zh" if language == "zh" else "text_en"
    found = [
        Flag(pd.Timestamp(row["noted_on"]).date(), str(escaped(row[text])))
        for row in annotations.to_dict("records")
        if int(row["district_id"]) in (0, 1, district)
    ]
    found = [flag for flag in found if period.holds(flag.day)]
    return tuple(found[-3:])


def foot(city: City, notes: Sequence[Note], remarks: Sequence[str], language: Language) -> tuple[str, ...]:
    """The closing lines: remarks on what is shown, notes of the answers once each, where the map is from."""
    said = dict.fromkeys(note.text.in_(language) for note in notes)
    return (*remarks, *said, city.attribution_zh if language == "zh" else city.attribution_en)

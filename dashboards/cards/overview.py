"""The overview in words: what its choices mean, the facts of its sentences, its weeks, its notes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.index_card import Standing, aim_moves, score_text, weakest
from dashboards.cards.regions import Standings
from dashboards.figures.markup import escaped
from dashboards.figures.trend import Flag, Series
from queries.answer import Note
from queries.city_index import CityIndex
from queries.insights.key_points import Facts, Member, Share
from queries.vocabulary import Grain, Language, Period, Text, bucket_start, months_later
from warehouse.cities import City

SPANS = {
    "4w": Text("近 4 周", "Last 4 weeks"),
    "1w": Text("近 1 周", "Last week"),
    "12w": Text("近 12 周", "Last 12 weeks"),
    "month": Text("本月以来", "This month"),
    "year": Text("今年以来", "This year"),
}
_WEEKS = {"4w": 4, "1w": 1, "12w": 12}
AS_OF = Text("截至日期", "As of")
SPAN = Text("统计时段", "Period")
DISTRICT = Text("区县", "District")
MEASURE = Text("地图与排名指标", "Measure of map and ranking")
BACK = Text("← 返回全市", "← Whole city")
DEFINITIONS = Text("口径说明", "Definitions")
DOWNLOAD = Text("下载本页数据", "Download data")
KEY_POINTS = Text("本期要点", "Key points")
MAP = Text("区县地图：点击一个区县进入", "Map of the districts: click one to enter it")
TOTAL, WEEKS = Text("合计", "Total"), Text("每周", "By week")
TOO_FEW = Text("样本不足", "too few")
COUNTED = Text("({n})", "({n})")
TREND_UNIT = Text("每周登记件数，周一起算；灰线为上年同期", "Items registered by week from Monday; grey: last year")
TIES = Text(
    "位次在同类组内排定，数值相同者并列（1-2-2-4），并列者诉求量大的在前；位次区间由权重 ±25% 与抽样误差模拟得出",
    "Ranked within peer groups; equal values share a rank (1-2-2-4), larger volume first; the interval simulates "
    "weights ±25 % and sampling error",
)
TIES_PLAIN = Text(
    "位次在同类组内排定，数值相同者并列（1-2-2-4），并列者诉求量大的在前；升降与上一时段相比",
    "Ranked within peer groups; equal values share a rank (1-2-2-4), larger volume first; moves are against the "
    "period before",
)
NO_STREET_INDEX = Text("指数不下沉到镇街，此处按重复件占比排列。", "The index has no street level; streets are ranked by repeat share.")
NO_POINTS = Text("{n} 个镇街无坐标，未上图。", "{n} streets have no coordinates and are not on the map.")
HEXAGONS = Text(
    "该城市无区划边界文件，以六边形代表各区位置，形状与面积无意义。",
    "This city has no boundary file: hexagons mark where the districts are; shape and size mean nothing.",
)
_WEAKEST = Text("最弱目标：{name} {value} 分", "Weakest aim: {name}, {value}")
_ITEMS = Text("{value} 件（{day} 起一周）", "{value} items (week of {day})")
_RISE, _FALL = Text("诉求总量同比上升 {x}", "Volume is up {x} on last year"), Text("诉求总量同比下降 {x}", "Volume is down {x} on last year")
_STEADY, _PLAIN = Text("诉求总量与上年同期基本持平", "Volume is about as last year"), Text("每周登记诉求量", "Items registered by week")


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


def whole_weeks(as_of: date, weeks: int) -> Period:
    """The last `weeks` whole weeks (Monday to Sunday) up to `as_of`."""
    after = bucket_start(as_of + timedelta(days=1), Grain.WEEK)
    return Period(after - timedelta(weeks=weeks), after - timedelta(days=1))


def standing(index: CityIndex, region: int, name: str, group: str) -> Standing:
    """A region's index ready for its card."""
    return Standing(
        name=name,
        now=index.score(region, index.as_of),
        before=index.score(region, index.before),
        weeks=index.policy.change_weeks,
        moves=index.contributions(region),
        series=tuple(None if math.isnan(value) else value for _, value in index.series(region)),
        interval=index.ranks.get(region),
        group=group,
    )


def context(here: Standing, language: Language) -> tuple[str, ...]:
    """The lines below the large number."""
    aim = weakest(here)
    if aim is None:
        return ()
    return (_WEAKEST.in_(language).format(name=aim.aim.name.in_(language), value=score_text(aim.value)),)


def facts(
    here: Standing, total: Mapping[str, Any], parts: pd.DataFrame, key: str, names: Mapping[int, Text],
    weekly: pd.DataFrame,
) -> Facts:
    """What the key points say: `total` is an answer's single row, `parts` the same split by `key`, `weekly` by week.

    A metric that `parts` does not hold has no members to name.
    """

    def members(metric: str) -> tuple[Member, ...]:
        if metric not in parts:
            return ()
        return tuple(
            Member(
                names[int(row[key])], float(row[metric]), float(row[f"{metric}_yoy_base"]),
                float(row[f"{metric}_numerator"]), float(row[f"{metric}_denominator"]),
            )
            for row in parts.to_dict("records") if int(row[key]) in names
        )  # fmt: skip

    def share(metric: str) -> Share:
        return Share(
            float(total[metric]), float(total[f"{metric}_numerator"]), float(total[f"{metric}_denominator"]),
            float(total[f"{metric}_yoy"]), members(metric),
        )  # fmt: skip

    return Facts(
        index=here.now.value,
        index_before=here.before.value,
        index_weeks=here.weeks,
        index_parts=aim_moves(here),
        volume=float(total["cases_registered"]),
        volume_change=float(total["cases_registered_yoy"]),
        volume_members=members("cases_registered"),
        repeat=share("repeat_share"),
        weekly_repeat=tuple(weekly.sort_values("bucket")["repeat_share"]),
        on_time=share("replied_on_time"),
        cleared=share("backlog_clearance"),
        stock=float(total["backlog_stock"]),
        overdue_share=float(total["backlog_overdue_share"]),
    )


def weekly_lines(frame: pd.DataFrame, metric: str, weeks: int, language: Language) -> tuple[Series, Series | None]:
    """This year's last `weeks` whole weeks of an answer split by week, and the same weeks 52 earlier."""
    rows = frame.sort_values("bucket").to_dict("records")
    days = tuple(row["bucket"] for row in rows)
    values = tuple(float(row[metric]) for row in rows)
    hover = tuple(
        str(escaped(_ITEMS.in_(language).format(day=day, value=numbers.plain(value))))
        for day, value in zip(days, values, strict=True)
    )
    year = days[-1].year
    this = Series(str(year), days[-weeks:], values[-weeks:], hover[-weeks:])
    if len(rows) < 52 + weeks:
        return this, None
    last = slice(len(rows) - 52 - weeks, len(rows) - 52)
    return this, Series(str(year - 1), days[last], values[last], hover[last])


def trend_title(change: float, language: Language) -> str:
    """The chart's title as a sentence; `change` is relative to last year."""
    if math.isnan(change):
        return _PLAIN.in_(language)
    if abs(change) < 0.005:
        return _STEADY.in_(language)
    amount = f"{numbers.plain(abs(change) * 100, 1)}{numbers.NARROW}%"
    return (_RISE if change > 0 else _FALL).in_(language).format(x=amount)


def flags(annotations: pd.DataFrame, period: Period, district: int | None, language: Language) -> tuple[Flag, ...]:
    """Remarks on the time axis that concern the whole city or the entered district: the latest three."""
    found = [
        Flag(pd.Timestamp(row["noted_on"]).date(), str(escaped(row["text_zh" if language == "zh" else "text_en"])))
        for row in annotations.to_dict("records")
        if period.holds(pd.Timestamp(row["noted_on"]).date()) and int(row["district_id"]) in (0, 1, district)
    ]
    return tuple(found[-3:])


def foot(
    city: City, notes: Sequence[Note], language: Language, *, streets: Standings | None, are_hexagons: bool
) -> tuple[str, ...]:
    """The closing lines: remarks on what is shown, notes of the answers each once, where the map comes from."""
    lines = []
    if streets is not None:
        lines.append(NO_STREET_INDEX.in_(language))
        missing = sum(math.isnan(one.region.lon) for one in streets.readings)
        if missing:
            lines.append(NO_POINTS.in_(language).format(n=missing))
    if are_hexagons:
        lines.append(HEXAGONS.in_(language))
    lines += dict.fromkeys(note.text.in_(language) for note in notes)
    return (*lines, city.attribution_zh if language == "zh" else city.attribution_en)

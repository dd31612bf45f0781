"""The backlog against its plan by week, and the day on which it is likely to reach zero."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from dashboards import numbers
from dashboards.cards import signals
from dashboards.cards.backlog import STOCK, STRUCK_OFF, Card
from dashboards.cards.hushed import hushed, is_hushed
from dashboards.exports.workbook import Cell, Sheet
from dashboards.figures.burn_down import burn_down
from dashboards.figures.expectation import Band, ringed
from dashboards.figures.markup import escaped
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Series
from queries.answer import Answer
from queries.insights.run_out import RunOut, run_out
from queries.vocabulary import Direction, Language, Text

PLANNED, TO_PLAN = "backlog_planned", "days_to_plan"
FLOWS = (STOCK, PLANNED, STRUCK_OFF)
WEEKS, TRAILING = 53, 26  # ends of weeks shown, weeks that the speed is taken from
FURTHEST = 520  # weeks ahead of which a day is still named
_DRAWN = 156  # weeks ahead that are drawn

_TITLE = Text(
    "存量 {stock} 件，按近 {weeks} 周速度约 {day} 清零", "{stock} on hand, zero about {day} at this speed"
)
_FAR = Text(
    "存量 {stock} 件，按近 {weeks} 周速度十年内不能清零", "{stock} on hand, not zero within ten years"
)
_NO_DAY = Text("存量 {stock} 件，尚不能推算清零日", "{stock} on hand; the day of zero cannot be told yet")
_DONE = Text("存量已清零", "Nothing is left on hand")
_GAP = Text("存量比按计划应剩多 {gap} 件", "{gap} more than the plan leaves")
_AHEAD = Text("存量比按计划应剩少 {gap} 件", "{gap} fewer than the plan leaves")
_SPEED = Text("每周销号 {speed} 件（近 {weeks} 周平均）", "{speed} struck off a week (mean of {weeks} weeks)")
_INTERVAL = Text("95 % 预测区间 {low} 至 {high}", "95 % prediction interval {low} to {high}")
_OPEN = Text("95 % 预测区间自 {low} 起，上限不定", "95 % prediction interval from {low}, with no latest day")
_RINGS = Text("圆圈为变动超出常态的周", "rings: weeks that moved more than usual")
NOTE = Text(
    "推算（自定义口径）：假定清单不再新增、速度不变、各周相互独立；难件留在后面时会更晚。"
    "计划线为计划化解日未到的件，销号在化解、核验之后，故存量略高于未化解件。",
    "Our own forecast: nothing is added to the list, the speed stays, weeks are independent; if the hardest "
    "items are left to the end it will be later. The plan counts items whose planned day is still to come; "
    "items are struck off after they are resolved and verified.",
)
_LEFT, _PLAN, _FORECAST = Text("存量", "On hand"), Text("计划", "Plan"), Text("推算", "Forecast")
_AT = Text("{day}：{value} 件", "{day}: {value} items")
_BETWEEN = Text("{day}：{value} 件（{low}–{high}）", "{day}: {value} items ({low}–{high})")
_HEAD = (
    Text("日期", "Date"),
    Text("存量", "On hand"),
    Text("按计划应剩", "Left by plan"),
    Text("当周销号", "Struck off in the week"),
    Text("推算存量", "Forecast"),
    Text("下限", "Low"),
    Text("上限", "High"),
)
SHEET = Text("燃尽与推算", "Burn-down and forecast")


@dataclass(frozen=True)
class Week:
    """One end of a week: what was on hand, what the plan leaves, what was struck off in the seven days."""

    day: date
    left: float
    plan: float
    gone: float


@dataclass(frozen=True)
class BurnDown:
    """The weeks up to the as-of date, the plan after it by day, and the forecast (None: none can be made)."""

    weeks: tuple[Week, ...]
    plan: Mapping[date, float]
    forecast: RunOut | None

    @property
    def as_of(self) -> date:
        """The last known day."""
        return self.weeks[-1].day


def learn(line: Answer, plan: Answer) -> BurnDown | None:
    """From an answer by trailing weeks, and one of backlog_planned split by days to the planned day.

    None where the counts of weeks are hidden or stepped: their differences say nothing. The plan ahead is
    left out where its days are.
    """
    if is_hushed(line):
        return None
    weeks = tuple(
        Week(row["window_end"], float(row[STOCK]), float(row[PLANNED]), float(row[STRUCK_OFF]))
        for row in line.frame.sort_values("window_end").to_dict("records")
    )
    # A week before the list began says nothing of the speed.
    flows = [now.gone for before, now in pairwise(weeks) if before.left > 0]
    rows = plan.frame.to_dict("records")
    as_of, last = weeks[-1].day, max((int(row[TO_PLAN]) for row in rows), default=0)
    ahead = {
        as_of + timedelta(weeks=week): math.fsum(
            float(row[PLANNED]) for row in rows if int(row[TO_PLAN]) > 7 * week
        )
        for week in range(math.ceil(last / 7) + 1)
    }
    return BurnDown(weeks, {} if is_hushed(plan) else ahead, run_out(weeks[-1].left, flows[-TRAILING:]))


def day_of(found: BurnDown, weeks: float | None) -> date | None:
    """The day `weeks` after the last known one; None where it is too far or not bounded."""
    if weeks is None or weeks > FURTHEST:
        return None
    return found.as_of + timedelta(days=math.ceil(7 * weeks))


def burn_down_card(found: BurnDown | None, now: Language, theme: Theme) -> Card:
    """The stock, the plan and the forecast over one time axis; None is not told to the reader."""
    if found is None:
        return Card(SHEET.in_(now), "", hushed(now))
    weeks = found.weeks
    left = Series(
        _LEFT.in_(now),
        tuple(one.day for one in weeks),
        tuple(one.left for one in weeks),
        tuple(_read(one.day, one.left, now) for one in weeks),
    )
    planned = {**{one.day: one.plan for one in weeks}, **found.plan}
    plan = Series(
        _PLAN.in_(now),
        tuple(planned),
        tuple(planned.values()),
        tuple(_read(day, value, now) for day, value in planned.items()),
    )
    names = [text.in_(now) for text in (_LEFT, _PLAN)]
    chart = burn_down(left, plan, _band(found, now), theme, names=names, height=300)
    course = signals.trailing_course([(one.day, one.left) for one in weeks], Direction.DOWN)
    chart["data"] += ringed(course.rings(now), signals.RING.in_(now), theme)
    return Card(_title(found, now), " · ".join((*_below(found, now), _RINGS.in_(now))), chart)


def burn_down_sheet(found: BurnDown | None, now: Language) -> Sheet:
    """The weeks known and ahead; none where the reader is not told."""
    if found is None:
        return Sheet(SHEET.in_(now), tuple(text.in_(now) for text in _HEAD), ())
    known: list[tuple[Cell, ...]] = [
        (one.day, one.left, one.plan, one.gone, None, None, None) for one in found.weeks
    ]
    days = sorted({*found.plan, *(day for day, _ in _ahead(found))} - {found.as_of})
    said = dict(_ahead(found))
    ahead: list[tuple[Cell, ...]] = [
        (
            day,
            None,
            found.plan.get(day, 0.0) if found.plan else None,
            None,
            *said.get(day, (None, None, None)),
        )
        for day in days
    ]
    return Sheet(SHEET.in_(now), tuple(text.in_(now) for text in _HEAD), tuple(known + ahead))


def _ahead(found: BurnDown) -> Sequence[tuple[date, tuple[float, float, float]]]:
    forecast = found.forecast
    if forecast is None:
        return ()
    end = math.ceil(min(_DRAWN, forecast.latest or 2 * forecast.expected))
    return [(found.as_of + timedelta(weeks=week), forecast.after(week)) for week in range(end + 1)]


def _band(found: BurnDown, now: Language) -> Band | None:
    points = _ahead(found)
    if not points:
        return None
    middle, low, high = zip(*(values for _, values in points), strict=True)
    hover = tuple(
        str(
            escaped(
                _BETWEEN.in_(now).format(
                    day=day, value=numbers.plain(one), low=numbers.plain(least), high=numbers.plain(most)
                )
            )
        )
        for day, (one, least, most) in points
    )
    return Band(_FORECAST.in_(now), tuple(day for day, _ in points), middle, low, high, hover)


def _title(found: BurnDown, now: Language) -> str:
    stock, forecast = found.weeks[-1].left, found.forecast
    if not stock:
        return _DONE.in_(now)
    words: dict[str, Any] = {"stock": numbers.plain(stock)}
    if forecast is None:
        return _NO_DAY.in_(now).format(**words)
    day = day_of(found, forecast.expected)
    if day is None:
        return _FAR.in_(now).format(**words, weeks=forecast.weeks)
    return _TITLE.in_(now).format(**words, weeks=forecast.weeks, day=f"{day:%Y-%m}")


def _below(found: BurnDown, now: Language) -> list[str]:
    last, forecast, lines = found.weeks[-1], found.forecast, []
    if forecast is not None:
        low, high = day_of(found, forecast.earliest), day_of(found, forecast.latest)
        if low is not None:
            text = (_OPEN if high is None else _INTERVAL).in_(now)
            lines.append(text.format(low=f"{low:%Y-%m}", high="" if high is None else f"{high:%Y-%m}"))
        speed = numbers.plain(forecast.speed, 1)
        lines.append(_SPEED.in_(now).format(speed=speed, weeks=forecast.weeks))
    gap = last.left - last.plan
    lines.append((_GAP if gap >= 0 else _AHEAD).in_(now).format(gap=numbers.plain(abs(gap))))
    return lines


def _read(day: date, value: float, now: Language) -> str:
    return str(escaped(_AT.in_(now).format(day=day, value=numbers.plain(value))))

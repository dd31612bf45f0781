"""The repeat visits board as sheets: figures, control chart, cohorts, return curve, who sends back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.repeats import RATES, Cohort, Weeks, by_day
from dashboards.cards.sent_back import Senders, senders_sheet
from dashboards.cards.signals import why
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.answer import Answer
from queries.insights.index import CITY_ROW
from queries.insights.survival import Curve
from queries.metrics import metric as metric_of
from queries.metrics import metrics as metrics_of
from queries.vocabulary import Language, Text

_PERIOD, _YEAR = Text("所选时段", "Chosen period"), Text("近 365 天", "Last 365 days")
CONTROL, COHORTS, CURVE = (
    Text("控制图", "Control chart"),
    Text("队列", "Cohorts"),
    Text("再访曲线", "Return curve"),
)
_CONTROL_HEAD = (
    Text("周起始日", "Week from"),
    Text("重复件", "Repeats"),
    Text("全部件", "Items"),
    Text("占比", "Share"),
    Text("中心线", "Centre"),
    Text("下限", "Low"),
    Text("上限", "High"),
    Text("信号", "Signal"),
)
_COHORT_HEAD = (
    Text("办结月份", "Closed in"),
    Text("指标", "Metric"),
    Text("再访率", "Return rate"),
    Text("再访", "Returned"),
    Text("办结初次件", "First-time closed"),
    Text("成熟日期", "Matures on"),
    Text("是否成熟", "Mature"),
)
_CURVE_HEAD = (Text("办结后天数", "Days after closing"), _YEAR, Text("上年同期", "Year before"))
_YES, _NO = Text("是", "yes"), Text("否", "no")


def repeats_workbook(
    answers: tuple[Answer, Answer],
    place: Text,
    found: Weeks,
    rates: Mapping[str, tuple[Cohort, ...]],
    curves: tuple[Curve | None, Curve | None],
    back: Senders,
    keys: Sequence[str],
    now: Language,
) -> bytes:
    """The board as a file; `answers` are those of the period and of the year, `keys` the metrics defined."""
    said = zip((_PERIOD, _YEAR), answers, strict=True)
    return workbook(
        [
            *(answer_sheet(name.in_(now), answer, {CITY_ROW: place}, now) for name, answer in said),
            control_sheet(found, now),
            cohort_sheet(rates, now),
            curve_sheet(curves, now),
            senders_sheet(back, now),
            definitions_sheet(metrics_of(tuple(keys)), now),
        ]
    )


def control_sheet(found: Weeks, now: Language) -> Sheet:
    """The weeks with their limits and signals."""
    chart = found.chart
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(day, found.parts[at], found.wholes[at], chart.values[at]),
            *(chart.centre, chart.lower[at], chart.upper[at], why(chart, at, now)),
        )
        for at, day in enumerate(found.days)
    )
    return _sheet(CONTROL, _CONTROL_HEAD, rows, now)


def cohort_sheet(rates: Mapping[str, tuple[Cohort, ...]], now: Language) -> Sheet:
    """Every cohort with the day it matures."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.month,
            metric_of(RATES[one.days]).full_name.in_(now),
            one.value,
            one.back,
            one.closed,
            one.mature_on,
            (_YES if one.is_mature else _NO).in_(now),
        )
        for every in rates.values()
        for one in every
    )
    return _sheet(COHORTS, _COHORT_HEAD, rows, now)


def curve_sheet(curves: tuple[Curve | None, Curve | None], now: Language) -> Sheet:
    """The share that has returned by each day."""
    this, before = (None if curve is None else by_day(curve) for curve in curves)
    days = range(len(this or before or ()))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (day, None if this is None else this[day], None if before is None else before[day]) for day in days
    )
    return _sheet(CURVE, _CURVE_HEAD, rows, now)


def _sheet(name: Text, head: Sequence[Text], rows: tuple[tuple[Cell, ...], ...], now: Language) -> Sheet:
    return Sheet(name.in_(now), tuple(text.in_(now) for text in head), rows)

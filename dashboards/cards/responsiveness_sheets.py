"""Responsiveness as a file: figures with their parts, months with limits, divisions, definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.hushed import is_hushed
from dashboards.cards.responsiveness import CUTS, METRICS, MISSED, VERDICTS, causes, excess, missed, verdict
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.answer import Answer
from queries.insights.control_chart import Chart
from queries.insights.index import CITY_ROW
from queries.metrics import metric as metric_of
from queries.metrics import metrics as metrics_of
from queries.vocabulary import Language, Text

_TOTAL, _REGIONS = Text("合计", "Total"), Text("区域", "Regions")
_REVIEWS = Text("三评", "Reviews")
MONTHS = Text("按月控制图", "Control chart by month")
_MONTHS_HEAD = (
    Text("月份起始日", "Month from"),
    Text("指标", "Metric"),
    Text("数值", "Value"),
    Text("分子", "Numerator"),
    Text("分母", "Denominator"),
    Text("均值", "Mean"),
    Text("下控制限", "Lower limit"),
    Text("上控制限", "Upper limit"),
    Text("信号", "Signal"),
)
_DIVIDED_HEAD = (
    Text("指标", "Metric"),
    Text("数值", "Value"),
    Text("分子", "Numerator"),
    Text("分母", "Denominator"),
)
_EXCESS, _VERDICT = Text("多出件数", "Excess"), Text("判断", "Verdict")


def responsiveness_workbook(
    total: Answer,
    reviews: Answer,
    place: Text,
    region: Text,
    regions: Answer,
    names: Mapping[int, Text],
    monthly: Answer,
    chart: Chart,
    divided: Sequence[tuple[Answer, Mapping[int, Text]]],
    units: Sheet,
    key: str,
    now: Language,
) -> bytes:
    """The board as a file: `place` names the total, `region` the reviews.

    `divided` are answers by a dimension with its members, of the rate `key` or of one of their own.
    """
    return workbook(
        [
            answer_sheet(_TOTAL.in_(now), total, {CITY_ROW: place}, now),
            answer_sheet(_REVIEWS.in_(now), reviews, {CITY_ROW: region}, now),
            answer_sheet(_REGIONS.in_(now), regions, names, now),
            months_sheet(monthly, chart, key, now),
            *(divided_sheet(answer, total, members, now) for answer, members in divided),
            units,
            definitions_sheet(metrics_of(METRICS), now),
        ]
    )


def months_sheet(monthly: Answer, chart: Chart, key: str, now: Language) -> Sheet:
    """The months with the limits and signals of their chart."""
    name = metric_of(key).full_name.in_(now)

    def limits(at: int) -> tuple[Cell, ...]:
        if is_hushed(monthly):  # stepped counts have none
            return (None, None, None, None)
        return chart.centre, chart.lower[at], chart.upper[at], causes(chart, at, now)

    rows: list[tuple[Cell, ...]] = [
        (
            row["bucket"],
            name,
            row[key],
            row[f"{key}_numerator"],
            row[f"{key}_denominator"],
            *limits(at),
        )
        for at, row in enumerate(monthly.frame.to_dict("records"))
    ]
    return Sheet(MONTHS.in_(now), tuple(text.in_(now) for text in _MONTHS_HEAD), tuple(rows))


def divided_sheet(parts: Answer, total: Answer, members: Mapping[int, Text], now: Language) -> Sheet:
    """The members of a split with what they missed beyond the rate of the `total`."""
    (cut,), (key,) = parts.question.split, parts.question.metrics
    centre, name = total.one(key), metric_of(key).full_name.in_(now)
    rows: list[tuple[Cell, ...]] = []
    for row in parts.frame.to_dict("records"):
        found = verdict(row, key, centre, parts)
        rows.append(
            (
                members[int(row[cut])].in_(now),
                name,
                row[key],
                row[f"{key}_numerator"],
                row[f"{key}_denominator"],
                missed(row, key),
                excess(row, key, centre, parts),
                VERDICTS[found].in_(now) if found in VERDICTS else None,
            )
        )
    head = (CUTS[cut], *_DIVIDED_HEAD, MISSED[key], _EXCESS, _VERDICT)
    return Sheet(CUTS[cut].in_(now), tuple(text.in_(now) for text in head), tuple(rows))

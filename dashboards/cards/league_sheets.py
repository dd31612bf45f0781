"""The data behind the rankings as sheets: the table with its parts, the periods, the definitions."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.cards.downloads import definitions_sheet
from dashboards.cards.league import Entry, League
from dashboards.cards.measures import measure_name
from dashboards.cards.rankings import TOO_FEW, VERDICTS, WAYS, change_of
from dashboards.cards.regions import group_name
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.metric import Metric
from queries.vocabulary import Language, Text

_RANKS, _PERIODS = Text("排名", "Ranking"), Text("各期", "Periods")
_TABLE = (
    Text("同类组", "Peer group"),
    Text("区县", "District"),
    Text("指标", "Measure"),
    Text("比较方式", "Comparison"),
    Text("位次", "Rank"),
    Text("位次区间下", "Rank interval from"),
    Text("位次区间上", "Rank interval to"),
    Text("数值", "Value"),
    Text("分子", "Numerator"),
    Text("分母", "Denominator"),
    Text("按全市水平应有", "Expected at the city's rates"),
    Text("诉求量", "Items registered"),
    Text("上年同期", "Same period last year"),
    Text("较上年同期", "Change on last year"),
    Text("对漏斗界限", "Against the funnel's limits"),
)
_PERIOD = (
    Text("期末日", "Period to"),
    Text("同类组", "Peer group"),
    Text("区县", "District"),
    Text("位次", "Rank"),
    Text("数值", "Value"),
)


def league_workbook(league: League, city: Text, metrics: Sequence[Metric], language: Language) -> bytes:
    """The ranking as a file; `city` names the rows of the whole."""
    table = tuple(_row(league, one, language) for one in league.entries)
    whole: tuple[tuple[Cell, ...], ...] = tuple(
        (end, None, city.in_(language), None, value)
        for end, value in zip(league.ends, league.city_values, strict=True)
    )
    periods: tuple[tuple[Cell, ...], ...] = tuple(
        (end, _group(one, language), one.region.name.in_(language), one.ranks[at], one.values[at])
        for at, end in enumerate(league.ends)
        for one in league.entries
    )
    return workbook(
        [
            Sheet(_RANKS.in_(language), tuple(text.in_(language) for text in _TABLE), table),
            Sheet(_PERIODS.in_(language), tuple(text.in_(language) for text in _PERIOD), (*periods, *whole)),
            definitions_sheet(metrics, language),
        ]
    )


def _row(league: League, one: Entry, language: Language) -> tuple[Cell, ...]:
    amount, _ = change_of(league, one)
    return (
        _group(one, language),
        one.region.name.in_(language),
        measure_name(league.key).in_(language),
        WAYS[league.fair].in_(language),
        TOO_FEW.in_(language) if one.rank is None else one.rank,
        None if one.interval is None else one.interval.low,
        None if one.interval is None else one.interval.high,
        one.value,
        one.part,
        one.whole,
        one.expected,
        one.volume,
        one.before,
        amount,
        None if one.verdict is None else VERDICTS[one.verdict].in_(language),
    )


def _group(one: Entry, language: Language) -> str:
    return group_name(one.region.group, language)

"""The major-issue lists against each other and over time: district ranks, and the score week by week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboards import numbers
from dashboards.cards.backlog import Card
from dashboards.cards.behind import opening, over
from dashboards.cards.index_card import score_text
from dashboards.cards.issues import CHANGE_WEEKS, OVERDUE, SCORED, change_of, course, drawn
from dashboards.cards.overview import flags
from dashboards.cards.regions import Region, group_name, short
from dashboards.cards.signals import hint, judged
from dashboards.figures.markup import escaped
from dashboards.figures.ranking import Column, Group, Headings, Row, ranking
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Flag, Series, trend
from queries.insights.ranking import ranked
from queries.issue_list import IssueList
from queries.question import Filter, Question
from queries.vocabulary import Direction, Language, Period, Text

LEAST = 3  # items on a list below which it is not ranked
_LOWEST = Text("{name}得分最低（{value} 分）", "{name} scores lowest ({value})")
_RANK_NONE = Text("各区县清单得分", "List scores of the districts")
_RANK_SUB = Text(
    "按严重程度加权的事项得分均值；同类组内排名，并列同名次；在册不足 {n} 件不排名；点击进入区县",
    "Mean of item scores weighted by severity; ranked in peer groups, ties share a rank, none below {n} "
    "items; click to enter",
)
_HEADINGS = {
    "rank": Text("位次", "Rank"),
    "move": Text("升降", "Move"),
    "name": Text("区县", "District"),
    "value": Text("得分", "Score"),
    "interval": Text("区间", "Interval"),
    "change": Text("较 4 周前", "4 weeks"),
    "series": Text("近 26 周", "26 weeks"),
}
_FURTHER = {"items": Text("在册", "Listed"), "late": Text("超期", "Late")}
_TOO_FEW = Text("样本不足", "Too few")
_TREND = (
    Text("清单得分 26 周内变化 {change}", "The list's score moved {change} in 26 weeks"),
    Text("清单得分历史不足，尚无变化可言", "Too little history to speak of a change"),
)
_TREND_SUB = Text(
    "每周末按当日已知情况计算；{version}自定义口径",
    "Computed each week as known then; {version}our own definition",
)
_CITY_LINE = Text("灰线为全市；", "grey: the city; ")
_AT = Text("{day}：{value} 分", "{day}: {value}")
_VERSION = Text("口径 {version} 起", "policy {version}")


def districts(
    found: IssueList, every: Sequence[Region], chosen: str | None, lists: Sequence[Filter], now: Language
) -> Card:
    """The districts' list scores, ranked inside their peer groups, each with its 26 weeks.

    `lists` are the filters that the list was asked under; what is late opens its items.
    """
    ids = [one.id for one in every]
    groups = pd.Series([one.group for one in every], index=ids)
    own = {id_: found.of(id_, found.as_of) for id_ in ids}
    counts = pd.Series([float(len(own[id_])) for id_ in ids], index=ids)
    series = {id_: found.series(id_) for id_ in ids}
    ranks, before = (
        _ranks(found, ids, groups, counts, at) for at in (-1, max(-1 - CHANGE_WEEKS, -len(found.days)))
    )
    rows: dict[str, list[tuple[Row, int]]] = {one.group: [] for one in every}
    for one in sorted(every, key=lambda each: (ranks[each.id] or len(ids), -counts[each.id])):
        change, rank, was = change_of(series[one.id]), ranks[one.id], before[one.id]
        moved = numbers.judged(float((was or 0) - (rank or 0)) if rank and was else None, Direction.UP)
        value, moves = series[one.id][-1], course(found, one.id)
        row = Row(
            choose=one.code,
            name=short(one.name.in_(now), now),
            rank=rank,
            move=numbers.rank_move(rank, was),
            move_is=moved,
            interval="",
            value=score_text(value) if rank else f"{score_text(value)} {_TOO_FEW.in_(now)}",
            bar=None if math.isnan(value) else value / 100,
            bar_is="plain",
            change=numbers.signed(change, 1),
            change_is=judged(moves, change),
            change_hint=hint(moves, now),
            hint=SCORED.in_(now).format(scored=len(found.score(one.id, found.as_of).shares)),
            series=drawn(series[one.id]),
        )
        rows[one.group].append((row, one.id))
    ordered = [id_ for each in rows.values() for _, id_ in each]
    late = [_late(sum(one.is_overdue for one in own[id_]), found.as_of, id_, lists) for id_ in ordered]
    known = [value for each in series.values() for value in each if not math.isnan(value)]
    table = ranking(
        [Group(group_name(name, now), tuple(row for row, _ in each)) for name, each in rows.items()],
        Headings(**{key: text.in_(now) for key, text in _HEADINGS.items()}),
        chosen=chosen,
        further=(
            Column(_FURTHER["items"].in_(now), tuple(numbers.plain(counts[id_]) for id_ in ordered)),
            Column(_FURTHER["late"].in_(now), tuple(late)),
        ),
        series_scale=(min(known), max(known)) if known else None,
    )
    scored = [one for one in every if ranks[one.id]]
    low = min(scored, key=lambda one: series[one.id][-1], default=None)
    title = _RANK_NONE.in_(now)
    if low is not None:
        title = _LOWEST.in_(now).format(
            name=short(low.name.in_(now), now), value=score_text(series[low.id][-1])
        )
    return Card(title, _RANK_SUB.in_(now).format(n=LEAST), table)


def _late(count: int, as_of: date, district: int, lists: Sequence[Filter]) -> str:
    """How many are past their plan, opening them."""
    today, text = Period(as_of, as_of), numbers.plain(count)
    question = Question((OVERDUE,), today, as_of, filters=(Filter("district", (district,)), *lists))
    return opening(text, over(question, OVERDUE, today)) if count else text


def _ranks(
    found: IssueList, ids: list[int], groups: pd.Series[str], counts: pd.Series[float], at: int
) -> dict[int, int | None]:
    """Ranks of the districts on the day `at` of the list, those with too few items left out."""
    day = found.days[at]
    scores = {id_: found.score(id_, day) for id_ in ids}
    known = [scores[id_].value if len(scores[id_].shares) >= LEAST else math.nan for id_ in ids]
    values = pd.Series(known, index=ids, dtype="float64")
    placed = ranked(values, counts, groups, Direction.UP).to_dict()
    return {id_: None if pd.isna(placed[id_]) else int(placed[id_]) for id_ in ids}


def history(
    found: IssueList, here: int | None, place: Text, annotations: pd.DataFrame, now: Language, theme: Theme
) -> Card:
    """The list's score by week; inside a district the city's is the grey line."""

    def line(district: int | None, name: str) -> Series:
        values = drawn(found.series(district))
        read = tuple(
            "" if value is None else str(escaped(_AT.in_(now).format(day=day, value=score_text(value))))
            for day, value in zip(found.days, values, strict=True)
        )
        return Series(name, found.days, values, read)

    span = Period(found.days[0], found.as_of)
    begun = [
        Flag(one.in_force_from, str(escaped(_VERSION.in_(now).format(version=one.version))))
        for one in found.versions
        if span.start < one.in_force_from <= span.end
    ]
    own = line(here, str(escaped(short(place.in_(now), now))))
    known = [value for value in own.values if value is not None]
    title = _TREND[1].in_(now)
    if len(known) > 1:
        title = _TREND[0].in_(now).format(change=numbers.score_change_text(known[-1] - known[0], now))
    chart = trend(
        own,
        None if here is None else line(None, ""),
        theme,
        height=190,
        zero_based=False,
        flags=(*flags(annotations, span, here, now), *begun),
    )
    grey = "" if here is None else _CITY_LINE.in_(now)
    return Card(title, _TREND_SUB.in_(now).format(version=grey), chart)

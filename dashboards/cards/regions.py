"""How regions stand in one measure: the rows of the ranking and the areas of the map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.behind import opening, token, value_token
from dashboards.cards.index_card import STEADY, score_text
from dashboards.cards.signals import Course, course, hint, judged, trailing_course
from dashboards.figures.choropleth import Place, Point
from dashboards.figures.markup import Markup
from dashboards.figures.ranking import Column, Group, Headings, Row, ranking
from queries.answer import figure
from queries.city_index import CityIndex
from queries.insights.index import RankInterval
from queries.insights.ranking import ranked
from queries.metric import Metric
from queries.question import Question
from queries.vocabulary import Direction, Language, Text

GROUPS = {
    "urban": Text("城区", "Urban districts"),
    "suburban": Text("郊区、县（市）", "Suburban districts and counties"),
    "street": Text("街道", "Streets"),
    "town": Text("镇、乡", "Towns"),
    "neighbourhood": Text("社区", "Neighbourhoods"),
    "": Text("其他区域", "Other areas"),
}
_HEADINGS = {
    "rank": Text("位次", "Rank"),
    "move": Text("升降", "Move"),
    "name": Text("区域", "Region"),
    "interval": Text("位次区间", "Rank interval"),
    "series": Text("近 26 周", "26 weeks"),
}
_YOY = Text("较上年同期", "On last year")
_WEEKS_AGO = Text("较 {weeks} 周前", "On {weeks} weeks ago")
VOLUME = "cases_registered"
_VOLUME = Text("诉求量", "Items")
_PARTS = Text("分子 / 分母：{parts}", "Numerator / denominator: {parts}")
_CHANGED = Text("{label}：{change}", "{label}: {change}")
_RANKED = Text("{group}第 {rank} 名", "Rank {rank}, {group}")
_TOO_FEW = Text("样本不足", "Too few")
_SCORED = Text("基于 {used}/{of} 项指标", "From {used} of {of} indicators")


@dataclass(frozen=True)
class Region:
    """A district or street: names, peer group and label point (NaN where it has none)."""

    id: int
    code: str
    name: Text
    group: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Reading:
    """One region's measure, ready to print; `value` is NaN where there is nothing to show.

    `change` and `volume` are as printed; `detail` are the lines read by the pointer; `series` is oldest
    first. `items` and `volume_items` open what is behind the value and the volume.
    """

    region: Region
    value: float
    text: str
    change: str
    change_is: str
    change_hint: str
    rank: int | None
    rank_before: int | None
    interval: str
    volume: float
    detail: tuple[str, ...]
    series: tuple[float | None, ...] = ()
    items: str = ""
    volume_items: str = ""


@dataclass(frozen=True)
class Standings:
    """All regions in one measure, with the words above its columns; `full` is what a score has at most."""

    name: str
    change_label: str
    readings: tuple[Reading, ...]
    full: float | None = None


def regions(members: pd.DataFrame) -> tuple[Region, ...]:
    """The members of a dimension of regions (columns id, code, name_zh, name_en, peer_group, lon, lat)."""
    return tuple(
        Region(
            id=int(row["id"]),
            code=str(row["code"]),
            name=Text(str(row["name_zh"]), str(row["name_en"])),
            group=str(row["peer_group"]),
            lon=float("nan" if pd.isna(row["lon"]) else row["lon"]),
            lat=float("nan" if pd.isna(row["lat"]) else row["lat"]),
        )
        for row in members.to_dict("records")
    )


def index_standings(
    index: CityIndex,
    every: Sequence[Region],
    volumes: Mapping[int, float],
    language: Language,
    volume_items: Mapping[int, str] | None = None,
) -> Standings:
    """The districts in the index; `volume_items` opens what is behind each one's volume."""
    label = _WEEKS_AGO.in_(language).format(weeks=index.policy.change_weeks)
    readings = []
    for region in every:
        score = index.score(region.id, index.as_of)
        change, moves = index.change(region.id), trailing_course(index.series(region.id), Direction.UP)
        now, before = index.ranks.get(region.id), index.ranks_before.get(region.id)
        used, of = sum(aim.used for aim in score.aims), sum(aim.of for aim in score.aims)
        change_text = numbers.score_change_text(change, language)
        readings.append(
            Reading(
                region=region,
                value=score.value,
                text=score_text(score.value),
                change=change_text,
                change_is=moves.judged(change, smallest=STEADY),
                change_hint=moves.hint(language),
                rank=now.rank if now else None,
                rank_before=before.rank if before else None,
                interval=_between(now),
                volume=volumes.get(region.id, 0.0),
                volume_items=(volume_items or {}).get(region.id, ""),
                detail=(
                    _CHANGED.in_(language).format(label=label, change=change_text),
                    _SCORED.in_(language).format(used=used, of=of),
                    _place(region, now.rank if now else None, language),
                ),
                series=tuple(None if math.isnan(value) else value for _, value in index.series(region.id)),
            )
        )
    return Standings(Text("指数", "Index").in_(language), label, tuple(readings), full=100.0)


def metric_standings(
    metric: Metric,
    frame: pd.DataFrame,
    key: str,
    every: Sequence[Region],
    language: Language,
    *,
    volumes: Mapping[int, float],
    weekly: pd.DataFrame | None = None,
    question: Question | None = None,
    nothing: float = 0.0,
) -> Standings:
    """The regions in a metric: `frame` is an answer split by `key`, compared with last year and last period.

    `weekly` is an answer split by `key` and week, for the lines of the last weeks; `question` is what `frame`
    answers, so that its numbers open their items. `nothing` is what a region without a row has: where that is
    NaN, counts are hidden or stepped, and nobody is ranked by them.
    """
    rows: dict[int, Mapping[Any, Any]] = {int(row[key]): row for row in frame.to_dict("records")}
    ids = [region.id for region in every]
    groups = pd.Series([region.group for region in every], index=ids)
    sizes = pd.Series([volumes.get(id_, nothing) for id_ in ids], index=ids)

    def column(name: str) -> pd.Series[float]:
        return pd.Series([float(rows[id_][name]) if id_ in rows else math.nan for id_ in ids], index=ids)

    def places(name: str) -> Mapping[int, int | None]:
        if metric.direction is Direction.NEITHER or name not in frame or math.isnan(nothing):
            return {}
        found = ranked(column(name), sizes, groups, metric.direction)
        return {int(id_): None if pd.isna(rank) else int(rank) for id_, rank in found.items()}  # type: ignore[call-overload]

    now, before = places(metric.key), places(f"{metric.key}_mom_base")
    lines, known = _weekly(weekly, key, metric.key), _courses(weekly, key, metric)
    label = _YOY.in_(language)
    readings = []
    for region in every:
        row = rows.get(region.id, {key: region.id, metric.key: math.nan})
        change = float(row.get(f"{metric.key}_yoy", math.nan))
        change_text = numbers.change_text(metric, change, language)
        written = numbers.parts(row.get(f"{metric.key}_numerator"), row.get(f"{metric.key}_denominator"))
        readings.append(
            Reading(
                region=region,
                value=float(row[metric.key]),
                text=numbers.figure_text(metric, figure(metric, row), language, unit=False),
                items="" if question is None else value_token(question, metric.key, row),
                volume_items="" if question is None or VOLUME not in row else token(question, VOLUME, row),
                change=change_text,
                change_is=judged(known.get(region.id), change),
                change_hint=hint(known.get(region.id), language),
                rank=now.get(region.id),
                rank_before=before.get(region.id),
                interval="",
                volume=volumes.get(region.id, nothing),
                detail=(
                    _PARTS.in_(language).format(parts=written),
                    _CHANGED.in_(language).format(label=label, change=change_text),
                    _place(region, now.get(region.id), language),
                ),
                series=lines.get(region.id, ()),
            )
        )
    return Standings(metric.name.in_(language), label, tuple(readings))


def ranking_table(
    standings: Standings, language: Language, *, clickable: bool, chosen: str | None = None
) -> Markup:
    """The ranking by peer group, the best first, with volume beside it; ties are ordered by volume."""
    scale = _scale(standings)
    rows_by_group: dict[str, list[Reading]] = {}
    for reading in standings.readings:
        rows_by_group.setdefault(reading.region.group, []).append(reading)
    groups, ordered = [], []
    for name, readings in rows_by_group.items():
        readings.sort(key=lambda one: (one.rank is None, one.rank or 0, math.isnan(one.volume), -one.volume))
        ordered += readings
        words = group_name(name, language) if name or len(rows_by_group) > 1 else ""
        groups.append(Group(words, tuple(_row(one, scale, language, clickable) for one in readings)))
    headings = Headings(
        **{name: text.in_(language) for name, text in _HEADINGS.items()},
        value=standings.name,
        change=standings.change_label,
    )
    cells = tuple(opening(numbers.compact(one.volume, language), one.volume_items) for one in ordered)
    volume = Column(_VOLUME.in_(language), cells)
    series = [value for one in ordered for value in one.series if value is not None]
    return ranking(
        groups,
        headings,
        chosen=chosen,
        further=(volume,),
        series_scale=(min(series), max(series)) if series else None,
    )


def places(standings: Standings, language: Language) -> tuple[Place, ...]:
    """The regions that have a label point, for the map."""
    return tuple(
        Place(
            id=one.region.id,
            code=one.region.code,
            name=short(one.region.name.in_(language), language),
            lon=one.region.lon,
            lat=one.region.lat,
            value=None if math.isnan(one.value) else one.value,
            value_text=one.text,
            lines=(f"{standings.name} {one.text}", *one.detail[:2]),
        )
        for one in standings.readings
        if not math.isnan(one.region.lon)
    )


def points(standings: Standings, language: Language) -> tuple[Point, ...]:
    """The streets that have a place on the map."""
    return tuple(
        Point(
            name=one.region.name.in_(language),
            lon=one.region.lon,
            lat=one.region.lat,
            value=None if math.isnan(one.value) else one.value,
            lines=(f"{standings.name} {one.text}", *one.detail[:2]),
        )
        for one in standings.readings
        if not math.isnan(one.region.lon)
    )


def group_name(key: str, language: Language) -> str:
    """A peer group in words; one that has none is called by its key."""
    return GROUPS[key].in_(language) if key in GROUPS else key


def short(name: str, language: Language) -> str:
    """An English name without the word for its kind, which a map has no room for."""
    if language == "zh":
        return name
    kinds = (" District", " County", " City", " Subdistrict", " Town", " Township")
    # only the last word: an Old Town District is not Old
    return next((name.removesuffix(kind) for kind in kinds if name.endswith(kind)), name)


def _row(one: Reading, scale: tuple[float, float], language: Language, clickable: bool) -> Row:
    known = not math.isnan(one.value)
    low, high = scale
    better = one.rank is not None and one.rank_before is not None and one.rank < one.rank_before
    same = one.rank == one.rank_before or one.rank is None or one.rank_before is None
    return Row(
        choose=one.region.code if clickable else "",
        name=short(one.region.name.in_(language), language),
        rank=one.rank,
        move=numbers.rank_move(one.rank, one.rank_before),
        move_is="unchanged" if same else ("better" if better else "worse"),
        interval=one.interval,
        value=opening(one.text, one.items) if known else _TOO_FEW.in_(language),
        bar=(one.value - low) / ((high - low) or 1.0) if known else None,
        bar_is="plain",
        change=one.change,
        change_is=one.change_is,
        change_hint=one.change_hint,
        hint=" · ".join(one.detail),
        series=one.series,
    )


def _between(rank: RankInterval | None) -> str:
    if rank is None:
        return ""
    return str(rank.low) if rank.low == rank.high else f"{rank.low}–{rank.high}"


def _scale(standings: Standings) -> tuple[float, float]:
    """Bars start at zero; those of a score end at its full marks."""
    if standings.full is not None:
        return 0.0, standings.full
    known = [one.value for one in standings.readings if not math.isnan(one.value)]
    return min([*known, 0.0]), max([*known, 0.0])


def _weekly(weekly: pd.DataFrame | None, key: str, metric: str) -> dict[int, tuple[float | None, ...]]:
    if weekly is None or weekly.empty:
        return {}
    time = "bucket" if "bucket" in weekly else "window_end"
    days: list[date] = sorted(set(weekly[time]))
    wide = weekly.pivot_table(index=key, columns=time, values=metric, aggfunc="first").reindex(columns=days)
    return {
        int(id_): tuple(None if math.isnan(value) else float(value) for value in row)
        for id_, row in zip(wide.index, wide.to_numpy(dtype=float), strict=True)
    }


def _courses(weekly: pd.DataFrame | None, key: str, metric: Metric) -> dict[int, Course]:
    """Each region's weeks on their control chart, where there are any."""
    if weekly is None or "bucket" not in weekly:
        return {}
    frames = weekly.sort_values("bucket").groupby(key)
    return {int(str(id_)): course(metric, frame.to_dict("records")) for id_, frame in frames}


def _place(region: Region, rank: int | None, language: Language) -> str:
    if rank is None:
        return ""
    return _RANKED.in_(language).format(group=group_name(region.group, language), rank=rank)

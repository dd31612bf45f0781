"""本期要点: five sentences that say what stands out of a period, each with the numbers it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from queries.vocabulary import Direction, Text


class Unit(StrEnum):
    """How a number inside a sentence is written; the screen does the writing."""

    COUNT = "count"
    SHARE = "share"  # 0 to 1, in per cent
    RELATIVE = "relative"  # 0.03, an amount without sign: 3.0 %
    POINTS = "points"  # difference of two shares without sign, in percentage points
    SCORE = "score"  # of 100
    NAME = "name"


@dataclass(frozen=True)
class Number:
    """One value in a sentence."""

    unit: Unit
    value: float | Text


class Tone(StrEnum):
    """What a sentence means to the reader."""

    BETTER = "better"
    WORSE = "worse"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class KeyPoint:
    """One sentence with `{places}` for its `numbers`; `metrics` are the definitions behind it.

    `numerator` and `denominator` are those of its main number, NaN where there is none.
    """

    subject: str
    tone: Tone
    sentence: Text
    numbers: Mapping[str, Number]
    metrics: tuple[str, ...]
    numerator: float = math.nan
    denominator: float = math.nan


@dataclass(frozen=True)
class Member:
    """A district's value now and in the same period last year, with the numerator and denominator of now."""

    name: Text
    now: float
    before: float = math.nan
    numerator: float = math.nan
    denominator: float = math.nan


@dataclass(frozen=True)
class Share:
    """A share of the city: value 0 to 1, its parts, the difference to last year, and its districts."""

    value: float
    numerator: float
    denominator: float
    change: float
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the sentences are computed from; NaN where a number is not known.

    `place` is what all of it is about; `index` and `index_before`, `index_weeks` earlier, are of 100;
    `index_parts` are the contributions of its aims, which add up to the change. `volume` counts cases and
    `volume_change` is relative to the same period last year. `weekly_repeat` is the repeat share by week,
    oldest first. `overdue_share` is the share of the stock past its planned day.
    """

    place: Text
    index: float
    index_before: float
    index_weeks: int
    index_parts: tuple[tuple[Text, float], ...]
    volume: float
    volume_change: float
    volume_members: tuple[Member, ...]
    repeat: Share
    weekly_repeat: tuple[float, ...]
    on_time: Share
    cleared: Share
    stock: float
    overdue_share: float = field(default=math.nan)


# A run of fewer weeks is no news; a change smaller than these is called unchanged.
RUN = 3
STEADY_SCORE = 0.05
STEADY_RELATIVE = 0.005
STEADY_SHARE = 0.0005


def key_points(facts: Facts) -> tuple[KeyPoint, ...]:
    """The sentences that can be said of `facts`: the index first, then what got worse, then the rest."""
    first = _index(facts)
    rest = [_volume(facts), _repeat(facts), _on_time(facts.on_time), _backlog(facts)]
    said = [point for point in rest if point is not None]
    said.sort(key=lambda point: point.tone is not Tone.WORSE)
    return tuple(point for point in (first, *said) if point is not None)


def run_length(values: Sequence[float]) -> int:
    """For how many steps the series has moved one way up to its end: positive rising, negative falling."""
    steps = [later - earlier for earlier, later in pairwise(values)]
    length, sign = 0, 0
    for step in reversed(steps):
        here = (step > 0) - (step < 0)
        if math.isnan(step) or here == 0 or (sign and here != sign):
            break
        sign = here
        length += 1
    return sign * length


def tone(change: float, direction: Direction, steady: float) -> Tone:
    """Whether a change is good news; up to `steady` in size it is none."""
    if math.isnan(change) or abs(change) < steady or direction is Direction.NEITHER:
        return Tone.UNCHANGED
    return Tone.BETTER if (change > 0) == (direction is Direction.UP) else Tone.WORSE


def _index(facts: Facts) -> KeyPoint | None:
    if math.isnan(facts.index):
        return None
    numbers = {
        "place": Number(Unit.NAME, facts.place),
        "value": Number(Unit.SCORE, facts.index),
        "weeks": Number(Unit.COUNT, facts.index_weeks),
    }
    change = facts.index - facts.index_before
    judged = tone(change, Direction.UP, STEADY_SCORE)
    if judged is Tone.UNCHANGED:
        sentence = Text(
            "{place}指数 {value} 分，与 {weeks} 周前持平。",
            "The index of {place} is {value}, as {weeks} weeks ago.",
        )
        return KeyPoint("index", judged, sentence, numbers, ())
    rises = change > 0
    part = (max if rises else min)(facts.index_parts, key=lambda item: item[1], default=None)
    numbers["change"] = Number(Unit.SCORE, abs(change))
    if part is None:
        sentence = (
            Text(
                "{place}指数 {value} 分，较 {weeks} 周前上升 {change} 分。",
                "The index of {place} is {value}, up {change} on {weeks} weeks ago.",
            )
            if rises
            else Text(
                "{place}指数 {value} 分，较 {weeks} 周前下降 {change} 分。",
                "The index of {place} is {value}, down {change} on {weeks} weeks ago.",
            )
        )
        return KeyPoint("index", judged, sentence, numbers, ())
    numbers |= {"aim": Number(Unit.NAME, part[0]), "part": Number(Unit.SCORE, abs(part[1]))}
    sentence = (
        Text(
            "{place}指数 {value} 分，较 {weeks} 周前上升 {change} 分，“{aim}”贡献最大，拉升 {part} 分。",
            "The index of {place} is {value}, up {change} on {weeks} weeks ago; {aim} lifted it by {part}.",
        )
        if rises
        else Text(
            "{place}指数 {value} 分，较 {weeks} 周前下降 {change} 分，“{aim}”影响最大，拉低 {part} 分。",
            "The index of {place} is {value}, down {change} on {weeks} weeks ago; {aim} cost it {part}.",
        )
    )
    return KeyPoint("index", judged, sentence, numbers, ())


def _volume(facts: Facts) -> KeyPoint | None:
    if math.isnan(facts.volume):
        return None
    numbers = {"count": Number(Unit.COUNT, facts.volume)}
    change = facts.volume_change
    judged = tone(change, Direction.DOWN, STEADY_RELATIVE)
    metrics = ("cases_registered",)
    if math.isnan(change):
        sentence = Text(
            "登记诉求 {count} 件，上年同期无数据可比。",
            "{count} items were registered; last year has none to compare.",
        )
        return KeyPoint("volume", judged, sentence, numbers, metrics, facts.volume)
    if judged is Tone.UNCHANGED:
        sentence = Text(
            "登记诉求 {count} 件，与上年同期基本持平。",
            "{count} items were registered, about as many as last year.",
        )
        return KeyPoint("volume", judged, sentence, numbers, metrics, facts.volume)
    numbers["change"] = Number(Unit.RELATIVE, abs(change))
    moved = [member for member in facts.volume_members if not math.isnan(member.now - member.before)]
    rises = change > 0
    most = (max if rises else min)(moved, key=lambda member: member.now - member.before, default=None)
    if most is None:
        sentence = (
            Text(
                "登记诉求 {count} 件，同比上升 {change}。",
                "{count} items were registered, up {change} on last year.",
            )
            if rises
            else Text(
                "登记诉求 {count} 件，同比下降 {change}。",
                "{count} items were registered, down {change} on last year.",
            )
        )
        return KeyPoint("volume", judged, sentence, numbers, metrics, facts.volume)
    numbers |= {
        "district": Number(Unit.NAME, most.name),
        "amount": Number(Unit.COUNT, abs(most.now - most.before)),
    }
    sentence = (
        Text(
            "登记诉求 {count} 件，同比上升 {change}；增量最多的是{district}，多 {amount} 件。",
            "{count} items were registered, up {change} on last year; {district} added most, {amount}.",
        )
        if rises
        else Text(
            "登记诉求 {count} 件，同比下降 {change}；减量最多的是{district}，少 {amount} 件。",
            "{count} items were registered, down {change} on last year; {district} fell most, by {amount}.",
        )
    )
    return KeyPoint("volume", judged, sentence, numbers, metrics, facts.volume)


def _repeat(facts: Facts) -> KeyPoint | None:
    share = facts.repeat
    if math.isnan(share.value):
        return None
    run = run_length(facts.weekly_repeat)
    judged = tone(share.change, Direction.DOWN, STEADY_SHARE)
    numbers = {"value": Number(Unit.SHARE, share.value)}
    metrics = ("repeat_share",)
    if abs(run) >= RUN:
        numbers["weeks"] = Number(Unit.COUNT, abs(run))
        sentence = (
            Text(
                "重复件占比 {value}，连续 {weeks} 周上升。",
                "The repeat share is {value} and has risen for {weeks} weeks running.",
            )
            if run > 0
            else Text(
                "重复件占比 {value}，连续 {weeks} 周下降。",
                "The repeat share is {value} and has fallen for {weeks} weeks running.",
            )
        )
        judged = Tone.WORSE if run > 0 else Tone.BETTER
    elif judged is Tone.UNCHANGED:
        sentence = Text(
            "重复件占比 {value}，与上年同期持平。",
            "The repeat share is {value}, as in the same period last year.",
        )
    else:
        numbers["change"] = Number(Unit.POINTS, abs(share.change))
        sentence = (
            Text(
                "重复件占比 {value}，较上年同期上升 {change}。",
                "The repeat share is {value}, up {change} on the same period last year.",
            )
            if share.change > 0
            else Text(
                "重复件占比 {value}，较上年同期下降 {change}。",
                "The repeat share is {value}, down {change} on the same period last year.",
            )
        )
    return KeyPoint("repeat", judged, sentence, numbers, metrics, share.numerator, share.denominator)


def _on_time(share: Share) -> KeyPoint | None:
    if math.isnan(share.value):
        return None
    late = share.denominator - share.numerator
    numbers = {"value": Number(Unit.SHARE, share.value), "late": Number(Unit.COUNT, late)}
    known = [member for member in share.members if not math.isnan(member.now)]
    lowest = min(known, key=lambda member: member.now, default=None)
    judged = tone(share.change, Direction.UP, STEADY_SHARE)
    if lowest is None or late == 0:
        sentence = Text(
            "按期答复率 {value}，逾期 {late} 件。",
            "{value} of replies due were given on time; {late} were late.",
        )
    else:
        numbers |= {"district": Number(Unit.NAME, lowest.name), "lowest": Number(Unit.SHARE, lowest.now)}
        sentence = Text(
            "按期答复率 {value}，逾期 {late} 件；{district}最低，为 {lowest}。",
            "{value} of replies due were given on time, {late} were late; {district} is lowest at {lowest}.",
        )
    return KeyPoint(
        "on_time", judged, sentence, numbers, ("replied_on_time",), share.numerator, share.denominator
    )


def _backlog(facts: Facts) -> KeyPoint | None:
    share = facts.cleared
    if math.isnan(share.value):
        return None
    numbers = {"value": Number(Unit.SHARE, share.value), "stock": Number(Unit.COUNT, facts.stock)}
    judged = tone(share.change, Direction.UP, STEADY_SHARE)
    metrics = ("backlog_clearance", "backlog_stock", "backlog_overdue_share")
    if math.isnan(facts.overdue_share):
        sentence = Text(
            "积案化解率 {value}，存量 {stock} 件。",
            "{value} of the listed backlog is resolved; {stock} items remain.",
        )
    else:
        numbers["overdue"] = Number(Unit.SHARE, facts.overdue_share)
        sentence = Text(
            "积案化解率 {value}，存量 {stock} 件，其中 {overdue} 已过计划化解日。",
            "{value} of the listed backlog is resolved; {stock} items remain, {overdue} past their day.",
        )
    return KeyPoint("backlog", judged, sentence, numbers, metrics, share.numerator, share.denominator)

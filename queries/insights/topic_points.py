"""The sentences that a report on a topic begins with, each with the numbers it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from queries.insights.funnel_limits import Law, limits
from queries.insights.key_points import (
    STEADY_RELATIVE,
    KeyPoint,
    Member,
    Number,
    Tone,
    Unit,
    tone,
)
from queries.vocabulary import Direction, Text

NAMED = 3  # places that stand out by name


@dataclass(frozen=True)
class Latest:
    """The last whole stretch of the trend: its days, its items, and the range they were expected in.

    `is_signal` says whether a rule of control charts calls it one; only then it is good news or bad.
    """

    start: date
    end: date
    count: float
    low: float
    high: float
    is_signal: bool = False


@dataclass(frozen=True)
class Compared:
    """A rate of the topic beside the same rate of all items of the place; shares from 0 to 1."""

    metric: str
    name: Text
    direction: Direction
    value: float
    numerator: float
    denominator: float
    every: float


@dataclass(frozen=True)
class TopicFacts:
    """What the sentences are computed from; NaN, None and empty where something is not known or not told.

    `share` is that of all items of the place, `change` relative to the same period last year. `rank` is the
    topic's place by items among the `among` categories of its level. `parts` are its lower categories and
    `places` its districts or streets, now and last year; `standing_out` names streets with much of it.
    """

    topic: Text
    place: Text
    count: float
    share: float
    change: float
    rank: int | None = None
    among: int = 0
    latest: Latest | None = None
    parts: tuple[Member, ...] = ()
    places: tuple[Member, ...] = ()
    standing_out: tuple[Text, ...] = ()
    rates: tuple[Compared, ...] = field(default=())


def topic_points(facts: TopicFacts) -> tuple[KeyPoint, ...]:
    """The sentences that can be said: how much it is, what moved it, when, where, and how it is handled."""
    said = [_scale(facts), _change(facts), _latest(facts), _places(facts), _standing_out(facts)]
    said += [_rate(one) for one in facts.rates]
    return tuple(point for point in said if point is not None)


def _point(
    subject: str,
    judged: Tone,
    sentence: Text,
    numbers: Mapping[str, Number],
    metric: str = "cases_registered",
    sides: tuple[float, float] = (math.nan, math.nan),
) -> KeyPoint:
    return KeyPoint(subject, judged, sentence, numbers, (metric,), *sides)


def _scale(facts: TopicFacts) -> KeyPoint | None:
    if math.isnan(facts.count):
        return None
    numbers = {
        "place": Number(Unit.NAME, facts.place),
        "topic": Number(Unit.NAME, facts.topic),
        "count": Number(Unit.COUNT, facts.count),
    }
    if math.isnan(facts.share):
        sentence = Text("{place}“{topic}”登记 {count} 件。", "{place}: {count} items of {topic}.")
        return _point("scale", Tone.UNCHANGED, sentence, numbers)
    numbers["share"] = Number(Unit.SHARE, facts.share)
    if facts.rank is None:
        sentence = Text(
            "{place}“{topic}”登记 {count} 件，占全部诉求的 {share}。",
            "{place}: {count} items of {topic}, {share} of all.",
        )
        return _point("scale", Tone.UNCHANGED, sentence, numbers)
    numbers |= {"rank": Number(Unit.COUNT, facts.rank), "among": Number(Unit.COUNT, facts.among)}
    sentence = Text(
        "{place}“{topic}”登记 {count} 件，占全部诉求的 {share}，在 {among} 个同级类别中居第 {rank} 位。",
        "{place}: {count} items of {topic}, {share} of all, no. {rank} of {among} categories of its level.",
    )
    return _point("scale", Tone.UNCHANGED, sentence, numbers)


def _change(facts: TopicFacts) -> KeyPoint | None:
    change = facts.change
    if math.isnan(change):
        return None
    judged = tone(change, Direction.DOWN, STEADY_RELATIVE)
    if judged is Tone.UNCHANGED:
        sentence = Text("与上年同期基本持平。", "About as many as in the same period last year.")
        return _point("change", judged, sentence, {})
    numbers = {"change": Number(Unit.RELATIVE, abs(change))}
    rises = change > 0
    part = _most_moved(facts.parts, rises=rises)
    if part is None:
        sentence = (
            Text("较上年同期上升 {change}。", "Up {change} on last year.")
            if rises
            else Text("较上年同期下降 {change}。", "Down {change} on last year.")
        )
        return _point("change", judged, sentence, numbers)
    numbers |= {
        "part": Number(Unit.NAME, part.name),
        "amount": Number(Unit.COUNT, abs(part.now - part.before)),
    }
    sentence = (
        Text(
            "较上年同期上升 {change}；“{part}”增加最多，多 {amount} 件。",
            "Up {change} on last year; {part} added most, {amount} items.",
        )
        if rises
        else Text(
            "较上年同期下降 {change}；“{part}”减少最多，少 {amount} 件。",
            "Down {change} on last year; {part} fell most, by {amount} items.",
        )
    )
    return _point("change", judged, sentence, numbers)


def _most_moved(members: Sequence[Member], *, rises: bool) -> Member | None:
    """The member that moved furthest the way that all of them together did; None where none did."""
    sign = 1 if rises else -1
    moved = [one for one in members if (one.now - one.before) * sign > 0]
    return max(moved, key=lambda one: (one.now - one.before) * sign, default=None)


def _latest(facts: TopicFacts) -> KeyPoint | None:
    last = facts.latest
    if last is None or any(map(math.isnan, (last.count, last.low, last.high))):
        return None
    numbers = {
        "when": Number(Unit.NAME, _days(last)),
        "count": Number(Unit.COUNT, last.count),
        "low": Number(Unit.COUNT, last.low),
        "high": Number(Unit.COUNT, last.high),
    }
    if last.count > last.high:
        sentence = Text(
            "最近一期（{when}）登记 {count} 件，高于常态上限 {high} 件。",
            "In the latest stretch ({when}) {count} items came, above the usual limit of {high}.",
        )
        return _point("latest", Tone.WORSE if last.is_signal else Tone.UNCHANGED, sentence, numbers)
    if last.count < last.low:
        sentence = Text(
            "最近一期（{when}）登记 {count} 件，低于常态下限 {low} 件。",
            "In the latest stretch ({when}) {count} items came, below the usual limit of {low}.",
        )
        return _point("latest", Tone.BETTER if last.is_signal else Tone.UNCHANGED, sentence, numbers)
    sentence = Text(
        "最近一期（{when}）登记 {count} 件，在常态范围 {low}–{high} 件之内。",
        "In the latest stretch ({when}) {count} items came, within the usual {low} to {high}.",
    )
    return _point("latest", Tone.UNCHANGED, sentence, numbers)


def _days(one: Latest) -> Text:
    if one.start == one.end:
        return Text(str(one.start), str(one.start))
    return Text(f"{one.start} 至 {one.end}", f"{one.start} to {one.end}")


def _places(facts: TopicFacts) -> KeyPoint | None:
    most = max(
        (one for one in facts.places if one.now > 0), key=lambda one: (one.now, one.name.zh), default=None
    )
    if most is None or not facts.count > 0:
        return None
    numbers = {
        "name": Number(Unit.NAME, most.name),
        "count": Number(Unit.COUNT, most.now),
        "share": Number(Unit.SHARE, most.now / facts.count),
    }
    sentence = Text(
        "{name}最多，{count} 件，占该专题的 {share}。",
        "{name} has most: {count} items, {share} of the topic.",
    )
    return _point("places", Tone.UNCHANGED, sentence, numbers)


def _standing_out(facts: TopicFacts) -> KeyPoint | None:
    found = facts.standing_out
    if not found:
        return None
    first = found[:NAMED]
    named = Text("、".join(one.zh for one in first), ", ".join(one.en for one in first))
    numbers = {"n": Number(Unit.COUNT, float(len(found))), "names": Number(Unit.NAME, named)}
    sentence = (
        Text(
            "该专题占比明显高于其他镇街的有 {n} 个：{names}。",
            "{n} streets and towns have conspicuously much of it: {names}.",
        )
        if len(found) <= NAMED
        else Text(
            "该专题占比明显高于其他镇街的有 {n} 个，前三为{names}。",
            "{n} streets and towns have conspicuously much of it, first {names}.",
        )
    )
    return _point("standing_out", Tone.WORSE, sentence, numbers)


def _rate(one: Compared) -> KeyPoint | None:
    """Said to be higher or lower only beyond the funnel's limits of three deviations around all items."""
    if math.isnan(one.value) or math.isnan(one.every) or not one.denominator > 0:
        return None
    numbers = {
        "name": Number(Unit.NAME, one.name),
        "value": Number(Unit.SHARE, one.value),
        "every": Number(Unit.SHARE, one.every),
    }
    sides = (one.numerator, one.denominator)
    if not limits(one.every, one.denominator, Law.BINOMIAL).verdict(one.value).is_outlier:
        sentence = Text(
            "{name} {value}，全部诉求为 {every}，差异在随机波动之内。",
            "{name}: {value}, {every} of all items; the difference is within chance.",
        )
        return _point(one.metric, Tone.UNCHANGED, sentence, numbers, one.metric, sides)
    sentence = (
        Text(
            "{name} {value}，明显高于全部诉求的 {every}。",
            "{name}: {value}, clearly above the {every} of all items.",
        )
        if one.value > one.every
        else Text(
            "{name} {value}，明显低于全部诉求的 {every}。",
            "{name}: {value}, clearly below the {every} of all items.",
        )
    )
    judged = tone(one.value - one.every, one.direction, 0.0)
    return _point(one.metric, judged, sentence, numbers, one.metric, sides)

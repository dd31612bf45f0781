"""The index 一指数 (自定义口径): readings → scores → aims → index, change taken apart, rank with interval.

Built after the OECD/JRC Handbook on Constructing Composite Indicators (2008): fixed goalposts instead of
min–max, so that a district's score does not move because another's did; missing indicators renormalise the
weights and say so; the change is decomposed exactly; the rank carries the uncertainty of weights and of
sampling.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from queries.insights.ranking import intervals
from queries.vocabulary import Text

CITY_ROW = -1  # stands for the whole city among district keys
LEAST_AIM = 1.0  # a geometric mean takes an aim of 0 as 1, or a single 0 would decide everything


class Reading(StrEnum):
    """How an indicator reads its metric; see queries/policy/index.toml."""

    LEVEL = "level"
    YOY = "yoy"
    EVENT_RATIO = "event_ratio"
    AT_EVENT_START = "at_event_start"


class Aggregation(StrEnum):
    """How aims are put together to the index."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"


@dataclass(frozen=True)
class Indicator:
    """One indicator: what is read over which window, and the goalposts between which it scores 0 to 100."""

    key: str
    name: Text
    metric: str
    reading: Reading
    window_days: int
    lag_days: int
    floor: float
    target: float
    weight: float

    def score(self, value: float) -> float:
        """0 to 100, linear between the goalposts and flat beyond them; NaN stays NaN. Nothing is rounded."""
        if math.isnan(value):
            return value
        place = (value - self.floor) / (self.target - self.floor)
        return 100.0 * min(1.0, max(0.0, place))


@dataclass(frozen=True)
class Aim:
    """One of the six aims with its indicators."""

    key: str
    name: Text
    weight: float
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class IndexPolicy:
    """One version of the index: never edited once in force."""

    version: str
    in_force_from: date
    aggregation: Aggregation
    change_weeks: int
    least_share: float
    draws: int
    seed: int
    weight_spread: float
    coverage: float
    aims: tuple[Aim, ...]

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator, aim by aim."""
        return tuple(indicator for aim in self.aims for indicator in aim.indicators)

    def weighted(self, weights: Mapping[str, float]) -> IndexPolicy:
        """The same policy with other weights of aims, for a what-if; keys are aim keys."""
        aims = tuple(replace(aim, weight=weights.get(aim.key, aim.weight)) for aim in self.aims)
        return replace(self, aims=aims)


@dataclass(frozen=True)
class Read:
    """One reading: the indicator's value with its parts and its sampling error (standard deviation)."""

    value: float
    numerator: float
    denominator: float
    error: float = 0.0


NOT_READ = Read(math.nan, math.nan, math.nan)
Readings = Mapping[tuple[int, date, str], Read]  # (district or CITY_ROW, as-of, indicator key)


@dataclass(frozen=True)
class IndicatorScore:
    """An indicator in a region on a date: reading, score and effective weight in the index (0 if missing)."""

    indicator: Indicator
    read: Read
    score: float
    weight: float


@dataclass(frozen=True)
class AimScore:
    """An aim's value (0 to 100, NaN when nothing was read) based on `used` of `of` indicators."""

    aim: Aim
    value: float
    weight: float
    used: int
    of: int
    indicators: tuple[IndicatorScore, ...]


@dataclass(frozen=True)
class Score:
    """The index of one region on one date under one policy version."""

    region: int
    on: date
    version: str
    value: float
    aims: tuple[AimScore, ...]


@dataclass(frozen=True)
class Contribution:
    """Points by which one indicator moved the index."""

    aim: Aim
    indicator: Indicator
    points: float


@dataclass(frozen=True)
class RankInterval:
    """Rank inside the peer group and the ranks between which it lies with the policy's coverage."""

    rank: int
    low: int
    high: int


def score(region: int, on: date, readings: Readings, policy: IndexPolicy) -> Score:
    """The index of `region` on `on`; aims without a reading are left out, the other weights renormalised.

    When less than the policy's least share of all weights was read, the index has no value.
    """
    raw = [_aim(aim, region, on, readings) for aim in policy.aims]
    present = sum(aim.weight for aim, value, _ in raw if not math.isnan(value))
    enough = _share_read(raw) >= policy.least_share
    aims = []
    for aim, value, scores in raw:
        weight = 0.0 if math.isnan(value) or not present else aim.weight / present
        used = sum(1 for one in scores if not math.isnan(one.score))
        shared = tuple(replace(one, weight=one.weight * weight) for one in scores)
        aims.append(AimScore(aim, value, weight, used, len(scores), shared))
    value = _together(aims, policy.aggregation) if enough else math.nan
    return Score(region, on, policy.version, value, tuple(aims))


def _share_read(raw: Sequence[tuple[Aim, float, list[IndicatorScore]]]) -> float:
    """The share of all weights, aims' times indicators', whose indicator was read."""
    read = 0.0
    for aim, _, scores in raw:
        weights = [(one.indicator.weight, math.isnan(one.score)) for one in scores]
        whole = sum(weight for weight, _ in weights)
        read += aim.weight * sum(weight for weight, missing in weights if not missing) / whole
    return read / sum(aim.weight for aim, _, _ in raw)


def _aim(aim: Aim, region: int, on: date, readings: Readings) -> tuple[Aim, float, list[IndicatorScore]]:
    reads = [readings.get((region, on, one.key), NOT_READ) for one in aim.indicators]
    values = [one.score(read.value) for one, read in zip(aim.indicators, reads, strict=True)]
    present = sum(
        one.weight for one, value in zip(aim.indicators, values, strict=True) if not math.isnan(value)
    )
    scores = [
        IndicatorScore(one, read, value, 0.0 if math.isnan(value) else one.weight / present)
        for one, read, value in zip(aim.indicators, reads, values, strict=True)
    ]
    total = sum(one.score * one.weight for one in scores if one.weight)
    return aim, total if present else math.nan, scores


def _together(aims: Sequence[AimScore], aggregation: Aggregation) -> float:
    present = [aim for aim in aims if aim.weight]
    if not present:
        return math.nan
    if aggregation is Aggregation.ARITHMETIC:
        return sum(aim.value * aim.weight for aim in present)
    return math.exp(sum(math.log(max(aim.value, LEAST_AIM)) * aim.weight for aim in present))


def contributions(now: Score, before: Score, aggregation: Aggregation) -> tuple[Contribution, ...]:
    """The points by which each indicator moved the index from `before` to `now`; they add up to the change.

    Arithmetic: the difference of weighted scores. Geometric: the aims' shares by the logarithmic mean
    (LMDI, Ang 2004), spread over an aim's indicators in proportion to their own differences. Empty when
    either has no value.
    """
    if math.isnan(now.value) or math.isnan(before.value):
        return ()
    found: list[Contribution] = []
    for new, old in zip(now.aims, before.aims, strict=True):
        moves = [
            _weighted(one) - _weighted(was) for one, was in zip(new.indicators, old.indicators, strict=True)
        ]
        if aggregation is Aggregation.GEOMETRIC:
            moves = _geometric(moves, new, old, _log_mean(now.value, before.value))
        found += [
            Contribution(new.aim, one.indicator, points)
            for one, points in zip(new.indicators, moves, strict=True)
        ]
    return tuple(found)


def aim_moves(moves: Iterable[Contribution]) -> tuple[tuple[Text, float], ...]:
    """The contributions by aim, in the policy's order; they add up to the change."""
    totals: dict[str, tuple[Text, float]] = {}
    for move in moves:
        name, so_far = totals.get(move.aim.key, (move.aim.name, 0.0))
        totals[move.aim.key] = (name, so_far + move.points)
    return tuple(totals.values())


def _weighted(one: IndicatorScore) -> float:
    return one.score * one.weight if one.weight else 0.0


def _geometric(moves: Sequence[float], new: AimScore, old: AimScore, mean: float) -> list[float]:
    def logged(aim: AimScore) -> float:
        return math.log(max(aim.value, LEAST_AIM)) * aim.weight if aim.weight else 0.0

    whole = mean * (logged(new) - logged(old))
    total = sum(moves)
    if total:
        return [whole * move / total for move in moves]
    return [whole / len(moves)] * len(moves)


def _log_mean(a: float, b: float) -> float:
    return a if math.isclose(a, b, rel_tol=1e-12) else (a - b) / (math.log(a) - math.log(b))


def rank_intervals(
    scores: Mapping[int, Score], groups: Mapping[int, str], policy: IndexPolicy
) -> dict[int, RankInterval]:
    """Ranks inside peer groups with their interval by Monte Carlo over weights and sampling errors, seeded.

    `groups` names each district's peer group. Districts without a value are not ranked. Ties share the
    better rank.
    """
    found: dict[int, RankInterval] = {}
    for group in dict.fromkeys(groups.values()):
        members = [d for d in scores if groups.get(d) == group and not math.isnan(scores[d].value)]
        if members:
            found |= _group_intervals([scores[d] for d in members], policy)
    return found


def _group_intervals(scores: Sequence[Score], policy: IndexPolicy) -> dict[int, RankInterval]:
    rng = np.random.default_rng(policy.seed)
    spread = policy.weight_spread
    drawn = np.zeros((policy.draws, len(scores)))
    weights = np.zeros_like(drawn)
    for at, aim in enumerate(policy.aims):
        aim_weight = aim.weight * rng.uniform(1 - spread, 1 + spread, policy.draws)
        inside = np.zeros_like(drawn)
        inside_weight = np.zeros_like(drawn)
        for place, one in enumerate(aim.indicators):
            weight = one.weight * rng.uniform(1 - spread, 1 + spread, policy.draws)
            noise = rng.standard_normal((policy.draws, len(scores)))
            reads = [s.aims[at].indicators[place].read for s in scores]
            value = np.array([r.value for r in reads]) + noise * np.array([r.error for r in reads])
            points = 100 * np.clip((value - one.floor) / (one.target - one.floor), 0, 1)
            known = ~np.isnan(points)
            inside += np.where(known, points, 0) * weight[:, None]
            inside_weight += known * weight[:, None]
        has = inside_weight > 0
        mean = np.divide(inside, inside_weight, out=np.zeros_like(inside), where=has)
        if policy.aggregation is Aggregation.GEOMETRIC:
            mean = np.log(np.maximum(mean, LEAST_AIM))
        drawn += np.where(has, mean, 0) * aim_weight[:, None]
        weights += has * aim_weight[:, None]
    drawn = drawn / weights
    found = intervals(drawn, [s.value for s in scores], policy.coverage)
    return {s.region: RankInterval(*ranks) for s, ranks in zip(scores, found, strict=True)}


def share_error(numerator: float, denominator: float) -> float:
    """Standard deviation of a share, Agresti–Coull adjusted (never 0 for a share of exactly 0 or 1)."""
    if not denominator > 0:
        return 0.0
    n = denominator + 4
    p = (numerator + 2) / n
    return math.sqrt(max(p * (1 - p), 0.0) / n)


def ratio_error(ratio: float, first: float, second: float) -> float:
    """Standard deviation of a ratio of two Poisson counts (delta method); counts below 1 are taken as 1."""
    return abs(ratio) * math.sqrt(1 / max(first, 1.0) + 1 / max(second, 1.0))


def event_ratio(visits: ArrayLike, weekdays: ArrayLike, inside: ArrayLike) -> Read:
    """Visits inside event windows ÷ those expected from the same weekdays outside.

    All three run over the same days. Numerator: visits inside; denominator: for every day inside, the mean
    of its weekday outside. Not read when no day is inside or fewer than one visit is expected.
    """
    count, day, event = np.asarray(visits, float), np.asarray(weekdays), np.asarray(inside, bool)
    if not event.any() or event.all():
        return NOT_READ
    expected = 0.0
    for weekday in range(7):
        days_inside = int((event & (day == weekday)).sum())
        outside = count[~event & (day == weekday)]
        if days_inside and outside.size:
            expected += days_inside * float(outside.mean())
    happened = float(count[event].sum())
    if expected < 1:
        return Read(math.nan, happened, expected)
    ratio = happened / expected
    return Read(
        ratio, happened, expected, ratio_error(max(ratio, 1 / expected), happened, float(count[~event].sum()))
    )

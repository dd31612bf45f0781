"""Red and black lists 红榜黑榜: who heads and who closes a ranking, by rules that are policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from queries.insights.ranking import ranked
from queries.vocabulary import Direction


@dataclass(frozen=True)
class ListRule:
    """How a metric makes its lists: so many places a peer group, of members with enough cases.

    Members whose denominator is below `least` are left out. Nobody is put on the black list whose value is
    at least as good as `spared_from`, where that is set.
    """

    metric: str
    red: int
    black: int
    least: int
    spared_from: float | None = None


@dataclass(frozen=True)
class OverdueRule:
    """A list of those who left most undone: denominator less numerator of `metric`, by `split`."""

    metric: str
    split: str
    rows: int
    least: int


@dataclass(frozen=True)
class BulletinPolicy:
    """What a bulletin holds: the city's metrics, the ranked ones (`index` is the index), its lists."""

    version: str
    in_force_from: date
    city: tuple[str, ...]
    ranked: tuple[str, ...]
    lists: tuple[ListRule, ...]
    overdue: tuple[OverdueRule, ...]


@dataclass(frozen=True)
class Standing:
    """What a list asks of a member: NaN where it has no value."""

    key: int
    group: str
    value: float
    whole: float
    volume: float


@dataclass(frozen=True)
class Lists:
    """The keys on both lists of one peer group, best and worst first; empty where the group is too small."""

    group: str
    red: tuple[int, ...]
    black: tuple[int, ...]


def red_and_black(members: Sequence[Standing], rule: ListRule, direction: Direction) -> tuple[Lists, ...]:
    """Both lists of every peer group, in the order in which the groups are first met.

    Ranks are those of `ranked`, from the top for red, from the bottom for black. A tie is never cut: members
    of one value share a place, and all of them are listed if their place is within the rule's. Who would
    stand on both lists stands on neither; a group all of one value therefore has none.
    """
    fit = [one for one in members if one.whole >= rule.least]
    groups = pd.Series([one.group for one in fit], dtype=object)
    values = pd.Series([one.value for one in fit], dtype="float64")
    volumes = pd.Series([one.volume for one in fit], dtype="float64")
    worse = Direction.DOWN if direction is Direction.UP else Direction.UP
    top, bottom = ranked(values, volumes, groups, direction), ranked(values, volumes, groups, worse)
    found = []
    for group in dict.fromkeys(one.group for one in members):
        red = [fit[at] for at in top.index if fit[at].group == group and _within(top[at], rule.red)]
        black = [fit[at] for at in bottom.index if fit[at].group == group and _within(bottom[at], rule.black)]
        both = {one.key for one in red} & {one.key for one in black}
        found.append(
            Lists(
                group,
                tuple(one.key for one in red if one.key not in both),
                tuple(one.key for one in black if one.key not in both and not _spared(one, rule, direction)),
            )
        )
    return tuple(found)


def _within(rank: object, places: int) -> bool:
    return not pd.isna(rank) and int(rank) <= places  # type: ignore[call-overload]


def _spared(one: Standing, rule: ListRule, direction: Direction) -> bool:
    if rule.spared_from is None:
        return False
    return one.value >= rule.spared_from if direction is Direction.UP else one.value <= rule.spared_from

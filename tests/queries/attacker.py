"""Tiny cities beside each other in time, and an attacker who works out what two answers together give away.

The attacker knows every published total of every day and district, the rules by which counts are told, which
members there can be, and all items of the reader's own districts; not the secret of the random steps. What is
consistent with all of that is a set of whole numbers under linear constraints; a cell is given away when it
has the same value in all of them.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from queries.execute import Warehouse
from queries.question import Filter, Question
from queries.vocabulary import Grain, Period
from tests.queries import dozen

VOLUME = "cases_registered"
K, BASE = 5, 5
DAYS = 5  # of each tiny city; the cities follow each other
FIRST = date(2025, 1, 6)
CITIES = 90
STREETS = {
    dozen.district("上城"): (dozen.street("上城", "清波街道"), dozen.street("上城", "湖滨街道")),
    dozen.district("西湖"): (dozen.street("西湖", "三墩镇"), 0),
}
DISTRICTS = tuple(STREETS)
CATEGORIES = (5, 6, 0)  # leaves of three first-level categories; 0 is not stated
MEMBERS: dict[str, tuple[int, ...]] = {
    "district": DISTRICTS,
    "street": tuple(sorted({one for both in STREETS.values() for one in both})),
    "category1": (),  # filled below: the ancestors of the leaves
    "repeat": (0, 1),
}
ATOM = ("district", "street", "category1", "repeat")


@dataclass(frozen=True)
class Asked:
    """One question of the attacker: cuts, filters, first and last day (0 to DAYS - 1), whether by day."""

    split: tuple[str, ...]
    filters: tuple[tuple[str, tuple[int, ...]], ...]
    first: int
    last: int
    by_day: bool

    @property
    def fine(self) -> tuple[str, ...]:
        """The dimensions that no bulletin prints."""
        return tuple(sorted({*self.split, *dict(self.filters)} - {"district"}))

    def question(self, start: date) -> Question:
        """The question put to the city whose first day is `start`."""
        day = timedelta(days=1)
        return Question(
            (VOLUME,),
            Period(start + self.first * day, start + self.last * day),
            dozen.AS_OF,
            split=self.split,
            grain=Grain.DAY if self.by_day else None,
            filters=tuple(Filter(*one) for one in self.filters),
        )


@dataclass(frozen=True)
class Rules:
    """What is done to a count: the farthest random step, whether 0 is told, whether short lines are hidden,
    whether the part of the reader's own districts stands apart from the others'.

    `members` of the fine dimensions, the one not stated included.
    """

    members: dict[str, int]
    farthest: int
    zero: bool = False
    bare: bool = True
    apart: bool = True


Cell = tuple[tuple[tuple[str, tuple[int, ...]], ...], int, int]  # members by dimension, first and last day


def cells(asked: Asked) -> Iterator[Cell]:
    """Every cell that an answer can speak of, told or not."""
    kept = dict(asked.filters)
    options = [[one for one in MEMBERS[key] if one in kept.get(key, MEMBERS[key])] for key in asked.split]
    stretches = (
        [(day, day) for day in range(asked.first, asked.last + 1)]
        if asked.by_day
        else [(asked.first, asked.last)]
    )
    for members in itertools.product(*options):
        where = kept | {key: (one,) for key, one in zip(asked.split, members, strict=True)}
        for first, last in stretches:
            yield tuple(sorted(where.items())), first, last


def city_rows(counts: Sequence[dict[tuple[int, ...], int]]) -> list[dozen.Row]:
    """Cases of the cities: for each, items by (district, street, leaf, repeat, day)."""
    model, found = dozen.case_rows()[0], list[dozen.Row]()
    ancestors = {one["category_id"]: one for one in dozen.case_rows()}
    for city, items in enumerate(counts):
        for (district, street, leaf, repeat, day), number in items.items():
            on = FIRST + timedelta(days=city * DAYS + day)
            for _ in range(number):
                key = len(found) + 1
                kind = {
                    name: ancestors[leaf][name] for name in ("category_id", "category1_id", "category2_id")
                }
                found.append(
                    model
                    | kind
                    | {
                        "case_id": key,
                        "first_case_id": key,
                        "district_id": district,
                        "street_id": street,
                        "village_id": 0,
                        "repeat_no": repeat,
                        "registered_on": on,
                        "registered_at": datetime.combine(on, time(9)),
                    }
                )
    return found


def random_city(draw: random.Random) -> dict[tuple[int, ...], int]:
    """Mostly nothing, some items, now and then many: as far as possible at the edges of the rules."""
    places = [(district, street) for district, both in STREETS.items() for street in both]
    chosen = draw.sample(places, draw.randint(1, len(places)))
    return {
        (*place, leaf, repeat, day): draw.choice((0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 5, 6, 10, 23))
        for place in chosen
        for leaf in draw.sample(CATEGORIES, draw.randint(1, 3))
        for repeat in (0, 1)
        for day in range(DAYS)
    }


class Attacker:
    """What is known of one tiny city, as linear constraints on its atoms."""

    def __init__(self, truth: pd.DataFrame, own: Sequence[int]) -> None:
        """`truth`: items by the columns of ATOM and `day`; `own`: the districts known item by item."""
        every = [
            (district, street, category, repeat, day)
            for district, both in STREETS.items()
            for street in both
            for category in MEMBERS["category1"]
            for repeat in (0, 1)
            for day in range(DAYS)
        ]
        self.own = tuple(own)
        self.atoms = pd.DataFrame(every, columns=[*ATOM, "day"])
        counted = truth.set_index([*ATOM, "day"])["items"].reindex(pd.MultiIndex.from_tuples(every))
        self.truth = counted.fillna(0).to_numpy()
        self.rows: list[Any] = []
        self.low: list[float] = []
        self.high: list[float] = []
        for district, day in itertools.product(set(DISTRICTS) - set(own), range(DAYS)):
            mask = self.mask(((("district", (district,)),), day, day))
            self.know(mask, self.truth[mask].sum(), self.truth[mask].sum())
        mine = self.atoms["district"].isin(own).to_numpy()
        self.least = np.where(mine, self.truth, 0.0)
        self.most = np.where(mine, self.truth, np.inf)

    def know(self, mask: Any, low: float, high: float) -> None:
        """Adds that the atoms of `mask` together are between `low` and `high`."""
        self.rows.append(np.asarray(mask, dtype=float))
        self.low.append(low)
        self.high.append(high)

    def mask(self, cell: Cell) -> Any:
        """The atoms of a cell."""
        where, first, last = cell
        mask = self.atoms["day"].between(first, last).to_numpy()
        for key, members in where:
            mask = mask & self.atoms[key].isin(members).to_numpy()
        return mask

    def reads(self, asked: Asked, frame: pd.DataFrame, start: date, rules: Rules) -> None:
        """Adds what an answer says to someone who knows the rules."""
        told = {}
        for row in frame.to_dict("records"):
            where = dict(asked.filters) | {key: (int(row[key]),) for key in asked.split}
            days = (asked.first, asked.last)
            if asked.by_day:
                days = ((row["bucket"] - start).days,) * 2
            told[(tuple(sorted(where.items())), *days)] = float(row[VOLUME])
        reach, members = rules.farthest + BASE // 2, math.prod(rules.members[key] for key in asked.fine)
        mine = self.atoms["district"].isin(self.own).to_numpy()
        for cell in cells(asked):
            mask = self.mask(cell)
            others = mask & ~mine
            value = told.get(cell, 0.0 if rules.zero else np.nan)
            if not others.any() or not asked.fine:
                continue
            if np.isnan(value):
                line = self.items((tuple(one for one in cell[0] if one[0] == "district"), *cell[1:]))
                is_bare = rules.bare and line % K == 0 and line <= K * members
                self.know(others, 0, np.inf if is_bare else max(K - 1, reach))
            elif rules.zero and value == 0:
                self.know(others, 0, 0)
            elif not rules.apart:
                self.know(mask, max(K, value - reach), value + reach)
            else:
                value -= self.truth[mask & mine].sum()
                self.know(others, max(K, value - reach), value + reach)

    def works_out(self, cell: Cell) -> bool:
        """Whether only one number of items is possible in `cell`, as far as it is of other districts."""
        target = self.mask(cell) & ~self.atoms["district"].isin(self.own).to_numpy()
        found = []
        for sign in (1, -1):
            solved = milp(
                sign * target.astype(float),
                constraints=LinearConstraint(np.array(self.rows), self.low, self.high),
                integrality=np.ones(len(self.truth)),
                bounds=Bounds(self.least, self.most),
            )
            if not solved.success:
                raise AssertionError(
                    f"the truth itself contradicts what the attacker believes: {solved.message}"
                )
            found.append(round(sign * solved.fun))
        return bool(found[0] == found[1])

    def items(self, cell: Cell) -> int:
        """How many items of other districts the cell really has."""
        return int(self.truth[self.mask(cell) & ~self.atoms["district"].isin(self.own).to_numpy()].sum())


def truth_of(whole: Warehouse, start: date) -> pd.DataFrame:
    """The items of a tiny city by atom and day, asked of a warehouse that hides nothing."""
    asked = Asked(ATOM, (), 0, DAYS - 1, by_day=True)
    frame = whole.ask(asked.question(start)).frame
    return frame.assign(day=[(one - start).days for one in frame["bucket"]], items=frame[VOLUME])


def given_away(
    whole: Warehouse,
    seen: Warehouse,
    city: int,
    both: Sequence[Asked],
    rules: Rules,
) -> list[Cell]:
    """The hidden small cells that the two answers give away: of either question, and of their difference.

    What follows from the published totals alone, as that of a block of all streets, is nothing given away.
    """
    start = FIRST + timedelta(days=city * DAYS)
    own = seen.scope.cases or ()
    attacker, before = (Attacker(truth_of(whole, start), own) for _ in range(2))
    targets: set[Cell] = set()
    for asked in both:
        attacker.reads(asked, seen.ask(asked.question(start)).frame, start, rules)
        targets |= set(cells(asked))
        for where, first, last in list(cells(asked)):
            for other in both:
                # the days that only one of the two counts
                targets |= {(where, one, two) for one, two in _left(first, last, other.first, other.last)}
    fine = (one for one in sorted(targets) if {key for key, _ in one[0]} - {"district"})
    small = (one for one in fine if 0 < attacker.items(one) < K)
    return [one for one in small if attacker.works_out(one) and not before.works_out(one)]


def _left(first: int, last: int, begun: int, ended: int) -> Iterator[tuple[int, int]]:
    if first < begun <= last:
        yield first, begun - 1
    if first <= ended < last:
        yield ended + 1, last


MEMBERS["category1"] = tuple(
    sorted({one["category1_id"] for one in dozen.case_rows() if one["category_id"] in CATEGORIES})
)

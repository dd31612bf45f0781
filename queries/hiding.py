"""Which cells of an answer its reader is told exactly, which with a random step, and which not at all. Pure.

A question cut by published dimensions alone has the numbers that bulletins print: exact for everyone. So are
the rows of districts whose cases the reader may list. Every other cell is fine: its counts are told as
queries.insights.suppression says, before any rate is made of them, and what is no count of items (medians,
sums of heads or time, persons) is not told. Where a reader's own districts and others meet in one cell, their
own part is exact and the others' part is told like any fine cell, so that nothing is left to subtract.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from queries.compiler import SPECIAL, TIME, Times, slot, terms_of
from queries.dimensions import dimension
from queries.insights.suppression import PrivacyPolicy, step, told
from queries.metric import Metric, Point, Term
from queries.question import Question
from queries.scope import Scope
from queries.windows import Window
from warehouse.measures import ONE, Flow

DISTRICT = "district"
Read = Callable[[Question, Sequence[Metric]], tuple[pd.DataFrame, dict[str, pd.DataFrame]]]


@dataclass(frozen=True)
class Hiding:
    """The policy, and the secret that the random steps are drawn with."""

    policy: PrivacyPolicy
    secret: bytes


@dataclass(frozen=True)
class Plan:
    """How a question with fine cells is asked.

    `sent` cuts by district too where a cell mixes own and others; `totals` asks for the published totals that
    the cells add up to, None where the cells themselves do; `own` asks for the reader's own rows, None where
    there are none of their own.
    """

    question: Question
    policy: PrivacyPolicy
    sent: Question
    totals: Question | None
    own: Question | None

    @property
    def divides(self) -> tuple[str, ...]:
        """The dimensions that divide a published total into the question's cells."""
        cuts = (*self.question.split, *[one.dimension for one in self.question.filters])
        return tuple(dict.fromkeys(key for key in cuts if key not in self.policy.published))


@dataclass(frozen=True, eq=False)
class Told:
    """Sums by the question's rows, NaN where hidden; the rows of special metrics; which rows are exact.

    In the others a part of a whole is told where as much as `smallest` is left of the whole, and a rate where
    it divides by `least_whole` items or more.
    """

    base: pd.DataFrame
    special: dict[str, pd.DataFrame]
    exact: pd.Series[bool]
    smallest: int
    least_whole: int


def plan(question: Question, policy: PrivacyPolicy) -> Plan | None:
    """How `question`, which carries its reader's scope, is asked; None where every cell is exact."""
    scope = question.scope
    cuts = {*question.split, *[one.dimension for one in question.filters]}
    if scope.cases is None or scope.smallest <= 1 or cuts <= policy.published:
        return None
    here = question.districts
    if scope.holds(here):
        return None
    mine = set(scope.cases) if here is None else set(scope.cases) & set(here)
    kept = tuple(key for key in question.split if key in policy.published)
    by = kept if DISTRICT in kept or not mine else (*kept, DISTRICT)
    fine = any(one.dimension not in policy.published for one in question.filters)
    only = tuple(one for one in question.filters if one.dimension in policy.published)
    own = replace(question, scope=scope.within(Scope(tuple(sorted(mine)))))
    return Plan(
        question,
        policy,
        question if by == kept else replace(question, split=(*question.split, DISTRICT)),
        replace(question, split=by, filters=only) if fine else None,
        own if mine and DISTRICT in kept else None,
    )


def is_own(asked: Plan, frame: pd.DataFrame) -> pd.Series[bool]:
    """The rows of `frame` that are of the reader's own districts."""
    own = asked.question.scope.cases or ()
    if DISTRICT not in frame:
        return pd.Series(False, index=frame.index)
    return frame[DISTRICT].isin(own)


def told_by(
    asked: Plan,
    hiding: Hiding,
    metrics: Sequence[Metric],
    times: Times,
    read: Read,
    *,
    members: float,
    version: str,
) -> Told:
    """What the reader is told, for `answer.measured`.

    `read` asks the metrics of a question. `members` and `version` as `hushed` takes them.
    """
    question = asked.question
    keys = [*question.split, *([TIME] if times.timed else [])]
    sums = [one for one in metrics if not isinstance(one.formula, SPECIAL)]
    terms = {slot(term): term for one in sums for term in terms_of(one.formula)}
    base = pd.DataFrame(columns=keys) if keys else pd.DataFrame(index=[0])
    if keys == [TIME]:  # a row for each window, whether or not anything is told of it
        base = pd.DataFrame({TIME: [window.label for window in times.windows]})
    if sums:
        found = read(asked.sent, sums)[0]
        totals = None if asked.totals is None else read(asked.totals, sums)[0]
        base = hushed(asked, hiding, terms, times, found, totals, members, version)
    special: dict[str, pd.DataFrame] = {}
    if asked.own is not None and len(sums) < len(metrics):
        rows, special = read(asked.own, [one for one in metrics if isinstance(one.formula, SPECIAL)])
        # their own members of whom no sum speaks; what the sums say of them is exact too: nothing
        base = base.merge(rows[keys], on=keys, how="outer").sort_values(keys, ignore_index=True)
        base[list(terms)] = base[list(terms)].mask(
            is_own(asked, base) & base[list(terms)].isna().all(axis=1), 0
        )
    exact = is_own(asked, base)
    return Told(base, special, exact, question.scope.smallest, asked.policy.least_whole)


def hushed(
    asked: Plan,
    hiding: Hiding,
    terms: Mapping[str, Term],
    times: Times,
    found: pd.DataFrame,
    totals: pd.DataFrame | None,
    members: float,
    version: str,
) -> pd.DataFrame:
    """`found`, exact counts by `asked.sent` (a column per slot of `terms`), as the reader is told them.

    `totals` answers `asked.totals`; `members` is how many cells one published total can be divided into, and
    `version` the warehouse's. One row per row of the question, with NaN where a count is hidden.
    """
    question, slots = asked.question, list(terms)
    keys = [*question.split, *([TIME] if times.timed else [])]
    is_mixed = asked.sent.split != question.split
    own, fine = found[is_own(asked, found)], found[~is_own(asked, found)]
    lines = fine if totals is None else totals[~is_own(asked, totals)]
    by = [key for key in keys if key in asked.policy.published or key == TIME]
    if is_mixed:
        fine = _summed(fine, keys, slots)
    cells, days = _cells(asked, fine), _windows(fine, times)
    at = [*zip(*[fine[key] for key in by], strict=True)] if by else [()] * len(fine)
    shown = fine[keys].copy()
    for name, term in terms.items():
        exact = _by_line(lines, by, name)
        words = [
            (version, name, cell, _said(question, term, day)) for cell, day in zip(cells, days, strict=True)
        ]
        shown[name] = pd.Series(
            [
                _told(int(count), exact.get(line, 0), members, term, question.scope, hiding, word)
                for count, line, word in zip(fine[name], at, words, strict=True)
            ],
            index=fine.index,
            dtype="float64",
        )
    if not is_mixed:
        return pd.concat([own[[*keys, *slots]].astype(dict.fromkeys(slots, "float64")), shown]).sort_index()
    mine = _summed(own, keys, slots)
    if not keys:
        return shown + mine
    both = shown.merge(mine, on=keys, how="outer", suffixes=("", "_own"))
    for name in slots:
        # Where the others have nothing, that is hidden like any nothing of theirs.
        both[name] += both.pop(f"{name}_own").fillna(0)
    return both.sort_values(keys, ignore_index=True)


def untold(asked: Plan, frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """`frame` without the members of whom nothing is told in any of `columns`, as if they had no items.

    A row that says nothing still says that there is something. Own rows stay.
    """
    if not asked.question.split:
        return frame
    says = frame[list(columns)].notna().any(axis=1) | is_own(asked, frame)
    return frame[says.groupby([frame[key] for key in asked.question.split]).transform("any")].reset_index(
        drop=True
    )


def _told(
    count: int,
    line: int,
    members: float,
    term: Term,
    scope: Scope,
    hiding: Hiding,
    words: tuple[str, ...],
) -> float:
    if term.measure.value is not ONE or count < scope.smallest:
        return math.nan
    draw, base = step(hiding.secret, *words), hiding.policy.base
    return told(count, line, members, smallest=scope.smallest, base=base, draw=draw)


def _summed(frame: pd.DataFrame, keys: list[str], slots: list[str]) -> pd.DataFrame:
    if not keys:
        return frame[slots].sum().to_frame().T
    return frame.groupby(keys, as_index=False)[slots].sum()


def _by_line(lines: pd.DataFrame, by: list[str], name: str) -> dict[tuple[object, ...], int]:
    """The exact total of each line: what all may know of the cells that share the published members `by`."""
    if not by:
        return {(): int(lines[name].sum())}
    sums = lines.groupby(by)[name].sum()
    return {key if isinstance(key, tuple) else (key,): int(value) for key, value in sums.items()}


def _cells(asked: Plan, frame: pd.DataFrame) -> list[str]:
    """What cell each row is, spelled the same however it is asked for: a split and a filter make the same."""
    question, scope = asked.question, asked.question.scope
    where = {one.dimension: tuple(sorted(map(str, one.members))) for one in question.filters}
    here, own = question.districts, sorted(scope.cases or ())
    where[DISTRICT] = (
        ("without", *map(str, own)) if here is None else tuple(str(one) for one in sorted({*here} - {*own}))
    )
    columns = [frame[key].astype(str) for key in question.split]
    rows = zip(*columns, strict=True) if columns else [()] * len(frame)
    return [
        repr(sorted((where | {key: (one,) for key, one in zip(question.split, row, strict=True)}).items()))
        for row in rows
    ]


def _windows(frame: pd.DataFrame, times: Times) -> list[Window]:
    if not times.timed:
        return [times.windows[0]] * len(frame)
    by_label = {window.label: window for window in times.windows}
    return [by_label[label] for label in frame[TIME]]


def _said(question: Question, term: Term, window: Window) -> str:
    """The days that a count of `term` speaks of, and the day it is known on where that matters."""
    cuts = (*question.split, *[one.dimension for one in question.filters])
    as_known = any(dimension(key).known for key in cuts)
    if not isinstance(term.measure, Flow):
        day = window.end if term.point is Point.CLOSING else window.opening
        return f"{day} {window.as_of if as_known else ''}"
    as_known = as_known or term.measure.known is not None
    return f"{window.start} {window.end} {window.as_of if as_known else ''}"

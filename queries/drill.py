"""From a number to the items it counts: the question, and which side of the metric, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd
from sqlalchemy import Table, and_

from queries.compiler import Listed, compile_listed, compile_rows
from queries.dimensions import dimension
from queries.errors import BadQuestion, NotAllowed
from queries.metric import Concentration, Metric, Population, Product, Quantile, Ratio, Survival, Term
from queries.metrics import metrics as metrics_of
from queries.question import Filter, Question
from queries.vocabulary import Period, bucket_end
from warehouse.measures import ONE, Flow, Measure

MOST_SIGNS = 2000  # of an encoded drill: addresses are longer than that only when forged
_MOST_MEMBERS = 400
_DAY = "%Y%m%d"
# What of a single item no list and no count needs, whoever asks.
KEPT_BACK = frozenset({"person_key", "matter_key", "lon", "lat", "h3"})
_WORD = "'"  # before a member that is a word, not a key


class Side(StrEnum):
    """Which of a metric's items: those it counts, all it divides by, or the difference of the two."""

    COUNTED = "n"
    WHOLE = "d"
    REST = "r"


@dataclass(frozen=True)
class Drill:
    """The items behind one side of the one metric of `question`, which splits neither members nor time."""

    question: Question
    side: Side

    @property
    def metric(self) -> Metric:
        """The metric whose items are listed; raises UnknownMetric."""
        return metrics_of(self.question.metrics)[0]

    def of(self, side: Side) -> Drill:
        """The same number's other side."""
        return replace(self, side=side)


@dataclass(frozen=True, eq=False)
class Items:
    """One page of the items behind a number.

    `frame`: the columns that the table lists, latest first. `rows`: how many items there are in all;
    `amount`: what they add up to, which is the number (heads, say, where one item counts several).
    """

    table: str
    frame: pd.DataFrame
    rows: int
    amount: float


def sides(metric: Metric) -> tuple[Side, ...]:
    """The sides of `metric` whose items can be listed; none for distinct persons and cleared weeks."""
    match metric.formula:
        case Ratio(denominator=None | Population()):
            return (Side.COUNTED,)
        case Ratio(numerator=above, denominator=below):
            terms = (*above, *_terms(below))
            # of means and weighted sums nothing sensible is left over
            counts = all(term.measure.value is ONE and term.weight.denominator == 1 for term in terms)
            both = (Side.COUNTED, Side.WHOLE)
            one_clock = len({_clock(term.measure) for term in terms}) == 1
            return (*both, Side.REST) if counts and one_clock else both
        case Product() | Quantile() | Survival() | Concentration():
            return (Side.WHOLE,)
        case _:
            return ()


def drill_of(question: Question, metric: str, row: Mapping[Any, Any], side: Side) -> Drill | None:
    """The drill from the number of `metric` in `row` of an answer to `question`; None where none is offered.

    None is where the scope gives no right to all of the items either. The row's members become filters, its
    bucket or window the period.
    """
    if side not in sides(metrics_of((metric,))[0]):
        return None
    own = {key: Filter(key, (row[key],)) for key in question.split}
    kept = {one.dimension: one for one in question.filters} | own
    period, as_of = question.period, question.as_of
    if question.trailing is not None:
        as_of = row["window_end"]
        end = as_of - timedelta(days=question.trailing.lag)
        period = Period(end - timedelta(days=question.trailing.days - 1), end)
    elif question.grain is not None:
        start = row["bucket"]
        period = Period(max(start, period.start), min(bucket_end(start, question.grain), period.end))
    filters = tuple(sorted(kept.values(), key=lambda one: one.dimension))
    only = Question((metric,), period.clipped(as_of), as_of, filters=filters, scope=question.scope)
    return Drill(only, side) if only.scope.holds(only.districts) else None


def named_only(columns: Sequence[str]) -> None:
    """Raises NotAllowed for a column that no list shows."""
    wrong = sorted(KEPT_BACK & set(columns))
    if wrong:
        raise NotAllowed(f"{', '.join(wrong)}: persons and places of single items are not listed; drop them.")


def table_of(drill: Drill) -> Table:
    """The table whose rows the drill lists; raises BadQuestion where the number is not made of items."""
    return compiled(drill)[0].table


def compiled(drill: Drill) -> tuple[Listed, ...]:
    """The SELECTs of the drill's items, one per clock; raises BadQuestion and UnknownDimension."""
    question, formula = drill.question, drill.metric.formula
    if drill.side not in sides(drill.metric):
        raise BadQuestion(f"{drill.metric.key} has no list of items for this side; choose another number")
    match formula:
        case Product(first=first):
            return compile_listed(question, _terms(first.denominator), ())
        case Ratio():
            below = _terms(formula.denominator)
            added = formula.numerator if drill.side is Side.COUNTED else below
            return compile_listed(question, added, formula.numerator if drill.side is Side.REST else ())
        case Quantile(table=table, clock=clock, start=start, end=end, where=where):
            timed = and_(where, start.is_not(None), end.is_not(None))
            return (compile_rows(question, table, clock.name, timed),)
        case Survival(table=table, clock=clock, where=where):
            return (compile_rows(question, table, clock.name, where),)
        case Concentration(table=table, clock=clock, person=person):
            return (compile_rows(question, table, clock.name, person.is_not(None)),)
        case _:
            raise TypeError(f"{drill.metric.key} counts no items")


def _terms(found: tuple[Term, ...] | Population | None) -> tuple[Term, ...]:
    return found if isinstance(found, tuple) else ()


def encoded(drill: Drill) -> str:
    """The drill as one word for an address; the scope is not in it: it is the reader's, not the link's."""
    question = drill.question
    days = (question.period.start, question.period.end, question.as_of)
    filters = [f"{one.dimension}-{'.'.join(map(_written, one.members))}" for one in question.filters]
    return "~".join([question.metrics[0], drill.side.value, *(day.strftime(_DAY) for day in days), *filters])


def decoded(word: str) -> Drill:
    """The drill of an address, of the whole city until a scope is set.

    Raises BadQuestion for a word that no drill encodes, UnknownMetric, UnknownDimension.
    """
    wrong = BadQuestion("this link names no number of this suite; open the board and click the number again")
    if len(word) > MOST_SIGNS:
        raise wrong
    try:
        metric, side, start, end, as_of, *rest = word.split("~")
        filters = []
        for part in rest:
            key, _, members = part.partition("-")
            filters.append(Filter(dimension(key).key, tuple(map(_member, members.split(".")))))
        if sum(len(one.members) for one in filters) > _MOST_MEMBERS:
            raise wrong
        question = Question((metric,), Period(_day(start), _day(end)), _day(as_of), filters=tuple(filters))
        drill = Drill(question, Side(side))
    except ValueError as error:
        raise wrong from error
    if drill.side not in sides(drill.metric):
        raise wrong
    return drill


def _clock(measure: Measure) -> tuple[str, ...]:
    day = measure.clock if isinstance(measure, Flow) else measure.since
    return measure.table.name, type(measure).__name__, day.name


def _written(member: int | str) -> str:
    if isinstance(member, int):
        return str(member)
    # a dot divides members and a tilde the parts; quote() leaves both as they are
    return _WORD + quote(member, safe="").replace(".", "%2E").replace("~", "%7E")


def _member(word: str) -> int | str:
    if word.startswith(_WORD):
        return unquote(word[1:])
    if not word.isascii() or not word.isdigit():
        raise ValueError(word)
    return int(word)


def _day(word: str) -> date:
    if len(word) != 8 or not word.isdigit():
        raise ValueError(word)
    return date(int(word[:4]), int(word[4:6]), int(word[6:]))

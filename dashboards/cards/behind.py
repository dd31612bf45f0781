"""Numbers that open the list of the items behind them, and rows that narrow the page to what they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboards import numbers
from dashboards.figures.markup import Markup, escaped, tag
from queries.drill import Drill, Side, drill_of, encoded
from queries.question import Question
from queries.vocabulary import Period


def token(question: Question, metric: str, row: Mapping[Any, Any], side: Side = Side.COUNTED) -> str:
    """What opens the items behind the number of `metric` in `row` of an answer to `question`; or nothing.

    Of a chart it is a point's customdata.
    """
    found = drill_of(question, metric, row, side)
    amount = row.get(f"{metric}_{'numerator' if side is Side.COUNTED else 'denominator'}", 0)
    return encoded(found) if found is not None and amount > 0 else ""


def value_token(question: Question, metric: str, row: Mapping[Any, Any]) -> str:
    """As `token`, of a metric's value: a rate opens what it divides by, anything else what it counts."""
    return token(question, metric, row, Side.WHOLE) or token(question, metric, row)


def narrowing(key: str, codes: Mapping[int, str], member: int) -> str:
    """What narrows the page to a member of dimension `key`; nothing for one without a code (未明确)."""
    return f"{key}={codes[member]}" if member in codes else ""


def over(question: Question, metric: str, period: Period) -> str:
    """As `token`, of the items of `metric` in `period` under the filters of `question`, however it splits."""
    if not question.scope.holds(question.districts):
        return ""
    only = replace(
        question, metrics=(metric,), split=(), grain=None, trailing=None, compare=(), period=period
    )
    return encoded(Drill(only, Side.COUNTED))


def opening(text: str, found: str) -> Markup:
    """A printed number that opens the items that `found` names; plain text where it names none."""
    return tag("span", text, data_items=found, tabindex=0, role="button") if found else escaped(text)


def number(
    text: str, question: Question, metric: str, row: Mapping[Any, Any], side: Side = Side.COUNTED
) -> Markup:
    """A printed number that opens the items behind it; plain text where there are none to open."""
    return opening(text, token(question, metric, row, side))


def rate(text: str, question: Question, metric: str, row: Mapping[Any, Any]) -> Markup:
    """As `number`, of a metric's value: a rate opens what it divides by, anything else what it counts."""
    return opening(text, value_token(question, metric, row))


def count(question: Question, metric: str, row: Mapping[Any, Any], side: Side = Side.COUNTED) -> Markup:
    """How many items a side of `metric` has in `row`, opening them; a dash where that is not recorded."""
    above, below = (float(row[f"{metric}_{part}"]) for part in ("numerator", "denominator"))
    amount = {Side.COUNTED: above, Side.WHOLE: below, Side.REST: below - above}[side]
    if not amount > 0:
        return escaped(numbers.plain(amount))
    return number(numbers.plain(amount), question, metric, row, side)

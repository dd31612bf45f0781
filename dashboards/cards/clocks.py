"""What is on hand by the case clock: of the place, of its parts, of the units that handle it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboards import data
from dashboards.cards.handling import CLOCK, OPEN
from queries.answer import Answer
from queries.execute import Warehouse
from queries.question import Filter, Question
from queries.vocabulary import Period


@dataclass(frozen=True)
class Clocks:
    """Answers of open_cases by the clock: `whole` of the place, `parts` and `units` by theirs."""

    whole: Answer
    parts: Answer
    units: Answer


def ask_clocks(warehouse: Warehouse, as_of: date, part: str, here: tuple[Filter, ...]) -> Clocks:
    """The clocks of `here`; one question where the reader is told every cell, else one for each use.

    What is hidden of a unit would be missing in the sums, which are told exactly when they are asked for.
    """
    today = Period(as_of, as_of)
    finest = Question((OPEN,), today, as_of, split=(part, "unit", CLOCK), filters=here)
    if warehouse.is_exact(finest):
        every = data.ask(warehouse, finest)
        return Clocks(every, every, every)
    splits = (CLOCK,), (part, CLOCK), ("unit", CLOCK)
    return Clocks(*(data.ask(warehouse, Question((OPEN,), today, as_of, by, filters=here)) for by in splits))

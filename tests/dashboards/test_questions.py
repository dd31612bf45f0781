"""What the boards ask: metrics are defined and worked by hand, parts make the whole, filters only narrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboards import data, filters
from queries.dimensions import DIMENSIONS
from queries.errors import UnknownDimension
from queries.execute import Warehouse, open_warehouse
from queries.metric import (
    ClearedWeeks,
    Concentration,
    Metric,
    Persons,
    Population,
    Product,
    Quantile,
    Ratio,
    Survival,
)
from queries.metrics import CATALOG, metrics
from queries.question import Filter, Question
from queries.vocabulary import Compare, Text
from tests.dashboards.conftest import noting, shown
from tests.dashboards.test_boards import BOARDS, STATE, draw_board
from tests.queries.metrics.test_metrics import WORKED

# Sums of floats in another order differ in the last places.
CLOSE = 1e-9
# A run for each board; what fails is drawn again first. Raise both to look for longer.
EXAMPLES = 2
NARROWED = 6  # questions of a page to which filters are added


@dataclass
class Offered:
    """What a reader may choose on a board: the codes of each control, the first and last day of each date."""

    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    days: dict[str, tuple[date, date]] = field(default_factory=dict)

    def choices(self) -> st.SearchStrategy[dict[str, str]]:
        """Any of them, as an address says it."""
        codes = {key: st.sampled_from(allowed) for key, allowed in self.codes.items()}
        days = {key: st.dates(first, last).map(date.isoformat) for key, (first, last) in self.days.items()}
        return st.fixed_dictionaries(codes | days)


@contextmanager
def offering() -> Iterator[Offered]:
    """Notes what the controls of a page offer."""
    offered, chosen, day = Offered(), filters.chosen, filters.day

    def note_codes(key: str, allowed: Sequence[str], default: str) -> str:
        if allowed:
            offered.codes[key] = tuple(allowed)
        return chosen(key, allowed, default)

    def note_days(key: str, label: Text, first: date, last: date) -> date:
        offered.days[key] = (first, last)
        return day(key, label, first, last)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filters, "chosen", note_codes)
        patch.setattr(filters, "day", note_days)
        yield offered


@pytest.fixture(scope="module")
def opened(demo_warehouse: Path) -> Iterator[Warehouse]:
    """The small demo city, asked beside the boards."""
    warehouse = open_warehouse(demo_warehouse)
    yield warehouse
    warehouse.close()


def asked_by(board: str, directory: Path, choices: dict[str, str]) -> list[Question]:
    """The questions that a board asks when nothing is known yet, each once."""
    data.forget()
    with noting() as noted, pytest.MonkeyPatch.context() as patch:
        page = shown(draw_board(board, directory, patch, **choices))
    assert STATE not in page or "没有符合条件的数据" in page or "Nothing matches" in page
    return list(dict.fromkeys(noted.questions))


@cache
def offered_by(board: str, directory: Path) -> Offered:
    """What a reader may choose on a board at its first sight."""
    with offering() as offered, pytest.MonkeyPatch.context() as patch:
        draw_board(board, directory, patch)
    return offered


def additive(metric: Metric) -> tuple[str, ...]:
    """The counts of a metric whose parts add up to the whole, by the columns they stand in."""
    numerator, denominator = f"{metric.key}_numerator", f"{metric.key}_denominator"
    match metric.formula:
        case Ratio(denominator=None) | Ratio(denominator=Population()):
            return (numerator,)
        case Ratio():
            return (numerator, denominator)
        case Product() | Quantile() | Survival() | Concentration():
            return (denominator,)
        case _:
            return ()


def narrowing(metric: Metric) -> tuple[str, ...]:
    """The counts of a metric that a further filter never raises."""
    more = {Persons: "_numerator", Concentration: "_numerator", ClearedWeeks: "_denominator"}
    suffix = more.get(type(metric.formula))
    return (*additive(metric), *([f"{metric.key}{suffix}"] if suffix else []))


def counts(question: Question) -> list[str]:
    """Every column of the answer to `question` that adds up, those of its comparisons included."""
    found: list[str] = []
    for metric in metrics(question.metrics):
        own = additive(metric)
        found += own
        if Compare.YTD in question.compare:
            found += [column.replace(metric.key, f"{metric.key}_ytd", 1) for column in own]
        if isinstance(metric.formula, Ratio) and metric.formula.denominator is None:
            found += [f"{metric.key}_{one.value}_base" for one in question.compare if one is not Compare.YTD]
    return found


def labelled(frame: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """`columns` summed by `keys`; a sum of nothing known is not known."""
    if not keys:
        return frame[list(columns)].sum(min_count=1).to_frame().T
    return frame.groupby(list(keys))[list(columns)].sum(min_count=1)


def time_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in ("bucket", "window_end") if name in frame]


def require_sum(warehouse: Warehouse, question: Question) -> None:
    """The parts of every split of `question`, 未明确 included, make the answer without a split."""
    columns = counts(question)
    if not question.split or not columns:
        return
    parts = warehouse.ask(question).frame
    whole = warehouse.ask(replace(question, split=())).frame
    keys = time_of(whole)
    summed, single = labelled(parts, keys, columns), labelled(whole, keys, columns)
    if not len(parts):
        summed = single.where(single.isna(), 0.0)
    summed = summed.reindex(single.index)
    for column in columns:
        one, other = summed[column].fillna(0).to_numpy(), single[column].fillna(0).to_numpy()
        assert np.allclose(one, other, rtol=CLOSE, atol=CLOSE), (
            f"{column} by {', '.join(question.split)}: parts {one.sum():g}, whole {other.sum():g}; {question}"
        )


def disjoint(warehouse: Warehouse, question: Question, chance: Random) -> tuple[Filter, Filter] | None:
    """Two filters on one dimension that `question` does not filter yet, without a common member."""
    taken = {one.dimension for one in question.filters}
    keys = [
        key for key, one in DIMENSIONS.items() if key not in taken and (one.members is not None or one.names)
    ]
    chance.shuffle(keys)
    for key in keys:
        names = DIMENSIONS[key].names
        members = [code for code, _ in names] or [0, *warehouse.members(key)["id"].astype(int)]
        chance.shuffle(members)
        cut = chance.randint(1, max(1, len(members) // 2))
        pair = Filter(key, tuple(members[:cut])), Filter(key, tuple(members[cut : 2 * cut]))
        try:
            warehouse.statements(narrowed(question, pair[0]))
        except UnknownDimension:
            continue
        if pair[1].members:
            return pair
    return None


def narrowed(question: Question, more: Filter) -> Question:
    """`question` under one more filter, without comparison."""
    return replace(question, filters=(*question.filters, more), compare=())


def require_narrower(warehouse: Warehouse, question: Question, chance: Random) -> None:
    """A further filter raises no count, row by row; two disjoint ones add up to the filter of both."""
    pair = disjoint(warehouse, question, chance)
    if pair is None:
        return
    columns = [column for one in metrics(question.metrics) for column in narrowing(one)]
    sums = [column for one in metrics(question.metrics) for column in additive(one)]
    if not columns:
        return
    both = Filter(pair[0].dimension, (*pair[0].members, *pair[1].members))
    wide, *narrow = (
        warehouse.ask(one).frame
        for one in (replace(question, compare=()), *(narrowed(question, each) for each in (*pair, both)))
    )
    keys = [*question.split, *time_of(wide)]
    every, first, second, union = (labelled(one, keys, columns).fillna(0) for one in (wide, *narrow))
    for part in (first, second, union):
        outside = part.index.difference(every.index)
        assert not len(outside) or (part.loc[outside] == 0).all(axis=None), (
            f"{question}: {pair} adds {outside}"
        )
        above = (part - every.reindex(part.index).fillna(0)).max() > CLOSE * 1e3
        assert not above.any(), f"{question} under {pair}: {list(above[above].index)} rise"
    rows = every.index.union(union.index)
    if sums:
        together = sum(one[sums].reindex(rows).fillna(0) for one in (first, second))
        assert np.allclose(together, union[sums].reindex(rows).fillna(0), rtol=CLOSE, atol=CLOSE), (
            f"{question}: {pair} do not add up"
        )


@BOARDS
def test_every_number_is_of_a_defined_metric_with_a_worked_number(board: str, demo_warehouse: Path) -> None:
    for question in asked_by(board, demo_warehouse, {}):
        for key in question.metrics:
            assert key in CATALOG, f"{board} asks for {key}, which no file of queries/metrics defines"
            assert key in WORKED, f"{board} shows {key}: work a number out by hand in tests/queries/metrics"


@BOARDS
@settings(
    max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate)
)
@given(chosen=st.data(), seed=st.integers(0, 2**32))
def test_parts_make_the_whole_and_filters_only_narrow(
    board: str, demo_warehouse: Path, opened: Warehouse, chosen: st.DataObject, seed: int
) -> None:
    choices = chosen.draw(offered_by(board, demo_warehouse).choices())
    chance = Random(seed)
    questions = asked_by(board, demo_warehouse, choices)
    for question in questions:
        require_sum(opened, question)
    for question in chance.sample(questions, min(NARROWED, len(questions))):
        require_narrower(opened, question, chance)

"""Cells of the map: the weekly roll-up says what the fact says, whole weeks alone, unknown places too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import func, select

from queries.compiler import Part, Times, compile_question
from queries.execute import Warehouse, open_warehouse
from queries.metrics import metrics
from queries.question import Filter, Question, Trailing
from queries.scope import Scope
from queries.vocabulary import Grain, Period
from queries.windows import windows
from tests.queries import dozen
from tests.services.clickhouse import Cluster
from tests.services.engines import ENGINES, copied
from tests.services.postgresql import new_database
from warehouse.dialects import week_start
from warehouse.rollups import ROLLUPS
from warehouse.schema import NOT_STATED, cases
from warehouse.store import Store

KEYS = ("cases_registered", "repeat_share")
WEEKS = Period(date(2025, 1, 6), date(2026, 4, 26))  # Monday to Sunday
CELLS = (613281546583179263, 613281546585276415, 613281546587373567, None)
ROLLED_UP, BY_CATEGORY = "rollup_registered_place", "rollup_registered_cell"
FORMS: dict[str, dict[str, Any]] = {
    "by cell": {"split": ("cell",)},
    "by cell and street": {"split": ("cell", "district", "street")},
    "by cell and week": {"split": ("cell",), "grain": Grain.WEEK},
    "by street, one category": {"split": ("street",), "filters": (Filter("category1", (1,)),)},
    "one district": {"split": ("cell",), "scope": Scope((dozen.district("西湖"),))},
    "one cell": {"filters": (Filter("cell", (CELLS[0],)),)},
    "places unknown": {"filters": (Filter("cell", (NOT_STATED,)),)},
    "trailing weeks": {
        "split": ("cell",),
        "trailing": Trailing(tuple(date(2026, 4, 26) - timedelta(weeks=back) for back in (8, 4, 0)), 28),
    },
}


def rows() -> list[dozen.Row]:
    """Two hundred cases, each in a cell or, like every fourth, in none."""
    return [row | {"h3": cell} for row, cell in zip(dozen.random_cases(5, 200), cycle(CELLS), strict=False)]


@pytest.fixture(scope="module")
def with_cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("cells")
    with Store(folder).build() as connection:
        dozen.fill(connection, rows())
    return folder


@pytest.fixture(scope="module")
def cells_on_duckdb(with_cells: Path) -> Iterator[Warehouse]:
    opened = open_warehouse(with_cells)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def cells_on_postgresql(with_cells: Path, postgresql_url: str) -> Iterator[Warehouse]:
    with copied(with_cells, new_database(postgresql_url, "cells")) as opened:
        yield opened


@pytest.fixture(scope="module")
def cells_on_clickhouse(with_cells: Path, clickhouse: Cluster) -> Iterator[Warehouse]:
    with copied(with_cells, clickhouse.url("cells")) as opened:
        yield opened


@pytest.fixture(params=ENGINES)
def city(request: pytest.FixtureRequest) -> Warehouse:
    """The cases with places on one engine after the other."""
    found: Warehouse = request.getfixturevalue(f"cells_on_{request.param}")
    return found


def compiled(question: Question) -> Part:
    timed = question.grain is not None or question.trailing is not None
    (part,) = compile_question(
        question, metrics(question.metrics), Times(windows(question), timed, question.grain)
    )
    return part


@pytest.mark.parametrize("form", FORMS)
def test_the_weekly_rollup_says_what_the_fact_says(
    form: str, city: Warehouse, monkeypatch: pytest.MonkeyPatch, any_number: None
) -> None:
    question = Question(KEYS, **{"period": WEEKS, "as_of": dozen.AS_OF, **FORMS[form]})
    rolled_up = city.ask(question)
    monkeypatch.setattr("queries.compiler.ROLLUPS", ())
    from_fact = city.ask(question)
    by_category = {"category1"} & {*question.split, *(one.dimension for one in question.filters)}
    assert {sent.reads for sent in rolled_up.statements} == {BY_CATEGORY if by_category else ROLLED_UP}
    assert {sent.reads for sent in from_fact.statements} == {"cases"}
    assert len(rolled_up.frame)
    assert_frame_equal(rolled_up.frame, from_fact.frame)


def test_cells_and_places_unknown_add_up_to_the_city(city: Warehouse) -> None:
    whole = city.ask(Question(KEYS, WEEKS, dozen.AS_OF)).one("cases_registered")
    parts = city.ask(Question(KEYS, WEEKS, dozen.AS_OF, split=("cell",))).frame
    assert parts["cases_registered"].sum() == whole > 100
    assert set(parts["cell"]) == {NOT_STATED, *[cell for cell in CELLS if cell is not None]}


def test_a_part_of_a_week_is_asked_of_the_fact() -> None:
    def reads(period: Period, **more: Any) -> str:
        return compiled(Question(KEYS, period, dozen.AS_OF, split=("cell",), **more)).reads

    assert reads(WEEKS) == ROLLED_UP
    assert reads(Period(WEEKS.start, WEEKS.end - timedelta(days=1))) == "cases"
    assert reads(Period(WEEKS.start + timedelta(days=1), WEEKS.end)) == "cases"
    assert reads(WEEKS, grain=Grain.WEEK) == ROLLED_UP
    assert reads(WEEKS, grain=Grain.MONTH) == "cases"


def test_a_finer_rollup_is_not_read_where_a_smaller_one_answers() -> None:
    assert compiled(Question(KEYS, WEEKS, dozen.AS_OF, split=("street",))).reads == "rollup_registered_street"


def test_every_row_of_the_rollup_is_a_monday(cells_on_duckdb: Warehouse) -> None:
    table = next(one.table for one in ROLLUPS if one.weekly)
    with cells_on_duckdb._engine.connect() as connection:
        found = connection.execute(
            select(func.count(), func.min(table.c.registered_on)).where(
                table.c.registered_on != week_start(table.c.registered_on)
            )
        ).one()
        first = connection.execute(select(func.min(cases.c.registered_on))).scalar_one()
    assert found[0] == 0
    assert first.year == 2025


def test_the_weeks_of_cells_are_rows_as_they_come(city: Warehouse) -> None:
    """The sparse rows of a question are its dense answer without the zeros."""
    question = Question(KEYS[:1], WEEKS, dozen.AS_OF, split=("cell",), grain=Grain.WEEK)
    sparse = city.sparse(question)
    dense = city.ask(question).frame
    dense = dense[dense["cases_registered"] > 0]
    found = sparse.sort_values(["cell", "bucket"], ignore_index=True)
    assert list(found.columns) == ["cell", "bucket", "cases_registered"]
    assert found["cases_registered"].tolist() == dense["cases_registered"].tolist()
    assert found["cell"].tolist() == dense["cell"].tolist()
    assert [day.date() for day in found["bucket"]] == dense["bucket"].tolist()

"""The case clock: open items by the share of the allowed time that is used up, worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from queries.execute import Warehouse
from queries.question import Filter, Question
from queries.vocabulary import Period
from tests.queries.dozen import fill
from warehouse.engines import duckdb


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    path: Path = tmp_path_factory.mktemp("clock") / "dozen.duckdb"
    engine = duckdb.engine(path, read_only=False)
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    return Warehouse(duckdb.engine(path, read_only=True))


def clocks(warehouse: Warehouse, day: date) -> dict[int, float]:
    question = Question(("open_cases",), Period(day, day), day, split=("case_clock",))
    frame = warehouse.ask(question).frame
    return dict(zip(frame["case_clock"].astype(int), frame["open_cases"], strict=True))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # 9 and 12 are past their dates; 16 has used 255 of 734 hours, 17 207 of 734
        (date(2026, 4, 30), {1: 2, 4: 2}),
        # 15 has 720 hours from 31 March 23:00: 337 used, then 361, 529, 553
        (date(2026, 4, 14), {1: 1, 4: 2}),
        (date(2026, 4, 15), {2: 1, 4: 2}),
        (date(2026, 4, 22), {1: 2, 2: 1, 4: 2}),
        (date(2026, 4, 23), {1: 2, 3: 1, 4: 2}),
        # 7 was replied to on 14 March and closed on the 16th, 11 on the 15th and the 30th
        (date(2026, 3, 14), {1: 3, 5: 1}),
        (date(2026, 3, 15), {1: 2, 5: 2}),
    ],
)
def test_open_items_by_the_case_clock(day: date, expected: dict[int, float], warehouse: Warehouse) -> None:
    assert clocks(warehouse, day) == expected


def test_the_bands_are_all_that_is_open(warehouse: Warehouse) -> None:
    for day in (date(2026, 3, 12), date(2026, 3, 31), date(2026, 4, 30)):
        whole = warehouse.ask(Question(("open_cases",), Period(day, day), day)).one("open_cases")
        assert sum(clocks(warehouse, day).values()) == whole


def test_the_items_past_the_red_line_can_be_asked_for_alone(warehouse: Warehouse) -> None:
    day = date(2026, 4, 30)
    question = Question(
        ("open_cases",), Period(day, day), day, split=("unit",), filters=(Filter("case_clock", (4,)),)
    )
    frame = warehouse.ask(question).frame
    assert dict(zip(frame["unit"].astype(int), frame["open_cases"], strict=True)) == {0: 1.0, 2: 1.0}

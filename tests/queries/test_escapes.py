"""Every public way to rows and numbers, asked by a reader of one district for what lies outside."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from queries.cell_map import Basis, ask_cells
from queries.city_index import ask_index
from queries.drill import Drill, Side, drill_of
from queries.errors import NotAllowed
from queries.execute import Warehouse
from queries.hiding import Hiding
from queries.issue_list import ask_issues
from queries.metrics import CATALOG
from queries.policies import read_hot_spots, read_index, read_major_issues, read_privacy
from queries.question import Filter, Question
from queries.scope import CITY, Scope
from queries.statutes import ask_statutes
from queries.vocabulary import Grain, Period
from tests.queries import dozen
from tests.queries.dozen import AS_OF
from warehouse import schema

EVER = Period(date(2025, 1, 1), AS_OF)
HERE, THERE = dozen.district("上城"), dozen.district("西湖")
HIDES = Hiding(read_privacy(), b"a secret of thirty-two bytes, so")
ONLY = Scope((HERE,))
NOBODY = Scope(())
OFFICE = Scope(None, (HERE,), 5)
PRESENTER = Scope(None, (), 5)
VOLUME, CLOSED = "cases_registered", "return_probability_180"
# A question may claim whatever scope it likes.
CITYWIDE = Question((VOLUME,), EVER, AS_OF, scope=CITY)
OTHERS = Question((VOLUME,), EVER, AS_OF, filters=(Filter("district", (THERE,)),), scope=CITY)
ISSUES = Question(("major_issues_listed",), EVER, AS_OF)

# What changes nothing that can be seen: names of members, the calendar, facts about the warehouse itself.
PUBLIC = {
    *("annotations", "calendar", "close", "event_windows", "members", "records", "seen_by"),
    *("engine_name", "is_exact", "may_list"),
}


def _districts(seen: Warehouse, question: Question) -> int:
    return len(
        seen.ask(Question((VOLUME,), EVER, AS_OF, split=("district",), filters=question.filters)).frame
    )


def _curve(seen: Warehouse, question: Question) -> float:
    survival = next(key for key, one in CATALOG.items() if type(one.formula).__name__ == "Survival")
    found = seen.curve(Question((survival,), EVER, AS_OF, filters=question.filters))
    return 0 if found is None else 1


WAYS: dict[str, Callable[[Warehouse, Question], float]] = {
    "ask": lambda seen, one: float(seen.ask(one).frame[VOLUME].sum()),
    "ask, split": _districts,
    "curve": _curve,
    "statements": lambda seen, one: float(str(HERE) not in seen.statements(one)[0]),
    "items": lambda seen, one: len(seen.items(one, ("case_id",))),
    "counted_items": lambda seen, one: len(seen.counted_items(one, ("case_id",))),
    "listed": lambda seen, one: seen.listed(Drill(one, Side.COUNTED), ("case_id",), 0, 999).rows,
    "sparse": lambda seen, one: len(
        seen.sparse(
            Question((VOLUME,), EVER, AS_OF, split=("street",), grain=Grain.WEEK, filters=one.filters)
        )
    ),
    "official": lambda seen, one: len(
        seen.official(
            Drill(Question(ISSUES.metrics, EVER, AS_OF, filters=one.filters), Side.COUNTED),
            ("major_issue_id",),
        )
    ),
    "own_cases": lambda seen, _: len(
        seen.own_cases(schema.cases.select().with_only_columns(schema.cases.c.case_id))
    ),
    "about_case": lambda seen, _: sum(
        len(seen.about_case(int(case), schema.review)) for case in range(1, 18)
    ),
    "statutes": lambda seen, one: sum(
        kept.due for way in ask_statutes(seen, one) or () for kept in way.kept.values()
    ),
    "issues": lambda seen, one: len(
        ask_issues(seen, read_major_issues(), as_of=AS_OF, weeks=1, filters=one.filters).issues
    ),
    "index": lambda seen, _: float(THERE in ask_index(seen, read_index(), as_of=AS_OF, weeks=1).districts),
    "cells": lambda seen, _: _cells(seen),
}


def _cells(seen: Warehouse) -> int:
    weeks = Period(date(2026, 3, 2), date(2026, 4, 26))
    found = ask_cells(seen, Question((VOLUME,), weeks, AS_OF), Basis.COUNT, read_hot_spots())
    return 0 if found is None else int(found.totals.sum()) + found.unlocated


def test_every_public_way_is_tried() -> None:
    ways = {name.split(",")[0] for name in WAYS}
    methods = {
        name
        for name, one in inspect.getmembers(Warehouse)
        if not name.startswith("_") and (callable(one) or isinstance(one, property))
    }
    assert methods - PUBLIC <= ways


def refused(way: str, seen: Warehouse, question: Question) -> bool:
    """Whether nothing comes back."""
    try:
        return not WAYS[way](seen, question) > 0
    except NotAllowed:
        return True


@pytest.mark.parametrize(
    "way", [one for one in WAYS if one not in ("index", "own_cases", "about_case", "cells")]
)
def test_who_counts_one_district_gets_nothing_of_another(way: str, many: Warehouse) -> None:
    assert way == "curve" or not refused(way, many, OTHERS) or way == "statements"
    if way != "statements":
        assert refused(way, many.seen_by(ONLY), OTHERS)
    assert refused(way, many.seen_by(ONLY).seen_by(NOBODY), CITYWIDE) or way == "statements"
    assert "IN" in many.seen_by(ONLY).statements(CITYWIDE)[0]


def test_the_index_is_of_the_districts_that_may_be_counted(many: Warehouse) -> None:
    assert WAYS["index"](many, OTHERS)
    assert not WAYS["index"](many.seen_by(ONLY), OTHERS)


@pytest.mark.parametrize("way", ["items", "listed", "sparse"])
@pytest.mark.parametrize("scope", [OFFICE, PRESENTER], ids=["office", "presenter"])
@pytest.mark.parametrize("question", [CITYWIDE, OTHERS], ids=["city", "others"])
def test_rows_are_listed_only_where_there_is_a_right(
    way: str, scope: Scope, question: Question, many: Warehouse
) -> None:
    with pytest.raises(NotAllowed, match="outside what you may open"):
        WAYS[way](many.seen_by(scope, HIDES), question)
    own = Question((VOLUME,), EVER, AS_OF, filters=(Filter("district", (HERE,)),))
    assert WAYS[way](many.seen_by(OFFICE, HIDES), own) == WAYS[way](many, own) > 0


def test_both_districts_together_are_not_the_own_one(many: Warehouse) -> None:
    both = Question((VOLUME,), EVER, AS_OF, filters=(Filter("district", (HERE, THERE)),))
    nobody = Question((VOLUME,), EVER, AS_OF, filters=(Filter("district", ()),))
    for question in (both, nobody):
        assert not many.seen_by(OFFICE, HIDES).may_list(question)


def test_single_items_and_cells_are_those_of_the_own_district(many: Warehouse) -> None:
    office, presenter = many.seen_by(OFFICE, HIDES), many.seen_by(PRESENTER, HIDES)
    own = Question((VOLUME,), EVER, AS_OF, filters=(Filter("district", (HERE,)),))
    assert WAYS["own_cases"](office, own) == WAYS["items"](many, own) < WAYS["own_cases"](many, own)
    assert WAYS["own_cases"](presenter, own) == 0
    assert WAYS["about_case"](presenter, own) == 0
    assert _cells(presenter) == 0


@pytest.mark.parametrize("column", ["person_key", "matter_key", "lon", "lat", "h3"])
def test_persons_and_places_of_items_are_listed_to_nobody(column: str, many: Warehouse) -> None:
    for call in (many.items, many.counted_items):
        with pytest.raises(NotAllowed, match=column):
            call(CITYWIDE, (column,))
    with pytest.raises(NotAllowed, match=column):
        many.listed(Drill(CITYWIDE, Side.COUNTED), (column,), 0, 1)


def test_the_official_way_lists_no_cases(many: Warehouse) -> None:
    with pytest.raises(NotAllowed, match="major issues"):
        many.official(Drill(CITYWIDE, Side.COUNTED), ("case_id",))


def test_only_the_named_columns_are_selected(many: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    really: Any = Warehouse._sent

    def noting(self: Warehouse, connection: Any, query: Any, **how: Any) -> Any:
        sent.append(" ".join(column.key for column in query.selected_columns))
        return really(self, connection, query, **how)

    monkeypatch.setattr(Warehouse, "_sent", noting)
    frame = many.listed(Drill(CITYWIDE, Side.COUNTED), ("case_id",), 0, 9).frame
    assert list(frame.columns) == ["case_id", "adds"]
    assert sent == ["rows amount", "case_id adds"]


@pytest.mark.parametrize(
    "way", ["ask", "ask, split", "items", "counted_items", "listed", "official", "statutes"]
)
def test_without_the_narrowing_the_others_leak(
    way: str, many: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Warehouse, "_bound", lambda _self, question: question)
    assert not refused(way, many.seen_by(ONLY), OTHERS)


@pytest.mark.parametrize(("scope", "opens"), [(CITY, {HERE, THERE}), (OFFICE, {HERE}), (PRESENTER, set())])
def test_numbers_open_lists_only_where_there_is_a_right(
    scope: Scope, opens: set[int], many: Warehouse
) -> None:
    answer = many.seen_by(scope, HIDES).ask(Question((VOLUME,), EVER, AS_OF, split=("district",)))
    rows = [row for row in answer.frame.to_dict("records") if row["district"] in (HERE, THERE)]
    found = {row["district"] for row in rows if drill_of(answer.question, VOLUME, row, Side.COUNTED)}
    assert found == opens

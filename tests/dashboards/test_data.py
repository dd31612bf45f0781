"""What is kept for one reader is found by none who may see something else: the keys that are really used."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboards import access, data
from queries.cell_map import Basis
from queries.drill import Drill, Side
from queries.errors import NotAllowed, UnknownReader
from queries.execute import Warehouse
from queries.hiding import Hiding
from queries.policies import read_privacy
from queries.question import Filter, Question
from queries.scope import CITY, Scope
from queries.vocabulary import Period
from tests.dashboards.conftest import Become
from warehouse.store import DIRECTORY_VARIABLE

HIDES = Hiding(read_privacy(), b"a secret of thirty-two bytes, so")
# Everything that may differ, one thing at a time; two with the same districts differ in cases or in k.
SCOPES = (
    CITY,
    Scope((2,)),
    Scope((4,)),
    Scope(()),
    Scope(None, (), 5),
    Scope(None, (), 10),
    Scope(None, (2,), 5),
    Scope((2, 4), (2,), 5),
    Scope((2, 4), (4,), 5),
)
PAIRS = list(itertools.permutations(SCOPES, 2))


@pytest.fixture
def city(dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> Warehouse:
    """The dozen cases as the server has them open, bound to nobody."""
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(dozen_directory))
    return data.city_warehouse()


@pytest.fixture
def question(city: Warehouse) -> Question:
    """Items of the city's last year, which every scope may ask for."""
    as_of = city.info.as_of
    return Question(("cases_registered",), Period(as_of.replace(year=as_of.year - 1), as_of), as_of)


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=repr)
def test_figures_of_one_reader_are_not_found_by_another(one: Scope, other: Scope, city: Warehouse) -> None:
    first, second = city.seen_by(one, HIDES), city.seen_by(other, HIDES)
    key = ("board", "choices", "zh", "light")
    assert data.drawn(first, key, lambda: "of the first") == "of the first"
    assert data.drawn(second, key, lambda: "of the second") == "of the second"
    assert data.drawn(city.seen_by(one, HIDES), key, lambda: "drawn again") == "of the first"


def test_each_entry_is_asked_anew_for_another_scope(
    city: Warehouse, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every function that keeps something, with the same words by every scope: never what was kept before."""
    kept: dict[str, tuple[Any, str, Callable[[Warehouse], object]]] = {
        "ask": (Warehouse, "ask", lambda seen: data.ask(seen, question)),
        "listed": (
            Warehouse,
            "listed",
            lambda seen: data.listed(seen, Drill(question, Side.COUNTED), ("case_id",), 0, 9),
        ),
        "statutes": (data, "ask_statutes", lambda seen: data.statutes(seen, question)),
        "index": (data, "ask_index", lambda seen: data.city_index(seen, question.as_of)),
        "issues": (data, "ask_issues", lambda seen: data.issues(seen, question.as_of)),
        "cells": (data, "ask_cells", lambda seen: data.cell_map(seen, question, Basis.COUNT)),
    }
    for name, (place, asked, call) in kept.items():
        monkeypatch.setattr(place, asked, lambda seen, *_, **__: repr(seen.scope))
        for scope in (*SCOPES, *SCOPES[::-1]):
            assert call(city.seen_by(scope, HIDES)) == repr(scope), name


def test_a_key_without_the_scope_would_leak(city: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_key", lambda seen, asked: (seen.info.version, repr(asked)))
    data.drawn(city, ("board",), lambda: "of the city")
    assert data.drawn(city.seen_by(Scope(())), ("board",), lambda: "of nobody") == "of the city"


def test_a_page_gets_the_readers_warehouse(city: Warehouse, become: Become) -> None:
    become("district", "330102")
    bound = data.warehouse()
    assert (bound.scope.districts, bound.scope.cases, bound.scope.smallest) == (None, (2,), 5)
    assert bound.hiding is not None
    become("presenter")
    assert data.warehouse().scope == Scope(None, (), 5)
    become("leader")
    assert data.warehouse().scope == CITY
    assert city.scope == CITY


def test_without_a_reader_there_is_no_warehouse(city: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> None:
        raise UnknownReader("Nobody is signed in on this page; open the suite's address again.")

    monkeypatch.setattr(access, "reader", nobody)
    with pytest.raises(UnknownReader):
        data.warehouse()


def test_what_was_listed_for_one_office_is_refused_to_another(city: Warehouse, question: Question) -> None:
    own = Question(question.metrics, question.period, question.as_of, filters=(Filter("district", (2,)),))
    drill = Drill(own, Side.COUNTED)
    office, other = (city.seen_by(Scope(None, (one,), 5), HIDES) for one in (2, 4))
    assert data.listed(office, drill, ("case_id",), 0, 9).rows > 0
    with pytest.raises(NotAllowed):
        data.listed(other, drill, ("case_id",), 0, 9)

"""A question is one frozen value, and says at once where it contradicts itself."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from queries.errors import BadQuestion, QueryError, did_you_mean
from queries.question import Filter, Question, Trailing
from queries.scope import CITY, Scope
from queries.vocabulary import Compare, Grain, Period

AS_OF = date(2026, 4, 30)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def test_equal_questions_are_one_key() -> None:
    first, second = (
        Question(
            ("cases_registered",), MARCH, AS_OF, filters=(Filter("district", (2, 3)),), scope=Scope((2, 3, 4))
        )
        for _ in range(2)
    )
    assert first == second
    assert len({first, second}) == 1
    assert Question(("cases_registered",), MARCH, AS_OF).scope == CITY


def test_a_scope_makes_another_key() -> None:
    questions = {
        Question(("cases_registered",), MARCH, AS_OF, scope=scope) for scope in (CITY, Scope(()), Scope((2,)))
    }
    assert len(questions) == 3, "a cached answer of the whole city must never reach a district's reader"


def test_questions_do_not_change() -> None:
    question = Question(("cases_registered",), MARCH, AS_OF)
    with pytest.raises(FrozenInstanceError):
        question.as_of = MARCH.start  # type: ignore[misc]


def test_contradictions_are_refused_with_their_cure() -> None:
    with pytest.raises(BadQuestion, match="names at least one metric; add a key"):
        Question((), MARCH, AS_OF)
    with pytest.raises(BadQuestion, match="not by both; drop one"):
        Question(("open_cases",), MARCH, AS_OF, grain=Grain.WEEK, trailing=Trailing((AS_OF,), 7))
    with pytest.raises(BadQuestion, match="twice: district, unit, district; name each once"):
        Question(("open_cases",), MARCH, AS_OF, split=("district", "unit", "district"))
    with pytest.raises(BadQuestion, match="merge their members into one"):
        Question(("open_cases",), MARCH, AS_OF, filters=(Filter("district", (2,)), Filter("district", (3,))))
    assert issubclass(BadQuestion, QueryError)


def test_over_another_period_nothing_is_compared() -> None:
    question = Question(
        ("open_cases",), MARCH, AS_OF, compare=(Compare.YOY,), filters=(Filter("unit", (1,)),)
    )
    april = Period(date(2026, 4, 1), AS_OF)
    assert question.over(april) == Question(("open_cases",), april, AS_OF, filters=(Filter("unit", (1,)),))


def test_members_are_plain_values_wherever_they_come_from() -> None:
    import numpy as np

    found = Filter("district", tuple(np.array([2, 3])))
    assert found == Filter("district", (2, 3))
    assert [type(one) for one in found.members] == [int, int]
    assert Filter("stream", ("petition",)).members == ("petition",)


def test_near_names_are_offered() -> None:
    assert did_you_mean("distrct", ("street", "district", "unit")) == "did you mean district, street?"
    assert did_you_mean("?", ("b", "a")) == "did you mean a, b?"

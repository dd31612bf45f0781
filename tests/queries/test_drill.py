"""A number and the list behind it agree: for every metric, side, split and time form, on every engine."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.drill import MOST_SIGNS, Drill, Side, decoded, drill_of, encoded, sides, table_of
from queries.errors import BadQuestion, QueryError
from queries.execute import Warehouse
from queries.metrics import CATALOG
from queries.question import Filter, Question, Trailing
from queries.scope import Scope
from queries.vocabulary import Grain, Period
from tests.queries.dozen import AS_OF, district, street

EVER = Period(date(2025, 1, 1), AS_OF)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
FORMS: tuple[dict[str, Any], ...] = (
    {"period": MARCH, "as_of": date(2026, 4, 3)},
    {"grain": Grain.YEAR},
    {"trailing": Trailing((date(2026, 3, 13), AS_OF), 84, lag=5)},
    {"filters": (Filter("district", (district("上城"),)),), "split": ("district",)},
)
OFFERED = [(key, side) for key, metric in CATALOG.items() for side in sides(metric)]


def asked(metric: str, form: dict[str, Any]) -> Question:
    """A question of one metric over everything, changed by `form`."""
    return Question(**{"metrics": (metric,), "period": EVER, "as_of": AS_OF, **form})


def expected(row: dict[Any, Any], metric: str, side: Side) -> float:
    """The number of the row that the list must add up to; nothing where nothing was counted."""
    above, below = (float(row[f"{metric}_{part}"]) for part in ("numerator", "denominator"))
    found = {Side.COUNTED: above, Side.WHOLE: below, Side.REST: below - above}[side]
    return 0.0 if math.isnan(found) else found


def check(warehouse: Warehouse, metric: str, side: Side, form: dict[str, Any]) -> None:
    """Every row of the answer against its list."""
    question = asked(metric, form)
    for row in warehouse.ask(question).frame.to_dict("records"):
        drill = drill_of(question, metric, row, side)
        assert drill is not None
        key = next(iter(table_of(drill).primary_key.columns)).name
        found = warehouse.listed(drill, (key,), 0, 10_000)
        assert found.amount == pytest.approx(expected(row, metric, side), abs=1e-9), (row, drill)
        assert len(found.frame) == found.rows
        assert found.frame["adds"].sum() == pytest.approx(found.amount, abs=1e-9)
        assert decoded(encoded(drill)) == drill


@pytest.mark.parametrize(("metric", "side"), OFFERED)
def test_the_list_adds_up_to_the_number(
    warehouse: Warehouse, metric: str, side: Side, any_number: None
) -> None:
    for form in FORMS:
        check(warehouse, metric, side, form)


@pytest.mark.parametrize(("metric", "side"), OFFERED)
def test_of_many_cases_too(many: Warehouse, metric: str, side: Side, any_number: None) -> None:
    check(many, metric, side, {"split": ("district",), "as_of": date(2026, 4, 3), "period": MARCH})


def test_by_hand_the_late_replies_of_march(warehouse: Warehouse) -> None:
    """Of the worked dozen: the whole less the met is what the table WHEN shows as late or never replied."""
    question = asked("replied_on_time_all", {"period": MARCH})
    (row,) = warehouse.ask(question).frame.to_dict("records")
    found = {
        side: set(
            warehouse.listed(drill, ("case_id",), 0, 99).frame["case_id"]
            if (drill := drill_of(question, "replied_on_time_all", row, side))
            else ()
        )
        for side in Side
    }
    assert found[Side.COUNTED] | found[Side.REST] == found[Side.WHOLE]
    assert not found[Side.COUNTED] & found[Side.REST]
    assert len(found[Side.WHOLE]) == row["replied_on_time_all_denominator"] > 0


def test_pages_follow_each_other_without_gap_or_repeat(many: Warehouse) -> None:
    question = asked("closed_share", {})
    drill = Drill(question, Side.WHOLE)
    whole = many.listed(drill, ("case_id",), 0, 10_000).frame["case_id"].tolist()
    pages = [
        many.listed(drill, ("case_id",), at, 7).frame["case_id"].tolist() for at in range(0, len(whole), 7)
    ]
    assert [one for page in pages for one in page] == whole
    assert len(set(whole)) == len(whole) > 100


def test_a_scope_keeps_the_others_cases_out(warehouse: Warehouse) -> None:
    mine = asked("cases_registered", {"scope": Scope((district("西湖"),))})
    found = warehouse.listed(Drill(mine, Side.COUNTED), ("case_id", "district_id"), 0, 99).frame
    assert set(found["district_id"]) == {district("西湖")}
    nobody = asked("cases_registered", {"scope": Scope(())})
    assert warehouse.listed(Drill(nobody, Side.COUNTED), ("case_id",), 0, 99).rows == 0


def test_names_travel_in_an_address() -> None:
    question = asked(
        "backlog_stock",
        {"filters": (Filter("leader", ("市委副书记~甲.乙", "a-b_c'd")), Filter("list_level", (1, 2)))},
    )
    drill = Drill(question, Side.COUNTED)
    assert decoded(encoded(drill)) == drill
    assert encoded(drill).isascii()


BAD = (
    "",
    "x",
    "cases_registered~n~20260101~20260131",
    "cases_registered~n~20260131~20260101~20260401",
    "cases_registered~n~2026013~20260101~20260401",
    "cases_registered~n~20261301~20261401~20260401",
    "cases_registered~d~20260101~20260131~20260401",
    "repeat_petitioners~n~20260101~20260131~20260401",
    "cases_registered~n~20260101~20260131~20260401~district-",
    "cases_registered~n~20260101~20260131~20260401~district-x",
    "cases_registered~n~20260101~20260131~20260401~district-１",
    "cases_registered~n~20260101~20260131~20260401~district-1~district-2",
    "cases_registered~n~20260101~20260131~20260401~district-" + ".".join("1" * 401),
    "cases_registered~n~20260101~20260131~20260401~password-1",
    "no_such_metric~n~20260101~20260131~20260401",
    "cases_registered~n~20260101~20260131~20260401~leader-'" + "x" * MOST_SIGNS,
)


@pytest.mark.parametrize("word", BAD)
def test_a_forged_address_is_refused_in_one_sentence(word: str) -> None:
    with pytest.raises(QueryError):
        decoded(word)


@given(st.text(max_size=60), st.sampled_from(OFFERED))
def test_no_text_breaks_the_decoder(text: str, offered: tuple[str, Side]) -> None:
    good = encoded(Drill(asked(offered[0], {}), offered[1]))
    for word in (text, f"{good}~{text}", good.replace("n~", text), good + text):
        try:
            decoded(word)
        except QueryError:
            continue


def test_nothing_is_offered_for_distinct_persons_and_cleared_weeks() -> None:
    assert sides(CATALOG["repeat_petitioners"]) == ()
    assert sides(CATALOG["dynamic_zero"]) == ()
    row = {"repeat_petitioners": 3.0}
    assert drill_of(asked("repeat_petitioners", {}), "repeat_petitioners", row, Side.COUNTED) is None


def test_a_side_without_list_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(BadQuestion):
        warehouse.listed(Drill(asked("dynamic_zero", {}), Side.WHOLE), ("case_id",), 0, 9)


def test_a_street_narrows_a_district(warehouse: Warehouse) -> None:
    question = asked("cases_registered", {"split": ("district", "street")})
    answer = warehouse.ask(question)
    row = next(r for r in answer.frame.to_dict("records") if r["street"] == street("西湖", "三墩镇"))
    drill = drill_of(question, "cases_registered", row, Side.COUNTED)
    assert drill is not None
    assert {one.dimension: one.members for one in drill.question.filters} == {
        "district": (district("西湖"),),
        "street": (street("西湖", "三墩镇"),),
    }

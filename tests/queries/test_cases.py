"""Items are found by what they are, only where they may be opened, and one life says what happened when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.cases import CONCEALED, LISTED, MOST_WORDS, TOLD, Life, Search, cleaned, life, search, words_of
from queries.errors import BadQuestion, NotAllowed
from queries.execute import Warehouse
from queries.question import Filter
from queries.scope import Scope
from queries.vocabulary import Period
from tests.queries.dozen import AS_OF, district, street
from warehouse.schema import case_history, cases, review

EVER = Search(Period(date(2025, 5, 1), AS_OF), AS_OF)
SHANGCHENG = Scope(cases=(district("上城"),))


def found(warehouse: Warehouse, asked: Search) -> list[int]:
    page = search(warehouse, asked, 0, 100)
    ids = [int(one) for one in page.frame["case_id"]]
    assert page.rows == len(ids)
    return ids


def opened(warehouse: Warehouse, case_id: int) -> Life:
    told = life(warehouse, case_id)
    assert told is not None
    return told


def test_the_newest_come_first_and_pages_follow_each_other(warehouse: Warehouse) -> None:
    everything = found(warehouse, EVER)
    assert everything[:4] == [17, 16, 15, 14]
    assert len(everything) == 15
    second = search(warehouse, EVER, 4, 4)
    assert list(second.frame["case_id"]) == everything[4:8]
    assert (second.rows, second.first) == (15, 4)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"number": "no-1"}, [1]),  # registered before the period: a number is looked for on any day
        ({"number": "no-1%"}, []),
        ({"number": "no_1"}, []),
        ({"words": ("停车费",)}, [7]),
        ({"words": ("停车费", "再次")}, [7]),
        ({"words": ("停车费", "上涨")}, []),
        ({"words": ("100%",)}, [6]),
        ({"words": ("_100",)}, [6]),
        ({"words": ("%",)}, [6]),
        ({"words": ("___",)}, []),
        ({"words": ("' OR 1=1 --",)}, []),
        ({"words": ("\\",)}, []),
        ({"is_overdue": True}, [15, 13, 12, 9, 7]),
        ({"is_dissatisfied": True}, [7]),
        ({"filters": (Filter("repeat", (1,)),)}, [17, 16, 14, 13, 8, 7]),
        ({"filters": (Filter("stage", (2,)),)}, [17, 12]),
        ({"filters": (Filter("unit", (3,)),)}, [15, 8, 3]),
        ({"filters": (Filter("stream", ("petition",)), Filter("category1", (1,)))}, [14, 12, 11, 8, 3]),
        ({"period": Period(date(2026, 3, 4), date(2026, 3, 6))}, [8, 7]),
    ],
)
def test_each_condition_finds_what_meets_it(
    change: dict[str, object], expected: list[int], warehouse: Warehouse
) -> None:
    assert found(warehouse, replace(EVER, **change)) == expected  # type: ignore[arg-type]


def test_two_conditions_both_hold(warehouse: Warehouse) -> None:
    here = Filter("street", (street("上城", "清波街道"),))
    assert found(warehouse, replace(EVER, filters=(here,), is_overdue=True)) == [7]


def test_only_what_may_be_opened_is_found(warehouse: Warehouse) -> None:
    mine = warehouse.seen_by(SHANGCHENG)
    everything = found(mine, EVER)
    assert everything == [17, 14, 11, 7, 5, 4]
    assert found(mine, replace(EVER, number="no-8")) == []
    assert found(mine, replace(EVER, words=("物业",))) == []
    elsewhere = Filter("district", (district("萧山"),))
    assert found(mine, replace(EVER, filters=(elsewhere,))) == []
    assert found(warehouse.seen_by(Scope(cases=())), EVER) == []
    assert found(warehouse.seen_by(Scope(districts=(), cases=None)), EVER) == []
    assert found(mine.seen_by(Scope(cases=(district("西湖"),))), EVER) == []


@pytest.mark.parametrize("case_id", [8, 10, 999, 0, -1, 2**62])
def test_an_item_of_others_is_answered_as_one_that_does_not_exist(case_id: int, warehouse: Warehouse) -> None:
    mine = warehouse.seen_by(SHANGCHENG)
    assert life(mine, case_id) is None
    assert mine.about_case(case_id, case_history).empty
    assert mine.about_case(case_id, review).empty


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    own=st.sets(st.integers(0, 14), max_size=3),
    asked=st.sets(st.integers(0, 14), max_size=3),
    words=st.text(max_size=8),
    number=st.text(max_size=8),
)
def test_no_search_leaves_the_scope(
    own: set[int], asked: set[int], words: str, number: str, many: Warehouse
) -> None:
    mine = many.seen_by(Scope(cases=tuple(own)))
    filters = (Filter("district", tuple(asked)),) if asked else ()
    one = replace(EVER, filters=filters, words=words_of(words), number=cleaned(number, 60))
    for wanted in (one, replace(one, words=(), number="")):
        page = search(mine, wanted, 0, 1000)
        assert set(page.frame["district_id"]) <= own
        assert page.rows == len(page.frame)


def test_persons_and_places_are_never_selected(warehouse: Warehouse) -> None:
    secret = {"person_key", "matter_key", "lon", "lat", "h3"}
    assert not secret & {*LISTED, *TOLD}
    for name in secret:
        with pytest.raises(NotAllowed, match=name):
            warehouse.own_cases(cases.select().with_only_columns(cases.c[name]))
    told = opened(warehouse, 7)
    assert secret <= CONCEALED
    assert not secret & set(told.case)


def test_the_clocks_of_a_life(warehouse: Warehouse) -> None:
    """Case 7: accepted in time, replied a day late (due 13 March 23:00, replied 14 March 21:00)."""
    told = {clock.stage: clock for clock in opened(warehouse, 7).clocks}
    assert next(iter(told)) == "registered_at"
    assert told["transferred_at"].taken == timedelta(days=1)
    assert told["accepted_at"].over == datetime(2026, 3, 6, 21) - datetime(2026, 3, 19, 23)
    assert told["replied_at"].over == timedelta(hours=22)
    assert not any(clock.is_waiting for clock in told.values())


def test_an_item_waits_in_the_stage_after_the_last_it_has_reached(warehouse: Warehouse) -> None:
    """Case 12: transferred, never accepted; both its limits had passed by the end of 30 April."""
    end = datetime(2026, 5, 1)
    told = {clock.stage: clock for clock in opened(warehouse, 12).clocks}
    assert [name for name, clock in told.items() if clock.is_waiting] == ["accepted_at"]
    assert told["accepted_at"].taken == end - datetime(2026, 3, 16, 15)
    assert told["accepted_at"].over == end - datetime(2026, 3, 31, 23)
    assert told["replied_at"].over == end - datetime(2026, 3, 25, 23)
    # the reply to case 16 is due on 20 May at 23
    waiting = {clock.stage: clock for clock in opened(warehouse, 16).clocks}["replied_at"]
    assert waiting.over == -timedelta(days=19, hours=23)
    # case 17 waits for acceptance; its reply is neither late nor waited for yet
    assert {clock.stage: clock for clock in opened(warehouse, 17).clocks}["replied_at"].over is None


def test_corrections_tell_what_stood_before_and_after(warehouse: Warehouse) -> None:
    told = opened(warehouse, 7).changes
    shown = [(one.field, one.old, one.is_concealed) for one in told]
    assert shown == [
        ("unit_id", 3, False),
        ("accepted_at", None, False),
        ("unit_id", 2, False),
        ("person_key", None, True),
        ("reply_due_at", "2026-03-12T23:00:00", False),
    ]
    assert [one.new for one in told] == [1, datetime(2026, 3, 6, 21), 3, None, datetime(2026, 3, 13, 23)]
    assert "41" not in str(told)


def test_earlier_items_of_the_matter_and_reviews(warehouse: Warehouse) -> None:
    told = opened(warehouse, 17)
    assert [one["case_id"] for one in told.earlier] == [7, 4]
    assert [(one.kind, one.score) for one in opened(warehouse, 7).reviews] == [(1, 85), (4, 93)]
    assert opened(warehouse, 1).earlier == ()


def test_earlier_items_elsewhere_are_not_told(warehouse: Warehouse) -> None:
    """Case 14 is the second item of case 5's matter, both in 上城; seen from another district neither is."""
    assert [one["case_id"] for one in opened(warehouse.seen_by(SHANGCHENG), 14).earlier] == [5]
    assert life(warehouse.seen_by(Scope(cases=(district("西湖"),))), 14) is None


def test_a_petition_is_held_against_every_statute(warehouse: Warehouse) -> None:
    """Case 8, registered 6 March 12:00, accepted on the 7th, replied on the 18th."""
    told = {one.name.zh: one for one in opened(warehouse, 8).profiles}
    due, over = told["信访工作条例（2022）"].due["reply"]
    assert due == datetime(2026, 5, 6, 23, 59, 59)
    assert over < timedelta(0)
    assert told["信访工作条例（2022）"].due["notify"][1] > timedelta(
        0
    )  # noticed on the 25th, due on the 21st
    assert opened(warehouse, 7).profiles == ()


def test_a_search_says_what_it_cannot_do() -> None:
    with pytest.raises(BadQuestion, match="366 days"):
        replace(EVER, period=Period(date(2024, 1, 1), AS_OF), words=("停车",))
    with pytest.raises(BadQuestion, match="village"):
        replace(EVER, filters=(Filter("village", (1,)),))


def test_what_is_typed_is_cleaned() -> None:
    assert cleaned(" a\x00b\u202ec\n ", 60) == "abc"
    assert len(words_of(" ".join(map(str, range(20))))) == MOST_WORDS
    assert words_of("停车 停车") == ("停车",)

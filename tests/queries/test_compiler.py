"""Questions become SQL: one clock a statement, on the smallest table that answers, for three engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from clickhouse_connect.cc_sqlalchemy.dialect import ClickHouseDialect
from pandas.testing import assert_frame_equal
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from queries.answer import spelled
from queries.compiler import Part, Times, answering_rollup, compile_question
from queries.dimensions import DIMENSIONS
from queries.errors import UnknownDimension
from queries.execute import Warehouse
from queries.metrics import CATALOG, metrics
from queries.question import Filter, Question, Trailing
from queries.scope import Scope
from queries.vocabulary import Compare, Grain, Period
from queries.windows import windows
from tests.queries.dozen import AS_OF
from tests.queries.offers import offered, tables
from warehouse import measures as m

EVER = Period(date(2025, 1, 1), AS_OF)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
WINDOWS = Trailing((date(2026, 3, 31), AS_OF), 28)
MANY_WINDOWS = Trailing(tuple(AS_OF - timedelta(weeks=back) for back in reversed(range(9))), 84, lag=7)
TIMES: dict[str, dict[str, Any]] = {
    "whole": {},
    "trailing": {"trailing": WINDOWS},
    **{grain.value: {"grain": grain} for grain in Grain if grain is not Grain.DAY},
    "day": {"grain": Grain.DAY, "period": MARCH},
}


class OtherClickHouse(ClickHouseDialect):
    """The same engine under the name that the other driver gives it."""

    name = "clickhouse"


def compiled(question: Question) -> tuple[Part, ...]:
    timed = question.grain is not None or question.trailing is not None
    times = Times(windows(question), timed, question.grain)
    return compile_question(question, metrics(question.metrics), times)


def texts(question: Question, dialect: Dialect) -> list[str]:
    return [spelled(part.select, dialect) for part in compiled(question)]


# Three engines. ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", TIMES)
@pytest.mark.parametrize("cut", DIMENSIONS)
def test_every_metric_with_every_split_and_time_compiles_for_clickhouse(cut: str, form: str) -> None:
    question = Question(
        offered(cut), **{"period": EVER, "as_of": AS_OF, **TIMES[form]}, split=(cut,), scope=Scope((2, 3))
    )
    for text in texts(question, ClickHouseDialect()):
        assert "::" not in text
        assert "date_diff(" not in text  # DuckDB's own word


@pytest.mark.parametrize("form", TIMES)
def test_both_names_of_clickhouse_spell_the_same(form: str) -> None:
    question = Question(tuple(CATALOG), **{"period": EVER, "as_of": AS_OF, **TIMES[form]})
    assert texts(question, ClickHouseDialect()) == texts(question, OtherClickHouse())


def test_the_quirks_of_each_engine() -> None:
    question = Question(("median_days",), EVER, AS_OF, grain=Grain.WEEK)
    (click,) = texts(question, ClickHouseDialect())
    (postgres,) = texts(question, postgresql.dialect())  # type: ignore[no-untyped-call]
    assert "quantileExactInclusive(0.5)(dateDiff('second'," in click
    assert "toMonday(" in click
    assert "percentile_cont(CAST(0.5 AS DOUBLE PRECISION)) WITHIN GROUP (ORDER BY" in postgres
    assert "date_trunc('week'" in postgres


def test_an_engine_without_a_spelling_fails_at_once() -> None:
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.exc import CompileError

    with pytest.raises(CompileError):
        texts(Question(("median_days",), EVER, AS_OF), sqlite.dialect())


# One clock a statement. -------------------------------------------------------------------------


def test_two_clocks_never_share_a_statement() -> None:
    parts = compiled(Question(("cases_registered", "replied_on_time", "satisfaction"), MARCH, AS_OF))
    assert [part.slots for part in parts] == [
        ("cases",),
        ("reply_met", "reply_due"),
        ("satisfied", "mostly_satisfied", "rated"),
    ]
    for part, clock in zip(parts, ("registered_on", "reply_due_on", "evaluated_on"), strict=True):
        text = spelled(part.select, ClickHouseDialect())
        assert f"`{clock}` BETWEEN" in text.replace(f".{clock} ", f".`{clock}` ")
        assert text.count("BETWEEN") == 1


def test_measures_of_one_clock_do_share_one() -> None:
    keys = ("cases_registered", "first_time_cases", "online_share", "people_registered", "cases_per_10k")
    (part,) = compiled(Question(keys, MARCH, AS_OF))
    assert part.slots == ("cases", "first_time", "petitions_online", "petitions", "people")


def test_windows_that_overlap_read_a_daily_sum_of_the_rollup() -> None:
    (part,) = compiled(
        Question(("cases_registered",), EVER, AS_OF, split=("district",), trailing=MANY_WINDOWS)
    )
    assert part.reads == "rollup_registered_street"
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    text = spelled(part.select, dialect)
    assert "GROUP BY rollup_registered_street.registered_on, rollup_registered_street.district_id)" in text
    (few,) = compiled(Question(("cases_registered",), EVER, AS_OF, split=("district",), trailing=WINDOWS))
    assert "daily" not in spelled(few.select, dialect)


def test_persons_are_counted_once_for_all_that_is_told_of_them() -> None:
    keys = ("repeat_petitioners", "repeat_concentration", "time_to_return")
    persons, curve = compiled(Question(keys, MARCH, AS_OF))
    assert persons.special == ("repeat_petitioners", "repeat_concentration")
    assert curve.special == ("time_to_return",)


def test_no_ratio_is_computed_by_an_engine() -> None:
    ratios = tuple(key for key, one in CATALOG.items() if type(one.formula).__name__ in {"Ratio", "Product"})
    for text in texts(Question(ratios, MARCH, AS_OF, split=("district",)), ClickHouseDialect()):
        assert "/" not in text


# The smallest table that answers. ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "splits", "answered_by"),
    [
        (m.CASES, (), "registered_street"),
        (m.CASES, ("district", "street", "peer_group"), "registered_street"),
        (m.CASES, ("category1", "stream"), "registered_category"),
        (m.CASES, ("street", "channel"), None),
        (m.CASES, ("unit",), None),
        (m.CASES, ("category3",), None),
        (m.CLOSED, (), "closed_street"),
        (m.RESOLVED_FIRST_RETURNED, (), "returns_district"),  # needs the second date
        (m.RETURNED_WITHIN[90], ("street",), "returns_street"),
        (m.RETURNED_WITHIN[90], ("channel",), "returns_category"),
        (m.OPEN_CASES, ("district",), "lifetimes"),
        (m.OPEN_CASES, ("street",), None),
        (m.BACKLOG_ON_HAND, (), None),  # a short list: the fact itself
    ],
)
def test_the_smallest_rollup_that_can_answer(
    measure: m.Measure, splits: tuple[str, ...], answered_by: str | None
) -> None:
    found = answering_rollup(measure, splits)
    assert (found.key if found else None) == answered_by


def test_filters_and_scope_choose_the_table_too() -> None:
    def reads(**asked: Any) -> str:
        (part,) = compiled(Question(("cases_registered",), MARCH, AS_OF, **asked))
        return part.reads

    assert reads() == "rollup_registered_street"
    assert reads(filters=(Filter("channel", (1,)),)) == "rollup_registered_category"
    assert reads(filters=(Filter("unit", (1,)),)) == "cases"
    assert reads(filters=(Filter("street", (20,)),), scope=Scope((2,))) == "rollup_registered_street"


def test_the_overview_reads_no_fact() -> None:
    """Whatever the index and the first board ask by district is answered without touching the cases."""
    special = ("Quantile", "Persons", "Concentration", "Survival")
    keys = tuple(key for key, one in CATALOG.items() if type(one.formula).__name__ not in special)
    for form in TIMES.values():
        question = Question(keys, **{"period": EVER, "as_of": AS_OF, **form}, split=("district",))
        assert "cases" not in {part.reads for part in compiled(question)}


ROLLED_UP: dict[str, dict[str, Any]] = {
    "whole": {"compare": (Compare.YOY,)},
    "by month": {"grain": Grain.MONTH},
    "by district": {"split": ("district",), "compare": (Compare.YTD,)},
    "by district and quarter": {"split": ("district",), "grain": Grain.QUARTER},
    "by peer group, trailing": {"split": ("peer_group",), "trailing": WINDOWS},
    "lagging": {"trailing": Trailing((date(2026, 1, 31), AS_OF), 60, lag=45), "split": ("district",)},
    "many windows that overlap": {"trailing": MANY_WINDOWS, "split": ("district",)},
    "many windows of some districts": {
        "trailing": MANY_WINDOWS,
        "filters": (Filter("peer_group", ("urban",)),),
        "scope": Scope((2, 3)),
    },
    "known earlier": {"as_of": date(2025, 11, 30), "split": ("district",)},
    "one district": {"scope": Scope((2,)), "grain": Grain.YEAR},
}


@pytest.mark.parametrize("form", ROLLED_UP)
def test_the_rollups_say_what_the_fact_says(form: str, many: Warehouse, any_number: None) -> None:
    keys = tuple(key for key, one in CATALOG.items() if not hasattr(one.formula, "table"))
    _rolled_up_equals_fact(many, keys, ROLLED_UP[form])


FINER: dict[str, tuple[str, dict[str, Any]]] = {
    "by street": ("street", {"split": ("district", "street")}),
    "by category, some channels": (
        "channel",
        {"split": ("category1",), "filters": (Filter("channel", (1, 5, 7)),)},
    ),
    "by stream and month": ("channel", {"split": ("stream",), "grain": Grain.MONTH}),
}


@pytest.mark.parametrize("form", FINER)
def test_the_finer_rollups_say_what_the_fact_says(form: str, many: Warehouse, any_number: None) -> None:
    finest, asked = FINER[form]
    keys = tuple(key for key in offered(finest) if not hasattr(CATALOG[key].formula, "table"))
    _rolled_up_equals_fact(many, keys, asked)


def _rolled_up_equals_fact(warehouse: Warehouse, keys: tuple[str, ...], form: dict[str, Any]) -> None:
    question = Question(keys, **{"period": EVER, "as_of": AS_OF, **form})
    rolled_up = warehouse.ask(question)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("queries.compiler.ROLLUPS", ())
        from_fact = warehouse.ask(question)
    assert any(sent.reads.startswith("rollup_") for sent in rolled_up.statements)
    lists = {"backlog_item", "major_issue", "major_issue_week", "review"}
    assert {sent.reads for sent in from_fact.statements} <= {"cases", *lists}
    assert len(rolled_up.frame)
    assert_frame_equal(rolled_up.frame, from_fact.frame)


# What a dimension does not offer. ---------------------------------------------------------------


@pytest.mark.parametrize("cut", DIMENSIONS)
def test_a_metric_without_the_dimension_says_so(cut: str) -> None:
    missing = sorted(CATALOG.keys() - set(offered(cut)))
    for key in missing:
        lacking = "|".join(t.name for t in tables(CATALOG[key]) if DIMENSIONS[cut].column not in t.c)
        for asked in ({"split": (cut,)}, {"filters": (Filter(cut, (1,)),)}):
            with pytest.raises(UnknownDimension, match=f"{cut!r} does not exist in ({lacking}); drop it"):
                compiled(Question((key,), MARCH, AS_OF, **asked))


def test_a_joined_table_multiplies_no_row() -> None:
    """Stream and category are looked up once each, however often they are named."""
    question = Question(
        ("cases_registered",), MARCH, AS_OF, split=("stream", "category3", "category4"),
        filters=(Filter("stream", ("petition",)), Filter("category3", (2, 3))),
    )  # fmt: skip
    (part,) = compiled(question)
    assert spelled(part.select, ClickHouseDialect()).count("JOIN") == 2

"""What must hold whatever the numbers are: parts add up, less is never more, a scope is a wall."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from queries.dimensions import DIMENSIONS
from queries.execute import Warehouse, open_warehouse
from queries.metric import Persons, Population, Ratio
from queries.metrics import CATALOG
from queries.question import Filter, Question, Trailing
from queries.scope import Scope
from queries.vocabulary import Compare, Grain, Period
from tests.queries import dozen
from tests.queries.dozen import AS_OF, only_row
from tests.queries.offers import offered
from warehouse.store import Store

EVER = Period(date(2025, 1, 1), AS_OF)
ALL = tuple(CATALOG)
RATIOS = {key: one.formula for key, one in CATALOG.items() if isinstance(one.formula, Ratio)}
ADDITIVE = [
    *[f"{key}_numerator" for key in RATIOS],
    *[f"{key}_denominator" for key, one in RATIOS.items() if isinstance(one.denominator, tuple)],
]
STOCKS = {key for key, one in RATIOS.items() if any(not hasattr(t.measure, "clock") for t in one.numerator)}
COUNTS = [key for key, one in RATIOS.items() if one.denominator is None]
DISTRICTS = tuple(range(2, 15))


def held(question: Question) -> list[str]:
    """The additive columns of the metrics asked."""
    return [name for name in ADDITIVE if name.rpartition("_")[0] in question.metrics]


@pytest.fixture(scope="module")
def city(many: Warehouse) -> dozen.Row:
    """Every metric of the whole city."""
    return only_row(many.ask(Question(ALL, EVER, AS_OF)))


@pytest.mark.parametrize("cut", DIMENSIONS)
def test_the_members_add_up_to_the_whole(cut: str, many: Warehouse, city: dozen.Row) -> None:
    split = Question(offered(cut), EVER, AS_OF, split=(cut,))
    members = many.ask(split).frame
    assert members[held(split)].sum().to_dict() == pytest.approx({name: city[name] for name in held(split)})


def test_the_districts_with_the_one_not_stated_add_up(warehouse: Warehouse) -> None:
    whole = Question(ALL, EVER, AS_OF)
    city = only_row(warehouse.ask(whole))
    districts = warehouse.ask(replace(whole, split=("district",))).frame
    assert 0 in set(districts["district"])
    sums = districts[held(whole)].sum().to_dict()
    assert sums == pytest.approx({name: city[name] for name in held(whole)})


@pytest.mark.parametrize("grain", Grain)
def test_the_buckets_of_what_flows_add_up_to_the_period(
    grain: Grain, many: Warehouse, city: dozen.Row
) -> None:
    flows = tuple(key for key in RATIOS if key not in STOCKS and key != "closed_share")
    split = Question(flows, EVER, AS_OF, grain=grain)
    buckets = many.ask(split).frame
    assert buckets[held(split)].sum().to_dict() == pytest.approx({name: city[name] for name in held(split)})


def test_what_comes_in_and_goes_out_makes_the_stock(many: Warehouse) -> None:
    """On hand at the end = on hand before + registered − closed, in every month and district."""
    question = Question(
        ("cases_registered", "open_cases", "closed_share"),
        EVER,
        AS_OF,
        split=("district",),
        grain=Grain.MONTH,
    )
    for _, months in many.ask(question).frame.groupby("district"):
        carried = months["open_cases"].shift(fill_value=0)
        expected = carried + months["cases_registered"] - months["closed_share_numerator"]
        assert list(months["open_cases"]) == list(expected)
        assert list(months["closed_share_denominator"]) == list(carried + months["cases_registered"])


@pytest.mark.parametrize(
    ("cut", "wider"),
    [
        ("district", (0, 2, 4)),
        ("peer_group", ("urban", "suburban")),
        ("unit", (1, 2)),
        ("stream", ("hotline", "petition")),
        ("category3", (1, 3, 6)),
        ("repeat", (0, 1)),
        ("list_level", (2, 3)),
        ("backlog_age", (1, 3)),
    ],
)
def test_a_narrower_filter_never_counts_more(
    cut: str, wider: tuple[int | str, ...], many: Warehouse, city: dozen.Row
) -> None:
    asked = Question(offered(cut), EVER, AS_OF)
    names = [name for name in held(asked) if not name.startswith("first_time_resolution")]  # has a minus
    more, less = (
        only_row(many.ask(replace(asked, filters=(Filter(cut, some),)))) for some in (wider, wider[1:])
    )
    assert all(less[name] <= more[name] <= city[name] for name in names)
    assert any(less[name] < more[name] for name in names)


def test_filters_on_two_dimensions_both_hold(many: Warehouse) -> None:
    keys = ("cases_registered", "replied_on_time", "median_days")
    both = replace(
        Question(keys, EVER, AS_OF), filters=(Filter("stream", ("petition",)), Filter("unit", (1, 2)))
    )
    split = many.ask(replace(both, filters=(), split=("stream", "unit"))).frame
    rows = split[(split["stream"] == "petition") & split["unit"].isin((1, 2))]
    row = only_row(many.ask(both))
    assert row["cases_registered"] == rows["cases_registered"].sum() > 0
    assert row["replied_on_time_denominator"] == rows["replied_on_time_denominator"].sum() > 0


FORMS: dict[str, dict[str, Any]] = {
    "whole": {"compare": tuple(Compare)},
    "months": {"grain": Grain.MONTH},
    "trailing": {"trailing": Trailing((date(2026, 3, 31), AS_OF), 84)},
    "split": {"split": ("district",)},
    "split and filtered": {"split": ("peer_group",), "filters": (Filter("district", (2, 4, 6)),)},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("districts", [(2,), (4, 6)])
def test_a_scope_is_the_filter_on_its_districts(
    districts: tuple[int, ...], form: str, many: Warehouse
) -> None:
    asked = Question(ALL, EVER, AS_OF, **FORMS[form])
    scoped = many.ask(replace(asked, scope=Scope(districts))).frame
    others = [one for one in asked.filters if one.dimension == "district"]
    allowed = tuple(d for d in districts if all(d in one.members for one in others))
    filtered = many.ask(replace(asked, filters=(Filter("district", allowed),))).frame
    assert_frame_equal(scoped, filtered)


@pytest.mark.parametrize(
    ("form", "filters"),
    [("whole", ()), ("months", (Filter("district", (2,)),)), ("trailing", (Filter("channel", (1,)),))],
)
def test_an_empty_scope_sees_nothing(form: str, filters: tuple[Filter, ...], many: Warehouse) -> None:
    keys = offered("channel") if any(one.dimension == "channel" for one in filters) else ALL
    asked = Question(keys, EVER, AS_OF, **FORMS[form], filters=filters, scope=Scope(()))
    frame = many.ask(asked).frame
    assert (frame[held(asked)].sum() == 0).all()
    assert (frame[[key for key in COUNTS if key in keys]] == 0).all(axis=None)
    assert many.ask(replace(asked, split=("district",), compare=())).frame.empty


@pytest.mark.parametrize("cut", ["street", "unit", "channel", "repeat"])
def test_no_split_looks_over_the_wall(cut: str, many: Warehouse) -> None:
    asked = Question(("cases_registered", "repeat_petitioners"), EVER, AS_OF, split=("district", cut))
    seen = many.ask(replace(asked, scope=Scope((4,)))).frame
    everything = many.ask(asked).frame
    assert set(seen["district"]) == {4}
    assert seen["cases_registered"].sum() == everything.query("district == 4")["cases_registered"].sum()


def test_a_filter_cannot_widen_a_scope(many: Warehouse) -> None:
    asked = Question(("cases_registered",), EVER, AS_OF, scope=Scope((2,)))
    own = only_row(many.ask(asked))["cases_registered"]
    wide = replace(asked, filters=(Filter("district", DISTRICTS),))
    assert only_row(many.ask(wide))["cases_registered"] == own
    beyond = replace(asked, filters=(Filter("district", (4,)),))
    assert only_row(many.ask(beyond))["cases_registered"] == 0


def test_persons_are_counted_once_however_many_districts_they_go_to(many: Warehouse) -> None:
    keys = tuple(key for key, one in CATALOG.items() if isinstance(one.formula, Persons))
    city = only_row(many.ask(Question(keys, EVER, AS_OF)))
    districts = many.ask(Question(keys, EVER, AS_OF, split=("district",))).frame
    for key in keys:
        assert 0 < city[key] <= 7, "the seventeen cases name seven persons"
        assert (districts[key] <= city[key]).all()


def test_the_order_of_the_rows_changes_nothing(
    many: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cases = dozen.random_cases(seed=1, number=300)
    random.Random(2).shuffle(cases)
    folder: Path = tmp_path_factory.mktemp("shuffled")
    with Store(folder).build() as connection:
        dozen.fill(connection, cases)
    shuffled = open_warehouse(folder)
    for form in ("whole", "split"):
        question = Question(ALL, EVER, AS_OF, **FORMS[form])
        assert_frame_equal(shuffled.ask(question).frame, many.ask(question).frame)
    shuffled.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.dates(date(2025, 1, 1), AS_OF),
    days=st.integers(0, 200),
    cut=st.integers(0, 200),
    known=st.integers(0, 60),
    districts=st.sets(st.sampled_from((0, 2, 4, 6, 13))),
)
def test_two_halves_of_any_period_add_up(
    many: Warehouse, start: date, days: int, cut: int, known: int, districts: set[int]
) -> None:
    """The flows of a period are those of its two parts, for any districts, as known on any later day."""
    end = start + timedelta(days=days)
    middle = start + timedelta(days=min(cut, days))
    as_of = end + timedelta(days=known)
    keys = ("cases_registered", "replied_on_time", "first_time_resolution", "return_rate_30", "mean_days")
    asked = Question(keys, Period(start, end), as_of, filters=(Filter("district", tuple(districts)),))
    parts = [replace(asked, period=Period(start, middle))]
    if middle < end:
        parts.append(replace(asked, period=Period(middle + timedelta(days=1), end)))
    sums = pd.concat([many.ask(part).frame for part in parts])[held(asked)].sum().to_dict()
    whole = only_row(many.ask(asked))
    assert sums == pytest.approx({name: whole[name] for name in held(asked)})


def test_nobody_lives_where_nothing_may_be_seen(many: Warehouse) -> None:
    rates = tuple(key for key, one in RATIOS.items() if isinstance(one.denominator, Population))
    row = only_row(many.ask(Question(rates, EVER, AS_OF, scope=Scope(()))))
    assert rates
    for key in rates:
        assert math.isnan(row[f"{key}_denominator"])
        assert math.isnan(row[key])


def test_members_from_a_frame_are_as_good_as_written_ones(many: Warehouse) -> None:
    ids = many.members("district")["id"].head(2)
    assert Filter("district", tuple(ids)) == Filter("district", (2, 3))
    asked = Question(("cases_registered",), EVER, AS_OF, filters=(Filter("district", tuple(ids)),))
    assert only_row(many.ask(asked))["cases_registered"] > 0

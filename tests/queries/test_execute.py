"""What is asked comes back the same from every engine: split, compared, as known on a day; by hand."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import column, func, select, text, update

from queries.answer import figure
from queries.dimensions import DIMENSIONS
from queries.errors import BadQuestion, UnknownDimension, UnknownMetric
from queries.execute import Warehouse, open_warehouse
from queries.metric import Population, Quantile, Ratio, Survival
from queries.metrics import CATALOG
from queries.question import Filter, Question, Trailing
from queries.scope import Scope
from queries.vocabulary import Compare, Grain, Period
from tests.queries.dozen import AS_OF, case_rows, district, fill, frame_without_facts, only_row, street
from tests.queries.offers import offered
from tests.services.clickhouse import Cluster
from tests.services.engines import ENGINES, SERVERS, copied
from tests.services.postgresql import new_database
from warehouse import places, rollups
from warehouse.engines.duckdb import READERS_AT_ONCE
from warehouse.errors import WarehouseMissing, WarehouseUnavailable
from warehouse.schema import region
from warehouse.store import Store

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
EVER = Period(date(2025, 1, 1), AS_OF)
NEVER = Period(date(2024, 2, 1), date(2024, 3, 31))
ALL = tuple(CATALOG)
SHANGCHENG, XIHU, XIAOSHAN, CHUNAN = (district(name) for name in ("上城", "西湖", "萧山", "淳安"))
# Residents, census of 2020.
RESIDENTS = {SHANGCHENG: 1_323_467, XIHU: 1_112_992, XIAOSHAN: 2_011_699, CHUNAN: 328_957}
URBAN, SUBURBAN, CITY = 9_244_666, 2_691_344, 11_936_010


def values(warehouse: Warehouse, question: Question, column: str = "") -> dict[Any, float]:
    """The answer's column (the first metric's value) by its split and time columns."""
    frame = warehouse.ask(question).frame
    keys = [*question.split, *[name for name in ("bucket", "window_end") if name in frame]]
    found = frame.set_index(keys if len(keys) > 1 else keys[0])[column or question.metrics[0]]
    return {key: float(value) for key, value in found.items()}


# Every engine says the same. --------------------------------------------------------------------

FORMS: dict[str, dict[str, Any]] = {
    **{grain.value: {"grain": grain} for grain in Grain if grain is not Grain.DAY},
    "day": {"grain": Grain.DAY, "period": MARCH},
    "trailing": {"trailing": Trailing((date(2026, 3, 13), date(2026, 3, 31), AS_OF), 84)},
    "lagging": {"trailing": Trailing((date(2026, 4, 10), AS_OF), 60, lag=20)},
    "compared": {"period": MARCH, "compare": tuple(Compare)},
    "compared by month": {"grain": Grain.MONTH, "compare": (Compare.YOY,)},
    "compared by week": {"grain": Grain.WEEK, "period": MARCH, "compare": (Compare.MOM,)},
    "compared trailing": {"trailing": Trailing((date(2026, 3, 31),), 28), "compare": (Compare.YTD,)},
    "known on 31 March": {"as_of": date(2026, 3, 31)},
    "before there was anything": {"period": NEVER, "compare": (Compare.MOM,)},
    "nothing by month": {"period": NEVER, "grain": Grain.MONTH},
    "urban districts": {"filters": (Filter("district", (SHANGCHENG, XIHU, XIAOSHAN)),)},
    "one district": {"scope": Scope((SHANGCHENG,)), "grain": Grain.MONTH},
    "no district": {"scope": Scope(())},
    "no member": {"filters": (Filter("district", ()),), "grain": Grain.YEAR},
    "by district": {"split": ("district",), "period": MARCH, "compare": tuple(Compare)},
    "by district and month": {"split": ("district",), "grain": Grain.MONTH},
    "by district, trailing": {"split": ("district",), "trailing": Trailing((AS_OF,), 84)},
    "by peer group, compared": {"split": ("peer_group",), "grain": Grain.QUARTER, "compare": (Compare.YOY,)},
    "by district, of nothing": {"split": ("district",), "period": NEVER},
    "by district and month, of nothing": {"split": ("district",), "period": NEVER, "grain": Grain.MONTH},
}


def agree(one: Warehouse, other: Warehouse, question: Question) -> pd.DataFrame:
    found, expected = one.ask(question), other.ask(question)
    assert_frame_equal(found.frame, expected.frame, check_dtype=False, rtol=1e-12)
    assert found.notes == expected.notes
    return found.frame


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Warehouse:
    """The dozen cases on every engine but DuckDB."""
    found: Warehouse = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.mark.parametrize("form", FORMS)
def test_every_metric_is_the_same_on_every_engine(
    form: str, on_duckdb: Warehouse, server: Warehouse, any_number: None
) -> None:
    asked = {"period": EVER, "as_of": AS_OF, **FORMS[form]}
    agree(on_duckdb, server, Question(ALL, **asked))


# A filter stands in a statement's condition whatever the statement counts: one metric per kind tells.
ONE_OF_EACH_KIND = (
    *("cases_registered", "return_rate_60", "open_cases", "satisfaction_product", "median_days"),
    *("repeat_petitioners", "repeat_concentration", "time_to_return", "dynamic_zero", "backlog_stock"),
)


@pytest.mark.parametrize("cut", DIMENSIONS)
def test_every_split_is_the_same_on_every_engine(
    cut: str, on_duckdb: Warehouse, server: Warehouse, any_number: None
) -> None:
    metrics = offered(cut)
    assert metrics, f"no metric can be split by {cut}"
    frame = agree(on_duckdb, server, Question(metrics, EVER, AS_OF, split=(cut,), grain=Grain.YEAR))
    some = tuple(frame[cut].unique()[:2])
    assert some
    one_of_each = tuple(key for key in ONE_OF_EACH_KIND if key in metrics)
    agree(on_duckdb, server, Question(one_of_each, MARCH, AS_OF, filters=(Filter(cut, some),)))


# Splits, by hand: cases 6 to 15 were registered in March. ---------------------------------------

SPLITS: dict[str, dict[Any, int]] = {
    "district": {0: 1, SHANGCHENG: 3, XIHU: 3, XIAOSHAN: 2, CHUNAN: 1},
    "street": {
        0: 3,
        street("上城", "清波街道"): 1,
        street("上城", "湖滨街道"): 2,
        street("西湖", "三墩镇"): 3,
        street("萧山", "城厢街道"): 1,
    },
    "peer_group": {"": 1, "urban": 8, "suburban": 1},
    "unit": {0: 2, 1: 3, 2: 3, 3: 2},
    "channel": {1: 2, 2: 1, 3: 1, 5: 3, 6: 1, 7: 2},
    "stream": {"hotline": 4, "petition": 6},
    "source": {1: 2, 2: 2, 3: 4, 4: 2},
    "purpose": {0: 1, 1: 4, 2: 2, 3: 1, 4: 1, 5: 1},
    "category1": {0: 1, 1: 6, 6: 3},
    "category2": {0: 1, 1: 2, 2: 4, 6: 2, 7: 1},
    "category3": {0: 1, 1: 2, 2: 1, 3: 3, 6: 2, 7: 1},
    "category4": {0: 1, 1: 2, 2: 1, 3: 1, 4: 2, 6: 2, 7: 1},
    "category5": {0: 1, 1: 2, 2: 1, 3: 1, 4: 1, 5: 1, 6: 2, 7: 1},
    "repeat": {0: 6, 1: 4},
}


@pytest.mark.parametrize("cut", SPLITS)
def test_cases_of_march_by(cut: str, warehouse: Warehouse) -> None:
    assert values(warehouse, Question(("cases_registered",), MARCH, AS_OF, split=(cut,))) == SPLITS[cut]


@pytest.mark.parametrize(
    ("cut", "stock"),
    [
        ("list_level", {2: 1, 3: 2}),
        ("leader", {"区长": 2, "县长": 1}),
        ("backlog_age", {1: 1, 2: 1, 3: 1}),  # on 31 March 242, 1034 and 1399 days old
        ("days_to_plan", {0: 2, 15: 1}),  # 2 and 6 are past it, 4 is due on 15 April
        ("category1", {1: 2, 6: 1}),
    ],
)
def test_backlog_at_the_end_of_march_by(cut: str, stock: dict[Any, int], warehouse: Warehouse) -> None:
    assert values(warehouse, Question(("backlog_stock",), MARCH, AS_OF, split=(cut,))) == stock


def test_two_splits_and_time(warehouse: Warehouse) -> None:
    question = Question(
        ("cases_registered",), MARCH, AS_OF, split=("district", "stream"), grain=Grain.WEEK,
        filters=(Filter("district", (SHANGCHENG, XIAOSHAN)),),
    )  # fmt: skip
    weeks = [date(2026, 2, 23), *[date(2026, 3, monday) for monday in (2, 9, 16, 23, 30)]]
    expected = {
        (SHANGCHENG, "hotline"): [0, 1, 0, 0, 0, 0],  # 7
        (SHANGCHENG, "petition"): [0, 0, 1, 0, 1, 0],  # 11 14
        (XIAOSHAN, "petition"): [0, 1, 0, 0, 0, 1],  # 8 15
    }
    rows = {(*k, week): n for k, numbers in expected.items() for week, n in zip(weeks, numbers, strict=True)}
    assert values(warehouse, question) == rows


def test_a_stock_is_read_at_the_end_of_each_bucket(warehouse: Warehouse) -> None:
    question = Question(("open_cases",), Period(date(2026, 2, 1), AS_OF), AS_OF, grain=Grain.MONTH)
    months = [date(2026, month, 1) for month in (2, 3, 4)]
    assert values(warehouse, question) == dict(
        zip(months, [1, 4, 4], strict=True)
    )  # 5; 9 12 14 15; 9 12 16 17
    shares = values(warehouse, replace(question, metrics=("closed_share",)), "closed_share_denominator")
    assert shares == dict(zip(months, [1, 11, 6], strict=True))  # registered and carried over


def test_a_metric_hides_no_member_of_another(warehouse: Warehouse) -> None:
    """Repeat petitioners live in XIHU, where no item of the list is on hand."""
    asked = ("backlog_stock", "repeat_petitioners")
    found = values(warehouse, Question(asked, MARCH, AS_OF, split=("district",)), "repeat_petitioners")
    assert found[XIHU] == 1


# Comparisons, by hand. --------------------------------------------------------------------------

COMPARED: dict[str, dict[str, float]] = {
    # March: 10; March 2025: 1 2; February: 5; since January: 5 to 15
    "cases_registered": {"": 10, "_yoy": 4, "_yoy_base": 2, "_mom": 9, "_mom_base": 1, "_ytd": 11},
    "cases_per_10k": {"_yoy": 4, "_mom": 9, "_ytd_numerator": 11, "_ytd_denominator": CITY / 10_000},
    # no repeats before; differences of shares
    "repeat_share": {"_yoy": 0.375, "_yoy_base": 0, "_mom": 0.375, "_ytd": 3 / 9},
    # a year ago the median was the 9 days of case 1; nothing was closed in February
    "median_days": {"_yoy": -0.75, "_yoy_base": 9, "_mom": math.nan, "_ytd": 8.25},
    "satisfaction": {"_yoy": -0.2, "_yoy_base": 1, "_mom": math.nan, "_mom_base": math.nan, "_ytd": 0.8},
    # on hand: 2 a year ago, 5 a month ago
    "open_cases": {"_yoy": 3, "_yoy_base": 1, "_mom": 3, "_mom_base": 1, "_ytd": 4},
    # listed: 1 2 a year ago, 1 2 3 4 6 a month ago
    "backlog_stock": {"_yoy": 0.5, "_yoy_base": 2, "_mom": -0.4, "_mom_base": 5, "_ytd": 3},
    "repeat_petitioners": {"_yoy": math.nan, "_yoy_base": 0, "_mom_base": 0, "_ytd": 2},
}


@pytest.mark.parametrize("key", COMPARED)
def test_march_compared(key: str, warehouse: Warehouse, any_number: None) -> None:
    row = only_row(warehouse.ask(Question((key,), MARCH, AS_OF, compare=tuple(Compare))))
    found = {suffix: row[f"{key}{suffix}"] for suffix in COMPARED[key]}
    assert found == pytest.approx(COMPARED[key], nan_ok=True)


def test_a_bucket_not_yet_complete_is_compared_with_as_many_days(warehouse: Warehouse) -> None:
    """On 20 March: 6 to 13; 1 to 20 February: 5; 1 to 20 March 2025: 1 2."""
    as_of = date(2026, 3, 20)
    question = Question(
        ("cases_registered",), Period(date(2026, 2, 1), date(2026, 3, 31)), as_of,
        grain=Grain.MONTH, compare=tuple(Compare),
    )  # fmt: skip
    february, march = warehouse.ask(question).frame.to_dict("records")
    names = ("", "_yoy", "_yoy_base", "_mom", "_mom_base", "_ytd")
    assert [march[f"cases_registered{name}"] for name in names] == [8, 3, 2, 7, 1, 9]
    assert [february[f"cases_registered{name}"] for name in ("", "_yoy_base", "_mom_base", "_ytd")] == [
        1,
        0,
        0,
        1,
    ]
    assert math.isnan(february["cases_registered_yoy"]), "from nothing there is no rate of change"


def test_weeks_are_compared_with_the_week_52_weeks_before(warehouse: Warehouse) -> None:
    """Weeks of 2, 9 and 16 March: 6 7 8, 9 10 11, 12 13; a year before: 1, none, 2."""
    period = Period(date(2026, 3, 2), date(2026, 3, 22))
    question = Question(
        ("cases_registered",), period, AS_OF, grain=Grain.WEEK, compare=(Compare.YOY, Compare.MOM)
    )
    frame = warehouse.ask(question).frame
    assert list(frame["cases_registered"]) == [3, 3, 2]
    assert list(frame["cases_registered_yoy_base"]) == [1, 0, 1]
    assert list(frame["cases_registered_mom_base"]) == [0, 3, 3]


def test_trailing_windows_compared(warehouse: Warehouse) -> None:
    """Seven days to 13 March: 9 10 11; to 20 March: 12 13, to 20 March 2025: 2."""
    ends = (date(2026, 3, 13), date(2026, 3, 20))
    question = Question(
        ("cases_registered", "open_cases"), MARCH, AS_OF, trailing=Trailing(ends, 7), compare=(Compare.YOY,)
    )
    frame = warehouse.ask(question).frame
    assert list(frame["window_end"]) == list(ends)
    assert list(frame["cases_registered"]) == [3, 2]
    assert list(frame["cases_registered_yoy_base"]) == [0, 1]
    assert list(frame["open_cases"]) == [4, 4]  # 7 8 9 11; 9 11 12 13
    assert list(frame["open_cases_yoy_base"]) == [0, 1]  # 1 was closed on 13 March 2025


def test_comparisons_look_beyond_the_filter_on_time_but_not_on_place(warehouse: Warehouse) -> None:
    question = Question(
        ("cases_registered",), MARCH, AS_OF, filters=(Filter("district", (XIHU,)),), compare=tuple(Compare)
    )
    row = only_row(warehouse.ask(question))
    names = ("", "_yoy_base", "_mom_base", "_ytd")
    assert [row[f"cases_registered{name}"] for name in names] == [3, 1, 0, 3]  # 6 12 13; 2; none


def test_both_sides_of_a_comparison_have_had_as_long_to_mature(
    warehouse: Warehouse, any_number: None
) -> None:
    """December's case 4 came back on 4 March, November's case 3 on 6 March: 79 days after December is
    17 February for November, when it had not."""
    december = Period(date(2025, 12, 1), date(2025, 12, 31))
    question = Question(("return_rate_180",), december, date(2026, 3, 20), compare=(Compare.MOM,))
    row = only_row(warehouse.ask(question))
    assert (row["return_rate_180"], row["return_rate_180_mom_base"]) == (1, 0)
    row = only_row(warehouse.ask(replace(question, as_of=AS_OF)))
    assert (row["return_rate_180"], row["return_rate_180_mom_base"]) == (1, 1)


def festival_notes(warehouse: Warehouse, period: Period, compare: Compare) -> int:
    answer = warehouse.ask(Question(("cases_registered",), period, AS_OF, compare=(compare,)))
    return sum(note.kind == "festival" for note in answer.notes)


@pytest.mark.parametrize(
    ("first", "last", "compare", "flagged"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), Compare.YOY, 1),  # 28 to 31 January 2025
        (date(2026, 2, 1), date(2026, 2, 28), Compare.YOY, 0),  # 1 to 3 February 2025, 16 to 22 February 2026
        (date(2026, 2, 4), date(2026, 2, 15), Compare.YOY, 0),
        (date(2026, 2, 4), date(2026, 2, 16), Compare.YOY, 1),
        (date(2026, 2, 22), date(2026, 2, 28), Compare.YOY, 1),
        (date(2026, 2, 23), date(2026, 2, 28), Compare.YOY, 0),
        (date(2026, 2, 1), date(2026, 2, 28), Compare.MOM, 1),
        (date(2026, 3, 1), date(2026, 3, 31), Compare.MOM, 1),
        (date(2026, 3, 1), date(2026, 3, 31), Compare.YOY, 0),
        (date(2026, 1, 1), date(2026, 3, 31), Compare.YTD, 0),
    ],
)
def test_spring_festival_in_one_of_two_years_is_flagged(
    first: date, last: date, compare: Compare, flagged: int, warehouse: Warehouse
) -> None:
    assert festival_notes(warehouse, Period(first, last), compare) == flagged


# As known on a day. -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "key", "part", "whole"),
    [
        ("2026-04-30", "first_time_resolution", 1, 4),
        ("2026-04-19", "first_time_resolution", 2, 4),  # 6 came back on the 20th
        ("2026-03-31", "first_time_resolution", 2, 4),  # 5 came back on 25 March
        ("2026-03-24", "first_time_resolution", 3, 3),  # nobody yet; 11 is still open
        ("2026-03-31", "return_rate_60", 1, 4),
        ("2026-03-24", "return_rate_60", 0, 3),
        # 5 and 10 seen for 20 days, 6 for 19, 11 for one: ½ of two at risk
        ("2026-03-31", "time_to_return", 2, 4),
        ("2026-03-20", "cases_registered", 8, None),
        ("2026-03-20", "replied_on_time", 1, 2),  # 5, late 7
        ("2026-03-19", "open_cases", 5, None),  # 8 9 11 12 13
        ("2026-03-28", "backlog_clearance", 2, 5),  # 1 and 3, which came back on the 29th
        ("2026-03-29", "backlog_clearance", 1, 5),
        ("2026-03-21", "dynamic_zero", 0, 1),  # the week of the 16th is not over
        ("2026-03-22", "dynamic_zero", 1, 2),
    ],
)
def test_a_past_day_shows_what_was_known_then(
    as_of: str, key: str, part: float, whole: float | None, warehouse: Warehouse
) -> None:
    row = only_row(warehouse.ask(Question((key,), MARCH, date.fromisoformat(as_of))))
    assert row[f"{key}_numerator"] == pytest.approx(part)
    assert row[f"{key}_denominator"] == pytest.approx(math.nan if whole is None else whole, nan_ok=True)


def test_immature_cohorts_say_from_when_they_are_mature(warehouse: Warehouse) -> None:
    question = Question(("return_rate_30",), MARCH, date(2026, 4, 29))
    (note,) = warehouse.ask(question).notes
    assert (note.kind, note.metric) == ("immature", "return_rate_30")
    assert "2026-04-30" in note.text.zh
    assert "2026-04-30" in note.text.en
    assert not warehouse.ask(replace(question, as_of=date(2026, 4, 30))).notes
    frame = warehouse.ask(replace(question, grain=Grain.MONTH)).frame
    assert list(frame["return_rate_30_mature_on"]) == [date(2026, 4, 30)]


def test_a_lag_makes_a_cohort_mature(warehouse: Warehouse, any_number: None) -> None:
    """Thirty days to 31 March, seen on 30 April: 5 back within 30 days, 6 after 39."""
    question = Question(("return_rate_30",), MARCH, AS_OF, trailing=Trailing((AS_OF,), 31, lag=30))
    answer = warehouse.ask(question)
    assert [answer.one(f"return_rate_30_{part}") for part in ("numerator", "denominator")] == [1, 4]
    assert not answer.notes


# Few, none, nobody. -----------------------------------------------------------------------------


def test_below_the_least_number_there_is_no_value_but_its_counts(warehouse: Warehouse) -> None:
    """accepted_on_time asks for five: the city has five, each district fewer."""
    assert CATALOG["accepted_on_time"].min_n == 5
    assert warehouse.ask(Question(("accepted_on_time",), MARCH, AS_OF)).one("accepted_on_time") == 0.6
    frame = warehouse.ask(Question(("accepted_on_time",), MARCH, AS_OF, split=("district",))).frame
    assert frame["accepted_on_time"].isna().all()
    counted = frame.set_index("district")[["accepted_on_time_numerator", "accepted_on_time_denominator"]]
    assert {k: tuple(v) for k, v in counted.iterrows() if v.iloc[1]} == {
        SHANGCHENG: (2, 2),
        XIHU: (1, 2),
        CHUNAN: (0, 1),
    }


def nothing(key: str) -> tuple[float, float]:
    """Value and denominator of a metric where nothing happened."""
    formula = CATALOG[key].formula
    if isinstance(formula, Ratio) and isinstance(formula.denominator, Population):
        return 0.0, CITY / formula.denominator.per
    if CATALOG[key].measurement == "count":
        return 0.0, math.nan
    return math.nan, 0.0


@pytest.mark.parametrize("key", ALL)
def test_nothing_due_is_nothing_scored(key: str, warehouse: Warehouse) -> None:
    row = only_row(warehouse.ask(Question((key,), NEVER, AS_OF)))
    value, whole = nothing(key)
    assert [row[key], row[f"{key}_denominator"]] == pytest.approx([value, whole], nan_ok=True)
    unknown = isinstance(CATALOG[key].formula, Quantile | Survival)
    assert row[f"{key}_numerator"] == pytest.approx(math.nan if unknown else 0, nan_ok=True)
    assert figure(CATALOG[key], row) == (None if math.isnan(value) else 0)


@pytest.fixture(params=ENGINES)
def silent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in which nothing has happened yet."""
    with Store(tmp_path).build() as connection:
        frame_without_facts(connection)
        rollups.rebuild(connection)
    if request.param == "duckdb":
        opened = open_warehouse(tmp_path)
        yield opened
        opened.close()
        return
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgresql_url"), "silent")
    else:
        url = request.getfixturevalue("clickhouse").url("silent")
    with copied(tmp_path, url) as opened:
        yield opened


def test_a_warehouse_without_a_case_answers(silent: Warehouse) -> None:
    row = only_row(silent.ask(Question(ALL, MARCH, AS_OF, compare=(Compare.YOY,))))
    for key in ALL:
        assert row[key] == pytest.approx(nothing(key)[0], nan_ok=True), key
    assert silent.ask(Question(ALL, MARCH, AS_OF, split=("district",), compare=(Compare.YOY,))).frame.empty
    assert silent.ask(Question(ALL, MARCH, AS_OF, split=("peer_group",), grain=Grain.WEEK)).frame.empty
    weeks = silent.ask(Question(ALL, MARCH, AS_OF, grain=Grain.WEEK)).frame
    assert list(weeks["cases_registered"]) == [0] * 6


@pytest.mark.parametrize(("persons", "part"), [(100, 4), (101, 7)])
def test_the_busiest_hundredth_of_the_persons(persons: int, part: int, tmp_path: Path) -> None:
    """Persons file 4, 3, 2 and then 1 item each; a begun hundred counts as one person more."""
    model = next(row for row in case_rows() if row["case_id"] == 6)
    filers = [person for person in range(persons) for _ in range(max(1, 4 - person))]
    cases = [model | {"case_id": key, "person_key": person} for key, person in enumerate(filers)]
    with Store(tmp_path).build() as connection:
        fill(connection, cases)
    opened = open_warehouse(tmp_path)
    row = only_row(opened.ask(Question(("repeat_concentration", "repeat_petitioners"), MARCH, AS_OF)))
    found = [row[f"repeat_concentration_{name}"] for name in ("numerator", "denominator")]
    assert found == [part, persons + 6]
    assert row["repeat_petitioners"] == 2
    opened.close()


# Residents. -------------------------------------------------------------------------------------


def per_10k(warehouse: Warehouse, **asked: Any) -> dict[Any, tuple[float, float]]:
    """Cases and ten thousands of residents by split member; () where nothing is split."""
    question = Question(("cases_per_10k",), MARCH, AS_OF, **asked)
    frame = warehouse.ask(question).frame
    names = [question.split[-1]] if question.split else []
    keys = frame[names[0]] if names else ["all"]
    columns = (frame["cases_per_10k_numerator"], frame["cases_per_10k_denominator"] * 10_000)
    return {key: (part, round(whole, 3)) for key, part, whole in zip(keys, *columns, strict=True)}


def test_residents_of_the_whole_city_whatever_else_is_filtered(warehouse: Warehouse) -> None:
    assert per_10k(warehouse) == {"all": (10, CITY)}
    assert per_10k(warehouse, filters=(Filter("stream", ("petition",)),)) == {"all": (6, CITY)}


def test_residents_of_the_regions_asked_for(warehouse: Warehouse) -> None:
    two = Filter("district", (SHANGCHENG, XIHU))
    assert per_10k(warehouse, filters=(two,)) == {"all": (6, RESIDENTS[SHANGCHENG] + RESIDENTS[XIHU])}
    assert per_10k(warehouse, filters=(Filter("peer_group", ("suburban",)),)) == {"all": (1, SUBURBAN)}
    assert per_10k(warehouse, scope=Scope((XIAOSHAN,))) == {"all": (2, RESIDENTS[XIAOSHAN])}
    assert per_10k(warehouse, scope=Scope((SHANGCHENG,)), filters=(two,)) == {
        "all": (3, RESIDENTS[SHANGCHENG])
    }


def test_residents_by_region(warehouse: Warehouse) -> None:
    found = per_10k(warehouse, split=("district",))
    assert found.pop(0) == pytest.approx((1, math.nan), nan_ok=True)  # nobody lives in 未明确
    assert found == {
        SHANGCHENG: (3, RESIDENTS[SHANGCHENG]),
        XIHU: (3, RESIDENTS[XIHU]),
        XIAOSHAN: (2, RESIDENTS[XIAOSHAN]),
        CHUNAN: (1, RESIDENTS[CHUNAN]),
    }
    groups = per_10k(warehouse, split=("peer_group",))
    assert (groups["urban"], groups["suburban"]) == ((8, URBAN), (1, SUBURBAN))
    two = Filter("district", (SHANGCHENG, XIHU))
    urban = per_10k(warehouse, split=("peer_group",), filters=(two,))
    assert urban == {"urban": (6, RESIDENTS[SHANGCHENG] + RESIDENTS[XIHU])}
    assert per_10k(warehouse, split=("stream",))["petition"] == (6, CITY)


def test_streets_whose_residents_nobody_knows_have_no_rate(warehouse: Warehouse) -> None:
    frame = warehouse.ask(Question(("cases_per_10k",), MARCH, AS_OF, split=("street",))).frame
    assert frame["cases_per_10k"].isna().all()
    assert frame["cases_per_10k_numerator"].sum() == 10


def test_residents_of_streets_where_they_are_known(tmp_path: Path) -> None:
    qingbo, hubin, sandun = street("上城", "清波街道"), street("上城", "湖滨街道"), street("西湖", "三墩镇")
    with Store(tmp_path).build() as connection:
        fill(connection)
        for key, residents in ((qingbo, 1000), (hubin, 3000), (sandun, 7000)):
            changed = update(region).where(region.c.region_id == key).values(population=residents)
            connection.execute(changed)
    opened = open_warehouse(tmp_path)
    chosen = Filter("street", (qingbo, sandun))
    assert per_10k(opened, filters=(chosen,)) == {"all": (4, 8000)}  # 7; 6 12 13
    assert per_10k(opened, filters=(chosen,), split=("district",)) == {SHANGCHENG: (1, 1000), XIHU: (3, 7000)}
    assert per_10k(opened, filters=(chosen,), scope=Scope((XIHU,))) == {"all": (3, 7000)}
    by_street = per_10k(opened, split=("street",), scope=Scope((SHANGCHENG,)))
    assert by_street == {qingbo: (1, 1000), hubin: (2, 3000)}
    opened.close()


# The warehouse itself. --------------------------------------------------------------------------


def test_what_the_warehouse_says_of_itself(warehouse: Warehouse) -> None:
    info = warehouse.info
    assert (info.city, info.as_of, info.is_demo, info.full_scale) == ("hangzhou", AS_OF, True, 1.0)
    assert warehouse.city.name_zh == "杭州市"
    assert warehouse.engine_name in {"duckdb", "postgresql", "clickhousedb"}


def test_members_come_from_their_own_table_without_the_one_not_stated(warehouse: Warehouse) -> None:
    districts = warehouse.members("district")
    assert len(districts) == 13
    assert 0 not in set(districts["id"])
    assert int(districts["population"].sum()) == CITY
    assert list(districts["id"]) == sorted(districts["id"])
    assert list(warehouse.members("category1")["name_zh"]) == ["城乡建设", "劳动"]
    with pytest.raises(UnknownDimension, match="no table of members"):
        warehouse.members("leader")


def test_calendar_and_notes_for_axes(warehouse: Warehouse) -> None:
    days = warehouse.calendar(Period(date(2026, 2, 15), date(2026, 2, 23)))
    assert list(days["is_spring_festival"]) == [False, *[True] * 7, False]
    assert warehouse.event_windows().empty
    assert warehouse.annotations().empty


def test_statements_show_what_was_sent(warehouse: Warehouse) -> None:
    question = Question(("cases_registered",), MARCH, AS_OF, filters=(Filter("district", (SHANGCHENG,)),))
    (sent,) = warehouse.ask(question).statements
    assert sent.reads == "rollup_registered_street"
    assert sent.rows == 1
    assert sent.milliseconds > 0
    assert (sent.sql,) == warehouse.statements(question)
    assert "2026-03-31" in sent.sql
    assert f"({SHANGCHENG})" in sent.sql


def test_wrong_questions_say_what_is_wrong(warehouse: Warehouse) -> None:
    with pytest.raises(UnknownMetric, match="did you mean cases_registered"):
        warehouse.ask(Question(("case_registered",), MARCH, AS_OF))
    with pytest.raises(UnknownDimension, match="did you mean district"):
        warehouse.ask(Question(("cases_registered",), MARCH, AS_OF, split=("distric",)))
    with pytest.raises(UnknownDimension, match=r"'leader' does not exist in cases; drop it"):
        warehouse.ask(Question(("cases_registered",), MARCH, AS_OF, split=("leader",)))
    with pytest.raises(BadQuestion, match="2026-05-01 is asked for as known on 2026-04-30"):
        warehouse.ask(Question(("cases_registered",), Period(date(2026, 5, 1), date(2026, 5, 31)), AS_OF))


def test_a_folder_without_a_warehouse_says_so(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match="python -m warehouse demo"):
        open_warehouse(tmp_path)


@pytest.mark.postgresql
def test_a_database_without_a_warehouse_says_so(postgresql_url: str) -> None:
    with pytest.raises(WarehouseMissing, match="holds no warehouse; bring one with"):
        open_warehouse(postgresql_url)


@pytest.mark.clickhouse
def test_a_cluster_without_a_warehouse_says_so(clickhouse: Cluster) -> None:
    with pytest.raises(WarehouseMissing, match="holds no warehouse; bring one with"):
        open_warehouse(clickhouse.url("nowhere"))


def test_a_server_that_does_not_answer_says_so(tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnavailable, match="cannot be reached") as caught:
        open_warehouse(f"postgresql+psycopg://somebody:secret@/db?host={tmp_path}")
    assert "secret" not in str(caught.value)


def test_a_room_that_asks_more_than_the_warehouse_answers_is_told_so(
    on_duckdb: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_duckdb._engine.pool, "_timeout", 0.1)
    with ExitStack() as asking:
        for _ in range(READERS_AT_ONCE):
            asking.enter_context(on_duckdb._engine.connect())
        with pytest.raises(WarehouseUnavailable, match="are taken by questions that still run"):
            on_duckdb.ask(Question(("cases_registered",), MARCH, AS_OF))
    assert on_duckdb.ask(Question(("cases_registered",), MARCH, AS_OF)).one("cases_registered") > 0


def deadline(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    _, stop = places.DEADLINES[engine]
    monkeypatch.setitem(places.DEADLINES, engine, (0.5, stop))


def test_a_statement_that_takes_too_long_is_ended(
    on_duckdb: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline(monkeypatch, "duckdb")
    endless = select(func.count()).select_from(text("range(1000000000000)"))
    with pytest.raises(WarehouseUnavailable, match="did not answer in time"):
        on_duckdb._table(endless)
    assert on_duckdb.ask(Question(("cases_registered",), MARCH, AS_OF)).one("cases_registered") > 0


@pytest.mark.postgresql
def test_a_server_that_falls_silent_is_hung_up_on(
    on_postgresql: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own time limit cannot fire while its process is stopped; whichever connection is drawn, it is."""
    deadline(monkeypatch, "postgresql")
    every = text("pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()")
    processes = on_postgresql._table(select(column("pid")).select_from(every))["pid"]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        with pytest.raises(WarehouseUnavailable, match="did not answer in time"):
            on_postgresql.ask(Question(("cases_registered",), MARCH, AS_OF))
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    assert on_postgresql.ask(Question(("cases_registered",), MARCH, AS_OF)).one("cases_registered") > 0


def test_too_few_have_no_curve(on_duckdb: Warehouse) -> None:
    question = Question(("time_to_return",), EVER, AS_OF)
    assert 0 < on_duckdb.ask(question).one("time_to_return_denominator") < CATALOG["time_to_return"].min_n
    assert on_duckdb.curve(question) is None


def test_a_curve_is_the_answer_of_every_day(on_duckdb: Warehouse, any_number: None) -> None:
    question = Question(("time_to_return",), EVER, AS_OF)
    curve = on_duckdb.curve(question)
    assert curve is not None
    assert curve.returned_by(180) == pytest.approx(on_duckdb.ask(question).one("time_to_return"))
    assert on_duckdb.curve(replace(question, period=NEVER)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"metrics": ("repeat_share",)},
        {"metrics": ("time_to_return", "repeat_share")},
        {"split": ("district",)},
        {"grain": Grain.MONTH},
    ],
)
def test_a_curve_is_asked_of_one_survival_metric(changed: dict[str, Any], on_duckdb: Warehouse) -> None:
    with pytest.raises(BadQuestion):
        on_duckdb.curve(replace(Question(("time_to_return",), EVER, AS_OF), **changed))

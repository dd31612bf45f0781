"""The responsiveness board: its links, roll-ups only, whole months, and parts that add up to the city."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.cards.responsiveness import RATES, whole_months
from queries.execute import open_warehouse
from queries.metrics import CATALOG
from queries.question import Question
from queries.vocabulary import Period
from tests.dashboards.conftest import Draw, noting, shown
from tests.dashboards.test_boards import STATE, draw_board


def drawn(directory: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    return draw_board("responsiveness", directory, monkeypatch, **choices)


@pytest.mark.parametrize("rate", [*RATES, "<script>"])
def test_every_rate_draws_the_city_and_a_district_in_english(
    rate: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    for district in ("", "330127"):
        test = drawn(demo_warehouse, monkeypatch, lang="en", rate=rate, district=district, span="12w")
        page = re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)
        assert STATE not in page
        assert "<script>" not in page
        assert test.selectbox(key="w-rate").value == (rate if rate in RATES else "satisfaction")
        for reference in sorted({one.reference for one in CATALOG.values()}, key=len, reverse=True):
            page = page.replace(reference, "")
        assert re.findall("[\u4e00-\u9fff]", page) == []


def test_dozen_cases_are_enough_for_a_page(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(drawn(dozen_directory, monkeypatch, span="year"))
    assert STATE not in page
    assert "样本不足" in page


@pytest.mark.usefixtures("nothing_kept")
def test_cases_are_read_for_units_and_for_what_went_wrong_alone(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    with noting() as noted:
        for district in ("", "330110"):
            assert STATE not in shown(drawn(demo_warehouse, monkeypatch, district=district))
    assert "rollup_evaluated_category" in noted.tables
    warehouse = open_warehouse(demo_warehouse)
    finer = [one for one in noted.questions if {"unit", "shortfall"} & {*one.split}]
    assert len(finer) == 4
    for question in noted.questions:
        if question not in finer:
            assert "cases" not in {statement.reads for statement in warehouse.ask(question).statements}
    warehouse.close()


def test_units_are_found_by_group_and_name(demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for lang, group in (("zh", "街道办事处"), ("en", "Street offices")):
        chosen = {"peers": "street_office", "unit": "街道", "lang": lang, "span": "year"}
        table = drawn(demo_warehouse, monkeypatch, **chosen).dataframe[0].value
        assert len(table) > 0
        assert {*table.iloc[:, 1]} == {group}


def test_districts_categories_and_channels_add_up_to_the_city(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    as_of = warehouse.info.as_of
    period = Period(as_of.replace(day=1), as_of)
    for key in RATES:
        city = warehouse.ask(Question((key,), period, as_of))
        for split in ("district", "category1", "channel"):
            answer = warehouse.ask(Question((key,), period, as_of, split=(split,)))
            for side in ("numerator", "denominator"):
                assert answer.frame[f"{key}_{side}"].sum() == city.one(f"{key}_{side}")


@pytest.mark.parametrize(
    ("first", "as_of", "start", "end"),
    [
        (date(2020, 1, 1), date(2026, 10, 31), date(2024, 11, 1), date(2026, 10, 31)),
        (date(2020, 1, 1), date(2026, 10, 30), date(2024, 10, 1), date(2026, 9, 30)),
        (date(2026, 3, 2), date(2026, 10, 30), date(2026, 4, 1), date(2026, 9, 30)),
        (date(2026, 3, 1), date(2026, 10, 30), date(2026, 3, 1), date(2026, 9, 30)),
        (date(2026, 10, 2), date(2026, 10, 30), date(2026, 10, 30), date(2026, 10, 30)),
    ],
)
def test_chart_holds_whole_months_of_the_data(first: date, as_of: date, start: date, end: date) -> None:
    assert whole_months(first, as_of) == Period(start, end)

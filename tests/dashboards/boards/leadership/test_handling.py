"""The handling board: its links, its district and units, and parts that add up to the city."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.cards.handling import ON_TIME
from queries.execute import open_warehouse
from queries.metrics import CATALOG
from queries.question import Question
from queries.vocabulary import Period
from tests.dashboards.conftest import Draw, shown
from tests.dashboards.test_boards import STATE, draw_board
from warehouse.deadlines import read_profiles


def drawn(directory: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    return draw_board("handling", directory, monkeypatch, **choices)


def test_deep_link_restores_every_choice(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = drawn(
        demo_warehouse,
        monkeypatch,
        district="330110",
        span="12w",
        deadline="accepted_on_time",
        peers="street_office",
        unit="街道",
        lang="en",
    )
    page = shown(test)
    assert STATE not in page
    assert "Accepted on time" in page
    table = test.dataframe[0].value
    assert len(table) > 0
    assert set(table["Peer group"]) == {"Street offices"}
    assert test.selectbox(key="w-deadline").value == "accepted_on_time"


def test_english_page_holds_no_chinese(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = drawn(demo_warehouse, monkeypatch, lang="en", district="330127")
    page = re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)
    # Laws are cited by their own names.
    cited = {one.reference for one in CATALOG.values()} | {one.source for one in read_profiles().values()}
    for reference in sorted(cited, key=len, reverse=True):
        page = page.replace(reference, "")
    assert re.findall("[\u4e00-\u9fff]", page) == []
    assert not test.dataframe[0].value.astype(str).stack().str.contains("[\u4e00-\u9fff]").any()


@pytest.mark.parametrize("choices", [{"deadline": "x"}, {"peers": "<script>"}, {"unit": "<script>"}])
def test_address_that_names_nothing_does_no_harm(
    choices: dict[str, str], demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(drawn(demo_warehouse, monkeypatch, **choices))
    assert STATE not in page
    assert "<script>" not in page


def test_dozen_cases_are_enough_for_a_page(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(drawn(dozen_directory, monkeypatch))
    assert STATE not in page
    assert "样本不足" in page


def test_units_and_districts_and_clock_bands_add_up_to_the_city(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    as_of = warehouse.info.as_of
    period = Period(as_of.replace(day=1), as_of)
    whole = warehouse.ask(Question((*ON_TIME, "open_cases"), period, as_of)).frame
    for split in (("unit",), ("district",), ("street",)):
        parts = warehouse.ask(Question(ON_TIME, period, as_of, split=split)).frame
        for key in ON_TIME:
            for part in ("numerator", "denominator"):
                assert parts[f"{key}_{part}"].sum() == whole[f"{key}_{part}"].iloc[0]
    clock = Question(("open_cases",), Period(as_of, as_of), as_of, split=("district", "unit", "case_clock"))
    assert warehouse.ask(clock).frame["open_cases"].sum() == whole["open_cases"].iloc[0]
    warehouse.close()

"""The backlog board: its links, its district, a balance that closes, parts that add up to the whole."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from dashboards.cards import backlog, burn_down
from queries.execute import open_warehouse
from queries.metrics import CATALOG
from queries.question import Filter, Question
from queries.vocabulary import Period
from tests.dashboards.conftest import Draw, shown
from tests.dashboards.test_boards import STATE, draw_board


def test_deep_link_restores_every_choice(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    chosen = {"district": "330110", "span": "year", "level": "3", "lang": "en", "as_of": "2026-06-30"}
    test = draw_board("backlog", demo_warehouse, monkeypatch, **chosen)
    page = shown(test)
    assert STATE not in page
    assert "City list" in page
    assert "2026-01-01 to 2026-06-30" in page
    assert "National list" not in page
    assert test.selectbox(key="w-level").value == "3"


def test_english_page_holds_no_chinese_but_posts(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = draw_board("backlog", demo_warehouse, monkeypatch, lang="en", district="330127")
    page = re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)
    # Sources are cited, and leaders named, as they are in the list.
    names = {one.reference for one in CATALOG.values()} | {*test.dataframe[0].value["Leader in charge"]}
    for name in sorted(names, key=len, reverse=True):
        page = page.replace(name, "")
    assert re.findall("[\u4e00-\u9fff]", page) == []


@pytest.mark.parametrize("choices", [{"level": "x"}, {"level": "<script>"}, {"as_of": "1999-01-01"}])
def test_a_link_that_means_nothing_is_ignored(
    choices: dict[str, str], demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("backlog", demo_warehouse, monkeypatch, **choices))
    assert STATE not in page
    assert "<script>" not in page


def test_few_items_are_enough_for_a_page(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("backlog", dozen_directory, monkeypatch))
    assert STATE not in page
    assert "区长" in page


@pytest.mark.parametrize("period", [(2025, 1), (2025, 5), (2025, 9), (2026, 5), (2026, 10)])
@pytest.mark.parametrize("district", [None, 6])
def test_the_balance_closes_in_every_month(
    period: tuple[int, int], district: int | None, demo_warehouse: Path
) -> None:
    warehouse = open_warehouse(demo_warehouse)
    first, here = date(*period, 1), () if district is None else (Filter("district", (district,)),)
    month = Period(first, date(*period, 28))
    answer = warehouse.ask(
        Question((*backlog.BALANCE, backlog.STOCK), month, warehouse.info.as_of, filters=here)
    )
    opening, added, gone = map(answer.one, (backlog.OPENING, backlog.ADDED, backlog.STRUCK_OFF))
    assert opening + added - gone == answer.one(backlog.STOCK)
    assert added + gone > 0


@pytest.mark.parametrize("split", [backlog.LEVEL, backlog.AGE, "district", "street", backlog.LEADER])
def test_parts_add_up_to_the_whole(split: str, demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    as_of = warehouse.info.as_of
    today = Period(as_of, as_of)
    whole = warehouse.ask(Question(backlog.STATE, today, as_of))
    parts = warehouse.ask(Question(backlog.STATE, today, as_of, split=(split,))).frame
    for key in backlog.STATE:
        assert parts[f"{key}_numerator"].sum() == whole.one(f"{key}_numerator") > 0


def test_the_plan_ahead_begins_where_the_plan_ends_today(demo_warehouse: Path) -> None:
    warehouse = open_warehouse(demo_warehouse)
    as_of = warehouse.info.as_of
    question = Question((burn_down.PLANNED,), Period(as_of, as_of), as_of)
    ahead = warehouse.ask(Question(question.metrics, question.period, as_of, split=(burn_down.TO_PLAN,)))
    assert ahead.frame[burn_down.PLANNED].sum() == warehouse.ask(question).one(burn_down.PLANNED) > 0
    assert ahead.frame[burn_down.TO_PLAN].min() > 0

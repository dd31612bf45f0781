"""The list behind a number: opened from the address, its count the number's, forged addresses refused."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import access, filters
from dashboards.cards import items
from dashboards.cards.behind import count, number, over, rate, token, value_token
from dashboards.navigation import all_boards
from queries.drill import Drill, Side, decoded, encoded, table_of
from queries.execute import Warehouse, open_warehouse
from queries.metrics import CATALOG
from queries.question import Filter, Question
from queries.vocabulary import Grain, Period
from tests.dashboards.conftest import Become, Draw, shown
from tests.dashboards.test_boards import draw_board
from warehouse.schema import METADATA

AS_OF = date(2026, 10, 31)
OCTOBER = Period(date(2026, 10, 1), AS_OF)
QUESTION = Question(("replied_on_time",), OCTOBER, AS_OF, split=("district",))
ROW = {"district": 3, "replied_on_time_numerator": 98.0, "replied_on_time_denominator": 100.0}
BOARDS = [board.key for board in all_boards()]


@pytest.fixture(scope="module")
def demo(demo_warehouse: Path) -> Warehouse:
    return open_warehouse(demo_warehouse)


def opened(test: AppTest) -> AppTest:
    assert not test.exception
    return test


def test_a_rate_opens_what_it_divides_by_and_a_count_what_it_counts() -> None:
    assert token(QUESTION, "replied_on_time", ROW).startswith("replied_on_time~n~20261001~20261031~20261031~")
    assert value_token(QUESTION, "replied_on_time", ROW).startswith("replied_on_time~d~")
    late = count(QUESTION, "replied_on_time", ROW, Side.REST)
    assert re.fullmatch(
        r'<span data-items="replied_on_time~r~[^"]+district-3" tabindex="0" role="button">2</span>', late
    )
    heads = Question(("people_registered",), OCTOBER, AS_OF)
    row = {"people_registered_numerator": 5.0, "people_registered_denominator": float("nan")}
    assert "people_registered~n~" in rate("5", heads, "people_registered", row)


def test_nothing_to_open_is_plain_text() -> None:
    none = ROW | {"replied_on_time_numerator": 0.0, "replied_on_time_denominator": 0.0}
    assert count(QUESTION, "replied_on_time", none, Side.WHOLE) == "0"
    unknown = ROW | {"replied_on_time_denominator": float("nan"), "replied_on_time_numerator": float("nan")}
    assert count(QUESTION, "replied_on_time", unknown, Side.WHOLE) == "–"
    persons = Question(("repeat_petitioners",), OCTOBER, AS_OF)
    assert number("<7>", persons, "repeat_petitioners", {"repeat_petitioners_numerator": 7.0}) == "&lt;7&gt;"


def test_a_day_of_a_series_opens_that_day_under_the_same_filters() -> None:
    series = replace(QUESTION, split=(), grain=Grain.WEEK, filters=(Filter("channel", (1,)),))
    drill = decoded(over(series, "cases_registered", Period(AS_OF, AS_OF)))
    assert drill.question == Question(
        ("cases_registered",), Period(AS_OF, AS_OF), AS_OF, filters=(Filter("channel", (1,)),)
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_window_shows_as_many_as_were_clicked(
    lang: str, demo: Warehouse, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question(("replied_on_time_all",), OCTOBER, AS_OF, split=("district",))
    row = demo.ask(question).frame.to_dict("records")[1]
    word = token(question, "replied_on_time_all", row, Side.REST)
    late = int(row["replied_on_time_all_denominator"] - row["replied_on_time_all_numerator"])
    test = opened(draw_board("handling", demo_warehouse, monkeypatch, lang=lang, items=word))
    page = shown(test)
    assert (f"共 {late:,} 件" if lang == "zh" else f"{late:,} items") in page
    listed = test.dataframe[-1].value
    assert len(listed) == min(late, items.PAGE)
    assert listed.columns[0] == ("编号" if lang == "zh" else "Number")
    place = demo.members("district").set_index("id").loc[row["district"]]
    named = listed["区县" if lang == "zh" else "District"]
    assert set(named) == {place["name_zh" if lang == "zh" else "name_en"]}


@pytest.mark.parametrize(("role", "opens"), [("leader", True), ("analyst", True), ("nobody", False)])
def test_a_row_leads_to_its_case_for_who_opens_cases(
    role: str, opens: bool, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    if opens:
        become(role)
    else:
        monkeypatch.setattr(access, "may_open", lambda board: board != items.CASE_BOARD)
    drill = Drill(Question(("cases_registered",), Period(AS_OF, AS_OF), AS_OF), Side.COUNTED)
    test = opened(draw_board("volume", demo_warehouse, monkeypatch, items=encoded(drill), lang="en"))
    listed = test.dataframe[-1].value
    assert ("Open" in listed) is opens
    if opens:
        found = open_warehouse(demo_warehouse).listed(drill, ("case_id",), 0, 1)
        assert listed["Open"].iloc[0] == f"/case_life?case={found.frame['case_id'].iloc[0]}&lang=en"


@pytest.mark.parametrize(
    "word", ["x", "cases_registered~n~1~2~3", "<script>", "repeat_petitioners~n~20261001~20261031~20261031"]
)
def test_a_forged_address_is_one_sentence_over_the_board(
    word: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(opened(draw_board("overview", demo_warehouse, monkeypatch, items=word)))
    assert "this link names no number" in page
    assert "<script>" not in page


def test_every_number_of_every_board_opens_a_list_that_adds_up_to_it(
    demo: Warehouse, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole numbers that are printed in full and open items: the list has as many, whatever the board."""
    seen = 0
    for board in BOARDS:
        page = shown(opened(draw_board(board, demo_warehouse, monkeypatch)))
        page = html.unescape(page).replace('\\"', '"')
        found = set(re.findall(r'<span data-items="([^"]+)"[^>]*>([0-9,]+)</span>', page))
        for word, printed in sorted(found)[::7]:
            drill = decoded(word)
            key = next(iter(table_of(drill).primary_key.columns)).name
            assert demo.listed(drill, (key,), 0, 1).amount == int(printed.replace(",", "")), (board, word)
            seen += 1
    assert seen > 30


def test_the_list_shows_nothing_of_a_person() -> None:
    for table, columns in items.COLUMNS.items():
        assert set(columns) <= set(METADATA.tables[table].c.keys())
        assert not set(columns) & {"person_key", "matter_key", "lon", "lat", "h3", "detail"}


def test_what_happened_after_the_as_of_date_is_left_out(demo: Warehouse) -> None:
    early = date(2026, 9, 10)
    drill = Drill(Question(("cases_registered",), Period(early, early), early), Side.COUNTED)
    found = demo.listed(drill, tuple(items.COLUMNS["cases"]), 0, 500)
    assert pd.to_datetime(found.frame["closed_at"]).max() > pd.Timestamp(2026, 9, 11)
    listed = items.listing(demo, found, drill, "zh")
    for name in ("受理", "答复", "办结", "评价"):
        assert not (pd.to_datetime(listed[name]) >= pd.Timestamp(2026, 9, 11)).any()
    assert "已评价" not in set(listed.loc[listed["评价"].isna(), "状态"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_item_has_its_list(demo: Warehouse, lang: str) -> None:
    for metric in ("cases_registered", "backlog_assigned", "review_public_mean"):
        drill = Drill(Question((metric,), Period(date(2026, 1, 1), AS_OF), AS_OF), Side.COUNTED)
        name = table_of(drill).name
        found = demo.listed(drill, tuple(items.COLUMNS[name]), 0, 20)
        listed = items.listing(demo, found, drill, lang)
        assert len(listed) == 20
        sheet = items.items_sheet(listed, found, lang)
        assert len(sheet.rows) == 21, "the file says that it holds only the first"
        assert len(sheet.headings) == len(listed.columns)
    assert {key for key in CATALOG if key.startswith("review")}


def test_the_sides_of_a_rate_are_offered_and_a_count_has_one() -> None:
    assert list(items.offered(Drill(replace(QUESTION, split=()), Side.WHOLE))) == ["n", "d", "r"]
    one = Question(("cases_registered",), OCTOBER, AS_OF)
    assert list(items.offered(Drill(one, Side.COUNTED))) == ["n"]
    assert encoded(Drill(one, Side.COUNTED)) == "cases_registered~n~20261001~20261031~20261031"


def test_draw_is_not_disturbed_without_a_list(demo_warehouse: Path, draw: Draw) -> None:
    assert not opened(draw(demo_warehouse)).dataframe


def test_a_cell_of_a_long_table_opens_its_items(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells come from the browser: one outside the table or without items opens nothing."""
    found = {"到期件": ("cases_registered~n~20261001~20261031~20261031", "")}
    for cell, word in (
        ((0, "到期件"), found["到期件"][0]),
        ((1, "到期件"), ""),
        ((9, "到期件"), ""),
        ((0, "单位"), ""),
    ):
        chosen: dict[str, str] = {}
        monkeypatch.setattr(st, "session_state", {"units": {"selection": {"cells": [cell]}}})
        monkeypatch.setattr(filters, "choose", chosen.__setitem__)
        filters.open_cell("units", found)
        assert chosen.get(filters.ITEMS, "") == word

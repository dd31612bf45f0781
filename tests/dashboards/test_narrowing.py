"""A click narrows the page, which says so: chips, words, and numbers that fit the row that was clicked."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import data
from dashboards.navigation import all_boards
from queries.answer import Answer
from queries.execute import Warehouse, open_warehouse
from queries.question import Question
from tests.dashboards.conftest import shown
from tests.dashboards.test_boards import draw_board

NARROWED = ("volume", "repeats", "backlog", "handling", "responsiveness")


@pytest.fixture(scope="module")
def demo(demo_warehouse: Path) -> Warehouse:
    return open_warehouse(demo_warehouse)


def narrows(test: AppTest) -> list[tuple[str, str]]:
    page = html.unescape(shown(test)).replace('\\"', '"')
    return [(key, code) for key, code in re.findall(r'data-narrow="(\w+)=([^"]+)"', page)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("board", NARROWED)
def test_a_narrowed_board_says_so_and_offers_the_way_back(
    board: str, lang: str, demo: Warehouse, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = demo.members("category1").iloc[0]
    test = draw_board(board, demo_warehouse, monkeypatch, lang=lang, category1=str(member["code"]))
    assert not test.exception
    name = member["name_zh" if lang == "zh" else "name_en"]
    head = re.findall(r'class="q-words">(.*?)</p>', shown(test))
    assert any(name in html.unescape(words) for words in head), head
    chips = [button for button in test.button if button.key == "chip-category1"]
    assert [name in chip.label for chip in chips] == [True]
    chips[0].click().run()
    assert "category1" not in test.query_params
    assert not [button for button in test.button if button.key == "chip-category1"]


def test_every_narrowing_that_is_offered_can_be_followed(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = set()
    cuts = {"volume": ("category1", "channel", "district"), "repeats": ("category1", "region")}
    for board in (one.key for one in all_boards()):
        for cut in cuts.get(board, ("",)):
            for key, code in dict(narrows(draw_board(board, demo_warehouse, monkeypatch, cut=cut))).items():
                offered.add((board, key))
                narrowed = draw_board(board, demo_warehouse, monkeypatch, cut=cut, **{key: code})
                assert not narrowed.exception
                assert "q-card q-state" not in shown(narrowed)
    assert {("volume", "category1"), ("volume", "channel"), ("volume", "district")} <= offered
    assert {("repeats", "category1"), ("repeats", "district"), ("responsiveness", "category1")} <= offered


@pytest.mark.usefixtures("nothing_kept")
def test_the_narrowed_total_is_the_number_of_the_row(
    demo: Warehouse, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every category of the volume board, narrowed to, has as many items as its row said."""
    asked: list[Answer] = []
    real = data.ask

    def ask(warehouse: Warehouse, question: Question) -> Answer:
        asked.append(real(warehouse, question))
        return asked[-1]

    monkeypatch.setattr(data, "ask", ask)
    draw_board("volume", demo_warehouse, monkeypatch)
    parts = next(one for one in asked if one.question.split == ("category1",) and one.question.compare)
    codes = demo.members("category1").set_index("id")["code"]
    rows = [row for row in parts.frame.to_dict("records") if row["category1"] in codes.index]
    for row in rows[:4]:
        asked.clear()
        draw_board("volume", demo_warehouse, monkeypatch, category1=str(codes[row["category1"]]))
        assert asked[0].one("cases_registered") == row["cases_registered"]


def test_an_unknown_code_narrows_nothing(demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = draw_board("volume", demo_warehouse, monkeypatch, category1="' OR 1=1 --")
    assert not test.exception
    assert "OR 1=1" not in shown(test)
    assert not [button for button in test.button if button.key == "chip-category1"]

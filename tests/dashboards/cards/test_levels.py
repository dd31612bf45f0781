"""Down the category tree and back: what lies below, what is named, and parts that make the whole."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from dashboards import data, filters
from dashboards.boards.leadership import volume as board
from dashboards.cards import explanation, levels
from dashboards.cards.scene import CATEGORIES
from queries.answer import Answer
from queries.execute import Warehouse, open_warehouse
from queries.question import Filter, Question
from queries.vocabulary import Period
from tests.dashboards.cards.test_explanation import choices
from tests.dashboards.conftest import noting, shown
from tests.dashboards.test_boards import STATE, draw_board
from tests.queries.dozen import AS_OF, DATA_FROM
from warehouse.store import DIRECTORY_VARIABLE

# Of the dozen: 1 城乡建设 › 2 物业 › 3 收费 › 4 涨价 › 5 停车费.
ONE, TWO, THREE, FOUR = (Filter(key, (at,)) for at, key in enumerate(CATEGORIES[:4], start=1))


@pytest.fixture
def few(dozen_directory: Path) -> Warehouse:
    return open_warehouse(dozen_directory)


@pytest.mark.parametrize(
    ("here", "split"),
    [
        ((), "category1"),
        ((ONE,), "category2"),
        ((ONE, TWO), "category3"),
        ((ONE, TWO, THREE), "category4"),
        ((ONE, TWO, THREE, FOUR), "category5"),
        ((ONE, TWO, THREE, FOUR, Filter("category5", (5,))), "category5"),
        ((Filter("category1", (6,)), Filter("category2", (7,))), "category2"),  # 欠薪 is not divided further
    ],
)
def test_a_category_is_divided_by_the_next_level_that_there_is(
    few: Warehouse, here: tuple[Filter, ...], split: str
) -> None:
    assert levels.below(few, "category1", here) == split
    assert levels.below(few, "channel", here) == "channel"


def test_a_district_that_is_entered_is_divided_by_its_streets(few: Warehouse) -> None:
    assert levels.below(few, "district", ()) == "district"
    assert levels.below(few, "district", (ONE, Filter("district", (2,)))) == "street"
    assert levels.codes_below(few, "street") == {}
    assert "district" in filters.NARROWS


def test_items_of_the_category_above_itself_have_a_row_of_their_own(few: Warehouse) -> None:
    """Registered under 城乡建设: 3 4 5 7 8 11 14 17 and 1 below 物业, 12 and 13 at no lower level."""
    question = Question(
        ("cases_registered",), Period(DATA_FROM, AS_OF), AS_OF, split=("category2",), filters=(ONE,)
    )
    rows = few.ask(question).frame.to_dict("records")
    names = levels.names_below(few, "category2", (ONE,))
    found = {names[int(row["category2"])].zh: int(row["cases_registered"]) for row in rows}
    assert found["城乡建设（未再细分）"] + found["物业"] == sum(found.values())
    assert "未再细分" not in "".join(text.zh for text in levels.names_below(few, "category1", ()).values())


def test_each_step_of_the_way_leads_back_to_it(few: Warehouse) -> None:
    assert levels.crumbs(few, (), "zh") is None
    way = levels.crumbs(few, (ONE, TWO), "zh")
    assert way is not None
    assert re.sub("<[^>]+>", "", way) == "全部类别 › 城乡建设 › 物业"
    # taking back level 1 leads to all of them, taking back level 2 to level 1
    assert re.findall(r'data-narrow="([^"]+)"', way) == ["category1=c1", "category2=c2"]


def test_a_level_that_lies_elsewhere_is_ignored_and_leaves_the_address(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"category1": "02", "category2": "0101", "category3": "010102"}
    test = draw_board("volume", demo_warehouse, monkeypatch, **there)
    assert STATE not in shown(test)
    assert "category1" in test.query_params
    assert "category2" not in test.query_params
    assert "category3" not in test.query_params
    assert [button.key for button in test.button if str(button.key).startswith("chip-")] == ["chip-category1"]


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_level_is_drawn_and_its_rows_make_the_whole(
    lang: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: dict[str, str] = {}
    for key, code in (("category1", "01"), ("category2", "0101"), ("category3", "010102")):
        chosen[key] = code
        with noting() as noted:
            test = draw_board("volume", demo_warehouse, monkeypatch, lang=lang, span="year", **chosen)
        page = html.unescape(shown(test))
        assert STATE not in page
        assert "q-crumbs" in page
        splits = {question.split for question in noted.questions}
        assert (CATEGORIES[len(chosen)],) in splits
        assert (CATEGORIES[len(chosen)], "district", "channel") in splits
        if lang == "en":
            page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
            assert "未" not in page


def test_the_parts_of_a_district_are_of_its_streets(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(demo_warehouse))
    warehouse = data.warehouse()
    place = int(warehouse.members("district")["id"].iloc[1])
    asked = board.query(warehouse, choices(warehouse, district=place))
    assert asked.cells[0].question.split == ("category1", "street", "channel")
    now, before = (one.frame["cases_registered"].sum() for one in asked.cells)
    moved = explanation.explained(*asked.cells)
    assert sum(part.change for part in (*moved.parts, moved.rest)) == now - before
    first: Answer = asked.parts
    assert first.frame["first_time_cases"].sum() == asked.total.one("first_time_cases")

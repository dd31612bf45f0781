"""What falls due next: late first, then the nearest, days worked by hand, and lists that hold as many."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from dashboards.cards import due_next
from queries.drill import Items, decoded
from queries.execute import Warehouse, open_warehouse
from queries.question import Filter
from queries.vocabulary import Text
from tests.queries.dozen import district
from tests.queries.dozen import street as street_of

MEMBERS = {"district_id": {3: Text("甲区", "A District")}, "street_id": {}, "category1_id": {}}


@pytest.fixture
def few(dozen_directory: Path) -> Warehouse:
    return open_warehouse(dozen_directory)


def listed(warehouse: Warehouse, day: date, *here: Filter) -> Items:
    return warehouse.listed(due_next.due_drill(day, here), due_next.COLUMNS, 0, due_next.MOST)


def test_items_past_their_day_come_first_then_the_nearest(few: Warehouse) -> None:
    """On 10 April: 2 was due on 6 March and never resolved, 4 on the 15th, 5 on the 28th; 1 3 6 are done."""
    day = date(2026, 4, 10)
    frame = due_next.due_frame(listed(few, day), day)
    assert frame["backlog_item_id"].tolist() == [2, 4, 5]
    assert frame["days"].tolist() == [-35, 5, 18]
    assert frame["clears"].tolist() == [5, 0, 5]


def test_an_item_due_later_than_thirty_days_or_elsewhere_is_not_listed(few: Warehouse) -> None:
    day = date(2026, 3, 16)  # 30 days before item 4 is due; 5 is not yet assigned, 6 is due on the 27th
    assert due_next.due_frame(listed(few, day), day)["days"].tolist() == [-10, 4, 11, 30]
    early = date(2026, 3, 15)
    assert 31 not in due_next.due_frame(listed(few, early), early)["days"].tolist()
    only = listed(few, day, Filter("district", (district("上城"),)))
    assert due_next.due_frame(only, day)["backlog_item_id"].tolist() == [2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_numbers_in_words_open_lists_of_as_many(few: Warehouse, language: str) -> None:
    day = date(2026, 4, 15)  # 4 is due today
    found, drill = listed(few, day), due_next.due_drill(day, ())
    members = {**MEMBERS, "street_id": {street_of("上城", "湖滨街道"): Text("湖滨街道", "Hubin Street")}}
    card, sheet = due_next.due_card(found, drill, members, due_next.EVERY, language)
    assert re.findall(r"\d+", card.title) == (["30", "1", "2"] if language == "zh" else ["1", "30", "2"])
    opened = [
        decoded(word.replace("&#x27;", "'")) for word in re.findall(r'data-items="([^"]+)"', card.subtitle)
    ]
    assert [few.listed(one, (), 0, 1).rows for one in opened] == [2, 1]
    assert isinstance(card.body, pd.DataFrame)
    words = {"zh": ["▲ 超期", "● 今日到期", "将到期"], "en": ["▲ Late", "● Today", "Due next"]}
    assert card.body.iloc[:, 0].tolist() == words[language]
    assert card.body.iloc[0, 4] == ("湖滨街道" if language == "zh" else "Hubin Street")
    assert len(sheet.rows) == 3
    assert sheet.rows[1][1:3] == (0, "2026-04-15")


@pytest.mark.parametrize(("which", "days"), [("all", [-40, 0, 13]), ("late", [-40, 0]), ("soon", [13])])
def test_the_table_can_hold_the_late_or_the_coming_alone(few: Warehouse, which: str, days: list[int]) -> None:
    day = date(2026, 4, 15)
    card, sheet = due_next.due_card(listed(few, day), due_next.due_drill(day, ()), MEMBERS, which, "zh")
    assert isinstance(card.body, pd.DataFrame)
    assert card.body["距计划日（天）"].tolist() == days
    assert len(sheet.rows) == 3


def test_nothing_due_is_said(few: Warehouse) -> None:
    day = date(2025, 1, 20)
    card, sheet = due_next.due_card(
        listed(few, day), due_next.due_drill(day, ()), MEMBERS, due_next.EVERY, "zh"
    )
    assert card.title == "未来 30 天到期 0 件，另有 0 件已到计划日仍未化解"
    assert "data-items" not in card.subtitle
    assert sheet.rows == ()

"""The backlog in words: the balance, who stands out, the leaders with most items late, weeks cleared."""

from __future__ import annotations

import io
import math
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from dashboards.cards import backlog
from dashboards.cards.backlog_workbook import leaders_sheet
from dashboards.exports.workbook import workbook
from dashboards.figures.markup import Markup
from dashboards.figures.theme import LIGHT
from queries.answer import Answer
from queries.question import Question
from queries.vocabulary import Period, Text

DAY = date(2026, 10, 31)
NAMES = {1: Text("甲区", "A District"), 2: Text("乙区", "B District"), 3: Text("丙区", "C District")}


def state(split: str, *rows: tuple[Any, int, int, int, int]) -> Answer:
    """Rows of member, items assigned, resolved, on hand, and past their plan; every item is half clear."""
    found = []
    for member, assigned, resolved, stock, late in rows:
        row: dict[str, Any] = {split: member}
        for key, part, whole in (
            (backlog.STOCK, stock, None),
            (backlog.ASSIGNED, assigned, None),
            (backlog.CLEARANCE, resolved, assigned),
            (backlog.PAST_PLAN, late, stock),
            (backlog.CLEARS, stock / 2, stock),
        ):
            row[key] = float(part) if whole is None else part / whole if whole else math.nan
            row[f"{key}_numerator"] = float(part)
            row[f"{key}_denominator"] = math.nan if whole is None else float(whole)
        found.append(row)
    return Answer(Question(backlog.STATE, Period(DAY, DAY), DAY, split=(split,)), pd.DataFrame(found))


def total(opening: int, added: int, gone: int, closing: int) -> Answer:
    keys = (backlog.OPENING, backlog.ADDED, backlog.STRUCK_OFF, backlog.STOCK, backlog.RETURNED)
    values = dict(zip(keys, map(float, (opening, added, gone, closing, 2)), strict=True))
    parts = {f"{key}_numerator": value for key, value in values.items()}
    return Answer(Question(keys, Period(DAY, DAY), DAY), pd.DataFrame([values | parts]))


def test_the_balance_says_what_it_shows() -> None:
    card = backlog.balance(total(978, 5, 43, 940), "zh", LIGHT)
    assert card.title == "本期净减 38 件：新交办 5 件，销号 43 件"
    assert "期内另有 2 件" in card.subtitle
    assert isinstance(card.body, dict)
    assert card.body["data"][0]["text"] == ["978", "+5", "−43", "940"]
    opened = [one.partition("~")[0] for one in card.body["data"][0]["customdata"]]
    assert opened == [backlog.OPENING, backlog.ADDED, backlog.STRUCK_OFF, backlog.STOCK]
    assert backlog.balance(total(10, 9, 3, 16), "en", LIGHT).title.startswith("6 more on hand")


def test_a_balance_that_does_not_close_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="add up to 940"):
        backlog.balance(total(978, 5, 43, 939), "zh", LIGHT)


def test_a_region_stands_out_only_beyond_chance() -> None:
    steady = state("district", (1, 100, 50, 50, 1), (2, 100, 52, 48, 1), (3, 100, 48, 52, 1))
    assert "within chance" in backlog.regions(steady, NAMES, {}, "en").title
    low = state("district", (1, 300, 60, 240, 1), (2, 300, 180, 120, 1), (3, 300, 180, 120, 1))
    card = backlog.regions(low, NAMES, {1: "330101"}, "en")
    assert card.title == "A: clearance stands out low"
    assert isinstance(card.body, Markup)
    assert 'data-choose="330101"' in card.body
    assert 'title="60 / 300"' in card.body


def test_items_without_a_street_have_a_row_so_that_the_table_adds_up() -> None:
    body = backlog.regions(state("street", (0, 4, 1, 3, 1), (1, 10, 5, 5, 1)), NAMES, {}, "zh").body
    assert isinstance(body, Markup)
    assert "未明确" in body


def test_levels_name_the_lowest_and_bear_an_unstated_one() -> None:
    card = backlog.levels(state("list_level", (1, 10, 2, 8, 1), (3, 10, 5, 5, 1)), "zh")
    assert card.title == "国家交办化解率最低（20.00\u00a0%）"
    assert backlog.levels(state("list_level", (0, 10, 2, 8, 1)), "zh").title == "交办层级"


def test_ages_add_up_what_is_old() -> None:
    card = backlog.ages(state("backlog_age", (2, 10, 4, 6, 1), (3, 4, 1, 3, 1), (4, 2, 1, 1, 1)), "en")
    assert card.title == "4 items are older than 3 years (40.0\u00a0%)"
    assert backlog.ages(state("backlog_age", (2, 4, 4, 0, 0)), "en").title == "Nothing is on hand"


def test_leaders_with_most_items_late_come_first() -> None:
    answer = state("leader", ("区长", 10, 8, 2, 1), ("<b>书记</b>", 20, 5, 15, 9), ("县长", 3, 3, 0, 0))
    card = backlog.leaders(answer, "zh")
    frame = card.body
    assert isinstance(frame, pd.DataFrame)
    assert card.title == "3 位包案领导中 2 位有超期件，最多的是<b>书记</b>（9 件）"
    assert list(frame["包案领导"]) == ["<b>书记</b>", "区长", "县长"]
    assert list(frame["超期件"]) == [9, 1, 0]
    assert list(frame["化解率 %"]) == [25.0, 80.0, 100.0]
    none = state("leader", ("县长", 3, 3, 0, 0))
    assert backlog.leaders(none, "en").title == "None of 1 leaders in charge has items past plan"


def test_the_sheet_of_leaders_holds_numerators_and_denominators() -> None:
    sheet = leaders_sheet(state("leader", ("区长", 10, 8, 2, 1)), "en")
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook([sheet])))
    head, row = book.get_sheet_by_index(0).to_python()
    assert head[3:5] == ["Cleared: numerator", "Cleared: denominator"]
    assert row == ["区长", 10, 2, 8, 10, 1, 2, 1, 2]


def test_a_week_without_items_due_is_neither_cleared_nor_not() -> None:
    rows = [
        {"bucket": DAY - timedelta(weeks=back), backlog.ZERO: zero}
        | {f"{backlog.ON_PLAN}_numerator": met, f"{backlog.ON_PLAN}_denominator": due}
        for back, zero, met, due in ((2, 1.0, 3.0, 3.0), (1, math.nan, 0.0, 0.0), (0, 0.0, 1.0, 2.0))
    ]
    card = backlog.weeks(Answer(Question(backlog.DUE, Period(DAY, DAY), DAY), pd.DataFrame(rows)), "zh")
    assert card.title == "近 3 周中 2 周有件到期，1 周当周清零"
    assert isinstance(card.body, Markup)
    assert card.body.count("✓ 清零") == card.body.count("未清零") == 1

"""What went wrong with items rated: worked by hand, beyond chance only, lists of as many, gaps said."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards.cards import divisions
from dashboards.cards.responsiveness_sheets import divided_sheet
from queries.answer import Answer
from queries.dimensions import dimension
from queries.drill import decoded
from queries.execute import open_warehouse
from queries.question import Question
from queries.vocabulary import Period
from tests.dashboards.cards.reading import unlinked
from tests.queries.dozen import AS_OF, DATA_FROM

KEY, EVER = divisions.SATISFACTION, Period(DATA_FROM, AS_OF)
ALL = dict.fromkeys(dict(dimension("shortfall").names), True)


def rated(*rows: tuple[int, float, float]) -> tuple[Answer, Answer]:
    """Class, content, rated; and the same undivided."""
    found: list[dict[str, Any]] = [
        {"shortfall": one, f"{KEY}_numerator": good, f"{KEY}_denominator": whole}
        | {KEY: good / whole if whole >= 5 else float("nan")}
        for one, good, whole in rows
    ]
    good, whole = sum(one[1] for one in rows), sum(one[2] for one in rows)
    total = {
        f"{KEY}_numerator": good,
        f"{KEY}_denominator": whole,
        KEY: good / whole if whole else float("nan"),
    }
    parts = Answer(Question((KEY,), EVER, AS_OF, split=("shortfall",)), pd.DataFrame(found))
    return parts, Answer(Question((KEY,), EVER, AS_OF), pd.DataFrame([total]))


def cells(page: str) -> list[list[str]]:
    rows = re.findall("<tr.*?</tr>", unlinked(page))[1:]
    return [[one for one in re.findall(r"<td[^>]*>([^<]*)</td>", row) if one] for row in rows]


def test_the_class_that_adds_most_beyond_chance_is_named() -> None:
    """1 000 rated, 100 dissatisfied: of 100 not resolved 40, that is 30 more than a tenth of them."""
    parts, total = rated((1, 49, 50), (2, 60, 100), (4, 2, 3), (5, 789, 847))
    page = divisions.shortfall_card(parts, total, ALL, "zh")
    assert "不满意集中在“未解决”：40.00\u00a0% 不满意，比总体水平多约 30 件" in page
    assert cells(page) == [
        ["未解决", "40.00\u00a0%", "100", "40", "40.0\u00a0%", "+30.0", "显著偏高"],
        ["不予支持", "样本不足", "3", "1", "1.0\u00a0%", "–", "–"],
        ["未联系", "2.00\u00a0%", "50", "1", "1.0\u00a0%", "−4.0", "–"],
        ["以上皆无", "6.85\u00a0%", "847", "58", "58.0\u00a0%", "−26.7", "显著偏低"],
    ]


def test_chance_is_not_named_and_too_few_are_said() -> None:
    steady = divisions.shortfall_card(*rated((1, 9, 10), (5, 90, 100)), ALL, "en")
    assert "Nothing that went wrong has more dissatisfied than chance allows" in steady
    none = divisions.shortfall_card(*rated((1, 0, 0)), ALL, "zh")
    assert "本期评价不足" in none


def test_what_the_source_does_not_record_is_said_and_never_zero() -> None:
    page = divisions.shortfall_card(*rated((2, 9, 10), (5, 90, 100)), ALL | {1: False, 4: False}, "zh")
    assert cells(page)[-2:] == [["未联系", "未记录", *"–––––"], ["不予支持", "未记录", *"–––––"]]


def test_without_replies_on_record_nothing_is_called_late() -> None:
    page = divisions.shortfall_card(*rated((3, 50, 60), (5, 90, 100)), ALL | {3: False}, "zh")
    assert [row[0] for row in cells(page)] == ["以上皆无", "答复超期"]
    assert cells(page)[0][4] == "50.0\u00a0%"  # 10 of all 20 dissatisfied
    assert cells(page)[1][1] == "未记录"


def test_every_number_opens_a_list_of_as_many(dozen_directory: Path) -> None:
    few = open_warehouse(dozen_directory)
    parts, total = (few.ask(Question((KEY,), EVER, AS_OF, split=split)) for split in (("shortfall",), ()))
    page = divisions.shortfall_card(parts, total, divisions.recorded_shortfalls(few), "zh")
    opened = re.findall(r'data-items="([^"]+)"[^>]*>(\d+)<', page)
    assert sorted(int(said) for _, said in opened) == [1, 1, 1, 3, 6]
    for word, said in opened:
        assert few.listed(decoded(html.unescape(word)), ("case_id",), 0, 99).rows == int(said)
    assert "不予支持</td>" in page  # the dozen record no outcome
    assert "未记录" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sheet_holds_every_class(language: str) -> None:
    parts, total = rated((1, 49, 50), (2, 60, 100), (5, 791, 850))
    sheet = divided_sheet(parts, total, dict(dimension("shortfall").names), language)
    assert [row[5] for row in sheet.rows] == [1, 40, 59]
    assert sheet.rows[1][6] == pytest.approx(30)

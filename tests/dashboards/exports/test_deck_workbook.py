"""A deck as a workbook read back: real numbers shown as on the screen, whole lists, links, definitions."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from dashboards.exports.deck import Chart, Deck, Grid, Lines, Panel, View
from dashboards.exports.deck_workbook import number, workbook
from dashboards.exports.figure_rows import figure_rows
from dashboards.exports.workbook import Shown
from dashboards.figures.bump import Lane, Lanes, bump
from dashboards.figures.dumbbell import Pair, dumbbell
from dashboards.figures.theme import LIGHT
from tests.dashboards.exports.test_slides import CITY, FUNNEL, HEAT, LINE, TREND, WATERFALL, deck_of
from tests.hostile.strings import STRINGS

HEAD = 6  # lines above the rows of a panel's sheet


def read(deck: Deck) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(deck)))


def rows(page: Any) -> list[tuple[Any, ...]]:
    return list(page.iter_rows(min_row=HEAD, values_only=True))


def as_shown(value: float, form: str) -> str:
    """What a spreadsheet shows of a number: enough of the format language for the formats used here."""
    positive, _, rest = form.partition(";")
    section = positive
    if value < 0 and rest:
        section, value = rest.partition(";")[0], -value
    elif value == 0 and ";" in rest:
        section = rest.partition(";")[2]
    parts = re.split(r'"([^"]*)"', section)
    shape = "".join(parts[::2])
    found = re.fullmatch(r"([+]?)(#,##)?0(\.0+)?(%?)", shape)
    assert found is not None, form
    plus, grouped, places, percent = found.groups()
    digits = f"{value * (100 if percent else 1):{',' if grouped else ''}.{len(places or ' ') - 1}f}"
    return re.sub(r"[+]?(#,##)?0(\.0+)?", lambda _: f"{plus}{digits}", re.sub('"', "", section), count=1)


@pytest.mark.parametrize(
    "text",
    ["1,234", "0", "12.3\xa0%", "97.23 %", "+9.3 个百分点", "−0.5\xa0个百分点", "−43", "+35", "81.2", "3 级",
     "1,653 件", "5.40", "0.0\xa0%", "2.6 天", "100.0 %", "−10.1 % 向好", "12345 件"],
)  # fmt: skip
def test_a_number_is_a_number_and_shown_the_same(text: str) -> None:
    found = number(text)
    assert isinstance(found, Shown)
    assert as_shown(found.value, found.form) == text


def test_shares_are_shares_and_days_are_days() -> None:
    assert number("12.3 %") == Shown(0.123, '#,##0.0" "%')
    assert number("2026-10-31") == date(2026, 10, 31)


@pytest.mark.parametrize(
    "text",
    ["—", "–", "1–3", "▲2", "11 / 13", "2026-10", "0012", "2026-13-45", "余杭区", "", "=1+1", "1.2.3", "1,23",
     "12345678901234567", "3:30", "1 2", "5 (2)"],
)  # fmt: skip
def test_what_is_no_plain_number_stays_text(text: str) -> None:
    assert number(text) == text


def test_every_panel_has_a_sheet_and_the_contents_lead_to_it() -> None:
    book = read(deck_of(Panel("排名", "件", Grid(("区域",), (("余杭区",),))), Panel("", "", Lines(("甲",)))))
    assert book.sheetnames == ["目录", "01 排名", "01 一图一指数"]
    links = [cell.hyperlink.location for row in book["目录"].iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'01 排名'!A1", "'01 一图一指数'!A1"]
    told = [row[0] for row in book["01 排名"].iter_rows(max_row=4, values_only=True)]
    assert told == ["排名", "件", "一图一指数 · 近 4 周 · 杭州市", f"演示数据 · {LINE}"]


def test_lists_are_whole() -> None:
    grid = Grid(("单位", "件数"), tuple((f"单位{one}", f"{one:,}") for one in range(1, 2001)))
    found = rows(read(deck_of(Panel("单位", "", grid)))["01 单位"])
    assert found[0] == ("单位", "件数")
    assert found[1:] == [(f"单位{one}", one) for one in range(1, 2001)]


def test_charts_hold_the_numbers_of_the_figure() -> None:
    day = datetime(2026, 10, 19)
    book = read(deck_of(*(Panel(name, "", Chart(one)) for name, one in
                          (("线", TREND), ("柱", WATERFALL), ("格", HEAT), ("点", FUNNEL)))))  # fmt: skip
    assert rows(book["01 线"])[0][1:] == ("界限 1", "2026", "信号")
    assert rows(book["01 线"])[-1] == (day, 92, 142, 142)
    assert rows(book["01 柱"])[1:] == [("期初", 10, 0), ("销号", 4, 6), ("期末", 6, 0)]
    assert rows(book["01 格"])[1:][-1] == (day, None, 6)
    assert rows(book["01 点"])[1:] == [
        ("界限 1", None, 1, 0.5),
        ("界限 1", None, 100, 0.2),
        ("区县", "余杭区", 30, 0.1),
        ("区县", "临平区", 80, 0.25),
    ]


def test_ranks_are_ranks_and_pairs_are_pairs() -> None:
    lanes = (Lane("甲", (1, None), ("", "")), Lane("乙", (2, 1), ("", "")))
    drawn = bump((Lanes("城区", lanes), Lanes("郊县", lanes[:0])), ("09-05", "10-03"), LIGHT)
    assert figure_rows(drawn, "zh") == (("", "甲", "乙"), (("09-05", 1, 2), ("10-03", None, 1)))
    pairs = dumbbell(
        (Pair("甲", 0.1, 0.2, "worse", ""), Pair("乙", None, 0.3, "plain", "")), LIGHT, percent=True
    )
    headings, found = figure_rows(pairs, "zh")
    assert headings == ("名称", "此前", "本期")
    assert found == (
        ("甲", Shown(0.1, "0.00%"), Shown(0.2, "0.00%")),
        ("乙", None, Shown(0.3, "0.00%")),
    )


def test_map_values_and_definitions() -> None:
    deck = deck_of(Panel("地图", "", CITY))
    view = replace(deck.views[0], definitions=(("诉求总量", "登记的件数"),))
    book = read(replace(deck, views=(view, view), headings=("指标", "口径")))
    assert rows(book["01 地图"])[1:] == [("余杭区", 80.3)]
    assert book.sheetnames[-1] == "口径说明"
    assert list(book["口径说明"].iter_rows(values_only=True)) == [
        ("指标", "口径"),
        ("诉求总量", "登记的件数"),
    ]


def test_hostile_text_is_neither_formula_nor_link() -> None:
    grid = Grid(("甲",), tuple((text,) for text in STRINGS))
    views = tuple(
        View(text, text, text, "", (), (Panel(text, text, grid),))
        for text in (*STRINGS[:40], "=1+1", "[a]:b/c")
    )
    book = read(replace(deck_of(), views=views, title="=HYPERLINK(1)"))
    for page in book:
        for cell in cells(page):
            assert cell.data_type != "f", cell.value
            assert not str(cell.value or "").startswith(("=", "+", "@")), cell.value
            assert cell.hyperlink is None or cell.hyperlink.target is None
    assert len({name.casefold() for name in book.sheetnames}) == len(views) + 1


def cells(page: Any) -> Iterator[Any]:
    return (cell for row in page.iter_rows() for cell in row)

"""Whatever is hidden from a reader is left out: no number stands in its place, on no board and in no file.

Half of the fine counts are hidden and the others told as they are. Every number on a page is then one that
stands on the page of a reader who is told everything: a sum, a share, a rank or a zero made of what is left
would not be.
"""

from __future__ import annotations

import base64
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, data, layout
from dashboards.cards import profile_lists
from queries import hiding
from queries.policies import read_privacy
from tests.dashboards.conftest import Become, shown
from tests.dashboards.test_boards import CHINESE, STATE, draw_board

CATEGORY = {"category1": "05", "category": "05"}
CHOICES = {
    "city": {},
    "category": CATEGORY,
    "district": {"district": "330127"},
    "both": {**CATEGORY, "district": "330108", "span": "12w"},
}
ROLES = {"presenter": (), "district": ("330106",)}
# Of items, people and definitions nothing is counted; reports name items, and choose by what they are told.
OTHER = {"audit", "decks", "definitions", "case_life", "bulletin", "topic"}
# A district office's map holds its own cells alone: other numbers, and it says so.
OWN_CELLS = ("district", "hotspots")
OPEN = [
    (role, board)
    for role in ROLES
    for board, roles in access.roles().boards.items()
    if role in roles and board not in OTHER
]
NUMBER = re.compile(r"[\d,]*\d(?:\.\d+)?")
# What a page says of itself: how many rows a table has, and the badge of the policy.
OWN = re.compile(
    r"细分数随机取整到 \d+，少于 \d+ 件不显示|显示 [\d,]+ (?:个|/ [\d,]+)|前 \d+ (?:类|位)|共 \d+ 个|"
    r"应办件足够的 \d+ 个|180 天累计再访概率|区县逐格比较[^<]*|多出 = [^<]*|纵轴不从 0 起|把本图[^<]*"
)
STYLE, TAG = re.compile(r"<style>.*?</style>", re.DOTALL), re.compile(r"<[^>]*>")
READ = re.compile(r'(?:title|aria-label)="([^"]*)"')
OPENING = re.compile(r"<span[^>]*data-items[^>]*>(.*?)</span>")  # a number that opens its items
ROW, CELL = re.compile(r"<tr.*?</tr>", re.DOTALL), re.compile(r"<td.*?</td>", re.DOTALL)
SENTENCE = 12  # signs
# What stands in a cell in place of a number.
CELLS = {"–", "样本不足", "不予显示", "未记录", "无应办件", "不作判断", "波动之内", "同类波动之内"}
Said = tuple[str, int, str]  # what of, where after that, the number
FALSE = re.compile(r"(?<![A-Za-z])(?:nan|NaN|None|NaT|inf)(?![A-Za-z])")


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Half of the fine counts hidden, by their cell, and the others told as they are.

    What a page counts in all, cut by nothing, is told, lest there be no page.
    """
    hushed, read, bound = hiding.hushed, read_privacy, access.scope
    is_cut = False

    def noting(asked: hiding.Plan, made: hiding.Hiding, terms: Any, times: Any, *rest: Any) -> pd.DataFrame:
        nonlocal is_cut
        is_cut = bool(asked.question.split) or asked.question.grain is not None
        return hushed(asked, made, terms, times, *rest)

    def told(count: int, _line: int, _members: float, *rest: Any) -> float:
        digest = blake2b(repr(rest[-1][1:]).encode(), digest_size=1).digest()[0]
        return math.nan if is_cut and digest % 2 else float(count)

    monkeypatch.setattr(hiding, "hushed", noting)
    monkeypatch.setattr(hiding, "_told", told)
    # the demo city is small: so are what is left over and what rates divide by
    monkeypatch.setattr(data, "read_privacy", lambda: replace(read(), least_whole=1))
    monkeypatch.setattr(access, "scope", lambda codes: replace(bound(codes), smallest=2))
    # a short list would be filled up with what the other page had no room for
    monkeypatch.setattr(profile_lists, "CATEGORIES", 99)
    monkeypatch.setattr(profile_lists, "STREETS", 99)
    data.forget()
    yield
    data.forget()


def pieces(test: AppTest) -> Iterator[str]:
    """The HTML of a page, piece by piece."""
    for line in STYLE.sub("", shown(test)).splitlines():
        yield str(json.loads(line).get("html", "")) if line.startswith("{") else line


def printed(test: AppTest) -> Iterator[Said]:
    """Every number on a page with what it is said of: its row and column, or the last words before it.

    A sentence says itself of what. Of a chart the numbers alone: what is not judged is drawn in other words.
    """
    for page in pieces(test):
        bare = OPENING.sub(r"\1", page)
        for row in ROW.findall(bare):
            cells = [TAG.sub("", one) for one in CELL.findall(row)]
            name = next((one for one in cells if one not in CELLS and CHINESE.search(one)), "")
            yield from ((name, at, one) for at, one in enumerate(cells) if NUMBER.search(one))
        about = ""
        for node in filter(None, (one.strip() for one in TAG.split(OWN.sub("", ROW.sub("", bare))))):
            if NUMBER.search(node):
                yield ("", 0, node.rstrip("。.")) if len(node) > SENTENCE else (about, 1, node)
            elif node not in CELLS:
                about = node
        yield from (("", 0, number) for read in READ.findall(page) for number in NUMBER.findall(read))
    for chart in test.get("plotly_chart"):
        spec = json.loads(chart.proto.spec)
        words = [
            one for trace in spec["data"] for key in ("text", "hovertext") for one in flat(trace.get(key))
        ]
        words += [one.get("text") for one in spec["layout"].get("annotations", ())]
        yield from (("", 0, number) for word in words for number in NUMBER.findall(str(word or "")))
    for table in test.dataframe:
        for row in table.value.to_dict("records"):
            name = str(next(iter(row.values())))
            yield from (
                (f"{name} {column}", 0, f"{value:.6g}")
                for column, value in row.items()
                if isinstance(value, int | float) and not pd.isna(value)
            )


def flat(values: Any) -> list[Any]:
    """The values of a list of lists, or of plotly's packed arrays."""
    if isinstance(values, dict):
        return list(np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]))
    return [one for each in values for one in flat(each)] if isinstance(values, list) else [values]


def filed(book: bytes) -> Iterator[Said]:
    """Every number of a workbook with its sheet, the words of its row, and its column."""
    for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets:
        for row in sheet.iter_rows(values_only=True):
            about = " ".join(str(one) for one in row[:2] if isinstance(one, str | date) and one not in CELLS)
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    yield f"{sheet.title} {about}", column, f"{value:.6g}"


def drawn(
    board: str, place: Path, choices: dict[str, str], patch: pytest.MonkeyPatch
) -> tuple[str, set[Said], set[Said]]:
    """The page of a board: its HTML, the numbers on it, and those in the file that it offers."""
    books: list[Any] = []

    def offered(_label: str, made: Any, name: str, **_more: object) -> None:
        if name.endswith(".xlsx"):
            books.append(made)

    patch.setattr(layout, "download", offered)
    test = draw_board(board, place, patch, **choices)
    assert not test.exception
    return "\n".join(pieces(test)), {*printed(test)}, {one for made in books for one in filed(made())}


@pytest.mark.parametrize(("role", "board"), OPEN)
@pytest.mark.parametrize("where", CHOICES)
@pytest.mark.usefixtures("half")
def test_what_is_left_out_is_not_made_up(
    role: str,
    board: str,
    where: str,
    demo_warehouse: Path,
    become: Become,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if (role, board) == OWN_CELLS and "district" not in CHOICES[where]:
        pytest.skip("its cells are those of the own district, compared among themselves")
    _, exact, kept = drawn(board, demo_warehouse, CHOICES[where], monkeypatch)
    become(role, *ROLES[role])
    page, told, file = drawn(board, demo_warehouse, CHOICES[where], monkeypatch)
    assert "系统出错" not in page
    assert not FALSE.search(TAG.sub(" ", page)), FALSE.search(TAG.sub(" ", page))
    assert STATE not in page
    whole = [said for _, _, said in exact if len(said) > SENTENCE]
    made_up = {one for one in told - exact if not any(one[2] in said for said in whole)}
    assert made_up == set()
    assert file - kept == set()

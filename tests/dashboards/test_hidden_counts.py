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
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, data, layout
from dashboards.cards import profile_lists
from queries import hiding
from tests.dashboards.conftest import Become, shown
from tests.dashboards.test_boards import STATE, draw_board

CATEGORY = {"category1": "05", "category": "05"}
CHOICES = {
    "city": {},
    "category": CATEGORY,
    "district": {"district": "330127"},
    "both": {**CATEGORY, "district": "330108", "span": "12w"},
}
ROLES = {"presenter": (), "district": ("330106",)}
# Items, people and definitions: nothing counted there is hidden.
OTHER = {"audit", "decks", "definitions", "case_life", "bulletin"}
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
    r"应办件足够的 \d+ 个"
)
STYLE, TAG = re.compile(r"<style>.*?</style>", re.DOTALL), re.compile(r"<[^>]*>")
READ = re.compile(r'(?:title|aria-label)="([^"]*)"')
FALSE = re.compile(r"(?<![A-Za-z])(?:nan|NaN|None|NaT|inf)(?![A-Za-z])")


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Half of the fine counts hidden, by their cell, and the others told as they are."""

    def told(count: int, _line: int, _members: float, *rest: Any) -> float:
        digest = blake2b(repr(rest[-1]).encode(), digest_size=1).digest()[0]
        return float(count) if digest % 2 else math.nan

    monkeypatch.setattr(hiding, "_told", told)
    # a short list would be filled up with what the other page had no room for
    monkeypatch.setattr(profile_lists, "CATEGORIES", 99)
    monkeypatch.setattr(profile_lists, "STREETS", 99)
    data.forget()
    yield
    data.forget()


def texts(test: AppTest) -> Iterator[str]:
    """What a page prints: its HTML, the charts' words and the tables' cells."""
    for line in shown(test).splitlines():
        page = str(json.loads(line).get("html", "")) if line.startswith("{") else STYLE.sub("", line)
        yield OWN.sub(" ", TAG.sub(" | ", page))
        yield from READ.findall(page)
    for chart in test.get("plotly_chart"):
        spec = json.loads(chart.proto.spec)
        for trace in spec["data"]:
            for key in ("text", "hovertext", "name"):
                yield from map(str, flat(trace.get(key, "")))
        yield from (str(one.get("text")) for one in spec["layout"].get("annotations", ()))
    yield from (table.value.to_csv(index=False, sep="|") for table in test.dataframe)


def flat(values: Any) -> list[Any]:
    """The values of a list of lists, or of plotly's packed arrays."""
    if isinstance(values, dict):
        return list(np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]))
    return [one for each in values for one in flat(each)] if isinstance(values, list) else [values]


def numbers_of(found: Iterator[str]) -> set[str]:
    """The numbers in texts, as they are printed."""
    return {number for text in found for number in NUMBER.findall(text)}


def cells(books: list[bytes]) -> Iterator[str]:
    """The cells of workbooks, numbers as printed to six places."""
    for book in books:
        for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets:
            for row in sheet.iter_rows(values_only=True):
                for value in row:
                    yield f"{value:.6f}" if isinstance(value, float) else str(value or 0)


def drawn(
    board: str, place: Path, choices: dict[str, str], patch: pytest.MonkeyPatch
) -> tuple[str, set[str], set[str]]:
    """The page of a board: its text, the numbers on it, and those in the file that it offers."""
    books: list[Any] = []
    patch.setattr(layout, "download", lambda _label, made, _name: books.append(made))
    test = draw_board(board, place, patch, **choices)
    assert not test.exception
    every = list(texts(test))
    return "\n".join(every), numbers_of(iter(every)), numbers_of(cells([made() for made in books]))


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
    assert not FALSE.search(page), FALSE.search(page)
    if STATE not in page:
        assert told - exact == set()
        assert file - kept == set()

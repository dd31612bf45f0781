"""Spreadsheets read back: numbers are numbers, and no text is a formula."""

import io
import math
from datetime import date

import openpyxl
import pytest

from dashboards.exports.workbook import Sheet, harmless, workbook

HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "　=1", "＝1", "＋1", "－1", "＠1", "\n=1",
)  # fmt: skip


def test_no_hostile_text_is_a_formula() -> None:
    content = workbook([Sheet("s", ("x",), tuple((text,) for text in HOSTILE))])
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page is not None
    cells = [row[0] for row in page.iter_rows(min_row=2)]
    assert len(cells) == len(HOSTILE)
    for cell in cells:
        assert cell.data_type == "s"
        assert str(cell.value).startswith("'")


@pytest.mark.parametrize("text", ["上城区", "3–5", "a = b", "", "12345"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_numbers_and_days_keep_their_kind_and_nan_is_left_empty() -> None:
    content = workbook([Sheet("数据", ("n", "d", "m"), ((1.5, date(2026, 10, 31), math.nan), (2, None, -3)))])
    page = openpyxl.load_workbook(io.BytesIO(content))["数据"]
    first, second = page.iter_rows(min_row=2, values_only=True)
    assert first[0] == 1.5
    assert str(first[1]).startswith("2026-10-31")
    assert first[2] is None
    assert second == (2, None, -3)


def test_addresses_are_no_links() -> None:
    content = workbook([Sheet("s", ("x",), (("http://elsewhere.example/",),))])
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page is not None
    assert page["A2"].hyperlink is None


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\u2068=1+1\u2069", "'=1+1"),
        ("\xa0=1+1", "'\xa0=1+1"),
        ("\u2068مكتب\u2069", "مكتب"),
        ("长" * 40_000, "长" * 32_767),
    ],
)
def test_a_cell_holds_what_it_has_room_for(text: str, cell: str) -> None:
    assert harmless(text) == cell

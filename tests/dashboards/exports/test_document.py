"""Which tables are kept on one page, and that a high one leaves no page empty before it."""

from __future__ import annotations

import io
from datetime import date

import pypdf

from dashboards.exports.document import Document, Heading, Paragraph, Table, is_whole
from dashboards.exports.pdf import pdf

SHORT = ("a", "1", "2", "3")
WORDY = ("a name", *("items accepted within the limit and those whose limit falls in the period",) * 3)


def table(row: tuple[str, ...], rows: int) -> Table:
    return Table("Table 1", ("Name", "One", "Two", "Three"), (row,) * rows)


def test_a_table_is_whole_by_its_rows_and_by_the_lines_that_its_texts_break_into() -> None:
    assert is_whole(table(SHORT, 16))
    assert not is_whole(table(SHORT, 17))
    assert is_whole(table(WORDY, 4))
    assert not is_whole(table(WORDY, 16))
    assert is_whole(table((*SHORT[:3], "字" * 12), 16))
    assert is_whole(table(SHORT, 0))


def test_a_high_table_begins_under_its_heading() -> None:
    blocks = (Paragraph("before"), Heading(1, "Annex"), table(WORDY, 16))
    made = pdf(Document("en", "No. 1", "A title", "", date(2026, 3, 31), blocks, ("the foot",)))
    first = pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()
    for said in ("Annex", "Table 1", "a name"):
        assert said in first

"""Word documents read back: page, faces, heading rows, whole rows, marks; the same bytes twice."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from dashboards.exports.document import Document, Drawing, Heading, Paragraph, Slot, Table
from dashboards.exports.word import ALTERNATES, FANG, HEI, KAI, SONG, TEXT_WIDTH, word

ROWS = tuple((f"区{n}", str(n), f"{n}.00 %") for n in range(1, 31))
DOCUMENT = Document(
    language="zh",
    number="晴雨月报〔2026〕第 10 期",
    title="杭州市信访和12345热线办理情况月报\n（2026年10月）",
    mark="演示数据",
    dated=date(2026, 10, 31),
    blocks=(
        Heading(1, "一、本期要点"),
        Paragraph("1. 登记诉求 1,416 件。"),
        Heading(2, "（一）按期答复率"),
        Paragraph("位次为同类组内排名。", quiet=True),
        Table("表 1　按期答复率", ("区县", "位次", "数值"), ROWS),
        Slot(3),
    ),
    foot=("仓库版本 A",),
)


@pytest.fixture(scope="module")
def written() -> bytes:
    return word(DOCUMENT)


def test_it_reads_back(written: bytes) -> None:
    file = docx.Document(io.BytesIO(written))
    said = [one.text for one in file.paragraphs]
    assert said[:2] == [DOCUMENT.number, DOCUMENT.title]
    for text in (
        "一、本期要点",
        "1. 登记诉求 1,416 件。",
        "（一）按期答复率",
        "表 1　按期答复率",
        "仓库版本 A",
    ):
        assert text in said
    (table,) = file.tables
    cells = [tuple(cell.text for cell in row.cells) for row in table.rows]
    assert cells == [("区县", "位次", "数值"), *ROWS]
    styles = [one.style for one in file.paragraphs if one.text.startswith("一、")]
    assert [one.name for one in styles if one] == ["Heading 1"]


def test_the_page_is_that_of_official_documents(written: bytes) -> None:
    section = docx.Document(io.BytesIO(written)).sections[0]
    page = (section.page_width, section.page_height)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    # Word keeps lengths in twentieths of a point
    for found, wanted in zip((*page, *margins), (210, 297, 37, 35, 28, 26), strict=True):
        assert found == pytest.approx(Mm(wanted), abs=Mm(0.1))


def test_rows_are_never_cut_and_headings_stand_again(written: bytes) -> None:
    (table,) = docx.Document(io.BytesIO(written)).tables
    told = [row.get_or_add_trPr() for row in table._tbl.tr_lst]
    assert all(one.find(qn("w:cantSplit")) is not None for one in told)
    assert [one.find(qn("w:tblHeader")) is not None for one in told] == [True] + [False] * 30


def test_every_page_says_that_the_data_are_for_show(written: bytes) -> None:
    section = docx.Document(io.BytesIO(written)).sections[0]
    for header, footer in (
        (section.header, section.footer),
        (section.even_page_header, section.even_page_footer),
    ):
        assert "".join(one.text for one in header.paragraphs) == "演示数据"
        assert "PAGE" in footer.part.blob.decode()


def test_faces_and_their_alternates(written: bytes) -> None:
    file = docx.Document(io.BytesIO(written))
    wanted = {"Normal": FANG, "Title": SONG, "Heading 1": HEI, "Heading 2": KAI}
    found = {name: file.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in wanted}
    assert found == wanted
    language = file.styles.element.find(f".//{qn('w:lang')}")
    assert (language.get(qn("w:val")), language.get(qn("w:eastAsia"))) == ("en-US", "zh-CN")
    fonts = zipfile.ZipFile(io.BytesIO(written)).read("word/fontTable.xml").decode()
    for face, others in ALTERNATES.items():
        assert f"w:name='{face}'><w:altName w:val='{others}'/>" in fonts


def test_the_same_document_gives_the_same_bytes(written: bytes) -> None:
    assert word(DOCUMENT) == written
    days = {member.date_time for member in zipfile.ZipFile(io.BytesIO(written)).infolist()}
    assert days == {(1980, 1, 1, 0, 0, 0)}
    told = docx.Document(io.BytesIO(written)).core_properties
    assert (told.created.date(), told.author) == (date(2026, 10, 31), "晴雨 Qingyu")


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a row is not as long as the 2 headings"):
        Table("表", ("a", "b"), (("1",),))


TREND = {
    "data": [{"type": "scatter", "x": ["2026-10-01", "2026-10-02"], "y": [3, 5], "mode": "lines"}],
    "layout": {"xaxis": {"type": "date"}, "yaxis": {}},
}


def test_a_chart_is_a_picture_across_the_page_and_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = replace(DOCUMENT, blocks=(Drawing("各时段登记件数", TREND),))
    file = docx.Document(io.BytesIO(word(drawn)))
    (shape,) = file.inline_shapes
    assert shape.width == TEXT_WIDTH
    assert shape._inline.docPr.get("descr") == "各时段登记件数"
    assert "各时段登记件数" in [one.text for one in file.paragraphs]
    assert word(drawn) == word(drawn)
    # its numbers stand in a table: without a printer only the picture is missing
    monkeypatch.setattr("dashboards.exports.word.can_print", lambda: False)
    assert len(docx.Document(io.BytesIO(word(drawn))).inline_shapes) == 0

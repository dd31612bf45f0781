"""The only file that writes Word documents, laid out as official ones are (GB/T 9704-2012).

A4 with margins of 37, 35, 28 and 26 mm; title 二号, headings 黑体 and 楷体 三号, body 仿宋 三号; page numbers
outside. Every face is one that Windows has, with those of domestic desktops named as its alternates.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from dashboards.exports.document import (
    DRAWING_HEIGHT,
    DRAWING_WIDTH,
    Block,
    Document,
    Drawing,
    Heading,
    Paragraph,
    Slot,
    Table,
    is_whole,
    shares,
)
from dashboards.exports.drawing import chart_svg
from dashboards.exports.pdf import can_print
from dashboards.exports.pictures import rastered

SONG, HEI, KAI, FANG = "宋体", "黑体", "楷体", "仿宋"
LATIN = "Times New Roman"
# What takes the place of each face where it is missing: Windows' own name, then Kylin, UOS and free ones.
ALTERNATES = {
    SONG: "SimSun,方正书宋_GBK,Noto Serif CJK SC,Source Han Serif SC",
    HEI: "SimHei,方正黑体_GBK,Noto Sans CJK SC,Source Han Sans SC",
    KAI: "KaiTi,楷体_GB2312,方正楷体_GBK,AR PL UKai CN",
    FANG: "FangSong,仿宋_GB2312,方正仿宋_GBK,Noto Serif CJK SC",
}
_FAMILIES = {SONG: "roman", HEI: "swiss", KAI: "script", FANG: "modern"}
TEXT_WIDTH = Mm(210 - 28 - 26)
TITLE, BODY, SMALL, CELL, FOLIO = Pt(22), Pt(16), Pt(12), Pt(10.5), Pt(14)  # 二号 三号 小四 五号 四号
LINE = Pt(28)
RED = RGBColor(0xC8, 0x28, 0x1E)
# Of the 164 styles of an empty file: the others would be looked through for every cell.
_KEPT = frozenset(
    {
        "Normal",
        "Title",
        "Caption",
        "Heading 1",
        "Heading 2",
        "Header",
        "Footer",
        "Default Paragraph Font",
        "Normal Table",
        "Table Grid",
        "No List",
    }
)
_LONGEST = 255  # signs that a property of the file may have
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
_FONT_TABLE = "word/fontTable.xml"


def word(document: Document) -> bytes:
    """The document as a DOCX file; the same document gives the same bytes."""
    file = docx.Document()
    _properties(file, document)
    _page(file, document)
    _styles(file, document)
    _plain(file, document.number, "Number")
    _plain(file, document.title, "Title")
    for block in document.blocks:
        _block(file, block, document)
    for line in document.foot:
        _plain(file, line, "Remark")
    buffer = io.BytesIO()
    file.save(buffer)
    return _repacked(buffer.getvalue())


def _block(file: WordFile, block: Block, document: Document) -> None:
    match block:
        case Heading():
            file.add_heading(block.text, block.level)
        case Paragraph():
            _plain(file, block.text, "Remark" if block.quiet else "Normal")
        case Table():
            _table(file, block)
        case Slot():
            for _ in range(block.lines):
                _plain(file, "", "Normal")
        case Drawing():
            _drawing(file, block, document)


def _drawing(file: WordFile, block: Drawing, document: Document) -> None:
    """The chart as a picture; left out on machines that cannot set one, as its numbers stand in a table."""
    if not can_print():
        return
    drawn = chart_svg(block.figure, DRAWING_WIDTH, DRAWING_HEIGHT, document.language)
    (png,) = rastered([drawn], DRAWING_WIDTH, DRAWING_HEIGHT, document.dated)
    _plain(file, block.title, "Caption").paragraph_format.keep_with_next = True
    place = _plain(file, "", "Gap")
    place.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    shown = place.add_run().add_picture(io.BytesIO(png), width=TEXT_WIDTH)
    shown._inline.docPr.set("descr", block.title)  # noqa: SLF001 - python-docx has no word for it


def _plain(file: WordFile, text: str, style: str) -> WordParagraph:
    return file.add_paragraph(text, style=style)


def _table(file: WordFile, table: Table) -> None:
    _plain(file, table.title, "Caption").paragraph_format.keep_with_next = True
    made = file.add_table(rows=0, cols=len(table.headings), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    widths = [round(TEXT_WIDTH * share) for share in shares(table)]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    together = is_whole(table)
    lines = (table.headings, *table.rows)
    for place, cells in enumerate(lines):
        is_head = place == 0
        _row(
            made,
            cells,
            widths,
            table.names,
            is_head=is_head,
            keep=is_head or (together and place < len(lines) - 1),
        )
    _plain(file, "", "Gap")


def _row(
    made: WordTable, cells: tuple[str, ...], widths: list[int], names: int, *, is_head: bool, keep: bool
) -> None:
    row = made.add_row()  # type: ignore[no-untyped-call]
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no word for it
    properties.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    if is_head:
        properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for place, (cell, text, width) in enumerate(zip(row.cells, cells, widths, strict=True)):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.style = "Table Head" if is_head else "Table Cell"
        paragraph.add_run(text)
        paragraph.paragraph_format.keep_with_next = keep
        if not is_head and place >= names:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _properties(file: WordFile, document: Document) -> None:
    told, day = file.core_properties, datetime.combine(document.dated, datetime.min.time(), UTC)
    title = document.title.replace("\n", " ")[:_LONGEST]
    told.title, told.subject, told.author = title, document.number, "晴雨 Qingyu"
    told.language = "zh-CN" if document.language == "zh" else "en-US"
    told.comments, told.keywords = document.mark, document.mark
    told.created = told.modified = day
    told.last_modified_by, told.revision = told.author, 1


def _page(file: WordFile, document: Document) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(20), Mm(28)  # the folio stands 7 mm below the text
    file.settings.odd_and_even_pages_header_footer = True
    settings = file.settings.element
    settings.append(
        parse_xml(
            f"<w:compat {nsdecls('w')}><w:compatSetting w:name='compatibilityMode' "
            "w:uri='http://schemas.microsoft.com/office/word' w:val='15'/></w:compat>"
        )
    )
    odd, even = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
    for header, footer, side in (
        (section.header, section.footer, odd),
        (section.even_page_header, section.even_page_footer, even),
    ):
        header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        mark = header.paragraphs[0].add_run(document.mark)
        mark.font.color.rgb, mark.font.size = RED, SMALL
        _faces(mark.font.element.get_or_add_rPr(), HEI)
        folio = footer.paragraphs[0]
        folio.alignment = side
        folio.paragraph_format.left_indent = folio.paragraph_format.right_indent = FOLIO
        for piece in ("— ", None, " —"):
            run = folio.add_run(piece or "")
            run.font.size = FOLIO
            _faces(run.font.element.get_or_add_rPr(), SONG)
            if piece is None:
                _field(run.element)


def _field(run: Any) -> None:
    """The page's number, as three pieces, which every program knows."""
    for xml in (
        f"<w:fldChar {nsdecls('w')} w:fldCharType='begin'/>",
        f"<w:instrText {nsdecls('w')} xml:space='preserve'>PAGE</w:instrText>",
        f"<w:fldChar {nsdecls('w')} w:fldCharType='end'/>",
    ):
        run.append(parse_xml(xml))


def _styles(file: WordFile, document: Document) -> None:
    styles, indent = file.styles, BODY * 2 if document.language == "zh" else 0
    for style in [one for one in styles if one.name not in _KEPT]:
        style.delete()
    # Without it a Chinese text is set with the Japanese forms of its signs where a face is missing. What is
    # not Chinese stays English in both languages: figures called Chinese are broken at the end of a line.
    language = file.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal = styles["Normal"]
    _style(normal, FANG, BODY, line=LINE)
    normal.paragraph_format.first_line_indent = indent
    title = styles["Title"]
    _style(title, SONG, TITLE, line=Pt(34), bold=True, centred=True, before=Pt(16), after=Pt(16))
    border = title.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        border.getparent().remove(border)
    for name, face in (("Heading 1", HEI), ("Heading 2", KAI)):
        _style(styles[name], face, BODY, line=LINE, bold=document.language != "zh")
        styles[name].paragraph_format.first_line_indent = indent
        styles[name].paragraph_format.keep_with_next = True
    _style(styles["Caption"], HEI, SMALL, line=Pt(20), bold=False, centred=True, before=Pt(6))
    for name, face, size, line in (
        ("Number", FANG, BODY, LINE),
        ("Remark", KAI, SMALL, Pt(18)),
        ("Table Head", HEI, CELL, Pt(14)),
        ("Table Cell", FANG, CELL, Pt(14)),
        ("Gap", FANG, SMALL, Pt(12)),
    ):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles["Normal"]
        _style(made, face, size, line=line, centred=name in {"Number", "Table Head"})
    rule = f"<w:pBdr {nsdecls('w')}><w:bottom w:val='single' w:sz='18' w:space='6' w:color='{RED}'/></w:pBdr>"
    styles["Number"].element.get_or_add_pPr().insert_element_before(
        parse_xml(rule), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc"
    )


def _style(
    style: ParagraphStyle,
    face: str,
    size: int,
    *,
    line: int,
    bold: bool = False,
    centred: bool = False,
    before: int = 0,
    after: int = 0,
) -> None:
    style.font.size, style.font.bold, style.font.italic = size, bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    _faces(style.element.get_or_add_rPr(), face)
    told = style.paragraph_format
    told.line_spacing_rule, told.line_spacing = WD_LINE_SPACING.EXACTLY, line
    told.space_before, told.space_after, told.first_line_indent = before, after, 0
    if centred:
        told.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _faces(properties: Any, face: str) -> None:
    """Chinese in `face`, the rest in the Latin face; a theme's fonts would win over both, so they go."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", face)):
        fonts.set(qn(f"w:{name}"), value)


def _font_table() -> bytes:
    """The table of fonts: every face with its alternates."""
    fonts = "".join(
        f"<w:font w:name='{face}'><w:altName w:val='{others}'/><w:charset w:val='86'/>"
        f"<w:family w:val='{_FAMILIES[face]}'/><w:pitch w:val='variable'/></w:font>"
        for face, others in ALTERNATES.items()
    )
    latin = f"<w:font w:name='{LATIN}'><w:charset w:val='00'/><w:family w:val='roman'/></w:font>"
    head = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
    return f"{head}<w:fonts {nsdecls('w')}>{fonts}{latin}</w:fonts>".encode()


def _repacked(file: bytes) -> bytes:
    """The same archive with our table of fonts, without the time of day that it was written at."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as written, zipfile.ZipFile(buffer, "w") as undated:
        for name in written.namelist():
            member = zipfile.ZipInfo(name, _ZIP_DAY)
            member.compress_type = zipfile.ZIP_DEFLATED
            undated.writestr(member, _font_table() if name == _FONT_TABLE else written.read(name))
    return buffer.getvalue()

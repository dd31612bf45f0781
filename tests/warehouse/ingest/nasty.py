"""A corpus of nasty files, made by code, each with the account of every row worked out by hand."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.ingest.conftest import HEADER, MAPPING
from warehouse.errors import BadMapping, BadSource, WarehouseError
from warehouse.ingest import staging
from warehouse.ingest.lines import BAD_QUOTE, TOO_FEW, TOO_MANY
from warehouse.ingest.rows import ABSENT, BEFORE, DEFAULT_POINT, FUTURE, TOO_LONG, UNKNOWN, UNREADABLE

ONE = "A1,2026-03-01 10:00:00,2026-03-02 11:00:00,路灯"
TWO = "A2,2026-03-01 12:00:00,,停车"
THREE = "A3,2026-03-02 12:00:00,,噪音"
TITLES = ("路灯", "停车", "噪音")
NO_ROW = r"No row of .* was whole and new, so nothing was published"
# An even spread of bytes that is the same every time, as of a picture.
RUBBISH = bytes(place * 89 % 251 for place in range(4096))
REPAIRED, REJECTED, DUPLICATE, SUPERSEDED = "repaired", "rejected", "duplicate", "superseded"


@dataclass(frozen=True)
class Nasty:
    """One file, what becomes of each of its rows, and what then stands in the warehouse.

    `reasons` are the rows by (kind, reason); `aside` the place and raw text of each row in the side file;
    `stands` whole columns of `cases` in the order of the source's numbers. `top` are lines and `columns`
    columns added to the small mapping. A file that is refused has only `refused`, what the sentence says.
    """

    name: str
    content: bytes
    read: int = 0
    loaded: int = 0
    reasons: Mapping[tuple[str, str], int] = field(default_factory=dict)
    aside: Sequence[tuple[int, str]] = ()
    stands: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    top: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    error: type[WarehouseError] = BadSource
    encoding: str = "utf-8"

    def mapping(self) -> str:
        """The text of the mapping that this file is loaded through."""
        lines = [f"{key} = {given}" for key, given in self.columns.items()]
        return self.top + MAPPING + "\n".join(lines) + "\n"

    def rows(self, kind: str) -> int:
        """How many rows end as `kind`."""
        return sum(rows for (one, _), rows in self.reasons.items() if one == kind)


def lines(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    """A CSV under the small header."""
    return (end.join((header, *rows)) + end).encode()


def under(more: str, *rows: str) -> bytes:
    """A CSV whose header has more columns: the first row is A1, 2026-03-01, and what `rows` say."""
    told = [f"A{place},2026-03-01,,标题,{row}" for place, row in enumerate(rows, start=1)]
    return lines(*told, header=f"{HEADER},{more}")


def workbook(fill: Callable[[openpyxl.Workbook, Any], object]) -> bytes:
    """An XLSX whose workbook and first sheet `fill` has written to."""
    book = openpyxl.Workbook()
    fill(book, book.active)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def sheet(*rows: Sequence[object]) -> bytes:
    """An XLSX of one sheet with these rows."""
    return workbook(lambda _, page: [page.append(list(row)) for row in rows])


def by_hand(cells: str, shared: str = "", before: str = "") -> bytes:
    """An XLSX whose sheet holds just this XML, as no spreadsheet would write it."""
    plain = sheet(["x"])
    written = io.BytesIO()
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="texts" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    with zipfile.ZipFile(io.BytesIO(plain)) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        f"{before}<worksheet {space}><sheetData>{cells}</sheetData></worksheet>"
    )
    if shared:
        links = "xl/_rels/workbook.xml.rels"
        parts[links] = parts[links].replace("</Relationships>", link)
        parts["xl/sharedStrings.xml"] = f"<sst {space}>{shared}</sst>"
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return written.getvalue()


def archive(name: str, content: bytes) -> bytes:
    """A ZIP of one file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return written.getvalue()


def damaged(content: bytes, place: int) -> bytes:
    """The file with a few hundred bytes from `place` on overwritten."""
    return content[:place] + RUBBISH[:300] + content[place + 300 :]


def understated(content: bytes, name: str) -> bytes:
    """The archive, whose table of contents says of the entry `name` that it unpacks to one byte."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        size = packed.getinfo(name).file_size.to_bytes(4, "little")
    start = content.index(b"PK\x01\x02")
    return content[:start] + content[start:].replace(size, b"\x01\x00\x00\x00")


def table(**columns: Any) -> bytes:
    """A Parquet file under the small header: number, registered, closed, title, and more."""
    named = dict(zip(("number", "registered", "closed", "title"), HEADER.split(","), strict=True))
    arrays = {named.get(key, key): values for key, values in columns.items()}
    written = io.BytesIO()
    pq.write_table(pa.table(arrays), written)
    return written.getvalue()


PARQUET: dict[str, Any] = {
    "number": ["A1", "A2"],
    "registered": [datetime(2026, 3, 1, 10), datetime(2026, 3, 2)],
    "closed": [date(2026, 3, 2), None],
    "title": ["路灯", "停车"],
}


def _texts() -> list[Nasty]:
    """CSV files: encodings, line ends, headers, quotes, and rows of the wrong length."""
    gb_header, gb_one, gb_two, gb_three = (row.encode("gb18030") for row in (HEADER, ONE, TWO, THREE))
    bad_two = b"A2,2026-03-01 12:00:00,,\xff" + "停车".encode("gb18030")
    thousands = ",".join(f"c{place}" for place in range(9_996))
    return [
        Nasty("gb18030.csv", lines(ONE, TWO, "A3,2026-03-02,,𠮷里").decode().encode("gb18030"), 3, 3,
              stands={"title": ["路灯", "停车", "𠮷里"]}),
        Nasty("gbk_with_one_bad_byte.csv", b"\n".join((gb_header, gb_one, bad_two, gb_three)), 3, 2,
              {(REJECTED, "not gb18030"): 1}, [(3, "A2,2026-03-01 12:00:00,,\\xff停车")],
              {"title": ["路灯", "噪音"]}, encoding="gb18030"),
        Nasty("utf-8_with_a_mark.csv", b"\xef\xbb\xbf" + lines(ONE, TWO), 2, 2),
        Nasty("utf-16.csv", lines(ONE).decode().encode("utf-16"), refused="is in UTF-16; save it as CSV"),
        Nasty("utf-16_without_a_mark.csv", lines(ONE, TWO).decode().encode("utf-16-le"),
              refused="is no CSV, XLSX or Parquet, .*at best a text in UTF-16"),
        Nasty("encodings_mixed_by_line.csv", lines(ONE) + gb_two + b"\n" + THREE.encode(), 3, 2,
              {(REJECTED, "not utf-8"): 1}, [(3, "A2,2026-03-01 12:00:00,,ͣ\\xb3\\xb5")],
              {"title": ["路灯", "噪音"]}),
        Nasty("cut_within_a_character.csv", lines(ONE, TWO)[:-2], 2, 1, {(REJECTED, "not utf-8"): 1},
              [(3, "A2,2026-03-01 12:00:00,,停\\xe8\\xbd")]),
        Nasty("backslashes_beside_a_bad_byte.csv", lines(ONE) + b"A2,2026-03-01,,C:\\\\xff\xff", 2, 1,
              {(REJECTED, "not utf-8"): 1}, [(3, "A2,2026-03-01,,C:\\x5c\\x5cxff\\xff")]),
        Nasty("nul_bytes.csv", lines(ONE, "A\x002,2026-03-01,,停\x00车\x00"), 2, 2,
              stands={"source_case_no": ["A1", "A2"], "title": ["路灯", "停车"]}),
        Nasty("line_ends_of_a_macintosh.csv", lines(ONE, TWO, end="\r"),
              refused="the lines end with a carriage return alone"),
        Nasty("line_ends_mixed.csv", f"{HEADER}\r\n{ONE}\n{TWO}\r\r\n{THREE}\r\n".encode(), 3, 3,
              stands={"title": TITLES}),
        Nasty("no_final_line_end.csv", lines(ONE, TWO).rstrip(), 2, 2, stands={"title": TITLES[:2]}),
        Nasty("empty.csv", b"", refused="is empty; export it again"),
        Nasty("blank_lines_only.csv", b"\n \n\n", refused="'编号', which .* does not have", error=BadMapping),
        Nasty("header_only.csv", lines(), refused=NO_ROW),
        Nasty("header_name_twice.csv", lines(ONE, header=f"{HEADER},标题"), refused="'标题' more than once"),
        Nasty("unread_header_name_twice.csv", lines(ONE + ",a,b", header=f"{HEADER},备注,备注"), 1, 1),
        Nasty("header_below_a_title.csv", b"2026\n" + lines(ONE), refused="set header_row = 2 in the"),
        Nasty("header_below_a_title_as_mapped.csv", b"2026,,\n" + lines(ONE, TWO), 2, 2,
              top="header_row = 2\n"),
        Nasty("header_with_signs_nobody_sees.csv",
              lines(ONE, header=HEADER.replace("登记", "\u200b登\x00记 ")), 1, 1),
        Nasty("header_in_two_rows.csv", lines(",登记,办结,", ONE, TWO, header="编号,时间,,标题"), 2, 2,
              stands={"closed_at": [datetime(2026, 3, 2, 11), None], "title": TITLES[:2]},
              top="header_row = 2\n"),
        Nasty("header_row_beyond_the_end.csv", lines(ONE), refused="ends before its header in line 9",
              top="header_row = 9\n"),
        Nasty("header_with_an_open_quote.csv", lines(ONE, header='编号,登记,办结,"标题'),
              refused="line 1: the header cannot be read as CSV"),
        Nasty("semicolons.csv", lines(ONE).replace(b",", b";"), refused="by ';', .* delimiter = \";\""),
        Nasty("semicolons_as_mapped.csv", lines(ONE, TWO).replace(b",", b";"), 2, 2, top='delimiter = ";"\n'),
        Nasty("tabs_quoted_and_not.tsv", lines(ONE, 'A2,2026-03-01,,"停""\t""车"').replace(b",", b"\t"), 2, 2,
              stands={"title": ["路灯", '停" "车']}, top='delimiter = "\\t"\n'),
        Nasty("full_width_commas.csv", lines(ONE, TWO.replace(",", "，")), 2, 1, {(REJECTED, TOO_FEW): 1},
              [(3, TWO.replace(",", "，"))]),
        Nasty("quoted_delimiters_and_line_ends.csv",
              lines('A1,2026-03-01,,"路,灯\r\n\r\n不亮"', 'A2,,,"没有\r\n时间"', THREE, end="\r\n"), 3, 2,
              {(REJECTED, f"registered_at: {ABSENT}"): 1}, [(5, 'A2,,,"没有\r\n时间"')],
              {"title": ["路,灯 不亮", "噪音"]}),
        Nasty("a_quote_that_swallows_rows.csv",
              lines('A1,2026-03-01,,"路灯', TWO, THREE, 'A4,2026-03-02,,灯"'), 4, 3,
              {(REJECTED, BAD_QUOTE): 1}, [(2, 'A1,2026-03-01,,"路灯')]),
        Nasty("a_quote_open_at_the_end.csv", lines(ONE, 'A2,2026-03-01,,"停车\n\n'), 2, 1,
              {(REJECTED, BAD_QUOTE): 1}, [(3, 'A2,2026-03-01,,"停车')]),
        Nasty("rows_too_short_and_too_long.csv", lines("A1,2026-03-01", TWO, THREE + ",a", ONE + ",,"), 4, 2,
              {(REJECTED, TOO_FEW): 1, (REJECTED, TOO_MANY): 1}, [(2, "A1,2026-03-01"), (4, THREE + ",a")]),
        Nasty("rows_of_delimiters_alone.csv", lines(ONE, ",,,", ",,,"), 3, 1,
              {(REJECTED, f"source_case_no: {ABSENT}"): 2}, [(3, ",,,"), (4, ",,,")]),
        Nasty("a_cell_of_5_megabytes.csv", lines("A1,2026-03-01,," + "路灯不亮" * 420_000, TWO), 2, 2,
              {(REPAIRED, "title: longer than 1000 characters"): 1},
              stands={"title": ["路灯不亮" * 249 + "路灯不…", "停车"]}),
        Nasty("a_number_of_101_characters.csv",
              lines("A" * 100 + ",2026-03-01,,路灯", "B" * 101 + ",2026-03-02,,停车"), 2, 1,
              {(REJECTED, "source_case_no: longer than 100 characters"): 1},
              [(3, "B" * 101 + ",2026-03-02,,停车")]),
        Nasty("a_unit_of_201_characters.csv", under("单位", "局" * 200, "局" * 201), 2, 2,
              {(REPAIRED, "unit: longer than 200 characters"): 1}, columns={"unit": '"单位"'}),
        Nasty("a_telephone_where_the_title_is_cut.csv",
              lines("A1,2026-03-01,," + "灯" * 995 + "13912345678"), 1, 1,
              stands={"title": ["灯" * 995 + "＊"]}),
        Nasty("marks_and_signs_of_no_script.csv",
              lines("A1,2026-03-01,,路\uffff灯\u2028\U000e0041噪" + "\u0301" * 300 + "音"), 1, 1,
              stands={"title": ["路灯噪" + "\u0301" * 4 + "音"]}),
        Nasty("a_picture_pasted_into_a_cell.csv", lines("A1,2026-03-01,," + "iVBOR" * 1_000_000, TWO), 2, 2,
              stands={"title": ["＊", "停车"]}),
        Nasty("blanks_without_end.csv", lines("A1,2026-03-01,,姓名" + " " * 1_000_000 + "灯", TWO), 2, 2,
              stands={"title": ["姓名 灯", "停车"]}),
        Nasty("a_line_beyond_16_megabytes.csv", lines("A1,2026-03-01,," + "a" * 17_000_000),
              refused="line 2 is longer than 16 MB"),
        Nasty("ten_thousand_columns.csv",
              lines(ONE + "," * 9_996, TWO + ",x" * 9_996, header=f"{HEADER},{thousands}"), 2, 2),
        Nasty("ten_thousand_columns_but_ours.csv", lines("1," * 9_995 + "1", header=thousands),
              refused="'编号', which .* does not have; choose one of: c0, c1,.* …", error=BadMapping),
        Nasty("a_picture.csv", b"\x89PNG\r\n\x1a\n" + RUBBISH, refused="is no CSV, XLSX or Parquet"),
        Nasty("gzip.csv.gz", gzip.compress(lines(ONE, TWO)), 2, 2),
        Nasty("gzip_named_otherwise.csv", gzip.compress(lines(ONE, TWO)), 2, 2),
        Nasty("gzip_cut_off.csv.gz", gzip.compress(lines(ONE, TWO))[:-9], refused="is cut off or damaged"),
        Nasty("gzip_damaged.csv.gz", gzip.compress(lines(ONE, TWO))[:60] + RUBBISH,
              refused="is cut off or damaged"),
        Nasty("gzip_bomb.csv.gz", gzip.compress(b"\n" * 50_000_000), refused="unpacks from .* to more than"),
        Nasty("a_zip_of_a_csv.csv", archive("export.csv", lines(ONE)),
              refused="is a ZIP archive and no workbook; unpack it"),
    ]  # fmt: skip


def _values() -> list[Nasty]:
    """CSV files that are whole, with values that are not."""
    shapes = {
        "2026-03-01 10:05:06": datetime(2026, 3, 1, 10, 5, 6),
        "2026-03-01 10:05": datetime(2026, 3, 1, 10, 5),
        "2026-3-1": datetime(2026, 3, 1),
        "2026/3/1 10:05:06": datetime(2026, 3, 1, 10, 5, 6),
        "2026/03/01": datetime(2026, 3, 1),
        "2026年3月1日": datetime(2026, 3, 1),
        "2026年03月01日 10:05": datetime(2026, 3, 1, 10, 5),
        "2026年3月1日10时5分": datetime(2026, 3, 1, 10, 5),
        "2026年3月1日 10时5分": datetime(2026, 3, 1, 10, 5),
        "20260301100506": datetime(2026, 3, 1, 10, 5, 6),
        "20260301": datetime(2026, 3, 1),
        "2026.3.1": datetime(2026, 3, 1),
        "2026-03-01T10:05:06": datetime(2026, 3, 1, 10, 5, 6),
        # Five past ten in Hangzhou is five past nine in the evening before in Boston.
        "2026-03-01T10:05:06+08:00": datetime(2026, 2, 28, 21, 5, 6),
        "2026-03-01 10:05:06.0": datetime(2026, 3, 1, 10, 5, 6),
        "２０２６－０３－０１": datetime(2026, 3, 1),
    }  # fmt: skip
    never = ("2026-02-30", "0206-03-01", "9999-12-31", "2026111", "2026-03-01 24:00:00", "昨天", "1772330400")
    odd = "=cmd|' /C calc'!A0"
    return [
        Nasty("times_in_sixteen_shapes.csv", lines(*(f"A{10 + place},{shape},,标题"
                                                     for place, shape in enumerate(shapes))), 16, 16,
              stands={"registered_at": list(shapes.values())}),
        Nasty("times_as_days_of_a_spreadsheet.csv", lines("A1,46082.5,46083,a", "A2,0,,b"), 2, 1,
              {(REJECTED, f"registered_at: {UNREADABLE}"): 1}, [(3, "A2,0,,b")],
              {"registered_at": [datetime(2026, 3, 1, 12)], "closed_at": [datetime(2026, 3, 2)]},
              top='date_formats = ["excel"]\n'),
        Nasty("times_that_never_were.csv", lines(ONE, *(f"B,{text},,b" for text in never)), 8, 1,
              {(REJECTED, f"registered_at: {UNREADABLE}"): 7},
              [(place, f"B,{text},,b") for place, text in enumerate(never, start=3)]),
        Nasty("closed_in_the_year_9999.csv", lines("A1,2026-03-01,9999-12-31,a"), 1, 1,
              {(REPAIRED, f"closed_at: {UNREADABLE}"): 1}, stands={"closed_at": [None]}),
        Nasty("in_the_future.csv", lines("A1,2099-03-01,,a", "A2,2026-03-01,2099-03-01,b"), 2, 1,
              {(REJECTED, f"registered_at: {FUTURE}"): 1, (REPAIRED, f"closed_at: {FUTURE}"): 1},
              [(2, "A1,2099-03-01,,a")], {"closed_at": [None]}),
        Nasty("closed_before_opened.csv", lines("A1,2026-03-02,2026-03-01,a"), 1, 1,
              {(REPAIRED, f"closed_at: {BEFORE}"): 1}, stands={"closed_at": [None]}),
        Nasty("full_width_digits_and_letters.csv",
              lines("Ａ１,２０２６-０３-０１　１０：００,,路灯", ONE), 2, 1,
              {(SUPERSEDED, staging.IN_FILE): 1}, stands={"source_case_no": ["A1"]}),
        Nasty("unknown_codes.csv", under("渠道,急", "来访,一般", "飞鸽,十万火急", ",", "9999,1"), 4, 4,
              {(REPAIRED, f"channel: {UNKNOWN}"): 2, (REPAIRED, f"urgency: {UNKNOWN}"): 2},
              stands={"channel_id": [5, 0, 0, 0]}, columns={"channel": '"渠道"', "urgency": '"急"'}),
        Nasty("unknown_codes_refused_by_the_mapping.csv", under("渠道", "来访", "飞鸽"), 2, 1,
              {(REJECTED, f"channel: {UNKNOWN}"): 1}, [(3, "A2,2026-03-01,,标题,飞鸽")],
              columns={"channel": '{ from = "渠道", unknown = "reject" }'}),
        Nasty("numbers_of_items_as_floats.csv",
              lines("2.02603E+11,2026-03-01,,a", "2.02603E+11,2026-03-01,,b", "20260301.0,2026-03-01,,c"),
              3, 1,
              {(REJECTED, f"source_case_no: {TOO_LONG}"): 2},
              [(2, "2.02603E+11,2026-03-01,,a"), (3, "2.02603E+11,2026-03-01,,b")],
              {"source_case_no": ["20260301"]}),
        Nasty("identity_numbers_as_floats.csv", under("证件,电话", "3.30106E+17,1", "1.23E+17,1"), 2, 2,
              {(REPAIRED, f"person_identity: {TOO_LONG}"): 2}, stands={"person_key": [None, None]},
              columns={"person_identity": '"证件"', "person_phone": '"电话"'}),
        Nasty("default_and_swapped_coordinates.csv",
              under("经,纬", "0,0", "120.155,30.274", "30.2,120.1", "116.41024449916938,39.91640428150164"),
              4, 4,
              {(REPAIRED, f"lon, lat: {DEFAULT_POINT}"): 2, (REPAIRED, f"lat: {UNREADABLE}"): 1},
              stands={"lon": [None, None, None, pytest.approx(116.404, abs=1e-9)]},
              top='coordinate_system = "GCJ-02"\nabsent_coordinates = [[120.155, 30.274]]\n',
              columns={"lon": '"经"', "lat": '"纬"'}),
        Nasty("formulas_as_text.csv", lines('"=""A1""",2026-03-01,,=1+1', f"'0012,2026-03-01,,{odd}",
                                            "A3,2026-03-01,,@SUM(A1)"), 3, 3,
              stands={"source_case_no": ["0012", "A1", "A3"], "title": [odd, "=1+1", "@SUM(A1)"]}),
        Nasty("zero_widths_directions_and_wide_blanks.csv",
              lines("\ufeffA\u200b1,2026-03-01,,\u3000\u202e路\u200d灯\u202c\u3000",
                    "A2,\u200e2026-03-01,,请打138\u200b1234\u200b5678"), 2, 2,
              stands={"source_case_no": ["A1", "A2"], "title": ["路灯", "请打＊"]}),
        Nasty("words_for_nothing.csv", lines("A1,2026-03-01,NULL,N/A", "--,2026-03-01,,a"), 2, 1,
              {(REJECTED, f"source_case_no: {ABSENT}"): 1}, [(3, "--,2026-03-01,,a")],
              {"closed_at": [None], "title": [None]}),
        Nasty("the_same_row_twice.csv", lines(ONE, TWO, ONE), 3, 2, {(DUPLICATE, staging.IN_FILE): 1}),
        Nasty("the_same_number_with_other_content.csv", lines(ONE, TWO, ONE.replace("路灯", "井盖")), 3, 2,
              {(SUPERSEDED, staging.IN_FILE): 1}, stands={"title": ["井盖", "停车"]}),
    ]  # fmt: skip


def cells(place: int, *texts: str) -> str:
    """One row of a sheet as XML."""
    return f'<row r="{place}">' + "".join(
        f'<c r="{column}{place}" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, text in zip("ABCD", texts, strict=False)
    ) + "</row>"  # fmt: skip


def _hidden(book: openpyxl.Workbook, page: Any) -> None:
    page.title, page.sheet_state = "填表说明", "hidden"
    page.append(["请勿修改"])
    shown = book.create_sheet("数据")
    for row in (HEADER.split(","), ONE.split(","), TWO.split(",")):
        shown.append(row)
    shown.row_dimensions[3].hidden = True
    book.active = 1
    book.create_sheet("空")


def _merged(book: openpyxl.Workbook, page: Any) -> None:
    del book
    for row in (["三月工单"], ["编号", "时间", None, "标题"], [None, "登记", "办结", None], ONE.split(",")):
        page.append(row)
    for area in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        page.merge_cells(area)


def _two_months(book: openpyxl.Workbook, page: Any) -> None:
    page.title = "三月"
    for one, row in ((page, ONE), (book.create_sheet("四月"), TWO)):
        one.append(HEADER.split(","))
        one.append(row.split(","))


def _away_from_the_corner(book: openpyxl.Workbook, page: Any) -> None:
    del book
    for place, row in ((3, HEADER), (4, ONE), (9, TWO)):
        for column, text in enumerate(row.split(","), start=3):
            page.cell(place, column, text or None)


def _sheets() -> list[Nasty]:
    """Workbooks, and what calls itself one."""
    head = HEADER.split(",")
    rows = "".join(cells(place, *row.split(",")) for place, row in ((1, HEADER), (2, ONE)))
    computed = (
        '<row r="3"><c r="A3"><v>7</v></c><c r="B3"><v>46082</v></c>'
        '<c r="D3" t="str"><f>CONCAT("停","车")</f><v>停车</v></c></row>'
    )
    whole = sheet(head, *([f"A{place}", "2026-03-01", None, "a"] for place in range(500)))
    laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{other};" * 10}">' for other, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    bomb = by_hand(rows + "<row></row>" * 2_000_000)
    return [
        Nasty("typed_cells.xlsx", sheet(head, [20260001, datetime(2026, 3, 1, 10, 30), date(2026, 3, 2), 12],
                                        [None] * 4, ["A2", "2026-03-01 12:00", None, True]), 2, 2,
              stands={"source_case_no": ["20260001", "A2"], "title": ["12", "1"]}),
        Nasty("merged_header_below_a_title.xlsx", workbook(_merged), 1, 1,
              stands={"closed_at": [datetime(2026, 3, 2, 11)], "title": ["路灯"]}, top="header_row = 3\n"),
        Nasty("header_below_a_title.xlsx", sheet(["三月工单"], head, ONE.split(",")),
              refused="set header_row = 2 in the mapping"),
        Nasty("away_from_the_corner.xlsx", workbook(_away_from_the_corner), 2, 2, top="header_row = 3\n"),
        Nasty("formulas_with_what_they_came_to.xlsx", by_hand(rows + computed), 2, 2,
              stands={"source_case_no": ["7", "A1"], "title": ["停车", "路灯"]},
              top='date_formats = ["%Y-%m-%d %H:%M:%S", "excel"]\n'),
        Nasty("formulas_never_computed.xlsx", sheet(head, ["A1", "2026-03-01", None, "=1+1"],
                                                    ["A2", "=TODAY()", None, "b"]), 2, 1,
              {(REJECTED, f"registered_at: {ABSENT}"): 1}, [(3, "A2,,,b")], {"title": [None]}),
        Nasty("hidden_rows_and_a_hidden_first_sheet.xlsx", workbook(_hidden), 2, 2,
              stands={"title": TITLES[:2]}),
        Nasty("several_sheets.xlsx", workbook(_two_months),
              refused=r"has several sheets with rows \(三月, 四月\); name one by 'sheet'"),
        Nasty("several_sheets_one_mapped.xlsx", workbook(_two_months), 1, 1,
              stands={"source_case_no": ["A2"]}, top='sheet = "四月"\n'),
        Nasty("a_sheet_that_is_not_there.xlsx", workbook(_two_months), top='sheet = "五月"\n',
              refused="has no sheet '五月'; it has: 三月, 四月"),
        Nasty("an_empty_sheet.xlsx", sheet(), refused="ends before its header in row 1"),
        Nasty("days_without_a_format.xlsx",
              sheet(head, ["A1", 46082.5, None, "a"], ["A2", -5, None, "b"]), 2, 1,
              {(REJECTED, f"registered_at: {UNREADABLE}"): 1}, [(3, "A2,-5,,b")],
              {"registered_at": [datetime(2026, 3, 1, 12)]}, top='date_formats = ["excel"]\n'),
        Nasty("numbers_beyond_15_digits.xlsx", sheet(head, [330106199001011234, "2026-03-01", None, "a"],
                                                     ["A2", "2026-03-01", None, "b"]), 2, 1,
              {(REJECTED, f"source_case_no: {TOO_LONG}"): 1}, [(2, "\ufffd,2026-03-01,,a")]),
        Nasty("zip_bomb.xlsx", bomb, refused="unpacks from .* or more, more than is safe"),
        Nasty("zip_bomb_that_says_it_is_small.xlsx", understated(bomb, "xl/worksheets/sheet1.xml"),
              refused="unpacks from .* or more, more than is safe"),
        Nasty("two_cells_billions_of_cells_apart.xlsx",
              by_hand(rows + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
              refused="cannot be opened within 1,280 MB and 60 seconds"),
        Nasty("one_long_text_a_hundred_thousand_times.xlsx",
              by_hand("".join(f'<row r="{place}"><c r="A{place}" t="s"><v>0</v></c></row>'
                              for place in range(1, 100_001)), f"<si><t>{'字' * 32_000}</t></si>"),
              refused="cannot be opened within 1,280 MB and 60 seconds"),
        Nasty("xml_entity_bomb.xlsx", by_hand(cells(1, *head) + cells(2, "A1", "2026-03-01", "", "&i;"),
                                              before=laughs + "]>"), refused="cannot be read as XLSX"),
        Nasty("cut_off.xlsx", whole[: len(whole) // 2], refused="is a damaged XLSX file"),
        Nasty("damaged_inside.xlsx", damaged(whole, whole.index(b"xl/worksheets/sheet1.xml") + 100),
              refused="is a damaged XLSX file|cannot be read as XLSX"),
        Nasty("protected_by_a_password.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + RUBBISH,
              refused="an Excel 97–2003 workbook or protected by a password; save it as XLSX without one"),
    ]  # fmt: skip


def _tables() -> list[Nasty]:
    """Parquet files."""
    many = {key: [f"{value[0]}{place * 7919}" for place in range(20_000)] for key, value in PARQUET.items()}
    whole = table(**many)
    nothing = pa.nulls(2_000_000, pa.string())
    return [
        Nasty("typed_columns.parquet", table(**PARQUET), 2, 2,
              stands={"registered_at": [datetime(2026, 3, 1, 10), datetime(2026, 3, 2)],
                      "closed_at": [datetime(2026, 3, 2), None]}),
        Nasty("wrong_types.parquet", table(number=[1, 2], registered=["2026-03-01", "1772330400"],
                                           closed=[True, False], title=[1.0, float("nan")]), 2, 1,
              {(REPAIRED, f"closed_at: {UNREADABLE}"): 1, (REJECTED, f"registered_at: {UNREADABLE}"): 1},
              [(2, "2,1772330400,false,")], {"source_case_no": ["1"], "title": ["1"]}),
        Nasty("numbers_as_floats.parquet",
              table(**PARQUET | {"number": [20260301.0, 3.30106199001011e17]}), 2, 1,
              {(REJECTED, f"source_case_no: {TOO_LONG}"): 1},
              [(2, "\ufffd,2026-03-02 00:00:00.000000,,停车")],
              {"source_case_no": ["20260301"]}),
        Nasty("nested_columns.parquet", table(**PARQUET | {"title": [{"a": 1}, {"a": 2}]}),
              refused="the column '标题' of type struct<a: int64> holds no plain values"),
        Nasty("nested_columns_nobody_reads.parquet", table(**PARQUET, other=[[1, 2], [3]]), 2, 2),
        Nasty("bytes_that_are_no_text.parquet", table(**PARQUET | {"title": [b"\xff\xfe", b"\xff"]}),
              refused="the column '标题' of type binary holds no plain values"),
        Nasty("cut_off.parquet", whole[: len(whole) // 2], refused="cannot be read as Parquet"),
        Nasty("damaged_inside.parquet", damaged(whole, 5000),
              refused="cannot be read as Parquet"),
        Nasty("two_million_rows_of_nothing.parquet",
              table(number=nothing, registered=nothing, closed=nothing, title=nothing),
              refused=r"says it has 2,000,000 rows in [\d,]+ bytes"),
    ]  # fmt: skip


CORPUS = {one.name: one for one in (*_texts(), *_values(), *_sheets(), *_tables())}

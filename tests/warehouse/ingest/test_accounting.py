"""Nasty files, and what became of every row: read = loaded + superseded + duplicate + rejected."""

from __future__ import annotations

import gzip
import io
import stat
from collections.abc import Callable, Sequence
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select

from tests.warehouse.ingest.conftest import HEADER, MAPPING, Desk
from warehouse.errors import BadSource
from warehouse.ingest import bombs, sources, staging
from warehouse.ingest.lines import BAD_QUOTE, TOO_FEW, TOO_MANY
from warehouse.ingest.mapping import read_mapping
from warehouse.ingest.rows import ABSENT, BEFORE, FUTURE, UNREADABLE
from warehouse.schema import batch, batch_reason

ONE = "A1,2026-03-01 10:00:00,2026-03-02 11:00:00,路灯"
TWO = "A2,2026-03-01 12:00:00,,停车"
THREE = "A3,2026-03-02 12:00:00,,噪音"


def lines(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


# By name: content; rows read, loaded, duplicate and rejected; rows by kind and reason.
NASTY: dict[str, tuple[bytes, int, int, int, int, dict[tuple[str, str], int]]] = {
    "plain": (lines(ONE, TWO).encode(), 2, 2, 0, 0, {}),
    "utf-8 with a mark": (b"\xef\xbb\xbf" + lines(ONE, TWO).encode(), 2, 2, 0, 0, {}),
    "gb18030": (lines(ONE, TWO, "A3,2026-03-03,,𠮷里").encode("gb18030"), 3, 3, 0, 0, {}),
    "windows line ends, none at the end": (
        lines(ONE, TWO).replace("\n", "\r\n").strip().encode(), 2, 2, 0, 0, {},
    ),
    "gzip": (gzip.compress(lines(ONE, TWO).encode()), 2, 2, 0, 0, {}),
    "blank lines": (lines("", ONE, "   ", TWO, "").encode(), 2, 2, 0, 0, {}),
    "a line break inside quotes": (
        lines('A1,2026-03-01,,"路灯\n\n不亮, 请""修"""', TWO).encode(), 2, 2, 0, 0, {},
    ),
    "a stray quote at the start of a field": (
        lines('A1,2026-03-01,,"路灯', TWO, THREE).encode(), 3, 2, 0, 1, {("rejected", BAD_QUOTE): 1},
    ),
    "two stray quotes far apart": (
        lines('A1,2026-03-01,,"路灯', TWO, THREE, 'A4,2026-03-01,,"路灯').encode(),
        4, 2, 0, 2, {("rejected", BAD_QUOTE): 2},
    ),
    "a stray quote closed in a later row": (
        lines('A1,2026-03-01,,"路灯', 'A2,2026-03-01,,停"车', THREE).encode(),
        3, 2, 0, 1, {("rejected", BAD_QUOTE): 1},
    ),
    "a stray quote that would swallow rows into one whole record": (
        lines('A1,2026-03-01,"路灯', TWO, 'A3,2026-03-02,办结",噪音').encode(),
        3, 2, 0, 1, {("rejected", BAD_QUOTE): 1, ("repaired", f"closed_at: {UNREADABLE}"): 1},
    ),
    "a stray quote before a quoted row": (
        lines('A1,2026-03-01,,"路灯', '"A2","2026-03-01","","停车"', THREE).encode(),
        3, 2, 0, 1, {("rejected", BAD_QUOTE): 1},
    ),
    "a quote inside a plain field": (lines('A1,2026-03-01,,12"水管', TWO).encode(), 2, 2, 0, 0, {}),
    "text after a closing quote": (
        lines('A1,2026-03-01,,"路灯"坏了', TWO).encode(), 2, 1, 0, 1, {("rejected", BAD_QUOTE): 1},
    ),
    "ragged rows": (
        lines("A1,2026-03-01", TWO, "A3,2026-03-02,,a,b").encode(),
        3, 1, 0, 2, {("rejected", TOO_FEW): 1, ("rejected", TOO_MANY): 1},
    ),
    "a delimiter at the end of every row": (lines(ONE + ",", TWO + ",,").encode(), 2, 2, 0, 0, {}),
    "one undecodable line": (
        lines(ONE, TWO).encode() + b"A3,2026-03-02,,\xff\xfe\n" + "A4,2026-03-02,,好\n".encode(),
        4, 3, 0, 1, {("rejected", "not utf-8"): 1},
    ),
    "no identifier, no time, no time at all": (
        lines(",2026-03-01,,a", "A2,,,b", "A3,上周五,,c", TWO.replace("A2", "A4")).encode(),
        4, 1, 0, 3,
        {
            ("rejected", f"source_case_no: {ABSENT}"): 1,
            ("rejected", f"registered_at: {ABSENT}"): 1,
            ("rejected", f"registered_at: {UNREADABLE}"): 1,
        },
    ),
    "registered in the future": (
        lines(ONE, "A2,2099-01-01,,b").encode(), 2, 1, 0, 1, {("rejected", f"registered_at: {FUTURE}"): 1},
    ),
    "a date nobody can have meant": (
        lines(ONE, "A2,1026-01-01,,b").encode(),
        2, 1, 0, 1, {("rejected", f"registered_at: {UNREADABLE}"): 1},
    ),
    "full-width digits": (lines("Ａ１,２０２６-０３-０１　１０：００：００,,路灯").encode(), 1, 1, 0, 0, {}),
    "closed before opened, closed in the future, closing not a date": (
        lines("A1,2026-03-01,2026-02-01,a", "A2,2026-03-01,2099-02-01,b", "A3,2026-03-01,未,c").encode(),
        3, 3, 0, 0,
        {
            ("repaired", f"closed_at: {BEFORE}"): 1,
            ("repaired", f"closed_at: {FUTURE}"): 1,
            ("repaired", f"closed_at: {UNREADABLE}"): 1,
        },
    ),
    "the same row twice": (lines(ONE, TWO, ONE).encode(), 3, 2, 1, 0, {("duplicate", staging.IN_FILE): 1}),
    "the same number with other content": (
        lines(ONE, TWO, ONE.replace("路灯", "井盖"), ONE).encode(),
        4, 2, 0, 0, {("superseded", staging.IN_FILE): 2},
    ),
    "a superseding row of which a field cannot be read": (
        lines(ONE, "A1,2026-03-01 10:00:00,未,路灯").encode(),
        2, 1, 0, 0, {("superseded", staging.IN_FILE): 1, ("repaired", f"closed_at: {UNREADABLE}"): 1},
    ),
    "a repaired row that is also a duplicate is no repair": (
        lines(TWO, "A2,2026-03-01 12:00:00,未,停车").encode(),
        2, 1, 1, 0, {("duplicate", staging.IN_FILE): 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_every_row_of_a_nasty_file_is_accounted_for(desk: Desk, name: str) -> None:
    content, read, loaded, duplicate, rejected, reasons = NASTY[name]
    report = desk.load(content)
    tally = report.tally
    assert (tally.rows_read, tally.rows_loaded, tally.rows("duplicate"), tally.rows("rejected")) == (
        read, loaded, duplicate, rejected,
    )  # fmt: skip
    assert dict(tally.reasons) == reasons
    assert report.lines is not None
    assert report.lines.adds_up()
    unpacked = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    assert report.lines.physical == unpacked.count(b"\n") + (not unpacked.endswith(b"\n"))
    stored = desk.ask(
        select(
            batch.c.rows_read,
            batch.c.rows_loaded,
            batch.c.rows_superseded,
            batch.c.rows_duplicate,
            batch.c.rows_rejected,
        )
    )
    assert stored == [(read, loaded, read - loaded - duplicate - rejected, duplicate, rejected)]
    kept = desk.ask(select(batch_reason.c.kind, batch_reason.c.reason, batch_reason.c.rows))
    assert {(kind, reason): rows for kind, reason, rows in kept} == reasons
    assert len(desk.column("case_id")) == loaded


def test_the_account_does_not_depend_on_where_batches_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BATCH_ROWS", 2)
    report = desk.load(lines(ONE, TWO, 'A9,2026-03-01,,"路灯', THREE, ONE, TWO.replace("停车", "占道")))
    assert (report.tally.rows_read, report.tally.rows_loaded) == (6, 3)
    assert [report.tally.rows(kind) for kind in ("superseded", "duplicate", "rejected")] == [1, 1, 1]
    assert desk.column("case_id") == [1, 2, 3]
    assert desk.column("title") == ["路灯", "占道", "噪音"]


def test_full_width_digits_become_the_ordinary_number_and_time(desk: Desk) -> None:
    desk.load(NASTY["full-width digits"][0])
    assert desk.column("source_case_no") == ["A1"]
    assert desk.column("registered_at") == [datetime(2026, 3, 1, 10)]


def test_a_quoted_line_break_stays_in_its_field(desk: Desk) -> None:
    report = desk.load(NASTY["a line break inside quotes"][0])
    assert desk.column("title")[0] == '路灯 不亮, 请"修"'
    assert report.lines is not None
    assert (report.lines.continuation, report.lines.blank) == (2, 0)


def test_a_thousand_rows_survive_one_stray_quote(desk: Desk) -> None:
    rows = [f'N{number:04},2026-03-01,,"标题 {number}"' for number in range(1000)]
    rows[30] = rows[30].rstrip('"')
    report = desk.load(lines(*rows))
    assert (report.tally.rows_read, report.tally.rows_loaded, report.tally.rows("rejected")) == (1000, 999, 1)


def test_what_is_not_loaded_goes_to_a_side_file_for_its_owner_alone(desk: Desk) -> None:
    desk.load(lines(THREE), MAPPING, "others.csv", "other.toml")
    report = desk.load(lines(ONE, 'A2,2026-03-01,,"路灯', "A3,,,张三", THREE.replace("噪音", "井盖"), ONE))
    assert report.side_file is not None
    assert report.side_file.parent == desk.folder / "var" / "rejected"
    assert stat.S_IMODE(report.side_file.stat().st_mode) == 0o600
    found = pd.read_csv(report.side_file, keep_default_na=False)
    shown = "编号: A3 · 登记: 2026-03-02 12:00:00 · 标题: 井盖"
    assert found.to_numpy().tolist() == [
        [1, "header 表头", "", HEADER],
        [3, BAD_QUOTE, "", 'A2,2026-03-01,,"路灯'],
        [4, f"rejected: registered_at: {ABSENT}", "编号: A3 · 标题: 张三", "A3,,,张三"],
        [5, f"duplicate: {staging.IN_BATCH}{staging.OTHER_CONTENT}", shown, THREE.replace("噪音", "井盖")],
    ]
    assert any(str(report.side_file) in line for line in desk.said)


def test_a_clean_file_leaves_no_side_file(desk: Desk) -> None:
    assert desk.load(lines(ONE)).side_file is None
    assert not (desk.folder / "var" / "rejected").exists()


def workbook(rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_workbook_with_real_dates_numbers_and_a_blank_row(desk: Desk) -> None:
    report = desk.load(
        workbook(
            [
                HEADER.split(","),
                [20260001, datetime(2026, 3, 1, 10, 30), datetime(2026, 3, 2), 12],
                [None, None, None, None],
                ["A2", "2026-03-01 12:00", None, True],
                [330106199001011234, datetime(2026, 3, 1), None, "编号被表格改坏"],
                ["A4", None, None, "无时间"],
            ]
        ),
        name="export.xlsx",
    )
    assert (report.kind, report.tally.rows_read, report.tally.rows_loaded) == ("XLSX", 4, 2)
    assert report.lines is None
    assert desk.column("source_case_no") == ["20260001", "A2"]
    assert desk.column("registered_at") == [datetime(2026, 3, 1, 10, 30), datetime(2026, 3, 1, 12)]
    assert desk.column("title") == ["12", "1"]
    assert report.tally.reasons["rejected", "source_case_no: number damaged by the spreadsheet"] == 1


def test_a_workbook_read_from_a_named_sheet_below_a_title_line(
    desk: Desk, columns: Callable[..., str]
) -> None:
    content = workbook([["三月工单", None, None, None], HEADER.split(","), ONE.split(",")], "数据")
    report = desk.load(content, columns('sheet = "数据"\nheader_row = 2\n'), "export.xlsx")
    assert report.tally.rows_loaded == 1
    with pytest.raises(BadSource, match=r"has no sheet '别的'; it has: 数据"):
        desk.load(content, columns('sheet = "别的"\n'), "export.xlsx")


def test_an_unformatted_date_of_a_spreadsheet_is_a_count_of_days(
    desk: Desk, columns: Callable[..., str]
) -> None:
    # 2026-03-01 is day 46082 after 1899-12-30; half a day is noon.
    content = workbook([HEADER.split(","), ["A1", 46082.5, None, "a"]])
    desk.load(content, columns('date_formats = ["excel"]\n'), "export.xlsx")
    assert desk.column("registered_at") == [datetime(2026, 3, 1, 12)]


def test_parquet_with_typed_columns(desk: Desk) -> None:
    frame = pd.DataFrame(
        {
            "编号": [1, 2, 2],
            "登记": pd.to_datetime(["2026-03-01 10:00", "2026-03-02 00:00", "2026-03-02 00:00"]),
            "办结": pd.to_datetime(["2026-03-01 20:00", "", ""]).tz_localize("UTC"),
            "标题": ["路灯", None, None],
        }
    )
    written = io.BytesIO()
    frame.to_parquet(written)
    report = desk.load(written.getvalue(), name="export.parquet")
    assert (report.kind, report.tally.rows_read, report.tally.rows_loaded) == ("Parquet", 3, 2)
    assert report.tally.rows("duplicate") == 1
    assert desk.column("source_case_no") == ["1", "2"]
    assert desk.column("closed_at") == [datetime(2026, 3, 1, 15), None]  # 20:00 UTC in Boston
    assert desk.column("title") == ["路灯", None]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; export it again"),
        ("编号,登记".encode("utf-16"), "is in UTF-16; save it as CSV UTF-8"),
        (gzip.compress(lines(ONE).encode(), mtime=0)[:-9], "is cut off or damaged"),
        (b"PK\x03\x04rubbish", "is a damaged XLSX file"),
        (b"PAR1rubbish", "cannot be read as Parquet"),
        (
            b"\xd0\xcf\x11\xe0rubbish",
            "is an Excel 97–2003 workbook or protected by a password",
        ),
        ((HEADER + ",标题\n").encode(), "the header has '标题' more than once"),
        ('编号,登记,办结,"标题\n'.encode(), "line 1: the header cannot be read as CSV"),
        (lines(",,,a").encode(), r"No row of .* was whole and new"),
        (lines().encode(), r"No row of .* was whole and new"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_changes_nothing(
    desk: Desk, content: bytes, said: str
) -> None:
    with pytest.raises(BadSource, match=said):
        desk.load(content)
    assert not list(desk.folder.glob("var/warehouse/*.duckdb*"))


def test_a_zip_bomb_is_refused_before_it_is_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "UNPACKED_MOST", 1000)
    with pytest.raises(BadSource, match=r"unpacks from [\d,]+ to [\d,]+ bytes or more, more than is safe"):
        desk.load(workbook([HEADER.split(",")]), name="export.xlsx")


def test_a_missing_file_is_said(desk: Desk) -> None:
    path = desk.file(b"x")
    path.unlink()
    with pytest.raises(BadSource, match=r"cannot be read .*; check the path"):
        sources.open_source(path, read_mapping(desk.mapping()))

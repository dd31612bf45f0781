"""Ninety nasty files: each ends in its exact account or in one sentence, never in a traceback or a hang."""

from __future__ import annotations

import csv
import os
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.warehouse.ingest.conftest import Desk
from tests.warehouse.ingest.nasty import CORPUS, ONE, THREE, TWO, Nasty, lines, under
from warehouse.errors import BadSource
from warehouse.ingest import bombs, sources, staging
from warehouse.ingest.lines import detect_encoding
from warehouse.ingest.mapping import read_mapping
from warehouse.ingest.sidefile import HEADER as SIDE_HEADER
from warehouse.people import person_key, read_secrets
from warehouse.schema import batch, batch_reason, case_history, cases

# A file may not hang a load, nor take the memory of the machine. A quiet machine needs a second, and a third.
SECONDS_MOST = 20
MEMORY_MOST = 1536 * 1024  # kilobytes
BATCH_COLUMNS = ("rows_read", "rows_loaded", "rows_superseded", "rows_duplicate", "rows_rejected")

ACCOUNTED = [name for name, one in CORPUS.items() if not one.refused]
REFUSED = [name for name, one in CORPUS.items() if one.refused]


@pytest.fixture(autouse=True)
def _in_bounds() -> Iterator[None]:
    """Each file within its seconds, and no process of it beyond its memory (peaks of earlier tests aside)."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peaks, started = [resource.getrusage(one).ru_maxrss for one in whose], time.monotonic()
    yield
    assert time.monotonic() - started < SECONDS_MOST
    for one, peak in zip(whose, peaks, strict=True):
        assert resource.getrusage(one).ru_maxrss < max(MEMORY_MOST, peak + 1)


def set_aside(desk: Desk) -> list[tuple[int, str]]:
    """Place and raw text of what the side files hold."""
    rows: list[tuple[int, str]] = []
    for path in (desk.folder / "var" / "rejected").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            _, header, *found = csv.reader(file)
        assert header[1] == SIDE_HEADER
        rows += [(int(place), raw) for place, _, _, raw in found]
    return rows


@pytest.mark.parametrize("name", ACCOUNTED)
def test_every_row_of_a_nasty_file_ends_in_exactly_one_place(desk: Desk, name: str) -> None:
    nasty = CORPUS[name]
    report = desk.load(nasty.content, nasty.mapping(), name)
    tally = report.tally
    ends = {kind: nasty.rows(kind) for kind in ("superseded", "duplicate", "rejected")}
    assert nasty.read == nasty.loaded + sum(ends.values()), "the account worked out by hand does not add up"
    assert (tally.rows_read, tally.rows_loaded, dict(tally.reasons)) == (
        nasty.read,
        nasty.loaded,
        nasty.reasons,
    )
    assert {kind: tally.rows(kind) for kind in ends} == ends
    assert report.lines is None or report.lines.adds_up()

    assert desk.ask(select(func.count()).select_from(cases)) == [(nasty.loaded,)]
    assert desk.ask(select(func.count()).select_from(case_history)) == [(ends["superseded"],)]
    account = select(*(batch.c[column] for column in BATCH_COLUMNS))
    assert desk.ask(account) == [(nasty.read, nasty.loaded, *ends.values())]
    kept = desk.ask(select(batch_reason.c.kind, batch_reason.c.reason, batch_reason.c.rows))
    assert {(kind, reason): rows for kind, reason, rows in kept} == nasty.reasons
    for column, standing in nasty.stands.items():
        assert desk.column(column) == list(standing), column

    assert sorted(set_aside(desk)) == sorted(nasty.aside)
    assert len(nasty.aside) == ends["rejected"]


@pytest.mark.parametrize("name", [name for name in ACCOUNTED if CORPUS[name].aside and "csv" in name])
def test_rows_set_aside_are_kept_byte_for_byte(name: str) -> None:
    """The raw rows that the accounts name stand in their files: the bytes can be had again from the text."""
    nasty = CORPUS[name]
    for _, raw in nasty.aside:
        held = raw.encode(nasty.encoding)
        if any(reason.startswith("not ") for _, reason in nasty.reasons):
            bare = re.sub(r"\\x([0-9a-f]{2})", _byte, raw)
            held = bare.encode(nasty.encoding, errors="surrogateescape")
        assert held in nasty.content


def _byte(found: re.Match[str]) -> str:
    value = int(found[1], 16)
    return chr(value) if value < 128 else chr(0xDC00 + value)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_one_sentence_and_publishes_nothing(desk: Desk, name: str) -> None:
    nasty = CORPUS[name]
    with pytest.raises(nasty.error, match=nasty.refused) as told:
        desk.load(nasty.content, nasty.mapping(), name)
    assert type(told.value) is nasty.error
    assert name in str(told.value)
    assert len(str(told.value)) < 3000
    assert not [path for path in desk.folder.glob("var/warehouse/*") if ".duckdb" in path.name]


def test_the_corpus_is_large_and_of_every_kind() -> None:
    kinds = Counter(Path(name).suffix for name in CORPUS)
    assert len(CORPUS) >= 45
    assert set(kinds) == {".csv", ".tsv", ".gz", ".xlsx", ".parquet"}
    assert min(kinds[suffix] for suffix in (".csv", ".gz", ".xlsx", ".parquet")) >= 4


# what is more than one file, or no file at all


def test_a_folder_or_a_pipe_is_no_file(desk: Desk) -> None:
    mapping = read_mapping(desk.mapping())
    with pytest.raises(BadSource, match=r"cannot be read \(Is a directory\); check the path"):
        sources.open_source(desk.folder, mapping)
    os.mkfifo(desk.folder / "pipe.csv")
    with pytest.raises(BadSource, match="is no file but a device or a pipe; save it as a file first"):
        sources.open_source(desk.folder / "pipe.csv", mapping)


def test_the_same_file_twice_changes_nothing_whatever_it_is_called(desk: Desk) -> None:
    nasty = CORPUS["a_quote_that_swallows_rows.csv"]
    first = desk.load(nasty.content)
    version, aside = desk.store.version(), set_aside(desk)
    again = desk.load(nasty.content, name="copy of it.csv")
    assert (first.already, again.batch_id) == ("", None)
    assert "batch 1, export.csv" in again.already
    assert (desk.store.version(), set_aside(desk)) == (version, aside)


def test_a_corrected_file_loads_what_was_rejected_and_supersedes_what_changed(desk: Desk) -> None:
    desk.load(lines(ONE, TWO.replace("2026-03-01 12:00:00", "昨天"), THREE))
    report = desk.load(lines(ONE, TWO, THREE.replace("噪音", "噪音扰民")), name="corrected.csv")
    tally = report.tally
    assert (tally.rows_read, tally.rows_loaded, tally.rows("rejected")) == (3, 1, 0)
    assert dict(tally.reasons) == {("duplicate", staging.IN_BATCH): 1, ("superseded", staging.IN_BATCH): 1}
    assert desk.column("title") == ["路灯", "停车", "噪音扰民"]
    assert desk.ask(select(func.count()).select_from(case_history)) == [(1,)]


def test_a_telephone_is_the_same_with_the_fraction_a_spreadsheet_gave_it(desk: Desk) -> None:
    content = under("证件,电话", ",13812345678", "3.30106E+17,13812345678.0", '="330106199001011234",1')
    columns = {"person_identity": '"证件"', "person_phone": '"电话"'}
    desk.load(content, Nasty("", content, columns=columns).mapping())
    (secret,) = read_secrets(desk.folder / "var" / "person.key")
    by_telephone = person_key(secret, None, "13812345678", None)
    by_identity = person_key(secret, "330106199001011234", None, None)
    assert desk.column("person_key") == [by_telephone, by_telephone, by_identity]


# bounds


def test_a_batch_ends_with_its_characters_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BATCH_CHARACTERS", 100)
    source, mapping, _ = sources.open_source(desk.file(lines(*[ONE] * 9)), read_mapping(desk.mapping()))
    parts = list(source.batches(mapping.headers(), lambda _: True))
    assert [len(part.raw) for part in parts] == [3, 3, 3]
    assert [place for part in parts for place in part.places] == list(range(2, 11))


def test_a_gzip_of_many_like_rows_is_no_bomb_below_a_hundredfold(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bombs, "_STREAM_FREE", 1000)
    content = CORPUS["gzip.csv.gz"].content
    assert bombs.refuse_gzip_bomb(desk.file(content)) == len(lines(ONE, TWO))
    monkeypatch.setattr(bombs, "UNPACKED_RATIO", 0)
    monkeypatch.setattr(bombs, "_STREAM_FREE", 10)
    with pytest.raises(BadSource, match="which no list of items does"):
        bombs.refuse_gzip_bomb(desk.file(content))


@pytest.mark.parametrize("name", ["gzip.csv.gz", "typed_cells.xlsx", "typed_columns.parquet"])
def test_long_work_says_how_far_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sources, "PROGRESS_ROWS", 2)
    said: list[str] = []
    path = desk.file(CORPUS[name].content, name)
    source, mapping, _ = sources.open_source(path, read_mapping(desk.mapping()), said.append)
    assert said == []
    for _part in source.batches(mapping.headers(), lambda _: True):
        pass
    (line,) = said
    assert re.fullmatch(r"reading 读取中   2 rows 行  100%  [\d,]+ rows/s 行每秒", line)


def test_a_line_in_the_other_encoding_does_not_make_the_file_foreign(desk: Desk) -> None:
    content = CORPUS["encodings_mixed_by_line.csv"].content
    assert detect_encoding(desk.file(content)) == "utf-8"
    foreign = content.decode("utf-8", errors="ignore").encode("gb18030") + "路灯\n".encode()
    assert detect_encoding(desk.file(foreign)) == "gb18030"

"""The store opens where it is told to, and every way in which it cannot be used is one sentence."""

from __future__ import annotations

import resource
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.services.postgresql import new_database
from tests.warehouse.records.conftest import viewing
from warehouse.errors import RecordsUnavailable
from warehouse.records import opening
from warehouse.records.audit import Wanted, append, head, listed, verify
from warehouse.records.opening import PLACE_VARIABLE, Records, open_records, records_place


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


@pytest.fixture
def small(file: Path) -> Iterator[Records]:
    """A store in a file, with one record."""
    opened = open_records(str(file))
    append(opened, viewing("first"))
    yield opened
    opened.close()


def fill(records: Records) -> None:
    """Writes until there is no more room, some 1 MB at most."""
    for _ in range(200):
        append(records, viewing("字" * 900))


def test_the_place_is_a_variable_or_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PLACE_VARIABLE)
    assert records_place() == "var/records/records.db"
    monkeypatch.setenv(PLACE_VARIABLE, "elsewhere.db")
    assert records_place() == "elsewhere.db"


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    place = tmp_path / "new" / "records.db"
    open_records(str(place)).close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_record_is_synced_before_it_counts_as_written(small: Records) -> None:
    with small.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("mysql://host/database", "names mysql"),
        ("postgresql://host:port/none", "cannot be read"),
        ("such a host://none", "cannot be read"),
        ("postgresql://nobody@127.0.0.1:1/none", "could not be used"),
    ],
)
def test_a_place_that_cannot_be_used_is_one_sentence(place: str, sentence: str) -> None:
    with pytest.raises(RecordsUnavailable, match=sentence):
        open_records(place)


def test_no_password_is_said() -> None:
    with pytest.raises(RecordsUnavailable) as refused:
        open_records("postgresql://reader:secret@127.0.0.1:1/none")
    assert "secret" not in str(refused.value)


def test_a_folder_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordsUnavailable, match=r"cannot be written \(Is a directory\)"):
        open_records(str(tmp_path))


def test_a_file_that_is_no_store_stays_as_it_is(file: Path) -> None:
    file.write_bytes(b"not a database, " * 1000)
    with pytest.raises(RecordsUnavailable, match="damaged"):
        open_records(str(file))
    assert file.read_bytes() == b"not a database, " * 1000


def test_a_store_of_an_older_suite_says_what_it_lacks(small: Records, file: Path) -> None:
    with small.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE note DROP COLUMN due_on")
    with pytest.raises(RecordsUnavailable, match=r"older suite \(it lacks note.due_on\)"):
        open_records(str(file))


def test_a_full_disk_is_one_sentence_and_half_a_record_is_none(small: Records) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, hard))
    try:
        with pytest.raises(RecordsUnavailable, match="disk"):
            fill(small)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    before = head(small).records
    assert verify(small).fault is None
    assert append(small, viewing("room again")).audit_id == before + 1
    assert verify(small).records == before + 1


def test_a_store_that_has_no_room_left_says_so(small: Records) -> None:
    with small.writing() as connection:  # the pool hands the same one out again
        connection.exec_driver_sql("PRAGMA max_page_count = 20")
    with pytest.raises(RecordsUnavailable, match="full; free space"):
        fill(small)
    assert verify(small).fault is None


def test_a_writer_that_never_ends_holds_nobody_up_for_ever(
    small: Records, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAITS", 0.2)
    beside = open_records(str(file))
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsUnavailable, match="held by another process"):
            append(beside, viewing("second"))
        assert len(listed(beside, Wanted(), 5)) == 1  # readers are not held up
        other.execute("ROLLBACK")
    assert append(beside, viewing("second")).audit_id == 2
    beside.close()


def test_a_writer_of_this_process_that_never_ends_holds_nobody_up_either(
    small: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAITS", 0.1)
    refused: list[str] = []

    def write() -> None:
        try:
            append(small, viewing("second"))
        except RecordsUnavailable as wrong:
            refused.append(str(wrong))

    with small.writing():
        waiting = threading.Thread(target=write)
        waiting.start()
        waiting.join()
    assert len(refused) == 1
    assert "does not answer" in refused[0]


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_taken_away_is_not_written_into_silently(
    small: Records, file: Path, is_replaced: bool
) -> None:
    file.rename(file.with_name("aside"))
    if is_replaced:
        file.write_bytes(b"")
    with pytest.raises(RecordsUnavailable, match="removed or replaced"):
        append(small, viewing("second"))


def test_an_error_in_the_block_adds_nothing(small: Records) -> None:
    def write(words: str) -> None:
        with small.writing() as connection:
            connection.exec_driver_sql("UPDATE audit_head SET records = 2")
            int(words)

    with pytest.raises(ValueError, match="never"):
        write("never")
    assert head(small).records == 1
    assert append(small, viewing("second")).audit_id == 2


ENDLESS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def test_a_store_that_does_not_answer_holds_nobody_up(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAITS", 0.5)
    begun = time.monotonic()
    with pytest.raises(RecordsUnavailable), records.reading() as connection:
        connection.execute(text(ENDLESS[connection.dialect.name]))
    assert time.monotonic() - begun < 30
    monkeypatch.undo()
    assert append(records, viewing("after")).audit_id == 1


@pytest.mark.postgresql
def test_a_writer_on_another_machine_that_never_ends_holds_nobody_up(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = new_database(postgresql_url, "records_held")
    here, there = open_records(place), open_records(place)
    monkeypatch.setattr(opening, "WAITS", 2)
    with there.writing(), pytest.raises(RecordsUnavailable):
        append(here, viewing("mine"))
    assert append(here, viewing("mine")).audit_id == 1
    for one in (here, there):
        one.close()


@pytest.mark.postgresql
def test_an_account_without_rights_on_the_tables_writes_and_changes_nothing(
    postgresql_url: str,
) -> None:
    place = new_database(postgresql_url, "records_of_others")
    owner = open_records(place)
    with owner.writing() as connection:
        for statement in (
            "CREATE ROLE writer LOGIN",
            "GRANT USAGE ON SCHEMA qingyu_records TO writer",
            "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA qingyu_records TO writer",
            "GRANT UPDATE ON qingyu_records.audit_head TO writer",
        ):
            connection.execute(text(statement))
    writer = open_records(make_url(place).set(username="writer").render_as_string(hide_password=False))
    assert append(writer, viewing("mine")).audit_id == 1
    for statement in (
        "UPDATE audit SET words = ''",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DROP TABLE audit",
    ):
        with pytest.raises(RecordsUnavailable), writer.writing() as connection:
            connection.execute(text(statement))
    with pytest.raises(RecordsUnavailable), owner.writing() as connection:
        connection.execute(text("TRUNCATE audit"))
    assert verify(owner).records == 1
    for one in (writer, owner):
        one.close()

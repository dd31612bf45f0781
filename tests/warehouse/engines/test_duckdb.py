"""The DuckDB engine: readers are shut in, threads do not share, faults are sentences."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from warehouse.engines import duckdb
from warehouse.errors import WarehouseBusy, WarehouseMissing, WarehouseUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.duckdb"
    engine = duckdb.engine(path, read_only=False)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers AS SELECT range AS n FROM range(1000)")
    engine.dispose()
    return path


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "COPY numbers TO 'out.csv'",
        "ATTACH 'other.duckdb'",
        "SET memory_limit = '9GB'",
        "SET enable_external_access = true",
        "INSERT INTO numbers VALUES (1)",
    ],
)
def test_a_reader_touches_nothing_but_its_file(path: Path, statement: str) -> None:
    engine = duckdb.engine(path, read_only=True)
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_reader_keeps_to_its_memory_and_spills_or_says_so(path: Path) -> None:
    engine = duckdb.engine(path, read_only=True, memory_limit="200MB", threads=1)
    with engine.connect() as connection:
        limit = connection.exec_driver_sql("SELECT current_setting('memory_limit')").scalar_one()
        assert limit == "190.7 MiB"  # DuckDB reads MB as 10^6 bytes and prints MiB
        assert connection.exec_driver_sql("SELECT current_setting('threads')").scalar_one() == 1
    engine.dispose()


def test_threads_get_connections_of_their_own_and_right_answers(path: Path) -> None:
    engine = duckdb.engine(path, read_only=True)
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(20):
            with engine.connect() as connection:
                asked = connection.exec_driver_sql("SELECT n FROM numbers WHERE n = ?", (number,))
                answer = asked.scalar_one()
            if answer != number:
                wrong.append((number, answer))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert wrong == []


def test_a_file_held_by_another_process_is_named_with_its_holder(path: Path) -> None:
    code = f"import duckdb; held = duckdb.connect({str(path)!r}); print('held', flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(WarehouseBusy, match=rf"held by process {holder.pid} .*; wait until"):
            duckdb.engine(path, read_only=True).connect()
    finally:
        holder.communicate(b"\n")


def test_a_missing_file_is_said_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match=r"none\.duckdb does not exist; build one"):
        duckdb.engine(tmp_path / "none.duckdb", read_only=True).connect()


def test_a_file_that_is_no_warehouse_is_said(tmp_path: Path) -> None:
    (tmp_path / "wrong.duckdb").write_bytes(b"not a database " * 1000)
    with pytest.raises(WarehouseUnavailable, match="damaged or not a DuckDB file"):
        duckdb.engine(tmp_path / "wrong.duckdb", read_only=True).connect()


def test_bound_values_stay_out_of_error_messages(path: Path) -> None:
    engine = duckdb.engine(path, read_only=True)
    with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
        connection.exec_driver_sql("SELECT n + ? FROM absent", ("330106199001011234",))
    engine.dispose()
    assert "330106199001011234" not in str(raised.value)

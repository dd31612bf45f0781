"""Several processes write records at once, and are killed: one whole chain, nothing acknowledged is lost.

QINGYU_KILLS says how many kills (10 unless set); the moments are drawn from one seed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.services.postgresql import new_database
from tests.services.suite import ROOT
from tests.warehouse.records.conftest import viewing
from warehouse.records.audit import Wanted, append, verify, walk
from warehouse.records.opening import open_records

KILLS = int(os.environ.get("QINGYU_KILLS", "10"))
SEED = 20261120
WRITERS, RECORDS = 4, 50
# Prints the number of each record once it has been acknowledged.
WRITER = """
import sys
from warehouse.records.audit import Action, Entry, Person, append
from warehouse.records.opening import open_records

place, name, count = sys.argv[1:]
records = open_records(place)
for one in range(int(count)):
    print(append(records, Entry(Action.VIEWED, Person(name), "overview", str(one))).audit_id, flush=True)
"""


def writing(place: str, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, place, name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "records.db")
    return new_database(request.getfixturevalue("postgresql_url"), f"faults_{time.monotonic_ns()}")


def test_four_processes_that_begin_at_once_write_one_chain(place: str) -> None:
    writers = [writing(place, f"writer-{number}", RECORDS) for number in range(WRITERS)]
    told = [writer.communicate(timeout=120)[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    assert [len(one) for one in told] == [RECORDS] * WRITERS
    records = open_records(place)
    verdict = verify(records)
    assert (verdict.fault, verdict.records) == (None, WRITERS * RECORDS)
    assert sorted(int(number) for one in told for number in one) == list(range(1, WRITERS * RECORDS + 1))
    by_writer = {f"writer-{number}": 0 for number in range(WRITERS)}
    for row in walk(records, Wanted()):  # each writer's own records stand in its own order
        assert row["words"] == str(by_writer[row["actor"]])
        by_writer[row["actor"]] += 1
    records.close()


def test_a_kill_loses_nothing_that_was_acknowledged(place: str) -> None:
    moments = random.Random(SEED)
    acknowledged: set[int] = set()
    for kill in range(0, KILLS, 2):
        writers = [writing(place, f"writer-{kill}-{number}", 100_000) for number in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            acknowledged.add(int(writer.stdout.readline()))  # it has begun
        time.sleep(moments.uniform(0.0, 0.2))
        for writer in writers:
            writer.kill()
            # The last line may be cut off where the kill struck.
            lines = writer.communicate()[0].splitlines(keepends=True)
            acknowledged |= {int(line) for line in lines if line.endswith("\n")}
    records = open_records(place)
    verdict = verify(records)
    assert verdict.fault is None
    found = {row["audit_id"] for row in walk(records, Wanted())}
    assert acknowledged <= found
    assert found == set(range(1, verdict.records + 1))
    assert append(records, viewing("after")).audit_id == verdict.records + 1
    records.close()

"""Copies to a server that are killed at random moments: the live version serves on, the next copy just works.

QINGYU_KILLS says how many kills an engine gets (3 unless set); the moments are drawn from one seed.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from tests.queries import dozen
from tests.services.engines import SERVERS
from tests.services.postgresql import new_database
from tests.services.suite import ROOT, environ
from warehouse import rollups
from warehouse.copying import copy
from warehouse.engines import lease
from warehouse.errors import WarehouseBusy
from warehouse.places import versions_at
from warehouse.schema import cases, warehouse_info
from warehouse.store import Store

KILLS = int(os.environ.get("QINGYU_KILLS", "3"))
SEED = 20261120
# The claim of a dead copy on ClickHouse; nothing here waits for it longer than this.
LEASE_SECONDS = 2.0
COPY = """
import sys
from warehouse.copying import copy
from warehouse.engines import lease
from warehouse.places import versions_at
lease.BEAT_SECONDS = 0.2
print("begun", flush=True)
copy(versions_at(sys.argv[1]), versions_at(sys.argv[2]), lambda _: None)
"""


@pytest.fixture(params=SERVERS)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place on a server."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", LEASE_SECONDS)
    if request.param == "postgresql":
        return new_database(request.getfixturevalue("postgresql_url"), "copy_kills")
    url: str = request.getfixturevalue("clickhouse").url("copy_kills")
    return url


@pytest.fixture
def editions(tmp_path: Path) -> list[Path]:
    """Two days of one warehouse, which differ in every other case."""
    first, second = tmp_path / "first", tmp_path / "second"
    with Store(first).build() as connection:
        dozen.fill(connection)
        rows = [
            one | {"case_id": number} for number, one in enumerate(dozen.random_cases(7, 200), start=1000)
        ]
        connection.execute(insert(cases), rows)
        rollups.rebuild(connection)
    shutil.copytree(first, second)
    with Store(second).build(copy_newest=True) as connection:
        changed = update(cases).where(func.mod(cases.c.case_id, 2) == 1)
        connection.execute(changed.values(title="更正", closed_on=date(2026, 4, 30)))
        rollups.rebuild(connection)
    return [first, second]


def served(at: str) -> tuple[str, int, int, int]:
    """Version, cases, corrected cases and the cases of a roll-up, of what is live and says what it is."""
    store = versions_at(at)
    reader = store.reader()
    with reader.connect() as connection:
        (named,) = connection.execute(select(warehouse_info.c.version)).scalars()
        held = connection.execute(select(func.count()).select_from(cases)).scalar_one()
        corrected = select(func.count()).select_from(cases).where(cases.c.title == "更正")
        new = connection.execute(corrected).scalar_one()
        rolled = connection.execute(select(func.sum(rollups.ROLLUPS[0].table.c.cases))).scalar_one()
    reader.dispose()
    assert named == store.version()
    return str(named), int(held), int(new), int(rolled)


def begin(source: Path, target: str) -> subprocess.Popen[bytes]:
    """Start a copy in a process of its own; returns once it has begun."""
    process = subprocess.Popen(
        [sys.executable, "-c", COPY, str(source), target],
        cwd=ROOT, env=environ(source), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
    return process


def copied_without_repair(source: Path, target: str) -> None:
    """Copy; what a dead one claimed may be awaited, for as long as it lasts and no longer."""
    until = time.monotonic() + 20 * LEASE_SECONDS
    while True:
        try:
            copy(versions_at(source), versions_at(target), lambda _: None)
            return
        except WarehouseBusy:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.mark.timeout(300 + 60 * KILLS)
def test_copies_killed_at_random_moments_change_nothing(editions: list[Path], target: str) -> None:
    moments = random.Random(SEED)
    lasts = 0.0
    for source in editions:
        begun = time.monotonic()
        process = begin(source, target)
        assert process.wait() == 0
        lasts = time.monotonic() - begun
    before, killed = served(target), 0
    wholes: dict[int, Any] = {}
    for number in range(KILLS):
        source = editions[number % 2]
        process = begin(source, target)
        time.sleep(moments.uniform(0, lasts))
        process.kill()
        ended = process.wait()
        killed += ended != 0
        now = served(target)
        if ended:
            # Killed after its last step it may be live, but then it is whole.
            assert now == before or now[1:] == wholes.get(number % 2, now[1:])
        copied_without_repair(source, target)
        before = served(target)
        assert before[1] == before[3]
        assert wholes.setdefault(number % 2, before[1:]) == before[1:]
    assert killed
    assert len(set(wholes.values())) == min(KILLS, 2)

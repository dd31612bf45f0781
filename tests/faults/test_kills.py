"""Loads that are killed, run out of room or meet each other: no row lost, no half version, nothing to repair.

QINGYU_KILLS says how many kills (10 unless set); the moments are drawn from one seed.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from warehouse import store as stores
from warehouse.engines import duckdb
from warehouse.errors import WarehouseBusy
from warehouse.ingest.loading import load
from warehouse.rollups import ROLLUPS
from warehouse.schema import batch, case_history, cases, warehouse_info
from warehouse.store import Store

KILLS = int(os.environ.get("QINGYU_KILLS", "10"))
SEED = 20260301
ROWS = 300
MAPPING = """city = "boston"
[columns]
source_case_no = "编号"
registered_at = "登记"
title = "标题"
"""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["warehouse.ingest.loading"])


class Desk:
    """A warehouse in a folder, and files to be loaded into it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Store(folder / "var" / "warehouse")
        (folder / "some.toml").write_text(MAPPING, encoding="utf-8")

    def file(self, number: int) -> tuple[Path, set[str]]:
        """A file of new rows, one row to be rejected and one correction; returns the numbers it brings."""
        new = {f"F{number}-{row}" for row in range(ROWS)}
        rows = [f"{name},2026-03-{1 + index % 28:02},标题" for index, name in enumerate(sorted(new))]
        path = self.folder / f"{number}.csv"
        extra = [",2026-03-01,无编号", f"COMMON,2026-03-01,第{number}次"]
        path.write_text("\n".join(("编号,登记,标题", *rows, *extra)) + "\n", encoding="utf-8")
        return path, new | {"COMMON"}

    def load(self, path: Path) -> None:
        load(self.store, path, str(self.folder / "some.toml"), lambda _: None)

    def begin(
        self, path: Path, before: Callable[[], None] | None = None, gate: object = None
    ) -> ForkServerProcess:
        """Start loading in a process of its own, which calls `before` first and waits at `gate`."""
        mapping = str(self.folder / "some.toml")
        process = PROCESSES.Process(target=_load, args=(self.store.directory, path, mapping, before, gate))
        process.start()
        return process

    def held(self) -> set[str]:
        """The source numbers of the live version, after checking that it is whole."""
        engine = duckdb.engine(self.store.current(), read_only=True)
        try:
            with engine.connect() as connection:
                numbers = list(connection.execute(select(cases.c.source_case_no)).scalars())
                version = connection.execute(select(warehouse_info.c.version)).scalar_one()
                loaded, superseded, rejected, batches = connection.execute(
                    select(
                        func.sum(batch.c.rows_loaded),
                        func.sum(batch.c.rows_superseded),
                        func.sum(batch.c.rows_rejected),
                        func.count(),
                    )
                ).one()
                rolled = connection.execute(select(func.sum(ROLLUPS[0].table.c.cases))).scalar_one()
                history = connection.execute(select(func.count()).select_from(case_history)).scalar_one()
        finally:
            engine.dispose()
        assert version == self.store.version()
        assert len(set(numbers)) == len(numbers) == loaded == rolled
        assert (superseded, history, rejected) == (batches - 1, batches - 1, batches)
        aside = list((self.folder / "var" / "rejected").glob("*.csv"))
        assert len(aside) >= batches
        return set(numbers)


def _load(directory: Path, path: Path, mapping: str, before: Callable[[], None] | None, gate: object) -> None:
    if before is not None:
        before()
    if gate is not None:
        gate.wait()  # type: ignore[attr-defined]
    try:
        load(Store(directory), path, mapping, lambda _: None)
    except WarehouseBusy:
        os._exit(3)
    except OSError:
        os._exit(4)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def settle(desk: Desk, files: Sequence[Path], expected: set[str]) -> None:
    """Load everything again, with nothing repaired by hand: all of it is there, once."""
    for path in files:
        desk.load(path)
    assert desk.held() == expected
    left = {path.name for path in desk.store.directory.iterdir()}
    beside = {name for name in left if not name.endswith((".duckdb", ".duckdb.spare"))}
    assert beside == {"CURRENT", "WRITER.lock"}


@pytest.mark.timeout(120 + 30 * KILLS)
def test_kills_at_random_moments_lose_nothing(desk: Desk) -> None:
    moments = random.Random(SEED)
    files: list[Path] = []
    expected: set[str] = set()
    lasts = 0.0
    for number in (0, 1):  # the first start also starts the process that the others are forked from
        path, rows = desk.file(number)
        files, expected = [*files, path], expected | rows
        begun = time.monotonic()
        undisturbed = desk.begin(path)
        undisturbed.join()
        lasts = time.monotonic() - begun
        assert undisturbed.exitcode == 0
    held, killed = desk.held(), 0
    assert held == expected
    for number in range(2, KILLS + 2):
        path, rows = desk.file(number)
        process = desk.begin(path)
        time.sleep(moments.uniform(0, 1.2 * lasts))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        now = desk.held()
        assert now in (held, held | rows)
        held, expected = now, expected | rows
        files.append(path)
    assert killed
    settle(desk, files, expected)


def _die_at(name: str, call: int) -> None:
    """Make this process kill itself right before the `call`-th time that publishing does `name`."""
    holder: object = stores if name == "_sync" else Path
    real, calls = getattr(holder, name), [0]

    def counted(*given: object) -> object:
        calls[0] += 1
        if calls[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given)

    setattr(holder, name, counted)


@pytest.mark.parametrize(
    ("name", "call", "is_published"),
    [
        ("_sync", 1, False),  # the file is written, not yet synced
        ("rename", 1, False),  # synced, still under its half-built name
        ("_sync", 2, False),  # a version, to which nothing points
        ("replace", 1, False),  # the new pointer lies beside the old one
        ("_sync", 3, True),  # it has taken its place
    ],
)
def test_a_kill_at_every_step_of_publishing(desk: Desk, name: str, call: int, is_published: bool) -> None:
    first, before = desk.file(0)
    desk.load(first)
    second, rows = desk.file(1)
    process = desk.begin(second, partial(_die_at, name, call))
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert desk.held() == (before | rows if is_published else before)
    settle(desk, [first, second], before | rows)


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_disk_that_takes_no_more_changes_nothing(desk: Desk, share: float) -> None:
    first, before = desk.file(0)
    desk.load(first)
    room = int(desk.store.current().stat().st_size * share)
    second, rows = desk.file(1)
    process = desk.begin(second, partial(_limit, room))
    process.join()
    assert process.exitcode != 0
    assert desk.held() == before
    settle(desk, [second], before | rows)


def test_two_loaders_at_once_end_one_after_the_other_or_one_is_told(desk: Desk) -> None:
    first, expected = desk.file(0)
    desk.load(first)
    gate = PROCESSES.Barrier(2)
    files = [desk.file(number) for number in (1, 2)]
    processes = [desk.begin(path, gate=gate) for path, _ in files]
    for process in processes:
        process.join()
    codes = [process.exitcode for process in processes]
    assert 0 in codes
    assert set(codes) <= {0, 3}
    done = [rows for (_, rows), code in zip(files, codes, strict=True) if code == 0]
    assert desk.held() == expected.union(*done)
    settle(desk, [path for path, _ in files], expected.union(*(rows for _, rows in files)))

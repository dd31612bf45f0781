"""One writer at a time on a cluster: the others are told who it is, and a dead one is in nobody's way."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from clickhouse_connect import get_client

from tests.services.clickhouse import HOST, Cluster
from warehouse.engines import lease
from warehouse.errors import WarehouseBusy

pytestmark = pytest.mark.clickhouse
PROCESSES = multiprocessing.get_context("spawn")


@pytest.fixture
def database(clickhouse: Cluster, request: pytest.FixtureRequest) -> str:
    """An empty database on the first node, of the test's own name."""
    name: str = request.node.originalname[:40]
    with ask(clickhouse) as node:
        node.command(f"CREATE DATABASE `{name}`")
    return name


class ask(ExitStack):  # noqa: N801 - reads as what it does
    """The driver's client of the first node, closed afterwards."""

    def __init__(self, cluster: Cluster | int) -> None:
        super().__init__()
        self._port = cluster if isinstance(cluster, int) else cluster.nodes[0].http

    def __enter__(self) -> Any:
        super().__enter__()
        client = get_client(host=HOST, port=self._port, autogenerate_session_id=False)
        self.callback(client.close)
        return client


def hold(port: int, database: str, results: Any, gate: Any, seconds: float) -> None:
    """Ask for the right to write once everybody is there, and say how it went."""
    with ask(port) as node, ask(port) as beating:
        gate.wait()
        try:
            with lease.held(node, beating, database, "the warehouse"):
                results.put((os.getpid(), None))
                time.sleep(seconds)
        except WarehouseBusy as busy:
            results.put((os.getpid(), str(busy)))


@pytest.fixture
def started() -> Iterator[list[Any]]:
    """Processes that are ended after the test, whatever it found."""
    processes: list[Any] = []
    yield processes
    for process in processes:
        process.kill()
        process.join()


def start(
    processes: list[Any], number: int, cluster: Cluster, database: str, seconds: float
) -> list[tuple[int, str | None]]:
    """Start so many at once; returns how each fared."""
    results, gate = PROCESSES.Queue(), PROCESSES.Barrier(number)
    begun = [
        PROCESSES.Process(target=hold, args=(cluster.nodes[0].http, database, results, gate, seconds))
        for _ in range(number)
    ]
    for process in begun:
        process.start()
    processes += begun
    return [results.get(timeout=120) for _ in begun]


def test_one_of_two_is_let_in_and_the_other_is_told_who(
    clickhouse: Cluster, database: str, started: list[Any]
) -> None:
    fared = start(started, 2, clickhouse, database, seconds=600)
    ((winner, _),) = [one for one in fared if one[1] is None]
    ((_, said),) = [one for one in fared if one[1] is not None]
    who = rf"process {winner} on {re.escape(socket.gethostname())} since \d{{4}}-\d\d-\d\d [\d:]{{8}} UTC"
    assert re.match(rf"the warehouse is being written by {who}; wait until it has finished", str(said))
    with ask(clickhouse) as node, pytest.raises(WarehouseBusy, match=who):
        lease._taken(node, database, "the warehouse")


def test_a_killed_writer_is_in_nobodys_way(
    clickhouse: Cluster, database: str, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    start(started, 1, clickhouse, database, seconds=600)
    os.kill(started[0].pid, signal.SIGKILL)
    started[0].join()
    with ask(clickhouse) as node, ask(clickhouse) as beating:
        with pytest.raises(WarehouseBusy, match=f"process {started[0].pid} on "):
            lease._taken(node, database, "the warehouse")
        monkeypatch.setattr(lease, "LEASE_SECONDS", 0.0)
        with lease.held(node, beating, database, "the warehouse") as held:
            held.require()
            assert list(lease._numbers(node, database)) == [2], "what the dead one held is gone"


def test_a_writer_lets_the_next_one_in(clickhouse: Cluster, database: str) -> None:
    with ask(clickhouse) as node, ask(clickhouse) as beating:
        for number in (1, 2, 3):
            with lease.held(node, beating, database, "the warehouse") as held:
                assert held.number == number
        with pytest.raises(ZeroDivisionError), lease.held(node, beating, database, "the warehouse"):
            raise ZeroDivisionError
        with lease.held(node, beating, database, "the warehouse") as held:
            assert held.number == 5


def test_a_living_writer_is_heard(
    clickhouse: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.1)
    with (
        ask(clickhouse) as node,
        ask(clickhouse) as beating,
        ask(clickhouse) as other,
        lease.held(node, beating, database, "the warehouse"),
    ):
        rows = f"SELECT count() FROM `{database}`.writer_1"
        first = other.command(rows)
        while other.command(rows) < first + 3:  # the test's own limit of time ends a heart that stopped
            time.sleep(0.05)
        last = lease._last(other, database)
        assert last is not None
        assert last.silent is not None
        assert last.silent < lease.LEASE_SECONDS


def test_a_writer_that_was_only_slow_does_not_publish(
    clickhouse: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken for dead; when it comes back it finds that another one has taken over."""
    monkeypatch.setattr(lease, "BEAT_SECONDS", 600.0)
    with (
        ask(clickhouse) as node,
        ask(clickhouse) as beating,
        ask(clickhouse) as other,
        lease.held(node, beating, database, "the warehouse") as slow,
    ):
        monkeypatch.setattr(lease, "LEASE_SECONDS", 0.0)
        next_one = lease._taken(other, database, "the warehouse")
        with pytest.raises(WarehouseBusy, match=r"was taken over by process \d+ on .*nothing was published"):
            slow.require()
        next_one.require()


def test_a_number_that_was_passed_is_not_taken_again(
    clickhouse: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow asker saw number 1 dead; until it asks for 2, others have had 2 and 3."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.0)
    with ask(clickhouse) as node:
        lease._taken(node, database, "the warehouse")
        seen = lease._last(node, database)
        for _ in range(2):
            lease._taken(node, database, "the warehouse")
        answers = iter([seen])
        look = lease._last
        monkeypatch.setattr(lease, "_last", lambda *of: next(answers, None) or look(*of))
        with pytest.raises(WarehouseBusy):
            lease._taken(node, database, "the warehouse")
        assert list(lease._numbers(node, database)) == [3]


def test_of_many_that_ask_at_once_one_is_let_in(clickhouse: Cluster, database: str) -> None:
    gate, fared = threading.Barrier(6), list[str]()

    def run() -> None:
        with ask(clickhouse) as node:
            gate.wait()
            try:
                lease._taken(node, database, "the warehouse")
            except WarehouseBusy:
                fared.append("told")
            else:
                fared.append("let in")

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fared) == ["let in", *["told"] * 5]

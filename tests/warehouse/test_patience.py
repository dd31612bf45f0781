"""What takes too long is ended once, and only that."""

from __future__ import annotations

import threading

import pytest

from warehouse import patience
from warehouse.patience import Patience


@pytest.fixture(autouse=True)
def _watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LOOKS_EVERY", 0.01)


def test_what_ends_in_time_is_left_alone() -> None:
    stopped = threading.Event()
    with Patience().of(0.05, stopped.set) as late:
        pass
    assert not stopped.wait(0.2)
    assert not late.is_set()


def test_what_takes_too_long_is_ended_while_the_rest_goes_on() -> None:
    watch, slow, quick = Patience(), threading.Event(), threading.Event()
    with watch.of(60, quick.set) as in_time, watch.of(0.05, slow.set) as late:
        assert slow.wait(5)
        assert late.is_set()
    assert not quick.is_set()
    assert not in_time.is_set()


def test_all_that_runs_shares_one_thread() -> None:
    watch, before = Patience(), threading.active_count()
    with watch.of(60, lambda: None), watch.of(60, lambda: None), watch.of(60, lambda: None):
        assert threading.active_count() == before + 1

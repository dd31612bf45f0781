"""More than a thousand forged requests and messages against a running suite: none sees or does anything.

And the same attempts succeed when the guard is taken away, so they are worth something.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from dashboards.guard.logins import Limits
from tests.hostile import calls, messages
from tests.hostile.client import SWITCHING, Target, opened
from tests.hostile.stage import Attempt, Stage, staged
from tests.services.suite import ROOT, serving

FAMILIES: dict[str, Callable[[], Iterator[Attempt]]] = {
    family.__name__: family
    for family in (
        calls.names,
        calls.origins,
        calls.strangers,
        calls.closed,
        calls.traversals,
        calls.slow,
        calls.links,
        messages.kinds,
        messages.frames,
        messages.pages,
        messages.addresses,
        messages.widgets,
        messages.sessions,
        messages.exports,
    )
}
LEAST = 1200
# One of each way that Streamlit alone leaves open.
OPEN_WITHOUT = (
    "host 'evil.example' /",
    "host 'evil.example' socket",
    "origin http://localhost:1 socket",
    "no origin",
    "cookie ",
    "GET /_stcore/metrics",
    "GET /_stcore/agent/openapi.json",
    "OPTIONS /_stcore/upload_file/a/b",
    "kind clear_cache True",
    "kind file_urls_request True",
    "operation deferred_file",
    "session {id} as it is",
)


@pytest.fixture(scope="module")
def stage(suite_url: str) -> Iterator[Stage]:
    with staged(suite_url) as found:
        yield found


@pytest.mark.parametrize("family", FAMILIES)
def test_no_attempt_succeeds(stage: Stage, family: str) -> None:
    attempts = list(FAMILIES[family]())
    assert attempts
    assert [attempt.name for attempt in attempts if attempt.succeeds(stage)] == []


def test_the_reader_was_not_disturbed(stage: Stage) -> None:
    assert stage.tab.run().title == "一图一指数"
    assert stage.target.ask("/_stcore/health").status == 200
    reply = stage.target.ask(stage.export(), [("Cookie", stage.victim)])
    assert (reply.status, reply.body[:2]) == (200, b"PK")


def test_the_attempts_are_many_and_differ() -> None:
    found = [attempt.name for family in FAMILIES.values() for attempt in family()]
    assert len(set(found)) == len(found)
    assert len(found) >= LEAST, f"{len(found)} attempts"


@pytest.mark.timeout(120)
def test_without_the_guard_attempts_succeed(demo_warehouse: Path, tmp_path: Path) -> None:
    known = {attempt.name: attempt for family in FAMILIES.values() for attempt in family()}
    with serving(demo_warehouse, tmp_path / "log", entry="tests/hostile/unguarded.py") as address:
        succeeded = []
        for name in OPEN_WITHOUT:
            with staged(address, patience=1) as unguarded:
                succeeded += [name] if known[name].succeeds(unguarded) else []
    assert succeeded == list(OPEN_WITHOUT)


def test_no_browser_is_told_where_the_suite_lives(stage: Stage) -> None:
    with opened(stage.target, stage.attacker) as tab:
        seen = tab.run()
    assert seen.session
    assert str(ROOT).encode() not in seen.raw
    assert platform.python_version().encode() not in seen.raw


def test_a_reader_has_so_many_sockets_and_takes_none_of_the_others(suite_url: str) -> None:
    target = Target(suite_url)
    mine, other = target.cookie(), target.cookie()
    with ExitStack() as stack:
        for _ in range(Limits().sockets):
            stack.enter_context(opened(target, mine))
        for _ in range(10):
            with pytest.raises(InvalidStatus), opened(target, mine):
                pass
        headers = [("Origin", target.address), ("Cookie", other)]
        assert target.handshake(headers).status == SWITCHING

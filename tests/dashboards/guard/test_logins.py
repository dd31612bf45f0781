"""Logins end when they are idle, old or revoked, and then stay ended."""

from __future__ import annotations

import asyncio
import threading

import pytest

from dashboards.guard.identities import COOKIE, Demo, Reader, cookies
from dashboards.guard.logins import Ending, Limits, Logins
from dashboards.guard.viewers import Viewers
from tests.services import loops

LIMITS = Limits(idle=100, absolute=1000, sockets=3)


class Clock:
    def __init__(self) -> None:
        self.now = 10_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logins(clock: Clock) -> Logins:
    return Logins(LIMITS, clock)


@pytest.fixture
def reader(clock: Clock) -> Reader:
    return Reader("li", "login-1", clock.now)


def test_a_login_is_idle_after_the_limit_and_not_before(logins: Logins, reader: Reader, clock: Clock) -> None:
    assert logins.ending(reader) is None
    clock.now += 100
    assert logins.ending(reader) is None
    clock.now += 1
    assert logins.ending(reader) is Ending.IDLE
    logins.acts(reader)
    assert logins.ending(reader) is Ending.IDLE, "what has ended does not begin again"


def test_who_acts_is_not_idle_and_still_ends_with_the_day(
    logins: Logins, reader: Reader, clock: Clock
) -> None:
    for _ in range(11):
        assert logins.ending(reader) is None
        clock.now += 90
        logins.acts(reader)
    clock.now = reader.since + 1001
    assert logins.ending(reader) is Ending.EXPIRED


def test_asking_whether_it_is_over_is_no_action(logins: Logins, reader: Reader, clock: Clock) -> None:
    for _ in range(3):
        logins.ending(reader)
        clock.now += 40
    assert logins.ending(reader) is Ending.IDLE


def test_a_revoked_login_stays_revoked_as_long_as_its_cookie_could_count(
    logins: Logins, reader: Reader, clock: Clock
) -> None:
    logins.ending(reader)
    logins.revoke(reader.login)
    clock.now += 999
    logins.sweep()
    assert logins.ending(reader) is Ending.REVOKED
    clock.now += 2
    logins.sweep()
    assert logins.ending(reader) is Ending.EXPIRED, "by then the cookie itself is too old"


def test_sockets_are_told_at_once_from_any_thread(logins: Logins, reader: Reader) -> None:
    async def run() -> tuple[Ending, Ending, bool]:
        logins.ending(reader)
        other = Reader("wu", "login-2", reader.since)
        logins.ending(other)
        tabs = [logins.enter(reader), logins.enter(reader)]
        kept = logins.enter(other)
        assert tabs[0]
        assert tabs[1]
        assert kept
        threading.Thread(target=logins.revoke, args=(reader.login,)).start()
        first, second = await asyncio.wait_for(asyncio.gather(tabs[0].ended, tabs[1].ended), 5)
        return first, second, kept.ended.done()

    assert loops.run(run()) == (Ending.REVOKED, Ending.REVOKED, False)


def test_a_revoked_login_opens_no_socket(logins: Logins, reader: Reader) -> None:
    async def run() -> None:
        logins.ending(reader)
        logins.revoke(reader.login)
        assert logins.enter(reader) is None

    loops.run(run())


def test_sweeping_closes_the_tabs_of_who_went_away(logins: Logins, reader: Reader, clock: Clock) -> None:
    async def run() -> Ending:
        logins.ending(reader)
        tab = logins.enter(reader)
        assert tab is not None
        clock.now += 100
        logins.sweep()
        await asyncio.sleep(0)
        assert not tab.ended.done()
        clock.now += 1
        logins.sweep()
        return await asyncio.wait_for(tab.ended, 5)

    assert loops.run(run()) is Ending.IDLE


def test_sweeping_ends_the_day_of_who_is_busy(logins: Logins, reader: Reader, clock: Clock) -> None:
    async def run() -> Ending:
        logins.ending(reader)
        tab = logins.enter(reader)
        assert tab is not None
        clock.now = reader.since + 1001
        logins.acts(reader)
        logins.sweep()
        return await asyncio.wait_for(tab.ended, 5)

    assert loops.run(run()) is Ending.EXPIRED


def test_a_user_has_so_many_sockets_over_all_logins(logins: Logins, reader: Reader) -> None:
    async def run() -> None:
        again = Reader("li", "login-2", reader.since)
        logins.ending(reader)
        logins.ending(again)
        opened = [logins.enter(reader), logins.enter(again), logins.enter(reader)]
        assert None not in opened
        assert logins.enter(again) is None
        stranger = Reader("wu", "login-3", reader.since)
        logins.ending(stranger)
        assert logins.enter(stranger) is not None
        assert opened[0] is not None
        logins.leave(opened[0])
        assert logins.enter(again) is not None

    loops.run(run())


def test_nothing_is_kept_for_ever(logins: Logins, clock: Clock) -> None:
    for n in range(50):
        logins.ending(Reader(f"u{n}", f"l{n}", clock.now))
    clock.now += 101
    logins.sweep()
    clock.now += 1001
    logins.sweep()
    assert not logins._open
    assert not logins._over


def demo(value: str, now: float = 1_800_000_000) -> Reader | None:
    return Demo("leader", Viewers(), lambda: now).reader(
        {"headers": [(b"cookie", f"{COOKIE}={value}".encode("latin-1"))]}
    )


def test_a_demo_browser_is_known_by_its_cookie_and_the_cookie_is_not_told() -> None:
    given = Demo("leader", Viewers(), lambda: 1_800_000_000).admission().cookie
    assert given is not None
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))
    value = given.partition("=")[2].partition(";")[0]
    found = demo(value)
    assert found is not None
    assert found.since == 1_800_000_000
    assert value.partition(".")[2] not in found.login + found.user
    assert demo(value) == found


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "1800000000.",
        "1800000000." + "a" * 42,
        "1800000000." + "a" * 44,
        "1800000061." + "a" * 43,
        "18000000000." + "a" * 43,
        "180000000a." + "a" * 43,
        "1800000000." + "a" * 42 + "é",
    ],
)
def test_any_other_cookie_is_nobody(value: str) -> None:
    assert demo(value) is None


def test_cookies_that_cannot_be_read_are_none() -> None:
    assert cookies({"headers": [(b"cookie", b"a=1; b=2"), (b"cookie", b"c=3")]}) == {
        "a": "1",
        "b": "2",
        "c": "3",
    }
    assert cookies({"headers": [(b"cookie", b"\xff\xfe;;;=")]}) == {}


def test_each_end_is_told_once(clock: Clock) -> None:
    told: list[tuple[str, Ending]] = []
    logins = Logins(LIMITS, clock, lambda login, why: told.append((login, why)))
    for name in ("a", "b", "c"):
        assert logins.ending(Reader(name, f"login-{name}", clock.now)) is None
    logins.revoke("login-a")
    logins.revoke("login-a")
    logins.revoke("login-b", Ending.SIGNED_OUT)
    clock.now += 101
    logins.sweep()
    logins.sweep()
    assert told == [
        ("login-a", Ending.REVOKED),
        ("login-b", Ending.SIGNED_OUT),
        ("login-c", Ending.IDLE),
    ]

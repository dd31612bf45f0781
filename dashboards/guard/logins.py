"""The only file that knows which logins are open: it counts their sockets, ends them and remembers that."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from dashboards.guard.identities import Reader
from dashboards.guard.viewers import LIFETIME


class Ending(Enum):
    """Why a login is over."""

    IDLE = "idle"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True)
class Limits:
    """How long and how much: seconds, sockets of one user, bytes of one message."""

    idle: float = 30 * 60
    absolute: float = LIFETIME
    sockets: int = 20
    message: int = 1 << 20
    sweep: float = 2


@dataclass(eq=False)
class Socket:
    """One open socket of a login; `ended` holds why it must close, once it must."""

    reader: Reader
    ended: asyncio.Future[Ending]


@dataclass
class _Login:
    seen: float
    sockets: set[Socket] = field(default_factory=set)


class Logins:
    """The logins of this process. Everything may be called from any thread.

    A login that has ended stays ended until its cookie would be too old anyway, so that a copy of the cookie
    opens nothing; and all sockets of it are told within one turn of their event loop. `ended` is called once
    for each.
    """

    def __init__(
        self,
        limits: Limits,
        now: Callable[[], float] = time.time,
        ended: Callable[[str, Ending], None] = lambda _login, _why: None,
    ) -> None:
        self.limits = limits
        self._now = now
        self._ended = ended
        self._open: dict[str, _Login] = {}
        self._over: dict[str, tuple[float, Ending]] = {}  # login → since when its cookie counts, why it ended
        self._lock = threading.Lock()

    def ending(self, reader: Reader) -> Ending | None:
        """Why this login is over, None while it is not; a login met for the first time begins to count."""
        now = self._now()
        with self._lock:
            if reader.login in self._over:
                return self._over[reader.login][1]
            known = self._open.setdefault(reader.login, _Login(now))
            if now - reader.since > self.limits.absolute:
                why = Ending.EXPIRED
            elif now - known.seen > self.limits.idle:
                why = Ending.IDLE
            else:
                return None
        self._end(reader.login, why, reader.since)
        return why

    def acts(self, reader: Reader) -> None:
        """Notes that a human did something."""
        with self._lock:
            if reader.login in self._open:
                self._open[reader.login].seen = self._now()

    def enter(self, reader: Reader) -> Socket | None:
        """A socket of this login on the running event loop, None when its user has too many already."""
        with self._lock:
            mine = sum(
                one.reader.user == reader.user for login in self._open.values() for one in login.sockets
            )
            if mine >= self.limits.sockets or reader.login not in self._open:
                return None
            socket = Socket(reader, asyncio.get_running_loop().create_future())
            self._open[reader.login].sockets.add(socket)
            return socket

    def leave(self, socket: Socket) -> None:
        """Forgets a socket that has closed."""
        with self._lock:
            if login := self._open.get(socket.reader.login):
                login.sockets.discard(socket)

    def revoke(self, login: str, why: Ending = Ending.REVOKED) -> None:
        """Ends a login at once: every tab closes, and neither it nor a copied cookie opens one again."""
        self._end(login, why, self._now())

    def sweep(self) -> None:
        """Ends what was idle or open for too long, and forgets logins whose cookies count no more."""
        now = self._now()
        with self._lock:
            late = [
                (key, Ending.IDLE, self._since(login, now))
                for key, login in self._open.items()
                if now - login.seen > self.limits.idle
            ] + [
                (key, Ending.EXPIRED, self._since(login, now))
                for key, login in self._open.items()
                if now - self._since(login, now) > self.limits.absolute
            ]
            gone = [key for key, (since, _) in self._over.items() if now - since > self.limits.absolute]
            for key in gone:
                del self._over[key]
        for key, why, since in late:
            self._end(key, why, since)

    @staticmethod
    def _since(login: _Login, now: float) -> float:
        # Without a socket nobody says how old the cookie is: it is then remembered for the longest time.
        return min((socket.reader.since for socket in login.sockets), default=now)

    def _end(self, key: str, why: Ending, since: float) -> None:
        with self._lock:
            is_new = key not in self._over
            self._over.setdefault(key, (since, why))
            login = self._open.pop(key, None)
        if is_new:
            self._ended(key, why)
        for socket in login.sockets if login else ():
            socket.ended.get_loop().call_soon_threadsafe(_tell, socket.ended, why)


def _tell(ended: asyncio.Future[Ending], why: Ending) -> None:
    if not ended.done():
        ended.set_result(why)

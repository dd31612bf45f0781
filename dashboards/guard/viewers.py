"""The only file that remembers who is behind a login: what the sign-in has said of them, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

LIFETIME = 8 * 3600  # seconds a login lasts at most


@dataclass(frozen=True)
class Viewer:
    """A reader: `user` is the same at every sign-in, `login` belongs to this one, `districts` are codes.

    `is_demo` is a reader nobody has signed in: they may change their role.
    """

    user: str
    name: str
    login: str
    role: str
    districts: tuple[str, ...] = ()
    is_demo: bool = False


class Viewers:
    """The readers of this process by login, called from any thread; a login that nobody knows has none."""

    def __init__(self, lifetime: float = LIFETIME, now: Callable[[], float] = time.time) -> None:
        self._lifetime = lifetime
        self._now = now
        self._since: dict[str, tuple[Viewer, float]] = {}
        self._lock = threading.Lock()

    def meet(self, viewer: Viewer, since: float) -> None:
        """Remembers who has come in at `since` (Unix time); somebody known stays who they are."""
        with self._lock:
            first = self._now() - self._lifetime
            self._since = {key: one for key, one in self._since.items() if one[1] >= first}
            self._since.setdefault(viewer.login, (viewer, since))

    def known(self, login: str) -> tuple[Viewer, float] | None:
        """Who is behind `login` and since when (Unix time), None for nobody and for what is too old."""
        with self._lock:
            found = self._since.get(login)
        return found if found and self._now() - found[1] <= self._lifetime else None

    def change(self, login: str, role: str, districts: tuple[str, ...]) -> None:
        """Gives a reader of the demo another role, in all their tabs; nobody else can change theirs."""
        with self._lock:
            found = self._since.get(login)
            if found and found[0].is_demo:
                self._since[login] = (replace(found[0], role=role, districts=districts), found[1])

    def logins_of(self, users: Collection[str]) -> tuple[str, ...]:
        """The logins of these users; a reader of the demo is nobody's."""
        with self._lock:
            return tuple(
                login for login, (one, _) in self._since.items() if one.user in users and not one.is_demo
            )

    def forget(self, login: str) -> Viewer | None:
        """Forgets a login that is over; returns who was behind it."""
        with self._lock:
            found = self._since.pop(login, None)
        return found[0] if found else None


# The guard fills it and pages ask it: both in one process.
VIEWERS = Viewers()

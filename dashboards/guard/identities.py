"""Who a request belongs to: the one question asked of a sign-in, and the answer while there is none."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from dashboards.guard.viewers import VIEWERS, Viewer, Viewers

Scope = Mapping[str, Any]  # of ASGI

# Set by the guard on every socket, whatever the client sent; .streamlit/config.toml hands it on, so that
# Streamlit gives a session back to the login that opened it and to nobody else.
LOGIN_HEADER = "x-qingyu-login"
COOKIE = "qingyu_demo"
_DEMO = re.compile(r"(\d{10})\.([\w-]{43})", re.ASCII)
_AHEAD = 60  # seconds a clock may have been set back since


@dataclass(frozen=True)
class Reader:
    """Who asks: `user` opens sockets, `login` (never the cookie) can be ended, `since` is Unix time."""

    user: str
    login: str
    since: float


@dataclass(frozen=True)
class Admission:
    """What a page gives to a caller nobody knows: a cookie with the page, or the address of the sign-in."""

    cookie: str | None = None
    sign_in: str | None = None


class Identity(Protocol):
    """A sign-in as the guard sees it: it reads the request's own headers and asks nobody else."""

    def reader(self, scope: Scope) -> Reader | None:
        """Who this request belongs to, None when its cookie is missing, forged or too old."""

    def admission(self) -> Admission:
        """What a page answers to someone nobody knows."""


@dataclass(frozen=True)
class Demo:
    """Nobody signs in: each browser of this machine is a reader, told apart by a random cookie.

    It begins in `role`, and may change that as it likes.
    """

    role: str
    viewers: Viewers = VIEWERS
    now: Callable[[], float] = time.time

    def reader(self, scope: Scope) -> Reader | None:
        """The browser with this cookie; any other value than one of ours is nobody."""
        found = _DEMO.fullmatch(cookies(scope).get(COOKIE, ""))
        if found is None or int(found[1]) > self.now() + _AHEAD:
            return None
        login = hashlib.sha256(found[0].encode("ascii")).hexdigest()
        user, since = f"demo-{login[:16]}", float(found[1])
        self.viewers.meet(Viewer(user, user, login, self.role, is_demo=True), since)
        return Reader(user, login, since)

    def admission(self) -> Admission:
        """A cookie nobody can guess."""
        value = f"{int(self.now())}.{secrets.token_urlsafe(32)}"
        return Admission(cookie=f"{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax")


def cookies(scope: Scope) -> dict[str, str]:
    """The cookies of a request by name; a header that cannot be read holds none."""
    read: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                read.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: one.value for name, one in read.items()}

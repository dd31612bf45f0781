"""The only list of what is served: a path that is not on it is answered by the guard, not by Streamlit."""

from __future__ import annotations

import re
from enum import Enum, auto

STREAM = "/_stcore/stream"
EXPORT, PRESENT = "/export/", "/present/"


class Route(Enum):
    """How a request is treated."""

    PAGE = auto()  # the page's shell; the only one that may be reached from elsewhere by a link
    FILE = auto()  # part of the release, the same for everyone
    HEALTH = auto()
    HOST_CONFIG = auto()  # Streamlit asks for it before it opens its socket; the guard answers
    STANDING = auto()  # whether this browser is known, asked when its socket was refused
    ENDED = auto()  # what is shown once a login is over
    EXPORT = auto()
    PRESENT = auto()  # a deck for the wall; who is not known signs in first, as for a page
    PRESENTING = auto()  # asked by the wall once a minute: whoever shows a deck is not idle
    SIGN_IN = auto()  # of the sign-in itself, open only where there is one
    SIGN_OUT = auto()


_EXACT = {
    "/first.js": Route.FILE,
    "/present.js": Route.FILE,
    "/present.css": Route.FILE,
    "/favicon.png": Route.FILE,
    "/_stcore/health": Route.HEALTH,
    "/_stcore/host-config": Route.HOST_CONFIG,
    "/standing": Route.STANDING,
    "/ended": Route.ENDED,
    "/presenting": Route.PRESENTING,
}
_SIGN_IN = {
    "/auth/login": Route.SIGN_IN,
    "/oauth2callback": Route.SIGN_IN,
    "/auth/logout": Route.SIGN_OUT,
}
# No step of a path begins with a dot, so none leads upwards; \Z, as $ would let a line break follow.
_PATTERNS = (
    (re.compile(r"/(?:[a-z][a-z_]*)?\Z", re.ASCII), Route.PAGE),
    (re.compile(r"/(?:static|assets/fonts|assets/images)(?:/[\w-][\w.@-]*)+\Z", re.ASCII), Route.FILE),
    (re.compile(r"/present/[1-9]\d{0,11}\Z", re.ASCII), Route.PRESENT),
    (re.compile(r"/export/[\w-]{43}\Z", re.ASCII), Route.EXPORT),
)
_METHODS = {"GET", "HEAD"}


def route(method: str, path: str, signs_in: bool) -> Route | None:
    """How a request for `path` (decoded once, as servers pass it on) is treated; None: it is refused."""
    if method not in _METHODS:
        return None
    if found := _EXACT.get(path) or (_SIGN_IN.get(path) if signs_in else None):
        return found
    return next((kind for pattern, kind in _PATTERNS if pattern.match(path)), None)

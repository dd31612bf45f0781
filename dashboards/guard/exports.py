"""The only file that hands out files of data: each to the login that asked, for a few minutes."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

LIFETIME = 180  # seconds; a browser asks at once, a slow one or a second try somewhat later
MOST = 20  # offers of one login that may wait at a time
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "png": "image/png",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Offer:
    """A file that one login may fetch; `content` makes it when it is fetched, `until` is Unix time."""

    login: str
    name: str
    content: Callable[[], bytes]
    until: float


class Exports:
    """The files on offer in this process; called from any thread."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._offers: dict[str, Offer] = {}
        self._lock = threading.Lock()

    def offer(self, login: str, name: str, content: Callable[[], bytes]) -> str:
        """Offers a file to a login and returns the address's last part, 256 random bits.

        Whoever calls has checked that the reader may see what `content` will hold: it is made with the rights
        of the page that offers it.
        """
        token, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            self._offers = {key: one for key, one in self._offers.items() if one.until > now}
            mine = [key for key, one in self._offers.items() if one.login == login]
            for key in mine[: max(0, len(mine) + 1 - MOST)]:
                del self._offers[key]
            self._offers[token] = Offer(login, name, content, now + LIFETIME)
        return token

    def withdraw(self, login: str) -> None:
        """Takes back whatever is offered to a login: what it may see has changed, or it is over."""
        with self._lock:
            self._offers = {key: one for key, one in self._offers.items() if one.login != login}

    def find(self, token: str, login: str) -> Offer | None:
        """What is offered under `token` to this very login, None for anyone else and for what is over."""
        with self._lock:
            found = self._offers.get(token)
        if found is None or not login or not secrets.compare_digest(found.login, login):
            return None
        return found if found.until > self._now() else None


def file_headers(name: str, length: int) -> list[tuple[bytes, bytes]]:
    """The headers of a file called `name`, which may be Chinese (RFC 6266, RFC 5987), `length` bytes long."""
    clean = re.sub(r'[\x00-\x1f\x7f"/\\]', "_", name)
    plain = re.sub(r"[^\w. -]", "_", clean, flags=re.ASCII)
    kind = _TYPES.get(clean.rpartition(".")[2].lower(), "application/octet-stream")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"
    return [
        (b"content-type", kind.encode("ascii")),
        (b"content-length", str(length).encode("ascii")),
        (b"content-disposition", disposition.encode("ascii")),
        (b"cache-control", b"no-store"),
    ]


# Pages offer, the guard hands out: both in one process.
EXPORTS = Exports()

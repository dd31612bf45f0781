"""The only file that decides under which names the suite is reached, and where a link may lead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dashboards.guard.errors import Unguarded

# The variable that names the origins of readers, when a proxy stands in front.
ORIGINS_VARIABLE = "QINGYU_ORIGINS"
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9]\d{0,4})?")
# A path below the root and a query: no second slash, backslash or control character to be read anew.
_LINK = re.compile(r"/(?:[a-z][a-z_]*|present/[1-9]\d{0,11})?(?:\?[\w.~!$&'()*+,;=:@/?%-]*)?", re.ASCII)
_LINK_LENGTH = 2000  # characters; the longest address of a board has some 600


@dataclass(frozen=True)
class Addresses:
    """The origins readers come from, exactly as their browsers write them; none means this machine alone."""

    origins: frozenset[str] = frozenset()

    def of(self, host: str, port: int) -> str | None:
        """The origin that belongs to a Host header, None when nobody of ours is called that.

        `port` is where the server listens: without origins of its own the suite is reached there, by the
        names of this machine only.
        """
        if self.origins:
            found = (f"{scheme}://{host}" for scheme in ("https", "http"))
            return next((origin for origin in found if origin in self.origins), None)
        known = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        return f"http://{host}" if host in known else None


def addresses(environ: Mapping[str, str]) -> Addresses:
    """The origins of QINGYU_ORIGINS, separated by commas; raises Unguarded for one that is no origin."""
    named = [one.strip() for one in environ.get(ORIGINS_VARIABLE, "").split(",") if one.strip()]
    for one in named:
        if not _ORIGIN.fullmatch(one):
            raise Unguarded(
                f"{ORIGINS_VARIABLE} holds {one!r}, which is no origin; write scheme and host in lower "
                "case, with the port if it is not the usual one, such as https://qingyu.example.gov.cn"
            )
    return Addresses(frozenset(named))


def require_private(address: str | None, found: Addresses, signs_in: bool) -> None:
    """Raises Unguarded when a network would reach a suite that nobody signs in to, or read the sign-in.

    `address` is what the server binds to, None meaning everything.
    """
    if signs_in:
        open_ = sorted(one for one in found.origins if one.startswith("http:"))
        if bare := next((one for one in open_ if not is_loopback(urlsplit(one).hostname)), None):
            raise Unguarded(
                f"{ORIGINS_VARIABLE} names {bare}, over which others could read a sign-in; write "
                "https:// and let the proxy encrypt"
            )
        return
    if not is_loopback(address):
        raise Unguarded(
            f"server.address is {address or 'every address of this machine'}, and without a sign-in the "
            "suite stays on 127.0.0.1; remove the setting, or configure the sign-in first"
        )
    far = sorted(one for one in found.origins if not is_loopback(urlsplit(one).hostname))
    if far:
        raise Unguarded(
            f"{ORIGINS_VARIABLE} names {far[0]}, and without a sign-in the suite is for this machine alone; "
            "remove the name, or configure the sign-in first"
        )


def is_loopback(address: str | None) -> bool:
    """True when a server bound to `address` (None: to everything) is reached from this machine alone."""
    if address == "localhost":
        return True
    try:
        return address is not None and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def local_link(text: str) -> str | None:
    """`text` when it leads to a page of this suite, else None: //evil.example and its kin lead elsewhere."""
    if len(text) > _LINK_LENGTH or not _LINK.fullmatch(text):
        return None
    parts = urlsplit(text)
    return text if not parts.netloc and not parts.scheme else None

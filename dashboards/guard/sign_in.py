"""The sign-in: from a cookie of our own to a reader, and the way to the identity provider and back.

The cookie holds 256 random bits and says nothing; who it belongs to is known here alone, is forgotten when
the login is over, and does not outlive this process. Nothing of what the provider has signed is kept.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs

import anyio
import anyio.to_thread

from dashboards.guard import answers
from dashboards.guard.admittance import read_settings
from dashboards.guard.answers import Answer
from dashboards.guard.errors import NotAdmitted, ProviderAway, Unguarded
from dashboards.guard.identities import Admission, Reader, Scope, cookies
from dashboards.guard.logins import Ending, Logins
from dashboards.guard.provider import Provider, Trip
from dashboards.guard.routes import Route
from dashboards.guard.viewers import LIFETIME, VIEWERS, Viewer, Viewers
from queries.errors import BadPolicy
from queries.roles import Roles
from queries.vocabulary import Text

LOG = logging.getLogger("qingyu.guard")

SIGN_IN, CALLBACK, SIGN_OUT = "/auth/login", "/oauth2callback", "/auth/logout"
# What happens at the gate, told to whoever writes it down: the reader if known, what, and why.
Note = Callable[[Viewer | None, str, str], None]
SIGNED_IN, FAILED, SIGNED_OUT = "signed_in", "sign_in_failed", "signed_out"

Said = TypeVar("Said")
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
_UNDER_WAY = 300  # seconds a reader may take at the provider
_MOST_TRIPS = 10_000
_AT_A_TIME = 8  # threads that wait for the provider

_STALE = Text(
    "这次登录已过期，或不是从本浏览器发起的，请重新登录。",
    "This sign-in is over, or was not begun in this browser; sign in again.",
)
_SAID_NO = Text("登录系统没有放行，请重新登录。", "The sign-in system did not let you in; sign in again.")
_NOT_NOTED = Text(
    "访问记录暂时无法写入，因此未予登录，请告知管理员。",
    "What is done here cannot be written down at the moment, so nobody is let in; tell the administrator.",
)


@dataclass(frozen=True)
class _Way:
    trip: Trip
    browser: str
    until: float


class SignIn:
    """Readers who have proved who they are.

    `file` is read again when it changes: who is refused in it is out within seconds. `policy` names the
    roles, `note` writes down what happens, and nobody comes in without that. Over `is_secure` origins the
    cookie cannot be set from elsewhere, nor sent unencrypted.
    """

    def __init__(
        self,
        file: Path,
        policy: Callable[[], Roles],
        logins: Logins,
        note: Note,
        *,
        is_secure: bool,
        viewers: Viewers = VIEWERS,
        now: Callable[[], float] = time.time,
    ) -> None:
        client, self._admittance = read_settings(file, policy())
        self._file, self._written = file, file.stat().st_mtime_ns
        self._policy = policy
        self._provider = Provider(client, now)
        self._logins = logins
        self._note = note
        self._viewers = viewers
        self._now = now
        self.cookie = "__Host-qingyu_login" if is_secure else "qingyu_login"
        self._browser = "__Host-qingyu_browser" if is_secure else "qingyu_browser"
        self._flags = f"; Path=/; HttpOnly; SameSite=Lax{'; Secure' if is_secure else ''}"
        self._ways: dict[str, _Way] = {}
        self._lock = threading.Lock()
        self._waiting = anyio.CapacityLimiter(_AT_A_TIME)

    # --- as an identity -------------------------------------------------------------------------------------

    def reader(self, scope: Scope) -> Reader | None:
        """Who this request belongs to, None when its cookie is missing, made up or over."""
        value = cookies(scope).get(self.cookie, "")
        known = self._viewers.known(_digest(value)) if _TOKEN.fullmatch(value) else None
        return Reader(known[0].user, known[0].login, known[1]) if known else None

    def admission(self) -> Admission:
        """The address of the sign-in."""
        return Admission(sign_in=SIGN_IN)

    # --- as the routes of the sign-in -----------------------------------------------------------------------

    async def answer(self, kind: Route, scope: Scope, origin: str) -> Answer:
        """What `kind` of route answers: the way out, the way to the provider, or back from it."""
        try:
            if kind is Route.SIGN_OUT:
                return await self._out(scope, origin)
            if scope["path"] == SIGN_IN:
                return await self._off(scope, origin)
            return await self._back(scope)
        except NotAdmitted as refused:
            LOG.warning("Nobody was let in: %s", refused)
            if not isinstance(refused, ProviderAway) and not self._noted(
                FAILED, str(refused), user=refused.user
            ):
                return answers.refused(_NOT_NOTED, is_ours=True)
            gone = f"{self._browser}=; Max-Age=0{self._flags}"
            return answers.refused(refused.said, gone, is_ours=isinstance(refused, ProviderAway))

    def sweep(self) -> None:
        """Reads the settings again when they have changed, and ends the logins of who is refused in them."""
        try:
            written = self._file.stat().st_mtime_ns
            if written == self._written:
                return
            self._written = written
            self._admittance = read_settings(self._file, self._policy())[1]
        except (BadPolicy, Unguarded, OSError) as wrong:
            LOG.error("The sign-in goes on with the settings it had: %s", wrong)
            return
        for login in self._viewers.logins_of(self._admittance.refused):
            self._logins.revoke(login)

    async def _off(self, scope: Scope, origin: str) -> Answer:
        brought = cookies(scope).get(self._browser, "")
        browser = brought if _TOKEN.fullmatch(brought) else secrets.token_urlsafe(32)
        trip = Trip.begun(f"{origin}{CALLBACK}")
        place = await self._asking(lambda: self._provider.entrance(trip))
        now = self._now()
        with self._lock:
            self._ways = {state: way for state, way in self._ways.items() if way.until > now}
            if len(self._ways) >= _MOST_TRIPS:
                del self._ways[next(iter(self._ways))]
            self._ways[trip.state] = _Way(trip, _digest(browser), now + _UNDER_WAY)
        return answers.moved(place, f"{self._browser}={browser}; Max-Age={_UNDER_WAY}{self._flags}")

    async def _back(self, scope: Scope) -> Answer:
        told = _single(scope["query_string"].decode("latin-1"))
        browser = cookies(scope).get(self._browser, "")
        with self._lock:
            way = self._ways.get(told.get("state", ""))
            mine = way is not None and secrets.compare_digest(way.browser, _digest(browser))
            if way is not None and mine:
                del self._ways[way.trip.state]
        if way is None or not mine or way.until <= self._now():
            raise NotAdmitted(
                _STALE, "a callback with a state that is unknown, used, over or another browser's"
            )
        if "error" in told or not told.get("code"):
            raise NotAdmitted(_SAID_NO, "the provider came back without a code")
        trip, code = way.trip, told["code"]
        claims = await self._asking(lambda: self._provider.claims(code, trip))
        token = secrets.token_urlsafe(32)
        viewer = self._admittance.viewer(claims, _digest(token), self._policy())
        if before := self.reader(scope):
            self._logins.revoke(before.login, Ending.SIGNED_OUT)
        if not self._noted(SIGNED_IN, "", viewer):
            return answers.refused(_NOT_NOTED, is_ours=True)
        self._viewers.meet(viewer, self._now())
        LOG.info("%s signed in as %s", viewer.user, viewer.role)
        return answers.moved(
            "/",
            f"{self.cookie}={token}; Max-Age={LIFETIME}{self._flags}",
            f"{self._browser}=; Max-Age=0{self._flags}",
        )

    async def _out(self, scope: Scope, origin: str) -> Answer:
        reader = self.reader(scope)
        known = self._viewers.known(reader.login) if reader else None
        if reader is not None and known is not None:
            self._logins.revoke(reader.login, Ending.SIGNED_OUT)
        away = await self._asking(lambda: self._provider.farewell(f"{origin}/ended"))
        return answers.moved(
            away or f"/ended?why={Ending.SIGNED_OUT.value}", f"{self.cookie}=; Max-Age=0{self._flags}"
        )

    async def _asking(self, ask: Callable[[], Said]) -> Said:
        return await anyio.to_thread.run_sync(ask, limiter=self._waiting)

    def _noted(self, what: str, why: str, viewer: Viewer | None = None, user: str = "") -> bool:
        """Whether it could be written down."""
        try:
            self._note(viewer or (Viewer(user, "", "", "") if user else None), what, why)
        except Exception:
            LOG.exception("%s was not written down", what)
            return False
        return True


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def _single(query: str) -> Mapping[str, str]:
    """The parameters that stand once in a query; one that stands twice could be read in two ways."""
    try:
        found = parse_qs(query, max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}

"""The gate itself: ASGI middleware in front of Streamlit, which sees only what has passed here.

In this order: the name the server is called by, where the request comes from, the list of routes, who asks,
how many sockets they have; then, message by message, what may be said and for how long.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, unquote

import anyio.to_thread
import orjson

from dashboards.guard import answers
from dashboards.guard.addresses import Addresses, local_link
from dashboards.guard.answers import Answer
from dashboards.guard.exports import Exports, file_headers
from dashboards.guard.headers import content_policy, script_hashes, secured
from dashboards.guard.identities import LOGIN_HEADER, Identity, Reader, cookies
from dashboards.guard.logins import Logins
from dashboards.guard.routes import EXPORT, PRESENT, STREAM, Route, route
from dashboards.guard.wires import Wire

LOG = logging.getLogger("qingyu.guard")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
# Of a login, a deck's number, a language and whether for the speaker: the page, None where it is not theirs.
Present = Callable[[str, int, str, bool], str | None]

# Where the reader wanted to go, and how often the sign-in was tried, while it is under way.
_NEXT, _TRIES = "qingyu_next", "qingyu_tries"
_SHORT = "; Path=/; Max-Age=300; HttpOnly; SameSite=Lax"
_OVER = "; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
_MOST_TRIES = 4
# A navigation that somebody started on purpose may come from another site; nothing else may.
_OWN_SITE = {"", "same-origin", "none"}
_NAVIGATED = {Route.PAGE, Route.PRESENT, Route.ENDED, Route.SIGN_IN}


class Desk(Protocol):
    """Where readers sign in and out."""

    async def answer(self, kind: Route, scope: Scope, origin: str) -> Answer:
        """The answer of one of its routes."""

    def sweep(self) -> None:
        """Looks after its settings; called every few seconds."""


class Guard:
    """Passes to `app` what its reader may ask, answers or closes everything else.

    `page` is the index as it is served: the scripts written into it are the only inline scripts allowed.
    `entry` is the path of the entry script, which no browser is told. `present` makes the page of a deck.
    `desk` is there when readers sign in.
    """

    def __init__(
        self,
        app: App,
        *,
        addresses: Addresses,
        identity: Identity,
        logins: Logins,
        exports: Exports,
        present: Present,
        page: str,
        entry: str,
        desk: Desk | None = None,
    ) -> None:
        self._app = app
        self._desk = desk
        self._addresses = addresses
        self._identity = identity
        self._logins = logins
        self._exports = exports
        self._present = present
        self._entry = entry.encode("utf-8")
        scripts = script_hashes(page)
        self._policy = lru_cache(maxsize=64)(lambda origin: content_policy(origin, scripts).encode("ascii"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one socket of ASGI."""
        if scope["type"] == "lifespan":
            watch = asyncio.create_task(self._watch())
            try:
                await self._app(scope, receive, send)
            finally:
                watch.cancel()
            return
        scope["headers"] = [
            (name, value) for name, value in scope["headers"] if name != LOGIN_HEADER.encode()
        ]
        hosts = _values(scope, b"host")
        port = (scope.get("server") or ("", 0))[1]
        origin = self._addresses.of(hosts[0], port) if len(hosts) == 1 else None
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, origin)
        else:
            await self._request(scope, receive, send, origin)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._logins.limits.sweep)
            self._logins.sweep()
            if self._desk is not None:
                self._desk.sweep()

    # --- requests -------------------------------------------------------------------------------------------

    async def _request(self, scope: Scope, receive: Receive, send: Send, origin: str | None) -> None:
        policy = self._policy(origin or "http://invalid")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = secured(message.get("headers", ()), policy)
            await send(message)

        kind = route(scope["method"], scope["path"], self._desk is not None)
        answer = self._refusal(scope, origin, kind)
        if answer is None and kind in {Route.PAGE, Route.PRESENT}:
            answer, given = self._page(scope, str(origin))
            if answer is None and kind is Route.PRESENT:
                answer = await self._deck(scope)
            elif given:
                await self._app(scope, receive, _adding(guarded, given))
                return
        elif answer is None:
            answer = await self._own(scope, kind, str(origin))
        if answer is None:
            await self._app(scope, receive, guarded)
        else:
            await _answered(guarded, answer)

    def _refusal(self, scope: Scope, origin: str | None, kind: Route | None) -> Answer | None:
        if origin is None:
            LOG.warning("Refused a request under another name: %.100r", _values(scope, b"host"))
            return answers.WRONG_HOST
        if any(value != origin for value in _values(scope, b"origin")):
            return answers.FOREIGN
        if kind is None:
            return answers.UNKNOWN
        site = _value(scope, "sec-fetch-site")
        how = (_value(scope, "sec-fetch-mode"), _value(scope, "sec-fetch-dest"))
        if site not in _OWN_SITE and not (kind in _NAVIGATED and how == ("navigate", "document")):
            return answers.FOREIGN
        if _values(scope, b"transfer-encoding") or _value(scope, "content-length") not in {"", "0"}:
            return answers.WITH_BODY
        return None

    def _reader(self, scope: Scope) -> Reader | None:
        reader = self._identity.reader(scope)
        return None if reader is None or self._logins.ending(reader) else reader

    def _page(self, scope: Scope, origin: str) -> tuple[Answer | None, str]:
        """What answers a page instead of Streamlit, if anything does, and a cookie to give with the page."""
        brought = cookies(scope)
        reader = self._reader(scope)
        secure = "; Secure" if origin.startswith("https") else ""
        if reader is not None:
            self._logins.acts(reader)
            kept = local_link(unquote(brought.get(_NEXT, "")))
            if kept and scope["path"] == "/":
                return answers.moved(kept, f"{_NEXT}={_OVER}{secure}", f"{_TRIES}={_OVER}{secure}"), ""
            return None, ""
        admission = self._identity.admission()
        if admission.sign_in is None:
            return None, f"{admission.cookie}{secure}"
        tries = brought.get(_TRIES, "0")
        tried = int(tries) if tries.isdecimal() and len(tries) == 1 else 0
        if tried >= _MOST_TRIES:
            return answers.NOT_ADMITTED, ""
        query = scope["query_string"].decode("latin-1")
        asked = f"{scope['path']}?{query}" if query else scope["path"]
        # Back from the sign-in the reader lands on the root: what was wanted before is not overwritten by it.
        wanted = local_link(asked) if asked != "/" else None
        keep = [f"{_NEXT}={quote(wanted, safe='')}{_SHORT}{secure}"] if wanted else []
        return answers.moved(admission.sign_in, *keep, f"{_TRIES}={tried + 1}{_SHORT}{secure}"), ""

    async def _own(self, scope: Scope, kind: Route | None, origin: str) -> Answer | None:
        if kind in {Route.STANDING, Route.PRESENTING}:
            reader = self._reader(scope)
            if reader is not None and kind is Route.PRESENTING:
                self._logins.acts(reader)
            return answers.STRANGER if reader is None else answers.KNOWN
        if kind is Route.ENDED:
            asked = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=4)
            return answers.ended(asked.get("why", [""])[0], local_link(asked.get("back", [""])[0]) or "/")
        if kind is Route.HOST_CONFIG:
            # Streamlit's own answer names foreign origins that may command the page; nobody may.
            off = {"useExternalAuthToken": False, "enableCustomParentMessages": False}
            told = {"allowedOrigins": [origin], **off}
            headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
            return Answer(HTTPStatus.OK, orjson.dumps(told), headers)
        if kind in {Route.SIGN_IN, Route.SIGN_OUT} and self._desk is not None:
            return await self._desk.answer(kind, scope, origin)
        if kind is Route.EXPORT:
            return await self._export(scope)
        return None

    async def _deck(self, scope: Scope) -> Answer:
        """A deck for the wall, made with the rights of who asks."""
        reader = self._reader(scope)
        if reader is None:
            return answers.STRANGER
        asked = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=4)
        is_english, is_speaker = asked.get("lang") == ["en"], asked.get("speaker") == ["1"]
        number = int(scope["path"].removeprefix(PRESENT))
        try:
            page = await anyio.to_thread.run_sync(
                self._present, reader.login, number, "en" if is_english else "zh", is_speaker
            )
        except Exception:
            LOG.exception("deck %s: error %s", number, secrets.token_hex(4))
            return answers.BROKEN
        if page is None:
            LOG.warning("%s asked for deck %s, which is not theirs", reader.user, number)
        return answers.UNKNOWN if page is None else answers.shown(page)

    async def _export(self, scope: Scope) -> Answer:
        reader = self._reader(scope)
        if reader is None:
            return answers.STRANGER
        offer = self._exports.find(scope["path"].removeprefix(EXPORT), reader.login)
        if offer is None:
            LOG.warning("%s asked for an export that is not offered to them", reader.user)
            return answers.UNKNOWN
        self._logins.acts(reader)
        try:
            content = await anyio.to_thread.run_sync(offer.content)
        except Exception:
            LOG.exception("export %s: error %s", offer.name, secrets.token_hex(4))
            return answers.BROKEN
        return Answer(HTTPStatus.OK, content, file_headers(offer.name, len(content)))

    # --- sockets --------------------------------------------------------------------------------------------

    async def _socket(self, scope: Scope, receive: Receive, send: Send, origin: str | None) -> None:
        reader = None
        if origin is not None and scope["path"] == STREAM and _values(scope, b"origin") == [origin]:
            reader = self._reader(scope)
        socket = None if reader is None else self._logins.enter(reader)
        if reader is None or socket is None:
            LOG.warning(
                "Refused a socket: %s",
                "not known, or from elsewhere" if reader is None else f"{reader.user} has too many",
            )
            # Before it is accepted a closed socket is answered with 403.
            await send({"type": "websocket.close", "code": 1008})
            return
        scope["headers"] = [*scope["headers"], (LOGIN_HEADER.encode(), reader.login.encode("ascii"))]
        wire = Wire(socket, self._logins, receive, send, self._entry)
        try:
            await self._app(scope, wire.receive, wire.send)
        finally:
            self._logins.leave(socket)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _value(scope: Scope, name: str) -> str:
    return next(iter(_values(scope, name.encode())), "")


def _adding(send: Send, cookie: str) -> Send:
    async def added(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie.encode("ascii"))]
        await send(message)

    return added


async def _answered(send: Send, answer: Answer) -> None:
    headers = list(answer.headers)
    if not any(name == b"content-length" for name, _ in headers) and answer.status != HTTPStatus.NO_CONTENT:
        headers.append((b"content-length", str(len(answer.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

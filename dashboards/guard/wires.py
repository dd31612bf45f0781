"""One open socket: messages are judged on their way in, and it closes when its login is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dashboards.guard.logins import Ending, Logins, Socket
from dashboards.guard.messages import Verdict, discreet, judged

LOG = logging.getLogger("qingyu.guard")

Message = MutableMapping[str, Any]
# Closed for good, with the reason beside it: dashboards/first.js leaves the page instead of trying again.
ENDED_CODE = 4401


class Wire:
    """Stands between a socket of the server and the application behind it, in both directions."""

    def __init__(
        self,
        socket: Socket,
        logins: Logins,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        entry: bytes,
    ) -> None:
        self._socket, self._logins = socket, logins
        self._receive, self._send, self._entry = receive, send, entry
        self._is_closed = False

    async def receive(self) -> Message:
        """The next message that passes; once the socket is closed from here, that its client has gone."""
        if self._is_closed:
            return _gone(ENDED_CODE)
        waiting = asyncio.ensure_future(self._receive())
        both: set[asyncio.Future[Any]] = {waiting, self._socket.ended}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if self._socket.ended.done():
                why: Ending = self._socket.ended.result()
                LOG.info("Closed a socket of %s: %s", self._socket.reader.user, why.value)
                return await self._close(ENDED_CODE, why.value)
            message = waiting.result()
        finally:
            waiting.cancel()
        if message["type"] != "websocket.receive":
            return message
        verdict = judged(message.get("bytes"), self._logins.limits.message)
        if not verdict.passes:
            LOG.warning("Closed a socket of %s: message %s", self._socket.reader.user, verdict.name)
            return await self._close(verdict.value, "")
        if verdict is Verdict.ACTION:
            self._logins.acts(self._socket.reader)
        return message

    async def send(self, message: Message) -> None:
        """Passes a message out, unless the socket has been closed from here."""
        if self._is_closed:
            return
        if content := message.get("bytes"):
            message["bytes"] = discreet(content, self._entry)
        await self._send(message)

    async def _close(self, code: int, reason: str) -> Message:
        self._is_closed = True
        await self._send({"type": "websocket.close", "code": code, "reason": reason})
        return _gone(code)


def _gone(code: int) -> Message:
    return {"type": "websocket.disconnect", "code": code}

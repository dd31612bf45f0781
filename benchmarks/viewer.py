"""A reader without a browser: speaks Streamlit's protocol over its web socket and counts time and bytes."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

# What the server says at the end of a run: anything else than these is a page that was not drawn.
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
_AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class NotDrawn(Exception):
    """The server did not draw the page; the message says what came instead."""


@dataclass(frozen=True)
class Rerun:
    """One re-run as its reader saw it: milliseconds from asking to the last message, bytes received."""

    milliseconds: float
    size: int


@dataclass
class Viewer:
    """One open page. Like a browser it keeps large messages and tells the server which it still has."""

    socket: ClientConnection
    keeps: bool = True
    _kept: dict[str, int] = field(default_factory=dict)

    async def rerun(self, **choices: str) -> Rerun:
        """Asks for the page with these choices in its address and waits until all of it has come.

        Raises NotDrawn when the script fails.
        """
        asked = BackMsg()
        asked.rerun_script.query_string = urlencode(choices)
        asked.rerun_script.cached_message_hashes.extend(self._kept)
        asked.rerun_script.context_info.color_scheme = "light"
        sent, size = asked.SerializeToString(), 0
        begun = time.perf_counter()
        await self.socket.send(sent)
        while True:
            content = await self.socket.recv(decode=False)
            size += len(content)
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.new_element.HasField("exception"):
                raise NotDrawn(message.delta.new_element.exception.message)
            if self.keeps and message.metadata.cacheable:
                self._kept[message.hash] = len(content)
            if kind == "script_finished" and message.script_finished != _AGAIN:
                if message.script_finished not in _DONE:
                    raise NotDrawn(f"the script ended with status {message.script_finished}")
                return Rerun((time.perf_counter() - begun) * 1000, size)


@asynccontextmanager
async def viewing(address: str, *, keeps: bool = True) -> AsyncIterator[Viewer]:
    """Opens the page at `address` (http://127.0.0.1:8501) as a browser would and closes it at the end."""
    host = urlsplit(address).netloc
    async with connect(
        f"ws://{host}/_stcore/stream",
        origin=Origin(address),
        additional_headers={"Cookie": await asyncio.to_thread(login, address)},
        subprotocols=[Subprotocol("streamlit")],
        compression=None,
        max_size=None,
    ) as socket:
        yield Viewer(socket, keeps)


def login(address: str) -> str:
    """The cookies that the page at `address` gives to a new browser, as it sends them back."""
    with urllib.request.urlopen(address, timeout=30) as page:
        given = page.headers.get_all("Set-Cookie") or []
    return "; ".join(one.partition(";")[0] for one in given)

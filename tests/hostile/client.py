"""A caller who keeps to no rule: speaks HTTP and Streamlit's protocol with whatever is put in."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dashboards.guard.identities import COOKIE

Pair = tuple[str, str]
PATIENCE = 20  # seconds for an answer that must come
SWITCHING = 101
_RUNS_ON = ForwardMsg.FINISHED_EARLY_FOR_RERUN


@dataclass(frozen=True)
class Reply:
    """What came back: status 0 when the connection was closed without an answer."""

    status: int
    headers: Sequence[Pair] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of this name, empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True)
class Target:
    """A suite under attack, such as http://127.0.0.1:40123."""

    address: str

    @property
    def host(self) -> str:
        """The name and port it is rightly called by."""
        return urlsplit(self.address).netloc

    def raw(self, head: bytes, patience: float = PATIENCE) -> Reply:
        """Sends these bytes and reads one answer."""
        parts = urlsplit(self.address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=patience) as wire:
            try:
                wire.sendall(head)
                answer = HTTPResponse(wire, method="GET")
                answer.begin()
                body = b"" if answer.status == SWITCHING else answer.read()
            except (HTTPException, OSError):
                return Reply(0)
            return Reply(answer.status, answer.getheaders(), body)

    def ask(self, path: str, headers: Sequence[Pair] = (), method: str = "GET", body: bytes = b"") -> Reply:
        """One request, its path sent as it stands; a Host header of its own replaces the right one."""
        told = list(headers)
        if not any(name.lower() == "host" for name, _ in told):
            told.insert(0, ("Host", self.host))
        if body or method in {"POST", "PUT", "PATCH"}:
            told.append(("Content-Length", str(len(body))))
        told.append(("Connection", "close"))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told)]
        return self.raw("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)

    def handshake(self, headers: Sequence[Pair], path: str = "/_stcore/stream") -> Reply:
        """Asks for a socket with exactly these headers beside those the protocol needs."""
        told = list(headers)
        if not any(name.lower() == "host" for name, _ in told):
            told.insert(0, ("Host", self.host))
        told += [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", base64.b64encode(os.urandom(16)).decode()),
        ]
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told)]
        return self.raw("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))

    def cookie(self) -> str:
        """The cookie of a new browser."""
        found = re.search(rf"{COOKIE}=[^;]+", self.ask("/").header("set-cookie"))
        return found.group() if found else f"{COOKIE}=none"


@dataclass
class Seen:
    """What a run of the page brought: its texts, the ids a client may send back, and how it ended."""

    html: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    widgets: list[str] = field(default_factory=list)
    components: dict[str, str] = field(default_factory=dict)  # id → name
    session: str = ""
    files: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)  # the addresses the browser is told, the root being ""
    raw: bytes = b""

    @property
    def title(self) -> str:
        """The heading of the board."""
        found = re.findall(r"<h1[^>]*>(.*?)</h1>", "".join(self.html))
        return found[-1] if found else ""


@dataclass
class Tab:
    """An open socket."""

    wire: ClientConnection

    def send(self, frame: bytes | str) -> None:
        """Sends a frame as it is; a socket that has closed swallows it."""
        try:
            self.wire.send(frame)
        except (ConnectionClosed, OSError):
            return

    def closes(self, patience: float = PATIENCE) -> bool:
        """True when the server closes the socket before it has been silent for `patience` seconds."""
        try:
            while True:
                self.wire.recv(timeout=patience)
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False

    def run(self, asked: BackMsg | None = None) -> Seen:
        """Asks for the page (or sends `asked`) and reads until its script has run to the end."""
        if asked is None:
            asked = BackMsg()
            asked.rerun_script.query_string = ""
        self.send(asked.SerializeToString())
        seen = Seen()
        while True:
            frame = self.wire.recv(timeout=PATIENCE)
            assert isinstance(frame, bytes)
            seen.raw += frame
            message = ForwardMsg.FromString(frame)
            _note(seen, message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished != _RUNS_ON:
                return seen


def _note(seen: Seen, message: ForwardMsg) -> None:
    kind = message.WhichOneof("type")
    if kind == "new_session":
        seen.session = message.new_session.initialize.session_id
    if kind == "navigation":
        seen.pages = [page.url_pathname for page in message.navigation.app_pages]
    if kind != "delta" or message.delta.WhichOneof("type") != "new_element":
        return
    element = message.delta.new_element
    name = element.WhichOneof("type")
    if name is None:
        return
    inner = getattr(element, name)
    if name == "html":
        seen.html.append(inner.body)
    if name == "exception":
        seen.errors.append(inner.message)
    if name == "bidi_component":
        seen.components[inner.id] = inner.component_name
        told = inner.json or "{}"
        seen.html.append(str(json.loads(told).get("html", "")) if told.startswith("{") else "")
        seen.files += re.findall(r'"file": ?"([\w-]{43})"', told)
    elif getattr(inner, "id", ""):
        seen.widgets.append(inner.id)


@contextmanager
def opened(target: Target, cookie: str, session: str = "", headers: Sequence[Pair] = ()) -> Iterator[Tab]:
    """An honest socket of a browser with this cookie; `session` asks to be given that session back."""
    asked = ["streamlit", "token", *([session] if session else [])]
    with connect(
        f"ws://{target.host}/_stcore/stream",
        origin=Origin(target.address),
        subprotocols=[Subprotocol(one) for one in asked],
        additional_headers=[("Cookie", cookie), *headers],
        compression=None,
        max_size=None,
        max_queue=None,  # who does not listen would not hear the socket close
        close_timeout=1,
        open_timeout=PATIENCE,
    ) as wire:
        yield Tab(wire)

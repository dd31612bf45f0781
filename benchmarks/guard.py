"""What the guard costs: microseconds added to a request and to a message, around an application without work.

python benchmarks/guard.py [--repeat 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: E402

from benchmarks import report  # noqa: E402
from dashboards.guard.addresses import Addresses  # noqa: E402
from dashboards.guard.exports import Exports  # noqa: E402
from dashboards.guard.guard import App, Guard  # noqa: E402
from dashboards.guard.identities import COOKIE, Demo  # noqa: E402
from dashboards.guard.logins import Limits, Logins  # noqa: E402

Message = MutableMapping[str, Any]
HEADERS = [
    (b"host", b"127.0.0.1:8501"),
    (b"origin", b"http://127.0.0.1:8501"),
    (b"cookie", f"{COOKIE}={int(time.time())}.{'a' * 43}".encode()),
]
ROUNDS = 5


async def nothing(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """An application that answers a request at once, and reads a socket to its end."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    while (await receive())["type"] != "websocket.disconnect":
        pass


def asked(kind: str, path: str) -> MutableMapping[str, Any]:
    """What a server says of a request, or of a socket."""
    told = {"type": kind, "method": "GET", "path": path, "query_string": b"", "server": ("127.0.0.1", 8501)}
    return {**told, "headers": list(HEADERS)}


async def requests(app: App, path: str, repeat: int) -> float:
    """Microseconds of one request."""

    async def send(_message: Message) -> None:
        return

    async def receive() -> Message:
        return {"type": "http.request"}

    begun = time.perf_counter()
    for _ in range(repeat):
        await app(asked("http", path), receive, send)
    return (time.perf_counter() - begun) / repeat * 1e6


async def messages(app: App, frame: bytes, repeat: int) -> float:
    """Microseconds of one message of an open socket."""
    left = iter(range(repeat))

    async def receive() -> Message:
        if next(left, None) is None:
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive", "bytes": frame}

    async def send(_message: Message) -> None:
        return

    begun = time.perf_counter()
    await app(asked("websocket", "/_stcore/stream"), receive, send)
    return (time.perf_counter() - begun) / repeat * 1e6


def frame(size: int) -> bytes:
    """A message of a reader's browser of about `size` bytes."""
    made = BackMsg()
    made.rerun_script.query_string = "district=330110&span=12w"
    while made.ByteSize() < size:
        state = made.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = f"$$ID-{made.ByteSize():032x}-w-district", "330110"
    return bytes(made.SerializeToString())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/guard.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--repeat", type=int, default=20_000, help="calls of each kind (default %(default)s)")
    repeat = max(1, parser.parse_args(arguments).repeat)
    guarded = Guard(
        nothing,
        addresses=Addresses(),
        identity=Demo("leader"),
        logins=Logins(Limits()),
        exports=Exports(),
        present=lambda *_: None,
        page="<script>1</script>",
        entry="/suite/app.py",
    )
    kinds: dict[str, Callable[[App], Awaitable[float]]] = {
        "a page": lambda app: requests(app, "/volume", repeat),
        "a file of the release": lambda app: requests(app, "/static/js/index.js", repeat),
        "a message of 1 KB": lambda app: messages(app, frame(1_000), repeat),
        "a message of 20 KB": lambda app: messages(app, frame(20_000), repeat),
    }
    rows = []
    for name, kind in kinds.items():

        async def both(kind: Callable[[App], Awaitable[float]] = kind) -> tuple[float, float]:
            turns = [(await kind(nothing), await kind(guarded)) for _ in range(ROUNDS)]
            return min(bare for bare, _ in turns), min(behind for _, behind in turns)

        bare, behind = asyncio.run(both())
        rows.append([name, f"{behind - bare:.0f}"])
    print(report.table(["kind", "added, µs"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

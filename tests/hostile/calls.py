"""Forged requests: names, origins, cookies, paths, methods and handshakes that must come to nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from dashboards.guard.identities import COOKIE, LOGIN_HEADER
from tests.hostile.client import SWITCHING, Pair, Reply
from tests.hostile.stage import Attempt, Stage

OK = HTTPStatus.OK
HOSTS = (
    "evil.example",
    "evil.example:80",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:1",
    "localhost:65535",
    "[::1]",
    "0.0.0.0",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example@127.0.0.1",
    "169.254.169.254",
    "metadata",
    "127.1",
    "2130706433",
    "0x7f000001",
    "LOCALHOST",
    "localhost.",
    "xn--localhost",
    "*",
    "-",
    "a b",
    "\u2215evil",
    "",
)
ORIGINS = (
    "http://evil.example",
    "https://evil.example",
    "null",
    "file://",
    "http://localhost",
    "http://127.0.0.1",
    "https://{host}",
    "http://{host}.evil.example",
    "http://evil.example#{host}",
    "http://evil.example/{host}",
    "http://{host}@evil.example",
    "http://evil.example@{host}",
    "http://{host}/",
    "HTTP://{host}",
    "ws://{host}",
    "http://localhost:1",
    "http://127.0.0.1:8080",
    "http://[::1]:1",
    "http://10.0.0.1",
    "//{host}",
    "http://share.streamlit.io",
    "https://a.streamlit.app",
    "http://0.0.0.0:8501",
    "chrome-extension://abc",
    "{host}",
    "data:text/html,x",
    "about:blank",
    "http://{host}, http://{host}",
    "*",
)
COOKIES = (
    "",
    "x=1",
    f"{COOKIE}=",
    f"{COOKIE}=1",
    f"{COOKIE}=.",
    f"{COOKIE}=1800000000.",
    f"{COOKIE}=admin",
    f"{COOKIE}=9999999999." + "a" * 43,
    f"{COOKIE}=1000000000." + "a" * 43,
    f"{COOKIE}=0000000000." + "a" * 43,
    f"{COOKIE}=-100000000." + "a" * 43,
    f"{COOKIE}=1790000000." + "a" * 42,
    f"{COOKIE}=1790000000." + "a" * 43,
    f"{COOKIE}=1790000000." + "a" * 44,
    f"{COOKIE}=1790000000." + "a" * 42 + "/",
    f"{COOKIE}=1790000000." + "a" * 42 + "%",
    f"{COOKIE.upper()}=1." + "a" * 43,
    f"{COOKIE}=1790000000," + "a" * 43,
    f"{COOKIE}=e30.e30." + "a" * 43,
    "_streamlit_user=admin",
    "_streamlit_user=e30",
    f"{COOKIE}=1790000000.\u0430" + "a" * 42,
    f"{COOKIE}=" + "9" * 4000,
    f"{COOKIE}=' OR 1=1 --",
    "session=root; admin=1",
)
CLOSED = (
    "/media/a.csv",
    "/media/0123456789abcdef0123456789abcdef.xlsx",
    "/media/",
    "/_stcore/upload_file/a/b",
    "/_stcore/upload_file",
    "/_stcore/metrics",
    "/_stcore/metrics?families=cache_memory_bytes",
    "/_stcore/message",
    "/_stcore/script-health-check",
    "/_stcore/agent/openapi.json",
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/allowed-message-origins",
    "/_stcore/bidi-components/qingyu_frame/frame.js",
    "/component/x/index.html",
    "/_stcore/",
    "/app/static/app.py",
    "/oauth2callback?code=a&state=b",
    "/auth/login",
    "/auth/logout",
    "/export/",
    "/export/a",
    "/api/v1/query",
    "/docs/x",
    "/.env",
    "/.git/config",
    "/.streamlit/secrets.toml",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND")
FILES = ("pyproject.toml", "etc/passwd", "dashboards/app.py", "assets/cities/hangzhou/regions.csv")
UPWARDS = (
    "..",
    "%2e%2e",
    "..%2f..",
    "%2e%2e%2f%2e%2e",
    "..%5c..",
    "%252e%252e",
    "....//..",
    ".%2e",
    "..;",
    "%c0%ae%c0%ae",
)
FOLDERS = ("/assets/fonts", "/assets/images", "/static", "/static/js")
OF_FILES = (b"[tool.", b"root:", b"import streamlit", b"330102", b"set_page_config")
ELSEWHERE = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),
    ("Origin", "http://evil.example"),
)


def served(reply: Reply) -> bool:
    """True when a request that must be refused was answered."""
    return 0 < reply.status < HTTPStatus.BAD_REQUEST


def names() -> Iterator[Attempt]:
    """The suite under names that are not its own."""
    for host, path in itertools.product(HOSTS, ("/", "/_stcore/health", "/first.js")):
        yield Attempt(f"host {host!r} {path}", partial(_asks, path, (("Host", host),)))
    for host in HOSTS:
        yield Attempt(f"host {host!r} socket", partial(_opens, (("Host", host),), origin=f"http://{host}"))
    for told in (
        (("Host", "{host}"), ("Host", "evil.example")),
        (("Host", "evil.example"), ("Host", "{host}")),
    ):
        yield Attempt(f"two hosts {told[0][1]}", partial(_asks, "/", told))


def origins() -> Iterator[Attempt]:
    """Sockets and requests that other pages start."""
    for origin in ORIGINS:
        yield Attempt(f"origin {origin} socket", partial(_opens, (), origin=origin))
    yield Attempt("no origin", partial(_opens, (), origin=None))
    yield Attempt(
        "two origins", partial(_opens, (("Origin", "http://evil.example"),), origin="http://{host}")
    )
    for told, path in itertools.product(
        ELSEWHERE, ("/first.js", "/standing", "/_stcore/host-config", "/", "/static/x.js")
    ):
        yield Attempt(
            f"{told[0]} {told[1]} {path}", partial(_asks, path, (told, ("Sec-Fetch-Mode", "no-cors")))
        )
    for path in ("/first.js", "/standing", "/_stcore/health", "/export/" + "a" * 43):
        framed = (
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "iframe"),
        )
        yield Attempt(f"framed {path}", partial(_asks, path, framed))


def strangers() -> Iterator[Attempt]:
    """Sockets without a login, or with one that was made up."""
    for cookie in COOKIES:
        yield Attempt(f"cookie {cookie}", partial(_opens, (("Cookie", cookie),), known=False))
    for name in (
        LOGIN_HEADER,
        "X-Forwarded-User",
        "Remote-User",
        "Authorization",
        "X-Remote-User",
        "X-Auth-Request-Email",
    ):
        yield Attempt(f"header {name}", partial(_opens, ((name, "admin"),), known=False))
    for path in (
        "/_stcore/stream/",
        "/volume/_stcore/stream",
        "/_stcore//stream",
        "/static/stream",
        "/",
        "/_stcore/STREAM",
    ):
        yield Attempt(f"socket at {path}", partial(_opens, (), path=path))


def closed() -> Iterator[Attempt]:
    """Routes of Streamlit that the suite does not need, by every method."""
    for path, method in itertools.product(CLOSED, METHODS):
        yield Attempt(f"{method} {path}", partial(_asks, path, (), method=method))
    for path, method in itertools.product(("/", "/volume", "/first.js", "/_stcore/health"), METHODS[2:]):
        yield Attempt(f"{method} {path}", partial(_asks, path, (), method=method))
    for path in ("/", "/volume", "/standing"):
        yield Attempt(f"body {path}", partial(_asks, path, (), body=b"x" * 1000))


def traversals() -> Iterator[Attempt]:
    """Paths that lead out of the folders that are served."""
    for folder, up, file in itertools.product(FOLDERS, UPWARDS, FILES):
        yield Attempt(f"{folder}/{up}/{file}", partial(_reads, f"{folder}/{up}/{up}/{up}/{file}"))
    for path in (
        "//etc/passwd",
        "/\\\\evil\\share",
        "/%00",
        "/first.js%00.css",
        "/assets/fonts/\x00",
        "/%ff%fe",
        "http://evil/",
    ):
        yield Attempt(f"path {path!r}", partial(_reads, path))


def slow() -> Iterator[Attempt]:
    """Requests that are never finished, or are no requests."""
    heads = (
        b"G",
        b"GET / HTTP/1.1\r\n",
        b"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nX: ",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
        b"\r\n" * 10,
        b"GET  HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    )
    for number, head in enumerate(heads):
        yield Attempt(f"half a request {number}", partial(_is_answered, head))


def links() -> Iterator[Attempt]:
    """Links of our own that would lead a reader elsewhere."""
    for back, why in itertools.product(
        (
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/%09/evil",
            '"><script>alert(1)</script>',
            "/x\r\nLocation: http://evil.example",
            "/volume//evil",
            "\u202e/evil",
        ),
        ("idle", "<script>alert(1)</script>"),
    ):
        yield Attempt(f"ended {why[:5]} {back!r}", partial(_leads_away, back, why))


def all_requests() -> list[Attempt]:
    """Every attempt of this file."""
    families: Sequence[Callable[[], Iterator[Attempt]]] = (
        names,
        origins,
        strangers,
        closed,
        traversals,
        slow,
        links,
    )
    return [attempt for family in families for attempt in family()]


def _filled(told: Sequence[Pair], stage: Stage) -> list[Pair]:
    return [(name, value.replace("{host}", stage.target.host)) for name, value in told]


def _asks(path: str, told: Sequence[Pair], stage: Stage, method: str = "GET", body: bytes = b"") -> bool:
    return served(stage.target.ask(path, [*_filled(told, stage), ("Cookie", stage.attacker)], method, body))


def _opens(
    told: Sequence[Pair],
    stage: Stage,
    origin: str | None = "http://{host}",
    known: bool = True,
    path: str = "/_stcore/stream",
) -> bool:
    headers = _filled(told, stage)
    headers += _filled([("Origin", origin)], stage) if origin is not None else []
    headers += [("Cookie", stage.attacker)] if known else []
    return stage.target.handshake(headers, path).status == SWITCHING


def _reads(path: str, stage: Stage) -> bool:
    reply = stage.target.ask(path, [("Cookie", stage.attacker)])
    # Streamlit alone answers any path with its index; with the guard not even that.
    return served(reply) or any(sign in reply.body for sign in OF_FILES)


def _is_answered(head: bytes, stage: Stage) -> bool:
    return served(stage.target.raw(head.replace(b"{host}", stage.target.host.encode()), patience=0.3))


def _leads_away(back: str, why: str, stage: Stage) -> bool:
    reply = stage.target.ask(f"/ended?why={quote(why)}&back={quote(back)}")
    page = reply.body.decode(errors="replace")
    return reply.header("location") != "" or 'href="/"' not in page or "<script" in page or "evil" in page

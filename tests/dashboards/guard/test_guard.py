"""What reaches the application behind the guard, and what it answers by itself; asked as a server asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboards.guard import answers
from dashboards.guard.addresses import Addresses
from dashboards.guard.answers import Answer
from dashboards.guard.exports import Exports
from dashboards.guard.guard import Guard
from dashboards.guard.identities import LOGIN_HEADER, Admission, Demo, Identity, Reader, cookies
from dashboards.guard.logins import Limits, Logins
from dashboards.guard.routes import Route
from dashboards.guard.wires import ENDED_CODE
from tests.services import loops

HOST, ORIGIN = "127.0.0.1:8501", "http://127.0.0.1:8501"
PAGE = "<head><script>1</script></head>"
Pair = tuple[str, str]


@dataclass(frozen=True)
class SignIn:
    """A sign-in whose cookie is the reader's name."""

    def reader(self, scope: Any) -> Reader | None:
        name = cookies(scope).get("who")
        return Reader(name, f"login-{name}", 1e12) if name else None

    def admission(self) -> Admission:
        return Admission(sign_in="/auth/login")

    async def answer(self, kind: Route, scope: Any, origin: str) -> Answer:
        return answers.moved(f"{origin}/{kind.name}{scope['path']}")

    def sweep(self) -> None:
        """It has no settings."""


@dataclass
class Behind:
    """The application behind the guard: notes what reaches it and says nothing but "behind"."""

    scopes: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "http":
            headers = [(b"server", b"behind"), (b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"behind"})
        elif scope["type"] == "websocket":
            assert (await receive())["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                self.messages.append(message)
            # As Streamlit may: a script that still runs goes on sending.
            await send({"type": "websocket.send", "bytes": b"late"})


def present(login: str, deck: int, now: str, is_speaker: bool) -> str | None:
    """Deck 7 is Li's; deck 8 cannot be made."""
    if deck == 8:
        raise RuntimeError("the store is away at /var/records.db")
    return f"deck {deck} {now} {is_speaker}" if (login, deck) == ("login-li", 7) else None


@dataclass
class Gate:
    """A guard with everything it stands on, and a server's way of asking it."""

    identity: Identity = field(default_factory=SignIn)
    limits: Limits = field(default_factory=Limits)
    behind: Behind = field(default_factory=Behind)
    exports: Exports = field(default_factory=Exports)

    def __post_init__(self) -> None:
        self.logins = Logins(self.limits)
        self.guard = Guard(
            self.behind,
            addresses=Addresses(),
            identity=self.identity,
            logins=self.logins,
            exports=self.exports,
            present=present,
            page=PAGE,
            entry="/suite/app.py",
            desk=self.identity if isinstance(self.identity, SignIn) else None,
        )

    def scope(self, kind: str, target: str, headers: Sequence[Pair], method: str = "GET") -> dict[str, Any]:
        path, _, query = target.partition("?")
        told = headers if any(name == "host" for name, _ in headers) else [("host", HOST), *headers]
        return {
            "type": kind,
            "method": method,
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in told],
            "server": ("127.0.0.1", 8501),
        }

    def ask(
        self, target: str, *headers: Pair, method: str = "GET"
    ) -> tuple[int, dict[str, list[str]], bytes]:
        """Status, headers by name and body of one request."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        loops.run(self.guard(self.scope("http", target, headers, method), _nothing, send))
        found: dict[str, list[str]] = {}
        for name, value in sent[0]["headers"]:
            found.setdefault(name.decode(), []).append(value.decode())
        return sent[0]["status"], found, b"".join(one.get("body", b"") for one in sent[1:])

    async def socket(self, frames: Sequence[Any], *headers: Pair, path: str = "/_stcore/stream") -> list[Any]:
        """What a client sees that connects, sends `frames` and waits to be closed; None hangs up."""
        waiting: asyncio.Queue[Any] = asyncio.Queue()
        waiting.put_nowait({"type": "websocket.connect"})
        for frame in frames:
            kind = "text" if isinstance(frame, str) else "bytes"
            gone = {"type": "websocket.disconnect", "code": 1000}
            waiting.put_nowait(gone if frame is None else {"type": "websocket.receive", kind: frame})
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await asyncio.wait_for(
            self.guard(self.scope("websocket", path, headers), waiting.get, send), timeout=10
        )
        return sent


async def _reached(gate: Gate, messages: int) -> None:
    while len(gate.behind.messages) < messages:  # noqa: ASYNC110 - a few turns of the loop, in one process
        await asyncio.sleep(0)


async def _nothing(*_: Any) -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def frame_of(kind: str) -> bytes:
    asked = BackMsg()
    setattr(asked, kind, True)
    return bytes(asked.SerializeToString())


HEARTBEAT, CLEAR_CACHE = frame_of("app_heartbeat"), frame_of("clear_cache")


MINE = (("origin", ORIGIN), ("cookie", "who=li"))


# --- requests -----------------------------------------------------------------------------------------------


def test_a_known_reader_gets_the_page_with_headers_on_it() -> None:
    gate = Gate()
    status, headers, body = gate.ask("/volume", ("cookie", "who=li"))
    assert (status, body) == (200, b"behind")
    assert "server" not in headers
    assert headers["x-frame-options"] == ["DENY"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"][0]
    assert "'sha256-" in headers["content-security-policy"][0]
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("target", "headers", "method", "expected"),
    [
        ("/", [("host", "evil.example")], "GET", 421),
        ("/", [("host", HOST), ("host", "evil.example")], "GET", 421),
        ("/", [("host", "")], "GET", 421),
        ("/", [("origin", "http://evil.example")], "GET", 403),
        ("/", [("origin", "null")], "GET", 403),
        ("/", [("origin", "http://localhost:8501")], "GET", 403),
        ("/", [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], "GET", 403),
        (
            "/first.js",
            [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
            "GET",
            403,
        ),
        (
            "/",
            [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            "GET",
            403,
        ),
        ("/auth/logout", [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], "GET", 403),
        ("/auth/logout", [("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")], "GET", 403),
        ("/", [("content-length", "5")], "GET", 413),
        ("/", [("transfer-encoding", "chunked")], "GET", 413),
        ("/", [], "POST", 404),
        ("/media/abc.csv", [], "GET", 404),
        ("/_stcore/metrics", [], "GET", 404),
        ("/_stcore/upload_file/a/b", [], "PUT", 404),
        ("/static/%2e%2e/secrets.toml", [], "GET", 404),
    ],
)
def test_what_is_answered_before_the_application(
    target: str, headers: list[Pair], method: str, expected: int
) -> None:
    gate = Gate()
    status, given, body = gate.ask(target, ("cookie", "who=li"), *headers, method=method)
    assert status == expected
    assert gate.behind.scopes == []
    assert "default-src 'none'" in given["content-security-policy"][0]
    assert b"evil" not in body


def test_a_link_from_elsewhere_may_be_followed() -> None:
    headers = (
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    )
    assert Gate().ask("/volume", ("cookie", "who=li"), *headers)[0] == 200


def test_a_forged_login_header_is_taken_off() -> None:
    gate = Gate()
    gate.ask("/volume", ("cookie", "who=li"), (LOGIN_HEADER, "login-wu"))
    assert LOGIN_HEADER.encode() not in dict(gate.behind.scopes[0]["headers"])


def test_streamlits_word_on_foreign_origins_is_replaced() -> None:
    gate = Gate()
    status, _, body = gate.ask("/_stcore/host-config")
    assert status == 200
    assert b'"allowedOrigins":["http://127.0.0.1:8501"]' in body
    assert gate.behind.scopes == []


def test_a_deep_link_is_kept_through_the_sign_in() -> None:
    gate = Gate()
    status, headers, _ = gate.ask("/volume?district=330110&lang=en")
    assert (status, headers["location"]) == (303, ["/auth/login"])
    given = [cookie.partition(";")[0] for cookie in headers["set-cookie"]]
    kept = next(one for one in given if one.startswith("qingyu_next="))
    assert all({"HttpOnly", "Max-Age=300"} <= set(one.split("; ")) for one in headers["set-cookie"])

    status, headers, _ = gate.ask("/", ("cookie", f"who=li; {kept}"))
    assert (status, headers["location"]) == (303, ["/volume?district=330110&lang=en"])
    assert all("Max-Age=0" in one for one in headers["set-cookie"])
    # And it is followed once: the page it leads to is the page.
    assert gate.ask("/volume?district=330110&lang=en", ("cookie", f"who=li; {kept}"))[0] == 200


@pytest.mark.parametrize(
    "link",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: a=b", "javascript:1"],
)
def test_a_kept_link_never_leads_elsewhere(link: str) -> None:
    gate = Gate()
    status, headers, body = gate.ask("/", ("cookie", f"who=li; qingyu_next={quote(link, safe='')}"))
    assert (status, body) == (200, b"behind")
    assert "location" not in headers
    _, headers, page = gate.ask(f"/ended?why=idle&back={quote(link, safe='')}")
    assert b'href="/"' in page
    assert b"evil" not in page


def test_a_sign_in_that_never_succeeds_ends_in_a_sentence() -> None:
    gate = Gate()
    cookie, statuses = "", []
    for _ in range(6):
        status, headers, body = gate.ask("/", ("cookie", cookie))
        statuses.append(status)
        given = [one.partition(";")[0] for one in headers.get("set-cookie", ())]
        cookie = next((one for one in given if one.startswith("qingyu_tries=")), cookie)
    assert statuses == [303, 303, 303, 303, 503, 503]
    assert "时钟" in body.decode()


def test_without_a_sign_in_the_page_gives_a_cookie() -> None:
    gate = Gate(identity=Demo("leader"))
    _, headers, body = gate.ask("/")
    cookie = headers["set-cookie"][0].partition(";")[0]
    assert body == b"behind"
    assert gate.ask("/standing", ("cookie", cookie))[0] == 204
    assert gate.ask("/standing")[0] == 401
    assert "set-cookie" not in gate.ask("/", ("cookie", cookie))[1]


def test_a_revoked_cookie_is_nobody() -> None:
    gate = Gate()
    assert gate.ask("/standing", ("cookie", "who=li"))[0] == 204
    gate.logins.revoke("login-li")
    assert gate.ask("/standing", ("cookie", "who=li"))[0] == 401
    assert gate.ask("/", ("cookie", "who=li"))[0] == 303
    assert gate.ask("/standing", ("cookie", "who=wu"))[0] == 204


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/auth/login", "SIGN_IN"), ("/oauth2callback", "SIGN_IN"), ("/auth/logout", "SIGN_OUT")],
)
def test_the_routes_of_the_sign_in_are_its_own_and_closed_without_one(path: str, kind: str) -> None:
    gate = Gate()
    status, headers, _ = gate.ask(path)
    assert (status, headers["location"]) == (303, [f"{ORIGIN}/{kind}{path}"])
    assert gate.behind.scopes == []
    assert Gate(identity=Demo("leader")).ask(path)[0] == 404


def test_an_export_goes_to_its_login_alone() -> None:
    gate = Gate()
    token = gate.exports.offer("login-li", "诉求.xlsx", lambda: b"PK")
    status, headers, body = gate.ask(f"/export/{token}", ("cookie", "who=li"))
    assert (status, body) == (200, b"PK")
    assert headers["cache-control"] == ["no-store"]
    assert headers["content-disposition"][0].startswith("attachment; ")
    assert headers["x-content-type-options"] == ["nosniff"]
    assert gate.ask(f"/export/{token}", ("cookie", "who=wu"))[0] == 404
    assert gate.ask(f"/export/{token}")[0] == 401
    gate.logins.revoke("login-li")
    assert gate.ask(f"/export/{token}", ("cookie", "who=li"))[0] == 401


@pytest.mark.parametrize(
    ("target", "who", "expected"),
    [
        ("/present/7", "li", (200, b"deck 7 zh False")),
        ("/present/7?lang=en&speaker=1", "li", (200, b"deck 7 en True")),
        ("/present/7?lang=en&lang=zh&speaker=yes", "li", (200, b"deck 7 zh False")),
        ("/present/7", "wu", (404, answers.UNKNOWN.body)),
        ("/present/9", "li", (404, answers.UNKNOWN.body)),
        ("/present/8", "li", (500, answers.BROKEN.body)),
        ("/present/07", "li", (404, answers.UNKNOWN.body)),
        ("/present/7/", "li", (404, answers.UNKNOWN.body)),
        ("/present/-1", "li", (404, answers.UNKNOWN.body)),
        ("/present/9999999999999", "li", (404, answers.UNKNOWN.body)),
    ],
)
def test_a_deck_is_shown_to_whom_it_belongs(target: str, who: str, expected: tuple[int, bytes]) -> None:
    gate = Gate()
    status, headers, body = gate.ask(target, ("cookie", f"who={who}"))
    assert (status, body) == expected
    assert gate.behind.scopes == []
    assert "default-src 'none'" in headers["content-security-policy"][0]
    if status == 200:
        assert headers["cache-control"] == ["no-store"]


def test_the_wall_waits_for_the_sign_in_and_keeps_its_way() -> None:
    gate = Gate()
    status, headers, _ = gate.ask("/present/7?lang=en")
    assert (status, headers["location"]) == (303, ["/auth/login"])
    kept = next(one for one in headers["set-cookie"] if one.startswith("qingyu_next=")).partition(";")[0]
    status, headers, _ = gate.ask("/", ("cookie", f"who=li; {kept}"))
    assert (status, headers["location"]) == (303, ["/present/7?lang=en"])
    # without a sign-in whoever comes is given a page first, and no deck is theirs
    assert Gate(identity=Demo("leader")).ask("/present/7")[0] == 401


def test_whoever_shows_a_deck_is_not_idle() -> None:
    now = [1e12]
    gate = Gate(limits=Limits(idle=60))
    gate.logins._now = lambda: now[0]
    assert gate.ask("/presenting", ("cookie", "who=li"))[0] == 204
    now[0] += 50
    assert gate.ask("/presenting", ("cookie", "who=li"))[0] == 204
    now[0] += 50
    assert gate.ask("/standing", ("cookie", "who=li"))[0] == 204
    now[0] += 50
    assert gate.ask("/presenting", ("cookie", "who=li"))[0] == 401
    assert gate.ask("/presenting")[0] == 401


def test_an_export_that_fails_says_nothing_of_why() -> None:
    gate = Gate()

    def broken() -> bytes:
        raise RuntimeError("password=secret")

    token = gate.exports.offer("login-li", "a.xlsx", broken)
    status, _, body = gate.ask(f"/export/{token}", ("cookie", "who=li"))
    assert status == 500
    assert b"secret" not in body


# --- sockets ------------------------------------------------------------------------------------------------


def test_a_known_reader_opens_a_socket_and_streamlit_learns_the_login() -> None:
    gate = Gate()
    sent = loops.run(gate.socket([HEARTBEAT, None], *MINE, (LOGIN_HEADER, "login-wu")))
    assert [one["type"] for one in sent] == ["websocket.accept", "websocket.send"]
    assert len(gate.behind.messages) == 1
    told = [value for name, value in gate.behind.scopes[0]["headers"] if name == LOGIN_HEADER.encode()]
    assert told == [b"login-li"]
    assert gate.logins.ending(Reader("li", "login-li", 1e12)) is None
    assert not gate.logins._open["login-li"].sockets, "who leaves is counted no more"


@pytest.mark.parametrize(
    "headers",
    [
        [("cookie", "who=li")],
        [("origin", ORIGIN)],
        [("origin", "http://evil.example"), ("cookie", "who=li")],
        [("origin", "http://localhost:8501"), ("cookie", "who=li")],
        [("origin", "https://127.0.0.1:8501"), ("cookie", "who=li")],
        [("origin", ORIGIN), ("origin", ORIGIN), ("cookie", "who=li")],
        [("host", "evil.example"), ("origin", "http://evil.example"), ("cookie", "who=li")],
    ],
)
def test_any_other_socket_is_closed_before_it_opens(headers: list[Pair]) -> None:
    gate = Gate()
    sent = loops.run(gate.socket([], *headers))
    assert [one["type"] for one in sent] == ["websocket.close"]
    assert gate.behind.scopes == []


def test_sockets_have_one_address() -> None:
    sent = loops.run(Gate().socket([], *MINE, path="/volume/_stcore/stream"))
    assert [one["type"] for one in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("frame", "code"), [(CLEAR_CACHE, 1008), ("text", 1003), (b"\xff\xff\xff", 1002), (b"x" * 2000, 1009)]
)
def test_a_message_that_does_not_pass_closes_and_is_never_seen(frame: Any, code: int) -> None:
    gate = Gate(limits=Limits(message=1000))
    sent = loops.run(gate.socket([HEARTBEAT, frame, HEARTBEAT], *MINE))
    assert [one["type"] for one in sent] == ["websocket.accept", "websocket.close"]
    assert sent[-1]["code"] == code
    assert len(gate.behind.messages) == 1


def test_only_what_a_human_does_counts_as_being_there(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, noted = Gate(), list[Reader]()
    monkeypatch.setattr(gate.logins, "acts", noted.append)
    action = BackMsg()
    action.rerun_script.query_string = "lang=en"
    loops.run(gate.socket([HEARTBEAT, action.SerializeToString(), HEARTBEAT, None], *MINE))
    assert [reader.login for reader in noted] == ["login-li"]
    assert len(gate.behind.messages) == 3


def test_revoking_closes_an_open_socket_and_another_readers_stays() -> None:
    gate = Gate()

    async def run() -> tuple[list[Any], bool]:
        mine = asyncio.ensure_future(gate.socket([HEARTBEAT], *MINE))
        other = asyncio.ensure_future(gate.socket([HEARTBEAT], ("origin", ORIGIN), ("cookie", "who=wu")))
        await _reached(gate, 2)
        gate.logins.revoke("login-li")
        sent = await asyncio.wait_for(mine, 5)
        still = not other.done()
        other.cancel()
        return sent, still

    sent, still = loops.run(run())
    assert (sent[-1]["type"], sent[-1]["code"], sent[-1]["reason"]) == (
        "websocket.close",
        ENDED_CODE,
        "revoked",
    )
    assert still


def test_the_one_too_many_is_refused() -> None:
    gate = Gate(limits=Limits(sockets=2))

    async def run() -> list[Any]:
        held = [asyncio.ensure_future(gate.socket([HEARTBEAT], *MINE)) for _ in range(2)]
        await _reached(gate, 2)
        sent = await gate.socket([], *MINE)
        for one in held:
            one.cancel()
        return sent

    assert [one["type"] for one in loops.run(run())] == ["websocket.close"]


def test_the_guard_watches_for_idle_readers_while_the_server_runs() -> None:
    gate = Gate(limits=Limits(idle=0.05, sweep=0.02))

    async def run() -> list[Any]:
        stop = asyncio.Event()

        async def serve(scope: Any, _receive: Any, _send: Any) -> None:
            if scope["type"] == "lifespan":
                await stop.wait()
            else:
                await Behind()(scope, _receive, _send)

        gate.guard._app = serve
        lifespan = asyncio.ensure_future(gate.guard({"type": "lifespan"}, _nothing, _nothing))
        sent = await gate.socket([HEARTBEAT], *MINE)
        stop.set()
        await lifespan
        return sent

    sent = loops.run(run())
    assert (sent[-1]["code"], sent[-1]["reason"]) == (ENDED_CODE, "idle")

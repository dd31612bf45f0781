"""Forged messages: kinds, frames, pages, widgets, fragments, addresses, sessions and exports of others."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboards.guard.identities import COOKIE, LOGIN_HEADER
from dashboards.guard.logins import Limits
from tests.hostile.client import Pair, Seen, opened
from tests.hostile.stage import Attempt, Stage

MARK = "<img src=x onerror=alert(7)>"
HOSTILE = (
    MARK,
    "' OR 1=1 --",
    "1; DROP TABLE cases",
    "../../etc/passwd",
    "\x00",
    "\u202egnp.exe",
    "a" * 20_000,
    "330110' AND '1",
    "-1",
    "NaN",
    "1e309",
    "9" * 40,
    "{{7*7}}",
    "${jndi:ldap://x}",
    "=cmd|' /C calc'!A0",
    "%3Cscript%3E",
    "\ud7ff\uffff",
    "[]",
)
PARAMETERS = ("district", "span", "lang", "as_of", "items", "measure", "category1", "channel", "unknown")
PAGES = (
    "admin",
    "audit",
    "cases",
    "policy",
    "..",
    "/",
    "//",
    "overview.py",
    "dashboards/app.py",
    "pages/1_admin.py",
    "/etc/passwd",
    "app",
    "asgi",
    "boards",
    "leadership",
    "__init__",
    "None",
    MARK,
    "a" * 5000,
    "\x00",
    "\u202e",
)
WIDGETS = 4  # of each page; every one is checked by the same code of Streamlit's
SILENT = {"rerun_script", "stop_script", "app_heartbeat"}


def kinds() -> Iterator[Attempt]:
    """Kinds of messages no page of ours sends."""
    for kind in (field for field in BackMsg.DESCRIPTOR.fields if field.name not in SILENT):
        for value in (True, False) if kind.message_type is None else (True,):
            asked = BackMsg()
            if kind.message_type is None:
                setattr(asked, kind.name, value)
            else:
                getattr(asked, kind.name).SetInParent()
            yield Attempt(f"kind {kind.name} {value}", partial(_passes, asked.SerializeToString()))
    for operation in ("deferred_file", "install_skills", "dismiss_skills_nudge"):
        asked = BackMsg()
        getattr(asked.backend_operation_request, operation).SetInParent()
        asked.backend_operation_request.request_id = "1"
        yield Attempt(f"operation {operation}", partial(_passes, asked.SerializeToString()))
    # A kind that passes, followed by one that does not: the last one counts.
    both = BackMsg(app_heartbeat=True).SerializeToString() + BackMsg(clear_cache=True).SerializeToString()
    yield Attempt("two kinds in one", partial(_passes, both))
    yield Attempt("nothing at all", partial(_passes, b""))
    yield Attempt("a field of the future", partial(_passes, b"\xfa\x7f\x00"))


def frames() -> Iterator[Attempt]:
    """Frames that are no messages, or are too large."""
    for text in ("", "hello", '{"rerun":1}', "a" * 5000):
        yield Attempt(f"text {text[:10]!r}", partial(_passes, text))
    for size in (Limits().message + 1, 4 << 20, 31 << 20):
        asked = BackMsg()
        asked.rerun_script.query_string = "x" * size
        yield Attempt(f"{size} bytes", partial(_passes, asked.SerializeToString()))
    chance = random.Random(5)
    whole = BackMsg()
    whole.rerun_script.query_string = "district=330110"
    whole.rerun_script.page_script_hash = "a" * 32
    good = whole.SerializeToString()
    for number in range(30):
        yield Attempt(f"noise {number}", partial(_passes, b"\xff" + chance.randbytes(chance.randint(1, 400))))
    for cut in range(1, len(good) - 1, 3):
        yield Attempt(f"cut at {cut}", partial(_passes, good[:cut]))


def pages() -> Iterator[Attempt]:
    """Pages by name and by hash that stand in no menu."""
    for name in PAGES:
        asked = BackMsg()
        asked.rerun_script.page_name = name
        yield Attempt(f"page {name[:20]!r}", partial(_shows, asked))
        asked = BackMsg()
        asked.rerun_script.page_script_hash = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
        yield Attempt(f"page hash of {name[:20]!r}", partial(_shows, asked))
        asked = BackMsg()
        asked.rerun_script.fragment_id = name
        yield Attempt(f"fragment {name[:20]!r}", partial(_slips_in, asked))
        asked = BackMsg()
        asked.rerun_script.context_info.url = f"http://evil.example/{name}"
        asked.rerun_script.context_info.timezone = asked.rerun_script.context_info.locale = name
        yield Attempt(f"context {name[:20]!r}", partial(_shows, asked))


def addresses() -> Iterator[Attempt]:
    """Deep links with hostile values."""
    for name, value in itertools.product(PARAMETERS, HOSTILE):
        asked = BackMsg()
        asked.rerun_script.query_string = f"{name}={value}"
        yield Attempt(f"link {name}={value[:20]!r}", partial(_shows, asked))


def widgets() -> Iterator[Attempt]:
    """Values that no widget of the page could have sent: other types, out of range, of other sizes."""
    for at, (name, value) in itertools.product(range(WIDGETS), enumerate(_values())):
        yield Attempt(f"widget {at} value {name}", partial(_chooses, at, value))


def sessions() -> Iterator[Attempt]:
    """Sessions of others, by an id that was overheard."""
    forged: Sequence[tuple[str, Sequence[Pair]]] = (
        ("as it is", ()),
        ("with a login header", ((LOGIN_HEADER, "{login}"),)),
        ("with a login header in capitals", ((LOGIN_HEADER.upper(), "{login}"),)),
        ("with a login header and low lines", ((LOGIN_HEADER.replace("-", "_"), "{login}"),)),
        ("with two login headers", ((LOGIN_HEADER, "{login}"), (LOGIN_HEADER, "x"))),
        ("with a second cookie", (("Cookie", "login={login}"),)),
        ("with a cookie made of the login", (("Cookie", f"{COOKIE}={{login}}"),)),
        ("forwarded", (("X-Forwarded-User", "{login}"), ("X-Forwarded-For", "127.0.0.1"))),
    )
    for (name, headers), written in itertools.product(forged, ("{id}", "{ID}", "x{id}", "{id}{id}", "{i}")):
        yield Attempt(f"session {written} {name}", partial(_takes_over, headers, written))


def exports() -> Iterator[Attempt]:
    """Files that others have asked for."""
    for name, cookie in (
        ("none", ""),
        ("another's", "{attacker}"),
        ("made up", f"{COOKIE}=1.a"),
        ("login", f"{COOKIE}={{login}}"),
    ):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            yield Attempt(f"export, cookie {name}, {method}", partial(_fetches, cookie, str, method, ()))
    yield Attempt(
        "export, attacker's header", partial(_fetches, "{attacker}", str, "GET", ((LOGIN_HEADER, "{login}"),))
    )
    for at in range(43):
        yield Attempt(
            f"export, letter {at} changed", partial(_fetches, "{victim}", partial(_changed, at), "GET", ())
        )
    for name, write in _spellings().items():
        yield Attempt(f"export, {name}", partial(_fetches, "{victim}", write, "GET", ()))


def all_messages() -> list[Attempt]:
    """Every attempt of this file."""
    families: Sequence[Callable[[], Iterator[Attempt]]] = (
        kinds,
        frames,
        pages,
        addresses,
        widgets,
        sessions,
        exports,
    )
    return [attempt for family in families for attempt in family()]


def login(cookie: str) -> str:
    """The login of a demo cookie, which an attacker does not know: here they may."""
    return hashlib.sha256(cookie.partition("=")[2].encode()).hexdigest()


def _passes(frame: bytes | str, stage: Stage) -> bool:
    with opened(stage.target, stage.attacker) as tab:
        tab.send(frame)
        return not tab.closes(stage.patience)


def _betrays(seen: Seen) -> bool:
    html = "".join(seen.html)
    return bool(seen.errors) or MARK in html or "Traceback" in html


def _shows(asked: BackMsg, stage: Stage) -> bool:
    with opened(stage.target, stage.attacker) as tab:
        try:
            return _betrays(tab.run(asked))
        except ConnectionClosed:
            return False


def _slips_in(asked: BackMsg, stage: Stage) -> bool:
    # A fragment nobody knows is answered with nothing: the page, asked for after it, brings what it did.
    with opened(stage.target, stage.attacker) as tab:
        tab.send(asked.SerializeToString())
        return _betrays(tab.run())


def _values() -> Sequence[WidgetState]:
    made = [
        WidgetState(bool_value=True),
        WidgetState(trigger_value=True),
        WidgetState(double_value=float("nan")),
        WidgetState(double_value=1e308),
        WidgetState(int_value=-1),
        WidgetState(int_value=2**62),
        WidgetState(bytes_value=b"\x00\xff"),
        *(WidgetState(string_value=value) for value in HOSTILE),
        *(WidgetState(json_value=value) for value in (MARK, "{", "[[[[", '{"a":' * 500)),
        *(
            WidgetState(json_trigger_value=value)
            for value in (MARK, "{", '{"event":"choose","value":"<img src=x>"}')
        ),
    ]
    for numbers in ((999_999,), (-5, 2**60), ()):
        made.append(WidgetState())
        made[-1].int_array_value.data.extend(numbers)
    for words in ((MARK,), ("'", "\x00"), ()):
        made.append(WidgetState())
        made[-1].string_array_value.data.extend(words)
    return made


def _chooses(at: int, value: WidgetState, stage: Stage) -> bool:
    asked = BackMsg()
    told = asked.rerun_script.widget_states.widgets.add()
    told.CopyFrom(value)
    told.id = stage.seen.widgets[at]
    return _shows(asked, stage)


def _takes_over(headers: Sequence[Pair], written: str, stage: Stage) -> bool:
    told = [(name, value.replace("{login}", login(stage.victim))) for name, value in headers]
    own = stage.session
    written = written.replace("{id}", own).replace("{ID}", own.upper()).replace("{i}", own[:8])
    try:
        with opened(stage.target, stage.attacker, written, told) as tab:
            return tab.run().session == own
    except (ConnectionClosed, InvalidStatus):
        return False


def _changed(at: int, path: str) -> str:
    at += len("/export/")
    return path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1 :]


def _spellings() -> dict[str, Callable[[str], str]]:
    return {
        "in capitals": lambda path: "/export/" + path[8:].upper(),
        "cut": lambda path: path[:-1],
        "longer": lambda path: path + "a",
        "with a slash": lambda path: path + "/",
        "twice": lambda path: path + path,
        "below a page": lambda path: "/volume" + path,
        "as a file": lambda path: path.replace("export", "media"),
        "upwards": lambda path: path.replace("/export/", "/export/../export/"),
        "with a letter encoded twice": lambda path: path[:8] + f"%25{ord(path[8]):02x}" + path[9:],
    }


def _fetches(
    cookie: str, write: Callable[[str], str], method: str, headers: Sequence[Pair], stage: Stage
) -> bool:
    filled = {"{attacker}": stage.attacker, "{victim}": stage.victim, "{login}": login(stage.victim)}
    told = [("Cookie", cookie), *headers]
    for name, value in filled.items():
        told = [(key, one.replace(name, value)) for key, one in told]
    path = write(stage.exported)
    return 0 < stage.target.ask(path, told, method).status < HTTPStatus.BAD_REQUEST

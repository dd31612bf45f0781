"""What the server hands out beside the pages: fonts and images to keep, and nothing of the data."""

import gc
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from dashboards import asgi
from dashboards.guard.logins import Ending, Limits, Logins
from dashboards.guard.sign_in import SignIn
from dashboards.guard.viewers import VIEWERS, Viewer
from queries.errors import BadPolicy
from tests.services.issuer import settings
from warehouse.errors import RecordsUnavailable
from warehouse.records.audit import Action


def fetch(address: str) -> tuple[int, str, bytes]:
    try:
        with urlopen(Request(address), timeout=10) as answer:
            return answer.status, answer.headers.get("Cache-Control", ""), answer.read()
    except HTTPError as error:
        return error.code, "", b""


def test_fonts_may_be_kept_for_a_week(suite_url: str) -> None:
    status, kept, content = fetch(f"{suite_url}/assets/fonts/noto-sans-sc/noto-sans-sc.css")
    assert status == 200
    assert kept == f"public, max-age={asgi.KEPT_FOR}"
    assert b"@font-face" in content


@pytest.mark.parametrize("path", ["", "volume", "repeats?district=330110", "no_such_board"])
def test_every_page_begins_with_the_first_script(suite_url: str, path: str) -> None:
    status, kept, content = fetch(f"{suite_url}/{path}")
    assert status == 200
    assert kept == "no-cache"
    assert content.index(b"./first.js") < content.index(b"./static/js/")


def test_what_is_no_page_is_served_as_before(suite_url: str) -> None:
    status, _, content = fetch(f"{suite_url}/first.js")
    assert status == 200
    assert b"BACKEND_BASE_URL" in content
    assert fetch(f"{suite_url}/_stcore/health")[0] == 200
    assert fetch(f"{suite_url}/favicon.png")[2][:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "path",
    [
        "assets/cities/hangzhou/regions.csv",
        "assets/fonts/../cities/hangzhou/regions.csv",
        "assets/fonts/%2e%2e/%2e%2e/pyproject.toml",
        "assets/fonts//etc/passwd",
        "assets/fonts/noto-sans-sc",
    ],
)
def test_nothing_else_is_served(suite_url: str, path: str) -> None:
    _, _, content = fetch(f"{suite_url}/{path}")
    assert b"330102" not in content
    assert b"[tool." not in content
    assert b"root:" not in content


def test_a_wrong_policy_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def wrong() -> None:
        raise BadPolicy("index.toml: version[1].aim[1].weight is 0; write a number above 0.")

    monkeypatch.setattr("queries.policies.check_all", wrong)
    asgi.warm_up()
    gc.unfreeze()
    assert "Not ready: index.toml: version[1].aim[1].weight is 0" in caplog.text


def test_the_suite_does_not_start_on_a_network_without_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asgi.guard(Logins(Limits()))
    with monkeypatch.context() as patched:
        patched.setattr("streamlit.get_option", lambda _: "0.0.0.0")
        with pytest.raises(
            SystemExit, match=r"^Stopped: server\.address is 0\.0\.0\.0, and without a sign-in"
        ):
            asgi.guard(Logins(Limits()))
    monkeypatch.setenv("QINGYU_ORIGINS", "https://qingyu.example")
    with pytest.raises(SystemExit, match=r"^Stopped: QINGYU_ORIGINS names https"):
        asgi.guard(Logins(Limits()))


def test_collector_stops_with_the_server() -> None:
    from threading import Event, Thread

    stop = Event()
    thread = Thread(target=asgi.collect, args=(stop,))
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_settings_of_a_sign_in_that_are_wrong_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = settings(tmp_path, "https://sso.example")
    monkeypatch.setenv("QINGYU_SIGN_IN", str(file))
    monkeypatch.setenv("QINGYU_ORIGINS", "https://qingyu.example")
    kept = asgi.guard(Logins(Limits())).kwargs
    desk = kept["desk"]
    assert isinstance(desk, SignIn)
    assert desk is kept["identity"]
    assert desk.cookie == "__Host-qingyu_login"
    monkeypatch.setenv("QINGYU_ORIGINS", "http://qingyu.example")
    with pytest.raises(
        SystemExit, match=r"^Stopped: QINGYU_ORIGINS names http://qingyu\.example, over which"
    ):
        asgi.guard(Logins(Limits()))
    file.write_text(file.read_text(encoding="utf-8").replace('"leader"', '"leadr"'), encoding="utf-8")
    monkeypatch.delenv("QINGYU_ORIGINS")
    with pytest.raises(
        SystemExit, match=r"^Stopped: sign_in\.toml: roles\.qy-leader is 'leadr'; write a role"
    ):
        asgi.guard(Logins(Limits()))
    monkeypatch.setenv("QINGYU_SIGN_IN", str(tmp_path / "nowhere"))
    with pytest.raises(SystemExit, match=r"^Stopped: QINGYU_SIGN_IN names .* does not exist"):
        asgi.guard(Logins(Limits()))


def test_without_its_record_the_suite_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"not a database, " * 1000)
    monkeypatch.setenv("QINGYU_RECORDS", str(tmp_path / "records.db"))
    with pytest.raises(SystemExit, match=r"^Stopped: .*records\.db is damaged .* restore its copy\.$"):
        asgi.guard(Logins(Limits()))


def test_a_policy_without_roles_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> None:
        raise BadPolicy("roles.toml: boards.audit is 'all'; write a list of texts.")

    monkeypatch.setattr(asgi, "read_roles", wrong)
    with pytest.raises(
        SystemExit, match=r"^Stopped: roles\.toml: boards\.audit is 'all'; write a list of texts\.$"
    ):
        asgi.guard(Logins(Limits()))


def test_the_end_of_a_login_is_written_down_and_nobody_is_behind_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    noted: list[tuple[str, str, str]] = []

    def note(viewer: Viewer, action: Action, *, words: str) -> None:
        noted.append((viewer.user, action, words))

    monkeypatch.setattr("dashboards.record.noted_of", note)
    monkeypatch.setattr(VIEWERS, "_since", {})
    endings = {"a": Ending.REVOKED, "b": Ending.IDLE, "c": Ending.SIGNED_OUT, "demo": Ending.IDLE}
    for login, why in endings.items():
        viewer = Viewer(f"li-{login}", "李", login, "leader", is_demo=login == "demo")
        VIEWERS.meet(viewer, VIEWERS._now())
        asgi.ended(login, why)
        assert VIEWERS.known(login) is None
    asgi.ended("nobody", Ending.REVOKED)
    assert noted == [
        ("li-a", "revoked", "revoked"),
        ("li-b", "signed_out", "idle"),
        ("li-c", "signed_out", "signed_out"),
    ]

    def full(*_: object, **__: object) -> None:
        raise RecordsUnavailable("the disk is full")

    monkeypatch.setattr("dashboards.record.noted_of", full)
    VIEWERS.meet(Viewer("li", "李", "d", "leader"), VIEWERS._now())
    asgi.ended("d", Ending.REVOKED)
    assert VIEWERS.known("d") is None, "who is out is out, written down or not"
    assert "was not written down" in caplog.text

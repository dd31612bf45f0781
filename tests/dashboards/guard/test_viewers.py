"""Who is behind a login: known as long as the login lasts, changed by nobody but a reader of the demo."""

from __future__ import annotations

from dashboards.guard.identities import COOKIE, Demo
from dashboards.guard.viewers import Viewer, Viewers

LI = Viewer("li", "李", "login-1", "district", ("330110",))
GUEST = Viewer("demo-1", "demo-1", "login-2", "leader", is_demo=True)


def test_only_a_login_that_came_in_is_known() -> None:
    viewers = Viewers(now=lambda: 100)
    assert viewers.known("login-1") is None
    viewers.meet(LI, 90)
    assert viewers.known("login-1") == (LI, 90)
    assert viewers.known("") is None
    assert viewers.known("login-1 ") is None


def test_who_is_known_stays_who_they_are() -> None:
    viewers = Viewers(now=lambda: 100)
    viewers.meet(LI, 90)
    viewers.meet(Viewer("wu", "吴", "login-1", "leader"), 95)
    assert viewers.known("login-1") == (LI, 90)


def test_nobody_outlives_the_login() -> None:
    clock = [100.0]
    viewers = Viewers(50, lambda: clock[0])
    viewers.meet(LI, 90)
    clock[0] = 140
    assert viewers.known("login-1")
    clock[0] = 140.5
    assert viewers.known("login-1") is None
    viewers.meet(GUEST, 140)
    assert list(viewers._since) == ["login-2"], "and is not kept in memory either"


def test_a_reader_of_the_demo_changes_role_and_one_who_signed_in_does_not() -> None:
    viewers = Viewers(now=lambda: 100)
    viewers.meet(LI, 90)
    viewers.meet(GUEST, 90)
    for login in ("login-1", "login-2", "login-3"):
        viewers.change(login, "auditor", ())
    found = [known[0].role for known in map(viewers.known, ("login-1", "login-2")) if known]
    assert found == ["district", "auditor"]
    assert viewers.known("login-3") is None


def test_the_demo_makes_every_browser_a_reader_of_its_own() -> None:
    viewers = Viewers(now=lambda: 1_800_000_000)
    demo = Demo("leader", viewers, lambda: 1_800_000_000)
    cookie = str(demo.admission().cookie).partition(";")[0]
    assert cookie.startswith(COOKIE)
    reader = demo.reader({"headers": [(b"cookie", cookie.encode())]})
    assert reader is not None
    viewers.change(reader.login, "district", ("330110",))
    demo.reader({"headers": [(b"cookie", cookie.encode())]})
    known = viewers.known(reader.login)
    assert known is not None
    assert (known[0].role, known[0].districts, known[0].is_demo) == ("district", ("330110",), True)

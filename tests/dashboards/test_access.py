"""Nobody is nobody: without a login a page has no reader, no scope and no board; with one it has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards import access
from dashboards.guard.identities import LOGIN_HEADER
from dashboards.guard.viewers import VIEWERS, Viewer
from queries.errors import BadPolicy, UnknownReader, UnknownRole
from queries.policies import POLICY
from queries.scope import Scope
from tests.dashboards.conftest import Become

IDS = {"330102": 2, "330110": 9}
reading = access.reader  # before any test makes the reader another


class Page:
    """A page whose socket carries these headers."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def test_the_reader_is_who_the_guard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = Viewer("li", "李", "login-of-li", "leader")
    monkeypatch.setattr(VIEWERS, "_since", {"login-of-li": (viewer, VIEWERS._now())})
    monkeypatch.setattr("streamlit.context", Page(**{LOGIN_HEADER: "login-of-li"}))
    assert reading() is viewer


@pytest.mark.parametrize("headers", [{}, {LOGIN_HEADER: ""}, {LOGIN_HEADER: "x"}, {"x-login": "login-of-li"}])
def test_anybody_else_is_nobody(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    viewer = Viewer("li", "李", "login-of-li", "leader")
    monkeypatch.setattr(VIEWERS, "_since", {"login-of-li": (viewer, VIEWERS._now())})
    monkeypatch.setattr("streamlit.context", Page(**headers))
    monkeypatch.setattr(access, "reader", reading)
    for asked in (access.reader, access.role, lambda: access.may_open("overview"), lambda: access.scope(IDS)):
        with pytest.raises(UnknownReader, match="Nobody is signed in"):
            asked()


@pytest.mark.parametrize(
    ("role", "districts", "expected"),
    [
        ("leader", (), Scope()),
        ("analyst", (), Scope()),
        ("district", ("330110",), Scope(cases=(9,), smallest=5)),
        ("district", ("330110", "330102"), Scope(cases=(2, 9), smallest=5)),
        ("district", (), Scope(cases=(), smallest=5)),
        ("district", ("*",), Scope(cases=(), smallest=5)),
        ("district", ("999999",), Scope(cases=(), smallest=5)),
        ("presenter", ("330110",), Scope(cases=(), smallest=5)),
        ("administrator", (), Scope(cases=(), smallest=5)),
        ("auditor", (), Scope(cases=(), smallest=5)),
    ],
)
def test_each_role_has_its_scope(
    become: Become, role: str, districts: tuple[str, ...], expected: Scope
) -> None:
    become(role, *districts)
    assert access.scope(IDS) == expected


def test_a_role_the_policy_does_not_know_may_nothing(become: Become) -> None:
    become("guest")
    for asked in (access.may_export, lambda: access.may_open("overview"), lambda: access.scope(IDS)):
        with pytest.raises(UnknownRole):
            asked()


def test_rights_are_data_and_change_with_their_file(
    become: Become, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "roles.toml"
    monkeypatch.setattr(access, "ROLES", file)
    become("auditor")
    with pytest.raises(BadPolicy, match="is missing"):
        access.may_open("audit")
    shipped = (POLICY / "roles.toml").read_text(encoding="utf-8")
    file.write_text(shipped, encoding="utf-8")
    assert access.may_open("audit")
    file.write_text(shipped.replace('audit = ["auditor"]', "audit = []"), encoding="utf-8")
    assert not access.may_open("audit")
    assert access.may_export()

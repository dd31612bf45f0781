"""The header names the reader's role; a reader of the demo takes another, and it is written down first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access
from dashboards.guard.exports import EXPORTS
from dashboards.guard.viewers import VIEWERS, Viewer
from queries.policies import read_roles
from tests.dashboards.conftest import Become, Draw, shown
from warehouse.errors import RecordsUnavailable
from warehouse.records.audit import Action

GUEST = Viewer("demo-1", "demo-1", "login-of-guest", "leader", is_demo=True)


@pytest.fixture
def guest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader is one of the demo, as the guard's registry has them."""
    monkeypatch.setattr(VIEWERS, "_since", {GUEST.login: (GUEST, VIEWERS._now())})

    def reader() -> Viewer:
        found = VIEWERS.known(GUEST.login)
        assert found is not None
        return found[0]

    monkeypatch.setattr(access, "reader", reader)


def label(test: AppTest) -> str:
    return str(test.get("popover")[0].proto.popover.label)


@pytest.mark.usefixtures("guest")
def test_a_reader_of_the_demo_takes_another_role_and_a_district(demo_warehouse: Path, draw: Draw) -> None:
    test = draw(demo_warehouse)
    assert label(test) == "演示 · 市领导"
    assert list(test.selectbox(key="pick-role").options) == [
        role.name.zh for role in read_roles().by_key.values()
    ]
    test.selectbox(key="pick-role").select("district").run()
    assert label(test) == "演示 · 区县 · 上城区", "a district office is never without a district"
    test.selectbox(key="pick-own-district").select("330110").run()
    assert label(test) == "演示 · 区县 · 余杭区"
    assert access.scope({"330102": 2, "330110": 9}).cases == (9,)
    offered = EXPORTS.offer(GUEST.login, "a.xlsx", bytes)
    test.selectbox(key="pick-role").select("auditor").run()
    assert label(test) == "演示 · 安全审计员"
    assert EXPORTS.find(offered, GUEST.login) is None, "so is what its pages have offered"
    assert access.scope({"330102": 2, "330110": 9}).cases == ()
    assert access.reader().districts == (), "what belonged to another role is gone with it"


@pytest.mark.usefixtures("guest")
def test_what_cannot_be_written_down_is_not_done(
    demo_warehouse: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = draw(demo_warehouse)

    def full(_viewer: Viewer, action: Action, *_: object, **__: object) -> None:
        if action is Action.ROLE_SWITCHED:
            raise RecordsUnavailable("the disk is full")

    monkeypatch.setattr("dashboards.record.noted_of", full)
    test.selectbox(key="pick-role").select("analyst").run()
    assert access.reader().role == "leader"
    assert not test.exception


def test_who_has_signed_in_has_a_way_out_and_no_choice_of_role(
    demo_warehouse: Path, draw: Draw, become: Become
) -> None:
    become("district", "330110")
    test = draw(demo_warehouse, lang="en")
    assert label(test) == "District office · Yuhang District"
    assert "pick-role" not in {box.key for box in test.selectbox}
    assert 'href="/auth/logout"' in shown(test)
    assert "district one" in shown(test)


def test_a_name_is_text(demo_warehouse: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "<img src=x onerror=alert(1)>"
    monkeypatch.setattr(access, "reader", lambda: replace(GUEST, name=name, is_demo=False))
    page = shown(draw(demo_warehouse))
    assert "<img" not in page
    assert "&lt;img" in page

"""Each role has its own menu: the boards of the policy and no other, whatever address is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import access, navigation
from dashboards.navigation import DEFAULT, all_boards, check_boards, own_boards, paths
from queries.errors import BadPolicy, UnknownReader
from queries.policies import POLICY, read_roles
from tests.dashboards.conftest import Become, Draw, shown
from warehouse.records.audit import Action

ROLES = tuple(read_roles().by_key)


def test_the_policy_names_every_board_and_nothing_else() -> None:
    assert set(read_roles().boards) == {board.key for board in all_boards()}


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_is_the_policy(become: Become, role: str) -> None:
    become(role)
    allowed = {board for board, opened in read_roles().boards.items() if role in opened}
    own = own_boards()
    assert {board.key for board in own} == allowed & {board.key for board in all_boards()}
    assert [board.order for board in own] == sorted(board.order for board in own)
    assert paths(own) == ["/", *(f"/{board.key}" for board in own)]


def test_a_board_the_policy_does_not_name_is_said_at_the_start_and_opened_by_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, become: Become
) -> None:
    check_boards()
    file = tmp_path / "roles.toml"
    shipped = (POLICY / "roles.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace("volume = [", "volumes = ["), encoding="utf-8")
    monkeypatch.setattr(access, "ROLES", file)
    with pytest.raises(BadPolicy, match=r"roles\.toml: boards\.volume is nothing; write the roles"):
        check_boards()
    for role in ROLES:
        become(role)
        assert "volume" not in {board.key for board in own_boards()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_role_lands_on_a_board_of_its_own(
    role: str, lang: str, demo_warehouse: Path, draw: Draw, become: Become
) -> None:
    become(role, "330110")
    first = navigation._home(own_boards())
    page = shown(draw(demo_warehouse, lang=lang))
    assert f"<h1>{first.title.in_(lang)}</h1>" in page
    assert "q-card q-state" not in page
    assert (first.key == DEFAULT) is (DEFAULT in {board.key for board in own_boards()})


def asked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The browser asks for the page of this name; a page drawn in the test's own process has no address."""
    monkeypatch.setattr(navigation, "_asked", lambda: name)
    opening = getattr(st, "navigation")  # noqa: B009 - the menu's own gate is what is tested

    def at_the_asked_page(pages: dict[str, list[Any]], **named: Any) -> Any:
        opening(pages, **named)
        (page,) = [one for section in pages.values() for one in section if one.url_path == name]
        page._can_be_called = True
        return page

    monkeypatch.setattr(st, "navigation", at_the_asked_page)


@pytest.mark.parametrize("name", ["audit", "never_was", "hotspots"])
def test_a_link_to_another_board_and_to_none_say_the_same_and_are_written_down(
    name: str, demo_warehouse: Path, draw: Draw, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    become("presenter")
    denied: list[tuple[Action, str]] = []
    monkeypatch.setattr(
        "dashboards.record.noted_of", lambda _who, action, thing, *_, **__: denied.append((action, thing))
    )
    asked(monkeypatch, name)
    test: AppTest = draw(demo_warehouse)
    page = shown(test)
    assert "您的角色（汇报演示）不能打开这个地址，或者没有这个页面" in page
    assert not test.get("plotly_chart")
    assert denied == [(Action.DENIED, name)]


def test_without_a_reader_there_is_one_sentence_and_no_menu(
    demo_warehouse: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> None:
        raise UnknownReader("Nobody is signed in on this page; open the suite's address again.")

    monkeypatch.setattr(access, "reader", nobody)
    test = draw(demo_warehouse)
    assert "Nobody is signed in on this page" in shown(test)
    assert not test.exception
    assert "领导看板" not in shown(test)


def test_a_role_without_a_board_is_told_so(
    demo_warehouse: Path, draw: Draw, become: Become, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "roles.toml"
    shipped = (POLICY / "roles.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace(', "administrator"', ""), encoding="utf-8")
    monkeypatch.setattr(access, "ROLES", file)
    become("administrator")
    test = draw(demo_warehouse, lang="en")
    assert "Your role (Administrator) opens no board" in shown(test)
    assert not test.exception

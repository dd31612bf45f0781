"""Every role and every board, by each way that leads there: the policy decides, nothing else opens one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.util import calc_hash

from dashboards.navigation import DEFAULT, all_boards
from dashboards.recipe import Board
from queries.policies import read_roles
from tests.hostile.client import Seen, Target, opened
from tests.hostile.stage import export
from tests.services.suite import serving

ROLES = read_roles()
BOARDS = {board.key: board for board in all_boards()}
CLOSED = "无法打开此页面"
ADMITTED = [(role, key) for role in ROLES.by_key for key in BOARDS if ROLES.may_open(role, key)]
REFUSED = [(role, key) for role in ROLES.by_key for key in BOARDS if not ROLES.may_open(role, key)]


@pytest.fixture(scope="module")
def cast(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    log = tmp_path_factory.mktemp("cast") / "log"
    with serving(demo_warehouse, log, entry="tests/hostile/cast.py") as address:
        yield Target(address)


def own(role: str) -> list[Board]:
    return [board for board in all_boards() if ROLES.may_open(role, board.key)]


def home(role: str) -> Board:
    return next((board for board in own(role) if board.key == DEFAULT), own(role)[0])


def cookie(target: Target, role: str) -> str:
    return f"{target.cookie()}; role={role}"


def run(target: Target, role: str, asked: BackMsg) -> Seen:
    with opened(target, cookie(target, role)) as tab:
        return tab.run(asked)


def by_name(key: str) -> BackMsg:
    """As a browser asks that has followed a link."""
    asked = BackMsg()
    asked.rerun_script.page_name = key
    return asked


def by_hash(key: str) -> BackMsg:
    """As a browser asks whose reader has chosen from the menu."""
    asked = BackMsg()
    asked.rerun_script.page_script_hash = calc_hash(key)
    return asked


def by_address(key: str) -> BackMsg:
    """As a browser asks that stands on the page already."""
    asked = BackMsg()
    asked.rerun_script.context_info.url = f"http://127.0.0.1/{key}"
    return asked


def by_all(key: str) -> BackMsg:
    """All that a browser can say of a page, at once."""
    asked = by_hash(key)
    asked.rerun_script.page_name = key
    asked.rerun_script.context_info.url = f"http://127.0.0.1/{key}"
    return asked


@pytest.mark.parametrize("role", ROLES.by_key)
def test_the_browser_is_told_the_boards_of_the_role_and_no_other(cast: Target, role: str) -> None:
    seen = run(cast, role, BackMsg(rerun_script=BackMsg().rerun_script))
    assert seen.title == home(role).title.zh
    assert sorted(seen.pages) == sorted(["", *(board.key for board in own(role))])
    hidden = [BOARDS[key] for one, key in REFUSED if one == role]
    named = "".join(seen.html)
    assert [board.key for board in hidden if f'"/{board.key}"' in named] == []
    for board in hidden:
        assert board.answers.zh.encode() not in seen.raw


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ROLES.by_key)
def test_a_link_opens_what_the_role_opens(cast: Target, role: str) -> None:
    found = {key: run(cast, role, by_name(key)).title for one, key in ADMITTED if one == role}
    assert found == {key: BOARDS[key].title.zh for key in found}
    assert found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ROLES.by_key)
def test_no_way_opens_any_other_board(cast: Target, role: str) -> None:
    for key in (key for one, key in REFUSED if one == role):
        for way in (by_name, by_all):
            seen = run(cast, role, way(key))
            assert seen.title == CLOSED
            assert "本次访问已记录" in "".join(seen.html)
            assert not any(name.endswith("download") for name in seen.components.values())
        # What is not in the menu has no hash, and an address alone asks for nothing: the role's first board.
        for way in (by_hash, by_address):
            assert run(cast, role, way(key)).title == home(role).title.zh


@pytest.mark.parametrize("role", ROLES.by_key)
def test_a_board_that_never_was_is_answered_like_one_of_another_role(cast: Target, role: str) -> None:
    refused = next(key for one, key in REFUSED if one == role)
    first, second = ("".join(run(cast, role, by_name(name)).html) for name in (refused, "never_was"))
    assert first.replace(refused, "never_was") == second


@pytest.mark.parametrize("role", ["", "*", "Leader", "leader,auditor", "mayor"])
def test_a_role_the_policy_does_not_know_sees_nothing(cast: Target, role: str) -> None:
    seen = run(cast, role, by_name("volume"))
    assert seen.title == ""
    assert "无法打开此页面" in "".join(seen.html)
    assert seen.pages == [""]
    assert seen.components == {}


def test_files_go_to_roles_that_take_them_and_to_their_own_login(cast: Target) -> None:
    for role in ROLES.by_key:
        mine = cookie(cast, role)
        with opened(cast, mine) as tab:
            seen = tab.run()
            offers = any(name.endswith("download") for name in seen.components.values())
            if not ROLES.role(role).exports:
                assert not offers
            if not offers:
                continue
            place = export(tab, seen)
            others = [cookie(cast, other) for other in ROLES.by_key]
            assert {cast.ask(place, [("Cookie", other)]).status for other in others} == {404}
            assert cast.ask(place, [("Cookie", mine)]).status == 200


@pytest.mark.timeout(120)
def test_without_the_check_boards_of_other_roles_open(demo_warehouse: Path, tmp_path: Path) -> None:
    with serving(demo_warehouse, tmp_path / "log", entry="tests/hostile/unchecked.py") as address:
        for role, key in (("presenter", "hotspots"), ("administrator", "volume"), ("leader", "audit")):
            assert (role, key) in REFUSED
            assert run(Target(address), role, by_name(key)).title == BOARDS[key].title.zh

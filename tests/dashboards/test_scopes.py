"""Every board as readers see it whose small numbers are hidden: it is drawn, and says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards import access
from tests.dashboards.conftest import Become, shown
from tests.dashboards.test_boards import STATE, draw_board

DISTRICT = "330106"
ROLES = {"presenter": (), "district": (DISTRICT,), "administrator": (), "auditor": ()}
OPEN = [
    (role, board)
    for role in ROLES
    for board, roles in access.roles().boards.items()
    if role in roles and board != "audit"
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("role", "board"), OPEN)
@pytest.mark.parametrize(
    "choices", [{}, {"district": "330106"}, {"district": "330127"}], ids=["city", "own", "other"]
)
def test_boards_are_drawn_for_every_role(
    role: str,
    board: str,
    lang: str,
    choices: dict[str, str],
    demo_warehouse: Path,
    become: Become,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    become(role, *ROLES[role])
    test = draw_board(board, demo_warehouse, monkeypatch, lang=lang, **choices)
    page = shown(test)
    assert not test.exception
    assert STATE not in page
    # a list of numbers says it so, a label would too
    assert not re.search(r"[>\s,\[]nan[<\s,\]%]", page)


@pytest.mark.parametrize(("role", "board"), OPEN)
def test_an_empty_warehouse_is_said_to_every_role(
    role: str, board: str, empty_directory: Path, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(role, *ROLES[role])
    page = shown(draw_board(board, empty_directory, monkeypatch))
    assert "系统出错" not in page
    assert "无权查看" not in page

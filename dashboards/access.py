"""The only file that knows the reader: who they are, what they may open and whose rows they may see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import streamlit as st

from dashboards.guard.exports import EXPORTS
from dashboards.guard.identities import LOGIN_HEADER
from dashboards.guard.viewers import VIEWERS, Viewer
from queries.errors import UnknownReader
from queries.policies import POLICY, read_roles
from queries.roles import CaseRight, Role, Roles
from queries.scope import Scope

ROLES = POLICY / "roles.toml"


def reader() -> Viewer:
    """Who this page belongs to, by the login that the guard has put on its socket.

    Raises UnknownReader: outside a page, without the guard, and once the login is over.
    """
    found = VIEWERS.known(st.context.headers.get(LOGIN_HEADER, ""))
    if found is None:
        raise UnknownReader("Nobody is signed in on this page; open the suite's address again.")
    return found[0]


def roles() -> Roles:
    """The policy as its file stands now: a right that is taken away is gone with the next click."""
    return _roles(ROLES, ROLES.stat().st_mtime_ns if ROLES.exists() else 0)


def role() -> Role:
    """The reader's role; raises UnknownReader, UnknownRole and BadPolicy."""
    return roles().role(reader().role)


def may_open(board: str) -> bool:
    """True when the reader's role opens this board; raises as `role`."""
    return roles().may_open(role().key, board)


def may_export() -> bool:
    """True when the reader's role takes files away; raises as `role`."""
    return role().exports


def rights(viewer: Viewer | None = None) -> str:
    """One word for what the numbers that a reader sees depend on; who has the same word sees the same.

    `viewer` is the reader of this page unless another is named. Raises as `role`.
    """
    who = reader() if viewer is None else viewer
    right = roles().role(who.role)
    if right.cases is CaseRight.CITY:
        return "city"
    own = who.districts if right.cases is CaseRight.OWN else ()
    return f"{right.smallest}:{','.join(sorted(own))}"


def scope(districts: Mapping[str, int]) -> Scope:
    """What the reader may count and list; `districts` are the ids of the open warehouse by code.

    A code the warehouse does not know gives nothing. Raises as `role`.
    """
    who, right = reader(), role()
    if right.cases is CaseRight.CITY:
        return Scope()
    own = who.districts if right.cases is CaseRight.OWN else ()
    found = tuple(sorted(districts[code] for code in own if code in districts))
    return Scope(cases=found, smallest=right.smallest)


def switch(role: str, districts: tuple[str, ...]) -> None:
    """Makes a reader of the demo another, in all their tabs and from the next run on.

    Files that pages of the earlier role have offered are taken back. `districts` are codes. Raises
    UnknownReader and UnknownRole.
    """
    login = reader().login
    VIEWERS.change(login, roles().role(role).key, districts)
    EXPORTS.withdraw(login)


@lru_cache(maxsize=2)
def _roles(file: Path, written: int) -> Roles:  # noqa: ARG001 - a file written anew is read anew
    return read_roles(file)

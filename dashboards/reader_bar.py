"""Who is reading, and in which role: in the header of every page, with the way out."""

from __future__ import annotations

import logging

import streamlit as st

from dashboards import access, data, filters, language, layout, record
from dashboards.figures.markup import tag
from dashboards.guard.viewers import Viewer
from queries.errors import QueryError
from queries.roles import CaseRight
from queries.vocabulary import Language, Text
from warehouse.errors import WarehouseError
from warehouse.records.audit import Action

LOG = logging.getLogger("qingyu.dashboards")

_ROLE, _DISTRICT = Text("角色", "Role"), Text("区县", "District")
_DEMO_MARK = Text("演示", "Demo")
_DEMO = Text(
    "演示模式：未配置登录，仅限本机使用，可切换角色。",
    "Demo: no sign-in is set up, so this is for this machine alone; choose a role.",
)
_SIGN_OUT = Text("退出登录", "Sign out")
SIGN_OUT = "/auth/logout"


def draw() -> None:
    """A button that names the reader's role and district; behind it who they are and what they may change.

    Raises UnknownReader, UnknownRole and BadPolicy.
    """
    now, who, role = language.current(), access.reader(), access.role()
    districts = _districts(now) if role.cases is CaseRight.OWN else {}
    own = [districts.get(code, code) for code in who.districts] if districts else []
    mark = [_DEMO_MARK.in_(now)] if who.is_demo else []
    with st.popover(" · ".join([*mark, role.name.in_(now), *own])):
        if who.is_demo:
            layout.show(layout.small(_DEMO.in_(now)))
            _switches(who, districts, now)
        else:
            layout.show(tag("p", who.name))
            layout.show(tag("a", _SIGN_OUT.in_(now), href=SIGN_OUT, target="_self"))


def _switches(who: Viewer, districts: dict[str, str], now: Language) -> None:
    names = {key: role.name.in_(now) for key, role in access.roles().by_key.items()}
    filters.pick("role", _ROLE.in_(now), names, who.role, lambda role: _become(who, role, ()))
    if districts:
        current = who.districts[0] if who.districts else ""
        filters.pick(
            "own-district",
            _DISTRICT.in_(now),
            districts,
            current,
            lambda code: _become(who, who.role, (code,)),
        )


def _become(who: Viewer, role: str, districts: tuple[str, ...]) -> None:
    """Writes the change down, then makes it; what cannot be written down is not done."""
    if access.roles().role(role).cases is CaseRight.OWN and not districts:
        districts = tuple(list(_districts(language.current()))[:1])
    try:
        record.noted(Action.ROLE_SWITCHED, role, " ".join(districts))
    except WarehouseError as wrong:
        LOG.warning("%s stays %s: %s", who.user, who.role, wrong)
        return
    access.switch(role, districts)


def _districts(now: Language) -> dict[str, str]:
    """The districts by code; none while there is no warehouse."""
    try:
        members = data.city_warehouse().members("district")
    except (QueryError, WarehouseError):
        return {}
    return dict(zip(members["code"].astype(str), members[f"name_{now}"].astype(str), strict=True))

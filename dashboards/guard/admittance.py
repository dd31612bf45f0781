"""Who comes in, and in which role: the settings of the sign-in, applied to claims that are verified."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboards.guard.addresses import is_loopback
from dashboards.guard.errors import NotAdmitted, Unguarded
from dashboards.guard.viewers import Viewer
from queries.errors import did_you_mean
from queries.policies import Table, read_table
from queries.roles import CaseRight, Roles
from queries.vocabulary import Text

# Names the file with the settings; without it nobody signs in, and the suite stays on this machine.
FILE_VARIABLE = "QINGYU_SIGN_IN"
_CODE = re.compile(r"\d{6}", re.ASCII)
_NAME_LENGTH = 60
_SUBJECT_LENGTH = 255  # OpenID Connect Core, 2

_NO_ROLE = Text(
    "您的账号在本系统没有角色，请与管理员联系。",
    "Your account has no role here; ask the administrator.",
)
_TWO_ROLES = Text(
    "您的账号同时具有多个角色，为职责分离不能登录，请与管理员联系。",
    "Your account has more than one role, which are kept apart here; ask the administrator.",
)
_NO_DISTRICT = Text(
    "您的账号没有所属区县，请与管理员联系。",
    "Your account belongs to no district; ask the administrator.",
)
_WEAK = Text(
    "您的登录方式强度不够，请用双因素方式登录。",
    "The way you signed in is not strong enough; sign in with two factors.",
)
_REFUSED = Text("您的账号已被停用，请与管理员联系。", "Your account is disabled; ask the administrator.")


@dataclass(frozen=True)
class Client:
    """How the suite is known to the identity provider; `leeway` is in seconds of both clocks."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid", "profile")
    leeway: int = 120


@dataclass(frozen=True)
class Admittance:
    """Whom the claims let in: paths of claims, and what their values mean here."""

    name: str
    role: str
    district: str
    roles: Mapping[str, str]
    districts: Mapping[str, tuple[str, ...]]
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()

    def viewer(self, claims: Mapping[str, Any], login: str, policy: Roles) -> Viewer:
        """The reader of these claims, which have been verified; raises NotAdmitted.

        A reader has one role. Who sees their own districts' cases must belong to a district.
        """
        user = str(claims.get("sub") or "")
        if not 0 < len(user) <= _SUBJECT_LENGTH or user != _clean(user):
            raise NotAdmitted(_NO_ROLE, "the claim sub is empty, too long or not printable")
        if user in self.refused:
            raise NotAdmitted(_REFUSED, "the account is refused", user)
        if (self.acr and claims.get("acr") not in self.acr) or not set(self.amr) <= set(
            _texts(claims, "amr")
        ):
            raise NotAdmitted(_WEAK, "acr or amr do not show the factors asked for", user)
        found = {self.roles[value] for value in _texts(claims, self.role) if value in self.roles}
        if len(found) != 1:
            raise NotAdmitted(_TWO_ROLES if found else _NO_ROLE, f"{len(found)} roles: {sorted(found)}", user)
        role = policy.role(found.pop())
        own: tuple[str, ...] = ()
        if role.cases is CaseRight.OWN:
            own = self._districts(claims)
            if not own:
                raise NotAdmitted(_NO_DISTRICT, f"role {role.key} without a district", user)
        name = _clean(str(_at(claims, self.name) or user))[:_NAME_LENGTH]
        return Viewer(user, name, login, role.key, own)

    def _districts(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        codes: set[str] = set()
        for value in _texts(claims, self.district):
            codes.update(self.districts.get(value, (value,) if _CODE.fullmatch(value) else ()))
        return tuple(sorted(codes))


def read_settings(file: Path, policy: Roles) -> tuple[Client, Admittance]:
    """The settings in `file`, whose roles are those of `policy`.

    Raises Unguarded when others than its owner can read it, BadPolicy for what is wrong in it.
    """
    if not file.exists():
        raise Unguarded(f"{FILE_VARIABLE} names {file}, which does not exist; correct the name")
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unguarded(f"{file} holds a secret and others than its owner may read it; run chmod 600 on it")
    root = read_table(file)
    root.only(
        "issuer", "client_id", "client_secret", "scopes", "leeway", "required_acr", "required_amr", "refused",
        "claims", "roles", "districts",
    )  # fmt: skip
    client = Client(
        issuer=_issuer(root),
        client_id=root.text("client_id"),
        client_secret=root.text("client_secret"),
        scopes=root.words("scopes"),
        leeway=root.whole("leeway", 0, 300, 120),
    )
    if "openid" not in client.scopes:
        raise root.fault("scopes", 'a list with "openid" in it')
    claims, roles = root.table("claims"), root.table("roles")
    claims.only("name", "role", "district")
    districts = root.table("districts")
    for value in roles.values:
        if roles.text(value) not in policy.by_key:
            raise roles.fault(
                value, f"a role of roles.toml ({did_you_mean(roles.text(value), policy.by_key)})"
            )
    for value in districts.values:
        if not districts.words(value) or not all(_CODE.fullmatch(code) for code in districts.words(value)):
            raise districts.fault(value, 'codes of districts such as ["330110"]')
    return client, Admittance(
        name=claims.text("name"),
        role=claims.text("role"),
        district=claims.text("district"),
        roles={value: roles.text(value) for value in roles.values},
        districts={value: districts.words(value) for value in districts.values},
        acr=root.words("required_acr"),
        amr=root.words("required_amr"),
        refused=frozenset(root.words("refused")),
    )


def settings_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file of the sign-in, None when nobody signs in."""
    named = environ.get(FILE_VARIABLE, "").strip()
    return Path(named) if named else None


def is_trusted(address: str) -> bool:
    """True for an address that is encrypted, or does not leave this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    )


def _issuer(root: Table) -> str:
    issuer = root.text("issuer")
    if not is_trusted(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise root.fault("issuer", "the provider's address as it writes it itself, beginning with https://")
    return issuer


def _at(claims: Mapping[str, Any], path: str) -> object:
    """The claim at `path`, whose steps are divided by dots; a claim with dots in its name comes first."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _texts(claims: Mapping[str, Any], path: str) -> list[str]:
    """The texts at `path`: one of them, or a list; anything else is none."""
    found = _at(claims, path)
    values = found if isinstance(found, list) else [found]
    return [value for value in values if isinstance(value, str)]


def _clean(text: str) -> str:
    """`text` without control, format and other characters that are not seen."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "C").strip()

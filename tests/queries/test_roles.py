"""Who may see what stands in roles.toml: what it does not say is not allowed, and a wrong line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from queries.errors import BadPolicy, UnknownRole
from queries.policies import POLICY, read_roles
from queries.roles import CaseRight

SHIPPED = (POLICY / "roles.toml").read_text(encoding="utf-8")


def test_the_six_roles_and_whose_cases_they_see() -> None:
    roles = read_roles()
    assert {key: role.cases for key, role in roles.by_key.items()} == {
        "leader": CaseRight.CITY,
        "district": CaseRight.OWN,
        "presenter": CaseRight.NONE,
        "analyst": CaseRight.CITY,
        "administrator": CaseRight.NONE,
        "auditor": CaseRight.NONE,
    }
    assert roles.first.key == "leader"
    assert {role.smallest for role in roles.by_key.values() if role.cases is CaseRight.CITY} == {1}
    assert {role.smallest for role in roles.by_key.values() if role.cases is not CaseRight.CITY} == {5}


def test_business_administration_and_audit_are_three_powers() -> None:
    boards = read_roles().boards
    assert boards["audit"] == {"auditor"}
    business = {"leader", "district", "presenter", "analyst"}
    assert all(
        not opened & {"administrator", "auditor"} or not opened & business
        for board, opened in boards.items()
        if board != "definitions"
    )
    assert "presenter" not in boards["hotspots"]


@pytest.mark.parametrize(
    ("role", "board"),
    [
        ("leader", "audit"),
        ("leader", "no_such_board"),
        ("leader", "*"),
        ("leader", ""),
        ("*", "overview"),
        ("", "overview"),
        ("Leader", "overview"),
    ],
)
def test_what_the_policy_does_not_name_is_not_opened(role: str, board: str) -> None:
    assert read_roles().may_open("leader", "overview")
    assert not read_roles().may_open(role, board)


def test_an_unknown_role_is_an_error_not_a_guest() -> None:
    with pytest.raises(UnknownRole, match=r"No role is called 'leadr' in roles\.toml; did you mean leader"):
        read_roles().role("leadr")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cases = "city"', 'cases = "*"', "role[1].cases is '*'; write one of city, own, none"),
        ('cases = "city"', 'cases = "all"', "role[1].cases is 'all'"),
        ("exports = true", "exports = 1", "role[1].exports is 1; write true or false"),
        ("smallest = 5", "smallest = 1", "role[2].smallest is 1; write a whole number from 3"),
        ("smallest = 5\n", "", "role[2].smallest is nothing"),
        ('cases = "city"', 'cases = "city"\nsmallest = 5', "role[1].smallest is 5; write nothing"),
        ('key = "district"', 'key = "leader"', "role key 'leader' stands twice"),
        ('hotspots = ["leader"', 'hotspots = ["*"', "'*': did you mean"),
        ('hotspots = ["leader"', 'hotspots = ["leadr"', "'leadr': did you mean leader"),
        ('audit = ["auditor"]', 'audit = "auditor"', "boards.audit is 'auditor'; write a list of texts"),
        ('audit = ["auditor"]', 'audit = ["auditor", "auditor"]', "each of them once"),
        ("[boards]", "[board]", "board is not a known key; did you mean boards"),
        ("[[role]]", "[[role", "not valid TOML"),
    ],
)
def test_a_wrong_line_is_named_with_its_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    file = tmp_path / "roles.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPolicy) as caught:
        read_roles(file)
    assert str(caught.value).startswith("roles.toml: " if "TOML" not in said else "roles.toml is ")
    assert said in str(caught.value)


def test_a_board_for_nobody_is_allowed_and_opens_to_nobody(tmp_path: Path) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(SHIPPED.replace('audit = ["auditor"]', "audit = []"), encoding="utf-8")
    roles = read_roles(file)
    assert not any(roles.may_open(role, "audit") for role in roles.by_key)

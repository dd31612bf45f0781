"""For what an item may be opened, and who supervises: a wrong line of cases.toml is named with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from queries.errors import BadPolicy
from queries.policies import POLICY, read_case_policy, read_roles
from queries.roles import CaseRight

SHIPPED = (POLICY / "cases.toml").read_text(encoding="utf-8")


def test_the_shipped_policy_names_roles_that_open_cases() -> None:
    policy, roles = read_case_policy(), read_roles()
    assert list(policy.purposes)[:4] == ["supervise", "review", "leader", "visit"]
    for key in (*policy.supervising, *policy.answering):
        assert roles.role(key).cases is not CaseRight.NONE
        assert roles.may_open(key, "case_life")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "review"', 'key = "supervise"', "'supervise' stands twice"),
        ("answer_days = 5", "answer_days = 61", "a whole number from 1 to 60"),
        ("longest_days = 60", "longest_days = true", "a whole number from 1 to 365"),
        ("answering", "answer", "answer is not a known key"),
        ('name_zh = "督办"', 'name_zh = " "', r"purpose\[1\].name_zh"),
        ('supervising = ["leader", "district"]', 'supervising = "leader"', "a list of texts"),
    ],
)
def test_a_wrong_line_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in SHIPPED
    file = tmp_path / "cases.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPolicy, match=said):
        read_case_policy(file)

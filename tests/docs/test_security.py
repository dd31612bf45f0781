"""The table of roles in SECURITY.md is what the policy says."""

from __future__ import annotations

from queries.policies import read_roles
from queries.roles import CaseRight
from tests.architecture.sources import ROOT

CASES = {CaseRight.CITY: "city", CaseRight.OWN: "own districts", CaseRight.NONE: "none"}


def table() -> str:
    """The matrix of boards and rights by role."""
    policy = read_roles()
    roles = list(policy.by_key.values())

    def row(name: str, *cells: str) -> str:
        return f"| {name} | {' | '.join(cells)} |"

    lines = [row("", *(role.name.zh for role in roles)), "|---" * (len(roles) + 1) + "|"]
    for board, opened in policy.boards.items():
        lines.append(row(f"`{board}`", *("●" if role.key in opened else "–" for role in roles)))
    lines.append(row("cases", *(CASES[role.cases] for role in roles)))
    lines.append(
        row("counts below are hidden", *(str(role.smallest) if role.smallest > 1 else "–" for role in roles))
    )
    lines.append(row("files", *("●" if role.exports else "–" for role in roles)))
    return "\n".join(lines)


def test_the_table_of_roles_is_the_policy() -> None:
    written = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert table() in written, f"put this table into SECURITY.md:\n{table()}"

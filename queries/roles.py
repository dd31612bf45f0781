"""What a role may do: the boards it opens, whose cases it sees, whether it takes files away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from queries.errors import UnknownRole, did_you_mean
from queries.vocabulary import Text


class CaseRight(StrEnum):
    """Whose items may be listed and opened."""

    CITY = "city"
    OWN = "own"
    NONE = "none"


@dataclass(frozen=True)
class Role:
    """One role. Counts below `smallest` are hidden from it; 1 hides nothing."""

    key: str
    name: Text
    cases: CaseRight
    exports: bool
    smallest: int


@dataclass(frozen=True)
class Roles:
    """The whole policy: roles by key in their order, and for each board the keys of those that open it."""

    by_key: Mapping[str, Role]
    boards: Mapping[str, frozenset[str]]

    def role(self, key: str) -> Role:
        """The role of that key; raises UnknownRole."""
        if key not in self.by_key:
            raise UnknownRole(f"No role is called {key!r} in roles.toml; {did_you_mean(key, self.by_key)}")
        return self.by_key[key]

    def may_open(self, role: str, board: str) -> bool:
        """True when the policy names both and this board lists this role; nothing else opens a board."""
        return role in self.by_key and role in self.boards.get(board, frozenset())

    @property
    def first(self) -> Role:
        """The role that a demo begins as."""
        return next(iter(self.by_key.values()))

"""Whose rows a question may see: part of every question, enforced below the boards, in the compiler."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """What a reader may count and list, by ids of districts. An empty tuple means nothing at all.

    `districts` are those whose items may be counted, None being the whole city. `cases` are those whose items
    may be listed and opened and whose numbers are shown as they are, None being all of them; elsewhere counts
    below `smallest` are hidden.
    """

    districts: tuple[int, ...] | None = None
    cases: tuple[int, ...] | None = None
    smallest: int = 5


CITY = Scope()

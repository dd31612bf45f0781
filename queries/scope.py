"""Whose rows a question may see: part of every question, enforced below the boards, in the compiler."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The districts a reader may count. `None` means the whole city; an empty tuple means nothing at all."""

    districts: tuple[int, ...] | None = None


CITY = Scope()

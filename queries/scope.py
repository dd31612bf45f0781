"""What a reader may count and list: bound to the warehouse the reader is given, enforced below the boards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The districts whose items may be counted, those whose items may be listed, and the policy's k.

    `districts`: None means every item of the city, an empty tuple nothing at all. `cases`: None means that
    every item may be listed and every number stands as it is; of a tuple the districts' alone, outside
    which small numbers are hidden (see queries.insights.suppression). `smallest`: the least count that is
    told there; 1 for those from whom nothing is hidden.
    """

    districts: tuple[int, ...] | None = None
    cases: tuple[int, ...] | None = None
    smallest: int = 1

    def within(self, other: Scope) -> Scope:
        """What both allow."""
        return Scope(
            _both(self.districts, other.districts),
            _both(self.cases, other.cases),
            max(self.smallest, other.smallest),
        )

    @property
    def listable(self) -> tuple[int, ...] | None:
        """The districts whose items may be listed and opened; None stands for the whole city."""
        return _both(self.districts, self.cases)

    def holds(self, districts: Iterable[int] | None) -> bool:
        """Whether the items of these districts may be listed; None stands for the whole city.

        No district at all is not everyone's: of nothing nothing is listed.
        """
        if self.cases is None:
            return True
        named = None if districts is None else set(districts)
        return bool(named) and named is not None and named <= set(self.cases)


def _both(one: tuple[int, ...] | None, other: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(sorted(set(one) & set(other)))


CITY = Scope()

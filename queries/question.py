"""A question to the warehouse as one frozen value: cache key, test input, log line and deep link at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from queries.errors import BadQuestion
from queries.scope import CITY, Scope
from queries.vocabulary import Compare, Grain, Period


@dataclass(frozen=True, order=True)
class Filter:
    """Keeps the rows whose `dimension` is one of `members`: keys (district ids) or names (petition)."""

    dimension: str
    members: tuple[int | str, ...]

    def __post_init__(self) -> None:
        # members often come out of a frame: no driver takes its integers
        plain = tuple(one if isinstance(one, str) else int(one) for one in self.members)
        object.__setattr__(self, "members", plain)


@dataclass(frozen=True)
class Trailing:
    """Windows of `days` days that end `lag` days before each of `ends`, as known on those days.

    Stocks are read where the window ends. A lag lets a cohort mature before it is judged.
    """

    ends: tuple[date, ...]
    days: int
    lag: int = 0


@dataclass(frozen=True)
class Question:
    """Which metrics, of which days, for whom, split by what, compared with what, as known on `as_of`.

    `split` names dimensions (queries/dimensions.py); `grain` splits time into buckets of each metric's own
    clock, `trailing` asks for windows instead of a period. `compare` adds columns (see Answer). Members of
    a split that have nothing in any of the periods asked for are absent; the city total is a question without
    split.
    """

    metrics: tuple[str, ...]
    period: Period
    as_of: date
    split: tuple[str, ...] = ()
    grain: Grain | None = None
    trailing: Trailing | None = None
    filters: tuple[Filter, ...] = ()
    compare: tuple[Compare, ...] = ()
    scope: Scope = CITY

    def __post_init__(self) -> None:
        if not self.metrics:
            raise BadQuestion("a question names at least one metric; add a key of the catalogue")
        if self.grain is not None and self.trailing is not None:
            raise BadQuestion("a question splits time by grain or by trailing windows, not by both; drop one")
        if len(set(self.split)) != len(self.split):
            raise BadQuestion(f"split names a dimension twice: {', '.join(self.split)}; name each once")
        names = [f.dimension for f in self.filters]
        if len(set(names)) != len(names):
            raise BadQuestion(
                f"two filters on one dimension: {', '.join(names)}; merge their members into one"
            )

    @property
    def districts(self) -> tuple[int, ...] | None:
        """The districts whose items it reads, by its scope and its filter; None where neither names one."""
        named = next((one.members for one in self.filters if one.dimension == "district"), None)
        only = None if named is None else tuple(one for one in named if isinstance(one, int))
        return Scope(only).within(Scope(self.scope.districts)).districts

    def over(self, period: Period) -> Question:
        """The same question of another period, without comparison."""
        return replace(self, period=period, compare=())

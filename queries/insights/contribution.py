"""What made a number rise or fall: cells named by their dimensions, parts that add up exactly to the change.

The cells of a cube (category × district × channel) are cut into parts that do not overlap, the most telling
first, as in the explanation of differences in cubes by Sarawagi (Explaining differences in multidimensional
aggregates, VLDB 1999). A part fixes some dimensions and leaves the others open. How telling it is, is the
log likelihood ratio of a scan with the Bernoulli model (Kulldorff, A spatial scan statistic, Communications
in Statistics 26, 1997): did it move otherwise than the cells outside it?
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

Cell = tuple[int, ...]
Pattern = tuple[int | None, ...]

MOST = 6  # parts named; what is left is one more
CERTAINTY = 0.05  # chance that a part of a cube without any change would be named


@dataclass(frozen=True)
class Part:
    """One part of a change: a member for each dimension, None where the dimension is open; two counts."""

    members: Pattern
    now: int
    before: int

    @property
    def change(self) -> int:
        """Now less before."""
        return self.now - self.before


@dataclass(frozen=True)
class Explanation:
    """A change cut into parts and a rest; their changes add up to `change` exactly."""

    now: int
    before: int
    parts: tuple[Part, ...]
    rest: Part

    @property
    def change(self) -> int:
        """Now less before."""
        return self.now - self.before


def telling(now: int, before: int, other_now: int, other_before: int) -> float:
    """Log likelihood ratio that a part moves otherwise than the others (half the G of their 2 × 2 table)."""
    inside, outside = (now, before), (other_now, other_before)
    alike = _likelihood((now + other_now, before + other_before))
    return _likelihood(inside) + _likelihood(outside) - alike


def _likelihood(counts: tuple[int, int]) -> float:
    """Log likelihood of counts at their own share, 0 for none."""
    return sum(count * math.log(count / sum(counts)) for count in counts if count)


def explain(now: Mapping[Cell, int], before: Mapping[Cell, int], *, most: int = MOST) -> Explanation:
    """Cuts the change from `before` to `now` (cell → count, cells of one length) into up to `most` parts.

    A part is named when it moved further up or down than the cells outside it, rarer by chance than CERTAINTY
    over all that could have been named. Cells in one of the two alone count 0 in the other. Raises
    ValueError for cells of unequal length or negative counts.
    """
    cells = {cell: (now.get(cell, 0), before.get(cell, 0)) for cell in sorted({*now, *before})}
    if len({len(cell) for cell in cells}) > 1:
        raise ValueError("every cell needs a member for each dimension; the cells given differ in length")
    if any(count < 0 for counts in cells.values() for count in counts):
        raise ValueError("a count cannot be negative")
    whole = _summed(cells)
    dimensions = len(next(iter(cells), ()))
    parts: list[Part] = []
    while len(parts) < most:
        best = _most_telling(cells, dimensions)
        if best is None:
            break
        parts.append(best)
        cells = {cell: counts for cell, counts in cells.items() if not _matches(cell, best.members)}
    return Explanation(*whole, tuple(parts), Part((None,) * dimensions, *_summed(cells)))


def _most_telling(cells: Mapping[Cell, tuple[int, int]], dimensions: int) -> Part | None:
    sums: dict[Pattern, list[int]] = defaultdict(lambda: [0, 0])
    fixed = [set(kept) for size in range(1, dimensions + 1) for kept in combinations(range(dimensions), size)]
    for cell, (now, before) in cells.items():
        for kept in fixed:
            found = sums[tuple(member if at in kept else None for at, member in enumerate(cell))]
            found[0] += now
            found[1] += before
    all_now, all_before = _summed(cells)
    moved = [
        (telling(now, before, all_now - now, all_before - before), pattern, now, before)
        for pattern, (now, before) in sums.items()
        # up and more so than the whole, or down and more so
        if (now > before and now * all_before > before * all_now)
        or (now < before and now * all_before < before * all_now)
    ]
    if not moved:
        return None
    # of equally telling patterns the one that leaves more open, so that no dimension is named for nothing
    score, pattern, now, before = max(moved, key=lambda one: (one[0], one[1].count(None)))
    return Part(pattern, now, before) if score > math.log(len(sums) / CERTAINTY) else None


def _matches(cell: Cell, pattern: Pattern) -> bool:
    return all(wanted in (None, member) for member, wanted in zip(cell, pattern, strict=True))


def _summed(cells: Mapping[Cell, tuple[int, int]]) -> tuple[int, int]:
    return sum(now for now, _ in cells.values()), sum(before for _, before in cells.values())

"""Small counts are not told, others are told with a random step, so that no two tables give one away.

Random rounding with a fixed draw, as statistical offices publish counts (Stats NZ, fixed random rounding to
base 3), here with a two-sided geometric draw (Ghosh, Roughgarden and Sundararajan, Universally utility-
maximizing privacy mechanisms, SIAM Journal on Computing 41, 2012) before the rounding. Plain rounding to the
nearest multiple will not do beside exact totals: a count that steps from 45 to 50 when one day is added says
that the one item which the published total counts on that day is in it. 自定义口径.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

_HALF_BITS = 32
FARTHEST = _HALF_BITS  # a draw lies at most so far from 0; beyond 10 lies one in 750


@dataclass(frozen=True)
class PrivacyPolicy:
    """What is told as a multiple of `base`, and the dimensions by which bulletins print exact numbers.

    A rate of counts that are told so is given where it divides by `least_whole` items or more: of fewer, the
    random steps would move it by whole points.
    """

    base: int
    published: frozenset[str]
    least_whole: int = 1


def step(secret: bytes, *words: str) -> int:
    """The draw of the cell that `words` name: 0 for one in three, ±1 for one in six each, halving on.

    The same words give the same draw wherever and whenever they are asked, so that asking again says nothing
    new; without the secret (16 to 64 bytes) nobody can work it out.
    """
    digest = hashlib.blake2b("\x1f".join(words).encode(), digest_size=8, key=secret, person=b"rounding")
    drawn = int.from_bytes(digest.digest(), "big")
    return _zeros(drawn >> _HALF_BITS) - _zeros(drawn & (2**_HALF_BITS - 1))


def told(count: int, line: int, members: float, *, smallest: int, base: int, draw: int) -> float:
    """The count as it is told: a multiple of `base`, or NaN where it is hidden.

    `line` is the exact total that everyone may know of the cells that this is one of, `members` how many
    such cells there can be (infinity where that is not known). Zero is hidden like any count below
    `smallest`: a cell known to be empty is empty on every day and in every part, and says where the items of
    its neighbours are. Where the line is so short that cells told as `smallest` or more could use it up to
    the last item, none of them is told.
    """
    if count < smallest or (line % smallest == 0 and line <= smallest * members):
        return math.nan
    nearest = base * ((2 * (count + draw) + base) // (2 * base))
    return float(nearest) if nearest >= smallest else math.nan


def _zeros(drawn: int) -> int:
    """Zeros at the low end of 32 random bits: n with the chance of 2^-(n+1)."""
    return (drawn & -drawn).bit_length() - 1 if drawn else _HALF_BITS

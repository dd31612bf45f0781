"""The random steps and what is told of a count, worked out by hand."""

import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise

import pytest

from queries.insights.suppression import FARTHEST, step, told

SECRET = b"a secret of thirty-two bytes, so"
CHANCE: dict[int, Fraction] = {0: Fraction(1, 3)} | {
    sign * far: Fraction(1, 3 * 2**far) for far in range(1, 60) for sign in (1, -1)
}


def one(count: int, line: int = 1001, members: float = 10, draw: int = 0) -> float:
    """What is told with k = 5 and base 5."""
    return told(count, line, members, smallest=5, base=5, draw=draw)


@pytest.mark.parametrize(
    ("count", "draw", "expected"),
    [
        (5, 0, 5), (7, 0, 5), (8, 0, 10), (12, 0, 10), (13, 0, 15), (47, 1, 50), (48, -1, 45), (5, 9, 15),
        (1000, 3, 1005), (6, -3, 5),
    ],
)  # fmt: skip
def test_a_count_is_told_as_a_multiple(count: int, draw: int, expected: float) -> None:
    assert one(count, draw=draw) == expected


@pytest.mark.parametrize(("count", "draw"), [(0, 0), (0, 20), (1, 9), (4, 20), (6, -4), (5, -30)])
def test_small_counts_are_hidden_and_so_is_what_the_step_makes_small(count: int, draw: int) -> None:
    assert math.isnan(one(count, draw=draw))


@pytest.mark.parametrize(
    ("line", "members", "hidden"),
    [
        (5, 3, True), (6, 3, False), (10, 3, True), (15, 3, True), (20, 3, False), (20, math.inf, True),
        (21, math.inf, False),
    ],
)  # fmt: skip
def test_a_line_that_cells_of_the_least_size_use_up_is_hidden(
    line: int, members: float, hidden: bool
) -> None:
    assert math.isnan(one(5, line=line, members=members)) is hidden


def test_the_same_cell_has_the_same_step_and_the_secret_decides_it() -> None:
    cells = [("cases", str(number)) for number in range(200)]
    steps = [step(SECRET, *cell) for cell in cells]
    assert steps == [step(SECRET, *cell) for cell in cells]
    assert steps != [step(SECRET[::-1], *cell) for cell in cells]
    assert step(SECRET, "ab", "c") != step(SECRET, "a", "bc") or step(SECRET, "a") != step(SECRET, "b")


def test_steps_fall_off_by_halves() -> None:
    """Of 30 000 draws a third is 0 and a sixth 1; five standard errors are allowed."""
    found = Counter(step(SECRET, str(number)) for number in range(30_000))
    for far in range(-4, 5):
        expected = 30_000 * float(CHANCE[far])
        assert abs(found[far] - expected) < 5 * math.sqrt(expected)
    assert max(map(abs, found)) <= FARTHEST


def test_one_item_more_or_less_changes_the_chance_of_what_is_told_by_two_at_most() -> None:
    def chances(count: int) -> dict[float, Fraction]:
        spread: dict[float, Fraction] = defaultdict(Fraction)
        for draw, chance in CHANCE.items():
            spread[-1 if math.isnan(shown := one(count, draw=draw)) else shown] += chance
        return spread

    for fewer, more in pairwise(map(chances, range(5, 40))):
        # beyond what was enumerated a chance is below 2^-50
        for shown in {value for value in fewer if fewer[value] > Fraction(1, 2**30)}:
            assert (
                Fraction(1, 2) * Fraction(999, 1000) <= more[shown] / fewer[shown] <= 2 * Fraction(1001, 1000)
            )

"""Red and black lists: places, ties that are never cut, who is left out and who is spared."""

from __future__ import annotations

import math

from queries.insights.bulletin_lists import ListRule, Lists, Standing, red_and_black
from queries.vocabulary import Direction

RULE = ListRule("replied_on_time", red=2, black=2, least=30)


def members(*values: float, group: str = "urban", whole: float = 100.0) -> list[Standing]:
    return [Standing(key, group, value, whole, 1000.0 - key) for key, value in enumerate(values, 1)]


def listed(found: tuple[Lists, ...]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(one.red, one.black) for one in found]


def test_best_and_worst_places() -> None:
    five = members(0.90, 0.99, 0.80, 0.97, 0.95)
    assert listed(red_and_black(five, RULE, Direction.UP)) == [((2, 4), (3, 1))]
    assert listed(red_and_black(five, RULE, Direction.DOWN)) == [((3, 1), (2, 4))]


def test_a_tie_is_never_cut() -> None:
    """1-2-2-4: two share the second place, and both are within two places."""
    assert listed(red_and_black(members(0.99, 0.97, 0.97, 0.9, 0.8, 0.7), RULE, Direction.UP)) == [
        ((1, 2, 3), (6, 5))
    ]


def test_who_stands_on_both_lists_stands_on_neither() -> None:
    assert listed(red_and_black(members(0.9, 0.8, 0.7), RULE, Direction.UP)) == [((1,), (3,))]
    assert listed(red_and_black(members(0.9, 0.9, 0.9), RULE, Direction.UP)) == [((), ())]


def test_too_few_cases_and_no_value_are_left_out() -> None:
    found = [*members(0.90, 0.99, 0.80, 0.97, 0.95), Standing(8, "urban", 1.0, 29, 9)]
    found.append(Standing(9, "urban", math.nan, 500, 9))
    assert listed(red_and_black(found, RULE, Direction.UP)) == [((2, 4), (3, 1))]


def test_groups_apart() -> None:
    both = [*members(0.9, 0.8), Standing(7, "suburban", 0.1, 50, 5), Standing(8, "suburban", 0.2, 50, 5)]
    one = ListRule("replied_on_time", red=1, black=1, least=30)
    assert [(found.group, found.red, found.black) for found in red_and_black(both, one, Direction.UP)] == [
        ("urban", (1,), (2,)),
        ("suburban", (8,), (7,)),
    ]


def test_good_enough_is_spared() -> None:
    four = members(0.999, 0.99, 0.985, 0.97)
    up = ListRule("replied_on_time", red=1, black=2, least=30, spared_from=0.98)
    assert listed(red_and_black(four, up, Direction.UP)) == [((1,), (4,))]
    down = ListRule("repeat_share", red=1, black=2, least=30, spared_from=0.985)
    assert listed(red_and_black(four, down, Direction.DOWN)) == [((4,), (1, 2))]

"""Columns hang on each other, and a closing level that does not follow from the steps is refused."""

import pytest

from dashboards.figures.theme import LIGHT
from dashboards.figures.waterfall import Step, waterfall


def step(name: str, amount: float, *, is_level: bool = False) -> Step:
    return Step(name, amount, f"{amount:g}", name, is_level)


def test_columns_hang_on_what_was_there_before() -> None:
    steps = [step("a", 10, is_level=True), step("b", 4), step("c", -6), step("d", 8, is_level=True)]
    (trace,) = waterfall(steps, LIGHT, height=200)["data"]
    assert trace["base"] == [0, 10, 8, 0]
    assert trace["y"] == [10, 4, 6, 8]
    assert trace["marker"]["color"] == [LIGHT.primary, LIGHT.worse, LIGHT.better, LIGHT.primary]


def test_the_axis_leaves_room_above_the_highest() -> None:
    steps = [step("a", 10, is_level=True), step("b", 10), step("d", 20, is_level=True)]
    assert waterfall(steps, LIGHT, height=200)["layout"]["yaxis"]["range"] == [0, 23]


def test_a_level_that_does_not_follow_is_refused() -> None:
    steps = [step("a", 10, is_level=True), step("c", -6), step("d", 5, is_level=True)]
    with pytest.raises(ValueError, match="d is 5, the steps before add up to 4"):
        waterfall(steps, LIGHT, height=200)

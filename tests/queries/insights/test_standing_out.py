"""Places with conspicuously much of one kind, by the pooled share and by how far places differ anyway."""

from __future__ import annotations

import math

from queries.insights.standing_out import standing_out

ALIKE = [10.0] * 9


def test_one_far_above_the_others_stands_out() -> None:
    assert standing_out([*ALIKE, 40.0], [100.0] * 10) == (False,) * 9 + (True,)


def test_on_chance_nothing_does() -> None:
    assert not any(standing_out([8, 12, 10, 9, 11, 13, 7, 10, 12, 8], [100.0] * 10))


def test_where_all_differ_widely_being_different_is_nothing() -> None:
    # the same count that stands out among alike ones is ordinary among these
    wild = [2.0, 25.0, 5.0, 30.0, 1.0, 28.0, 3.0, 24.0, 4.0]
    assert standing_out([*wild, 33.0], [100.0] * 10)[-1] is False


def test_few_items_few_places_and_gaps_stand_out_from_nothing() -> None:
    assert not any(standing_out([0.0] * 9 + [4.0], [100.0] * 9 + [5.0]))
    assert not any(standing_out([1.0, 40.0], [100.0, 100.0]))
    gaps = standing_out([math.nan, *ALIKE, 40.0], [100.0, *[100.0] * 10])
    assert (gaps[0], gaps[-1]) == (False, True)
    assert standing_out([*ALIKE, 40.0], [*[100.0] * 9, math.nan]) == (False,) * 10
    assert not any(standing_out([5.0] * 9, [5.0] * 9))  # all of it is of the kind

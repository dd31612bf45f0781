"""Changes explained by parts: each part by hand, every sum exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.insights.contribution import Cell, Part, explain, telling

CELLS = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 2)), st.integers(0, 400), max_size=40
)


def test_likelihood_ratio_of_a_published_table() -> None:
    # McDonald, Handbook of Biological Statistics, G-test of independence, reactions to vaccines: G = 2.14
    assert 2 * telling(4758, 30, 8840, 76) == pytest.approx(2.14, abs=0.005)
    assert telling(0, 5, 0, 7) == 0.0
    assert telling(7, 7, 30, 30) == pytest.approx(0.0)


def test_surge_of_one_cell_is_named_as_that_cell() -> None:
    before: dict[Cell, int] = {(category, district): 100 for category in range(4) for district in range(5)}
    found = explain({**before, (2, 3): 260, (0, 0): 103}, before)
    assert found.parts == (Part((2, 3), 260, 100),)
    assert (found.change, found.rest.change) == (163, 3)


def test_rise_of_a_whole_member_is_named_by_that_member_alone() -> None:
    before: dict[Cell, int] = {(category, district): 100 for category in range(4) for district in range(5)}
    now: dict[Cell, int] = {cell: 150 if cell[1] == 4 else count for cell, count in before.items()}
    assert explain(now, before).parts == (Part((None, 4), 600, 400),)


def test_second_part_is_sought_in_what_the_first_leaves() -> None:
    before: dict[Cell, int] = {(category, district): 100 for category in range(4) for district in range(5)}
    found = explain({**before, (2, 3): 400, (1, 1): 220}, before)
    assert [part.members for part in found.parts] == [(2, 3), (1, 1)]
    assert [part.members for part in explain({**before, (2, 3): 400, (1, 1): 220}, before, most=1).parts] == [
        (2, 3)
    ]


def test_a_fall_inside_a_rise_is_named_too() -> None:
    before: dict[Cell, int] = {(at,): 100 for at in range(6)}
    found = explain({**before, (0,): 300, (1,): 10}, before)
    assert found.change == 110
    assert {part.members: part.change for part in found.parts} == {(0,): 200, (1,): -90}
    assert found.rest.change == 0


def test_what_moves_as_everything_moves_is_not_named() -> None:
    before: dict[Cell, int] = {(category, district): 4000 for category in range(4) for district in range(5)}
    fallen, risen = dict.fromkeys(before, 3600), dict.fromkeys(before, 4600)
    assert explain(fallen, before).parts == ()
    # what fell or rose less than the others made nothing fall or rise
    assert explain({**fallen, (1, 1): 3950}, before).parts == ()
    assert explain({**risen, (1, 1): 4050}, before).parts == ()


def test_noise_is_not_named_and_nothing_is_nothing() -> None:
    assert explain({(1, 1): 105, (1, 2): 98}, {(1, 1): 100, (1, 2): 100}).parts == ()
    assert explain({}, {}) == explain({}, {})
    assert explain({}, {}).change == 0


def test_a_member_that_appears_or_vanishes_counts_from_nothing() -> None:
    assert explain({(1,): 50, (2,): 40}, {(2,): 40}).parts == (Part((1,), 50, 0),)
    assert explain({(2,): 40}, {(1,): 50, (2,): 40}).parts == (Part((1,), 0, 50),)


def test_cells_of_unequal_length_and_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        explain({(1,): 1}, {(1, 2): 1})
    with pytest.raises(ValueError, match="negative"):
        explain({(1,): -1}, {})


@given(CELLS, CELLS)
def test_parts_add_up_exactly_and_do_not_overlap(
    now: dict[tuple[int, ...], int], before: dict[tuple[int, ...], int]
) -> None:
    found = explain(now, before)
    assert found.now == sum(now.values())
    assert found.before == sum(before.values())
    pieces = [*found.parts, found.rest]
    assert sum(piece.now for piece in pieces) == found.now
    assert sum(piece.before for piece in pieces) == found.before
    assert sum(piece.change for piece in pieces) == found.change

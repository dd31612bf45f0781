"""Gi* is PySAL's on the same weights, the false-discovery rate SciPy's; noise is seldom called a spot."""

from __future__ import annotations

import warnings

import h3.api.numpy_int as h3
import numpy as np
import pytest
from scipy.stats import false_discovery_control, norm

from queries.insights.hot_spots import (
    Grid,
    Spot,
    discovery_rates,
    error_rates,
    excess,
    expectation,
    gi_star,
    grid,
    intensity,
    patches,
    spots,
)
from queries.policies import read_hot_spots

CENTRE = h3.latlng_to_cell(30.25, 120.15, 8)
AREA = h3.grid_disk(CENTRE, 12).astype(np.int64)  # 469 cells


def by_pysal(values: np.ndarray, on: Grid) -> np.ndarray:
    """Gi* of PySAL's esda on the same neighbours; it divides by the values' sum, which must not be 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cells without neighbours
        from esda.getisord import G_Local
        from libpysal.weights import W

        ends = np.append(on.starts[1:], len(on.neighbours))
        lists = {
            cell: [int(one) for one in on.neighbours[start:end]]
            for cell, (start, end) in enumerate(zip(on.starts, ends, strict=True))
        }
        weights = W(lists, silence_warnings=True)
        found = G_Local(values, weights, transform="B", permutations=0, star=True)
    return np.asarray(found.Zs)


def ragged(seed: int) -> tuple[Grid, np.random.Generator]:
    """A map with holes and edges, and a cell far from all others."""
    draw = np.random.default_rng(seed)
    kept = AREA[draw.random(len(AREA)) < 0.7]
    return grid([*kept, h3.latlng_to_cell(29.0, 119.0, 8)], 1), draw


def test_the_example_of_pysal_s_documentation() -> None:
    """Six points, neighbours within 15 units of each other; esda.G_Local(star=True, transform="B")."""
    points = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
    near = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) <= 15
    on = Grid(np.arange(6), np.nonzero(near)[1], np.r_[0, near.sum(axis=1).cumsum()[:-1]])
    expected = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    np.testing.assert_allclose(gi_star(np.array([2, 3, 3.2, 5, 8, 7]), on), expected, atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_gi_star_is_that_of_pysal_on_a_random_map(seed: int) -> None:
    on, draw = ragged(seed)
    for values in (draw.poisson(4, len(on.cells)).astype(float), draw.lognormal(size=len(on.cells))):
        np.testing.assert_allclose(gi_star(values, on), by_pysal(values, on), atol=1e-9, rtol=0)


def test_deviates_around_zero_agree_after_a_shift() -> None:
    """PySAL divides by the sum; Gi* itself does not change when all values move alike."""
    on, draw = ragged(7)
    values = excess(draw.poisson(3, len(on.cells)).astype(float), np.full(len(on.cells), 3.0))
    np.testing.assert_allclose(gi_star(values, on), by_pysal(values + 10, on), atol=1e-9, rtol=0)
    np.testing.assert_allclose(gi_star(values, on), gi_star(values * 5 - 3, on), atol=1e-9)


def test_weeks_are_scored_apart() -> None:
    on, draw = ragged(3)
    weeks = draw.poisson(2, (len(on.cells), 4)).astype(float)
    apart = np.column_stack([gi_star(weeks[:, week], on) for week in range(4)])
    np.testing.assert_allclose(gi_star(weeks, on), apart)
    np.testing.assert_array_equal(spots(apart), np.column_stack([spots(apart[:, w]) for w in range(4)]))


def test_neighbours_are_cells_of_the_list_within_the_rings() -> None:
    ring = h3.grid_disk(CENTRE, 1).astype(np.int64)
    assert sorted(grid(ring, 1).degrees) == [4.0] * 6 + [7.0]
    assert set(grid(AREA, 2).degrees) <= set(range(7, 20))
    lonely = grid([CENTRE, h3.latlng_to_cell(29.0, 119.0, 8)], 1)
    assert lonely.degrees.tolist() == [1.0, 1.0]
    assert len(grid([], 1).cells) == 0


def test_where_nothing_differs_nothing_stands_out() -> None:
    on = grid(AREA, 1)
    assert not gi_star(np.full(len(AREA), 5.0), on).any()
    assert not spots(gi_star(np.full((len(AREA), 3), 5.0), on)).any()
    assert gi_star(np.array([4.0]), grid([CENTRE], 1)).tolist() == [0.0]
    everyone = grid(h3.grid_disk(CENTRE, 1).astype(np.int64), 2)
    assert not gi_star(np.arange(7.0), everyone).any()


def test_the_example_of_benjamini_and_hochberg() -> None:
    """Their fifteen p-values (1995, section 4): at a rate of 5 % the first four are found."""
    given = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    given += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    rates = discovery_rates(norm.isf(np.array(given) / 2))
    assert (rates <= 0.05).tolist() == [True] * 4 + [False] * 11
    np.testing.assert_allclose(rates, false_discovery_control(given), rtol=1e-9)


def test_rates_do_not_depend_on_the_order_or_the_sign() -> None:
    draw = np.random.default_rng(5)
    scores = draw.normal(size=200) * 2
    order = draw.permutation(200)
    np.testing.assert_allclose(discovery_rates(scores)[order], discovery_rates(-scores[order]))


def test_a_bump_is_hot_a_hollow_cold_and_how_sure() -> None:
    on, draw = ragged(11)
    expected = np.full(len(on.cells), 5.0)
    counts = draw.poisson(expected).astype(float)
    place = {int(cell): n for n, cell in enumerate(on.cells)}
    bump = [place[int(c)] for c in h3.grid_disk(CENTRE, 2) if int(c) in place]
    low = h3.grid_disk(int(AREA[-1]), 2)
    hollow = [place[int(c)] for c in low if int(c) in place]
    counts[bump], counts[hollow] = 25, 0
    found = spots(gi_star(excess(counts, expected), on))
    assert found[place[int(CENTRE)] if int(CENTRE) in place else bump[0]] == Spot.HOT_99
    assert min(found[hollow]) <= Spot.COLD_95
    assert set(np.unique(found)) <= {int(one) for one in Spot}


def test_neighbouring_cells_make_a_patch_the_strongest_first() -> None:
    """Two rings apart: a line of three and a single cell of larger strength; the rest is in none."""
    on = grid(AREA, 1)
    place = {int(cell): n for n, cell in enumerate(on.cells)}
    path = [int(cell) for cell in h3.grid_path_cells(CENTRE, h3.grid_ring(CENTRE, 8)[0])]
    line, single = [place[one] for one in path[:3]], place[path[6]]
    found, strength = np.zeros(len(AREA), dtype=bool), np.zeros(len(AREA))
    found[[*line, single]] = True
    strength[line], strength[single] = (3, 4, 5), 9
    labels = patches(found, strength, on)
    assert (labels[single], labels[line].tolist()) == (1, [2, 2, 2])
    assert labels.sum() == 7
    strength[single] = 1
    assert patches(found, strength, on)[line].tolist() == [1, 1, 1]
    assert not patches(np.zeros(len(AREA), dtype=bool), strength, on).any()
    assert patches(np.ones(len(AREA), dtype=bool), strength, on).tolist() == [1] * len(AREA)
    assert patches(np.zeros(0, dtype=bool), np.zeros(0), grid([], 1)).tolist() == []


def test_excess_by_hand() -> None:
    """√4 + √5 − √13; where nothing came and nothing was expected it is 0."""
    assert excess(np.array([4.0]), np.array([3.0]))[0] == pytest.approx(2 + 5**0.5 - 13**0.5)
    assert excess(np.zeros(1), np.zeros(1))[0] == 0
    assert intensity(np.array([0.0, np.e - 1])).tolist() == pytest.approx([0, 1])


def test_expectation_by_hand() -> None:
    """Shares 3/4 and 1/4 of weeks with 8 and 4 items; nothing where nothing is known."""
    counts = np.array([[8.0, 1.0], [0.0, 3.0]])
    assert expectation(counts, np.array([30.0, 10.0])).tolist() == [[6.0, 3.0], [2.0, 1.0]]
    assert expectation(counts[:, 0], np.array([30.0, 10.0])).tolist() == [6.0, 2.0]
    assert expectation(counts, np.zeros(2)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_noise_is_seldom_called_a_spot() -> None:
    policy = read_hot_spots()
    on, draw = ragged(2)
    rates = error_rates(draw.normal(size=len(on.cells)), on, policy)
    assert 0.03 < rates.single < 0.07
    assert rates.controlled < 0.005
    assert error_rates(draw.normal(size=len(on.cells)), on, policy) != rates

"""The layers of the hot-spot map: every cell in its class, counted in the legend, weeks apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import h3.api.numpy_int as h3
import numpy as np
import pytest

from dashboards.cards.hot_spots import (
    PATTERNS,
    SPOTS,
    cells_drawn,
    heat_breaks,
    layer_of,
    place_name,
    ranges,
)
from dashboards.figures.boundaries import hexagons
from dashboards.figures.hex_map import UNDRAWN, Area
from dashboards.figures.theme import DARK, LIGHT
from queries.cell_map import Basis, CellMap
from queries.insights.emerging import Pattern
from queries.insights.hot_spots import ErrorRates, Spot, grid
from queries.policies import read_hot_spots
from queries.vocabulary import Period, Text

CELLS = np.unique(h3.grid_disk(h3.latlng_to_cell(30.25, 120.15, 8), 1).astype(np.int64))
NAMES = {1: Text("上城区", "Shangcheng District"), 10: Text("清波街道", "Qingbo Subdistrict")}
POLICY = read_hot_spots()


def cell_map(basis: Basis = Basis.NORMAL) -> CellMap:
    """Seven cells over three weeks; the last cell is hot, the first cold, the second has two items."""
    counts = np.array([[0, 0, 0], [1, 1, 0], [3, 3, 3], [2, 4, 3], [5, 5, 5], [9, 9, 9], [30, 40, 50]])
    spots = np.array([-3, 0, 0, 0, 1, 2, 3], dtype=np.int8)
    weekly = np.column_stack([np.zeros(7), np.array([0] * 6 + [2]), spots]).astype(np.int8)
    return CellMap(
        period=Period(date(2026, 10, 5), date(2026, 10, 25)),
        weeks=(date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 19)),
        basis=basis,
        reference_weeks=52,
        grid=grid(CELLS, 1),
        counts=counts,
        expected=np.array([9, 0.5, 9, 9, 10, 20, 60.0]),
        streets=np.array([10, 10, 10, 10, 10, 0, 10]),
        districts=np.array([1, 1, 1, 1, 1, 1, 1]),
        unlocated=42,
        scores=np.array([-4, 0, 0, 0.1, 2.5, 3.1, 6.2]),
        spots=spots,
        weekly_spots=weekly,
        patterns=np.array([0, 0, 0, 0, 4, 8, 7], dtype=np.int8),
        errors=ErrorRates(0.048, 0.0007),
    )


def test_significance_by_hand() -> None:
    layer = layer_of("spots", cell_map(), 3, "zh", LIGHT)
    labels = [kind.label for kind in layer.kinds]
    whole = [labels[place] for place in layer.frames[0].kinds]
    assert whole == ["冷点 99%", "不显著", "不显著", "不显著", "热点 90%", "热点 95%", "热点 99%"]
    second = [labels[place] for place in layer.frames[2].kinds]
    assert second == ["不显著"] * 6 + ["热点 95%"]
    assert "热点 99%</b><em>(1)" in layer.legend
    assert "不显著</b><em>(3)" in layer.legend
    assert len(labels) == len(SPOTS) == len({kind.colour for kind in layer.kinds})


def test_patterns_over_weeks_that_are_hot_or_not() -> None:
    layer = layer_of("patterns", cell_map(), 3, "zh", LIGHT)
    labels = [kind.label for kind in layer.kinds]
    assert [labels[place] for place in layer.frames[0].kinds][4:] == ["零散", "新增", "连续"]
    assert [labels[place] for place in layer.frames[3].kinds][4:] == ["热点 90%", "热点 95%", "热点 99%"]
    assert "无热点演变</b><em>(4)" in layer.legend
    assert "热点 99%" not in layer.legend
    assert set(PATTERNS) == set(Pattern)


def test_the_ratio_to_normal_by_hand() -> None:
    """0/9, 2 of 0.5 (both below three: not drawn), 9/9, 9/9, 15/10, 27/20, 120/60."""
    layer = layer_of("heat", cell_map(), 3, "zh", LIGHT)
    labels = [kind.label for kind in layer.kinds]
    places = layer.frames[0].kinds
    assert places[1] == UNDRAWN
    found = ["-" if place == UNDRAWN else labels[place] for place in places]
    about, more = "常态的 0.8–1.25 倍", "常态的 1.25–2 倍"
    assert found == ["常态的 < 0.5 倍", "-", about, about, more, more, "常态的 ≥ 2 倍"]
    assert "(2)" in layer.legend


def test_heat_counts_items_a_week() -> None:
    found = cell_map(Basis.COUNT)
    layer = layer_of("heat", found, 3, "zh", DARK)
    assert layer.frames[0].kinds[0] == UNDRAWN
    assert (np.diff(layer.frames[0].kinds[1:].astype(int)) >= 0).all()
    assert layer.frames[3].kinds[6] == 4
    assert layer.frames[3].counts.tolist() == found.counts[:, 2].tolist()
    assert layer.frames[0].counts.tolist() == found.totals.tolist()


@pytest.mark.parametrize("layer", ["spots", "patterns", "heat"])
@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_layer_has_a_frame_for_the_period_and_each_week(layer: str, basis: Basis, lang: str) -> None:
    drawn = layer_of(layer, cell_map(basis), 3, lang, LIGHT)
    assert len(drawn.frames) == 4
    assert "2026-10-12" in drawn.frames[2].label
    used = {int(place) for frame in drawn.frames for place in frame.kinds} - {UNDRAWN}
    assert max(used) < len(drawn.kinds)


@pytest.mark.parametrize(
    ("weekly", "breaks"),
    [
        (np.full(100, 0.4), (0.02, 0.05, 0.1, 0.2)),
        (np.arange(1.0, 101.0), (5, 10, 20, 50)),
        (np.zeros(5), (0.1, 0.2, 0.5, 1)),
        (np.full(3, 0.001), (0.01, 0.02, 0.05, 0.1)),
    ],
)
def test_breaks_of_heat_are_round_and_rise(weekly: np.ndarray, breaks: tuple[float, ...]) -> None:
    assert heat_breaks(weekly) == pytest.approx(breaks)


def test_ranges_in_words() -> None:
    assert ranges((0.5, 1.0, 20.0)) == ("< 0.5", "0.5–1", "1–20", "≥ 20")


def test_a_cell_is_called_by_its_district_and_street() -> None:
    assert place_name((1, 10), NAMES, "zh") == "上城区 · 清波街道"
    assert place_name((1, 0), NAMES, "en") == "Shangcheng District"
    assert place_name((0, 0), NAMES, "zh") == "区划未明确"


def test_what_the_pointer_reads_is_known_or_absent() -> None:
    shapes = hexagons({"a": (120.15, 30.25)})
    areas = [Area("a", "上城", 120.15, 30.25)]
    for found in (cell_map(), replace(cell_map(Basis.COUNT), expected=None)):
        layer = layer_of("spots", found, 3, "zh", LIGHT)
        data = cells_drawn(layer, found, areas, NAMES, shapes, POLICY, "", "zh", LIGHT).data
        assert data["names"] == ["上城区 · 清波街道", "上城区"]
        assert [line["label"] for line in data["lines"]] == [
            "常态 {n} 件",
            "为常态的 {n} 倍",
            "Gi* = {n}",
            "热点周数 {n}",
        ]
        assert data["words"]["few"] == "少于 3 件"


def test_spot_labels_cover_every_spot() -> None:
    assert set(SPOTS) == set(Spot)
    assert list(SPOTS) == sorted(SPOTS, reverse=True)

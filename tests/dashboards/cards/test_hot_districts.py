"""Districts of the hot-spot map by hand: against normal, by residents, and the next best."""

from __future__ import annotations

import math

import pytest

from dashboards.cards.hot_districts import hot_districts
from dashboards.cards.regions import Region
from queries.cell_map import VOLUME, Basis
from queries.vocabulary import Text
from tests.dashboards.cards.test_hot_places import NAMES, answer

REGIONS = [
    Region(1, "330102", NAMES[1], "urban", 120.17, 30.24),
    Region(2, "330106", NAMES[2], "urban", 120.13, 30.26),
    Region(3, "330127", Text("淳安县", "Chun'an County"), "suburban", math.nan, math.nan),
]
NOW = answer(("district",), [{"district": 1, VOLUME: 80.0}, {"district": 2, VOLUME: 120.0}])
BEFORE = answer(("district",), [{"district": 1, VOLUME: 100.0}, {"district": 2, VOLUME: 300.0}])


def test_against_their_normal() -> None:
    """200 items now, shares of 1 : 3 before: 50 and 150 are normal, 80 and 120 came."""
    found = hot_districts(REGIONS, NOW, BEFORE, Basis.NORMAL, "zh")
    first, second = found.places
    assert [first.value, second.value] == pytest.approx([1.6, 0.8])
    assert (first.value_text, second.value_text) == ("1.60", "0.80")
    assert [found.classes.of(one.value) for one in found.places] == [5, 0]
    assert first.lines[:2] == ("登记 80 件", "常态 50.0 件")
    assert "上城区高出常态最多：为常态的 1.60 倍" in found.title


def test_by_residents_where_some_are_known() -> None:
    """The city's rate is that of the districts whose residents are known: 80 items of 10 × 10 000."""
    rows = [
        {"district": 1, VOLUME: 80.0, "cases_per_10k": 8.0, "cases_per_10k_denominator": 10.0},
        {"district": 2, VOLUME: 120.0},
    ]
    for before, basis in ((BEFORE, Basis.COUNT), (None, Basis.NORMAL)):
        found = hot_districts(REGIONS, answer(("district",), rows), before, basis, "zh")
        assert [one.value for one in found.places] == [8.0, None]
        assert found.classes.breaks == pytest.approx((4.0, 6.4, 8.0, 10.0, 12.8))
        assert "上城区万人诉求量最高：8.0 件" in found.title


def test_by_items_where_nobody_knows_the_residents() -> None:
    """A mean of 100: 80 is 0.8 of it, 120 is 1.2 times it."""
    found = hot_districts(REGIONS, NOW, None, Basis.COUNT, "en")
    assert [one.value for one in found.places] == [80.0, 120.0]
    assert [found.classes.of(one.value) for one in found.places] == [2, 3]
    assert found.classes.labels[2] == "0.8×–1×"
    assert "Xihu has the most items: 120" in found.title
    assert "mean district" in found.legend


def test_districts_without_items_do_not_break_the_classes() -> None:
    nothing = answer(("district",), [{"district": 1, VOLUME: 0.0}])
    for basis in Basis:
        found = hot_districts(REGIONS, nothing, nothing, basis, "zh")
        assert [one.value for one in found.places] == [0.0, None]
    without = hot_districts(REGIONS[2:], nothing, None, Basis.COUNT, "en")
    assert "Items by district" in without.title

"""The cells of the demo city: parts add up, planted hot spots are found, places without any are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import pytest
from sqlalchemy import select

from queries.cell_map import VOLUME, Basis, CellMap, ask_cells, reference_period
from queries.execute import Warehouse, open_warehouse
from queries.insights.hot_spots import Spot, excess, gi_star, intensity, spots
from queries.policies import read_hot_spots
from queries.question import Filter, Question
from queries.scope import Scope
from queries.vocabulary import Grain, Period, bucket_start
from tests.queries.insights.test_hot_spots import by_pysal
from tests.services.suite import build_demo
from warehouse.schema import NOT_STATED, demo_truth

POLICY = read_hot_spots()
AS_OF = date(2026, 10, 31)
HALF_YEAR = Period(date(2026, 4, 27), date(2026, 10, 25))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A demo city of its own: in the small one a planted hot spot is a dozen cases in two years."""
    folder: Path = tmp_path_factory.mktemp("cells") / "warehouse"
    build_demo(folder, cases="100k")
    opened = open_warehouse(folder)
    yield opened
    opened.close()


def asked(city: Warehouse, basis: Basis = Basis.NORMAL, period: Period = HALF_YEAR, **more: Any) -> CellMap:
    found = ask_cells(city, Question((VOLUME,), period, AS_OF, **more), basis, POLICY)
    assert found is not None
    return found


def planted(city: Warehouse) -> list[dict[str, Any]]:
    """The rows of the truth table that tell of hot spots."""
    table = city._table(select(demo_truth).where(demo_truth.c.kind == "hot_spot"))
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def inside(truth: dict[str, Any]) -> Period:
    """The whole weeks of a planted hot spot."""
    start = bucket_start(truth["starts_on"] + timedelta(days=6), Grain.WEEK)
    after = bucket_start(truth["ends_on"] + timedelta(days=1), Grain.WEEK)
    return Period(start, after - timedelta(days=1))


def near(found: CellMap, truth: dict[str, Any], rings: int) -> np.ndarray:
    """Which cells lie within so many rings of the planted centre."""
    centre = h3.latlng_to_cell(truth["lat"], truth["lon"], 8)
    return np.isin(found.grid.cells, h3.grid_disk(centre, rings).astype(np.int64))


def test_cells_streets_and_places_unknown_add_up_to_the_city(city: Warehouse) -> None:
    found = asked(city)
    whole = city.ask(Question((VOLUME,), HALF_YEAR, AS_OF)).one(VOLUME)
    assert found.totals.sum() + found.unlocated == whole
    assert found.unlocated > 0
    weekly = city.ask(Question((VOLUME,), HALF_YEAR, AS_OF, grain=Grain.WEEK)).frame
    located = weekly[VOLUME].sum() - found.unlocated
    assert found.counts.sum(axis=0).sum() == located
    assert [week.isoformat() for week in found.weeks] == [str(one) for one in weekly["bucket"]]


def test_parts_of_the_city_add_up_to_its_cells(city: Warehouse) -> None:
    whole = asked(city, Basis.COUNT)
    districts = [int(one) for one in city.members("district")["id"]]
    parts = [asked(city, Basis.COUNT, scope=Scope((one,))) for one in districts]
    assert sum(int(one.totals.sum()) for one in parts) == whole.totals.sum()
    one = asked(city, Basis.COUNT, filters=(Filter("district", (districts[0],)),))
    assert one.totals.tolist() == parts[0].totals.tolist()
    assert set(one.districts) <= {districts[0], NOT_STATED}


def test_every_category_is_judged_over_the_same_cells(city: Warehouse) -> None:
    whole = asked(city, Basis.COUNT)
    for category in city.members("category1")["id"][:3]:
        found = asked(city, Basis.COUNT, filters=(Filter("category1", (int(category),)),))
        assert found.grid.cells.tolist() == whole.grid.cells.tolist()
        assert found.totals.sum() < whole.totals.sum()
        assert (found.totals == 0).any()


def test_the_scores_of_the_demo_map_are_those_of_pysal(city: Warehouse) -> None:
    found = asked(city, Basis.COUNT)
    values = intensity(found.totals.astype(float))
    np.testing.assert_allclose(found.scores, by_pysal(values, found.grid), atol=1e-9, rtol=0)
    found = asked(city)
    assert found.expected is not None
    values = excess(found.totals.astype(float), found.expected)
    np.testing.assert_allclose(found.scores, by_pysal(values + 10, found.grid), atol=1e-9, rtol=0)


def test_every_planted_hot_spot_is_found_while_it_lasts(city: Warehouse) -> None:
    """Recall over all of them, by category and against the cells' normal: nothing stands out more."""
    truths = planted(city)
    assert len(truths) == 2
    for truth in truths:
        only = (Filter("category1", (int(truth["category1_id"]),)),)
        found = asked(city, period=inside(truth), filters=only)
        hot = found.spots >= Spot.HOT_95
        assert hot[near(found, truth, 1)].any(), truth
        assert near(found, truth, 3)[np.argmax(found.scores)], truth


def test_what_is_not_planted_now_is_not_found_there(city: Warehouse) -> None:
    """The hot spot of last winter is not one this summer; the one of this summer was not one last winter."""
    first, second = planted(city)
    for truth, other in ((first, second), (second, first)):
        only = (Filter("category1", (int(truth["category1_id"]),)),)
        found = asked(city, period=inside(other), filters=only)
        assert not (found.spots[near(found, truth, 1)] >= Spot.HOT_95).any(), truth


def test_few_cells_are_called_spots_where_there_are_none(city: Warehouse) -> None:
    """Shares of false spots on shuffled maps: of a cell's own test its 5 %, after the control far below."""
    categories = [(), *[(Filter("category1", (int(truth["category1_id"]),)),) for truth in planted(city)]]
    for basis in Basis:
        for filters in categories:
            rates = asked(city, basis, filters=filters).errors
            assert 0.03 < rates.single < 0.065
            assert rates.controlled < POLICY.significance / 5


def test_the_normal_of_a_cell_is_its_share_of_the_year_before(city: Warehouse) -> None:
    found = asked(city)
    assert found.expected is not None
    assert found.reference_weeks == 52
    assert found.expected.sum() == pytest.approx(found.totals.sum())
    year = Period(date(2025, 4, 28), date(2026, 4, 26))
    before = city.ask(Question((VOLUME,), year, AS_OF, split=("cell",))).frame.set_index("cell")[VOLUME]
    busiest = int(np.argmax(found.expected))
    share = before[found.grid.cells[busiest]] / before.drop(NOT_STATED).sum()
    assert found.expected[busiest] == pytest.approx(share * found.totals.sum())


def test_a_cell_is_called_by_the_street_that_most_of_its_items_name(city: Warehouse) -> None:
    found = asked(city)
    reach = Period(date(2025, 4, 28), HALF_YEAR.end)
    frame = city.ask(Question((VOLUME,), reach, AS_OF, split=("cell", "street"))).frame
    named = frame[(frame["cell"] != NOT_STATED) & (frame["street"] != NOT_STATED)]
    most = named.groupby("cell")[VOLUME].max()
    shared = named.groupby("cell")["street"].nunique()
    homes = named.set_index(["cell", "street"])[VOLUME]
    assert (shared > 1).sum() > 20
    for cell, street in zip(found.grid.cells.tolist(), found.streets.tolist(), strict=True):
        assert (homes[cell, street] if street else 0) == most.get(cell, 0)


def test_without_weeks_before_it_nothing_is_normal(city: Warehouse) -> None:
    early = Period(date(2024, 1, 1), date(2024, 3, 24))
    assert reference_period(early, city.info.data_from, POLICY) is None
    found = asked(city, period=early)
    assert found.basis is Basis.COUNT
    assert found.expected is None
    half = Period(date(2024, 7, 1), date(2024, 9, 22))
    some = reference_period(half, city.info.data_from, POLICY)
    assert some == Period(date(2023, 11, 6), date(2024, 6, 30))
    assert asked(city, period=half).reference_weeks == 34


def test_each_week_is_scored_for_itself(city: Warehouse) -> None:
    found = asked(city, Basis.COUNT)
    assert found.weekly_spots.shape == (len(found.grid.cells), 26)
    last = spots(gi_star(intensity(found.counts[:, -1].astype(float)), found.grid))
    assert last.any()
    assert found.weekly_spots[:, -1].tolist() == last.tolist()
    assert (found.weeks_hot == (found.weekly_spots >= Spot.HOT_95).sum(axis=1)).all()


def test_only_whole_weeks_can_be_asked(city: Warehouse) -> None:
    with pytest.raises(ValueError, match="Monday to Sunday"):
        ask_cells(city, Question((VOLUME,), replace(HALF_YEAR, end=AS_OF), AS_OF), Basis.COUNT, POLICY)


def test_cases_without_coordinates_make_no_map(on_duckdb: Warehouse) -> None:
    weeks = Period(date(2026, 3, 2), date(2026, 4, 26))
    question = Question((VOLUME,), weeks, date(2026, 4, 30))
    assert ask_cells(on_duckdb, question, Basis.NORMAL, POLICY) is None

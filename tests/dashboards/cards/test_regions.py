"""Regions in a measure, worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from dashboards.cards import measures
from dashboards.cards.regions import Region, metric_standings, places, ranking_table, regions, short
from queries.metrics import CATALOG
from queries.vocabulary import Text

METRIC = CATALOG["replied_on_time"]
KEY = METRIC.key
EVERY = (
    Region(1, "a", Text("甲区", "Alpha District"), "urban", 120.0, 30.0),
    Region(2, "b", Text("乙区", "Beta District"), "urban", 120.1, 30.1),
    Region(3, "c", Text("丙县", "Gamma County"), "suburban", 119.0, 29.0),
    Region(4, "d", Text("丁县", "Delta County"), "suburban", math.nan, math.nan),
)


def frame(*rows: tuple[int, float, float, float, float]) -> pd.DataFrame:
    """Rows of (district, numerator, denominator, value a year earlier, value a period earlier)."""
    return pd.DataFrame(
        [
            {
                "district": district,
                KEY: part / whole if whole else math.nan,
                f"{KEY}_numerator": part,
                f"{KEY}_denominator": whole,
                f"{KEY}_yoy": part / whole - year if whole else math.nan,
                f"{KEY}_mom_base": period,
            }
            for district, part, whole, year, period in rows
        ]
    )


ANSWER = frame((1, 90, 100, 0.95, 0.99), (2, 97, 100, 0.90, 0.95), (3, 50, 50, 1.0, 1.0))
VOLUMES = {1: 500.0, 2: 400.0, 3: 60.0}


def standings(answer: pd.DataFrame = ANSWER, weekly: pd.DataFrame | None = None) -> dict[int, object]:
    made = metric_standings(METRIC, answer, "district", EVERY, "zh", volumes=VOLUMES, weekly=weekly)
    return {one.region.id: one for one in made.readings}


def test_ranks_live_inside_the_peer_group_and_know_where_they_came_from() -> None:
    found = standings()
    ranks = {id_: (one.rank, one.rank_before) for id_, one in found.items()}  # type: ignore[attr-defined]
    assert ranks == {1: (2, 1), 2: (1, 2), 3: (1, 1), 4: (None, None)}


def test_numerator_and_denominator_travel_to_the_pointer() -> None:
    one = standings()[1]
    assert one.text == "90.00\u00a0%"  # type: ignore[attr-defined]
    assert "90 / 100" in one.detail[0]  # type: ignore[attr-defined]
    assert one.change == "−5.0\u00a0个百分点"  # type: ignore[attr-defined]
    assert one.change_is == "unchanged"  # type: ignore[attr-defined]
    assert "没有逐周准确数" in one.change_hint  # type: ignore[attr-defined]


def test_change_is_coloured_where_the_weeks_show_a_signal() -> None:
    late = [2, 3, 2, 3, 2, 3, 2, 3, 2, 30]
    weekly = pd.DataFrame(
        {
            "district": [id_ for id_ in (1, 2) for _ in late],
            "bucket": [day.date() for day in pd.date_range("2026-01-05", periods=10, freq="7D")] * 2,
            KEY: [1 - one / 100 for one in late] + [0.97] * 10,
            f"{KEY}_numerator": [100.0 - one for one in late] + [97.0] * 10,
            f"{KEY}_denominator": 100.0,
        }
    )
    found = standings(weekly=weekly)
    assert found[1].change_is == "worse"  # type: ignore[attr-defined]
    assert "低于控制下限" in found[1].change_hint  # type: ignore[attr-defined]
    assert found[2].change_is == "unchanged"  # type: ignore[attr-defined]
    assert "没有信号" in found[2].change_hint  # type: ignore[attr-defined]


def test_region_without_anything_due_is_listed_last_and_not_scored() -> None:
    made = metric_standings(METRIC, ANSWER, "district", EVERY, "zh", volumes=VOLUMES)
    table = ranking_table(made, "zh", clickable=True)
    assert table.index("丙县") < table.index("丁县") < table.index("样本不足")
    assert 'data-choose="d"' in table


def test_weeks_are_drawn_oldest_first_with_gaps() -> None:
    weekly = pd.DataFrame(
        {
            "district": [1, 1, 2],
            "bucket": pd.to_datetime(["2026-01-12", "2026-01-05", "2026-01-12"]).date,
            KEY: [0.9, 0.8, 0.7],
            f"{KEY}_numerator": [9.0, 8.0, 7.0],
            f"{KEY}_denominator": 10.0,
        }
    )
    found = standings(weekly=weekly)
    assert found[1].series == (0.8, 0.9)  # type: ignore[attr-defined]
    assert found[2].series == (None, 0.7)  # type: ignore[attr-defined]


def test_only_regions_with_a_place_are_on_the_map() -> None:
    made = metric_standings(METRIC, ANSWER, "district", EVERY, "en", volumes=VOLUMES)
    assert [place.name for place in places(made, "en")] == ["Alpha", "Beta", "Gamma"]
    assert short("Chun'an County", "en") == "Chun'an"


def test_hostile_name_stays_text() -> None:
    hostile = (replace(EVERY[0], name=Text("<img src=x>", "<img src=x>")), *EVERY[1:])
    made = metric_standings(METRIC, ANSWER, "district", hostile, "zh", volumes=VOLUMES)
    assert "<img" not in ranking_table(made, "zh", clickable=True)


def test_members_without_coordinates_have_no_place() -> None:
    members = pd.DataFrame(
        {"id": [1], "code": ["x"], "name_zh": ["甲"], "name_en": ["A"], "peer_group": [""], "lon": [None],
         "lat": [None]}
    )  # fmt: skip
    (one,) = regions(members)
    assert math.isnan(one.lon)


@pytest.mark.parametrize(
    ("key", "city", "value", "label"),
    [
        ("index", 0.0, 72.0, "70–75"),
        ("replied_on_time", 0.0, 0.97, "95%–98%"),
        ("cases_per_10k", 10.0, 11.0, "1×–1.25×"),
        ("cases_per_10k", 10.0, 99.0, "≥ 1.6×"),
        ("repeat_share", 0.0, 0.01, "< 5%"),
    ],
)
def test_classes_have_fixed_breaks_in_the_units_of_the_measure(
    key: str, city: float, value: float, label: str
) -> None:
    classes = measures.measure_classes(key, city)
    step = classes.of(value)
    assert step is not None
    assert classes.labels[step] == label


def test_every_measure_is_in_the_catalogue() -> None:
    assert set(measures.METRICS) <= set(CATALOG)

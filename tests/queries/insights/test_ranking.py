"""Ranks are shared by ties, live inside peer groups and leave out what has no value."""

import pandas as pd
import pytest

from queries.insights.ranking import ranked
from queries.vocabulary import Direction

NAMES = ["上城", "拱墅", "西湖", "滨江", "萧山", "余杭", "淳安"]
NAN = float("nan")


def ranks(
    values: list[float],
    volumes: list[float] | None = None,
    groups: list[str] | None = None,
    direction: Direction = Direction.UP,
) -> "pd.Series[int]":
    names = NAMES[: len(values)]
    return ranked(
        pd.Series(values, index=names),
        pd.Series(volumes or [1.0] * len(values), index=names),
        pd.Series(groups or ["一"] * len(values), index=names),
        direction,
    )


def test_a_tie_shares_its_rank_and_the_next_rank_is_skipped() -> None:
    found = ranks([90.0, 95.0, 90.0, 80.0])
    assert found.to_dict() == {"拱墅": 1, "上城": 2, "西湖": 2, "滨江": 4}


def test_ties_are_listed_with_the_larger_volume_first() -> None:
    assert list(ranks([90.0, 95.0, 90.0, 90.0], [10, 1, 30, 20]).index) == ["拱墅", "西湖", "滨江", "上城"]


def test_equal_volumes_keep_the_order_given() -> None:
    assert list(ranks([90.0, 90.0, 90.0]).index) == ["上城", "拱墅", "西湖"]


def test_lower_is_better_where_the_metric_says_so() -> None:
    found = ranks([3.0, 1.0, 2.0], direction=Direction.DOWN)
    assert found.to_dict() == {"拱墅": 1, "西湖": 2, "上城": 3}


def test_zero_is_best_where_lower_is_better() -> None:
    assert ranks([0.0, 0.5], direction=Direction.DOWN)["上城"] == 1


def test_what_has_no_value_is_unranked_and_listed_last() -> None:
    found = ranks([NAN, 95.0, 90.0], [1000, 1, 1])
    assert list(found.index) == ["拱墅", "西湖", "上城"]
    assert found.isna().to_dict() == {"拱墅": False, "西湖": False, "上城": True}
    assert list(found.dropna()) == [1, 2]


def test_every_peer_group_has_its_own_first() -> None:
    found = ranks([90.0, 80.0, 70.0, 95.0], groups=["城区", "城区", "县市", "县市"])
    assert found.to_dict() == {"上城": 1, "拱墅": 2, "滨江": 1, "西湖": 2}
    assert list(found.index) == ["上城", "拱墅", "滨江", "西湖"]


def test_binary_artefacts_do_not_part_a_tie() -> None:
    assert list(ranks([0.1 + 0.2, 0.3, 0.2])) == [1, 1, 3]


def test_ranks_align_with_the_frame_they_are_assigned_to() -> None:
    frame = pd.DataFrame({"value": [1.0, 3.0, 2.0]}, index=NAMES[:3])
    frame["rank"] = ranks([1.0, 3.0, 2.0])
    assert list(frame["rank"]) == [3, 1, 2]
    assert str(frame["rank"].dtype) == "Int64"


def test_nothing_to_rank_gives_nothing() -> None:
    assert ranks([]).empty
    assert list(ranks([NAN, NAN]).isna()) == [True, True]


def test_a_metric_without_a_better_direction_has_no_rank() -> None:
    with pytest.raises(ValueError, match="neither direction"):
        ranks([1.0], direction=Direction.NEITHER)

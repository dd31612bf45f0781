"""What changed between two bulletins: the reasons, and every cell."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from queries.bulletin_changes import Change, Section, changes, read_bulletin_file
from queries.errors import BadEdition

DISTRICT = {"zh": "西湖区", "en": "Xihu District"}
ENTRY = {
    "region": 4, "name": DISTRICT, "value": 0.9, "numerator": 90, "denominator": 100, "volume": 120,
    "before": None, "rank": 1, "rank_before": None,
}  # fmt: skip
LINE = {
    "metric": "cases_registered",
    "value": 10,
    "numerator": 10,
    "denominator": None,
    "yoy": 0.1,
    "mom": None,
}
UNDONE = {"name": DISTRICT, "late": 3, "numerator": 7, "denominator": 10}
ONE: dict[str, Any] = {
    "edition": {}, "period": "2026-10", "city": {"zh": "杭州市", "en": "Hangzhou"},
    "as_of": "2026-10-31", "version": "A", "holds": {"cases_registered": 60000},
    "policy": {"bulletin.lists[replied_on_time].red": "2"},
    "lines": [LINE],
    "leagues": [{"measure": "replied_on_time", "entries": [ENTRY]}],
    "rolls": [{"metric": "replied_on_time", "groups": [{"group": "urban", "red": [4], "black": []}]}],
    "overdue": [{"metric": "replied_on_time", "rows": [UNDONE]}],
}  # fmt: skip


def another(**values: Any) -> dict[str, Any]:
    return {**deepcopy(ONE), **values}


def test_the_same_says_the_same() -> None:
    assert changes(ONE, another()).none
    assert changes(ONE, another(version="B")).none, "a version alone changes no number"


def test_late_data_are_counted_and_every_cell_is_named() -> None:
    later = another(version="B", holds={"cases_registered": 60012})
    later["lines"][0]["value"] = 22
    later["leagues"][0]["entries"][0]["rank"] = 2
    later["rolls"][0]["groups"][0]["red"] = []
    later["overdue"][0]["rows"] = []
    found = changes(ONE, later)
    assert found.version == ("A", "B")
    assert found.held == {"cases_registered": (60000, 60012)}
    assert (found.as_of, found.policy) == (None, {})
    assert found.cells == (
        Change(Section.CITY, "cases_registered", "", "value", 10, 22),
        Change(Section.RANKS, "replied_on_time", "西湖区", "rank", 1, 2),
        Change(Section.LISTS, "replied_on_time", "urban", "red", "西湖区", ""),
        Change(Section.OVERDUE, "replied_on_time", "西湖区", "late", 3, None),
        Change(Section.OVERDUE, "replied_on_time", "西湖区", "numerator", 7, None),
        Change(Section.OVERDUE, "replied_on_time", "西湖区", "denominator", 10, None),
    )
    assert found.names["西湖区"].en == "Xihu District"


def test_a_policy_names_its_keys() -> None:
    found = changes(ONE, another(policy={"bulletin.lists[replied_on_time].red": "3", "new": "1"}))
    assert found.policy == {"bulletin.lists[replied_on_time].red": ("2", "3"), "new": (None, "1")}


@pytest.mark.parametrize("other", [{"period": "2026-09"}, {"city": {"zh": "波士顿", "en": "Boston"}}])
def test_other_periods_and_cities_are_not_compared(other: dict[str, Any]) -> None:
    with pytest.raises(BadEdition, match="different periods or cities"):
        changes(ONE, another(**other))


@pytest.mark.parametrize("written", [b"no json", b"[]", b"{}", b"\xff\xfe"])
def test_what_is_no_bulletin_is_said(written: bytes) -> None:
    with pytest.raises(BadEdition, match=r"a\.json is no bulletin"):
        read_bulletin_file(written, "a.json")
    assert read_bulletin_file(json.dumps(ONE).encode(), "a.json") == ONE

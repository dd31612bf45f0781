"""Every dimension says what it is and can split something."""

from __future__ import annotations

import pytest

from queries.dimensions import DIMENSIONS, dimension
from queries.errors import UnknownDimension
from tests.queries.offers import offered
from warehouse.schema import METADATA, NOT_STATED

ISSUE_ASKS = (
    *("district", "street", "village", "unit", "channel", "purpose", "source", "repeat"),
    *(f"category{level}" for level in range(1, 6)),
)


@pytest.mark.parametrize("key", DIMENSIONS)
def test_every_dimension_says_what_it_is(key: str) -> None:
    one = DIMENSIONS[key]
    assert one.key == key
    assert any("一" <= sign <= "鿿" for sign in one.name.zh)
    assert one.name.en.isascii()
    assert offered(key), "a dimension that splits nothing misleads"
    assert any(one.column in table.c for table in METADATA.tables.values())


def test_names_tell_dimensions_apart() -> None:
    for language in ("zh", "en"):
        names = [one.name.in_(language) for one in DIMENSIONS.values()]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", ISSUE_ASKS)
def test_the_dimensions_that_cases_are_split_by(key: str) -> None:
    assert "cases_registered" in offered(key)
    assert "replied_on_time" in offered(key)


def test_members_that_are_few_are_spelled_and_start_above_the_one_not_stated() -> None:
    for one in DIMENSIONS.values():
        members = [member for member, _ in one.names]
        assert len(set(members)) == len(members)
        assert one.key == "repeat" or NOT_STATED not in members


def test_an_unknown_dimension_names_the_nearest() -> None:
    with pytest.raises(UnknownDimension, match="did you mean district"):
        dimension("districts")

"""Points fall with each percentage point below the threshold, down to the floor."""

from decimal import Decimal

import pytest

from queries.insights.points import points

ON_TIME = {"full": Decimal(20), "full_at": Decimal(95), "per_point": Decimal(1), "floor": Decimal(0)}
CONTENT = {"full": Decimal(25), "full_at": Decimal(95), "per_point": Decimal("0.5"), "floor": Decimal("12.5")}


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("100", "20"),
        ("95", "20"),
        ("94.99", "19.99"),
        ("89.82", "14.82"),
        ("75", "0"),
        ("74", "0"),
        ("0", "0"),
    ],
)
def test_one_point_a_percentage_point(rate: str, expected: str) -> None:
    assert points(Decimal(rate), **ON_TIME) == Decimal(expected)


@pytest.mark.parametrize(("rate", "expected"), [("95", "25"), ("94", "24.5"), ("70", "12.5"), ("50", "12.5")])
def test_a_floor_above_nothing(rate: str, expected: str) -> None:
    assert points(Decimal(rate), **CONTENT) == Decimal(expected)


def test_nothing_due_is_nothing_scored() -> None:
    assert points(None, **ON_TIME) is None


def test_a_floor_above_the_full_points_is_refused() -> None:
    with pytest.raises(ValueError, match="lower it"):
        points(Decimal(90), full=Decimal(5), full_at=Decimal(95), per_point=Decimal(1), floor=Decimal(6))

"""Rounding as printed in public, and periods with the days they are compared with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.vocabulary import (
    Grain,
    Period,
    Rounding,
    Text,
    bucket_end,
    bucket_start,
    isolated,
    months_later,
    rounded,
    share_rounded,
)

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("value", "decimals", "half_up", "truncated"),
    [
        ("74.965", 2, "74.97", "74.96"),
        ("74.9649999", 2, "74.96", "74.96"),
        ("0.125", 2, "0.13", "0.12"),
        ("2.5", 0, "3", "2"),
        ("8.25", 1, "8.3", "8.2"),
        ("-0.005", 2, "-0.01", "0.00"),  # away from zero, or cut towards it
        ("-74.965", 2, "-74.97", "-74.96"),
        ("99.995", 2, "100.00", "99.99"),
        ("12", 2, "12.00", "12.00"),
    ],
)
def test_half_up_goes_away_from_zero_and_truncate_cuts(
    value: str, decimals: int, half_up: str, truncated: str
) -> None:
    for given_as in (Decimal(value), float(value)):
        assert rounded(given_as, decimals) == Decimal(half_up)
        assert rounded(given_as, decimals, Rounding.TRUNCATE) == Decimal(truncated)
    assert len(str(rounded(Decimal(value), decimals)).partition(".")[2]) == decimals


def test_a_float_is_read_as_it_is_spelled_not_as_it_is_stored() -> None:
    assert 1.005 * 100 < 100.5  # what the machine holds
    assert rounded(1.005, 2) == Decimal("1.01")
    assert rounded(0.1 + 0.2, 1) == Decimal("0.3")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_not_rounded(value: float | Decimal) -> None:
    with pytest.raises(ValueError, match="cannot round"):
        rounded(value, 2)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (7839, 8307, "94.37"),  # Linyi
        (638, 1876, "34.01"),
        (14993, 20000, "74.97"),  # exactly 74.965: a binary division would print 74.96
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
    ],
)
def test_shares_are_divided_from_counts(part: int, whole: int, printed: str) -> None:
    assert str(share_rounded(part, whole, 2)) == printed


def test_truncated_share() -> None:
    assert share_rounded(14993, 20000, 2, Rounding.TRUNCATE) == Decimal("74.96")


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 4))
def test_a_printed_share_is_never_further_than_half_a_place(part: int, whole: int, decimals: int) -> None:
    off = share_rounded(part, whole, decimals) * whole - part * 100
    assert abs(off) * 2 * 10**decimals <= whole


def test_a_text_needs_both_languages() -> None:
    with pytest.raises(ValueError, match="both languages"):
        Text("诉求", " ")
    filled = Text("{n} 件", "{n} items").with_(n=3)
    assert (filled.in_("zh"), filled.in_("en")) == ("3 件", "3 items")


@pytest.mark.parametrize(
    ("grain", "start", "end"),
    [
        (Grain.DAY, date(2026, 2, 18), date(2026, 2, 18)),
        (Grain.WEEK, date(2026, 2, 16), date(2026, 2, 22)),
        (Grain.MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        (Grain.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        (Grain.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_the_bucket_of_a_wednesday(grain: Grain, start: date, end: date) -> None:
    day = date(2026, 2, 18)
    assert (bucket_start(day, grain), bucket_end(day, grain)) == (start, end)


@given(DAYS, st.sampled_from(list(Grain)))
def test_buckets_hold_their_day_and_follow_each_other(day: date, grain: Grain) -> None:
    start, end = bucket_start(day, grain), bucket_end(day, grain)
    assert start <= day <= end
    assert bucket_start(start, grain) == bucket_start(end, grain) == start
    assert bucket_start(date.fromordinal(end.toordinal() + 1), grain) > end


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 1, 15), -13, date(2024, 12, 15)),
    ],
)
def test_months_later_stays_inside_the_month(day: date, months: int, found: date) -> None:
    assert months_later(day, months) == found


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("now", "last_year"),
    [
        (period("2026-03-01", "2026-03-31"), period("2025-03-01", "2025-03-31")),
        (period("2026-03-05", "2026-03-20"), period("2025-03-05", "2025-03-20")),
        (period("2025-02-01", "2025-02-28"), period("2024-02-01", "2024-02-29")),  # a whole month stays whole
        (period("2024-02-01", "2024-02-29"), period("2023-02-01", "2023-02-28")),
        (period("2025-01-01", "2025-02-28"), period("2024-01-01", "2024-02-29")),
        (period("2025-02-28", "2025-02-28"), period("2024-02-28", "2024-02-28")),  # a day stays a day
        (period("2025-02-22", "2025-02-28"), period("2024-02-22", "2024-02-28")),
        (period("2024-02-29", "2024-02-29"), period("2023-02-28", "2023-02-28")),
        (period("2025-12-20", "2026-01-10"), period("2024-12-20", "2025-01-10")),
    ],
)
def test_the_same_days_last_year(now: Period, last_year: Period) -> None:
    assert now.last_year() == last_year


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (period("2026-03-01", "2026-03-31"), period("2026-02-01", "2026-02-28")),
        (period("2026-01-01", "2026-01-31"), period("2025-12-01", "2025-12-31")),
        (period("2026-01-01", "2026-03-31"), period("2025-10-01", "2025-12-31")),
        (period("2026-01-01", "2026-12-31"), period("2025-01-01", "2025-12-31")),
        (period("2026-03-01", "2026-03-10"), period("2026-02-19", "2026-02-28")),
        (period("2026-03-31", "2026-03-31"), period("2026-03-30", "2026-03-30")),
        (period("2026-01-01", "2026-02-28"), period("2025-11-03", "2025-12-31")),  # 59 days
    ],
)
def test_the_period_before(now: Period, before: Period) -> None:
    assert now.preceding() == before


@given(DAYS, st.integers(0, 800))
def test_the_period_before_ends_the_day_before(start: date, more: int) -> None:
    now = Period(start, date.fromordinal(start.toordinal() + more))
    before = now.preceding()
    assert before.end.toordinal() + 1 == now.start.toordinal()
    assert before.days == now.days or now.whole_unit() is not None


def test_since_new_year_holding_and_cutting() -> None:
    march = period("2026-03-01", "2026-03-31")
    assert march.year_to_date() == period("2026-01-01", "2026-03-31")
    assert march.days == 31
    assert march.holds(date(2026, 3, 31))
    assert not march.holds(date(2026, 4, 1))
    assert march.clipped(date(2026, 3, 20)) == period("2026-03-01", "2026-03-20")
    assert march.clipped(date(2027, 1, 1)) == march
    with pytest.raises(ValueError, match="on or after its start"):
        march.clipped(date(2026, 2, 28))


@pytest.mark.parametrize("name", ["مكتب 12345", "שלום", "路灯שלום"])
def test_a_name_from_right_to_left_is_closed_off(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", ["", "西湖区城管局", "Parks & Recreation", "é가𠮷"])
def test_any_other_name_stays_as_it_is(name: str) -> None:
    assert isolated(name) == name

"""The plan of the demo city: its days, its policy and its shares at any size."""

from __future__ import annotations

from datetime import date

import pytest

from warehouse.demo.story import Story


def story(cases: int = 300_000, until: date = date(2026, 10, 31)) -> Story:
    return Story(cases=cases, seed=1, until=until)


@pytest.mark.parametrize(
    ("until", "first", "days"),
    [
        (date(2026, 10, 31), date(2023, 11, 1), 1_096),
        (date(2024, 2, 29), date(2021, 3, 1), 1_096),
        (date(2025, 12, 31), date(2023, 1, 1), 1_096),
    ],
)
def test_three_years_end_on_the_last_day(until: date, first: date, days: int) -> None:
    assert (story(until=until).first, story(until=until).days) == (first, days)


@pytest.mark.parametrize(
    ("until", "pilot"),
    [
        (date(2026, 10, 31), date(2026, 3, 1)),
        (date(2026, 3, 15), date(2025, 8, 1)),
        (date(2026, 8, 1), date(2026, 1, 1)),
    ],
)
def test_the_pilot_starts_on_the_first_of_a_month(until: date, pilot: date) -> None:
    assert story(until=until).pilot == pilot


def test_petitions_and_visits_stop_growing_with_the_city() -> None:
    small, full = story(60_000), story(33_000_000)
    assert small.petition_share * 60_000 == pytest.approx(0.92 * 15_000)
    assert full.petition_share * 33_000_000 == pytest.approx(0.92 * 180_000)
    assert full.visit_share * full.petition_share * 33_000_000 == pytest.approx(7_500)
    assert full.full_scale == 1.0

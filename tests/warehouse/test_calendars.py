"""Working days, breaks, make-up working days and the moving Spring Festival."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from chinese_calendar import constants
from sqlalchemy import create_engine, func, select

from warehouse.calendars import CODES, LAST_KNOWN_YEAR, calendar_rows, load_calendar
from warehouse.schema import METADATA, calendar


def _day(day: date) -> pd.Series:
    return calendar_rows(day, day).iloc[0]


@pytest.mark.parametrize(
    ("day", "is_workday", "holiday"),
    [
        (date(2026, 10, 1), False, "national"),
        (date(2026, 10, 8), True, None),
        (date(2026, 10, 10), True, None),  # a Saturday worked in return for the long break
        (date(2026, 10, 11), False, None),  # a Sunday
        (date(2025, 1, 29), False, "spring_festival"),
        (date(2025, 10, 6), False, "mid_autumn"),  # falls inside the National Day break
        (date(2024, 4, 4), False, "tomb_sweeping"),
    ],
)
def test_known_years_follow_the_notices(day: date, is_workday: bool, holiday: str | None) -> None:
    row = _day(day)
    assert (row["is_workday"], row["holiday"]) == (is_workday, holiday)


@pytest.mark.parametrize(
    ("day", "is_workday", "holiday"),
    [
        (date(LAST_KNOWN_YEAR + 1, 10, 1), False, "national"),
        (date(2027, 2, 5), False, "spring_festival"),  # the eve
        (date(2027, 2, 6), False, "spring_festival"),  # lunar 1-1
        (date(2027, 6, 9), False, "dragon_boat"),
        (date(2027, 9, 15), False, "mid_autumn"),
        (date(2027, 4, 5), False, "tomb_sweeping"),
        (date(2028, 4, 4), False, "tomb_sweeping"),
        (date(2027, 10, 8), True, None),
        (date(2027, 10, 9), False, None),  # a Saturday
    ],
)
def test_later_years_follow_the_statutory_days(day: date, is_workday: bool, holiday: str | None) -> None:
    row = _day(day)
    assert (row["is_workday"], row["holiday"]) == (is_workday, holiday)


@pytest.mark.parametrize(
    ("eve", "last"),
    [
        (date(2024, 2, 9), date(2024, 2, 15)),
        (date(2025, 1, 28), date(2025, 2, 3)),
        (date(2026, 2, 16), date(2026, 2, 22)),
    ],
)
def test_spring_festival_is_the_eve_and_six_days(eve: date, last: date) -> None:
    rows = calendar_rows(date(eve.year, 1, 1), date(eve.year, 12, 31))
    days = rows.loc[rows["is_spring_festival"], "day_on"]
    assert (days.min(), days.max(), len(days)) == (eve, last, 7)


def test_a_leap_month_is_no_festival() -> None:
    # 2028 has a second fifth month: its fifth day is no dragon boat festival.
    rows = calendar_rows(date(2028, 1, 1), date(2028, 12, 31))
    assert (rows["holiday"] == "dragon_boat").sum() == 1
    assert _day(date(2025, 7, 25))["lunar_month"] == 6  # the leap sixth month of 2025 begins


def test_every_holiday_name_of_the_notices_has_a_code() -> None:
    assert set(constants.holidays.values()) == set(CODES)


def test_days_are_whole_and_in_order() -> None:
    rows = calendar_rows(date(2025, 12, 30), date(2026, 1, 2))
    assert list(rows["day_on"]) == [
        date(2025, 12, 30),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 1, 2),
    ]
    assert list(rows.columns) == [column.name for column in calendar.columns]


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end on 2026-01-01, before it starts on 2026-01-02"):
        calendar_rows(date(2026, 1, 2), date(2026, 1, 1))


def test_loading_replaces() -> None:
    with create_engine("duckdb:///:memory:").begin() as connection:
        METADATA.create_all(connection)
        load_calendar(connection, date(2020, 1, 1), date(2020, 12, 31))
        load_calendar(connection, date(2026, 1, 1), date(2026, 12, 31))
        first, days = connection.execute(
            select(func.min(calendar.c.day_on), func.count()).select_from(calendar)
        ).one()
    assert (first, days) == (date(2026, 1, 1), 365)

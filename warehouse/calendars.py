"""The only file that knows working days, public holidays and the lunar date of a day in mainland China."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from chinese_calendar import constants
from lunardate import LunarDate
from sqlalchemy import Connection

from warehouse import frames
from warehouse.schema import calendar

# Years whose notice of breaks and make-up working days (State Council) is known to chinesecalendar.
FIRST_KNOWN_YEAR = min(constants.holidays).year
LAST_KNOWN_YEAR = max(constants.holidays).year

CODES = {
    "New Year's Day": "new_year",
    "Spring Festival": "spring_festival",
    "Tomb-sweeping Day": "tomb_sweeping",
    "Labour Day": "labour",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-autumn Festival": "mid_autumn",
    "National Day": "national",
    "Anti-Fascist 70th Day": "victory_70",
}
# Statutory days by (month, day) for years without a notice: 全国年节及纪念日放假办法, in force since 2025.
SOLAR_HOLIDAYS = {
    (1, 1): "new_year",
    (5, 1): "labour",
    (5, 2): "labour",
    (10, 1): "national",
    (10, 2): "national",
    (10, 3): "national",
}
LUNAR_HOLIDAYS = {
    (1, 1): "spring_festival",
    (1, 2): "spring_festival",
    (1, 3): "spring_festival",
    (5, 5): "dragon_boat",
    (8, 15): "mid_autumn",
}


def calendar_rows(first: date, last: date) -> pd.DataFrame:
    """One row a day from `first` to `last`, both included, with the columns of schema.calendar.

    Inside the years known to chinesecalendar, breaks and make-up working days are those of the yearly
    notices; outside, weekends and the statutory days alone are free. `lunar_month` is 1 to 12 (a leap month
    repeats its number). `is_spring_festival` marks lunar new year's eve and the six days after it. Raises
    ValueError when `last` lies before `first`.
    """
    if last < first:
        raise ValueError(f"The calendar cannot end on {last}, before it starts on {first}.")
    days = [first + timedelta(offset) for offset in range((last - first).days + 1)]
    return pd.DataFrame([_row(day) for day in days], columns=[column.name for column in calendar.columns])


def load_calendar(connection: Connection, first: date, last: date) -> None:
    """Fill the table `calendar` with the days from `first` to `last`, replacing what it held."""
    frames.replace(connection, calendar, calendar_rows(first, last))


def _row(day: date) -> tuple[date, bool, str | None, int, int, bool]:
    lunar = LunarDate.from_solar_date(day.year, day.month, day.day)
    holiday = _holiday(day, lunar)
    free = holiday is not None or (day.weekday() >= 5 and day not in constants.workdays)
    return day, not free, holiday, lunar.month, lunar.day, _is_spring_festival(day, lunar)


def _holiday(day: date, lunar: LunarDate) -> str | None:
    if FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR:
        name = constants.holidays.get(day)
        return None if name is None else CODES[name]
    if not lunar.is_leap_month and (lunar.month, lunar.day) in LUNAR_HOLIDAYS:
        return LUNAR_HOLIDAYS[lunar.month, lunar.day]
    if _is_new_years_eve(day):
        return "spring_festival"
    if day.month == 4 and day.day == _tomb_sweeping_day(day.year):
        return "tomb_sweeping"
    return SOLAR_HOLIDAYS.get((day.month, day.day))


def _is_spring_festival(day: date, lunar: LunarDate) -> bool:
    return (lunar.month == 1 and lunar.day <= 6 and not lunar.is_leap_month) or _is_new_years_eve(day)


def _is_new_years_eve(day: date) -> bool:
    tomorrow = day + timedelta(1)
    lunar = LunarDate.from_solar_date(tomorrow.year, tomorrow.month, tomorrow.day)
    return (lunar.month, lunar.day) == (1, 1)


def _tomb_sweeping_day(year: int) -> int:
    """Day in April of the solar term 清明, by the usual formula for the years 2000 to 2099."""
    short = year % 100
    return int(short * 0.2422 + 4.81) - short // 4

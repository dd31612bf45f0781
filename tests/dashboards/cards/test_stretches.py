"""Days into buckets: whole ones, those ahead, and the same ones a year before."""

from datetime import date

from dashboards.cards.stretches import WIDTHS, ahead, counted, last_year, preceding, whole
from queries.vocabulary import Grain, Period

SATURDAY = date(2026, 10, 31)


def test_weeks_are_whole_and_the_one_begun_lies_ahead() -> None:
    known = whole(WIDTHS["week"], date(2023, 1, 1), SATURDAY)
    assert (len(known), known[-1]) == (52, Period(date(2026, 10, 19), date(2026, 10, 25)))
    coming = ahead(WIDTHS["week"], SATURDAY)
    assert (len(coming), coming[0]) == (8, Period(date(2026, 10, 26), date(2026, 11, 1)))


def test_a_finished_month_is_whole_and_the_next_lies_ahead() -> None:
    assert whole(WIDTHS["month"], date(2023, 1, 1), SATURDAY)[-1] == Period(date(2026, 10, 1), SATURDAY)
    assert ahead(WIDTHS["month"], SATURDAY)[0] == Period(date(2026, 11, 1), date(2026, 11, 30))


def test_nothing_is_shown_from_before_the_data() -> None:
    known = whole(WIDTHS["week"], date(2026, 10, 6), SATURDAY)
    assert [period.start for period in known] == [date(2026, 10, 12), date(2026, 10, 19)]
    assert whole(WIDTHS["month"], date(2026, 10, 2), SATURDAY) == ()


def test_a_year_earlier_are_the_same_weekdays_or_the_same_month() -> None:
    week = Period(date(2026, 10, 19), date(2026, 10, 25))
    assert last_year(week, Grain.WEEK) == Period(date(2025, 10, 20), date(2025, 10, 26))
    leap = Period(date(2025, 2, 1), date(2025, 2, 28))
    assert last_year(leap, Grain.MONTH) == Period(date(2024, 2, 1), date(2024, 2, 29))


def test_bucket_before() -> None:
    october = Period(date(2026, 10, 1), SATURDAY)
    assert preceding(october, Grain.MONTH) == Period(date(2026, 9, 1), date(2026, 9, 30))
    day = Period(SATURDAY, SATURDAY)
    assert preceding(day, Grain.DAY) == Period(date(2026, 10, 30), date(2026, 10, 30))


def test_a_missing_day_makes_a_bucket_unknown() -> None:
    counts = {date(2026, 10, 30): 3, SATURDAY: 0}
    assert counted(counts, Period(date(2026, 10, 30), SATURDAY)) == 3
    assert counted(counts, Period(date(2026, 10, 29), SATURDAY)) is None

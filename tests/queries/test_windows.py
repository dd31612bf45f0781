"""Which days a question speaks of, and which days it is compared with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from queries.errors import BadQuestion
from queries.question import Question, Trailing
from queries.vocabulary import Compare, Grain, Period
from queries.windows import MOST_WINDOWS, Window, compared, festival_moves, past_ends, windows

AS_OF = date(2026, 3, 20)


def day(text: str) -> date:
    return date.fromisoformat(text)


def asked(
    start: str,
    end: str,
    *,
    grain: Grain | None = None,
    trailing: Trailing | None = None,
    as_of: date = AS_OF,
) -> Question:
    return Question(
        ("cases_registered",), Period(day(start), day(end)), as_of, grain=grain, trailing=trailing
    )


def spans(found: tuple[Window, ...]) -> list[tuple[str, str]]:
    return [(str(one.start), str(one.end)) for one in found]


def moved(question: Question, compare: Compare) -> list[tuple[str, str]]:
    return spans(tuple(compared(one, compare, question) for one in windows(question)))


def test_a_period_is_one_window_cut_at_the_as_of_date() -> None:
    (one,) = windows(asked("2026-03-01", "2026-03-31"))
    assert one == Window(day("2026-03-01"), day("2026-03-01"), AS_OF, AS_OF)
    assert one.opening == day("2026-02-28")


def test_buckets_are_cut_to_the_period_but_labelled_by_their_own_first_day() -> None:
    found = windows(asked("2026-01-15", "2026-03-31", grain=Grain.MONTH))
    assert spans(found) == [
        ("2026-01-15", "2026-01-31"),
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-20"),
    ]
    assert [str(one.label) for one in found] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert {one.as_of for one in found} == {AS_OF}


@pytest.mark.parametrize(
    ("grain", "buckets"), [(Grain.DAY, 79), (Grain.WEEK, 12), (Grain.QUARTER, 1), (Grain.YEAR, 1)]
)
def test_buckets_of_a_year_so_far(grain: Grain, buckets: int) -> None:
    found = windows(asked("2026-01-01", "2026-12-31", grain=grain))  # 20 March is the 79th day, in week 12
    assert len(found) == buckets
    assert sum((one.end - one.start).days + 1 for one in found) == 79


def test_weeks_begin_on_monday() -> None:
    found = windows(asked("2025-12-30", "2026-01-06", grain=Grain.WEEK))
    assert spans(found) == [("2025-12-30", "2026-01-04"), ("2026-01-05", "2026-01-06")]
    assert [str(one.label) for one in found] == ["2025-12-29", "2026-01-05"]


def test_trailing_windows_are_known_on_the_day_they_are_labelled_with() -> None:
    found = windows(asked("2026-01-01", "2026-01-01", trailing=Trailing((day("2026-03-13"), AS_OF), 7)))
    assert spans(found) == [("2026-03-07", "2026-03-13"), ("2026-03-14", "2026-03-20")]
    assert [one.as_of for one in found] == [one.label for one in found] == [day("2026-03-13"), AS_OF]


def test_a_lag_lets_a_cohort_mature() -> None:
    (one,) = windows(asked("2026-01-01", "2026-01-01", trailing=Trailing((AS_OF,), 7, lag=30)))
    assert spans((one,)) == [("2026-02-12", "2026-02-18")]
    assert one.as_of == one.label == AS_OF


@pytest.mark.parametrize(
    "question",
    [
        asked("2026-03-21", "2026-03-31"),
        asked("2026-03-21", "2026-03-31", grain=Grain.MONTH),
        asked("2026-01-01", "2026-01-01", trailing=Trailing((AS_OF, day("2026-03-21")), 7)),
    ],
)
def test_nothing_can_be_said_of_days_after_the_as_of_date(question: Question) -> None:
    with pytest.raises(BadQuestion, match="2026-03-21 is asked for as known on 2026-03-20"):
        windows(question)


def test_no_window_and_too_many_windows_are_refused() -> None:
    with pytest.raises(BadQuestion, match="no day at all"):
        windows(asked("2026-01-01", "2026-01-01", trailing=Trailing((), 7)))
    first = AS_OF - timedelta(days=MOST_WINDOWS)
    assert len(windows(asked(str(first + timedelta(days=1)), str(AS_OF), grain=Grain.DAY))) == MOST_WINDOWS
    with pytest.raises(BadQuestion, match="choose a coarser grain"):
        windows(asked(str(first), str(AS_OF), grain=Grain.DAY))


def test_last_year_of_months_and_of_weeks() -> None:
    months = asked("2026-02-01", "2026-03-31", grain=Grain.MONTH)
    assert moved(months, Compare.YOY) == [("2025-02-01", "2025-02-28"), ("2025-03-01", "2025-03-20")]
    weeks = asked("2026-03-02", "2026-03-20", grain=Grain.WEEK)  # 52 weeks earlier: Monday with Monday
    assert moved(weeks, Compare.YOY) == [
        ("2025-03-03", "2025-03-09"),
        ("2025-03-10", "2025-03-16"),
        ("2025-03-17", "2025-03-21"),
    ]


def test_the_leap_day_has_the_28th_for_its_year_before_and_the_28th_keeps_its_own() -> None:
    days = asked("2024-02-28", "2024-02-29", grain=Grain.DAY, as_of=day("2024-03-05"))
    assert moved(days, Compare.YOY) == [("2023-02-28", "2023-02-28")] * 2
    days = asked("2025-02-28", "2025-03-01", grain=Grain.DAY)
    assert moved(days, Compare.YOY) == [("2024-02-28", "2024-02-28"), ("2024-03-01", "2024-03-01")]
    month = asked("2025-02-01", "2025-02-28", grain=Grain.MONTH)
    assert moved(month, Compare.YOY) == [("2024-02-01", "2024-02-29")]


def test_the_bucket_before_is_cut_where_this_one_is_not_complete() -> None:
    months = asked("2026-02-01", "2026-03-31", grain=Grain.MONTH)
    assert moved(months, Compare.MOM) == [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-20")]
    late = asked("2026-03-01", "2026-03-31", grain=Grain.MONTH, as_of=day("2026-03-30"))
    assert moved(late, Compare.MOM) == [("2026-02-01", "2026-02-28")]  # February has no 30th
    middle = asked("2026-03-15", "2026-03-31", grain=Grain.MONTH)
    assert moved(middle, Compare.MOM) == [("2026-02-15", "2026-02-20")]
    weeks = asked("2026-03-09", "2026-03-31", grain=Grain.WEEK, as_of=day("2026-03-18"))
    assert moved(weeks, Compare.MOM) == [("2026-03-02", "2026-03-08"), ("2026-03-09", "2026-03-11")]
    quarter = asked("2026-01-01", "2026-03-31", grain=Grain.QUARTER)  # 79 days of it
    assert moved(quarter, Compare.MOM) == [("2025-10-01", "2025-12-18")]


def test_a_whole_month_is_compared_with_a_whole_month_and_other_days_with_as_many() -> None:
    assert moved(asked("2026-02-01", "2026-02-28"), Compare.MOM) == [("2026-01-01", "2026-01-31")]
    assert moved(asked("2026-03-01", "2026-03-31"), Compare.MOM) == [("2026-02-09", "2026-02-28")]


def test_a_trailing_window_is_compared_with_as_many_days_even_where_it_is_a_month() -> None:
    month = asked("2026-01-01", "2026-01-01", trailing=Trailing((day("2026-02-28"),), 28))
    assert moved(month, Compare.MOM) == [("2026-01-04", "2026-01-31")]
    assert moved(month, Compare.YOY) == [("2025-02-01", "2025-02-28")]


def test_year_to_date_begins_on_new_years_day() -> None:
    weeks = asked("2025-12-29", "2026-01-11", grain=Grain.WEEK)
    assert moved(weeks, Compare.YTD) == [("2026-01-01", "2026-01-04"), ("2026-01-01", "2026-01-11")]


def test_the_base_is_known_as_long_after_its_end_as_the_window_after_its_own() -> None:
    (one,) = windows(asked("2026-02-01", "2026-02-28"))  # known 20 days after its end
    assert compared(one, Compare.YOY, asked("2026-02-01", "2026-02-28")).as_of == day("2025-03-20")
    assert compared(one, Compare.MOM, asked("2026-02-01", "2026-02-28")).as_of == day("2026-02-20")
    assert compared(one, Compare.YTD, asked("2026-02-01", "2026-02-28")).as_of == AS_OF


def test_spring_festival_in_one_window_only() -> None:
    festival = frozenset(day("2025-01-28") + timedelta(days=n) for n in range(7))
    festival |= frozenset(day("2026-02-16") + timedelta(days=n) for n in range(7))

    def month(text: str) -> Window:
        period = Period(day(f"{text}-01"), day(f"{text}-28"))
        return Window(period.start, period.start, period.end, AS_OF)

    assert festival_moves(month("2026-01"), month("2025-01"), festival)
    assert not festival_moves(month("2026-02"), month("2025-02"), festival)  # 1 to 3 February 2025
    assert festival_moves(month("2026-02"), month("2026-01"), festival)
    assert not festival_moves(month("2026-03"), month("2025-03"), festival)
    last, first = (
        Window(AS_OF, day("2026-02-22"), AS_OF, AS_OF),
        Window(AS_OF, day("2026-02-23"), AS_OF, AS_OF),
    )
    assert festival_moves(last, first, festival)  # the 22nd is its seventh day


def test_weekly_ends() -> None:
    assert past_ends(AS_OF, 3) == (day("2026-03-06"), day("2026-03-13"), AS_OF)

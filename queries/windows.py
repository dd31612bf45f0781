"""Which days a question speaks of: a period, calendar buckets or windows; and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from queries.errors import BadQuestion
from queries.question import Question
from queries.vocabulary import Compare, Grain, Period, bucket_end, bucket_start

MOST_WINDOWS = 800
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Days `start` to `end` under the label `label`, as known on `as_of`."""

    label: date
    start: date
    end: date
    as_of: date

    @property
    def opening(self) -> date:
        """The day before the window: stocks carried into it are read there."""
        return self.start - DAY

    def moved(self, period: Period) -> Window:
        """The window on `period` instead, known as long after its end as this one is after its own."""
        return Window(self.label, period.start, period.end, period.end + (self.as_of - self.end))


def windows(question: Question) -> tuple[Window, ...]:
    """The windows that the question's rows stand for: one, one per bucket, or one per trailing end.

    Raises BadQuestion for days of which nothing is known on the as-of date, and for too many buckets.
    """
    trailing, as_of = question.trailing, question.as_of
    begun = (question.period.start,) if trailing is None else trailing.ends
    if not begun or max(begun) > as_of:
        asked = f"{max(begun)}" if begun else "no day at all"
        raise BadQuestion(f"{asked} is asked for as known on {as_of}; ask for days up to that date")
    if trailing is not None:
        days, lag = timedelta(days=trailing.days - 1), timedelta(days=trailing.lag)
        found = tuple(Window(end, end - lag - days, end - lag, end) for end in trailing.ends)
    elif question.grain is not None:
        found = tuple(_buckets(question.period.clipped(as_of), question.grain, as_of))
    else:
        period = question.period.clipped(as_of)
        found = (Window(period.start, period.start, period.end, as_of),)
    if len(found) > MOST_WINDOWS:
        raise BadQuestion(f"{len(found)} time buckets are more than {MOST_WINDOWS}; choose a coarser grain")
    return found


def _buckets(period: Period, grain: Grain, as_of: date) -> Iterator[Window]:
    start = bucket_start(period.start, grain)
    while start <= period.end:
        end = bucket_end(start, grain)
        yield Window(start, max(start, period.start), min(end, period.end), as_of)
        start = end + DAY


def compared(window: Window, compare: Compare, question: Question) -> Window:
    """The window that `window`, one of `question`'s, is compared with.

    Same period last year: the same calendar days (ISO weeks: 52 weeks earlier). Preceding period: the
    bucket before, cut to as many days where this one is not complete; of a trailing window as many days
    before; else the calendar unit or the period of equal length before. Year to date: from 1 January of the
    window's last day.
    """
    period, grain = Period(window.start, window.end), question.grain
    match compare:
        case Compare.YTD:
            return Window(window.label, period.year_to_date().start, window.end, window.as_of)
        case Compare.YOY if grain is Grain.WEEK:
            year = timedelta(days=364)
            return window.moved(Period(window.start - year, window.end - year))
        case Compare.YOY:
            return window.moved(period.last_year())
        case Compare.MOM if question.trailing is not None:
            days = timedelta(days=period.days)
            return window.moved(Period(window.start - days, window.end - days))
        case Compare.MOM if grain is None:
            return window.moved(period.preceding())
        case Compare.MOM:
            return window.moved(_bucket_before(window, grain))


def _bucket_before(window: Window, grain: Grain) -> Period:
    start, end = bucket_start(window.start, grain), bucket_end(window.start, grain)
    before = Period(bucket_start(start - DAY, grain), start - DAY)
    if (window.start, window.end) == (start, end):
        return before
    first = before.start + (window.start - start)
    last = min(before.end, before.start + (window.end - start))
    return Period(min(first, last), last)


def festival_moves(window: Window, base: Window, festival: frozenset[date]) -> bool:
    """Whether only one of the two windows holds days of Spring Festival."""

    def holds(one: Window) -> bool:
        return any(one.start <= day <= one.end for day in festival)

    return holds(window) != holds(base)


def past_ends(as_of: date, weeks: int) -> tuple[date, ...]:
    """`weeks` days a week apart that end on `as_of`, oldest first."""
    return tuple(as_of - timedelta(weeks=back) for back in range(weeks - 1, -1, -1))

"""Items day by day over years, and what they let expect of the days after them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from queries.answer import Answer
from queries.execute import Warehouse
from queries.insights.expectation import Day, Expectation, expect
from queries.question import Filter, Question
from queries.vocabulary import Grain, Period, months_later

VOLUME = "cases_registered"
HISTORY_YEARS = 4
STRETCH = 700  # days asked for at a time
HORIZON = 130  # days ahead: three months and the rest of this one


def history(data_from: date, as_of: date) -> Period:
    """The days up to `as_of` that expectation is learnt from."""
    return Period(max(data_from, months_later(as_of, -12 * HISTORY_YEARS)), as_of)


def learnt(
    warehouse: Warehouse,
    days: Period,
    filters: tuple[Filter, ...],
    ask: Callable[[Question], Answer] | None = None,
) -> tuple[dict[date, int], Expectation | None]:
    """Items by day of `days`, and what they let expect of these and of HORIZON days after them.

    Nothing is expected where the days are too few, or their numbers are not told exactly. `ask` asks in place
    of the warehouse itself.
    """
    asked = ask or warehouse.ask
    counts: dict[date, int] = {}
    start = days.start
    while start <= days.end:
        end = min(days.end, start + timedelta(days=STRETCH - 1))
        frame = asked(
            Question((VOLUME,), Period(start, end), days.end, grain=Grain.DAY, filters=filters)
        ).frame
        counts |= {
            day: int(count) for day, count in zip(frame["bucket"], frame[VOLUME].fillna(0), strict=True)
        }
        start = end + timedelta(days=1)
    rows = warehouse.calendar(Period(days.start, days.end + timedelta(days=HORIZON)))
    calendar = [
        Day(
            row["day_on"] if type(row["day_on"]) is date else row["day_on"].date(),
            bool(row["is_workday"]),
            row["holiday"] if isinstance(row["holiday"], str) else None,
            bool(row["is_spring_festival"]),
        )
        for row in rows.to_dict("records")
    ]
    # days with hidden or stepped counts let nothing be expected
    is_exact = warehouse.is_exact(Question((VOLUME,), days, days.end, filters=filters))
    return counts, expect(counts, calendar) if is_exact and len(calendar) >= len(counts) else None

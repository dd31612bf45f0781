"""Days into buckets: which stretches a chart of days, weeks or months shows, and which lie ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from queries.vocabulary import Grain, Period, Text, bucket_end, bucket_start, months_later


@dataclass(frozen=True)
class Width:
    """A width of bucket: its name, how many whole ones are shown and forecast, words for one and its rate."""

    grain: Grain
    name: Text
    shown: int
    ahead: int
    each: Text
    rate: Text


WIDTHS = {
    width.grain.value: width
    for width in (
        Width(Grain.DAY, Text("按日", "Daily"), 91, 28, Text("当日", "Day of"), Text("每日", "a day")),
        Width(Grain.WEEK, Text("按周", "Weekly"), 52, 8, Text("起一周", "Week of"), Text("每周", "a week")),
        Width(
            Grain.MONTH, Text("按月", "Monthly"), 24, 3, Text("起一月", "Month of"), Text("每月", "a month")
        ),
    )
}
NAMES = {key: width.name for key, width in WIDTHS.items()}


def whole(width: Width, first: date, as_of: date) -> tuple[Period, ...]:
    """The last whole buckets up to `as_of`, none of which begins before `first`."""
    found: list[Period] = []
    end = bucket_start(as_of + timedelta(days=1), width.grain) - timedelta(days=1)
    while len(found) < width.shown:
        start = bucket_start(end, width.grain)
        if start < first:
            break
        found.append(Period(start, end))
        end = start - timedelta(days=1)
    return tuple(reversed(found))


def ahead(width: Width, as_of: date) -> tuple[Period, ...]:
    """The buckets to forecast: the one that `as_of` has begun, if any, and those after it."""
    found: list[Period] = []
    start = bucket_start(as_of + timedelta(days=1), width.grain)
    while len(found) < width.ahead:
        end = bucket_end(start, width.grain)
        found.append(Period(start, end))
        start = end + timedelta(days=1)
    return tuple(found)


def last_year(period: Period, grain: Grain) -> Period:
    """The bucket a year earlier: months by name, days and weeks 52 weeks before, so on the same weekdays."""
    if grain is Grain.MONTH:
        start = months_later(period.start, -12)
        return Period(start, bucket_end(start, grain))
    return Period(period.start - timedelta(days=364), period.end - timedelta(days=364))


def preceding(period: Period, grain: Grain) -> Period:
    """The bucket before."""
    end = period.start - timedelta(days=1)
    return Period(bucket_start(end, grain), end)


def counted(counts: Mapping[date, int], period: Period) -> int | None:
    """What was counted in `period`; None where a day of it is not known."""
    days = [period.start + timedelta(days=at) for at in range(period.days)]
    return sum(counts[day] for day in days) if all(day in counts for day in days) else None

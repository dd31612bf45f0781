"""Which bulletin it is: weekly, monthly or quarterly, of which period, under which number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from queries.errors import BadEdition
from queries.vocabulary import Grain, Period, Text, bucket_end, bucket_start


class Kind(StrEnum):
    """How often a bulletin comes out."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


GRAINS = {Kind.WEEKLY: Grain.WEEK, Kind.MONTHLY: Grain.MONTH, Kind.QUARTERLY: Grain.QUARTER}
_SPELLINGS = {
    Kind.WEEKLY: (re.compile(r"(\d{4})-W(\d{2})"), "2026-W44"),
    Kind.MONTHLY: (re.compile(r"(\d{4})-(\d{2})"), "2026-10"),
    Kind.QUARTERLY: (re.compile(r"(\d{4})-Q([1-4])"), "2026-Q3"),
}
_NUMBERS = {
    Kind.WEEKLY: Text("晴雨周报〔{year}〕第 {place} 期", "Qingyu Weekly [{year}] No. {place}"),
    Kind.MONTHLY: Text("晴雨月报〔{year}〕第 {place} 期", "Qingyu Monthly [{year}] No. {place}"),
    Kind.QUARTERLY: Text("晴雨季报〔{year}〕第 {place} 期", "Qingyu Quarterly [{year}] No. {place}"),
}
_NAMES = {
    Kind.WEEKLY: Text("{year}年第{place}周", "Week {place} of {year}"),
    Kind.MONTHLY: Text("{year}年{place}月", "{start:%B %Y}"),
    Kind.QUARTERLY: Text("{year}年第{place}季度", "Q{place} {year}"),
}


@dataclass(frozen=True)
class Edition:
    """One bulletin's place in time; the number is our own: the week, month or quarter of its year."""

    kind: Kind
    period: Period

    @property
    def year(self) -> int:
        """The year it counts in; of a week the year that ISO 8601 gives it."""
        return self.period.start.isocalendar().year if self.kind is Kind.WEEKLY else self.period.start.year

    @property
    def place(self) -> int:
        """Which of its year it is, from 1."""
        start = self.period.start
        match self.kind:
            case Kind.WEEKLY:
                return start.isocalendar().week
            case Kind.MONTHLY:
                return start.month
            case Kind.QUARTERLY:
                return (start.month + 2) // 3

    @property
    def is_over(self) -> bool:
        """Whether the period is whole; one that still runs is cut at the end of the data."""
        return self.period.end == bucket_end(self.period.start, GRAINS[self.kind])

    @property
    def number(self) -> Text:
        """编号: 晴雨月报〔2026〕第 10 期."""
        return _NUMBERS[self.kind].with_(year=self.year, place=self.place)

    @property
    def name(self) -> Text:
        """The period in words: 2026年10月."""
        return _NAMES[self.kind].with_(year=self.year, place=self.place, start=self.period.start)

    @property
    def key(self) -> str:
        """The period as it is spelled on the command line: 2026-W44, 2026-10, 2026-Q3."""
        letter = {Kind.WEEKLY: "W", Kind.MONTHLY: "", Kind.QUARTERLY: "Q"}[self.kind]
        width = 1 if self.kind is Kind.QUARTERLY else 2
        return f"{self.year}-{letter}{self.place:0{width}d}"


def edition(kind: Kind, key: str) -> Edition:
    """The edition spelled `key` (2026-W44, 2026-10, 2026-Q3); raises BadEdition with the right spelling."""
    pattern, example = _SPELLINGS[kind]
    found = pattern.fullmatch(key)
    fault = BadEdition(f"{key!r} is no period of a {kind} bulletin; spell it like {example}.")
    if found is None:
        raise fault
    year, place = int(found[1]), int(found[2])
    try:
        if kind is Kind.WEEKLY:
            day = date.fromisocalendar(year, place, 1)
        else:
            day = date(year, place if kind is Kind.MONTHLY else 3 * place - 2, 1)
    except ValueError as error:
        raise fault from error
    return _holding(kind, day)


def latest(kind: Kind, as_of: date) -> Edition:
    """The last edition whose period is over on `as_of`."""
    here = _holding(kind, as_of)
    if here.period.end <= as_of:
        return here
    return _holding(kind, here.period.start - timedelta(days=1))


def editions(kind: Kind, data_from: date, as_of: date) -> tuple[Edition, ...]:
    """All whose period begins in the data, latest first; one that still runs ends on `as_of` here."""
    found = []
    one = _holding(kind, as_of)
    while one.period.start >= data_from:
        found.append(Edition(kind, one.period.clipped(as_of)))
        one = _holding(kind, one.period.start - timedelta(days=1))
    return tuple(found)


def _holding(kind: Kind, day: date) -> Edition:
    grain = GRAINS[kind]
    return Edition(kind, Period(bucket_start(day, grain), bucket_end(day, grain)))

"""What happens in the demo city and when: the one place that holds its dates, sizes and shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# Magnitudes of the real city at its full scale, as published or reported.
FULL_CASES = 33_000_000
YEARS = 3
PETITIONS_A_YEAR = 60_000
VISITS_A_YEAR = 2_500
BACKLOG_ITEMS = 1_876
MAJOR_ISSUES = 200

# Share of the items that open a matter, and how much less for each petition among them, which return more
# often; the rest are returns of the same person with the same matter.
ROOT_SHARE = 0.92
ROOTS_LOST = 0.09
OPINION_SHARE = 0.015
PETITION_SHARE_MOST = 0.25
PETITIONS_KEPT = 0.92  # petitions per hundred matters for each per hundred items
VISIT_SHARE_MOST = 0.10  # of petitions
LETTER_SHARE = 0.04  # of petitions
OFFLINE_SHARE = 0.19  # of petitions: visits, letters and calls together


@dataclass(frozen=True)
class Story:
    """The plan of one demo city; `first` and `until` are the first and last day of its data."""

    cases: int
    seed: int
    until: date

    @property
    def first(self) -> date:
        """The day after the same date `YEARS` years before `until` (28 February for a leap day)."""
        day = min(self.until.day, 28) if self.until.month == 2 else self.until.day
        return self.until.replace(year=self.until.year - YEARS, day=day) + timedelta(1)

    @property
    def end(self) -> datetime:
        """The last second of the data."""
        return datetime.combine(self.until, time(23, 59, 59))

    @property
    def pilot(self) -> date:
        """The first day of 1-4-20, which truly changes the data: a month's first, eight months back."""
        months = self.until.year * 12 + self.until.month - 1 - 7
        return date(months // 12, months % 12 + 1, 1)

    @property
    def drive(self) -> date:
        """From this day on repeat petitions fall, for the seven weeks up to `until`."""
        return self.until - timedelta(49)

    @property
    def days(self) -> int:
        """Number of days of data."""
        return (self.until - self.first).days + 1

    @property
    def roots(self) -> int:
        """How many matters are drawn at first; a little too many, for the surplus is trimmed."""
        return round(self.cases * (ROOT_SHARE - ROOTS_LOST * self.petition_share))

    @property
    def petition_share(self) -> float:
        """Share of petitions among matters: a quarter of all items, but never more than the city's number.

        Petitions return more often than hotline items, so among matters their share is smaller.
        """
        return PETITIONS_KEPT * min(PETITION_SHARE_MOST, PETITIONS_A_YEAR * YEARS / self.cases)

    @property
    def visit_share(self) -> float:
        """Share of visits among petitions: a tenth, but never more than the city's yearly number."""
        petitions = self.petition_share * self.cases
        return min(VISIT_SHARE_MOST, VISITS_A_YEAR * YEARS / petitions)

    @property
    def full_scale(self) -> float:
        """Stored cases ÷ cases of the real city."""
        return self.cases / FULL_CASES

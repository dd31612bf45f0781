"""What happens in the demo city and when: the one place that holds its dates, sizes and shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# Magnitudes of the real city at its full scale, as published or reported (see BOARDS and METRICS in the docs).
FULL_CASES = 33_000_000
YEARS = 3
PETITIONS_A_YEAR = 60_000
VISITS_A_YEAR = 2_500
BACKLOG_ITEMS = 1_876
MAJOR_ISSUES = 200

# Shares of the items that open a matter; the rest are returns of the same person with the same matter.
ROOT_SHARE = 0.915
OPINION_SHARE = 0.015
PETITION_SHARE_MOST = 0.25
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
        """The first day of 1-4-20: the policy event that truly changes the data; a month's first, 8 months back."""
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
        """How many matters are drawn; a little too many, so that trimming gives exactly `cases` items."""
        return round(self.cases * ROOT_SHARE) + 20

    @property
    def petition_share(self) -> float:
        """Share of petitions among matters: a quarter, but never more than the city's yearly number."""
        return min(PETITION_SHARE_MOST, PETITIONS_A_YEAR * YEARS / self.cases)

    @property
    def visit_share(self) -> float:
        """Share of visits among petitions: a tenth, but never more than the city's yearly number."""
        return min(VISIT_SHARE_MOST, VISITS_A_YEAR * YEARS / (self.petition_share * self.cases))

    @property
    def full_scale(self) -> float:
        """Stored cases ÷ cases of the real city."""
        return self.cases / FULL_CASES

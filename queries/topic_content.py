"""The values that a report on a topic 专题分析 is made of, and their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from queries.daily_counts import VOLUME
from queries.insights.key_points import KeyPoint
from queries.issued import Line, fingerprint, written
from queries.topic_cases import CaseInPoint, Shown
from queries.vocabulary import Period, Text

SCALE = (VOLUME, "first_time_cases", "people_registered", "cases_per_10k")
HANDLING = (
    *("repeat_share", "return_rate_30", "accepted_on_time", "replied_on_time", "mean_days"),
    *("first_time_resolution", "satisfaction", "participation"),
)
UNIT_RATES = ("replied_on_time", "first_time_resolution", "repeat_share")


class Basis(StrEnum):
    """What the limits of the trend come from."""

    CALENDAR = "calendar"  # what weekday, holiday, season and trend let expect (95 %)
    CONTROL = "control"  # an XmR chart of the buckets themselves
    NONE = "none"  # too few days, or numbers that the reader is not told exactly


@dataclass(frozen=True)
class Measure:
    """A metric of the topic beside the same of all items of the place."""

    topic: Line
    every: Line


@dataclass(frozen=True)
class Step:
    """One stretch of the trend; NaN where a number is not told or nothing is expected."""

    start: date
    end: date
    count: float
    before: float
    expected: float
    low: float
    high: float
    signals: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """The items of the topic in one member of a split; `share` is that of the topic's items."""

    member: int
    name: Text
    value: float
    share: float
    yoy_base: float
    yoy: float
    mom: float


@dataclass(frozen=True)
class Division:
    """The parts of the topic by one dimension, most first."""

    split: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Place:
    """A district or street: `rate` per 10 000 residents, `within` the topic's share of all its items."""

    part: Part
    rate: float
    every: float
    within: float
    stands_out: bool


@dataclass(frozen=True)
class Places:
    """The places of one level: districts in the order of their items, of streets the first few.

    `told` is how many there are in all.
    """

    split: str
    rows: tuple[Place, ...]
    told: int


@dataclass(frozen=True)
class Rated:
    """A rate with what it divides."""

    metric: str
    value: float
    numerator: float
    denominator: float


@dataclass(frozen=True)
class UnitRow:
    """A handling unit: its items of the topic and how it handled them."""

    member: int
    name: Text
    value: float
    rates: tuple[Rated, ...]


@dataclass(frozen=True)
class TopicReport:
    """All that a report says, before words and layout.

    `districts` are codes, none for the whole city. `rank` is the topic's place by items among the `among`
    categories of its level, None where it is not told. `units_of` and `cases_of` say of which items units and
    cases are; nobody is named for a number with a random step in it. `is_exact` is whether every number
    stands as it is for its reader.
    """

    path: tuple[Text, ...]
    code: str
    place: tuple[Text, ...]
    districts: tuple[str, ...]
    period: Period
    grain: str
    as_of: date
    city: Text
    version: str
    is_demo: bool
    is_exact: bool
    policy: Mapping[str, str]
    points: tuple[KeyPoint, ...]
    rank: int | None
    among: int
    share: float
    share_before: float
    scale: tuple[Measure, ...]
    basis: Basis
    trend: tuple[Step, ...]
    structure: tuple[Division, ...]
    places: tuple[Places, ...]
    units_of: Shown
    units: tuple[UnitRow, ...]
    handling: tuple[Measure, ...]
    cases_of: Shown
    cases: tuple[CaseInPoint, ...]
    notes: tuple[Text, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the definitions and limits that it follows, the first 12 digits."""
        return fingerprint(self.policy)

    @property
    def count(self) -> float:
        """The items of the topic; NaN where they are too few to be told."""
        return self.scale[0].topic.value

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it came, or nothing at all; of a count too small to be told that is not said."""
        return self.count == 0 or self.scale[0].every.value == 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of every metric that appears."""
        return (*SCALE, *HANDLING)


def canonical(one: TopicReport) -> bytes:
    """The report as JSON that is the same for the same content."""
    told = {field.name: getattr(one, field.name) for field in fields(one)}
    return written({"fingerprint": one.fingerprint, **told})

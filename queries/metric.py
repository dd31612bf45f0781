"""The declaration of a metric: what is divided by what, on which clock, for whom, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from sqlalchemy import Column, ColumnElement, Table

from queries.vocabulary import Direction, Measurement, Rounding, Text
from warehouse.measures import Measure


class Source(StrEnum):
    """Where a definition comes from."""

    LAW = "L"  # law or published rule
    PRACTICE = "P"  # running systems, published bulletins
    OWN = "O"  # 自定义口径: ours, and the screen says so


class Point(StrEnum):
    """Which end of the period a stock is read at."""

    CLOSING = "closing"
    OPENING = "opening"


@dataclass(frozen=True, eq=False)
class Term:
    """One measure with its weight in a sum; a stock also says at which end of the period it is read."""

    measure: Measure
    weight: Fraction = Fraction(1)
    point: Point = Point.CLOSING


@dataclass(frozen=True, eq=False)
class Population:
    """The residents of the regions split by, as a denominator: per 10 000, per 100 000."""

    per: int


@dataclass(frozen=True, eq=False)
class Ratio:
    """Σ of weighted measures ÷ Σ of weighted measures or residents; without a denominator simply the sum."""

    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...] | Population | None = None


@dataclass(frozen=True, eq=False)
class Product:
    """The product of two ratios (satisfaction V3)."""

    first: Ratio
    second: Ratio


@dataclass(frozen=True, eq=False)
class Quantile:
    """Exact quantile of a duration over the rows of a clock, in days; the denominator is their number."""

    table: Table
    clock: Column[object]
    start: ColumnElement[object]
    end: ColumnElement[object]
    level: Fraction
    where: ColumnElement[bool]


@dataclass(frozen=True, eq=False)
class Persons:
    """Distinct persons with at least `at_least` items among the rows of a clock."""

    table: Table
    clock: Column[object]
    person: Column[object]
    at_least: int


@dataclass(frozen=True, eq=False)
class Concentration:
    """Items of the busiest `top` share of persons ÷ items of all persons."""

    table: Table
    clock: Column[object]
    person: Column[object]
    top: Fraction


@dataclass(frozen=True, eq=False)
class ClearedWeeks:
    """ISO weeks in which every item due had been cleared by the week's end ÷ weeks with something due."""

    table: Table
    due: Column[object]
    done: Column[object]


@dataclass(frozen=True, eq=False)
class Survival:
    """Kaplan–Meier probability that a case closed in the period has come back within `days`.

    Cases that have not come back are censored at the as-of date.
    """

    table: Table
    clock: Column[object]
    back: Column[object]
    where: ColumnElement[bool]
    days: int


Formula = Ratio | Product | Quantile | Persons | Concentration | ClearedWeeks | Survival


@dataclass(frozen=True, eq=False)
class Metric:
    """One metric of the dictionary; adding one touches the file of its subject and nothing else.

    `key` is the variable, the column and the test id. `name` includes no variant; `variant` names it where
    several live side by side. `population` and `formula_text` are printed on the definitions board.
    The tests demand a number worked out by hand for each (tests/queries/metrics).
    """

    key: str
    subject: str
    name: Text
    formula: Formula
    formula_text: Text
    clock: Text
    population: Text
    why: Text
    unit: Text
    measurement: Measurement
    direction: Direction
    source: Source
    reference: str
    decimals: int = 2
    rounding: Rounding = Rounding.HALF_UP
    min_n: int = 1
    variant: Text | None = None
    matures_after_days: int = 0
    notes: tuple[Text, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.key.isidentifier() or self.key != self.key.lower():
            raise ValueError(f"a metric key is a lower-case identifier, got {self.key!r}")

    @property
    def full_name(self) -> Text:
        """Name with its variant."""
        if self.variant is None:
            return self.name
        return Text(f"{self.name.zh}({self.variant.zh})", f"{self.name.en} ({self.variant.en})")


def terms(*measures: Measure) -> tuple[Term, ...]:
    """Unit-weight terms of a sum."""
    return tuple(Term(measure) for measure in measures)

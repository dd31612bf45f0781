"""What a report on a topic 专题分析 can be about: a category of any level, in which districts, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from queries.errors import BadQuestion, did_you_mean
from queries.execute import Warehouse
from queries.question import Filter
from queries.vocabulary import Grain, Period, Text

# The levels of the category tree, each inside the one before it.
LEVELS = tuple(f"category{level}" for level in range(1, 6))


@dataclass(frozen=True)
class Category:
    """A category: its code, its level as a filter, and its names from the first level down to its own."""

    code: str
    filter: Filter
    path: tuple[Text, ...]

    @property
    def name(self) -> Text:
        """Its own name."""
        return self.path[-1]

    @property
    def member(self) -> int:
        """Its key."""
        return int(self.filter.members[0])

    @property
    def dimension(self) -> str:
        """The dimension that it is a member of."""
        return self.filter.dimension

    @property
    def below(self) -> str:
        """The dimension of the next level; empty for the last one."""
        place = LEVELS.index(self.dimension) + 1
        return LEVELS[place] if place < len(LEVELS) else ""


@dataclass(frozen=True)
class Topic:
    """What one report is about.

    `districts` are keys, none for the whole city. `buckets` are the whole stretches of one `grain` that its
    trend shows, oldest first; none of them ends after the period.
    """

    category: Category
    districts: tuple[int, ...]
    period: Period
    grain: Grain
    buckets: tuple[Period, ...]

    @property
    def here(self) -> tuple[Filter, ...]:
        """The filter of the place alone."""
        return (Filter("district", self.districts),) if self.districts else ()

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters of place and category."""
        return (*self.here, self.category.filter)


def categories(warehouse: Warehouse) -> Mapping[str, Category]:
    """Every category by its code, each before those inside it."""
    by_key: dict[int, Category] = {}
    for level in LEVELS:
        for row in warehouse.members(level).to_dict("records"):
            name, above = Text(row["name_zh"], row["name_en"]), by_key.get(int(row["parent_id"]))
            path = (*(above.path if above is not None else ()), name)
            key = int(row["id"])
            by_key[key] = Category(str(row["code"]), Filter(level, (key,)), path)
    return {one.code: one for one in sorted(by_key.values(), key=lambda one: one.code)}


def category(warehouse: Warehouse, code: str) -> Category:
    """The category of that code; raises BadQuestion with the nearest codes."""
    known = categories(warehouse)
    if code not in known:
        raise BadQuestion(f"No category has the code {code!r}; {did_you_mean(code, known)}")
    return known[code]

"""What changed between two bulletins of one period, cell by cell, and why: data, as-of date, or policy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from queries.errors import BadEdition
from queries.vocabulary import Text

Cell = str | float | None

_LINE = ("value", "numerator", "denominator", "yoy", "mom")
_ENTRY = ("value", "numerator", "denominator", "volume", "before", "rank", "rank_before")
_UNDONE = ("late", "numerator", "denominator")


class Section(StrEnum):
    """Which table of a bulletin a cell stands in."""

    CITY = "city"
    RANKS = "ranks"
    LISTS = "lists"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Change:
    """One cell that differs; `member` is the district, unit or peer group, "" for the whole city.

    None stands for a cell that only one of the two has, or that has no value in it.
    """

    section: Section
    metric: str
    member: str
    column: str
    before: Cell
    after: Cell


@dataclass(frozen=True)
class Changes:
    """Why two bulletins differ and where: pairs are (before, after), None where both are alike.

    `held` are the counts of what each version holds up to its as-of date, where they differ, by metric;
    `policy` the values in force, where they differ, by dotted name.
    """

    as_of: tuple[str, str] | None
    version: tuple[str, str] | None
    held: Mapping[str, tuple[float, float]]
    policy: Mapping[str, tuple[str | None, str | None]]
    cells: tuple[Change, ...]
    names: Mapping[str, Text]

    @property
    def none(self) -> bool:
        """Whether the two say the same; the version alone may differ."""
        return not (self.as_of or self.held or self.policy or self.cells)


def read_bulletin_file(written: bytes, name: str) -> dict[str, Any]:
    """A bulletin that `canonical` wrote; raises BadEdition naming the file where it is none."""
    fault = BadEdition(f"{name} is no bulletin; name a JSON file that this command wrote.")
    try:
        found = json.loads(written)
    except ValueError as error:
        raise fault from error
    if not isinstance(found, dict) or not {"edition", "period", "lines", "leagues", "policy"} <= found.keys():
        raise fault
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What differs between two bulletins as read by `read_bulletin_file`.

    Raises BadEdition for bulletins of different periods or cities: there is nothing to lay side by side.
    """
    for key in ("period", "city"):
        if before[key] != after[key]:
            raise BadEdition(
                "the two are bulletins of different periods or cities; compare two of the same one."
            )
    first, second = dict(_cells(before)), dict(_cells(after))
    cells = tuple(
        Change(*place, first.get(place), second.get(place))
        for place in dict.fromkeys((*first, *second))
        if first.get(place) != second.get(place)
    )
    policies = before["policy"], after["policy"]
    return Changes(
        as_of=_pair(before["as_of"], after["as_of"]),
        version=_pair(before["version"], after["version"]),
        held={
            key: (before["holds"].get(key, 0), after["holds"].get(key, 0))
            for key in {**before["holds"], **after["holds"]}
            if before["holds"].get(key) != after["holds"].get(key)
        },
        policy={
            key: (policies[0].get(key), policies[1].get(key))
            for key in sorted({**policies[0], **policies[1]})
            if policies[0].get(key) != policies[1].get(key)
        },
        cells=cells,
        names={zh: Text(zh, en) for one in (before, after) for zh, en in _names(one)},
    )


def _pair(before: str, after: str) -> tuple[str, str] | None:
    return None if before == after else (before, after)


def _cells(one: Mapping[str, Any]) -> Iterator[tuple[tuple[Section, str, str, str], Cell]]:
    for line in one["lines"]:
        yield from (((Section.CITY, line["metric"], "", column), line[column]) for column in _LINE)
    regions = {}
    for league in one["leagues"]:
        for entry in league["entries"]:
            name = regions[entry["region"]] = entry["name"]["zh"]
            yield from (
                ((Section.RANKS, league["measure"], name, column), entry[column]) for column in _ENTRY
            )
    for roll in one["rolls"]:
        for group in roll["groups"]:
            for column in ("red", "black"):
                listed = "、".join(regions[key] for key in group[column])
                yield (Section.LISTS, roll["metric"], group["group"], column), listed
    for table in one["overdue"]:
        for row in table["rows"]:
            name = row["name"]["zh"]
            yield from (((Section.OVERDUE, table["metric"], name, column), row[column]) for column in _UNDONE)


def _names(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for rows in (
        *(league["entries"] for league in one["leagues"]),
        *(table["rows"] for table in one["overdue"]),
    ):
        yield from ((row["name"]["zh"], row["name"]["en"]) for row in rows)

"""The only file that turns the words of a source into members of dimensions, or adds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, func, select

from warehouse import frames, reference
from warehouse.cities import City
from warehouse.ingest.mapping import Column
from warehouse.people import mask_numbers
from warehouse.schema import NOT_STATED, ListLevel, RegionLevel, category, source, unit

DEEPEST = 5  # levels of categories
_PATH = " > "

Ids = NDArray[np.int64]
Ancestors = tuple[int, int, int, int]  # keys of a category's levels 1 to 4, itself included


class Regions:
    """The city's regions; a name is looked up inside the region above it, as names repeat."""

    def __init__(self, city: City) -> None:
        regions = city.regions
        self._inside: dict[tuple[int, str], int] = {}
        self._anywhere: dict[tuple[int, str], set[int]] = {}
        self._parent = dict(zip(regions["region_id"], regions["parent_id"], strict=True))
        for row in regions[regions["level"] > RegionLevel.CITY].to_dict("records"):
            for name in {str(row[name]).casefold() for name in ("code", "name_zh", "name_en") if row[name]}:
                self._inside[int(row["parent_id"]), name] = int(row["region_id"])
                self._anywhere.setdefault((int(row["level"]), name), set()).add(int(row["region_id"]))
        self.city_id = int(regions.loc[regions["level"] == RegionLevel.CITY, "region_id"].iloc[0])

    def find(
        self, district: str | None, street: str | None, village: str | None
    ) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
        """Return the ids of the three levels, and for each whether a word was given that names no region.

        A street without its district is found when the city has only one of that name, and brings its
        district along; a village likewise.
        """
        found, unknown = [NOT_STATED] * 3, [False] * 3
        above = self.city_id
        levels = (RegionLevel.DISTRICT, RegionLevel.STREET, RegionLevel.VILLAGE)
        for index, (level, word) in enumerate(zip(levels, (district, street, village), strict=True)):
            if word is not None:
                found[index] = self._one(level, word.casefold(), above, found[0])
                unknown[index] = found[index] == NOT_STATED
            above = found[index]
        for index in (1, 0):
            if found[index] == NOT_STATED and found[index + 1] != NOT_STATED:
                found[index] = self._parent[found[index + 1]]
        return (found[0], found[1], found[2]), (unknown[0], unknown[1], unknown[2])

    def _one(self, level: RegionLevel, name: str, above: int, district: int) -> int:
        if above != NOT_STATED:
            return self._inside.get((above, name), NOT_STATED)
        candidates = [
            key
            for key in self._anywhere.get((level, name), ())
            if district in (NOT_STATED, self._parent[self._parent[key]])
        ]
        return candidates[0] if len(candidates) == 1 else NOT_STATED

    def district_named_by(self, name: str) -> int:
        """Return the district with whose name `name` begins (西湖区城管局 → 西湖区), else 0."""
        for length in range(min(len(name), 12), 1, -1):
            found = self._inside.get((self.city_id, name[:length].casefold()))
            if found is not None:
                return found
        return NOT_STATED


class Open:
    """Sources, categories and units: what the warehouse holds already, and what a file adds to it."""

    def __init__(self, connection: Connection, regions: Regions, taxonomy: str) -> None:
        self._regions, self._taxonomy = regions, taxonomy
        self._known = {table.name: _codes(connection, table) for table in (source, category, unit)}
        self._added: dict[str, list[dict[Hashable, object]]] = {name: [] for name in self._known}
        self._ancestors: dict[int, Ancestors] = {
            int(row[0]): (int(row[1]), int(row[2]), int(row[3]), int(row[4]))
            for row in connection.execute(
                select(
                    category.c.category_id,
                    category.c.category1_id,
                    category.c.category2_id,
                    category.c.category3_id,
                    category.c.category4_id,
                )
            )
        }

    def sources(self, names: Sequence[str | None], channels: Ids) -> Ids:
        """Return the key of each source; a new one belongs to the channel of the first row that names it."""
        return np.array(
            [self._source(name, int(channel)) for name, channel in zip(names, channels, strict=True)],
            dtype=np.int64,
        )

    def categories(self, paths: Sequence[tuple[str, ...]]) -> tuple[Ids, Ids, Ids]:
        """Return the key of each path's last level, and the keys of its levels 1 and 2."""
        known = {path: self._category(path) for path in dict.fromkeys(paths)}
        keys = np.array([known[path] for path in paths], dtype=np.int64)
        first = np.array([self._ancestors[int(key)][0] for key in keys], dtype=np.int64)
        second = np.array([self._ancestors[int(key)][1] for key in keys], dtype=np.int64)
        return keys, first, second

    def units(self, names: Sequence[str | None], parents: Sequence[str | None], levels: Ids) -> Ids:
        """Return the key of each unit; a row that names only the parent belongs to the parent."""
        triples = list(zip(names, parents, levels.tolist(), strict=True))
        known = {
            (name, parent, level): self._unit(name, self._unit(parent, NOT_STATED, ListLevel.CITY), level)
            for name, parent, level in dict.fromkeys(triples)
        }
        return np.array([known[triple] for triple in triples], dtype=np.int64)

    def save(self, connection: Connection) -> None:
        """Write the added members to their tables."""
        for table in (source, category, unit):
            if rows := self._added[table.name]:
                frames.append(connection, table, pd.DataFrame(rows))

    def _source(self, name: str | None, channel_id: int) -> int:
        if name is None:
            return NOT_STATED
        return self._member("source", name, {"name_zh": name, "name_en": name, "channel_id": channel_id})

    def _category(self, path: tuple[str, ...]) -> int:
        parent, above = NOT_STATED, (NOT_STATED,) * 4
        for level, name in enumerate(path, start=1):
            code = _PATH.join(path[:level])
            key = self._known["category"].get(code)
            if key is None:
                key = self._next("category")
                # Below its own level a category repeats itself.
                kept = above[: level - 1]
                self._ancestors[key] = _four((*kept, *(key,) * (4 - len(kept))))
                self._member("category", code, self._category_row(name, level, parent, key))
            parent, above = key, self._ancestors[key]
        return parent

    def _category_row(self, name: str, level: int, parent: int, key: int) -> dict[str, object]:
        ancestors = {f"category{number}_id": one for number, one in enumerate(self._ancestors[key], start=1)}
        return {
            "level": level,
            "parent_id": parent,
            "name_zh": name,
            "name_en": name,
            **ancestors,
            "taxonomy": self._taxonomy,
        }

    def _unit(self, name: str | None, parent_id: int, level: int) -> int:
        if name is None:
            return parent_id
        return self._member(
            "unit",
            name if parent_id == NOT_STATED else f"{parent_id}{_PATH}{name}",
            {
                "name_zh": name,
                "name_en": name,
                "level": level,
                "parent_id": parent_id,
                "district_id": self._regions.district_named_by(name),
                "peer_group": ListLevel(level).name.lower(),
            },
        )

    def _member(self, table: str, code: str, row: Mapping[str, object]) -> int:
        known = self._known[table]
        key = known.get(code)
        if key is None:
            key = known[code] = self._next(table)
            added: dict[Hashable, object] = {f"{table}_id": key, "code": code}
            self._added[table].append(added | dict(row))
        return key

    def _next(self, table: str) -> int:
        return max(self._known[table].values(), default=NOT_STATED) + 1


def bare_dimensions(connection: Connection) -> None:
    """Fill a new warehouse with the shared members and the member 未明确 of the dimensions that grow."""
    reference.load_reference(connection)
    stated = {"code": "not_stated", "name_zh": "未明确", "name_en": "Not stated"}
    zero = dict.fromkeys(("level", "parent_id", "channel_id", "district_id"), NOT_STATED)
    ancestors = {f"category{level}_id": NOT_STATED for level in range(1, 5)}
    for table in (source, category, unit):
        row = {
            **stated,
            **zero,
            **ancestors,
            "peer_group": "",
            "taxonomy": "",
            f"{table.name}_id": NOT_STATED,
        }
        names = [column.name for column in table.columns]
        frames.append(connection, table, pd.DataFrame([{name: row[name] for name in names}]))


def listed(
    words: pd.Series[str], column: Column, unlisted: dict[str, Counter[str]]
) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Translate the words of an open dimension; say where a word is not listed, unless all may be added.

    Names of things do not hold numbers of persons, so seven digits in a row are masked.
    """
    meant = words.map({word: mask_numbers(column.values.get(word, word)) for word in words.dropna().unique()})
    if column.default is not None:
        known = set(column.values.values())
        meant = meant.where(meant.isin(list(known)), column.default)
        return meant, words.isna() & False
    if column.unknown == "add":
        return meant, words.isna() & False
    wrong = meant.notna() & ~meant.isin(list(column.values.values()))
    if wrong.any():
        unlisted.setdefault(column.target, Counter()).update(meant[wrong].to_list())
    return meant.mask(wrong), wrong


def _four(keys: tuple[int, ...]) -> Ancestors:
    return keys[0], keys[1], keys[2], keys[3]


def _codes(connection: Connection, table: Table) -> dict[str, int]:
    key = table.c[f"{table.name}_id"]
    return {str(code): int(one) for one, code in connection.execute(select(key, table.c.code))}


def largest(connection: Connection, table: Table, key: str) -> int:
    """Return the largest value of the column `key`, 0 when the table is empty."""
    return int(connection.execute(select(func.coalesce(func.max(table.c[key]), 0))).scalar_one())

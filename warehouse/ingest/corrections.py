"""The only file that changes what an item of `cases` says, and keeps what it said before.

A row whose key is known and whose content is not is the item's newer state: the item takes it over, and the
values that it replaces go to `case_history`. What a file has no column for stays as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, insert, select

from warehouse.changes import Changes
from warehouse.engines import duckdb
from warehouse.engines.transfer import arrow_schema
from warehouse.ingest.mapping import Mapping as SourceMapping
from warehouse.ingest.members import largest
from warehouse.ingest.rows import CLOCKS, DUE
from warehouse.matters import LINKED
from warehouse.schema import case_history, cases

# An item keeps its key and the batch that first brought it; its links are computed anew after every load.
_OURS = {"case_id", "batch_id", *LINKED}
_PLACE = ("district", "street", "village")
_CATEGORY = ("category", "category1", "category2", "category3", "category4")
_PERSON = ("person_identity", "person_phone", "person_name")
# Which canonical columns a stored one is made from, where that is not its own name or its clock's.
_MADE_FROM: Mapping[str, tuple[str, ...]] = {
    "source_id": ("source",),
    "channel_id": ("channel",),
    "is_petition": ("channel",),
    "is_online": ("channel",),
    "purpose_id": ("purpose",),
    "unit_id": ("unit", "unit_parent"),
    **dict.fromkeys(("category_id", "category1_id", "category2_id"), _CATEGORY),
    **dict.fromkeys(("district_id", "street_id", "village_id"), _PLACE),
    **dict.fromkeys(("person_key", "matter_key"), _PERSON),
    "is_collective": ("is_collective", "people"),
    "is_skip_level": ("is_skip_level", "visited_level"),
    "h3": ("lon",),
}
# Rows on their way, as DuckDB sees them: registered from memory.
_replaced = case_history.to_metadata(MetaData(), name="replaced")
_NEWER = "newer"


def told_by(mapping: SourceMapping) -> tuple[str, ...]:
    """Return the columns of `cases` that files of this mapping say something about."""
    given = {*mapping.columns, *(DUE if mapping.deadlines else ())}
    return tuple(
        one.name
        for one in cases.columns
        if one.name not in _OURS
        and given.intersection(_MADE_FROM.get(one.name, (CLOCKS.get(one.name, one.name),)))
    )


class Corrections:
    """Takes newer states of items over into `cases`, and what they replace into `case_history`."""

    def __init__(
        self, connection: Connection, batch_id: int, told: tuple[str, ...], now: datetime, changes: Changes
    ) -> None:
        """`told` are the columns that rows may change; `now` is the city's wall clock."""
        self._connection, self._batch_id, self._told, self._now = connection, batch_id, told, now
        self._changes = changes
        self._next_id = largest(connection, case_history, "case_history_id") + 1
        columns = [Column("case_id", BigInteger), *(Column(name, cases.c[name].type) for name in told)]
        self._newer = Table(_NEWER, MetaData(), *columns)

    def take_over(self, rows: pa.Table, item_of: Mapping[int, int]) -> set[int]:
        """Take over the rows in their order, each compared with the state that the one before it left.

        `rows` has the columns of `cases`, with the row's position in `case_id`; `item_of` gives the item of
        each position to be taken over. Returns the positions of the rows that said something new.
        """
        place_of = {position: place for place, position in enumerate(rows["case_id"].to_pylist())}
        taken: set[int] = set()
        for positions in _rounds(item_of):
            newer = rows.select(self._told).take([place_of[position] for position in positions])
            newer = newer.append_column("position", pa.array(positions))
            newer = newer.append_column("case_id", pa.array([item_of[one] for one in positions]))
            with self._registered(_NEWER, newer):
                self._changes.keep(select(self._newer.c.case_id))
                old = duckdb.raw(self._connection).execute(self._replacing()).to_arrow_table()
            changed = newer.filter(pc.is_in(newer["position"], old["position"]))
            if len(changed):
                self._remember(old)
                with self._registered(_NEWER, changed):
                    self._changes.alter(self._newer)
                taken.update(old["position"].to_pylist())
        return taken

    def _replacing(self) -> str:
        """SQL (DuckDB) for the rows that say something new: position, item, and what it said before."""
        pairs, differing = [], []
        for name in self._told:
            differs = f"newer.{name} IS DISTINCT FROM item.{name}"
            differing.append(differs)
            pairs.append(
                f"""CASE WHEN {differs} THEN '"{name}": ' || coalesce(to_json(item.{name}), 'null') END"""
            )
        return f"""
            SELECT newer.position, item.case_id,
                '{{' || concat_ws(', ', {", ".join(pairs)}) || '}}' AS old_values
            FROM {_NEWER} AS newer JOIN {self._changes.standing} AS item ON item.case_id = newer.case_id
            WHERE {" OR ".join(differing)} ORDER BY newer.position
            """  # noqa: S608 (names from the schema alone)

    def _remember(self, old: pa.Table) -> None:
        rows = len(old)
        history = {
            "case_history_id": range(self._next_id, self._next_id + rows),
            "case_id": old["case_id"],
            "batch_id": [self._batch_id] * rows,
            "superseded_at": [self._now] * rows,
            "old_values": old["old_values"],
        }
        self._next_id += rows
        kept = pa.table(history).cast(arrow_schema(select(_replaced)))
        with self._registered(_replaced.name, kept):
            names = [one.name for one in _replaced.c]
            self._connection.execute(insert(case_history).from_select(names, select(_replaced)))

    @contextmanager
    def _registered(self, name: str, rows: pa.Table) -> Iterator[None]:
        """Let statements read `rows` from memory under `name`."""
        duckdb.raw(self._connection).register(name, rows)
        try:
            yield
        finally:
            duckdb.raw(self._connection).unregister(name)


def _rounds(item_of: Mapping[int, int]) -> list[list[int]]:
    """The positions in rounds that hold each item once: its first row, its second, and so on."""
    rounds: list[list[int]] = []
    seen: Counter[int] = Counter()
    for position in sorted(item_of):
        item = item_of[position]
        if seen[item] == len(rounds):
            rounds.append([])
        rounds[seen[item]].append(position)
        seen[item] += 1
    return rounds

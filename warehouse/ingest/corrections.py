"""The only file that changes what an item of `cases` says, and keeps what it said before.

A row whose key is known and whose content is not is the item's newer state: the item takes it over, and the
values that it replaces go to `case_history`. What a file has no column for stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pyarrow as pa
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
# Rows on their way into the history, as DuckDB sees them: registered from memory.
_replaced = case_history.to_metadata(MetaData(), name="replaced")


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
        self._newer = Table("newer", MetaData(), *columns)

    def take_over(self, rows: pa.Table, item_of: Mapping[int, int]) -> set[int]:
        """Take over the rows in their order, each compared with the state that the one before it left.

        `rows` has the columns of `cases`, with the row's position in `case_id`; `item_of` gives the item of
        each position to be taken over. Returns the positions of the rows that said something new.
        """
        standing = self._states(set(item_of.values()))
        changed: dict[int, dict[str, Any]] = {}
        taken: set[int] = set()
        history: list[dict[str, Any]] = []
        for row in rows.select(["case_id", *self._told]).to_pylist():
            position = row.pop("case_id")
            item = item_of.get(position)
            if item is None:
                continue
            old = {name: was for name, was in standing[item].items() if was != row[name]}
            if old:
                taken.add(position)
                standing[item] = changed[item] = row
                history.append(self._entry(item, old))
        if history:
            kept = insert(case_history).from_select([one.name for one in _replaced.c], select(_replaced))
            with self._registered(_replaced, history):
                self._connection.execute(kept)
            self._write(changed)
        return taken

    def _entry(self, item: int, old: Mapping[str, Any]) -> dict[str, Any]:
        self._next_id += 1
        return {
            "case_history_id": self._next_id - 1,
            "case_id": item,
            "batch_id": self._batch_id,
            "superseded_at": self._now,
            "old_values": json.dumps(old, ensure_ascii=False, default=str),
        }

    def _states(self, items: set[int]) -> dict[int, dict[str, Any]]:
        """What each of the items says now, in the columns told; noted whole among the changes."""
        duckdb.raw(self._connection).register(self._newer.name, pa.table({"case_id": sorted(items)}))
        self._changes.keep(select(self._newer.c.case_id))
        columns = [cases.c[name] for name in ("case_id", *self._told)]
        query = select(*columns).join_from(cases, self._newer, self._newer.c.case_id == cases.c.case_id)
        found = [row for part in duckdb.batches(self._connection, query) for row in part.to_pylist()]
        duckdb.raw(self._connection).unregister(self._newer.name)
        return {row.pop("case_id"): row for row in found}

    def _write(self, changed: Mapping[int, Mapping[str, Any]]) -> None:
        with self._registered(self._newer, [{"case_id": item, **state} for item, state in changed.items()]):
            self._changes.alter(self._newer)

    @contextmanager
    def _registered(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[None]:
        """Let statements read `rows` from memory under the name of `table`."""
        registered = pa.Table.from_pylist(list(rows), schema=arrow_schema(select(table)))
        duckdb.raw(self._connection).register(table.name, registered)
        try:
            yield
        finally:
            duckdb.raw(self._connection).unregister(table.name)

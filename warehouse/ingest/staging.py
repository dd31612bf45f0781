"""The only file that puts rows of a source into `cases`, each key once."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    func,
    or_,
    select,
)

from warehouse.changes import Changes
from warehouse.engines import duckdb
from warehouse.ingest.corrections import Corrections, told_by
from warehouse.ingest.mapping import Column as MappedColumn
from warehouse.ingest.mapping import Mapping
from warehouse.ingest.members import largest
from warehouse.ingest.rows import Checked
from warehouse.ingest.sidefile import SideFile
from warehouse.ingest.sources import Batch
from warehouse.ingest.tally import DUPLICATE, REJECTED, REPAIRED, SUPERSEDED, Tally
from warehouse.ingest.targets import TARGETS, Kind
from warehouse.people import mask
from warehouse.schema import batch, cases

OTHER_CONTENT = ", other content, not to be corrected from here (what stands was kept)"
IN_FILE, IN_BATCH = "key earlier in this file", "key in an earlier batch"

_ARROW = {
    BigInteger: pa.int64(),
    Integer: pa.int32(),
    SmallInteger: pa.int16(),
    String: pa.string(),
    DateTime: pa.timestamp("us"),
    Date: pa.date32(),
    Boolean: pa.bool_(),
    Double: pa.float64(),
}
_SCHEMA = pa.schema([(one.name, _ARROW[type(one.type)]) for one in cases.columns])
_STORED = {"source": "source_id", "channel": "channel_id", "district": "district_id", "unit": "unit_id"}

# The rows of a batch as DuckDB sees them: registered from memory, so nothing but `cases` reaches the file.
_incoming = Table("incoming", MetaData(), *(Column(one.name, one.type) for one in cases.columns))
# Positions of rows, and the items of the same key: one search by key is all a batch needs.
_standing = Table("standing", MetaData(), Column("position", BigInteger), Column("item", BigInteger))


class Stage:
    """Adds batches of rows to `cases`, counts every row, and writes to `side` what is not loaded."""

    def __init__(
        self,
        connection: Connection,
        batch_id: int,
        mapping: Mapping,
        tally: Tally,
        side: SideFile,
        now: datetime,
        changes: Changes,
        *,
        corrects: bool,
    ) -> None:
        """`now` is the city's wall clock; only a batch that `corrects` changes items of earlier batches."""
        self._connection, self._batch_id, self._tally, self._side = connection, batch_id, tally, side
        self._key = [_STORED.get(key, key) for key in mapping.dedup]
        self._same_key = and_(*(_incoming.c[key] == cases.c[key] for key in self._key))
        self._next_id = largest(connection, cases, "case_id") + 1
        self._told, self._changes = told_by(mapping), changes
        self._corrections = Corrections(connection, batch_id, self._told, now, changes)
        self._personal = {one.header for one in mapping.columns.values() if _is_personal(one)}
        self._personal.update(mapping.personal)
        self._numbers = mapping.columns["source_case_no"].header
        self._own = [batch_id]
        if corrects:
            # Two systems may number alike by chance, so a row corrects only what its own mapping brought.
            same = select(batch.c.batch_id).where(batch.c.mapping == mapping.name)
            self._own += connection.execute(same).scalars()

    def add(self, rows: pd.DataFrame, checked: Checked, part: Batch) -> None:
        """Add what is whole and new among `rows`, the rows of `part` as read and checked."""
        rejected = checked.rejection != ""
        for position in np.flatnonzero(rejected).tolist():
            self._set_aside(REJECTED, checked.rejection.iloc[position], part, position)
        whole = rows[~rejected]
        if whole.empty:
            return
        whole = whole.assign(
            # Until it is known which rows are new, the id is the row's position in the batch.
            case_id=np.flatnonzero(~rejected),
            batch_id=self._batch_id,
            first_case_id=0,
            repeat_no=0,
            days_since_previous=pd.Series(pd.NA, index=whole.index, dtype="Int64"),
            returned_on=pd.Series(pd.NaT, index=whole.index, dtype="datetime64[us]"),
        )
        again = whole.duplicated(self._key)
        self._register(_incoming, self._arrow(whole))
        standing = self._items()
        is_new = ~again & ~whole["case_id"].isin(list(standing))
        loaded = whole[is_new]
        first = self._next_id
        ids = np.arange(first, first + len(loaded))
        self._next_id += len(loaded)
        self._register(_incoming, self._arrow(loaded.assign(case_id=ids, first_case_id=ids)))
        self._changes.add(_incoming)
        self._tally.rows_loaded += len(loaded)
        if again.any():
            self._register(_incoming, self._arrow(whole[again]))
            standing |= self._items(cases.c.case_id >= first)
        superseding = self._known_already(whole[~is_new], standing, part)
        taken = [*loaded.index, *superseding]
        for reason, where in checked.repairs:
            if count := int(where[taken].sum()):
                self._tally.reasons[REPAIRED, reason] += count

    def _items(self, among: ColumnElement[bool] | None = None) -> dict[int, list[int]]:
        """The items of the same key, by position of the row; rows without one are left out."""
        query = select(_incoming.c.case_id, cases.c.case_id).join_from(_incoming, cases, self._same_key)
        found: dict[int, list[int]] = {}
        for position, item in self._connection.execute(query if among is None else query.where(among)):
            found.setdefault(position, []).append(item)
        return found

    def _known_already(self, rows: pd.DataFrame, standing: dict[int, list[int]], part: Batch) -> list[int]:
        """Account for rows whose key stands already; returns where those are that supersede."""
        if rows.empty:
            return []
        self._register(_incoming, self._arrow(rows))
        pairs = [(position, item) for position, items in standing.items() for item in items]
        self._register(
            _standing, pa.table({"position": [one for one, _ in pairs], "item": [one for _, one in pairs]})
        )
        differs = or_(*(_incoming.c[name].is_distinct_from(cases.c[name]) for name in self._told))
        place = case((cases.c.batch_id == self._batch_id, IN_FILE), else_=IN_BATCH)
        own = case((cases.c.batch_id.in_(self._own), cases.c.case_id))
        query = (
            select(_incoming.c.case_id, func.min(place), func.bool_and(differs), func.min(own))
            .join_from(_incoming, _standing, _standing.c.position == _incoming.c.case_id)
            .join(cases, cases.c.case_id == _standing.c.item)
            .group_by(_incoming.c.case_id)
            .order_by(_incoming.c.case_id)
        )
        found = self._connection.execute(query).all()
        corrected = {item for _, _, is_other, item in found if is_other and item is not None}
        item_of = {position: item for position, _, _, item in found if item in corrected}
        taken = self._corrections.take_over(self._arrow(rows), item_of) if corrected else set()
        for position, where, is_other, item in found:
            if position in taken:
                self._tally.reasons[SUPERSEDED, where] += 1
            elif is_other and item is None:
                self._set_aside(DUPLICATE, where + OTHER_CONTENT, part, position)
            else:
                self._tally.reasons[DUPLICATE, where] += 1
        return sorted(taken)

    def _set_aside(self, kind: str, reason: str, part: Batch, position: int) -> None:
        self._tally.reasons[kind, reason] += 1
        shown = self._shown(part.rows.iloc[position].to_dict())
        self._side.add(part.places[position], f"{kind}: {reason}", shown, part.raw[position])

    def _shown(self, fields: dict[Hashable, str]) -> str:
        """What may be shown of a row: the fields that are stored, masked as they are stored."""
        known = [text for name, text in fields.items() if name in self._personal and text]
        return " · ".join(
            f"{name}: {text if name == self._numbers else mask(text, known)}"
            for name, text in fields.items()
            if text and name not in self._personal
        )

    def _register(self, table: Table, rows: pa.Table) -> None:
        duckdb.raw(self._connection).register(table.name, rows)

    @staticmethod
    def _arrow(rows: pd.DataFrame) -> pa.Table:
        named = rows[[one.name for one in cases.columns]]
        return pa.Table.from_pandas(named, schema=_SCHEMA, preserve_index=False)


def _is_personal(column: MappedColumn) -> bool:
    return TARGETS[column.target].kind is Kind.PERSONAL

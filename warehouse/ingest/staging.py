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
    insert,
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
        self._told = told_by(mapping)
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
        self._register(whole)
        exists = select(cases.c.case_id).where(self._same_key).exists()
        known = self._connection.execute(select(_incoming.c.case_id).where(exists)).scalars().all()
        is_new = ~again & ~whole["case_id"].isin(known)
        loaded = whole[is_new]
        ids = np.arange(self._next_id, self._next_id + len(loaded))
        self._next_id += len(loaded)
        self._register(loaded.assign(case_id=ids, first_case_id=ids))
        names = [one.name for one in cases.columns]
        self._connection.execute(
            insert(cases).from_select(names, select(*(_incoming.c[name] for name in names)))
        )
        self._tally.rows_loaded += len(loaded)
        superseding = self._known_already(whole[~is_new], part)
        duckdb.raw(self._connection).unregister(_incoming.name)
        taken = [*loaded.index, *superseding]
        for reason, where in checked.repairs:
            if count := int(where[taken].sum()):
                self._tally.reasons[REPAIRED, reason] += count

    def _known_already(self, rows: pd.DataFrame, part: Batch) -> list[int]:
        """Account for rows whose key is known; returns where those stand that supersede."""
        if rows.empty:
            return []
        self._register(rows)
        differs = or_(*(_incoming.c[name].is_distinct_from(cases.c[name]) for name in self._told))
        place = case((cases.c.batch_id == self._batch_id, IN_FILE), else_=IN_BATCH)
        own = case((cases.c.batch_id.in_(self._own), cases.c.case_id))
        query = (
            select(_incoming.c.case_id, func.min(place), func.bool_and(differs), func.min(own))
            .join_from(_incoming, cases, self._same_key)
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

    def _register(self, rows: pd.DataFrame) -> None:
        duckdb.raw(self._connection).register(_incoming.name, self._arrow(rows))

    @staticmethod
    def _arrow(rows: pd.DataFrame) -> pa.Table:
        named = rows[[one.name for one in cases.columns]]
        return pa.Table.from_pandas(named, schema=_SCHEMA, preserve_index=False)


def _is_personal(column: MappedColumn) -> bool:
    return TARGETS[column.target].kind is Kind.PERSONAL

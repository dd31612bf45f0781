"""Rows on their way between engines: Arrow tables of exactly the columns that the schema declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Double,
    Integer,
    Select,
    SmallInteger,
    String,
)
from sqlalchemy.types import TypeEngine

# Rows at a time: 65 columns of 100 000 cases are about 60 MB, whatever the table holds.
ROWS = 100_000
# A subclass stands before its base.
_TYPES: tuple[tuple[type[TypeEngine[Any]], pa.DataType], ...] = (
    (SmallInteger, pa.int16()),
    (BigInteger, pa.int64()),
    (Integer, pa.int32()),
    (Boolean, pa.bool_()),
    (DateTime, pa.timestamp("us")),
    (Date, pa.date32()),
    (Double, pa.float64()),
    (String, pa.string()),
)


def arrow_schema(query: Select[Any]) -> pa.Schema:
    """Return the Arrow types of a query's columns, in their order."""
    columns = query.selected_columns
    return pa.schema([(column.name, _arrow(column.type)) for column in columns])


def _arrow(kind: TypeEngine[Any]) -> pa.DataType:
    return next(arrow for declared, arrow in _TYPES if isinstance(kind, declared))


def spelled(connection: Connection, query: Select[Any]) -> str:
    """Return the text of `query` in the connection's dialect, values written in."""
    return str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))


def as_declared(found: Iterable[pa.RecordBatch | pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield what an engine sent as tables of the declared types; empty ones are left out."""
    for part in found:
        table = part if isinstance(part, pa.Table) else pa.Table.from_batches([part])
        if table.num_rows:
            yield table.rename_columns(schema.names).cast(schema)

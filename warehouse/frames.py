"""The only file that puts a pandas DataFrame into a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, delete, insert

from warehouse.engines import duckdb


def replace(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Make `frame` the whole content of `table`; meant for dimensions, a few thousand rows.

    The frame has exactly the columns of the table, in any order; NaN, NaT and NA become NULL. Raises
    ValueError when columns are missing or unknown.
    """
    connection.execute(delete(table))
    append(connection, table, frame)


def append(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Add the rows of `frame` to `table`; the same conditions as `replace`."""
    expected, found = {column.name for column in table.columns}, set(frame.columns)
    if expected != found:
        raise ValueError(
            f"Rows for {table.name} lack {sorted(expected - found)} "
            f"and bring unknown {sorted(found - expected)}; "
            "build the frame with exactly the columns of warehouse/schema.py."
        )
    if frame.empty:
        return
    names = [str(name) for name in frame.columns]
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [dict(zip(names, row, strict=True)) for row in plain.itertuples(index=False, name=None)]
    connection.execute(insert(table), rows)


def stage(connection: Connection, name: str, frame: pd.DataFrame) -> None:
    """Make the temporary DuckDB table `name` hold exactly `frame`; meant for millions of rows of numbers.

    `name` is a plain identifier from the caller's own code. The table ends with the connection.
    """
    engine = duckdb.raw(connection)
    engine.register("staged_frame", frame)
    try:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM staged_frame"  # noqa: S608 (own identifier)
        )
    finally:
        engine.unregister("staged_frame")


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a small frame as named tuples; their columns are known only at run time."""
    return frame.itertuples(index=False)

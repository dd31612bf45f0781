"""Moves a warehouse from one engine to another and proves, table by table, that both hold the same.

Facts and dimensions are streamed, roll-ups are made anew from the facts by the engine that will serve them.
The proof reads everything back: of each table the number of rows and the sum of one 64-bit hash a row, which
does not depend on the engine nor on the order of the rows; of each roll-up the same after adding up what
several shards hold of one key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, Table, select

from warehouse import places, rollups
from warehouse.dialects import total
from warehouse.errors import WarehouseError, WarehouseUnavailable
from warehouse.places import Build, Versions
from warehouse.rollups import ROLLUPS, Rollup
from warehouse.schema import METADATA

Hashes = NDArray[np.uint64]
PROGRESS_EVERY = 1_000_000
_NULL = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)


class CopyDiffers(WarehouseError):
    """The target does not hold what the source holds; nothing was published."""


class CopyFailed(WarehouseUnavailable):
    """An engine refused rows or hung up; nothing was published."""


@dataclass(frozen=True)
class Digest:
    """What a table holds, in two numbers: its rows, and the sum of their hashes modulo 2 to the 64th."""

    rows: int = 0
    checksum: int = 0

    def __str__(self) -> str:
        return f"{self.rows:,} rows, checksum {self.checksum:016x}"


@dataclass(frozen=True)
class Copied:
    """One table or roll-up that both sides hold alike."""

    name: str
    digest: Digest
    seconds: float


def copy(source: Versions, target: Versions, say: Callable[[str], None]) -> tuple[Copied, ...]:
    """Make the source's live version the live version of `target`; returns what was proved, table by table.

    `say` takes a line for every table and every million rows. Raises WarehouseMissing when the source holds
    nothing, CopyDiffers when the two sides differ, CopyFailed when an engine refuses something, and what a
    build raises; the target then still serves what it served before.
    """
    proved = []
    reader = source.reader(patient=True)
    try:
        with reader.connect() as connection, target.build() as build:
            for name, move, query in _steps(connection, build, say):
                begun = time.monotonic()
                sent = move()
                _require_same(name, sent, digest(places.batches(build.connection, query)))
                proved.append(Copied(name, sent, time.monotonic() - begun))
                say(f"{name}: {sent}, alike on both sides ({proved[-1].seconds:.1f} s)")
            build.settle()
    except places.FAULTS as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise CopyFailed(
            f"The copy from {source} to {target} was cut off ({type(error).__name__}: {reason}); nothing was "
            "published, so the target serves what it served before: mend the cause and copy again."
        ) from error
    finally:
        reader.dispose()
    return tuple(proved)


def _steps(
    source: Connection, build: Build, say: Callable[[str], None]
) -> Iterator[tuple[str, Callable[[], Digest], Select[Any]]]:
    """Of each table and roll-up: its name, what moves it and tells what the source holds, how to read it."""
    made = {rollup.table for rollup in ROLLUPS}
    for table in METADATA.sorted_tables:
        if table not in made:
            yield table.name, partial(_move, source, build, table, say), select(table)
    for rollup in ROLLUPS:
        yield rollup.table.name, partial(_make, source, build, rollup), _added_up(rollup)


def _move(source: Connection, build: Build, table: Table, say: Callable[[str], None]) -> Digest:
    def passed_on() -> Iterator[pa.Table]:
        moved = 0
        for rows in places.batches(source, select(table)):
            build.append(table, rows)
            before, moved = moved, moved + rows.num_rows
            if moved // PROGRESS_EVERY > before // PROGRESS_EVERY:
                say(f"{table.name}: {moved:,} rows moved")
            yield rows

    build.create([table])
    return digest(passed_on())


def _make(source: Connection, build: Build, rollup: Rollup) -> Digest:
    build.create([rollup.table])
    for shard in build.shards:
        shard.execute(rollups.content(rollup))
    return digest(places.batches(source, _added_up(rollup)))


def _added_up(rollup: Rollup) -> Select[Any]:
    """One row for each key, however many shards hold a part of it."""
    measures = {measure.column for measure in rollup.measures}
    keys = [column for column in rollup.table.c if column.name not in measures]
    sums = [total(rollup.table.c[name]).label(name) for name in sorted(measures)]
    return select(*keys, *sums).group_by(*keys)


def _require_same(name: str, sent: Digest, found: Digest) -> None:
    if sent != found:
        raise CopyDiffers(
            f"{name} differs: the source holds {sent}, the copy {found}; nothing was published, "
            "so the target serves what it served before: run the copy again."
        )


def digest(parts: Iterable[pa.Table]) -> Digest:
    """Return what the tables hold together; neither their order nor that of their rows matters."""
    rows, checksum = 0, 0
    for part in parts:
        rows += part.num_rows
        checksum += int(_row_hashes(part).sum(dtype=np.uint64))
    return Digest(rows, checksum % 2**64)


def _row_hashes(table: pa.Table) -> Hashes:
    """One hash a row of all its values in the order of the columns."""
    hashes: Hashes = np.zeros(table.num_rows, dtype=np.uint64)
    for column in table.columns:
        hashes = _mixed(hashes * _MULTIPLIER + _mixed(_bits(column)))
    return hashes


def _bits(column: pa.ChunkedArray) -> Hashes:
    """Each value as 64 bits; equal values have equal bits, a null has bits of its own."""
    if pa.types.is_string(column.type):
        texts = column.fill_null("").to_numpy()
        bits: Hashes = pd.util.hash_array(texts, categorize=True)
    elif pa.types.is_floating(column.type):
        numbers = column.fill_null(0.0).to_numpy() + 0.0  # minus zero becomes zero
        bits = numbers.view(np.uint64)
    else:
        # Dates by way of their days: Arrow makes no 64-bit integer of them at once.
        days = column.cast(pa.int32()) if pa.types.is_date(column.type) else column
        bits = days.cast(pa.int64()).fill_null(0).to_numpy().view(np.uint64)
    return np.where(pc.is_null(column).to_numpy(), _NULL, bits)


def _mixed(bits: Hashes) -> Hashes:
    """The finishing step of splitmix64 (Steele, Lea & Flood 2014): every bit touches every other."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))

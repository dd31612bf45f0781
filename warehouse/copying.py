"""Moves a warehouse from one engine to another and proves, table by table, that both hold the same.

Facts and dimensions are streamed, roll-ups are made anew from the facts by the engine that will serve them.
What was moved or made is read back: of each table the number of rows and the sum of one 64-bit hash a row,
which does not depend on the engine nor on the order of the rows; of each roll-up the same after adding up
what several shards hold of one key.

A target is refreshed by what changed. Tables are cut into parts, small enough that a day's changes touch
few: of a fact one sixteenth of a day's rows, of a roll-up a day. With a version stand, in the table `proved`,
the digest that both sides had of each part and a fingerprint that the source's engine gave of it. The next
copy asks its source for fingerprints, which costs one fast pass inside that engine. A part whose
fingerprint is the same is taken over from the live version by the target's own engine, all others are moved
and read back. In the end the rows of every fact and the totals of every roll-up's measures must be those of
the source.

So a part that is taken over counts as proved because it was read back when it was moved, has not changed at
the source since, and lies in a version that nobody writes to. Three things could make that wrong, and all are
found by `prove_all`, which believes no earlier proof and reads both sides whole: rows of the live version
changed by hand or by a failing disk so that counts stay the same, a fault of the engine in handing rows over
that keeps the count, and two states of a part with one fingerprint (one chance in 2 to the 64th a part).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    cast,
    func,
    literal,
    select,
)

from warehouse import places, rollups
from warehouse.dialects import days_between, total
from warehouse.engines.transfer import arrow_schema
from warehouse.errors import WarehouseError, WarehouseUnavailable
from warehouse.places import Build, Versions
from warehouse.rollups import MADE, Rollup
from warehouse.schema import METADATA

Hashes = NDArray[np.uint64]
PROGRESS_EVERY = 1_000_000
# A day's changes reach back: a person who returns today alters the item of years ago. With sixteen parts a
# day, a city of 30 000 items a day moves some 2 000 rows for each of those.
SLICES = 16
BLOCK = 4096
_FIRST_DAY = date(2000, 1, 1)
# Beyond this, moving everything is faster, and a list of the parts would be too long for a statement.
MOST_PARTS = 20_000
_PART = "part"
_NULL = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)
# Stands in every version that a copy made and that another can take rows over from.
PROVED = Table(
    "proved",
    MetaData(),
    Column("table_name", String, primary_key=True),
    Column(_PART, BigInteger, primary_key=True, autoincrement=False),
    Column("rows", BigInteger, nullable=False),
    Column("checksum", String, nullable=False),
    Column("fingerprint", String, nullable=False),
)


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

    def __add__(self, other: Digest) -> Digest:
        return Digest(self.rows + other.rows, (self.checksum + other.checksum) % 2**64)


@dataclass(frozen=True)
class Copied:
    """One table or roll-up that both sides hold alike; `mended` parts no longer held what was proved."""

    name: str
    digest: Digest
    seconds: float
    moved: int  # rows; the others were taken over from the version before
    mended: int = 0


@dataclass(frozen=True)
class _Proof:
    """What both sides held of a part when it was moved, and how the source's engine saw it then."""

    digest: Digest
    fingerprint: str


def copy(
    source: Versions, target: Versions, say: Callable[[str], None], *, prove_all: bool = False
) -> tuple[Copied, ...]:
    """Make the source's live version the live version of `target`; returns what was proved, table by table.

    What `target` serves already and has not changed is taken over; see above for what that rests on and for
    `prove_all`. `say` takes a line for every table and every million rows. Raises WarehouseMissing when the
    source holds nothing, CopyDiffers when the two sides differ, CopyFailed when an engine refuses something,
    and what a build raises; the target then still serves what it served before.
    """
    reader = source.reader(patient=True)
    try:
        with reader.connect() as connection, target.build() as build:
            return _Copy(connection, build, say, prove_all=prove_all).run()
    except places.FAULTS as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise CopyFailed(
            f"The copy from {source} to {target} was cut off ({type(error).__name__}: {reason}); nothing was "
            "published, so the target serves what it served before: mend the cause and copy again."
        ) from error
    finally:
        reader.dispose()


@dataclass(frozen=True)
class _Content:
    """One table or roll-up, and how it is read, cut and counted on either side."""

    table: Table
    rollup: Rollup | None = None

    @property
    def part(self) -> ColumnElement[int] | None:
        """The number of the part that a row belongs to; None where a table is never cut."""
        key = list(self.table.primary_key)
        numbered = len(key) == 1 and isinstance(key[0].type, Integer)
        if "sort_by" in self.table.info:
            first = cast(literal(_FIRST_DAY), Date)
            day: ColumnElement[int] = days_between(first, self.table.c[self.table.info["sort_by"]])
            return day * SLICES + func.mod(key[0], SLICES) if numbered else day
        return key[0] - func.mod(key[0], BLOCK) if numbered else None

    def rows(self, parts: Collection[int] | None) -> Select[Any]:
        """One row for each row, or for each key however many shards hold a part of it, with its part."""
        part = cast(literal(0) if self.part is None else self.part, BigInteger).label(_PART)
        if self.rollup is None:
            query = select(*self.table.c, part)
        else:
            measures = {measure.column for measure in self.rollup.measures}
            keys = [column for column in self.table.c if column.name not in measures]
            sums = [total(self.table.c[name]).label(name) for name in sorted(measures)]
            query = select(*keys, *sums, part).group_by(*keys)
        if parts is None or self.part is None:
            return query
        return query.where(self.part.in_(parts))

    def made(self, parts: Collection[int] | None) -> Insert:
        """The statement that makes these days of a roll-up, or all of it, from the fact."""
        assert self.rollup is not None
        days = None if parts is None else [_FIRST_DAY + timedelta(part) for part in parts]
        return rollups.content(self.rollup, days)

    def in_all(self) -> Select[Any]:
        """The number of rows, of a roll-up the totals of its measures."""
        if self.rollup is None:
            return select(func.count()).select_from(self.table)
        totals: list[ColumnElement[Any]] = [
            total(self.table.c[name]) for name in sorted({measure.column for measure in self.rollup.measures})
        ]
        return select(*totals)


def _contents() -> Iterator[_Content]:
    made = {rollup.table for rollup in MADE}
    for table in METADATA.sorted_tables:
        if table not in made:
            yield _Content(table)
    for rollup in MADE:
        yield _Content(rollup.table, rollup)


class _Copy:
    """One run: from a reader of the source into a build."""

    def __init__(
        self, source: Connection, build: Build, say: Callable[[str], None], *, prove_all: bool
    ) -> None:
        self._source, self._build, self._say, self._prove_all = source, build, say, prove_all
        self._proofs = _stored(build)
        self._release = str(source.execute(select(func.version())).scalar_one())

    def run(self) -> tuple[Copied, ...]:
        """Bring everything; raises CopyDiffers at the first table that is not alike."""
        copied = []
        facts_settled = False
        for content in _contents():
            if content.rollup is not None and not facts_settled:
                self._build.settle()  # the roll-ups are made from the facts by their days
                facts_settled = True
            copied.append(self._bring(content))
        if self._build.lends:
            self._build.create([PROVED])
            self._build.append(PROVED, _as_table(self._proofs))
        self._build.settle()
        return tuple(copied)

    def _bring(self, content: _Content) -> Copied:
        begun, name = time.monotonic(), content.table.name
        found, proofs = self._fingerprints(content), self._proofs.get(name, {})
        alike = {part for part in found if part in proofs and proofs[part].fingerprint == found[part]}
        mended = self._broken(content, alike) if self._prove_all else set()
        alike -= mended
        changed, leaving = found.keys() - alike, proofs.keys() - alike
        moving: Collection[int] | None = changed
        if not alike or len(changed) + len(leaving) > MOST_PARTS:
            alike, moving = set(), None
        self._build.create([content.table])
        if alike and self._build.earlier is not None and content.part is not None:
            gone = content.part.in_(leaving) if leaving else None
            self._build.earlier.take_over(content.table, gone)
        sent = self._sent(content, moving)
        self._proofs[name] = {part: proofs[part] for part in alike}
        for part, one in sent.items():
            self._proofs[name][part] = _Proof(one, found.get(part, ""))
        if alike:
            self._require_same_in_all(content)
        moved, held = _sum(sent.values()), _sum(one.digest for one in self._proofs[name].values())
        copied = Copied(name, held, time.monotonic() - begun, moved.rows, len(mended))
        self._say(_told(copied))
        return copied

    def _fingerprints(self, content: _Content) -> dict[int, str]:
        """Of each part of the source's: how its engine sees it. Nothing where nothing is ever taken over."""
        if content.part is None or not self._build.lends:
            return {}
        columns = [(column.name, str(column.type)) for column in content.table.c]
        layout = repr((self._source.dialect.name, self._release, SLICES, BLOCK, columns))
        # Another release may hash otherwise, and another layout holds other rows.
        made_by = hashlib.sha256(layout.encode()).hexdigest()[:8]
        part = cast(content.part, BigInteger)
        seen = places.fingerprint(self._source, content.table).label("fingerprint")
        held = cast(func.count(), BigInteger).label("rows")
        asked: list[ColumnElement[Any]] = [part.label(_PART), held, seen]
        query = select(*asked).group_by(part)
        return {
            row[_PART]: f"{made_by} {row['rows']} {row['fingerprint']}"
            for rows in places.batches(self._source, query)
            for row in rows.to_pylist()
        }

    def _broken(self, content: _Content, alike: Collection[int]) -> set[int]:
        """Of the parts that are said to be alike, those that are not, after reading both sides whole."""
        if not alike or self._build.earlier is None:
            return set()
        here = digests(places.batches(self._source, content.rows(None)))
        there = digests(places.batches(self._build.earlier.connection, content.rows(None)))
        return {part for part in alike if here.get(part) != there.get(part)}

    def _sent(self, content: _Content, moving: Collection[int] | None) -> dict[int, Digest]:
        """Move or make these parts, or all; returns what both sides hold of them."""
        if moving is not None and not moving:
            return {}
        rows = places.batches(self._source, content.rows(moving))
        if content.rollup is None:
            sent = digests(self._passed_on(content.table, rows))
        else:
            for shard in self._build.shards:
                shard.execute(content.made(moving))
            sent = digests(rows)
        received = digests(places.batches(self._build.connection, content.rows(moving)))
        if sent != received:
            raise CopyDiffers(
                f"{content.table.name} differs: the source holds {_sum(sent.values())}, the copy "
                f"{_sum(received.values())}; nothing was published, so the target serves what it served "
                "before: run the copy again."
            )
        return sent

    def _passed_on(self, table: Table, incoming: Iterable[pa.Table]) -> Iterator[pa.Table]:
        moved = 0
        for rows in incoming:
            self._build.append(table, rows.drop_columns([_PART]))
            before, moved = moved, moved + rows.num_rows
            if moved // PROGRESS_EVERY > before // PROGRESS_EVERY:
                self._say(f"{table.name}: {moved:,} rows moved")
            yield rows

    def _require_same_in_all(self, content: _Content) -> None:
        here, there = (
            tuple(side.execute(content.in_all()).one()) for side in (self._source, self._build.connection)
        )
        if here != there:
            raise CopyDiffers(
                f"{content.table.name} differs in what was taken over from the live version: the source "
                f"holds {here} in all, the copy {there}; nothing was published, so the target serves what "
                "it served before: run the copy again with --prove-all."
            )


def _stored(build: Build) -> dict[str, dict[int, _Proof]]:
    """What was proved of the live version, by table and part; nothing where no copy of today's made it."""
    proofs: dict[str, dict[int, _Proof]] = {}
    if build.earlier is None or not sqlalchemy.inspect(build.earlier.connection).has_table(PROVED.name):
        return proofs
    for rows in places.batches(build.earlier.connection, select(PROVED)):
        for row in rows.to_pylist():
            digest = Digest(row["rows"], int(row["checksum"], 16))
            proofs.setdefault(row["table_name"], {})[row[_PART]] = _Proof(digest, row["fingerprint"])
    return proofs


def _as_table(proofs: Mapping[str, Mapping[int, _Proof]]) -> pa.Table:
    rows = [
        {
            "table_name": name,
            _PART: part,
            "rows": one.digest.rows,
            "checksum": f"{one.digest.checksum:016x}",
            "fingerprint": one.fingerprint,
        }
        for name, parts in proofs.items()
        for part, one in parts.items()
    ]
    return pa.Table.from_pylist(rows, arrow_schema(select(PROVED)))


def _told(copied: Copied) -> str:
    line = f"{copied.name}: {copied.digest}, alike on both sides"
    if copied.mended:
        line += f"; what was proved no longer held for {copied.mended} of its parts, which were moved anew"
    return f"{line} ({copied.moved:,} moved, {copied.seconds:.1f} s)"


def _sum(parts: Iterable[Digest]) -> Digest:
    return sum(parts, start=Digest())


def digests(tables: Iterable[pa.Table]) -> dict[int, Digest]:
    """Return what the tables hold together, by the number in their last column, which is not part of it."""
    found: dict[int, Digest] = {}
    for table in tables:
        numbers = table.column(_PART).to_numpy()
        order = np.argsort(numbers, kind="stable")
        hashes = _row_hashes(table.drop_columns([_PART]))[order]
        parts, starts, rows = np.unique(numbers[order], return_index=True, return_counts=True)
        sums = np.add.reduceat(hashes, starts)
        for part, held, checksum in zip(parts.tolist(), rows.tolist(), sums.tolist(), strict=True):
            found[part] = found.get(part, Digest()) + Digest(held, checksum)
    return found


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

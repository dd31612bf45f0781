"""The only file that opens a source file: CSV (also gzipped), XLSX or Parquet, read in batches of text."""

from __future__ import annotations

import csv
import io
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.errors import BadMapping, BadSource
from warehouse.ingest import values
from warehouse.ingest.bombs import UNPACKED_RATIO, refuse_zip_bomb
from warehouse.ingest.lines import CsvReader, LineCount, Record, names_of
from warehouse.ingest.mapping import Mapping
from warehouse.ingest.targets import REQUIRED
from warehouse.ingest.workbook import Sheet, text_of

# A batch ends with whichever comes first, so that memory is bounded whatever the rows are like.
BATCH_ROWS = 50_000
BATCH_CHARACTERS = 32 * 1024 * 1024
PROGRESS_ROWS = 100_000

_ZIP, _PARQUET, _OLE = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
_LOOKED_BEYOND = 20  # rows in which a header that stands further down is looked for

IsRow = Callable[[Sequence[str]], bool]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Batch:
    """Some rows of a source: the mapped columns as text, and for each its place and raw text.

    `rows` has one text column per mapped source column, '' where empty, without signs that nobody sees; `raw`
    keeps those. `broken` are the records that could not be taken apart. All are in file order.
    """

    rows: pd.DataFrame
    places: list[int]
    raw: list[str]
    broken: list[Record]


class Source(Protocol):
    """A source file that has been opened: its header is known, its rows are not read yet."""

    kind: str
    header: tuple[str, ...]

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        """Yield the columns `headers` of every row; `is_row` tells whether fields are plainly a row."""

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        """Return the names that the raw text of a row stands under, when the columns `headers` are read."""

    def lines(self) -> LineCount | None:
        """Where the physical lines went, once all batches were read; None for files without lines."""


def open_source(
    path: Path, mapping: Mapping, say: Say | None = None
) -> tuple[Source, Mapping, tuple[str, ...]]:
    """Open `path` by what it contains, whatever it is called.

    Returns the source, the mapping fitted to its header, and the mapped columns that the file lacks. While
    its batches are read, `say` gets a line of progress about every 100 000 rows. Raises BadSource when the
    file cannot be read, BadMapping when it lacks columns that the mapping needs.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        # To open a pipe would wait for its other end.
        raise BadSource(f"{path} is no file but a device or a pipe; save it as a file first.")
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise BadSource(
            f"{path} cannot be read ({error.strerror}); check the path and its rights."
        ) from error
    if start == _OLE:
        raise BadSource(
            f"{path} is an Excel 97–2003 workbook or protected by a password; save it as XLSX without one, "
            "or as CSV UTF-8."
        )
    source: _Csv | _Workbook | _Parquet
    if start == _ZIP:
        source = _Workbook(path, mapping, say)
    elif start == _PARQUET:
        source = _Parquet(path, mapping, say)
    else:
        source = _Csv(path, mapping, say)
    try:
        fitted, missing = mapping.fitted(source.header, str(path))
    except BadMapping:
        _say_where_header_is(path, mapping, source.first_rows)
        raise
    twice = {name for name, columns in Counter(source.header).items() if name and columns > 1}
    if wrong := sorted(twice.intersection(fitted.headers())):
        raise BadSource(f"{path}: the header has '{wrong[0]}' more than once; rename one of the columns.")
    return source, fitted, missing


def _say_where_header_is(path: Path, mapping: Mapping, first_rows: Sequence[Sequence[str]]) -> None:
    """Raise BadSource when another row holds the names that every mapping needs."""
    needed = {mapping.columns[key].header for key in REQUIRED}
    for place, row in enumerate(first_rows, start=1):
        if place != mapping.header_row and needed <= {name.strip() for name in row}:
            raise BadSource(
                f"{path}: the header stands in row {place}, not in row {mapping.header_row}; set "
                f"header_row = {place} in the mapping {mapping.path}."
            )


class _Csv:
    def __init__(self, path: Path, mapping: Mapping, say: Say | None) -> None:
        self._reader = CsvReader(path, mapping.delimiter, mapping.header_row, _LOOKED_BEYOND)
        self._say = say
        self.header, self.first_rows = self._reader.header, self._reader.first_rows
        self.kind = f"CSV {self._reader.encoding}"

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        batches = in_batches(self._reader.records(is_row), self.header, headers)
        yield from with_progress(batches, self._reader.share, self._say)

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        del headers
        return self.header

    def lines(self) -> LineCount | None:
        return self._reader.count


class _Workbook:
    def __init__(self, path: Path, mapping: Mapping, say: Say | None) -> None:
        refuse_zip_bomb(path)
        self._sheet, self._say = Sheet(path, mapping.sheet), say
        self.kind = "XLSX" if self._sheet.sheets == 1 else f"XLSX, sheet 工作表 '{self._sheet.name}'"
        self._first, self._delimiter = mapping.header_row, mapping.delimiter
        looked = zip(self._sheet.rows(), range(self._first + _LOOKED_BEYOND), strict=False)
        self.first_rows = [row for row, _ in looked]
        if len(self.first_rows) < self._first:
            raise BadSource(f"{path} ends before its header in row {self._first}; correct 'header_row'.")
        self.header = names_of(self.first_rows[: self._first])
        self._place = 0

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        del is_row  # a sheet's rows cannot swallow each other
        batches = in_batches(self._records(), self.header, headers)
        yield from with_progress(batches, self._share, self._say)

    def _records(self) -> Iterator[Record]:
        for place, fields in enumerate(self._sheet.rows(), start=1):
            self._place = place
            if place > self._first and any(fields):
                yield Record(place, fields, joined(fields, self._delimiter))

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        del headers
        return self.header

    def _share(self) -> float:
        return self._place / self._sheet.height

    def lines(self) -> LineCount | None:
        return None


class _Parquet:
    kind = "Parquet"

    def __init__(self, path: Path, mapping: Mapping, say: Say | None) -> None:
        self._path, self._zone, self._delimiter, self._say = path, mapping.time_zone, mapping.delimiter, say
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error
        self.header = tuple(self._file.schema_arrow.names)
        self.first_rows: Sequence[Sequence[str]] = [self.header]
        self._place, self._rows = 0, int(self._file.metadata.num_rows)
        if self._rows > UNPACKED_RATIO * path.stat().st_size:
            raise BadSource(
                f"{path} says it has {self._rows:,} rows in {path.stat().st_size:,} bytes, which no list of "
                "items does; write it again."
            )

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        del is_row  # nor can a table's
        yield from with_progress(self._batches(headers), self._share, self._say)

    def _batches(self, headers: Sequence[str]) -> Iterator[Batch]:
        try:
            for batch in self._file.iter_batches(self._rows_at_once(), columns=list(headers)):
                written = {name: self._text(name, batch.column(name)) for name in headers}
                raw = [joined(fields, self._delimiter) for fields in zip(*written.values(), strict=True)]
                rows = pd.DataFrame({name: values.visible(texts) for name, texts in written.items()})
                places = list(range(self._place + 1, self._place + 1 + len(rows)))
                self._place += len(rows)
                yield Batch(rows, places, raw, [])
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _rows_at_once(self) -> int:
        about = self._file.metadata
        size = sum(int(about.row_group(group).total_byte_size) for group in range(about.num_row_groups))
        return max(1, min(BATCH_ROWS, BATCH_CHARACTERS * self._rows // max(size, 1)))

    def _unreadable(self, error: Exception) -> BadSource:
        return BadSource(f"{self._path} cannot be read as Parquet ({error}); write it again.")

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        return headers

    def _text(self, name: str, typed: Any) -> pd.Series[str]:
        if pa.types.is_timestamp(typed.type) and typed.type.tz:
            # Said with an offset in the file: as the wall clock of the mapping's zone, like any other time.
            zone = self._zone or typed.type.tz
            typed = pc.local_timestamp(typed.cast(pa.timestamp("us", tz=zone)))
        if pa.types.is_floating(typed.type):
            return pd.Series([_number(one) for one in typed.to_pylist()], dtype="str")
        try:
            text = typed.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            raise BadSource(
                f"{self._path}: the column '{name}' of type {typed.type} holds no plain values ({error}); "
                "write it as text."
            ) from error
        return pd.Series(text.to_pandas(), dtype="str").fillna("")

    def _share(self) -> float:
        return self._place / max(self._rows, 1)

    def lines(self) -> LineCount | None:
        return None


def with_progress(batches: Iterator[Batch], share: Callable[[], float], say: Say | None) -> Iterator[Batch]:
    """Yield the batches, and say what `share` of the source has been read whenever many rows have been."""
    started, rows, told = time.monotonic(), 0, 0
    for batch in batches:
        yield batch
        rows += len(batch.rows) + len(batch.broken)
        if say and rows - told >= PROGRESS_ROWS:
            told, seconds = rows, time.monotonic() - started
            say(f"reading 读取中   {rows:,} rows 行  {share():.0%}  {rows / seconds:,.0f} rows/s 行每秒")


def in_batches(records: Iterator[Record], header: Sequence[str], headers: Sequence[str]) -> Iterator[Batch]:
    """Yield the columns `headers` of records that stand under `header`, so many rows at a time."""
    wanted = [header.index(name) for name in headers]
    part = _Part([], [], [], [])
    characters = 0
    for record in records:
        if record.fields is None:
            part.broken.append(record)
        else:
            # Only what is read is kept: a row may have thousands of columns.
            part.fields.append([record.fields[index] for index in wanted])
            part.places.append(record.place)
            part.raw.append(record.raw)
        characters += len(record.raw)
        if len(part.raw) + len(part.broken) == BATCH_ROWS or characters > BATCH_CHARACTERS:
            yield part.batch(headers)
            part, characters = _Part([], [], [], []), 0
    if part.raw or part.broken:
        yield part.batch(headers)


@dataclass
class _Part:
    """A batch as it grows."""

    fields: list[list[str]]
    places: list[int]
    raw: list[str]
    broken: list[Record]

    def batch(self, headers: Sequence[str]) -> Batch:
        columns = zip(*self.fields, strict=True) if self.fields else ([] for _ in headers)
        rows = {
            name: values.visible(pd.Series(column, dtype="str"))
            for name, column in zip(headers, columns, strict=True)
        }
        return Batch(pd.DataFrame(rows, columns=pd.Index(headers)), self.places, self.raw, self.broken)


def _number(value: float | None) -> str:
    """A number of a table as the text a person would have typed."""
    if value is None or math.isnan(value):
        return ""
    return text_of(value)


def joined(fields: Sequence[str], delimiter: str) -> str:
    """Return fields as one record of CSV."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="").writerow(fields)
    return written.getvalue()

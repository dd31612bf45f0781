"""The only file that opens a source file: CSV (also gzipped), XLSX or Parquet, read in batches of text."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook, WorksheetNotFound

from warehouse.errors import BadSource
from warehouse.ingest.lines import CsvReader, LineCount, Record
from warehouse.ingest.mapping import Mapping

BATCH_ROWS = 50_000
# What a spreadsheet keeps of a number longer than 15 digits is not what was typed: it is no number any more.
DAMAGED = "\ufffd"
EXACT_DIGITS = 10**15

_ZIP, _PARQUET, _OLD_EXCEL = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
_UNPACKED_MOST = 200 * 1024 * 1024  # bytes
_UNPACKED_RATIO = 100

IsRow = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class Batch:
    """Some rows of a source: the mapped columns as text, and for each its place and raw text.

    `rows` has one text column per mapped source column, '' where empty; `broken` are the records that could
    not be taken apart. Both are in file order.
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


def open_source(path: Path, mapping: Mapping) -> tuple[Source, Mapping, tuple[str, ...]]:
    """Open `path` by what it contains, whatever it is called.

    Returns the source, the mapping fitted to its header, and the mapped columns that the file lacks. Raises
    BadSource when the file cannot be read, BadMapping when it lacks columns that the mapping needs.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise BadSource(
            f"{path} cannot be read ({error.strerror}); check the path and its rights."
        ) from error
    if start == _OLD_EXCEL:
        raise BadSource(f"{path} is an Excel 97–2003 workbook; save it as XLSX or CSV UTF-8.")
    source: Source
    if start == _ZIP:
        source = _Workbook(path, mapping)
    elif start == _PARQUET:
        source = _Parquet(path, mapping)
    else:
        source = _Csv(path, mapping)
    fitted, missing = mapping.fitted(source.header, str(path))
    twice = {name for name in source.header if name and source.header.count(name) > 1}
    if wrong := sorted(twice.intersection(fitted.headers())):
        raise BadSource(f"{path}: the header has '{wrong[0]}' more than once; rename one of the columns.")
    return source, fitted, missing


class _Csv:
    def __init__(self, path: Path, mapping: Mapping) -> None:
        self._reader = CsvReader(path, mapping.delimiter, mapping.header_row)
        self.header = self._reader.header
        self.kind = f"CSV {self._reader.encoding}"

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        yield from in_batches(self._reader.records(is_row), self.header, headers)

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        del headers
        return self.header

    def lines(self) -> LineCount | None:
        return self._reader.count


class _Workbook:
    kind = "XLSX"

    def __init__(self, path: Path, mapping: Mapping) -> None:
        _refuse_bomb(path)
        try:
            workbook = CalamineWorkbook.from_path(path)
            name = mapping.sheet or workbook.sheet_names[0]
            self._rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except WorksheetNotFound:
            raise BadSource(
                f"{path} has no sheet '{mapping.sheet}'; it has: {', '.join(workbook.sheet_names)}."
            ) from None
        except Exception as error:
            # The reader raises many kinds, all meaning the same to whoever exported the file.
            raise BadSource(f"{path} cannot be read as XLSX ({error}); save it again.") from error
        self._first, self._delimiter = mapping.header_row, mapping.delimiter
        if len(self._rows) < self._first:
            raise BadSource(f"{path} ends before its header in row {self._first}; correct 'header_row'.")
        self.header = tuple(_cell(cell).strip() for cell in self._rows[self._first - 1])

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        del is_row  # a sheet's rows cannot swallow each other
        yield from in_batches(self._records(), self.header, headers)

    def _records(self) -> Iterator[Record]:
        for place, row in enumerate(self._rows[self._first :], start=self._first + 1):
            fields = [_cell(cell) for cell in row]
            if any(fields):
                yield Record(place, fields, joined(fields, self._delimiter))

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        del headers
        return self.header

    def lines(self) -> LineCount | None:
        return None


class _Parquet:
    kind = "Parquet"

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self._path, self._zone, self._delimiter = path, mapping.time_zone, mapping.delimiter
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            raise BadSource(f"{path} cannot be read as Parquet ({error}); write it again.") from error
        self.header = tuple(self._file.schema_arrow.names)

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        del is_row  # nor can a table's
        place = 0
        for batch in self._file.iter_batches(BATCH_ROWS, columns=list(headers)):
            columns = {name: self._text(name, batch.column(name)) for name in headers}
            rows = pd.DataFrame(columns, columns=pd.Index(headers))
            raw = [joined(fields, self._delimiter) for fields in rows.itertuples(index=False, name=None)]
            yield Batch(rows, list(range(place + 1, place + 1 + len(rows))), raw, [])
            place += len(rows)

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        return headers

    def _text(self, name: str, values: Any) -> pd.Series[str]:
        if pa.types.is_timestamp(values.type) and values.type.tz:
            # Said with an offset in the file: as the wall clock of the mapping's zone, like any other time.
            zone = self._zone or values.type.tz
            values = pc.local_timestamp(values.cast(pa.timestamp("us", tz=zone)))
        try:
            text = values.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            raise BadSource(
                f"{self._path}: the column '{name}' of type {values.type} holds no plain values ({error}); "
                "write it as text."
            ) from error
        return pd.Series(text.to_pandas(), dtype="str").fillna("")

    def lines(self) -> LineCount | None:
        return None


def in_batches(records: Iterator[Record], header: Sequence[str], headers: Sequence[str]) -> Iterator[Batch]:
    """Yield the columns `headers` of records that stand under `header`, so many rows at a time."""
    wanted = [header.index(name) for name in headers]
    whole: list[Record] = []
    broken: list[Record] = []
    for record in records:
        (broken if record.fields is None else whole).append(record)
        if len(whole) + len(broken) == BATCH_ROWS:
            yield _batch(whole, broken, wanted, headers)
            whole, broken = [], []
    if whole or broken:
        yield _batch(whole, broken, wanted, headers)


def _batch(whole: list[Record], broken: list[Record], wanted: Sequence[int], headers: Sequence[str]) -> Batch:
    columns = {
        name: pd.Series([record.fields[index] for record in whole if record.fields is not None], dtype="str")
        for name, index in zip(headers, wanted, strict=True)
    }
    return Batch(
        pd.DataFrame(columns, columns=pd.Index(headers)),
        [record.place for record in whole],
        [record.raw for record in whole],
        broken,
    )


def _cell(value: object) -> str:
    """A spreadsheet's typed cell as the text a person would have typed."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        if abs(value) >= EXACT_DIGITS:
            return DAMAGED
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def joined(fields: Sequence[str], delimiter: str) -> str:
    """Return fields as one record of CSV."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="").writerow(fields)
    return written.getvalue()


def _refuse_bomb(path: Path) -> None:
    """A few MB of XLSX can unpack to gigabytes; the archive's own table of contents says so beforehand."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            packed = sum(entry.compress_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise BadSource(f"{path} is a damaged XLSX file ({error}); fetch or save it again.") from error
    if unpacked > _UNPACKED_MOST or unpacked > _UNPACKED_RATIO * max(packed, 1):
        raise BadSource(
            f"{path} unpacks from {packed:,} to {unpacked:,} bytes, more than is safe to open; "
            "save it as CSV UTF-8."
        )

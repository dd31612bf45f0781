"""The only file that takes a CSV apart, so that every physical line has a known end.

A general reader meets a stray quotation mark by swallowing rows until the next one, without a word. Here a
line that leaves a quotation open may continue only over lines that are not rows themselves; otherwise that
one line is broken, and the lines after it are read as the rows they are.
"""

from __future__ import annotations

import csv
import gzip
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from warehouse.errors import BadSource

GZIP = b"\x1f\x8b"
ENCODINGS = ("utf-8", "gb18030")
LONGEST_LINE = 16 * 1024 * 1024  # bytes
LONGEST_RECORD = 1000  # physical lines
BAD_QUOTE = "quotation mark left open or misplaced"
TOO_FEW, TOO_MANY = "fewer fields than the header", "more fields than the header"
UNDECODED = tuple(f"not {encoding}" for encoding in ENCODINGS)

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNFINISHED = "unexpected end of data"

csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class Record:
    """One row as the file has it: its first line's number, its fields (None when broken) and its raw text."""

    place: int
    fields: list[str] | None
    raw: str
    reason: str = ""


@dataclass
class LineCount:
    """Where the physical lines of a file went; they add up to `physical`."""

    physical: int = 0
    header: int = 0
    blank: int = 0
    records: int = 0
    continuation: int = 0  # second and later lines of records that span lines

    def adds_up(self) -> bool:
        """Say whether every physical line has been accounted for exactly once."""
        return self.physical == self.header + self.blank + self.records + self.continuation


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, or what a gzip file holds, for reading bytes."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def detect_encoding(path: Path) -> str:
    """Return utf-8 or gb18030: by its mark, else the one under which fewer lines fail, strictly decoded.

    Reads the file once. Raises BadSource for UTF-16, an empty file, or a damaged gzip file.
    """
    failing = dict.fromkeys(ENCODINGS, 0)
    try:
        with open_bytes(path) as file:
            start = file.read(3)
            if not start:
                raise BadSource(f"{path} is empty; export it again.")
            if start[:2] in _UTF16_MARKS:
                raise BadSource(f"{path} is in UTF-16; save it as CSV UTF-8.")
            if start == _UTF8_MARK:
                return "utf-8"
            file.seek(0)
            for line in _physical(file, path):
                if not line.isascii():
                    for encoding in ENCODINGS:
                        failing[encoding] += _decoded(line, encoding) is None
    except (EOFError, gzip.BadGzipFile) as error:
        raise BadSource(f"{path} is cut off or damaged ({error}); fetch or export it again.") from error
    return min(ENCODINGS, key=lambda encoding: failing[encoding])


def split(line: str, delimiter: str) -> list[str] | None:
    """Return the fields of one whole record, [] when a quotation is left open, None when it is malformed."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return [] if _UNFINISHED in str(error) else None


def as_record(place: int, fields: list[str] | None, raw: str, width: int) -> Record:
    """Return what `split` made of a row as a record, broken unless it has exactly `width` fields."""
    if not fields:
        return Record(place, None, raw, BAD_QUOTE)
    if len(fields) > width and not any(fields[width:]):
        fields = fields[:width]  # a delimiter at the end of every line is common, and harmless
    if len(fields) != width:
        return Record(place, None, raw, TOO_FEW if len(fields) < width else TOO_MANY)
    return Record(place, fields, raw)


class CsvReader:
    """The records of one CSV file, in order; `count` is complete when `records` has ended."""

    def __init__(self, path: Path, delimiter: str, header_row: int) -> None:
        """Read up to the header in line `header_row`; raises BadSource when there is none."""
        self.path, self.encoding, self.delimiter = path, detect_encoding(path), delimiter
        self.count = LineCount()
        self._ahead: deque[bytes] = deque()
        self._source = _lines(path)
        first = ""
        for _ in range(header_row):
            line = self._next()
            if line is None:
                raise BadSource(f"{path} ends before its header in line {header_row}; correct 'header_row'.")
            self.count.header += 1
            first = self._decode(line.removeprefix(_UTF8_MARK)) or ""
        header = split(first, delimiter)
        if not header:
            raise BadSource(f"{path} line {header_row}: the header cannot be read as CSV; correct that line.")
        self.header = tuple(name.strip() for name in header)

    def records(self, is_row: Callable[[Sequence[str]], bool]) -> Iterator[Record]:
        """Yield every record, whole or broken; `is_row` tells whether fields are plainly a row."""
        while (line := self._next()) is not None:
            text = self._decode(line)
            if text is None:
                raw = line.decode(self.encoding, errors="backslashreplace")
                yield self._broken(raw, UNDECODED[ENCODINGS.index(self.encoding)])
            elif not text.strip():
                self.count.blank += 1
            else:
                yield self._record(text, is_row)

    def _record(self, text: str, is_row: Callable[[Sequence[str]], bool]) -> Record:
        place, fields, taken = self.count.physical, split(text, self.delimiter), 0
        if fields == []:
            fields, text, taken = self._continued(text, is_row)
        if fields is None:
            return self._broken(text, BAD_QUOTE)
        self.count.records += 1
        self.count.continuation += taken
        return as_record(place, fields, text, len(self.header))

    def _continued(
        self, start: str, is_row: Callable[[Sequence[str]], bool]
    ) -> tuple[list[str] | None, str, int]:
        """Join the lines of a record that spans lines; gives them all back when it turns out to be none."""
        taken: list[bytes] = []
        text = start
        while len(taken) < LONGEST_RECORD and (line := self._next()) is not None:
            taken.append(line)
            more = self._decode(line)
            if more is None or self._stands_alone(more, is_row):
                break
            text = f"{text}\n{more}"
            if '"' in more:
                fields = split(text, self.delimiter)
                if fields is None:
                    break
                if len(fields) == len(self.header):
                    return fields, text, len(taken)
                if fields:
                    break
        self._ahead.extendleft(reversed(taken))
        self.count.physical -= len(taken)
        return None, start, 0

    def _stands_alone(self, text: str, is_row: Callable[[Sequence[str]], bool]) -> bool:
        fields = split(text, self.delimiter)
        return fields is not None and len(fields) == len(self.header) and is_row(fields)

    def _broken(self, raw: str, reason: str) -> Record:
        self.count.records += 1
        return Record(self.count.physical, None, raw, reason)

    def _next(self) -> bytes | None:
        line = self._ahead.popleft() if self._ahead else next(self._source, None)
        if line is not None:
            self.count.physical += 1
        return line

    def _decode(self, line: bytes) -> str | None:
        return _decoded(line, self.encoding)


def _lines(path: Path) -> Iterator[bytes]:
    """Yield each physical line; the file closes when the last is read, or when nobody asks for more."""
    with open_bytes(path) as file:
        yield from _physical(file, path)


def _physical(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield each physical line without its end.

    LF, comma and quotation mark never occur inside a character of UTF-8 or GB18030, so bytes may be split.
    """
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise BadSource(
                f"{path} line {number} is longer than {LONGEST_LINE // 1024 // 1024} MB; "
                "the file is no CSV with line ends: export it again."
            )
        yield line.rstrip(b"\r\n")


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None

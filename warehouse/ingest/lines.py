"""The only file that takes a CSV apart, so that every physical line has a known end.

A general reader meets a stray quotation mark by swallowing rows until the next one, without a word. Here a
line that leaves a quotation open may continue only over lines that are not rows themselves; otherwise that
one line is broken, and the lines after it are read as the rows they are.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from warehouse.errors import BadSource
from warehouse.ingest.bombs import refuse_gzip_bomb
from warehouse.ingest.values import UNSEEN

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
_PIECE = 1024 * 1024  # bytes
# In the beginning of a text there is hardly a control character, in that of anything else there are many.
_BEGINNING, _CONTROLS_MOST = 4096, 40  # bytes
_CONTROLS = bytes({*range(32), 127} - {*b"\t\r\n"})
_UNSEEN = re.compile(UNSEEN)
_UNDECODABLE = re.compile("[\udc80-\udcff]")
DELIMITERS = (",", ";", "\t", "|")

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


def is_gzip(path: Path) -> bool:
    """Say whether a file is packed by gzip, whatever it is called."""
    with path.open("rb") as file:
        return file.read(2) == GZIP


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, or what a gzip file holds, for reading bytes."""
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip(path) else path.open("rb")


def detect_encoding(path: Path) -> str:
    """Return utf-8 or gb18030: by its mark, else what most lines are, else under which fewer lines fail.

    Lines are decoded strictly. Few texts in GB18030 are UTF-8 by chance, but many in UTF-8 are GB18030, so
    the foreign lines of a file in UTF-8 do not make it GB18030.

    Reads the file once, or twice when it is not UTF-8. Raises BadSource when it is empty, in UTF-16, or no
    text.
    """
    with open_bytes(path) as file:
        start = file.read(_BEGINNING)
        if not start:
            raise BadSource(f"{path} is empty; export it again.")
        if start[:2] in _UTF16_MARKS:
            raise BadSource(f"{path} is in UTF-16; save it as CSV UTF-8.")
        controls = len(start) - len(start.translate(None, _CONTROLS))
        if controls > min(_CONTROLS_MOST, len(start) // 10):
            raise BadSource(
                f"{path} is no CSV, XLSX or Parquet, whatever it is called (at best a text in UTF-16 without "
                "a mark); save it as CSV UTF-8."
            )
        if start.startswith(_UTF8_MARK) or _is_utf8(start, file):
            return "utf-8"
    failing, beyond_ascii = dict.fromkeys(ENCODINGS, 0), 0
    for line in _lines(path):
        if not line.isascii():
            beyond_ascii += 1
            for encoding in ENCODINGS:
                failing[encoding] += _decoded(line, encoding) is None
    if 2 * failing["utf-8"] < beyond_ascii:
        return "utf-8"
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


def names_of(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the names of the columns: the last row, and where it is empty the nearest name above.

    Cells that are merged downwards have their name in the first row of the merged ones.
    """
    *above, last = [[_UNSEEN.sub("", name).strip() for name in row] for row in rows]
    names = []
    for place, name in enumerate(last):
        higher = [row[place] for row in above if place < len(row) and row[place]]
        names.append(name or (higher[-1] if higher else ""))
    return tuple(names)


def escaped(line: bytes, encoding: str) -> str:
    """Return a line that does not decode as text from which its bytes can be had again.

    Each byte in the way stands as \\xNN, and so does every backslash that was there.
    """
    text = line.decode(encoding, errors="surrogateescape").rstrip("\r").replace("\\", "\\x5c")
    return _UNDECODABLE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)


class CsvReader:
    """The records of one CSV file, in order; `count` is complete when `records` has ended.

    `first_rows` are the fields of its first lines: down to the header, and some beyond it.
    """

    def __init__(self, path: Path, delimiter: str, header_row: int, beyond: int = 0) -> None:
        """Read up to the header in line `header_row`, and look `beyond`; BadSource when there is none."""
        self.path, self.delimiter = path, delimiter
        self.size = refuse_gzip_bomb(path) if is_gzip(path) else path.stat().st_size
        self.encoding = detect_encoding(path)
        self.count = LineCount(header=header_row)
        self._taken = 0  # bytes
        self._ahead: deque[bytes] = deque()
        self._source = _lines(path)
        first: list[bytes] = []
        while len(first) < header_row + beyond and (line := self._next()) is not None:
            first.append(line)
        if len(first) < header_row:
            raise BadSource(f"{path} ends before its header in line {header_row}; correct 'header_row'.")
        self._ahead.extend(first[header_row:])
        self.count.physical = header_row
        first[0] = first[0].removeprefix(_UTF8_MARK)
        told = [self._decode(line) for line in first]
        self.first_rows = [split(_unended(text or ""), delimiter) or [] for text in told]
        self._check_header(told[header_row - 1], self.first_rows[header_row - 1])
        self.header = names_of(self.first_rows[:header_row])

    def _check_header(self, text: str | None, fields: list[str]) -> None:
        place = f"{self.path} line {self.count.header}"
        if text is None or not fields:
            raise BadSource(f"{place}: the header cannot be read as CSV; correct that line.")
        if "\r" in _unended(text) and '"' not in text:
            raise BadSource(
                f"{place}: the lines end with a carriage return alone, as old Macintoshes wrote them; save "
                "the file as CSV UTF-8 with ordinary line ends."
            )
        if len(fields) == 1:
            for other in DELIMITERS:
                if other in text:
                    raise BadSource(
                        f"{place}: the fields are separated by {other!r}, not {self.delimiter!r}; set "
                        f"delimiter = {json.dumps(other)} in the mapping."
                    )

    def share(self) -> float:
        """Return how much of the file has been read, from 0 to 1."""
        return self._taken / self.size

    def records(self, is_row: Callable[[Sequence[str]], bool]) -> Iterator[Record]:
        """Yield every record, whole or broken; `is_row` tells whether fields are plainly a row."""
        while (line := self._next()) is not None:
            text = self._decode(line)
            if text is None:
                yield self._broken(escaped(line, self.encoding), UNDECODED[ENCODINGS.index(self.encoding)])
            elif not text.strip():
                self.count.blank += 1
            else:
                yield self._record(text, is_row)

    def _record(self, text: str, is_row: Callable[[Sequence[str]], bool]) -> Record:
        place, raw, taken = self.count.physical, _unended(text), 0
        fields = split(raw, self.delimiter)
        if fields == []:
            fields, raw, taken = self._continued(text, is_row)
        if fields is None:
            return self._broken(raw, BAD_QUOTE)
        self.count.records += 1
        self.count.continuation += taken
        return as_record(place, fields, raw, len(self.header))

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
                raw = _unended(text)
                fields = split(raw, self.delimiter)
                if fields is None:
                    break
                if len(fields) == len(self.header):
                    return fields, raw, len(taken)
                if fields:
                    break
        self._ahead.extendleft(reversed(taken))
        self.count.physical -= len(taken)
        return None, _unended(start), 0

    def _stands_alone(self, text: str, is_row: Callable[[Sequence[str]], bool]) -> bool:
        fields = split(_unended(text), self.delimiter)
        return fields is not None and len(fields) == len(self.header) and is_row(fields)

    def _broken(self, raw: str, reason: str) -> Record:
        self.count.records += 1
        return Record(self.count.physical, None, raw, reason)

    def _next(self) -> bytes | None:
        if self._ahead:
            line: bytes | None = self._ahead.popleft()
        elif (line := next(self._source, None)) is not None:
            self._taken += len(line) + 1
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
    """Yield each physical line without its LF.

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
        yield line.removesuffix(b"\n")


def _is_utf8(start: bytes, file: BinaryIO) -> bool:
    """Say whether `start` and the rest of `file` are UTF-8 throughout."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    piece = start
    try:
        while piece:
            decoder.decode(piece)
            piece = file.read(_PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _unended(text: str) -> str:
    return text.rstrip("\r")


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None

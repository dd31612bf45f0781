"""The only file that reads back the rows a load set aside: to list them masked, or to be loaded after all."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from warehouse.errors import BadSource
from warehouse.ingest.lines import UNDECODED, LineCount, Record, as_record, split
from warehouse.ingest.sidefile import COLUMNS, HEADER, side_path
from warehouse.ingest.sources import Batch, IsRow, in_batches
from warehouse.schema import batch

_REPLAYED = re.compile(r" \(replay of batch \d+\)$")


@dataclass(frozen=True)
class Row:
    """A row set aside: its place in the source, why, what may be shown of it, and what it was."""

    place: int
    reason: str
    shown: str  # masked; empty when the row could not be taken apart
    raw: str


@dataclass(frozen=True)
class SetAside:
    """What one batch of the live version set aside, and no replay has read again yet."""

    batch_id: int
    file_name: str
    mapping: str
    path: Path

    @property
    def replay_name(self) -> str:
        """The file name of the batch that reads these rows again."""
        return f"{_REPLAYED.sub('', self.file_name)} (replay of batch {self.batch_id})"

    def rows(self) -> Iterator[Row]:
        """Yield the rows as they were set aside; raises BadSource when the side file is not whole."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            for fields in csv.reader(file):
                if len(fields) != len(COLUMNS):
                    raise BadSource(f"{self.path} has been changed; restore it or load its source again.")
                if fields[0].isdigit() and fields[1] != HEADER:
                    yield Row(int(fields[0]), *fields[1:])


def waiting(connection: Connection, folder: Path) -> tuple[list[SetAside], list[str]]:
    """Return what waits in `folder` for the batches of this version, and a sentence for each file gone."""
    batches = connection.execute(select(batch).order_by(batch.c.batch_id)).all()
    names = {row.file_name for row in batches}
    found, gone = [], []
    for row in batches:
        path = side_path(folder, row.batch_id, row.file_sha256)
        one = SetAside(row.batch_id, row.file_name, row.mapping, path)
        if one.replay_name in names:
            continue
        if path.is_file():
            found.append(one)
        elif row.rows_rejected:
            gone.append(
                f"The {row.rows_rejected} rows that batch {row.batch_id} ({row.file_name}) rejected are no "
                f"longer in {path}; restore it to list or replay them."
            )
    return found, gone


class SideSource:
    """The rows set aside as a source like any other; rows that could not be decoded stay broken."""

    kind = "set aside 隔离"

    def __init__(self, rows: SetAside, delimiter: str) -> None:
        """Read the header that the rows stand under; raises BadSource when it has gone."""
        self._rows, self._delimiter = rows, delimiter
        with rows.path.open(encoding="utf-8-sig", newline="") as file:
            start = [fields for fields, _ in zip(csv.reader(file), range(2), strict=False)]
        if len(start) < 2 or start[1][1] != HEADER:
            raise BadSource(f"{rows.path} has been changed; restore it or load its source again.")
        self.header = tuple(name.strip() for name in split(start[1][-1], delimiter) or ())

    def batches(self, headers: Sequence[str], is_row: IsRow) -> Iterator[Batch]:
        """Yield the columns `headers` of every row."""
        del is_row  # the rows were told apart when their file was read
        yield from in_batches(self._records(), self.header, headers)

    def _records(self) -> Iterator[Record]:
        for row in self._rows.rows():
            if row.reason in UNDECODED:
                yield Record(row.place, None, row.raw, row.reason)
            else:
                yield as_record(row.place, split(row.raw, self._delimiter), row.raw, len(self.header))

    def raw_header(self, headers: Sequence[str]) -> Sequence[str]:
        """Return what the raw text of a row stands under."""
        del headers
        return self.header

    def lines(self) -> LineCount | None:
        """Rows set aside have no lines of their own."""
        return None

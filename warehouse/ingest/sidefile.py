"""The only file that writes rows outside the warehouse: those not loaded, to be looked at."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import Any

COLUMNS = ("line 行", "reason 原因", "shown 遮盖", "raw 原文")
HEADER = "header 表头"


def side_path(folder: Path, batch_id: int, fingerprint: str) -> Path:
    """Return where the rows that a batch did not load stand."""
    return folder / f"batch-{batch_id}-{fingerprint[:8]}.csv"


class SideFile:
    """A CSV of place, reason, masked and raw text, made when its first row comes, for its owner alone.

    Raw rows hold names and numbers of persons, so neither the warehouse nor the screen ever shows them.
    """

    def __init__(self, path: Path, place: int, header: str) -> None:
        """`header` is what the raw rows stand under, and `place` its row in the source."""
        self.path = path
        self.rows = 0
        self._header = (place, HEADER, "", header)
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> SideFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            # The rows are on disk before a version is published that says where they went.
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def add(self, place: int, reason: str, shown: str, raw: str) -> None:
        """Write one row: `place` is the line of a CSV, the row of a sheet or table; `shown` is masked."""
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.unlink(missing_ok=True)  # an earlier attempt's file may have had wider rights
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerows((COLUMNS, self._header))
        self._writer.writerow([place, reason, shown, raw])
        self.rows += 1

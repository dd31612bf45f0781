"""The only file that opens a workbook: in a process of its own, whose memory and time have an end.

Two cells far apart in a file of a kilobyte make the reader lay out billions between them, and when memory
ends it ends its process without a word. So the child ends, and whoever exported the file gets a sentence.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from warehouse.errors import BadSource

# What a spreadsheet keeps of a number longer than 15 digits is not what was typed: it is no number any more.
DAMAGED = "\ufffd"
EXACT_DIGITS = 10**15
MEMORY_MOST = 1280 * 1024 * 1024  # bytes of address space
SECONDS_MOST = 60
_REFUSED = 3


class Sheet:
    """The cells of one sheet as text, row by row, in a nameless file on disk."""

    def __init__(self, path: Path, wanted: str | None) -> None:
        """Read the sheet `wanted`, else the only visible one that holds anything.

        Raises BadSource when there is no such sheet, when several might be meant, or when the file cannot be
        opened within the memory and time that are safe.
        """
        # The lines hold names and numbers of persons: the file has no name and ends with this process.
        self._rows: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (closed below)
        weakref.finalize(self, self._rows.close)
        told = subprocess.run(  # noqa: S603 (this very file, by the interpreter that runs it)
            [sys.executable, "-m", "warehouse.ingest.workbook", str(path.absolute()), wanted or ""],
            cwd=Path(__file__).resolve().parent.parent.parent,
            stdout=self._rows,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if told.returncode == _REFUSED:
            raise BadSource(f"{path} {told.stderr.strip()}")
        if told.returncode:
            raise BadSource(
                f"{path} cannot be opened within {MEMORY_MOST // 1024 // 1024:,} MB and {SECONDS_MOST} "
                "seconds (one forgotten cell far from the others is enough for that); save it as CSV UTF-8."
            )
        self._rows.seek(0)
        told_of = json.loads(self._rows.readline())
        self.name, self.sheets, self.height = str(told_of[0]), int(told_of[1]), int(told_of[2])
        self._start = self._rows.tell()

    def rows(self) -> Iterator[list[str]]:
        """Yield every row from the first on, empty ones too, as text."""
        self._rows.seek(self._start)
        for line in self._rows:
            yield json.loads(line)


def text_of(value: object) -> str:
    """Return a spreadsheet's typed cell as the text a person would have typed."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        if not abs(value) < EXACT_DIGITS:  # true of NaN as well
            return DAMAGED
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _write(path: Path, wanted: str, out: IO[str]) -> str:
    """Write name, number of sheets and height, then each row, as lines of JSON; returns why not, or ''."""
    try:
        workbook = CalamineWorkbook.from_path(path)
        name, refusal = _chosen(workbook, wanted)
        if refusal:
            return refusal
        sheet = workbook.get_sheet_by_name(name)
        height = sheet.end[0] + 1 if sheet.end else 0  # of an empty sheet there is no end
        out.write(json.dumps((name, len(workbook.sheet_names), height)) + "\n")
        for row in sheet.iter_rows():
            out.write(json.dumps([text_of(cell) for cell in row], ensure_ascii=False) + "\n")
    except PasswordError:
        return "is protected by a password; save it without one."
    except (CalamineError, OSError, ValueError, UnicodeError) as error:
        return f"cannot be read as XLSX ({error}); save it again."
    return ""


def _chosen(workbook: CalamineWorkbook, wanted: str) -> tuple[str, str]:
    """The sheet to read, and why none is."""
    if wanted:
        known = ", ".join(workbook.sheet_names)
        return wanted, "" if wanted in workbook.sheet_names else f"has no sheet '{wanted}'; it has: {known}."
    visible = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    filled = [name for name in visible if workbook.get_sheet_by_name(name).height]
    if len(filled) > 1:
        # To read the first alone would lose the rows of the others without a word.
        return "", (
            f"has several sheets with rows ({', '.join(filled)}); name one by 'sheet' in the mapping, "
            "and save the others as files of their own."
        )
    return (*filled, *visible, *workbook.sheet_names)[0], ""


def _main(path: Path, wanted: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST, MEMORY_MOST))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MOST, SECONDS_MOST))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    if refusal := _write(path, wanted, sys.stdout):
        sys.stderr.write(refusal)
    return _REFUSED if refusal else 0


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), sys.argv[2]))

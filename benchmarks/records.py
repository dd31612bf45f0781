"""What it costs to write down who did what: milliseconds and bytes of a record, how fast a chain is walked.

python benchmarks/records.py [--records 2000] [--at DIRECTORY]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import report  # noqa: E402
from warehouse.records.audit import Action, Entry, Person, append, verify  # noqa: E402
from warehouse.records.opening import open_records  # noqa: E402

LOOK = Entry(
    Action.VIEWED,
    Person("3f0a5c77-1be2-4f0e-9d5e-6a1f5d1f0c11", "周书记", "leader", "0123456789ab"),
    "overview",
    "近 4 周 2026-10-04 至 2026-10-31 · 余杭区 · 城乡建设 · 热线",
    "20261101T020000000000",
    date(2026, 10, 31),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table; returns 0."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/records.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--records", type=int, default=2000, help="how many are written")
    parser.add_argument("--at", type=Path, default=None, help="a folder on the disk to be measured")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.at) as folder:
        place = Path(folder) / "records.db"
        with closing(open_records(str(place))) as records:
            spent = []
            for _ in range(chosen.records):
                begun = time.perf_counter()
                append(records, LOOK)
                spent.append((time.perf_counter() - begun) * 1e3)
            begun = time.perf_counter()
            verdict = verify(records)
            walked = time.perf_counter() - begun
        size = place.stat().st_size  # closed: what stood in the journal is in the file
    rows = [
        ["a record, median", f"{report.milliseconds(report.p50(spent))} ms"],
        ["a record, 95 of 100", f"{report.milliseconds(report.p95(spent))} ms"],
        ["a record on disk", f"{size / verdict.records:.0f} bytes"],
        ["a chain walked", f"{verdict.records / walked:,.0f} records a second"],
    ]
    print(report.table(["what", "cost"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

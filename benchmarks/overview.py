"""What the overview costs on the server: ours against the same page written naively, in one run, interleaved.

    python benchmarks/overview.py [--cases 3M] [--repeat 3]

Both pages are the same board with the same figures and layout; only where the numbers come from differs.
Before anything is timed their numbers are compared, every one of them. Exit codes: 0 measured, 1 the numbers
differ or the overview reads the fact.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pandas as pd
from sqlalchemy import func, select

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import report, warehouses  # noqa: E402
from benchmarks.naive import NaiveWarehouse  # noqa: E402
from benchmarks.page import STEPS, Page, Run, forget_answers  # noqa: E402
from queries.city_index import CityIndex, ask_index  # noqa: E402
from queries.execute import Warehouse, open_warehouse  # noqa: E402
from queries.insights.index import CITY_ROW  # noqa: E402
from queries.policies import read_index  # noqa: E402
from queries.question import Question  # noqa: E402
from warehouse.engines import duckdb  # noqa: E402
from warehouse.rollups import ROLLUPS  # noqa: E402
from warehouse.schema import METADATA  # noqa: E402
from warehouse.store import Store  # noqa: E402

MEASURED, WRONG = 0, 1
# A table that is no roll-up must be about as small as a list that people keep by hand.
SMALL = 20_000
NEVER = "cases"
# Floating-point sums in another order; anything a reader could see is far larger.
TOLERANCE = 1e-9
WARM, CLICKED = "warm: nothing new", "click: answers known, drawn anew"
FILTERED, COLD = "filter: another period, index known", "cold: nothing known"
READING, KEEPING = "naive: rows read at every re-run", "naive: rows kept in memory"


class DifferentNumbers(Exception):
    """The two pages do not say the same; the message names the first place."""


@dataclass(frozen=True)
class Subject:
    """The pages over one warehouse, and what the real one asks."""

    warehouse: Warehouse
    ours: Page
    reading: NaiveWarehouse
    keeping: NaiveWarehouse


def compare_answers(real: Warehouse, naive: NaiveWarehouse, questions: Sequence[Question]) -> int:
    """Asks both every question and returns how many numbers were equal; raises DifferentNumbers."""
    compared = 0
    for question in questions:
        ours, theirs = real.ask(question).frame, naive.ask(question).frame
        keys = [name for name in (*question.split, "bucket", "window_end") if name in ours]
        columns = [name for name in map(str, ours) if name not in keys and not name.endswith("_mature_on")]
        missing = set(columns) - set(map(str, theirs))
        if missing:
            raise DifferentNumbers(f"{question.metrics}: the naive page has no {', '.join(sorted(missing))}")
        a, b = (_spoken(frame, keys, columns, question.metrics) for frame in (ours, theirs))
        if list(a.index) != list(b.index):
            only = sorted({*a.index} ^ {*b.index}, key=str)[:3]
            raise DifferentNumbers(f"{question.metrics} by {keys}: only one page has {only}")
        for column in columns:
            for key, one, other in zip(a.index, a[column], b[column], strict=True):
                _same(f"{column} at {key} of {question.metrics}", float(one), float(other))
        compared += a.size
    return compared


def _spoken(frame: pd.DataFrame, keys: list[str], columns: list[str], metrics: Sequence[str]) -> pd.DataFrame:
    """The rows that say something: a member without a single item may be absent or 0."""
    if not keys:
        return frame[columns]
    counted = [name for name in columns if name.endswith(("_numerator", "_base"))]
    says = (frame[counted].fillna(0) != 0).any(axis=1) | (frame[list(metrics)].fillna(0) != 0).any(axis=1)
    return frame[says].set_index(keys)[columns].sort_index()


def compare_indexes(ours: CityIndex, theirs: CityIndex) -> int:
    """Compares every index value, indicator reading, contribution and rank; raises DifferentNumbers."""
    compared = 0
    for region in (CITY_ROW, *ours.districts):
        for on in ours.dates:
            a, b = ours.score(region, on), theirs.score(region, on)
            _same(f"index of {region} on {on}", a.value, b.value)
            for one, other in zip(a.aims, b.aims, strict=True):
                for left, right in zip(one.indicators, other.indicators, strict=True):
                    place = f"{left.indicator.key} of {region} on {on}"
                    _same(place, left.read.value, right.read.value)
                    _same(f"sampling error of {place}", left.read.error, right.read.error)
                    compared += 2
        for move, other_move in zip(ours.contributions(region), theirs.contributions(region), strict=True):
            _same(f"contribution of {move.indicator.key} in {region}", move.points, other_move.points)
            compared += 1
    if (ours.ranks, ours.ranks_before) != (theirs.ranks, theirs.ranks_before):
        raise DifferentNumbers("the ranks or their intervals differ")
    return compared


def _same(place: str, one: float, other: float) -> None:
    if math.isnan(one) and math.isnan(other):
        return
    if not math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        raise DifferentNumbers(f"{place}: {one!r} against {other!r}")


def compare(subject: Subject) -> int:
    """Draws the real page once and compares every number behind it; returns how many there were."""
    forget_answers()
    run = subject.ours.run()
    as_of, versions = subject.warehouse.info.as_of, read_index()
    ours, theirs = (
        ask_index(cast(Warehouse, one), versions, as_of=as_of) for one in (subject.warehouse, subject.keeping)
    )
    return compare_answers(subject.warehouse, subject.keeping, run.questions) + compare_indexes(ours, theirs)


def table_rows(directory: Path, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each of these tables has."""
    engine = duckdb.engine(Store(directory).current(), read_only=True)
    try:
        with engine.connect() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(METADATA.tables[name])).scalar_one()
                for name in sorted(tables)
            }
    finally:
        engine.dispose()


def too_large(rows: Mapping[str, int]) -> list[str]:
    """The tables among these that a page must not read: the fact, and any large one that is no roll-up."""
    rollups = {rollup.table.name for rollup in ROLLUPS}
    return [name for name, count in rows.items() if name == NEVER or (name not in rollups and count > SMALL)]


def measure(subject: Subject, repeat: int) -> dict[str, list[Run]]:
    """`repeat` rounds of every kind of re-run in turn, so that a slow minute hits all of them."""
    sources = {READING: subject.reading, KEEPING: subject.keeping}
    naive = {name: Page(one) for name, one in sources.items()}
    runs: dict[str, list[Run]] = {name: [] for name in (WARM, CLICKED, FILTERED, COLD, *sources)}
    for _ in range(repeat):
        forget_answers()
        runs[COLD].append(subject.ours.run())
        runs[CLICKED].append(subject.ours.run(aim="volume_down"))
        runs[FILTERED].append(subject.ours.run(span="12w"))
        runs[WARM].append(subject.ours.run())
        for name, page in naive.items():
            forget_answers()
            sources[name].rerun()
            runs[name].append(page.run())
    return runs


def printed(runs: Mapping[str, Sequence[Run]]) -> str:
    """The table: medians of the whole and of its steps, and how many times the naive page costs."""
    totals = {name: report.p50([run.total for run in every]) for name, every in runs.items()}
    rows = []
    for name, every in runs.items():
        steps = [report.p50([run.steps.get(step, 0.0) for run in every]) for step in STEPS]
        naive = (READING, KEEPING)
        against = [
            "" if name in naive or other not in totals else report.times(totals[other], totals[name])
            for other in naive
        ]
        rows.append([name, report.milliseconds(totals[name]), *map(report.milliseconds, steps), *against])
    return report.table(["re-run, ms (median)", "all", *STEPS, "÷ reading", "÷ keeping"], rows)


def run(directory: Path, cases: str, repeat: int) -> int:
    """Compares, measures, prints, writes var/benchmark/overview.json; returns the exit code."""
    warehouse = open_warehouse(directory)
    reading, keeping = (NaiveWarehouse(directory, warehouse, keep=keep) for keep in (False, True))
    subject = Subject(warehouse, Page(warehouse), reading, keeping)
    try:
        try:
            equal = compare(subject)
        except DifferentNumbers as difference:
            print(f"The two pages differ, nothing was measured: {difference}", file=sys.stderr)
            return WRONG
        runs = measure(subject, repeat)
    finally:
        for naive in (reading, keeping):
            naive.close()
        warehouse.close()
    rows = table_rows(directory, runs[COLD][0].reads)
    wrong = too_large(rows)
    print(
        f"Overview over {cases} demo cases (演示数据), {repeat} rounds; "
        f"{equal:,} numbers equal on both pages.\n"
    )
    print(printed(runs))
    print("\nRead by a cold re-run: " + ", ".join(f"{name} ({count:,} rows)" for name, count in rows.items()))
    path = report.write(
        "overview",
        {
            "cases": cases,
            "repeat": repeat,
            "numbers_equal": equal,
            "reads": rows,
            "runs": {
                name: [{"total": one.total, **one.steps} for one in every] for name, every in runs.items()
            },
        },
    )
    print(f"Written to {path}")
    if wrong:
        print(
            f"The overview reads {', '.join(wrong)}: it must read only roll-ups and small tables.",
            file=sys.stderr,
        )
        return WRONG
    return MEASURED


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/overview.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", default="3M", help="size of the demo warehouse (default %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (default %(default)s)")
    chosen = parser.parse_args(arguments)
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    return run(warehouses.demo(chosen.cases), chosen.cases, max(1, chosen.repeat))


if __name__ == "__main__":
    sys.exit(main())

"""What every board of the menu costs on the server: cold, after a filter, warm; each against the overview.

    python benchmarks/boards.py [--cases 3M] [--repeat 3] [--boards overview,volume]

All boards are drawn in turn in every round, so that a slow minute hits all of them. Exit codes:
0 every board is within its limits, 1 one is not; the last lines say which, and where its time went.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import report, warehouses  # noqa: E402
from benchmarks.page import STEPS, Page, Run, forget_answers  # noqa: E402
from dashboards.navigation import DEFAULT, all_boards  # noqa: E402
from queries.execute import open_warehouse  # noqa: E402

WITHIN, OVER = 0, 1
COLD, FILTERED, WARM = "cold", "filter", "warm"
# Milliseconds on the server that the median may take.
LIMITS = {COLD: 1500.0, WARM: 400.0}
# What a reader changes for the row "filter": the answers to it are not known yet.
OTHER_SPAN = {"span": "12w"}

Runs = Mapping[str, Mapping[str, Sequence[Run]]]  # board → kind of re-run → rounds


def measure(pages: Mapping[str, Page], repeat: int) -> dict[str, dict[str, list[Run]]]:
    """`repeat` rounds over all pages: nothing known, another span, the same again."""
    runs: dict[str, dict[str, list[Run]]] = {key: {COLD: [], FILTERED: [], WARM: []} for key in pages}
    for _ in range(repeat):
        for key, page in pages.items():
            forget_answers()
            runs[key][COLD].append(page.run())
            runs[key][FILTERED].append(page.run(**OTHER_SPAN))
            page.run()
            runs[key][WARM].append(page.run())
    return runs


def median(every: Sequence[Run], step: str | None = None) -> float:
    """The median milliseconds of these re-runs, or of one of their steps."""
    return report.p50([run.total if step is None else run.steps.get(step, 0.0) for run in every])


def printed(runs: Runs) -> str:
    """One row for each board and kind: the whole, its steps, SELECTs, bytes, and how often the overview's."""
    rows = []
    first = runs.get(DEFAULT, next(iter(runs.values())))
    for key, kinds in runs.items():
        for kind, every in kinds.items():
            parts = [report.milliseconds(median(every, step)) for step in STEPS]
            rows.append(
                [
                    f"{key}: {kind}",
                    report.milliseconds(median(every)),
                    *parts,
                    report.milliseconds(report.p50([run.cpu for run in every])),
                    str(every[0].statements),
                    f"{report.p50([run.size for run in every]) / 1000:,.0f}",
                    f"{median(every) / median(first[kind]):.1f} ×",
                ]
            )
    headings = ["re-run, ms (median)", "all", *STEPS, "CPU", "SELECTs", "KB sent", "÷ overview"]
    return report.table(headings, rows)


def over(runs: Runs) -> list[str]:
    """What takes longer than it may: the board, how long, and its two dearest steps."""
    found = []
    for key, kinds in runs.items():
        for kind, limit in LIMITS.items():
            took = median(kinds[kind])
            if took > limit:
                steps = sorted(STEPS, key=lambda step: -median(kinds[kind], step))[:2]
                said = ", ".join(f"{step} {median(kinds[kind], step):,.0f} ms" for step in steps)
                found.append(f"{key} {kind}: {took:,.0f} ms, allowed {limit:,.0f}; most of it {said}")
    return found


def run(directory: Path, cases: str, repeat: int, boards: Sequence[str]) -> int:
    """Measures, prints, writes var/benchmark/boards.json; returns the exit code."""
    warehouse = open_warehouse(directory)
    try:
        runs = measure({key: Page(warehouse, key) for key in boards}, repeat)
    finally:
        warehouse.close()
    print(f"Every board over {cases} demo cases (演示数据), {repeat} rounds:\n\n{printed(runs)}\n")
    path = report.write(
        "boards",
        {
            "cases": cases,
            "repeat": repeat,
            "limits": LIMITS,
            "boards": {
                key: {
                    kind: [
                        {
                            "total": one.total,
                            "cpu": one.cpu,
                            "statements": one.statements,
                            "bytes": one.size,
                            **one.steps,
                        }
                        for one in every
                    ]
                    for kind, every in kinds.items()
                }
                for key, kinds in runs.items()
            },
        },
    )
    print(f"Written to {path}")
    missed = over(runs)
    print("\n".join(missed) if missed else "Every board is within its limits.")
    return OVER if missed else WITHIN


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    every = [board.key for board in all_boards()]
    parser = argparse.ArgumentParser(
        prog="benchmarks/boards.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", default="3M", help="size of the demo warehouse (default %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (default %(default)s)")
    parser.add_argument(
        "--boards", type=lambda text: text.split(","), default=every, help="some of " + ",".join(every)
    )
    chosen = parser.parse_args(arguments)
    if unknown := sorted({*chosen.boards} - {*every}):
        parser.error(f"there is no board {', '.join(unknown)}; choose of {', '.join(every)}")
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    return run(warehouses.demo(chosen.cases), chosen.cases, max(1, chosen.repeat), chosen.boards)


if __name__ == "__main__":
    sys.exit(main())

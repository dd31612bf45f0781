"""What it costs not to be told everything: every question of every board, by three readers in turn.

    python benchmarks/scopes.py [--cases 3M] [--repeat 3] [--boards overview,volume]

The leader is told everything, the district office its own district and the rest with hidden small numbers,
the presenter only these. Read the ratios to the leader; a question that a reader may not ask at all is left
out of both sides of its ratio.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import report, warehouses  # noqa: E402
from benchmarks.asked import Asked, questions, sending  # noqa: E402
from dashboards import access  # noqa: E402
from queries.errors import NotAllowed  # noqa: E402
from queries.execute import Warehouse, open_warehouse  # noqa: E402
from queries.hiding import Hiding  # noqa: E402
from queries.policies import read_privacy  # noqa: E402
from queries.scope import CITY, Scope  # noqa: E402

LEADER, OFFICE, PRESENTER = "leader", "district", "presenter"
_SECRET = bytes(32)  # steps drawn with any secret cost the same
_K = 5


def readers(warehouse: Warehouse) -> dict[str, Warehouse]:
    """The open warehouse as each reader sees it; the office's district is the first."""
    first = int(warehouse.members("district")["id"].iloc[0])
    scopes = {
        LEADER: CITY,
        OFFICE: Scope(cases=(first,), smallest=_K),
        PRESENTER: Scope(cases=(), smallest=_K),
    }
    hides = Hiding(read_privacy(), _SECRET)
    return {name: warehouse.seen_by(scope, hides) for name, scope in scopes.items()}


def measure(
    seen: dict[str, Warehouse], asked: Sequence[Asked], repeat: int
) -> list[dict[str, tuple[float, int]]]:
    """For each question and reader the median milliseconds and its SELECTs; a reader refused is left out."""
    found: list[dict[str, tuple[float, int]]] = []
    for one in asked:
        times: dict[str, list[float]] = {}
        sent: dict[str, int] = {}
        for _ in range(repeat):
            for name, warehouse in seen.items():
                begun = time.perf_counter()
                try:
                    with sending() as statements:
                        one.call.of(warehouse)
                except NotAllowed:
                    continue
                times.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
                sent[name] = len(statements)
        found.append({name: (report.p50(took), sent[name]) for name, took in times.items()})
    return found


def printed(asked: Sequence[Asked], found: Sequence[dict[str, tuple[float, int]]]) -> str:
    """One row for each board and one for all: the sum as a leader, the ratios of the others."""
    rows = []
    for board in (*dict.fromkeys(one.board for one in asked), "all"):
        mine = [one for one, of in zip(found, asked, strict=True) if board in (of.board, "all")]
        row = [board, str(len(mine)), report.milliseconds(sum(one[LEADER][0] for one in mine))]
        for name in (OFFICE, PRESENTER):
            both = [(one[LEADER], one[name]) for one in mine if name in one]
            before, after = (sum(pair[at][0] for pair in both) for at in (0, 1))
            most = max((after / before for (before, _), (after, _) in both), default=float("nan"))
            selects = sum(pair[1][1] for pair in both) - sum(pair[0][1] for pair in both)
            row += [f"{after / before:.2f} ×" if both else "–", f"{most:.1f} ×", f"{selects:+d}"]
        rows.append(row)
    told = [
        f"{name}{word}" for name in (OFFICE, PRESENTER) for word in (" ÷ leader", ", dearest", ", SELECTs")
    ]
    return report.table(["board", "questions", "leader, ms", *told], rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command: measures, prints, writes var/benchmark/scopes.json; returns 0."""
    policy = access.roles()
    every = [
        board
        for board, roles in policy.boards.items()
        if {LEADER, OFFICE} <= roles and board != "definitions"
    ]
    parser = argparse.ArgumentParser(
        prog="benchmarks/scopes.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", default="3M", help="size of the demo warehouse (default %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (default %(default)s)")
    parser.add_argument("--boards", type=lambda text: text.split(","), default=every, help="some of them")
    chosen = parser.parse_args(arguments)
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    warehouse = open_warehouse(warehouses.demo(chosen.cases))
    try:
        asked = questions(warehouse, chosen.boards)
        found = measure(readers(warehouse), asked, max(1, chosen.repeat))
    finally:
        warehouse.close()
    print(f"Every question over {chosen.cases} demo cases (演示数据), {chosen.repeat} rounds:\n")
    print(printed(asked, found))
    named = [{"question": one.name, **took} for one, took in zip(asked, found, strict=True)]
    path = report.write("scopes", {"cases": chosen.cases, "repeat": chosen.repeat, "questions": named})
    print(f"\nWritten to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

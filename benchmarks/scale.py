"""What the boards' questions cost as the city grows: every question, every size, every engine, cold and warm.

    python benchmarks/scale.py [--cases 3M,33M] [--engines duckdb,postgresql,clickhouse] [--repeat 5]
    python benchmarks/scale.py --generate --cases 300k     # builds anew elsewhere, only to time that

Warm: the warehouse is open and has answered the question before. Cold: the warehouse was opened anew, so
that nothing of the file is in this process's memory; --evict also asks the system to forget the file. On a
server cold means new connections, what the server keeps in memory stays. Quiet: a warm answer's time, or all
the work that this process did for it if that is less: the most it takes on a machine with nothing else to do.
The limits are of that. Exit codes: 0 within the limits, 1 not; the last lines name the questions to blame.
"""

from __future__ import annotations

import argparse
import logging
import math
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import asked, report, servers, warehouses  # noqa: E402
from benchmarks.asked import FACT, GROUPS, ROLLUP, Asked  # noqa: E402
from benchmarks.bandwidth import ENOUGH, copy_bandwidth  # noqa: E402
from benchmarks.timings import DUCKDB, Measured, measure, rows_of  # noqa: E402
from dashboards.navigation import all_boards  # noqa: E402
from queries.execute import open_warehouse  # noqa: E402
from warehouse.errors import WarehouseError  # noqa: E402
from warehouse.schema import cases  # noqa: E402
from warehouse.store import Store  # noqa: E402

WITHIN, OVER = 0, 1
# What roll-ups are for: milliseconds at the 95th percentile, warm, on the largest DuckDB warehouse, and how
# many times longer they may take there than on the smallest.
ROLLUP_LIMIT, GROWTH_LIMIT = 100.0, 1.5
SLOWEST = 10


def groups(questions: Sequence[Asked]) -> dict[str, list[Asked]]:
    """The questions by where their answers are read."""
    return {group: [one for one in questions if one.group == group] for group in GROUPS}


def summary(every: Sequence[Measured], questions: Sequence[Asked]) -> str:
    """One row for each warehouse and group: how many questions, warm and cold percentiles, the slowest."""
    lines = []
    for found in every:
        for group, mine in groups(questions).items():
            answered = [one for one in mine if found.timings[one.key].warm]
            warm = [took for one in answered for took in found.timings[one.key].warm]
            cold = [took for one in answered for took in found.timings[one.key].cold]
            quiet = found.quiet(answered) if found.engine == DUCKDB else []
            told = [report.p50(warm), report.p95(warm), report.p95(quiet), report.p50(cold), report.p95(cold)]
            slowest = max((found.settled(one) for one in answered), default=math.nan)
            lines.append(
                [f"{found.name}: {group}", str(len(answered)), *map(report.milliseconds, [*told, slowest])]
            )
    headings = ["ms", "questions", "warm p50", "p95", "quiet p95", "cold p50", "p95", "slowest"]
    return report.table(headings, lines)


def slowest(found: Measured, questions: Sequence[Asked]) -> str:
    """The ten slowest questions of a warehouse by their warm medians."""
    answered = [one for one in questions if found.timings[one.key].warm]
    ranked = sorted(answered, key=found.settled, reverse=True)[:SLOWEST]
    lines = [
        [
            one.name,
            one.group,
            report.milliseconds(report.p50(found.timings[one.key].warm)),
            report.milliseconds(found.settled(one)),
            report.milliseconds(report.p50(found.timings[one.key].cold)),
            str(len(one.statements)),
            f"{found.timings[one.key].rows:,}",
        ]
        for one in ranked
    ]
    return report.table(
        [f"slowest on {found.name}", "reads", "warm ms", "quiet", "cold", "SELECTs", "rows"], lines
    )


@dataclass(frozen=True)
class Growth:
    """What became of a group's questions from the smaller warehouse to the larger one."""

    group: str
    small: float  # ms: the medians of all questions added up
    large: float
    items: float  # how many times more items

    @property
    def factor(self) -> float:
        """How many times longer the larger one takes."""
        return self.large / self.small if self.small > 0 else math.nan

    @property
    def exponent(self) -> float:
        """log(time ratio) ÷ log(size ratio): 0 the size does not matter, 1 time grows as the items do."""
        return (
            math.log(self.factor) / math.log(self.items) if self.factor > 0 and self.items > 1 else math.nan
        )


def growths(small: Measured, large: Measured, questions: Sequence[Asked]) -> list[Growth]:
    """The growth of every group, over the questions that both have answered."""
    items = large.rows[cases.name] / max(1, small.rows[cases.name])
    found = []
    for group, mine in groups(questions).items():
        both = [one for one in mine if small.timings[one.key].warm and large.timings[one.key].warm]
        sums = [sum(side.settled(one) for one in both) for side in (small, large)]
        found.append(Growth(group, sums[0], sums[1], items))
    return found


def growth_table(small: Measured, large: Measured, found: Sequence[Growth]) -> str:
    """How each group grew; times are of all its questions asked once, one after the other."""
    lines = [
        [
            one.group,
            report.milliseconds(one.small),
            report.milliseconds(one.large),
            f"{one.factor:.2f} ×",
            f"{one.exponent:.2f}",
        ]
        for one in found
    ]
    return report.table(["all warm, quiet, ms", small.size, large.size, "growth", "exponent"], lines)


def touched_table(found: Measured, questions: Sequence[Asked], bandwidth: float) -> str:
    """The slowest questions of the fact: what they must touch, how fast they did, against the memory."""
    mine = [one for one in groups(questions)[FACT] if found.timings[one.key].warm]
    lines = []
    for one in sorted(mine, key=found.settled, reverse=True)[:SLOWEST]:
        size, took = one.touched(found.rows), found.settled(one) / 1000
        lines.append(
            [
                one.name,
                report.milliseconds(took * 1000),
                f"{size / 1e6:,.0f}",
                f"{size / took / 1e9:.1f}",
                f"{size / took / bandwidth:.0%}",
            ]
        )
    headings = [f"fact on {found.name}", "ms", "MB named", "GB/s", "÷ bandwidth"]
    return report.table(headings, lines)


def over(
    every: Sequence[Measured], questions: Sequence[Asked], grown: Sequence[Growth], duckdb_sizes: int
) -> list[str]:
    """What is beyond the limits on the largest DuckDB warehouse, each with the questions to blame."""
    if not duckdb_sizes:
        return []
    large, mine = every[duckdb_sizes - 1], groups(questions)[ROLLUP]
    said = [f"{large.name}: {one.name} was not answered: {large.timings[one.key].fault}" for one in questions
            if large.timings[one.key].fault]  # fmt: skip
    p95 = report.p95(large.quiet(mine))
    if p95 > ROLLUP_LIMIT:
        said.append(
            f"{large.name}: roll-ups p95 {p95:,.0f} ms warm, allowed {ROLLUP_LIMIT:,.0f}; over it are"
        )
        beyond = [one for one in mine if large.settled(one) > ROLLUP_LIMIT]
        said += [
            f"  {large.settled(one):,.0f} ms {one.name}"
            for one in sorted(beyond, key=large.settled, reverse=True)
        ]
    for one in grown:
        if one.group == ROLLUP and one.factor > GROWTH_LIMIT:
            small = every[0]
            more = {question.name: large.settled(question) - small.settled(question) for question in mine}
            worst = sorted(more, key=lambda name: -more[name])[:SLOWEST]
            said.append(f"roll-ups: growth {one.factor:.2f} ×, allowed {GROWTH_LIMIT}; most of it in")
            said += [f"  +{more[name]:,.0f} ms {name}" for name in worst]
    return said


@dataclass(frozen=True)
class Order:
    """What is to be measured: sizes from small to large, engines, rounds, boards."""

    sizes: Sequence[str]
    engines: Sequence[str]
    repeat: int
    boards: Sequence[str]
    server_cases: str
    evict: bool = False


def run(order: Order) -> int:
    """Measures, prints, writes var/benchmark/scale.json; returns the exit code."""
    places = {size: warehouses.demo(size) for size in order.sizes}
    named: dict[str, Asked] = {}
    for place in places.values():
        warehouse = open_warehouse(place)
        try:
            named |= {
                one.key: one for one in asked.questions(warehouse, order.boards) if one.key not in named
            }
        finally:
            warehouse.close()
    questions = tuple(named.values())
    every = []
    if DUCKDB in order.engines:
        for size, place in places.items():
            file = Store(place).current()
            found = Measured(DUCKDB, size, rows_of(file))
            found.about = {"bytes": file.stat().st_size, "generation": warehouses.generation(size)}
            measure(found, place, questions, order.repeat, file if order.evict else None)
            every.append(found)
    sizes = len(every)
    for engine in (one for one in order.engines if one != DUCKDB):
        try:
            every.append(_on_server(engine, order, questions))
        except (servers.NotStarted, WarehouseError, RuntimeError) as error:
            print(f"{engine} was not measured: {error}\n", flush=True)
    bandwidth = copy_bandwidth(ENOUGH)
    grown = growths(every[0], every[sizes - 1], questions) if sizes > 1 else []
    _print(order, every, questions, grown, sizes, bandwidth)
    path = report.write("scale", _written(order, every, questions, grown, bandwidth))
    print(f"Written to {path}")
    missed = over(every, questions, grown, sizes)
    print("\n".join(missed) if missed else "The roll-ups are within their limits.")
    return OVER if missed else WITHIN


def _on_server(engine: str, order: Order, questions: Sequence[Asked]) -> Measured:
    source = warehouses.demo(order.server_cases)
    with servers.copied(engine, source) as copied:
        found = Measured(engine, order.server_cases, rows_of(Store(source).current()))
        found.about = {"copy_seconds": copied.seconds}
        measure(found, copied.url, questions, order.repeat, None)
    return found


def _print(
    order: Order,
    every: Sequence[Measured],
    questions: Sequence[Asked],
    grown: Sequence[Growth],
    sizes: int,
    bandwidth: float,
) -> None:
    said = f"{len(questions)} questions of {len(order.boards)} boards over demo cases (演示数据)"
    print(f"\n{said}, {order.repeat} rounds:\n\n{summary(every, questions)}\n")
    for found in every[:sizes]:
        opening = f"opened in {report.milliseconds(report.p50(found.opening))} ms"
        size = f"{(found.rows[cases.name]):,} items, {int(str(found.about['bytes'])) / 1e9:.2f} GB, {opening}"
        print(f"{found.name}: {size}; generated: {_generated(found)}")
    for found in every[sizes:]:
        print(f"{found.name}: copied and proved in {float(str(found.about['copy_seconds'])):,.0f} s")
    for found in every:
        print(f"\n{slowest(found, questions)}")
    if sizes:
        print(
            f"\nMemory copies {bandwidth / 1e9:.1f} GB/s (read + written, all cores). A question's bytes are"
        )
        print("rows × declared widths of the columns that its SELECTs name, nothing skipped:\n")
        print(touched_table(every[sizes - 1], questions, bandwidth))
    if grown:
        print(f"\n{growth_table(every[0], every[sizes - 1], grown)}\n")


def _generated(found: Measured) -> str:
    steps = warehouses.generation(found.size)
    if not steps:
        return "not by this benchmark, so its seconds are not known"
    total = sum(steps.values())
    each = ", ".join(f"{name} {took:,.1f} s" for name, took in steps.items())
    return f"{total:,.0f} s ({found.rows[cases.name] / total:,.0f} cases/s): {each}"


def _written(
    order: Order,
    every: Sequence[Measured],
    questions: Sequence[Asked],
    grown: Sequence[Growth],
    bandwidth: float,
) -> dict[str, object]:
    return {
        "repeat": order.repeat,
        "evicted": order.evict,
        "limits": {"rollup_p95_ms": ROLLUP_LIMIT, "growth": GROWTH_LIMIT},
        "bandwidth_bytes_a_second": bandwidth,
        "growth": [{"group": one.group, "factor": one.factor, "exponent": one.exponent} for one in grown],
        "warehouses": [
            {
                "engine": found.engine,
                "cases": found.size,
                "rows": dict(found.rows),
                "opening": report.p50(found.opening),
                **found.about,
                "questions": [
                    {
                        "name": one.name,
                        "group": one.group,
                        "tables": sorted(one.tables),
                        "rows": found.timings[one.key].rows,
                        "bytes": one.touched(found.rows),
                        "cold": found.timings[one.key].cold,
                        "warm": found.timings[one.key].warm,
                        "cpu": found.timings[one.key].cpu,
                        "fault": found.timings[one.key].fault,
                    }
                    for one in questions
                ],
            }
            for found in every
        ],
    }


def generate(sizes: Sequence[str]) -> int:
    """Builds each size anew beside the kept ones, says and writes the seconds of each step, removes it."""
    for size in sizes:
        place = report.RESULTS / f"{size}-timed"
        try:
            steps = warehouses.generate(size, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        warehouses.keep_generation(size, steps)
        each = ", ".join(f"{name} {took:,.1f} s" for name, took in steps.items())
        print(f"{size}: {sum(steps.values()):,.0f} s: {each}", flush=True)
    return WITHIN


def _listed(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    every = [board.key for board in all_boards()]
    parser = argparse.ArgumentParser(
        prog="benchmarks/scale.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", type=_listed, default=["3M", "33M"], help="sizes, small to large (3M,33M)")
    parser.add_argument("--engines", type=_listed, default=[DUCKDB], help="of duckdb,postgresql,clickhouse")
    parser.add_argument("--repeat", type=int, default=5, help="rounds (default %(default)s)")
    parser.add_argument("--server-cases", default="300k", help="size on the servers (default %(default)s)")
    parser.add_argument("--boards", type=_listed, default=every, help="some of " + ",".join(every))
    parser.add_argument(
        "--evict", action="store_true", help="cold also drops the file from the system's cache"
    )
    parser.add_argument("--generate", action="store_true", help="only time how long each size takes to build")
    chosen = parser.parse_args(arguments)
    for given, known in ((chosen.boards, every), (chosen.engines, [DUCKDB, *servers.SERVERS])):
        if unknown := sorted({*given} - {*known}):
            parser.error(f"there is no {', '.join(unknown)}; choose of {', '.join(known)}")
    if chosen.generate:
        return generate(chosen.cases)
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    repeat = max(1, chosen.repeat)
    return run(Order(chosen.cases, chosen.engines, repeat, chosen.boards, chosen.server_cases, chosen.evict))


if __name__ == "__main__":
    sys.exit(main())

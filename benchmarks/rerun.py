"""What a re-run costs its reader, over the wire: an empty page and the overview, before and after the cures.

    python benchmarks/rerun.py [--cases 3M] [--repeat 20] [--seconds 20] [--viewers 1,10,50]

Before: Streamlit's own settings (a full garbage collection after every run, nothing warmed up). After: as the
suite is served. Both servers stand at the same time and are asked in turn. What cannot be served the old way
any more, charts and map, is measured function by function.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import report, warehouses  # noqa: E402
from benchmarks.cures import Cost, costs  # noqa: E402
from benchmarks.page import Page  # noqa: E402
from benchmarks.server import serving  # noqa: E402
from benchmarks.viewer import Rerun, Viewer, viewing  # noqa: E402
from queries.execute import open_warehouse  # noqa: E402

BEFORE, AFTER = "before", "after"
ENTRIES = {
    "empty": {BEFORE: "benchmarks/pages/empty.py", AFTER: "benchmarks/pages/empty_asgi.py"},
    "overview": {BEFORE: "dashboards/app.py", AFTER: "dashboards/asgi.py"},
}
AS_IT_COMES = ("--runner.postScriptGC", "true")
# Seconds a reader looks at the page before the next click.
THINK = (2.0, 6.0)
# Seconds before a measured re-run: no reader clicks while the last messages are still being acknowledged.
PAUSE = 0.1
# The choices that readers go round in; after one round all answers are known.
ROUND: tuple[Mapping[str, str], ...] = ({}, {"span": "12w"}, {"aim": "volume_down"}, {"span": "1w"})
SEED = 1

Reruns = dict[str, dict[str, list[Rerun]]]  # row → before and after → the re-runs


async def one_viewer(addresses: Mapping[str, Mapping[str, str]], repeat: int) -> Reruns:
    """One reader on each page, before and after in turn: first sight, nothing changed, a filter changed."""
    found: Reruns = {}

    async def keep(row: str, side: str, viewer: Viewer, **choices: str) -> None:
        await asyncio.sleep(PAUSE)
        rerun = await viewer.rerun(**choices)
        found.setdefault(row, {BEFORE: [], AFTER: []})[side].append(rerun)

    for page, sides in addresses.items():
        for address in sides.values():
            async with viewing(address) as viewer:
                for choices in ROUND:  # every answer and every figure is made once
                    await viewer.rerun(**choices)
        for _ in range(max(3, repeat // 4)):
            for side, address in sides.items():
                async with viewing(address) as viewer:
                    await keep(f"{page}: first sight of a new reader", side, viewer)
        viewers = {side: viewing(address) for side, address in sides.items()}
        async with viewers[BEFORE] as before, viewers[AFTER] as after:
            for viewer in (before, after):
                await viewer.rerun()
            for turn in range(repeat):
                for side, viewer in ((BEFORE, before), (AFTER, after)):
                    await keep(f"{page}: nothing changed", side, viewer, **ROUND[0])
                    if page == "empty":
                        continue
                    await keep(f"{page}: a filter changed", side, viewer, **ROUND[1 + turn % 3])
                    await viewer.rerun(**ROUND[0])
    return found


async def crowd(address: str, viewers: int, seconds: float) -> list[float]:
    """Milliseconds of every re-run of `viewers` readers who look, think and click for `seconds`."""
    spent: list[float] = []
    chance = random.Random(SEED)
    end = time.monotonic() + seconds

    async def look(viewer: Viewer, mine: random.Random) -> None:
        while True:
            await asyncio.sleep(mine.uniform(*THINK))
            if time.monotonic() > end:
                return
            spent.append((await viewer.rerun(**mine.choice(ROUND))).milliseconds)

    async def come(mine: random.Random) -> None:
        await asyncio.sleep(mine.uniform(0, THINK[0]))
        async with viewing(address) as viewer:
            await viewer.rerun()
            await look(viewer, mine)

    await asyncio.gather(*(come(random.Random(chance.random())) for _ in range(viewers)))
    return spent


def rerun_table(found: Reruns) -> str:
    """Median, 95th percentile and bytes of every kind of re-run, before and after."""
    rows = []
    for name, sides in found.items():
        before, after = ([one.milliseconds for one in sides[side]] for side in (BEFORE, AFTER))
        size = report.p50([one.size for one in sides[AFTER]])
        rows.append([name, *_beside(before, after), f"{size / 1000:,.1f}"])
    return report.table([*_headings("re-run, ms"), "KB received"], rows)


def crowd_table(found: Mapping[int, Mapping[str, Sequence[float]]]) -> str:
    """The same for rooms of readers; and how many re-runs there were."""
    rows = [
        [f"readers at once: {viewers}", *_beside(sides[BEFORE], sides[AFTER]), str(len(sides[AFTER]))]
        for viewers, sides in found.items()
    ]
    return report.table([*_headings("overview, ms"), "re-runs"], rows)


def cost_table(found: Mapping[str, Cost]) -> str:
    """What charts and maps cost to make, each against the dearest way of its kind."""
    rows = []
    for name, cost in found.items():
        kind = name.partition(",")[0]
        first = next(other for key, other in found.items() if key.startswith(kind))
        rows.append(
            [
                name,
                f"{cost.milliseconds:.2f}",
                report.times(first.milliseconds, cost.milliseconds),
                f"{cost.size / 1000:,.1f}",
                report.times(first.size, cost.size),
            ]
        )
    return report.table(["made", "ms", "cheaper", "KB", "smaller"], rows)


def _headings(first: str) -> list[str]:
    return [first, "before p50", "p95", "after p50", "p95", "p50 ÷", "p95 ÷"]


def _beside(before: Sequence[float], after: Sequence[float]) -> list[str]:
    told = [report.p50(before), report.p95(before), report.p50(after), report.p95(after)]
    ratios = [report.times(told[0], told[2]), report.times(told[1], told[3])]
    return [*map(report.milliseconds, told), *ratios]


def made(directory: Path) -> dict[str, Cost]:
    """The costs of the overview's chart and map over this warehouse."""
    warehouse = open_warehouse(directory)
    try:
        drawn = Page(warehouse).run()
    finally:
        warehouse.close()
    return costs(drawn.charts[0], drawn.maps[0])


def run(directory: Path, cases: str, repeat: int, seconds: float, rooms: Sequence[int]) -> int:
    """Measures, prints, writes var/benchmark/rerun.json; returns the exit code."""
    with ExitStack() as stack:
        addresses = {
            page: {
                side: stack.enter_context(serving(entry, directory, AS_IT_COMES if side == BEFORE else ()))
                for side, entry in sides.items()
            }
            for page, sides in ENTRIES.items()
        }
        reruns = asyncio.run(one_viewer(addresses, repeat))
        print(
            f"One reader over {cases} demo cases (演示数据), {repeat} rounds:\n\n{rerun_table(reruns)}\n",
            flush=True,
        )
        crowds = {
            viewers: {
                side: asyncio.run(crowd(address, viewers, seconds))
                for side, address in addresses["overview"].items()
            }
            for viewers in rooms
        }
    if crowds:
        low, high = THINK
        print(f"Rooms, {low:g} to {high:g} s between clicks, {seconds:g} s each:\n\n{crowd_table(crowds)}\n")
    parts = made(directory)
    print(f"Charts and maps, function by function:\n\n{cost_table(parts)}\n")
    path = report.write(
        "rerun",
        {
            "cases": cases,
            "reruns": {
                row: {side: [[one.milliseconds, one.size] for one in every] for side, every in sides.items()}
                for row, sides in reruns.items()
            },
            "rooms": crowds,
            "made": {name: [cost.milliseconds, cost.size] for name, cost in parts.items()},
        },
    )
    print(f"Written to {path}")
    return 0


def _rooms(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/rerun.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", default="3M", help="size of the demo warehouse (default %(default)s)")
    parser.add_argument("--repeat", type=int, default=20, help="re-runs of each kind (default %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=20, help="how long a room is watched (default %(default)s)"
    )
    parser.add_argument(
        "--viewers", type=_rooms, default=[1, 10, 50], help="sizes of the rooms (default 1,10,50)"
    )
    chosen = parser.parse_args(arguments)
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    return run(
        warehouses.demo(chosen.cases), chosen.cases, max(2, chosen.repeat), chosen.seconds, chosen.viewers
    )


if __name__ == "__main__":
    sys.exit(main())

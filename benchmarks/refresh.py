"""What a day's load costs while the boards are read, and whether any reader ever sees half of it.

    python benchmarks/refresh.py [--cases 33M] [--readers 1,10,50] [--reads 10000] [--days 3] [--rows 30000]
                                 [--pause 1]

A copy of the demo warehouse takes the files of the days after it by `python -m warehouse load`, one after the
other, before rooms of readers. Afterwards every version that was live is asked every question once more by
itself: a read must equal the answer of the version that it names. Exit codes: 0 every day was loaded within
the limit and no read failed or was mixed, 1 not so.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import asked, report, warehouses  # noqa: E402
from benchmarks.days import SECRET, Days, prepare  # noqa: E402
from benchmarks.page import Call  # noqa: E402
from benchmarks.readers import Read, digest, reading  # noqa: E402
from dashboards.navigation import all_boards  # noqa: E402
from queries.execute import open_warehouse  # noqa: E402
from queries.question import Question  # noqa: E402
from queries.vocabulary import Period  # noqa: E402
from warehouse.people import SECRET_VARIABLE  # noqa: E402
from warehouse.store import Store  # noqa: E402

WITHIN, OVER = 0, 1
LIMIT = 10.0  # seconds that a day may take, from starting the command until readers see it
IDLE = 10.0  # seconds that a room reads before the first day
SETTLING = 2.0  # seconds between days, in which readers change to the new version
LATER = 7  # days: whole weeks stay whole, and the new days are inside the periods asked about
LIVE = "published"  # what the line begins with that says so
_STEP = re.compile(r"^(?P<step>.*\S)\s+(?P<seconds>\d+(?:\.\d+)?) s$")

Expected = Mapping[str, Sequence[str]]  # version → the digest of each question's answer


class NotLoaded(Exception):
    """A day was not loaded; the message holds what the command said."""


@dataclass(frozen=True)
class Load:
    """One day's load: seconds until it was live, by step as the command says them, when, what became live.

    `ended`: seconds until the command had ended, the copy for the next load made. `cpu`: the seconds that its
    threads worked, which a crowded machine does not change.
    """

    begun: float
    seconds: float
    ended: float
    cpu: float
    steps: Mapping[str, float]
    version: str


@dataclass
class Watched:
    """A room of readers and the days loaded before them."""

    readers: int
    loads: list[Load] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    mixed: int = 0

    @property
    def failed(self) -> list[Read]:
        """Reads that ended in an error."""
        return [one for one in self.reads if one.fault]

    def milliseconds(self, *, loading: bool) -> list[float]:
        """How long the answered reads took that began while a day was loaded, or while none was."""
        return [
            one.seconds * 1000
            for one in self.reads
            if not one.fault
            and loading == any(0 <= one.begun - load.begun <= load.ended for load in self.loads)
        ]


def moved(question: Question, days: int) -> Question:
    """The same question of a period `days` later, as known that much later."""
    later = timedelta(days)
    trailing = question.trailing
    if trailing is not None:
        trailing = replace(trailing, ends=tuple(end + later for end in trailing.ends))
    period = Period(question.period.start + later, question.period.end + later)
    return replace(question, period=period, as_of=question.as_of + later, trailing=trailing)


def calls(demo: Path, boards: Sequence[str]) -> tuple[Call, ...]:
    """What the boards ask with a question, moved on so that the days to be loaded change the answers."""
    warehouse = open_warehouse(demo)
    try:
        found = [one.call for one in asked.questions(warehouse, boards)]
    finally:
        warehouse.close()
    return tuple(
        replace(call, arguments=(moved(call.arguments[0], LATER), *call.arguments[1:]))
        for call in found
        if call.arguments and isinstance(call.arguments[0], Question)
    )


def answers(store: Store, version: str, questions: Sequence[Call]) -> list[str]:
    """The digest of each question's answer in one version, asked alone."""
    warehouse = open_warehouse(store.directory, version)
    try:
        return [digest(call.of(warehouse)) for call in questions]
    finally:
        warehouse.close()


def load(store: Store, file: Path, mapping: Path) -> Load:
    """Loads one day's file by the command, in a process of its own; raises NotLoaded."""
    command = [sys.executable, "-m", "warehouse", "load", str(file), "--mapping", str(mapping)]
    begun, worked, live, said = time.monotonic(), _worked(), None, ""
    with subprocess.Popen(
        [*command, "--directory", str(store.directory)],
        cwd=ROOT,
        env={**os.environ, SECRET_VARIABLE: SECRET.hex()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # as a timer starts it, not as a child of the server
    ) as process:
        for line in process.stdout or ():
            said += line
            if line.startswith(LIVE):
                live = time.monotonic() - begun
    ended = time.monotonic() - begun
    if process.returncode or live is None:
        raise NotLoaded(f"{file} was not loaded: {said[-2000:]}")
    return Load(begun, live, ended, _worked() - worked, steps(said), store.version())


def _worked() -> float:
    """CPU seconds of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def steps(said: str) -> dict[str, float]:
    """Seconds by step from the lines of a load that end in seconds."""
    found = (_STEP.match(line.strip()) for line in said.splitlines())
    return {step["step"]: float(step["seconds"]) for step in found if step}


def watch(
    days: Days, place: Path, readers: int, questions: Sequence[Call], pause: float, least: int
) -> Watched:
    """Loads all days before a room of readers, who read on until they have read `least` times."""
    store = days.fresh(place / "warehouse")
    seen = place / "seen"
    shutil.rmtree(seen, ignore_errors=True)
    seen.mkdir()
    watched = Watched(readers)
    with reading(store.directory, readers, questions, pause) as room:
        time.sleep(IDLE)
        for file in days.files:
            watched.loads.append(load(store, file, days.mapping))
            live = store.current()
            os.link(live, seen / live.name)  # the store keeps only the latest versions
            print(f"{readers} readers: {file.name} in {watched.loads[-1].seconds:.1f} s", flush=True)
            time.sleep(SETTLING)
        while room.count() < least:
            time.sleep(0.5)
    watched.reads = room.reads
    return watched


def check(watched: Watched, expected: Expected) -> int:
    """How many reads are not the answer of the version that they name."""
    return sum(
        1
        for one in watched.reads
        if not one.fault
        and (one.version not in expected or expected[one.version][one.question] != one.digest)
    )


def changed(before: Sequence[str], after: Sequence[str]) -> int:
    """How many questions two versions answer differently: what a mixed read could be seen by."""
    return sum(1 for one, other in zip(before, after, strict=True) if one != other)


def printed(rooms: Sequence[Watched]) -> str:
    """One row for each room: its days, its reads, and what they took with and without a load beside them."""
    rows = []
    for room in rooms:
        idle, busy = (room.milliseconds(loading=loading) for loading in (False, True))
        rows.append(
            [
                f"readers: {room.readers}",
                f"{max(one.seconds for one in room.loads):.1f}",
                f"{len(room.reads):,}",
                f"{len(busy):,}",
                str(len(room.failed)),
                str(room.mixed),
                *map(
                    report.milliseconds,
                    (report.p50(idle), report.p95(idle), report.p50(busy), report.p95(busy)),
                ),
            ]
        )
    headings = ["", "slowest day, s", "reads", "in a load", "failed", "mixed"]
    return report.table([*headings, "idle p50, ms", "p95", "loading p50, ms", "p95"], rows)


def printed_steps(rooms: Sequence[Watched]) -> str:
    """One row for each day loaded: its seconds, and those of each step that the command tells."""
    names = list(dict.fromkeys(step for room in rooms for one in room.loads for step in one.steps))
    rows = [
        [
            f"readers: {room.readers}, day {day}",
            f"{one.seconds:.1f}",
            f"{one.ended:.1f}",
            f"{one.cpu:.1f}",
            *[f"{one.steps[name]:.1f}" if name in one.steps else "–" for name in names],
        ]
        for room in rooms
        for day, one in enumerate(room.loads, start=1)
    ]
    return report.table(["load, s", "live", "ended", "CPU", *names], rows)


def over(rooms: Sequence[Watched], reads: int) -> list[str]:
    """What is beyond the limits."""
    found = []
    for room in rooms:
        for day, one in enumerate(room.loads, start=1):
            if one.seconds > LIMIT:
                found.append(f"{room.readers} readers: day {day} took {one.seconds:.1f} s, allowed {LIMIT:g}")
        if room.failed:
            found.append(f"{room.readers} readers: {len(room.failed)} reads failed; {room.failed[0].fault}")
        if room.mixed:
            found.append(f"{room.readers} readers: {room.mixed} reads are no answer of the version they name")
    if (every := sum(len(room.reads) for room in rooms)) < reads:
        found.append(f"{every:,} reads were made, fewer than the {reads:,} asked for")
    return found


def run(
    cases: str,
    demo: Path,
    sizes: Sequence[int],
    reads: int,
    number: int,
    rows: int | None,
    pause: float,
    boards: Sequence[str],
) -> int:
    """Prepares, loads, checks, prints, writes var/benchmark/refresh.json; returns the exit code."""
    place = report.RESULTS / f"{cases}-refresh"
    days = prepare(demo, place, number)
    if rows is not None:
        days = days.thinned(rows)
    questions = calls(demo, boards)
    base = days.store.version()
    before = answers(days.store, base, questions)
    rooms: list[Watched] = []
    differ: list[int] = []
    for room in sizes:
        wanted = reads - sum(len(one.reads) for one in rooms) if room == sizes[-1] else 0
        watched = watch(days, place, room, questions, pause, wanted)
        seen = Store(place / "seen")
        expected = {base: before} | {
            one.version: answers(seen, one.version, questions) for one in watched.loads
        }
        watched.mixed = check(watched, expected)
        differ = [
            changed(one, other)
            for one, other in zip([*expected.values()], [*expected.values()][1:], strict=False)
        ]
        rooms.append(watched)
    for left in ("warehouse", "seen"):
        shutil.rmtree(place / left)
    print(
        f"\n{number} days of {days.new:,} new and {days.corrected:,} corrected items over {cases} demo cases"
        f" (演示数据); {len(questions)} questions, of which each day changes the answers of"
        f" {', '.join(map(str, differ))}; {pause:g} s between a reader's questions.\n\n{printed(rooms)}\n\n"
        f"{printed_steps(rooms)}\n"
    )
    path = report.write("refresh", _written(cases, days, rooms, questions, differ, pause))
    print(f"Written to {path}")
    missed = over(rooms, reads)
    print("\n".join(missed) if missed else "Every day was loaded in time, and no read failed or was mixed.")
    return OVER if missed else WITHIN


def _written(
    cases: str,
    days: Days,
    rooms: Sequence[Watched],
    questions: Sequence[Call],
    differ: Sequence[int],
    pause: float,
) -> dict[str, object]:
    return {
        "cases": cases,
        "new": days.new,
        "corrected": days.corrected,
        "questions": len(questions),
        "changed_by_day": list(differ),
        "pause": pause,
        "limit_seconds": LIMIT,
        "rooms": [
            {
                "readers": room.readers,
                "reads": len(room.reads),
                "failed": [one.fault for one in room.failed][:20],
                "mixed": room.mixed,
                "loads": [
                    {
                        "seconds": one.seconds,
                        "ended": one.ended,
                        "cpu": one.cpu,
                        "steps": dict(one.steps),
                    }
                    for one in room.loads
                ],
                "idle_ms": _percentiles(room.milliseconds(loading=False)),
                "loading_ms": _percentiles(room.milliseconds(loading=True)),
            }
            for room in rooms
        ],
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    return {"p50": report.p50(values), "p95": report.p95(values), "reads": len(values)}


def _rooms(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/refresh.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", default="33M", help="size of the demo warehouse (default %(default)s)")
    parser.add_argument("--readers", type=_rooms, default=[1, 10, 50], help="sizes of the rooms (1,10,50)")
    parser.add_argument("--reads", type=int, default=10_000, help="in all, at least (default %(default)s)")
    parser.add_argument("--days", type=int, default=3, help="loaded before each room (default %(default)s)")
    parser.add_argument("--rows", type=int, help="in a day's file (default: all that a day brings)")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between a reader's questions (1)")
    chosen = parser.parse_args(arguments)
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    boards = [board.key for board in all_boards()]
    return run(
        chosen.cases,
        warehouses.demo(chosen.cases),
        chosen.readers,
        chosen.reads,
        max(1, chosen.days),
        chosen.rows,
        chosen.pause,
        boards,
    )


if __name__ == "__main__":
    sys.exit(main())

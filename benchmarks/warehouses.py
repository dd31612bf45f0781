"""Demo warehouses to measure on: made once for each size, then used again."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks import report
from warehouse import __main__ as command
from warehouse.store import Store


@dataclass
class StepClock(io.TextIOBase):
    """Stands in for the terminal: passes every line on and notes how long its step took, in seconds."""

    steps: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.monotonic)

    def write(self, text: str) -> int:
        """A command says a line when a step is done."""
        for line in filter(None, map(str.strip, text.splitlines())):
            now = time.monotonic()
            name = line.partition(":")[0]
            self.steps[name] = self.steps.get(name, 0.0) + now - self._since
            self._since = now
        return sys.__stdout__.write(text) if sys.__stdout__ else len(text)


def demo(cases: str, directory: Path | None = None, *, until: date | None = None) -> Path:
    """The directory of a demo warehouse of `cases` cases (3M, 300k), under var/benchmark unless given.

    One that has to be made ends on `until`, else on the demo's own last day. Raises RuntimeError when the
    warehouse could not be built; the lines above it say why.
    """
    place = directory or report.RESULTS / cases
    if (place / "CURRENT").is_file():
        Store(place).current()
        return place
    print(f"Building a demo warehouse of {cases} cases in {place}, once", flush=True)
    steps = generate(cases, place, ("--until", until.isoformat()) if until else ())
    if directory is None:
        keep_generation(cases, steps)
    return place


def generate(cases: str, place: Path, options: Sequence[str] = ()) -> dict[str, float]:
    """Builds a demo warehouse and publishes it; returns the seconds of each step by what it said.

    The last step is to close the file, sync it and make it live. Raises RuntimeError.
    """
    clock = StepClock()
    with redirect_stdout(clock):
        code = command.main(["demo", "--cases", cases, "--directory", str(place), *options])
    if code != command.DONE:
        raise RuntimeError(f"the demo warehouse of {cases} cases was not built in {place}")
    return {"publish" if name.startswith("Published") else name: took for name, took in clock.steps.items()}


def keep_generation(cases: str, steps: Mapping[str, float]) -> None:
    """Writes the seconds of each step for later runs."""
    report.write(_generation(cases), {"cases": cases, "seconds": steps})


def generation(cases: str) -> dict[str, float]:
    """Seconds by step of the warehouse of this size, where this benchmark built it; else empty."""
    kept = report.read(_generation(cases)).get("seconds", {})
    return {str(name): float(took) for name, took in kept.items()} if isinstance(kept, dict) else {}


def _generation(cases: str) -> str:
    return f"generation-{cases}"

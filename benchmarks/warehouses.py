"""Demo warehouses to measure on: made once for each size, then used again."""

from __future__ import annotations

from pathlib import Path

from benchmarks.report import RESULTS
from warehouse import __main__ as command
from warehouse.store import Store


def demo(cases: str, directory: Path | None = None) -> Path:
    """The directory of a demo warehouse of `cases` cases (3M, 300k), under var/benchmark unless given.

    Raises RuntimeError when the warehouse could not be built; the lines above it say why.
    """
    place = directory or RESULTS / cases
    if (place / "CURRENT").is_file():
        Store(place).current()
        return place
    print(f"Building a demo warehouse of {cases} cases in {place}, once", flush=True)
    if command.main(["demo", "--cases", cases, "--directory", str(place)]) != command.DONE:
        raise RuntimeError(f"the demo warehouse of {cases} cases was not built in {place}")
    return place

"""Questions timed on one warehouse: cold, warm, and the most that a quiet machine would take."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from benchmarks import report
from benchmarks.asked import Asked
from queries.answer import Answer
from queries.drill import Items
from queries.execute import open_warehouse
from warehouse.engines import duckdb
from warehouse.errors import WarehouseError
from warehouse.schema import METADATA

DUCKDB = "duckdb"


@dataclass
class Timing:
    """Milliseconds of one question on one warehouse, cold and warm; rows in its answer; why it has none.

    `cpu`: the milliseconds that all threads of this process worked for each warm answer; the work of a server
    is not in it.
    """

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    rows: int = 0
    fault: str = ""

    @property
    def quiet(self) -> list[float]:
        """What each warm answer takes on a quiet machine at most: its time here, or all its work if less."""
        return [min(pair) for pair in zip(self.warm, self.cpu, strict=True)]


@dataclass
class Measured:
    """All questions on one warehouse: its engine and size, rows by table, milliseconds to open it."""

    engine: str
    size: str
    rows: Mapping[str, int]
    opening: list[float] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Engine and size, as rows are headed."""
        return f"{self.engine} {self.size}"

    def quiet(self, questions: Sequence[Asked]) -> list[float]:
        """Every warm answer's milliseconds on a quiet machine."""
        return [one for question in questions for one in self.timings[question.key].quiet]

    def settled(self, question: Asked) -> float:
        """The median warm milliseconds of a question on a quiet machine; of a server as it was."""
        timing = self.timings[question.key]
        return report.p50(timing.quiet if self.engine == DUCKDB else timing.warm)


def measure(
    found: Measured, place: str | Path, questions: Sequence[Asked], repeat: int, file: Path | None
) -> None:
    """Asks every question `repeat` times cold, `file` evicted before, then `repeat` times warm in turn."""
    for question in questions:
        timing = found.timings[question.key] = Timing()
        for _ in range(repeat):
            if file is not None:
                evict(file)
            begun = time.perf_counter()
            warehouse = open_warehouse(place)
            found.opening.append((time.perf_counter() - begun) * 1000)
            try:
                _timed(question, warehouse, timing, timing.cold)
            finally:
                warehouse.close()
    print(f"{found.name}: {len(questions)} questions asked cold, {repeat} times each", flush=True)
    answered = [question for question in questions if not found.timings[question.key].fault]
    warehouse = open_warehouse(place)
    try:
        for question in answered:
            question.call.of(warehouse)
        for _ in range(repeat):
            for question in answered:
                timing = found.timings[question.key]
                worked = time.process_time()
                _timed(question, warehouse, timing, timing.warm)
                timing.cpu.append((time.process_time() - worked) * 1000)
    finally:
        warehouse.close()


def _timed(question: Asked, warehouse: Any, timing: Timing, into: list[float]) -> None:
    begun = time.perf_counter()
    try:
        answer = question.call.of(warehouse)
    except WarehouseError as error:
        timing.fault = str(error)
        return
    into.append((time.perf_counter() - begun) * 1000)
    timing.rows = _rows(answer)


def _rows(answer: Any) -> int:
    match answer:
        case Answer(frame=frame) | Items(frame=frame):
            return len(frame)
        case pd.DataFrame():
            return len(answer)
        case _:
            return int(answer is not None)


def evict(file: Path) -> None:
    """Asks the system to drop the file from its cache; pages that another process is just using stay."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def rows_of(file: Path) -> dict[str, int]:
    """Rows of every table of a DuckDB warehouse."""
    engine = duckdb.engine(file, read_only=True)
    try:
        with engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in METADATA.sorted_tables
            }
    finally:
        engine.dispose()

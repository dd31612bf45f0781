"""Readers who ask the boards' questions without a pause for thought longer than told, while versions change.

Each process opens the warehouse as the suite does, shared by its readers, and looks for a new version at
every question. No answer is kept, so every read is a SELECT at least.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import pickle
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.page import Call
from queries.answer import Answer
from warehouse.store import DIRECTORY_VARIABLE

PROCESSES = 2  # as many as cores may be busy
START_LIMIT = 120  # seconds until all readers read


@dataclass(frozen=True)
class Read:
    """One question asked: when (monotonic seconds) and how long, which, of what version, what came of it."""

    begun: float
    seconds: float
    question: int
    version: str
    digest: str
    fault: str = ""


@dataclass
class Room:
    """Readers at work; after `reading` ends, `reads` is everything they have read."""

    counted: Any
    processes: Sequence[Any]
    reads: list[Read] = field(default_factory=list)

    def count(self) -> int:
        """How many questions have been asked so far; raises RuntimeError when a process has ended."""
        if not all(process.is_alive() for process in self.processes):
            raise RuntimeError(
                "a process of readers has ended before it was told to; its own words are above"
            )
        return int(self.counted.value)


def digest(answer: Any) -> str:
    """A hash of an answer's values: the same rows in another order are the same answer."""
    frame = answer.frame if isinstance(answer, Answer) else answer
    if not isinstance(frame, pd.DataFrame):
        return hashlib.blake2b(pickle.dumps(frame), digest_size=16).hexdigest()
    rows = sorted(pd.util.hash_pandas_object(frame, index=False).tolist()) if len(frame.columns) else []
    said = repr((list(map(str, frame.columns)), rows))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


@contextmanager
def reading(place: Path, readers: int, questions: Sequence[Call], pause: float) -> Iterator[Room]:
    """Lets `readers` ask random ones of the questions, each waiting `pause` seconds on average in between.

    Raises RuntimeError when they do not start, or a process ends before it is told to.
    """
    start = multiprocessing.get_context("spawn")
    stop, results, counted = start.Event(), start.Queue(), start.Value("q", 0)
    shares = [len(range(first, readers, PROCESSES)) for first in range(min(PROCESSES, readers))]
    processes = [
        start.Process(
            target=_read,
            args=(str(place), share, tuple(questions), pause, number, stop, counted, results),
            daemon=True,
        )
        for number, share in enumerate(shares)
    ]
    room = Room(counted, processes)
    for process in processes:
        process.start()
    try:
        limit = time.monotonic() + START_LIMIT
        while room.count() < readers and time.monotonic() < limit:
            time.sleep(0.05)
        if room.count() < readers:
            raise RuntimeError(f"{readers} readers have not begun to read within {START_LIMIT} s")
        yield room
        stop.set()
        for _ in processes:
            room.reads += results.get(timeout=START_LIMIT)
    finally:
        stop.set()
        for process in processes:
            process.join(START_LIMIT)
            if process.is_alive():
                process.kill()


def _read(
    place: str,
    threads: int,
    questions: Sequence[Call],
    pause: float,
    seed: int,
    stop: Any,
    counted: Any,
    results: Any,
) -> None:
    """One process of readers, all over the warehouse that the process has open."""
    os.environ[DIRECTORY_VARIABLE] = place
    # It warns of every call outside a server, and this is one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    from dashboards import data  # noqa: PLC0415 (after its loggers are quiet)

    reads: list[Read] = []

    def one(chance: random.Random) -> None:
        while not stop.is_set():
            asked = chance.randrange(len(questions))
            begun, version, said, fault, answer = time.monotonic(), "", "", "", None
            try:
                warehouse = data.city_warehouse()
                version = warehouse.info.version
                answer = questions[asked].of(warehouse)
            except Exception as error:  # noqa: BLE001 (whatever a reader would see is what is counted)
                fault = f"{type(error).__name__}: {error}"
            took = time.monotonic() - begun
            if not fault:
                said = digest(answer)
            reads.append(Read(begun, took, asked, version, said, fault))
            with counted.get_lock():
                counted.value += 1
            stop.wait(chance.uniform(0, 2 * pause))

    mine = [
        threading.Thread(target=one, args=(random.Random(seed * 1000 + number),)) for number in range(threads)
    ]
    for thread in mine:
        thread.start()
    for thread in mine:
        thread.join()
    results.put(reads)

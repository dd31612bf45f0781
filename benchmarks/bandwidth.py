"""How fast this machine's memory moves bytes: what a scan of a table can at best achieve."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

ENOUGH = 256_000_000  # bytes of an array: far more than the processor's caches hold
ROUNDS = 5


def copy_bandwidth(size: int) -> float:
    """Bytes a second, read and written both counted as STREAM does, each core copying arrays of `size` bytes;
    the best round.
    """
    cores = os.cpu_count() or 1
    # Written once, so that the pages are there before anything is timed.
    pairs = [(np.ones(size // 8), np.zeros(size // 8)) for _ in range(cores)]
    best = 0.0
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            list(pool.map(lambda pair: np.copyto(pair[1], pair[0]), pairs))
            best = max(best, 2 * size * cores / (time.perf_counter() - begun))
    return best

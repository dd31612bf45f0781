"""Runs one ClickHouse node out of the library libchdb.so, until it is killed: the process behind each shard.

    python tests/services/clickhouse_node.py LIBRARY CONFIG -- ARGUMENTS OF CLICKHOUSE LOCAL

The library holds the whole program `clickhouse local`, which can listen as the server does; it is called
through its C function, so that neither a server package nor a container is needed.
"""

import ctypes
import os
import sys
import time

_SET_DEATH_SIGNAL, _KILL = 1, 9
# A query that never ends keeps the program, and so its two listeners, alive.
LISTEN = (
    "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleepEachRow(3) FROM system.numbers "
    "SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=0 FORMAT Null"
)


def die_with_parent() -> None:
    """The kernel ends this process as soon as its parent is gone, so that no run leaves a node behind."""
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, _KILL)


def run(library: str, arguments: list[str]) -> None:
    """Runs `clickhouse local` in this process; returns only when it ends."""
    clickhouse = ctypes.CDLL(library)
    clickhouse.query_stable_v2.restype = ctypes.c_void_p
    clickhouse.query_stable_v2.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
    words = ["clickhouse-local", *arguments, "--query", LISTEN]
    clickhouse.query_stable_v2(len(words), (ctypes.c_char_p * len(words))(*[word.encode() for word in words]))


def main() -> None:
    """Runs the node, and again whenever it ends."""
    library, *arguments = sys.argv[1:]
    die_with_parent()
    # Where a server only notes that a peer hung up in the middle of a query, this program ends itself.
    while (child := os.fork()) != 0:
        os.waitpid(child, 0)
        time.sleep(0.2)
    die_with_parent()
    run(library, arguments)


if __name__ == "__main__":
    main()

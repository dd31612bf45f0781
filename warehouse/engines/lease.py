"""The only file that lets one writer at a time build on a ClickHouse cluster, without Keeper.

The arbiter is the cluster's first node. Who wants to write creates the table `writer_<n>` there, n being one
more than the greatest there is; of all who try it the node lets one succeed. That table stays, so numbers
only grow: the holder of the greatest is the writer. He adds a row every few seconds, and one that says that
he is done. A writer whose last row is older than LEASE_SECONDS on the node's own clock is taken for dead, and
the next one creates the next number; so nothing has to be repaired after a kill or a power cut.

A writer that was only slow (a paused machine, a network that was cut) finds the greater number before it
publishes and gives up. What is not guaranteed: should it be paused for longer than the lease within the one
statement between that look and its own line in `published`, both versions go live one after the other. Each
of the two is whole, because no two builds share a database.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from warehouse.errors import WarehouseBusy

BEAT_SECONDS = 3.0
LEASE_SECONDS = 30.0
_NAME = re.compile(r"writer_(\d+)")
# The server's codes for a table that is there already, or not any more.
_TAKEN, _GONE = "code: 57", "code: 60"
_CLAIMS = (
    "SELECT name, comment, toUnixTimestamp(now()) - toUnixTimestamp(metadata_modification_time) "
    "FROM system.tables"
)
_HEARD = (
    "SELECT count(), max(is_over), "
    "toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(toDateTime64(max(beat), 3)) FROM "
)


@dataclass(frozen=True)
class _Writer:
    """Who holds one number, and for how many seconds nothing was heard of him; None once he is done."""

    number: int
    who: str
    silent: float | None


class Lease:
    """The right to write to one warehouse; `node` is the driver's client of the first node."""

    def __init__(self, node: Any, database: str, place: object, number: int) -> None:
        self._node, self._database, self._place, self.number = node, database, place, number

    def require(self) -> None:
        """Raise WarehouseBusy unless this writer is still the one; to be asked right before publishing."""
        last = _last(self._node, self._database)
        if last is None or last.number != self.number:
            raise WarehouseBusy(
                f"{self._place} was taken over by {last.who if last else 'another process'}, since this one "
                f"gave no sign of life for {LEASE_SECONDS:.0f} seconds; nothing was published: try again "
                "when that one has finished."
            )


@contextmanager
def held(node: Any, beating: Any, database: str, place: object) -> Iterator[Lease]:
    """Hold the right to write to `database` until the block ends, kept alive through the client `beating`.

    Raises WarehouseBusy, naming process, machine and since when, while another writer is alive; exactly one
    of several that ask at once is let in.
    """
    lease = _taken(node, database, place)
    over = threading.Event()
    keeper = threading.Thread(target=_beat, args=(beating, _table(database, lease.number), over), daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        over.set()
        keeper.join()
        with suppress(ClickHouseError):  # the node has gone: the lease runs out by itself
            node.command(f"INSERT INTO {_table(database, lease.number)} SELECT now64(6), 1")


def _taken(node: Any, database: str, place: object) -> Lease:
    before = _last(node, database)
    if before is not None and before.silent is not None and before.silent < LEASE_SECONDS:
        raise _busy(place, before)
    number = before.number + 1 if before else 1
    who = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    noted = "".join(sign for sign in who if sign not in "'\\")
    try:
        node.command(
            f"CREATE TABLE {_table(database, number)} (beat DateTime64(6, 'UTC'), is_over Bool) "
            f"ENGINE = MergeTree ORDER BY beat COMMENT '{noted}'"
        )
    except DatabaseError as error:
        if _TAKEN in str(error):
            raise _busy(place, _last(node, database)) from error
        raise
    # A slow asker may have re-created a number that was passed and removed meanwhile.
    last = _last(node, database)
    if last is None or last.number != number:
        node.command(f"DROP TABLE {_table(database, number)} SYNC")
        raise _busy(place, last)
    for old in _numbers(node, database):
        if old < number:
            node.command(f"DROP TABLE IF EXISTS {_table(database, old)} SYNC")
    return Lease(node, database, place, number)


def _busy(place: object, writer: _Writer | None) -> WarehouseBusy:
    return WarehouseBusy(
        f"{place} is being written by {writer.who if writer else 'another process'}; wait until it has "
        f"finished, then try again. (Should it have died, its claim ends after {LEASE_SECONDS:.0f} seconds.)"
    )


def _beat(node: Any, table: str, over: threading.Event) -> None:
    while True:
        with suppress(ClickHouseError):  # the next beat may get through; if none does, the lease runs out
            node.command(f"INSERT INTO {table} SELECT now64(6), 0")
        if over.wait(BEAT_SECONDS):
            return


def _last(node: Any, database: str) -> _Writer | None:
    """The holder of the greatest number, if there is one."""
    numbers = _numbers(node, database)
    if not numbers:
        return None
    number = max(numbers)
    who, age = numbers[number]
    try:
        heard = node.query(_HEARD + _table(database, number))
    except DatabaseError as error:
        if _GONE not in str(error):
            raise
        return _last(node, database)  # a greater number has just taken its place
    ((rows, is_over, silent),) = heard.result_rows
    # Until its first row a number is as old as its table.
    return _Writer(number, who, None if is_over else silent / 1000 if rows else float(age))


def _numbers(node: Any, database: str) -> dict[int, tuple[str, int]]:
    """Of each number taken: by whom, and how many seconds ago."""
    found = node.query(f"{_CLAIMS} WHERE database = '{database}'")
    named = [(_NAME.fullmatch(name), comment, age) for name, comment, age in found.result_rows]
    return {int(name[1]): (comment, age) for name, comment, age in named if name}


def _table(database: str, number: int) -> str:
    return f"`{database}`.writer_{number}"

"""The server engines to measure on, started for one run as the tests start them, over a copy."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import qingyu
from warehouse.copying import copy
from warehouse.places import versions_at

POSTGRESQL, CLICKHOUSE = "postgresql", "clickhouse"
SERVERS = (POSTGRESQL, CLICKHOUSE)
ROOT = Path(__file__).resolve().parent.parent
_DATABASE = "benchmark"


class NotStarted(Exception):
    """The engine cannot be started here; the message says why."""


@dataclass(frozen=True)
class Copy:
    """A warehouse on a server: where, and the seconds that copying and proving it took."""

    url: str
    seconds: float


@contextmanager
def copied(engine: str, source: Path) -> Iterator[Copy]:
    """Starts `engine` (one of SERVERS), copies the warehouse at `source` to it; at the end nothing is left.

    Raises NotStarted, and what a copy raises.
    """
    try:
        start = _postgresql if engine == POSTGRESQL else _clickhouse
        with start() as url:
            begun = time.monotonic()
            copy(versions_at(source), versions_at(url), say=lambda _: None)
            yield Copy(url, time.monotonic() - begun)
    except ImportError as error:
        raise NotStarted(
            f"{error}; the servers are started by the tests' own code: install requirements-test.txt"
        ) from error


@contextmanager
def _postgresql() -> Iterator[str]:
    from tests.services import postgresql  # noqa: PLC0415 (the other benchmarks run without the tests' packages)

    programs = postgresql.binaries()
    if programs is None:
        raise NotStarted("initdb is neither in PATH nor under /usr/lib/postgresql")
    with postgresql.server(programs) as url:
        yield postgresql.new_database(url, _DATABASE)


@contextmanager
def _clickhouse() -> Iterator[str]:
    from tests.services.clickhouse import Cluster  # noqa: PLC0415 (as above)

    library = qingyu.clickhouse_library(ROOT)
    if not library.is_file():
        raise NotStarted(f"{library.relative_to(ROOT)} is missing; `python3 qingyu.py test` fetches it")
    folder = Path(tempfile.mkdtemp(prefix="clickhouse-"))
    cluster = Cluster(library, folder)
    try:
        cluster.start()
        yield cluster.url(_DATABASE)
    finally:
        for node in cluster.nodes:
            cluster.kill(node)
        shutil.rmtree(folder, ignore_errors=True)

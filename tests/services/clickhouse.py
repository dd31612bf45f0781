"""The only file that starts a ClickHouse cluster: two shards of this machine, for one run of the tests."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

import qingyu
from tests.services.suite import ROOT, free_port

CLUSTER = "shards"
SHARDS = 2
START_LIMIT = 60  # seconds
HOST = "127.0.0.1"
# What pays for millions of rows only, or watches a server for its operator.
LIGHT = (
    *("--compile_expressions", "0", "--compile_aggregate_expressions", "0"),
    *("--query_profiler_real_time_period_ns", "0", "--query_profiler_cpu_time_period_ns", "0"),
)


@dataclass
class Node:
    """One shard: its ports, its folder, and its process while it runs."""

    number: int
    folder: Path
    http: int = field(default_factory=free_port)
    tcp: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """What the node says of itself."""
        return self.folder / f"node{self.number}.log"


class Cluster:
    """Shards that know each other under the name CLUSTER; each keeps its data while it is stopped."""

    def __init__(self, library: Path, folder: Path) -> None:
        self._library, self._folder = library, folder
        self.nodes = [Node(number, folder) for number in range(1, SHARDS + 1)]
        shards = "".join(
            f"<shard><replica><host>{HOST}</host><port>{node.tcp}</port></replica></shard>"
            for node in self.nodes
        )
        servers = f"<remote_servers><{CLUSTER}>{shards}</{CLUSTER}></remote_servers>"
        for node in self.nodes:
            logger = f"<logger><level>warning</level><log>{node.log}</log></logger>"
            self._config(node).write_text(f"<clickhouse>{logger}{servers}</clickhouse>")

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a warehouse in `database`, as an operator would write it."""
        first, *others = self.nodes
        more = "".join(f"&node={HOST}:{node.http}" for node in others)
        return f"clickhousedb://{HOST}:{first.http}/{database}?cluster={CLUSTER}{more}"

    def start(self) -> None:
        """Starts every shard that does not run, and waits until all answer; raises RuntimeError."""
        for node in self.nodes:
            if node.process is None:
                node.process = self._started(node)
        deadline = time.monotonic() + START_LIMIT
        for node in self.nodes:
            while not _answers(node.http):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"ClickHouse did not start: {node.log.read_text()[-800:]}")
                time.sleep(0.05)

    def kill(self, node: Node) -> None:
        """Ends one shard as a power cut would."""
        if node.process is not None:
            node.process.kill()  # and, since it dies with its parent, the node itself
            node.process.wait()
            node.process = None
            while _answers(node.http):
                time.sleep(0.02)

    def _config(self, node: Node) -> Path:
        return self._folder / f"node{node.number}.xml"

    def _started(self, node: Node) -> "subprocess.Popen[bytes]":
        program = [sys.executable, str(ROOT / "tests/services/clickhouse_node.py"), str(self._library)]
        arguments = [
            "--config-file", str(self._config(node)), "--path", str(self._folder / f"data{node.number}"),
            "--listen_host", HOST, "--tcp_port", str(node.tcp), "--http_port", str(node.http),
            "--skip_unavailable_shards", "1",  # an operator's worst setting: whoever reads must overrule it
            *LIGHT,
        ]  # fmt: skip
        with node.log.open("ab") as output:
            return subprocess.Popen([*program, *arguments], stdout=output, stderr=subprocess.STDOUT)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().read().startswith(b"Ok")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[Cluster]:
    """A ClickHouse of two empty shards; a test makes a database of its own and restarts what it kills."""
    library = qingyu.clickhouse_library(ROOT)
    if not library.is_file():
        pytest.skip(f"no ClickHouse here: {library.relative_to(ROOT)} is fetched by `python3 qingyu.py test`")
    folder = Path(tempfile.mkdtemp(prefix="clickhouse-"))
    cluster = Cluster(library, folder)
    try:
        cluster.start()
        yield cluster
    finally:
        for node in cluster.nodes:
            cluster.kill(node)
        shutil.rmtree(folder, ignore_errors=True)

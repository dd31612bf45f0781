"""The only file that starts the suite for tests: a small demo city, and a server on a free port over it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 120  # seconds; a full machine takes its time
# Large enough for every district to have cases on most days, small enough to be built in seconds.
CASES = "20k"


def free_port() -> int:
    """A port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environ(warehouse: Path, checkout: Path = ROOT) -> dict[str, str]:
    """What a process of the suite is started with: the checkout to import from and the warehouse to read.

    What it writes down goes beside the warehouse, unless the test names another place.
    """
    records = {"QINGYU_RECORDS": f"{warehouse}-records.db"}
    return {**records, **os.environ, "PYTHONPATH": str(checkout), "QINGYU_WAREHOUSE": str(warehouse)}


@contextmanager
def serving(
    warehouse: Path, log: Path, checkout: Path = ROOT, entry: str = "dashboards/asgi.py"
) -> Iterator[str]:
    """Starts the suite over a warehouse directory and yields its address, such as http://127.0.0.1:40123.

    `entry` is the file it is started by; the server's output goes to `log`. Raises RuntimeError with its last
    lines when it does not start.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", entry, "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=checkout, env=environ(warehouse, checkout), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while not _healthy(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The suite did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def build_demo(directory: Path, *arguments: str, cases: str = CASES, checkout: Path = ROOT) -> None:
    """Builds a demo warehouse by the suite's own command; further `arguments` go to the command."""
    command = [sys.executable, "-m", "warehouse", "demo", "--cases", cases, "--directory", str(directory)]
    built = subprocess.run(
        [*command, *arguments],
        cwd=checkout,
        env=environ(directory, checkout),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, f"The demo city was not built: {built.stderr[-2000:]}"


@pytest.fixture(scope="session")
def demo_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a warehouse with a small demo city, built once for all tests; do not write to it."""
    directory = tmp_path_factory.mktemp("demo") / "warehouse"
    build_demo(directory)
    return directory


@pytest.fixture(scope="session")
def suite_url(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the suite, running over the small demo city."""
    with serving(demo_warehouse, tmp_path_factory.mktemp("suite") / "log") as address:
        yield address

"""Starts a Streamlit server on a free port for as long as it is measured."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from warehouse.store import DIRECTORY_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 120  # seconds until it must answer


@contextmanager
def serving(entry: str, warehouse: Path, flags: Sequence[str] = ()) -> Iterator[str]:
    """Serves the script `entry` (from the checkout's root) over a warehouse directory; yields its address.

    `flags` are further settings of `streamlit run`. Raises RuntimeError with the log's end when it does not
    answer.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), DIRECTORY_VARIABLE: str(warehouse)}
    command = [sys.executable, "-m", "streamlit", "run", entry, "--server.port", str(port), *flags]
    address = f"http://127.0.0.1:{port}"
    with TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
        try:
            begun = time.monotonic()
            while not _answers(address):
                if server.poll() is not None or time.monotonic() - begun > LIMIT:
                    log.seek(0)
                    raise RuntimeError(
                        f"{entry} was not served: {log.read().decode(errors='replace')[-2000:]}"
                    )
                time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False

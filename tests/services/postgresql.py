"""The only file that starts a PostgreSQL server: a private one that lasts for one run of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

# Durability is for data one wants back.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")
START_LIMIT = 30  # seconds


def binaries() -> Path | None:
    """The folder with initdb and postgres: from PATH, else the newest that Debian's packages put down."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: float(folder.parent.name),
    )
    return versions[-1] if versions else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Starts an empty cluster and yields its SQLAlchemy URL; afterwards nothing of it is left.

    Reached through a Unix socket in a folder of its own, so no port can be taken and nobody else can connect.
    """
    # Not pytest's own folder: that one is closed to the unprivileged user the server insists on.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _unprivileged()
    group = pwd.getpwnam(user).pw_gid if user else None
    if user:
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "log"
    cluster = ["-D", str(data), "-U", "qingyu", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    options = [part for setting in FAST for part in ("-c", setting)]
    try:
        with log.open("wb") as output:
            subprocess.run(
                [str(programs / "initdb"), *cluster],
                check=True, stdout=output, stderr=subprocess.STDOUT, cwd=folder, user=user, group=group,
            )  # fmt: skip
            process = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *options],
                stdout=output, stderr=subprocess.STDOUT, cwd=folder, user=user, group=group,
            )  # fmt: skip
        try:
            _await_answer(process, folder, log)
            yield f"postgresql+psycopg://qingyu@/postgres?host={folder}"
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:  # a test left a connection open
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """The user to run the server as, where this one is root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _await_answer(process: "subprocess.Popen[bytes]", folder: Path, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while True:
        try:
            psycopg.connect(host=str(folder), user="qingyu", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-500:]}") from None
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """SQLAlchemy URL of a PostgreSQL server; a test that stores anything makes a database of its own."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server here: initdb is neither in PATH nor under /usr/lib/postgresql")
    with server(programs) as url:
        yield url


def new_database(server: str, name: str) -> str:
    """Makes an empty database on the server of this URL and returns its own URL."""
    database = make_url(server).set(database=name)
    socket = str(database.query["host"])
    with psycopg.connect(host=socket, user="qingyu", dbname="postgres", autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return database.render_as_string()

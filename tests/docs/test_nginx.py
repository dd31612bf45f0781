"""The proxy's site file: nginx reads it, and the traps it warns of are not in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.suite import ROOT

SITE = ROOT / "docs" / "examples" / "nginx.conf"
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


def test_nginx_reads_it(tmp_path: Path) -> None:
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("no nginx (or openssl) here to read the site file with")
    key, certificate = tmp_path / "key.pem", tmp_path / "fullchain.pem"
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=qingyu"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *made, *files], check=True, capture_output=True)
    site = TEXT.replace("/etc/ssl/qingyu", str(tmp_path))
    (tmp_path / "site.conf").write_text(re.sub(r"listen (80|443)\b", r"listen 127.0.0.1:2\1", site))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    apart = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    around = f"access_log off; {apart} include site.conf;"
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {around} }}"
    )
    read = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert read.returncode == 0, read.stderr

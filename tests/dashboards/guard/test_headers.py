"""Scripts run only from our own address or by the hash of the page as it is served."""

from __future__ import annotations

import base64
import hashlib

from dashboards.asgi import shell
from dashboards.guard.headers import content_policy, script_hashes, secured


def test_inline_scripts_are_hashed_and_files_are_not() -> None:
    page = '<script src="a.js"></script><SCRIPT type="module">\n x()\n</SCRIPT><script>y()</script>'
    wanted = [base64.b64encode(hashlib.sha256(one).digest()).decode() for one in (b"\n x()\n", b"y()")]
    assert script_hashes(page) == tuple(f"'sha256-{one}'" for one in wanted)


def test_our_index_has_one_inline_script() -> None:
    assert len(script_hashes(shell())) == 1


def test_the_policy_names_no_foreign_host_and_no_inline_script() -> None:
    policy = content_policy("https://qingyu.example", ("'sha256-abc='",))
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert "unsafe-inline" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"].split()
    assert "'sha256-abc='" in rules["script-src"].split()
    assert rules["connect-src"] == "'self' wss://qingyu.example data: blob:"
    assert {rules[name] for name in ("default-src", "base-uri", "object-src", "frame-ancestors")} == {
        "'none'"
    }
    assert "ws://127.0.0.1:8501" in content_policy("http://127.0.0.1:8501", ())
    assert "*" not in policy


def test_our_headers_stand_in_place_of_others() -> None:
    found = secured(
        [(b"X-Frame-Options", b"ALLOWALL"), (b"server", b"x"), (b"etag", b"1")], b"default-src 'none'"
    )
    assert [value for name, value in found if name.lower() == b"x-frame-options"] == [b"DENY"]
    assert (b"etag", b"1") in found
    assert b"server" not in dict(found)
    assert dict(found)[b"x-content-type-options"] == b"nosniff"

"""The only file that writes security headers: what a browser may do with what it is given."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_FIXED: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), fullscreen=(self)",
    ),
]
_OWN = {name for name, _ in _FIXED} | {b"content-security-policy", b"server"}


def script_hashes(page: str) -> tuple[str, ...]:
    """The CSP sources of the scripts written into `page`: they run, any other inline script does not."""
    found = (one.group(1).encode("utf-8") for one in _INLINE.finditer(page))
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode('ascii')}'" for script in found
    )


def content_policy(origin: str, scripts: Iterable[str]) -> str:
    """The content security policy of pages under `origin`.

    `blob:` for scripts, since Streamlit imports the code of our components from addresses that its own script
    makes; what is only written into a page cannot make one. Styles are inline all over Streamlit.
    """
    socket = origin.replace("http", "ws", 1)
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(("'self'", "blob:", "'wasm-unsafe-eval'", *scripts)),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {socket} data: blob:",
        "worker-src": "'self' blob:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def secured(given: Iterable[tuple[bytes, bytes]], policy: bytes) -> Headers:
    """The headers of an answer with ours in place of any of the same name."""
    kept = [(name, value) for name, value in given if name.lower() not in _OWN]
    return [*kept, *_FIXED, (b"content-security-policy", policy)]

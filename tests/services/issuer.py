"""An identity provider of the tests' own, which can be told to misbehave, and settings to sign in to it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "qingyu", "a secret of the tests"
SETTINGS = """
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
scopes = ["openid", "profile"]
required_acr = []
required_amr = {amr}
refused = []
[claims]
name = "name"
role = "realm_access.roles"
district = "district"
[roles]
"qy-leader" = "leader"
"qy-district" = "district"
"qy-auditor" = "auditor"
[districts]
"余杭区" = ["330110"]
"""


def settings(folder: Path, issuer: str, *, amr: str = "[]", client: str = CLIENT) -> Path:
    """A file of settings that only its owner reads."""
    file = folder / "sign_in.toml"
    file.touch(mode=0o600)
    file.write_text(SETTINGS.format(issuer=issuer, client=client, secret=SECRET, amr=amr), encoding="utf-8")
    return file


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


@dataclass
class Issuer:
    """The provider: who signs in next, and what is wrong with the next token."""

    address: str = ""
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "li", "name": "李", "realm_access": {"roles": ["qy-leader"]}}
    )
    # Changes of the token's claims, and how it is signed when not as it should be.
    forged: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    is_away: bool = False
    calls: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def consent(self, entrance: str) -> str:
        """What the browser brings back after its reader has signed in at `entrance`: the callback's query."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(entrance).query).items()}
        assert entrance.startswith(f"{self.address}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    def token(self, asked: dict[str, str], access: str) -> str:
        """The identity token for what was asked, with whatever is wrong with it."""
        now = int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        told = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
            **self.claims,
            **self.forged,
        }
        told = {name: value for name, value in told.items() if value is not None}
        return self.sign(told) if self.sign else jwt.encode({"alg": "RS256", "kid": "one"}, told, self.key)

    def exchange(self, body: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The tokens for a code: once, for the client, the way back and the verifier it was made for."""
        asked = self.codes.pop(body.get("code", ""), None)
        user, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        proof = base64.urlsafe_b64encode(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or (user, secret) != (CLIENT, SECRET)
            or body.get("redirect_uri") != asked["redirect_uri"]
            or proof.decode().rstrip("=") != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        tokens = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
        return 200, {**tokens, "id_token": self.token(asked, access)}

    def answer(self, path: str, body: str, authorization: str) -> tuple[int, dict[str, Any]]:
        """The status and the object that a request is answered with."""
        self.calls.append(path)
        if self.is_away:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "end_session_endpoint": f"{self.address}/end",
            }
        if path == "/keys":
            return 200, dict(KeySet([self.key]).as_dict(private=False))
        if path == "/token":
            return self.exchange({key: found[0] for key, found in parse_qs(body).items()}, authorization)
        return 404, {}


@contextmanager
def issuing() -> Iterator[Issuer]:
    """A provider on a free port of this machine."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            status, told = issuer.answer(self.path, body, self.headers.get("Authorization", ""))
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - a name of the server's

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        issuer.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()

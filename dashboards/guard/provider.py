"""The only file that talks to the identity provider: OpenID Connect, authorisation code with PKCE."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet

from dashboards.guard.admittance import Client, is_trusted
from dashboards.guard.errors import NotAdmitted, ProviderAway
from queries.vocabulary import Text

LOG = logging.getLogger("qingyu.guard")

PATIENCE = 5  # seconds for one answer of the provider
_KEPT_FOR = 3600  # seconds its addresses and keys are believed
_ASKED_AGAIN = 30  # seconds between two looks for a key that is not known yet
# Signed with a key of the provider's own; "none" and everything made with a shared secret are not among them.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_KINDS = {"RSA", "EC"}

_AWAY = Text(
    "登录系统暂时没有应答，请稍后重试；若持续如此，请告知管理员。",
    "The sign-in system does not answer; try again later, and tell the administrator if it stays so.",
)
_FORGED = Text(
    "登录系统的答复未通过校验，未予登录，请重新登录。",
    "The answer of the sign-in system did not pass its checks; sign in again.",
)
_CLOCK = Text(
    "登录凭据的时间不对：请核对服务器与登录系统的时钟，然后重新登录。",
    "The times of the sign-in do not fit: compare the clocks of both servers, then sign in again.",
)


@dataclass(frozen=True)
class Trip:
    """One way to the provider and back: what was sent along and must come back, or be proved."""

    state: str
    nonce: str
    verifier: str
    back: str  # the address it returns to

    @classmethod
    def begun(cls, back: str) -> Trip:
        """A new one, with 256 random bits for each of the three."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32), back)


@dataclass
class _Known:
    """What the provider has said of itself, and when (monotonic seconds)."""

    addresses: Mapping[str, Any] = field(default_factory=dict)
    keys: KeySet | None = None
    told_at: float = 0
    keys_at: float = 0


class Provider:
    """The identity provider as one client sees it, from any thread; ProviderAway when it is not there."""

    def __init__(self, client: Client, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._now = now
        self._known = _Known()
        self._lock = threading.Lock()

    def entrance(self, trip: Trip) -> str:
        """Where the reader's browser is sent to sign in."""
        with self._session(trip.back) as session:
            address, _ = session.create_authorization_url(
                self._address("authorization_endpoint"),
                state=trip.state,
                nonce=trip.nonce,
                code_verifier=trip.verifier,
            )
        return str(address)

    def claims(self, code: str, trip: Trip) -> Mapping[str, Any]:
        """The claims of who has come back with `code`, verified; raises NotAdmitted for any that are not."""
        place = self._address("token_endpoint")
        with self._session(trip.back) as session:
            try:
                tokens = session.fetch_token(
                    place,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=trip.verifier,
                    allow_redirects=False,
                )
            except OAuthError as wrong:
                raise NotAdmitted(_FORGED, f"the provider refused the code: {wrong.error}") from wrong
            except (requests.RequestException, ValueError) as wrong:
                raise ProviderAway(_AWAY, f"no tokens: {type(wrong).__name__}") from wrong
        return self._verified(tokens, trip)

    def farewell(self, back: str) -> str | None:
        """Where the reader's browser is sent to sign out there too and come `back`; None without such a page.

        Without the token as a hint: it would stand in logs.
        """
        try:
            place = self._addresses().get("end_session_endpoint")
        except ProviderAway:
            return None
        if not isinstance(place, str) or not is_trusted(place):
            return None
        told = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return f"{place}{'&' if '?' in place else '?'}{urlencode(told)}"

    def _verified(self, tokens: Mapping[str, Any], trip: Trip) -> Mapping[str, Any]:
        client = self._client
        told = str(tokens.get("id_token") or "")
        try:
            token = self._decoded(told)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": client.issuer},
                    "aud": {"essential": True, "value": client.client_id},
                },
                {
                    "nonce": trip.nonce,
                    "client_id": client.client_id,
                    "access_token": str(tokens.get("access_token") or ""),
                },
            )
            claims.validate(int(self._now()), client.leeway)
        except (JoseError, ValueError, TypeError, KeyError) as wrong:
            is_late = isinstance(wrong, ExpiredTokenError)
            is_late = is_late or (
                isinstance(wrong, InvalidClaimError) and wrong.claim in {"iat", "nbf", "exp"}
            )
            said = _CLOCK if is_late else _FORGED
            raise NotAdmitted(said, f"the identity token is not valid: {type(wrong).__name__}") from wrong
        return dict(claims)

    def _decoded(self, told: str) -> jwt.Token:
        try:
            return jwt.decode(told, self._keys(), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Signed with a key that is newer than what we know of them, perhaps.
            return jwt.decode(told, self._keys(is_new=True), algorithms=_ALGORITHMS)

    def _session(self, back: str) -> OAuth2Session:
        client = self._client
        methods = self._addresses().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        by_header = "client_secret_basic" in methods
        return OAuth2Session(
            client.client_id,
            client.client_secret,
            scope=" ".join(client.scopes),
            redirect_uri=back,
            token_endpoint_auth_method="client_secret_basic" if by_header else "client_secret_post",
            code_challenge_method="S256",
            default_timeout=PATIENCE,
        )

    def _address(self, name: str) -> str:
        place = self._addresses().get(name)
        if not isinstance(place, str) or not is_trusted(place):
            raise ProviderAway(_AWAY, f"the provider names no {name} that is encrypted")
        return place

    def _addresses(self) -> Mapping[str, Any]:
        with self._lock:
            known = self._known
            if not known.addresses or time.monotonic() - known.told_at > _KEPT_FOR:
                issuer = self._client.issuer
                told = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if told.get("issuer") != issuer:
                    raise ProviderAway(
                        _AWAY, "the provider calls itself other than the issuer in the settings"
                    )
                known.addresses, known.told_at = told, time.monotonic()
            return known.addresses

    def _keys(self, *, is_new: bool = False) -> KeySet:
        place = self._address("jwks_uri")
        with self._lock:
            known, age = self._known, time.monotonic() - self._known.keys_at
            if known.keys is None or age > (_ASKED_AGAIN if is_new else _KEPT_FOR):
                told = _asked(place).get("keys")
                keys = [one for one in told or () if isinstance(one, dict) and one.get("kty") in _KINDS]
                known.keys = KeySet.import_key_set({"keys": keys})
                known.keys_at = time.monotonic()
            return known.keys


def _asked(place: str) -> Mapping[str, Any]:
    try:
        answer = requests.get(place, timeout=PATIENCE, allow_redirects=False)
        answer.raise_for_status()
        told = answer.json()
    except (requests.RequestException, ValueError) as wrong:
        LOG.warning("The identity provider does not answer at %s: %s", place, type(wrong).__name__)
        raise ProviderAway(_AWAY, f"no answer: {type(wrong).__name__}") from wrong
    if not isinstance(told, dict):
        raise ProviderAway(_AWAY, "an answer that is no object")
    return told

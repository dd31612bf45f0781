"""Signing in through a provider that answers over HTTP: who comes in, who does not, what opens nothing."""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from dashboards.guard import provider
from dashboards.guard.logins import Ending, Limits, Logins
from dashboards.guard.sign_in import SignIn
from dashboards.guard.viewers import Viewer, Viewers
from queries.policies import read_roles
from tests.dashboards.guard.test_guard import ORIGIN, Gate
from tests.services.issuer import Issuer, issuing, settings

FORGED, STALE, NO_ROLE = "未通过校验", "不是从本浏览器发起", "没有角色"


class Browser:
    """A browser that keeps its cookies, before a guard with a sign-in."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.cookies: dict[str, str] = {}

    def open(self, target: str, *headers: tuple[str, str]) -> tuple[int, str, str]:
        """Status, where it is sent on and the page's text."""
        brought = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, found, body = self.door.gate.ask(target, ("cookie", brought), *headers)
        for given in found.get("set-cookie", ()):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
            self.door.given.append(given)
            if "Max-Age=0" in given:
                del self.cookies[name]
        return status, found.get("location", [""])[0], body.decode()

    def begin(self) -> str:
        """Asks for a page, is sent to the sign-in and on: the provider's address."""
        assert self.open("/")[:2] == (303, "/auth/login")
        status, entrance, _ = self.open("/auth/login")
        assert status == 303
        return entrance

    def sign_in(self) -> tuple[int, str, str]:
        """The whole way; what the callback answers."""
        return self.open(f"/oauth2callback?{self.door.issuer.consent(self.begin())}")


class Door:
    """A guard that readers sign in at, with all that is written down there."""

    def __init__(self, issuer: Issuer, folder: Path, **more: Any) -> None:
        self.issuer = issuer
        self.viewers = Viewers()
        self.given: list[str] = []
        self.noted: list[tuple[str, str, str]] = []
        self.can_note = True
        self.file = settings(folder, issuer.address, **more)
        self.gate = Gate()
        self.logins = Logins(Limits(), ended=self._ended)
        self.desk = SignIn(
            self.file, read_roles, self.logins, self._note, is_secure=False, viewers=self.viewers
        )
        guard = self.gate.guard
        guard._identity = guard._desk = self.desk
        guard._logins = self.gate.logins = self.logins

    def _note(self, viewer: Viewer | None, what: str, why: str) -> None:
        if not self.can_note:
            raise OSError("the disk is full")
        self.noted.append((what, viewer.user if viewer else "", why))

    def _ended(self, login: str, why: Ending) -> None:
        viewer = self.viewers.forget(login)
        if viewer:
            self.noted.append((why.value, viewer.user, ""))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture
def door(issuer: Issuer, tmp_path: Path) -> Door:
    return Door(issuer, tmp_path)


def who(door: Door) -> list[Viewer]:
    return [viewer for viewer, _ in door.viewers._since.values()]


# --- who comes in -------------------------------------------------------------------------------------------


def test_a_reader_signs_in_and_the_cookie_says_nothing_of_them(door: Door) -> None:
    browser = Browser(door)
    assert browser.open("/volume?district=330110")[:2] == (303, "/auth/login")
    assert browser.sign_in()[:2] == (303, "/")
    (viewer,) = who(door)
    assert (viewer.user, viewer.name, viewer.role, viewer.districts) == ("li", "李", "leader", ())
    assert browser.open("/")[:2] == (303, "/volume?district=330110"), "the deep link outlives the sign-in"
    assert browser.open("/volume?district=330110")[0] == 200
    token = browser.cookies["qingyu_login"]
    assert len(base64.urlsafe_b64decode(f"{token}=")) == 32
    assert token not in repr(door.viewers._since), "what is kept opens nothing"
    (given,) = (one for one in door.given if one.startswith("qingyu_login="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=28800"} <= set(given.split("; "))
    assert door.noted == [("signed_in", "li", "")]
    assert "qingyu_browser" not in browser.cookies


def test_over_https_the_cookie_is_bound_to_the_host_and_to_encryption(issuer: Issuer, tmp_path: Path) -> None:
    file = settings(tmp_path, issuer.address)
    desk = SignIn(file, read_roles, Logins(Limits()), lambda *_: None, is_secure=True)
    assert desk.cookie == "__Host-qingyu_login"
    assert desk._flags.endswith("; Secure")
    assert "Domain" not in desk._flags


def test_a_district_office_belongs_to_its_districts(door: Door) -> None:
    for value in (["余杭区", "330127"], "余杭区", "330110"):
        door.issuer.claims = {
            "sub": "wu", "realm_access": {"roles": ["other", "qy-district"]}, "district": value
        }  # fmt: skip
        assert Browser(door).sign_in()[0] == 303
    assert [viewer.districts for viewer in who(door)] == [("330110", "330127"), ("330110",), ("330110",)]
    assert {viewer.name for viewer in who(door)} == {"wu"}, "without a name the account stands for it"


@pytest.mark.parametrize(
    ("claims", "said", "why"),
    [
        ({"sub": "wu"}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "realm_access": {"roles": []}}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "realm_access": {"roles": ["*"]}}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "realm_access": {"roles": ["leader"]}}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "realm_access": {"roles": {"qy-leader": 1}}}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "realm_access": "qy-leader"}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "roles": ["qy-leader"]}, NO_ROLE, "0 roles"),
        ({"sub": "wu", "realm_access": {"roles": ["qy-leader", "qy-auditor"]}}, "多个角色", "2 roles"),
        ({"sub": "wu", "realm_access": {"roles": ["qy-district"]}}, "没有所属区县", "without a district"),
        (
            {"sub": "wu", "realm_access": {"roles": ["qy-district"]}, "district": "*"},
            "没有所属区县",
            "without a district",
        ),
        (
            {"sub": "wu", "realm_access": {"roles": ["qy-district"]}, "district": "33011"},
            "没有所属区县",
            "without a district",
        ),
    ],
)
def test_who_has_no_role_of_ours_is_told_so_and_it_is_written_down(
    door: Door, claims: dict[str, Any], said: str, why: str
) -> None:
    door.issuer.claims = claims
    browser = Browser(door)
    status, _, page = browser.sign_in()
    assert status == 403
    assert said in page
    assert who(door) == []
    assert "qingyu_login" not in browser.cookies
    ((what, user, noted),) = door.noted
    assert (what, user) == ("sign_in_failed", "wu")
    assert why in noted


@pytest.mark.parametrize("sub", ["", None, "a" * 256, "a\u202eb", "a\x00b", 7])
def test_an_account_without_a_readable_name_is_nobody(door: Door, sub: Any) -> None:
    door.issuer.claims["sub"] = sub
    assert Browser(door).sign_in()[0] == 403
    assert who(door) == []


def test_two_factors_are_demanded_where_the_settings_say_so(issuer: Issuer, tmp_path: Path) -> None:
    door = Door(issuer, tmp_path, amr='["pwd", "otp"]')
    for amr in (None, ["pwd"], ["otp"], "pwd otp"):
        issuer.claims["amr"] = amr
        status, _, page = Browser(door).sign_in()
        assert status == 403
        assert "双因素" in page or FORGED in page
    issuer.claims["amr"] = ["otp", "pwd", "sms"]
    assert Browser(door).sign_in()[0] == 303


def test_nobody_comes_in_while_it_cannot_be_written_down(door: Door) -> None:
    door.can_note = False
    browser = Browser(door)
    status, _, page = browser.sign_in()
    assert status == 503
    assert "访问记录暂时无法写入" in page
    assert who(door) == []
    assert "qingyu_login" not in browser.cookies


# --- what the provider's answer must not be -----------------------------------------------------------------


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def unsigned(claims: dict[str, Any]) -> str:
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."


def with_the_public_key(issuer: Issuer) -> Callable[[dict[str, Any]], str]:
    secret = issuer.key.as_pem(private=False)

    def sign(claims: dict[str, Any]) -> str:
        told = unsigned(claims).replace(_encoded({"alg": "none", "typ": "JWT"}), _encoded({"alg": "HS256"}))
        told = told.rstrip(".")
        mac = hmac.digest(secret, told.encode(), "sha256")
        return f"{told}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    return sign


def with_another_key(claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, other)


def with_a_key_it_brings(claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048, {"kid": "mine"})
    return jwt.encode({"alg": "RS256", "jwk": other.as_dict(private=False)}, claims, other)


def tampered(issuer: Issuer) -> Callable[[dict[str, Any]], str]:
    def sign(claims: dict[str, Any]) -> str:
        head, _, signature = jwt.encode({"alg": "RS256", "kid": "one"}, claims, issuer.key).split(".")
        return f"{head}.{_encoded({**claims, 'sub': 'mayor'})}.{signature}"

    return sign


@pytest.mark.parametrize(
    "sign",
    [
        lambda _issuer: unsigned,
        with_the_public_key,
        lambda _issuer: with_another_key,
        lambda _issuer: with_a_key_it_brings,
        tampered,
        lambda _issuer: lambda _claims: "",
        lambda _issuer: lambda _claims: "a.b.c",
        lambda _issuer: lambda _claims: "{}",
    ],
    ids=["none", "HS256", "other key", "own key", "tampered", "empty", "abc", "json"],
)
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(
    door: Door, sign: Callable[[Issuer], Any]
) -> None:
    door.issuer.sign = sign(door.issuer)
    status, _, page = Browser(door).sign_in()
    assert status == 403
    assert FORGED in page
    assert who(door) == []
    assert [what for what, _, _ in door.noted] == ["sign_in_failed"]


NOW = int(time.time())


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ({"aud": "another client"}, FORGED),
        ({"aud": ["another client"]}, FORGED),
        ({"aud": []}, FORGED),
        ({"aud": None}, FORGED),
        ({"aud": ["qingyu", "other"]}, FORGED),
        ({"aud": ["qingyu", "other"], "azp": "other"}, FORGED),
        ({"azp": "other"}, FORGED),
        ({"iss": "https://evil.example"}, FORGED),
        ({"iss": None}, FORGED),
        ({"nonce": "another"}, FORGED),
        ({"nonce": None}, FORGED),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, FORGED),
        ({"exp": NOW - 200}, "时钟"),
        ({"exp": None}, FORGED),
        ({"exp": "tomorrow"}, "时钟"),
        ({"iat": NOW + 600}, "时钟"),
        ({"iat": None}, FORGED),
        ({"nbf": NOW + 600}, "时钟"),
        ({"auth_time": "now"}, FORGED),
    ],
)
def test_a_token_for_another_client_time_or_trip_lets_nobody_in(
    door: Door, forged: dict[str, Any], said: str
) -> None:
    door.issuer.forged = forged
    status, _, page = Browser(door).sign_in()
    assert status == 403
    assert said in page
    assert who(door) == []


def test_clocks_may_differ_by_two_minutes(door: Door) -> None:
    now = int(time.time())
    door.issuer.forged = {"iat": now + 110, "exp": now + 170, "nbf": now + 110}
    assert Browser(door).sign_in()[0] == 303
    door.issuer.forged = {"iat": now - 170, "exp": now - 100}
    assert Browser(door).sign_in()[0] == 303


# --- what a browser must not bring --------------------------------------------------------------------------


def test_a_way_back_leads_in_once(door: Door) -> None:
    browser = Browser(door)
    query = door.issuer.consent(browser.begin())
    kept = dict(browser.cookies)
    assert browser.open(f"/oauth2callback?{query}")[0] == 303
    again = Browser(door)
    again.cookies = kept
    status, _, page = again.open(f"/oauth2callback?{query}")
    assert status == 403
    assert STALE in page
    assert len(who(door)) == 1


def test_a_way_back_of_another_browser_leads_nowhere_and_takes_nothing_from_it(door: Door) -> None:
    victim, attacker = Browser(door), Browser(door)
    attacker.begin()
    query = door.issuer.consent(victim.begin())
    assert attacker.open(f"/oauth2callback?{query}")[0] == 403, "a code that was overheard"
    assert Browser(door).open(f"/oauth2callback?{query}")[0] == 403
    assert who(door) == []
    assert victim.open(f"/oauth2callback?{query}")[0] == 303


def test_nobody_is_signed_in_as_somebody_else_by_a_link(door: Door) -> None:
    attacker, victim = Browser(door), Browser(door)
    query = door.issuer.consent(attacker.begin())
    victim.begin()
    assert victim.open(f"/oauth2callback?{query}")[0] == 403
    assert "qingyu_login" not in victim.cookies


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=a",
        "state=a",
        "code=a&state=b",
        "code=a&code=b&state={state}",
        "code=a&state={state}&state=b",
        "code=&state={state}",
        "error=access_denied&state={state}",
        "error=access_denied&code={code}&state={state}",
        "code=made-up&state={state}",
        "&".join(["x=1"] * 50),
    ],
)
def test_a_forged_callback_lets_nobody_in(door: Door, query: str) -> None:
    browser = Browser(door)
    found = {key: one[0] for key, one in parse_qs(door.issuer.consent(browser.begin())).items()}
    status, _, page = browser.open(f"/oauth2callback?{query.format(**found)}")
    assert status == 403
    assert who(door) == []
    assert "access_denied" not in page
    assert door.noted[0][0] == "sign_in_failed"


def test_a_way_is_over_after_five_minutes(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(door)
    query = door.issuer.consent(browser.begin())
    monkeypatch.setattr(door.desk, "_now", lambda: time.time() + 301)
    assert STALE in browser.open(f"/oauth2callback?{query}")[2]


def test_ways_that_nobody_comes_back_from_do_not_pile_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.guard.sign_in._MOST_TRIPS", 3)
    for _ in range(5):
        Browser(door).begin()
    assert len(door.desk._ways) == 3


@pytest.mark.parametrize(
    "value", ["", "x", "a" * 43, "a" * 42 + "\n", "../../etc/passwd", "%00" * 14 + "a", "a" * 5000]
)
def test_a_made_up_cookie_is_nobody(door: Door, value: str) -> None:
    assert Browser(door).sign_in()[0] == 303
    stranger = Browser(door)
    stranger.cookies = {"qingyu_login": value}
    assert stranger.open("/standing")[0] == 401
    stranger.cookies = {"qingyu_login": who(door)[0].login}
    assert stranger.open("/standing")[0] == 401, "what is kept of a cookie is no cookie"


# --- the end ------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_login_and_every_copy_of_its_cookie(door: Door) -> None:
    browser, other, copy = Browser(door), Browser(door), Browser(door)
    browser.sign_in()
    other.sign_in()
    copy.cookies = dict(browser.cookies)
    status, place, _ = browser.open("/auth/logout", ("sec-fetch-site", "same-origin"))
    assert status == 303
    assert place.startswith(f"{door.issuer.address}/end?client_id=qingyu&post_logout_redirect_uri=")
    assert parse_qs(urlsplit(place).query)["post_logout_redirect_uri"] == [f"{ORIGIN}/ended"]
    assert "token" not in place
    assert "qingyu_login" not in browser.cookies
    assert copy.open("/standing")[0] == 401
    assert other.open("/standing")[0] == 204
    assert door.noted[-1] == ("signed_out", "li", "")


def test_no_other_site_signs_anybody_out(door: Door) -> None:
    browser = Browser(door)
    browser.sign_in()
    for site in ("cross-site", "same-site"):
        headers = (("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))
        assert browser.open("/auth/logout", *headers)[0] == 403
    assert browser.open("/standing")[0] == 204


def test_another_account_in_the_same_browser_ends_the_first(door: Door) -> None:
    browser = Browser(door)
    browser.sign_in()
    before = dict(browser.cookies)
    door.issuer.claims["sub"] = "wu"
    query = door.issuer.consent(browser.open("/auth/login")[1])
    assert browser.open(f"/oauth2callback?{query}")[0] == 303
    assert browser.cookies["qingyu_login"] != before["qingyu_login"]
    assert [viewer.user for viewer in who(door)] == ["wu"]
    old = Browser(door)
    old.cookies = before
    assert old.open("/standing")[0] == 401


def test_who_is_refused_in_the_settings_is_out_at_once_and_stays_out(door: Door) -> None:
    browser, other = Browser(door), Browser(door)
    browser.sign_in()
    door.issuer.claims["sub"] = "wu"
    other.sign_in()
    text = door.file.read_text(encoding="utf-8")
    door.file.write_text(text.replace("refused = []", 'refused = ["li"]'), encoding="utf-8")
    os.utime(door.file, ns=(1, 1))
    door.desk.sweep()
    assert browser.open("/standing")[0] == 401
    assert other.open("/standing")[0] == 204
    assert door.noted[-1] == ("revoked", "li", "")
    door.issuer.claims["sub"] = "li"
    status, _, page = Browser(door).sign_in()
    assert status == 403
    assert "已被停用" in page


def test_settings_that_became_wrong_change_nothing(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    browser = Browser(door)
    browser.sign_in()
    door.file.write_text("issuer = ", encoding="utf-8")
    os.utime(door.file, ns=(1, 1))
    door.desk.sweep()
    assert "goes on with the settings it had" in caplog.text
    assert browser.open("/standing")[0] == 204


# --- the provider is away -----------------------------------------------------------------------------------


def test_a_provider_that_is_away_is_one_sentence_and_no_loop(door: Door) -> None:
    door.issuer.is_away = True
    browser = Browser(door)
    assert browser.open("/")[:2] == (303, "/auth/login")
    status, place, page = browser.open("/auth/login")
    assert (status, place) == (503, "")
    assert "登录系统暂时没有应答" in page
    door.issuer.is_away = False
    assert browser.sign_in()[0] == 303


def test_a_provider_that_goes_away_in_between_is_said_and_who_is_in_stays(door: Door) -> None:
    inside, late = Browser(door), Browser(door)
    inside.sign_in()
    query = door.issuer.consent(late.begin())
    door.issuer.is_away = True
    assert late.open(f"/oauth2callback?{query}")[0] == 503
    assert who(door)[0].user == "li"
    assert len(who(door)) == 1
    assert inside.open("/standing")[0] == 204
    assert inside.open("/auth/logout")[0] == 303


def test_a_new_key_of_the_provider_is_looked_for(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Browser(door).sign_in()[0] == 303
    door.issuer.key = RSAKey.generate_key(2048, {"kid": "two"})
    door.issuer.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "two"}, claims, door.issuer.key)
    assert Browser(door).sign_in()[0] == 403, "but not at every knock"
    monkeypatch.setattr(provider, "_ASKED_AGAIN", -1)
    assert Browser(door).sign_in()[0] == 303


def test_a_provider_that_calls_itself_otherwise_is_not_ours(issuer: Issuer, tmp_path: Path) -> None:
    door = Door(issuer, tmp_path)
    issuer.address = issuer.address.replace("127.0.0.1", "localhost")
    assert "没有应答" in Browser(door).open("/auth/login")[2]

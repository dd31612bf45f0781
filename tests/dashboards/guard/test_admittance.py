"""The settings of the sign-in: read by their owner alone, and every fault in them is one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.guard.addresses import Addresses, require_private
from dashboards.guard.admittance import FILE_VARIABLE, is_trusted, read_settings, settings_file
from dashboards.guard.errors import Unguarded
from queries.errors import BadPolicy
from queries.policies import read_roles
from tests.architecture.sources import ROOT
from tests.services.issuer import SECRET, settings

EXAMPLE = ROOT / "docs" / "examples" / "sign_in.toml"


def test_the_example_is_valid_and_maps_every_role(tmp_path: Path) -> None:
    file = tmp_path / "sign_in.toml"
    file.touch(mode=0o600)
    file.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    client, admittance = read_settings(file, read_roles())
    assert client.issuer.startswith("https://")
    assert client.leeway == 120
    assert set(admittance.roles.values()) == set(read_roles().by_key)
    assert admittance.amr


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o777])
def test_a_secret_that_others_may_read_stops_the_start(tmp_path: Path, mode: int) -> None:
    file = settings(tmp_path, "https://sso.example")
    for allowed in (0o600, 0o400):
        file.chmod(allowed)
        assert read_settings(file, read_roles())[0].client_secret == SECRET
    file.chmod(mode)
    with pytest.raises(Unguarded, match="others than its owner may read it; run chmod 600 on it"):
        read_settings(file, read_roles())


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unguarded, match=r"QINGYU_SIGN_IN names .*nowhere\.toml, which does not exist"):
        read_settings(tmp_path / "nowhere.toml", read_roles())
    assert settings_file({FILE_VARIABLE: " a.toml "}) == Path("a.toml")
    assert settings_file({FILE_VARIABLE: " "}) is None
    assert settings_file({}) is None


def test_the_secret_is_not_shown_by_accident(tmp_path: Path) -> None:
    client, _ = read_settings(settings(tmp_path, "https://sso.example"), read_roles())
    assert SECRET not in repr(client)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('issuer = "https://sso.example"', 'issuer = "http://sso.example"', "issuer is 'http://sso.example'"),
        ('issuer = "https://sso.example"', 'issuer = "https://sso.example?a=b"', "issuer is "),
        ('issuer = "https://sso.example"', 'issuer = "sso.example"', "issuer is 'sso.example'"),
        ('client_id = "qingyu"', "", "client_id is nothing"),
        ('"openid", "profile"', '"profile"', "scopes is ['profile']"),
        ("refused = []", "refused = '*'", "refused is '*'; write a list of texts"),
        ("required_amr = []", "", "required_amr is nothing"),
        ("[claims]", "leeways = 3\n[claims]", "leeways is not a known key; did you mean leeway"),
        ("[claims]", "leeway = 9999\n[claims]", "leeway is 9999; write a whole number from 0 to 300"),
        ('name = "name"', "", "claims.name is nothing"),
        (
            '= "leader"',
            '= "leadr"',
            "roles.qy-leader is 'leadr'; write a role of roles.toml (did you mean leader",
        ),
        ('["330110"]', '["33011"]', "districts.余杭区 is ['33011']; write codes of districts"),
        ('["330110"]', '["*"]', "districts.余杭区 is ['*']"),
        ('["330110"]', "[]", "districts.余杭区 is []"),
    ],
)
def test_a_wrong_line_is_named_with_its_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = settings(tmp_path, "https://sso.example")
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPolicy, match=re.escape(f"sign_in.toml: {said}")) as caught:
        read_settings(file, read_roles())
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://sso.example/a", True),
        ("http://127.0.0.1:9400/a", True),
        ("http://localhost:9400", True),
        ("http://sso.example", False),
        ("http://127.0.0.1.sso.example", False),
        ("https://", False),
        ("ftp://127.0.0.1", False),
        ("", False),
    ],
)
def test_only_encrypted_addresses_and_this_machine_are_trusted(address: str, expected: bool) -> None:
    assert is_trusted(address) is expected


def test_a_sign_in_is_never_asked_for_over_a_bare_network() -> None:
    bare = Addresses(frozenset({"https://a.example", "http://b.example"}))
    with pytest.raises(Unguarded, match=r"names http://b\.example, over which others could read a sign-in"):
        require_private("127.0.0.1", bare, signs_in=True)
    require_private("127.0.0.1", Addresses(frozenset({"http://127.0.0.1:9000"})), signs_in=True)

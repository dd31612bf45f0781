"""Names are compared exactly, and links of our own lead to our own pages."""

from __future__ import annotations

import pytest

from dashboards.guard.addresses import Addresses, addresses, is_loopback, local_link, require_private
from dashboards.guard.errors import Unguarded

BEHIND_A_PROXY = Addresses(frozenset({"https://qingyu.example.gov.cn"}))


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501"])
def test_without_a_list_the_suite_is_called_by_this_machines_names(host: str) -> None:
    assert Addresses().of(host, 8501) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:8502",
        "localhost",
        "LOCALHOST:8501",
        "localhost:8501.",
        "localhost.:8501",
        "127.0.0.1:8501@evil.example",
        "evil.example",
        "evil.example:8501",
        "127.1:8501",
        "0.0.0.0:8501",
        "2130706433:8501",
        "localhost:8501/",
        " localhost:8501",
        "127.0.0.1:8501,evil.example",
    ],
)
def test_any_other_name_is_not_ours(host: str) -> None:
    assert Addresses().of(host, 8501) is None


def test_with_a_list_only_its_names_count() -> None:
    assert BEHIND_A_PROXY.of("qingyu.example.gov.cn", 8501) == "https://qingyu.example.gov.cn"
    for host in ("127.0.0.1:8501", "localhost:8501", "qingyu.example.gov.cn:443", "a.qingyu.example.gov.cn"):
        assert BEHIND_A_PROXY.of(host, 8501) is None


def test_the_list_is_read_from_the_environment() -> None:
    told = addresses({"QINGYU_ORIGINS": " https://a.example , http://10.0.0.1:8080,"})
    assert told.origins == {"https://a.example", "http://10.0.0.1:8080"}
    assert addresses({}).origins == frozenset()


@pytest.mark.parametrize(
    "word",
    ["a.example", "https://a.example/", "https://A.example", "https://*", "ftp://a", "https://u@a", "*"],
)
def test_what_is_no_origin_is_named(word: str) -> None:
    with pytest.raises(Unguarded, match="QINGYU_ORIGINS holds"):
        addresses({"QINGYU_ORIGINS": word})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.9.9.9", True),
        (None, False),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("10.1.2.3", False),
        ("qingyu", False),
    ],
)
def test_loopback(address: str | None, expected: bool) -> None:
    assert is_loopback(address) is expected


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.168.1.10"])
def test_a_network_needs_a_sign_in(address: str | None) -> None:
    with pytest.raises(Unguarded, match=r"without a sign-in the suite stays on 127\.0\.0\.1"):
        require_private(address, Addresses(), signs_in=False)
    require_private(address, Addresses(), signs_in=True)


def test_a_proxys_name_needs_a_sign_in_too() -> None:
    with pytest.raises(Unguarded, match=r"https://qingyu\.example\.gov\.cn"):
        require_private("127.0.0.1", BEHIND_A_PROXY, signs_in=False)
    require_private("127.0.0.1", BEHIND_A_PROXY, signs_in=True)
    require_private("127.0.0.1", Addresses(frozenset({"http://127.0.0.1:9000"})), signs_in=False)


@pytest.mark.parametrize("link", ["/", "/volume", "/repeats?district=330110&lang=en", "/?items=a%2Fb"])
def test_links_to_our_pages_are_kept(link: str) -> None:
    assert local_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "volume",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/volume\nx",
        "https://evil.example",
        "javascript:alert(1)",
        "/volume/../x",
        "/%2f%2fevil.example",
        "/a//b",
        "/\t/evil",
        "/volume#x",
        "/?x=<script>",
        "/?" + "a" * 3000,
        "/\x00",
        "/Volume",
        "/volume/",
    ],
)
def test_links_elsewhere_are_not(link: str) -> None:
    assert local_link(link) is None

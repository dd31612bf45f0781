"""A file goes to the login it was offered to, for a few minutes."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from dashboards.guard.exports import LIFETIME, MOST, Exports, file_headers


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_only_the_login_that_asked_finds_it() -> None:
    exports = Exports(Clock())
    token = exports.offer("mine", "a.xlsx", lambda: b"content")
    assert len(token) == 43
    found = exports.find(token, "mine")
    assert found is not None
    assert found.content() == b"content"
    assert exports.find(token, "yours") is None
    assert exports.find(token, "") is None
    assert exports.find(token[:-1] + ("A" if token[-1] != "A" else "B"), "mine") is None


def test_nobody_finds_what_was_offered_to_nobody() -> None:
    exports = Exports(Clock())
    assert exports.find(exports.offer("", "a.xlsx", bytes), "") is None


def test_it_is_over_after_some_minutes() -> None:
    clock = Clock()
    exports = Exports(clock)
    token = exports.offer("mine", "a.xlsx", bytes)
    clock.now += LIFETIME - 1
    assert exports.find(token, "mine") is not None
    clock.now += 1
    assert exports.find(token, "mine") is None
    assert LIFETIME < 600


def test_a_login_keeps_only_so_many_and_takes_none_of_the_others() -> None:
    exports = Exports(Clock())
    other = exports.offer("yours", "a.xlsx", bytes)
    tokens = [exports.offer("mine", f"{n}.xlsx", bytes) for n in range(MOST + 5)]
    assert [exports.find(one, "mine") is not None for one in tokens] == [False] * 5 + [True] * MOST
    assert exports.find(other, "yours") is not None
    assert len(set(tokens)) == len(tokens)


@pytest.mark.parametrize(
    "name", ["诉求总量-2026-10-31.xlsx", "a b.pdf", 'x"\r\nSet-Cookie: a=b.png', "../../etc/x.csv", "€"]
)
def test_any_name_is_one_header(name: str) -> None:
    headers = dict(file_headers(name, 12))
    said = headers[b"content-disposition"].decode("ascii")
    assert "\r" not in said
    assert "\n" not in said
    assert said.count('"') == 2
    assert "/" not in said
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"content-length"] == b"12"


def test_chinese_names_arrive_whole() -> None:
    said = dict(file_headers("诉求总量-2026-10-31.xlsx", 1))
    assert unquote(said[b"content-disposition"].decode().partition("''")[2]) == "诉求总量-2026-10-31.xlsx"
    assert said[b"content-type"].endswith(b"spreadsheetml.sheet")
    assert dict(file_headers("x.html", 1))[b"content-type"] == b"application/octet-stream"


def test_what_is_withdrawn_from_a_login_is_offered_to_nobody() -> None:
    exports = Exports()
    mine, other = (exports.offer(login, "a.xlsx", bytes) for login in ("login-1", "login-2"))
    exports.withdraw("login-1")
    assert exports.find(mine, "login-1") is None
    assert exports.find(other, "login-2") is not None

"""What the guard says itself: fixed sentences that repeat nothing of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus

from dashboards.guard.logins import Ending
from queries.vocabulary import Text

_TEXT = b"text/plain; charset=utf-8"
_PAGE = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store"))
_WHY = {
    Ending.IDLE: Text(
        "页面长时间无人操作，已经关闭。", "Nobody used the page for a while, so it was closed."
    ),
    Ending.EXPIRED: Text("登录时间已满，页面已经关闭。", "The session has run its time and was closed."),
    Ending.REVOKED: Text("登录已被注销，页面已经关闭。", "The session was ended and the page closed."),
    Ending.SIGNED_OUT: Text("您已退出登录。", "You have signed out."),
}
_OVER = Text("登录已经结束，页面已关闭。", "The session is over and the page was closed.")
_ON = Text("继续", "Continue")
_AGAIN, _OTHER = Text("重新登录", "Sign in again"), Text("换用其他账号", "Use another account")
_TITLE = Text("晴雨", "Qingyu")


@dataclass(frozen=True)
class Answer:
    """A whole answer of the guard's own."""

    status: HTTPStatus
    body: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ((b"content-type", _TEXT),)


UNKNOWN = Answer(HTTPStatus.NOT_FOUND, b"Nothing is served here.\n")
WRONG_HOST = Answer(HTTPStatus.MISDIRECTED_REQUEST, b"This server is not reached under that name.\n")
FOREIGN = Answer(HTTPStatus.FORBIDDEN, b"Requests from other sites are refused.\n")
WITH_BODY = Answer(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    b"Nothing is uploaded here.\n",
    ((b"content-type", _TEXT), (b"connection", b"close")),
)
STRANGER = Answer(HTTPStatus.UNAUTHORIZED, b"Open a page of the suite first.\n")
KNOWN = Answer(HTTPStatus.NO_CONTENT, headers=())
BROKEN = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"The file was not made; the log says why.\n")
NOT_ADMITTED = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "登录未能完成：请核对服务器与登录系统的时钟，然后重试。\n"
    "The sign-in did not come to its end: compare the clocks of both servers, then try again.\n".encode(),
)


def moved(place: str, *cookies: str) -> Answer:
    """The way to another page of the suite, or to the sign-in."""
    given = [(b"set-cookie", cookie.encode("ascii")) for cookie in cookies]
    return Answer(HTTPStatus.SEE_OTHER, b"", [(b"location", place.encode("ascii")), *given])


def shown(page: str) -> Answer:
    """A whole page that nobody may keep."""
    return Answer(HTTPStatus.OK, page.encode("utf-8"), _PAGE)


def ended(why: str, back: str) -> Answer:
    """The page that says why a login is over, with a link `back` to a page of the suite."""
    said = next((text for ending, text in _WHY.items() if ending.value == why), _OVER)
    return _page(said, (_ON, back))


def refused(said: Text, *cookies: str, is_ours: bool = False) -> Answer:
    """The page of somebody who is not let in, with the way to try again and to another account.

    `is_ours` when the fault is not theirs.
    """
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_ours else HTTPStatus.FORBIDDEN
    return _page(said, (_AGAIN, "/"), (_OTHER, "/auth/logout"), status=status, cookies=cookies)


def _page(
    said: Text,
    *links: tuple[Text, str],
    status: HTTPStatus = HTTPStatus.OK,
    cookies: Sequence[str] = (),
) -> Answer:
    ways = " · ".join(f'<a href="{escape(place)}">{text.zh} {text.en}</a>' for text, place in links)
    page = (
        '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_TITLE.zh} {_TITLE.en}</title>"
        "<style>body{font:16px/1.8 'Noto Sans SC','Microsoft YaHei',sans-serif;margin:20vh auto;"
        "max-width:32em;padding:0 24px;color:#17212E;background:#F6F7F9}a{color:#274C8F}</style>"
        f'<h1>{_TITLE.zh} {_TITLE.en}</h1><p>{said.zh}</p><p lang="en">{said.en}</p>'
        f"<p>{ways}</p></html>"
    )
    given = [(b"set-cookie", cookie.encode("ascii")) for cookie in cookies]
    return Answer(status, page.encode("utf-8"), [*_PAGE, *given])

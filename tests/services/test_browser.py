"""The browser notices what would leave the host and what goes wrong on a page."""

import pytest

from tests.services.browser import Visit, leaves_host

pytestmark = pytest.mark.browser


def test_foreign_request_is_noted_and_refused(visit: Visit) -> None:
    visit.page.set_content("<img src='http://elsewhere.example/beacon.png'>")
    visit.page.wait_for_function("document.images[0].complete")
    assert visit.foreign == ["http://elsewhere.example/beacon.png"]
    with pytest.raises(AssertionError, match="off the host"):
        visit.require_clean()


def test_foreign_socket_is_noted(visit: Visit) -> None:
    with visit.page.expect_event("websocket"):
        visit.page.evaluate("void new WebSocket('ws://elsewhere.example/')")
    assert visit.foreign == ["ws://elsewhere.example/"]


def test_console_error_is_noted(visit: Visit) -> None:
    with visit.page.expect_event("console"):
        visit.page.evaluate("console.error('broken')")
    assert len(visit.errors) == 1
    with pytest.raises(AssertionError, match="broken"):
        visit.require_clean()


def test_uncaught_exception_is_noted(visit: Visit) -> None:
    with visit.page.expect_event("pageerror"):
        visit.page.evaluate("setTimeout(() => { throw new Error('lost') })")
    assert visit.errors == ["lost"]


def test_quiet_page_is_clean(visit: Visit) -> None:
    visit.page.set_content("<p>晴雨</p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>")
    visit.require_clean()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8501/x", "ws://localhost:1/", "data:,x", "blob:null/1"]
)
def test_what_stays_here(address: str) -> None:
    assert not leaves_host(address)


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/", "wss://elsewhere.example/", "http://127.0.0.1.example/"]
)
def test_what_leaves(address: str) -> None:
    assert leaves_host(address)

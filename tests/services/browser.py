"""The only file that starts a browser: a Chromium that notes every request off the host and every error."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route, WebSocket, sync_playwright

# Quiet (nothing asked for by the browser itself) and able to draw maps without a graphics card.
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)  # fmt: skip
LOCAL = {"127.0.0.1", "localhost"}
# Addresses that never leave the page.
INLINE = {"data", "blob", "about"}
SETTLE = 60_000  # milliseconds; a map drawn in software takes its time


@dataclass(frozen=True)
class Visit:
    """One reader's tab: its page, and what must stay empty.

    `foreign` lists the addresses asked for off this host (they are blocked), `errors` the console errors and
    uncaught exceptions of the page.
    """

    page: Page
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Goes to `address` and waits until the page has been drawn."""
        self.page.goto(address)
        self.settle()

    def settle(self) -> None:
        """Waits until the script of the page has run to its end; never sleeps."""
        self.page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached", timeout=SETTLE
        )

    def require_clean(self) -> None:
        """Fails the test when anything left the host or the console showed an error."""
        assert self.foreign == [], f"asked for off the host: {self.foreign}"
        assert self.errors == [], f"console errors: {self.errors}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine, with a profile of its own."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium here: chromium is not in PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Browser,
    *,
    width: int = 1366,
    height: int = 768,
    color_scheme: Literal["light", "dark"] = "light",
    locale: str = "zh-CN",
) -> Iterator[Visit]:
    """Opens a tab of its own for a reader with this screen (CSS pixels), preference and browser language."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=color_scheme, locale=locale
    )
    visit = Visit(context.new_page())

    def refuse(route: Route) -> None:
        visit.foreign.append(route.request.url)
        route.abort()

    def note_socket(socket: WebSocket) -> None:  # sockets are not routed, so they are only noted
        if leaves_host(socket.url):
            visit.foreign.append(socket.url)

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            visit.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def note_exception(error: Error) -> None:
        visit.errors.append(str(error))

    context.route(leaves_host, refuse)
    visit.page.on("websocket", note_socket)
    visit.page.on("console", note_message)
    visit.page.on("pageerror", note_exception)
    try:
        yield visit
    finally:
        context.close()


def leaves_host(address: str) -> bool:
    """True for an address that is neither on this machine nor inside the page."""
    parts = urlsplit(address)
    return parts.scheme not in INLINE and parts.hostname not in LOCAL


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """A reader who prefers Chinese and light, on a 1366 × 768 screen."""
    with visiting(chromium) as one:
        yield one

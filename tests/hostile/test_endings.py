"""A login that nobody uses ends: all its tabs close, its cookie opens nothing, and the page says so."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus

from dashboards.guard.wires import ENDED_CODE
from tests.hostile.client import Tab, Target, opened
from tests.services.browser import SETTLE, Visit
from tests.services.suite import serving


@pytest.fixture(scope="module")
def hasty(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("hasty") / "log"
    with serving(demo_warehouse, log, entry="tests/hostile/hasty.py") as address:
        yield address


def by_itself() -> list[bytes]:
    """What a page sends that nobody looks at."""
    automatic = BackMsg()
    automatic.rerun_script.is_auto_rerun = True
    return [BackMsg(app_heartbeat=True).SerializeToString(), automatic.SerializeToString()]


def close_code(tab: Tab) -> tuple[int, str]:
    assert tab.closes()
    return tab.wire.close_code or 0, tab.wire.close_reason or ""


def test_heartbeats_keep_nobody_signed_in_and_every_tab_closes(hasty: str) -> None:
    target = Target(hasty)
    cookie = target.cookie()
    with opened(target, cookie) as tab, opened(target, cookie) as other:
        end = time.monotonic() + 20
        while tab.wire.close_code is None and time.monotonic() < end:
            for frame in by_itself():
                tab.send(frame)
            time.sleep(0.2)
        assert close_code(tab) == (ENDED_CODE, "idle")
        assert close_code(other) == (ENDED_CODE, "idle")
    with pytest.raises(InvalidStatus) as refused, opened(target, cookie):
        pass
    assert refused.value.response.status_code == 403
    assert target.ask("/standing", [("Cookie", cookie)]).status == 401


def test_who_uses_one_tab_keeps_the_others(hasty: str) -> None:
    target = Target(hasty)
    cookie = target.cookie()
    with opened(target, cookie) as used, opened(target, cookie) as other:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            used.run()
            time.sleep(0.2)
        assert other.run().title == "一图一指数"


@pytest.mark.browser
def test_the_page_says_that_it_was_closed_and_leads_back(hasty: str, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{hasty}/volume?lang=en")
    page.wait_for_url(re.compile("/ended"), timeout=SETTLE)
    expect(page.locator("body")).to_contain_text("页面长时间无人操作")
    expect(page.locator("body")).to_contain_text("Nobody used the page for a while")
    assert page.get_by_role("link").get_attribute("href") == "/volume?lang=en"
    page.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Volume", exact=True)).to_be_visible(timeout=SETTLE)

"""The rankings in a real browser: reached by the menu, a district highlighted by a click, and let go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def test_reader_comes_by_the_menu_and_highlights_a_district(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    visit.page.get_by_text("领导看板", exact=True).click()
    visit.page.get_by_role("menuitem", name="区县排名").click()
    expect(visit.page.locator("h1")).to_have_text("区县排名", timeout=SETTLE)
    for chart in ("funnel", "bump", "dumbbell"):
        expect(visit.page.locator(f".st-key-{chart} .main-svg").first).to_be_visible(timeout=SETTLE)
    row = visit.page.locator("tr.q-row", has_text="余杭区")
    row.click()
    expect(visit.page.locator(".q-multiple.q-chosen")).to_contain_text("余杭区", timeout=SETTLE)
    assert "district=330110" in visit.page.url
    visit.page.locator(".q-multiple", has_text="余杭区").click()
    expect(visit.page.locator(".q-chosen")).to_have_count(0, timeout=SETTLE)
    assert re.search("district=330110", visit.page.url) is None
    visit.require_clean()

"""The major-issue board in a real browser: a click opens an item and closes it, another enters a district."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def test_reader_opens_an_item_and_enters_a_district(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    visit.page.get_by_text("领导看板", exact=True).click()
    visit.page.get_by_role("menuitem", name="重大问题清单").click()
    expect(visit.page.locator("h1")).to_have_text("重大问题清单", timeout=SETTLE)
    expect(visit.page.locator(".q-stage")).to_have_count(6, timeout=SETTLE)
    expect(visit.page.locator(".st-key-history .main-svg").first).to_be_visible(timeout=SETTLE)
    late = visit.page.locator(".q-item.q-item-late").first
    name = late.locator("b").inner_text()
    late.click()
    expect(visit.page.locator("section.q-panel h2").first).to_contain_text(name, timeout=SETTLE)
    expect(visit.page.locator(".st-key-course .main-svg").first).to_be_visible(timeout=SETTLE)
    assert re.search(r"issue=\d+", visit.page.url)
    visit.page.locator(".q-item.q-chosen").click()
    expect(visit.page.locator(".st-key-course")).to_have_count(0, timeout=SETTLE)
    assert "issue=" not in visit.page.url
    visit.page.locator("tr.q-row", has_text="萧山区").click()
    expect(visit.page.locator("tr.q-chosen")).to_contain_text("萧山区", timeout=SETTLE)
    expect(visit.page.locator(".q-words")).to_contain_text("萧山区", timeout=SETTLE)
    assert "district=330109" in visit.page.url
    visit.require_clean()

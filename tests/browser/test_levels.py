"""Down the category tree by clicking rows, and back by the steps above them, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_drill_down import open_board
from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def test_rows_lead_down_and_steps_lead_back(visit: Visit, suite_url: str) -> None:
    page = open_board(visit, suite_url, "诉求总量")
    way = page.locator(".q-crumbs")
    for level in ("category1", "category2"):
        row = page.locator(f"tr[data-narrow^='{level}=']").first
        row.scroll_into_view_if_needed()
        name = row.locator(".q-name").inner_text()
        row.locator(".q-name").click()
        expect(way.locator("[aria-current=page]")).to_have_text(name, timeout=SETTLE)
        visit.settle()
    assert "category1=" in page.url
    assert "category2=" in page.url
    way.locator("[data-narrow^='category2=']").click()
    expect(way.locator("[data-narrow]")).to_have_count(1, timeout=SETTLE)
    visit.settle()
    assert "category2=" not in page.url
    way.locator("[data-narrow^='category1=']").click()
    expect(way).to_have_count(0, timeout=SETTLE)
    visit.settle()
    assert "category" not in page.url
    visit.require_clean()

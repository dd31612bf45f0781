"""The district profile on paper: exactly one sheet of A4 with nothing cut off, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.services.browser import SETTLE, Visit, visiting

pytestmark = pytest.mark.browser
SIZES = "element => [element.clientWidth, element.scrollWidth, element.clientHeight, element.scrollHeight]"


def test_reader_chooses_a_district_from_the_list_and_returns(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    visit.page.get_by_text("领导看板", exact=True).click()
    visit.page.get_by_role("menuitem", name="区县画像").click()
    expect(visit.page.locator("h1")).to_have_text("区县画像", timeout=SETTLE)
    visit.page.locator(".st-key-sheet tr.q-row", has_text="余杭区").click(timeout=SETTLE)
    expect(visit.page.locator(".q-sheet")).to_contain_text("一指数 · 余杭区", timeout=SETTLE)
    assert "district=330110" in visit.page.url
    visit.page.evaluate("window.print = () => { window.printed = true; }")
    visit.page.get_by_role("button", name="打印").click()
    assert visit.page.evaluate("window.printed") is True
    visit.page.locator(".q-cell [data-items]").first.click()
    expect(visit.page.get_by_role("dialog")).to_be_visible(timeout=SETTLE)
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_be_hidden(timeout=SETTLE)
    visit.page.get_by_role("button", name="返回全市").click()
    expect(visit.page.locator(".q-sheet")).to_have_count(0, timeout=SETTLE)
    visit.require_clean()


@pytest.mark.parametrize(
    ("link", "dark"),
    [
        ("district=330110", True),
        ("district=330127&lang=en", False),
        ("district=330108&as_of=2026-02-20", False),
    ],
)
def test_sheet_is_one_page(chromium: Browser, suite_url: str, link: str, dark: bool) -> None:
    with visiting(chromium, color_scheme="dark" if dark else "light") as visit:
        visit.open(f"{suite_url}/profile?{link}")
        visit.page.wait_for_selector(".q-sheet .q-alerts", timeout=SETTLE)
        visit.page.emulate_media(media="print")
        width, wide, height, high = visit.page.locator(".stMainBlockContainer").evaluate(SIZES)
        assert (wide, high) == (width, height), "something would be cut off"
        expect(visit.page.locator("h1")).to_be_visible()
        expect(visit.page.locator(".q-badge")).to_be_visible()
        expect(visit.page.locator(".st-key-toolbar")).to_be_hidden()
        paper = "getComputedStyle(document.querySelector('.q-sheet .q-card')).backgroundColor"
        assert visit.page.evaluate(paper) == "rgb(255, 255, 255)"
        printed = visit.page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        assert re.search(rb"/MediaBox\s*\[0 0 84[12]\S* 59[456]", printed)
        assert visit.foreign == []

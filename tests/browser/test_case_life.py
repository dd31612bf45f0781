"""From a row to an opened case and out again, in a real browser: purpose, watermark, note, deep link."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def test_a_case_is_opened_for_a_purpose_supervised_and_closed(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/case_life")
    rows = page.locator(".st-key-cases tr[data-choose]")
    expect(rows.first).to_be_visible(timeout=SETTLE)
    number = rows.nth(2).locator("td").first.inner_text()
    rows.nth(2).click()
    expect(page.get_by_text("打开办件须先说明目的")).to_be_visible(timeout=SETTLE)
    expect(page.get_by_text(number)).to_have_count(0)
    assert "case=" in page.url
    address = page.url
    page.get_by_role("combobox", name="目的").click()
    page.get_by_role("option", name="督办").click()
    page.get_by_role("button", name="记录并打开").click()
    expect(page.locator(".q-timeline")).to_be_visible(timeout=SETTLE)
    expect(page.locator("h2", has_text=number)).to_be_visible()
    expect(page.locator(".q-watermark span").first).to_contain_text("市领导")
    assert page.locator(".q-watermark").evaluate("(one) => getComputedStyle(one).pointerEvents") == "none"
    page.get_by_role("textbox", name="督办要求").fill("请五日内答复群众")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".q-thread", has_text="请五日内答复群众")).to_be_visible(timeout=SETTLE)
    page.get_by_role("button", name="关闭办件").click()
    expect(page.locator(".st-key-supervised", has_text=number)).to_be_visible(timeout=SETTLE)
    expect(page).not_to_have_url(re.compile("case="), timeout=SETTLE)
    visit.open(address)
    expect(page.get_by_text("打开办件须先说明目的")).to_be_visible(timeout=SETTLE)
    expect(page.locator(".q-timeline")).to_have_count(0)
    visit.require_clean()


def test_a_row_behind_a_number_leads_to_its_case_in_a_tab_that_asks(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/volume?items=cases_registered~n~20261031~20261031~20261031")
    table = page.get_by_role("dialog").locator("[data-testid=stDataFrame]")
    expect(table.locator("[role=gridcell]").nth(1)).to_be_attached(timeout=SETTLE)
    visit.settle()
    # the table is a canvas: its second column begins behind the number, 146 pixels wide
    box = table.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 160, box["y"] + 50)
    page.wait_for_timeout(500)  # the link is found under the pointer
    with page.context.expect_page(timeout=SETTLE) as opened:
        page.mouse.click(box["x"] + 160, box["y"] + 50)
    expect(opened.value.get_by_text("打开办件须先说明目的")).to_be_visible(timeout=SETTLE)
    assert re.search(r"/case_life\?case=\d+&lang=zh$", opened.value.url)

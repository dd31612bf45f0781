"""专题分析 in a real browser: a topic found by typing, a number opened, districts chosen, files taken."""

from __future__ import annotations

import io
import json
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def test_a_topic_is_found_read_and_taken_away(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/topic?span=12w")
    points = page.locator(".q-points")
    expect(points).to_contain_text("城乡建设", timeout=SETTLE)
    topics = page.get_by_role("combobox").first
    topics.click()
    topics.fill("房屋质量")
    page.get_by_role("option", name="0102 城乡建设 › 房屋质量", exact=True).click()
    expect(points).to_contain_text("杭州市“房屋质量”登记", timeout=SETTLE)
    assert "topic=0102" in page.url
    # no table is wider than its card
    assert page.evaluate(
        "() => [...document.querySelectorAll('.q-bulletin .q-card')]"
        ".filter(one => one.scrollWidth > one.clientWidth + 1).length"
    ) == 0  # fmt: skip
    first = page.locator(".q-tiles strong").first
    count = first.inner_text().replace("\u00a0", " ").split(" ")[0].replace(",", "")
    first.locator("[data-items]").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"共 {int(count):,} 件", timeout=SETTLE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SETTLE)
    files = {}
    for kind in ("DOCX", "PDF", "JSON"):
        with page.expect_download(timeout=SETTLE) as saved:
            page.get_by_role("button", name=f"下载 {kind}").click()
        files[saved.value.suggested_filename] = Path(saved.value.path()).read_bytes()
    name = "topic-0102-city-2026-08-09-2026-10-31"
    assert set(files) == {f"{name}-zh.docx", f"{name}-zh.pdf", f"{name}.json"}
    assert files[f"{name}-zh.pdf"].startswith(b"%PDF")
    assert json.loads(files[f"{name}.json"])["scale"][0]["topic"]["value"] == int(count)
    written = docx.Document(io.BytesIO(files[f"{name}-zh.docx"])).tables[0].rows[1]
    assert written.cells[1].text == f"{int(count):,}"
    districts = page.get_by_role("combobox").nth(1)
    districts.click()
    page.get_by_role("option", name="余杭区", exact=True).click()
    expect(points).to_contain_text("余杭区“房屋质量”登记", timeout=SETTLE)
    assert "district=330110" in page.url
    visit.require_clean()

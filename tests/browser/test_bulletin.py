"""The bulletin in a real browser: opened from the menu's address, another kind, its files taken away."""

from __future__ import annotations

import io
import json
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def test_a_bulletin_is_read_and_taken_away(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/bulletin")
    head = page.locator(".q-bulletin-head")
    expect(head).to_contain_text("晴雨月报〔2026〕第 10 期", timeout=SETTLE)
    expect(head).to_contain_text("演示数据")
    page.get_by_text("周报", exact=True).click()
    expect(head).to_contain_text("晴雨周报〔2026〕第 43 期", timeout=SETTLE)
    assert "kind=weekly" in page.url
    # no table is wider than its card
    assert page.evaluate(
        "() => [...document.querySelectorAll('.q-bulletin .q-card')]"
        ".filter(one => one.scrollWidth > one.clientWidth + 1).length"
    ) == 0  # fmt: skip
    terms = page.locator(".q-bulletin details", has_text="口径说明")
    expect(terms.locator("table")).to_be_hidden()
    terms.locator("summary").click()
    expect(terms.locator("table")).to_be_visible()
    files = {}
    for kind in ("DOCX", "PDF", "JSON"):
        with page.expect_download(timeout=SETTLE) as saved:
            page.get_by_role("button", name=f"下载 {kind}").click()
        files[saved.value.suggested_filename] = Path(saved.value.path()).read_bytes()
    assert set(files) == {"bulletin-2026-W43-zh.docx", "bulletin-2026-W43-zh.pdf", "bulletin-2026-W43.json"}
    assert files["bulletin-2026-W43-zh.pdf"].startswith(b"%PDF")
    told = json.loads(files["bulletin-2026-W43.json"])
    total = next(one["value"] for one in told["lines"] if one["metric"] == "cases_registered")
    written = docx.Document(io.BytesIO(files["bulletin-2026-W43-zh.docx"])).tables[0].rows[1]
    shown = page.locator(".q-bulletin table").first.locator("tbody tr").first
    assert written.cells[1].text == f"{total:,}"
    expect(shown).to_contain_text(f"{total:,}")
    visit.require_clean()

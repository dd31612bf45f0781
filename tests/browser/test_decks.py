"""A view is put into a deck in a real browser, shown on the wall and taken away, with the page's numbers."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect
from pptx import Presentation

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser

FILES = {
    "PPT（图表可编辑）": "pptx",
    "PDF": "pdf",
    "Excel（每图一表，附口径）": "xlsx",
    "图片（SVG 和 PNG）": "zip",
}


def test_a_view_goes_into_a_deck_onto_the_wall_and_into_files(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/rankings")
    leader = page.locator(".q-clickable tbody tr td").first
    expect(leader).to_be_visible(timeout=SETTLE)
    page.get_by_role("button", name="加入会商").click()
    page.get_by_label("新建会商 · 名称（60 字以内）").fill("十一月会商")
    page.get_by_label("备注（1000 字以内，勿写个人信息）").fill("先看排名")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已加入“十一月会商”")).to_be_visible(timeout=SETTLE)

    visit.open(f"{suite_url}/decks")
    expect(page.get_by_text("1. 区县排名")).to_be_visible(timeout=SETTLE)
    expect(page.get_by_text("先看排名")).to_be_visible()
    expect(page.locator(".q-thumbnail > svg")).to_have_count(1, timeout=SETTLE)
    page.get_by_role("button", name="下载", exact=True).click()
    files = {}
    for kind, ending in FILES.items():
        with page.expect_download(timeout=SETTLE) as saved:
            page.get_by_role("button", name=kind, exact=True).click()
        assert saved.value.suggested_filename.endswith(f".{ending}")
        files[ending] = Path(saved.value.path()).read_bytes()
    assert files["pdf"].startswith(b"%PDF")
    told = Presentation(io.BytesIO(files["pptx"]))
    cells = {
        cell.text
        for slide in told.slides
        for shape in slide.shapes
        if shape.has_table
        for cell in shape.table.iter_cells()
    }
    assert {"西湖区", "余杭区"} <= cells
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    assert len(book.sheetnames) > 3
    assert all(zipfile.is_zipfile(io.BytesIO(files[kind])) for kind in ("pptx", "xlsx", "zip"))

    page.keyboard.press("Escape")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="放映").click()
    wall = opened.value
    wall.wait_for_selector("body[data-ready]", timeout=SETTLE)
    expect(wall.locator("#stage > .slide.on h1")).to_have_text("十一月会商")
    wall.keyboard.press("1")
    wall.keyboard.press("Enter")
    expect(wall.locator("#stage > .slide.on h1")).to_contain_text("区县排名")
    on_the_wall = wall.locator("#stage .slide td").all_text_contents()
    assert {"西湖区", "余杭区"} <= set(on_the_wall)
    visit.require_clean()

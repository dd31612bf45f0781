"""The hot-spot map in a real browser: its weeks play, it tells of cells, and opens districts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser
# Where the cell with most items lies on the canvas.
BUSIEST = """() => {
  const map = document.querySelector(".q-hex").cellMap;
  const { cells, counts, size } = map.city;
  let best = 0;
  for (let cell = 0; cell < size; cell += 1) if (counts[cell] > counts[best]) best = cell;
  const { zoom, x, y } = map.view;
  return {
    x: (cells[2 * best] - x) * zoom + map.canvas.clientWidth / 2,
    y: (cells[2 * best + 1] - y) * zoom + map.canvas.clientHeight / 2,
  };
}"""


def test_reader_plays_the_weeks_reads_a_cell_and_enters_a_district(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    visit.page.get_by_text("领导看板", exact=True).click()
    visit.page.get_by_role("menuitem", name="热点地图").click()
    expect(visit.page.locator("h1")).to_have_text("热点地图", timeout=SETTLE)
    week = visit.page.locator(".q-hex output")
    expect(week).to_contain_text("整段", timeout=SETTLE)
    visit.page.get_by_role("button", name="逐周播放").click()
    expect(week).to_contain_text("起一周", timeout=SETTLE)
    first = week.text_content()
    expect(week).not_to_have_text(str(first), timeout=SETTLE)
    expect(week).to_contain_text("整段", timeout=SETTLE)  # it ends where it began
    expect(visit.page.get_by_role("button", name="逐周播放")).to_be_visible(timeout=SETTLE)
    canvas = visit.page.locator(".q-hex canvas")
    at = visit.page.evaluate(BUSIEST)
    canvas.hover(position=at)
    tip = visit.page.locator(".q-hex-tip")
    expect(tip).to_contain_text("件", timeout=SETTLE)
    expect(tip).to_contain_text("Gi* =")
    visit.page.get_by_role("slider").press("Home")
    expect(week).to_contain_text("起一周")
    canvas.click(position=at)
    expect(visit.page.get_by_role("button", name="← 返回全市")).to_be_visible(timeout=SETTLE)
    assert re.search(r"district=3301\d\d", visit.page.url)
    visit.require_clean()

"""From a number to its items, and from a card to its picture, in a real browser."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


def open_board(visit: Visit, suite_url: str, name: str) -> Page:
    """Comes to a board by the menu, as a reader does."""
    visit.open(suite_url)
    visit.page.get_by_text("领导看板", exact=True).click()
    visit.page.get_by_role("menuitem", name=name).click()
    expect(visit.page.locator("h1")).to_have_text(name, timeout=SETTLE)
    visit.settle()
    return visit.page


def test_a_number_opens_as_many_items_as_it_says_and_closes_again(visit: Visit, suite_url: str) -> None:
    page = open_board(visit, suite_url, "积案化解")
    number = page.locator(".q-tiles [data-items^='backlog_stock~n~']")
    expect(number).to_be_visible(timeout=SETTLE)
    printed = re.sub(r"\D", "", number.inner_text())
    number.click()
    window = page.get_by_role("dialog")
    expect(window.locator("h2", has_text="共")).to_have_text(f"共 {int(printed):,} 件", timeout=SETTLE)
    expect(window.locator("[data-testid=stDataFrame]")).to_be_visible(timeout=SETTLE)
    assert "items=backlog_stock" in page.url
    window.get_by_role("button", name="下一页").click()
    expect(window.get_by_text("本页第 101–")).to_be_visible(timeout=SETTLE)
    page.keyboard.press("Escape")
    expect(window).to_have_count(0, timeout=SETTLE)
    expect(page).not_to_have_url(re.compile("items="), timeout=SETTLE)
    visit.require_clean()


def test_a_number_inside_a_row_opens_its_items_and_not_the_row(visit: Visit, suite_url: str) -> None:
    page = open_board(visit, suite_url, "办理时效")
    number = page.locator("tr[data-choose] [data-items*='~r~']").first
    number.scroll_into_view_if_needed()
    number.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible(timeout=SETTLE)
    assert "items=replied_on_time" in page.url
    assert "&district=" not in page.url
    visit.require_clean()


def test_a_point_of_a_chart_opens_its_week(visit: Visit, suite_url: str) -> None:
    page = open_board(visit, suite_url, "诉求总量")
    point = page.locator(".st-key-card-line .scatterlayer .trace .points path").nth(5)
    expect(point).to_be_attached(timeout=SETTLE)

    def click() -> None:
        box = point.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 1, box["y"] + 1)
        page.mouse.click(box["x"] + 2, box["y"] + 2)

    click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=SETTLE)
    assert "items=cases_registered" in page.url
    visit.require_clean()


@pytest.mark.parametrize("card", ["map", "trend"])
def test_a_card_is_saved_as_a_picture_that_shows_it(
    card: str, visit: Visit, suite_url: str, tmp_path: Path
) -> None:
    visit.open(suite_url)
    place = visit.page.locator(f".st-key-card-{card}")
    drawn = place.locator("canvas" if card == "map" else ".main-svg").first
    expect(drawn).to_be_visible(timeout=SETTLE)
    place.hover()

    def colours() -> int:
        with visit.page.expect_download(timeout=SETTLE) as saved:
            place.locator("> .q-picture").click()
        assert saved.value.suggested_filename == f"overview-2026-10-31-{card}.png"
        made = tmp_path / "card.png"
        saved.value.save_as(made)
        picture = Image.open(io.BytesIO(made.read_bytes())).convert("RGB")
        box = place.bounding_box()
        assert box is not None
        assert picture.width >= 2 * box["width"]
        # what stands inside the card, without the lines above and below it
        inside = picture.crop((60, 160, picture.width - 60, picture.height - 120))
        counted = inside.getcolors(maxcolors=1_000_000)
        assert counted is not None
        return len([one for one in counted if one[0] > 20])

    # a map drawn in software comes some seconds after its canvas
    found = colours()
    for _ in range(8):
        if found > 8:
            break
        visit.page.wait_for_timeout(2_500)
        found = colours()
    assert found > 8
    visit.require_clean()

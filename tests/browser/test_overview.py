"""The leader's path in a real browser: opens the board, enters a district, switches language and theme."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dashboards.cards.region_map import SIZE
from dashboards.figures.boundaries import mercator, polygons
from dashboards.figures.choropleth import Classes, Place, choropleth
from dashboards.figures.theme import DARK, LIGHT, rgb
from tests.services.browser import SETTLE, Visit, visiting

pytestmark = pytest.mark.browser

BOUNDARY = Path(__file__).resolve().parents[2] / "assets" / "cities" / "hangzhou" / "districts.geojson"
CHUNAN = (118.99465, 29.68777)  # a point well inside 淳安县
SWITCH = "button.q-switch"
MAP = '[data-testid="stDeckGlJsonChart"]'


def at(lon: float, lat: float) -> tuple[float, float]:
    """Where a place lies on the map, in pixels from its centre."""
    shapes = polygons(BOUNDARY.read_bytes())
    places = [Place(n, area.code, "", 0, 0, 1.0, "") for n, area in enumerate(shapes.areas)]
    deck = choropleth(shapes, places, Classes((1,), ("a", "b")), LIGHT, width=SIZE[0], height=SIZE[1])
    view = json.loads(deck.to_json())["initialViewState"]
    scale = 2 ** view["zoom"]
    (x, y), (x0, y0) = mercator(lon, lat), mercator(view["longitude"], view["latitude"])
    return (x - x0) * scale, (y - y0) * scale


def rest_on(visit: Visit, offset: tuple[float, float], text: str) -> tuple[float, float]:
    """Moves the pointer to `offset` from the map's centre until the tooltip says `text`; returns where.

    The map is measured anew each time: while it loads it hears nothing, and its card may still find its size.
    """
    canvas, tooltip = visit.page.locator(f"{MAP} canvas"), visit.page.locator(".deck-tooltip")
    for attempt in range(60):
        box = canvas.bounding_box()
        assert box is not None
        place = (box["width"] / 2 + offset[0] + attempt % 2, box["height"] / 2 + offset[1])
        canvas.hover(position={"x": place[0], "y": place[1]})
        try:
            expect(tooltip).to_contain_text(text, timeout=2000)
        except AssertionError:
            continue
        return place
    raise AssertionError(f"the map never said {text}")


def click_on(visit: Visit, offset: tuple[float, float], text: str, address: str) -> None:
    """Clicks where the map says `text` until the address says `address`.

    On a crowded machine without a graphics card the map may take a click for the beginning of a drag; a
    reader clicks again.
    """
    for _ in range(5):
        x, y = rest_on(visit, offset, text)
        visit.page.locator(f"{MAP} canvas").click(position={"x": x, "y": y})
        try:
            expect(visit.page).to_have_url(re.compile(address), timeout=10_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"no click on {text} led to {address}")


def surface(visit: Visit) -> str:
    """The background of the page as the browser computes it."""
    return str(visit.page.locator(".stApp").evaluate("element => getComputedStyle(element).backgroundColor"))


def css(colour: str) -> str:
    red, green, blue, _ = rgb(colour)
    return f"rgb({red}, {green}, {blue})"


def test_leader_opens_enters_a_district_and_switches(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(suite_url)
    expect(page.get_by_role("heading", name="一图一指数", exact=True)).to_be_visible(timeout=SETTLE)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN", timeout=SETTLE)
    expect(page.locator(".q-badge")).to_contain_text("演示数据")
    expect(page.locator(".q-row[data-choose]")).to_have_count(13)

    # The map, drawn by the graphics card: a click on 淳安县 enters it.
    canvas = page.locator(f"{MAP} canvas")
    expect(canvas).to_be_visible(timeout=SETTLE)
    click_on(visit, at(*CHUNAN), "淳安县", "district=330127")
    expect(page.locator(".q-words")).to_contain_text("淳安县", timeout=SETTLE)
    expect(page.get_by_role("button", name="返回全市")).to_be_visible()
    assert page.locator(".q-row[data-choose]").count() == 0

    # English: the document says so, the address keeps it.
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="One map, one index", exact=True)).to_be_visible(timeout=SETTLE)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile("lang=en"))

    # Dark: the page comes back as it was, at night.
    assert surface(visit) == css(LIGHT.paper)
    page.locator(SWITCH).click()
    expect(page.locator(".stApp")).to_have_css("background-color", css(DARK.paper), timeout=SETTLE)
    expect(page.locator(".q-words")).to_contain_text("Chun'an", timeout=SETTLE)
    expect(page.locator(SWITCH)).to_have_text("Light")

    # One click back, from the keyboard into another district, and back by the browser's own button.
    page.get_by_role("button", name="Whole city").click()
    row = page.locator('.q-row[data-choose="330110"]')
    expect(row).to_be_visible(timeout=SETTLE)
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".q-words")).to_contain_text("Yuhang", timeout=SETTLE)
    page.go_back()
    expect(page.locator(".q-row[data-choose]")).to_have_count(13, timeout=SETTLE)

    # An aim opens its indicators and closes them again.
    page.locator('.q-tile[data-choose="backlog_clear"]').click()
    expect(page.locator(".q-panel")).to_contain_text("Backlog clearance", timeout=SETTLE)
    page.locator('.q-tile[data-choose="backlog_clear"]').click()
    expect(page.locator(".q-panel")).to_have_count(0, timeout=SETTLE)
    assert "Traceback" not in page.locator("body").inner_text()
    visit.require_clean()


def test_data_of_the_page_is_downloaded_as_a_workbook(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    with visit.page.expect_download(timeout=SETTLE) as download:
        visit.page.get_by_role("button", name="下载本页数据").click()
    assert download.value.suggested_filename.startswith("overview-")
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    visit.require_clean()


def test_menu_leads_to_the_definitions_and_keeps_the_language(visit: Visit, suite_url: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/?lang=en")
    page.get_by_text("Data", exact=True).click()
    page.get_by_role("menuitem", name="Definitions").click()
    expect(page.get_by_role("heading", name="Definitions", exact=True)).to_be_visible(timeout=SETTLE)
    page.locator("article.q-define summary").first.click()
    expect(page.locator("article.q-define pre").first).to_contain_text("SELECT")
    visit.require_clean()


@pytest.mark.parametrize("width", [1366, 1920])
def test_everything_of_the_first_rows_is_above_the_fold(
    chromium: Browser, suite_url: str, width: int
) -> None:
    with visiting(chromium, width=width, height=768) as visit:
        visit.open(suite_url)
        # The page moves until its map has found its size.
        visit.page.wait_for_function(
            "() => [...document.querySelectorAll('.q-row')].pop()"
            "?.getBoundingClientRect().bottom <= innerHeight",
            timeout=SETTLE,
        )
        assert visit.page.evaluate("document.querySelector('.stMain').scrollWidth") <= width

"""A deck on the wall in a real browser: twelve slides by keyboard, without a server, beside the speaker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from queries.execute import open_warehouse
from tests.services import decks
from tests.services.browser import SETTLE, Visit, visiting
from tests.services.suite import environ, serving
from warehouse.records import audit
from warehouse.records.audit import Wanted
from warehouse.records.opening import PLACE_VARIABLE, open_records

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Wall:
    """A suite with a deck of twelve views, its reader's cookie, and where its records are."""

    address: str
    deck: int
    cookie: str
    records: str

    @contextmanager
    def visited(self, browser: Browser, cookie: str = "") -> Iterator[Visit]:
        """A tab of the deck's reader, or of whoever has another cookie."""
        with visiting(browser, width=1920, height=1080) as visit:
            value = cookie or self.cookie
            visit.page.context.add_cookies([{"name": "qingyu_demo", "value": value, "url": self.address}])
            yield visit

    def show(self, page: Page, more: str = "") -> None:
        """Opens the deck and waits until every slide is drawn."""
        page.goto(f"{self.address}/present/{self.deck}?lang=zh{more}")
        page.wait_for_selector("body[data-ready]", timeout=SETTLE)


@pytest.fixture(scope="module")
def wall(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    log, reader = tmp_path_factory.mktemp("wall") / "log", decks.demo_reader()
    place = environ(demo_warehouse)[PLACE_VARIABLE]
    with closing(open_records(place)) as records, closing(open_warehouse(demo_warehouse)) as warehouse:
        deck = decks.leaders_deck(records, warehouse, reader.viewer)
    with serving(demo_warehouse, log) as address:
        yield Wall(address, deck, reader.cookie, place)


def shown(page: Page) -> str:
    """The title of the one slide that can be seen."""
    slide = page.locator("#stage > .slide.on")
    expect(slide).to_have_count(1)
    return slide.locator("h1").inner_text()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_twelve_slides_by_keyboard_through_a_lost_connection(chromium: Browser, wall: Wall) -> None:
    with wall.visited(chromium) as visit:
        page = visit.page
        wall.show(page)
        views = page.locator("#stage > .slide").evaluate_all(
            "all => all.map(one => Number(one.dataset.view))"
        )
        assert sorted(set(views)) == list(range(13))
        assert shown(page) == "十月联席会议"
        press(page, " ")
        expect(page.locator("#start")).to_be_hidden()
        assert page.evaluate("document.fullscreenElement === document.body")
        press(page, "ArrowRight", "PageDown", " ")
        assert page.locator("#place").inner_text().startswith(f"4/{len(views)}")

        page.context.set_offline(True)
        expect(page.locator("#away")).to_be_visible()
        press(page, *["ArrowRight"] * len(views[4:]))
        assert page.locator("#place").inner_text().startswith(f"{len(views)}/{len(views)}")
        assert shown(page).startswith("民声呼应")
        press(page, "3", "Enter")
        assert shown(page).startswith("诉求总量")
        press(page, "b")
        expect(page.locator("#blank")).to_be_visible()
        press(page, "PageUp")
        expect(page.locator("#blank")).to_be_hidden()
        page.context.set_offline(False)
        expect(page.locator("#away")).to_be_hidden(timeout=SETTLE)
        press(page, "Home")
        assert shown(page) == "十月联席会议"

        page.evaluate("document.exitFullscreen()")
        press(page, "Escape")
        page.wait_for_url(f"**/decks?deck={wall.deck}&lang=zh", timeout=SETTLE)
        visit.settle()
        expect(page.get_by_text("1. 一图一指数")).to_be_visible(timeout=SETTLE)
        # what the browser says of a request that found no network is no error of the page
        errors = [one for one in visit.errors if "ERR_INTERNET_DISCONNECTED" not in one]
        assert (errors, visit.foreign) == ([], [])


def test_nothing_on_a_slide_is_cut_or_touches_another(chromium: Browser, wall: Wall) -> None:
    with wall.visited(chromium) as visit:
        wall.show(visit.page)
        cut = visit.page.evaluate(
            """() => [...document.querySelectorAll(".slide")].flatMap((slide) => {
                const foot = slide.querySelector("footer")?.getBoundingClientRect().top ?? Infinity;
                const out = [...slide.querySelectorAll("article > *")].filter((one) => {
                    const box = one.getBoundingClientRect(), room = one.parentElement.getBoundingClientRect();
                    return box.bottom > foot + 1 || box.right > room.right + 1;
                });
                return out.map((one) => `${slide.dataset.place} ${one.textContent.slice(0, 40)}`);
            })"""
        )
        assert cut == []
        lines = visit.page.locator(".slide footer span:first-child").all_text_contents()
        assert all("数据截至" in one and "数据版本" in one and "政策版本" in one for one in lines)
        assert visit.page.locator(".slide .mark").count() == visit.page.locator(".slide").count()
        visit.require_clean()


def test_the_speaker_sees_notes_and_the_next_slide_and_both_windows_move(
    chromium: Browser, wall: Wall
) -> None:
    with wall.visited(chromium) as visit:
        page = visit.page
        wall.show(page)
        press(page, " ")
        with page.expect_popup() as opened:
            press(page, "n")
        speaker = opened.value
        speaker.wait_for_selector("body[data-ready]", timeout=SETTLE)
        press(page, "1", "Enter")
        expect(speaker.locator(".note:visible")).to_contain_text("第 1 页要点")
        expect(speaker.locator("#next .slide")).to_have_attribute("data-place", "3")
        press(speaker, "ArrowRight")
        expect(page.locator("#stage > .slide.on")).to_have_attribute("data-place", "3")
        assert "第 1 页要点" not in page.content()
        visit.require_clean()


def test_a_deck_is_shown_to_nobody_else_and_each_showing_is_on_record(chromium: Browser, wall: Wall) -> None:
    with closing(open_records(wall.records)) as records:

        def shows() -> int:
            found = audit.listed(records, Wanted(action="viewed"), 1000)
            return sum(one.words == "放映 · 十月联席会议" for one in found)

        before = shows()
        with wall.visited(chromium, decks.demo_reader().cookie) as visit:
            answer = visit.page.goto(f"{wall.address}/present/{wall.deck}")
            assert answer is not None
            assert answer.status == 404
            assert "十月" not in visit.page.content()
        assert shows() == before
        with wall.visited(chromium) as visit:
            wall.show(visit.page)
        assert shows() == before + 1

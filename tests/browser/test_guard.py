"""With the guard's policy on, every board draws in both languages, and pictures and files are saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboards.navigation import DEFAULT, all_boards
from queries.policies import read_roles
from tests.services.browser import SETTLE, Visit

pytestmark = pytest.mark.browser


@pytest.mark.timeout(600)
def test_every_board_draws_under_the_policy_in_both_languages(visit: Visit, suite_url: str) -> None:
    page = visit.page
    for board in (one for one in all_boards() if read_roles().may_open("leader", one.key)):
        visit.open(f"{suite_url}/{'' if board.key == DEFAULT else board.key}")
        for title in (board.title.zh, board.title.en):
            expect(page.locator("h1")).to_have_text(title, timeout=SETTLE)
            expect(page.locator(".q-picture").first).to_be_attached(timeout=SETTLE)
            expect(page.locator(".q-state")).to_have_count(0)
            if title == board.title.zh:
                page.get_by_text("English", exact=True).click()
    visit.require_clean()


def test_a_script_written_into_the_page_does_not_run(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    ran = visit.page.evaluate(
        """async () => {
            window.hit = [];
            const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set));
            add("script", { textContent: "hit.push('inline')" });
            const box = document.createElement("div");
            const frame = `<iframe srcdoc="<script>parent.hit.push('frame')</script>"></iframe>`;
            box.innerHTML = `<img src="x:" onerror="hit.push('html')">${frame}`;
            document.body.append(box);
            // Later, since the browser's own tools may evaluate what a page may not.
            setTimeout(() => (0, eval)("hit.push('eval')"), 0);
            await new Promise((done) => setTimeout(done, 500));
            return window.hit;
        }"""
    )
    assert ran == []
    assert any("Content Security Policy" in error for error in visit.errors)


def test_nothing_is_sent_to_another_host(visit: Visit, suite_url: str) -> None:
    visit.open(suite_url)
    sent = visit.page.evaluate("fetch('http://192.0.2.1/').then(() => 'sent', () => 'refused')")
    assert sent == "refused"
    assert visit.foreign == [], "the browser refuses by itself, before the test's own block"


@pytest.mark.parametrize(("language", "button"), [("zh", "下载本页数据"), ("en", "Download data")])
def test_pictures_and_files_are_saved(visit: Visit, suite_url: str, language: str, button: str) -> None:
    page = visit.page
    visit.open(f"{suite_url}/volume?lang={language}")
    for _ in range(2):  # and a second time
        with page.expect_download(timeout=SETTLE) as file:
            page.get_by_role("button", name=button).click()
        assert file.value.suggested_filename.startswith("volume-")
        assert Path(file.value.path()).read_bytes()[:2] == b"PK"
    with page.expect_download(timeout=SETTLE) as picture:
        page.locator(".q-picture").first.click(force=True)
    assert Path(picture.value.path()).read_bytes()[:4] == b"\x89PNG"
    visit.require_clean()

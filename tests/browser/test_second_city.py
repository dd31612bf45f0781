"""Every board of a city of 33 districts in a real browser: nothing runs over, is cut, or leaves the host."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from dashboards.navigation import DEFAULT, all_boards
from queries.policies import read_roles
from tests.services.browser import SETTLE, visiting
from tests.services.second_city import DISTRICTS, code_of

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
LONGEST = max(range(len(DISTRICTS)), key=lambda place: len(DISTRICTS[place][2]))
# Width, height, theme, language, district
SEEN: list[tuple[int, int, Scheme, str, str]] = [
    (1366, 768, "light", "en", ""),
    (1920, 1080, "dark", "zh", code_of(LONGEST)),
]
# Text that is wider than the element it stands in: cut, or lying over its neighbour. What scrolls may be
# wider, and so may what ends in an ellipsis and tells the whole text to the pointer.
CUT = """() => {
    const found = [];
    for (const one of document.querySelectorAll('.stMain [class*="q-"], .stMain [class*="q-"] *')) {
        const style = getComputedStyle(one);
        if (one.closest('svg') || style.display === 'inline' || !one.innerText?.trim()) continue;
        if (['auto', 'scroll'].includes(style.overflowX)) continue;
        if (style.textOverflow === 'ellipsis' && one.closest('[title]')) continue;
        if (one.scrollWidth > one.clientWidth + 1)
            found.push(`${one.tagName}.${one.className}: ${one.innerText.slice(0, 60)}`);
    }
    for (const chart of document.querySelectorAll('.js-plotly-plot .svg-container')) {
        const box = chart.getBoundingClientRect();
        for (const text of chart.querySelectorAll('text')) {
            const own = text.getBoundingClientRect();
            if (own.width && (own.left < box.left - 2 || own.right > box.right + 2))
                found.push(`chart: ${text.textContent.slice(0, 60)}`);
        }
    }
    return found;
}"""


@pytest.mark.parametrize(
    "board", [board.key for board in all_boards() if read_roles().may_open("leader", board.key)]
)
@pytest.mark.parametrize(("width", "height", "theme", "lang", "district"), SEEN)
def test_board_fits_its_screen(
    chromium: Browser,
    second_url: str,
    board: str,
    width: int,
    height: int,
    theme: Scheme,
    lang: str,
    district: str,
) -> None:
    title = next(one.title for one in all_boards() if one.key == board)
    path = "" if board == DEFAULT else board
    with visiting(chromium, width=width, height=height, color_scheme=theme) as visit:
        visit.open(f"{second_url}/{path}?lang={lang}&district={district}")
        heading = visit.page.get_by_role("heading", name=title.in_(lang), exact=True, level=1)
        expect(heading).to_be_visible(timeout=SETTLE)
        visit.settle()
        visit.page.wait_for_load_state("networkidle")
        assert visit.page.locator(".q-state").count() == 0
        across = visit.page.evaluate("[document.querySelector('.stMain').scrollWidth, innerWidth]")
        assert across[0] <= across[1], "the page scrolls sideways"
        assert visit.page.evaluate(CUT) == []
        visit.require_clean()

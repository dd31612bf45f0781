"""A deck as PDF read back: its slides, its words and numbers as text, bookmarks; the same bytes twice."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from dashboards.exports import paging
from dashboards.exports.deck import Chart, Deck, Grid, Lines, Panel
from dashboards.exports.deck_pdf import html_of, pdf
from dashboards.exports.pdf import PrintingUnavailable
from tests.dashboards.exports.test_slides import CITY, FUNNEL, HEAT, LINE, TREND, WATERFALL, deck_of
from tests.hostile.strings import STRINGS

pypdf = pytest.importorskip("pypdf")

ROWS = tuple((f"街道办事处{place}", f"{place},{place:03}") for place in range(1, 40))
DECK = deck_of(
    Panel("总量上升", "件", Chart(TREND)),
    Panel("漏斗", "", Chart(FUNNEL)),
    Panel("增减", "", Chart(WATERFALL)),
    Panel("日历", "", Chart(HEAT)),
    Panel("地图", "", CITY),
    Panel("要点", "", Lines(("登记诉求 1,416 件",))),
    Panel("排名", "", Grid(("区域", "件数"), ROWS)),
)


def printed(deck: Deck) -> bytes:
    try:
        return pdf(deck)
    except PrintingUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def written() -> bytes:
    return printed(DECK)


def words(written: bytes) -> list[str]:
    return [
        page.extract_text().replace("\n", "").replace(" ", "")
        for page in pypdf.PdfReader(io.BytesIO(written)).pages
    ]


def test_its_pages_are_the_slides(written: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(written)).pages
    assert len(pages) == 1 + len(paging.pages(DECK.views[0].panels, "zh"))
    assert {round(float(page.mediabox.width / page.mediabox.height), 3) for page in pages} == {1.778}


def test_every_page_says_its_day_version_and_that_it_is_demo_data(written: bytes) -> None:
    first, *others = words(written)
    assert "十月会商" in first
    for place, page in enumerate(others, 2):
        assert f"{LINE.replace(' ', '')}{place}" in page
        assert "演示数据" in page
    assert not any("演示数据" in page for page in words(printed(replace(DECK, mark=""))))


def test_numbers_of_charts_tables_and_maps_are_text(written: bytes) -> None:
    said = "".join(words(written))
    for text in ("2026", "余杭区", "期初", "销号", "周一", "余杭区80.3", "70–75(2)", "登记诉求1,416件"):
        assert text in said, text


def test_no_row_of_a_table_is_lost_and_its_heading_stands_on_every_page(written: bytes) -> None:
    pages = [page for page in words(written) if "街道办事处" in page]
    assert len(pages) > 1
    assert all("区域件数" in page for page in pages)
    for name, number in ROWS:
        assert any(f"{name}{number}" in page for page in pages), name


def test_each_view_has_a_bookmark() -> None:
    two = replace(DECK, views=(DECK.views[0], replace(DECK.views[0], title="诉求总量")))
    outline = pypdf.PdfReader(io.BytesIO(printed(two))).outline
    assert [one.title for one in outline] == ["一图一指数", "诉求总量"]


def test_every_glyph_is_from_the_bundled_font(written: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(written))
    fonts = (font for page in reader.pages for font in page["/Resources"]["/Font"].values())
    assert all("Slice" in str(font.get_object()["/BaseFont"]) for font in fonts)


def test_the_same_deck_gives_the_same_bytes(written: bytes) -> None:
    assert printed(DECK) == written


def test_hostile_text_is_text() -> None:
    rows = tuple((text, text) for text in STRINGS)
    page = html_of(replace(deck_of(Panel("甲", STRINGS[0], Grid(("名", "数"), rows))), title=STRINGS[1]))
    assert not re.findall(r"<(script|img|iframe|object|embed|base|link|form|input)\b", page)

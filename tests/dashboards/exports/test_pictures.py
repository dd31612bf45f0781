"""Pictures of a deck read back: in slide order, with title, day and mark inside; the same bytes twice."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image

from dashboards.exports.deck import Chart, Deck, Grid, Panel
from dashboards.exports.pdf import PrintingUnavailable, printed
from dashboards.exports.pictures import pictures
from dashboards.figures.markup import Markup
from tests.dashboards.exports.test_slides import CITY, FUNNEL, HEAT, LINE, TREND, WATERFALL, deck_of
from tests.hostile.strings import STRINGS

SVG = "{http://www.w3.org/2000/svg}"
DECK = deck_of(
    Panel("重复件占比 5.84 %，低于控制下限", "件", Chart(TREND)),
    Panel("", "", Grid(("区域",), (("余杭区",),))),
    Panel("地图", "", CITY),
    *(Panel("", "", Chart(one)) for one in (FUNNEL, WATERFALL, HEAT)),
)


def opened(deck: Deck) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(pictures(deck)))
    except PrintingUnavailable as error:
        pytest.skip(str(error))


def words(svg: bytes) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter(f"{SVG}text")]


def test_there_is_an_svg_and_a_png_for_each_chart_and_map_in_order() -> None:
    names = opened(DECK).namelist()
    assert names == sorted(names, key=lambda name: (name[:5], name.endswith(".png")))
    assert [name.rpartition(".")[0] for name in names[::2]] == [
        "01-01 一图一指数 重复件占比 5.84 %，低于控制下限",
        "01-02 一图一指数 地图",
        "01-03 一图一指数",
        "01-04 一图一指数",
        "01-05 一图一指数",
    ]


def test_each_says_its_title_day_version_and_that_it_is_demo_data() -> None:
    file = opened(DECK)
    for name in file.namelist()[::2]:
        said = words(file.read(name))
        assert LINE in said
        assert "演示数据" in said
    assert "重复件占比 5.84 %，低于控制下限" in words(file.read(file.namelist()[0]))
    assert "行政区边界：高德地图" in words(file.read(file.namelist()[2]))


def test_a_png_is_twice_the_size_and_not_empty() -> None:
    file = opened(DECK)
    for name in file.namelist()[1::2]:
        image = Image.open(io.BytesIO(file.read(name)))
        assert image.size == (1920, 1200)
        colours = image.convert("RGB").getcolors(maxcolors=1 << 20)
        assert colours is not None
        assert len(colours) > 20


def test_a_png_is_written_in_the_bundled_font(monkeypatch: pytest.MonkeyPatch) -> None:
    pypdf = pytest.importorskip("pypdf")
    kept: list[bytes] = []

    def keeping(html: Markup, dated: date) -> bytes:
        kept.append(printed(html, dated))
        return kept[0]

    monkeypatch.setattr("dashboards.exports.pictures.printed", keeping)
    opened(DECK)
    pages = pypdf.PdfReader(io.BytesIO(kept[0])).pages
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("Slice" in str(font["/BaseFont"]) for font in fonts)


def test_the_same_deck_gives_the_same_bytes() -> None:
    opened(DECK)
    assert pictures(DECK) == pictures(DECK)


def test_a_deck_without_charts_gives_an_empty_file() -> None:
    assert opened(deck_of(Panel("", "", Grid(("甲",), (("乙",),))))).namelist() == []


def test_a_long_name_is_not_cut_inside_a_number() -> None:
    title = "办理时效" * 10 + " 登记 1,653,999,123,456,789 件"
    (name, _) = opened(deck_of(Panel(title, "", Chart(TREND)))).namelist()
    assert name == f"01-01 一图一指数 {'办理时效' * 10} 登记.svg"


def test_hostile_text_is_text_in_pictures_and_leads_out_of_no_folder() -> None:
    views = tuple(
        replace(DECK.views[0], title=text, words=text, line=text, panels=(Panel(text, text, Chart(TREND)),))
        for text in ("../../etc/passwd", "C:\\x", *STRINGS[:12])
    )
    file = opened(replace(DECK, views=views))
    for name in file.namelist():
        assert not set(name) & set('/\\:*?"<>|')
        assert not name.startswith(".")
        if name.endswith(".svg"):
            tags = {one.tag.removeprefix(SVG) for one in ET.fromstring(file.read(name)).iter()}
            assert tags <= {"svg", "g", "path", "line", "circle", "rect", "text", "title"}

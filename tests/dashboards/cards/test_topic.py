"""A report on a topic in words and on the page: read back from its files, linked, safe whatever its names."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import pypdf
import pytest

from dashboards.cards import topic_page
from dashboards.cards.saved_views import panels
from dashboards.cards.topic import SECTIONS, signals_text, topic_document
from dashboards.exports.document import Document, Heading, Slot, Table
from dashboards.exports.pdf import html_of, pdf
from dashboards.exports.word import word
from dashboards.figures.theme import LIGHT
from queries.drill import decoded
from queries.execute import Warehouse, open_warehouse
from queries.metrics import CATALOG
from queries.question import Question
from queries.topic_content import Basis, TopicReport
from queries.topics import category
from queries.vocabulary import Text
from tests.hostile.strings import STRINGS
from tests.queries.dozen import district
from tests.queries.test_topic_report import MARCH, code_of, hidden, made

CHINESE = re.compile("[\u4e00-\u9fff]")
NUMERALS = "一二三四五六七八九"
TAGS = {
    *("div", "section", "details", "summary", "h2", "h3", "p", "span"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}


@pytest.fixture(scope="module")
def opened(dozen_directory: Path) -> Iterator[Warehouse]:
    warehouse = open_warehouse(dozen_directory)
    yield warehouse
    warehouse.close()


@pytest.fixture
def report(opened: Warehouse) -> TopicReport:
    return made(opened)


def table(document: Document, name: str) -> Table:
    return next(one for one in document.blocks if isinstance(one, Table) and name in one.title)


def cells(found: Table, first: str) -> tuple[str, ...]:
    return next(row for row in found.rows if row[0].startswith(first))


def test_sections_stand_in_their_order_and_numbered(report: TopicReport) -> None:
    document = topic_document(report, "zh")
    titles = [one.text for one in document.blocks if isinstance(one, Heading)]
    assert titles == [
        *(f"{n}、{text.zh}" for n, text in zip(NUMERALS, SECTIONS.values(), strict=False)),
        "附件：口径与方法",
    ]
    assert [one.lines for one in document.blocks if isinstance(one, Slot)] == [5]
    assert document.title == "杭州市“城乡建设”专题分析\n（杭州市，2026-03-01 至 2026-03-31）"
    assert report.version in document.foot[0]
    assert report.fingerprint in document.foot[0]
    numbered = [one.title[:4] for one in document.blocks if isinstance(one, Table)]
    assert numbered == [f"表 {n}　"[:4] for n in range(1, len(numbered) + 1)]


def test_its_tables_say_the_numbers_of_the_report(report: TopicReport) -> None:
    document = topic_document(report, "zh")
    assert cells(table(document, "规模"), "诉求总量") == (
        "诉求总量（件）",
        "6",
        "–",
        "+500.0\u00a0%",
        "+500.0\u00a0%",
        "10",
    )
    assert cells(table(document, "按二级类别"), "物业") == (
        "物业",
        "4",
        "66.67\u00a0%",
        "1",
        "+300.0\u00a0%",
        "+300.0\u00a0%",
    )
    assert cells(table(document, "按区县"), "西湖区")[:4] == ("西湖区", "2", "33.33\u00a0%", "–")
    assert cells(table(document, "按区县"), "西湖区")[4] == "66.67\u00a0%"
    assert cells(table(document, "承办单位"), "上城住建局")[:2] == ("上城住建局", "3")
    last = table(document, "各时段").rows[-1]
    assert last[:3] == ("2026-03-01 至 2026-03-31", "6", "1")
    assert last[5] == "▲ 超出常态范围"
    first = table(document, "典型案例").rows[0]
    assert first == ("no-8 2026-03-06", "萧山区城厢街道，萧山住建局", "物业收费不公开", "1 / 3")


def test_word_and_pdf_hold_what_the_document_says(report: TopicReport) -> None:
    document = topic_document(report, "zh")
    made_word, made_pdf = word(document), pdf(document)
    assert (made_word, made_pdf) == (word(document), pdf(document))
    file = docx.Document(io.BytesIO(made_word))
    tables = [one for one in document.blocks if isinstance(one, Table)]
    read = [tuple(tuple(cell.text for cell in row.cells) for row in one.rows) for one in file.tables]
    assert read == [(one.headings, *one.rows) for one in tables]
    pages = pypdf.PdfReader(io.BytesIO(made_pdf)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for said in (
        "杭州市“城乡建设”专题分析",
        "二、规模",
        "九、政策建议",
        "附件：口径与方法",
        "上城住建局",
        "no-8",
    ):
        assert said.replace(" ", "") in text


def test_english_report_holds_no_chinese(opened: Warehouse) -> None:
    document = topic_document(made(opened, with_cases=False), "en")
    said = str(html_of(document)).split("<body>")[1]
    for reference in sorted({one.reference for one in CATALOG.values()}, key=len, reverse=True):
        said = said.replace(reference, "")
    # the names that the tables of the dozen give
    units = {one.name.en for one in made(opened).units}
    for name in sorted(units | {row.part.name.en for p in made(opened).places for row in p.rows}, key=len):
        said = said.replace(name, "")
    assert CHINESE.findall(said.replace("演示数据", "")) == []


def test_who_is_not_told_all_reads_so(opened: Warehouse) -> None:
    document = topic_document(made(hidden(opened)), "zh")
    said = str(html_of(document))
    assert "细分数含随机取整" in said
    assert "不列承办单位" in said
    assert "不列典型案例：个案不向本角色显示" in said
    assert "住建局" not in said
    assert "no-8" not in said
    own = str(html_of(topic_document(made(hidden(opened, district("上城"))), "zh")))
    assert "只列本角色所辖区县的办件" in own
    assert "no-8" not in own
    assert "no-14" in own


def test_numbers_open_the_items_that_make_them(opened: Warehouse, report: TopicReport) -> None:
    found = category(opened, code_of(opened, "城乡建设"))
    asked = Question(("cases_registered",), MARCH, MARCH.end, filters=(found.filter,))
    cards = topic_page.section_cards(report, "zh", topic_page.opener(asked))
    names = {}
    for key in ("scale", "structure", "places", "units"):
        for word_, printed in re.findall(r'data-items="([^"]+)"[^>]*>([\d,]+)<', "".join(cards[key])):
            drill = decoded(word_)
            if drill.metric.key == "cases_registered":
                names[word_] = opened.listed(drill, ("case_id",), 0, 50).rows, int(printed)
    assert len(names) > 12
    assert [rows for rows, _ in names.values()] == [printed for _, printed in names.values()]
    nobody = replace(asked, scope=hidden(opened).scope)
    assert not any(
        "data-items" in one
        for found in topic_page.section_cards(report, "zh", topic_page.opener(nobody)).values()
        for one in found
    )


def test_its_chart_leaves_out_what_is_hidden_and_is_none_without_numbers(report: TopicReport) -> None:
    asked = Question(("cases_registered",), MARCH, MARCH.end)
    drawn = topic_page.trend_card(report, asked, "zh", LIGHT)
    assert drawn is not None
    assert "高于常态范围" in drawn.title
    (line,) = [one for one in drawn.figure["data"] if one.get("name") == "2026"]
    assert line["y"][-5:] == [2, 0, 0, 1, 6]
    hushed = replace(report.trend[0], count=math.nan, low=math.nan, high=math.nan, signals=())
    partly = replace(report, basis=Basis.NONE, trend=(*report.trend[:-1], hushed))
    drawn = topic_page.trend_card(partly, asked, "zh", LIGHT)
    assert drawn is not None
    (line,) = [one for one in drawn.figure["data"] if one.get("name") == "2025"]
    assert line["y"][-1] is None
    assert topic_page.trend_card(replace(report, trend=(hushed,)), asked, "zh", LIGHT) is None
    assert topic_page.trend_card(replace(report, trend=()), asked, "zh", LIGHT) is None


def test_signals_are_told_with_their_side(report: TopicReport) -> None:
    step = replace(report.trend[-1], signals=("outside", "shift"), count=9.0, expected=3.0)
    assert signals_text(step, "zh") == "▲ 超出常态范围；连续多期在同一侧"
    assert signals_text(replace(step, signals=("near_limit", "outside")), "zh") == "▲ 超出常态范围"
    assert signals_text(replace(step, count=1.0), "en") == "▼ outside the usual range; a run on one side"
    assert signals_text(replace(step, signals=()), "zh") == "–"


def test_cards_are_panels_of_a_slide_under_their_own_names(report: TopicReport) -> None:
    cards = topic_page.section_cards(report, "zh", lambda text, *_: text)
    named = {key: [one.title for one in panels(cards[key])] for key in ("scale", "structure", "places")}
    assert named == {
        "scale": ["规模"],
        "structure": ["结构 · 按二级类别", "结构 · 按渠道", "结构 · 按诉求目的"],
        "places": ["地域 · 按区县", "地域 · 按镇街"],
    }


def test_hostile_names_stay_text(report: TopicReport) -> None:
    for at, hostile in enumerate(STRINGS):
        name = Text(hostile, hostile) if hostile.strip() else Text("x", "x")
        part = replace(report.structure[0].parts[0], name=name)
        other = replace(
            report,
            path=(name,),
            place=(name,),
            structure=(replace(report.structure[0], parts=(part,)),),
            units=(replace(report.units[0], name=name),),
            cases=(replace(report.cases[0], title=hostile, number=hostile, unit=name),),
        )
        cards = topic_page.section_cards(
            other, "zh", topic_page.opener(Question(("cases_registered",), MARCH, MARCH.end))
        )
        page = "".join(card for found in cards.values() for card in found)
        tags = {one.lower() for one in re.findall(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)", page)}
        assert tags <= TAGS
        if at % 40 == 0 or not hostile.isprintable():
            document = topic_document(other, "zh")
            assert docx.Document(io.BytesIO(word(document))).tables
            assert "<script" not in str(html_of(document))

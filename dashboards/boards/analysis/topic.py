"""专题分析: one topic in some districts over some days as a report, on the page and as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from dashboards import data, language, layout, record
from dashboards.cards import explanation
from dashboards.cards import topic_page as words
from dashboards.cards.bulletin_page import DOWNLOAD, NO_PDF
from dashboards.cards.happenings import marked
from dashboards.cards.overview import KEY_POINTS, TrendCard
from dashboards.cards.spoken import key_point_list
from dashboards.cards.topic import topic_document
from dashboards.cards.topic_choices import Chosen, choose_topic
from dashboards.exports.pdf import can_print, pdf
from dashboards.exports.word import word
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.daily_counts import VOLUME
from queries.execute import Warehouse
from queries.question import Question
from queries.topic_content import TopicReport, canonical
from queries.topic_report import topic_report
from queries.vocabulary import Language, Text

_KEY = "topic"
Files = Mapping[str, tuple[str, Callable[[], bytes]]]


@dataclass(frozen=True)
class Figures:
    """What is put on the page; `items` are the cases in point, which no deck holds."""

    choices: Chosen
    tiles: Markup
    points: Markup
    line: TrendCard | None
    scale: tuple[Markup, ...]
    trend: tuple[Markup, ...]
    structure: tuple[Markup, ...]
    places: tuple[Markup, ...]
    units: tuple[Markup, ...]
    handling: tuple[Markup, ...]
    items: tuple[Markup, ...]
    listed: int
    notes: tuple[Markup, ...]
    remarks: tuple[str, ...]
    foot: Markup
    files: Files


def choose(warehouse: Warehouse) -> Chosen:
    """The filter row; raises Empty where there are no categories."""
    chosen = choose_topic(warehouse)
    if chosen is None:
        raise Empty
    return chosen


def query(warehouse: Warehouse, choices: Chosen) -> TopicReport:
    """The report, of answers that are kept for all who may see the same."""
    report = topic_report(
        warehouse,
        choices.topic,
        choices.as_of,
        with_cases=choices.with_cases,
        ask=partial(data.ask, warehouse),
        learn=lambda last, filters: explanation.learn(warehouse, last, filters)[1],
    )
    if report.is_empty:
        raise Empty
    return report


def figures(warehouse: Warehouse, one: TopicReport, choices: Chosen, now: Language, theme: Theme) -> Figures:
    """The report as cards, its trend as a chart, and its files."""
    topic = choices.topic
    asked = Question((VOLUME,), topic.period, choices.as_of, filters=topic.filters, scope=warehouse.scope)
    opens = words.opener(asked)
    cards = words.section_cards(one, now, opens)
    line = words.trend_card(one, asked, now, theme)
    district = topic.districts[0] if len(topic.districts) == 1 else None
    document = topic_document(one, now, trend=words.trend_figure(one, now))
    name = words.file_name(one)
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "DOCX": (f"{name}-{now}.docx", partial(word, document))
    }
    if can_print():
        files["PDF"] = (f"{name}-{now}.pdf", partial(pdf, document))
    files["JSON"] = (f"{name}.json", partial(canonical, one))
    return Figures(
        choices=choices,
        tiles=words.tiles(one, now, opens),
        points=key_point_list(one.points, now, title=KEY_POINTS, subtitle=choices.said(now)),
        line=None if line is None else marked(line, warehouse, district, now, theme),
        **{key: cards[key] for key in ("scale", "trend", "structure", "places", "units", "handling")},
        items=cards["cases"],
        listed=len(one.cases),
        notes=(*cards["advice"], *cards["terms"]),
        remarks=() if can_print() else (NO_PDF.in_(now),),
        foot=layout.foot([*words.remarks(one, now), *document.foot]),
        files=files,
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page; that cases are listed is on record before they are shown."""
    now, listed = language.current(), shown.listed or None
    with tools:
        for kind, (name, content) in shown.files.items():
            label = DOWNLOAD.in_(now).format(kind=kind)
            layout.download(label, content, name, key=f"download-{kind.lower()}", rows=listed)
    for remark in shown.remarks:
        layout.show(layout.small(remark))
    layout.show(shown.tiles)
    left, right = layout.row(40, 60)
    layout.show(shown.points, left)
    if shown.line is not None:
        layout.chart(right, "line", shown.line.title, shown.line.figure)
    left, right = layout.row(50, 50)
    with left:
        for cards in (shown.scale, shown.handling):
            layout.show(words.laid(cards))
    layout.show(words.laid(shown.trend, scrolls=True), right)
    for cards in (shown.structure, shown.places, shown.units):
        layout.show(words.laid(cards))
    if shown.listed:
        choices = shown.choices
        asked = record.Question(
            _KEY, choices.said(language.CHINESE), choices.as_of, data.warehouse().info.version
        )
        record.listed(asked, 1, shown.listed)
    layout.show(words.laid(shown.items))
    for note in shown.notes:
        layout.show(words.laid((note,)))
    layout.show(shown.foot)


BOARD = Board(
    key=_KEY,
    section=Text("预警与分析", "Early warning and analysis"),
    title=Text("专题分析", "Report on a topic"),
    answers=Text(
        "选定专题、区县和时段，十秒成稿：规模、走势、结构、地域、单位，可下载 DOCX 和 PDF",
        "Choose topic, districts and days: a report on scale, trend, structure, places and units",
    ),
    order=150,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

"""A report on a topic on the page: its figures, its trend as a chart, and the sections of its document."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboards import numbers
from dashboards.cards.behind import opening, over, token
from dashboards.cards.bulletin_page import section_card, sections
from dashboards.cards.overview import TrendCard
from dashboards.cards.topic import ROUNDED, SECTIONS, Opens, share_text, signals_text, topic_document
from dashboards.cards.volume import heading
from dashboards.exports.document import Block, Heading, Table
from dashboards.figures.expectation import Band, Ring, expectation
from dashboards.figures.markup import Markup, escaped, tag
from dashboards.figures.theme import LIGHT, Theme
from dashboards.figures.trend import Series
from queries.daily_counts import VOLUME
from queries.drill import Side
from queries.issued import Line
from queries.metrics import metric as metric_of
from queries.question import Filter, Question
from queries.topic_content import Basis, Step, TopicReport
from queries.vocabulary import Language, Measurement, Period, Text

_PARTED = ("structure", "places")  # of which each table is a card of its own
TILES = (VOLUME, "people_registered", "cases_per_10k", "repeat_share", "replied_on_time")
SHARE = Text("占全部诉求", "Share of all items")
_YOY, _MOM = Text("较上年同期 {x}", "{x} on last year"), Text("较上期 {x}", "{x} on period before")
_RANK = Text("{among} 个同级类别中第 {rank}", "No. {rank} of {among} of its level")
_ABOVE = Text(
    "最近一期 {n} 件，高于常态范围 {low}–{high} 件",
    "Latest stretch: {n} items, above the usual {low} to {high}",
)
_BELOW = Text(
    "最近一期 {n} 件，低于常态范围 {low}–{high} 件",
    "Latest stretch: {n} items, below the usual {low} to {high}",
)
_INSIDE = Text(
    "最近一期 {n} 件，在常态范围 {low}–{high} 件之内",
    "Latest stretch: {n} items, within the usual {low} to {high}",
)
_PLAIN = Text("登记件数的走势", "Items over time")
_LINES = {
    Basis.NONE: Text(
        "灰线为上年同期；没有常态范围，过小的件数不画",
        "Grey: last year; no usual range, hidden counts not drawn",
    ),
    Basis.CONTROL: Text(
        "灰线为上年同期，浅带为控制限，圆圈为信号",
        "Grey: last year; pale band: control limits; rings: signals",
    ),
    Basis.CALENDAR: Text(
        "灰线为上年同期，浅带为 95% 预期区间，圆圈为信号",
        "Grey: last year; pale band: 95% range expected; rings: signals",
    ),
}
_READ = Text("{when}：{n} 件，上年同期 {before} 件", "{when}: {n} items, last year {before}")
_USUAL = Text("{when}：预期 {n} 件（{low}–{high}）", "{when}: {n} items expected ({low} to {high})")
_LAST_YEAR, _EXPECTED, _SIGNAL = Text("上年", "last year"), Text("预期", "expected"), Text("信号", "signal")


def opener(question: Question) -> Opens:
    """Links numbers of the topic to the items behind them.

    `question` carries the topic's filters, period and its reader's scope.
    """

    def opens(text: str, metric: str, filters: tuple[Filter, ...]) -> str:
        named = {one.dimension for one in filters}
        kept = tuple(one for one in question.filters if one.dimension not in named)
        asked = Question(
            (metric,), question.period, question.as_of, filters=(*kept, *filters), scope=question.scope
        )
        is_some = any(sign in "123456789" for sign in text)
        return opening(text, _behind(asked, metric)) if is_some else text

    return opens


def _behind(question: Question, metric: str) -> str:
    """What opens the items of a metric: of a rate all that it divides by."""
    row: Mapping[str, float] = {f"{metric}_numerator": 1.0, f"{metric}_denominator": 1.0}
    return token(question, metric, row, Side.WHOLE) or token(question, metric, row)


def tiles(one: TopicReport, now: Language, opens: Opens) -> Markup:
    """The figures of the topic, each with its changes."""
    lines = {measure.topic.metric: measure.topic for measure in (*one.scale, *one.handling)}
    first, *rest = (_tile(lines[key], now, opens) for key in TILES)
    moved = numbers.change_text(metric_of("repeat_share"), one.share - one.share_before, now)
    ranked = _RANK.in_(now).format(rank=one.rank, among=one.among) if one.rank is not None else ""
    share = tag(
        "div",
        tag("h3", SHARE.in_(now)),
        tag("strong", share_text(one.share)),
        # a difference of stepped counts says nothing
        tag("p", _YOY.in_(now).format(x=moved), class_="q-note") if one.is_exact else None,
        tag("p", ranked, class_="q-note") if ranked else None,
        class_="q-card",
    )
    return tag("div", first, share, *rest, class_="q-tiles q-six")


def _tile(line: Line, now: Language, opens: Opens) -> Markup:
    metric = metric_of(line.metric)
    # the name of a rate says its unit, which is too long for a tile
    value = numbers.value_text(metric, line.value, now, unit=metric.measurement is not Measurement.RATE)
    return tag(
        "div",
        tag("h3", metric.name.in_(now)),
        tag("strong", opens(value, line.metric, ()), title=numbers.parts(line.numerator, line.denominator)),
        tag("p", _YOY.in_(now).format(x=numbers.change_text(metric, line.yoy, now)), class_="q-note"),
        tag("p", _MOM.in_(now).format(x=numbers.change_text(metric, line.mom, now)), class_="q-note"),
        class_="q-card",
    )


def section_cards(report: TopicReport, now: Language, opens: Opens) -> dict[str, tuple[Markup, ...]]:
    """The sections of the document as cards without their numbers, by their keys in SECTIONS.

    Structure and places have a card for each of their tables.
    """
    _, *parts = sections(topic_document(report, now, opens).blocks)
    found = {}
    for key, (_, *blocks) in zip(SECTIONS, parts, strict=True):
        # the page lays them out beside each other: a number would stand out of its order
        name = SECTIONS[key].in_(now)
        pieces = _by_table(name, blocks) if key in _PARTED else ((name, tuple(blocks)),)
        found[key] = tuple(_card(title, piece, now, folded=key == "terms") for title, piece in pieces)
    return found


def _by_table(name: str, blocks: Sequence[Block]) -> tuple[tuple[str, tuple[Block, ...]], ...]:
    """Each table under a title of its own, with the remarks that follow it."""
    found: list[tuple[str, list[Block]]] = []
    for one in blocks:
        if isinstance(one, Table):
            found.append((f"{name} · {one.title}", [replace(one, title="")]))
        elif found:
            found[-1][1].append(one)
        else:
            found.append((name, [one]))
    return tuple((title, tuple(piece)) for title, piece in found)


def _card(title: str, blocks: tuple[Block, ...], now: Language, *, folded: bool) -> Markup:
    bare = [
        replace(one, title="") if isinstance(one, Table) and one.title == title else one for one in blocks
    ]
    return section_card([Heading(1, title), *bare], now, folded=folded)


def laid(cards: Sequence[Markup], *, scrolls: bool = False) -> Markup:
    """Cards of the report on the page, beside each other where there is room."""
    if len(cards) > 1:
        columns = (tag("div", *column, class_="q-bulletin") for column in (cards[::2], cards[1::2]))
        return tag("div", *columns, class_="q-tables")
    return tag("div", *cards, class_="q-bulletin q-scroll" if scrolls else "q-bulletin")


def trend_card(one: TopicReport, question: Question, now: Language, theme: Theme) -> TrendCard | None:
    """The trend as a chart; `question` as for `opener`. None where nothing of it is told."""
    items = tuple(
        over(question, VOLUME, Period(step.start, step.end)) if step.count > 0 else "" for step in one.trend
    )
    figure = trend_figure(one, now, theme, items)
    if figure is None:
        return None
    return TrendCard(heading(_standing(one, now), _LINES[one.basis].in_(now)), figure)


def trend_figure(
    one: TopicReport, now: Language, theme: Theme = LIGHT, items: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    """The chart of the trend; `items` are what a step opens on a page. None where nothing of it is told."""
    steps = one.trend
    if not any(step.count >= 0 for step in steps):
        return None
    days = tuple(step.start for step in steps)
    read = tuple(
        _words(_READ, now, when=_when(step), n=numbers.plain(step.count), before=numbers.plain(step.before))
        for step in steps
    )
    line = Series(str(days[-1].year), days, tuple(_known(step.count) for step in steps), read, items)
    before = tuple(_known(step.before) for step in steps)
    return expectation(
        line,
        Series(_LAST_YEAR.in_(now), days, before) if any(value is not None for value in before) else None,
        _band(steps, now) if one.basis is not Basis.NONE else None,
        None,
        [
            Ring(step.start, step.count, str(escaped(signals_text(step, now))))
            for step in steps
            if step.signals
        ],
        theme,
        signal=_SIGNAL.in_(now),
        height=320,
    )


def _standing(one: TopicReport, now: Language) -> str:
    last = one.trend[-1]
    if math.isnan(last.low):
        return _PLAIN.in_(now)
    text = _ABOVE if last.count > last.high else _BELOW if last.count < last.low else _INSIDE
    return text.in_(now).format(
        n=numbers.plain(last.count), low=numbers.plain(last.low), high=numbers.plain(last.high)
    )


def _band(steps: tuple[Step, ...], now: Language) -> Band:
    return Band(
        _EXPECTED.in_(now),
        tuple(step.start for step in steps),
        tuple(step.expected for step in steps),
        tuple(step.low for step in steps),
        tuple(step.high for step in steps),
        tuple(
            _words(
                _USUAL,
                now,
                when=_when(step),
                n=numbers.plain(step.expected),
                low=numbers.plain(step.low),
                high=numbers.plain(step.high),
            )
            for step in steps
        ),
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _when(step: Step) -> str:
    return str(step.start) if step.start == step.end else f"{step.start} – {step.end}"


def _words(text: Text, now: Language, **values: str) -> str:
    return str(escaped(text.in_(now).format(**values)))


def remarks(one: TopicReport, now: Language) -> tuple[str, ...]:
    """What must be known of the numbers: that fine ones are rounded, that a festival moved."""
    rounded = () if one.is_exact else (ROUNDED.in_(now),)
    return (*rounded, *(note.in_(now) for note in one.notes))


def file_name(one: TopicReport) -> str:
    """How its files begin; `partial` where the numbers are not those of every reader."""
    place = "-".join(map(str, one.districts)) or "city"
    mark = "" if one.is_exact else "-partial"
    return f"topic-{one.code}-{place}-{one.period.start}-{one.period.end}{mark}"

"""诉求总量: how many items come in, against last year and what was to be expected, and what moved them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout
from dashboards.cards import explanation, levels, stretches, volume
from dashboards.cards import overview as words
from dashboards.cards.definitions import definition
from dashboards.cards.happenings import marked
from dashboards.cards.hushed import is_hushed
from dashboards.cards.scene import CATEGORIES, Scene, choose_channel, choose_scene
from dashboards.cards.signals import note
from dashboards.cards.volume_sheets import volume_workbook
from dashboards.figures.markup import Markup, joined
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.execute import Warehouse
from queries.insights.expectation import Expectation
from queries.metrics import metrics as metrics_of
from queries.question import Question
from queries.vocabulary import Compare, Grain, Language, Period, Text, months_later


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader chose; `here` holds the district and channel, `bucket` the signal to explain."""

    channel: Text
    grain: str
    base: str
    cut: str
    bucket: Period | None
    known: tuple[Period, ...]

    def said(self, now: Language) -> str:
        """The choices in words."""
        return f"{super().said(now)} · {self.channel.in_(now)}"


@dataclass(frozen=True)
class Asked:
    """The answers behind the page."""

    total: Answer
    weekly: tuple[Answer, Answer]
    counts: dict[date, int]
    expected: Expectation | None
    kinds: Answer
    parts: Answer
    spans: tuple[Period, Period]
    cells: tuple[Answer, ...]


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    tiles: Markup
    line: words.TrendCard
    signals: Markup
    explanation: Markup
    year: words.TrendCard
    kinds: words.TrendCard
    crumbs: Markup | None
    divided: tuple[Markup, Markup]
    notes: Markup
    foot: Markup
    workbook: Callable[[], bytes]


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse, narrowed_by=CATEGORIES)
    only, channel = choose_channel(warehouse)
    grain = filters.segments("grain", volume.GRAIN, stretches.NAMES, Grain.WEEK.value)
    base = filters.segments("base", volume.BASE, volume.BASES, Compare.YOY.value)
    known = stretches.whole(stretches.WIDTHS[grain], warehouse.info.data_from, scene.as_of)
    starts = {period.start.isoformat(): period for period in known}
    return Choices(
        **vars(scene.under(*only)),
        channel=channel,
        grain=grain,
        base=base,
        cut=filters.chosen("cut", tuple(volume.CUTS), "category1"),
        bucket=starts.get(filters.chosen("bucket", tuple(starts), "")),
        known=known,
    )


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """Everything the page needs; purposes, lower categories and parts of a district leave the roll-ups."""
    as_of, here, grain = choices.as_of, choices.here, Grain(choices.grain)
    ask, one, both = partial(data.ask, warehouse), (volume.VOLUME,), (Compare.YOY, Compare.MOM)
    total = ask(Question(volume.TILES, choices.period, as_of, filters=here, compare=both))
    if not total.one(volume.VOLUME) > 0 or not choices.known:
        raise Empty
    counts, expected = explanation.learn(warehouse, as_of, here)
    shown = Period(choices.known[0].start, choices.known[-1].end)
    spans = explanation.compared(choices.period, choices.bucket, choices.base, grain)
    split = (levels.below(warehouse, choices.cut, here),)
    cube = explanation.cut(warehouse, Question(one, spans[0], as_of, filters=here))
    weeks = (volume.TILES, as_of, here), (one, as_of, here, split)
    both_kinds = (*one, volume.FIRST_TIME)

    return Asked(
        total=total,
        weekly=(ask(words.weekly_question(*weeks[0])), ask(words.weekly_question(*weeks[1]))),
        counts=counts,
        expected=expected,
        kinds=ask(Question(both_kinds, shown, as_of, grain=grain, filters=here)),
        parts=ask(Question(both_kinds, choices.period, as_of, split, filters=here, compare=(Compare.YOY,))),
        spans=spans,
        cells=tuple(ask(Question(one, span, as_of, cube, filters=here)) for span in spans),
    )


def figures(warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """Answers to figures."""
    width, total = stretches.WIDTHS[choices.grain], asked.total.frame.to_dict("records")[0]
    found = volume.buckets(width, choices.known, stretches.ahead(width, choices.as_of), asked.expected)
    cube, (split,) = asked.cells[0].question.split, asked.parts.question.split
    *names, members = (levels.names_below(warehouse, key, choices.here) for key in (*cube, split))
    codes = levels.codes_below(warehouse, split)
    moved = None if is_hushed(asked.cells[0]) else explanation.explained(*asked.cells)
    title = explanation.period_title(choices.bucket, width, now)
    bucket = "" if choices.bucket is None else choices.bucket.start.isoformat()
    year = warehouse.calendar(Period(months_later(choices.as_of, -12), choices.as_of))
    where, noted = (warehouse, choices.entered, now, theme), warehouse.annotations()
    if is_hushed(asked.kinds):
        line, days = volume.told_line(asked.kinds, width, now, theme), volume.untold_year(now)
        found = volume.Buckets(width, (), (), None)
    else:
        line = volume.line(found, asked.counts, asked.total.question, noted, choices.entered, now, theme)
        days = volume.year(asked.counts, asked.total.question, year, now, theme)
    return Figures(
        choices=choices,
        tiles=volume.tiles(asked.total, now, weekly=asked.weekly[0]),
        line=marked(line, *where, flagged=True),
        signals=explanation.signal_list(found, bucket, is_told=not is_hushed(asked.kinds), now=now),
        explanation=explanation.explanation_card(moved, asked.spans, choices.base, cube, names, title, now),
        year=days,
        kinds=marked(volume.kinds(asked.kinds, total, width, now, theme), *where),
        crumbs=levels.crumbs(warehouse, choices.here, now),
        divided=volume.divided(
            asked.parts, asked.weekly[1], members, codes, float(total[volume.VOLUME]), now
        ),
        notes=joined(note(now), *(definition(metric, now) for metric in metrics_of(volume.TILES))),
        foot=layout.foot(words.foot(warehouse.city, asked.total.notes, (), now)),
        workbook=partial(
            volume_workbook,
            *(asked.total, choices.place, asked.parts, members, found, asked.counts, moved, names, now),
        ),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now = language.current()
    with tools:
        layout.note(words.DEFINITIONS.in_(now), shown.notes)
        layout.download(words.DOWNLOAD.in_(now), shown.workbook, f"volume-{shown.choices.as_of}.xlsx")
    layout.show(shown.tiles)
    left, right = layout.row(64, 36)
    layout.chart(left, "line", shown.line.title, shown.line.figure)
    with right:
        layout.clickable("signals", shown.signals, partial(filters.toggle, "bucket", "signals"))
        layout.show(shown.explanation)
    left, right = layout.row(64, 36)
    for key, card in (("year", shown.year), ("kinds", shown.kinds)):
        layout.chart(left, key, card.title, card.figure)
    with right, layout.card("divided"):
        filters.segments("cut", volume.CUT, volume.CUTS, "category1")
        layout.show(joined(shown.crumbs, *shown.divided))
    layout.show(shown.foot)


BOARD = Board(
    key="volume",
    section=Text("领导看板", "Leadership"),
    title=Text("诉求总量", "Volume"),
    answers=Text("来了多少、是否反常、什么在推动", "How much comes in, is it unusual, and what moved it"),
    order=20,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
)

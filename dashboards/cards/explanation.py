"""Why a number moved: signals to choose from, and the parts of the change that add up to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from dashboards import data, numbers
from dashboards.cards import levels
from dashboards.cards.hushed import UNJUDGED, hushed
from dashboards.cards.stretches import Width, last_year, preceding
from dashboards.cards.volume import VOLUME, Buckets, causes, heading, when
from dashboards.figures.contributions import Part as Bar
from dashboards.figures.contributions import contributions
from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.daily_counts import history, learnt
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.insights.contribution import Cell as CubeCell
from queries.insights.contribution import Explanation, Part, explain
from queries.insights.expectation import Expectation
from queries.metrics import metric as metric_of
from queries.question import Filter, Question
from queries.vocabulary import Compare, Grain, Language, Period, Text

CUBE = ("category1", "district", "channel")  # of the whole city; narrowed, of what lies below
SHOWN = 5  # signals listed
_UP = Text("{span}增加 {n} 件（{base}），分解如下", "{span}: up {n} items ({base}); its parts")
_DOWN = Text("{span}减少 {n} 件（{base}），分解如下", "{span}: down {n} items ({base}); its parts")
_EVEN = Text("{span}与基期持平（{base}）", "{span}: as before ({base})")
_SUB = Text("{now} 对 {before}：{a} 件对 {b} 件", "{now} against {before}: {a} items against {b}")
_AGAINST = {
    Compare.YOY.value: Text("较上年同期", "on last year"),
    Compare.MOM.value: Text("较上期", "on the period before"),
}
_PARTS = Text("增减的分解", "What the change is made of")
_REST = Text("其余各项", "Everything else")
_SPREAD = Text("变动分散，没有突出的部分", "Spread out: no part stands out")
_OTHER = Text("{name}（其他）", "{name}, other")
_SUM = Text("合计 {n} 件", "Total {n} items")
_NOTE = Text(
    "{cube}逐格比较，列出比其余各格升降更多、且偶然性小于 5% 的部分；各部分互不重叠，合计恰等于增减。",
    "Compared cell by cell of {cube}. Named is what moved further than all others,"
    " rarer by chance than 5%. Parts do not overlap and add up exactly.",
)
_SIGNALS = Text("信号 {n} 个，点选查看原因", "Signals: {n}; choose one to see what made it")
_NO_SIGNALS = Text("没有信号：各期均在正常波动之内", "No signals: every point is within ordinary variation")
_SIGNALS_NONE = Text("信号", "Signals")
_SIGNALS_SUB = Text("与预期比较的控制图规则", "Rules of control charts, against what was expected")
_HEAD = (
    Text("时段", "When"),
    Text("件数", "Items"),
    Text("预期", "Expected"),
    Text("偏离", "Off by"),
    Text("规则", "Rule"),
)
_PERIOD = Text("所选时段", "The period")


def learn(
    warehouse: Warehouse, as_of: date, filters: tuple[Filter, ...]
) -> tuple[dict[date, int], Expectation | None]:
    """Items by day of the last years up to `as_of`, and what they let expect; kept for all readers."""
    days = history(warehouse.info.data_from, as_of)
    return data.drawn(
        warehouse,
        ("expectation", as_of, filters),
        lambda: learnt(warehouse, days, filters, partial(data.ask, warehouse)),
    )


def compared(period: Period, bucket: Period | None, base: str, grain: Grain) -> tuple[Period, Period]:
    """The days to explain, and those they are compared with: of the chosen bucket, else of the period."""
    if bucket is None:
        return period, period.last_year() if base == Compare.YOY else period.preceding()
    return bucket, last_year(bucket, grain) if base == Compare.YOY else preceding(bucket, grain)


def cube(answer: Answer) -> dict[CubeCell, int]:
    """The cells of an answer by the members that it is split by."""
    rows = answer.frame.to_dict("records")
    return {tuple(int(row[key]) for key in answer.question.split): int(row[VOLUME]) for row in rows}


def cut(warehouse: Warehouse, question: Question) -> tuple[str, ...]:
    """What a change is divided by: CUBE below where the page stands, or the city's districts alone.

    The latter where the reader is not told every cell of the former.
    """
    finest = tuple(levels.below(warehouse, key, question.filters) for key in CUBE)
    is_told = warehouse.is_exact(replace(question, split=finest))
    return finest if is_told or question.districts is not None else ("district",)


def explained(now: Answer, before: Answer) -> Explanation:
    """What the change between two answers of one split is made of, whose cells are exact.

    Of hidden counts one that is told in one answer alone would seem to have moved.
    """
    return explain(cube(now), cube(before))


def part_name(part: Part, names: Sequence[Mapping[int, Text]], now: Language) -> str:
    """The members of a part in words, open dimensions left out."""
    chosen = zip(part.members, names, strict=True)
    said = [known[member].in_(now) for member, known in chosen if member is not None and member in known]
    return " · ".join(said) or _REST.in_(now)


def part_names(found: Explanation, names: Sequence[Mapping[int, Text]], now: Language) -> list[str]:
    """The names of the parts and the rest; one that an earlier part was taken out of is called its others."""
    if not found.parts:
        return [_SPREAD.in_(now)]
    said = []
    for at, part in enumerate(found.parts):
        name = part_name(part, names, now)
        cut = any(_overlap(part, earlier) for earlier in found.parts[:at])
        said.append(_OTHER.in_(now).format(name=name) if cut else name)
    return [*said, _REST.in_(now)]


def _overlap(one: Part, other: Part) -> bool:
    pairs = zip(one.members, other.members, strict=True)
    return all(None in (left, right) or left == right for left, right in pairs)


def explanation_card(
    found: Explanation | None,
    spans: tuple[Period, Period],
    base: str,
    by: Sequence[str],
    names: Sequence[Mapping[int, Text]],
    title: str | None,
    now: Language,
) -> Markup:
    """The change as bars, cut `by` dimensions whose members have `names`.

    `title` names the bucket that was chosen, None the whole period. None of the change is told where its
    cells are not.
    """
    if found is None:
        return tag("section", tag("h2", _PARTS.in_(now)), hushed(now), class_="q-card")
    metric = metric_of(VOLUME)
    pieces = [*found.parts, found.rest]
    bars = [
        Bar(
            name,
            piece.change,
            numbers.signed(piece.change),
            numbers.judged(piece.change, metric.direction).value,
            f"{numbers.plain(piece.before)} → {numbers.plain(piece.now)}",
        )
        for name, piece in zip(part_names(found, names, now), pieces, strict=True)
    ]
    text = _EVEN if not found.change else _UP if found.change > 0 else _DOWN
    said = {"span": title or _PERIOD.in_(now), "base": _AGAINST[base].in_(now)}
    return contributions(
        bars,
        title=text.in_(now).format(**said, n=numbers.plain(abs(found.change))),
        subtitle=_SUB.in_(now).format(
            now=numbers.period_text(spans[0], now),
            before=numbers.period_text(spans[1], now),
            a=numbers.plain(found.now),
            b=numbers.plain(found.before),
        ),
        total=_SUM.in_(now).format(n=numbers.signed(found.change)),
        note=_NOTE.in_(now).format(cube=" × ".join(dimension(key).name.in_(now) for key in by)),
    )


def signal_list(found: Buckets, chosen: str, *, is_told: bool, now: Language) -> Markup:
    """The latest signals as rows to choose; where counts are not told exactly none is called."""
    if not is_told:
        return tag("section", heading(_SIGNALS_NONE.in_(now), UNJUDGED.in_(now)), class_="q-card")
    rows = found.signals[:SHOWN]
    title = (_SIGNALS if rows else _NO_SIGNALS).in_(now).format(n=len(found.signals))
    head = tag(
        "tr",
        *(
            tag("th", text.in_(now), class_="q-name" if at in (0, 4) else "q-num")
            for at, text in enumerate(_HEAD)
        ),
    )
    body = []
    for one in rows:
        start, count = one.period.start.isoformat(), one.counted or 0
        off = f"{numbers.signed((count / one.expected - 1) * 100, 1)}{numbers.NARROW}%"
        cells = (
            when(one.period.start, found.width, now),
            numbers.plain(count),
            numbers.plain(one.expected),
            off,
            causes(one, now)[0],
        )
        body.append(
            tag(
                "tr",
                *(
                    tag("td", cell, class_="q-name" if at in (0, 4) else "q-num")
                    for at, cell in enumerate(cells)
                ),
                class_="q-row q-chosen" if start == chosen else "q-row",
                data_choose=start,
                tabindex=0,
                role="button",
            )
        )
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="q-ranking") if rows else None
    return tag("section", heading(title, _SIGNALS_SUB.in_(now)), table, class_="q-card")


def period_title(bucket: Period | None, width: Width, now: Language) -> str | None:
    """The words for a chosen bucket."""
    return None if bucket is None else when(bucket.start, width, now)

"""A report on a topic 专题分析 in words: its sections, tables and remarks as a document, in one language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboards import numbers
from dashboards.cards.case_words import FIELDS, inert
from dashboards.cards.paper import LINE_HEAD, MARK, Wording
from dashboards.cards.spoken import sentence
from dashboards.exports.document import Block, Document, Drawing, Heading, Paragraph, Slot, Table
from queries.daily_counts import VOLUME
from queries.dimensions import dimension
from queries.insights.control_chart import Signal
from queries.metrics import metric as metric_of
from queries.question import Filter
from queries.topic_cases import Shown
from queries.topic_content import (
    UNIT_RATES,
    Basis,
    Division,
    Measure,
    Part,
    Places,
    Rated,
    Step,
    TopicReport,
)
from queries.topics import LEVELS
from queries.vocabulary import Language, Period, Text

# What opens the items of a metric under the topic's filters and these: the text that is printed, linked.
Opens = Callable[[str, str, tuple[Filter, ...]], str]

LEAST_STEPS = 8  # of the trend that are printed, even where the period is shorter
_TITLE = Text(
    "{city}“{topic}”专题分析\n（{place}，{period}）", "{topic} in {city}: a report\n({place}, {period})"
)
_NUMBER = Text("晴雨专题分析 · 类别 {code}", "Qingyu report on a topic, category {code}")
_SPAN = Text(
    "专题：{path}。范围：{place}。统计时段 {period}，数据截至 {day}。同比为上年同期，环比为前一时段"
    "（整月、整季、整年为上一个月、季、年，其余为之前相同天数）。",
    "Topic: {path}. Place: {place}. Period {period}, as known on {day}. On last year: the same days; on the "
    "period before: the month, quarter or year before a whole one, else as many days.",
)
SECTIONS = {
    "points": Text("要点", "Key points"),
    "scale": Text("规模", "Scale"),
    "trend": Text("走势", "Trend"),
    "structure": Text("结构", "Structure"),
    "places": Text("地域", "Places"),
    "units": Text("承办单位", "Handling units"),
    "handling": Text("重复与办理", "Repeats and handling"),
    "cases": Text("典型案例", "Cases in point"),
    "advice": Text("政策建议", "Policy suggestions"),
    "terms": Text("附件：口径与方法", "Annex: definitions and method"),
}
_NUMERALS = "一二三四五六七八九"
_NUMBERED = Text("{numeral}、{name}", "{n}. {name}")
_NO_POINTS = Text("没有可以写出的要点。", "There is nothing to be said.")
_ADVICE = Text("（由撰写单位填写。）", "(To be written by the reporting office.)")
_ITEM = Text("{n}. {text}", "{n}. {text}")
_EVERY = Text("全部诉求", "All items")
_TABLES = {
    **{key: SECTIONS[key] for key in ("scale", "handling", "cases")},
    "trend": Text("各时段登记件数", "Items by stretch of time"),
    "units": Text("件数最多的承办单位", "Handling units with most items"),
}
_SHARE = Text(
    "占该地全部诉求的 {share}（上年同期 {before}）。",
    "{share} of all items of the place ({before} last year).",
)
_SHARE_RANKED = Text(
    "占该地全部诉求的 {share}（上年同期 {before}），件数在 {among} 个{level}中居第 {rank} 位。",
    "{share} of all items of the place ({before} last year); no. {rank} by items of {among} ({level}).",
)
_NONE_BY = Text("按{split}：件数均过小，不予显示。", "By {split}: every count here is too small to be shown.")
_BY = Text("按{split}", "By {split}")
_PART_HEAD = (
    Text("件数", "Items"),
    Text("占本专题", "Of the topic"),
    Text("上年同期", "Last year"),
    Text("同比", "On last year"),
    Text("环比", "On period before"),
)
_PLACE_HEAD = (
    Text("件数", "Items"),
    Text("占本专题", "Of the topic"),
    Text("同比", "On last year"),
    Text("占当地全部诉求", "Of all items there"),
)
_RATE_HEAD = Text("万人诉求量", "Per 10 000")
_STANDS_OUT, _ORDINARY = Text("▲ 突出", "▲ stands out"), Text("–", "–")
_MARK_HEAD = Text("突出", "Stands out")
_FIRST = Text("{name}（共 {n} 个，列出 {shown} 个）", "{name} (the first {shown} of {n})")
_FIRST_MARKED = Text(
    "{name}（共 {n} 个，列出 {shown} 个，突出的在前）",
    "{name} (the first {shown} of {n}, conspicuous first)",
)
_PLACE_NOTE = Text(
    "“突出”：该专题占当地全部诉求的比重高于各镇街合并比重 3 个标准差以上（二项分布，按各地离散程度放宽；"
    "不少于 5 件；自定义口径）。",
    "“Stands out”: its share of all items there lies more than three standard deviations above that of all "
    "places together (binomial, widened by how far places differ anyway; 5 items or more; our own "
    "definition).",
)
_TREND_HEAD = (
    Text("时段", "Stretch"),
    Text("件数", "Items"),
    Text("上年同期", "Last year"),
    Text("预期", "Expected"),
    Text("常态范围", "Usual range"),
    Text("信号", "Signal"),
)
_COUNTED = 3  # of these columns need no usual range
BASES = {
    Basis.CALENDAR: Text(
        "预期由星期、节假日、季节和趋势推算（准泊松回归），常态范围为其 95 % 区间；"
        "信号：超出三倍标准差，或 3 期中 2 期超出两倍。",
        "Expected of weekday, holiday, season and trend (quasi-Poisson regression), the usual range holds "
        "95 %; "
        "signals: beyond three standard deviations, or 2 of 3 beyond two.",
    ),
    Basis.CONTROL: Text(
        "历史不足以推算预期：常态范围为各时段自身的控制限（XmR 图，均值 ± 3 个标准差）。",
        "Too little history to expect anything: the usual range is that of a control chart of the stretches "
        "themselves (XmR, mean ± 3 standard deviations).",
    ),
    Basis.NONE: Text(
        "不推算常态范围：历史不足，或细分数不向本角色准确显示。",
        "No usual range: too little history, or fine counts that this role is not told exactly.",
    ),
}
SIGNALS = {
    Signal.OUTSIDE: Text("超出常态范围", "outside the usual range"),
    Signal.SHIFT: Text("连续多期在同一侧", "a run on one side"),
    Signal.TREND: Text("连续多期同向", "a run one way"),
    Signal.NEAR_LIMIT: Text("接近界限", "near a limit"),
}
_ABOVE, _BELOW = Text("▲ {why}", "▲ {why}"), Text("▼ {why}", "▼ {why}")
_NO_ROWS = Text("没有可以列出的。", "Nothing to be listed.")
_UNITS_NOTE = {
    Shown.OWN: Text(
        "只列本角色所辖区县的办件：其他区县的细分数不向本角色准确显示。",
        "Of items of the reader's own districts alone: fine counts of others are not told exactly to this "
        "role.",
    ),
    Shown.NONE: Text(
        "不列承办单位：细分数不向本角色准确显示。",
        "No units are listed: fine counts are not told exactly to this role.",
    ),
}
CASES_NOTE = {
    Shown.ALL: Text(
        "重复次数多的在前，其次人次多的，再次新近的；标题已脱敏。查阅已留下记录（自定义口径）。",
        "Most repeated first, then most heads, then latest; titles are masked. That they were shown is on "
        "record "
        "(our own choice).",
    ),
    Shown.OWN: Text(
        "只列本角色所辖区县的办件；重复次数多的在前，其次人次多的，再次新近的；标题已脱敏。"
        "查阅已留下记录（自定义口径）。",
        "Of the reader's own districts alone: most repeated first, then most heads, then latest; titles are "
        "masked. That they were shown is on record (our own choice).",
    ),
    Shown.NONE: Text(
        "不列典型案例：个案不向本角色显示。", "No cases are shown: this role has no right to single items."
    ),
    Shown.LEFT_OUT: Text("按所选，不列典型案例。", "Cases were left out by choice."),
}
_REPEATED = Text("重复次数 / 人次", "Repeats / heads")
_WHICH = Text("编号与登记日", "Number and day")
_WHERE = Text("地点与承办单位", "Place and handling unit")
_PLACED = Text("{district}{street}，{unit}", "{street}, {district}; {unit}")
ROUNDED = Text(
    "细分数含随机取整，过小的不显示（自定义口径）：只列数，不作判断；各项之和可能与合计不符，"
    "比率由所示数计算。",
    "Fine counts are rounded at random and hidden where small (our own definition): listed, not judged; "
    "parts "
    "may not add up, and rates are made of what is told.",
)
_METHOD = (
    Text(
        "件数、占比和比率均出自指标口径，在专题、范围和时段的筛选下统一计算；合计为分子之和除以分母之和。"
        "专题占比、占当地全部诉求为两个诉求总量之比。",
        "Counts and rates are metrics of the dictionary under the filters of topic, place and period; "
        "totals are "
        "pooled. Shares of topics and places are quotients of two numbers of items.",
    ),
    Text(
        "要点由数据算出：比率只有超出全部诉求的 3σ 漏斗界限才称明显高于或低于。报告的选列规则为自定义口径。",
        "Key points are computed: a rate is called clearly above or below only beyond the 3σ funnel limits "
        "around "
        "that of all items. What is listed follows rules of our own.",
    ),
)
_FOOT = Text(
    "仓库版本 {version} · 截至 {day} · 口径指纹 {fingerprint}",
    "Warehouse version {version} · as of {day} · definitions' fingerprint {fingerprint}",
)
_NAMED = 3  # districts in the title
_AND_MORE = Text("{first}等 {n} 个区县", "{first} and others, {n} districts")
_BETWEEN = {"zh": "、", "en": ", "}


def place_text(one: TopicReport, now: Language) -> str:
    """The districts, or the city, in words."""
    return _BETWEEN[now].join(inert(text.in_(now)) for text in one.place)


def _title_place(one: TopicReport, now: Language) -> str:
    """As `place_text`, of many districts the first and how many."""
    if len(one.place) <= _NAMED:
        return place_text(one, now)
    first = place_text(replace(one, place=one.place[:_NAMED]), now)
    return _AND_MORE.in_(now).format(first=first, n=len(one.place))


def path_text(path: Sequence[Text], now: Language) -> str:
    """A category with those it is inside of."""
    return " › ".join(inert(text.in_(now)) for text in path)


def topic_document(
    one: TopicReport, now: Language, opens: Opens | None = None, trend: Mapping[str, Any] | None = None
) -> Document:
    """The report as a document; on a page `opens` links the numbers of items to what is behind them.

    `trend` is the chart of the trend, where there is one to be drawn.
    """
    words = _Words(one, now, opens)
    blocks: list[Block] = [Paragraph(words.span())]
    if not one.is_exact:
        blocks.append(Paragraph(ROUNDED.in_(now), quiet=True))
    blocks += [Paragraph(note.in_(now), quiet=True) for note in one.notes]
    blocks += [*words.points(), *words.scale(), *words.trend(trend), *words.structure(), *words.places()]
    blocks += [*words.units(), *words.handling(), *words.cases()]
    blocks += [words.heading("advice"), Paragraph(_ADVICE.in_(now)), Slot(5), *words.terms()]
    period = numbers.period_text(one.period, now)
    topic, place = inert(one.path[-1].in_(now)), _title_place(one, now)
    named = {"city": one.city.in_(now), "topic": topic, "place": place}
    foot = _FOOT.in_(now).format(
        version=one.version, day=numbers.day_text(one.as_of, now), fingerprint=one.fingerprint
    )
    return Document(
        language=now,
        number=_NUMBER.in_(now).format(code=one.code),
        title=_TITLE.in_(now).format(**named, period=period),
        mark=MARK.in_(now) if one.is_demo else "",
        dated=one.as_of,
        blocks=tuple(blocks),
        foot=(foot,),
    )


def share_text(value: float) -> str:
    """A quotient of two counts in per cent; a dash for none."""
    return numbers.DASH if math.isnan(value) else f"{numbers.plain(value * 100, 2)}{numbers.NARROW}%"


def signals_text(step: Step, now: Language) -> str:
    """The signals of a stretch in words, with the side it lies on; a dash for none."""
    causes = [cause for cause in SIGNALS if cause.value in step.signals]
    if Signal.OUTSIDE in causes and Signal.NEAR_LIMIT in causes:
        causes.remove(Signal.NEAR_LIMIT)  # what lies beyond a limit lies near it too
    said = [SIGNALS[cause].in_(now) for cause in causes]
    if not said:
        return numbers.DASH
    text = _ABOVE if step.count > step.expected else _BELOW
    return text.in_(now).format(why=("；" if now == "zh" else "; ").join(said))


class _Words(Wording):
    """Writes the sections of one report in one language."""

    def __init__(self, one: TopicReport, language: Language, opens: Opens | None) -> None:
        super().__init__(language)
        self.one = one
        self.opens = opens

    def caption(self, title: str) -> str:
        # a page lays its tables out beside each other: numbers would stand out of their order
        return super().caption(title) if self.opens is None else title

    def heading(self, key: str) -> Heading:
        name, place = SECTIONS[key].in_(self.language), list(SECTIONS).index(key)
        if place == len(_NUMERALS):
            return Heading(1, name)
        numbered = _NUMBERED.in_(self.language)
        return Heading(1, numbered.format(numeral=_NUMERALS[place], n=place + 1, name=name))

    def span(self) -> str:
        one, now = self.one, self.language
        return _SPAN.in_(now).format(
            path=path_text(one.path, now),
            place=place_text(one, now),
            period=numbers.period_text(one.period, now),
            day=numbers.day_text(one.as_of, now),
        )

    def points(self) -> list[Block]:
        now = self.language
        said = [inert(sentence(point, now)) for point in self.one.points] or [_NO_POINTS.in_(now)]
        return [
            self.heading("points"),
            *(Paragraph(_ITEM.in_(now).format(n=n, text=text)) for n, text in enumerate(said, 1)),
        ]

    def scale(self) -> list[Block]:
        one, now = self.one, self.language
        values = {"share": share_text(one.share), "before": share_text(one.share_before)}
        text = _SHARE.in_(now).format(**values)
        if one.rank is not None:
            level = dimension(LEVELS[len(one.path) - 1]).name.in_(now)
            text = _SHARE_RANKED.in_(now).format(**values, rank=one.rank, among=one.among, level=level)
        return [self.heading("scale"), Paragraph(text), self._measures("scale", one.scale)]

    def handling(self) -> list[Block]:
        return [self.heading("handling"), self._measures("handling", self.one.handling)]

    def trend(self, figure: Mapping[str, Any] | None) -> list[Block]:
        one, now = self.one, self.language
        blocks: list[Block] = [self.heading("trend"), Paragraph(BASES[one.basis].in_(now), quiet=True)]
        inside = [step for step in one.trend if step.start >= one.period.start]
        steps = inside if len(inside) >= LEAST_STEPS else one.trend[-LEAST_STEPS:]
        if not steps:
            return [*blocks, Paragraph(_NO_ROWS.in_(now))]
        if figure is not None:
            blocks.append(Drawing(_TABLES["trend"].in_(now), figure))
        told = len(_TREND_HEAD) if one.basis is not Basis.NONE else _COUNTED
        rows = tuple(self._step(step)[:told] for step in steps)
        return [*blocks, self.table(_TABLES["trend"].in_(now), _TREND_HEAD[:told], rows)]

    def _step(self, step: Step) -> tuple[str, ...]:
        span = Period(step.start, step.end)
        low, high = numbers.plain(step.low), numbers.plain(step.high)
        return (
            str(step.start) if span.days == 1 else numbers.period_text(span, self.language),
            numbers.plain(step.count),
            numbers.plain(step.before),
            numbers.plain(step.expected, 1),
            numbers.DASH if math.isnan(step.low) else f"{low}–{high}",
            signals_text(step, self.language),
        )

    def structure(self) -> list[Block]:
        blocks: list[Block] = [self.heading("structure")]
        for division in self.one.structure:
            blocks += self._divided(division)
        return blocks

    def places(self) -> list[Block]:
        blocks: list[Block] = [self.heading("places")]
        for places in self.one.places:
            blocks += self._placed(places)
        if self.one.is_exact:
            blocks.append(Paragraph(_PLACE_NOTE.in_(self.language), quiet=True))
        return blocks

    def units(self) -> list[Block]:
        one, now = self.one, self.language
        blocks: list[Block] = [self.heading("units")]
        if one.units_of in _UNITS_NOTE:
            blocks.append(Paragraph(_UNITS_NOTE[one.units_of].in_(now), quiet=True))
        if not one.units:
            return blocks if one.units_of is Shown.NONE else [*blocks, Paragraph(_NO_ROWS.in_(now))]
        head = (dimension("unit").name, _PART_HEAD[0], *(metric_of(key).name for key in UNIT_RATES))
        rows = tuple(
            (
                inert(row.name.in_(now)),
                self._linked(numbers.plain(row.value), Filter("unit", (row.member,))),
                *(self._rated(rate) for rate in row.rates),
            )
            for row in one.units
        )
        return [*blocks, self.table(_TABLES["units"].in_(now), head, rows)]

    def cases(self) -> list[Block]:
        one, now = self.one, self.language
        note = Paragraph(CASES_NOTE[one.cases_of].in_(now), quiet=True)
        blocks: list[Block] = [self.heading("cases"), note]
        if one.cases_of in (Shown.NONE, Shown.LEFT_OUT):
            return blocks
        if not one.cases:
            return [*blocks, Paragraph(_NO_ROWS.in_(now))]
        head = (
            _WHICH,
            _WHERE,
            FIELDS["title"],
            _REPEATED,
        )
        rows = tuple(
            (
                f"{inert(case.number)} {case.registered_on}",
                _PLACED.in_(now).format(
                    district=inert(case.district.in_(now)),
                    street=inert(case.street.in_(now)),
                    unit=inert(case.unit.in_(now)),
                ),
                inert(case.title) or numbers.DASH,
                f"{case.repeat_no} / {case.people}",
            )
            for case in one.cases
        )
        return [*blocks, self.table(_TABLES["cases"].in_(now), head, rows, names=3)]

    def terms(self) -> list[Block]:
        method = [Paragraph(text.in_(self.language), quiet=True) for text in _METHOD]
        return [self.heading("terms"), *method, self.terms_table(self.defined(self.one.metrics))]

    def _measures(self, key: str, measures: Sequence[Measure]) -> Table:
        rows = []
        for one in measures:
            name, value, *rest = self.line(one.topic)
            line = one.every
            every = self.value(line.metric, line.value, line.numerator, line.denominator)
            rows.append((name, self._linked(value, metric=one.topic.metric), *rest, every))
        return self.table(_TABLES[key].in_(self.language), (*LINE_HEAD, _EVERY), tuple(rows))

    def _divided(self, division: Division) -> list[Block]:
        now = self.language
        name = dimension(division.split).name
        title = _BY.in_(now).format(split=_inside(name, now))
        if not division.parts:
            return [Paragraph(_NONE_BY.in_(now).format(split=_inside(name, now)))]
        metric = metric_of(VOLUME)
        rows = tuple(
            (
                *self._part(division.split, part),
                numbers.plain(part.yoy_base),
                numbers.change_text(metric, part.yoy, now),
                numbers.change_text(metric, part.mom, now),
            )
            for part in division.parts
        )
        return [self.table(title, (name, *_PART_HEAD), rows)]

    def _placed(self, places: Places) -> list[Block]:
        now = self.language
        name = dimension(places.split).name
        if not places.rows:
            return [Paragraph(_NONE_BY.in_(now).format(split=_inside(name, now)))]
        metric = metric_of(VOLUME)
        columns = {
            _PLACE_HEAD[-1]: [share_text(row.within) for row in places.rows],
            _RATE_HEAD: [self.value("cases_per_10k", row.rate) for row in places.rows],
        }
        # what is known of none has no column
        told = {head: cells for head, cells in columns.items() if {*cells} != {numbers.DASH}}
        if places.split != "district" and self.one.is_exact:
            marks = [(_STANDS_OUT if row.stands_out else _ORDINARY).in_(now) for row in places.rows]
            told[_MARK_HEAD] = marks
        rows = tuple(
            (
                *self._part(places.split, row.part),
                numbers.change_text(metric, row.part.yoy, now),
                *(cells[at] for cells in told.values()),
            )
            for at, row in enumerate(places.rows)
        )
        head = (name, *_PLACE_HEAD[:-1], *told)
        title = _BY.in_(now).format(split=_inside(name, now))
        if len(rows) < places.told:
            first = _FIRST_MARKED if _MARK_HEAD in told else _FIRST
            title = first.in_(now).format(name=title, n=places.told, shown=len(rows))
        return [self.table(title, head, rows)]

    def _part(self, split: str, part: Part) -> tuple[str, str, str]:
        """Name, items and share of a part; its items open what is behind them."""
        value = self._linked(numbers.plain(part.value), Filter(split, (part.member,)))
        return inert(part.name.in_(self.language)), value, share_text(part.share)

    def _rated(self, rate: Rated) -> str:
        value = self.value(rate.metric, rate.value, rate.numerator, rate.denominator)
        if value == numbers.DASH:
            return value
        return f"{value} ({numbers.parts(rate.numerator, rate.denominator)})"

    def _linked(self, text: str, *filters: Filter, metric: str = VOLUME) -> str:
        return text if self.opens is None else self.opens(text, metric, filters)


def _inside(name: Text, now: Language) -> str:
    """A dimension's name inside a sentence."""
    return name.zh if now == "zh" else name.en[0].lower() + name.en[1:]

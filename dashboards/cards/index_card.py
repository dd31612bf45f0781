"""The index in words and figures: the large card, the tiles, the indicators and what moved it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboards import numbers
from dashboards.cards.signals import Course, hint, judged
from dashboards.figures.aims import (
    Headline,
    IndicatorHeadings,
    IndicatorLine,
    Tile,
    headline,
    indicators,
    tiles,
)
from dashboards.figures.contributions import Part, contributions
from dashboards.figures.markup import Markup, tag
from queries.insights.index import (
    AimScore,
    Contribution,
    IndexPolicy,
    Indicator,
    IndicatorScore,
    RankInterval,
    Reading,
    Score,
)
from queries.metric import Metric
from queries.metrics import metric as metric_of
from queries.vocabulary import Direction, Language, Measurement, Text

STEADY = 0.05  # points; a smaller change prints as 0.0 or 0.1 and is called none

INDEX = Text("一指数", "The index")
_SCORE_OF = Text("满分 100", "of 100")
_CHANGE = Text("{arrow} {change}（较 {weeks} 周前）", "{arrow} {change} on {weeks} weeks ago")
_SIGNAL = Text(
    "{arrow} {change}（较 {weeks} 周前，{word}）", "{arrow} {change} on {weeks} weeks ago ({word})"
)
_SERIES = Text("近 {n} 周指数走势", "The index in the last {n} weeks")
_NOTE = Text("自定义口径 · 政策版本 {version} · 标尺固定", "Our own definition · policy {version}")
_RANK = Text("{group}第 {rank} 名，区间第 {low}–{high} 名", "{group}: rank {rank}, interval {low}–{high}")
_BASIS = Text("基于 {used}/{of} 项指标", "from {used} of {of} indicators")
_TILE_HINT = Text("点击查看 {name} 的指标", "Click for the indicators of {name}")
_BREAKDOWN = Text("指数变动分解", "What moved the index")
_BREAKDOWN_SUB = Text(
    "各指标对变动的贡献（分），相加等于总变动", "Points by indicator; they add up to the change"
)
_NO_INDEX = Text(
    "{used}/{of} 个目标有数据，不足以计算指数", "{used} of {of} aims have data: too few for an index"
)
_NO_MOVES = Text(
    "本期或 {weeks} 周前没有指数，无从分解", "No index now or {weeks} weeks ago: nothing to take apart"
)
_TOTAL = Text("合计 {change}", "Together {change}")
_AIM_TITLE = Text("{name}：{used}/{of} 项指标如何计分", "{name}: how {used} of {of} indicators score")
_AIM_NOTE = Text(
    "自定义口径。得分在标尺两端之间线性计算：左端 0 分，右端 100 分；缺项时权重在其余指标间重新分配。",
    "Our own definition. Scores run in a straight line between the goalposts: 0 at the left, 100 at the "
    "right; the weight of a missing indicator is spread over the others.",
)
_HEADINGS = {
    "name": Text("指标", "Indicator"),
    "window": Text("时间窗", "Window"),
    "value": Text("数值", "Value"),
    "parts": Text("分子 / 分母", "Numerator / denominator"),
    "goalposts": Text("标尺（0 分 → 100 分）", "Goalposts (0 → 100)"),
    "score": Text("得分", "Score"),
    "weight": Text("占指数权重", "Weight in index"),
    "contribution": Text("对变动的贡献", "Contribution"),
}
_WINDOWS = {
    Reading.LEVEL: Text("近 {days} 天", "last {days} days"),
    Reading.YOY: Text("近 {days} 天，同比", "last {days} days, year on year"),
    Reading.EVENT_RATIO: Text("近 {days} 天内重大活动期", "events in the last {days} days"),
    Reading.AT_EVENT_START: Text("最近一次活动启动日", "start of the last event"),
}
_LAGGED = Text("{lag} 天前的 {days} 天", "{days} days, {lag} days ago")


@dataclass(frozen=True)
class Standing:
    """One region's index now and `weeks` earlier, the contributions in between, its rank and series.

    `course` is its index on a control chart, `aims` are those of its aims: what may colour a change.
    """

    name: str
    now: Score
    before: Score
    weeks: int
    moves: tuple[Contribution, ...]
    series: tuple[float | None, ...]
    interval: RankInterval | None = None
    group: str = ""
    course: Course | None = None
    aims: Mapping[str, Course] = field(default_factory=dict)

    @property
    def change(self) -> float:
        """Points since `weeks` ago; NaN when either is not known."""
        return self.now.value - self.before.value


def index_card(
    standing: Standing, policy: IndexPolicy, context: Sequence[str], language: Language, *, chosen: str | None
) -> Markup:
    """The large number with its aims beside it; a click on an aim reports its key, `chosen` is open."""
    large = index_headline(standing, policy, language, context)
    return tag("div", large, aim_tiles(standing, language, chosen=chosen), class_="q-index")


def index_headline(
    standing: Standing, policy: IndexPolicy, language: Language, context: Sequence[str]
) -> Markup:
    """The large card of a region; `context` lines stand below its drawing."""
    rank = standing.interval
    lines = list(context)
    if math.isnan(standing.now.value):
        known = sum(aim.used > 0 for aim in standing.now.aims)
        lines = [_NO_INDEX.in_(language).format(used=known, of=len(standing.now.aims))]
    if rank is not None:
        lines.insert(
            0, _RANK.in_(language).format(group=standing.group, rank=rank.rank, low=rank.low, high=rank.high)
        )
    return headline(
        Headline(
            name=f"{INDEX.in_(language)} · {standing.name}（{_SCORE_OF.in_(language)}）"
            if language == "zh"
            else f"{INDEX.in_(language)} · {standing.name} ({_SCORE_OF.in_(language)})",
            value=score_text(standing.now.value),
            change=change_words(standing.change, standing.weeks, language, standing.course),
            change_is=judged(standing.course, standing.change, smallest=STEADY),
            change_hint=hint(standing.course, language),
            context=tuple(lines),
            note=_NOTE.in_(language).format(version=policy.version),
            series=standing.series,
            series_label=_SERIES.in_(language).format(n=len(standing.series) - 1),
        )
    )


def aim_tiles(standing: Standing, language: Language, *, chosen: str | None) -> Markup:
    """The aims of a region as tiles."""
    before = {aim.aim.key: aim.value for aim in standing.before.aims}
    cards = []
    for aim in standing.now.aims:
        change = aim.value - before.get(aim.aim.key, math.nan)
        known = not math.isnan(aim.value)
        cards.append(
            Tile(
                choose=aim.aim.key,
                name=aim.aim.name.in_(language),
                value=score_text(aim.value),
                bar=aim.value / 100 if known else None,
                change=moved_text(change, language),
                change_is=judged(standing.aims.get(aim.aim.key), change, smallest=STEADY),
                change_hint=hint(standing.aims.get(aim.aim.key), language),
                basis=_BASIS.in_(language).format(used=aim.used, of=aim.of),
                hint=_TILE_HINT.in_(language).format(name=aim.aim.name.in_(language)),
            )
        )
    return tiles(cards, chosen=chosen)


def aim_indicators(standing: Standing, key: str, language: Language) -> Markup | None:
    """The table of one aim's indicators; None when the region has no such aim."""
    aim = next((aim for aim in standing.now.aims if aim.aim.key == key), None)
    if aim is None:
        return None
    moves = {move.indicator.key: move.points for move in standing.moves}
    title = _AIM_TITLE.in_(language).format(name=aim.aim.name.in_(language), used=aim.used, of=aim.of)
    headings = IndicatorHeadings(**{name: text.in_(language) for name, text in _HEADINGS.items()})
    lines = [_line(one, moves.get(one.indicator.key, math.nan), language) for one in aim.indicators]
    return indicators(lines, headings, title=title, note=_AIM_NOTE.in_(language))


def index_moves(standing: Standing, language: Language, *, most: int = 8) -> Markup:
    """What moved the index: the `most` largest contributions, the rest as one, adding up to the change."""
    ordered = sorted(standing.moves, key=lambda move: -abs(move.points))
    shown = [(move.indicator.name.in_(language), move.points) for move in ordered[:most]]
    if len(ordered) > most:
        rest = sum(move.points for move in ordered[most:])
        shown.append((Text("其余指标", "Other indicators").in_(language), rest))
    parts = [
        Part(name, points, numbers.signed(points, 2), numbers.judged(points, Direction.UP, smallest=0.005))
        for name, points in shown
    ]
    total = _TOTAL.in_(language).format(change=numbers.signed(standing.change, 2))
    if not shown:
        total = _NO_MOVES.in_(language).format(weeks=standing.weeks)
    return contributions(
        parts, title=_BREAKDOWN.in_(language), subtitle=_BREAKDOWN_SUB.in_(language), total=total
    )


def weakest(standing: Standing) -> AimScore | None:
    """The aim with the lowest value."""
    known = [aim for aim in standing.now.aims if not math.isnan(aim.value)]
    return min(known, key=lambda aim: aim.value, default=None)


def score_text(value: float) -> str:
    """A score of 0 to 100 at one place; a dash where there is none."""
    return numbers.plain(value, 1) if numbers.is_known(value) else numbers.DASH


def moved_text(change: float, language: Language) -> str:
    """▲ +0.4 分; a dash where it is not known."""
    if math.isnan(change):
        return numbers.DASH
    return f"{numbers.arrow(change, smallest=STEADY)} {numbers.score_change_text(change, language)}"


def change_words(change: float, weeks: int, language: Language, course: Course | None = None) -> str:
    """▲ +0.4 分（较 4 周前）, and what that means when it is a signal."""
    if math.isnan(change):
        return numbers.DASH
    tone = judged(course, change, smallest=STEADY)
    return (
        (_CHANGE if tone is numbers.Judgement.UNCHANGED else _SIGNAL)
        .in_(language)
        .format(
            arrow=numbers.arrow(change, smallest=STEADY),
            change=numbers.score_change_text(change, language),
            weeks=weeks,
            word=numbers.WORDS[tone].in_(language),
        )
    )


def _line(one: IndicatorScore, points: float, language: Language) -> IndicatorLine:
    indicator = one.indicator
    metric = metric_of(indicator.metric)
    floor, target = goalposts(indicator, language)
    known = not math.isnan(one.score)
    return IndicatorLine(
        name=indicator.name.in_(language),
        window=_window(indicator, language),
        value=reading_text(indicator, metric, one.read.value, language),
        parts=numbers.parts(one.read.numerator, one.read.denominator),
        floor=floor,
        target=target,
        score=one.score if known else None,
        score_text=score_text(one.score),
        weight=f"{numbers.plain(one.weight * 100, 1)}{numbers.NARROW}%",
        contribution=numbers.DASH if math.isnan(points) else numbers.signed(points, 2),
        contribution_is=numbers.judged(points, Direction.UP, smallest=0.005),
    )


def goalposts(indicator: Indicator, language: Language) -> tuple[str, str]:
    """The values that score 0 and 100, as printed."""
    metric = metric_of(indicator.metric)
    floor, target = (
        reading_text(indicator, metric, value, language, unit=False)
        for value in (indicator.floor, indicator.target)
    )
    return floor, target


def reading_text(
    indicator: Indicator, metric: Metric, value: float, language: Language, *, unit: bool = True
) -> str:
    """A reading as printed: a level in its metric's unit, a change with its sign, a ratio as a multiple."""
    if math.isnan(value):
        return numbers.DASH
    match indicator.reading:
        case Reading.YOY:
            return numbers.change_text(metric, value, language)
        case Reading.EVENT_RATIO:
            return f"{numbers.plain(value, 2)}{numbers.NARROW}×"
        case _ if metric.measurement is Measurement.SHARE and not unit:
            return f"{numbers.plain(value * 100)}{numbers.NARROW}%"
        case _:
            return numbers.value_text(metric, value, language, unit=unit)


def _window(indicator: Indicator, language: Language) -> str:
    if indicator.lag_days:
        return _LAGGED.in_(language).format(days=indicator.window_days, lag=indicator.lag_days)
    return _WINDOWS[indicator.reading].in_(language).format(days=indicator.window_days)

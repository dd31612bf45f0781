"""Signal or noise in words: the control chart behind every coloured change and every ringed week."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from dashboards import numbers
from dashboards.cards.hushed import is_hushed
from dashboards.figures.expectation import Ring
from dashboards.figures.markup import Markup, escaped, tag
from dashboards.numbers import Judgement
from queries import clocks
from queries.answer import Answer
from queries.insights.control_chart import FEWEST, Chart, Signal, level_chart, p_prime_chart, xmr
from queries.metric import Metric, Ratio
from queries.metrics import metric as metric_of
from queries.vocabulary import Direction, Language, Measurement, Text

WEEKS = 27  # of the series that a change is judged by
SMALLEST = 0.0005  # of a share or a relative change: prints as 0.0 or 0.1
# Rules that speak of one point; the others speak of a run that ends there.
POINTS = frozenset({Signal.OUTSIDE, Signal.NEAR_LIMIT})
_BELOW_ABOVE = {
    Signal.OUTSIDE: (
        Text("低于控制下限", "below the lower limit"),
        Text("高于控制上限", "above the upper limit"),
    ),
    Signal.SHIFT: (
        Text("连续 {n} 周低于均值", "below the mean for {n} weeks running"),
        Text("连续 {n} 周高于均值", "above the mean for {n} weeks running"),
    ),
    Signal.TREND: (
        Text("连续 {n} 周下降", "falling for {n} weeks running"),
        Text("连续 {n} 周上升", "rising for {n} weeks running"),
    ),
    Signal.NEAR_LIMIT: (
        Text("3 周中 2 周接近下限", "2 of 3 weeks near the lower limit"),
        Text("3 周中 2 周接近上限", "2 of 3 weeks near the upper limit"),
    ),
}
_MOVED = (
    Text("本周降幅超出常态", "fell more than it usually does in a week"),
    Text("本周升幅超出常态", "rose more than it usually does in a week"),
)
_SIGNAL = Text("信号：{why}（{chart}，{n} 周）", "Signal: {why} ({chart}, {n} weeks)")
_CALM = Text(
    "没有信号：最近一周在随机波动之内（{chart}，{n} 周），增减不着色",
    "No signal: the latest week is within chance ({chart}, {n} weeks), so the change is not coloured",
)
_SHORT = Text("不足 {n} 周，不判断信号", "Fewer than {n} weeks: no signal is called")
_UNCHARTED = Text("没有逐周准确数，增减不着色", "No exact weekly numbers, so the change is not coloured")
_KINDS = {
    "level": Text("按周变动控制图", "chart of weekly moves"),
    "share": Text("p′ 控制图", "p′-chart"),
    "count": Text("XmR 控制图", "XmR chart"),
}
RING = Text("信号", "signal")
_NOTE = (
    Text("信号与着色（控制图）", "Signals and colour (control charts)"),
    Text(
        "增减只在最近一个整周是“特殊原因”、且方向与增减一致时着色。"
        "规则（NHS Making Data Count）：超出三倍标准差；连续 7 周在均值同侧；连续 6 周同向变化；"
        "3 周中 2 周接近控制限。件数用 XmR 图，占比用 p′ 图（Laney），"
        "存量与滚动指标按周变动判断；不足 8 周不判断。",
        "A change is coloured only when the latest whole week is a special cause and points the same way. "
        "Rules (NHS Making Data Count): beyond three standard deviations; 7 weeks on one side of the mean; "
        "6 moves one way; 2 of 3 weeks near a limit. Counts: XmR; shares: p′ (Laney); stocks and trailing "
        "measures: by their weekly moves; none below 8 weeks.",
    ),
)


@dataclass(frozen=True)
class Course:
    """A measure week by week on its control chart; `kind` names the chart, `days` begin the weeks."""

    kind: str
    direction: Direction
    days: tuple[date, ...]
    chart: Chart

    @property
    def side(self) -> int:
        """1 when the latest week is a signal upwards, −1 downwards, 0 when it is none."""
        return side(self.chart, -1) if self.chart.values else 0

    @property
    def tone(self) -> Judgement:
        """What the latest week's signal means; unchanged where there is none."""
        return numbers.judged(float(self.side), self.direction)

    def judged(self, change: float | None, *, smallest: float = SMALLEST) -> Judgement:
        """What `change` means: something only when the latest week is a signal that points the same way.

        Up to `smallest` in size it is printed as none, and is none.
        """
        if change is None or math.isnan(change) or change * self.side <= 0:
            return Judgement.UNCHANGED
        return numbers.judged(change, self.direction, smallest=smallest)

    def why(self, now: Language) -> str:
        """The latest week's signal in words; empty where it is none."""
        return why(self.chart, -1, now) if self.chart.values else ""

    def hint(self, now: Language) -> str:
        """What the pointer reads: the signal and the chart that calls it, or that there is none."""
        known = sum(not math.isnan(value) for value in self.chart.values)
        if known < FEWEST:
            return _SHORT.in_(now).format(n=FEWEST)
        text = _SIGNAL if self.side else _CALM
        return text.in_(now).format(why=self.why(now), chart=_KINDS[self.kind].in_(now), n=known)

    def rings(self, now: Language, rules: frozenset[Signal] = POINTS) -> list[Ring]:
        """The weeks to ring: signals by one of `rules`, and the latest week where it is a signal at all."""
        last = len(self.days) - 1
        return [
            Ring(day, value, str(escaped(why(self.chart, at, now))))
            for at, (day, value) in enumerate(zip(self.days, self.chart.values, strict=True))
            if self.chart.signals[at] & rules or (at == last and self.chart.signals[at])
        ]


def course(metric: Metric, rows: Sequence[Mapping[Any, Any]]) -> Course:
    """A metric's course in rows of an answer by week, oldest first; weeks with too little due are gaps."""
    days = tuple(row["bucket"] for row in rows)
    values = [float(row[metric.key]) for row in rows]
    if metric.clock == clocks.AS_OF:
        return Course("level", metric.direction, days, level_chart(values))
    if metric.measurement is Measurement.SHARE and isinstance(metric.formula, Ratio):
        parts, wholes = (
            [
                0.0 if math.isnan(value) else float(row[f"{metric.key}_{part}"])
                for value, row in zip(values, rows, strict=True)
            ]
            for part in ("numerator", "denominator")
        )
        return Course("share", metric.direction, days, p_prime_chart(parts, wholes))
    return Course("count", metric.direction, days, xmr(values))


def trailing_course(series: Sequence[tuple[date, float]], direction: Direction) -> Course:
    """The course of a trailing measure (the index, an aim) from (date, value) pairs, oldest first."""
    return Course(
        "level", direction, tuple(day for day, _ in series), level_chart([value for _, value in series])
    )


def changed(text: str, change: float, found: Course | None, now: Language) -> Markup:
    """A printed change: coloured, with the word for it, only when it is a signal; the pointer reads why."""
    tone = judged(found, change)
    said = text if tone is Judgement.UNCHANGED else f"{text} {numbers.WORDS[tone].in_(now)}"
    return tag("span", said, class_=f"q-{tone}", title=hint(found, now))


def courses(weekly: Answer) -> dict[str, Course]:
    """The course of every metric of an answer by week; none where its counts are not exact."""
    if is_hushed(weekly):
        return {}
    rows = weekly.frame.sort_values("bucket").to_dict("records")
    return {key: course(metric_of(key), rows) for key in weekly.question.metrics}


def courses_by(weekly: Answer) -> dict[int, dict[str, Course]]:
    """The courses of every member of the one split of an answer by week; as `courses`."""
    (split,) = weekly.question.split
    found: dict[int, dict[str, Course]] = {}
    if is_hushed(weekly):
        return found
    for member, frame in weekly.frame.sort_values("bucket").groupby(split):
        rows = frame.to_dict("records")
        found[int(str(member))] = {key: course(metric_of(key), rows) for key in weekly.question.metrics}
    return found


def judged(found: Course | None, change: float | None, *, smallest: float = SMALLEST) -> Judgement:
    """As `Course.judged`; without a course no change has a colour."""
    return Judgement.UNCHANGED if found is None else found.judged(change, smallest=smallest)


def hint(found: Course | None, now: Language) -> str:
    """As `Course.hint`; says so where there is no course."""
    return _UNCHARTED.in_(now) if found is None else found.hint(now)


def side(chart: Chart, at: int) -> int:
    """1 when the point is a signal upwards, −1 downwards, 0 when it is none: the plainest rule decides."""
    cause = next((one for one in _BELOW_ABOVE if one in chart.signals[at]), None)
    return 0 if cause is None else _way(chart, at, cause)


def why(chart: Chart, at: int, now: Language) -> str:
    """The signals of the point in words, the plainest first."""
    said = []
    for cause, texts in _BELOW_ABOVE.items():
        # what lies beyond a limit lies near it too
        implied = cause is Signal.NEAR_LIMIT and Signal.OUTSIDE in chart.signals[at]
        if implied or cause not in chart.signals[at]:
            continue
        is_move = cause is Signal.OUTSIDE and math.isnan(chart.centre)
        text = (_MOVED if is_move else texts)[_way(chart, at, cause) > 0]
        said.append(text.in_(now).format(n=_length(chart, at, cause)))
    return ("；" if now == "zh" else "; ").join(said)


def _way(chart: Chart, at: int, cause: Signal) -> int:
    is_move = cause is Signal.TREND or math.isnan(chart.centre)
    base = chart.values[at - 1] if is_move else chart.centre
    return 1 if chart.values[at] > base else -1


def _length(chart: Chart, at: int, cause: Signal) -> int:
    """For how many weeks the run of a shift or a trend lasts that the point is part of."""
    place, way = at % len(chart.values), _way(chart, at, cause)
    if cause is Signal.TREND:
        away = [math.nan, *(later - earlier for earlier, later in pairwise(chart.values))]
    else:
        away = [value - chart.centre for value in chart.values]
    same = [distance * way > 0 for distance in away]
    before = next((back for back, one in enumerate(reversed(same[:place])) if not one), place)
    after = next((ahead for ahead, one in enumerate(same[place:]) if not one), len(same) - place)
    return before + after


def marks(found: Course) -> tuple[str, ...]:
    """For each week better, worse or unchanged where it is a signal, else empty."""
    return tuple(
        numbers.judged(float(side(found.chart, at)), found.direction).value if signals else ""
        for at, signals in enumerate(found.chart.signals)
    )


def note(now: Language) -> Markup:
    """What a signal is and when a change has a colour, for the definitions."""
    name, what = _NOTE
    return tag("article", tag("h3", name.in_(now)), tag("p", what.in_(now)), class_="q-define")

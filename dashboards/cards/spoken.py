"""The key points as a list: each sentence in the reader's language, its parts below."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards import numbers
from dashboards.figures.markup import Markup, tag
from queries.insights.key_points import KeyPoint, Number, Tone, Unit
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

_SIGNS = {Tone.BETTER: "●", Tone.WORSE: "▲", Tone.UNCHANGED: "–"}
_TONES = {
    Tone.BETTER: Text("向好", "better"),
    Tone.WORSE: Text("关注", "watch"),
    Tone.UNCHANGED: Text("平稳", "steady"),
}
_INDEX = Text("指数（自定义口径）", "the index (our own definition)")
_POINTS = Text("{value} 个百分点", "{value} percentage points")


def key_point_list(points: Sequence[KeyPoint], language: Language, *, title: Text, subtitle: str) -> Markup:
    """The card 本期要点."""
    return tag(
        "section",
        tag("h2", title.in_(language)),
        tag("p", subtitle, class_="q-note"),
        tag("ol", *(_item(point, language) for point in points), class_="q-points"),
        class_="q-card",
    )


def sentence(point: KeyPoint, language: Language) -> str:
    """The sentence with its numbers in place."""
    values = {name: _written(number, language) for name, number in point.numbers.items()}
    return point.sentence.in_(language).format(**values)


def _item(point: KeyPoint, language: Language) -> Markup:
    names = [metric_of(key).full_name.in_(language) for key in point.metrics] or [_INDEX.in_(language)]
    behind = [" · ".join(names)]
    if not math.isnan(point.denominator):
        behind.append(numbers.parts(point.numerator, point.denominator))
    tone = _TONES[point.tone].in_(language)
    sign = tag(
        "span",
        _SIGNS[point.tone],
        class_=f"q-sign q-{point.tone}",
        title=tone,
        role="img",
        aria_label=tone,
    )
    text = tag("span", sentence(point, language), tag("span", "　".join(behind), class_="q-note"))
    return tag("li", sign, text)


def _written(number: Number, language: Language) -> str:
    value = number.value
    if isinstance(value, Text):
        return value.in_(language)
    match number.unit:
        case Unit.COUNT:
            return numbers.plain(value)
        case Unit.SHARE:
            return f"{numbers.plain(value * 100, 2)}{numbers.NARROW}%"
        case Unit.RELATIVE:
            return f"{numbers.plain(value * 100, 1)}{numbers.NARROW}%"
        case Unit.POINTS:
            return _POINTS.in_(language).format(value=numbers.plain(value * 100, 1))
        case _:
            return numbers.plain(value, 1)

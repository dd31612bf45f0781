"""What stands in place of a card that adds up or judges counts of which the reader is not told all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sized
from typing import Any

from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.vocabulary import Language, Text

HUSHED = Text(
    "本卡由细分数相加或相比得出；当前角色在所选条件下看不全细分数，因此不显示。取消渠道、类别等筛选后可见全市与各区县的准确数。",
    "This card adds up or compares fine counts, of which your role is not told all under these filters, so "
    "it is not shown. Without a filter by channel, category and the like exact numbers of city and "
    "districts stand.",
)
UNTOLD = Text("细分数过小，当前角色不予显示", "Every fine count here is too small to be shown to your role")
UNJUDGED = Text(
    "细分数已取整或隐去，只列数，不作判断", "Fine counts are rounded or hidden: listed, not judged"
)
NOT_SHOWN = Text("不予显示", "Not shown")
_HIDDEN = {"visible": False}
# A chart without axes, as high as a line.
NO_CHART: Mapping[str, Any] = {
    "data": [],
    "layout": {
        "height": 24,
        "xaxis": _HIDDEN,
        "yaxis": _HIDDEN,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    },
}


def is_hushed(answer: Answer) -> bool:
    """Whether a count of `answer` may be hidden or stepped: sums and judgements would then be wrong."""
    return math.isnan(answer.nothing)


def hushed(now: Language) -> Markup:
    """The sentence in a card's place."""
    return tag("p", HUSHED.in_(now), class_="q-note")


def instead(answer: Answer, rows: Sized) -> Text | None:
    """The title of a table of `rows` of `answer` that cannot be judged; None where they can."""
    if not is_hushed(answer):
        return None
    return UNJUDGED if len(rows) else UNTOLD

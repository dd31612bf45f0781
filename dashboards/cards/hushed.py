"""What stands in place of a card that adds up counts of which the reader is not told all."""

from __future__ import annotations

import math

from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.vocabulary import Language, Text

HUSHED = Text(
    "本卡由细分数相加得出；当前角色在所选条件下看不全细分数，因此不显示。取消渠道、类别等筛选后可见全市与各区县的准确数。",
    "This card adds up fine counts, of which your role is not told all under these filters, so it is not "
    "shown. Without a filter by channel, category and the like exact numbers of city and districts stand.",
)


def is_hushed(answer: Answer) -> bool:
    """Whether a member may be missing from `answer` because its count is hidden: sums would then be wrong."""
    return math.isnan(answer.nothing)


def hushed(now: Language) -> Markup:
    """The sentence in a card's place."""
    return tag("p", HUSHED.in_(now), class_="q-note")

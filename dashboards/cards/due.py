"""What fell due in the last days and was late, and where: facts that a leader can act on today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import numbers
from dashboards.cards.behind import count
from dashboards.cards.regions import short
from dashboards.cards.signals import Course, changed, courses
from dashboards.figures.markup import Markup, escaped, joined, tag
from queries.answer import Answer
from queries.drill import Side
from queries.metrics import metric as metric_of
from queries.question import Question
from queries.vocabulary import Language, Text

_TITLE = Text("近 7 天到期与逾期", "Due and late in the last 7 days")
_SUB = Text("{week} 期限届满的事项", "Items whose deadline fell in {week}")
_NOTE = Text("以上为已发生的事实，不是预警。", "These are facts, not alarms.")
_HEAD = (
    Text("时限", "Deadline"),
    Text("到期", "Due"),
    Text("逾期", "Late"),
    Text("按期率", "On time"),
    Text("较前 7 天", "On 7 days before"),
    Text("逾期最多", "Most late"),
)


DEADLINES = {
    "accepted_on_time": Text("受理", "Acceptance"),
    "notified_on_time": Text("告知", "Notice"),
    "replied_on_time": Text("答复", "Reply"),
}


METRICS = tuple(DEADLINES)


def due_card(
    total: Answer, parts: Answer, weekly: Answer, names: Mapping[int, Text], language: Language
) -> Markup:
    """The card: for each deadline what was due, what was late, against the week before, and where most.

    `total` is an answer of the metrics of DEADLINES compared with the preceding period, `parts` the same
    split by region, `weekly` by week: what may colour a change.
    """
    head = tag(
        "tr",
        *(
            tag("th", text.in_(language), class_="q-name" if place in (0, 5) else "q-num")
            for place, text in enumerate(_HEAD)
        ),
    )
    row, split = total.frame.to_dict("records")[0], parts.question.split[0]
    rows = [one for one in parts.frame.to_dict("records") if int(one[split]) in names]
    known, asked = courses(weekly), (total.question, parts.question)
    lines = [_line(key, asked, row, rows, names, known.get(key), language) for key in DEADLINES]
    return tag(
        "section",
        tag("h2", _TITLE.in_(language)),
        tag(
            "p",
            _SUB.in_(language).format(week=numbers.period_text(total.question.period, language)),
            class_="q-note",
        ),
        tag("table", tag("thead", head), tag("tbody", *lines), class_="q-ranking q-tight"),
        tag("p", _NOTE.in_(language), class_="q-note"),
        class_="q-card",
    )


def _line(
    key: str,
    asked: tuple[Question, Question],
    total: Mapping[Any, Any],
    parts: Sequence[Mapping[Any, Any]],
    names: Mapping[int, Text],
    course: Course | None,
    language: Language,
) -> Markup:
    metric, (question, divided) = metric_of(key), asked
    change = float(total[f"{key}_mom"])
    known = [row for row in parts if _late(row, key) > 0]
    most = max(known, key=lambda row: _late(row, key), default=None)
    worst, said = escaped(numbers.DASH), numbers.change_text(metric, change, language)
    if most is not None:
        where = short(names[int(most[divided.split[0]])].in_(language), language)
        worst = joined(f"{where} ", count(divided, key, most, Side.REST))
    return tag(
        "tr",
        tag("td", DEADLINES[key].in_(language), class_="q-name"),
        tag("td", count(question, key, total, Side.WHOLE), class_="q-num"),
        tag("td", count(question, key, total, Side.REST), class_="q-num q-value"),
        tag("td", numbers.value_text(metric, float(total[key]), language), class_="q-num"),
        tag("td", changed(said, change, course, language), class_="q-num"),
        tag("td", worst, class_="q-name"),
    )


def _late(row: Mapping[Any, Any], key: str) -> float:
    return float(row[f"{key}_denominator"]) - float(row[f"{key}_numerator"])

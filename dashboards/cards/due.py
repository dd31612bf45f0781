"""What fell due in the last days and was late, and where: facts that a leader can act on today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.figures.markup import Markup, tag
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Period, Text

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


def due_card(
    city: Mapping[str, Any], districts: pd.DataFrame, names: Mapping[int, Text], week: Period, language: Language
) -> Markup:
    """The card: for each deadline what was due, what was late, the change of the rate on the week before, where most.

    `city` is a row of an answer of the metrics of DEADLINES compared with the preceding period, `districts` the same
    split by district.
    """
    head = tag(
        "tr",
        *(
            tag("th", text.in_(language), class_="q-name" if place in (0, 5) else "q-num")
            for place, text in enumerate(_HEAD)
        ),
    )
    lines = [_line(key, city, districts, names, language) for key in DEADLINES]
    return tag(
        "section",
        tag("h2", _TITLE.in_(language)),
        tag("p", _SUB.in_(language).format(week=numbers.period_text(week, language)), class_="q-note"),
        tag("table", tag("thead", head), tag("tbody", *lines), class_="q-ranking"),
        tag("p", _NOTE.in_(language), class_="q-note"),
        class_="q-card",
    )


def _line(
    key: str, city: Mapping[str, Any], districts: pd.DataFrame, names: Mapping[int, Text], language: Language
) -> Markup:
    metric = metric_of(key)
    change = float(city[f"{key}_mom"])
    change_is = numbers.judged(change, metric.direction, smallest=0.0005)
    known = [row for row in districts.to_dict("records") if int(row["district"]) in names and _late(row, key) > 0]
    most = max(known, key=lambda row: _late(row, key), default=None)
    worst = numbers.DASH
    if most is not None:
        worst = f"{names[int(most['district'])].in_(language)} {numbers.plain(_late(most, key))}"
    return tag(
        "tr",
        tag("td", DEADLINES[key].in_(language), class_="q-name"),
        tag("td", numbers.plain(float(city[f"{key}_denominator"])), class_="q-num"),
        tag("td", numbers.plain(_late(city, key)), class_="q-num q-value"),
        tag("td", numbers.value_text(metric, float(city[key]), language), class_="q-num"),
        tag("td", numbers.change_text(metric, change, language), class_=f"q-num q-{change_is}"),
        tag("td", worst, class_="q-name"),
    )


def _late(row: Mapping[str, Any], key: str) -> float:
    return float(row[f"{key}_denominator"]) - float(row[f"{key}_numerator"])

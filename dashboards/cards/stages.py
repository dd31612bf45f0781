"""How far the items of the period have come: registered to evaluated, and where they wait now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from dashboards import numbers
from dashboards.cards.behind import number, opening, over
from dashboards.cards.hushed import hushed, is_hushed
from dashboards.exports.workbook import Cell, Sheet
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.question import Filter
from queries.vocabulary import Language, Text

STAGE, COUNT = "stage", "cases_registered"
# Each stage with the column of the fact that its time stands in.
STAGES: Mapping[int, tuple[Text, str]] = {
    1: (Text("登记", "Registered"), "registered_at"),
    2: (Text("转送", "Transferred"), "transferred_at"),
    3: (Text("受理", "Accepted"), "accepted_at"),
    4: (Text("答复", "Replied to"), "replied_at"),
    5: (Text("办结", "Closed"), "closed_at"),
    6: (Text("评价", "Evaluated"), "evaluated_at"),
}
CLOSED, LAST = 5, 6
_TITLE = Text(
    "期内登记 {n} 件，{open} 件尚未办结，最多的停在“{stage}”（{most} 件）",
    "{n} registered, {open} not yet closed, most of them: {stage} ({most})",
)
_DONE = Text("期内登记 {n} 件，已全部办结", "{n} registered, all of them closed")
_NONE = Text("期内没有登记件", "Nothing was registered in the period")
_SUB = Text(
    "期内登记的件截至 {day} 各到了哪一步；越过的环节视为已到，超期未评价也算到了评价",
    "How far the items registered in the period had come on {day}; a stage passed over counts as reached, an "
    "evaluation not given in time as given",
)
_HEAD = (
    Text("环节", "Stage"),
    Text("已到", "Reached"),
    Text("占登记", "Of registered"),
    Text("上一环节到此", "Of the stage before"),
    Text("现停在此", "Waiting here"),
)
_NOT_RECORDED = Text("未记录", "Not recorded")
SHEET = Text("环节进度", "Stages")


def recorded_stages(warehouse: Warehouse) -> dict[int, bool]:
    """Of each stage whether its time is on record."""
    return {stage: warehouse.records(column) for stage, (_, column) in STAGES.items()}


def stage_counts(answer: Answer) -> dict[int, int]:
    """Items by the furthest stage they have reached, every stage in order; of an answer that tells all."""
    found = {int(row[STAGE]): int(row[COUNT]) for row in answer.frame.to_dict("records")}
    return {stage: found.get(stage, 0) for stage in STAGES}


def reached(counts: Mapping[int, int]) -> dict[int, int]:
    """Items that have reached each stage or a later one."""
    return {stage: sum(n for other, n in counts.items() if other >= stage) for stage in counts}


def stages_card(answer: Answer, recorded: Mapping[int, bool], now: Language) -> Markup:
    """The stages as bars; `answer` is split by stage, `recorded`: whether a stage is on record."""
    if is_hushed(answer):
        return tag("section", tag("h2", SHEET.in_(now)), hushed(now), class_="q-card")
    counts = stage_counts(answer)
    come, names = reached(counts), dict(dimension(STAGE).names)
    whole, before, lines = come[1], math.nan, []
    for stage, (name, _) in STAGES.items():
        if not recorded[stage]:
            lines.append(Bar(name.in_(now), _NOT_RECORDED.in_(now), None, (numbers.DASH,) * 3))
            continue
        later = Filter(STAGE, tuple(one for one in STAGES if one >= stage))
        filters = (*answer.question.filters, later)
        lists = over(replace(answer.question, filters=filters), COUNT, answer.question.period)
        waits = {STAGE: stage, f"{COUNT}_numerator": counts[stage]}
        lines.append(
            Bar(
                name=name.in_(now),
                value=opening(numbers.plain(come[stage]), lists if come[stage] else ""),
                share=come[stage] / whole if whole else None,
                cells=(
                    _per_cent(come[stage], whole),
                    _per_cent(come[stage], before),
                    numbers.DASH
                    if stage == LAST
                    else number(numbers.plain(counts[stage]), answer.question, COUNT, waits),
                ),
                hint=names[stage].in_(now),
            )
        )
        before = come[stage]
    head = [text.in_(now) for text in _HEAD]
    sub = _SUB.in_(now).format(day=answer.question.as_of)
    title = tag("div", tag("h2", _said(counts, now)), tag("p", sub, class_="q-note"), class_="q-heading")
    return tag("section", title, bars(head, lines), class_="q-card")


def stages_sheet(answer: Answer, now: Language) -> Sheet:
    """The stages for the download."""
    counts = {} if is_hushed(answer) else stage_counts(answer)
    come = reached(counts)
    rows: list[tuple[Cell, ...]] = [
        (name.in_(now), come[stage], None if stage == LAST else counts[stage])
        for stage, (name, _) in STAGES.items()
        if stage in counts
    ]
    return Sheet(SHEET.in_(now), tuple(_HEAD[at].in_(now) for at in (0, 1, 4)), tuple(rows))


def _said(counts: Mapping[int, int], now: Language) -> str:
    whole = sum(counts.values())
    waiting = {stage: n for stage, n in counts.items() if stage < CLOSED and n}
    if not waiting:
        return (_DONE if whole else _NONE).in_(now).format(n=numbers.plain(whole))
    most = max(waiting, key=lambda stage: waiting[stage])
    return _TITLE.in_(now).format(
        n=numbers.plain(whole),
        open=numbers.plain(sum(waiting.values())),
        stage=dict(dimension(STAGE).names)[most].in_(now),
        most=numbers.plain(waiting[most]),
    )


def _per_cent(part: float, whole: float) -> str:
    return f"{numbers.plain(part / whole * 100, 1)}{numbers.NARROW}%" if whole > 0 else numbers.DASH

"""What falls short most: members of a split by items missed beyond the overall rate, and what went wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping

from dashboards import numbers
from dashboards.cards.behind import count, narrowing
from dashboards.cards.handling import printed
from dashboards.cards.hushed import hushed, instead, is_hushed
from dashboards.cards.responsiveness import (
    CUTS,
    MISSED,
    RATES,
    VERDICT,
    WHOLE,
    capital_heads,
    colour_of,
    excess,
    missed,
    parts_of,
    per_cent,
    share_of,
    verdict,
    verdict_text,
)
from dashboards.cards.volume import heading
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.dimensions import dimension
from queries.drill import Side
from queries.execute import Warehouse
from queries.insights.funnel_limits import Verdict
from queries.vocabulary import Language, Text

SHORTFALL, SATISFACTION = "shortfall", "satisfaction"
# The columns of the fact without which a class cannot be told; none of the others rests on any.
NEEDS = {1: ("is_contacted",), 2: ("is_resolved",), 3: ("reply_due_at", "replied_at"), 4: ("outcome",)}
_DIVIDED_LOW = Text(
    "{name}{missed}比总体水平多约 {n} 件，超出随机波动",
    "{name}: about {n} more {missed} than at the overall rate, beyond chance",
)
_DIVIDED_PLAIN = Text(
    "没有{cut}的{missed}显著多于总体水平", "No {cut} has more items {missed} than chance allows"
)
_DIVIDED_SUB = Text(
    "按多出件数排列；多出 = {missed} − 分母 ×（1 − 总体 {centre}）",
    "Most excess first; excess = items {missed} − denominator × (1 − overall {centre})",
)
_EXCESS = Text("多出", "Excess")
_CONTRIBUTES = Text(
    "不满意集中在“{name}”：{rate} 不满意，比总体水平多约 {n} 件",
    "Dissatisfied beyond chance: {name}; {rate} of those rated, about {n} more than at the overall rate",
)
_EVEN = Text(
    "没有哪一环的不满意显著多于总体水平", "Nothing that went wrong has more dissatisfied than chance allows"
)
_NOBODY = Text("本期评价不足，看不出不满意在哪一环", "Too few ratings to tell what went wrong")
_CLASS = Text("哪一环", "What went wrong")
_SHORTFALL_SUB = Text(
    "自定义口径：每件已评价件按先后取第一项：未联系、未解决、答复超期、不予支持；总体不满意率 {centre}",
    "Our own definition: the first that applies to an item rated: not contacted, not resolved, replied late, "
    "not supported; overall {centre} are dissatisfied",
)
_RATE, _OF_ALL = Text("不满意率", "Dissatisfied"), Text("占不满意", "Of all")
_RATED, _UNHAPPY = Text("已评价", "Rated"), Text("不满意件", "Items")
_NOT_RECORDED = Text("未记录", "Not recorded")


def divided_card(
    parts: Answer, total: Answer, key: str, names: Mapping[int, Text], codes: Mapping[int, str], now: Language
) -> Markup:
    """The members of a split by how many more items missed than at the overall rate, most first.

    A row whose member is in `codes` narrows the page to it.
    """
    cut, centre, words = parts.question.split[0], total.one(key), MISSED[key].in_(now)
    rows = parts.frame.to_dict("records")
    rows = [row for row in rows if not math.isnan(float(row[key])) and not math.isnan(centre)]
    if is_hushed(parts):
        rows.sort(key=lambda row: -float(row[f"{key}_denominator"]))
    else:
        rows.sort(key=lambda row: -excess(row, key, centre, parts))
    lines = [
        Bar(
            name=names[int(row[cut])].in_(now),
            narrow=narrowing(cut, codes, int(row[cut])),
            value=printed(key, row, parts, now),
            share=share_of(key, row),
            cells=(
                count(parts.question, key, row, Side.WHOLE),
                count(parts.question, key, row, Side.REST),
                numbers.signed(excess(row, key, centre, parts), 1),
                verdict_text(verdict(row, key, centre, parts), now),
            ),
            colour=colour_of(verdict(row, key, centre, parts)),
            hint=parts_of(key, row),
        )
        for row in rows
    ]
    low = [row for row in rows if verdict(row, key, centre, parts) is Verdict.BELOW_3]
    title = (instead(parts, rows) or (_DIVIDED_LOW if low else _DIVIDED_PLAIN)).in_(now)
    title = title.format(
        name=names[int(low[0][cut])].in_(now) if low else "",
        n=numbers.plain(excess(low[0], key, centre, parts)) if low else "",
        missed=words,
        cut=CUTS[cut].in_(now).lower(),
    )
    sub = _DIVIDED_SUB.in_(now).format(missed=words, centre=per_cent(centre))
    heads = capital_heads(now, CUTS[cut], RATES[key], WHOLE, MISSED[key], _EXCESS, VERDICT)
    return tag(
        "section", heading(title, sub), tag("div", bars(heads, lines), class_="q-scroll"), class_="q-card"
    )


def recorded_shortfalls(warehouse: Warehouse) -> dict[int, bool]:
    """Of each class whether what it rests on is on record."""
    classes = dict(dimension(SHORTFALL).names)
    return {one: all(map(warehouse.records, NEEDS.get(one, ()))) for one in classes}


def shortfall_card(parts: Answer, total: Answer, recorded: Mapping[int, bool], now: Language) -> Markup:
    """What went wrong first with the items rated, and how many of each class left citizens dissatisfied.

    `parts` holds satisfaction (V1) by shortfall, `total` the same undivided; `recorded` says of each class
    whether it can be told.
    """
    key, centre, names = SATISFACTION, total.one(SATISFACTION), dict(dimension(SHORTFALL).names)
    if is_hushed(parts):
        sub = _SHORTFALL_SUB.in_(now).format(centre=per_cent(1 - centre))
        return tag("section", heading(_CLASS.in_(now), sub), hushed(now), class_="q-card")
    rows = [row for row in parts.frame.to_dict("records") if float(row[f"{key}_denominator"]) > 0]
    whole = sum(missed(row, key) for row in rows)
    # where replies are not on record, every item rated after its deadline looks late
    rows = [row for row in rows if recorded[int(row[SHORTFALL])]]
    rows.sort(key=lambda row: -excess(row, key, centre, parts))
    lines = []
    for row in rows:
        found, bad = verdict(row, key, centre, parts), missed(row, key)
        rated = float(row[f"{key}_denominator"])
        told = not math.isnan(float(row[key]))
        lines.append(
            Bar(
                name=names[int(row[SHORTFALL])].in_(now),
                value=per_cent(bad / rated) if told else printed(key, row, parts, now),
                share=bad / rated if told else None,
                cells=(
                    count(parts.question, key, row, Side.WHOLE),
                    count(parts.question, key, row, Side.REST),
                    f"{numbers.plain(bad / whole * 100, 1)}{numbers.NARROW}%" if whole else numbers.DASH,
                    numbers.signed(excess(row, key, centre, parts), 1) if told else numbers.DASH,
                    _more(found, now),
                ),
                colour=colour_of(found),
                hint=numbers.parts(bad, rated),
            )
        )
    lines += [
        Bar(names[one].in_(now), _NOT_RECORDED.in_(now), None, (numbers.DASH,) * 5)
        for one, told in recorded.items()
        if not told
    ]
    heads = capital_heads(now, _CLASS, _RATE, _RATED, _UNHAPPY, _OF_ALL, _EXCESS, VERDICT)
    low = next((row for row in rows if verdict(row, key, centre, parts) is Verdict.BELOW_3), None)
    title = (_NOBODY if math.isnan(centre) else _EVEN).in_(now)
    if low is not None:
        title = _CONTRIBUTES.in_(now).format(
            name=names[int(low[SHORTFALL])].in_(now),
            rate=per_cent(missed(low, key) / float(low[f"{key}_denominator"])),
            n=numbers.plain(excess(low, key, centre, parts)),
        )
    sub = _SHORTFALL_SUB.in_(now).format(centre=per_cent(1 - centre))
    return tag("section", heading(title, sub), bars(heads, lines), class_="q-card")


def _more(found: Verdict, now: Language) -> str:
    """The verdict on satisfaction said of dissatisfaction: what is low there is high here."""
    turned = {Verdict.BELOW_3: Verdict.ABOVE_3, Verdict.ABOVE_3: Verdict.BELOW_3}
    return verdict_text(turned.get(found, found), now)

"""What changed between two bulletins, in sentences: first why, then every cell."""

from __future__ import annotations

import json
import math

from dashboards import numbers
from dashboards.cards.measures import measure_name
from dashboards.cards.regions import GROUPS
from queries.bulletin_changes import Cell, Change, Changes, Section
from queries.metrics import metric as metric_of
from queries.policies import INDEX_KEY
from queries.vocabulary import Language, Text

_NONE = Text("两份简报的数据相同。", "Both bulletins say the same.")
_AS_OF = Text("截至日不同：{before} → {after}。", "The as-of date differs: {before} → {after}.")
_VERSION = Text("仓库版本不同：{before} → {after}。", "The warehouse version differs: {before} → {after}.")
_HELD = Text(
    "数据后到或有更正：截至日前的{name} {before} → {after}（{change}）。",
    "Data arrived late or were corrected: {name} up to the as-of date {before} → {after} ({change}).",
)
_MENDED = Text(
    "截至日前的总件数相同：已有的件被更正。",
    "As many items up to the as-of date: items that stood already were corrected.",
)
_POLICY = Text("政策不同：{key} {before} → {after}。", "The policy differs: {key} {before} → {after}.")
_RELEASE = Text(
    "版本、截至日和政策都相同：两份由不同版本的程序生成。",
    "Version, as-of date and policy are the same: different releases of the suite made the two.",
)
_CELL = Text(
    "{section} · {metric} · {column}：{before} → {after}", "{section}, {metric}, {column}: {before} → {after}"
)
_MEMBER = Text(
    "{section} · {metric} · {member} · {column}：{before} → {after}",
    "{section}, {metric}, {member}, {column}: {before} → {after}",
)
_SECTIONS = {
    Section.CITY: Text("全市", "City"),
    Section.RANKS: Text("排名", "Ranking"),
    Section.LISTS: Text("红黑榜", "Lists"),
    Section.OVERDUE: Text("未按期清单", "Left undone"),
}
_COLUMNS = {
    "value": Text("数值", "value"),
    "numerator": Text("分子", "numerator"),
    "denominator": Text("分母", "denominator"),
    "yoy": Text("同比", "on last year"),
    "mom": Text("环比", "on the period before"),
    "volume": Text("诉求量", "items"),
    "before": Text("上期", "before"),
    "rank": Text("位次", "rank"),
    "rank_before": Text("上期位次", "rank before"),
    "red": Text("红榜", "red list"),
    "black": Text("黑榜", "black list"),
    "late": Text("未完成", "undone"),
}
_NOBODY = Text("无", "none")


def said(found: Changes, language: Language) -> tuple[str, ...]:
    """One sentence for each reason and each cell that differs."""
    if found.none:
        return (_NONE.in_(language),)
    return (*_why(found, language), *(_cell(found, one, language) for one in found.cells))


def _why(found: Changes, language: Language) -> list[str]:
    lines = []
    for text, pair in ((_AS_OF, found.as_of), (_VERSION, found.version)):
        if pair is not None:
            lines.append(text.in_(language).format(before=pair[0], after=pair[1]))
    for key, (before, after) in found.held.items():
        lines.append(
            _HELD.in_(language).format(
                name=metric_of(key).full_name.in_(language),
                before=numbers.plain(before),
                after=numbers.plain(after),
                change=numbers.signed(after - before),
            )
        )
    for key, (old, new) in found.policy.items():
        lines.append(
            _POLICY.in_(language).format(key=key, before=old or numbers.DASH, after=new or numbers.DASH)
        )
    if found.version and not (found.held or found.as_of) and found.cells and not found.policy:
        lines.append(_MENDED.in_(language))
    return lines or [_RELEASE.in_(language)]


def _cell(found: Changes, one: Change, language: Language) -> str:
    text = _MEMBER if one.member else _CELL
    member = GROUPS.get(one.member) if one.section is Section.LISTS else found.names.get(one.member)
    return text.in_(language).format(
        section=_SECTIONS[one.section].in_(language),
        metric=measure_name(one.metric).in_(language),
        member=one.member if member is None else member.in_(language),
        column=_COLUMNS[one.column].in_(language),
        before=_written(found, one, one.before, language),
        after=_written(found, one, one.after, language),
    )


def _written(found: Changes, one: Change, value: Cell, language: Language) -> str:
    if isinstance(value, str):
        named = [found.names[name].in_(language) for name in value.split("、") if name]
        return ("、" if language == "zh" else ", ").join(named) or _NOBODY.in_(language)
    known = math.nan if value is None else value
    if one.column in {"value", "before"}:
        if one.metric == INDEX_KEY:
            return numbers.plain(known, 1)
        return numbers.value_text(metric_of(one.metric), known, language, unit=False)
    if one.column in {"yoy", "mom"}:
        return numbers.change_text(metric_of(one.metric), known, language)
    return numbers.plain(known)


def as_json(found: Changes) -> str:
    """The same as one JSON object."""
    told = {
        "alike": found.none,
        "as_of": found.as_of,
        "version": found.version,
        "held": found.held,
        "policy": found.policy,
        "cells": [vars(one) for one in found.cells],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)

"""The definition of a metric as a reader sees it: formula, clock, population, exclusions, variant, rounding, source."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.figures.markup import Markup, tag
from queries.metric import Metric, Source
from queries.vocabulary import Direction, Language, Rounding, Text

SOURCES = {
    Source.LAW: Text("法律法规", "Law or published rule"),
    Source.PRACTICE: Text("公开实践", "Published practice"),
    Source.OWN: Text("自定义口径", "Our own definition"),
}
_DIRECTIONS = {
    Direction.UP: Text("越高越好", "higher is better"),
    Direction.DOWN: Text("越低越好", "lower is better"),
    Direction.NEITHER: Text("无好坏方向", "neither way is better"),
}
_ROUNDINGS = {
    Rounding.HALF_UP: Text("四舍五入，保留 {n} 位小数", "half up, {n} decimals"),
    Rounding.TRUNCATE: Text("截尾，保留 {n} 位小数", "cut after {n} decimals"),
}
_MIN_N = Text("分母少于 {n} 时不出数（样本不足）", "no figure below a denominator of {n} (too few)")
_ANY_N = Text("分母为 0 时不出数（无应办件）", "no figure when nothing is due")
_MATURES = Text("队列满 {n} 天后成熟", "a cohort matures after {n} days")
LABELS = {
    "formula": Text("公式", "Formula"),
    "clock": Text("时间口径", "Clock"),
    "population": Text("统计范围", "Population"),
    "direction": Text("方向", "Direction"),
    "unit": Text("单位与修约", "Unit and rounding"),
    "least": Text("最小分母", "Least denominator"),
    "source": Text("出处", "Source"),
    "why": Text("为何看它", "Why it matters"),
    "notes": Text("说明", "Notes"),
    "reads": Text("取数于", "Answered by"),
}


def definition(metric: Metric, language: Language, *, reads: str = "", sql: Sequence[str] = ()) -> Markup:
    """One metric's entry; `reads` names the tables that answer it, `sql` the statements as sent."""
    name = tag("h3", metric.full_name.in_(language), " ", tag("code", metric.key))
    unit = _ROUNDINGS[metric.rounding].in_(language).format(n=metric.decimals)
    least = _MIN_N.in_(language).format(n=metric.min_n) if metric.min_n > 1 else _ANY_N.in_(language)
    rows = {
        "formula": metric.formula_text.in_(language),
        "clock": metric.clock.in_(language),
        "population": metric.population.in_(language),
        "direction": _DIRECTIONS[metric.direction].in_(language),
        "unit": f"{metric.unit.in_(language)} · {unit}",
        "least": least,
        "source": f"{SOURCES[metric.source].in_(language)} · {metric.reference}",
        "why": metric.why.in_(language),
        "notes": " ".join(note.in_(language) for note in metric.notes)
        + (f" {_MATURES.in_(language).format(n=metric.matures_after_days)}" if metric.matures_after_days else ""),
        "reads": reads,
    }
    entries = [
        child
        for key, value in rows.items()
        if value.strip()
        for child in (tag("dt", LABELS[key].in_(language)), tag("dd", value.strip()))
    ]
    statements = [tag("pre", text) for text in sql]
    return tag("article", name, tag("dl", *entries), *statements, class_="q-define")


def definition_list(metrics: Sequence[Metric], language: Language) -> Markup:
    """Several entries below each other, without SQL."""
    return tag("div", *(definition(metric, language) for metric in metrics))

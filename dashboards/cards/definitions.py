"""The definition of a metric as a reader sees it, and what the index is made of."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.cards.index_card import goalposts
from dashboards.figures.markup import Markup, tag
from queries.dimensions import dimension
from queries.insights.index import IndexPolicy
from queries.insights.suppression import PrivacyPolicy
from queries.metric import Metric, Source
from queries.roles import CaseRight, Roles
from queries.vocabulary import Direction, Language, Measurement, Rounding, Text

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


SUBJECTS = {
    "volume": Text("诉求总量", "Volume"),
    "repeat": Text("重复信访", "Repeat visits"),
    "timeliness": Text("办理时效", "Timeliness"),
    "resolution": Text("化解与积案", "Resolution and backlog"),
    "responsiveness": Text("民声呼应", "Responsiveness"),
    "major_issues": Text("重大问题清单", "Major issues"),
}
_POLICY = Text(
    "指数的构成（政策版本 {version}，{day} 起施行）",
    "What the index is made of (policy {version}, in force from {day})",
)
_POLICY_NOTE = Text(
    "自定义口径：官方指数公式未公开，公开的只有六个目标。"
    "标尺固定，左端 0 分、右端 100 分；缺项时权重重新分配。",
    "Our own definition: no official formula is public, only its six aims. Goalposts are fixed: 0 at the "
    "left, 100 at the right; the weight of a missing indicator is spread over the others.",
)
_POLICY_HEAD = (
    Text("目标", "Aim"),
    Text("指标", "Indicator"),
    Text("取数指标", "Metric"),
    Text("标尺（0 → 100）", "Goalposts (0 → 100)"),
    Text("权重", "Weight"),
)

_PRIVACY = Text("小数保护（自定义口径）", "How small numbers are hidden (our own definition)")
_PRIVACY_ROWS = (
    (
        Text("对谁", "For whom"),
        Text(
            "{every}看到全部准确数。{own}在本区县内看到全部准确数，在其他区县与{none}相同。{none}按下列规则。",
            "{every}: every number as it is. {own}: every number of the own district as it is, elsewhere as"
            " {none}. {none}: by the rules below.",
        ),
    ),
    (
        Text("准确数", "Exact"),
        Text(
            "只按{published}划分的数，对各角色都是准确数，与简报一致。",
            "Numbers cut by {published} alone are exact for every role, as in the bulletins.",
        ),
    ),
    (
        Text("细分数", "Fine counts"),
        Text(
            "再按类别、渠道、镇街、单位、承办人等划分或筛选的件数：少于 {k} 件（含 0 件）不显示，"
            "其余随机取整到 {base} 的倍数；同一格无论何时、怎样查询，数都相同。",
            "Counts cut or filtered further, by category, channel, street, unit and the like: below {k} (0"
            " included) they are not shown, others are rounded at random to multiples of {base}; one cell has"
            " the same number whenever and however it is asked for.",
        ),
    ),
    (
        Text("率", "Rates"),
        Text(
            "由细分数算出的率，分母不少于 {whole} 件、分子以外不少于 {k} 件时才给出。",
            "Made of fine counts they are given where they divide by {whole} items or more and {k} or more"
            " are left over.",
        ),
    ),
    (
        Text("不给出", "Not given"),
        Text(
            "细分数的合计与差、位次、控制图信号、显著性判断，以及中位数、人数、再访曲线和办件清单。",
            "Sums and differences of fine counts, ranks, signals and judgements of chance; medians, numbers"
            " of people, return curves and lists of items.",
        ),
    ),
)


def searched(metric: Metric) -> str:
    """Everything of a metric that a search looks through, in lower case."""
    texts = (metric.full_name, metric.formula_text, metric.population, metric.clock, SOURCES[metric.source])
    words = [word for text in texts for word in (text.zh, text.en)]
    return " ".join([metric.key, metric.reference, *words]).casefold()


def policy_table(policy: IndexPolicy, language: Language) -> Markup:
    """The aims and indicators of an index policy with goalposts and weights."""
    rows = [
        tag(
            "tr",
            tag("td", aim.name.in_(language)),
            tag("td", one.name.in_(language)),
            tag("td", tag("code", one.metric)),
            tag("td", f"{floor} → {target}", class_="q-num"),
            tag("td", f"{one.weight:g} × {aim.weight:g}", class_="q-num"),
        )
        for aim in policy.aims
        for one in aim.indicators
        for floor, target in [goalposts(one, language)]
    ]
    head = tag(
        "tr",
        *(
            tag("th", text.in_(language), class_="q-num" if place > 2 else "q-name")
            for place, text in enumerate(_POLICY_HEAD)
        ),
    )
    title = _POLICY.in_(language).format(version=policy.version, day=policy.in_force_from)
    return tag(
        "section",
        tag("h2", title),
        tag("table", tag("thead", head), tag("tbody", *rows), class_="q-ranking"),
        tag("p", _POLICY_NOTE.in_(language), class_="q-note"),
        class_="q-card",
    )


def privacy_rules(policy: PrivacyPolicy, roles: Roles, language: Language) -> Markup:
    """What is told exactly, what is rounded or hidden, and from whom, by the policies in force."""
    comma = "、" if language == "zh" else ", "

    def named(right: CaseRight) -> str:
        return comma.join(one.name.in_(language) for one in roles.by_key.values() if one.cases is right)

    values = {
        "every": named(CaseRight.CITY),
        "own": named(CaseRight.OWN),
        "none": named(CaseRight.NONE),
        "published": comma.join(dimension(key).name.in_(language) for key in sorted(policy.published)),
        "k": " / ".join(map(str, sorted({one.smallest for one in roles.by_key.values()} - {1}))),
        "base": policy.base,
        "whole": policy.least_whole,
    }
    entries = [
        child
        for name, text in _PRIVACY_ROWS
        for child in (tag("dt", name.in_(language)), tag("dd", text.in_(language).format(**values)))
    ]
    body = tag("article", tag("h3", _PRIVACY.in_(language)), tag("dl", *entries), class_="q-define")
    return tag("section", body, class_="q-card")


def definition(metric: Metric, language: Language, *, reads: str = "", sql: Sequence[str] = ()) -> Markup:
    """One metric's entry; `reads` names the tables that answer it, `sql` the statements as sent."""
    name = tag("h3", metric.full_name.in_(language), " ", tag("code", metric.key))
    unit = _ROUNDINGS[metric.rounding].in_(language).format(n=metric.decimals)
    least = _MIN_N.in_(language).format(n=metric.min_n) if metric.min_n > 1 else _ANY_N.in_(language)
    if metric.measurement is Measurement.COUNT:
        least = ""
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
        + (
            f" {_MATURES.in_(language).format(n=metric.matures_after_days)}"
            if metric.matures_after_days
            else ""
        ),
        "reads": reads,
    }
    entries = [
        child
        for key, value in rows.items()
        if value.strip()
        for child in (tag("dt", LABELS[key].in_(language)), tag("dd", value.strip()))
    ]
    shown = tag("details", tag("summary", "SQL"), *(tag("pre", text) for text in sql)) if sql else None
    return tag("article", name, tag("dl", *entries), shown, class_="q-define")


def definition_list(policy: IndexPolicy, metrics: Sequence[Metric], language: Language) -> Markup:
    """What the index is made of, then several entries below each other, without SQL."""
    return tag("div", policy_table(policy, language), *(definition(metric, language) for metric in metrics))

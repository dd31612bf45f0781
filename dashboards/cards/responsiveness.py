"""Responsiveness in words and tables: four kinds of satisfaction, rates, reviews, who stands out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from dashboards import numbers
from dashboards.cards.behind import count, number, token
from dashboards.cards.handling import printed
from dashboards.cards.hushed import instead, is_hushed
from dashboards.cards.overview import TrendCard
from dashboards.cards.regions import short
from dashboards.cards.volume import heading
from dashboards.figures.bars import Bar, bars
from dashboards.figures.expectation import Band, Ring, expectation
from dashboards.figures.markup import Markup, escaped, joined, tag
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Series
from queries.answer import Answer, figure
from queries.drill import Side
from queries.insights.control_chart import FEWEST, Chart, Signal, p_chart
from queries.insights.funnel_limits import Law, Verdict, limits
from queries.metrics import metric as metric_of
from queries.vocabulary import Grain, Language, Period, Text, bucket_start, months_later, rounded

Row = Mapping[Any, Any]

VARIANTS = ("satisfaction", "satisfaction_beijing", "satisfaction_product", "satisfaction_not_dissatisfied")
THREE = ("contact_rate", "resolve_rate", "satisfy_rate")
COMPOSITE, REPLIES = "three_rates_composite", "public_reply_share"
OTHERS = (*THREE, COMPOSITE, "participation", REPLIES)
THREE_REVIEWS = ("public", "expert", "third_party")
REVIEWS = (*THREE_REVIEWS, "self", "comment")
MONTHS = 24  # of the control chart
MEASURES = (*VARIANTS, *OTHERS)
REVIEWED = tuple(f"review_{kind}_{what}" for kind in REVIEWS for what in ("mean", "coverage"))
METRICS = (*MEASURES, *REVIEWED)
# Shares of items: each can be put on a p-chart and into a funnel, which V2 and V3 (weighted) cannot.
RATES = {
    "satisfaction": Text("满意率 V1", "Satisfaction V1"),
    "satisfaction_not_dissatisfied": Text("满意率 V4", "Satisfaction V4"),
    "participation": Text("参评率", "Participation"),
    "resolve_rate": Text("解决率", "Resolve rate"),
    "contact_rate": Text("响应率", "Contact rate"),
}
MISSED = {
    "satisfaction": Text("不满意件", "dissatisfied"),
    "satisfaction_not_dissatisfied": Text("不满意件", "dissatisfied"),
    "participation": Text("超期未评价件", "not rated in time"),
    "resolve_rate": Text("未解决件", "not resolved"),
    "contact_rate": Text("未联系件", "not contacted"),
}
NAMED = 3  # regions that a title names
RATE = Text("分析指标", "Rate analysed")
CUTS = {
    "category1": Text("类别", "Category"),
    "channel": Text("渠道", "Channel"),
    "shortfall": Text("欠缺环节", "Shortfall"),
}
VERDICTS = {
    Verdict.BELOW_3: Text("显著偏低", "low"),
    Verdict.ABOVE_3: Text("显著偏高", "high"),
}
# Each special cause below and above: towards which side the month lies, or the way it moved.
CAUSES = {
    Signal.OUTSIDE: (
        Text("低于下控制限", "below the lower limit"),
        Text("高于上控制限", "above the upper limit"),
    ),
    Signal.SHIFT: (
        Text("处于连续 7 个月及以上低于均值之中", "in a run of 7 or more months below the mean"),
        Text("处于连续 7 个月及以上高于均值之中", "in a run of 7 or more months above the mean"),
    ),
    Signal.TREND: (
        Text("处于连续 6 次及以上下降之中", "in a run of 6 or more falls"),
        Text("处于连续 6 次及以上上升之中", "in a run of 6 or more rises"),
    ),
    Signal.NEAR_LIMIT: (
        Text("3 个月中 2 个月接近下限", "2 of 3 months near the lower limit"),
        Text("3 个月中 2 个月接近上限", "2 of 3 months near the upper limit"),
    ),
}

_NAMED = Text("{name}：{what}", "{name}: {what}")
_VARIANTS = Text(
    "同一时段四种口径的满意率从 {low}（{low_is}）到 {high}（{high_is}）",
    "The same period is {low} ({low_is}) to {high} ({high_is}) satisfied, by definition",
)
_VARIANTS_NONE = Text("本期评价不足，不出满意率", "Too few ratings for a satisfaction rate")
_VARIANTS_SUB = Text(
    "四种口径并列，不可混比；V2、V3 的分子为按公式折算的件数",
    "Four definitions side by side, never to be mixed; numerators of V2 and V3 are weighted by the formula",
)
_PART, WHOLE = Text("分子", "Numerator"), Text("分母", "Denominator")
_ON_LAST_YEAR = Text("较上年", "On last year")
_VARIANT, _VALUE = Text("口径", "Definition"), Text("满意率", "Satisfaction")
_MEASURE, _NOW = Text("指标", "Measure"), Text("本期", "Now")
_THREE = Text(
    "三率综合 {composite}，三率中最低的是{name} {rate}",
    "Composite {composite}; lowest of the three: {name} {rate}",
)
_THREE_NONE = Text("本期回访不足，不出三率", "Too few call-backs for the three rates")
_THREE_SUB = Text(
    "三率以有效回访件为分母；综合 = 0.1 响应 + 0.4 满意 + 0.5 解决，其分子为得分之和",
    "The three are of valid call-backs; composite = 0.1 contact + 0.4 satisfaction + 0.5 resolve,"
    " its numerator a sum of points",
)
_REVIEWS = Text(
    "三评平均分：群众 {public}，专家 {expert}，第三方 {third_party}",
    "Mean scores: public {public}, experts {expert}, third party {third_party}",
)
_REVIEWS_SUB = Text(
    "群众评议、专家评审、第三方评估为三评，自评、点评另列；覆盖率 = 期内评审件 ÷ 期内办结件",
    "Three outside reviews, then self-assessment and comment; coverage = items reviewed ÷ items closed",
)
_NOT_NARROWED = Text(
    "评审只按区县统计，此处未按所选渠道、类别等筛选",
    "Reviews are counted by district alone: the filters by channel, category and the like do not apply here",
)
_REVIEW, _MEAN = Text("评审", "Review"), Text("平均分", "Mean score")
_REVIEWED, _COVERAGE = Text("评审件", "Reviewed"), Text("覆盖率", "Coverage")
_STEADY = Text(
    "{month} {name} {rate}，在控制限 {low}–{high} 之内",
    "{month}: {name} {rate}, inside the limits {low} to {high}",
)
_SIGNAL = Text("{month} {name} {rate}：{causes}", "{month}: {name} {rate}, {causes}")
_SHORT = Text("{name}：不足 {n} 个月，不判断信号", "{name}: fewer than {n} months, no signal is called")
_NO_MONTH = Text("{name}：没有可计算的月份", "{name}: no month can be computed")
_CHART_SUB = Text(
    "按月，只列整月；浅带为 p 控制图三倍标准差界限，点线为合并均值 {centre}，圆圈为信号；纵轴不从 0 起",
    "By whole month; pale band: p-chart limits at three standard deviations; dotted: pooled mean {centre};"
    " rings: signals; the axis does not start at 0",
)
_READ = Text("{month}：{rate}（{parts}）", "{month}: {rate} ({parts})")
_LIMITS = Text("控制限 {low}–{high}", "limits {low} to {high}")
_BAND, _RING = Text("均值", "mean"), Text("信号", "signal")
_REGIONS_LOW = Text("{names}{rate} 显著偏低", "{names}: {rate} stands out low")
_REGIONS_MANY = Text(
    "{names}等 {n} 个区域{rate} 显著偏低", "{names} and others ({n} in all): {rate} stands out low"
)
_REGIONS_PLAIN = Text("没有{rate} 显著偏低的区域", "{rate}: no region stands out low")
_REGIONS_SUB = Text(
    "低者在前；显著 = 超出以合计 {centre} 为中心的漏斗图三倍标准差界限；点击区县可进入",
    "Lowest first; standing out: beyond the funnel's limits at three standard deviations around {centre};"
    " click a district to enter it",
)
_STREETS_SUB = Text(
    "区县内各镇街，低者在前；显著 = 超出以合计 {centre} 为中心的漏斗图三倍标准差界限",
    "Streets and towns, lowest first; standing out: beyond the funnel's limits around {centre}",
)
_REGION, _GAP, VERDICT = Text("区域", "Region"), Text("与合计差", "Against total"), Text("判断", "Signal")
_NOTES = {
    Text("控制图（p 图）", "Control chart (p-chart)"): Text(
        "中心线为各月合并比率，界限为二项分布三倍标准差，随分母变化；信号规则：超出界限，连续 7 点同侧，"
        "连续 6 次同向，3 点中 2 点接近界限；不足 8 个月不判断。",
        "Centre: pooled share of all months; limits: three binomial standard deviations, by each month's"
        " denominator. Signals: a point outside, 7 on one side, 6 moves one way, 2 of 3 near a limit; none"
        " below 8 months.",
    ),
    Text("显著高于、低于（漏斗）", "Standing out (funnel)"): Text(
        "与所选范围合计比率比较，超出精确二项分布的三倍标准差界限；界限之内的差异不作评价。",
        "Beyond the exact binomial limits at three standard deviations around the rate of the whole choice; a"
        " difference within them is not judged.",
    ),
    Text("不满意集中在哪一环（自定义口径）", "What went wrong (our own definition)"): Text(
        "每件已评价件归入按先后第一个符合的环节：未联系群众；未解决；答复晚于期限，或过期评价时仍无答复；"
        "不予支持；以上皆无。未记录的不算。",
        "Every item rated belongs to the first that applies: the citizen was not contacted; not resolved; the"
        " reply came after its deadline, or was missing when the item was rated after it; not supported; none"
        " of these. What is not on record does not count.",
    ),
}


def whole_months(first: date, as_of: date) -> Period:
    """The last whole months up to `as_of`, at most MONTHS and none before the data begins on `first`."""
    after = bucket_start(as_of + timedelta(days=1), Grain.MONTH)
    earliest = months_later(bucket_start(first - timedelta(days=1), Grain.MONTH), 1)
    start = max(months_later(after, -MONTHS), earliest)
    # with less than a month of data there is none: the month that is under way stands for it
    return Period(start, after - timedelta(days=1)) if start < after else Period(as_of, as_of)


def verdict(row: Row, key: str, centre: float, answer: Answer) -> Verdict:
    """Where a row's share stands in the funnel around `centre`; inside where it has none, or is not exact."""
    if math.isnan(float(row[key])) or math.isnan(centre) or is_hushed(answer):
        return Verdict.INSIDE
    return limits(centre, float(row[f"{key}_denominator"]), Law.BINOMIAL).verdict(float(row[key]))


def excess(row: Row, key: str, centre: float, answer: Answer) -> float:
    """Items missed beyond the overall rate `centre`: missed − denominator × (1 − centre); NaN if stepped."""
    if is_hushed(answer):
        return math.nan
    return centre * float(row[f"{key}_denominator"]) - float(row[f"{key}_numerator"])


def missed(row: Row, key: str) -> float:
    """Items of the denominator that are not in the numerator."""
    return float(row[f"{key}_denominator"]) - float(row[f"{key}_numerator"])


def variants_card(total: Answer, now: Language) -> Markup:
    """The four definitions of satisfaction side by side, each with what it counts."""
    row = total.frame.to_dict("records")[0]
    known = [key for key in VARIANTS if not math.isnan(float(row[key]))]
    title = (instead(total, known) or _VARIANTS_NONE).in_(now)
    if len(known) == len(VARIANTS) or (known and not is_hushed(total)):
        low, high = (pick(known, key=lambda key: float(row[key])) for pick in (min, max))
        title = _VARIANTS.in_(now).format(
            low=printed(low, row, total, now),
            low_is=_variant(low, now),
            high=printed(high, row, total, now),
            high_is=_variant(high, now),
        )
    lines = [_line(key, _variant(key, now), total, now) for key in VARIANTS]
    counts = [
        tag(
            "p",
            _said(_NAMED, now, name=_variant(key, now), what=metric_of(key).formula_text.in_(now)),
            class_="q-note",
        )
        for key in VARIANTS
    ]
    table = bars(capital_heads(now, _VARIANT, _VALUE, _PART, WHOLE, _ON_LAST_YEAR), lines)
    return tag("section", heading(title, _VARIANTS_SUB.in_(now)), table, *counts, class_="q-card")


def rates_card(total: Answer, now: Language) -> Markup:
    """The three rates and their composite, participation and public replies."""
    row = total.frame.to_dict("records")[0]
    known = [key for key in THREE if not math.isnan(float(row[key]))]
    title = (instead(total, known) or _THREE_NONE).in_(now)
    if len(known) == len(THREE) or (known and not is_hushed(total)):
        lowest = min(known, key=lambda key: float(row[key]))
        title = _THREE.in_(now).format(
            composite=printed(COMPOSITE, row, total, now),
            name=metric_of(lowest).name.in_(now),
            rate=printed(lowest, row, total, now),
        )
    lines = [_line(key, metric_of(key).name.in_(now), total, now) for key in OTHERS]
    table = bars(capital_heads(now, _MEASURE, _NOW, _PART, WHOLE, _ON_LAST_YEAR), lines)
    return tag("section", heading(title, _THREE_SUB.in_(now)), table, class_="q-card")


def reviews_card(total: Answer, now: Language, *, is_wider: bool) -> Markup:
    """What the reviews gave: mean score, items and coverage of each kind.

    `is_wider` says that the page is filtered by what reviews do not know.
    """
    row = total.frame.to_dict("records")[0]
    lines = []
    for kind in REVIEWS:
        mean, coverage = f"review_{kind}_mean", f"review_{kind}_coverage"
        lines.append(
            Bar(
                name=metric_of(mean).name.in_(now),
                value=printed(mean, row, total, now),
                share=share_of(mean, row),
                cells=(
                    count(total.question, mean, row, Side.WHOLE),
                    printed(coverage, row, total, now),
                    numbers.change_text(metric_of(mean), float(row[f"{mean}_yoy"]), now),
                ),
                hint=f"{parts_of(mean, row)} · {parts_of(coverage, row)}",
            )
        )
    scores = {kind: printed(f"review_{kind}_mean", row, total, now) for kind in THREE_REVIEWS}
    table = bars(capital_heads(now, _REVIEW, _MEAN, _REVIEWED, _COVERAGE, _ON_LAST_YEAR), lines)
    title = _REVIEWS.in_(now).format(**scores)
    wider = tag("p", _NOT_NARROWED.in_(now)) if is_wider else None
    return tag("section", heading(title, _REVIEWS_SUB.in_(now)), wider, table, class_="q-card")


def control_chart(monthly: Answer, key: str) -> Chart:
    """The p-chart of the months of `monthly`; a month with too few items is on no chart."""
    rows = monthly.frame.to_dict("records")
    shown = [not math.isnan(float(row[key])) for row in rows]
    part, whole = (
        [float(row[f"{key}_{side}"]) if there else 0.0 for row, there in zip(rows, shown, strict=True)]
        for side in ("numerator", "denominator")
    )
    return p_chart(part, whole)


def time_card(monthly: Answer, chart: Chart, key: str, now: Language, theme: Theme) -> TrendCard:
    """The rate `key` by month inside its control limits, signals ringed."""
    rows = monthly.frame.to_dict("records")
    days = tuple(row["bucket"] for row in rows)
    # stepped counts have no control limits
    on = [at for at, value in enumerate(chart.values) if not math.isnan(value) and not is_hushed(monthly)]
    read = tuple(
        _escaped(
            _READ,
            now,
            month=f"{row['bucket']:%Y-%m}",
            rate=printed(key, row, monthly, now),
            parts=parts_of(key, row),
        )
        for row in rows
    )
    line = Series(
        RATES[key].in_(now),
        days,
        tuple(None if math.isnan(value) else value for value in chart.values),
        read,
        tuple(token(monthly.question, key, row, Side.REST) for row in rows),
    )
    band = Band(
        _BAND.in_(now),
        tuple(days[at] for at in on),
        (chart.centre,) * len(on),
        tuple(chart.lower[at] for at in on),
        tuple(chart.upper[at] for at in on),
        tuple(
            _escaped(_LIMITS, now, low=per_cent(chart.lower[at]), high=per_cent(chart.upper[at])) for at in on
        ),
    )
    rings = [
        Ring(days[at], chart.values[at], str(escaped(causes(chart, at, now))))
        for at in on
        if chart.signals[at]
    ]
    drawn = expectation(
        line, None, band if on else None, None, rings, theme, signal=_RING.in_(now), height=330
    )
    # all months lie in a few points of per cent: from 0 the line would be flat
    drawn["layout"]["yaxis"] |= {"rangemode": "normal", "tickformat": ".1%"}
    drawn["layout"]["margin"]["r"] = 92  # the name of the rate stands there
    sub = _CHART_SUB.in_(now).format(centre=per_cent(chart.centre if on else math.nan))
    return TrendCard(heading(_standing(monthly, chart, key, now), sub), drawn)


def regions_card(
    parts: Answer, total: Answer, key: str, names: Mapping[int, Text], codes: Mapping[int, str], now: Language
) -> Markup:
    """The regions that `parts` is split by, the lowest in `key` first; `codes` make a row a link."""
    split, centre = parts.question.split[0], total.one(key)
    rows = [row for row in parts.frame.to_dict("records") if int(row[split]) in names]
    rows.sort(key=lambda row: (math.isnan(float(row[key])), float(row[key])))
    further = [one for one in ("participation", COMPOSITE, REPLIES) if one != key]
    lines = [
        Bar(
            name=short(names[int(row[split])].in_(now), now),
            value=number(printed(key, row, parts, now), parts.question, key, row, Side.REST),
            share=share_of(key, row),
            cells=(
                count(parts.question, key, row, Side.WHOLE),
                numbers.change_text(metric_of(key), float(row[key]) - centre, now),
                *(printed(one, row, parts, now) for one in further),
                verdict_text(verdict(row, key, centre, parts), now),
            ),
            colour=colour_of(verdict(row, key, centre, parts)),
            choose=codes.get(int(row[split]), ""),
            hint=parts_of(key, row),
        )
        for row in rows
    ]
    low = [
        short(names[int(row[split])].in_(now), now)
        for row in rows
        if verdict(row, key, centre, parts) is Verdict.BELOW_3
    ]
    text = _REGIONS_PLAIN if not low else _REGIONS_LOW if len(low) <= NAMED else _REGIONS_MANY
    text = instead(parts, rows) or text
    listed = ("、" if now == "zh" else ", ").join(low[:NAMED])
    title = text.in_(now).format(names=listed, n=len(low), rate=RATES[key].in_(now))
    heads = (_REGION, RATES[key], WHOLE, _GAP, *(metric_of(one).name for one in further), VERDICT)
    sub = (_REGIONS_SUB if codes else _STREETS_SUB).in_(now).format(centre=per_cent(centre))
    table = tag("div", bars(capital_heads(now, *heads), lines), class_="q-scroll")
    return tag("section", heading(title, sub), table, class_="q-card")


def notes(now: Language) -> Markup:
    """What the control chart and the funnel mean, for the definitions."""
    return joined(
        *(
            tag("article", tag("h3", name.in_(now)), tag("p", what.in_(now)), class_="q-define")
            for name, what in _NOTES.items()
        )
    )


def causes(chart: Chart, at: int, now: Language) -> str:
    """The special causes of month `at` in words; empty where there is none."""
    value = chart.values[at]
    said = []
    for cause in CAUSES:
        if cause in chart.signals[at]:
            against = chart.values[at - 1] if cause is Signal.TREND else chart.centre
            said.append(CAUSES[cause][value > against].in_(now))
    return ("；" if now == "zh" else "; ").join(said)


def _standing(monthly: Answer, chart: Chart, key: str, now: Language) -> str:
    rows = monthly.frame.to_dict("records")
    known = [at for at, value in enumerate(chart.values) if not math.isnan(value)]
    name = RATES[key].in_(now)
    unjudged = instead(monthly, known)
    if unjudged is not None:
        return unjudged.in_(now)
    if not known:
        return _NO_MONTH.in_(now).format(name=name)
    if len(known) < FEWEST:
        return _SHORT.in_(now).format(name=name, n=FEWEST)
    last = known[-1]
    return (
        (_SIGNAL if chart.signals[last] else _STEADY)
        .in_(now)
        .format(
            month=f"{rows[last]['bucket']:%Y-%m}",
            name=name,
            rate=printed(key, rows[last], monthly, now),
            low=per_cent(chart.lower[last]),
            high=per_cent(chart.upper[last]),
            causes=causes(chart, last, now),
        )
    )


def _line(key: str, name: str, total: Answer, now: Language) -> Bar:
    row, question = total.frame.to_dict("records")[0], total.question
    part, whole = numbers.parts(float(row[f"{key}_numerator"]), math.nan), float(row[f"{key}_denominator"])
    change = numbers.change_text(metric_of(key), float(row[f"{key}_yoy"]), now)
    return Bar(
        name=name,
        value=printed(key, row, total, now),
        share=share_of(key, row),
        cells=(
            number(part, question, key, row),
            number(numbers.plain(whole), question, key, row, Side.WHOLE),
            change,
        ),
        hint=_said(_NAMED, now, name=parts_of(key, row), what=metric_of(key).formula_text.in_(now)),
    )


def share_of(key: str, row: Row) -> float | None:
    """The bar: a share as it is, points of 100; None where there is no figure."""
    shown = figure(metric_of(key), row)
    return None if shown is None else float(shown) / 100


def parts_of(key: str, row: Row) -> str:
    """Numerator and denominator as read by the pointer."""
    return numbers.parts(float(row[f"{key}_numerator"]), float(row[f"{key}_denominator"]))


def _variant(key: str, now: Language) -> str:
    variant = metric_of(key).variant
    return variant.in_(now) if variant is not None else metric_of(key).name.in_(now)


def verdict_text(found: Verdict, now: Language) -> str:
    """A verdict in words; a dash inside the limits."""
    return VERDICTS[found].in_(now) if found in VERDICTS else numbers.DASH


def colour_of(found: Verdict) -> str:
    """The token of the bar's colour."""
    return "red" if found is Verdict.BELOW_3 else "primary"


def per_cent(value: float) -> str:
    """A share in per cent at two places."""
    return numbers.DASH if math.isnan(value) else f"{rounded(value * 100, 2)}{numbers.NARROW}%"


def _said(text: Text, now: Language, **values: str) -> str:
    return text.in_(now).format(**values)


def _escaped(text: Text, now: Language, **values: str) -> str:
    return str(escaped(_said(text, now, **values)))


def capital_heads(now: Language, *texts: Text) -> list[str]:
    """The words above the columns."""
    words = (text.in_(now) for text in texts)
    return [word[:1].upper() + word[1:] for word in words]

"""Who sends people back: return rates of categories, regions and units against what their mix lets expect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboards import numbers
from dashboards.cards.behind import narrowing, opening, token
from dashboards.cards.hushed import hushed, is_hushed
from dashboards.cards.repeats import RATES, WINDOWS, YEAR, share
from dashboards.cards.volume import heading
from dashboards.exports.workbook import Sheet
from dashboards.figures.bars import Bar, bars
from dashboards.figures.funnel import Dot, FunnelWords, funnel
from dashboards.figures.markup import Markup, escaped, tag
from dashboards.figures.theme import Theme
from queries.answer import Answer
from queries.drill import Side
from queries.insights.funnel_limits import Law, Verdict, curve, dispersion, limits
from queries.insights.standardisation import standardised
from queries.metrics import metric as metric_of
from queries.question import Filter, Question
from queries.vocabulary import Language, Period, Text

STRATUM = "category1"
NARROWED = (STRATUM, "district")  # members a click narrows the page to
REGION = "region"
CUT = Text("再访来源", "Sent back by")
CUTS = {
    STRATUM: Text("类别", "Category"),
    REGION: Text("区域", "Region"),
    "unit": Text("单位", "Unit"),
}
SHOWN = 14
NAMED = 3  # names in the funnel
_WORSE = Text(
    "{n} 个再访显著多于应有，最多的是{name}：{back} 件，应有 {due} 件",
    "{n} send back more than expected, most of all {name}: {back} returns, {due} expected",
)
_INSIDE = Text("各{cut}再访的差异在随机波动之内", "Returns differ within chance by {cut}")
_NONE = Text("没有可比较的再访", "No returns can be compared")
_MIX = Text(
    "应有数按所选范围各类别的再访率与自身类别构成计算（间接标准化）",
    "Expected at the place's rates for each one's own mix of categories (indirect standardisation)",
)
_CRUDE = Text("应有数按所选范围总再访率计算", "Expected at the place's overall return rate")
_SUB = Text(
    "{days}再访率，{period} 办结的初次件（均已成熟）；{how}。按超出应有的件数排列，显示 {shown} / {all}",
    "Return rate within {days}, first-time items closed {period} (all mature). {how}. By returns above those "
    "expected, {shown} of {all} shown",
)
_FUNNEL = Text(
    "离散度 {spread}（1 为纯随机）；{out} 个超出三倍标准差界限",
    "Dispersion {spread} (1: chance alone); {out} beyond three standard deviations",
)
_FUNNEL_SUB = Text(
    "调整后再访率对办结件数，界限为精确二项分布 2σ、3σ；菱形为显著偏高，实心圆为显著偏低",
    "Adjusted return rate by items closed, exact binomial limits at 2σ and 3σ; diamonds stand out high,"
    " filled circles low",
)
_HEADS = (
    Text("调整后再访率", "Adjusted rate"),
    Text("办结", "Closed"),
    Text("再访", "Returned"),
    Text("应有", "Expected"),
    Text("实际÷应有", "Ratio"),
    Text("判断", "Verdict"),
)
_VERDICTS = {
    Verdict.ABOVE_3: Text("▲ 显著偏高", "▲ High"),
    Verdict.BELOW_3: Text("▼ 显著偏低", "▼ Low"),
}
_ORDINARY = Text("波动之内", "Within chance")
_TOO_FEW = Text("样本不足", "Too few")
_SIZE, _ALL = Text("办结初次件", "First-time items closed"), Text("总体", "All")
SHEET = Text("再访来源", "Sent back by")


@dataclass(frozen=True)
class Sender:
    """One category, region or unit: `back` of `closed` items returned, `due` were to be expected.

    `rate` is the adjusted return rate (observed ÷ expected × pooled), NaN without expectation; `verdict` is
    None where too few were closed to judge. `closed_items` and `back_items` open the items behind the counts,
    `narrow` is what a click narrows the page to.
    """

    name: Text
    closed: float
    back: float
    due: float
    rate: float
    verdict: Verdict | None
    closed_items: str = ""
    back_items: str = ""
    narrow: str = ""


@dataclass(frozen=True)
class Senders:
    """All of them, most returns above expectation first, with the pooled rate and its dispersion.

    None of them where counts are hidden or stepped (`is_told` is False): they add up to no rate.
    """

    cut: str
    window: str
    period: Period
    every: tuple[Sender, ...]
    pooled: float
    spread: float
    is_told: bool = True


def mature_question(as_of: date, window: str, cut: str, here: tuple[Filter, ...]) -> Question:
    """The return rate of the last 365 days of closings that are mature, split by what `cut` means `here`."""
    mature = as_of - timedelta(days=int(window))
    region = "street" if any(one.dimension == "district" for one in here) else "district"
    split = dict.fromkeys((region if cut == REGION else cut, STRATUM))
    return Question((RATES[window],), Period(mature - YEAR, mature), as_of, tuple(split), filters=here)


def senders(
    answer: Answer, cut: str, window: str, names: Mapping[int, Text], codes: Mapping[int, str]
) -> Senders:
    """The members of an answer split by them (and by category, unless these are the members).

    Members without a name (not stated) count in the pooled rates and are not listed.
    """
    metric, member = metric_of(answer.question.metrics[0]), answer.question.split[0]
    if is_hushed(answer):
        return Senders(cut, window, answer.question.period, (), math.nan, math.nan, is_told=False)
    frame = answer.frame.dropna(subset=[f"{metric.key}_denominator"])
    cells = frame.assign(
        member=frame[member],
        stratum=0 if cut == STRATUM else frame[STRATUM],
        part=frame[f"{metric.key}_numerator"],
        whole=frame[f"{metric.key}_denominator"],
    )
    total = float(cells["whole"].sum())
    pooled = float(cells["part"].sum()) / total if total > 0 else math.nan
    rows = standardised(cells[["member", "stratum", "part", "whole"]])
    every = [
        Sender(
            names[int(one)],
            whole,
            back,
            due,
            rate,
            limits(pooled, whole, Law.BINOMIAL).verdict(rate)
            if whole >= metric.min_n and not math.isnan(rate)
            else None,
            *_behind(replace(answer.question, split=(member,)), metric.key, int(one), back, whole),
            narrowing(member, codes, int(one)) if member in NARROWED else "",
        )
        for one, back, whole, due, rate in rows[["observed", "whole", "expected", "value"]].itertuples()
        if int(one) in names and whole > 0
    ]
    every.sort(key=lambda one: (one.due - one.back, one.name.zh))
    judged = [one for one in every if one.verdict is not None]
    values, sizes = [one.rate for one in judged], [one.closed for one in judged]
    spread = math.nan if math.isnan(pooled) else dispersion(values, sizes, pooled, Law.BINOMIAL)
    return Senders(cut, window, answer.question.period, tuple(every), pooled, spread)


def _behind(question: Question, key: str, member: int, back: float, whole: float) -> tuple[str, str]:
    """What opens all items of a member, and those that came back."""
    row = {question.split[0]: member, f"{key}_numerator": back, f"{key}_denominator": whole}
    return token(question, key, row, Side.WHOLE), token(question, key, row)


def senders_table(found: Senders, now: Language) -> Markup:
    """Title and table, the most returns above expectation first."""
    if not found.is_told:
        return tag("div", heading(SHEET.in_(now), ""), hushed(now))
    shown = found.every[:SHOWN]
    widest = max((one.rate for one in shown if not math.isnan(one.rate)), default=0.0) or 1.0
    table = bars(
        [text.in_(now) for text in (CUTS[found.cut], *_HEADS)], [_bar(one, widest, now) for one in shown]
    )
    below = _SUB.in_(now).format(
        days=WINDOWS[found.window].in_(now),
        period=numbers.period_text(found.period, now),
        how=(_CRUDE if found.cut == STRATUM else _MIX).in_(now),
        shown=len(shown),
        all=numbers.plain(len(found.every)),
    )
    return tag("div", heading(_title(found, now), below), table)


def _title(found: Senders, now: Language) -> str:
    high = [one for one in found.every if one.verdict is Verdict.ABOVE_3]
    if not found.every:
        return _NONE.in_(now)
    if not high:
        return _INSIDE.in_(now).format(cut=CUTS[found.cut].in_(now).lower())
    first = high[0]
    return _WORSE.in_(now).format(
        n=len(high),
        name=first.name.in_(now),
        back=numbers.plain(first.back),
        due=numbers.plain(first.due, 1),
    )


def _bar(one: Sender, widest: float, now: Language) -> Bar:
    return Bar(
        one.name.in_(now),
        share(one.rate),
        None if math.isnan(one.rate) else one.rate / widest,
        (
            opening(numbers.plain(one.closed), one.closed_items),
            opening(numbers.plain(one.back), one.back_items),
            numbers.plain(one.due, 1),
            _ratio(one),
            _verdict(one, now),
        ),
        colour=_tone(one, "unchanged"),
        narrow=one.narrow,
        hint=numbers.parts(one.back, one.closed),
    )


def _ratio(one: Sender) -> str:
    return numbers.plain(one.back / one.due, 2) if one.due > 0 else numbers.DASH


def _tone(one: Sender, otherwise: str) -> str:
    if one.verdict is None or not one.verdict.is_outlier:
        return otherwise
    return "worse" if one.verdict is Verdict.ABOVE_3 else "better"


def _verdict(one: Sender, now: Language) -> str:
    if one.verdict is None:
        return _TOO_FEW.in_(now)
    return _VERDICTS.get(one.verdict, _ORDINARY).in_(now)


def senders_funnel(found: Senders, now: Language, theme: Theme) -> tuple[Markup, Mapping[str, object]] | None:
    """Title and funnel of those that can be judged; None where nobody can be."""
    judged = [one for one in found.every if one.verdict is not None]
    if not judged:
        return None
    outside = [one for one in judged if one.verdict and one.verdict.is_outlier]
    named = {one.name for one in sorted(outside, key=lambda one: -abs(one.back - one.due))[:NAMED]}
    dots = [
        Dot(
            name=str(escaped(one.name.in_(now))),
            size=one.closed,
            value=one.rate,
            tone=_tone(one, "plain"),
            hover="<br>".join(str(escaped(line)) for line in _lines(one, now)),
            named=one.name in named,
            items=one.back_items,
        )
        for one in judged
    ]
    words = FunnelWords(_SIZE.in_(now), _ALL.in_(now), "2σ", "3σ")
    rings = curve(found.pooled, max(dot.size for dot in dots) * 1.05, Law.BINOMIAL)
    drawn = funnel(dots, rings, found.pooled, words, theme, height=330, percent=True)
    title = _FUNNEL.in_(now).format(spread=numbers.plain(found.spread, 1), out=len(outside))
    return heading(title, _FUNNEL_SUB.in_(now)), drawn


def _lines(one: Sender, now: Language) -> Sequence[str]:
    heads = [text.in_(now) for text in _HEADS]
    return (
        one.name.in_(now),
        f"{heads[0]} {share(one.rate)}",
        f"{heads[2]} {numbers.parts(one.back, one.closed)}",
        f"{heads[3]} {numbers.plain(one.due, 1)}",
        _verdict(one, now),
    )


def senders_sheet(found: Senders, now: Language) -> Sheet:
    """All of them for the download."""
    rows = tuple(
        (
            one.name.in_(now),
            one.rate,
            one.closed,
            one.back,
            one.due,
            one.back / one.due if one.due > 0 else None,
            _verdict(one, now),
        )
        for one in found.every
    )
    return Sheet(SHEET.in_(now), tuple(text.in_(now) for text in (CUTS[found.cut], *_HEADS)), rows)

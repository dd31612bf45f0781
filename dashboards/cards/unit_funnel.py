"""The funnel plot of the units of one peer group: rate against size, between the limits of chance."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import numbers
from dashboards.cards.behind import token
from dashboards.cards.hushed import NO_CHART, instead
from dashboards.cards.overview import TrendCard
from dashboards.cards.peers import PEERS, Placed, outside, signal_text
from dashboards.cards.volume import heading
from dashboards.figures.fitting import fitted
from dashboards.figures.funnel import Dot, FunnelWords, funnel
from dashboards.figures.markup import escaped
from dashboards.figures.theme import Theme
from queries.answer import Answer
from queries.drill import Side
from queries.insights.funnel_limits import Law, Verdict, curve
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text, rounded

NAMED = 3  # units below their limits whose names stand in the chart, those with the lowest rate
_TITLE = Text(
    "{group}：{below} 个单位显著低于同类，{above} 个显著高于",
    "{group}: {below} units stand below their peers, {above} above",
)
_NONE = Text("没有可作漏斗图的单位", "No unit has enough items for a funnel plot")
_SUB = Text(
    "{name}与{size}；虚线 2σ，实线 3σ（二项分布精确界限），中线为同类合并 {centre}；点击圆点看未达标件",
    "{name} against {size}; dotted 2σ, solid 3σ (binomial, exact), centre: its peers, {centre}; "
    "click a dot for the items that fell short",
)
_CHOSEN = Text(
    "未选同类组时，画显著偏低单位最多的一组", "Without a peer group chosen: the one with most below"
)
_CENTRE = Text("同类", "Peers")


def unit_funnel(
    every: Sequence[Placed], group: str, answer: Answer, size: Text, now: Language, theme: Theme
) -> TrendCard:
    """The units of peer group `group` (empty: the one with most units below); `size` names what a rate is of.

    `answer` holds the rate first and is split by unit. Only units whose rate is said are drawn; the centre
    is of all units of the group.
    """
    key = answer.question.metrics[0]
    drawn = group or _worst(every)
    shown = [one for one in every if one.group == drawn and one.whole > 0]
    known = [one for one in shown if one.verdict is not None]
    name = metric_of(key).name.in_(now)
    unjudged = instead(answer, shown)
    if unjudged is not None:
        return TrendCard(heading(unjudged.in_(now), name), NO_CHART)
    if not known:
        return TrendCard(heading(_NONE.in_(now), name), NO_CHART)
    centre = sum(one.part for one in shown) / sum(one.whole for one in shown)
    below, above = outside(known)
    called = PEERS[known[0].group].in_(now) if known[0].group in PEERS else known[0].group
    title = _TITLE.in_(now).format(group=called, below=below, above=above)
    sub = _SUB.in_(now).format(
        name=name, size=size.in_(now).lower(), centre=f"{rounded(centre * 100, 2)}{numbers.NARROW}%"
    )
    low = sorted(
        (one for one in known if one.verdict is Verdict.BELOW_3), key=lambda one: one.part / one.whole
    )
    named = {one.id for one in low[:NAMED]}
    dots = [_dot(one, key, answer, named, now) for one in known]
    limits = curve(centre, max(dot.size for dot in dots) * 1.05, Law.BINOMIAL)
    words = FunnelWords(size.in_(now), _CENTRE.in_(now), "2σ", "3σ")
    return TrendCard(
        heading(title, sub if group else f"{sub}{'。' if now == 'zh' else '. '}{_CHOSEN.in_(now)}"),
        funnel(dots, limits, centre, words, theme, percent=True, log=True),
    )


def _worst(every: Sequence[Placed]) -> str:
    """The group with most units below their peers; of equal ones the one with most items."""
    below: dict[str, tuple[int, float]] = {}
    for one in every:
        if one.whole > 0:
            units, items = below.get(one.group, (0, 0.0))
            below[one.group] = units + (one.verdict is Verdict.BELOW_3), items + one.whole
    return max(below, key=lambda group: below[group], default="")


def _dot(one: Placed, key: str, answer: Answer, named: set[int], now: Language) -> Dot:
    tones = {Verdict.BELOW_3: "worse", Verdict.ABOVE_3: "better"}
    rate = f"{rounded(one.part / one.whole * 100, 2)}{numbers.NARROW}%"
    lines = (
        f"{one.name.in_(now)} {rate}",
        numbers.parts(one.part, one.whole),
        signal_text(one, now),
    )
    row = {"unit": one.id, f"{key}_numerator": one.part, f"{key}_denominator": one.whole}
    return Dot(
        name=str(escaped(fitted(one.name.in_(now), 130, 11))),
        size=one.whole,
        value=one.part / one.whole,
        tone=tones.get(one.verdict, "plain") if one.verdict is not None else "plain",
        hover="<br>".join(str(escaped(line)) for line in lines),
        named=one.id in named,
        items=token(answer.question, key, row, Side.REST),
    )

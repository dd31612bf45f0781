"""The rankings in words and figures: table, funnel, ranks over time, then and now, small multiples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.behind import opening
from dashboards.cards.index_card import STEADY, score_text
from dashboards.cards.league import Entry, Fair, League
from dashboards.cards.measures import INDEX_KEY, measure_name
from dashboards.cards.regions import group_name, short
from dashboards.cards.signals import SMALLEST, Course, trailing_course
from dashboards.figures import bump, dumbbell, fitting
from dashboards.figures.bump import Lane, Lanes
from dashboards.figures.dumbbell import Pair
from dashboards.figures.funnel import Dot, FunnelWords, funnel
from dashboards.figures.markup import Markup, escaped
from dashboards.figures.multiples import Multiple, multiples, scale_of
from dashboards.figures.ranking import Column, Group, Headings, Row, ranking
from dashboards.figures.theme import Theme
from queries.answer import change, figure
from queries.insights.funnel_limits import Law, Verdict, curve
from queries.insights.rate_ranks import Draws
from queries.metric import Population, Ratio
from queries.metrics import metric as metric_of
from queries.vocabulary import Direction, Language, Measurement, Text

MEASURE = Text("排名指标", "Measure")
FAIR = Text("比较方式", "Comparison")
WAYS = {
    Fair.CRUDE: Text("原值", "As is"),
    Fair.RESIDENTS: Text("每万人", "Per 10 000 residents"),
    Fair.MIX: Text("同等诉求结构", "At equal case mix"),
}
VERDICTS = {
    Verdict.INSIDE: Text("界限以内", "within the limits"),
    Verdict.ABOVE_2: Text("高于 2σ", "above 2σ"),
    Verdict.BELOW_2: Text("低于 2σ", "below 2σ"),
    Verdict.ABOVE_3: Text("高于 3σ", "above 3σ"),
    Verdict.BELOW_3: Text("低于 3σ", "below 3σ"),
}
_HEAD = {
    "rank": Text("位次", "Rank"),
    "move": Text("升降", "Move"),
    "name": Text("区县", "District"),
    "interval": Text("位次区间", "Interval"),
    "change": Text("较上年同期", "On last year"),
    "series": Text("12 期", "12 periods"),
}
_VOLUME = Text("诉求量", "Items")
_FUNNEL = Text("对全市", "Against city")
TOO_FEW = Text("样本不足", "Too few")
_PARTS = Text("分子 / 分母：{parts}", "Numerator / denominator: {parts}")
_EXPECTED = Text("按全市各类水平应为 {value}", "Expected at the city's rates: {value}")
_LEADS = Text("{group}：{first}居首，{last}居末", "{group}: {first} first, {last} last")
_LEADS_ALONE = Text("{group}：{first}居首", "{group}: {first} first")
_NO_RANKS = Text("没有可排位次的区县", "No district can be ranked")
_TIES = Text(
    "位次在同类组内排定，数值相同者并列（1-2-2-4），并列者诉求量大的在前；升降与{step}前相比；样本不足者只列不排。",
    "Ranked inside peer groups; equal values share a rank (1-2-2-4), larger volume first; moves are on "
    "{step} before; districts with too few cases are listed, not ranked.",
)
_BY_CHANCE = Text(
    "位次区间：按各自分子分母的抽样误差模拟 {draws} 次（种子固定），取中间 {share}%。",
    "Interval: the middle {share} % of ranks over {draws} draws (fixed seed) of each numerator's own chance.",
)
_BY_WEIGHTS = Text(
    "位次区间：按权重浮动与抽样误差模拟 {draws} 次（种子固定），取中间 {share}%。",
    "Interval: the middle {share} % of ranks over {draws} draws (fixed seed) of weights and sampling error.",
)
_OUTSIDE = Text("{n} 个区县超出 3σ 界限：{names}", "{n} outside the 3σ limits: {names}")
_ALL_INSIDE = Text(
    "没有区县超出 3σ 界限：名次先后可由偶然解释", "None outside the 3σ limits: chance can explain the order"
)
_FUNNEL_NOTE = Text(
    "漏斗图：{measure}与{size}；虚线 2σ，实线 3σ（{law}精确界限），中线为全市 {city}。"
    "区县间方差为偶然所致的 {spread} 倍。",
    "Funnel plot: {measure} against {size}; dotted 2σ, solid 3σ ({law}, exact), centre: city {city}. "
    "Their variance is {spread} times that of chance alone.",
)
_LAWS = {Law.BINOMIAL: Text("二项分布", "binomial"), Law.POISSON: Text("泊松分布", "Poisson")}
_NO_FUNNEL = Text("此指标不作漏斗图", "No funnel plot for this measure")
_NO_FUNNEL_WHY = Text(
    "漏斗图只用于件数之比：指数、天数、合成分和未按人口折算的总量没有简单的抽样规律。"
    "总量请选“每万人”；指数的不确定性见位次区间。",
    "A funnel needs a ratio of counts: the index, days, composites and totals not set against residents "
    "follow no simple law of chance. For totals choose “Per 10 000 residents”; the index has its interval.",
)
_DENOMINATOR = Text("分母（件）", "denominator (items)")
_RESIDENTS = Text("常住人口（每单位 {per} 人）", "residents (units of {per})")
_CITY = Text("全市", "City")
_UP_DOWN = Text(
    "12 期之间{up}升得最多（{up_from}→{up_to}），{down}降得最多（{down_from}→{down_to}）",
    "Over 12 periods {up} rose most ({up_from}→{up_to}), {down} fell most ({down_from}→{down_to})",
)
_STILL = Text("12 期首尾位次没有升降", "First and last of 12 periods: no move in rank")
_BUMP_NOTE = Text(
    "组内位次，每{step}一点，各点统计截至当日的 {days} 天；断处为样本不足",
    "Rank inside the group every {step}, each of the {days} days up to that date; gaps: too few",
)
_BUMP_INDEX = Text(
    "组内位次，每{step}一点，各指标的统计窗口见口径说明；断处为无指数",
    "Rank inside the group every {step}; windows as in the definitions; gaps: no index",
)
_STEPS = {7: Text("1 周", "1 week"), 14: Text("2 周", "2 weeks"), 28: Text("4 周", "4 weeks")}
_THEN_NOW = Text(
    "较上年同期，{better} 个区县向好，{worse} 个变差，{same} 个持平或无从比较",
    "On last year {better} districts are better, {worse} worse, {same} level or not comparable",
)
_DUMBBELL_NOTE = Text(
    "空心为上年同期，实心为本期（菱形为变差）", "Hollow: same period last year; full: now (diamond: worse)"
)
_BETTER_THAN = Text(
    "最近一期 {n} 个区县好于全市，共 {m} 个有数", "{n} of {m} districts do better than the city"
)
_MULTIPLES_NOTE = Text(
    "12 期，各图同一刻度（{low} 至 {high}）；灰线为全市；点击突出一个区县",
    "12 periods on one scale ({low} to {high}); grey: the city; click to highlight a district",
)
_THEN, _NOW = Text("上年同期 {value}", "Last year {value}"), Text("本期 {value}", "Now {value}")
_RANKED = Text("第 {rank} 名", "rank {rank}")
_AND_MORE = Text("{names}等", "{names} and others")
_PER_10K = Text("{value} /万人", "{value} per 10 000")
_VOLUME_IS = Text("诉求量 {value} 件", "{value} items registered")


@dataclass(frozen=True)
class Chart:
    """A chart with the sentence above it; `figure` is None where there is nothing to draw."""

    title: str
    note: str
    figure: Mapping[str, Any] | None


@dataclass(frozen=True)
class Listing:
    """Rows or cells that can be clicked, with the sentence above them and the rules below."""

    title: str
    note: str
    content: Markup
    rules: str = ""


def value_text(league: League, value: float | None, language: Language, entry: Entry | None = None) -> str:
    """A value as printed; of an `entry` it is divided anew from its own parts."""
    if not numbers.is_known(value) or value is None:
        return numbers.DASH
    if league.key == INDEX_KEY:
        return score_text(value)
    metric = metric_of(league.key)
    if league.fair is Fair.RESIDENTS:
        return _PER_10K.in_(language).format(value=numbers.plain(value, 2))
    if entry is not None and league.fair is Fair.CRUDE:
        row = {
            league.key: value,
            f"{league.key}_numerator": entry.part,
            f"{league.key}_denominator": entry.whole,
        }
        return numbers.figure_text(metric, figure(metric, row), language, unit=False)
    return numbers.value_text(metric, value, language, unit=False)


def table(league: League, draws: Draws, note: str, chosen: str, language: Language) -> Listing:
    """The ranked districts under `note`, with the rules of ranks, ties and intervals."""
    known = [one.value for one in league.entries if not math.isnan(one.value)]
    top = 100.0 if league.key == INDEX_KEY else max(known, default=1.0) or 1.0
    groups = tuple(
        Group(group_name(key, language), tuple(_row(league, one, top, language) for one in entries))
        for key, entries in league.groups.items()
    )
    volume = tuple(opening(numbers.compact(one.volume, language), one.volume_items) for one in league.entries)
    further = [Column(_VOLUME.in_(language), volume)]
    if league.law is not None:
        cells = tuple(
            "" if one.verdict is None else VERDICTS[one.verdict].in_(language) for one in league.entries
        )
        further.append(Column(_FUNNEL.in_(language), cells))
    series = [value for one in league.entries for value in one.values if value is not None]
    drawn = ranking(
        groups,
        Headings(**{key: text.in_(language) for key, text in _HEAD.items()}, value=_name(league, language)),
        chosen=chosen,
        further=further,
        series_scale=(min(series), max(series)) if series else None,
    )
    rules = [_TIES.in_(language).format(step=_step(league, language))]
    if any(one.interval for one in league.entries):
        by = _BY_WEIGHTS if league.key == INDEX_KEY else _BY_CHANCE
        rules.append(by.in_(language).format(draws=draws.number, share=numbers.plain(draws.coverage * 100)))
    return Listing(_leads(league, language), note, drawn, " ".join(rules))


def funnel_chart(league: League, chosen: str, language: Language, theme: Theme) -> Chart:
    """The funnel, or why there is none."""
    if league.law is None:
        return Chart(_NO_FUNNEL.in_(language), _NO_FUNNEL_WHY.in_(language), None)
    known = [one for one in league.entries if one.verdict is not None]
    outside = [one for one in known if one.verdict and one.verdict.is_outlier]
    title = _ALL_INSIDE.in_(language)
    if outside:
        names = listed([_short(one, language) for one in outside], language)
        title = _OUTSIDE.in_(language).format(n=len(outside), names=names)
    size = _size_name(league, language)
    note = _FUNNEL_NOTE.in_(language).format(
        measure=_name(league, language),
        size=size,
        law=_LAWS[league.law].in_(language),
        city=value_text(league, league.city, language),
        spread=numbers.plain(league.spread, 1),
    )
    dots = [
        Dot(
            name=str(escaped(_short(one, language))),
            size=one.whole,
            value=one.value,
            tone=_tone(league, one),
            hover=_hover(league, one, language),
            named=bool(one.verdict and one.verdict.is_outlier),
            chosen=one.region.code == chosen,
            items=one.items,
        )
        for one in known
    ]
    words = FunnelWords(size, _CITY.in_(language), "2σ", "3σ")
    limits = curve(league.city, max(dot.size for dot in dots) * 1.05, league.law)
    return Chart(title, note, funnel(dots, limits, league.city, words, theme, percent=_is_share(league)))


def bump_chart(league: League, days: int, chosen: str, language: Language, theme: Theme) -> Chart:
    """Ranks over the periods of `days` days."""
    moved = {one.region.id: _moved(one) for one in league.entries if len(_known(one.ranks)) > 1}
    up = max((one for one in league.entries if moved.get(one.region.id, 0) > 0), key=_moved, default=None)
    down = min((one for one in league.entries if moved.get(one.region.id, 0) < 0), key=_moved, default=None)
    title = _STILL.in_(language)
    if up is not None and down is not None:
        title = _UP_DOWN.in_(language).format(
            up=_short(up, language),
            up_from=_known(up.ranks)[0],
            up_to=_known(up.ranks)[-1],
            down=_short(down, language),
            down_from=_known(down.ranks)[0],
            down_to=_known(down.ranks)[-1],
        )
    groups = [
        Lanes(
            str(escaped(group_name(key, language))),
            tuple(
                Lane(
                    name=_cut(one, language, bump.NAME_ROOM, bump.TYPE),
                    ranks=one.ranks,
                    hover=tuple(_period_hover(league, one, at, language) for at in range(len(league.ends))),
                    tone="better" if one is up else ("worse" if one is down else "plain"),
                    chosen=one.region.code == chosen,
                )
                for one in entries
            ),
        )
        for key, entries in league.groups.items()
    ]
    periods = [f"{end:%m-%d}" for end in league.ends]
    drawn = bump.bump(groups, periods, theme, fade=bool(chosen))
    note = _BUMP_INDEX if league.key == INDEX_KEY else _BUMP_NOTE
    return Chart(title, note.in_(language).format(step=_step(league, language), days=days), drawn)


def dumbbell_chart(league: League, language: Language, theme: Theme) -> Chart:
    """Same period last year and now."""
    judged = [change_of(league, one)[1] for one in league.entries]
    pairs = [
        Pair(
            name=_cut(one, language, dumbbell.NAME_ROOM, dumbbell.TYPE),
            before=None if math.isnan(one.before) else one.before,
            now=None if math.isnan(one.value) else one.value,
            tone="plain" if tone is numbers.Judgement.UNCHANGED else tone,
            hover=_lines(
                _short(one, language),
                _NOW.in_(language).format(value=value_text(league, one.value, language, one)),
                _THEN.in_(language).format(value=value_text(league, one.before, language)),
                _parts(league, one, language),
            ),
        )
        for one, tone in zip(league.entries, judged, strict=True)
    ]
    title = _THEN_NOW.in_(language).format(
        better=judged.count(numbers.Judgement.BETTER),
        worse=judged.count(numbers.Judgement.WORSE),
        same=judged.count(numbers.Judgement.UNCHANGED),
    )
    note = f"{_name(league, language)} · {_DUMBBELL_NOTE.in_(language)}"
    # Without a funnel above it the chart has the room of both.
    row = 26 if league.law is not None else 56
    return Chart(title, note, dumbbell.dumbbell(pairs, theme, percent=_is_share(league), row=row))


def multiples_card(league: League, chosen: str, language: Language) -> Listing:
    """The districts' lines on one scale."""
    cells = [
        Multiple(
            choose=one.region.code,
            name=_short(one, language),
            value=value_text(league, one.values[-1] if one.values else None, language),
            values=one.values,
            hint=_VOLUME_IS.in_(language).format(value=numbers.plain(one.volume)),
            chosen=one.region.code == chosen,
        )
        for one in league.entries
    ]
    latest = [one.values[-1] for one in league.entries if one.values and one.values[-1] is not None]
    city = league.city_values[-1] if league.city_values else None
    sign = 1 if league.direction is Direction.UP else -1
    better = sum(sign * value > sign * city for value in latest) if city is not None else 0
    scale = scale_of(cells, league.city_values)
    low, high = (value_text(league, end, language) for end in scale)
    title = _BETTER_THAN.in_(language).format(n=better, m=len(latest))
    note = f"{_name(league, language)} · {_MULTIPLES_NOTE.in_(language).format(low=low, high=high)}"
    return Listing(title, note, multiples(cells, league.city_values, scale))


def change_of(league: League, one: Entry) -> tuple[float, numbers.Judgement]:
    """The change on last year (a difference for scores, shares and days, else relative), and its meaning."""
    if league.key == INDEX_KEY:
        amount, smallest = one.value - one.before, STEADY
    elif league.fair is Fair.RESIDENTS:
        amount, smallest = (one.value / one.before - 1 if one.before else math.nan), SMALLEST
    else:
        values = pd.Series([one.value]), pd.Series([one.before])
        amount, smallest = float(change(metric_of(league.key), *values).iloc[0]), SMALLEST
    return amount, numbers.judged(amount, league.direction, smallest=smallest)


def change_text(league: League, amount: float, language: Language) -> str:
    """A change on last year as printed."""
    if league.key == INDEX_KEY:
        return numbers.score_change_text(amount, language)
    return numbers.change_text(metric_of(league.key), amount, language)


def listed(names: Sequence[str], language: Language, most: int = 5) -> str:
    """Names one after the other, the first `most` of them."""
    joined = ("、" if language == "zh" else ", ").join(names[:most])
    return joined if len(names) <= most else _AND_MORE.in_(language).format(names=joined)


def _course(league: League, one: Entry) -> Course:
    """The member's periods, which may overlap, so that its moves decide what is a signal."""
    values = [math.nan if value is None else value for value in one.values]
    return trailing_course(tuple(zip(league.ends, values, strict=False)), league.direction)


def _row(league: League, one: Entry, top: float, language: Language) -> Row:
    amount, course = change_of(league, one)[0], _course(league, one)
    better = one.rank is not None and one.rank_before is not None and one.rank < one.rank_before
    same = one.rank is None or one.rank_before is None or one.rank == one.rank_before
    known = not math.isnan(one.value)
    interval = ""
    if one.interval is not None:
        low, high = one.interval.low, one.interval.high
        interval = str(low) if low == high else f"{low}–{high}"
    return Row(
        choose=one.region.code,
        name=_short(one, language),
        rank=one.rank,
        move=numbers.rank_move(one.rank, one.rank_before),
        move_is="unchanged" if same else ("better" if better else "worse"),
        interval=interval,
        value=opening(value_text(league, one.value, language, one), one.items)
        if known
        else TOO_FEW.in_(language),
        bar=one.value / top if known else None,
        bar_is="plain",
        change=change_text(league, amount, language),
        change_is=course.judged(amount),
        hint=_parts(league, one, language),
        series=one.values,
    )


def _leads(league: League, language: Language) -> str:
    said = []
    for key, entries in league.groups.items():
        ranks = [one.rank for one in entries if one.rank is not None]
        if not ranks:
            continue
        ends = [
            listed([_short(one, language) for one in entries if one.rank == rank], language, 2)
            for rank in (1, max(ranks))
        ]
        sentence = _LEADS if max(ranks) > 1 else _LEADS_ALONE
        group = group_name(key, language)
        said.append(sentence.in_(language).format(group=group, first=ends[0], last=ends[1]))
    return ("；" if language == "zh" else "; ").join(said) or _NO_RANKS.in_(language)


def _tone(league: League, one: Entry) -> str:
    """Whether a member beyond three standard deviations stands out for good or bad."""
    if one.verdict is None or not one.verdict.is_outlier:
        return "plain"
    above = one.verdict is Verdict.ABOVE_3
    return "better" if above == (league.direction is Direction.UP) else "worse"


def _hover(league: League, one: Entry, language: Language) -> str:
    amount, _ = change_of(league, one)
    changed = f"{_HEAD['change'].in_(language)} {change_text(league, amount, language)}"
    return _lines(
        f"{_short(one, language)} {value_text(league, one.value, language, one)}",
        _parts(league, one, language),
        "" if one.verdict is None else VERDICTS[one.verdict].in_(language),
        "" if one.rank is None else _RANKED.in_(language).format(rank=one.rank),
        changed,
        _VOLUME_IS.in_(language).format(value=numbers.plain(one.volume)),
    )


def _period_hover(league: League, one: Entry, at: int, language: Language) -> str:
    rank = one.ranks[at]
    return _lines(
        f"{_short(one, language)} {league.ends[at]}",
        TOO_FEW.in_(language) if rank is None else _RANKED.in_(language).format(rank=rank),
        value_text(league, one.values[at], language),
    )


def _lines(*lines: str) -> str:
    """What plotly shows under the pointer: escaped, one below the other."""
    return "<br>".join(str(escaped(line)) for line in lines if line)


def _parts(league: League, one: Entry, language: Language) -> str:
    if league.key == INDEX_KEY:
        return ""
    said = _PARTS.in_(language).format(parts=numbers.parts(one.part, one.whole))
    if math.isnan(one.expected):
        return said
    return f"{said} · {_EXPECTED.in_(language).format(value=numbers.plain(one.expected, 1))}"


def _size_name(league: League, language: Language) -> str:
    if league.fair is Fair.RESIDENTS:
        return _RESIDENTS.in_(language).format(per=numbers.plain(10_000))
    formula = metric_of(league.key).formula
    if isinstance(formula, Ratio) and isinstance(formula.denominator, Population):
        return _RESIDENTS.in_(language).format(per=numbers.plain(formula.denominator.per))
    return _DENOMINATOR.in_(language)


def _step(league: League, language: Language) -> str:
    """The time from one period to the next, in words."""
    return _STEPS[(league.ends[-1] - league.ends[-2]).days].in_(language)


def _moved(one: Entry) -> int:
    """Places won from the first known period to the last."""
    known = _known(one.ranks)
    return known[0] - known[-1]


def _known(ranks: Sequence[int | None]) -> list[int]:
    return [rank for rank in ranks if rank is not None]


def _is_share(league: League) -> bool:
    return league.key != INDEX_KEY and metric_of(league.key).measurement is Measurement.SHARE


def _name(league: League, language: Language) -> str:
    return measure_name(league.key).in_(language)


def _short(one: Entry, language: Language) -> str:
    return short(one.region.name.in_(language), language)


def _cut(one: Entry, language: Language, room: float, size: float) -> str:
    """The name as plotly takes it, as much as there is room for; the pointer reads the whole."""
    return str(escaped(fitting.fitted(_short(one, language), room, size)))

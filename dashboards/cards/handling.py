"""Handling in words and tables: on time by two populations, where the days go, the clock, the regions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards import signals
from dashboards.cards.behind import count, number
from dashboards.cards.due import DEADLINES
from dashboards.cards.hushed import NOT_SHOWN, hushed, instead, is_hushed
from dashboards.cards.regions import short
from dashboards.cards.signals import Course
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, joined, tag
from queries.answer import Answer, figure
from queries.dimensions import dimension
from queries.drill import Side
from queries.insights.funnel_limits import Law, Verdict, limits
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

Row = Mapping[Any, Any]

FLOWS = ("same_day_loop", "returned_share", "redispatched_share", "closed_share")
STAGES = ("stage_days_transfer", "stage_days_accept", "stage_days_reply", "stage_days_evaluate")
WHOLE_DAYS = ("median_days", "mean_days", "p90_days")
DAYS = ("median_days", "p90_days", *STAGES)  # the mean is a sum and comes with the totals
ON_TIME = tuple(key for one in DEADLINES for key in (one, f"{one}_all"))
NO_DEADLINE, NOTICE, YELLOW, RED, REPLIED = 0, 2, 3, 4, 5
CLOCK = "case_clock"
OPEN = "open_cases"

DEADLINE = Text("单位表时限", "Deadline of the unit table")
_NOT_RECORDED = Text("未记录", "Not recorded")
_NOTHING_DUE = Text("无应办件", "Nothing due")
_TOO_FEW = Text("样本不足", "Too few")
_HINT = Text("{name}：分子 / 分母 {parts}", "{name}: numerator / denominator {parts}")

_ON_TIME_TITLE = Text(
    "{name} {rate}：到期 {due} 件，逾期 {late} 件", "{name}: {rate}; {due} items due, {late} late"
)
_ON_TIME_NONE = Text("本期没有可计算的期限", "No deadline can be measured in this period")
_ON_TIME_SUB = Text(
    "考核口径只计纳入统计件（受理、告知另只计初次件），全口径计全部件；未含即两者之差",
    "Assessed: counted items only (acceptance and notice: first-time ones); all: every item. "
    "Left out is the difference",
)
_ON_TIME_HEAD = (
    Text("时限", "Deadline"),
    Text("考核口径", "Assessed"),
    Text("到期", "Due"),
    Text("逾期", "Late"),
    Text("较上年", "On last year"),
    Text("全口径", "All items"),
    Text("未含件", "Left out"),
    Text("其中逾期", "of them late"),
)
_DAYS_TITLE = Text(
    "一半的件在 {median} 天内得到答复，最耗时的环节是{stage}",
    "Half have their reply within {median} days; most of the time goes to {stage}",
)
_DAYS_NONE = Text("环节时长未记录", "The times of the stages are not recorded")
_DAYS_ONLY = Text("一半的件在 {median} 天内得到答复", "Half have their reply within {median} days")
_DAYS_ONLY_HEAD = Text("环节时长", "Times of the stages")
_DAYS_SUB = Text("期内办结件各环节天数的中位数", "Median days of each stage, items closed in the period")
_DAYS_NOTE = Text(
    "各环节中位数相加不等于办理天数；评价环节只含已评价件。中位数不能由汇总表相加，"
    "从明细逐件计算，故只算所选时段，不作同比。",
    "Medians of stages do not add up to the whole; the last stage is of rated items only. Medians cannot be "
    "added up from summaries: they are computed item by item, for the chosen period alone.",
)
_DAYS_HEAD = (
    Text("环节", "Stage"),
    Text("天数", "Days"),
    Text("折合小时", "In hours"),
    Text("件数", "Items"),
)
_WHOLE = Text("登记→答复", "registered → replied")
_CLOCK_TITLE = Text(
    "在办未答复 {open} 件，{red} 件已过红线，{yellow} 件在黄线内",
    "{open} items await a reply; {red} are past the red line, {yellow} past the yellow",
)
_CLOCK_NONE = Text("没有在办件", "Nothing is on hand")
_CLOCK_SUB = Text(
    "截至 {day} 日终，按已用时间占答复期限的比例（自登记起算）",
    "At the end of {day}, by share of the time allowed for the reply that is used, from registration",
)
_CLOCK_HEAD = (Text("时钟", "Clock"), Text("件数", "Items"), Text("占在办", "Share"))
_NO_LIMIT = Text("未记录答复期限", "No deadline recorded")
_REPLIED = Text("已答复、待办结", "Replied, not yet closed")
_FLOW_TITLE = Text("转办与退回", "Dispatch and returns")
_FLOW_PLAIN = Text(
    "退回率 {rate}，各区域差异在随机波动之内", "{rate} are refused by the unit; regions differ within chance"
)
_FLOW_WORST = Text(
    "退回率 {rate}，{name}最高（{value}），显著偏高",
    "{rate} are refused by the unit; {name} stands out with {value}",
)
_FLOW_SUB = Text("单位之间的退回、重派，当日闭环和办结", "Refused, sent again, same-day loop and closing")
_FLOW_HEAD = (Text("指标", "Measure"), Text("本期", "Now"), Text("较上年", "On last year"))
_REGIONS_TITLE = Text(
    "{name}按期答复率显著偏低（{rate}）；红线件最多的是{red}（{n} 件）",
    "{name} stands out low in replies on time ({rate}); {red} has most past the red line ({n})",
)
_REGIONS_LOW = Text("{name}按期答复率显著偏低（{rate}）", "{name} stands out low in replies on time ({rate})")
_REGIONS_PLAIN = Text(
    "各区域按期答复率的差异在随机波动之内", "Regions differ in replies on time within chance"
)
_REGIONS_NONE = Text("各区域按期答复率未记录", "Replies on time are not recorded by region")
_REGIONS_SUB = Text("考核口径；点击区县可进入", "Assessed items; click a district to enter it")
_STREETS_SUB = Text("考核口径；区县内各镇街", "Assessed items; streets and towns of the district")
_REGIONS_HEAD = (
    Text("区域", "Region"),
    Text("按期答复率", "Replied on time"),
    Text("到期", "Due"),
    Text("退回率", "Refused"),
    Text("重派率", "Sent again"),
    Text("当日闭环", "Same day"),
    Text("黄线", "Yellow"),
    Text("红线", "Red"),
)
_NOTES = {
    Text("办理时钟（自定义口径）", "Case clock (our own definition)"): Text(
        "截至日日终已用时间 ÷ 从登记到答复期限的全部时间：满 50 % 提示，满 75 % 黄线，满 100 % 红线。"
        "含延期后的期限；已答复、尚未办结的件另列。",
        "Time used at the end of the as-of date ÷ time from registration to the reply's deadline, extensions "
        "included: notice from 50 %, yellow line from 75 %, red line from 100 %. "
        "Items replied to but not yet closed stand apart.",
    ),
    Text("显著高于、低于（漏斗）", "Standing out (funnel)"): Text(
        "与同组合并比率比较，超出精确二项分布的三倍标准差界限；界限之内的差异不作评价。",
        "Beyond the exact binomial limits at three standard deviations around the pooled rate of the group; "
        "a difference within them is not judged.",
    ),
    Text("法定时限比较（自定义口径）", "Statutory limits side by side (our own comparison)"): Text(
        "对信访渠道每一件按各时限口径重算受理、告知、答复期限；登记后 180 天以前的件不再计入。"
        "12345 热线首次响应口径不设答复期限，不列入。",
        "Every petition's limits worked out anew under each profile, for items registered up to 180 days "
        "before the period. The hotline profile sets no reply limit and is left out.",
    ),
    Text("环节进度（自定义口径）", "Stages reached (our own definition)"): Text(
        "期内登记的件按截至日已知的最远环节归类：登记、转送、受理、答复、办结、评价；到了后一环节即视为"
        "到过前面各环节。",
        "Items registered in the period by the furthest stage known on the as-of date: registered,"
        " transferred, accepted, replied to, closed, evaluated; one at a later stage has passed the others.",
    ),
}
TOTAL, REGIONS, TIMES = Text("合计", "Total"), Text("区域", "Regions"), Text("环节", "Stages")
# Not the share closed: of the latest weeks much is still to be closed, so it would always fall.
WEEKLY = (*DEADLINES, "same_day_loop", "returned_share", "redispatched_share")
REGION_METRICS = ("replied_on_time", "returned_share", "redispatched_share", "same_day_loop")


def printed(key: str, row: Row, answer: Answer, language: Language) -> str:
    """A rate or duration in a row of `answer` as printed; where there is none, why.

    Not recorded, not shown to this reader, nothing due, too few.
    """
    metric, whole = metric_of(key), float(row[f"{key}_denominator"])
    if math.isnan(whole):
        return (NOT_SHOWN if is_hushed(answer) else _NOT_RECORDED).in_(language)
    if not whole:
        return _NOTHING_DUE.in_(language)
    shown = figure(metric, row)
    return _TOO_FEW.in_(language) if shown is None else numbers.figure_text(metric, shown, language)


def band_names() -> dict[int, Text]:
    """The bands of the case clock, those past no line first, in words."""
    return {**dict(dimension(CLOCK).names), REPLIED: _REPLIED, NO_DEADLINE: _NO_LIMIT}


def late(row: Row, key: str) -> float:
    """Items due that were not done in time; NaN where not recorded."""
    return float(row[f"{key}_denominator"]) - float(row[f"{key}_numerator"])


def on_time_card(total: Answer, weekly: Answer, language: Language) -> Markup:
    """On time by deadline: assessed beside all items, and what the assessment leaves out.

    `weekly` holds the rates of WEEKLY by week: what may colour a change.
    """
    row, courses = total.frame.to_dict("records")[0], signals.courses(weekly)
    lines = []
    for key, name in DEADLINES.items():
        every = f"{key}_all"
        left_out = late_out = math.nan  # a difference of stepped counts says nothing
        if not is_hushed(total):
            left_out = float(row[f"{every}_denominator"]) - float(row[f"{key}_denominator"])
            late_out = late(row, every) - late(row, key)
        lines.append(
            Bar(
                name=name.in_(language),
                value=opened(key, row, total, language),
                share=_known(row[key]),
                cells=(
                    count(total.question, key, row, Side.WHOLE),
                    count(total.question, key, row, Side.REST),
                    _changed(key, row, courses, language),
                    opened(every, row, total, language),
                    numbers.plain(left_out),
                    numbers.plain(late_out),
                ),
                hint=_hint(key, row, language),
            )
        )
    known = [key for key in reversed(DEADLINES) if not math.isnan(float(row[key]))]
    title = (instead(total, known) or _ON_TIME_NONE).in_(language)
    if known:
        title = _ON_TIME_TITLE.in_(language).format(
            name=metric_of(known[0]).name.in_(language),
            rate=printed(known[0], row, total, language),
            due=numbers.plain(float(row[f"{known[0]}_denominator"])),
            late=numbers.plain(late(row, known[0])),
        )
    return _card(title, _ON_TIME_SUB.in_(language), bars(_said(_ON_TIME_HEAD, language), lines))


def days_card(total: Answer, days: Answer, language: Language) -> Markup:
    """Where the days go: the median of each stage, and median, mean and 90th percentile of the whole."""
    if is_hushed(days):
        return _card(_DAYS_ONLY_HEAD.in_(language), _DAYS_SUB.in_(language), hushed(language))
    row: dict[Any, Any] = {**total.frame.to_dict("records")[0], **days.frame.to_dict("records")[0]}
    known = {key: float(row[key]) for key in STAGES if not math.isnan(float(row[key]))}
    longest = max(known.values(), default=0.0) or 1.0
    lines = [
        Bar(
            name=_variant(key, language) if key in STAGES else _whole_name(key, language),
            value=printed(key, row, days, language),
            share=known[key] / longest if key in known else None,
            cells=(
                numbers.plain(float(row[key]) * 24, 1),
                count((total if key in total.frame else days).question, key, row, Side.WHOLE),
            ),
        )
        for key in (*STAGES, *WHOLE_DAYS)
    ]
    median = numbers.figure_text(
        metric_of("median_days"), figure(metric_of("median_days"), row), language, unit=False
    )
    if known:
        stage = max(known, key=lambda key: known[key])
        title = _DAYS_TITLE.in_(language).format(median=median, stage=_variant(stage, language))
    else:
        has_median = not math.isnan(float(row["median_days"]))
        title = _DAYS_ONLY.in_(language).format(median=median) if has_median else _DAYS_NONE.in_(language)
    table = bars(_said(_DAYS_HEAD, language), lines)
    return _card(title, _DAYS_SUB.in_(language), table, _DAYS_NOTE.in_(language))


def clock_card(clock: Answer, language: Language) -> Markup:
    """What is on hand by the case clock; `clock` is an answer of open_cases split by it among others."""
    sub = _CLOCK_SUB.in_(language).format(day=clock.question.as_of)
    if is_hushed(clock):
        return _card(_CLOCK_HEAD[0].in_(language), sub, hushed(language))
    counts = clock.frame.groupby(CLOCK)[OPEN].sum().to_dict()
    whole, replied = sum(counts.values()), counts.get(REPLIED, 0.0)
    names = {band: name for band, name in band_names().items() if band or counts.get(band)}
    colours = {NOTICE: "blue", YELLOW: "yellow", RED: "red", REPLIED: "unchanged", NO_DEADLINE: "muted"}
    lines = [
        Bar(
            name=name.in_(language),
            value=on_hand(clock, {CLOCK: band}, counts.get(band, 0.0)),
            share=counts.get(band, 0.0) / whole if whole else None,
            cells=(f"{numbers.plain(counts.get(band, 0.0) / whole * 100, 1)}{numbers.NARROW}%",)
            if whole
            else (numbers.DASH,),
            colour=colours.get(band, "primary"),
        )
        for band, name in names.items()
    ]
    title = _CLOCK_NONE.in_(language)
    if whole:
        title = _CLOCK_TITLE.in_(language).format(
            open=numbers.plain(whole - replied),
            red=numbers.plain(counts.get(RED, 0.0)),
            yellow=numbers.plain(counts.get(YELLOW, 0.0)),
        )
    return _card(title, sub, bars(_said(_CLOCK_HEAD, language), lines))


def flow_card(
    total: Answer, weekly: Answer, parts: Answer, names: Mapping[int, Text], language: Language
) -> Markup:
    """Returns between units, redispatch, same-day loop and closing, against the same period last year.

    `weekly` is as in `on_time_card`.
    """
    row, key, courses = total.frame.to_dict("records")[0], "returned_share", signals.courses(weekly)
    lines = [
        Bar(
            name=metric_of(one).name.in_(language),
            value=number(printed(one, row, total, language), total.question, one, row),
            share=_known(row[one]),
            cells=(_changed(one, row, courses, language),),
            hint=_hint(one, row, language),
        )
        for one in FLOWS
    ]
    title = _FLOW_TITLE.in_(language)
    if not math.isnan(float(row[key])) and not is_hushed(parts):
        high = outliers(_named(parts, key, names), key, Verdict.ABOVE_3)
        worst = max(high, key=lambda one: float(one[key]), default=None)
        title = (
            (_FLOW_WORST if worst else _FLOW_PLAIN)
            .in_(language)
            .format(
                rate=printed(key, row, total, language),
                name=_name(worst, parts, names, language) if worst else "",
                value=printed(key, worst, parts, language) if worst else "",
            )
        )
    return _card(title, _FLOW_SUB.in_(language), bars(_said(_FLOW_HEAD, language), lines))


def regions_card(
    parts: Answer, clock: Answer, names: Mapping[int, Text], codes: Mapping[int, str], language: Language
) -> Markup:
    """The regions that `parts` is split by, the lowest on time first; `codes` make a row a link."""
    split, key = parts.question.split[0], "replied_on_time"
    lines = by_band(clock.frame, split)
    rows = [one for one in parts.frame.to_dict("records") if int(one[split]) in names]
    rows.sort(key=lambda one: (math.isnan(float(one[key])), float(one[key])))
    table = [
        Bar(
            name=_name(row, parts, names, language),
            value=number(printed(key, row, parts, language), parts.question, key, row, Side.REST),
            share=_known(row[key]),
            cells=(
                count(parts.question, key, row, Side.WHOLE),
                *(
                    number(printed(one, row, parts, language), parts.question, one, row)
                    for one in REGION_METRICS[1:]
                ),
                *(_in_band(clock, split, int(row[split]), band, lines) for band in (YELLOW, RED)),
            ),
            choose=codes.get(int(row[split]), ""),
            hint=_hint(key, row, language),
        )
        for row in rows
    ]
    known = _named(parts, key, names)
    unjudged = instead(parts, rows)
    low = [] if unjudged else outliers(known, key, Verdict.BELOW_3)
    title = (unjudged or (_REGIONS_PLAIN if known else _REGIONS_NONE)).in_(language)
    red = {
        member: value
        for (member, band), value in lines.items()
        if band == RED and member in names and not math.isnan(value)
    }
    if low:
        worst = min(low, key=lambda one: float(one[key]))
        most = max(red, key=lambda member: red[member], default=None)
        title = (
            (_REGIONS_LOW if most is None else _REGIONS_TITLE)
            .in_(language)
            .format(
                name=_name(worst, parts, names, language),
                rate=printed(key, worst, parts, language),
                red="" if most is None else short(names[most].in_(language), language),
                n="" if most is None else numbers.plain(red[most]),
            )
        )
    shown = tag("div", bars(_said(_REGIONS_HEAD, language), table), class_="q-scroll")
    return _card(title, (_REGIONS_SUB if codes else _STREETS_SUB).in_(language), shown)


def _changed(key: str, row: Row, courses: Mapping[str, Course], language: Language) -> Markup:
    change = float(row[f"{key}_yoy"])
    said = numbers.change_text(metric_of(key), change, language)
    return signals.changed(said, change, courses.get(key), language)


def opened(key: str, row: Row, answer: Answer, language: Language) -> Markup:
    """As `printed`, opening the items that the rate divides by."""
    return number(printed(key, row, answer, language), answer.question, key, row, Side.WHOLE)


def _in_band(
    clock: Answer, split: str, member: int, band: int, lines: Mapping[tuple[int, int], float]
) -> Markup:
    return on_hand(clock, {split: member, CLOCK: band}, lines.get((member, band), clock.nothing))


def on_hand(clock: Answer, members: Mapping[str, int], amount: float) -> Markup:
    """Items on hand of some members of what `clock` is split by, over all its other splits."""
    question = replace(clock.question, split=tuple(members))
    return count(question, OPEN, {**members, f"{OPEN}_numerator": amount, f"{OPEN}_denominator": math.nan})


def notes(language: Language) -> Markup:
    """What the clock, the funnel and the statutory comparison mean, for the definitions."""
    return joined(
        signals.note(language),
        *(
            tag("article", tag("h3", name.in_(language)), tag("p", what.in_(language)), class_="q-define")
            for name, what in _NOTES.items()
        ),
    )


def outliers(rows: Sequence[Row], key: str, side: Verdict) -> list[Row]:
    """The rows that lie beyond three standard deviations of the pooled rate of all of them, on `side`."""
    whole = sum(float(row[f"{key}_denominator"]) for row in rows)
    if not whole:
        return []
    centre = sum(float(row[f"{key}_numerator"]) for row in rows) / whole
    return [
        row
        for row in rows
        if limits(centre, float(row[f"{key}_denominator"]), Law.BINOMIAL).verdict(float(row[key])) is side
    ]


def by_band(frame: pd.DataFrame, split: str) -> dict[tuple[int, int], float]:
    """Items on hand by member of `split` and band of the clock."""
    summed = frame.groupby([split, CLOCK])[OPEN].sum(min_count=1).reset_index()  # what is hidden is not 0
    return {(int(row[split]), int(row[CLOCK])): float(row[OPEN]) for row in summed.to_dict("records")}


def _named(parts: Answer, key: str, names: Mapping[int, Text]) -> list[Row]:
    split = parts.question.split[0]
    rows = parts.frame.to_dict("records")
    return [row for row in rows if int(row[split]) in names and not math.isnan(float(row[key]))]


def _name(row: Row, parts: Answer, names: Mapping[int, Text], language: Language) -> str:
    return short(names[int(row[parts.question.split[0]])].in_(language), language)


def _variant(key: str, language: Language) -> str:
    variant = metric_of(key).variant
    return variant.in_(language) if variant is not None else metric_of(key).name.in_(language)


def _whole_name(key: str, language: Language) -> str:
    return f"{_WHOLE.in_(language)} · {_variant(key, language)}"


def _hint(key: str, row: Row, language: Language) -> str:
    parts = numbers.parts(row[f"{key}_numerator"], row[f"{key}_denominator"])
    return _HINT.in_(language).format(name=metric_of(key).full_name.in_(language), parts=parts)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _said(headings: tuple[Text, ...], language: Language) -> list[str]:
    return [text.in_(language) for text in headings]


def _card(title: str, subtitle: str, body: Markup, remark: str = "") -> Markup:
    return tag(
        "section",
        tag("h2", title),
        tag("p", subtitle, class_="q-note"),
        body,
        tag("p", remark, class_="q-note") if remark else None,
        class_="q-card",
    )

"""Timeliness 办理时效: whether deadlines are kept and where the days go (METRICS §3)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, true

from queries import clocks
from queries.metric import Metric, Point, Quantile, Ratio, Source, Term, terms
from queries.vocabulary import Direction, Measurement, Text
from warehouse import measures as m
from warehouse.schema import cases

_LAW = "信访工作条例(2022)第二十二、二十三、三十四至三十六条"
_FULL = Text("全口径", "all items")
c = cases.c


def _on_time(
    key: str,
    name: Text,
    met: m.Flow,
    due: m.Flow,
    did: Text,
    clock: Text,
    population: Text,
    variant: Text | None,
) -> Metric:
    return Metric(
        key=key,
        subject="timeliness",
        name=name,
        variant=variant,
        formula=Ratio(terms(met), terms(due)),
        formula_text=Text(
            f"期限内{did.zh}的件 ÷ 期限在期内届满的件(含逾期未办)",
            f"items {did.en} within the limit ÷ items whose limit falls in the period, open ones included",
        ),
        clock=clock,
        population=population,
        why=Text("按期是对群众的承诺。", "Keeping the deadline is the promise made to the citizen."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        source=Source.LAW,
        reference=_LAW,
        min_n=5,
    )


def _dispatch_share(key: str, name: Text, measure: m.Flow, what: Text, why: Text) -> Metric:
    return Metric(
        key=key,
        subject="timeliness",
        name=name,
        formula=Ratio(terms(measure), terms(m.DISPATCHED)),
        formula_text=Text(f"{what.zh} ÷ 转送件", f"{what.en} ÷ items dispatched"),
        clock=clocks.DISPATCHED,
        population=clocks.EVERY_ITEM,
        why=why,
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.DOWN,
        source=Source.PRACTICE,
        reference="METRICS §3",
        min_n=10,
    )


def _days(
    key: str,
    name: Text,
    level: Fraction,
    start: ColumnElement[Any],
    end: ColumnElement[Any],
    formula: Text,
    why: Text,
    variant: Text | None = None,
) -> Metric:
    return Metric(
        key=key,
        subject="timeliness",
        name=name,
        variant=variant,
        formula=Quantile(cases, c.closed_on, start, end, level, true()),
        formula_text=formula,
        clock=clocks.CLOSED,
        population=clocks.CLOSED_ITEMS,
        why=why,
        unit=clocks.DAYS,
        measurement=Measurement.DAYS,
        direction=Direction.DOWN,
        source=Source.PRACTICE,
        reference="METRICS §3",
        decimals=1,
        min_n=5,
    )


_HALF = Fraction(1, 2)
_STAGES = (
    ("transfer", Text("登记→转送", "registered → dispatched"), c.registered_at, c.transferred_at),
    ("accept", Text("转送→受理", "dispatched → accepted"), c.transferred_at, c.accepted_at),
    ("reply", Text("受理→答复", "accepted → replied"), c.accepted_at, c.replied_at),
    ("evaluate", Text("答复→评价", "replied → evaluated"), c.replied_at, c.evaluated_at),
)
_ACCEPTED = Text("及时受理率", "Accepted on time")
_NOTIFIED = Text("按期告知率", "Notified on time")
_REPLIED = Text("按期答复率", "Replied on time")

METRICS = (
    _on_time(
        "accepted_on_time",
        _ACCEPTED,
        m.ACCEPT_MET,
        m.ACCEPT_DUE,
        Text("受理", "accepted"),
        clocks.ACCEPT_DUE,
        clocks.FIRST_ASSESSED,
        None,
    ),
    _on_time(
        "accepted_on_time_all",
        _ACCEPTED,
        m.ACCEPT_MET_ALL,
        m.ACCEPT_DUE_ALL,
        Text("受理", "accepted"),
        clocks.ACCEPT_DUE,
        clocks.EVERY_ITEM,
        _FULL,
    ),
    _on_time(
        "notified_on_time",
        _NOTIFIED,
        m.NOTIFY_MET,
        m.NOTIFY_DUE,
        Text("告知", "notified"),
        clocks.NOTIFY_DUE,
        clocks.FIRST_ASSESSED,
        None,
    ),
    _on_time(
        "notified_on_time_all",
        _NOTIFIED,
        m.NOTIFY_MET_ALL,
        m.NOTIFY_DUE_ALL,
        Text("告知", "notified"),
        clocks.NOTIFY_DUE,
        clocks.EVERY_ITEM,
        _FULL,
    ),
    _on_time(
        "replied_on_time",
        _REPLIED,
        m.REPLY_MET,
        m.REPLY_DUE,
        Text("答复", "replied"),
        clocks.REPLY_DUE,
        clocks.ASSESSED,
        None,
    ),
    _on_time(
        "replied_on_time_all",
        _REPLIED,
        m.REPLY_MET_ALL,
        m.REPLY_DUE_ALL,
        Text("答复", "replied"),
        clocks.REPLY_DUE,
        clocks.EVERY_ITEM,
        _FULL,
    ),
    Metric(
        key="closed_share",
        subject="timeliness",
        name=Text("办结率", "Share closed"),
        formula=Ratio(terms(m.CLOSED), (Term(m.CASES), Term(m.OPEN_CASES, point=Point.OPENING))),
        formula_text=Text("期内办结件 ÷ (期内登记件 + 上期结转件)", "closed ÷ (registered + carried over)"),
        clock=clocks.REGISTERED,
        population=clocks.EVERY_ITEM,
        why=Text("进出是否平衡。", "Whether the work keeps up with what comes in."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        source=Source.PRACTICE,
        reference="METRICS §3; 高安 2022-09: 1919 ÷ 2381 = 80.60 %",
        min_n=5,
    ),
    _days(
        "median_days",
        Text("办理天数", "Days to reply"),
        _HALF,
        c.registered_at,
        c.replied_at,
        Text("登记至答复日历天数的中位数", "median calendar days from registration to reply"),
        Text(
            "一半的群众在这么多天内得到答复。", "Half of the citizens have their reply within so many days."
        ),
        Text("中位数", "median"),
    ),
    _days(
        "p90_days",
        Text("办理天数", "Days to reply"),
        Fraction(9, 10),
        c.registered_at,
        c.replied_at,
        Text("登记至答复日历天数的 90 分位数", "90th percentile of calendar days from registration to reply"),
        Text("最慢的十分之一至少要等这么久。", "The slowest tenth waits at least so long."),
        Text("90 分位", "90th percentile"),
    ),
    Metric(
        key="mean_days",
        subject="timeliness",
        name=Text("办理天数", "Days to reply"),
        variant=Text("平均", "mean"),
        formula=Ratio((Term(m.REPLY_SECONDS, Fraction(1, 86_400)),), terms(m.REPLIED)),
        formula_text=Text(
            "登记至答复的日历天数之和 ÷ 已答复的办结件",
            "sum of days from registration to reply ÷ replied items",
        ),
        clock=clocks.CLOSED,
        population=clocks.CLOSED_ITEMS,
        why=Text("上海公布的口径(10 天 5 小时)。", "The form that Shanghai publishes (10 days 5 hours)."),
        unit=clocks.DAYS,
        measurement=Measurement.DAYS,
        direction=Direction.DOWN,
        source=Source.PRACTICE,
        reference="METRICS §3; 上海",
        decimals=1,
        min_n=5,
    ),
    Metric(
        key="same_day_loop",
        subject="timeliness",
        name=Text("当日闭环率", "Same-day loop"),
        formula=Ratio(terms(m.SAME_DAY), terms(m.CASES)),
        formula_text=Text(
            "登记当日完成转送和受理的件 ÷ 登记件",
            "items dispatched and accepted on the day of registration ÷ items",
        ),
        clock=clocks.REGISTERED,
        population=clocks.EVERY_ITEM,
        why=Text("诉求当天有人接。", "Somebody takes the matter on the same day."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        source=Source.PRACTICE,
        reference="METRICS §3",
        min_n=10,
    ),
    _dispatch_share(
        "returned_share",
        Text("退回率", "Refused by the unit"),
        m.REFUSED,
        Text("被承办单位退回的件", "items refused by the unit"),
        Text("派得准不准。", "Whether items go to the right unit."),
    ),
    _dispatch_share(
        "redispatched_share",
        Text("重派率", "Sent again"),
        m.REDISPATCHED,
        Text("重新派发的件", "items sent again"),
        Text("推诿和错派的代价。", "What wrong or refused dispatch costs."),
    ),
    *[
        _days(
            f"stage_days_{key}",
            Text("环节时长", "Stage duration"),
            _HALF,
            start,
            end,
            Text(f"{stage.zh}天数的中位数", f"median days {stage.en}"),
            Text("案件在哪个环节等待。", "Where items wait."),
            stage,
        )
        for key, stage, start, end in _STAGES
    ],
)

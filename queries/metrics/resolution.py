"""Resolution 化解: what is settled the first time, and how the backlog list shrinks (METRICS §4)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from queries import clocks
from queries.metric import ClearedWeeks, Metric, Point, Population, Ratio, Source, Term, terms
from queries.vocabulary import Direction, Measurement, Text
from warehouse import measures as m
from warehouse.schema import backlog_item


def _backlog(key: str, name: Text, formula: Ratio, formula_text: Text, why: Text, **more: Any) -> Metric:
    share = formula.denominator is not None
    more.setdefault("source", Source.PRACTICE)
    more.setdefault("reference", "METRICS §4")
    more.setdefault("clock", clocks.AS_OF)
    return Metric(
        key=key,
        subject="resolution",
        name=name,
        formula=formula,
        formula_text=formula_text,
        population=clocks.LISTED,
        why=why,
        unit=clocks.PER_CENT if share else clocks.ITEMS,
        measurement=Measurement.SHARE if share else Measurement.COUNT,
        decimals=2 if share else 0,
        **more,
    )


_HIGH_RISK = (
    (
        "high_risk_issues",
        None,
        None,
        clocks.ITEMS,
        Text(
            "截至日严重程度为 3 级、未销号的重大问题", "major issues of severity 3, opened and not struck off"
        ),
    ),
    (
        "high_risk_issues_per_million",
        Text("每百万人", "per million residents"),
        Population(1_000_000),
        Text("件/百万人", "items per million"),
        Text(
            "截至日严重程度为 3 级、未销号的重大问题 ÷ 常住人口 × 1 000 000",
            "major issues of severity 3, opened and not struck off ÷ residents × 1 000 000",
        ),
    ),
)

METRICS = (
    Metric(
        key="first_time_resolution",
        subject="resolution",
        name=Text("初次信访一次性化解率", "First-time resolution"),
        formula=Ratio(
            (Term(m.RESOLVED_FIRST), Term(m.RESOLVED_FIRST_RETURNED, Fraction(-1))), terms(m.CLOSED_FIRST)
        ),
        formula_text=Text(
            "已化解且截至日未再访的初次件 ÷ 期内办结的初次件",
            "first-time items resolved and not back by the as-of date ÷ first-time items closed",
        ),
        clock=clocks.CLOSED,
        population=clocks.FIRST_CLOSED,
        why=Text("第一次就解决,是最好的化解。", "Settling it the first time is the best settlement."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        source=Source.PRACTICE,
        reference="METRICS §4; 临沂 7839 ÷ 8307 = 94.37 %",
        min_n=10,
        notes=(
            Text(
                "新近办结件仍可能再访,数值会随截至日回落;历史各点按当时已知计算。",
                "Recent closings may still come back, so the value sinks with the as-of date;"
                " past points are computed as known then.",
            ),
        ),
    ),
    _backlog(
        "backlog_stock",
        Text("积案存量", "Backlog on hand"),
        Ratio(terms(m.BACKLOG_ON_HAND)),
        Text("截至日已交办、未销号的清单件", "listed items assigned by the date and not struck off"),
        Text(
            "以清单为准,不以账龄为准;账龄另列。",
            "Membership of the list, not age, decides; age is a metric of its own.",
        ),
        direction=Direction.DOWN,
    ),
    _backlog(
        "backlog_assigned",
        Text("积案交办总数", "Backlog assigned"),
        Ratio(terms(m.BACKLOG_ASSIGNED)),
        Text("截至日累计交办的清单件", "listed items assigned by the date, cumulative"),
        Text("化解率的分母。", "The denominator of clearance."),
        direction=Direction.NEITHER,
    ),
    _backlog(
        "backlog_clearance",
        Text("积案化解率", "Backlog clearance"),
        Ratio(terms(m.BACKLOG_RESOLVED), terms(m.BACKLOG_ASSIGNED)),
        Text(
            "累计化解(返回的除外) ÷ 累计交办", "cumulative resolved, returns taken off ÷ cumulative assigned"
        ),
        Text("历史问题还剩多少。", "How much of the past is settled."),
        direction=Direction.UP,
        reference="METRICS §4; 临沂 638 ÷ 1876 = 34.01 %",
    ),
    _backlog(
        "backlog_overdue_share",
        Text("积案超期占比", "Backlog past its plan"),
        Ratio(terms(m.BACKLOG_PAST_PLAN), terms(m.BACKLOG_ON_HAND)),
        Text(
            "已过计划化解日仍未化解的件 ÷ 积案存量",
            "items past the planned day and unresolved ÷ backlog on hand",
        ),
        Text("计划是否落空。", "Whether the plan is being kept."),
        direction=Direction.DOWN,
        source=Source.OWN,
        reference="METRICS §7",
    ),
    _backlog(
        "backlog_five_clears",
        Text("案清事明率", "All five clears"),
        Ratio(terms(m.BACKLOG_CLEAR), terms(m.BACKLOG_ON_HAND)),
        Text(
            "人员、诉求、责任、工作、方案五清俱全的件 ÷ 积案存量",
            "items whose people, demand, duty, work and plan are all clear ÷ backlog on hand",
        ),
        Text("先弄清楚,才能化解。", "Clear first, settled after."),
        direction=Direction.UP,
    ),
    _backlog(
        "backlog_opening",
        Text("期初积案", "Backlog at the start"),
        Ratio((Term(m.BACKLOG_ON_HAND, point=Point.OPENING),)),
        Text("期初前一日已交办、未销号的清单件", "listed items on hand the day before the period"),
        Text("期初 + 新交办 − 销号 = 期末。", "Start + newly assigned − struck off = end."),
        direction=Direction.NEITHER,
        clock=Text("期初前一日", "the day before the period"),
    ),
    _backlog(
        "backlog_added",
        Text("新交办积案", "Backlog newly assigned"),
        Ratio(terms(m.BACKLOG_ADDED)),
        Text("期内交办的清单件", "listed items assigned in the period"),
        Text("清单增加了多少。", "What the list gained."),
        direction=Direction.NEITHER,
        clock=clocks.ASSIGNED,
    ),
    _backlog(
        "backlog_struck_off",
        Text("积案销号", "Backlog struck off"),
        Ratio(terms(m.BACKLOG_STRUCK_OFF)),
        Text("期内销号的清单件", "listed items struck off in the period"),
        Text("清单减少了多少。", "What the list lost."),
        direction=Direction.UP,
        clock=clocks.STRUCK_OFF,
    ),
    _backlog(
        "backlog_returned",
        Text("积案返回", "Backlog returned"),
        Ratio(terms(m.BACKLOG_RETURNED)),
        Text("期内销号后又返回的清单件", "listed items that came back in the period after being struck off"),
        Text("销号后又返回的,不再计作已化解。", "What comes back after being struck off is not resolved."),
        direction=Direction.DOWN,
        clock=clocks.RETURNED,
    ),
    _backlog(
        "backlog_planned",
        Text("按计划应剩积案", "Backlog left if the plan were kept"),
        Ratio(terms(m.BACKLOG_PLANNED)),
        Text(
            "截至日已交办、计划化解日未到的清单件(不论是否已化解)",
            "listed items assigned by the date whose planned day is still to come, resolved or not",
        ),
        Text("燃尽图的计划线。", "The plan's line of the burn-down."),
        direction=Direction.NEITHER,
        source=Source.OWN,
    ),
    _backlog(
        "backlog_unresolved",
        Text("待化解积案", "Backlog not yet resolved"),
        Ratio(terms(m.BACKLOG_UNRESOLVED)),
        Text(
            "截至日已交办、尚未化解的清单件(未化解而销号的除外)",
            "listed items assigned by the date and not resolved, without those struck off unresolved",
        ),
        Text("还有哪些要化解、何时到期。", "What is still to be resolved, and when it is due."),
        direction=Direction.DOWN,
        source=Source.OWN,
        reference="METRICS §7",
    ),
    _backlog(
        "backlog_on_plan",
        Text("积案按计划化解率", "Backlog resolved by its planned day"),
        Ratio(terms(m.BACKLOG_ON_PLAN), terms(m.BACKLOG_DUE)),
        Text(
            "计划日当日或之前化解的件 ÷ 计划日在期内的清单件",
            "items resolved on or before the planned day ÷ listed items whose planned day is in the period",
        ),
        Text("计划兑现了多少。", "How much of the plan was kept."),
        direction=Direction.UP,
        source=Source.OWN,
        clock=clocks.PLANNED,
    ),
    Metric(
        key="dynamic_zero",
        subject="resolution",
        name=Text("动态清零周占比", "Weeks cleared to zero"),
        formula=ClearedWeeks(backlog_item, backlog_item.c.planned_on, backlog_item.c.resolved_on),
        formula_text=Text(
            "到期件全部在当周末前化解的周数 ÷ 有到期件的周数",
            "ISO weeks in which every item due was resolved by Sunday ÷ weeks with items due",
        ),
        clock=clocks.PLANNED,
        population=clocks.LISTED,
        why=Text("到期的当周清,不滚存。", "What falls due is cleared in its week, nothing rolls over."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        source=Source.OWN,
        reference="METRICS §4",
    ),
    Metric(
        key="open_cases",
        subject="resolution",
        name=Text("在办件", "Items on hand"),
        formula=Ratio(terms(m.OPEN_CASES)),
        formula_text=Text("截至日已登记、未办结的件", "items registered by the date and not yet closed"),
        clock=clocks.AS_OF,
        population=clocks.EVERY_ITEM,
        why=Text("手上还有多少没办完。", "How much is still to be done."),
        unit=clocks.ITEMS,
        measurement=Measurement.COUNT,
        direction=Direction.DOWN,
        source=Source.PRACTICE,
        reference="METRICS §3",
        decimals=0,
    ),
    *[
        Metric(
            key=key,
            subject="resolution",
            name=Text("在办高风险重大问题", "Open high-risk issues"),
            variant=variant,
            formula=Ratio(terms(m.HIGH_RISK_ISSUES), residents),
            formula_text=formula_text,
            clock=clocks.AS_OF,
            population=Text("重大信访问题清单", "the major-issue list"),
            why=Text("重大活动前的风险底数。", "What is at stake before a major event."),
            unit=unit,
            measurement=Measurement.COUNT if residents is None else Measurement.RATE,
            direction=Direction.DOWN,
            source=Source.OWN,
            reference="METRICS §7",
            decimals=0 if residents is None else 2,
        )
        for key, variant, residents, unit, formula_text in _HIGH_RISK
    ],
)

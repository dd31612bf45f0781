"""Major issues 重大信访问题: how many are open, late, struck off and back, and what is reported weekly."""

from __future__ import annotations

from typing import Any

from queries import clocks
from queries.metric import Metric, Ratio, Source, terms
from queries.vocabulary import Direction, Measurement, Text
from warehouse import measures as m

_WATCHED = Text(
    "销号后 180 天内返回的重新打开，计入在办；更晚的返回不计。",
    "An item back within 180 days of being struck off is open again; a later return is not counted.",
)


def _issues(key: str, name: Text, formula: Ratio, formula_text: Text, why: Text, **more: Any) -> Metric:
    share = formula.denominator is not None
    more.setdefault("clock", clocks.REPORTED if share else clocks.AS_OF)
    return Metric(
        key=key,
        subject="major_issues",
        name=name,
        formula=formula,
        formula_text=formula_text,
        population=clocks.ISSUE_REPORTS if share else clocks.MAJOR_ISSUES,
        why=why,
        unit=clocks.PER_CENT if share else clocks.ITEMS,
        measurement=Measurement.SHARE if share else Measurement.COUNT,
        decimals=2 if share else 0,
        source=Source.OWN,
        reference="METRICS §6",
        **more,
    )


METRICS = (
    _issues(
        "major_issues_listed",
        Text("重大问题累计列入", "Major issues listed"),
        Ratio(terms(m.ISSUES_LISTED)),
        Text("截至日累计列入清单的事项", "items put on the list by the date, cumulative"),
        Text("清单总共管过多少事。", "How much the list has had to deal with."),
        direction=Direction.NEITHER,
    ),
    _issues(
        "major_issues_open",
        Text("在办重大问题", "Open major issues"),
        Ratio(terms(m.ISSUES_ON_HAND, m.ISSUES_REOPENED)),
        Text(
            "截至日未销号的事项 + 销号后 180 天内返回的事项",
            "items not struck off by the date + items back within 180 days of being struck off",
        ),
        Text("清单上还有多少事没有了结。", "How much on the list is not settled."),
        direction=Direction.DOWN,
        notes=(_WATCHED,),
    ),
    _issues(
        "major_issues_overdue",
        Text("超期重大问题", "Major issues past plan"),
        Ratio(terms(m.ISSUES_PAST_PLAN, m.ISSUES_BACK_LATE, m.ISSUES_BACK_IN_TIME)),
        Text(
            "截至日在办、且已到计划销号日的事项",
            "items open on the date whose planned day of strike-off has come",
        ),
        Text("计划是否落空。", "Whether the plan is being kept."),
        direction=Direction.DOWN,
        notes=(_WATCHED,),
    ),
    _issues(
        "major_issues_struck_off",
        Text("重大问题销号", "Major issues struck off"),
        Ratio(terms(m.ISSUES_STRUCK_OFF)),
        Text("期内销号的事项", "items struck off in the period"),
        Text("了结了多少。", "How much was settled."),
        direction=Direction.UP,
        clock=clocks.STRUCK_OFF,
    ),
    _issues(
        "major_issues_returned",
        Text("观察期返回", "Back in the watch period"),
        Ratio(terms(m.ISSUES_RETURNED)),
        Text(
            "期内返回、且返回时销号未满 180 天的事项",
            "items that came back in the period, within 180 days of being struck off",
        ),
        Text("销号是否牢靠。", "Whether being struck off holds."),
        direction=Direction.DOWN,
        clock=clocks.RETURNED,
    ),
    _issues(
        "major_issues_consulted",
        Text("周会商开展率", "Weekly consultations held"),
        Ratio(terms(m.ISSUE_CONSULTED), terms(m.ISSUE_REPORTS)),
        Text("已开展周会商的周报 ÷ 期内周报", "reports with a consultation held ÷ reports of the period"),
        Text("事有没有人每周过问。", "Whether somebody asks after each item every week."),
        direction=Direction.UP,
    ),
    _issues(
        "major_issues_clear",
        Text("周报五清率", "Reports with five clears"),
        Ratio(terms(m.ISSUE_CLEAR), terms(m.ISSUE_REPORTS)),
        Text(
            "人员、诉求、责任、工作、方案五清俱全的周报 ÷ 期内周报",
            "reports with people, demand, duty, work and plan all clear ÷ reports of the period",
        ),
        Text("先弄清楚,才能化解。", "Clear first, settled after."),
        direction=Direction.UP,
    ),
)

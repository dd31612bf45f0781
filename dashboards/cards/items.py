"""The items behind a number, in words: what was clicked, its sides, and the columns of each kind of item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.volume import named
from dashboards.exports.workbook import Cell, Sheet
from dashboards.figures.markup import Markup, tag
from queries.dimensions import DIMENSIONS, dimension
from queries.drill import Drill, Items, Side, sides
from queries.execute import Warehouse
from queries.question import Filter
from queries.vocabulary import Language, Measurement, Text
from warehouse.schema import ReviewKind

PAGE = 100  # items a page
MOST_IN_FILE = 5_000

TITLE = Text("办件清单 · {name}", "Items behind: {name}")
SIDE = Text("范围", "Which items")
FILE = Text("导出清单（XLSX）", "Export the list (XLSX)")
BEFORE, AFTER = Text("上一页", "Previous page"), Text("下一页", "Next page")
LABEL = Text("办件清单", "List of items")
OPEN = Text("打开", "Open")
CASE_BOARD, CASE = "case_life", "case"  # the board that opens one item, and the item's name in its address
SIDES = {
    Side.COUNTED: Text("计入分子", "Counted"),
    Side.WHOLE: Text("全部分母", "All divided by"),
    Side.REST: Text("未计入分子", "Not counted"),
}
_ROWS = Text("共 {n} 件", "{n} items")
_AMOUNT = Text("，合计 {x}", ", which add up to {x}")
_SHOWN = Text("本页第 {first}–{last} 件，新近在前", "This page: {first}–{last}, latest first")
_AS_KNOWN = Text(
    "按截至日所知：之后的办理情况不列", "As known on the as-of date; what happened later is left out"
)
_ADDS = Text("计入", "Adds")
_NOT_STATED = Text("未明确", "Not stated")
_CUT = Text("文件只含前 {n} 件", "The file holds the first {n} only")

_STATES = {
    "evaluated_at": Text("已评价", "Evaluated"),
    "closed_at": Text("已办结", "Closed"),
    "replied_at": Text("已答复", "Replied"),
    "accepted_at": Text("办理中", "In hand"),
}
_NEW = Text("待受理", "Not yet accepted")
_STATE = Text("状态", "State")
KINDS = {
    ReviewKind.PUBLIC: Text("群众评议", "Public"),
    ReviewKind.EXPERT: Text("专家评审", "Experts"),
    ReviewKind.THIRD_PARTY: Text("第三方评估", "Third party"),
    ReviewKind.SELF: Text("自评", "Own"),
    ReviewKind.COMMENT: Text("点评", "Comment"),
}


@dataclass(frozen=True)
class Column:
    """A column of the list: its heading, and the dimension whose member it holds, if it holds one."""

    heading: Text
    member: str = ""


_PLACE = {"district_id": Column(Text("区县", "District"), "district")}
_STREET = {"street_id": Column(Text("镇街", "Street or town"), "street")}
_UNIT = {"unit_id": Column(Text("承办单位", "Handling unit"), "unit")}
# What of each table a list shows: no person, no address, no coordinates. The first column names the item.
COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "cases": {
        "source_case_no": Column(Text("编号", "Number")),
        "registered_at": Column(Text("登记", "Registered")),
        **_PLACE,
        **_STREET,
        "category2_id": Column(Text("类别", "Category"), "category2"),
        "channel_id": Column(Text("渠道", "Channel"), "channel"),
        **_UNIT,
        "accepted_at": Column(Text("受理", "Accepted")),
        "reply_due_at": Column(Text("答复期限", "Reply due")),
        "replied_at": Column(Text("答复", "Replied")),
        "closed_at": Column(Text("办结", "Closed")),
        "evaluated_at": Column(Text("评价", "Evaluated")),
        "repeat_no": Column(Text("第几次重复", "Repeat number")),
        "title": Column(Text("标题（已脱敏）", "Title (masked)")),
    },
    "backlog_item": {
        "backlog_item_id": Column(Text("编号", "Number")),
        "list_level": Column(Text("交办层级", "List level"), "list_level"),
        **_PLACE,
        **_STREET,
        "category1_id": Column(Text("类别", "Category"), "category1"),
        **_UNIT,
        "leader": Column(Text("包案领导", "Leader in charge")),
        "first_registered_on": Column(Text("首次登记", "First registered")),
        "assigned_on": Column(Text("交办", "Assigned")),
        "planned_on": Column(Text("计划化解", "Planned")),
        "resolved_on": Column(Text("化解", "Resolved")),
        "struck_off_on": Column(Text("销号", "Struck off")),
        "returned_on": Column(Text("返回", "Returned")),
    },
    "major_issue": {
        "major_issue_id": Column(Text("编号", "Number")),
        "name_zh": Column(Text("事项", "Issue")),
        **_PLACE,
        "severity": Column(Text("严重程度", "Severity")),
        "leader": Column(Text("包案领导", "Leader in charge")),
        "opened_on": Column(Text("立项", "Opened")),
        "planned_on": Column(Text("计划销号", "Planned")),
        "struck_off_on": Column(Text("销号", "Struck off")),
        "returned_on": Column(Text("返回", "Returned")),
    },
    "major_issue_week": {
        "major_issue_id": Column(Text("事项编号", "Issue")),
        **_PLACE,
        "week_on": Column(Text("周报日（周一）", "Week")),
        "stage": Column(Text("阶段（1–6）", "Stage (1–6)")),
        "planned_stage": Column(Text("计划阶段", "Planned stage")),
        "is_people_clear": Column(Text("人员清", "People")),
        "is_demand_clear": Column(Text("诉求清", "Demand")),
        "is_duty_clear": Column(Text("责任清", "Duty")),
        "is_work_clear": Column(Text("工作清", "Work")),
        "is_plan_clear": Column(Text("方案清", "Plan")),
        "is_consulted": Column(Text("周会商", "Consulted")),
    },
    "review": {
        "case_id": Column(Text("办件", "Item")),
        "kind": Column(Text("评审方", "Reviewer")),
        **_PLACE,
        **_UNIT,
        "reviewed_on": Column(Text("评审日", "Reviewed")),
        "score": Column(Text("得分", "Score")),
    },
}
# Stages of a case that a past as-of date does not know yet.
_LATER = (
    "accepted_at",
    "replied_at",
    "closed_at",
    "evaluated_at",
    "resolved_on",
    "struck_off_on",
    "returned_on",
)


def title(drill: Drill, now: Language) -> str:
    """The name of the number that was clicked."""
    return TITLE.in_(now).format(name=drill.metric.full_name.in_(now))


def offered(drill: Drill) -> dict[str, Text]:
    """The sides that the reader can choose from, by their code."""
    return {side.value: SIDES[side] for side in sides(drill.metric)}


def said(warehouse: Warehouse, drill: Drill, now: Language) -> str:
    """The number's period and filters in words."""
    question = drill.question
    words = [numbers.period_text(question.period, now)]
    words += [
        f"{dimension(one.dimension).name.in_(now)}：{_members(warehouse, one, now)}"
        for one in question.filters
    ]
    return " · ".join(words)


def summary(found: Items, drill: Drill, first: int, now: Language) -> Markup:
    """How many there are, what they add up to, and which of them the page shows."""
    metric, last = drill.metric, first + len(found.frame)
    count = _ROWS.in_(now).format(n=numbers.plain(found.rows))
    if found.amount != found.rows and metric.measurement is not Measurement.SHARE:
        places = 0 if float(found.amount).is_integer() else 2
        count += _AMOUNT.in_(now).format(x=numbers.plain(found.amount, places))
    shown = _SHOWN.in_(now).format(first=first + 1 if last else 0, last=last)
    return tag(
        "div",
        tag("h2", count),
        tag("p", metric.formula_text.in_(now), class_="q-note"),
        tag("p", f"{shown} · {_AS_KNOWN.in_(now)}", class_="q-note"),
        class_="q-heading",
    )


def listing(warehouse: Warehouse, found: Items, drill: Drill, now: Language) -> pd.DataFrame:
    """The page of items as a table under its headings, members named, later events left out."""
    columns, frame = COLUMNS[found.table], found.frame.copy()
    end = datetime.combine(drill.question.as_of, time.max)
    for name in (one for one in _LATER if one in frame):
        days = pd.to_datetime(frame[name])
        frame[name] = days.where(days <= end)
    drawn: dict[str, Any] = {}
    for name, column in columns.items():
        values = frame[name]
        if column.member:
            names = _names(warehouse, column.member)
            values = pd.Series([names.get(int(key), _NOT_STATED).in_(now) for key in values], values.index)
        elif name == "kind":
            values = pd.Series([KINDS[ReviewKind(int(kind))].in_(now) for kind in values], values.index)
        elif name.endswith("_at"):
            values = pd.to_datetime(values).dt.strftime("%Y-%m-%d %H:%M")
        elif name.endswith("_on"):
            values = pd.to_datetime(values).dt.strftime("%Y-%m-%d")
        drawn[column.heading.in_(now)] = values
    if found.table == "cases":
        drawn[_STATE.in_(now)] = _states(frame, now)
    if (frame["adds"] != 1).any():
        drawn[_ADDS.in_(now)] = frame["adds"]
    return pd.DataFrame(drawn).reset_index(drop=True)


def addresses(keys: Iterable[int], now: Language) -> list[str]:
    """Where single items are opened, by their keys; the page there asks for the purpose first."""
    return [f"/{CASE_BOARD}?{CASE}={int(key)}&lang={now}" for key in keys]


def items_sheet(table: pd.DataFrame, found: Items, now: Language) -> Sheet:
    """The list as a sheet; says so when it does not hold all items."""
    rows: list[tuple[Cell, ...]] = [
        tuple(None if pd.isna(cell) else cell for cell in row) for row in table.itertuples(index=False)
    ]
    if len(rows) < found.rows:
        rows.append((_CUT.in_(now).format(n=len(rows)), *[None] * (len(table.columns) - 1)))
    return Sheet(LABEL.in_(now), tuple(map(str, table.columns)), tuple(rows))


def _states(frame: pd.DataFrame, now: Language) -> pd.Series[str]:
    state = pd.Series(_NEW.in_(now), index=frame.index)
    for column, name in reversed(_STATES.items()):
        state = state.mask(frame[column].notna(), name.in_(now))
    return state


def _names(warehouse: Warehouse, key: str) -> Mapping[int, Text]:
    cut = dimension(key)
    return dict(cut.names) if cut.members is None else named(warehouse.members(key))


def _members(warehouse: Warehouse, one: Filter, now: Language) -> str:
    cut = DIMENSIONS[one.dimension]
    if cut.members is None and not cut.names:
        return "、".join(map(str, one.members))
    names = _names(warehouse, one.dimension)
    separator = "、" if now == "zh" else ", "
    return separator.join(names.get(int(member), _NOT_STATED).in_(now) for member in one.members)

"""The dimensions a question may be split and filtered by, and where each stands in facts and roll-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Table, case, cast, func, literal

from queries.errors import UnknownDimension, did_you_mean
from queries.vocabulary import Text
from warehouse.dialects import days_between, seconds_between
from warehouse.schema import (
    NOT_STATED,
    Outcome,
    RegionLevel,
    category,
    channel,
    purpose,
    region,
    source,
    unit,
)

Columns = Mapping[str, ColumnElement[Any]]
Expression = Callable[[Columns, ColumnElement[Any]], ColumnElement[Any]]


@dataclass(frozen=True, eq=False)
class Through:
    """A dimension reached by joining `table` on `key` and reading `value` (an ancestor, a peer group)."""

    table: Table
    key: str
    value: str


@dataclass(frozen=True, eq=False)
class Dimension:
    """One way of cutting the numbers.

    `column` is the column that facts and roll-ups need to hold. `through` looks the member up in a
    dimension table; `expression` computes it from the row and the day of observation: the last day of the
    window, or, of a dimension that tells what is `known`, the as-of date. `members` is the table of its
    members, read for names; where it is absent `names` spells the few there are, or the member names itself.
    """

    key: str
    name: Text
    column: str
    members: Table | None = None
    level: int | None = None
    through: Through | None = None
    expression: Expression | None = None
    known: bool = False
    names: tuple[tuple[int, Text], ...] = ()


def _age_band(columns: Columns, day: ColumnElement[Any]) -> ColumnElement[Any]:
    age = days_between(columns["first_registered_on"], day)
    return case(
        (age <= 365, literal(1)), (age <= 3 * 365, literal(2)), (age <= 5 * 365, literal(3)), else_=literal(4)
    )


def _days_to_plan(columns: Columns, day: ColumnElement[Any]) -> ColumnElement[Any]:
    planned = columns["planned_on"]
    return case((planned <= day, literal(0)), else_=days_between(day, planned))


def _case_clock(columns: Columns, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """How much of the time allowed for the reply is used up when the day ends (METRICS §8)."""
    registered, due, replied = (columns[name] for name in ("registered_at", "reply_due_at", "replied_at"))
    used = seconds_between(registered, cast(day, DateTime)) + 86_400
    allowed = seconds_between(registered, due)
    return case(
        (cast(replied, Date) <= day, literal(5)),
        (due.is_(None), literal(0)),
        (used >= allowed, literal(4)),
        (used * 4 >= allowed * 3, literal(3)),
        (used * 2 >= allowed, literal(2)),
        else_=literal(1),
    )


_STAGES = ("transferred_at", "accepted_at", "replied_at", "closed_at", "evaluated_at")


def _stage(columns: Columns, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The furthest stage that an item has reached by the end of the day: 1 registered to 6 evaluated."""
    reached = [(cast(columns[name], Date) <= day, literal(at)) for at, name in enumerate(_STAGES, start=2)]
    return case(*reversed(reached), else_=literal(1))


def _shortfall(columns: Columns, _day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first thing on record that went wrong; an item rated past its due time without a reply is late."""
    answered = func.coalesce(columns["replied_at"], columns["evaluated_at"])
    return case(
        (columns["is_contacted"].is_(False), literal(1)),
        (columns["is_resolved"].is_(False), literal(2)),
        (answered > columns["reply_due_at"], literal(3)),
        (columns["outcome"] == int(Outcome.NOT_SUPPORTED), literal(4)),
        else_=literal(5),
    )


def _cell(columns: Columns, _day: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(columns["h3"], NOT_STATED)


def _is_repeat(columns: Columns, _day: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((columns["repeat_no"] > 0, literal(1)), else_=literal(0))


_ALL = (
    Dimension("district", Text("区县", "District"), "district_id", region, RegionLevel.DISTRICT),
    Dimension("street", Text("镇街", "Street or town"), "street_id", region, RegionLevel.STREET),
    Dimension("village", Text("村社", "Village or community"), "village_id", region, RegionLevel.VILLAGE),
    Dimension("cell", Text("位置格（H3）", "Cell (H3)"), "h3", expression=_cell),
    Dimension(
        "peer_group",
        Text("同类组", "Peer group"),
        "district_id",
        through=Through(region, "region_id", "peer_group"),
    ),
    Dimension("unit", Text("承办单位", "Handling unit"), "unit_id", unit),
    Dimension("channel", Text("渠道", "Channel"), "channel_id", channel),
    Dimension(
        "stream", Text("三情", "Stream"), "channel_id", through=Through(channel, "channel_id", "stream")
    ),
    Dimension("source", Text("来源线路", "Source line"), "source_id", source),
    Dimension("purpose", Text("诉求目的", "Purpose"), "purpose_id", purpose),
    Dimension("category1", Text("一级类别", "Category, level 1"), "category1_id", category, 1),
    Dimension("category2", Text("二级类别", "Category, level 2"), "category2_id", category, 2),
    Dimension(
        "category3",
        Text("三级类别", "Category, level 3"),
        "category_id",
        category,
        3,
        through=Through(category, "category_id", "category3_id"),
    ),
    Dimension(
        "category4",
        Text("四级类别", "Category, level 4"),
        "category_id",
        category,
        4,
        through=Through(category, "category_id", "category4_id"),
    ),
    Dimension("category5", Text("五级类别", "Category, level 5"), "category_id", category, 5),
    Dimension(
        "repeat",
        Text("初次或重复", "First-time or repeat"),
        "repeat_no",
        expression=_is_repeat,
        names=((0, Text("初次件", "First-time")), (1, Text("重复件", "Repeat"))),
    ),
    Dimension(
        "list_level",
        Text("交办层级", "List level"),
        "list_level",
        names=(
            (1, Text("国家交办", "National list")),
            (2, Text("省级交办", "Provincial list")),
            (3, Text("市级交办", "City list")),
        ),
    ),
    Dimension("leader", Text("包案领导", "Leader in charge"), "leader"),
    Dimension(
        "backlog_age",
        Text("积案账龄", "Age of backlog"),
        "first_registered_on",
        expression=_age_band,
        names=(
            (1, Text("1 年以内", "Up to 1 year")),
            (2, Text("1–3 年", "1–3 years")),
            (3, Text("3–5 年", "3–5 years")),
            (4, Text("5 年以上", "Over 5 years")),
        ),
    ),
    Dimension(
        "days_to_plan",
        Text("距计划化解日天数", "Days to the planned day"),  # 0 from the planned day on
        "planned_on",
        expression=_days_to_plan,
    ),
    Dimension(
        "case_clock",
        Text("办理时钟", "Case clock"),
        "reply_due_at",
        expression=_case_clock,
        names=(
            (1, Text("不足 50 %", "Under 50 %")),
            (2, Text("提示 50–75 %", "Notice, 50–75 %")),
            (3, Text("黄线 75–100 %", "Yellow line, 75–100 %")),
            (4, Text("红线 100 % 以上", "Red line, over 100 %")),
            (5, Text("已答复", "Replied")),
        ),
    ),
    Dimension(
        "stage",
        Text("办理环节", "Stage of handling"),
        "replied_at",
        expression=_stage,
        known=True,
        names=(
            (1, Text("已登记、待转送", "Registered, not yet transferred")),
            (2, Text("已转送、待受理", "Transferred, not yet accepted")),
            (3, Text("已受理、待答复", "Accepted, not yet replied to")),
            (4, Text("已答复、待办结", "Replied to, not yet closed")),
            (5, Text("已办结、待评价", "Closed, not yet evaluated")),
            (6, Text("已评价", "Evaluated")),
        ),
    ),
    Dimension(
        "shortfall",
        Text("欠缺环节（自定义口径）", "Shortfall (our own definition)"),
        "is_contacted",
        expression=_shortfall,
        names=(
            (1, Text("未联系", "Not contacted")),
            (2, Text("未解决", "Not resolved")),
            (3, Text("答复超期", "Replied late")),
            (4, Text("不予支持", "Not supported")),
            (5, Text("以上皆无", "None of these")),
        ),
    ),
)

DIMENSIONS: Mapping[str, Dimension] = {dimension.key: dimension for dimension in _ALL}


def dimension(key: str) -> Dimension:
    """The dimension of that key; raises UnknownDimension."""
    if key not in DIMENSIONS:
        raise UnknownDimension(f"no dimension {key!r}; {did_you_mean(key, DIMENSIONS)}")
    return DIMENSIONS[key]

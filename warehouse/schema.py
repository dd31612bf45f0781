"""Every table of the warehouse in SQLAlchemy Core: the only spelling of column names.

Conventions: `_on` is a date, `_at` a timestamp in the city's own time zone (naive), `_id` a small signed
integer key, `code` the stable short name of the source, `is_` a boolean. Key 0 of every dimension is the
member 未明确 (not stated), so that parts always add up to their total. Coordinates are WGS84 degrees.

A fact says in its `info` how an engine lays it out: `shard_by`, the column that decides on which machine of a
cluster a row lives, and `sort_by`, the day that most questions cut by. A table without it is a dimension.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)

METADATA = MetaData()
NOT_STATED = 0


class RegionLevel(IntEnum):
    """Depth of a region below the city (城市 · 区县 · 镇街 · 村社)."""

    CITY = 1
    DISTRICT = 2
    STREET = 3
    VILLAGE = 4


class Satisfaction(IntEnum):
    """What the citizen answered when asked to evaluate (满意度评价)."""

    SATISFIED = 1  # 满意
    MOSTLY = 2  # 基本满意
    DISSATISFIED = 3  # 不满意
    OTHER = 4  # 其他
    OVERDUE = 5  # 超期未评价


class Outcome(IntEnum):
    """How the competent unit decided (办理结果)."""

    SUPPORTED = 1  # 支持
    EXPLAINED = 2  # 解释说明
    NOT_SUPPORTED = 3  # 不予支持


class ListLevel(IntEnum):
    """Which level put an item on its list (交办层级); also the level of a visited or competent body."""

    NATIONAL = 1  # 国家
    PROVINCIAL = 2  # 省
    CITY = 3  # 市
    DISTRICT = 4  # 区县
    STREET = 5  # 镇街


class ReviewKind(IntEnum):
    """Who reviewed a handled item (三评 and 自评/点评)."""

    PUBLIC = 1  # 群众评议
    EXPERT = 2  # 专家评审
    THIRD_PARTY = 3  # 第三方评估
    SELF = 4  # 自评
    COMMENT = 5  # 点评


class IssueStage(IntEnum):
    """Stage of a major issue, in order (摸排 → 方案 → 办理 → 化解 → 验收 → 销号)."""

    SURVEY = 1
    PLAN = 2
    HANDLE = 3
    RESOLVE = 4
    VERIFY = 5
    STRIKE_OFF = 6


def _key(name: str, kind: type[Integer] = Integer) -> Column[int]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _names() -> tuple[Column[str], Column[str]]:
    return Column("name_zh", String, nullable=False), Column("name_en", String, nullable=False)


def _ref(name: str, kind: type[Integer] = SmallInteger) -> Column[int]:
    return Column(name, kind, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


# --- about the warehouse itself -------------------------------------------------------------------

warehouse_info = Table(
    "warehouse_info",
    METADATA,
    Column("version", String, primary_key=True),
    Column("city", String, nullable=False),
    Column("built_at", DateTime, nullable=False),
    Column("data_from_on", Date, nullable=False),
    Column("as_of_on", Date, nullable=False),
    Column("is_demo", Boolean, nullable=False),
    Column("full_scale", Double, nullable=False),  # stored cases ÷ cases of the real scale; 1.0 for real data
    Column("seed", BigInteger),
)

batch = Table(
    "batch",
    METADATA,
    _key("batch_id"),
    Column("file_name", String, nullable=False),
    Column("file_sha256", String, nullable=False),
    Column("mapping", String, nullable=False),
    Column("loaded_at", DateTime, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_loaded", BigInteger, nullable=False),
    Column("rows_superseded", BigInteger, nullable=False),
    Column("rows_duplicate", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
)

batch_reason = Table(
    "batch_reason",
    METADATA,
    _key("batch_id"),
    Column(
        "kind", String, primary_key=True
    ),  # superseded · duplicate · rejected · repaired (one field empty)
    Column("reason", String, primary_key=True),
    Column("rows", BigInteger, nullable=False),
)

# Through which secrets the keys of persons and matters went, one after the other (see ingest/key_ring.py).
key_ring = Table(
    "key_ring",
    METADATA,
    _key("generation", SmallInteger),  # 1 for the first
    Column("mark", BigInteger, nullable=False),  # by which the secret is recognised
)

field_coverage = Table(
    "field_coverage",
    METADATA,
    Column("field", String, primary_key=True),  # a column of cases that may be empty, and case_id
    Column("filled", BigInteger, nullable=False),  # rows in which it is not
)

# --- dimensions -----------------------------------------------------------------------------------

region = Table(
    "region",
    METADATA,
    _key("region_id"),
    Column("code", String, nullable=False),
    Column("parent_id", Integer, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("kind", String, nullable=False),
    *_names(),
    Column("peer_group", String, nullable=False),
    Column("population", BigInteger),
    Column("area_km2", Double),
    Column("lon", Double),
    Column("lat", Double),
)

unit = Table(
    "unit",
    METADATA,
    _key("unit_id"),
    Column("code", String, nullable=False),
    *_names(),
    Column("level", SmallInteger, nullable=False),
    Column("parent_id", Integer, nullable=False),
    Column("district_id", Integer, nullable=False),
    Column("peer_group", String, nullable=False),
)

category = Table(
    "category",
    METADATA,
    _key("category_id"),
    Column("code", String, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_id", Integer, nullable=False),
    *_names(),
    # ancestors, itself included; below its own level a category repeats itself
    Column("category1_id", Integer, nullable=False),
    Column("category2_id", Integer, nullable=False),
    Column("category3_id", Integer, nullable=False),
    Column("category4_id", Integer, nullable=False),
    Column("taxonomy", String, nullable=False),
)

channel = Table(
    "channel",
    METADATA,
    _key("channel_id", SmallInteger),
    Column("code", String, nullable=False),
    *_names(),
    Column("stream", String, nullable=False),  # hotline 民情 · petition 访情 · opinion 舆情
    Column("kind", String, nullable=False),  # visit 来访 · letter 来信 · call 来电 · online 网上 · app 移动端
)

source = Table(
    "source",
    METADATA,
    _key("source_id", SmallInteger),
    Column("code", String, nullable=False),
    *_names(),
    Column("channel_id", SmallInteger, nullable=False),
)

purpose = Table(
    "purpose",
    METADATA,
    _key("purpose_id", SmallInteger),
    Column("code", String, nullable=False),
    *_names(),
)

calendar = Table(
    "calendar",
    METADATA,
    Column("day_on", Date, primary_key=True),
    Column("is_workday", Boolean, nullable=False),
    Column("holiday", String),  # holiday code such as spring_festival, null on ordinary days
    Column("lunar_month", SmallInteger, nullable=False),
    Column("lunar_day", SmallInteger, nullable=False),
    Column("is_spring_festival", Boolean, nullable=False),  # lunar new year's eve and the six days after it
)

event_window = Table(
    "event_window",
    METADATA,
    _key("event_window_id"),
    *_names(),
    Column("level", SmallInteger, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
)

annotation = Table(
    "annotation",
    METADATA,
    _key("annotation_id"),
    Column("noted_on", Date, nullable=False),
    Column("kind", String, nullable=False),  # policy · event · data
    Column("district_id", Integer, nullable=False),
    Column("text_zh", String, nullable=False),
    Column("text_en", String, nullable=False),
)

# --- facts ----------------------------------------------------------------------------------------

cases = Table(
    "cases",
    METADATA,
    _key("case_id", BigInteger),
    Column("source_case_no", String, nullable=False),
    _ref("source_id"),
    _ref("channel_id"),
    _ref("purpose_id"),
    _ref("category_id", Integer),
    _ref("category1_id", Integer),
    _ref("category2_id", Integer),
    _ref("district_id", Integer),
    _ref("street_id", Integer),
    _ref("village_id", Integer),
    _ref("unit_id", Integer),
    _ref("urgency"),  # 1 一般 · 2 紧急 · 3 特急
    _flag("is_petition"),  # the channel's stream is 访情
    _flag("is_online"),  # the channel's kind is online or app
    Column("registered_at", DateTime, nullable=False),
    Column("transferred_at", DateTime),
    Column("accepted_at", DateTime),
    Column("notified_at", DateTime),
    Column("replied_at", DateTime),
    Column("closed_at", DateTime),
    Column("evaluated_at", DateTime),
    Column("accept_due_at", DateTime),
    Column("notify_due_at", DateTime),
    Column("reply_due_at", DateTime),
    # the clocks: calendar days of the timestamps above, so that a roll-up and the fact share one name
    Column("registered_on", Date, nullable=False),
    Column("transferred_on", Date),
    Column("closed_on", Date),
    Column("evaluated_on", Date),
    Column("accept_due_on", Date),
    Column("notify_due_on", Date),
    Column("reply_due_on", Date),
    _flag("is_extended"),
    # same person, same matter (同人同事): computed once, at load
    Column("person_key", BigInteger),  # 63-bit keyed hash; null when the source names nobody
    Column("matter_key", BigInteger),
    Column("first_case_id", BigInteger, nullable=False),
    Column("repeat_no", Integer, nullable=False),  # 0 for the first item of a person's matter
    Column("days_since_previous", Integer),
    Column("returned_on", Date),  # day the same matter was next registered after this item was closed
    Column("people", Integer, nullable=False),  # heads 人次
    Column("people_involved", Integer, nullable=False),
    _ref("competent_level"),
    _ref("visited_level"),
    _flag("is_skip_level"),
    _flag("is_collective"),
    _flag("is_litigation"),
    _flag("is_counted"),
    Column("exclusion", String),  # why is_counted is false
    Column("outcome", SmallInteger),
    Column("resolution_round", SmallInteger),  # 1 一次解决 · 2 二次 · 3 三次
    Column("is_resolved", Boolean),  # resolved on the merits, as recorded at closing
    Column("is_contacted", Boolean),
    Column("satisfaction", SmallInteger),
    _flag("is_valid_callback"),
    _flag("is_publishable"),  # the reply is to be published
    _flag("is_published"),
    _ref("returned_count"),  # times a unit refused it
    _ref("redispatched_count"),
    Column("lon", Double),
    Column("lat", Double),
    Column("h3", BigInteger),  # H3 cell, resolution 8
    Column("title", String),  # masked
    Column("detail", String),  # masked
    _ref("batch_id", Integer),
    info={"shard_by": "first_case_id", "sort_by": "registered_on"},  # the items of a matter live together
)

# What an item said before a later row of its source said otherwise; the newest state stands in cases.
case_history = Table(
    "case_history",
    METADATA,
    _key("case_history_id", BigInteger),
    Column("case_id", BigInteger, nullable=False),
    _ref("batch_id", Integer),  # whose row replaced the values
    Column("superseded_at", DateTime, nullable=False),
    Column("old_values", String, nullable=False),  # JSON: the columns of cases that changed, as they were
)

backlog_item = Table(
    "backlog_item",
    METADATA,
    _key("backlog_item_id"),
    Column("case_id", BigInteger),
    _ref("list_level"),
    _ref("district_id", Integer),
    _ref("street_id", Integer),
    _ref("category1_id", Integer),
    _ref("unit_id", Integer),
    Column("leader", String, nullable=False),  # 包案领导, by post
    Column("people_involved", Integer, nullable=False),
    Column("first_registered_on", Date, nullable=False),
    Column("assigned_on", Date, nullable=False),
    Column("planned_on", Date, nullable=False),  # when it is to be resolved
    Column("resolved_on", Date),
    Column("verified_on", Date),
    Column("struck_off_on", Date),
    Column("returned_on", Date),
    _flag("is_people_clear"),
    _flag("is_demand_clear"),
    _flag("is_duty_clear"),
    _flag("is_work_clear"),
    _flag("is_plan_clear"),
    info={"shard_by": "backlog_item_id", "sort_by": "assigned_on"},
)

major_issue = Table(
    "major_issue",
    METADATA,
    _key("major_issue_id"),
    *_names(),
    _ref("list_level"),
    _ref("district_id", Integer),
    _ref("street_id", Integer),
    _ref("category1_id", Integer),
    _ref("severity"),  # 1 to 3, 3 the highest
    Column("people_involved", Integer, nullable=False),
    Column("leader", String, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("signed_off_on", Date),  # accepted in writing, without which nothing is struck off
    Column("struck_off_on", Date),
    Column("returned_on", Date),
)

# What was reported of an issue on the week's Monday. List level and district are those of the issue.
major_issue_week = Table(
    "major_issue_week",
    METADATA,
    _key("major_issue_id"),
    Column("week_on", Date, primary_key=True),  # the week's Monday
    _ref("list_level"),
    _ref("district_id", Integer),
    Column("stage", SmallInteger, nullable=False),  # 1 摸排 · 2 方案 · 3 办理 · 4 化解 · 5 验收 · 6 销号
    Column("planned_stage", SmallInteger, nullable=False),
    _flag("is_people_clear"),
    _flag("is_demand_clear"),
    _flag("is_duty_clear"),
    _flag("is_work_clear"),
    _flag("is_plan_clear"),
    _flag("is_consulted"),  # 周会商 held
)

review = Table(
    "review",
    METADATA,
    _key("review_id", BigInteger),
    Column("kind", SmallInteger, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    _ref("district_id", Integer),
    _ref("unit_id", Integer),
    Column("reviewed_on", Date, nullable=False),
    Column("score", Integer, nullable=False),  # 0 to 100
    info={"shard_by": "case_id", "sort_by": "reviewed_on"},
)

demo_truth = Table(
    "demo_truth",
    METADATA,
    _key("truth_id"),
    Column("kind", String, nullable=False),  # surge · hot_spot · policy
    Column("district_id", Integer, nullable=False),
    Column("street_id", Integer, nullable=False),
    Column("category1_id", Integer, nullable=False),
    Column("category2_id", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("radius_km", Double),
    Column("factor", Double, nullable=False),  # planted multiple of the expected volume
    Column("planted_cases", BigInteger, nullable=False),
)

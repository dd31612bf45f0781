"""How the fields of a single item are written: their names, members, times and durations, and inert text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from dashboards import numbers
from dashboards.cards.volume import named
from queries.cases import STAGES, Value
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.vocabulary import Language, Text, isolated
from warehouse.schema import Outcome, Satisfaction

# Columns that hold the key of a member, and of which dimension.
MEMBERS: Mapping[str, str] = {
    "district_id": "district",
    "street_id": "street",
    "unit_id": "unit",
    "channel_id": "channel",
    "source_id": "source",
    "purpose_id": "purpose",
    "category1_id": "category1",
    "category2_id": "category2",
}
FIELDS: Mapping[str, Text] = {
    "source_case_no": Text("编号", "Number"),
    "title": Text("标题（已脱敏）", "Title (masked)"),
    "detail": Text("内容（已脱敏）", "Detail (masked)"),
    "registered_at": Text("登记", "Registered"),
    "transferred_at": Text("转送", "Transferred"),
    "accepted_at": Text("受理", "Accepted"),
    "notified_at": Text("告知", "Notified"),
    "replied_at": Text("答复", "Replied"),
    "closed_at": Text("办结", "Closed"),
    "evaluated_at": Text("评价", "Evaluated"),
    "accept_due_at": Text("受理期限", "Acceptance due"),
    "notify_due_at": Text("告知期限", "Notice due"),
    "reply_due_at": Text("答复期限", "Reply due"),
    "district_id": Text("区县", "District"),
    "street_id": Text("镇街", "Street or town"),
    "unit_id": Text("承办单位", "Handling unit"),
    "channel_id": Text("渠道", "Channel"),
    "source_id": Text("来源线路", "Source line"),
    "purpose_id": Text("诉求目的", "Purpose"),
    "category1_id": Text("一级类别", "Category, level 1"),
    "category2_id": Text("二级类别", "Category, level 2"),
    "category_id": Text("末级类别", "Category, last level"),
    "urgency": Text("紧急程度", "Urgency"),
    "people": Text("人次", "Heads"),
    "people_involved": Text("涉及人数", "People involved"),
    "repeat_no": Text("第几次重复", "Repeat number"),
    "returned_count": Text("退回次数", "Times refused"),
    "redispatched_count": Text("重新派单次数", "Times sent again"),
    "outcome": Text("办理结果", "Outcome"),
    "satisfaction": Text("满意度", "Satisfaction"),
    "is_resolved": Text("是否化解", "Resolved"),
    "is_contacted": Text("是否联系", "Contacted"),
    "is_extended": Text("是否延期", "Extended"),
    "is_petition": Text("是否信访", "Petition"),
    "is_collective": Text("集体访", "Collective visit"),
    "is_skip_level": Text("越级走访", "Skip-level visit"),
    "is_litigation": Text("涉法涉诉", "In litigation"),
    "resolution_round": Text("第几次解决", "Resolved at the attempt"),
    "returned_on": Text("办结后再访", "Came back after closing"),
}
_OTHER = Text("其他字段", "Another field")
_CHOICES: Mapping[str, Mapping[int, Text]] = {
    "satisfaction": {
        Satisfaction.SATISFIED: Text("满意", "Satisfied"),
        Satisfaction.MOSTLY: Text("基本满意", "Mostly satisfied"),
        Satisfaction.DISSATISFIED: Text("不满意", "Dissatisfied"),
        Satisfaction.OTHER: Text("其他", "Other"),
        Satisfaction.OVERDUE: Text("超期未评价", "Not rated in time"),
    },
    "outcome": {
        Outcome.SUPPORTED: Text("支持", "Supported"),
        Outcome.EXPLAINED: Text("解释说明", "Explained"),
        Outcome.NOT_SUPPORTED: Text("不予支持", "Not supported"),
    },
    "urgency": {1: Text("一般", "Ordinary"), 2: Text("紧急", "Urgent"), 3: Text("特急", "Critical")},
}
_YES, _NO = Text("是", "Yes"), Text("否", "No")
_DAYS, _HOURS, _MINUTES = (
    Text("{n} 天", "{n} d"),
    Text("{n} 小时", "{n} h"),
    Text("{n} 分钟", "{n} min"),
)
_NOT_STATED = Text("未明确", "Not stated")


class Names:
    """The names of members of the warehouse, in the reader's language."""

    def __init__(self, warehouse: Warehouse, now: Language) -> None:
        self._warehouse, self.now = warehouse, now
        self._known: dict[str, Mapping[int, Text]] = {}

    def member(self, column: str, key: int) -> str:
        """The name of the member that `column` holds under `key`."""
        if column not in self._known:
            self._known[column] = named(self._warehouse.members(MEMBERS[column]))
        return self._known[column].get(key, _NOT_STATED).in_(self.now)

    def value(self, column: str, value: Value) -> str:
        """What `column` holds, in words; a dash for nothing."""
        if value is None:
            return numbers.DASH
        if column in MEMBERS and isinstance(value, int):
            return self.member(column, value)
        if column in _CHOICES and isinstance(value, int):
            return _CHOICES[column].get(value, _NOT_STATED).in_(self.now)
        if isinstance(value, bool):
            return (_YES if value else _NO).in_(self.now)
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if column.endswith("_at") and isinstance(value, str):
            return value.replace("T", " ")[:16]
        return inert(str(value)) if isinstance(value, str | date) else str(value)

    def field(self, column: str) -> str:
        """What `column` is called."""
        return FIELDS.get(column, _OTHER).in_(self.now)


def stage(case: Mapping[str, Value], now: Language) -> str:
    """The furthest stage that the item has reached, and what it waits for."""
    names = dict(dimension("stage").names)
    order = [name for name in STAGES if name != "notified_at"]
    reached = max(at for at, name in enumerate(order, start=1) if case[name] is not None)
    return names[reached].in_(now)


def duration(time: timedelta, now: Language) -> str:
    """A length of time in its two largest units, without a sign."""
    minutes = abs(int(time.total_seconds())) // 60
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(_DAYS, days), (_HOURS, hours), (_MINUTES, rest)]
    first = next((at for at, (_, n) in enumerate(parts) if n), 2)
    shown = [text.in_(now).format(n=n) for text, n in parts[first : first + 2] if n or first == 2]
    return " ".join(shown)


def inert(text: str) -> str:
    """`text` without signs that do not print: none that ends the line or hides in it.

    Nor does it turn around what stands beside it (see `isolated`).
    """
    return isolated("".join(sign if sign.isprintable() or sign == "\u3000" else " " for sign in text))

"""What a mapping can fill: every canonical column, its Chinese name, the words of its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType

import pandas as pd

from warehouse import reference
from warehouse.schema import ListLevel, Outcome, Satisfaction


class Kind(Enum):
    """How the text of a canonical column is read."""

    NUMBER_TEXT = auto()  # an identifier: kept as text, full-width characters made half-width
    TIME = auto()
    COUNT = auto()  # a whole number, 0 or more
    DEGREES = auto()
    FLAG = auto()
    CHOICE = auto()  # one of a fixed list of words, stored as its number
    FIXED = auto()  # a member of a dimension that the warehouse brings along
    OPEN = auto()  # a member of a dimension that grows with the files loaded
    TEXT = auto()  # free text, stored masked
    PERSONAL = auto()  # used for the person's and the matter's key, never stored


@dataclass(frozen=True)
class Target:
    """One canonical column: its key in a mapping, its header in the canonical export, how it is read.

    `words` gives the number of each word of a CHOICE or FLAG; `otherwise` is what a silent row gets.
    """

    key: str
    header: str
    kind: Kind
    words: Mapping[str, int] = field(default_factory=dict)
    otherwise: int | bool | None = None


def _words(**named: tuple[int, str]) -> Mapping[str, int]:
    """Each choice under its English key and its Chinese word."""
    return MappingProxyType(
        {word: number for key, (number, chinese) in named.items() for word in (key, chinese)}
    )


FLAG_WORDS = MappingProxyType(
    dict.fromkeys(("是", "有", "1", "true", "yes", "y", "t", "√", "已"), 1)
    | dict.fromkeys(("否", "无", "0", "false", "no", "n", "f", "×", "未"), 0)
)
_URGENCY = _words(ordinary=(1, "一般"), urgent=(2, "紧急"), critical=(3, "特急"))
_LEVEL = _words(
    national=(ListLevel.NATIONAL, "国家"),
    provincial=(ListLevel.PROVINCIAL, "省"),
    city=(ListLevel.CITY, "市"),
    district=(ListLevel.DISTRICT, "区县"),
    street=(ListLevel.STREET, "镇街"),
)
_OUTCOME = _words(
    supported=(Outcome.SUPPORTED, "支持"),
    explained=(Outcome.EXPLAINED, "解释说明"),
    not_supported=(Outcome.NOT_SUPPORTED, "不予支持"),
)
_SATISFACTION = _words(
    satisfied=(Satisfaction.SATISFIED, "满意"),
    mostly=(Satisfaction.MOSTLY, "基本满意"),
    dissatisfied=(Satisfaction.DISSATISFIED, "不满意"),
    other=(Satisfaction.OTHER, "其他"),
    overdue=(Satisfaction.OVERDUE, "超期未评价"),
)
_ROUND = _words(first=(1, "一次"), second=(2, "二次"), third=(3, "三次"))


def _flag(key: str, header: str, otherwise: bool | None = False) -> Target:
    return Target(key, header, Kind.FLAG, FLAG_WORDS, otherwise)


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.key: target
        for target in (
            Target("source_case_no", "工单编号", Kind.NUMBER_TEXT),
            Target("registered_at", "登记时间", Kind.TIME),
            Target("transferred_at", "转送时间", Kind.TIME),
            Target("accepted_at", "受理时间", Kind.TIME),
            Target("notified_at", "告知时间", Kind.TIME),
            Target("replied_at", "答复时间", Kind.TIME),
            Target("closed_at", "办结时间", Kind.TIME),
            Target("evaluated_at", "评价时间", Kind.TIME),
            Target("accept_due_at", "受理期限", Kind.TIME),
            Target("notify_due_at", "告知期限", Kind.TIME),
            Target("reply_due_at", "答复期限", Kind.TIME),
            Target("district", "区县", Kind.FIXED),
            Target("street", "镇街", Kind.FIXED),
            Target("village", "村社", Kind.FIXED),
            Target("channel", "渠道", Kind.FIXED),
            Target("purpose", "诉求目的", Kind.FIXED),
            Target("source", "来源", Kind.OPEN),
            Target("category", "诉求分类", Kind.OPEN),
            Target("category1", "一级分类", Kind.OPEN),
            Target("category2", "二级分类", Kind.OPEN),
            Target("category3", "三级分类", Kind.OPEN),
            Target("category4", "四级分类", Kind.OPEN),
            Target("unit", "承办单位", Kind.OPEN),
            Target("unit_parent", "主管部门", Kind.OPEN),
            Target("unit_level", "单位层级", Kind.CHOICE, _LEVEL, int(ListLevel.CITY)),
            Target("urgency", "紧急程度", Kind.CHOICE, _URGENCY, 1),
            Target("competent_level", "管辖层级", Kind.CHOICE, _LEVEL, 0),
            Target("visited_level", "走访层级", Kind.CHOICE, _LEVEL, 0),
            Target("outcome", "办理结果", Kind.CHOICE, _OUTCOME),
            Target("resolution_round", "化解轮次", Kind.CHOICE, _ROUND),
            Target("satisfaction", "满意度评价", Kind.CHOICE, _SATISFACTION),
            _flag("is_extended", "是否延期"),
            _flag("is_collective", "是否集体访", None),
            _flag("is_skip_level", "是否越级走访", None),
            _flag("is_litigation", "是否涉诉"),
            _flag("is_counted", "是否纳入统计", True),
            Target("exclusion", "不纳入原因", Kind.TEXT),
            _flag("is_resolved", "是否化解", None),
            _flag("is_contacted", "是否响应", None),
            _flag("is_valid_callback", "是否有效回访"),
            _flag("is_publishable", "是否应公开"),
            _flag("is_published", "是否已公开"),
            Target("people", "人次", Kind.COUNT, otherwise=1),
            Target("people_involved", "涉及人数", Kind.COUNT, otherwise=1),
            Target("returned_count", "退回次数", Kind.COUNT, otherwise=0),
            Target("redispatched_count", "重派次数", Kind.COUNT, otherwise=0),
            Target("lon", "经度", Kind.DEGREES),
            Target("lat", "纬度", Kind.DEGREES),
            Target("title", "标题", Kind.TEXT),
            Target("detail", "诉求内容", Kind.TEXT),
            Target("person_identity", "证件号码", Kind.PERSONAL),
            Target("person_phone", "联系电话", Kind.PERSONAL),
            Target("person_name", "姓名", Kind.PERSONAL),
            Target("address", "问题地址", Kind.PERSONAL),
            Target("matter", "关联事项编号", Kind.PERSONAL),
        )
    }
)
REQUIRED = ("source_case_no", "registered_at")
# Stored columns that can tell two rows apart, and so serve as a dedup key.
DEDUP_COLUMNS = ("source_case_no", "registered_at", "source", "channel", "district", "unit")
# What a mapping may compare to say that two items of one person are the same matter.
MATTER_COLUMNS = ("matter", "address", "category1", "category2", "district", "street", "unit")


def vocabulary(target: str) -> Mapping[str, int]:
    """Return the number of every word that the canonical column `target` is written in, in small letters.

    Members of a dimension go by their code and by both names. Empty for columns without fixed words.
    """
    if target == "channel":
        return _members(reference.channels(), "channel_id")
    if target == "purpose":
        return _members(reference.purposes(), "purpose_id")
    return TARGETS[target].words


def _members(rows: pd.DataFrame, key: str) -> Mapping[str, int]:
    names = ("name_en", "name_zh", "code")  # the later wins where they disagree
    return {
        str(word).casefold(): int(number)
        for name in names
        for word, number in zip(rows[name], rows[key], strict=True)
    }

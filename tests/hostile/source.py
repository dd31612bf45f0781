"""A source that sends hostile strings in every field it can fill, and the mapping that takes all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.hostile.strings import LONG, STRINGS, UNDECODABLE

# What must stand nowhere: a telephone number, plain and with a sign within it that nobody sees.
PHONE = "13912345678"
ROUNDS = 12  # rows for each string: enough for a unit or a category of that name to be drawn
_DAYS = 420
_LAST = datetime(2026, 6, 30, 18)
_DISTRICTS = ("上城区", "拱墅区", "西湖区", "滨江区", "萧山区", "余杭区", "临平区", "钱塘区")
_CHANNELS = ("hotline_call", "petition_visit", "petition_letter", "petition_online")
_TIMES = ("registered_at", "accepted_at", "replied_at", "closed_at", "evaluated_at", "reply_due_at")
# What a source fills with words of its own; each of them gets every string.
_NAMES = ("source", "category1", "category2", "category3", "category4", "unit", "unit_parent")
_TEXTS = ("title", "detail", "exclusion")
_PERSON = ("person_identity", "person_phone", "person_name", "address", "matter")
_WORDS = (
    *("unit_level", "urgency", "outcome", "satisfaction", "is_resolved", "is_contacted"),
    *("people", "lon", "lat"),
)
COLUMNS = ("source_case_no", *_TIMES, "district", "street", "village", "channel", "purpose", *_NAMES, *_TEXTS,
           *_PERSON, *_WORDS)  # fmt: skip
MAPPING = "\n".join(
    (
        'city = "hangzhou"',
        'description = "演示数据：含恶意字符串的导出"',
        f"personal = {list(_PERSON)!r}",
        'same_matter = ["matter"]',
        "[columns]",
        *(f'{name} = "{name}"' for name in COLUMNS),
    )
)


def export(strings: Sequence[str] = STRINGS, rounds: int = ROUNDS) -> bytes:
    """The CSV: in each of `rounds` rounds every string comes once into every field of words."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(_row(at, strings, rounds) for at in range(len(strings) * rounds))
    return written.getvalue().encode("utf-8")


def long_rows() -> bytes:
    """Rows to append, each with one field that no field should be as long as."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, quoting=csv.QUOTE_ALL)
    for place, (name, text) in enumerate(LONG_FIELDS):
        number = f"L{place}" if name != "source_case_no" else ""
        writer.writerow(_plain(place, STRINGS) | {"source_case_no": number, "unit": "长字段局", name: text})
    return written.getvalue().encode("utf-8")


def undecodable_rows() -> bytes:
    """Rows to append that are not UTF-8, each with other bytes."""
    shown = [f'"U{place}","2026-06-01","'.encode() + one + b'"' for place, one in enumerate(UNDECODABLE)]
    return b"".join(one + b',""' * (len(COLUMNS) - 3) + b"\r\n" for one in shown)


def _row(at: int, strings: Sequence[str], rounds: int) -> dict[str, str]:
    row = _plain(at, strings)
    if at >= len(strings):
        return row
    # The first round has nothing in order: words that no list knows, times and points that are none.
    hostile = ("district", "street", "village", "channel", "purpose", *_TIMES[1:], *_WORDS)
    return row | {name: _string(at, place, strings) for place, name in enumerate(hostile)}


def _plain(at: int, strings: Sequence[str]) -> dict[str, str]:
    """A row that counts everywhere, whose names and texts are hostile."""
    registered = _LAST - timedelta(days=at * 37 % _DAYS, minutes=at % 600)
    steps = dict(zip(_TIMES, (0, 4, 60, 90, 120, 72), strict=True))
    told = {name: f"{registered + timedelta(hours=after):%Y-%m-%d %H:%M:%S}" for name, after in steps.items()}
    if at % 5 == 0:  # still waiting, and late
        told |= dict.fromkeys(("replied_at", "closed_at", "evaluated_at"), "")
    told = {name: text if text <= f"{_LAST:%Y-%m-%d %H:%M:%S}" else "" for name, text in told.items()}
    told["reply_due_at"] = f"{registered + timedelta(hours=72):%Y-%m-%d %H:%M:%S}"
    named = {name: _string(at, place, strings) for place, name in enumerate((*_NAMES, *_TEXTS, *_PERSON))}
    named["detail"] += f" 来电 {PHONE[:3]}\u200b{PHONE[3:]}。"
    return {
        # In the first column: a line break there would begin what looks like a row of its own.
        "source_case_no": f"{at:05d}{_string(at, 31, strings)}".replace("\n", " "),
        **told,
        "district": _DISTRICTS[at % len(_DISTRICTS)],
        "channel": _CHANNELS[at // 3 % len(_CHANNELS)],
        "purpose": "投诉",
        **named,
        "person_phone": PHONE if at % 9 == 0 else named["person_phone"],
        "urgency": "一般",
        "satisfaction": ("满意", "不满意", "基本满意")[at % 3],
        "is_resolved": "是" if at % 4 else "否",
        "is_contacted": "是",
        "people": "1",
        "lon": f"{120.0 + at % 40 / 100:.4f}",
        "lat": f"{30.1 + at % 30 / 100:.4f}",
    }


def _string(at: int, place: int, strings: Sequence[str]) -> str:
    return strings[(at * 7 + place * 11) % len(strings)]


LONG_FIELDS = (
    *((name, LONG[0]) for name in ("title", "unit")),
    *((name, LONG[1]) for name in ("source_case_no", "detail", "category1", "address", "district")),
    *((name, LONG[2]) for name in ("source", "unit_parent", "exclusion", "person_name")),
)

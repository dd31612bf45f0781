"""The search for single items, and the whole life of one: its stages, clocks, corrections and reviews.

Whatever is read here is read through `Warehouse.own_cases`: items outside what the reader may list are not
found, and one that is asked for by its key is answered as one that does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from queries.compiler import compile_items
from queries.errors import BadQuestion
from queries.execute import Warehouse
from queries.question import Filter, Question
from queries.statutes import DONE
from queries.vocabulary import Period, Text
from warehouse.deadlines import read_profiles
from warehouse.dialects import place_of
from warehouse.schema import Satisfaction, case_history, cases, review

Value = str | int | float | bool | datetime | date | None

LONGEST_NUMBER = 60  # characters
LONGEST_WORDS = 40
MOST_WORDS = 5
# Titles are read item by item: 366 days of them take 250 ms at 33 million cases, all of them a second.
MOST_DAYS_OF_WORDS = 366
_RECENT = 91  # days before the as-of date in which a number is looked for first
MOST_EARLIER = 50  # items of the same matter that a life lists
# The dimensions a search narrows by.
NARROWED_BY = frozenset(
    {"district", "street", "unit", "channel", "stream", "category1", "category2", "stage", "repeat"}
)
LISTED = (
    *("case_id", "source_case_no", "title", "registered_at", "district_id", "street_id", "category2_id"),
    *(
        "channel_id",
        "unit_id",
        "transferred_at",
        "accepted_at",
        "reply_due_at",
        "replied_at",
        "closed_at",
        "evaluated_at",
    ),
    "repeat_no",
)
# What is told of one item: nothing that says who came or from which door.
TOLD = (
    *LISTED,
    *("detail", "source_id", "purpose_id", "category1_id", "category_id", "urgency", "is_petition"),
    *("notified_at", "accept_due_at", "notify_due_at", "is_extended", "first_case_id"),
    *("people", "people_involved", "is_collective", "is_skip_level", "is_litigation", "outcome"),
    *("resolution_round", "is_resolved", "is_contacted", "satisfaction", "returned_count"),
    *("redispatched_count", "returned_on"),
)
EARLIER = (
    *("case_id", "source_case_no", "registered_at", "district_id", "unit_id", "closed_at"),
    *("repeat_no", "satisfaction"),
)
# The stages of a life in order, and the deadline of those that have one.
STAGES: Mapping[str, str] = {
    "registered_at": "",
    "transferred_at": "",
    "accepted_at": "accept_due_at",
    "notified_at": "notify_due_at",
    "replied_at": "reply_due_at",
    "closed_at": "",
    "evaluated_at": "",
}
# Days that follow from the times beside them: what changed is told once.
_FOLLOWS = frozenset(one.name for one in cases.c if one.name.endswith("_on"))
# Who and where: that it changed is told, not what it was.
CONCEALED = frozenset({"person_key", "matter_key", "lon", "lat", "h3", "title", "detail", "source_case_no"})


@dataclass(frozen=True)
class Search:
    """What is looked for; all of it must hold, and a number is looked for on whatever day it was registered.

    `period` is of the day of registration, `filters` name dimensions of NARROWED_BY. `number` is the whole
    number of the item, `words` each occur in its masked title as they are written; no sign of either is a
    wildcard. Raises BadQuestion for other dimensions, and for words over more than 366 days.
    """

    period: Period
    as_of: date
    filters: tuple[Filter, ...] = ()
    number: str = ""
    words: tuple[str, ...] = ()
    is_overdue: bool = False
    is_dissatisfied: bool = False

    def __post_init__(self) -> None:
        wrong = sorted({one.dimension for one in self.filters} - NARROWED_BY)
        if wrong:
            raise BadQuestion(f"items are not searched by {', '.join(wrong)}; drop that filter")
        if self.words and not self.number and self.period.days > MOST_DAYS_OF_WORDS:
            raise BadQuestion(
                f"words are searched in titles of up to {MOST_DAYS_OF_WORDS} days; choose a shorter period"
            )


@dataclass(frozen=True, eq=False)
class Page:
    """Some of the items found, newest first, in the columns LISTED; `rows` counts all of them."""

    frame: pd.DataFrame
    rows: int
    first: int

    def plain(self) -> list[dict[str, Any]]:
        """The rows by column, as plain values: None where nothing is known."""
        return _rows(self.frame)


@dataclass(frozen=True)
class Clock:
    """One stage of a life: when it was reached, by when it was due, and how long it took.

    `taken` runs from the stage before it that has a time; of the stage the item waits in, to the end of the
    as-of date. `over` is how far past its deadline it came, or how much is left (negative); None without one.
    """

    stage: str
    at: datetime | None
    due: datetime | None
    taken: timedelta | None
    over: timedelta | None
    is_waiting: bool


@dataclass(frozen=True)
class Profiled:
    """What one statutory profile would have asked of the item: by limit its deadline, and how far past it."""

    name: Text
    source: str
    due: Mapping[str, tuple[datetime, timedelta]]


@dataclass(frozen=True)
class Change:
    """A field that a later delivery said otherwise: what it was and what it became.

    `is_concealed` where neither is told.
    """

    at: datetime
    field: str
    old: Value
    new: Value
    is_concealed: bool


@dataclass(frozen=True)
class Reviewed:
    """One review: of which kind, when, with which score (0 to 100)."""

    kind: int
    on: date
    score: int


@dataclass(frozen=True, eq=False)
class Life:
    """All that is told of one item: `case` holds TOLD by column, `earlier` the others of its matter."""

    case: Mapping[str, Value]
    clocks: tuple[Clock, ...]
    profiles: tuple[Profiled, ...]
    changes: tuple[Change, ...]
    earlier: tuple[Mapping[str, Value], ...]
    reviews: tuple[Reviewed, ...]


def cleaned(text: str, longest: int) -> str:
    """What a reader has typed, without signs that do not print, cut to `longest`."""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:longest].strip()


def words_of(text: str) -> tuple[str, ...]:
    """The words of a line that a reader has typed, each once, the first MOST_WORDS of them."""
    return tuple(dict.fromkeys(cleaned(text, LONGEST_WORDS).split()))[:MOST_WORDS]


def search(warehouse: Warehouse, asked: Search, first: int, limit: int) -> Page:
    """Items `first` to `first + limit` of those found, newest first.

    A number is looked for in the last 92 days, then in all: of two sources that gave the same one, the older
    item is not told when the newer is so young. At 33 million cases on DuckDB: four weeks of the city 100 ms,
    words in a year 200 ms, a number 100 ms, or 1 s when it is older.
    """
    if asked.number:
        earliest = warehouse.info.data_from
        recent = Period(max(earliest, asked.as_of - timedelta(days=_RECENT)), asked.as_of)
        found = warehouse.own_cases(_query(asked, recent).limit(limit))
        if found.empty:
            found = warehouse.own_cases(_query(asked, Period(earliest, asked.as_of)).limit(limit))
        return Page(found, len(found), 0)
    query = _query(asked, asked.period)
    counted = query.with_only_columns(func.count().label("rows")).order_by(None)
    rows = int(warehouse.own_cases(counted)["rows"].iloc[0])
    return Page(warehouse.own_cases(query.limit(limit).offset(first)), rows, first)


def _query(asked: Search, period: Period) -> Select[Any]:
    question = Question(("cases_registered",), period, asked.as_of, filters=asked.filters)
    query = compile_items(question, LISTED).where(*_conditions(asked))
    return query.order_by(cases.c.registered_at.desc(), cases.c.case_id.desc())


def numbers_of(warehouse: Warehouse, case_ids: Sequence[int]) -> Mapping[int, str]:
    """The numbers of some items by key; those that the reader may not open are left out."""
    if not case_ids:
        return {}
    query = _told(("case_id", "source_case_no")).where(cases.c.case_id.in_(tuple(case_ids)))
    return {int(one["case_id"]): str(one["source_case_no"]) for one in _rows(warehouse.own_cases(query))}


def life(warehouse: Warehouse, case_id: int) -> Life | None:
    """The life of one item as the warehouse knows it; None where there is none that the reader may open."""
    found = _rows(warehouse.own_cases(_told(TOLD).where(cases.c.case_id == case_id)))
    if not found:
        return None
    (case,) = found
    same = and_(cases.c.first_case_id == case["first_case_id"], cases.c.case_id != case_id)
    others = _told(EARLIER).where(same).order_by(cases.c.registered_at.desc(), cases.c.case_id.desc())
    end = datetime.combine(warehouse.info.as_of + timedelta(days=1), datetime.min.time())
    return Life(
        case=case,
        clocks=clocks(case, end),
        profiles=_profiled(case, end) if case["is_petition"] else (),
        changes=changes(case, _rows(warehouse.about_case(case_id, case_history))),
        earlier=tuple(_rows(warehouse.own_cases(others.limit(MOST_EARLIER)))),
        reviews=tuple(
            Reviewed(int(one["kind"]), _day(one["reviewed_on"]), int(one["score"]))
            for one in _rows(warehouse.about_case(case_id, review))
        ),
    )


def clocks(case: Mapping[str, Any], end: datetime) -> tuple[Clock, ...]:
    """The stages of an item as known when the as-of date ends; a stage passed over has no time."""
    found: list[Clock] = []
    reached = [at for at, name in enumerate(STAGES) if case[name] is not None]
    before = case["registered_at"]
    for place, (name, limit) in enumerate(STAGES.items()):
        at, due = case[name], case[limit] if limit else None
        is_waiting = at is None and place == max(reached) + 1
        until = at or (end if is_waiting else None)
        over = None if due is None or (until is None and due > end) else (at or end) - due
        taken = None if until is None or place == 0 else until - before
        found.append(Clock(name, at, due, taken, over, is_waiting))
        before = at or before
    return tuple(found)


def changes(case: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """What was corrected, newest first: each correction's old value, and the one that stood after it.

    `history` are the rows of `case_history` in the order of their keys.
    """
    after: dict[str, Any] = dict(case)
    found: list[Change] = []
    for row in reversed(history):
        for field, old in json.loads(row["old_values"]).items():
            if field in _FOLLOWS or field not in cases.c:
                continue
            concealed = field in CONCEALED or field not in case
            new = None if concealed else after[field]
            found.append(Change(row["superseded_at"], field, None if concealed else old, new, concealed))
            after[field] = old
    return tuple(found)


def _conditions(asked: Search) -> list[ColumnElement[bool]]:
    """What the search asks of an item besides its period and filters; every value is a bound parameter."""
    found: list[ColumnElement[bool]] = []
    if asked.number:
        found.append(cases.c.source_case_no.in_({asked.number, asked.number.upper()}))
    found.extend(place_of(cases.c.title, word) > 0 for word in asked.words)
    if asked.is_overdue:
        end = datetime.combine(asked.as_of + timedelta(days=1), datetime.min.time())
        late, waits = cases.c.replied_at > cases.c.reply_due_at, cases.c.replied_at.is_(None)
        found.append(or_(late, and_(waits, cases.c.reply_due_at < end)))
    if asked.is_dissatisfied:
        found.append(cases.c.satisfaction == int(Satisfaction.DISSATISFIED))
    return found


def _told(columns: Sequence[str]) -> Select[Any]:
    return select(*(cases.c[name] for name in columns))


def _profiled(case: Mapping[str, Any], end: datetime) -> tuple[Profiled, ...]:
    """The deadlines of a petition under every statutory profile."""
    names = ("registered_at", *DONE.values())
    item = pd.DataFrame({name: pd.Series([case[name]], dtype="datetime64[us]") for name in names})
    item = item.assign(urgency=case["urgency"], is_extended=case["is_extended"])
    found: list[Profiled] = []
    for profile in (one for one in read_profiles().values() if "reply" in one.limits):
        due = _rows(profile.due(item))[0]
        limits = {key: due[f"{key}_due_at"] for key in profile.limits}
        over = {key: (day, (case[DONE[key]] or end) - day) for key, day in limits.items()}
        found.append(Profiled(Text(profile.name_zh, profile.name_en), profile.source, over))
    return tuple(found)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values: no NaN, no NaT, none of pandas' own times and numbers."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, float) and value.is_integer():
        return int(value)  # a column with a gap comes as floats
    return value.item() if hasattr(value, "item") else value


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value

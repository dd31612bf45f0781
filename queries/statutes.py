"""The same petitions under every statutory profile side by side: how many would have been on time by each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from queries.execute import Warehouse
from queries.question import Filter, Question
from queries.vocabulary import Period, Text
from warehouse.deadlines import Profile, read_profiles

# Days before the period from which items are read: the longest limit (15 days to accept, 60 and 30 to
# reply) and 75 days more for those accepted late.
LOOK_BACK = 180
DONE = {"accept": "accepted_at", "notify": "notified_at", "reply": "replied_at"}
_COLUMNS = ("registered_at", *DONE.values(), "urgency", "is_extended")
_END_OF_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """Of the items whose limit falls in the period (`due`), those that were done within it (`met`)."""

    met: int
    due: int


@dataclass(frozen=True)
class Statute:
    """One profile: its name, where it is written, and for each limit (accept, notify, reply) what it kept."""

    key: str
    name: Text
    source: str
    kept: Mapping[str, Kept]


def ask_statutes(warehouse: Warehouse, question: Question) -> tuple[Statute, ...] | None:
    """The profiles that limit the reply, applied to the petitions under the question's filters and scope.

    Of the question its period, as-of date, filters and scope count. Empty where no petition is recorded;
    None where small numbers are hidden from the reader under these filters: what is worked out item by item
    has no random step.
    """
    if not warehouse.is_exact(question):
        return None
    read = replace(
        question,
        period=Period(question.period.start - timedelta(days=LOOK_BACK), question.period.end),
        split=(),
        compare=(),
        filters=(*question.filters, Filter("stream", ("petition",))),
    )
    items = warehouse.counted_items(read, _COLUMNS)
    if items.empty:
        return ()
    profiles = [one for one in read_profiles().values() if "reply" in one.limits]
    return statutes(items, profiles, question.period, question.as_of)


def statutes(
    items: pd.DataFrame, profiles: Sequence[Profile], period: Period, as_of: date
) -> tuple[Statute, ...]:
    """`profiles` applied to `items` (registered_at, the times of DONE, urgency 1 to 3, is_extended).

    What was done after the as-of date had not been done yet.
    """
    end = pd.Timestamp(as_of) + _END_OF_DAY
    known = items.assign(
        **{
            name: times.where(times < end)
            for name in DONE.values()
            for times in [pd.to_datetime(items[name])]
        },
        registered_at=pd.to_datetime(items["registered_at"]),
    )
    return tuple(_statute(known, profile, period) for profile in profiles)


def _statute(items: pd.DataFrame, profile: Profile, period: Period) -> Statute:
    dates, kept = profile.due(items), {}
    for limit in profile.limits:
        due = dates[f"{limit}_due_at"]
        falls = (due >= pd.Timestamp(period.start)) & (due < pd.Timestamp(period.end) + _END_OF_DAY)
        met = falls & (items[DONE[limit]] <= due)
        kept[limit] = Kept(int(met.sum()), int(falls.sum()))
    return Statute(profile.key, Text(profile.name_zh, profile.name_en), profile.source, kept)

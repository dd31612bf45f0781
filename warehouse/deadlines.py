"""The only file that works out by when an item must be accepted, notified and replied to (时限口径).

The limits are policy (policy/deadlines.toml); how days are counted is the Civil Code's (民法典 201–203):
the day an event happens does not count, and a limit in days ends with its last day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from warehouse.calendars import calendar_rows
from warehouse.errors import WarehouseError

Days = NDArray[np.datetime64]

POLICY = Path(__file__).parent / "policy" / "deadlines.toml"
HOURS, CALENDAR_DAYS, WORKING_DAYS = "hours", "calendar_days", "working_days"
REGISTERED, ACCEPTED = "registered", "accepted"
LIMITS = ("accept", "notify", "reply")
URGENCIES = ("1", "2", "3")

_PROFILE_KEYS = ("name_zh", "name_en", "source", *LIMITS)
_LIMIT_KEYS = ("after", "count", "unit", "extension", "urgency")
_LAST_SECOND = np.timedelta64(86_399, "s")


@dataclass(frozen=True)
class Limit:
    """`count` units `after` an event; `extension` units more when extended; `urgency` counts that differ."""

    after: str
    count: int
    unit: str
    extension: int = 0
    urgency: Mapping[int, int] = field(default_factory=dict)

    def due(
        self, since: pd.Series[pd.Timestamp], urgency: pd.Series[int], is_extended: pd.Series[bool]
    ) -> pd.Series[pd.Timestamp]:
        """Return when the limit that began at `since` ends, row by row; NaT where `since` is."""
        counts = urgency.map(lambda level: self.urgency.get(level, self.count)).astype("int64")
        counts = counts + is_extended.astype("int64") * self.extension
        if self.unit == HOURS:
            return since + pd.to_timedelta(counts, unit="h")
        known = since.notna()
        days = since[known].to_numpy().astype("datetime64[D]")
        if self.unit == CALENDAR_DAYS:
            last = days + counts[known].to_numpy().astype("timedelta64[D]")
        else:
            last = _working_day_after(days, counts[known].to_numpy().astype(np.int64))
        due = pd.Series(pd.NaT, index=since.index, dtype="datetime64[us]")
        due[known] = last.astype("datetime64[us]") + _LAST_SECOND
        return due


@dataclass(frozen=True)
class Profile:
    """A named set of limits; `limits` holds those of LIMITS that the profile sets."""

    key: str
    name_zh: str
    name_en: str
    source: str
    limits: Mapping[str, Limit]

    def due(self, items: pd.DataFrame) -> pd.DataFrame:
        """Return the columns accept_due_at, notify_due_at and reply_due_at for `items`.

        `items` has registered_at, accepted_at (NaT while not accepted), urgency (1 to 3) and is_extended. A
        column is all NaT where the profile sets no limit.
        """
        due: dict[str, pd.Series[pd.Timestamp]] = {}
        starts = {REGISTERED: items["registered_at"]}
        for key in LIMITS:
            if key in self.limits:
                limit = self.limits[key]
                due[key] = limit.due(starts[limit.after], items["urgency"], items["is_extended"])
            else:
                due[key] = pd.Series(pd.NaT, index=items.index, dtype="datetime64[us]")
            if key == "accept":
                # An item that waits for acceptance is due as if accepted on the last day allowed.
                starts[ACCEPTED] = items["accepted_at"].fillna(due[key])
        return pd.DataFrame({f"{key}_due_at": times for key, times in due.items()})


def read_profiles(path: Path = POLICY) -> Mapping[str, Profile]:
    """Return every profile of the policy file by its key.

    Raises WarehouseError naming file, profile and key.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise WarehouseError(
            f"{path} cannot be read as TOML in UTF-8: {wrong}; correct that place."
        ) from wrong
    return {key: _profile(path, key, given) for key, given in written.items()}


def _profile(path: Path, key: str, given: dict[str, object]) -> Profile:
    place = f"{path}: [{key}]"
    _only(place, given, _PROFILE_KEYS)
    for name in ("name_zh", "name_en", "source"):
        if not isinstance(given.get(name), str):
            raise WarehouseError(f"{place} {name} must be a text; write it.")
    limits = {name: _limit(f"{place} {name}", given[name]) for name in LIMITS if name in given}
    if any(limit.after == ACCEPTED for limit in limits.values()) and "accept" not in limits:
        raise WarehouseError(f"{place} runs from acceptance but sets no limit 'accept'; add it.")
    if "accept" in limits and limits["accept"].after == ACCEPTED:
        raise WarehouseError(f"{place} accept cannot run from acceptance; write after = '{REGISTERED}'.")
    return Profile(key, str(given["name_zh"]), str(given["name_en"]), str(given["source"]), limits)


def _limit(place: str, given: object) -> Limit:
    if not isinstance(given, dict):
        raise WarehouseError(f"{place} must be a table with {', '.join(_LIMIT_KEYS[:3])}.")
    _only(place, given, _LIMIT_KEYS)
    after, unit = given.get("after"), given.get("unit")
    if after not in (REGISTERED, ACCEPTED):
        raise WarehouseError(f"{place}.after is {after!r}; write '{REGISTERED}' or '{ACCEPTED}'.")
    if unit not in (HOURS, CALENDAR_DAYS, WORKING_DAYS):
        raise WarehouseError(f"{place}.unit is {unit!r}; write {HOURS}, {CALENDAR_DAYS} or {WORKING_DAYS}.")
    urgency = given.get("urgency", {})
    if not isinstance(urgency, dict):
        raise WarehouseError(f"{place}.urgency must be a table such as {{ 3 = 2 }}.")
    _only(f"{place}.urgency", urgency, URGENCIES)
    return Limit(
        after,
        _whole(f"{place}.count", given.get("count"), 1),
        unit,
        _whole(f"{place}.extension", given.get("extension", 0), 0),
        {int(level): _whole(f"{place}.urgency", count, 1) for level, count in urgency.items()},
    )


def _only(place: str, given: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in given:
        if key not in keys:
            raise WarehouseError(f"{place} has the unknown key '{key}'; allowed: {', '.join(keys)}.")


def _whole(place: str, given: object, least: int) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and given >= least:
        return given
    raise WarehouseError(f"{place} is {given!r}; write a whole number from {least} on.")


def _working_day_after(days: Days, counts: NDArray[np.int64]) -> Days:
    """Return the `counts`-th working day after each day, the day itself not counted."""
    if len(days) == 0:
        return days
    first, last = days.min().astype(date).year, days.max().astype(date).year
    # A year has some 250 working days; one more year than that covers the longest limit asked for.
    after = 1 + int(counts.max()) // 200
    working: Days = np.concatenate([_working_days(year) for year in range(first, last + after + 1)])
    due: Days = working[np.searchsorted(working, days, side="right") + counts - 1]
    return due


@cache
def _working_days(year: int) -> Days:
    rows = calendar_rows(date(year, 1, 1), date(year, 12, 31))
    return np.array(rows.loc[rows["is_workday"], "day_on"], dtype="datetime64[D]")

"""Asks for the major-issue list as known on a day, and scores it on that day and the weeks before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from queries.drill import Drill, Side
from queries.execute import Warehouse
from queries.insights.major_issues import (
    Clear,
    Issue,
    IssuePolicy,
    ListScore,
    Report,
    Stage,
    Standing,
    list_score,
    standing,
)
from queries.policies import in_force
from queries.question import Filter, Question
from queries.scope import CITY, Scope
from queries.vocabulary import Period, Text
from queries.windows import past_ends

LISTED, REPORTED = "major_issues_listed", "major_issues_consulted"
_EVER = date(1990, 1, 1)
_ITEM = (
    "major_issue_id",
    "name_zh",
    "name_en",
    "list_level",
    "district_id",
    "severity",
    "people_involved",
    "leader",
    "opened_on",
    "planned_on",
    "signed_off_on",
    "struck_off_on",
    "returned_on",
)
_CLEARS = {one: f"is_{one}_clear" for one in Clear}
_REPORT = ("major_issue_id", "week_on", "stage", "planned_stage", *_CLEARS.values(), "is_consulted")


@dataclass(frozen=True, eq=False)
class IssueList:
    """The items known on `as_of`, and how they stood on `days` (a week apart, the last is `as_of`).

    Each day is scored by the policy version in force on it; what had become known only later is not used.
    """

    as_of: date
    days: tuple[date, ...]
    issues: tuple[Issue, ...]
    versions: tuple[IssuePolicy, ...]
    standings: Mapping[date, tuple[Standing, ...]]

    @property
    def policy(self) -> IssuePolicy:
        """The version in force on the as-of date."""
        return in_force(self.versions, self.as_of)

    @property
    def now(self) -> tuple[Standing, ...]:
        """The items on the list on the as-of date."""
        return self.standings[self.as_of]

    def of(self, district: int | None, day: date) -> tuple[Standing, ...]:
        """The items of a district (None: of the whole city) that were on the list on `day`."""
        here = self.standings[day]
        return here if district is None else tuple(one for one in here if one.issue.district == district)

    def score(self, district: int | None, day: date) -> ListScore:
        """The list's score of a district, or of the whole city."""
        return list_score(self.of(district, day), in_force(self.versions, day).severity)

    def series(self, district: int | None) -> tuple[float, ...]:
        """The list's score on each of `days`; NaN where nothing was on it."""
        return tuple(self.score(district, day).value for day in self.days)

    def history(self, issue: int) -> tuple[Standing | None, ...]:
        """One item on each of `days`; None where it was not on the list."""
        every = ({one.issue.id: one for one in self.standings[day]} for day in self.days)
        return tuple(found.get(issue) for found in every)


def ask_issues(
    warehouse: Warehouse,
    versions: Sequence[IssuePolicy],
    *,
    as_of: date,
    weeks: int,
    filters: tuple[Filter, ...] = (),
    scope: Scope = CITY,
) -> IssueList:
    """The list as known on `as_of`, scored on `weeks` days a week apart that end on it.

    Raises UnknownDimension for a filter the list does not have, and WarehouseUnavailable.
    """

    def rows(metric: str, side: Side, columns: Sequence[str]) -> list[dict[Any, Any]]:
        period = Period(min(_EVER, as_of), as_of)
        drill = Drill(Question((metric,), period, as_of, filters=filters, scope=scope), side)
        return warehouse.official(drill, columns).to_dict("records")

    reports: dict[int, list[Report]] = {}
    for row in sorted(rows(REPORTED, Side.WHOLE, _REPORT), key=lambda row: _day(row["week_on"])):
        reports.setdefault(int(row["major_issue_id"]), []).append(_report(row))
    issues = tuple(
        sorted(
            (
                _issue(row, tuple(reports.get(int(row["major_issue_id"]), ())), as_of)
                for row in rows(LISTED, Side.COUNTED, _ITEM)
            ),
            key=lambda issue: issue.id,
        )
    )
    days = past_ends(as_of, weeks)
    standings = {}
    for day in days:
        policy = in_force(versions, day)
        found = (standing(issue, policy, day) for issue in issues)
        standings[day] = tuple(one for one in found if one is not None)
    return IssueList(as_of, days, issues, tuple(versions), standings)


def _issue(row: Mapping[Any, Any], reports: tuple[Report, ...], as_of: date) -> Issue:
    """An item without what became known only after `as_of`."""

    def known(name: str) -> date | None:
        day = None if pd.isna(row[name]) else _day(row[name])
        return day if day is not None and day <= as_of else None

    return Issue(
        id=int(row["major_issue_id"]),
        name=Text(str(row["name_zh"]), str(row["name_en"])),
        district=int(row["district_id"]),
        list_level=int(row["list_level"]),
        severity=int(row["severity"]),
        people=int(row["people_involved"]),
        leader=str(row["leader"]),
        opened_on=_day(row["opened_on"]),
        planned_on=_day(row["planned_on"]),
        signed_off_on=known("signed_off_on"),
        struck_off_on=known("struck_off_on"),
        returned_on=known("returned_on"),
        reports=reports,
    )


def _report(row: Mapping[Any, Any]) -> Report:
    return Report(
        week_on=_day(row["week_on"]),
        stage=Stage(int(row["stage"])),
        planned_stage=Stage(int(row["planned_stage"])),
        cleared=frozenset(clear for clear, column in _CLEARS.items() if row[column]),
        is_consulted=bool(row["is_consulted"]),
    )


def _day(value: Any) -> date:
    return pd.Timestamp(value).date()

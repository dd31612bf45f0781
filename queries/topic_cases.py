"""Cases in point 典型案例 of a topic: a few of the items that the reader may list, masked as in lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from queries.compiler import compile_items
from queries.execute import Warehouse
from queries.question import Question
from queries.vocabulary import Text
from warehouse.schema import cases

MOST = 8
_COLUMNS = (
    *("case_id", "source_case_no", "title", "registered_on", "district_id", "street_id", "unit_id"),
    *("repeat_no", "people"),
)
_NOT_STATED = Text("未明确", "Not stated")


class Shown(StrEnum):
    """Of which items of the topic cases are shown."""

    ALL = "all"
    OWN = "own"  # of the reader's own districts alone
    NONE = "none"  # the reader has no right to any
    LEFT_OUT = "left_out"  # none were asked for


@dataclass(frozen=True)
class CaseInPoint:
    """One item: its number, masked title, day, place, unit, times repeated before and heads."""

    number: str
    title: str
    registered_on: date
    district: Text
    street: Text
    unit: Text
    repeat_no: int
    people: int


def shown(warehouse: Warehouse, question: Question) -> Shown:
    """Of which items behind `question` the reader of `warehouse` may be shown cases."""
    if warehouse.may_list(question):
        return Shown.ALL
    mine, here = warehouse.scope.listable, question.districts
    own = set(mine or ()) if here is None else set(mine or ()) & set(here)
    return Shown.OWN if own else Shown.NONE


def cases_in_point(warehouse: Warehouse, question: Question) -> tuple[CaseInPoint, ...]:
    """The items registered in the question's period under its filters: most repeated first, then most heads.

    Of equals the latest; only what the reader may list, and none where that is nothing.
    """
    if shown(warehouse, question) is Shown.NONE:
        return ()
    query = compile_items(question, _COLUMNS).order_by(
        cases.c.repeat_no.desc(), cases.c.people.desc(), cases.c.registered_at.desc(), cases.c.case_id.desc()
    )
    rows = warehouse.own_cases(query.limit(MOST)).to_dict("records")
    names = {key: _names(warehouse, key) for key in ("district", "street", "unit")}
    return tuple(
        CaseInPoint(
            number=str(row["source_case_no"]),
            title="" if pd.isna(row["title"]) else str(row["title"]),
            registered_on=pd.Timestamp(row["registered_on"]).date(),
            **{key: known.get(int(row[f"{key}_id"]), _NOT_STATED) for key, known in names.items()},
            repeat_no=int(row["repeat_no"]),
            people=int(row["people"]),
        )
        for row in rows
    )


def _names(warehouse: Warehouse, key: str) -> Mapping[int, Text]:
    rows = warehouse.members(key).to_dict("records")
    return {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in rows}

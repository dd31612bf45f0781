"""访问审计: who saw, exported and opened what, what was refused, and whether the record of it is whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import access, filters, language, layout, numbers, record
from dashboards.cards import audit as words
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, titles
from queries.execute import Warehouse
from queries.vocabulary import Language, Text
from warehouse.records import audit
from warehouse.records.audit import Action, Deeds, Record, Total, Wanted
from warehouse.records.chain import Head

LISTED = 300  # records on the page
MOST = 20_000  # records in a file


@dataclass(frozen=True)
class Choices:
    """What the auditor looks for since `first`, in the record as it was read at `read_at`."""

    as_of: date
    first: date
    days: str
    zone: str
    wanted: Wanted
    person: str
    read_at: datetime = field(repr=False)  # what was read is named by its end
    end: Head
    checked: record.Checked | None

    def said(self, now: Language) -> str:
        """The choices in words."""
        action = words.ACTIONS[Action(self.wanted.action)] if self.wanted.action else words.EVERYTHING
        board = titles().get(self.wanted.object, words.EVERY_BOARD)
        person = self.person or words.EVERYONE.in_(now)
        return " · ".join((words.DAYS[self.days].in_(now), person, action.in_(now), board.in_(now)))


@dataclass(frozen=True)
class Asked:
    """What the record holds of that; `refused` whatever action was chosen."""

    totals: tuple[Total, ...]
    people: tuple[Deeds, ...]
    refused: tuple[Record, ...]
    listed: tuple[Record, ...]


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    chain: Markup
    tiles: Markup
    refused: pd.DataFrame
    counts: Mapping[str, Markup]
    days: dict[str, Any]
    people: pd.DataFrame
    listed: pd.DataFrame
    file: Callable[[], bytes]
    name: str


def choose(warehouse: Warehouse) -> Choices:
    """The filter row; the record is read here, since what it holds is part of the choice."""
    zone = ZoneInfo(warehouse.city.time_zone)
    read_at = datetime.now(UTC)
    today = read_at.astimezone(zone).date()
    days = filters.segments("days", words.PERIOD, words.DAYS, "7")
    first = today - timedelta(days=int(days) - 1)
    since = datetime.combine(first, time(), zone)
    people = audit.people(record.records(), Wanted(since))
    known = {one.actor: Text(one.name, one.name) for one in people if one.actor}
    person = filters.select("person", words.PERSON, {"": words.EVERYONE, **known}, "")
    actions = {action.value: text for action, text in words.ACTIONS.items()}
    action = filters.select("action", words.ACTION, {"": words.EVERYTHING, **actions}, "")
    board = filters.select("object", words.BOARD, {"": words.EVERY_BOARD, **titles()}, "")
    return Choices(
        as_of=today,
        first=first,
        days=days,
        zone=zone.key,
        wanted=Wanted(since, actor=person, action=action, object=board),
        person=known[person].zh if person else "",
        read_at=read_at,
        end=audit.head(record.records()),
        checked=record.checked(),
    )


def query(_warehouse: Warehouse, choices: Choices) -> Asked:
    """Everything from the record, nothing from the warehouse."""
    store, wanted = record.records(), choices.wanted
    refused = [
        one for action in words.REFUSALS
        for one in audit.listed(store, replace(wanted, action=action), LISTED)
    ]  # fmt: skip
    return Asked(
        totals=audit.totals(store, wanted),
        people=audit.people(store, wanted),
        refused=tuple(sorted(refused, key=lambda one: -one.audit_id)),
        listed=audit.listed(store, wanted, LISTED),
    )


def figures(_warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, theme: Theme) -> Figures:
    """The record in words and tables."""
    roles = {key: role.name for key, role in access.roles().by_key.items()}
    naming = words.Naming(roles, titles(), ZoneInfo(choices.zone), now)

    def file() -> bytes:
        found = audit.listed(record.records(), choices.wanted, MOST)
        return words.record_file(found, choices.end, choices.checked, naming)

    return Figures(
        chain=words.chain_card(choices.end, choices.checked, naming),
        tiles=words.tiles(asked.totals, asked.people, naming),
        refused=words.refusal_table(asked.refused, naming),
        counts={
            "actions": words.counts(asked.totals, words.BY_ACTION, naming),
            "roles": words.counts(asked.totals, words.BY_ROLE, naming),
        },
        days=words.by_day(asked.totals, choices.first, choices.as_of, naming, theme),
        people=words.person_table(asked.people, naming),
        listed=words.record_table(asked.listed, naming),
        file=file,
        name=f"audit-{choices.as_of}.xlsx",
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page: what was refused stands first."""
    now = language.current()
    with tools:
        st.button(words.VERIFY.in_(now), key="verify", on_click=record.check)
        layout.download(words.FILE.in_(now), shown.file, shown.name)
    layout.show(shown.chain)
    layout.show(shown.tiles)
    refused, actions, roles = layout.row(50, 28, 22)
    _table(refused, "refused", words.REFUSED_FIRST, shown.refused, words.NO_REFUSAL)
    for place, key, title in ((actions, "actions", words.BY_ACTION), (roles, "roles", words.BY_ROLE)):
        with place, layout.card(key):
            layout.show(layout.heading(title.in_(now), words.IN_PERIOD.in_(now)))
            layout.show(shown.counts[key])
    people, days = layout.row(60, 40)
    _table(people, "people", words.BY_PERSON, shown.people, words.NO_RECORD, words.PEOPLE)
    layout.chart(days, "days", layout.heading(words.BY_DAY.in_(now), words.DAILY.in_(now)), shown.days)
    _table(layout.row(100)[0], "listed", words.RECORDS, shown.listed, words.NO_RECORD)


def _table(
    place: DeltaGenerator, key: str, title: Text, rows: pd.DataFrame, nothing: Text, told: Text = words.SHOWN
) -> None:
    now = language.current()
    said = (told if len(rows) else nothing).in_(now).format(n=numbers.plain(len(rows)))
    heading = layout.heading(title.in_(now), said)
    if len(rows):
        layout.listing(place, key, heading, rows, (), title.in_(now))
        return
    with place, layout.card(key):
        layout.show(heading)


def fresh(choices: Choices, now: Language) -> str:
    """Until when what is shown was written down."""
    return words.until(choices.read_at, ZoneInfo(choices.zone), now)


BOARD = Board(
    key="audit",
    section=Text("数据", "Data"),
    title=Text("访问审计", "Audit"),
    answers=Text(
        "谁看了、导出了、打开了什么；记录是否完整", "Who saw, exported and opened what; is the record whole"
    ),
    order=260,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
    is_shown=False,
    fresh=fresh,
)

"""Supervise notes 督办: added with a record of the chain in one step, read by case, unit or district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, true

from warehouse.errors import RecordsUnavailable
from warehouse.people import mask
from warehouse.records.audit import NOTED, Action, Entry, Person, add, head_of, timestamp
from warehouse.records.chain import digest
from warehouse.records.opening import Records
from warehouse.records.tables import note

LONGEST = 500  # characters of a note
_SIGNS = "\n"  # what is not printable and still belongs to a text


@dataclass(frozen=True)
class Note:
    """One note on a case, as its unit reads it; `written_at` is a time in UTC, `audit_id` its record.

    A note is to be answered by `due_on`; an answer has none and names the note it `answers`.
    """

    audit_id: int
    case_id: int
    unit_id: int
    district_id: int
    written_at: datetime
    author: str
    author_name: str
    role: str
    text: str
    due_on: date | None
    answers: int | None


def add_note(
    records: Records,
    by: Person,
    text: str,
    *,
    case_id: int,
    unit_id: int,
    district_id: int,
    version: str = "",
    due_on: date | None = None,
    answers: int | None = None,
) -> Note:
    """Write a note of 1 to 500 characters, masked as titles are, and its record: both or neither.

    `version` is the warehouse's, `answers` the number of a note on the same case. Raises ValueError for a
    text that is empty or too long and for an answer to no note of this case, RecordsUnavailable.
    """
    said = "".join(sign if sign.isprintable() or sign in _SIGNS else " " for sign in text).strip()
    if not 0 < len(said) <= LONGEST:
        raise ValueError(f"a note has 1 to {LONGEST} characters, not {len(said)}; shorten or write it")
    with records.writing() as connection:
        now, end = datetime.now(UTC), head_of(connection)
        if end is None:
            raise RecordsUnavailable(
                f"{records} has lost the head of its chain; restore a copy of the store."
            )
        asked = select(note.c.audit_id).where(note.c.audit_id == answers, note.c.case_id == case_id)
        if answers is not None and connection.execute(asked.where(note.c.answers.is_(None))).first() is None:
            raise ValueError(f"no note {answers} on case {case_id} can be answered; answer one of its notes")
        fields: dict[str, Any] = {
            "audit_id": end.records + 1,
            "case_id": case_id,
            "unit_id": unit_id,
            "district_id": district_id,
            "written_at": timestamp(now),
            "author": by.actor,
            "author_name": by.name,
            "role": by.role,
            "text": "\n".join(mask(line) for line in said.split("\n")),
            "due_on": due_on.isoformat() if due_on else "",
            "answers": answers,
        }
        connection.execute(insert(note).values(fields))
        entry = Entry(Action.SUPERVISED, by, str(case_id), version=version, sha256=digest(fields, NOTED))
        add(connection, entry, now)
    return _note({**fields, "written_at": timestamp(now)})


def notes_of_case(records: Records, case_id: int) -> tuple[Note, ...]:
    """All notes on a case, oldest first."""
    return _notes(records, note.c.case_id == case_id, 1_000_000)[::-1]


def notes_of_units(records: Records, units: Sequence[int], limit: int = 200) -> tuple[Note, ...]:
    """The latest `limit` notes on cases of these units, latest first."""
    return _notes(records, note.c.unit_id.in_(units), limit)


def notes_of_districts(records: Records, districts: Sequence[int], limit: int = 200) -> tuple[Note, ...]:
    """The latest `limit` notes on cases of these districts, latest first."""
    return _notes(records, note.c.district_id.in_(districts), limit)


def latest_notes(records: Records, limit: int = 200) -> tuple[Note, ...]:
    """The latest `limit` notes on any case, latest first."""
    return _notes(records, true(), limit)


def _notes(records: Records, which: ColumnElement[bool], limit: int) -> tuple[Note, ...]:
    query = select(note).where(which).order_by(note.c.audit_id.desc()).limit(limit)
    with records.reading() as connection:
        found = connection.execute(query).mappings().all()
    return tuple(_note(row) for row in found)


def _note(row: Mapping[Any, Any]) -> Note:
    due, at = row["due_on"], row["written_at"]
    days = {"due_on": date.fromisoformat(due) if due else None, "written_at": datetime.fromisoformat(at)}
    return Note(**{**row, **days})

"""Supervise notes 督办: added with a record of the chain in one step, read by case, unit or district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select

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
    """One note on a case, as its unit reads it; `written_at` is a time in UTC, `audit_id` its record."""

    audit_id: int
    case_id: int
    unit_id: int
    district_id: int
    written_at: datetime
    author: str
    author_name: str
    role: str
    text: str


def add_note(
    records: Records,
    by: Person,
    text: str,
    *,
    case_id: int,
    unit_id: int,
    district_id: int,
    version: str = "",
) -> Note:
    """Write a note of 1 to 500 characters, masked as titles are, and its record: both or neither.

    `version` is the warehouse's. Raises ValueError for a text that is empty or too long, RecordsUnavailable.
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
        }
        connection.execute(insert(note).values(fields))
        entry = Entry(Action.SUPERVISED, by, str(case_id), version=version, sha256=digest(fields, NOTED))
        add(connection, entry, now)
    return Note(**{**fields, "written_at": now})


def notes_of_case(records: Records, case_id: int) -> tuple[Note, ...]:
    """All notes on a case, oldest first."""
    return _notes(records, note.c.case_id == case_id, 1_000_000)[::-1]


def notes_of_units(records: Records, units: Sequence[int], limit: int = 200) -> tuple[Note, ...]:
    """The latest `limit` notes on cases of these units, latest first."""
    return _notes(records, note.c.unit_id.in_(units), limit)


def notes_of_districts(records: Records, districts: Sequence[int], limit: int = 200) -> tuple[Note, ...]:
    """The latest `limit` notes on cases of these districts, latest first."""
    return _notes(records, note.c.district_id.in_(districts), limit)


def _notes(records: Records, which: ColumnElement[bool], limit: int) -> tuple[Note, ...]:
    query = select(note).where(which).order_by(note.c.audit_id.desc()).limit(limit)
    with records.reading() as connection:
        found = connection.execute(query).mappings().all()
    return tuple(Note(**{**row, "written_at": datetime.fromisoformat(row["written_at"])}) for row in found)

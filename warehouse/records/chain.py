"""The chain of records: how one is hashed, and what a walk from the first to the last finds wrong. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.records.tables import audit

GENESIS = "0" * 64  # stands before the first record
# The number is left out: a record's place follows from the hash before it, and numbers are counted anyway.
HASHED = tuple(column.name for column in audit.columns if column.name not in {"audit_id", "hash"})
_HEAD_WORD = "qingyu-audit"
_HEAD = re.compile(rf"{_HEAD_WORD} (?P<records>\d+) (?P<at>\S+) (?P<hash>[0-9a-f]{{64}})", re.ASCII)


class Wrong(StrEnum):
    """What has happened to a chain."""

    EDITED = "edited"  # a field of the record is not what was hashed
    MISSING = "missing"  # the record that belongs here has gone
    REORDERED = "reordered"  # a record stands here that belongs elsewhere
    DUPLICATED = "duplicated"  # the record stands twice
    INSERTED = "inserted"  # a record that nothing follows was put in here, or behind the head
    REWRITTEN = "rewritten"  # whole in itself, but not the chain that the head, or a head kept, is of
    UNANCHORED = "unanchored"  # the head itself is gone
    NOTE_CHANGED = "note changed"  # the note of this record is not what was written, or has gone


@dataclass(frozen=True)
class Head:
    """Where a chain ends: how many records it has, when the last was written, and its hash."""

    records: int
    at: str
    hash: str

    @property
    def line(self) -> str:
        """The head as one line that an auditor keeps elsewhere."""
        return f"{_HEAD_WORD} {self.records} {self.at} {self.hash}"


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong, and the number of the record at which it shows."""

    wrong: Wrong
    audit_id: int


@dataclass(frozen=True)
class Verdict:
    """What a walk found: `records` are whole up to the one with `hash`; `fault` is None when all are."""

    records: int
    hash: str
    fault: Fault | None


def read_head(line: str) -> Head:
    """The head that `Head.line` has written; raises WarehouseError when it is not one."""
    found = _HEAD.fullmatch(line.strip())
    if found is None:
        raise WarehouseError(
            f"{line.strip()[:100]!r} is no head; give the line that `python -m warehouse audit head` printed."
        )
    return Head(int(found["records"]), found["at"], found["hash"])


def canonical(fields: Mapping[str, Any], names: Sequence[str]) -> bytes:
    """The one spelling of these fields: JSON in UTF-8, keys sorted, no blanks (after RFC 8785)."""
    chosen = {name: fields[name] for name in names}
    # What is no text and no number was put there by hand: it has some spelling, and so another hash.
    return json.dumps(chosen, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=repr).encode()


def digest(fields: Mapping[str, Any], names: Sequence[str] = HASHED) -> str:
    """SHA-256 of the canonical spelling, in hexadecimal."""
    return hashlib.sha256(canonical(fields, names)).hexdigest()


def checked(
    rows: Iterable[Mapping[str, Any]],
    head: Head | None,
    kept: Sequence[Head],
    places: Callable[[str], Sequence[int]],
) -> Verdict:
    """Walk the records `rows`, ordered by number, to the first that is not as it was written.

    `head` is the store's own, `kept` are those an auditor brought along, `places` tells the numbers of the
    records that carry a hash; it is asked only where the chain breaks. Memory does not grow with the rows.
    """
    if head is None:
        return Verdict(0, GENESIS, Fault(Wrong.UNANCHORED, 0))
    heads = (*kept, head)
    count, last = 0, GENESIS
    for row in rows:
        fault = _fault(row, count + 1, last, places)
        if fault is None and count == head.records:
            fault = Fault(Wrong.INSERTED, count + 1)
        strange = [one for one in heads if one.records == count + 1 and one.hash != row["hash"]]
        if fault is None and strange:
            # The record that belongs here stands further on, or nowhere: then all was hashed anew.
            is_pushed = bool(places(strange[0].hash))
            fault = Fault(Wrong.INSERTED if is_pushed else Wrong.REWRITTEN, count + 1)
        if fault is not None:
            return Verdict(count, last, fault)
        count, last = count + 1, str(row["hash"])
    if count < max(one.records for one in heads):
        return Verdict(count, last, Fault(Wrong.MISSING, count + 1))
    if count == 0 and head.hash != GENESIS:
        return Verdict(0, GENESIS, Fault(Wrong.REWRITTEN, 0))
    return Verdict(count, last, None)


def _fault(
    row: Mapping[str, Any], number: int, last: str, places: Callable[[str], Sequence[int]]
) -> Fault | None:
    """What is wrong with the record at place `number`, behind the record with the hash `last`."""
    if digest(row) != row["hash"]:
        return Fault(Wrong.EDITED, number)
    if row["previous"] == last and row["audit_id"] == number:
        return None
    if len(places(row["hash"])) > 1 or row["audit_id"] < number:
        return Fault(Wrong.DUPLICATED, number)
    if row["previous"] == last:  # in its place, under another number
        return Fault(Wrong.EDITED, number)
    before = 0 if row["previous"] == GENESIS else next(iter(places(row["previous"])), None)
    if before is None:
        return Fault(Wrong.MISSING, number)
    # It follows an earlier record: what stands between the two was put there. Or one that comes later.
    return Fault(Wrong.INSERTED, number - 1) if before < number - 1 else Fault(Wrong.REORDERED, number)

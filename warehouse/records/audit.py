"""Who did what: adding a record to the chain, walking it, and reading it for the auditor."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select, update

from warehouse.errors import RecordsUnavailable
from warehouse.people import mask
from warehouse.records.chain import Fault, Head, Verdict, Wrong, checked, digest
from warehouse.records.opening import Records
from warehouse.records.tables import audit, audit_head, note

_AT_ONCE = 1000  # rows a walk holds in memory
# The columns of a note that its record's hash stands for: all of them.
NOTED = tuple(column.name for column in note.columns)


class Action(StrEnum):
    """What is written down."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    VIEWED = "viewed"
    EXPORTED = "exported"
    LISTED = "listed"
    SEARCHED = "searched"
    OPENED_CASE = "opened_case"
    SUPERVISED = "supervised"
    DECK_CHANGED = "deck_changed"
    ROLE_SWITCHED = "role_switched"
    POLICY_CHANGED = "policy_changed"
    DENIED = "denied"


@dataclass(frozen=True)
class Person:
    """Whoever did something: as the sign-in names them, in what role, in which of their logins."""

    actor: str
    name: str = ""
    role: str = ""
    login: str = ""


@dataclass(frozen=True)
class Entry:
    """What is to be written down.

    `object` is a board, a metric, a file or the id of a case; `words` say the question as the page said it.
    Neither may name a petitioner; numbers of seven digits and more are masked in `words`, as are names that
    can be told by their form (warehouse.people.mask). `rows` and `bytes` count what was handed out, `sha256`
    is its hash.
    """

    action: Action
    by: Person
    object: str = ""
    words: str = ""
    version: str = ""
    as_of: date | None = None
    rows: int | None = None
    bytes: int | None = None
    sha256: str = ""


@dataclass(frozen=True)
class Record:
    """One record as it stands in the chain; `at` is a time in UTC."""

    audit_id: int
    at: datetime
    actor: str
    actor_name: str
    role: str
    login: str
    action: str
    object: str
    words: str
    version: str
    as_of: str
    rows: int | None
    bytes: int | None
    sha256: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Wanted:
    """Which records an auditor asks for: `since` ≤ time < `until`, both with an offset; empty is any."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    action: str = ""
    object: str = ""


@dataclass(frozen=True)
class Total:
    """How many records one role made with one action within the hour that begins at `hour` (UTC)."""

    hour: datetime
    action: str
    role: str
    records: int


@dataclass(frozen=True)
class Deeds:
    """How often one person in one role did one thing, and when (UTC) last; `name` is never empty, but for
    somebody nobody knows.
    """

    actor: str
    role: str
    action: str
    name: str
    records: int
    last: datetime


def timestamp(moment: datetime) -> str:
    """A moment as records spell it: UTC, six decimals."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def append(records: Records, entry: Entry) -> Record:
    """Add one record; when this returns it is on disk. Raises RecordsUnavailable, and then nothing is."""
    with records.writing() as connection:
        return add(connection, entry, datetime.now(UTC))


def add(connection: Connection, entry: Entry, at: datetime) -> Record:
    """Add one record inside a block of `Records.writing`, behind the last one."""
    end = head_of(connection)
    if end is None:
        raise RecordsUnavailable("The chain of records has lost its head; restore a copy of the store.")
    fields: dict[str, Any] = {
        "at": timestamp(at),
        "actor": _fitting("actor", entry.by.actor),
        "actor_name": _fitting("actor_name", entry.by.name),
        "role": _fitting("role", entry.by.role),
        "login": _fitting("login", entry.by.login),
        "action": entry.action.value,
        "object": _fitting("object", entry.object),
        "words": _fitting("words", mask(entry.words)),
        "version": _fitting("version", entry.version),
        "as_of": entry.as_of.isoformat() if entry.as_of else "",
        "rows": entry.rows,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "previous": end.hash,
    }
    fields |= {"hash": digest(fields), "audit_id": end.records + 1}
    connection.execute(insert(audit).values(fields))
    connection.execute(
        update(audit_head).values(records=fields["audit_id"], at=fields["at"], hash=fields["hash"])
    )
    return _record(fields)


def head_of(connection: Connection) -> Head | None:
    """Where the chain ends, as the store says; None when the anchor is gone."""
    row = connection.execute(select(audit_head)).mappings().first()
    return None if row is None else Head(int(row["records"]), str(row["at"]), str(row["hash"]))


def head(records: Records) -> Head:
    """Where the chain ends. Raises RecordsUnavailable, also when its anchor is gone."""
    with records.reading() as connection:
        end = head_of(connection)
    if end is None:
        raise RecordsUnavailable(f"{records} has lost the head of its chain; restore a copy of the store.")
    return end


def verify(records: Records, kept: Sequence[Head] = ()) -> Verdict:
    """Walk the whole chain, then every note: what is wrong first, if anything is.

    `kept` are heads that were written down elsewhere: they find a chain that was replaced as a whole.
    Memory does not grow with the chain. Raises RecordsUnavailable.
    """
    with records.reading(patient=True) as connection:

        def places(hashed: str) -> list[int]:
            found = select(audit.c.audit_id).where(audit.c.hash == hashed).order_by(audit.c.audit_id)
            return list(connection.execute(found).scalars())

        end = head_of(connection)
        with closing(_streamed(connection)) as rows:
            verdict = checked(rows, end, kept, places)
        if verdict.fault is None and (broken := _broken_note(connection)) is not None:
            return Verdict(verdict.records, verdict.hash, Fault(Wrong.NOTE_CHANGED, broken))
    return verdict


def walk(records: Records, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
    """Yield the records wanted as they are stored, oldest first, in bounded memory."""
    with (
        records.reading(patient=True) as connection,
        closing(_streamed(connection, _matching(wanted))) as rows,
    ):
        yield from rows


def listed(records: Records, wanted: Wanted, limit: int) -> tuple[Record, ...]:
    """The latest `limit` records wanted, latest first."""
    query = select(audit).where(_matching(wanted)).order_by(audit.c.audit_id.desc()).limit(limit)
    with records.reading() as connection:
        return tuple(_record(dict(row)) for row in connection.execute(query).mappings())


def totals(records: Records, wanted: Wanted) -> tuple[Total, ...]:
    """The records wanted counted by hour, action and role, oldest first."""
    hour = func.substr(audit.c.at, 1, 13)
    keys = (hour.label("hour"), audit.c.action, audit.c.role)
    query = select(*keys, func.count().label("records")).where(_matching(wanted)).group_by(*keys)
    with records.reading() as connection:
        found = connection.execute(query.order_by(*keys)).all()
    return tuple(Total(datetime.fromisoformat(f"{row[0]}:00+00:00"), row[1], row[2], row[3]) for row in found)


def people(records: Records, wanted: Wanted) -> tuple[Deeds, ...]:
    """The records wanted counted by person, role and action, by person."""
    keys = (audit.c.actor, audit.c.role, audit.c.action)
    told = (func.max(audit.c.actor_name), func.count(), func.max(audit.c.at))
    query = select(*keys, *told).where(_matching(wanted)).group_by(*keys).order_by(*keys)
    with records.reading() as connection:
        found = connection.execute(query).all()
    return tuple(
        Deeds(actor, role, action, name or actor, count, datetime.fromisoformat(last))
        for actor, role, action, name, count, last in found
    )


def _matching(wanted: Wanted) -> ColumnElement[bool]:
    given: list[ColumnElement[bool]] = [
        audit.c[name] == value for name in ("actor", "action", "object") if (value := getattr(wanted, name))
    ]
    if wanted.since is not None:
        given.append(audit.c.at >= timestamp(wanted.since))
    if wanted.until is not None:
        given.append(audit.c.at < timestamp(wanted.until))
    return and_(True, *given)


def _streamed(
    connection: Connection, where: ColumnElement[bool] | None = None
) -> Generator[Mapping[str, Any]]:
    query = select(audit).order_by(audit.c.audit_id)
    yield from _rows(connection, query if where is None else query.where(where))


def _rows(connection: Connection, query: Select[Any]) -> Generator[Mapping[str, Any]]:
    with connection.execute(query, execution_options={"yield_per": _AT_ONCE}) as result:
        for row in result.mappings():
            yield {str(name): value for name, value in row.items()}


def _broken_note(connection: Connection) -> int | None:
    """The number of a note that is not what its record says, the first of them; None when all are."""
    same = note.c.audit_id == audit.c.audit_id
    written = select(audit.c.audit_id.label("number"), audit.c.sha256, note).select_from(
        audit.outerjoin(note, same)
    )
    written = written.where(audit.c.action == Action.SUPERVISED).order_by("number")
    with closing(_rows(connection, written)) as rows:
        for row in rows:
            if row["audit_id"] is None or digest(row, NOTED) != row["sha256"]:
                return int(row["number"])
    alone = select(func.min(note.c.audit_id)).select_from(note.outerjoin(audit, same))
    unsaid = audit.c.audit_id.is_(None) | (audit.c.action != Action.SUPERVISED)
    return connection.execute(alone.where(unsaid)).scalar()


def _fitting(name: str, text: str) -> str:
    """`text` as the column holds it: without control signs and lone surrogates, cut to its length."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return printable[: audit.c[name].type.length]  # type: ignore[attr-defined]


def _record(row: Mapping[str, Any]) -> Record:
    return Record(**{**row, "at": datetime.fromisoformat(row["at"])})

"""The tables of the store of records, and what its database itself refuses: to change or remove a record."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
)

METADATA = MetaData()

# Times are texts as `datetime.isoformat(timespec="microseconds")` writes them in UTC: always "+00:00", so
# that texts sort as times do, and the same text is hashed on every engine.
TIME_LENGTH = 32
HASH_LENGTH = 64  # SHA-256 in hexadecimal

audit = Table(
    "audit",
    METADATA,
    Column("audit_id", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("at", String(TIME_LENGTH), nullable=False),
    Column("actor", String(200), nullable=False),  # as the sign-in names them; empty when nobody is known
    Column("actor_name", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("login", String(16), nullable=False),  # tells one person's logins apart and opens none
    Column("action", String(40), nullable=False),
    Column("object", String(200), nullable=False),  # a board, a metric, a file, a case's id
    Column("words", String(1000), nullable=False),  # the question as the page said it, masked
    Column("version", String(40), nullable=False),  # of the warehouse
    Column("as_of", String(10), nullable=False),  # YYYY-MM-DD, empty where nothing was asked as of a day
    Column("rows", Integer, nullable=True),  # of what was exported, listed or found
    Column("bytes", Integer, nullable=True),  # of the file handed out
    Column("sha256", String(HASH_LENGTH), nullable=False),  # of the file, the note or the slide
    Column("previous", String(HASH_LENGTH), nullable=False, unique=True),
    Column("hash", String(HASH_LENGTH), nullable=False),
    Index("audit_at", "at"),
)

# The anchor: how many records there are and where the chain ends, so that a cut-off end is missed as well.
audit_head = Table(
    "audit_head",
    METADATA,
    Column("head_id", Integer, primary_key=True, autoincrement=False),
    Column("records", Integer, nullable=False),
    Column("at", String(TIME_LENGTH), nullable=False),
    Column("hash", String(HASH_LENGTH), nullable=False),
    CheckConstraint("head_id = 1", name="one_head"),
)

# 督办. Each note is a record too, under the same number; the record holds the hash of the note.
note = Table(
    "note",
    METADATA,
    Column("audit_id", Integer, primary_key=True, autoincrement=False),
    Column("case_id", BigInteger, nullable=False),
    Column("unit_id", Integer, nullable=False),
    Column("district_id", Integer, nullable=False),
    Column("written_at", String(TIME_LENGTH), nullable=False),
    Column("author", String(200), nullable=False),
    Column("author_name", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("text", String(2000), nullable=False),
    Column("due_on", String(10), nullable=False),  # YYYY-MM-DD, by when to answer; empty for an answer
    Column("answers", Integer, nullable=True),  # the audit_id of the note that this one answers
    Index("note_of_case", "case_id"),
    Index("note_of_unit", "unit_id"),
    Index("note_of_district", "district_id"),
)

# 会商. Decks are changed by whoever owns or shares them; each change is a record, and names no petitioner.
deck = Table(
    "deck",
    METADATA,
    Column("deck_id", Integer, primary_key=True, autoincrement=False),  # the audit_id of its making
    Column("name", String(100), nullable=False),
    Column("owner", String(200), nullable=False),  # as the sign-in names them
    Column("owner_name", String(200), nullable=False),
    Column("role", String(40), nullable=False),  # whose readers share it, empty for nobody
    Column("as_of", String(10), nullable=False),  # YYYY-MM-DD, of the first view or of the copy
    Column("version", String(40), nullable=False),  # of the warehouse
    Column("created_at", String(TIME_LENGTH), nullable=False),
    Column("changed_at", String(TIME_LENGTH), nullable=False),
    Index("deck_of_owner", "owner"),
)
slide = Table(
    "slide",
    METADATA,
    Column("slide_id", Integer, primary_key=True, autoincrement=False),  # the audit_id of its adding
    Column("deck_id", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # 1, 2, 3 … in its deck
    Column("board", String(64), nullable=False),
    Column("address", String(2000), nullable=False),  # the choices, as the board's address spells them
    Column("title", String(300), nullable=False),
    Column("note", String(2000), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("version", String(40), nullable=False),
    Index("slide_of_deck", "deck_id"),
)
# What a slide showed when it was put into its deck, in each language. Not evidence but content: the record of
# the adding, or of the freezing anew, holds its hash.
frozen = Table(
    "frozen",
    METADATA,
    Column("slide_id", Integer, primary_key=True, autoincrement=False),
    Column("language", String(8), primary_key=True),
    Column("rights", String(400), nullable=False),  # of whoever froze it: only the same may see it
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(HASH_LENGTH), nullable=False),
    Column("frozen_at", String(TIME_LENGTH), nullable=False),
)
# What a store of an earlier suite may lack and is given: nothing of the chain is among them.
ADDED = (deck, slide, frozen)

REFUSAL = "records are added, never changed"
# The head moves on by one record at a time and is never taken away.
_STEPS = "NEW.records = OLD.records + 1"
_CALL = "EXECUTE FUNCTION refuse()"


def _after_create(table: Table, dialect: str, statement: str) -> None:
    """Run `statement` on this engine once `table` has been made."""
    event.listen(table, "after_create", _on(dialect, statement))


def _on(dialect: str, statement: str) -> DDL:
    made: DDL = DDL(statement)  # type: ignore[no-untyped-call]
    return made.execute_if(dialect=dialect)


def _refuse(table: Table, happening: str, allowed: str = "") -> None:
    """Let both engines refuse `happening` (UPDATE, DELETE) of rows of `table`, unless `allowed` holds."""
    when = f" WHEN (NOT ({allowed}))" if allowed else ""
    name = f"{table.name}_{happening.lower()}"
    opening = f"CREATE TRIGGER {name} BEFORE {happening} ON {table.name} FOR EACH ROW{when}"
    _after_create(table, "sqlite", f"{opening} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")
    _after_create(table, "postgresql", f"{opening} {_CALL}")


event.listen(
    METADATA,
    "before_create",
    _on(
        "postgresql",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{REFUSAL}'; END$$",
    ),
)
for _table in (audit, note, audit_head):
    _refuse(_table, "UPDATE", _STEPS if _table is audit_head else "")
    _refuse(_table, "DELETE")
    _emptied = (
        f"CREATE TRIGGER {_table.name}_truncate BEFORE TRUNCATE ON {_table.name} FOR EACH STATEMENT {_CALL}"
    )
    _after_create(_table, "postgresql", _emptied)

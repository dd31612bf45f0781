"""The only file that says which items are the same person with the same matter (同人同事)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, MetaData, Table, and_, insert, select
from sqlalchemy.schema import CreateTable

from warehouse.changes import EARLIER, LATER, Changes, among
from warehouse.schema import cases

LINKED = ("first_case_id", "repeat_no", "days_since_previous", "returned_on")


def linked(relation: str) -> str:
    """SQL (DuckDB) for one row per item of `relation`: case_id, then the columns LINKED.

    `relation` names a table or view with case_id, person_key, matter_key, registered_at and closed_at. Items
    of one person and one matter are ordered by registered_at, then case_id: the first is `first_case_id`
    of all, `repeat_no` counts from 0, `days_since_previous` counts calendar days. `returned_on` is the day
    of the first item of the matter that was registered after this one was closed; null while it is open or
    nothing came. An item without a person or without a matter is a matter of its own.
    """
    return f"""
        WITH known AS (
            SELECT case_id, person_key, matter_key, registered_at, closed_at
            FROM {relation}
            WHERE person_key IS NOT NULL AND matter_key IS NOT NULL
        ), ordered AS (
            SELECT *,
                count(*) OVER matter AS items,
                first_value(case_id) OVER in_order AS first_case_id,
                row_number() OVER in_order - 1 AS repeat_no,
                lag(registered_at) OVER in_order AS previous_at
            FROM known
            WINDOW matter AS (PARTITION BY person_key, matter_key),
                in_order AS (PARTITION BY person_key, matter_key ORDER BY registered_at, case_id)
        ), returned AS (
            SELECT earlier.case_id, CAST(later.registered_at AS DATE) AS returned_on
            FROM (SELECT * FROM ordered WHERE items > 1 AND closed_at IS NOT NULL) AS earlier
            ASOF JOIN (SELECT * FROM ordered WHERE items > 1) AS later
                ON earlier.person_key = later.person_key AND earlier.matter_key = later.matter_key
                AND earlier.closed_at < later.registered_at
        )
        SELECT item.case_id,
            coalesce(ordered.first_case_id, item.case_id) AS first_case_id,
            CAST(coalesce(ordered.repeat_no, 0) AS INTEGER) AS repeat_no,
            CAST(date_diff('day', ordered.previous_at, item.registered_at) AS INTEGER) AS days_since_previous,
            returned.returned_on
        FROM {relation} AS item
        LEFT JOIN ordered ON ordered.case_id = item.case_id
        LEFT JOIN returned ON returned.case_id = item.case_id
    """  # noqa: S608 (the relation is a name from this package, never a reader's text)


def link_repeats(connection: Connection) -> None:
    """Compute the columns LINKED of every item in `cases` anew.

    The table is written afresh and takes the old one's place: DuckDB updates millions of rows far more
    slowly than it writes them.
    """
    fresh = cases.to_metadata(MetaData(), name="cases_linked")
    names = [column.name for column in cases.columns]
    kept = ", ".join(f"link.{name}" if name in LINKED else f"item.{name}" for name in names)
    connection.execute(CreateTable(fresh))
    connection.exec_driver_sql(
        f"""
        INSERT INTO {fresh.name} ({", ".join(names)})
        SELECT {kept} FROM {cases.name} AS item
        JOIN ({linked(cases.name)}) AS link ON link.case_id = item.case_id
        """  # noqa: S608 (names from the schema alone)
    )
    connection.exec_driver_sql(f"DROP TABLE {cases.name}")
    connection.exec_driver_sql(f"ALTER TABLE {fresh.name} RENAME TO {cases.name}")


def follow(connection: Connection, changes: Changes) -> None:
    """Compute the columns LINKED anew of every item whose matter gained, lost or altered an item."""
    if changes.are_many():
        link_repeats(connection)
        return
    for statement in _CHANGED:
        connection.exec_driver_sql(statement)
    of_matter = and_(*(cases.c[one.name] == one for one in _matter.c))
    others = select(cases.c.case_id).join(_matter, of_matter)
    _, chosen = among(connection, others.where(cases.c.case_id.not_in(select(_item.c.case_id))))
    found = select(*(cases.c[one.name] for one in _item.c)).where(chosen)
    connection.execute(insert(_item).from_select([one.name for one in _item.c], found))
    connection.exec_driver_sql(_RELINKED)
    changes.keep(select(_link.c.case_id), texts=False)
    changes.alter(_link)


def _table(name: str, columns: Sequence[str]) -> Table:
    return Table(name, MetaData(), *(Column(one, cases.c[one].type) for one in columns), schema=LATER)


_LOOKED_AT = ("person_key", "matter_key", "registered_at", "closed_at")
_matter = _table("matter", _LOOKED_AT[:2])
_item = _table("item", ("case_id", *_LOOKED_AT, *LINKED))
_link = _table("link", ("case_id", *LINKED))
# SQL (DuckDB) in turn: the items of the load of which something changed that decides the links, with the
# matters they belonged to; these matters; what the load's items say that belong to them, or to none.
_CHANGED = (
    f"""
    CREATE TABLE {LATER}.changed AS
    SELECT item.case_id, item.person_key, item.matter_key, was.person_key AS old_person,
        was.matter_key AS old_matter
    FROM {LATER}.cases AS item LEFT JOIN {EARLIER}.cases AS was ON was.case_id = item.case_id
    WHERE was.case_id IS NULL
        OR {" OR ".join(f"item.{name} IS DISTINCT FROM was.{name}" for name in _LOOKED_AT)}
    """,  # noqa: S608 (names from the schema alone, here and below)
    f"""
    CREATE TABLE {LATER}.matter AS
    SELECT person_key, matter_key FROM {LATER}.changed
    UNION SELECT old_person, old_matter FROM {LATER}.changed
    """,  # noqa: S608
    f"""
    CREATE TABLE {LATER}.item AS
    SELECT {", ".join(one.name for one in _item.c)}
    FROM {LATER}.cases SEMI JOIN {LATER}.changed USING (case_id)
    """,  # noqa: S608
)
# The items whose links are to change, with their new links.
_RELINKED = f"""
    CREATE TABLE {LATER}.link AS
    SELECT fresh.* FROM ({linked(f"{LATER}.item")}) AS fresh
    JOIN {LATER}.item AS item ON item.case_id = fresh.case_id
    WHERE {" OR ".join(f"fresh.{name} IS DISTINCT FROM item.{name}" for name in LINKED)}
    """  # noqa: S608

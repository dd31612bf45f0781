"""The only file that says through which secrets the keys of a warehouse went, and takes them through another.

A person's first key is a hash under the first secret; each later secret hashes the key before it. So keys
change without the persons being known, and whoever has an earlier secret can no longer find anybody. The
table `key_ring` holds how to recognise each secret, never the secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pandas as pd
from sqlalchemy import Connection, insert, or_, select

from warehouse import frames, people
from warehouse.engines import duckdb
from warehouse.errors import WarehouseError
from warehouse.schema import case_history, cases, key_ring
from warehouse.store import Store

# The secrets stand beside the warehouse directory, never in it.
SECRET_FILE = "person.key"  # noqa: S105 (a file's name)
_KEYS = ("person_key", "matter_key")


def secrets_for(connection: Connection, store: Store) -> tuple[bytes, ...]:
    """Return the secrets, first to last, that keys of this warehouse go through; made when it has none yet.

    Raises WarehouseError when they are lost or others than those the warehouse names, as the persons loaded
    already would then not be recognised.
    """
    path = store.directory.parent / SECRET_FILE
    marks = _marks(connection)
    if (
        not marks
        and connection.execute(
            select(cases.c.case_id).where(cases.c.person_key.is_not(None)).limit(1)
        ).first()
    ):
        raise WarehouseError(
            f"{store.directory} holds keys of persons and does not say of which secret; load the source "
            "files into a new directory."
        )
    if marks and not people.has_secrets(path):
        raise WarehouseError(
            f"{path} is missing, and with another secret the persons already loaded would not be recognised; "
            "restore it from its copy."
        )
    secrets = people.read_secrets(path)
    if not marks:
        return secrets
    if marks != [people.mark(one) for one in secrets[: len(marks)]]:
        raise WarehouseError(
            f"{path} does not hold the {len(marks)} secrets that the persons in {store.directory} have their "
            "keys of; restore it from its copy."
        )
    return secrets[: len(marks)]


def sign(connection: Connection, secrets: Sequence[bytes]) -> None:
    """Note how to recognise the `secrets`, unless the warehouse says so already."""
    if secrets and not _marks(connection):
        rows = [{"generation": place, "mark": people.mark(one)} for place, one in enumerate(secrets, start=1)]
        connection.execute(insert(key_ring), rows)


def rekey(store: Store, say: Callable[[str], None]) -> None:
    """Take every key of the newest version through one more secret, and publish it.

    The secret is written and on disk before anything is published, so that a kill at any moment loses no
    link; one left by a rekeying that was cut off is used by the next. Raises WarehouseError when nobody has a
    key, and what `secrets_for` and `Store.build` raise.
    """
    path = store.directory.parent / SECRET_FILE
    with store.build(copy_newest=True) as connection:
        past = secrets_for(connection, store) if _marks(connection) else ()
        if not past:
            raise WarehouseError(f"Nobody has a key in {store.directory}, so there is none to change.")
        every = people.read_secrets(path)
        secret = every[len(past)] if len(every) > len(past) else people.add_secret(path)
        for name in _KEYS:
            say(f"{name}: {_rekeyed(connection, name, secret):,} keys changed 已更换")
        _rewrite_history(connection, secret)
        connection.execute(insert(key_ring).values(generation=len(past) + 1, mark=people.mark(secret)))
    say(f"published 已发布: {store.version()} in {store.directory}")
    say(
        f"Copy {path} to where its copy is kept 请备份; {len(store.versions()) - 1} older versions still "
        "hold the keys of before, until further loads replace them 旧版本仍用旧键."
    )


def _marks(connection: Connection) -> list[int]:
    return list(connection.execute(select(key_ring.c.mark).order_by(key_ring.c.generation)).scalars())


def _rekeyed(connection: Connection, name: str, secret: bytes) -> int:
    column = cases.c[name]
    found = duckdb.fetched(connection.execute(select(column).distinct().where(column.is_not(None))))
    old = found.column(0).to_pylist()
    new = people.rekeyed(secret, old)
    if len(set(new)) < len(old):
        raise WarehouseError(f"Two keys of {name} would become one; nothing was changed: run it again.")
    frames.stage(connection, "rekeyed", pd.DataFrame({"old": old, "new": new}, dtype="int64"))
    connection.exec_driver_sql(
        f"UPDATE cases SET {name} = rekeyed.new FROM rekeyed WHERE cases.{name} = rekeyed.old"  # noqa: S608 (own names)
    )
    return len(old)


def _rewrite_history(connection: Connection, secret: bytes) -> None:
    """What an item said before holds its keys of then."""
    speaks = or_(*(case_history.c.old_values.contains(f'"{name}": ') for name in _KEYS))
    rows = []
    for number, old in connection.execute(
        select(case_history.c.case_history_id, case_history.c.old_values).where(speaks)
    ):
        values = json.loads(old)
        told = [name for name in _KEYS if name in values]
        values |= zip(told, people.rekeyed(secret, [values[name] for name in told]), strict=True)
        rows.append((number, json.dumps(values, ensure_ascii=False)))
    frames.stage(connection, "rewritten", pd.DataFrame(rows, columns=["number", "told"]))
    connection.exec_driver_sql(
        "UPDATE case_history SET old_values = rewritten.told FROM rewritten WHERE case_history_id = number"
    )

"""A store of records on each engine, and somebody to write in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.services.postgresql import new_database
from warehouse.records.audit import Action, Entry, Person
from warehouse.records.opening import Records, open_records

LEADER = Person("u-17", "周书记", "leader", "0f3a")
PLACES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store will stand."""
    if request.param == "sqlite":
        return str(tmp_path / "records" / "records.db")
    name = f"records_{abs(hash(request.node.nodeid)) % 10**12}"
    return new_database(request.getfixturevalue("postgresql_url"), name)


@pytest.fixture
def records(place: str) -> Iterator[Records]:
    """An empty store."""
    opened = open_records(place)
    yield opened
    opened.close()


def viewing(words: str, by: Person = LEADER, **more: Any) -> Entry:
    """A look at the overview."""
    return Entry(Action.VIEWED, by, "overview", words, **more)


def without_guards(records: Records, *statements: str) -> None:
    """Runs statements as somebody would who owns the database and has taken its triggers away."""
    with records.writing() as connection:
        on_server = connection.dialect.name == "postgresql"
        for table in ("audit", "note", "audit_head"):
            for happening in ("update", "delete"):
                after = f" ON {table}" if on_server else ""
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{happening}{after}"))
        for statement in statements:
            connection.execute(text(statement))

"""All keys change at once: links stay, later loads find the persons again, and a kill loses none of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.warehouse.ingest.conftest import HEADER, Desk
from warehouse.errors import WarehouseError
from warehouse.ingest import key_ring
from warehouse.ingest.key_ring import SECRET_FILE, rekey
from warehouse.people import person_key, read_secrets, rekeyed
from warehouse.schema import case_history, cases
from warehouse.schema import key_ring as table

IDENTITY, OTHER = "33010619900101123X", "330106198002022345"
NAMED = f"{HEADER},证件,事项"
FIRST = f"{NAMED}\nP1,2026-03-01,,a,{IDENTITY},K1\nP2,2026-03-20,,b,{IDENTITY},K1\nP3,2026-03-21,,c,,K1\n"
LATER = f"{NAMED}\nP4,2026-04-01,,d,{IDENTITY},K1\n"


@pytest.fixture
def persons(columns: Callable[..., str]) -> str:
    return columns('same_matter = ["matter"]\n', person_identity="证件", matter="事项")


def links(desk: Desk) -> list[tuple[int, int]]:
    return list(zip(desk.column("first_case_id"), desk.column("repeat_no"), strict=True))


def test_keys_change_links_stay_and_later_loads_link(desk: Desk, persons: str) -> None:
    desk.load(FIRST, mapping=persons)
    before = desk.column("person_key"), desk.column("matter_key")
    linked = links(desk)
    assert linked == [(1, 0), (1, 1), (3, 0)]
    rekey(desk.store, desk.said.append)
    first, second = read_secrets(desk.folder / "var" / SECRET_FILE)
    key = person_key(first, IDENTITY, None, None)
    assert key is not None
    assert desk.column("person_key") == [*rekeyed(second, [key, key]), None]
    assert desk.column("matter_key")[0] == desk.column("matter_key")[1]
    assert not set(desk.column("matter_key")[:2]) & set(before[1])
    assert links(desk) == linked
    desk.load(LATER, mapping=persons, name="later.csv")
    assert links(desk) == [*linked, (1, 2)]
    rekey(desk.store, desk.said.append)
    desk.load(LATER.replace("P4", "P5"), mapping=persons, name="latest.csv")
    assert links(desk) == [*linked, (1, 2), (1, 3)]


def test_the_keys_of_before_leave_the_history_too(desk: Desk, persons: str) -> None:
    desk.load(FIRST, mapping=persons)
    desk.load(FIRST.replace(f"P2,2026-03-20,,b,{IDENTITY}", f"P2,2026-03-20,,停,{OTHER}"), mapping=persons)
    old = desk.column("person_key")[0]
    rekey(desk.store, desk.said.append)
    (kept,) = (values for (values,) in desk.ask(select(case_history.c.old_values)))
    assert str(old) not in kept
    assert f'"person_key": {desk.column("person_key")[0]}' in kept
    assert '"title": "b"' in kept


def test_after_a_rollback_loads_use_the_secrets_of_that_version(desk: Desk, persons: str) -> None:
    desk.load(FIRST, mapping=persons)
    rekey(desk.store, desk.said.append)
    desk.store.roll_back()
    desk.load(LATER, mapping=persons, name="later.csv")
    assert links(desk) == [(1, 0), (1, 1), (3, 0), (1, 2)]
    rekey(desk.store, desk.said.append)
    assert len(read_secrets(desk.folder / "var" / SECRET_FILE)) == 2  # the one that waited
    assert len(desk.ask(select(table))) == 2


def test_a_secret_left_by_a_rekeying_that_was_cut_off_is_the_next_one(
    desk: Desk, persons: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(FIRST, mapping=persons)
    keys = desk.column("person_key")

    def cut_off(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as context:
        context.setattr(key_ring, "_rewrite_history", cut_off)
        with pytest.raises(ZeroDivisionError):
            rekey(desk.store, desk.said.append)
    assert desk.column("person_key") == keys
    desk.load(LATER, mapping=persons, name="later.csv")
    assert links(desk)[-1] == (1, 2)
    rekey(desk.store, desk.said.append)
    assert len(read_secrets(desk.folder / "var" / SECRET_FILE)) == 2


def test_another_secret_is_refused_not_used(desk: Desk, persons: str) -> None:
    desk.load(FIRST, mapping=persons)
    path = desk.folder / "var" / SECRET_FILE
    kept = path.read_text("ascii")
    path.unlink()
    with pytest.raises(WarehouseError, match="is missing, and with another secret"):
        desk.load(LATER, mapping=persons, name="later.csv")
    read_secrets(path)
    with pytest.raises(WarehouseError, match="does not hold the 1 secrets"):
        desk.load(LATER, mapping=persons, name="later.csv")
    path.write_text(kept, "ascii")
    desk.load(LATER, mapping=persons, name="later.csv")


def test_keys_of_no_named_secret_are_not_mixed_with_others(desk: Desk, persons: str) -> None:
    desk.load(FIRST, mapping=persons)
    with desk.store.build(copy_newest=True) as connection:
        connection.execute(table.delete())
    with pytest.raises(WarehouseError, match="does not say of which secret"):
        desk.load(LATER, mapping=persons, name="later.csv")


def test_nobody_has_a_key(desk: Desk) -> None:
    desk.load(f"{HEADER}\nA1,2026-03-01,,路灯\n")
    version = desk.store.version()
    with pytest.raises(WarehouseError, match="Nobody has a key"):
        rekey(desk.store, desk.said.append)
    assert desk.store.version() == version
    assert not (desk.folder / "var" / SECRET_FILE).exists()


def test_keys_that_would_meet_are_not_published(
    desk: Desk, persons: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(FIRST.replace("c,,", f"c,{OTHER},"), mapping=persons)
    version = desk.store.version()
    monkeypatch.setattr("warehouse.people.rekeyed", lambda _secret, keys: [1] * len(keys))
    with pytest.raises(WarehouseError, match="would become one"):
        rekey(desk.store, desk.said.append)
    assert desk.store.version() == version
    assert desk.ask(select(cases.c.case_id)) != []

"""The store publishes whole versions or nothing, one writer at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from warehouse.engines import duckdb
from warehouse.errors import WarehouseBusy, WarehouseError, WarehouseMissing, WarehouseUnavailable
from warehouse.schema import METADATA, warehouse_info
from warehouse.store import VERSIONS_KEPT, Store


def fill(connection: Connection, city: str) -> None:
    METADATA.create_all(connection, tables=[warehouse_info])
    connection.execute(
        warehouse_info.insert().values(
            version="",
            city=city,
            built_at=datetime.now(UTC).replace(tzinfo=None),
            data_from_on=date(2026, 1, 1),
            as_of_on=date(2026, 1, 2),
            is_demo=True,
            full_scale=1.0,
        )
    )


def publish(store: Store, city: str) -> str:
    with store.build() as connection:
        fill(connection, city)
    return store.version()


def build_and_fail(store: Store) -> None:
    with store.build() as connection:
        fill(connection, "second")
        raise ZeroDivisionError


def city_of(path: Path) -> str:
    engine = duckdb.engine(path, read_only=True)
    with engine.connect() as connection:
        city = connection.execute(select(warehouse_info.c.city)).scalar_one()
    engine.dispose()
    return str(city)


def names(store: Store) -> set[str]:
    return {path.name for path in store.directory.iterdir()}


def test_an_empty_directory_has_no_warehouse(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match="No warehouse stands in"):
        Store(tmp_path / "none").current()


def test_a_clean_build_goes_live_and_is_stamped_with_its_version(tmp_path: Path) -> None:
    store = Store(tmp_path)
    version = publish(store, "first")
    engine = duckdb.engine(store.current(), read_only=True)
    with engine.connect() as connection:
        assert connection.execute(select(warehouse_info.c.version)).scalar_one() == version
    engine.dispose()
    assert names(store) == {"CURRENT", "WRITER.lock", f"warehouse-{version}.duckdb"}


def test_a_failing_build_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    version = publish(store, "first")
    before = names(store)
    with pytest.raises(ZeroDivisionError):
        build_and_fail(store)
    assert (store.version(), names(store), city_of(store.current())) == (version, before, "first")


def test_a_build_that_says_nothing_of_itself_is_not_published(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(WarehouseError, match="0 rows in warehouse_info"), store.build() as connection:
        METADATA.create_all(connection, tables=[warehouse_info])
    with pytest.raises(WarehouseMissing):
        store.version()


def test_a_reader_keeps_its_version_while_newer_ones_are_published(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    engine = duckdb.engine(store.current(), read_only=True)
    with engine.connect() as reader:
        assert reader.execute(select(warehouse_info.c.city)).scalar_one() == "first"
        for number in range(VERSIONS_KEPT + 1):
            publish(store, f"later {number}")
        assert reader.execute(select(warehouse_info.c.city)).scalar_one() == "first"
    engine.dispose()
    assert city_of(store.current()) == f"later {VERSIONS_KEPT}"


def test_only_the_newest_versions_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    versions = [publish(store, str(number)) for number in range(VERSIONS_KEPT + 2)]
    assert versions == sorted(set(versions))
    kept = {f"warehouse-{version}.duckdb" for version in versions[-VERSIONS_KEPT:]}
    assert names(store) == {"CURRENT", "WRITER.lock"} | kept


def test_a_copy_of_the_live_version_can_be_extended(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    with store.build(copy_newest=True) as connection:
        assert connection.execute(select(warehouse_info.c.city)).scalar_one() == "first"
        connection.execute(warehouse_info.update().values(city="second"))
    assert city_of(store.current()) == "second"


def extend(store: Store, city: str, *, hold: bool = False) -> int:
    """Builds upon the newest version; returns the file number of what was built upon."""
    with store.build(copy_newest=True, hold=hold) as connection:
        (half,) = store.directory.glob("*.building")
        number = half.stat().st_ino
        connection.execute(warehouse_info.update().values(city=city))
    return number


def spares(store: Store) -> list[Path]:
    return list(store.directory.glob("*.spare"))


def test_a_build_begins_with_the_copy_that_stands_ready(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    assert store.prepare()
    (spare,) = spares(store)
    ready = spare.stat().st_ino
    assert extend(store, "second") == ready
    assert not spares(store)
    assert (city_of(store.current()), len(store.versions())) == ("second", 2)
    assert extend(store, "third") != ready  # nothing stood ready


def test_a_copy_of_another_version_is_not_begun_with(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    extend(store, "second")
    store.prepare()
    (spare,) = spares(store)
    ready = spare.stat().st_ino
    store.roll_back()
    assert extend(store, "third") != ready
    assert not spares(store)


def test_a_copy_of_what_is_held_outlives_its_publication_but_not_its_end(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    extend(store, "second", hold=True)
    store.prepare()
    (spare,) = spares(store)
    ready = spare.stat().st_ino
    store.publish()
    assert extend(store, "third", hold=True) == ready
    store.prepare()
    store.discard()
    assert not spares(store)
    extend(store, "fourth")
    assert city_of(store.current()) == "fourth"


def test_a_disk_without_room_for_the_copy_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    before = names(store)

    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("warehouse.store._copy", full)
    assert not store.prepare()
    assert names(store) == before


def test_copying_without_a_live_version_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(WarehouseMissing), store.build(copy_newest=True):
        pytest.fail("the block must not run")
    assert names(store) == {"WRITER.lock"}


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.build() as connection:
        fill(connection, "first")
        with pytest.raises(WarehouseBusy, match=r"written by process \d+ since .*; wait"), store.build():
            pytest.fail("the block must not run")
    assert city_of(store.current()) == "first"


def test_a_killed_build_is_swept_away_by_the_next(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from warehouse.store import Store\n"
        "with Store(Path(sys.argv[1])).build() as connection:\n"
        "    connection.exec_driver_sql('CREATE TABLE half AS SELECT range AS n FROM range(100000)')\n"
        "    os._exit(9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode == 9
    assert any("building" in path.name for path in tmp_path.iterdir())
    version = publish(Store(tmp_path), "after")
    assert names(Store(tmp_path)) == {"CURRENT", "WRITER.lock", f"warehouse-{version}.duckdb"}


@pytest.mark.parametrize("content", ["../etc/passwd", "warehouse-1.duckdb", ""])
def test_a_pointer_that_names_no_warehouse_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "CURRENT").write_text(content)
    with pytest.raises(WarehouseError, match="CURRENT says"):
        Store(tmp_path).current()


def test_a_pointer_to_a_lost_file_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    store.current().unlink()
    with pytest.raises(WarehouseMissing, match="which is not there; restore"):
        store.current()


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnavailable, match="is full; free space"), Store(tmp_path).build():
        raise OSError(28, "No space left on device")


def test_another_fault_of_the_block_passes_through_unchanged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), Store(tmp_path).build():
        raise FileNotFoundError(2, "gone")


def test_a_rollback_goes_one_version_back_or_to_the_one_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = [publish(store, city) for city in ("one", "two", "three")]
    assert store.versions() == made
    assert store.roll_back() == made[1] == store.version()
    assert store.roll_back() == made[0]
    with pytest.raises(WarehouseMissing, match=f"keeps no version before {made[0]}; nothing was changed"):
        store.roll_back()
    assert store.roll_back(made[2]) == made[2] == store.version()
    with pytest.raises(WarehouseMissing, match=f"keeps no version 2020; it keeps: {made[0]}, "):
        store.roll_back("2020")
    assert store.version() == made[2]


def test_what_is_built_after_a_rollback_grows_from_the_version_gone_back_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "one")
    publish(store, "two")
    store.roll_back()
    with store.build(copy_newest=True) as connection:
        assert connection.execute(select(warehouse_info.c.city)).scalar_one() == "one"
    assert store.version() == store.versions()[-1]
    assert len(store.versions()) == 3


def test_no_rollback_while_a_build_is_at_work(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.build() as connection:
        fill(connection, "one")
        with pytest.raises(WarehouseBusy, match="is being written by process"):
            store.roll_back()


def hold(store: Store, more: str) -> None:
    with store.build(copy_newest=True, hold=True) as connection:
        connection.execute(warehouse_info.update().values(city=warehouse_info.c.city + more))


def test_what_is_held_waits_is_built_upon_and_goes_live_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live = publish(store, "first")
    hold(store, " second")
    hold(store, " third")
    assert (store.version(), store.versions()) == (live, [live])
    assert city_of(store.current()) == "first"
    version = store.publish()
    assert (store.version(), store.versions(), store.held()) == (version, [live, version], None)
    assert city_of(store.current()) == "first second third"


def test_a_build_without_holding_publishes_what_is_held_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    hold(store, " second")
    with store.build(copy_newest=True) as connection:
        connection.execute(warehouse_info.update().values(city=warehouse_info.c.city + " third"))
    assert store.held() is None
    assert city_of(store.current()) == "first second third"


def test_what_is_held_can_be_dropped(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live = publish(store, "first")
    hold(store, " second")
    store.discard()
    assert (store.version(), store.held()) == (live, None)
    for command in (store.publish, store.discard):
        with pytest.raises(WarehouseMissing, match="holds nothing back"):
            command()


def test_a_new_warehouse_does_not_leave_behind_what_is_held(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    hold(store, " second")
    with pytest.raises(WarehouseError, match=r"publish --discard"):
        publish(store, "another")
    assert store.publish() == store.version()
    assert city_of(store.current()) == "first second"


@pytest.mark.parametrize("step", ["link", "replace", "unlink"])
def test_publishing_that_is_cut_off_anywhere_is_done_by_publishing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = Store(tmp_path)
    publish(store, "first")
    hold(store, " second")

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        holder: object = os if step == "link" else Path
        patched.setattr(holder, step, cut)
        with pytest.raises(KeyboardInterrupt):
            store.publish()
    assert city_of(store.current()) in ("first", "first second")
    store.publish()
    assert city_of(store.current()) == "first second"
    assert store.held() is None


@pytest.mark.parametrize("goes_back", [False, True])
def test_what_was_held_is_not_built_upon_once_it_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes_back: bool
) -> None:
    """A build that publishes what is held is cut off before it removes the file."""
    store = Store(tmp_path)
    publish(store, "first")
    hold(store, " second")
    held = store.require_held()

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    def build_third() -> None:
        with store.build(copy_newest=True) as connection:
            connection.execute(warehouse_info.update().values(city=warehouse_info.c.city + " third"))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut)
        with pytest.raises(KeyboardInterrupt):
            build_third()
    assert held.exists()
    assert store.held() is None
    if goes_back:
        store.roll_back()
    expected = "first" if goes_back else "first second third"
    with store.build(copy_newest=True) as connection:
        assert connection.execute(select(warehouse_info.c.city)).scalar_one() == expected
    assert not held.exists()

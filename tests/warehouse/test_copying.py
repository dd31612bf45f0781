"""A copy holds what its source holds, says so by numbers, and goes live only then."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, Select, Table, delete, insert, select, update

from queries.execute import open_warehouse
from queries.metrics import CATALOG
from queries.question import Question
from queries.vocabulary import Period
from tests.queries import dozen
from tests.services.clickhouse import Cluster
from tests.services.engines import ENGINES, SERVERS
from tests.services.postgresql import new_database
from tests.services.suite import ROOT, environ
from warehouse import __main__ as command
from warehouse import copying, rollups
from warehouse.copying import PROVED, Copied, CopyDiffers, CopyFailed, Digest, copy, digests
from warehouse.engines import clickhouse, duckdb, lease, postgresql
from warehouse.errors import WarehouseError, WarehouseMissing, WarehouseUnavailable
from warehouse.places import versions_at
from warehouse.rollups import ROLLUPS
from warehouse.schema import METADATA, annotation, calendar, cases, warehouse_info
from warehouse.store import Store

# What is easily lost on the way: an empty text beside none, quotes, line ends, the ends of every range.
NASTY: list[dict[str, Any]] = [
    {"title": "", "detail": None, "lon": -0.0, "lat": 1e-300, "person_key": 2**63 - 1},
    {"title": 'a "quoted", text', "detail": "line\nanother\r\nthird", "lon": 0.1 + 0.2, "lat": None},
    {"title": "\\N", "detail": "\\.", "registered_at": datetime(2026, 3, 1, 0, 0, 0, 123456)},
    {"title": "NULL", "detail": "晴雨 𠮷 🌧", "person_key": -(2**63), "closed_on": date(1970, 1, 1)},
    {"title": " t\tabs ", "detail": "'single' `back` %s {x} \\", "h3": 613281546583179263},
]
Place = Callable[[str], str]
BUILDS: dict[str, Any] = {
    "duckdb": duckdb.Build,
    "postgresql": postgresql.Build,
    "clickhouse": clickhouse.Build,
}


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dozen cases with texts, numbers and times that are hard to carry."""
    folder: Path = tmp_path_factory.mktemp("nasty")
    with Store(folder).build() as connection:
        dozen.fill(connection)
        for number, changed in enumerate(NASTY, start=1):
            connection.execute(update(cases).where(cases.c.case_id == number).values(**changed))
        note = {"annotation_id": 1, "noted_on": date(1949, 10, 1), "kind": "policy", "district_id": 0}
        rollups.rebuild(connection)
        connection.execute(insert(annotation), [note | {"text_zh": "", "text_en": "a\\b"}])
    return folder


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Makes the address of an empty place on an engine."""

    def made(engine: str) -> str:
        name = f"copy_{len(list(tmp_path.iterdir()))}_{request.node.originalname[5:25]}_{os.urandom(3).hex()}"
        if engine == "postgresql":
            return new_database(request.getfixturevalue("postgresql_url"), name)
        if engine == "clickhouse":
            spread: Cluster = request.getfixturevalue("clickhouse")
            return spread.url(name)
        return str(tmp_path / name)

    return made


def silent(_line: str) -> None:
    """Nobody listens."""


def bring(source: str | Path, target: str) -> dict[str, Copied]:
    return {one.name: one for one in copy(versions_at(source), versions_at(target), silent)}


def contents(at: str | Path, asked: Table | Select[Any]) -> list[tuple[Any, ...]]:
    engine = versions_at(at).reader()
    query = asked if isinstance(asked, Select) else select(asked)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return sorted(rows, key=repr)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_copy_holds_every_value_and_can_be_copied_back(
    engine: str, nasty: Path, place: Place, tmp_path: Path
) -> None:
    there, back = place(engine), str(tmp_path / "back")
    proved = bring(nasty, there)
    assert set(proved) == set(METADATA.tables)
    assert proved["cases"].digest.rows == 17
    returned = bring(there, back)
    # the name of the version is each copy's own
    assert {name for name in proved if proved[name].digest != returned[name].digest} == {"warehouse_info"}
    for table in (cases, annotation, calendar):
        assert contents(there, table) == contents(nasty, table), table.name
        assert contents(back, table) == contents(nasty, table), table.name


@pytest.mark.postgresql
@pytest.mark.clickhouse
def test_a_copy_from_server_to_server(nasty: Path, place: Place) -> None:
    first, second, third = place("postgresql"), place("clickhouse"), place("postgresql")
    bring(nasty, first)
    bring(first, second)
    assert contents(second, cases) == contents(nasty, cases)
    bring(second, third)
    assert contents(third, cases) == contents(nasty, cases)


def without_the_first(rows: pa.Table) -> pa.Table:
    return rows.slice(1)


def with_another_title(rows: pa.Table) -> pa.Table:
    titles = ["another", *rows["title"].to_pylist()[1:]]
    return rows.set_column(rows.schema.get_field_index("title"), "title", pa.array(titles, pa.string()))


@pytest.mark.parametrize(("fault", "lost"), [(without_the_first, 1), (with_another_title, 0)])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_copy_that_differs_is_not_published(
    engine: str,
    fault: Callable[[pa.Table], pa.Table],
    lost: int,
    dozen_cases: Path,
    nasty: Path,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = place(engine)
    bring(dozen_cases, target)
    live = versions_at(target).version()
    build = BUILDS[engine]
    whole = build.append

    def faulty(self: Any, table: Table, rows: pa.Table) -> None:
        whole(self, table, fault(rows) if table is cases else rows)

    monkeypatch.setattr(build, "append", faulty)
    # DuckDB is filled whole; the others take the twelve cases over that both warehouses hold alike.
    moved = 17 if engine == "duckdb" else len(NASTY)
    said = rf"^cases differs: the source holds {moved} rows, checksum \w{{16}}, the copy {moved - lost} rows"
    with pytest.raises(CopyDiffers, match=said):
        bring(nasty, target)
    assert versions_at(target).version() == live


def test_a_roll_up_that_differs_is_not_published(
    nasty: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rollups.content
    last = ROLLUPS[-1]

    def wrong(rollup: Any, days: Any = None) -> Any:
        statement = made(rollup, days)
        return statement if rollup is not last else insert(last.table).from_select(
            list(last.table.c.keys()), select(last.table).where(last.table.c.cases > 10**6)
        )  # fmt: skip

    monkeypatch.setattr(rollups, "content", wrong)
    target = place("duckdb")
    with pytest.raises(CopyDiffers, match=f"^{last.table.name} differs"):
        bring(nasty, target)
    with pytest.raises(WarehouseMissing):
        versions_at(target).version()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_copy_leaves_the_live_version(
    engine: str, nasty: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = place(engine)
    bring(nasty, target)
    live, before = versions_at(target).version(), contents(target, cases)
    script = (
        "import os, sys\n"
        "from warehouse.copying import copy\n"
        "from warehouse.places import versions_at\n"
        "say = lambda line: line.startswith('rollup_') and os.kill(os.getpid(), 9)\n"
        "copy(versions_at(sys.argv[1]), versions_at(sys.argv[2]), say)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(nasty), target], cwd=ROOT, env=environ(nasty), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert (versions_at(target).version(), contents(target, cases)) == (live, before)
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.0)  # what it claimed on ClickHouse ends later
    bring(nasty, target)
    assert versions_at(target).version() > live


@pytest.mark.postgresql
def test_rows_that_an_engine_refuses_are_one_sentence(tmp_path: Path, place: Place) -> None:
    """A text with a zero byte, which PostgreSQL alone does not keep."""
    with Store(tmp_path / "zero").build() as connection:
        dozen.fill(connection)
        connection.execute(update(cases).where(cases.c.case_id == 1).values(title="a\0b"))
    target = place("postgresql")
    with pytest.raises(
        CopyFailed, match=r"was cut off \(\w+: invalid byte sequence.*; nothing was published"
    ):
        bring(tmp_path / "zero", target)
    with pytest.raises(WarehouseMissing):
        versions_at(target).version()


@pytest.mark.clickhouse
def test_a_shard_lost_on_the_way_is_one_sentence(
    nasty: Path, place: Place, request: pytest.FixtureRequest
) -> None:
    cluster: Cluster = request.getfixturevalue("clickhouse")
    target = place("clickhouse")
    bring(nasty, target)
    live = versions_at(target).version()

    def killing(line: str) -> None:
        if line.startswith("calendar"):
            cluster.kill(cluster.nodes[1])

    try:
        with pytest.raises(WarehouseUnavailable, match=r"does not answer|was cut off"):
            copy(versions_at(nasty), versions_at(target), killing)
    finally:
        cluster.start()
    assert versions_at(target).version() == live
    assert len(contents(target, cases)) == 17


def test_nothing_is_copied_from_an_empty_place(tmp_path: Path, place: Place) -> None:
    target = place("duckdb")
    with pytest.raises(WarehouseMissing, match="No warehouse stands in"):
        bring(tmp_path / "none", target)
    assert not Path(target).exists()


@pytest.mark.parametrize("url", ["mysql://user:secret@host/db", "sqlite:///x.db"])
def test_another_engine_is_refused(url: str) -> None:
    with pytest.raises(WarehouseError, match=r"No warehouse stands on (mysql|sqlite)") as refused:
        versions_at(url)
    assert "secret" not in str(refused.value)


def test_an_address_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(WarehouseError, match="cannot be read; write it like"):
        versions_at("://nothing")


def test_rows_arrive_in_bounded_portions(nasty: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every portion is passed on before the next is fetched, and progress is told by their sum."""
    monkeypatch.setattr("warehouse.engines.duckdb.ROWS", 5)
    monkeypatch.setattr(copying, "PROGRESS_EVERY", 10)
    portions: list[int] = []
    whole = duckdb.Build.append

    def noting(self: Any, table: Table, rows: pa.Table) -> None:
        if table is cases:
            portions.append(rows.num_rows)
        whole(self, table, rows)

    monkeypatch.setattr(duckdb.Build, "append", noting)
    said: list[str] = []
    copy(versions_at(nasty), versions_at(place("duckdb")), said.append)
    assert max(portions) < 17
    assert sum(portions) == 17
    assert next(line for line in said if line.startswith("cases:")).endswith("rows moved")


def test_the_command_tells_what_it_proved(
    nasty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["copy", "--from", str(nasty), "--to", str(tmp_path / "a")]
    assert command.main(arguments) == 0
    said = capsys.readouterr().out
    assert "cases: 17 rows, checksum " in said
    version = versions_at(tmp_path / "a").version()
    assert (
        f"Published {version} in {tmp_path / 'a'}: {len(METADATA.tables)} tables alike on both sides." in said
    )
    assert command.main([*arguments, "--json"]) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["tables"]["cases"]["rows"] == 17
    assert told["tables"].keys() == METADATA.tables.keys()
    assert "Published" in printed.err


def test_the_command_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["copy", "--from", str(tmp_path / "none"), "--to", str(tmp_path / "a")]) == 1
    assert "No warehouse stands in" in capsys.readouterr().err


# A target that holds an earlier version. --------------------------------------------------------------


@pytest.fixture
def growing(nasty: Path, tmp_path: Path) -> Path:
    """A warehouse of its own that holds the nasty cases, to be changed."""
    live = Store(nasty).current()
    folder = tmp_path / "growing"
    folder.mkdir()
    shutil.copyfile(live, folder / live.name)
    (folder / "CURRENT").write_text(f"{live.name}\n")
    return folder


def change(folder: Path) -> None:
    """A day's work: an item that came, one taken back, one corrected, one of long ago that came again."""
    with Store(folder).build(copy_newest=True) as connection:
        came = connection.execute(select(cases).where(cases.c.case_id == 17)).mappings().one()
        tomorrow = {
            "case_id": 18,
            "registered_on": date(2026, 5, 1),
            "registered_at": datetime(2026, 5, 1, 9),
        }
        connection.execute(insert(cases), [{**came, **tomorrow, "first_case_id": 18}])
        connection.execute(delete(cases).where(cases.c.case_id == 5))
        connection.execute(update(cases).where(cases.c.case_id == 7).values(title="更正"))
        connection.execute(update(cases).where(cases.c.case_id == 1).values(returned_on=date(2026, 5, 1)))
        rollups.rebuild(connection)


def tamper(at: str, statement: str) -> None:
    """Change the cases of the live version behind everybody's back; `statement` says {cases} for them."""
    store = versions_at(at)
    if isinstance(store, postgresql.Store):
        with store._connected() as connection:
            connection.exec_driver_sql(statement.format(cases=f"qingyu_{store.version().lower()}.cases"))
            connection.commit()
    if isinstance(store, clickhouse.Store):
        own = f"`{store._named(store.version())}_shard`.cases"
        mutation = statement.replace("UPDATE {cases} SET", "ALTER TABLE {cases} UPDATE")
        for node in range(2):
            with store._connected(node) as connection:
                connection.exec_driver_sql(mutation.format(cases=own) + " SETTINGS mutations_sync = 1")


def require_same(one: str, other: str | Path) -> None:
    """Every table of the two holds the same."""
    for content in copying._contents():  # reads a roll-up added up, however many shards hold it
        if content.table is not warehouse_info:
            query = content.rows(None)
            assert contents(one, query) == contents(other, query), content.table.name


def require_same_numbers(one: str, other: str | Path) -> None:
    """Every metric has the same value in both."""
    question = Question(tuple(CATALOG), Period(date(2025, 1, 1), dozen.AS_OF), dozen.AS_OF)
    opened = [open_warehouse(one), open_warehouse(other)]
    first, second = (warehouse.ask(question).frame for warehouse in opened)
    pd.testing.assert_frame_equal(first, second, check_dtype=False, rtol=1e-9)
    for warehouse in opened:
        warehouse.close()


@pytest.mark.parametrize("engine", SERVERS)
def test_a_refresh_equals_a_full_copy(engine: str, growing: Path, place: Place) -> None:
    target, fresh = place(engine), place(engine)
    first = bring(growing, target)
    change(growing)
    refreshed, full = bring(growing, target), bring(growing, fresh)
    assert {name: one.digest for name, one in refreshed.items()} == {
        name: one.digest for name, one in full.items()
    }
    require_same(target, fresh)
    require_same_numbers(target, growing)
    # What was moved is what changed: cases 1, 7 and 18, the days of theirs and of case 5.
    assert refreshed["cases"].moved == 3
    assert refreshed["cases"].digest != first["cases"].digest
    assert 0 < refreshed["rollup_registered_street"].moved < full["rollup_registered_street"].moved
    assert {name for name, one in first.items() if one.moved != one.digest.rows} == set()
    # and once more, from a version that was itself taken over
    again = bring(growing, target)
    assert {name: one.digest for name, one in again.items()} == {
        name: one.digest for name, one in full.items()
    }
    assert {one.moved for name, one in again.items() if "rollup" in name or name == "cases"} == {0}


@pytest.mark.parametrize("engine", SERVERS)
def test_versions_that_share_rows_do_without_each_other(engine: str, growing: Path, place: Place) -> None:
    target = place(engine)
    bring(growing, target)
    store = versions_at(target)
    before, held = store.version(), contents(target, cases)
    change(growing)
    bring(growing, target)
    after, now = store.version(), contents(target, cases)
    store.roll_back(before)
    drop(store, after)
    assert contents(target, cases) == held
    bring(growing, target)
    drop(store, before)
    assert store.version() not in (before, after)
    assert contents(target, cases) == now
    require_same(target, growing)


def drop(store: Any, version: str) -> None:
    """Remove one version, as the next builds do with the oldest."""
    if isinstance(store, postgresql.Store):
        with store._connected() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA qingyu_{version.lower()} CASCADE")
            connection.commit()
    else:
        for node in range(2):
            with store._connected(node) as connection:
                store._drop(connection, version)


RETITLED = "UPDATE {cases} SET title = 'tampered' WHERE case_id = 9"


@pytest.mark.parametrize("engine", SERVERS)
def test_tampered_rows_are_found_when_all_is_proved(engine: str, growing: Path, place: Place) -> None:
    target = place(engine)
    whole = bring(growing, target)
    tamper(target, RETITLED)
    bring(growing, target)
    assert "tampered" in str(contents(target, cases)), "or else the proof below shows nothing"
    said: list[str] = []
    copied = copy(versions_at(growing), versions_at(target), said.append, prove_all=True)
    mended = {one.name: one for one in copied}["cases"]
    assert (mended.mended, mended.moved, mended.digest) == (1, 1, whole["cases"].digest)
    assert {one.mended for one in copied if one.name != "cases"} == {0}
    assert "what was proved no longer held for 1 of its parts" in "".join(said)
    require_same(target, growing)


@pytest.mark.parametrize("engine", SERVERS)
def test_rows_that_went_missing_are_found_by_counting(engine: str, growing: Path, place: Place) -> None:
    target = place(engine)
    bring(growing, target)
    live = versions_at(target).version()
    lost = "DELETE FROM {cases} WHERE case_id = 9"
    tamper(target, lost if engine == "postgresql" else "ALTER TABLE {cases} DELETE WHERE case_id = 9")
    with pytest.raises(CopyDiffers, match=r"holds \(17,\) in all, the copy \(16,\).*with --prove-all"):
        bring(growing, target)
    assert versions_at(target).version() == live
    copy(versions_at(growing), versions_at(target), silent, prove_all=True)
    require_same(target, growing)


@pytest.mark.parametrize("engine", SERVERS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("SLICES", 8), ("MOST_PARTS", 0), ("PROVED", PROVED.to_metadata(MetaData(), name="never"))],
)
def test_what_is_cut_otherwise_is_moved_whole(
    engine: str, name: str, value: Any, growing: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of another size, more of them than a statement names, a version without proofs."""
    target = place(engine)
    bring(growing, target)
    change(growing)
    monkeypatch.setattr(copying, name, value)
    assert bring(growing, target)["cases"].moved == 17
    require_same(target, growing)


# The checksum. --------------------------------------------------------------------------------------

FIELDS = pa.schema(
    [("n", pa.int32()), ("t", pa.string()), ("d", pa.date32()), ("x", pa.float64()), ("b", pa.bool_())]
)
ROW = st.tuples(
    st.none() | st.integers(-5, 5),
    st.none() | st.text(max_size=3),
    st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.booleans(),
)


def digest(tables: list[pa.Table]) -> Digest:
    """What the tables hold together, as one part."""
    parts = (one.append_column("part", pa.array([0] * len(one), pa.int64())) for one in tables)
    return digests(parts).get(0, Digest())


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(FIELDS.names, row, strict=True)) for row in rows], FIELDS)


@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False), st.integers(0, 12))
def test_order_and_portions_do_not_matter(rows: list[tuple[Any, ...]], chance: Any, cut: int) -> None:
    shuffled = chance.sample(rows, len(rows))
    assert digest([table(shuffled[:cut]), table(shuffled[cut:])]) == digest([table(rows)])


@given(st.lists(ROW, min_size=1, max_size=12), ROW)
def test_one_other_row_is_seen(rows: list[tuple[Any, ...]], other: tuple[Any, ...]) -> None:
    changed = [other, *rows[1:]]
    same = table(rows[:1]).to_pylist() == table([other]).to_pylist()  # 0.0 is −0.0, as for every engine
    assert (digest([table(rows)]) == digest([table(changed)])) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([(1, "a", None, None, None)], [(1, None, None, None, None)]),
        ([(1, "", None, None, None)], [(1, None, None, None, None)]),
        ([(0, None, None, None, None)], [(None, None, None, None, None)]),
        ([(None, None, None, None, False)], [(None, None, None, None, None)]),
        ([(None, None, None, 0.0, None)], [(None, None, None, None, None)]),
        ([(None, None, date(1970, 1, 1), None, None)], [(None, None, None, None, None)]),
        # the same values, but each in the other's row
        (
            [(1, "a", None, None, None), (2, "b", None, None, None)],
            [(1, "b", None, None, None), (2, "a", None, None, None)],
        ),
        # twice the same row is not no row
        ([(1, "a", None, None, None)] * 2, [(1, "a", None, None, None)]),
    ],
)
def test_what_must_be_told_apart(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> None:
    assert digest([table(one)]) != digest([table(other)])


def test_nothing_has_the_empty_digest() -> None:
    assert digest([]) == digest([table([])]) == Digest()


def test_every_table_is_spread_or_whole_by_a_column_of_its_own() -> None:
    """What the schema says of the layout names columns that are there and always filled."""
    for one in METADATA.tables.values():
        if "shard_by" in one.info:
            assert one.info["sort_by"] in one.c
            key = one.info["shard_by"]
            assert key is None or not one.c[key].nullable

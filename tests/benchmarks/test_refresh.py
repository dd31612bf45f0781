"""The refresh benchmark: days load as a source would send them, and a read that is mixed or fails is seen."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from benchmarks import days, readers, refresh, report, warehouses
from benchmarks.page import Call
from benchmarks.readers import Read, digest
from benchmarks.refresh import Load, Watched
from queries.question import Question, Trailing
from queries.vocabulary import Period
from warehouse.store import Store

CASES = "5k"
# A load refuses what lies in the future; the machine's day may not be the city's.
UNTIL = datetime.now(UTC).date() - timedelta(10)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warehouses.demo(CASES, tmp_path_factory.mktemp("refresh") / "demo", until=UNTIL)


@pytest.fixture(scope="module")
def prepared(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> days.Days:
    return days.prepare(demo, tmp_path_factory.mktemp("prepared") / "copy", 2)


def count(of: Period, *, metric: str = "cases_registered") -> Call:
    return Call("ask", (Question((metric,), of, of.end, split=("district",)),))


def test_a_thinned_day_is_so_many_rows_of_the_whole_one(prepared: days.Days) -> None:
    thinned = prepared.thinned(10)
    assert abs(thinned.new + thinned.corrected - 10) <= 1
    for part, whole in zip(thinned.files, prepared.files, strict=True):
        kept, every = (one.read_text(encoding="utf-8").splitlines() for one in (part, whole))
        assert kept[0] == every[0]
        assert abs(len(kept) - 11) <= 1
        assert set(kept) < set(every)


def test_a_day_corrects_and_adds_exactly_what_it_says(
    demo: Path, prepared: days.Days, tmp_path: Path
) -> None:
    assert (prepared.new, prepared.corrected) == (4, 9)
    store = prepared.fresh(tmp_path / "warehouse")
    untouched = store.current().stat().st_ino
    loaded = refresh.load(store, prepared.files[0], prepared.mapping)
    assert loaded.version == store.version() != prepared.store.version()
    assert loaded.cpu > 0
    with store.reading() as connection:
        changed = connection.exec_driver_sql("SELECT old_values FROM case_history").scalars().all()
        new = connection.exec_driver_sql("SELECT * FROM cases WHERE batch_id = 2").mappings().all()
        added = connection.exec_driver_sql("SELECT count(*) FROM category WHERE taxonomy = 'refresh'")
        assert added.scalar_one() == 0
    assert len(changed) == prepared.corrected
    closing = {"accepted_at", "replied_at", "closed_at", "closed_on", "is_resolved", "satisfaction"}
    for old in map(json.loads, changed):
        assert old.keys() <= closing | {"evaluated_at", "evaluated_on"}
    assert {row["registered_on"] for row in new} == {UNTIL + timedelta(1)}
    assert all(row["person_key"] and row["unit_id"] and row["category_id"] for row in new)
    assert sum(row["repeat_no"] > 0 for row in new) >= 1, "no new item was linked to the matter it belongs to"
    assert prepared.fresh(tmp_path / "warehouse").current().stat().st_ino == untouched


def test_what_is_prepared_is_found_again(
    demo: Path, prepared: days.Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "_fill", lambda *_: pytest.fail("it was prepared a second time"))
    again = days.prepare(demo, prepared.mapping.parent, 2)
    assert again.files == prepared.files
    assert again.store.version() == prepared.store.version()


def test_days_that_are_not_over_are_refused(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="are not over"):
        days.prepare(demo, tmp_path / "copy", 30)


def test_loads_before_readers_are_checked_and_written(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(refresh, "LIMIT", 1e9)
    monkeypatch.setattr(refresh, "IDLE", 0.5)
    assert refresh.run(CASES, demo, [2], 30, 1, None, 0.05, ["volume"]) == refresh.WITHIN
    said = capsys.readouterr().out
    assert "| readers: 2, day 1 |" in said
    written = json.loads((tmp_path / "refresh.json").read_text(encoding="utf-8"))
    assert sum(room["reads"] for room in written["rooms"]) >= 30
    assert all(room["loading_ms"]["reads"] > 0 and not room["mixed"] for room in written["rooms"])
    assert written["changed_by_day"][0] > 0, "no answer changes, so that a mixed read could not be seen"


def test_a_read_that_fails_is_kept(demo: Path) -> None:
    period = Period(UNTIL - timedelta(6), UNTIL)
    asked = [count(period), count(period, metric="no_such_metric")]
    with readers.reading(demo, 3, asked, 0.01) as room:
        assert room.count() >= 3
    faults = {one.question: one.fault.partition(":")[0] for one in room.reads}
    assert faults == {0: "", 1: "UnknownMetric"}
    assert {one.version for one in room.reads} == {Store(demo).version()}


def test_readers_who_are_gone_are_not_waited_for() -> None:
    alive, gone = (SimpleNamespace(is_alive=lambda here=here: here) for here in (True, False))
    assert readers.Room(SimpleNamespace(value=7), [alive]).count() == 7
    with pytest.raises(RuntimeError, match="a process of readers has ended"):
        readers.Room(SimpleNamespace(value=7), [alive, gone]).count()


def read(version: str, said: str, *, fault: str = "", begun: float = 0.0) -> Read:
    return Read(begun, 0.001, 0, version, said, fault)


def test_a_read_that_is_of_no_version_is_found() -> None:
    expected = {"one": ["a"], "two": ["b"]}
    assert refresh.check(Watched(1, reads=[read("one", "a"), read("two", "b")]), expected) == 0
    assert refresh.check(Watched(1, reads=[read("one", "b")]), expected) == 1
    assert refresh.check(Watched(1, reads=[read("one", "c"), read("three", "a")]), expected) == 2


def test_reads_beside_a_load_are_told_apart() -> None:
    room = Watched(1, [Load(10.0, 4.0, 5.0, 1.0, {}, "two")])
    room.reads = [read("one", "a", begun=begun) for begun in (9.0, 11.0, 14.9, 15.1)]
    room.reads.append(read("one", "", fault="WarehouseMissing: gone", begun=12.0))
    assert len(room.milliseconds(loading=True)) == 2
    assert len(room.milliseconds(loading=False)) == 2


def test_what_is_beyond_the_limits_is_said() -> None:
    room = Watched(
        5, [Load(0.0, 12.0, 14.0, 9.0, {}, "two")], [read("one", "", fault="WarehouseMissing: gone")], 2
    )
    assert refresh.over([room], 10) == [
        "5 readers: day 1 took 12.0 s, allowed 10",
        "5 readers: 1 reads failed; WarehouseMissing: gone",
        "5 readers: 2 reads are no answer of the version they name",
        "1 reads were made, fewer than the 10 asked for",
    ]
    assert refresh.over([Watched(1, [Load(0.0, 9.0, 14.0, 9.0, {}, "two")], [read("one", "a")])], 1) == []


def test_steps_are_the_lines_that_end_in_seconds() -> None:
    said = "file 文件   a.csv (CSV utf-8)\nlinks 关联   1.25 s\n  roll-ups 汇总   0.4 s\npublished: 2026 in x"
    assert refresh.steps(said) == {"links 关联": 1.25, "roll-ups 汇总": 0.4}


def test_a_question_is_moved_with_all_its_days() -> None:
    asked = Question(("cases_registered",), Period(date(2026, 10, 5), date(2026, 10, 11)), date(2026, 10, 12))
    later = refresh.moved(asked, 7)
    assert (later.period, later.as_of) == (Period(date(2026, 10, 12), date(2026, 10, 18)), date(2026, 10, 19))
    windows = refresh.moved(replace(asked, trailing=Trailing((date(2026, 10, 11),), 28)), 7)
    assert windows.trailing == Trailing((date(2026, 10, 18),), 28)


@pytest.mark.parametrize(
    ("value", "is_same"),
    [((2, 1), True), ((1, 3), False), ((1,), False), ((1, 1), False)],
)
def test_an_answer_is_known_by_its_values(value: Sequence[int], is_same: bool) -> None:
    first = digest(pd.DataFrame({"n": [1, 2]}))
    assert (digest(pd.DataFrame({"n": list(value)})) == first) is is_same
    assert digest(pd.DataFrame({"m": [1, 2]})) != first
    assert digest(None) != first

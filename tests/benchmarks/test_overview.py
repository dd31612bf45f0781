"""The overview benchmark: its two pages agree, a wrong one is refused, and reading the fact is seen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import naive, overview, report, warehouses
from benchmarks.naive import NaiveWarehouse
from benchmarks.page import Run, Stopwatch
from queries.answer import Answer
from queries.city_index import CityIndex, ask_index
from queries.execute import Warehouse, open_warehouse
from queries.policies import read_index
from queries.question import Question
from queries.vocabulary import Compare, Grain, Period
from warehouse.schema import cases, region

CASES = "5k"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warehouses.demo(CASES, tmp_path_factory.mktemp("benchmark"))


@pytest.fixture(scope="module")
def opened(directory: Path) -> Iterator[Warehouse]:
    warehouse = open_warehouse(directory)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def kept(directory: Path, opened: Warehouse) -> Iterator[NaiveWarehouse]:
    warehouse = NaiveWarehouse(directory, opened, keep=True)
    yield warehouse
    warehouse.close()


@pytest.fixture
def question(opened: Warehouse) -> Question:
    period = Period(opened.info.as_of.replace(day=1), opened.info.as_of)
    return Question(
        ("cases_registered", "repeat_share"), period, opened.info.as_of,
        split=("district",), compare=(Compare.YOY, Compare.MOM),
    )  # fmt: skip


@pytest.fixture(scope="module")
def index(opened: Warehouse) -> CityIndex:
    return ask_index(opened, read_index(), as_of=opened.info.as_of, weeks=5)


def test_measures_and_writes(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    assert overview.run(directory, CASES, 1) == overview.MEASURED
    said = capsys.readouterr().out
    for row in (overview.WARM, overview.COLD, overview.READING, overview.KEEPING):
        assert f"| {row}" in said
    assert (tmp_path / "overview.json").is_file()


def test_reading_the_fact_fails(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    cold = Run({"query": 1.0}, frozenset({cases.name, region.name}))
    monkeypatch.setattr(overview, "compare", lambda _: 1)
    monkeypatch.setattr(overview, "measure", lambda *_: {overview.COLD: [cold]})
    assert overview.run(directory, CASES, 1) == overview.WRONG
    assert "The overview reads cases:" in capsys.readouterr().err


def test_a_page_that_counts_wrongly_is_found(
    opened: Warehouse, kept: NaiveWarehouse, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = naive.METRICS["repeat_share"]
    wrong = replace(right, part=lambda rows, window: right.part(rows, window) * 0.999)
    monkeypatch.setattr(naive, "METRICS", {**naive.METRICS, "repeat_share": wrong})
    with pytest.raises(overview.DifferentNumbers, match="repeat_share"):
        overview.compare_answers(opened, kept, [question])


def test_pages_that_differ_are_not_measured(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def differ(_subject: object) -> int:
        raise overview.DifferentNumbers("repeat_share at 3: 0.1 against 0.2")

    monkeypatch.setattr(overview, "compare", differ)
    monkeypatch.setattr(overview, "measure", lambda *_: pytest.fail("pages that differ were measured"))
    assert overview.run(directory, CASES, 1) == overview.WRONG
    assert "repeat_share at 3: 0.1 against 0.2" in capsys.readouterr().err


def test_equal_answers_are_counted(opened: Warehouse, kept: NaiveWarehouse, question: Question) -> None:
    assert overview.compare_answers(opened, kept, [question]) > 100


@pytest.mark.parametrize("column", ["repeat_share", "cases_registered_yoy", "cases_registered_mom_base"])
def test_one_other_number_is_found(
    column: str, opened: Warehouse, kept: NaiveWarehouse, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = kept.ask(question)
    frame = right.frame.copy()
    frame[column] += 1e-6
    monkeypatch.setattr(kept, "ask", lambda _: Answer(question, frame))
    with pytest.raises(overview.DifferentNumbers, match=column):
        overview.compare_answers(opened, kept, [question])


def test_a_missing_district_is_found(
    opened: Warehouse, kept: NaiveWarehouse, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = kept.ask(question).frame.iloc[:-1]
    monkeypatch.setattr(kept, "ask", lambda _: Answer(question, fewer))
    with pytest.raises(overview.DifferentNumbers, match="only one page has"):
        overview.compare_answers(opened, kept, [question])


def test_a_missing_column_is_found(
    opened: Warehouse, kept: NaiveWarehouse, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrower: pd.DataFrame = kept.ask(question).frame.drop(columns="repeat_share_yoy")
    monkeypatch.setattr(kept, "ask", lambda _: Answer(question, narrower))
    with pytest.raises(overview.DifferentNumbers, match="repeat_share_yoy"):
        overview.compare_answers(opened, kept, [question])


def test_every_reading_of_the_index_is_compared(index: CityIndex) -> None:
    assert overview.compare_indexes(index, index) > 0
    for key, read in index.readings.items():
        if key[1] == index.as_of and read.value == read.value:
            moved = {**index.readings, key: replace(read, value=read.value + 1e-6)}
            other = CityIndex(index.as_of, index.dates, index.districts, index.groups, moved, index.versions)
            with pytest.raises(overview.DifferentNumbers):
                overview.compare_indexes(index, other)


def test_the_naive_page_answers_only_what_it_knows(kept: NaiveWarehouse, question: Question) -> None:
    with pytest.raises(ValueError, match="whole city and its districts"):
        kept.ask(replace(question, split=("street",)))
    with pytest.raises(ValueError, match="days and weeks"):
        kept.ask(replace(question, grain=Grain.MONTH, compare=()))


def test_only_large_tables_that_are_no_rollups_are_too_large() -> None:
    rows = {"cases": 3, "rollup_registered_street": 10**6, "region": 3_000, "review": 10**6}
    assert overview.too_large(rows) == ["cases", "review"]


def test_a_step_is_counted_without_the_steps_inside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 0.010, 0.030, 0.100])
    monkeypatch.setattr("benchmarks.page.time.perf_counter", lambda: next(ticks))
    clock = Stopwatch()
    with clock.step("outer"), clock.step("inner"):
        pass
    assert clock.spent == pytest.approx({"inner": 20.0, "outer": 80.0})

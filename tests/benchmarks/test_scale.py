"""The scale benchmark: it measures what boards ask, tells growth and bytes rightly, and names who is late."""

import json
import math
from pathlib import Path

import pytest
from sqlalchemy.types import TypeEngine

from benchmarks import asked, bandwidth, report, scale, servers, timings, warehouses
from benchmarks.asked import FACT, LIST, ROLLUP, Asked
from benchmarks.page import Call
from benchmarks.scale import Growth, Order
from benchmarks.timings import Measured, Timing
from warehouse.schema import METADATA

BOARDS = ("volume", "repeats")
FROM_FACT = "SELECT sum(cases.people) FROM cases WHERE cases.registered_on > $1 AND cases.is_petition"
FROM_ROLLUP = "SELECT sum(rollup_registered_street.cases) FROM rollup_registered_street JOIN region ON true"
FROM_LIST = "SELECT count(*) FROM backlog_item"


def question(name: str, *statements: str) -> Asked:
    return Asked(name, Call("ask", (name,)), statements or (FROM_ROLLUP,))


def measured(size: str, items: int, **warm: float) -> Measured:
    found = Measured(timings.DUCKDB, size, {"cases": items})
    found.timings = {question(name).key: Timing([took], [took * 3], [took]) for name, took in warm.items()}
    return found


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(scale, "ENOUGH", 8_000_000)
    return tmp_path


def test_every_size_is_generated_measured_and_written(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scale, "ROLLUP_LIMIT", 1e-6)
    monkeypatch.setattr(scale, "GROWTH_LIMIT", 1e9)
    monkeypatch.setattr(servers, "_postgresql", nothing_to_start)
    order = Order(("2k", "5k"), ("duckdb", "postgresql"), 2, BOARDS, "2k", evict=True)
    assert scale.run(order) == scale.OVER
    said = capsys.readouterr().out
    assert "postgresql was not measured: no initdb in this test" in said
    assert "duckdb 5k: roll-ups p95" in said
    assert "ms volume: cases_registered" in said.rpartition("over it are")[2]
    written = json.loads((results / "scale.json").read_text(encoding="utf-8"))
    small, large = written["warehouses"]
    assert (small["cases"], large["rows"]["cases"]) == ("2k", 5000)
    assert {"first items", "cases", "roll-ups", "publish"} <= large["generation"].keys()
    assert {one["group"] for one in large["questions"]} == {ROLLUP, FACT, LIST}
    for one in large["questions"]:
        assert len(one["warm"]) == len(one["cold"]) == len(one["cpu"]) == 2
        assert one["rows"] > 0
        assert one["bytes"] > 0
    assert [one["group"] for one in written["growth"]] == [ROLLUP, FACT, LIST]


def nothing_to_start() -> None:
    raise servers.NotStarted("no initdb in this test")


def test_a_question_belongs_where_its_dearest_select_reads() -> None:
    assert question("a", FROM_ROLLUP, FROM_FACT).group == FACT
    assert question("a", FROM_LIST, FROM_ROLLUP).group == ROLLUP
    assert question("a", FROM_LIST).group == LIST
    assert question("a", FROM_ROLLUP).tables == {"rollup_registered_street", "region"}


def test_bytes_are_those_of_the_columns_named() -> None:
    # people INTEGER 4, registered_on DATE 4, is_petition BOOLEAN 1
    assert question("a", FROM_FACT).touched({"cases": 1000}) == 9 * 1000
    assert question("a", FROM_FACT, FROM_FACT).touched({"cases": 1000}) == 18 * 1000


def test_every_type_of_the_schema_has_a_width() -> None:
    kinds: set[TypeEngine[object]] = {column.type for table in METADATA.sorted_tables for column in table.c}
    assert {str(kind) for kind in kinds} <= asked._WIDTHS.keys()


def test_growth_is_of_the_questions_both_have_answered() -> None:
    small, large = measured("3M", 3_000_000, a=10, b=30), measured("30M", 30_000_000, a=20, b=60)
    large.timings[question("c").key] = small.timings[question("c").key] = Timing(fault="refused")
    found = scale.growths(small, large, [question("a"), question("b"), question("c")])
    assert found[0] == Growth(ROLLUP, 40, 80, 10)
    assert found[0].factor == 2
    assert found[0].exponent == pytest.approx(math.log10(2))
    assert math.isnan(found[1].factor)


def test_who_is_late_is_named() -> None:
    small, large = measured("3M", 3, a=10, b=30), measured("33M", 33, a=11, b=150)
    questions = [question("a"), question("b")]
    said = scale.over([small, large], questions, scale.growths(small, large, questions), 2)
    assert said[0] == "duckdb 33M: roll-ups p95 143 ms warm, allowed 100; over it are"
    assert said[1] == "  150 ms b:"
    assert said[2] == "roll-ups: growth 4.03 ×, allowed 1.5; most of it in"
    assert said[3] == "  +120 ms b:"


def test_within_the_limits_nothing_is_said() -> None:
    small, large = measured("3M", 3, a=10, b=30), measured("33M", 33, a=12, b=33)
    questions = [question("a"), question("b")]
    assert scale.over([small, large], questions, scale.growths(small, large, questions), 2) == []


def test_a_question_without_an_answer_is_named() -> None:
    found = measured("3M", 3, a=10)
    found.timings[question("b").key] = Timing(fault="The warehouse could not answer.")
    (said,) = scale.over([found], [question("a"), question("b")], [], 1)
    assert said == "duckdb 3M: b: was not answered: The warehouse could not answer."


def test_generating_is_timed_step_by_step(results: Path) -> None:
    assert scale.main(["--generate", "--cases", "2k"]) == scale.WITHIN
    steps = warehouses.generation("2k")
    assert "cases" in steps
    assert all(took >= 0 for took in steps.values())
    assert [path.name for path in results.iterdir()] == ["generation-2k.json"]


def test_bandwidth_is_that_of_a_memory() -> None:
    assert 1e8 < bandwidth.copy_bandwidth(8_000_000) < 1e13

"""The rankings board: its links, its comparisons, what it reads, and cities with little to rank."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.cards.league import RANKABLE
from queries.metrics import CATALOG
from tests.dashboards.conftest import Draw, shown
from tests.dashboards.test_boards import STATE, draw_board


def drawn(directory: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    return draw_board("rankings", directory, monkeypatch, **choices)


def test_deep_link_restores_every_choice(demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = drawn(
        demo_warehouse,
        monkeypatch,
        district="330110",
        measure="replied_on_time",
        fair="mix",
        span="12w",
        as_of="2026-09-30",
        lang="en",
    )
    page = shown(test)
    assert STATE not in page
    said = "Last 12 weeks 2026-07-09 to 2026-09-30 · Yuhang District · Replied on time · At equal case mix"
    assert said in page
    assert test.selectbox(key="w-measure").value == "replied_on_time"
    assert page.count("q-row q-chosen") == page.count("q-multiple q-chosen") == 1


def test_english_page_holds_no_chinese(demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for measure in ("index", "cases_registered", "satisfaction"):
        test = drawn(demo_warehouse, monkeypatch, lang="en", measure=measure)
        page = re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)
        for reference in sorted({one.reference for one in CATALOG.values()}, key=len, reverse=True):
            page = page.replace(reference, "")
        assert re.findall("[\u3001\u4e00-\u9fff]", page) == []
        for chart in test.get("plotly_chart"):
            assert re.findall("[\u3001\u4e00-\u9fff]", chart.proto.spec) == []


@pytest.mark.parametrize(
    "choices",
    [
        {"measure": "password"},
        {"fair": "<script>"},
        {"measure": "index", "fair": "mix"},
        {"measure": "repeat_share", "fair": "residents"},
        {"district": "999999"},
        {"span": "1000y"},
    ],
)
def test_address_that_names_nothing_falls_back(
    choices: dict[str, str], demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(drawn(demo_warehouse, monkeypatch, **choices))
    assert STATE not in page
    assert "<script>" not in page
    assert "· 原值" in page


def test_every_rankable_metric_is_offered(demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = drawn(demo_warehouse, monkeypatch)
    assert len(test.selectbox(key="w-measure").options) == 1 + len(RANKABLE)
    assert "repeat_concentration" not in RANKABLE  # neither way is better


@pytest.mark.parametrize("measure", ["index", "median_days", "backlog_clearance", "skip_level_heads"])
def test_sixteen_cases_are_enough_for_a_page(
    measure: str, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(drawn(dozen_directory, monkeypatch, measure=measure, span="year"))
    assert STATE not in page
    assert "q-multiples" in page


def test_few_cases_are_listed_and_not_ranked(dozen_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(drawn(dozen_directory, monkeypatch, span="year"))
    assert "样本不足" in page
    assert "没有可排位次的区县" in page


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("fair", ["crude", "mix"])
def test_first_view_reads_only_roll_ups(
    fair: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, read: set[str]
) -> None:
    drawn(demo_warehouse, monkeypatch, fair=fair)
    assert read
    assert all(name.startswith("rollup_") for name in read)


def test_second_run_asks_the_warehouse_nothing(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = drawn(demo_warehouse, monkeypatch)

    def ask(*_arguments: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr("queries.execute.Warehouse.ask", ask)
    assert STATE not in shown(test.run())

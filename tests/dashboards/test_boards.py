"""Every board in both languages, from a deep link, empty, and with a silent warehouse."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, data, recipe
from dashboards.cards.measures import MEASURES
from dashboards.guard.viewers import Viewer
from dashboards.navigation import DEFAULT, all_boards
from queries.errors import BadPolicy
from queries.metrics import CATALOG
from tests.dashboards.conftest import Draw, shown
from warehouse.errors import WarehouseUnavailable
from warehouse.store import DIRECTORY_VARIABLE, Store

BOARDS = pytest.mark.parametrize("board", [board.key for board in all_boards()])
BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
STATE = "q-card q-state"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def draw_board(board: str, directory: Path | str, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    """One board alone; a page of the menu cannot be opened by its address here.

    Where the reader's role does not open it, somebody reads whose role does.
    """
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(directory))
    if not access.may_open(board):
        role = min(access.roles().boards[board])
        monkeypatch.setattr(access, "reader", lambda: Viewer(f"{role}-1", f"{role} one", "login-1", role))

    def page(key: str) -> None:
        from dashboards import filters, layout, navigation

        filters.begin(key)
        layout.style(layout.theme())
        next(board for board in navigation.all_boards() if board.key == key).run(["/"])

    test = AppTest.from_function(page, args=(board,), default_timeout=60)
    for key, value in choices.items():
        test.query_params[key] = value
    return test.run()


@BOARDS
@BOTH
def test_board_is_drawn(
    board: str, lang: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board(board, demo_warehouse, monkeypatch, lang=lang))
    assert STATE not in page
    title = next(one.title for one in all_boards() if one.key == board)
    assert f"<h1>{title.in_(lang)}</h1>" in page
    assert ("演示数据" if lang == "zh" else "Demo data") in page


def test_english_overview_holds_no_chinese(demo_warehouse: Path, draw: Draw) -> None:
    page = shown(draw(demo_warehouse, lang="en", aim="responsive", district="330127"))
    style = re.compile(r"<style>.*?</style>", re.DOTALL)
    page = style.sub("", page)
    # Laws and bulletins are cited by their own names.
    for reference in sorted({metric.reference for metric in CATALOG.values()}, key=len, reverse=True):
        page = page.replace(reference, "")
    found = sorted({*CHINESE.findall(page)})
    assert found == [], "".join(found)


@BOARDS
@BOTH
def test_empty_warehouse_says_that_nothing_matches(
    board: str, lang: str, empty_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board(board, empty_directory, monkeypatch, lang=lang))
    assert 'class="q-skeleton"' not in page
    if board == "definitions":
        assert "cases_registered" in page
    elif board == "audit":
        assert "qingyu-audit" in page  # what was done is on record, whatever the warehouse holds
    elif board == "decks":
        assert ("还没有会商" if lang == "zh" else "No decks yet") in page
    else:
        assert ("没有符合条件的数据" if lang == "zh" else "Nothing matches") in page


@BOARDS
def test_missing_warehouse_is_one_sentence_with_its_cure(
    board: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = draw_board(board, tmp_path / "nowhere", monkeypatch)
    page = shown(test)
    assert "还没有数据" in page
    assert "python -m warehouse demo" in page
    assert not test.exception


@pytest.mark.usefixtures("nothing_kept")
def test_fault_of_a_policy_reaches_the_page_as_its_sentence(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    def broken() -> None:
        raise BadPolicy("index.toml: version[1].aim[2].weight is 'x'; write a number from 0 to 1000.")

    monkeypatch.setattr(data, "read_index", broken)
    test = draw(demo_warehouse)
    assert "version[1].aim[2].weight" in shown(test)
    assert not test.exception


@pytest.mark.usefixtures("nothing_kept")
def test_a_warehouse_that_is_away_is_said_with_the_age_of_what_it_told(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    def away(*_arguments: object) -> None:
        raise WarehouseUnavailable("The warehouse (postgresql) cannot be reached.")

    draw(demo_warehouse)
    data.forget()
    monkeypatch.setattr(data, "open_warehouse", away)
    page = shown(draw(demo_warehouse))
    assert "数据仓库暂时没有应答" in page
    assert "最近一次读到的数据截至 2026年10月31日，入库 20" in page
    assert "cannot be reached" in page
    assert "The data last read was as of" in shown(draw(demo_warehouse, lang="en"))
    monkeypatch.setattr(data, "_LAST_READ", {})
    assert "最近一次" not in shown(draw(demo_warehouse))


@pytest.mark.usefixtures("nothing_kept")
def test_unforeseen_error_shows_a_number_and_logs_the_rest(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("SELECT secret FROM cases")

    monkeypatch.setattr("dashboards.boards.leadership.overview.facts", broken)
    test = draw(demo_warehouse)
    page = shown(test)
    assert not test.exception
    assert "SELECT" not in page
    assert "Traceback" not in page
    (number,) = re.findall(r"<code>([0-9a-f]{8})</code>", page)
    assert number in caplog.text
    assert "SELECT secret" in caplog.text


@pytest.mark.usefixtures("nothing_kept")
def test_missing_boundary_file_is_said(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, tmp_path: Path
) -> None:
    broken = tmp_path / "districts.geojson"
    broken.write_text("{}", encoding="utf-8")
    opened = data.warehouse

    def elsewhere() -> object:
        warehouse = opened()
        object.__setattr__(warehouse.city, "boundary", broken)
        return warehouse

    monkeypatch.setattr(data, "warehouse", elsewhere)
    page = shown(draw(demo_warehouse))
    assert "districts.geojson" in page
    assert "put the city&#x27;s boundary file back" in page


@BOARDS
def test_locked_warehouse_is_said_with_its_holder(
    board: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    locked = Path(shutil.copytree(demo_warehouse, tmp_path / "locked"))
    live = str(Store(locked).current())
    code = f"import duckdb; held = duckdb.connect({live!r}); print(1, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        test = draw_board(board, locked, monkeypatch)
    finally:
        holder.communicate("\n")
    page = shown(test)
    assert f"is held by process {holder.pid}" in page
    assert "wait until it has finished" in page
    assert not test.exception


def test_deep_link_restores_every_choice(demo_warehouse: Path, draw: Draw) -> None:
    choices = {
        "district": "330127",
        "measure": "repeat_share",
        "span": "12w",
        "as_of": "2026-09-30",
        "lang": "en",
    }
    test = draw(demo_warehouse, **choices)
    page = shown(test)
    assert "Last 12 weeks 2026-07-09 to 2026-09-30 · Chun&#x27;an County" in page
    assert test.selectbox(key="w-measure").value == "repeat_share"
    assert test.selectbox(key="w-district").value == "330127"
    assert [button.label for button in test.button] == ["← Whole city"]


def test_choice_goes_to_the_address_and_back_to_the_whole_city(demo_warehouse: Path, draw: Draw) -> None:
    test = draw(demo_warehouse)
    test.selectbox(key="w-district").select("330110").run()
    assert test.query_params["district"] in ("330110", ["330110"])
    assert "余杭区" in shown(test)
    test.button(key="back").click().run()
    assert "district" not in test.query_params


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("district", "999999"),
        ("measure", "password"),
        ("span", "<script>"),
        ("as_of", "tomorrow"),
        ("as_of", "1999-01-01"),
        ("lang", "fr"),
        ("aim", "../../etc"),
    ],
)
def test_address_that_names_nothing_falls_back_to_the_default(
    key: str, value: str, demo_warehouse: Path, draw: Draw
) -> None:
    test = draw(demo_warehouse, **{key: value})
    assert STATE not in shown(test)
    assert "<script>" not in shown(test)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_every_measure_colours_the_map_in_the_city_and_inside_a_district(
    measure: str, demo_warehouse: Path, draw: Draw
) -> None:
    for district in ("", "330110"):
        page = shown(draw(demo_warehouse, measure=measure, district=district))
        assert STATE not in page
        assert "q-legend" in page


def test_dozen_cases_are_enough_for_a_page(dozen_directory: Path, draw: Draw) -> None:
    page = shown(draw(dozen_directory))
    assert STATE not in page
    assert "样本不足" in page


def test_second_run_asks_the_warehouse_nothing(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = draw(demo_warehouse)

    def ask(*_arguments: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr("queries.execute.Warehouse.ask", ask)
    assert STATE not in shown(test.run())


@pytest.mark.usefixtures("nothing_kept")
def test_overview_reads_only_roll_ups_and_short_lists(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, read: set[str]
) -> None:
    for district in ("", "330110"):
        draw(demo_warehouse, district=district)
    assert "cases" not in read
    assert any(name.startswith("rollup_") for name in read)


def test_every_metric_is_defined_with_its_sql(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("definitions", demo_warehouse, monkeypatch))
    for key in CATALOG:
        assert f"<code>{key}</code>" in page
    assert page.count("<summary>SQL</summary>") == len(CATALOG)
    assert "自定义口径" in page
    assert "rollup_registered_street" in page


def test_search_finds_by_name_key_and_source(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    for words in ("重复件占比", "REPEAT_SHARE", "repeat share"):
        page = shown(draw_board("definitions", demo_warehouse, monkeypatch, q=words))
        assert "<code>repeat_share</code>" in page
        assert "<code>cases_registered</code>" not in page
    page = shown(draw_board("definitions", demo_warehouse, monkeypatch, q="no such metric"))
    assert "没有符合条件的数据" in page


def test_adding_a_board_touches_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = tmp_path / "trial"
    section.mkdir()
    (section / "__init__.py").write_text('"""A section."""\n', encoding="utf-8")
    (section / "fresh.py").write_text(
        '"""A board."""\n'
        "from dataclasses import replace\n"
        "from dashboards.boards.data.definitions import BOARD as other\n"
        "BOARD = replace(other, key='fresh', order=999)\n",
        encoding="utf-8",
    )
    from dashboards import boards, navigation

    monkeypatch.setattr(boards, "__path__", [*boards.__path__, str(tmp_path)])
    navigation.all_boards.cache_clear()
    try:
        assert [board.key for board in navigation.all_boards()][-1] == "fresh"
        (section / "fresh.py").rename(section / "other.py")
        navigation.all_boards.cache_clear()
        with pytest.raises(ValueError, match=r"other\.py: declare BOARD"):
            navigation.all_boards()
    finally:
        navigation.all_boards.cache_clear()


def test_default_board_exists() -> None:
    assert DEFAULT in {board.key for board in all_boards()}
    assert all(isinstance(board, recipe.Board) for board in all_boards())

"""专题分析 on its board: who reads what, what is on record, its files, its choices, what a deck holds."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest

from dashboards import filters, layout, record
from dashboards.boards.analysis.topic import BOARD
from dashboards.figures.theme import LIGHT
from dashboards.guard.exports import Exports
from queries.execute import open_warehouse
from tests.dashboards.conftest import Become, Draw, shown
from tests.dashboards.test_boards import STATE, draw_board
from tests.queries.dozen import fill, random_cases
from warehouse.records import audit
from warehouse.records.audit import Action, Record, Wanted
from warehouse.records.decks import View
from warehouse.store import Store

OWN = "330102"  # 上城
SPRING = {"topic": "c1", "span": "days", "from": "2026-02-01", "to": "2026-04-30"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of 900 random cases."""
    folder = tmp_path_factory.mktemp("topics")
    with Store(folder).build() as connection:
        fill(connection, random_cases(seed=1, number=900))
    return folder


def page_of(place: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> str:
    """What the board draws, without its style."""
    test = draw_board("topic", place, monkeypatch, **choices)
    assert not test.exception
    return re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)


def files_of(place: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> Mapping[str, bytes]:
    """The DOCX and the JSON that the reader gets, by name; every button of the page is pressed."""

    class Pressed:
        pressed = True

    offers = Exports()
    with monkeypatch.context() as patch:
        patch.setattr(layout, "_DOWNLOAD", lambda **_: Pressed)
        patch.setattr(layout, "_DELIVERY", lambda **_: None)
        patch.setattr(layout, "EXPORTS", offers)
        assert not draw_board("topic", place, monkeypatch, **choices).exception
    kept = [one for one in offers._offers.values() if one.name.endswith(("docx", "json"))]
    return {one.name: one.content() for one in kept}


def noted(action: Action, actor: str, since: int) -> list[Record]:
    wanted = Wanted(action=action, actor=actor)
    return [one for one in audit.listed(record.records(), wanted, 20) if one.audit_id > since]


def now() -> int:
    return audit.head(record.records()).records


def test_page_says_all_parts_and_lists_cases_on_record(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become
) -> None:
    become("analyst")
    before = now()
    page = page_of(place, monkeypatch, **SPRING)
    for part in ("本期要点", "规模", "走势", "承办单位", "重复与办理", "典型案例", "政策建议"):
        assert f"<h2>{part}</h2>" in page
    for part in ("结构 · 按二级类别", "结构 · 按渠道", "结构 · 按诉求目的", "地域 · 按区县", "地域 · 按镇街"):
        assert f"<h2>{part}" in page
    assert "城乡建设 · 杭州市 · 自选日期 2026-02-01 至 2026-04-30" in page
    assert "系统只列数字，不代写建议" in page
    assert "上城住建局" in page
    numbers = set(re.findall(r">(no-\d+) 2", page))
    assert numbers
    (listed,) = noted(Action.LISTED, "analyst-1", before)
    assert (listed.object, listed.rows) == ("topic", 8)
    assert "城乡建设" in listed.words
    without = now()
    assert ">no-" not in page_of(place, monkeypatch, cases="without", **SPRING)
    assert noted(Action.LISTED, "analyst-1", without) == []


def test_files_are_those_of_the_page_and_on_record_with_their_items(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become
) -> None:
    become("analyst")
    before = now()
    files = files_of(place, monkeypatch, **SPRING)
    name = "topic-c1-city-2026-02-01-2026-04-30"
    assert set(files) == {f"{name}-zh.docx", f"{name}.json"}
    told = json.loads(files[f"{name}.json"])
    tables = docx.Document(io.BytesIO(files[f"{name}-zh.docx"])).tables
    total = told["scale"][0]["topic"]["value"]
    assert tables[0].rows[1].cells[1].text == f"{total:,}"
    assert f">{total} 件<".replace(" ", "\u00a0") in page_of(place, monkeypatch, **SPRING)
    exported = noted(Action.EXPORTED, "analyst-1", before)
    assert {one.object for one in exported} == set(files)
    assert {one.rows for one in exported} == {8}
    again = files_of(place, monkeypatch, lang="en", **SPRING)
    assert again[f"{name}.json"] == files[f"{name}.json"]
    before = now()
    files_of(place, monkeypatch, cases="without", **SPRING)
    assert {one.rows for one in noted(Action.EXPORTED, "analyst-1", before)} == {None}


def test_each_reads_what_is_theirs(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become
) -> None:
    become("district", OWN)
    office = files_of(place, monkeypatch, **SPRING)
    page = page_of(place, monkeypatch, **SPRING)
    (told,) = [json.loads(data) for name, data in office.items() if name.endswith("json")]
    assert {one["district"]["zh"] for one in told["cases"]} == {"上城区"}
    assert told["units_of"] == told["cases_of"] == "own"
    assert all("-partial" in name for name in office)
    assert "只列本角色所辖区县的办件" in page
    assert "随机取整" in page
    own = page_of(place, monkeypatch, district=OWN, **SPRING)
    assert "不推算常态范围" not in own  # their own district is told exactly
    become("presenter")
    before = now()
    page, files = page_of(place, monkeypatch, **SPRING), files_of(place, monkeypatch, **SPRING)
    assert "不列典型案例：个案不向本角色显示" in page
    for told_there in (page.encode(), *files.values()):
        assert b"no-" not in told_there.replace(b"q-no", b"")
        assert "住建局".encode() not in told_there
    assert noted(Action.LISTED, "presenter-1", before) == []
    assert "data-items" not in page


def test_several_districts_and_a_deep_category(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = page_of(place, monkeypatch, **{**SPRING, "topic": "c5", "district": "330106,330102"})
    assert "城乡建设 › 物业 › 收费 › 涨价 › 停车费 · 上城区、西湖区 · 自选日期" in page
    files = files_of(place, monkeypatch, **{**SPRING, "district": "330102,330106"})
    assert "topic-c1-330102-330106-2026-02-01-2026-04-30.json" in files
    test = draw_board("topic", place, monkeypatch, **{**SPRING, "district": "330102,330106"})
    assert test.multiselect(key="w-district").value == [OWN, "330106"]
    test.multiselect(key="w-district").unselect("330106").run()
    assert test.query_params["district"] in (OWN, [OWN])
    test.multiselect(key="w-district").unselect(OWN).run()
    assert "district" not in test.query_params


def test_a_page_that_was_narrowed_to_a_category_leads_to_its_topic(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    assert "城乡建设 › 物业 · 杭州市" in page_of(place, monkeypatch, category1="c1", category2="c2")
    assert "劳动 · 杭州市" in page_of(place, monkeypatch, category1="c6")


@pytest.mark.parametrize(
    ("span", "as_of", "said"),
    [
        ("last_month", "2026-04-29", "最近整月 2026-03-01 至 2026-03-31"),
        ("last_month", "2026-04-30", "最近整月 2026-04-01 至 2026-04-30"),
        ("last_quarter", "2026-04-30", "最近整季 2026-01-01 至 2026-03-31"),
        ("last_year", "2026-04-30", "最近整年 2025-01-01 至 2025-12-31"),
    ],
)
def test_whole_months_quarters_and_years_that_are_over(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, span: str, as_of: str, said: str
) -> None:
    assert f"城乡建设 · 杭州市 · {said}" in page_of(place, monkeypatch, topic="c1", span=span, as_of=as_of)


def test_an_address_that_names_nothing_does_no_harm(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    for choices in (
        {"topic": "<script>"},
        {"district": "<script>,330102'--,"},
        {"span": "days", "from": "2030-01-01", "to": "yesterday"},
        {"span": "days", "from": "2026-04-30", "to": "2026-01-01"},
        {"grain": "minute", "cases": "all"},
    ):
        page = page_of(place, monkeypatch, **choices)
        assert "系统出错" not in page
        assert "<script>" not in page


def test_a_topic_of_which_nothing_came_is_said_so(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    day = {"span": "days", "from": "2026-04-01", "to": "2026-04-02"}
    page = page_of(dozen_directory, monkeypatch, topic="c7", **day)
    assert STATE in page
    assert "没有符合条件的数据" in page


def test_a_deck_holds_no_case(place: Path) -> None:
    opened = open_warehouse(place)
    day = opened.info.as_of
    view = View("topic", "topic=c1&span=12w&as_of=2026-04-30", "", day, opened.info.version, "")
    try:
        with filters.saved(view.address, "zh"):
            choices = BOARD.filters(opened)
        figures = BOARD.figures(opened, BOARD.query(opened, choices), choices, "zh", LIGHT)
        kept = BOARD.frozen(opened, view, "zh")
    finally:
        opened.close()
    assert (figures.listed, "no-" in figures.items[0]) == (8, True)
    parts = {"规模", "走势", "结构 · 按渠道", "地域 · 按区县", "承办单位", "重复与办理"}
    assert parts <= {one.title for one in kept.panels}
    assert not re.search(r"no-\d", repr(kept))
    assert {"诉求总量", "按期答复率"} <= {one[0] for one in kept.definitions}

"""The bulletin on its board: its parts in order, who reads which lists, its files, another version."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, data, layout, record
from dashboards import bulletin as command
from dashboards.boards.conference import bulletin as board
from dashboards.commands import DONE
from dashboards.exports import pdf
from dashboards.guard.exports import Exports
from queries.bulletin import bulletin
from queries.metrics import CATALOG
from tests.dashboards.conftest import Become, Draw, shown
from tests.dashboards.test_boards import STATE, draw_board
from tests.services.versions import two_versions
from warehouse.records import audit
from warehouse.records.audit import Action, Wanted
from warehouse.store import Store

QUARTER = {"kind": "quarterly", "period": "2026-Q1"}
OWN = "330102"  # 上城, whose 住建局 left most undone
PARTS = ("本期要点", "全市情况", "同类组排名", "红榜与黑榜", "未按期办理清单", "工作建议", "附件：口径说明")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of 900 random cases, and a later version of 1 200 that is live."""
    return two_versions(tmp_path_factory.mktemp("bulletins"), 900, 1200)


def page_of(place: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> str:
    """What the board draws, without its style."""
    test = draw_board("bulletin", place, monkeypatch, **choices)
    assert not test.exception
    return re.sub(r"<style>.*?</style>", "", shown(test), flags=re.DOTALL)


def files_of(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    choices: Mapping[str, str],
    kinds: tuple[str, ...] = ("docx", "json"),
) -> Mapping[str, bytes]:
    """The files of these kinds by name that the reader gets; every button of the page is pressed."""

    class Pressed:
        pressed = True

    offers = Exports()
    monkeypatch.setattr(layout, "_DOWNLOAD", lambda **_: Pressed)
    monkeypatch.setattr(layout, "_DELIVERY", lambda **_: None)
    monkeypatch.setattr(layout, "EXPORTS", offers)
    assert not draw_board("bulletin", place, monkeypatch, **choices).exception
    offered = offers._offers.values()
    return {one.name: one.content() for one in offered if one.name.endswith(kinds)}


def told(files: Mapping[str, bytes]) -> dict[str, Any]:
    (name,) = [name for name in files if name.endswith(".json")]
    found: dict[str, Any] = json.loads(files[name])
    return found


def units(content: Mapping[str, Any]) -> list[str]:
    """Who is named in the list of units."""
    (rows,) = [one["rows"] for one in content["overdue"] if one["split"] == "unit"]
    return [row["name"]["zh"] for row in rows]


def test_parts_stand_in_their_order_with_version_and_policy(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = page_of(place, monkeypatch, **QUARTER)
    at = [page.index(part) for part in PARTS]
    assert at == sorted(at)
    assert "晴雨季报〔2026〕第 1 期" in page
    assert "12345热线办理情况季报\n（2026年第1季度）" in page
    assert Store(place).version() in page
    assert re.search("截至 2026年3月31日 · 简报政策 2026.1 · 指数政策 2026.1 · 政策指纹 [0-9a-f]{12}", page)
    assert "系统只列数字，不代写建议" in page
    assert "<details><summary>附件：口径说明</summary>" in page
    assert "上城住建局" in page
    assert "不列" not in page.split("未按期办理清单")[0].split("全市情况")[1].split("红榜与黑榜")[0]


def test_english_page_holds_no_chinese(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = page_of(demo_warehouse, monkeypatch, lang="en").replace("Demo data 演示数据", "")
    for reference in sorted({one.reference for one in CATALOG.values()}, key=len, reverse=True):
        page = page.replace(reference, "")
    assert re.findall("[\u4e00-\u9fff]", page) == []


def test_a_running_period_is_marked_and_hands_out_no_file(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    running = {"kind": "quarterly", "period": "2026-Q2"}
    page = page_of(place, monkeypatch, **running)
    assert "2026年第2季度" in page
    assert "第 2 期（未结束） · 2026-04-01 至 2026-04-30" in page
    assert "本期未结束：统计到 2026年4月30日" in page
    assert files_of(place, monkeypatch, kinds=("",), choices=running) == {}
    assert "未结束" not in page_of(place, monkeypatch, **QUARTER)
    # the last one that is over is what the board opens with
    assert "晴雨季报〔2026〕第 1 期 · " in page_of(place, monkeypatch, kind="quarterly")


def test_files_are_those_of_the_command_and_are_on_record(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, tmp_path: Path
) -> None:
    files = files_of(place, monkeypatch, kinds=("",), choices=QUARTER)
    wanted = ("--kind", "quarterly", "--period", "2026-Q1", "--format", "docx,json")
    assert command.main(["--warehouse", str(place), "--to", str(tmp_path), *wanted]) == DONE
    for name in ("bulletin-2026-Q1-zh.docx", "bulletin-2026-Q1.json"):
        assert files[name] == (tmp_path / name).read_bytes()
    assert files["bulletin-2026-Q1-zh.pdf"].startswith(b"%PDF")
    tables = docx.Document(io.BytesIO(files["bulletin-2026-Q1-zh.docx"])).tables
    (total,) = [one["value"] for one in told(files)["lines"] if one["metric"] == "cases_registered"]
    assert tables[0].rows[1].cells[1].text == f"{total:,}"
    by_page = Wanted(action=Action.EXPORTED, actor="leader-1")
    exported = audit.listed(record.records(), by_page, 3)
    assert {one.object for one in exported} == set(files)
    assert all("晴雨季报〔2026〕第 1 期" in one.words for one in exported)


def test_without_pango_there_is_a_sentence_instead(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, nothing_kept: None
) -> None:
    def missing() -> None:
        raise pdf.PrintingUnavailable("no Pango")

    monkeypatch.setattr(pdf, "_printer", missing)
    assert "没有排版库 Pango，不能生成 PDF" in page_of(place, monkeypatch, **QUARTER)
    names = sorted(files_of(place, monkeypatch, kinds=("",), choices=QUARTER))
    assert [name[-4:] for name in names] == ["docx", "json"]


def test_units_are_named_to_whom_their_cases_are_open(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become, tmp_path: Path
) -> None:
    become("leader")
    leader = files_of(place, monkeypatch, QUARTER)
    become("district", OWN)
    office = files_of(place, monkeypatch, QUARTER)
    office_page = page_of(place, monkeypatch, **QUARTER)
    become("presenter")
    presenter = files_of(place, monkeypatch, QUARTER)
    presenter_page = page_of(place, monkeypatch, **QUARTER)
    assert units(told(leader)) == ["上城住建局", "西湖人社局", "萧山住建局"]
    assert units(told(office)) == ["上城住建局"]
    assert units(told(presenter)) == []
    rows = [one["overdue"][0]["rows"][0] for one in map(told, (leader, office))]
    assert rows[0] == rows[1]  # exact, since every item of it is the office's own
    for part in ("lines", "leagues", "rolls", "holds", "points"):
        assert told(leader)[part] == told(office)[part] == told(presenter)[part]
    assert "只列上城区的办件" in office_page
    assert "第五部分不列按承办单位的清单" in presenter_page
    assert "西湖人社局" not in office_page + presenter_page
    assert "西湖人社局".encode() not in b"".join(office.values()) + b"".join(presenter.values())
    # and the file says in its name and in its text that it is not the city's
    assert {"bulletin-2026-Q1-partial.json", "bulletin-2026-Q1-partial-zh.docx"} <= set(presenter)
    text = "\n".join(
        one.text
        for one in docx.Document(io.BytesIO(presenter["bulletin-2026-Q1-partial-zh.docx"])).paragraphs
    )
    assert "第五部分不列按承办单位的清单" in text
    assert "西湖人社局" not in text


def test_nobody_is_told_of_rounding_where_nothing_is_rounded(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become
) -> None:
    told = {}
    for role in ("leader", "presenter"):
        become(role)
        head = page_of(place, monkeypatch, **QUARTER).split("</div>")[0]
        assert "数据截至 2026年3月31日 · 入库 " in head
        assert "随机取整" not in head
        told[role] = head
    assert "各数均为准确数，不取整" in told["presenter"]
    assert "准确数" not in told["leader"]


def test_readers_of_one_scope_share_what_others_do_not_see(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become, nothing_kept: None
) -> None:
    made: list[object] = []

    def counted(*arguments: Any) -> Any:
        made.append(arguments[0].scope)
        return bulletin(*arguments)

    monkeypatch.setattr(board, "bulletin", counted)
    for role in ("leader", "analyst", "presenter"):
        become(role)
        for lang in ("zh", "en"):
            page_of(place, monkeypatch, lang=lang, **QUARTER)
    assert len(made) == len(set(made)) == 2


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_other_roles_open_no_bulletin(role: str, become: Become) -> None:
    become(role)
    assert not access.may_open("bulletin")


def test_another_version_is_laid_beside_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw, become: Become
) -> None:
    first, live = Store(place).versions()
    page = page_of(place, monkeypatch, against=first, **QUARTER)
    assert f"与版本 {first} 的同一期相比：有变化" in page
    assert f"仓库版本不同：{first} → {live}。" in page
    assert "数据后到或有更正：截至日前的诉求总量" in page
    assert re.search("全市 · 诉求总量 · 数值：[0-9]+ → 215", page)
    assert "上城住建局 · 未完成" in page
    become("presenter")
    page = page_of(place, monkeypatch, against=first, **QUARTER)
    assert re.search("全市 · 诉求总量 · 数值：[0-9]+ → 215", page)
    assert "住建局" not in page
    become("district", OWN)
    page = page_of(place, monkeypatch, against=first, **QUARTER)
    assert "上城住建局 · 未完成" in page
    assert "萧山住建局" not in page


def test_an_address_that_names_nothing_does_no_harm(
    place: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    for choices in (
        {"kind": "<script>"},
        {"period": "2026-W99"},
        {"against": "../../x"},
        {"period": "1999-01"},
    ):
        page = page_of(place, monkeypatch, **choices)
        assert STATE not in page
        assert "<script>" not in page
        assert "晴雨月报〔2026〕第 4 期" in page


def test_one_version_alone_offers_no_comparison(
    demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    def boxes(test: AppTest) -> list[str]:
        return [one.key for one in test.selectbox if one.key]

    test = draw_board("bulletin", demo_warehouse, monkeypatch)
    assert "w-period" in boxes(test)
    assert "w-against" not in boxes(test)
    assert data.other_versions(data.warehouse()) == ()

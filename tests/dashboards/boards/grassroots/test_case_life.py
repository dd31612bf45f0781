"""One case is opened by a deliberate act alone: right, purpose and record first, then its content, inert."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from dashboards import record
from dashboards.cards import case_list
from dashboards.cards.case_words import Names, inert
from dashboards.exports.workbook import workbook
from queries.cases import Search, search
from queries.execute import open_warehouse
from queries.vocabulary import Period
from tests.dashboards.conftest import Become, shown
from tests.dashboards.test_boards import draw_board
from tests.dashboards.test_questions import offering
from tests.queries import dozen
from warehouse.errors import RecordsUnavailable
from warehouse.records import audit
from warehouse.records.audit import Wanted
from warehouse.records.notes import Note
from warehouse.store import Store

BOARD = "case_life"
SHANGCHENG, XIAOSHAN = "330102", "330109"
# Case 7 of the dozen: in 上城, replied a day late, corrected twice, dissatisfied.
OWN, TITLE = 7, "再次反映停车费问题"
HOSTILE = "<script>alert(1)</script>=cmd|'/c calc'!A1 ![x](http://evil.example/x) \u202eabc"


@pytest.fixture(autouse=True)
def _records_of_this_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGYU_RECORDS", str(tmp_path / "records.db"))


def drawn(directory: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    test = draw_board(BOARD, directory, monkeypatch, **{"span": "12w", **choices})
    assert not test.exception
    return test


def opened(test: AppTest, case_id: int, purpose: str = "supervise", reason: str = "") -> AppTest:
    """The page once the purpose has been given."""
    test.selectbox(key=f"purpose-of-{case_id}").select(purpose)
    test.text_input(key=f"reason-of-{case_id}").input(reason)
    test.button(key=f"open-{case_id}").click()
    return test.run()


def noted(action: str) -> list[tuple[str, str]]:
    found = audit.listed(record.records(), Wanted(action=action), 20)
    return [(one.object, one.words) for one in found]


def page_of(test: AppTest) -> str:
    return html.unescape(raw_of(test))


def raw_of(test: AppTest) -> str:
    """The page's HTML as it reaches the browser, without the style."""
    found = re.sub(r"\\u([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), shown(test))
    return re.sub(r"<style>.*?</style>", "", found, flags=re.DOTALL).replace('\\"', '"')


@pytest.mark.parametrize(("lang", "asks"), [("zh", "须先说明目的"), ("en", "for what purpose")])
def test_without_a_purpose_nothing_of_the_case_is_shown(
    lang: str, asks: str, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = drawn(dozen_directory, monkeypatch, case=str(OWN), lang=lang)
    assert asks in page_of(test)
    test.button(key=f"open-{OWN}").click().run()
    page = page_of(test)
    assert TITLE not in page
    assert "no-7" not in page
    assert "q-timeline" not in page
    assert noted("opened_case") == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_case_is_opened_on_record_and_closed_again(
    lang: str, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(drawn(dozen_directory, monkeypatch, case=str(OWN), lang=lang), OWN, "review", "二次核实")
    page = page_of(test)
    assert not test.exception
    assert TITLE in page
    assert "q-watermark" in page
    assert "leader one" in page
    assert ("超期 22 小时" if lang == "zh" else "22 h late") in page
    assert noted("opened_case") == [("7", "复查复核 · 二次核实")]
    assert TITLE in page_of(test.run()), "it stays open in this session"
    assert len(noted("opened_case")) == 1
    test.button(key="close-case").click().run()
    page = page_of(test)
    assert "q-timeline" not in page
    assert "case" not in test.query_params
    test.query_params["case"] = str(OWN)
    assert "q-timeline" not in page_of(test.run()), "closed is closed"


def test_a_petition_that_waits_says_what_is_left_by_each_statute(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 12, never accepted: by the national rule 60 days from 31 March are left, of which 31 are gone."""
    page = page_of(opened(drawn(dozen_directory, monkeypatch, case="12"), 12))
    assert "▲ 已超期 30 天 1 小时" in page
    statute = page[page.index("信访工作条例（2022）") :]
    assert "2026-05-30" in statute
    assert statute.index("还剩 29 天 23 小时") < statute.index("浙江省信访条例")


def test_another_case_asks_again(dozen_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN)
    test.query_params["case"] = "8"
    page = page_of(test.run())
    assert "须先说明目的" in page
    assert "物业收费" not in page


def test_what_cannot_be_written_down_is_not_shown(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = drawn(dozen_directory, monkeypatch, case=str(OWN))

    def broken(*_arguments: object) -> None:
        raise RecordsUnavailable("the disk is full")

    monkeypatch.setattr(record, "opened_case", broken)
    page = page_of(opened(test, OWN))
    assert record.REFUSED.zh in page
    assert TITLE not in page
    assert "q-timeline" not in page_of(test.run())


def test_a_case_elsewhere_is_answered_as_one_that_does_not_exist(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    become("district", SHANGCHENG)
    answers = []
    for case_id in (8, 999_999):
        test = opened(drawn(dozen_directory, monkeypatch, case=str(case_id)), case_id)
        page = page_of(test)
        assert "没有这一件" in page
        assert "物业收费" not in page
        answers.append(re.sub(r"\d", "", page[page.index("没有这一件") - 60 : page.index("可查看的范围内")]))
    assert answers[0] == answers[1]
    own = page_of(opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN))
    assert TITLE in own


def test_a_right_that_is_taken_away_closes_the_case(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    become("district", SHANGCHENG)
    test = opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN)
    assert TITLE in page_of(test)
    become("district", XIAOSHAN)
    page = page_of(test.run())
    assert TITLE not in page
    become("presenter")
    assert "无权查看" in page_of(test.run())


@pytest.mark.parametrize("word", ["-1", "x", "1e3", "7 OR 1=1", "٧", "9" * 19, "<script>"])
def test_a_forged_key_opens_the_list(
    word: str, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(drawn(dozen_directory, monkeypatch, case=word))
    assert "可查询：共" in page
    assert "<script>" not in page


def test_the_list_holds_only_what_may_be_opened(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    assert "no-8" in page_of(drawn(dozen_directory, monkeypatch))
    become("district", SHANGCHENG)
    page = page_of(drawn(dozen_directory, monkeypatch))
    assert "no-7" in page
    assert "no-8" not in page
    elsewhere = page_of(drawn(dozen_directory, monkeypatch, district=XIAOSHAN))
    assert "有权查看的区县" in elsewhere
    assert "no-7" in elsewhere
    assert "no-8" not in elsewhere
    for choice in ({"no": "no-8"}, {"q": "物业"}):
        found = page_of(drawn(dozen_directory, monkeypatch, **choice))
        assert "没有符合条件的数据" in found, choice
        assert "物业收费" not in found


def test_a_search_is_on_record_without_what_was_typed(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(drawn(dozen_directory, monkeypatch, q="停车", kind="dissatisfied"))
    assert TITLE in page
    ((where, words),) = noted("searched")
    assert where == BOARD
    assert "按标题用词" in words
    assert "评价不满意" in words
    assert "停车" not in "".join(words for action in ("searched", "viewed") for _, words in noted(action))


def test_a_note_is_written_answered_and_listed(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    test = opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN)
    test.text_area(key=f"note-text-{OWN}").input("请五日内答复<b>")
    test.button(key=f"note-send-{OWN}").click().run()
    assert "请五日内答复&lt;b&gt;" in raw_of(test)
    assert noted("supervised") == [(str(OWN), "")]
    become("district", XIAOSHAN)
    assert "还没有督办件" in page_of(drawn(dozen_directory, monkeypatch))
    become("district", SHANGCHENG)
    listed = page_of(drawn(dozen_directory, monkeypatch))
    assert "未答复 1 件" in listed
    assert "no-7" in listed
    test = opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN, "handling")
    test.text_area(key=f"answer-text-{OWN}").input("已答复群众")
    test.button(key=f"answer-send-{OWN}").click().run()
    assert "已答复群众" in page_of(test)
    assert "已答复 1 件" in page_of(drawn(dozen_directory, monkeypatch))


def test_a_note_reaches_the_office_of_its_unit_wherever_the_case_is_from(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    # a case of 上城 that a unit of 萧山 handles
    record.supervise("请萧山住建局三日内答复", case_id=OWN, unit_id=3, district_id=2)
    become("district", XIAOSHAN)
    test = drawn(dozen_directory, monkeypatch)
    assert "请萧山住建局三日内答复" in page_of(test)
    assert "其他区县办件" in page_of(test)
    assert f'data-choose="{OWN}"' not in raw_of(test)
    assert "no-7" not in page_of(test)
    assert TITLE not in page_of(opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN))
    become("district", SHANGCHENG)
    page = page_of(drawn(dozen_directory, monkeypatch))
    assert page.count("请萧山住建局三日内答复") == 1
    assert "no-7" in page
    become("district", "330106")
    assert "还没有督办件" in page_of(drawn(dozen_directory, monkeypatch))


def test_only_districts_that_may_be_listed_are_offered(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    def offered() -> tuple[str, ...]:
        with offering() as found:
            drawn(dozen_directory, monkeypatch)
        return found.codes["district"]

    assert {SHANGCHENG, XIAOSHAN} < {*offered()}
    become("district", SHANGCHENG)
    assert offered() == ("", SHANGCHENG)


def test_who_may_not_supervise_has_no_form(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    become("analyst")
    test = opened(drawn(dozen_directory, monkeypatch, case=str(OWN)), OWN, "data")
    assert TITLE in page_of(test)
    assert not test.text_area


def test_notes_are_open_overdue_or_answered() -> None:
    now = datetime(2026, 11, 10, tzinfo=UTC)
    note = Note(1, 7, 1, 2, now, "u", "", "leader", "x", date(2026, 11, 20), None)
    for today, state in ((date(2026, 11, 20), "open"), (date(2026, 11, 21), "overdue")):
        assert [one.state for one in case_list.supervised([note], today)] == [state]
    reply = Note(2, 7, 1, 2, now, "u", "", "district", "y", None, 1)
    ((one),) = case_list.supervised([reply, note], date(2027, 1, 1))
    assert (one.state, one.answers) == ("answered", (reply,))


def test_hostile_text_is_inert_on_the_page_and_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = dozen.case_rows()
    for row in rows:
        row |= {"title": f"=1+1 {HOSTILE}", "detail": HOSTILE}
    with Store(tmp_path / "wh").build() as connection:
        dozen.fill(connection, rows)
    test = drawn(tmp_path / "wh", monkeypatch)
    raw = raw_of(test)
    assert "<script>" not in raw
    assert "&lt;script&gt;" in raw
    assert "\u202e" not in raw
    raw = raw_of(opened(drawn(tmp_path / "wh", monkeypatch, case="7"), 7))
    assert "&lt;script&gt;" in raw
    assert "<script>" not in raw
    assert "\u202e" not in raw
    warehouse = open_warehouse(tmp_path / "wh")
    asked = Search(Period(date(2025, 1, 1), dozen.AS_OF), dozen.AS_OF)
    sheet = case_list.sheet(search(warehouse, asked, 0, 5), Names(warehouse, "zh"), "读者 · 演示数据")
    book = load_workbook(io.BytesIO(workbook([sheet])))
    cells = [cell for line in book.active.iter_rows(min_row=2) for cell in line if cell.value is not None]  # type: ignore[union-attr]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    assert cells[1].value.startswith("'=1+1")  # type: ignore[union-attr]
    assert cells[-1].value == "读者 · 演示数据"
    assert "只含前 5 件" in str(cells[-2].value)
    assert inert("a\x00b\u202e\u200bc\n　") == "a b  c 　"

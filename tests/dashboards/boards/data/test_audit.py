"""The auditor's board: refusals first, whether the chain is whole, and the records that were asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dashboards import record
from dashboards.cards import audit as words
from dashboards.figures.theme import LIGHT
from dashboards.record import Checked
from queries.vocabulary import Language, Text
from tests.dashboards.conftest import Become, shown
from tests.dashboards.test_boards import draw_board
from tests.warehouse.records.conftest import viewing, without_guards
from warehouse.records import audit
from warehouse.records.audit import Action, Entry, Person, Wanted, append
from warehouse.records.chain import Fault, Head, Verdict, Wrong
from warehouse.records.opening import PLACE_VARIABLE, Records

HANGZHOU = ZoneInfo("Asia/Shanghai")
ZH: Language = "zh"
EN: Language = "en"
HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script>"


def naming(now: Language) -> words.Naming:
    roles = {"leader": Text("市领导", "Leader"), "district": Text("区县", "District office")}
    return words.Naming(roles, {"overview": Text("一图一指数", "One map, one index")}, HANGZHOU, now)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """Two looks, one list, one refusal and one failed sign-in."""
    monkeypatch.setenv(PLACE_VARIABLE, str(tmp_path / "records.db"))
    with closing(record.records()) as opened:
        append(opened, viewing("全市 · 近4周", as_of=date(2026, 10, 31)))
        append(opened, viewing(HOSTILE))
        append(opened, Entry(Action.LISTED, Person("u-2", HOSTILE, "district"), "repeat_share", rows=1214))
        append(opened, Entry(Action.DENIED, Person("u-2", HOSTILE, "district"), "overview"))
        append(opened, Entry(Action.SIGN_IN_FAILED, Person("")))
        yield opened


def test_the_page_shows_refusals_people_and_records(
    store: Records, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = draw_board("audit", dozen_directory, monkeypatch)
    page = shown(test)
    assert not test.exception
    assert "<script>alert" not in page
    assert "第 1–5 条逐条核验无误" in page
    assert audit.head(store).line.split()[3] not in page  # by then the page itself is on record
    refused, people, records = (one.value for one in test.dataframe)
    assert list(refused["操作"]) == ["登录失败", "被拒绝"]
    assert list(refused["人员"]) == ["未知", HOSTILE]
    assert list(refused["对象"]) == ["", "一图一指数"]
    assert list(people["次数"]) == [2, 2, 1, 1]
    assert list(records["序号"]) == [6, 5, 4, 3, 2, 1]
    assert records["对象"][0] == "访问审计"
    assert list(records["条数"]) == ["", "", "", "1,214", "", ""]


def test_the_page_is_narrowed_by_person_action_and_board(
    store: Records, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = draw_board(
        "audit", dozen_directory, monkeypatch, person="u-17", action="viewed", object="overview"
    )
    assert "近 7 天 · 周书记 · 查看看板 · 一图一指数" in shown(test)
    assert [list(one.value["序号"]) for one in test.dataframe if "序号" in one.value] == [[2, 1]]
    test = draw_board("audit", dozen_directory, monkeypatch, person="u-17", action="exported")
    assert words.NO_RECORD.zh in shown(test)
    assert words.NO_REFUSAL.zh in shown(test)
    assert not test.exception
    test = draw_board("audit", dozen_directory, monkeypatch, person="' OR 1=1 --", action="x", lang="en")
    assert "Last 7 days · Everyone · All actions · All objects" in shown(test)


def test_a_broken_chain_is_said_and_named_when_it_is_walked_again(
    store: Records, dozen_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = draw_board("audit", dozen_directory, monkeypatch)
    without_guards(store, "UPDATE audit SET words = 'never' WHERE audit_id = 2")
    test.button(key="verify").click().run()
    assert "不完整" in shown(test)
    assert "第 2 条被改动；其前 1 条无误" in shown(test)


def test_nobody_but_the_auditor_opens_it(become: Become) -> None:
    from dashboards import access

    opened = []
    for role in access.roles().by_key:
        become(role)
        opened += [role] if access.may_open("audit") else []
    assert opened == ["auditor"]


def test_the_file_holds_every_hash_and_no_formula(store: Records) -> None:
    found = audit.listed(store, Wanted(), 10)
    end = audit.head(store)
    checked = Checked(datetime(2026, 11, 20, 22, 0, tzinfo=UTC), audit.verify(store))
    book = openpyxl.load_workbook(io.BytesIO(words.record_file(found, end, checked, naming(ZH))))
    records, chain = book.worksheets
    rows = list(records.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["序号", 5, 4, 3, 2, 1]
    assert [row[-1] for row in rows[1:]] == [one.hash for one in found]
    assert rows[4][6] == f"'{HOSTILE}"
    assert not any(cell.data_type == "f" for row in records.iter_rows() for cell in row)
    assert list(chain.iter_rows(min_row=2, values_only=True)) == [
        (end.line, "完整 · 1–5 · 2026-11-21 06:00:00")
    ]


@pytest.mark.parametrize(
    ("checked", "zh", "en"),
    [
        (None, "尚未核验", "press “Verify”"),
        (Checked(datetime(2026, 11, 20, 22, tzinfo=UTC), None), "2026-11-21 06:00:00 核验时记录库没有应答",
         "did not answer"),
        (Checked(datetime(2026, 11, 20, 22, tzinfo=UTC), Verdict(7, "", None)), "其后新增 1,227 条",
         "1,227 came after"),
        *(
            (Checked(datetime(2026, 11, 20, 22, tzinfo=UTC), Verdict(7, "", Fault(wrong, 8))),
             words.FAULTS[wrong].zh.format(n=8), words.FAULTS[wrong].en.format(n=8))
            for wrong in Wrong
        ),
    ],
)  # fmt: skip
def test_every_state_of_the_chain_has_its_sentence(checked: Checked | None, zh: str, en: str) -> None:
    end = Head(1234, "2026-11-20T22:00:00.000000+00:00", "ab" * 32)
    for now, sentence in ((ZH, zh), (EN, en)):
        card = words.chain_card(end, checked, naming(now))
        assert sentence in card
        assert end.line in card


def test_days_are_the_citys_own() -> None:
    late = datetime(2026, 11, 20, 16, tzinfo=UTC)  # midnight in Hangzhou
    totals = [
        audit.Total(late - timedelta(hours=1), "viewed", "leader", 3),
        audit.Total(late, "viewed", "leader", 5),
    ]
    drawn = words.by_day(totals, date(2026, 11, 19), date(2026, 11, 21), naming(ZH), LIGHT)
    assert list(drawn["data"][0]["y"]) == [0, 3, 5]


def test_every_action_has_a_name_and_what_is_not_known_is_shown_as_it_is() -> None:
    assert set(words.ACTIONS) == set(Action)
    assert set(words.FAULTS) == set(Wrong)
    assert naming(EN).role("operator") == "Command line"
    assert naming(EN).role("gone") == "gone"
    assert naming(EN).action("gone") == "gone"
    assert naming(EN).thing(Action.VIEWED, "gone") == "gone"
    assert naming(EN).thing(Action.ROLE_SWITCHED, "district") == "District office"
    assert naming(ZH).thing(Action.LISTED, "repeat_share").startswith("重复")


def test_a_person_in_two_roles_has_two_rows() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    deeds = [
        audit.Deeds("u-1", "district", "viewed", "周", 2, at),
        audit.Deeds("u-1", "leader", "exported", "周", 1, at),
        audit.Deeds("u-1", "leader", "viewed", "周", 4, at + timedelta(hours=1)),
    ]
    table = words.person_table(deeds, naming(EN))
    assert table.to_dict("records") == [
        {"Person": "周", "Role": "Leader", "Times": 5, "Last": "2026-11-20 09:00:00", "Saw a board": 4,
         "Exported a file": 1},
        {"Person": "周", "Role": "District office", "Times": 2, "Last": "2026-11-20 08:00:00",
         "Saw a board": 2, "Exported a file": 0},
    ]  # fmt: skip

"""Corrected rows: the newest state stands, the old values are kept, and what follows from them follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.warehouse.ingest.conftest import HEADER, Desk
from warehouse.errors import WarehouseError
from warehouse.ingest import staging
from warehouse.ingest.corrections import Corrections
from warehouse.schema import batch, case_history, field_coverage, warehouse_info

FIRST = f"{HEADER}\nA1,2026-03-01 10:00:00,,路灯\nA2,2026-03-04 10:00:00,,停车\n"
CORRECTED = FIRST.replace("停车", "占道").replace("A1,2026-03-01 10:00:00,,", "A1,2026-02-01,2026-03-09,")
IDENTITY, PHONE = "33010619900101123X", "13812345678"


def history(desk: Desk) -> list[tuple[Any, ...]]:
    """Item, batch and old values of every correction, in their order."""
    columns = (case_history.c.case_id, case_history.c.batch_id, case_history.c.old_values)
    found = desk.ask(select(*columns).order_by(case_history.c.case_history_id))
    return [(item, number, json.loads(old)) for item, number, old in found]


def test_the_newest_state_stands_and_the_old_values_are_kept(desk: Desk) -> None:
    desk.load(FIRST)
    report = desk.load(CORRECTED, name="corrected.csv")
    assert dict(report.tally.reasons) == {("superseded", staging.IN_BATCH): 2}
    assert report.side_file is None
    assert desk.column("title") == ["路灯", "占道"]
    assert desk.column("registered_at") == [datetime(2026, 2, 1), datetime(2026, 3, 4, 10)]
    assert desk.column("closed_on") == [date(2026, 3, 9), None]
    assert desk.column("case_id") == [1, 2]
    assert desk.column("batch_id") == [1, 1]  # an item stays that of the batch that brought it
    assert history(desk) == [
        (1, 2, {"registered_at": "2026-03-01 10:00:00", "registered_on": "2026-03-01", "closed_at": None}
            | {"closed_on": None}),
        (2, 2, {"title": "停车"}),
    ]  # fmt: skip
    account = select(batch.c.rows_read, batch.c.rows_loaded, batch.c.rows_superseded, batch.c.rows_duplicate)
    assert desk.ask(account.order_by(batch.c.batch_id)) == [(2, 2, 0, 0), (2, 0, 2, 0)]


def test_what_follows_from_a_corrected_day_follows(desk: Desk) -> None:
    desk.load(FIRST)
    desk.load(CORRECTED, name="corrected.csv")
    days = desk.ask(text("SELECT registered_on, cases FROM rollup_registered_street ORDER BY 1"))
    assert days == [(date(2026, 2, 1), 1), (date(2026, 3, 4), 1)]
    assert desk.ask(select(warehouse_info.c.data_from_on)) == [(date(2026, 2, 1),)]
    filled = select(field_coverage.c.filled).where(field_coverage.c.field == "closed_on")
    assert desk.ask(filled) == [(1,)]


def test_a_corrected_file_twice_and_an_old_file_again_change_nothing(desk: Desk) -> None:
    desk.load(FIRST)
    desk.load(CORRECTED, name="corrected.csv")
    version = desk.store.version()
    assert "batch 2" in desk.load(CORRECTED).already
    assert "batch 1" in desk.load(FIRST).already
    assert desk.store.version() == version
    assert desk.column("title") == ["路灯", "占道"]


def test_of_several_states_in_one_file_the_last_stands_and_each_is_kept(desk: Desk) -> None:
    desk.load(FIRST)
    states = [f"A2,2026-03-04 10:00:00,,{title}" for title in ("占道", "占道", "噪音", "停车", "违停")]
    report = desk.load("\n".join((HEADER, *states)))
    assert dict(report.tally.reasons) == {
        ("superseded", staging.IN_BATCH): 4,
        ("duplicate", staging.IN_BATCH): 1,
    }
    assert desk.column("title") == ["路灯", "违停"]
    assert [old["title"] for _, _, old in history(desk)] == ["停车", "占道", "噪音", "停车"]


def test_links_to_other_items_are_those_of_the_newest_state(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns(person_identity="证件", matter="关联")
    head, rows = "编号,登记,办结,标题,证件,关联", [
        f"P1,2026-03-01,,a,{IDENTITY},K1",
        f"P2,2026-03-20,,b,{IDENTITY},K1",
    ]  # fmt: skip
    desk.load("\n".join((head, *rows)), mapping)
    assert desk.column("repeat_no") == [0, 1]
    assert desk.column("returned_on") == [None, None]
    desk.load("\n".join((head, rows[0].replace(",,a", ",2026-03-10,a"))), mapping)
    assert desk.column("returned_on") == [date(2026, 3, 20), None]  # closed, and back afterwards
    desk.load("\n".join((head, rows[1].replace("03-20", "02-20"))), mapping)
    assert desk.column("repeat_no") == [1, 0]
    assert desk.column("first_case_id") == [2, 2]
    desk.load("\n".join((head, rows[1].replace("03-20", "02-20").replace("K1", "K2"))), mapping)
    assert desk.column("repeat_no") == [0, 0]
    assert desk.column("days_since_previous") == [None, None]


def test_deadlines_of_a_profile_follow_a_corrected_day(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns("deadlines = 'national_2022'\n")
    desk.load(f"{HEADER}\nD1,2026-03-10,,a\n", mapping)
    before = desk.column("accept_due_on")
    desk.load(f"{HEADER}\nD1,2026-03-11,,a\n", mapping)
    assert before == [date(2026, 3, 25)]
    assert desk.column("accept_due_on") == [date(2026, 3, 26)]


def test_a_column_that_the_file_lacks_keeps_what_it_said(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns("missing_columns = 'leave_empty'\n", channel="渠道", people="人", unit="单位")
    desk.load("编号,登记,办结,标题,渠道,人,单位\nA1,2026-03-01,,路灯,来访,6,城管局\n", mapping)
    report = desk.load("编号,登记,标题\nA1,2026-03-01,井盖\n", mapping)
    assert report.tally.rows("superseded") == 1
    assert history(desk) == [(1, 2, {"title": "路灯"})]
    kept = [desk.column(name)[0] for name in ("people", "is_collective", "channel_id", "unit_id", "title")]
    assert kept == [6, True, 5, 1, "井盖"]
    desk.load("编号,登记,办结,标题,渠道,人,单位\nA1,2026-03-01,,,来访,6,\n", mapping)
    assert (desk.column("title"), desk.column("unit_id")) == ([None], [0])  # there, and empty


def test_a_system_corrects_only_what_it_brought_itself(desk: Desk) -> None:
    desk.load(FIRST)
    report = desk.load(CORRECTED + "A9,2026-03-04,,新\n", name="theirs.csv", mapping_name="another.toml")
    assert dict(report.tally.reasons) == {("duplicate", staging.IN_BATCH + staging.OTHER_CONTENT): 2}
    assert desk.column("title") == ["路灯", "停车", "新"]
    assert history(desk) == []
    assert report.side_file is not None
    assert "占道" in report.side_file.read_text(encoding="utf-8-sig")


def test_the_history_is_masked_like_the_items(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns(person_identity="证件", person_phone="电话", person_name="姓名")
    head = "编号,登记,办结,标题,姓名,电话,证件"
    row = f"P1,2026-03-01,,买买提来电{PHONE}说漏水,买买提,{PHONE},{IDENTITY}"
    desk.load(f"{head}\n{row}", mapping)
    desk.load(f"{head}\n{row.replace('漏水', '停水')}", mapping)
    assert history(desk) == [(1, 2, {"title": "＊来电＊说漏水"})]
    stored = desk.store.current().read_bytes()
    for planted in (IDENTITY, PHONE, "买买提"):
        assert planted.encode() not in stored


def test_a_correction_without_its_history_is_not_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(FIRST)
    version = desk.store.version()
    take_over = Corrections.take_over

    def forgetful(self: Corrections, *given: Any) -> set[int]:
        taken = take_over(self, *given)
        self._connection.execute(case_history.delete())
        return taken

    monkeypatch.setattr(Corrections, "take_over", forgetful)
    with pytest.raises(WarehouseError, match="superseded 2, kept as history 0"):
        desk.load(CORRECTED)
    assert desk.store.version() == version


def test_thousands_of_corrections_are_taken_over_to_the_row(desk: Desk) -> None:
    rows = [f"N{number:05},2026-03-01,,标题{number}" for number in range(3000)]
    desk.load("\n".join((HEADER, *rows)))
    report = desk.load("\n".join((HEADER, *(row.replace("标题", "新题") for row in rows[::2]), *rows[1::2])))
    assert (report.tally.rows("superseded"), report.tally.rows("duplicate")) == (1500, 1500)
    assert desk.ask(select(func.count()).select_from(case_history)) == [(1500,)]
    assert desk.column("title")[:3] == ["新题0", "标题1", "新题2"]

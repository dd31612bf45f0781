"""Rows set aside: listed without a person in them, and loaded after all once the mapping is corrected."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.warehouse.ingest.conftest import HEADER, MAPPING, Desk
from warehouse.engines import duckdb
from warehouse.errors import BadSource
from warehouse.ingest import staging
from warehouse.ingest.lines import BAD_QUOTE
from warehouse.ingest.loading import SIDE_FOLDER, replay
from warehouse.ingest.quarantine import SetAside, waiting
from warehouse.ingest.rows import ABSENT, UNREADABLE
from warehouse.ingest.tally import Report
from warehouse.schema import batch

BAD_TIME = f"registered_at: {UNREADABLE}"
ONE, TWO = "A1,2026-03-01 10:00:00,,路灯", "A2,03/04/2026,,停车"
BROKEN = 'A3,2026-03-05,,"井盖'
NEW_FORMAT = 'date_formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%m/%d/%Y"]\n' + MAPPING


def standing(desk: Desk) -> tuple[list[SetAside], list[str]]:
    engine = duckdb.engine(desk.store.current(), read_only=True)
    try:
        with engine.connect() as connection:
            return waiting(connection, desk.folder / "var" / SIDE_FOLDER)
    finally:
        engine.dispose()


def listed(desk: Desk) -> list[tuple[int, str, int, str]]:
    """Batch, file, row and reason of everything that waits."""
    found, gone = standing(desk)
    assert gone == []
    return sorted((one.batch_id, one.file_name, row.place, row.reason) for one in found for row in one.rows())


def again(desk: Desk, mapping: str = NEW_FORMAT, batch_id: int | None = None) -> list[Report]:
    return replay(desk.store, desk.mapping(mapping), desk.said.append, batch_id)


def test_what_waits_is_listed_with_file_row_and_reason(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO, BROKEN)))
    assert listed(desk) == [
        (1, "export.csv", 3, f"rejected: {BAD_TIME}"),
        (1, "export.csv", 4, BAD_QUOTE),
    ]


def test_what_is_shown_names_no_person(desk: Desk, columns: Callable[..., str]) -> None:
    head = "编号,登记,办结,标题,姓名,电话,备注"
    content = (
        f"{head}\nP0,2026-03-01,,a,,,\nP1,,,买买提来电说漏水 13812345678,买买提,13912345678,他是买买提\n"
    )
    desk.load(content + 'P2,,,"买买提,买买提,1,\n', columns(person_name="姓名", person_phone="电话"))
    rows = sorted((row for one in standing(desk)[0] for row in one.rows()), key=lambda row: row.place)
    assert [row.shown for row in rows] == ["编号: P1 · 标题: ＊来电说漏水 ＊", ""]
    assert rows[0].raw.startswith("P1,,,买买提来电")
    assert stat.S_IMODE(standing(desk)[0][0].path.stat().st_mode) == 0o600


def test_a_replay_loads_what_passes_now_and_keeps_the_rest(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO, BROKEN, "A4,,,无时间")))
    (report,) = again(desk)
    tally = report.tally
    assert (tally.rows_read, tally.rows_loaded, tally.rows("rejected")) == (3, 1, 2)
    assert desk.column("source_case_no") == ["A1", "A2"]
    assert desk.column("repeat_no") == [0, 0]
    account = select(batch.c.file_name, batch.c.rows_read, batch.c.rows_loaded, batch.c.rows_rejected)
    assert desk.ask(account.order_by(batch.c.batch_id)) == [
        ("export.csv", 4, 1, 3),
        ("export.csv (replay of batch 1)", 3, 1, 2),
    ]
    rest = [(4, BAD_QUOTE), (5, f"rejected: registered_at: {ABSENT}")]
    assert listed(desk) == [(2, "export.csv (replay of batch 1)", *one) for one in rest]
    assert any("published" in line for line in desk.said)


def test_a_replay_under_which_nothing_passes_changes_nothing(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO)))
    version, before = desk.store.version(), listed(desk)
    with pytest.raises(BadSource, match="None of the 1 rows passes"):
        again(desk, MAPPING)
    assert (desk.store.version(), listed(desk)) == (version, before)
    assert len(list((desk.folder / "var" / SIDE_FOLDER).iterdir())) == 1


def test_the_rows_of_two_batches_are_replayed_in_one_version(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO)))
    desk.load("\n".join((HEADER, "B1,2026-03-02,,a", TWO.replace("A2", "B2"))))
    desk.load("\n".join((HEADER, "C1,2026-03-02,,a", "C2,,,b")), mapping_name="other.toml")
    kept = desk.store.versions()
    reports = again(desk)
    assert [report.tally.rows_loaded for report in reports] == [1, 1]
    assert desk.column("source_case_no") == ["A1", "A2", "B1", "B2", "C1"]
    assert len(set(desk.store.versions()) - set(kept)) == 1
    assert [one[:1] for one in listed(desk)] == [(3,)]
    with pytest.raises(BadSource, match="Nothing that the mapping 'some' set aside"):
        again(desk)


def test_one_batch_alone_is_replayed(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO)))
    desk.load("\n".join((HEADER, "B1,2026-03-02,,a", TWO.replace("A2", "B2"))))
    again(desk, batch_id=2)
    assert desk.column("source_case_no") == ["A1", "B1", "B2"]
    assert [one[0] for one in listed(desk)] == [1]


def test_a_replayed_row_never_overwrites_what_has_come_since(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO)))
    desk.load("\n".join((HEADER, "A2,2026-03-04,2026-03-09,停车办结")))
    with pytest.raises(BadSource, match="None of the 1 rows passes"):
        again(desk)
    assert desk.column("title") == ["路灯", "停车办结"]
    assert any(staging.IN_BATCH + staging.OTHER_CONTENT in line for line in desk.said)
    assert len(listed(desk)) == 1


def test_rolled_back_rows_wait_again(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO)))
    again(desk)
    assert listed(desk) == []
    desk.store.roll_back()
    assert [one[2] for one in listed(desk)] == [3]
    assert again(desk)[0].tally.rows_loaded == 1


def test_a_lost_or_changed_side_file_is_said(desk: Desk) -> None:
    desk.load("\n".join((HEADER, ONE, TWO)))
    path = standing(desk)[0][0].path
    whole = path.read_text(encoding="utf-8-sig")
    path.write_text("line,reason\n1,2\n", encoding="utf-8-sig")
    with pytest.raises(BadSource, match="has been changed; restore it or load its source again"):
        again(desk)
    path.unlink()
    found, gone = standing(desk)
    assert found == []
    assert "The 1 rows that batch 1 (export.csv) rejected are no longer in" in gone[0]
    path.write_text(whole, encoding="utf-8-sig")
    assert again(desk)[0].tally.rows_loaded == 1

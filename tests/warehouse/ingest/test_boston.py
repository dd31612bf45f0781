"""The real Boston 311 file of 2015: counts that can be counted again without the loader."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.warehouse.ingest.conftest import Desk
from warehouse.ingest.loading import load
from warehouse.schema import cases, category, region, source, unit

FILE = (
    Path(__file__).resolve().parents[4] / "shared" / "data" / "boston311_2015" / "boston311_2015.raw.csv.gz"
)


@pytest.mark.skipif(not FILE.is_file(), reason="the reference file ../shared/data/boston311_2015 is not here")
def test_the_boston_file_reconciles_to_the_row(desk: Desk) -> None:
    started = time.monotonic()
    report = load(desk.store, FILE, "boston311", desk.said.append)
    assert time.monotonic() - started < 60
    tally = report.tally
    assert (tally.rows_read, tally.rows_loaded) == (121_145, 121_145)
    assert tally.rows("duplicate") == tally.rows("rejected") == 0
    # 17 070 requests sit on one default point, 197 were closed before they were opened: known of the file.
    assert dict(tally.reasons) == {
        ("repaired", "lon, lat: default coordinate"): 17_070,
        ("repaired", "closed_at: before registered_at"): 197,
        ("repaired", "replied_at: before registered_at"): 197,
    }
    assert report.lines is not None
    assert (report.lines.physical, report.lines.continuation) == (121_146, 0)
    counted = desk.ask(
        select(
            func.count(),
            func.count(cases.c.closed_at),
            func.count(cases.c.reply_due_at),
            func.count(cases.c.lon),
            func.count(cases.c.h3),
        )
    )
    # 19 873 open and 197 set aside; 26 991 without a target; 17 070 without a place.
    assert counted == [(121_145, 101_075, 94_154, 104_075, 104_075)]
    sizes = [
        desk.ask(select(func.count()).select_from(table))[0][0] - 1 for table in (source, unit, category)
    ]
    assert sizes == [7, 150 + 17, 16 + 58 + 162]
    busiest = (
        select(region.c.name_en, func.count())
        .join_from(cases, region, cases.c.district_id == region.c.region_id)
        .group_by(region.c.name_en)
        .order_by(func.count().desc())
        .limit(3)
    )
    assert desk.ask(busiest) == [("Dorchester", 14_889), ("Not stated", 10_955), ("Roxbury", 9_517)]
    # Titles are the 158 types and nothing else: the free titles hold house numbers.
    assert desk.ask(select(func.count(cases.c.title.distinct()), func.count(cases.c.detail))) == [(158, 0)]

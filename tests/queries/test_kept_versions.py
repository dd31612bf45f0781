"""A version opened by name answers as it did when it was live, whatever has been published since."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from queries.execute import open_warehouse
from queries.question import Question
from queries.vocabulary import Period
from tests.queries.dozen import AS_OF, case_rows, fill, only_row
from warehouse.errors import WarehouseMissing
from warehouse.store import Store

KEY = "cases_registered"
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def march(place: Path, version: str | None = None) -> tuple[str, float]:
    """The version that was opened, and the cases of March in it."""
    opened = open_warehouse(place, version)
    try:
        return opened.info.version, float(only_row(opened.ask(Question((KEY,), MARCH, AS_OF)))[KEY])
    finally:
        opened.close()


def test_a_kept_version_answers_as_on_its_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.build() as connection:
        fill(connection)
    first = store.version()
    before = march(tmp_path)
    with store.build() as connection:
        fill(connection, [row for row in case_rows() if row["registered_on"] < MARCH.start])
    assert march(tmp_path) == (store.version(), 0.0)
    assert march(tmp_path, first) == before == (first, before[1])
    assert before[1] > 0
    store.roll_back()
    assert march(tmp_path) == before


def test_a_version_that_is_not_kept_is_said(tmp_path: Path) -> None:
    with Store(tmp_path).build() as connection:
        fill(connection)
    for other in ("20200101T000000000000", "../elsewhere"):
        with pytest.raises(WarehouseMissing, match=f"keeps no version {other}; it keeps: 20"):
            open_warehouse(tmp_path, other)

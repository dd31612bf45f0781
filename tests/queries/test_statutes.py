"""Petitions under every profile side by side, by hand from the Civil Code's way of counting days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from queries.execute import Warehouse
from queries.hiding import Hiding
from queries.insights.suppression import PrivacyPolicy
from queries.question import Filter, Question
from queries.scope import Scope
from queries.statutes import Kept, ask_statutes, statutes
from queries.vocabulary import Period
from tests.queries.dozen import AS_OF, fill
from warehouse.deadlines import read_profiles
from warehouse.engines import duckdb

PROFILES = [one for one in read_profiles().values() if "reply" in one.limits]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    path: Path = tmp_path_factory.mktemp("statutes") / "dozen.duckdb"
    engine = duckdb.engine(path, read_only=False)
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    return Warehouse(duckdb.engine(path, read_only=True))


def items(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Registered, accepted, notified, replied; empty for not yet."""
    columns = ("registered_at", "accepted_at", "notified_at", "replied_at")
    frame = pd.DataFrame(rows, columns=list(columns)).replace("", None)
    times = {name: pd.to_datetime(frame[name]) for name in columns}
    return frame.assign(**times, urgency=1, is_extended=False)


def kept(rows: pd.DataFrame, period: Period, as_of: date) -> dict[str, dict[str, Kept]]:
    return {one.key: dict(one.kept) for one in statutes(rows, PROFILES, period, as_of)}


def test_one_petition_is_on_time_by_one_profile_and_late_by_another() -> None:
    """Registered on Monday 2 March 2026, accepted on the 10th, replied to on 10 April.

    National: accepted within 15 days (17 March), replied to within 60 of acceptance (9 May). Zhejiang: five
    working days end on 9 March; 30 days from 10 March on 9 April. Shanghai: 6 and 22 March.
    """
    rows = items(("2026-03-02 09:00", "2026-03-10 10:00", "2026-03-10 11:00", "2026-04-10 09:00"))
    found = kept(rows, Period(date(2026, 3, 1), date(2026, 5, 31)), date(2026, 5, 31))
    one, none = Kept(1, 1), Kept(0, 1)
    assert found["national_2022"] == {"accept": one, "notify": one, "reply": one}
    assert found["zhejiang_2016"] == {"accept": none, "notify": none, "reply": none}
    assert found["shanghai_1_4_20"] == {"accept": none, "notify": none, "reply": none}


def test_what_falls_due_outside_the_period_does_not_count() -> None:
    rows = items(("2026-03-02 09:00", "2026-03-10 10:00", "2026-03-10 11:00", "2026-04-10 09:00"))
    found = kept(rows, Period(date(2026, 4, 9), date(2026, 4, 9)), date(2026, 5, 31))
    assert found["zhejiang_2016"]["reply"] == Kept(0, 1)
    assert found["national_2022"] == dict.fromkeys(("accept", "notify", "reply"), Kept(0, 0))


def test_the_last_second_of_the_last_day_is_on_time() -> None:
    times = ("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 11:00")
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    for replied, met in (("2026-03-22 23:59:59", 1), ("2026-03-23 00:00:00", 0)):
        found = kept(items((*times, replied)), march, date(2026, 3, 31))
        assert found["shanghai_1_4_20"]["reply"] == Kept(met, 1)


def test_what_happened_after_the_as_of_date_had_not_happened() -> None:
    """Accepted on 20 April: until then its reply was due 30 days after 9 March, the last day to accept."""
    rows = items(("2026-03-02 09:00", "2026-04-20 10:00", "2026-04-20 11:00", ""))
    period = Period(date(2026, 4, 1), date(2026, 4, 10))
    assert kept(rows, period, date(2026, 4, 10))["zhejiang_2016"]["reply"] == Kept(0, 1)
    assert kept(rows, period, date(2026, 4, 30))["zhejiang_2016"]["reply"] == Kept(0, 0)


def test_petitions_alone_are_read_from_the_warehouse(warehouse: Warehouse) -> None:
    march = Question(("cases_registered",), Period(date(2026, 3, 1), date(2026, 3, 31)), AS_OF)
    # by Shanghai's 4 days 8, 9, 11 and 14 were accepted in time, 12 not at all; 15 is due in April
    found = {one.key: one.kept for one in ask_statutes(warehouse, march) or ()}
    assert found["shanghai_1_4_20"]["accept"] == Kept(4, 5)
    nowhere = Question(("cases_registered",), march.period, AS_OF, filters=(Filter("district", (-1,)),))
    assert ask_statutes(warehouse, nowhere) == ()


def test_items_hold_the_columns_asked_for_of_the_period(warehouse: Warehouse) -> None:
    days = Period(date(2026, 3, 2), date(2026, 3, 6))
    found = warehouse.items(Question(("cases_registered",), days, AS_OF), ("case_id", "registered_at"))
    assert sorted(found["case_id"]) == [6, 7, 8]
    assert found.set_index("case_id").loc[8, "registered_at"] == datetime(2026, 3, 6, 9)


def test_what_has_no_random_step_is_not_told_of_fine_cells(warehouse: Warehouse) -> None:
    asked = Question(("cases_registered",), Period(date(2026, 3, 1), date(2026, 3, 31)), AS_OF)
    fine = replace(asked, filters=(Filter("category1", (5,)),))
    hides = Hiding(PrivacyPolicy(5, frozenset({"district"})), b"a secret of thirty-two bytes, so")
    presenter = warehouse.seen_by(Scope(cases=(), smallest=5), hides)
    assert ask_statutes(presenter, asked) == ask_statutes(warehouse, asked)
    assert ask_statutes(warehouse, fine) is not None
    assert ask_statutes(presenter, fine) is None

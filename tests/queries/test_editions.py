"""Editions: periods and numbers of bulletins, and how they are spelled."""

from __future__ import annotations

from datetime import date

import pytest

from queries.editions import Kind, edition, editions, latest
from queries.errors import BadEdition
from queries.vocabulary import Period


@pytest.mark.parametrize(
    ("kind", "key", "period", "number"),
    [
        (Kind.WEEKLY, "2026-W44", Period(date(2026, 10, 26), date(2026, 11, 1)), "晴雨周报〔2026〕第 44 期"),
        (Kind.WEEKLY, "2027-W01", Period(date(2027, 1, 4), date(2027, 1, 10)), "晴雨周报〔2027〕第 1 期"),
        (Kind.WEEKLY, "2026-W53", Period(date(2026, 12, 28), date(2027, 1, 3)), "晴雨周报〔2026〕第 53 期"),
        (Kind.MONTHLY, "2026-02", Period(date(2026, 2, 1), date(2026, 2, 28)), "晴雨月报〔2026〕第 2 期"),
        (Kind.QUARTERLY, "2026-Q3", Period(date(2026, 7, 1), date(2026, 9, 30)), "晴雨季报〔2026〕第 3 期"),
    ],
)
def test_an_edition_has_a_period_and_a_number(kind: Kind, key: str, period: Period, number: str) -> None:
    found = edition(kind, key)
    assert (found.period, found.number.zh, found.key) == (period, number, key)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (Kind.WEEKLY, "2026-W54"),
        (Kind.WEEKLY, "2026-10"),
        (Kind.MONTHLY, "2026-13"),
        (Kind.MONTHLY, "2026-1"),
        (Kind.QUARTERLY, "2026-Q5"),
        (Kind.QUARTERLY, "0000-Q1"),
    ],
)
def test_what_is_no_period_is_said_with_the_right_spelling(kind: Kind, key: str) -> None:
    with pytest.raises(BadEdition, match=f"{key}.*is no period of a {kind} bulletin; spell it like 2026-"):
        edition(kind, key)


def test_the_latest_edition_is_over() -> None:
    assert latest(Kind.MONTHLY, date(2026, 10, 31)).key == "2026-10"
    assert latest(Kind.MONTHLY, date(2026, 10, 30)).key == "2026-09"
    assert latest(Kind.WEEKLY, date(2026, 11, 1)).key == "2026-W44"
    assert latest(Kind.WEEKLY, date(2026, 10, 31)).key == "2026-W43"
    assert latest(Kind.QUARTERLY, date(2026, 1, 5)).key == "2025-Q4"


def test_editions_begin_in_the_data_and_the_last_one_may_still_run() -> None:
    found = editions(Kind.QUARTERLY, date(2025, 7, 1), date(2026, 4, 30))
    assert [one.key for one in found] == ["2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3"]
    assert found[0].period == Period(date(2026, 4, 1), date(2026, 4, 30))
    assert [one.is_over for one in found] == [False, True, True, True]
    whole = editions(Kind.MONTHLY, date(2026, 3, 2), date(2026, 4, 30))
    assert [(one.key, one.is_over) for one in whole] == [("2026-04", True)]
    assert editions(Kind.WEEKLY, date(2026, 5, 1), date(2026, 4, 30)) == ()

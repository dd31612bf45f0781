"""Units beside their peers: pooled by group, called only beyond chance, found by name."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from dashboards.cards import peers, units
from queries.answer import Answer
from queries.insights.funnel_limits import Verdict
from queries.question import Question
from queries.vocabulary import Period

KEY = "replied_on_time"
DAY = date(2026, 10, 31)
MEMBERS = pd.DataFrame(
    {
        "id": [1, 2, 3, 4, 5],
        "name_zh": ["甲局", "乙局", "丙街道", "丁街道", "戊局"],
        "name_en": ["A Bureau", "B Bureau", "C Street", "D Street", "E Bureau"],
        "peer_group": ["district_bureau", "district_bureau", "street_office", "street_office", "x"],
    }
)


def answer(frame: pd.DataFrame) -> Answer:
    return Answer(Question((KEY,), Period(DAY, DAY), DAY, split=("unit",)), frame)


def rates(*rows: tuple[int, float, float]) -> Answer:
    """Unit, met, due: the same of the assessed items and of all."""
    frame = pd.DataFrame(rows, columns=["unit", f"{KEY}_numerator", f"{KEY}_denominator"])
    frame[KEY] = (frame[f"{KEY}_numerator"] / frame[f"{KEY}_denominator"]).where(
        frame[f"{KEY}_denominator"] >= 5
    )
    for part in ("", "_numerator", "_denominator"):
        frame[f"{KEY}_all{part}"] = frame[f"{KEY}{part}"]
    return answer(frame)


def clock(*rows: tuple[int, int, float]) -> Answer:
    return answer(pd.DataFrame(rows, columns=["unit", "case_clock", "open_cases"]))


@pytest.fixture
def found() -> dict[str, units.Unit]:
    """Bureaus pool to 2 700 of 3 000, 90 %; streets 50 of 100 and 950 of 1 000 to 1 000 of 1 100."""
    due = rates((1, 1800, 2000), (2, 900, 1000), (3, 50, 100), (4, 950, 1000), (0, 1, 10))
    every = units.units(MEMBERS, due, clock((3, 1, 4), (3, 4, 2), (3, 5, 9), (5, 3, 1)), KEY)
    return {one.name.zh: one for one in every}


def test_a_unit_is_compared_with_its_own_peers(found: dict[str, units.Unit]) -> None:
    assert found["甲局"].peers == found["乙局"].peers == 90.0
    assert found["丙街道"].peers == 90.91
    assert found["甲局"].verdict is Verdict.INSIDE
    assert found["丙街道"].verdict is Verdict.BELOW_3
    assert found["丁街道"].verdict is Verdict.ABOVE_3


def test_counts_are_what_was_due_late_and_waiting(found: dict[str, units.Unit]) -> None:
    street = found["丙街道"]
    assert (street.due, street.late) == (100, 50)
    assert (street.waiting, street.yellow, street.red) == (6, 0, 2)  # nine are replied to
    assert found["戊局"].yellow == 1
    assert found["戊局"].rate is None  # on hand, but nothing due


def test_the_one_not_stated_is_no_unit_and_the_worst_come_first(found: dict[str, units.Unit]) -> None:
    assert list(found) == ["丙街道", "甲局", "乙局", "丁街道", "戊局"]


def test_too_few_have_no_rate_and_no_verdict() -> None:
    (one,) = units.units(MEMBERS, rates((1, 2, 3)), clock(), KEY)
    assert (one.rate, one.verdict, one.due, one.late) == (None, None, 3, 1)
    frame = units.unit_frame([one], "zh")
    assert frame["漏斗信号"].tolist() == ["样本不足"]


def test_units_are_found_by_group_and_by_name_in_both_languages(found: dict[str, units.Unit]) -> None:
    every = tuple(found.values())
    assert [one.name.zh for one in peers.chosen_units(every, "street_office", "")] == ["丙街道", "丁街道"]
    assert [one.name.zh for one in peers.chosen_units(every, "", "b bureau")] == ["乙局"]
    assert peers.chosen_units(every, "street_office", "乙") == ()


def test_the_title_counts_who_stands_out(found: dict[str, units.Unit]) -> None:
    title, _ = units.unit_title(tuple(found.values()), 5, KEY, "zh")
    assert title == "1 个单位按期答复率显著低于同类，1 个显著高于（共 4 个单位有到期件）"
    title, _ = units.unit_title((), 0, KEY, "en")
    assert title == "Replied on time: no unit had items due"


def test_a_deadline_that_is_not_recorded_is_said_and_never_zero() -> None:
    nothing = rates((1, math.nan, math.nan)).frame[:0]
    every = units.units(MEMBERS, answer(nothing), clock((2, 4, 7), (1, 1, 3)), KEY, recorded=False)
    assert all(math.isnan(one.due) and math.isnan(one.late) for one in every)
    assert units.unit_title(every, 2, KEY, "zh")[0] == "按期答复率未记录，下表只列各单位在办件"
    frame = units.unit_frame(every, "zh")
    assert list(frame.columns) == ["单位", "同类组", "在办未答复", "黄线", "红线"]
    assert frame["红线"].tolist() == [7, 0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_holds_every_unit_even_none(language: str, found: dict[str, units.Unit]) -> None:
    frame = units.unit_frame(tuple(found.values()), language)
    assert len(frame) == 5
    assert frame[units.HEADINGS["late"].in_(language)].sum() == 50 + 200 + 100 + 50
    assert units.unit_frame((), language).empty


def test_a_group_without_a_name_is_called_by_its_key() -> None:
    assert peers.groups(MEMBERS)["x"].zh == "x"
    assert peers.groups(MEMBERS)[""] == peers.EVERY_GROUP


def test_a_hidden_count_is_never_a_zero() -> None:
    due = replace(rates((1, 1800, 2000)), nothing=math.nan)
    lines = replace(clock((1, 3, 10), (3, 4, 20)), nothing=math.nan)
    one, three = sorted(units.units(MEMBERS, due, lines, KEY), key=lambda unit: unit.id)
    assert (one.due, one.yellow) == (2000, 10)
    assert math.isnan(one.red)
    assert math.isnan(one.waiting)  # a sum of which a part is hidden
    assert math.isnan(three.due)
    assert three.red == 20
    frame = units.unit_frame([one, three], "zh")
    assert frame["红线"].isna().tolist() == [True, False]
    assert "未记录" not in units.unit_title([one, three], 2, KEY, "zh")[0]

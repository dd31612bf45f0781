"""Units by satisfaction: beside their own peers, worst first, never without volume, composites beside."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from dashboards.cards import peers, unit_ratings
from dashboards.cards.responsiveness import COMPOSITE
from queries.answer import Answer
from queries.insights.funnel_limits import Verdict
from queries.question import Question
from queries.vocabulary import Period
from tests.dashboards.cards.test_units import MEMBERS

KEY, DAY = "satisfaction", date(2026, 10, 31)


def answer(*rows: tuple[int, float, float, float, float]) -> Answer:
    """Unit, content, rated, points, call-backs."""
    names = ["unit", f"{KEY}_numerator", f"{KEY}_denominator", f"{COMPOSITE}_numerator"]
    frame = pd.DataFrame(rows, columns=[*names, f"{COMPOSITE}_denominator"])
    for key in (KEY, COMPOSITE):
        whole = frame[f"{key}_denominator"]
        frame[key] = (frame[f"{key}_numerator"] / whole).where(whole >= 5)
    return Answer(Question((KEY, COMPOSITE), Period(DAY, DAY), DAY, split=("unit",)), frame)


FOUND = answer(
    (1, 1800, 2000, 180_000, 2000),
    (2, 900, 1000, 900, 10),
    (3, 50, 100, 8000, 100),
    (4, 950, 1000, 99_000, 1000),
    (5, 3, 4, 0, 0),
    (0, 1, 10, 1, 10),
)


def test_units_stand_beside_their_own_peers_worst_first() -> None:
    """Bureaus pool to 2 700 of 3 000, streets to 1 000 of 1 100; 戊局 has too few ratings."""
    every = unit_ratings.rated_units(MEMBERS, FOUND)
    assert [one.name.zh for one in every] == ["丙街道", "甲局", "乙局", "丁街道", "戊局"]
    street = every[0]
    assert (street.rate, street.peers, street.verdict) == (50.0, 90.91, Verdict.BELOW_3)
    assert (street.whole, street.missed, street.composite, street.callbacks) == (100, 50, 80.0, 100)
    last = every[-1]
    assert (last.rate, last.verdict, last.composite, last.whole) == (None, None, None, 4)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_holds_the_chosen_with_their_volume(language: str) -> None:
    every = unit_ratings.rated_units(MEMBERS, FOUND)
    shown = peers.chosen_units(every, "x", "")
    card = unit_ratings.rated_card(every, shown, KEY, FOUND, language)
    assert len(card.frame) == 1
    signal, rate, whole = card.frame.iloc[0, [2, 3, 5]]
    assert signal == ("样本不足" if language == "zh" else "Too few")
    assert math.isnan(rate)
    assert whole == 4
    assert card.shares == (card.frame.columns[3],)
    # 戊局: 4 items rated, 1 of them not content; both open, in the columns that show them
    assert [card.items[name][0].partition("~2026")[0] for name in card.frame.columns[[5, 6]]] == [
        f"{KEY}~d",
        f"{KEY}~r",
    ]
    assert all(found[0].endswith("~unit-5") for found in card.items.values())
    said = "1 个单位满意率 V1 显著低于同类，1 个显著高于（共 5 个单位有可计件）"
    assert card.title == said if language == "zh" else card.title.startswith("Satisfaction V1: 1 units stand")


def test_no_units_are_said() -> None:
    card = unit_ratings.rated_card((), (), KEY, FOUND, "zh")
    assert card.title == "满意率 V1：没有单位有可计件"
    assert card.frame.empty


def test_the_sheet_holds_numerators_of_what_is_missed() -> None:
    sheet = unit_ratings.rated_sheet(unit_ratings.rated_units(MEMBERS, FOUND), KEY, "zh")
    assert sheet.headings[3] == "满意率 V1 %"
    assert [row[6] for row in sheet.rows] == [50, 200, 100, 50, 1]

"""What the hot-spot map says: sentences by hand, the method with its errors measured, whole weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from dashboards.cards import hot_words
from queries.cell_map import Basis
from queries.vocabulary import Period
from tests.dashboards.cards.test_hot_spots import NAMES, POLICY, cell_map


@pytest.mark.parametrize(
    ("layer", "basis", "said"),
    [
        (
            "spots",
            Basis.NORMAL,
            "近 12 周有 2 格（1 片）明显高于自身常态，最突出的在上城区 · 清波街道：120 件，为常态的 2.0 倍",
        ),
        (
            "spots",
            Basis.COUNT,
            "近 12 周诉求集聚于 2 格（1 片），占面上全部格的 28.6 %，却占全部件数的 80.8 %",
        ),
        ("patterns", Basis.NORMAL, "近 12 周新增热点 1 格、连续 1 格、加剧 0 格，减弱 0 格"),
        ("heat", Basis.COUNT, "最热的 1% 的格集中了 65.9 % 的诉求"),
        (
            "heat",
            Basis.NORMAL,
            "近 12 周有 2 格（1 片）明显高于自身常态，最突出的在上城区 · 清波街道：120 件，为常态的 2.0 倍",
        ),
    ],
)
def test_what_stands_out_by_hand(layer: str, basis: Basis, said: str) -> None:
    """182 items in all: 0, 2, 9, 9, 15, 27, 120; hot at 95 % are the last two."""
    found = hot_words.sentence(layer, cell_map(basis), NAMES, "12w", "zh")
    assert found.replace("\u00a0", " ") == said


def test_nothing_that_stands_out_is_said_too() -> None:
    calm = replace(cell_map(), spots=np.zeros(7, dtype=np.int8))
    assert hot_words.sentence("spots", calm, NAMES, "26w", "zh") == "近 26 周没有一格明显高于自身常态"
    calm = replace(calm, basis=Basis.COUNT)
    assert hot_words.sentence("spots", calm, NAMES, "26w", "en").endswith("items do not cluster anywhere")


def test_what_is_not_on_the_map_is_said() -> None:
    (line,) = hot_words.unit(cell_map(), POLICY, Basis.NORMAL, "zh")
    assert "7 格；另有 42 件无坐标，未上图" in line
    lines = hot_words.unit(replace(cell_map(Basis.COUNT), expected=None), POLICY, Basis.NORMAL, "zh")
    assert "不足 26 周" in lines[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_method_names_its_source_and_the_errors_of_this_map(lang: str) -> None:
    rows = dict(hot_words.method_rows(cell_map(), POLICY, lang))
    text = " ".join(rows.values()).replace("\u00a0", " ")
    assert "4.8 %" in text
    assert "0.07 %" in text
    assert "19" in text
    assert ("自定义口径" if lang == "zh" else "Our own definition") in text
    assert "Caldas de Castro" in text
    assert "{" not in text
    assert "<dt>" in hot_words.method(cell_map(), POLICY, lang)
    without = " ".join(dict(hot_words.method_rows(None, POLICY, lang)).values())
    assert "{" not in without


@pytest.mark.parametrize(
    ("span", "as_of", "first", "weeks"),
    [
        ("12w", date(2026, 10, 31), date(2023, 11, 1), ("2026-08-03", "2026-10-25")),
        ("12w", date(2026, 11, 1), date(2023, 11, 1), ("2026-08-10", "2026-11-01")),
        ("26w", date(2026, 10, 31), date(2026, 9, 1), ("2026-09-07", "2026-10-25")),
        ("26w", date(2026, 10, 31), date(2026, 10, 30), ("2026-10-19", "2026-10-25")),
    ],
)
def test_only_whole_weeks_that_are_known(span: str, as_of: date, first: date, weeks: tuple[str, str]) -> None:
    assert hot_words.weeks_of(span, as_of, first) == Period(*map(date.fromisoformat, weeks))

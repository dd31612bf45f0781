"""Funnel, bump, dumbbell and small multiples are figures that plotly and a page accept."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from dashboards.figures.bump import Lane, Lanes, bump
from dashboards.figures.dumbbell import Pair, dumbbell
from dashboards.figures.funnel import Dot, FunnelWords, funnel
from dashboards.figures.multiples import Multiple, multiples, scale_of
from dashboards.figures.theme import LIGHT, THEMES, Theme
from queries.insights.funnel_limits import Law, curve

WORDS = FunnelWords("size", "city", "2σ", "3σ")
DOTS = (
    Dot("甲", 100, 0.30, "worse", "甲<br>30 %", named=True),
    Dot("乙", 400, 0.10, "plain", "乙"),
    Dot("丙", 900, 0.11, "plain", "丙", chosen=True),
)
LANES = (
    Lanes(
        "一组", (Lane("甲", (1, 2, 1), ("a", "b", "c"), "better"), Lane("乙", (1, None, 2), ("d", "e", "f")))
    ),
    Lanes("二组", (Lane("丙", (None, None, 1), ("g", "h", "i"), chosen=True),)),
)
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))


@every_theme
def test_funnel_holds_four_limits_the_centre_and_every_member(theme: Theme) -> None:
    drawn = go.Figure(
        funnel(DOTS, curve(0.1, 900, Law.BINOMIAL), 0.1, WORDS, theme, percent=True), _validate=True
    )
    assert len(drawn.data) == 6
    assert list(drawn.data[-1].text) == ["甲", "", "丙"]
    assert [note.text for note in drawn.layout.annotations] == ["city", "3σ", "2σ", "2σ", "3σ"]


def test_funnel_shows_every_member_inside_its_axes() -> None:
    layout = funnel(DOTS, curve(0.1, 900, Law.BINOMIAL), 0.1, WORDS, LIGHT)["layout"]
    low, high = layout["yaxis"]["range"]
    assert all(low < dot.value < high for dot in DOTS)
    assert layout["xaxis"]["range"][0] == 0
    assert layout["xaxis"]["range"][1] > 900


def test_tone_of_a_member_shows_in_its_sign_too() -> None:
    marker = funnel(DOTS, curve(0.1, 900, Law.BINOMIAL), 0.1, WORDS, LIGHT)["data"][-1]["marker"]
    assert marker["symbol"] == ["diamond", "circle-open", "circle-open"]


@every_theme
@pytest.mark.parametrize("fade", [False, True])
def test_bump_draws_first_ranks_on_top_and_groups_below_each_other(theme: Theme, fade: bool) -> None:
    drawn = go.Figure(bump(LANES, ("1", "2", "3"), theme, fade=fade), _validate=True)
    first, second, third = drawn.data
    assert list(first.y) == [-1, -2, -1]
    assert list(second.y) == [-1, None, -2]
    assert third.y[2] < min(first.y)
    texts = [note.text for note in drawn.layout.annotations]
    assert "甲 / 乙 1" in texts
    assert "1 甲" in texts
    assert "2 乙" in texts


@every_theme
def test_dumbbell_joins_only_pairs_that_are_known(theme: Theme) -> None:
    pairs = (Pair("甲", 0.1, 0.2, "worse", "甲"), Pair("乙", None, 0.3, "plain", "乙"))
    drawn = go.Figure(dumbbell(pairs, theme, percent=True), _validate=True)
    assert len(drawn.layout.shapes) == 1
    assert (drawn.layout.shapes[0].x0, drawn.layout.shapes[0].x1) == (0.1, 0.2)
    assert list(drawn.data[0].x) == [0.1, None]
    assert list(drawn.data[1].marker.symbol) == ["diamond", "circle"]
    assert drawn.layout.yaxis.range == (1.5, -0.5)


def test_small_multiples_share_one_scale() -> None:
    cells = (
        Multiple("01", "甲<b>", "1", (0.0, 5.0, None, 2.0), "hint"),
        Multiple("02", "乙", "9", (9.0, 10.0, 10.0, 9.0), "hint", chosen=True),
    )
    assert scale_of(cells, (1.0, None)) == (0.0, 10.0)
    assert scale_of((), ()) == (0.0, 1.0)
    page = multiples(cells, (1.0, 1.0, 1.0, 1.0), (0.0, 10.0))
    assert page.count("<svg") == 2
    assert page.count('class="q-whole"') == 2
    assert 'data-choose="02"' in page
    assert "甲&lt;b&gt;" in page
    # 0 at the foot (49 of 52 pixels), 10 at the top
    assert "3.0,49.0" in page
    assert ",3.0" in page

"""The funnel plot on a logarithmic axis: its range, its labels, names of neighbours apart."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import pytest

from dashboards.figures.funnel import Dot, FunnelWords, funnel
from dashboards.figures.theme import DARK, LIGHT, Theme
from queries.insights.funnel_limits import Law, curve

WORDS = FunnelWords("items", "peers", "2σ", "3σ")
LIMITS = curve(0.9, 1000, Law.BINOMIAL)


def dots(*sizes: float, named: bool = True) -> list[Dot]:
    return [Dot(f"n{size}", size, 0.9, "plain", f"h{size}", named=named) for size in sizes]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("log", [True, False])
def test_it_is_a_figure(theme: Theme, log: bool) -> None:
    drawn = funnel(dots(10, 100, 900), LIMITS, 0.9, WORDS, theme, percent=True, log=log)
    go.Figure(drawn)
    assert drawn["layout"]["xaxis"].get("type") == ("log" if log else None)


def test_a_logarithmic_axis_reaches_from_the_smallest_to_beyond_the_largest() -> None:
    drawn = funnel(dots(9, 900), [one for one in LIMITS if one.size > 20], 0.9, WORDS, LIGHT, log=True)
    low, high = drawn["layout"]["xaxis"]["range"]
    assert low < math.log10(9)
    assert high > math.log10(1000)
    assert {note["x"] for note in drawn["layout"]["annotations"]} == {math.log10(1000)}
    near = funnel(dots(100, 900), LIMITS, 0.9, WORDS, LIGHT, log=True)
    assert min(near["data"][0]["x"]) >= 80


def test_small_members_do_not_flatten_the_chart() -> None:
    """Half of the dots have 500 items and more: the limits there, not those of 5 items, fill the chart."""
    drawn = funnel(dots(5, 500, 1000), LIMITS, 0.9, WORDS, LIGHT, log=True)
    assert drawn["layout"]["yaxis"]["range"][0] > 0.8
    plain = funnel(dots(5, 500, 1000), LIMITS, 0.9, WORDS, LIGHT)
    assert plain["layout"]["yaxis"]["range"][0] < 0.5


def test_names_of_neighbours_in_size_stand_above_and_below() -> None:
    found = [*dots(100, 300, named=False), *dots(200, 400)]
    drawn = funnel(found, LIMITS, 0.9, WORDS, LIGHT)
    assert drawn["data"][-1]["text"] == ["", "", "n200", "n400"]
    assert drawn["data"][-1]["textposition"][2:] == ["bottom center", "top center"]


def test_many_dots_are_smaller() -> None:
    few, many = (funnel(dots(*range(10, 10 + n), named=False), LIMITS, 0.9, WORDS, LIGHT) for n in (9, 200))
    assert few["data"][-1]["marker"]["size"][0] > many["data"][-1]["marker"]["size"][0]

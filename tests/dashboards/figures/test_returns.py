"""Cohorts and return curves are figures that plotly accepts; what is not mature looks it."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
import pytest

from dashboards.figures.cohorts import Cohorts, cohorts
from dashboards.figures.returns import Returned, returns
from dashboards.figures.theme import LIGHT, THEMES, Theme

MONTHS = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))


def line(*mature: bool) -> Cohorts:
    return Cohorts("30 天", MONTHS, (0.03, 0.04, 0.01), mature, ("a", "b", "c"))


@every_theme
def test_what_may_still_rise_is_grey_and_dotted(theme: Theme) -> None:
    drawn = go.Figure(cohorts([line(True, True, False)], theme, height=200), _validate=True)
    young, old = drawn.data
    assert (young.line.color, young.line.dash, young.marker.symbol) == (theme.muted, "dot", "circle-open")
    assert (old.line.color, old.line.dash) == (theme.ink, "solid")
    assert list(old.x) == ["2026-01-01", "2026-02-01"]
    assert list(young.x) == ["2026-02-01", "2026-03-01"], "the dotted part begins where the other ends"
    assert (list(old.text), list(young.text)) == (["a", "b"], ["", "c"]), "no point is read twice"
    assert [note.text for note in drawn.layout.annotations] == ["30 天"]


@pytest.mark.parametrize(("mature", "read"), [((False,) * 3, ["a", "b", "c"]), ((True,) * 3, [""])])
def test_all_young_or_all_mature(mature: tuple[bool, ...], read: list[str]) -> None:
    drawn = cohorts([line(*mature)], LIGHT, height=200)["data"]
    assert drawn[0]["text"] == read
    assert len(drawn[1]["x"]) == sum(mature)


def test_no_cohort_is_an_empty_chart() -> None:
    drawn = go.Figure(cohorts([Cohorts("30", (), (), (), ())], LIGHT, height=200), _validate=True)
    assert not drawn.layout.annotations


@every_theme
def test_curve_has_steps_and_the_names_do_not_cover_each_other(theme: Theme) -> None:
    now = Returned("now", (0.0, 0.1, 0.2), ("a", "b", "c"))
    before = Returned("before", (0.0, 0.2, 0.3), ("d", "e", "f"))
    drawn = go.Figure(returns(now, before, (1, 2), theme, height=200), _validate=True)
    assert [curve.name for curve in drawn.data] == ["before", "now"]
    assert {curve.line.shape for curve in drawn.data} == {"hv"}
    shifts = {note.text: note.yshift for note in drawn.layout.annotations}
    assert shifts["before"] > shifts["now"], "the higher curve has its name above"
    assert [shape.x0 for shape in drawn.layout.shapes] == [1, 2]


def test_curve_without_a_year_before_stands_alone() -> None:
    drawn = returns(Returned("now", (0.0, 0.1), ("a", "b")), None, (1,), LIGHT, height=200)
    assert len(drawn["data"]) == 1

"""The small control charts: limits and centre on one scale with the line, signals as dots of their tone."""

from __future__ import annotations

from dataclasses import replace

from dashboards.figures.control_cells import Cell, control_cells

CELL = Cell(
    name="甲<乙",
    value="12",
    change="+1",
    change_is="worse",
    values=(0.0, None, 10.0),
    lower=(0.0, 0.0, 0.0),
    upper=(10.0, 10.0, 10.0),
    centre=5.0,
    marks=("", "", "worse"),
    lines=(("第 1 名", "unchanged"),),
    hint="1 / 2",
)


def test_line_limits_and_centre_share_a_scale() -> None:
    drawn = control_cells([CELL])
    assert '<polygon points="3.0,3.0 104.0,3.0 205.0,3.0 205.0,41.0 104.0,41.0 3.0,41.0"' in drawn
    assert '<polyline points="3.0,22.0 205.0,22.0" class="q-centre"' in drawn
    assert '<circle cx="205.0" cy="3.0" r="2.6" class="q-dot-worse"/>' in drawn
    assert drawn.count("q-own") == 0  # a gap leaves no two neighbours to join


def test_text_is_escaped_and_the_change_has_its_tone() -> None:
    drawn = control_cells([CELL])
    assert "甲&lt;乙" in drawn
    assert '<p class="q-note q-worse">+1</p>' in drawn
    assert '<p class="q-note q-unchanged">第 1 名</p>' in drawn


def test_without_limits_the_line_stands_alone_and_without_values_nothing_is_drawn() -> None:
    nothing = (None,) * 3
    level = replace(CELL, values=(1.0, 2.0, 3.0), lower=nothing, upper=nothing, centre=None)
    drawn = control_cells([level])
    assert "polygon" not in drawn
    assert "q-centre" not in drawn
    assert 'points="3.0,41.0 104.0,22.0 205.0,3.0" class="q-own"' in drawn
    assert "polyline" not in control_cells([replace(level, values=nothing)])

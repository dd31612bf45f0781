"""A table with bars: widths on one scale, links only where asked for, nothing read as HTML."""

from __future__ import annotations

from dashboards.figures.bars import Bar, bars


def test_a_bar_is_as_wide_as_its_share_and_never_wider_than_its_cell() -> None:
    page = bars(("名称", "值"), [Bar("甲", "25", 0.25), Bar("乙", "多", 1.7), Bar("丙", "负", -0.2)])
    assert "width:25.0%" in page
    assert "width:100.0%" in page
    assert "width:0.0%" in page


def test_a_row_without_a_share_has_no_bar_but_keeps_its_columns() -> None:
    page = bars(("名称", "值", "件数"), [Bar("甲", "未记录", None, ("–",))])
    assert "q-bar-cell" in page
    assert "<i " not in page
    assert page.count("<td") == 4


def test_only_a_row_that_can_be_chosen_takes_clicks_and_the_keyboard() -> None:
    plain, link = bars(("a", "b"), [Bar("x", "1", 0.1)]), bars(("a", "b"), [Bar("x", "1", 0.1, choose="7")])
    assert "data-choose" not in plain
    assert 'data-choose="7"' in link
    assert 'tabindex="0"' in link


def test_names_are_text() -> None:
    assert "<script>" not in bars(("<script>", "b"), [Bar("<script>", "<script>", 0.5, ("<script>",))])

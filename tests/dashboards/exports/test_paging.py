"""Panels on slides: each once and in order, none over another or outside, no word broken, no row cut."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dashboards.exports import paging
from dashboards.exports.deck import Chart, Grid, Lines, Map, Panel
from dashboards.exports.paging import Placed, pages
from dashboards.figures import fitting

CHART = Chart({"data": [{"type": "scatter"}], "layout": {}})
HEAT = Chart({"data": [{"type": "heatmap"}], "layout": {}})
AREAS = Map((), (), (), ())
WORDY = Grid(
    ("Move", "Category", "On 4 weeks ago", "Verdict"),
    (
        (
            "▲2",
            "Party and government affairs of the whole city and its districts",
            "+2.0 points",
            "within chance",
        ),
    )
    * 3,
)


def grid(rows: int, columns: int = 3, cell: str = "12") -> Grid:
    return Grid(("列",) * columns, tuple((f"{row}", *[cell] * (columns - 1)) for row in range(rows)))


BODIES = st.one_of(
    st.sampled_from((CHART, HEAT, AREAS)),
    st.builds(grid, st.integers(1, 70), st.integers(1, 12), st.sampled_from(("12", "很长的街道名称" * 4))),
    st.builds(
        Lines,
        st.lists(st.sampled_from(("74.1", "登记 656 件", "长" * 90)), min_size=1, max_size=20).map(tuple),
    ),
)


def overlap(one: Placed, other: Placed) -> bool:
    return (
        one.left < other.left + other.wide - 0.1
        and other.left < one.left + one.wide - 0.1
        and one.top < other.top + other.high - 0.1
        and other.top < one.top + one.high - 0.1
    )


@given(st.lists(BODIES, max_size=8))
def test_no_panel_is_over_another_or_outside_and_none_is_lost(
    bodies: Sequence[Grid | Lines | Chart | Map],
) -> None:
    panels = [Panel(str(place), "", body) for place, body in enumerate(bodies)]
    found = pages(panels, "zh")
    for page in found:
        for place, one in enumerate(page):
            assert one.left >= paging.MARGIN
            assert one.left + one.wide <= paging.WIDTH - paging.MARGIN + 0.1
            assert one.top >= paging.TOP
            assert one.top + one.high <= paging.BOTTOM + 0.1
            assert not any(overlap(one, other) for other in page[:place])
    placed = [one.panel for page in found for one in page]
    assert list(dict.fromkeys(one.title for one in placed)) == [one.title for one in panels]
    for panel in panels:
        parts = [one.body for one in placed if one.title == panel.title]
        match panel.body:
            case Lines(lines):
                assert (
                    tuple(line for part in parts if isinstance(part, Lines) for line in part.lines) == lines
                )
            case Grid(rows=rows):
                shown = tuple(row for part in parts if isinstance(part, Grid) for row in part.rows)
                assert shown == (rows if len(rows) <= 60 else rows[: len(shown)])
            case body:
                assert parts == [body]


def test_small_panels_stand_below_each_other_and_leave_a_column_to_a_chart() -> None:
    small = Panel("表", "", grid(3))
    (page,) = pages([small, small, Panel("图", "", CHART)], "zh")
    first, second, chart = page
    assert first.left == second.left == paging.MARGIN
    assert second.top > first.top + first.high
    assert chart.left > first.left + first.wide
    assert (chart.top, chart.high) == (paging.TOP, paging.BOTTOM - paging.TOP)


def test_two_panels_stand_side_by_side_and_one_has_the_whole_width() -> None:
    (page,) = pages([Panel("一", "", grid(3)), Panel("二", "", grid(4))], "zh")
    assert page[0].top == page[1].top
    ((alone,),) = pages([Panel("图", "", CHART)], "zh")
    assert alone.wide == paging.WIDTH - 2 * paging.MARGIN


def test_a_wide_table_stands_below_what_is_narrow() -> None:
    (page,) = pages([Panel("窄", "", grid(2)), Panel("宽", "", grid(4, 11))], "zh")
    narrow, wide = page
    assert wide.top > narrow.top + narrow.high
    assert wide.wide == paging.WIDTH - 2 * paging.MARGIN


def test_of_a_long_list_the_first_slide_is_shown_and_its_length_told() -> None:
    ((one,),) = pages([Panel("单位", "按期率", grid(80))], "zh")
    assert isinstance(one.panel.body, Grid)
    rows = len(one.panel.body.rows)
    assert one.panel.subtitle == f"前 {rows} 行，共 80 行，全部见 Excel · 按期率"


def test_without_panels_there_is_one_empty_slide() -> None:
    assert pages([], "en") == [[]]


def test_a_column_has_room_for_its_widest_word() -> None:
    wide = paging.columns(WORDY, 260)
    assert sum(wide) <= 260.1
    for place, one in enumerate(wide):
        texts = (WORDY.headings[place], *(row[place] for row in WORDY.rows))
        assert max(fitting.widest_word(text, paging.CELL) for text in texts) <= one - 8


def test_a_table_takes_the_room_it_is_given() -> None:
    for grid in (WORDY, Grid(("甲", "乙"), (("余杭区", "1"),))):
        assert abs(sum(paging.columns(grid, 400)) - 400) < 0.01


def test_rows_are_as_high_as_their_lines() -> None:
    assert paging.row_height(("余杭区", "1"), (60, 30)) == paging.CELL * paging.LINE + 7
    assert paging.row_height(("余杭区和临平区", "1"), (60, 30)) == 2 * paging.CELL * paging.LINE + 7


def test_a_long_heading_is_set_smaller() -> None:
    assert paging.heading_sizes(Panel("短", "短", Lines(())), 400) == (paging.TITLE, paging.SUBTITLE)
    title, subtitle = paging.heading_sizes(Panel("长" * 70, "长" * 120, Lines(())), 400)
    assert title < paging.TITLE
    assert subtitle < paging.SUBTITLE

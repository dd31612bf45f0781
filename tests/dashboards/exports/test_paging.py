"""Tables of slides: no word is broken while there is room, and no row is taller than it is counted."""

from __future__ import annotations

from dashboards.exports import paging
from dashboards.exports.deck import Chart, Grid, Lines, Panel
from dashboards.figures import fitting
from tests.dashboards.exports.test_slides import HEAT

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


def test_a_heat_map_and_a_broad_table_stand_alone() -> None:
    broad = Panel("", "", Grid(tuple("甲乙丙丁戊己庚辛"), (tuple("12345678"),)))
    lines = Panel("", "", Lines(("甲",)))
    found = paging.pages((lines, lines, Panel("", "", Chart(HEAT)), lines, broad), "zh")
    assert [len(page) for page in found] == [2, 1, 1, 1]


def test_a_long_heading_is_set_smaller() -> None:
    assert paging.heading_sizes(Panel("短", "短", Lines(())), 400) == (paging.TITLE, paging.SUBTITLE)
    title, subtitle = paging.heading_sizes(Panel("长" * 70, "长" * 120, Lines(())), 400)
    assert title < paging.TITLE
    assert subtitle < paging.SUBTITLE

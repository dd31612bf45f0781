"""The ranking table by hand."""

from dashboards.figures.ranking import Column, Group, Headings, Row, ranking

HEADINGS = Headings("rank", "move", "name", "value", "interval", "change", "weeks")


def row(name: str, **changes: object) -> Row:
    given: dict[str, object] = {
        "choose": name.lower(), "name": name, "rank": 1, "move": "▲1", "move_is": "better", "interval": "",
        "value": "80.0", "bar": 0.5, "bar_is": "plain", "change": "+1", "change_is": "better",
    }  # fmt: skip
    return Row(**(given | changes))  # type: ignore[arg-type]


def test_rows_stand_under_their_group_and_can_be_chosen() -> None:
    made = ranking([Group("urban", (row("A"), row("B")))], HEADINGS, chosen="b")
    assert made.index("urban") < made.index(">A<") < made.index(">B<")
    assert 'data-choose="a"' in made
    assert 'tabindex="0"' in made
    assert made.count("q-chosen") == 1


def test_columns_nobody_fills_are_left_out() -> None:
    bare = ranking([Group("", (row("A", move=""),))], HEADINGS)
    assert "interval" not in bare
    assert "weeks" not in bare
    assert "move" not in bare
    full = ranking([Group("", (row("A", interval="1–3", series=(1.0, 2.0)),))], HEADINGS)
    assert "1–3" in full
    assert "polyline" in full


def test_unranked_row_has_a_dash_and_no_bar() -> None:
    made = ranking([Group("", (row("A", rank=None, bar=None),))], HEADINGS)
    assert 'q-rank">–<' in made
    assert "q-fill" not in made


def test_bars_stay_inside_their_track() -> None:
    made = ranking([Group("", (row("A", bar=1.7), row("B", bar=-0.2)))], HEADINGS)
    assert "width:100.0%" in made
    assert "width:0.0%" in made


def test_further_columns_follow_the_rows_across_groups() -> None:
    groups = [Group("x", (row("A"),)), Group("y", (row("B"),))]
    made = ranking(groups, HEADINGS, further=(Column("items", ("11", "22")),))
    assert made.index(">A<") < made.index(">11<") < made.index(">B<") < made.index(">22<")


def test_names_are_escaped() -> None:
    assert "<script" not in ranking([Group("<script>", (row("<script>"),))], HEADINGS)

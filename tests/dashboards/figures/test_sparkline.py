"""Small lines by hand."""

from dashboards.figures.sparkline import sparkline


def points(drawn: str) -> list[str]:
    return [part.split('"')[0] for part in drawn.split('points="')[1:]]


def test_a_rise_runs_from_bottom_left_to_top_right() -> None:
    drawn = sparkline([0, 10], width=20, height=10)
    assert points(drawn) == ["3.0,7.0 17.0,3.0"]
    assert 'cx="17.0" cy="3.0"' in drawn


def test_a_gap_breaks_the_line() -> None:
    assert len(points(sparkline([1, 2, None, 3, 4]))) == 2


def test_rows_share_a_scale_when_it_is_given() -> None:
    drawn = sparkline([5, 5], width=20, height=10, low=0, high=10)
    assert points(drawn) == ["3.0,5.0 17.0,5.0"]


def test_one_known_value_draws_nothing() -> None:
    assert "polyline" not in sparkline([None, 3.0, None])
    assert "circle" not in sparkline([])


def test_label_is_escaped() -> None:
    assert "<x>" not in sparkline([1, 2], label="<x>")

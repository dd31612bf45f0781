"""Bars left and right of zero on one scale."""

from dashboards.figures.contributions import Part, contributions


def test_bars_are_drawn_to_one_scale_around_the_middle() -> None:
    parts = [Part("up", 2.0, "+2.0", "better"), Part("down", -1.0, "−1.0", "worse")]
    made = contributions(parts, title="t", subtitle="s", total="+1.0")
    assert "left:50.0%;width:50.0%" in made
    assert "left:25.0%;width:25.0%" in made
    assert made.index("up") < made.index("down")
    assert "+1.0" in made


def test_nothing_moved() -> None:
    assert "width" not in contributions([], title="t", subtitle="s", total="–")

"""Colours that can be read: AA contrast in both themes, told apart with the three common deficiencies."""

import itertools
import math

import pytest

from dashboards.figures.theme import SIZES, THEMES, Theme, contrast, css_variables, luminance, rgb

BOTH = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))

# Linear RGB as seen with each deficiency (Machado, Oliveira & Fernandes 2009, severity 1.0).
DEFICIENCIES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
JUST_APART = 9.0  # ΔE*ab (CIE 1976) between two marks seen side by side


def lab(colour: str, deficiency: str | None) -> tuple[float, float, float]:
    """CIE L*a*b* of a colour as it is seen."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (b / 255 for b in rgb(colour)[:3])
    ]
    if deficiency:
        rows = DEFICIENCIES[deficiency]
        linear = [min(1.0, max(0.0, sum(w * v for w, v in zip(row, linear, strict=True)))) for row in rows]
    r, g, b = linear
    white = (0.95047, 1.0, 1.08883)
    xyz = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    shares = [value / full for value, full in zip(xyz, white, strict=True)]
    fx, fy, fz = (math.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in shares)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(one: str, other: str, deficiency: str | None) -> float:
    return math.dist(lab(one, deficiency), lab(other, deficiency))


@BOTH
@pytest.mark.parametrize("text", ["ink", "muted", "primary", "better", "worse", "unchanged", "red", "blue"])
def test_text_is_readable_on_cards(theme: Theme, text: str) -> None:
    assert contrast(getattr(theme, text), theme.card) >= 4.5


@BOTH
@pytest.mark.parametrize("text", ["ink", "muted", "primary"])
def test_text_is_readable_on_the_page(theme: Theme, text: str) -> None:
    assert contrast(getattr(theme, text), theme.paper) >= 4.5


@BOTH
@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_better_and_worse_are_told_apart(theme: Theme, deficiency: str | None) -> None:
    assert apart(theme.better, theme.worse, deficiency) > 2 * JUST_APART


@BOTH
@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_neighbouring_classes_of_the_map_are_told_apart(theme: Theme, deficiency: str | None) -> None:
    for low, high in itertools.pairwise(theme.scale):
        assert apart(low, high, deficiency) > JUST_APART, (low, high)


@BOTH
def test_scale_runs_one_way_in_lightness(theme: Theme) -> None:
    steps = [luminance(colour) for colour in theme.scale]
    assert steps == sorted(steps) or steps == sorted(steps, reverse=True)
    # Missing data looks like no class.
    assert all(apart(theme.missing, colour, None) > JUST_APART for colour in theme.scale)


@BOTH
def test_names_are_readable_on_every_class(theme: Theme) -> None:
    for colour in (*theme.scale, theme.missing, theme.selected):
        assert max(contrast(theme.ink, colour), contrast(theme.paper, colour)) >= 3.9, colour


@BOTH
def test_the_page_has_every_token(theme: Theme) -> None:
    variables = css_variables(theme)
    assert f"--q-ink:{theme.ink}" in variables
    assert f"--q-hero:{SIZES['hero']}px" in variables
    assert "--q-scale-5:" in variables


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert rgb("#FF8000", 0.5) == [255, 128, 0, 128]

"""The only file that names a colour, a size of type or a spacing: figures and page read them here."""

from __future__ import annotations

from dataclasses import dataclass, fields

FONT = "'Noto Sans SC Variable', 'Microsoft YaHei', sans-serif"
MONOSPACE = "ui-monospace, 'SFMono-Regular', Consolas, monospace"


@dataclass(frozen=True)
class Theme:
    """One surface with everything drawn on it; colours are `#RRGGBB`.

    `scale` runs from low to high values in perceptually even steps (YlGnBu; reversed at night, where light
    means high). `better`, `worse` and the alarm colours carry meaning and are never decoration.
    """

    name: str
    paper: str
    card: str
    hairline: str
    ink: str
    muted: str
    primary: str
    selected: str
    better: str
    worse: str
    unchanged: str
    red: str
    yellow: str
    blue: str
    missing: str
    band: str
    scale: tuple[str, ...]


LIGHT = Theme(
    name="light",
    paper="#F6F7F9",
    card="#FFFFFF",
    hairline="#E3E7ED",
    ink="#17212E",
    muted="#5F6B7A",
    primary="#274C8F",
    selected="#EAF0FA",
    better="#137C83",
    worse="#C2512B",
    unchanged="#5F6B7A",
    red="#C8281E",
    yellow="#D9920A",
    blue="#2F6FB5",
    missing="#EEF0F3",
    band="#E4E9F1",
    scale=("#FFFFCC", "#BDE5AD", "#7FCDBB", "#41B6C4", "#2C7FB8", "#253494"),
)

DARK = Theme(
    name="dark",
    paper="#0D1520",
    card="#141F2E",
    hairline="#24344A",
    ink="#E8EEF6",
    muted="#93A4B8",
    primary="#8FB3E8",
    selected="#1D2D45",
    better="#4FBFC4",
    worse="#EE8A63",
    unchanged="#93A4B8",
    red="#F0665C",
    yellow="#E8B04A",
    blue="#6BA3E0",
    missing="#1B2838",
    band="#22324A",
    scale=("#27357A", "#2C5C9E", "#2E86B5", "#46B3C1", "#8AD0BC", "#E3F2BE"),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}

# Sizes in CSS pixels; the rhythm of spaces is 8, 16, 24, 40.
SIZES = {
    "title": 22,
    "hero": 44,
    "tile": 28,
    "body": 14,
    "note": 12,
    "space-1": 8,
    "space-2": 16,
    "space-3": 24,
    "space-4": 40,
    "radius": 8,
    "page": 1760,
}


def css_variables(theme: Theme) -> str:
    """`theme` and the sizes as custom properties of the page, such as `--q-ink:#17212E;--q-tile:28px`."""
    colours = {f.name: getattr(theme, f.name) for f in fields(theme) if f.name not in {"name", "scale"}}
    steps = {f"scale-{step}": colour for step, colour in enumerate(theme.scale)}
    sizes = {name: f"{pixels}px" for name, pixels in SIZES.items()}
    values = {**colours, **steps, **sizes, "font": FONT, "monospace": MONOSPACE}
    return ";".join(f"--q-{name}:{value}" for name, value in values.items())


def rgb(colour: str, opacity: float = 1.0) -> list[int]:
    """`#RRGGBB` as the four bytes that deck.gl reads; opacity 0 to 1."""
    return [*bytes.fromhex(colour.removeprefix("#")), round(255 * opacity)]


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 (black) to 1 (white) (WCAG 2.2)."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (byte / 255 for byte in rgb(colour)[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21; AA asks 4.5 of text and 3 of marks (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

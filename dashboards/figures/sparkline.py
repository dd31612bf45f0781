"""A row's last weeks as one small line: SVG, no axis, the latest point marked."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.figures.markup import Markup, joined, tag

_INSET = 3.0


def sparkline(
    values: Sequence[float | None],
    *,
    width: int = 96,
    height: int = 18,
    low: float | None = None,
    high: float | None = None,
    label: str = "",
) -> Markup:
    """`values` oldest first, None where the line breaks, as an SVG of `width` × `height` pixels.

    `low` and `high` fix the scale, so that rows can be compared; else the row's own smallest and largest
    are used. Without two known values the drawing is empty. `label` is read out by screen readers.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return tag("svg", class_="q-spark", width=width, height=height, role="img", aria_label=label or None)
    bottom = min(known) if low is None else low
    top = max(known) if high is None else high
    drawn = runs(values, (width, height), (bottom, top))
    lines = [tag("polyline", points=" ".join(f"{x},{y}" for x, y in run)) for run in drawn if len(run) > 1]
    x, y = next(run for run in reversed(drawn) if run)[-1]
    return tag(
        "svg",
        joined(*lines),
        tag("circle", cx=x, cy=y, r=2.2),
        class_="q-spark",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=label or None,
    )


def runs(
    values: Sequence[float | None], size: tuple[int, int], scale: tuple[float, float]
) -> list[list[tuple[float, float]]]:
    """The pixels of `values` inside `size` (width, height) on `scale` (low, high), cut where one is None."""
    found: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            found.append([])
            continue
        found[-1].append(place(index, value, len(values), size, scale))
    return found


def place(
    index: int, value: float, number: int, size: tuple[int, int], scale: tuple[float, float]
) -> tuple[float, float]:
    """The pixel of the value at `index` of `number` inside `size` (width, height) on `scale` (low, high)."""
    (width, height), (low, high) = size, scale
    share = min(1.0, max(0.0, (value - low) / ((high - low) or 1.0)))
    x = _INSET + index * (width - 2 * _INSET) / max(1, number - 1)
    return round(x, 1), round(height - _INSET - share * (height - 2 * _INSET), 1)

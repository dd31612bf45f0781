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
    spread = (top - bottom) or 1.0

    def place(index: int, value: float) -> tuple[float, float]:
        x = _INSET + index * (width - 2 * _INSET) / (len(values) - 1)
        share = min(1.0, max(0.0, (value - bottom) / spread))
        return round(x, 1), round(height - _INSET - share * (height - 2 * _INSET), 1)

    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(index, value))
    lines = [tag("polyline", points=" ".join(f"{x},{y}" for x, y in run)) for run in runs if len(run) > 1]
    x, y = next(run for run in reversed(runs) if run)[-1]
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

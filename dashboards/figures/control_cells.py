"""Small control charts side by side: a measure's weeks between its limits, signals as dots of their tone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, joined, plain_text, tag
from dashboards.figures.sparkline import place, runs

SIZE = (208, 44)
VIEW = f"0 0 {SIZE[0]} {SIZE[1]}"


@dataclass(frozen=True)
class Cell:
    """One measure: its name, value and change as printed, its weeks oldest first on a scale of its own.

    `lower`, `upper` and `centre` are None where there are no limits; `marks` name the tone of each week that
    is a signal (better, worse, unchanged), else empty; `lines` are what stands below with their tones; `hint`
    is read by the pointer.
    """

    name: str
    value: str
    change: str
    change_is: str
    values: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    centre: float | None
    marks: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    hint: str = ""


def control_cells(cells: Sequence[Cell]) -> Markup:
    """The cells as HTML."""
    return tag("div", *(_cell(cell) for cell in cells), class_="q-cells")


def _cell(cell: Cell) -> Markup:
    return tag(
        "div",
        tag("div", tag("span", cell.name), tag("strong", cell.value), class_="q-cell-head"),
        _drawing(cell),
        tag("p", cell.change, class_=f"q-note q-{cell.change_is}"),
        *(tag("p", text, class_=f"q-note q-{tone}") for text, tone in cell.lines),
        class_="q-cell",
        title=cell.hint or None,
    )


def _drawing(cell: Cell) -> Markup:
    known = [one for one in (*cell.values, *cell.lower, *cell.upper, cell.centre) if one is not None]
    label = f"{cell.name} {plain_text(cell.value)}"
    if len(known) < 2:
        return tag("svg", class_="q-control", viewBox=VIEW, role="img", aria_label=label)
    scale = (min(known), max(known))
    return tag(
        "svg",
        _band(cell, scale),
        _centre(cell, scale),
        *(
            tag("polyline", points=_points(run), class_="q-own")
            for run in runs(cell.values, SIZE, scale)
            if len(run) > 1
        ),
        *(
            tag("circle", cx=at[0], cy=at[1], r=2.6, class_=f"q-dot-{mark}")
            for week, (value, mark) in enumerate(zip(cell.values, cell.marks, strict=True))
            if mark and value is not None
            for at in (place(week, value, len(cell.values), SIZE, scale),)
        ),
        class_="q-control",
        viewBox=VIEW,
        role="img",
        aria_label=label,
    )


def _band(cell: Cell, scale: tuple[float, float]) -> Markup | None:
    weeks = len(cell.values)
    upper = [place(at, one, weeks, SIZE, scale) for at, one in enumerate(cell.upper) if one is not None]
    lower = [place(at, one, weeks, SIZE, scale) for at, one in enumerate(cell.lower) if one is not None]
    return tag("polygon", points=_points([*upper, *reversed(lower)]), class_="q-limits") if upper else None


def _centre(cell: Cell, scale: tuple[float, float]) -> Markup | None:
    if cell.centre is None:
        return None
    ends = [place(at, cell.centre, len(cell.values), SIZE, scale) for at in (0, len(cell.values) - 1)]
    return tag("polyline", points=_points(ends), class_="q-centre")


def _points(points: Sequence[tuple[float, float]]) -> str:
    return joined(*(f"{x},{y} " for x, y in points)).strip()

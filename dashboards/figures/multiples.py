"""Small multiples: one small line per member, all on one scale, the whole's line pale behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, tag
from dashboards.figures.sparkline import runs

SIZE = (172, 52)


@dataclass(frozen=True)
class Multiple:
    """One member: its latest value as printed, its values oldest first; `choose` is what a click reports."""

    choose: str
    name: str
    value: str
    values: tuple[float | None, ...]
    hint: str
    chosen: bool = False


def scale_of(members: Sequence[Multiple], whole: Sequence[float | None]) -> tuple[float, float]:
    """The smallest and largest of all values together, so that the cells can be compared."""
    known = [value for values in (whole, *(one.values for one in members)) for value in values]
    numbers = [value for value in known if value is not None]
    return (min(numbers), max(numbers)) if numbers else (0.0, 1.0)


def multiples(
    members: Sequence[Multiple], whole: Sequence[float | None], scale: tuple[float, float]
) -> Markup:
    """The cells as HTML, all on `scale` (low, high); `whole` is the line behind each."""
    cells = [
        tag(
            "div",
            tag(
                "div",
                tag("span", one.name, title=one.name),
                tag("strong", one.value),
                class_="q-multiple-head",
            ),
            _cell(one, whole, scale),
            class_="q-multiple q-chosen" if one.chosen else "q-multiple",
            data_choose=one.choose,
            tabindex=0,
            role="button",
            title=one.hint,
            aria_label=f"{one.name} {one.value}",
        )
        for one in members
    ]
    return tag("div", *cells, class_="q-multiples")


def _cell(one: Multiple, whole: Sequence[float | None], scale: tuple[float, float]) -> Markup:
    lines = [
        tag("polyline", points=" ".join(f"{x},{y}" for x, y in run), class_=name)
        for values, name in ((whole, "q-whole"), (one.values, "q-own"))
        for run in runs(values, SIZE, scale)
        if len(run) > 1
    ]
    return tag("svg", *lines, viewBox=f"0 0 {SIZE[0]} {SIZE[1]}", width="100%", height=SIZE[1])

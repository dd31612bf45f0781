"""A short table whose second column is a value with its bar: stages, clock bands, deadlines, districts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, joined, plain_text, tag


@dataclass(frozen=True)
class Bar:
    """One row: its name, the value as printed, the bar as a share of the widest (None draws none).

    `colour` is a token of the theme (`red`, `yellow`); `cells` are the further columns as printed; a row with
    `choose`, or with `narrow` (key=code, what the page is narrowed to), can be clicked and reached by the
    keyboard; `hint` is read by the pointer.
    """

    name: str
    value: str
    share: float | None
    cells: tuple[str, ...] = ()
    colour: str = "primary"
    choose: str = ""
    hint: str = ""
    narrow: str = ""


def bars(headings: Sequence[str], rows: Sequence[Bar]) -> Markup:
    """The table as HTML; `headings` are of the name, the value and each further column."""
    name, value, *further = headings
    head = tag(
        "tr",
        tag("th", name, class_="q-name"),
        tag("th", value, class_="q-num", colspan=2),
        *(tag("th", heading, class_="q-num") for heading in further),
    )
    return tag(
        "table",
        tag("thead", head),
        tag("tbody", joined(*(_row(row) for row in rows))),
        class_="q-ranking q-tight",
    )


def _row(row: Bar) -> Markup:
    return tag(
        "tr",
        tag("td", row.name, class_="q-name", title=row.name),
        tag("td", row.value, class_="q-num q-value", title=row.hint or None),
        tag("td", _bar(row), class_="q-bar-cell"),
        *(tag("td", cell, class_="q-num") for cell in row.cells),
        class_="q-row",
        data_choose=row.choose or None,
        data_narrow=row.narrow or None,
        tabindex=0 if row.choose or row.narrow else None,
        role="button" if row.choose or row.narrow else None,
        aria_label=f"{row.name} {plain_text(row.value)}",
    )


def _bar(row: Bar) -> Markup | None:
    if row.share is None:
        return None
    width = min(1.0, max(0.0, row.share)) * 100
    return tag("div", tag("i", style=f"width:{width:.1f}%;background:var(--q-{row.colour})"), class_="q-bar")

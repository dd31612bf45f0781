"""A ranking as a table: rank, move and interval, the value with a bar on one scale, the last weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, joined, plain_text, tag
from dashboards.figures.sparkline import sparkline


@dataclass(frozen=True)
class Column:
    """One further column of figures: its heading and what a row's cell says."""

    heading: str
    cells: tuple[str, ...]
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One ranked row. `choose` is what a click reports; `bar` is 0 to 1 of the scale, None without a value.

    `hint` and `change_hint` are read by the pointer at value and change. `rank` is None for a row that is
    listed without being ranked (样本不足). `move` is ▲2, ▼1 or –; `move_is` its class: better, worse or
    unchanged. `narrow` (key=code) is what a click narrows the page to.
    """

    choose: str
    name: str
    rank: int | None
    move: str
    move_is: str
    interval: str
    value: str
    bar: float | None
    bar_is: str
    change: str
    change_is: str
    hint: str = ""
    change_hint: str = ""
    series: tuple[float | None, ...] = ()
    narrow: str = ""


@dataclass(frozen=True)
class Group:
    """Rows that compare with each other, under their heading."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Headings:
    """The words above the columns."""

    rank: str
    move: str
    name: str
    value: str
    interval: str
    change: str
    series: str


def ranking(
    groups: Sequence[Group],
    headings: Headings,
    *,
    chosen: str | None = None,
    further: Sequence[Column] = (),
    series_scale: tuple[float, float] | None = None,
    no_rank: str = "–",
) -> Markup:
    """The table as HTML; `further` columns hold one cell for each row of all groups, in order.

    A row with a `choose` can be clicked and reached by the keyboard; `chosen` marks one. `series_scale`
    draws all sparklines on one scale. Interval and sparkline columns are left out when no row has one.
    """
    rows = [row for group in groups for row in group.rows]
    with_interval = any(row.interval for row in rows)
    with_series = any(row.series for row in rows)
    with_move = any(row.move for row in rows)
    head = [
        tag("th", headings.rank, class_="q-num"),
        tag("th", headings.move) if with_move else None,
        tag("th", headings.name, class_="q-name"),
        tag("th", headings.value, class_="q-num", colspan=2),
        tag("th", headings.change, class_="q-num"),
        tag("th", headings.interval) if with_interval else None,
        *(tag("th", column.heading, class_="q-num") for column in further),
        tag("th", headings.series) if with_series else None,
    ]
    body, number = [], 0
    span = sum(cell is not None for cell in head) + 1
    for group in groups:
        if group.name:
            body.append(tag("tr", tag("th", group.name, colspan=span, scope="colgroup"), class_="q-group"))
        for row in group.rows:
            cells = [
                tag("td", row.rank if row.rank is not None else no_rank, class_="q-num q-rank"),
                tag("td", row.move, class_=f"q-move q-{row.move_is}") if with_move else None,
                tag("td", row.name, class_="q-name", title=row.name),
                tag("td", row.value, class_="q-num q-value", title=row.hint or None),
                tag("td", _bar(row), class_="q-bar-cell"),
                tag("td", row.change, class_=f"q-num q-{row.change_is}", title=row.change_hint or None),
                tag("td", row.interval, class_="q-interval") if with_interval else None,
                *(
                    tag(
                        "td",
                        column.cells[number],
                        class_="q-num",
                        title=column.hints[number] if column.hints else None,
                    )
                    for column in further
                ),
                tag("td", _series(row, series_scale)) if with_series else None,
            ]
            body.append(
                tag(
                    "tr",
                    *cells,
                    class_="q-row q-chosen" if row.choose and row.choose == chosen else "q-row",
                    data_choose=row.choose or None,
                    data_narrow=row.narrow or None,
                    tabindex=0 if row.choose or row.narrow else None,
                    role="button" if row.choose or row.narrow else None,
                    aria_label=f"{row.name} {plain_text(row.value)}",
                )
            )
            number += 1
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", joined(*body)), class_="q-ranking")


def _bar(row: Row) -> Markup | None:
    if row.bar is None:
        return None
    share = min(1.0, max(0.0, row.bar))
    return tag(
        "div", tag("i", style=f"width:{share * 100:.1f}%", class_=f"q-fill-{row.bar_is}"), class_="q-bar"
    )


def _series(row: Row, scale: tuple[float, float] | None) -> Markup:
    low, high = scale or (None, None)
    return sparkline(row.series, low=low, high=high, label=row.name)

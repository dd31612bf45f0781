"""The index, its aims and what each is made of: the large card, the tiles, the table of indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, tag
from dashboards.figures.sparkline import sparkline


@dataclass(frozen=True)
class Headline:
    """The large number: its name, its value and change in words, the lines below it, its weeks.

    `change_hint` is read by the pointer: why the change has its colour, or none.
    """

    name: str
    value: str
    change: str
    change_is: str
    change_hint: str
    context: tuple[str, ...]
    note: str
    series: tuple[float | None, ...]
    series_label: str


@dataclass(frozen=True)
class Tile:
    """One aim: `choose` is what a click reports, `basis` says how many indicators it rests on."""

    choose: str
    name: str
    value: str
    bar: float | None
    change: str
    change_is: str
    change_hint: str
    basis: str
    hint: str


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator of an aim, each cell as printed; `score` (0 to 100) places it between its goalposts."""

    name: str
    window: str
    value: str
    parts: str
    floor: str
    target: str
    score: float | None
    score_text: str
    weight: str
    contribution: str
    contribution_is: str


@dataclass(frozen=True)
class IndicatorHeadings:
    """The words above the columns of the table of indicators."""

    name: str
    window: str
    value: str
    parts: str
    goalposts: str
    score: str
    weight: str
    contribution: str


def headline(card: Headline) -> Markup:
    """The index as the page's largest number."""
    return tag(
        "section",
        tag("h2", card.name),
        tag("strong", card.value),
        tag(
            "figure",
            sparkline(card.series, width=180, height=44, label=card.series_label),
            title=card.series_label,
        ),
        tag("span", card.change, class_=f"q-change q-{card.change_is}", title=card.change_hint),
        *(tag("p", line) for line in card.context),
        tag("p", card.note, class_="q-note"),
        class_="q-card q-hero",
    )


def tiles(cards: Sequence[Tile], *, chosen: str | None) -> Markup:
    """The aims side by side; a click or Enter on one reports its key."""
    return tag(
        "div",
        *(
            tag(
                "section",
                tag(
                    "div", tag("h3", card.name), tag("span", card.basis, class_="q-note"), class_="q-tile-top"
                ),
                tag(
                    "div",
                    tag("strong", card.value),
                    tag("span", card.change, class_=f"q-change q-{card.change_is}", title=card.change_hint),
                    class_="q-tile-line",
                ),
                tag("div", tag("i", style=f"width:{max(0.0, min(1.0, card.bar)) * 100:.1f}%"), class_="q-bar")
                if card.bar is not None
                else None,
                class_="q-card q-tile q-chosen" if card.choose == chosen else "q-card q-tile",
                data_choose=card.choose,
                tabindex=0,
                role="button",
                title=card.hint,
                aria_expanded="true" if card.choose == chosen else "false",
            )
            for card in cards
        ),
        class_="q-tiles",
    )


def indicators(
    lines: Sequence[IndicatorLine], headings: IndicatorHeadings, *, title: str, note: str
) -> Markup:
    """What an aim is made of: each indicator with its parts, goalposts, score and contribution."""
    head = tag(
        "tr",
        tag("th", headings.name, class_="q-name"),
        tag("th", headings.window, class_="q-name"),
        tag("th", headings.value, class_="q-num"),
        tag("th", headings.parts, class_="q-num"),
        tag("th", headings.goalposts, class_="q-goal"),
        tag("th", headings.score, class_="q-num"),
        tag("th", headings.weight, class_="q-num"),
        tag("th", headings.contribution, class_="q-num"),
    )
    return tag(
        "section",
        tag("h2", title),
        tag("table", tag("thead", head), tag("tbody", *(_line(line) for line in lines)), class_="q-ranking"),
        tag("p", note, class_="q-note"),
        class_="q-card q-panel",
    )


def _line(line: IndicatorLine) -> Markup:
    mark = None
    if line.score is not None:
        mark = tag("i", style=f"left:{max(0.0, min(100.0, line.score)):.1f}%")
    goal = tag(
        "div",
        tag("span", line.floor),
        tag("div", mark, class_="q-track"),
        tag("span", line.target),
        class_="q-goalposts",
    )
    return tag(
        "tr",
        tag("td", line.name, class_="q-name"),
        tag("td", line.window, class_="q-name q-muted"),
        tag("td", line.value, class_="q-num q-value"),
        tag("td", line.parts, class_="q-num"),
        tag("td", goal, class_="q-goal"),
        tag("td", line.score_text, class_="q-num"),
        tag("td", line.weight, class_="q-num"),
        tag("td", line.contribution, class_=f"q-num q-{line.contribution_is}"),
    )

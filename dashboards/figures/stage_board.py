"""Items as small cards in columns, one for each stage; long columns scroll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, tag


@dataclass(frozen=True)
class ItemCard:
    """One item, every text as printed; a click reports `choose`.

    `mark` is a short word beside the place, `due` says how it stands to its plan; an item that `is_late` has
    its edge and that word in the alarm's colour. `hint` is read by the pointer.
    """

    choose: str
    name: str
    place: str
    score: str
    mark: str
    due: str
    is_late: bool
    hint: str


@dataclass(frozen=True)
class Column:
    """One stage: its name, how many items it holds, what is late among them in words (empty: nothing)."""

    name: str
    count: str
    late: str
    cards: tuple[ItemCard, ...]


def stage_board(columns: Sequence[Column], *, chosen: str | None) -> Markup:
    """The columns side by side; every card can be reached by the keyboard, `chosen` marks one."""
    return tag("div", *(_column(one, chosen) for one in columns), class_="q-stages")


def _column(column: Column, chosen: str | None) -> Markup:
    return tag(
        "section",
        tag(
            "h3",
            tag("span", column.name, " ", tag("b", column.count)),
            tag("span", column.late, class_="q-late") if column.late else None,
        ),
        tag("div", *(_card(card, card.choose == chosen) for card in column.cards), class_="q-stage-list"),
        class_="q-stage",
        aria_label=f"{column.name} {column.count} {column.late}".strip(),
    )


def _card(card: ItemCard, is_chosen: bool) -> Markup:
    classes = ["q-item", *(["q-item-late"] if card.is_late else []), *(["q-chosen"] if is_chosen else [])]
    return tag(
        "div",
        tag("b", card.name),
        tag("div", tag("span", card.place), tag("span", card.mark)),
        tag(
            "div",
            tag("strong", card.score),
            tag("span", card.due, class_="q-late" if card.is_late else None),
        ),
        class_=" ".join(classes),
        data_choose=card.choose,
        tabindex=0,
        role="button",
        title=card.hint,
        aria_pressed="true" if is_chosen else "false",
    )

"""会商模式: the decks of the reader, their frozen views in order, the way to the wall and to files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from streamlit.delta_generator import DeltaGenerator

from dashboards import access, deck_desk, deck_file, deck_tools, filters, language, layout, record
from dashboards.cards import decks as words
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board
from queries.execute import Warehouse
from queries.vocabulary import Language, Text
from warehouse.records import decks
from warehouse.records.decks import Deck, Slide


@dataclass(frozen=True)
class Choices:
    """The deck that is looked at, None while there is none, its slides and who looks in which role."""

    as_of: date
    deck: Deck | None
    slides: tuple[Slide, ...]
    reader: str
    role: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        return self.deck.name if self.deck else words.NONE.in_(now)


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    about: str
    cards: tuple[Markup, ...]
    small: tuple[Markup | None, ...]  # what is on each slide, where it can be drawn
    boards: tuple[str, ...]  # of the slides that are open to the reader
    latest: date
    version: str


def choose(warehouse: Warehouse) -> Choices:
    """The filter row; decks are read here, since what they hold is part of the choice."""
    who, store, by = access.reader(), record.records(), record.person()
    known = {str(one.deck_id): one for one in decks.decks_of(store, by)}
    options = {key: Text(one.name, one.name) for key, one in known.items()}
    if not known:
        return Choices(warehouse.info.as_of, None, (), who.user, who.role)
    deck = known[filters.select("deck", words.DECK, options, next(iter(known)))]
    return Choices(deck.as_of, deck, decks.slides_of(store, by, deck.deck_id), who.user, who.role)


def query(_warehouse: Warehouse, choices: Choices) -> tuple[Slide, ...]:
    """The slides: nothing is asked of the warehouse before a view is opened."""
    return choices.slides


def figures(
    warehouse: Warehouse, _slides: tuple[Slide, ...], choices: Choices, now: Language, _theme: Theme
) -> Figures:
    """Each slide in the reader's words."""
    version = warehouse.info.version
    shown = deck_file.opened(access.reader(), choices.deck.deck_id, now)[1] if choices.deck else ()
    return Figures(
        choices=choices,
        about=words.about(choices.deck, choices.reader, now) if choices.deck else "",
        cards=tuple(words.slide_card(one, version, now) for one in shown),
        small=tuple(words.small(one, now) for one in shown),
        boards=tuple(one.slide.view.board for one in shown if one.view is not None),
        latest=warehouse.info.as_of,
        version=version,
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, deck = language.current(), shown.choices.deck
    if deck is None:
        _nothing(words.NONE, now)
        return
    with tools:
        deck_tools.offer(deck, shown.choices.slides, shown.boards, shown.latest, shown.version)
    layout.show(layout.small(shown.about))
    if not shown.cards:
        _nothing(words.NO_SLIDES, now)
    for slide, card, small in zip(shown.choices.slides, shown.cards, shown.small, strict=True):
        with layout.card(f"slide-{slide.slide_id}"):
            told, seen = layout.row(80, 20)
            with told:
                layout.show(card)
                with layout.buttons():
                    deck_tools.offer_slide(slide)
            if small is not None:
                with seen:
                    layout.drawing(f"view-{slide.slide_id}", small)


def _nothing(what: Text, now: Language) -> None:
    with layout.card("nothing"):
        layout.show(layout.heading(what.in_(now), words.NONE_HINT.in_(now)))


BOARD = Board(
    key=deck_desk.BOARD,
    section=Text("会商", "Conference"),
    title=Text("会商模式", "Conference"),
    answers=Text("会上看哪些页、按什么顺序", "Which views a meeting looks at, and in which order"),
    order=220,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
    is_shown=False,
)

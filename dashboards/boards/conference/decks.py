"""会商模式: the decks of the reader, their saved views in order, and the file that goes to the meeting."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import access, deck_desk, deck_file, filters, language, layout, record
from dashboards.cards import decks as words
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board
from queries.execute import Warehouse
from queries.vocabulary import Language, Text
from warehouse.records import decks
from warehouse.records.decks import Deck, Slide

LOG = logging.getLogger("qingyu.dashboards")


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
    slides: tuple[words.Shown, ...]
    cards: tuple[Markup, ...]
    latest: date
    version: str
    file: Callable[[], bytes] | None


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
    warehouse: Warehouse, slides: tuple[Slide, ...], choices: Choices, now: Language, _theme: Theme
) -> Figures:
    """Each slide in the reader's words."""
    shown = tuple(deck_file.shown(warehouse, slide, choices.role, now) for slide in slides)
    version = warehouse.info.version
    return Figures(
        choices=choices,
        about=words.about(choices.deck, choices.reader, now) if choices.deck else "",
        slides=shown,
        cards=tuple(words.slide_card(one, version, now) for one in shown),
        latest=warehouse.info.as_of,
        version=version,
        file=partial(deck_file.powerpoint, warehouse, choices.deck, shown, now)
        if choices.deck and shown
        else None,
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    now, deck = language.current(), shown.choices.deck
    if deck is None:
        _nothing(words.NONE, now)
        return
    with tools:
        _tools(shown, deck, now)
    layout.show(layout.small(shown.about))
    if not shown.slides:
        _nothing(words.NO_SLIDES, now)
    for one, card in zip(shown.slides, shown.cards, strict=True):
        with layout.card(f"slide-{one.slide.slide_id}"):
            layout.show(card)
            with layout.buttons():
                _buttons(one.slide, now)


def _nothing(what: Text, now: Language) -> None:
    with layout.card("nothing"):
        layout.show(layout.heading(what.in_(now), words.NONE_HINT.in_(now)))


def _tools(shown: Figures, deck: Deck, now: Language) -> None:
    day = shown.latest.isoformat()
    if shown.file is not None:
        said = f"{deck.name} · {', '.join(one.slide.view.board for one in shown.slides if one.is_open)}"
        name = f"deck-{deck.deck_id}-{deck.as_of}.pptx"
        layout.download(words.POWERPOINT.in_(now), shown.file, name, words=said, rows=len(shown.slides))
    st.button(
        words.COPY.in_(now).format(day=day),
        key="copy-deck",
        help=words.COPY_HINT.in_(now),
        on_click=_copy,
        args=(deck.deck_id, deck_desk.FIRST_NAME.in_(now).format(day=day), shown.latest, shown.version),
    )
    if deck.owner != shown.choices.reader:
        return
    behind = st.popover(words.EDIT.in_(now), key="edit-deck", on_change="rerun")
    if not behind.open:
        return
    with behind, st.form("edit-deck-form", border=False):
        name = st.text_input(words.RENAME.in_(now), deck.name, max_chars=decks.NAME)
        is_shared = st.checkbox(words.SHARED.in_(now), value=bool(deck.role))
        if st.form_submit_button(words.SAVE.in_(now), type="primary", key="edit-deck-save"):
            if name.strip() != deck.name:
                _act(decks.rename, deck.deck_id, name)
            if is_shared != bool(deck.role):
                _act(decks.share, deck.deck_id, shown.choices.role if is_shared else "")
            st.rerun()
    behind.button(words.REMOVE.in_(now), key="remove-deck", on_click=_act, args=(decks.remove, deck.deck_id))


def _buttons(slide: Slide, now: Language) -> None:
    number = slide.slide_id
    for label, act, more in (
        (words.UP, decks.move, (-1,)),
        (words.DOWN, decks.move, (1,)),
        (words.TAKE_OUT, decks.take_out, ()),
    ):
        act_on = (act, slide.deck_id, number, *more)
        st.button(label.in_(now), key=f"{label.en}-{number}", on_click=_act, args=act_on)
    behind = st.popover(words.NOTE.in_(now), key=f"note-{number}", on_change="rerun")
    if not behind.open:
        return
    with behind, st.form(f"note-form-{number}", border=False):
        text = st.text_area(words.NOTE_LABEL.in_(now), slide.view.note, max_chars=decks.NOTE)
        if st.form_submit_button(words.SAVE.in_(now), type="primary", key=f"note-save-{number}"):
            _act(decks.write_note, slide.deck_id, number, text)
            st.rerun()


def _act(act: Callable[..., object], *given: object) -> None:
    """Does it for the reader; where somebody was quicker, the page drawn next shows what is so."""
    try:
        act(record.records(), record.person(), *given)
    except ValueError as wrong:
        LOG.warning("decks: %s", wrong)


def _copy(deck_id: int, name: str, as_of: date, version: str) -> None:
    def copy(*of: object) -> None:
        filters.choose("deck", str(decks.duplicate(*of)))  # type: ignore[arg-type]

    _act(copy, deck_id, name, as_of, version)


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

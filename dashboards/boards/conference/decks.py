"""会商模式: the decks of the reader, their frozen views in order, the way to the wall and to files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import access, data, deck_desk, deck_file, filters, language, layout, record
from dashboards.cards import decks as words
from dashboards.cards.bulletin_page import NO_PDF
from dashboards.exports.deck_pdf import pdf
from dashboards.exports.deck_workbook import workbook
from dashboards.exports.pdf import can_print
from dashboards.exports.pictures import pictures
from dashboards.exports.slides import slides as powerpoint
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board
from queries.errors import QueryError
from queries.execute import Warehouse
from queries.vocabulary import Language, Text
from warehouse.errors import WarehouseError
from warehouse.records import decks
from warehouse.records.decks import Deck, Slide, View
from warehouse.records.frozen import Frozen

# In the order of their words.
WRITERS = (powerpoint, pdf, workbook, pictures)
# What needs the system's Pango.
SET = (pdf, pictures)
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
        _tools(shown, deck, now)
    layout.show(layout.small(shown.about))
    if not shown.cards:
        _nothing(words.NO_SLIDES, now)
    for slide, card, small in zip(shown.choices.slides, shown.cards, shown.small, strict=True):
        with layout.card(f"slide-{slide.slide_id}"):
            told, seen = layout.row(80, 20)
            with told:
                layout.show(card)
                with layout.buttons():
                    _buttons(slide, now)
            if small is not None:
                with seen:
                    layout.drawing(f"view-{slide.slide_id}", small)


def _nothing(what: Text, now: Language) -> None:
    with layout.card("nothing"):
        layout.show(layout.heading(what.in_(now), words.NONE_HINT.in_(now)))


def _tools(shown: Figures, deck: Deck, now: Language) -> None:
    day, slides = shown.latest.isoformat(), shown.choices.slides
    if shown.boards:
        place = f"/present/{deck.deck_id}?lang={now}"
        st.link_button(words.PRESENT.in_(now), place, type="primary", help=words.PRESENT_HINT.in_(now))
        _files(shown, deck, now)
    if st.button(words.COPY.in_(now).format(day=day), key="copy-deck", help=words.COPY_HINT.in_(now)):
        views = decks.copied(slides, shown.latest, shown.version)
        frozen = [one for one in _freeze(views, now) if one is not None]
        _copy(deck, deck_desk.FIRST_NAME.in_(now).format(day=day), shown, frozen)
    if slides and st.button(words.FREEZE.in_(now), key="freeze-deck", help=words.FREEZE_HINT.in_(now)):
        made = _freeze([replace(one.view, version=shown.version) for one in slides], now)
        anew = {one.slide_id: found[1] for one, found in zip(slides, made, strict=True) if found is not None}
        _act(decks.freeze, deck.deck_id, shown.version, anew)
        st.rerun()
    if deck.owner == shown.choices.reader:
        _manage(shown, deck, now)


def _files(shown: Figures, deck: Deck, now: Language) -> None:
    """The deck as files, for roles that take files away; made when they are asked for."""
    behind = st.popover(words.FILES.in_(now), key="deck-files", on_change="rerun")
    if not behind.open:
        return
    said, reader = f"{deck.name} · {', '.join(shown.boards)}", access.reader()
    with behind:
        for (label, ending), write in zip(words.FILE_KINDS, WRITERS, strict=True):
            if write in SET and not can_print():
                layout.show(layout.small(NO_PDF.in_(now)))
                continue
            made = partial(deck_file.file, reader, deck.deck_id, now, write)
            name = f"deck-{deck.deck_id}-{deck.as_of}.{ending}"
            layout.download(label.in_(now), made, name, f"deck-{ending}", words=said, rows=len(shown.boards))


def _freeze(views: Sequence[View], now: Language) -> list[tuple[View, Frozen] | None]:
    """Each view with what it shows now; None where it cannot be shown, which is said."""
    warehouse, roles, role, rights = data.warehouse(), access.roles(), access.reader().role, access.rights()
    made: list[tuple[View, Frozen] | None] = []
    told = st.empty()
    for place, view in enumerate(views, 1):
        share, said = (place - 1) / len(views), words.FREEZING.in_(now).format(place=place, all=len(views))
        told.progress(share, said)
        board = deck_file.open_board(view.board, roles, role)
        try:
            made.append(None if board is None else (view, board.freeze(warehouse, view, rights)))
        except (QueryError, WarehouseError) as wrong:
            LOG.warning("decks: %s as of %s: %s", view.board, view.as_of, wrong)
            made.append(None)
        if made[-1] is None:
            st.toast(words.LEFT_OUT.in_(now).format(place=place))
    told.empty()
    return made


def _manage(shown: Figures, deck: Deck, now: Language) -> None:
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


def _copy(deck: Deck, name: str, shown: Figures, frozen: Sequence[tuple[View, Frozen]]) -> None:
    def copy(*of: object) -> None:
        filters.choose("deck", str(decks.duplicate(*of)))  # type: ignore[arg-type]

    _act(copy, deck.deck_id, name, shown.latest, shown.version, frozen)
    st.rerun()


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

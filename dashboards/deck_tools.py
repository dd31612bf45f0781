"""What is done with a deck from its board: shown, taken away, copied, frozen anew, put in order, named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from dashboards import access, data, deck_desk, deck_file, filters, language, layout, record
from dashboards.cards import decks as words
from dashboards.cards.bulletin_page import NO_PDF
from dashboards.exports.deck_pdf import pdf
from dashboards.exports.deck_workbook import workbook
from dashboards.exports.pdf import can_print
from dashboards.exports.pictures import pictures
from dashboards.exports.slides import slides as powerpoint
from queries.errors import QueryError
from queries.vocabulary import Language
from warehouse.errors import WarehouseError
from warehouse.records import decks
from warehouse.records.decks import Deck, Slide, View
from warehouse.records.frozen import Frozen

LOG = logging.getLogger("qingyu.dashboards")
# In the order of their words.
WRITERS = (powerpoint, pdf, workbook, pictures)
# What needs the system's Pango.
SET = (pdf, pictures)


def offer(deck: Deck, slides: Sequence[Slide], boards: Sequence[str], latest: date, version: str) -> None:
    """The buttons of a deck: the wall, its files, a copy as of the `latest` day, freezing anew, its name.

    `boards` are those of the slides that are open to the reader, `version` is the warehouse's. Raises
    RecordsUnavailable, and as access.reader.
    """
    now, day = language.current(), latest.isoformat()
    if boards:
        place = f"/present/{deck.deck_id}?lang={now}"
        st.link_button(words.PRESENT.in_(now), place, type="primary", help=words.PRESENT_HINT.in_(now))
        _files(deck, boards, now)
    if st.button(words.COPY.in_(now).format(day=day), key="copy-deck", help=words.COPY_HINT.in_(now)):
        views = decks.copied(slides, latest, version)
        frozen = [one for one in _freeze(views, now) if one is not None]
        name = deck_desk.FIRST_NAME.in_(now).format(day=day)
        _act(_duplicated, deck.deck_id, name, latest, version, frozen)
        st.rerun()
    if slides and st.button(words.FREEZE.in_(now), key="freeze-deck", help=words.FREEZE_HINT.in_(now)):
        made = _freeze([replace(one.view, version=version) for one in slides], now)
        anew = {one.slide_id: found[1] for one, found in zip(slides, made, strict=True) if found is not None}
        _act(decks.freeze, deck.deck_id, version, anew)
        st.rerun()
    if deck.owner == access.reader().user:
        _manage(deck, now)


def offer_slide(slide: Slide) -> None:
    """The buttons of a slide: its place, its note, out of the deck."""
    now, number = language.current(), slide.slide_id
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


def _files(deck: Deck, boards: Sequence[str], now: Language) -> None:
    """The deck as files, for roles that take files away; made when they are asked for."""
    behind = st.popover(words.FILES.in_(now), key="deck-files", on_change="rerun")
    if not behind.open:
        return
    said, reader = f"{deck.name} · {', '.join(boards)}", access.reader()
    with behind:
        for (label, ending), write in zip(words.FILE_KINDS, WRITERS, strict=True):
            if write in SET and not can_print():
                layout.show(layout.small(NO_PDF.in_(now)))
                continue
            made = partial(deck_file.file, reader, deck.deck_id, now, write)
            name = f"deck-{deck.deck_id}-{deck.as_of}.{ending}"
            layout.download(label.in_(now), made, name, f"deck-{ending}", words=said, rows=len(boards))


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


def _manage(deck: Deck, now: Language) -> None:
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
                _act(decks.share, deck.deck_id, access.reader().role if is_shared else "")
            st.rerun()
    behind.button(words.REMOVE.in_(now), key="remove-deck", on_click=_act, args=(decks.remove, deck.deck_id))


def _act(act: Callable[..., object], *given: object) -> None:
    """Does it for the reader; where somebody was quicker, the page drawn next shows what is so."""
    try:
        act(record.records(), record.person(), *given)
    except ValueError as wrong:
        LOG.warning("decks: %s", wrong)


def _duplicated(*of: object) -> None:
    filters.choose("deck", str(decks.duplicate(*of)))  # type: ignore[arg-type]

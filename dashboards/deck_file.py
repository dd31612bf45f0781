"""A deck as its reader may see it: frozen slides, and the same content for every file and for the screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from dashboards import access, deck_desk, record
from dashboards.cards import decks as words
from dashboards.cards.downloads import definition_headings
from dashboards.exports import deck as content
from dashboards.exports.frozen import Unreadable, unpack
from dashboards.exports.presentation import presentation
from dashboards.guard.viewers import Viewer
from dashboards.recipe import Board, board_of
from queries.roles import Roles
from queries.vocabulary import Language, Text
from warehouse.records import decks
from warehouse.records.audit import Action
from warehouse.records.decks import Deck, Slide

LOG = logging.getLogger("qingyu.dashboards")


def opened(viewer: Viewer, deck_id: int, now: Language) -> tuple[Deck, tuple[words.Shown, ...]]:
    """A deck that is theirs or shared with their role, and its slides as they may see them.

    Raises ValueError for any other deck, RecordsUnavailable, and as `access.rights`.
    """
    found = decks.open_deck(record.records(), record.person_of(viewer), deck_id, now)
    roles, rights = access.roles(), access.rights(viewer)
    return found.deck, tuple(
        _shown(slide, found.kept.get(slide.slide_id), roles, viewer.role, rights, now)
        for slide in found.slides
    )


def file(viewer: Viewer, deck_id: int, now: Language, write: Callable[[content.Deck], bytes]) -> bytes:
    """The deck as `write` makes a file of it; raises as `opened`."""
    return write(content_of(*opened(viewer, deck_id, now), now))


def present(viewer: Viewer, deck_id: int, now: Language, *, is_speaker: bool) -> str | None:
    """The page that shows a deck, None when it is not theirs or their role opens no decks.

    That it is shown is on record before. Raises RecordsUnavailable, and as `access.rights`.
    """
    if not access.roles().may_open(viewer.role, deck_desk.BOARD):
        record.noted_of(viewer, Action.DENIED, deck_desk.BOARD)
        return None
    try:
        deck, found = opened(viewer, deck_id, now)
    except ValueError as wrong:
        LOG.warning("deck %s: %s", deck_id, wrong)
        return None
    said = (words.SPOKEN if is_speaker else words.PRESENTED).format(name=deck.name)
    record.noted_of(
        viewer, Action.VIEWED, deck_desk.BOARD, said, version=deck.version, as_of=deck.as_of, rows=len(found)
    )
    address, back = f"/present/{deck_id}?lang={now}", f"/{deck_desk.BOARD}?deck={deck_id}&lang={now}"
    return presentation(content_of(deck, found, now), address, back, is_speaker=is_speaker)


def open_board(key: str, roles: Roles, role: str) -> Board | None:
    """The board of this key where it is one for slides and open to the role."""
    board = board_of(key)
    return board if board is not None and board.is_shown and roles.may_open(role, key) else None


def content_of(deck: Deck, found: Sequence[words.Shown], now: Language) -> content.Deck:
    """The deck as its file writers and the presenter take it: the slides that are open, as frozen."""
    views = tuple(replace(one.view, note=one.slide.view.note) for one in found if one.view is not None)
    return content.Deck(
        language=now,
        title=deck.name,
        subtitle=words.first_slide(deck, len(views), now),
        mark=next((one.mark for one in found if one.mark), ""),
        more=words.MORE.in_(now),
        dated=deck.as_of,
        views=views,
        headings=definition_headings(now),
    )


def _shown(
    slide: Slide, kept: tuple[str, bytes] | None, roles: Roles, role: str, rights: str, now: Language
) -> words.Shown:
    board = board_of(slide.view.board)
    title = board.title.in_(now) if board else slide.view.board
    if open_board(slide.view.board, roles, role) is None:
        return _closed(slide, title, words.CLOSED)
    if kept is None:
        return _closed(slide, title, words.NOT_FROZEN)
    made_for, packed = kept
    if made_for != rights:
        return _closed(slide, title, words.OTHER_RIGHTS)
    try:
        view, mark = unpack(packed)
    except Unreadable as wrong:
        LOG.error("slide %s: %s", slide.slide_id, wrong)
        return _closed(slide, title, words.NOT_FROZEN)
    return words.Shown(slide, view.title, view.words, view=view, mark=mark)


def _closed(slide: Slide, title: str, why: Text) -> words.Shown:
    return words.Shown(slide, title, slide.view.title, why=why)

"""A deck as slides: each saved view worked out anew for what the reader may see, as its board draws it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from dashboards import access
from dashboards.cards import decks as words
from dashboards.cards import saved_views
from dashboards.exports import deck as content
from dashboards.exports.slides import slides
from dashboards.figures.theme import LIGHT
from dashboards.recipe import DEMO, Empty, board_of
from queries.errors import QueryError
from queries.execute import Warehouse
from queries.policies import in_force, read_index, read_major_issues
from queries.vocabulary import Language
from warehouse.records.decks import Deck, Slide

LOG = logging.getLogger("qingyu.dashboards")


def shown(warehouse: Warehouse, slide: Slide, role: str, now: Language) -> words.Shown:
    """A slide in the reader's words; `role` is the reader's."""
    view, board = slide.view, board_of(slide.view.board)
    title = board.title.in_(now) if board else view.board
    if board is None or not board.is_shown or not access.roles().may_open(role, view.board):
        return words.Shown(slide, title, view.title, is_open=False)
    try:
        said = board.saved_choices(warehouse, view.address, now).said(now)
    except QueryError as wrong:  # a member it names may have gone
        LOG.warning("slide %s: %s", slide.slide_id, wrong)
        said = view.title
    return words.Shown(slide, title, said, is_open=True)


def powerpoint(warehouse: Warehouse, deck: Deck, found: Sequence[words.Shown], now: Language) -> bytes:
    """The slides whose boards are open to the reader, worked out for what the reader may see."""
    views = [_view(warehouse, one, now) for one in found if one.is_open]
    mark = DEMO.in_(now) if warehouse.info.is_demo else ""
    told = words.first_slide(deck, warehouse.info.version, len(views), now)
    more = words.MORE.in_(now)
    return slides(content.Deck(now, deck.name, told, mark, more, deck.as_of, tuple(views)))


def _view(warehouse: Warehouse, one: words.Shown, now: Language) -> content.View:
    view, board = one.slide.view, board_of(one.slide.view.board)
    policies = (in_force(read_index(), view.as_of).version, in_force(read_major_issues(), view.as_of).version)
    line = words.line(view.as_of, warehouse.info.version, policies, now)
    try:
        drawn = board.saved_figures(warehouse, view.address, now, LIGHT) if board else None
    except Empty:
        drawn = None
    panels = saved_views.panels(drawn) or (words.nothing(now),)
    remarks = saved_views.remarks(drawn)
    return content.View(one.title, one.words, line, view.note, remarks, panels)

"""加入会商: the button that freezes what a page shows into a deck, with a note; each view is on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

import streamlit as st

from dashboards import access, filters, language, layout, record
from queries.vocabulary import Language, Text
from warehouse.records import decks
from warehouse.records.decks import Deck, View
from warehouse.records.frozen import Frozen

BOARD = "decks"
ADD = Text("加入会商", "Add to deck")
WHICH, NEW = Text("加入哪一个会商", "To which deck"), Text("新建会商", "A new deck")
NAME = Text("名称（60 字以内）", "Name (up to 60 characters)")
NOTE = Text("备注（1000 字以内，勿写个人信息）", "Note (up to 1,000 characters, nothing personal)")
SHARE = Text("与同角色人员共享", "Share with my role")
SHARED = Text("{name}（{owner} 共享）", "{name} (shared by {owner})")
FIRST_NAME = Text("{day} 会商", "Conference {day}")
REFUSED = Text(
    "没有保存：名称须 1–60 字，备注不超过 1000 字，每个会商最多 60 页，每人最多 50 个会商；"
    "也可能刚被他人修改，请刷新后重试。",
    "Not saved: a name has 1 to 60 characters, a note up to 1,000, a deck 60 slides, a reader 50 decks;"
    " or somebody has just changed it: load the page again.",
)
_SAVE, _SAVED = Text("保存", "Save"), Text("已加入“{name}”", "Added to “{name}”")
_HINT = Text(
    "将当前页面的图表和数字定格存入会商，此后数据更新不会改变它",
    "Freezes what this page shows into a deck: later data does not change it",
)
_FREEZING = Text("正在定格……", "Freezing …")


class Choices(Protocol):
    """What every board's choices know of themselves."""

    @property
    def as_of(self) -> date:
        """The day that the view is of."""

    def said(self, now: Language, /) -> str:
        """The choices in words."""


def offer(board: str, choices: Choices, version: str, freeze: Callable[[View], Frozen]) -> None:
    """The button, for roles that open the deck board; `version` is the warehouse's.

    `freeze` makes what the deck keeps of a view.

    Raises RecordsUnavailable, and then nothing is kept, and as access.may_open.
    """
    if not access.may_open(BOARD):
        return
    now = language.current()
    # What is behind the button is asked for when it is opened.
    behind = st.popover(ADD.in_(now), help=_HINT.in_(now), key="add-to-deck", on_change="rerun")
    if not behind.open:
        return
    mine = {str(one.deck_id): one for one in decks.decks_of(record.records(), record.person())}
    with behind, st.form("deck-form", border=False):
        chosen = st.selectbox(
            WHICH.in_(now),
            [*mine, ""],
            format_func=lambda key: said(mine[key], now) if key in mine else NEW.in_(now),
            key="deck-chosen",
        )
        first = FIRST_NAME.in_(now).format(day=choices.as_of)
        named = f"{NEW.in_(now)} · {NAME.in_(now)}"
        name = st.text_input(named, first, max_chars=decks.NAME, key="deck-name")
        is_shared = st.checkbox(f"{NEW.in_(now)} · {SHARE.in_(now)}", key="deck-shared")
        note = st.text_area(NOTE.in_(now), max_chars=decks.NOTE, height=80, key="deck-note")
        is_sent = st.form_submit_button(_SAVE.in_(now), type="primary", key="deck-save")
    if not is_sent:
        return
    title = choices.said(language.CHINESE)[: decks.TITLE]
    view = View(board, filters.address(choices.as_of), title, choices.as_of, version, note)
    with behind:
        try:
            with st.spinner(_FREEZING.in_(now)):
                frozen = freeze(view)
            role = access.reader().role if is_shared else ""
            kept = _kept(mine.get(chosen), name, view, frozen, role)
        except ValueError:
            layout.show(layout.small(REFUSED.in_(now)))
        else:
            layout.show(layout.small(_SAVED.in_(now).format(name=kept)))


def said(deck: Deck, now: Language) -> str:
    """A deck by its name, and who shares it where it is another's."""
    if deck.owner == access.reader().user:
        return deck.name
    return SHARED.in_(now).format(name=deck.name, owner=deck.owner_name or deck.owner)


def _kept(deck: Deck | None, name: str, view: View, frozen: Frozen, role: str) -> str:
    """Puts the view into the deck, or into a new one of this name; returns its name."""
    store, by = record.records(), record.person()
    if deck is not None:
        decks.add_slide(store, by, deck.deck_id, view, frozen)
        return deck.name
    made = decks.make(store, by, name, view.as_of, view.version, role)
    decks.add_slide(store, by, made, view, frozen)
    return name

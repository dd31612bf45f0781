"""The only file that makes decks for tests: twelve views of a leader, frozen from a warehouse."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboards import access
from dashboards.guard.viewers import Viewer
from dashboards.navigation import all_boards
from dashboards.recipe import board_of
from queries.execute import Warehouse
from queries.vocabulary import Text
from warehouse.records import decks
from warehouse.records.audit import Person
from warehouse.records.decks import View
from warehouse.records.frozen import Frozen
from warehouse.records.opening import Records

# Boards of the leadership section, two of them also for one district.
ADDRESSES = (
    ("overview", ""), ("overview", "district=330110"), ("volume", ""), ("volume", "district=330109"),
    ("repeats", ""), ("backlog", ""), ("hotspots", ""), ("issues", ""), ("rankings", ""),
    ("profile", "district=330110"), ("handling", ""), ("responsiveness", ""),
)  # fmt: skip


@dataclass(frozen=True)
class DemoReader:
    """A browser of the demo: the cookie that makes it a reader, and who that is."""

    cookie: str

    @property
    def viewer(self) -> Viewer:
        """The reader, in the role that the demo begins in."""
        login = hashlib.sha256(self.cookie.encode("ascii")).hexdigest()
        return Viewer(f"demo-{login[:16]}", f"demo-{login[:16]}", login, "leader", is_demo=True)


def demo_reader() -> DemoReader:
    """A browser that nobody else is."""
    return DemoReader(f"{int(time.time())}.{secrets.token_urlsafe(32)}")


def views(warehouse: Warehouse, addresses: Sequence[tuple[str, str]] = ADDRESSES) -> tuple[View, ...]:
    """The views of these boards as of the warehouse's last day."""
    all_boards()
    day, version = warehouse.info.as_of, warehouse.info.version
    return tuple(
        View(key, decks.dated(address, day), _title(key).zh, day, version, f"第 {place} 页要点")
        for place, (key, address) in enumerate(addresses, 1)
    )


def freeze(warehouse: Warehouse, viewer: Viewer, view: View) -> Frozen:
    """What a view shows this reader, to whom `warehouse` is bound."""
    board = board_of(view.board)
    assert board is not None
    return board.freeze(warehouse, view, access.rights(viewer))


def leaders_deck(
    records: Records,
    warehouse: Warehouse,
    viewer: Viewer,
    addresses: Sequence[tuple[str, str]] = ADDRESSES,
    day: date | None = None,
) -> int:
    """A deck of the reader's own with a frozen slide for each view; returns its number."""
    by = Person(viewer.user, viewer.name, viewer.role)
    info = warehouse.info
    deck = decks.make(records, by, "十月联席会议", day or info.as_of, info.version)
    for view in views(warehouse, addresses):
        decks.add_slide(records, by, deck, view, freeze(warehouse, viewer, view))
    return deck


def _title(key: str) -> Text:
    board = board_of(key)
    assert board is not None
    return board.title

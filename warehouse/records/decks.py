"""Decks 会商: saved views in the order in which they are shown, and one record for each change of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from warehouse.people import mask
from warehouse.records.audit import Action, Entry, Person, add, timestamp
from warehouse.records.frozen import Frozen, drop, keep, kept
from warehouse.records.opening import Records
from warehouse.records.tables import deck, slide

AS_OF = "as_of"  # the choice of every address that names its day
DECKS, SLIDES = 50, 60  # of one owner, of one deck
NAME, TITLE, NOTE, ADDRESS = 60, 300, 1000, 2000  # characters
_LINES = "\n"


class Change(StrEnum):
    """What was done to a deck, as its record says it."""

    MADE = "新建"
    COPIED = "复制"
    RENAMED = "改名"
    SHARED = "共享"
    UNSHARED = "取消共享"
    REMOVED = "删除"
    ADDED = "加入"
    NOTED = "备注"
    MOVED = "移动"
    TAKEN_OUT = "移出"
    FROZEN = "重新定格"


@dataclass(frozen=True)
class Deck:
    """A deck: whose it is, the role whose readers share it (empty: nobody), as of which day and version.

    `created_at` and `changed_at` are times in UTC, `slides` counts its views.
    """

    deck_id: int
    name: str
    owner: str
    owner_name: str
    role: str
    as_of: date
    version: str
    created_at: datetime
    changed_at: datetime
    slides: int


@dataclass(frozen=True)
class View:
    """What is saved: a board, the choices as its address spells them, its title, the day and the version."""

    board: str
    address: str
    title: str
    as_of: date
    version: str
    note: str = ""


@dataclass(frozen=True)
class Slide:
    """A saved view at its place (1, 2, 3 …) in a deck."""

    slide_id: int
    deck_id: int
    place: int
    view: View


@dataclass(frozen=True)
class Opened:
    """A deck with its slides; `kept` is the rights and the content of each that is frozen, by slide.

    A slide whose content was damaged is not among them.
    """

    deck: Deck
    slides: tuple[Slide, ...]
    kept: Mapping[int, tuple[str, bytes]] = field(repr=False)


def decks_of(records: Records, by: Person) -> tuple[Deck, ...]:
    """The decks that are theirs or shared with their role, the last changed first."""
    counted = select(func.count()).where(slide.c.deck_id == deck.c.deck_id).scalar_subquery()
    query = select(deck, counted.label("slides")).where(_open_to(by))
    with records.reading() as connection:
        found = connection.execute(query.order_by(deck.c.changed_at.desc())).mappings().all()
    return tuple(_deck(row) for row in found)


def slides_of(records: Records, by: Person, deck_id: int) -> tuple[Slide, ...]:
    """The slides of a deck in their order; raises ValueError when it is neither theirs nor shared."""
    with records.reading() as connection:
        _require(connection, by, deck_id)
        return _slides(connection, deck_id)


def make(records: Records, by: Person, name: str, as_of: date, version: str, role: str = "") -> int:
    """Begin an empty deck, shared with the readers of `role`; returns its number. Raises ValueError."""
    with records.writing() as connection:
        return _made(connection, by, name, as_of, version, role, Change.MADE)


def open_deck(records: Records, by: Person, deck_id: int, language: str) -> Opened:
    """A deck, its slides and what they showed when they were frozen, as they stand at one moment.

    Raises ValueError as `slides_of`.
    """
    with records.reading() as connection:
        found = _require(connection, by, deck_id)
        slides = _slides(connection, deck_id)
        return Opened(_deck({**found, "slides": len(slides)}), slides, kept(connection, deck_id, language))


def add_slide(records: Records, by: Person, deck_id: int, view: View, frozen: Frozen) -> int:
    """Put a view behind the last slide with what it shows; returns its number.

    Raises ValueError, also when the deck is full.
    """
    with records.writing() as connection:
        _require(connection, by, deck_id)
        return _added(connection, by, deck_id, view, frozen)


def freeze(records: Records, by: Person, deck_id: int, version: str, frozen: Mapping[int, Frozen]) -> None:
    """Let the slides of a deck show what they show as of `version` from now on, by slide. Raises ValueError.

    Slides that are not named stay as they are.
    """
    with records.writing() as connection:
        _require(connection, by, deck_id)
        for slide_id, what in frozen.items():
            view = _require_slide(connection, deck_id, slide_id)
            words = f"{Change.FROZEN.value} · {view.title}"
            entry = Entry(Action.DECK_CHANGED, by, view.board, words, version, view.as_of, sha256=what.sha256)
            add(connection, entry, datetime.now(UTC))
            connection.execute(update(slide).where(slide.c.slide_id == slide_id).values(version=version))
            keep(connection, slide_id, what)
        _set(connection, deck_id, version=version, changed_at=timestamp(datetime.now(UTC)))


def rename(records: Records, by: Person, deck_id: int, name: str) -> None:
    """Give a deck of their own another name. Raises ValueError."""
    with _changing(records, by, deck_id, Change.RENAMED, own=True) as connection:
        _set(connection, deck_id, name=_fitting("a deck's name", name, 1, NAME))


def share(records: Records, by: Person, deck_id: int, role: str) -> None:
    """Share a deck of their own with the readers of `role`; empty takes that back. Raises ValueError."""
    change = Change.SHARED if role else Change.UNSHARED
    with _changing(records, by, deck_id, change, own=True) as connection:
        _set(connection, deck_id, role=role)


def remove(records: Records, by: Person, deck_id: int) -> None:
    """Remove a deck of their own and its slides; its records stay. Raises ValueError."""
    with _changing(records, by, deck_id, Change.REMOVED, own=True) as connection:
        drop(connection, [one.slide_id for one in _slides(connection, deck_id)])
        connection.execute(delete(slide).where(slide.c.deck_id == deck_id))
        connection.execute(delete(deck).where(deck.c.deck_id == deck_id))


def write_note(records: Records, by: Person, deck_id: int, slide_id: int, text: str) -> None:
    """Write what is to be said beside a slide, masked as titles are. Raises ValueError."""
    with _changing(records, by, deck_id, Change.NOTED) as connection:
        _require_slide(connection, deck_id, slide_id)
        said = _fitting("a note", text, 0, NOTE)
        connection.execute(update(slide).where(slide.c.slide_id == slide_id).values(note=said))


def move(records: Records, by: Person, deck_id: int, slide_id: int, steps: int) -> None:
    """Move a slide by `steps` places, back when negative, as far as there are places. Raises ValueError."""
    with _changing(records, by, deck_id, Change.MOVED) as connection:
        _require_slide(connection, deck_id, slide_id)
        order = [one.slide_id for one in _slides(connection, deck_id)]
        at = order.index(slide_id)
        order.insert(min(max(at + steps, 0), len(order) - 1), order.pop(at))
        _number(connection, order)


def take_out(records: Records, by: Person, deck_id: int, slide_id: int) -> None:
    """Take a slide out of a deck; those behind it move up. Raises ValueError."""
    with _changing(records, by, deck_id, Change.TAKEN_OUT) as connection:
        _require_slide(connection, deck_id, slide_id)
        drop(connection, [slide_id])
        connection.execute(delete(slide).where(slide.c.slide_id == slide_id))
        _number(connection, [one.slide_id for one in _slides(connection, deck_id)])


def copied(slides: Sequence[Slide], as_of: date, version: str) -> tuple[View, ...]:
    """The views of slides as of another day and version; notes go along, saying what a view is shown for."""
    return tuple(
        replace(one.view, address=dated(one.view.address, as_of), as_of=as_of, version=version)
        for one in slides
    )


def duplicate(
    records: Records,
    by: Person,
    deck_id: int,
    name: str,
    as_of: date,
    version: str,
    views: Sequence[tuple[View, Frozen]],
) -> int:
    """Begin a deck of their own as a copy of this one with these `views` (see `copied`).

    Returns its number. Raises ValueError.
    """
    with records.writing() as connection:
        _require(connection, by, deck_id)
        copy = _made(connection, by, name, as_of, version, "", Change.COPIED)
        for view, frozen in views:
            _added(connection, by, copy, view, frozen)
        return copy


def dated(address: str, as_of: date) -> str:
    """The choices of `address` as of another day."""
    kept = [(key, value) for key, value in parse_qsl(address) if key != AS_OF]
    return urlencode([*kept, (AS_OF, as_of.isoformat())])


def _open_to(by: Person) -> ColumnElement[bool]:
    return or_(deck.c.owner == by.actor, and_(deck.c.role == by.role, deck.c.role != ""))


@contextmanager
def _changing(
    records: Records, by: Person, deck_id: int, change: Change, *, own: bool = False
) -> Iterator[Connection]:
    with records.writing() as connection:
        found = _require(connection, by, deck_id)
        if own and found["owner"] != by.actor:
            raise ValueError(
                f"deck {deck_id} is shared with you; only its owner renames, shares and removes it"
            )
        yield connection
        # The record names the deck as it was called when it was changed.
        _note(connection, by, deck_id, change, str(found["name"]), found["version"])
        _set(connection, deck_id, changed_at=timestamp(datetime.now(UTC)))


def _require(connection: Connection, by: Person, deck_id: int) -> Mapping[Any, Any]:
    asked = select(deck).where(deck.c.deck_id == deck_id, _open_to(by))
    found = connection.execute(asked).mappings().first()
    if found is None:
        raise ValueError(f"there is no deck {deck_id} for you; choose one of the list")
    return found


def _require_slide(connection: Connection, deck_id: int, slide_id: int) -> View:
    asked = select(slide).where(slide.c.slide_id == slide_id, slide.c.deck_id == deck_id)
    found = connection.execute(asked).mappings().first()
    if found is None:
        raise ValueError(f"slide {slide_id} is no longer in deck {deck_id}; look at the deck again")
    return _slide(found).view


def _made(
    connection: Connection, by: Person, name: str, as_of: date, version: str, role: str, change: Change
) -> int:
    said = _fitting("a deck's name", name, 1, NAME)
    counted = select(func.count()).select_from(deck).where(deck.c.owner == by.actor)
    if connection.execute(counted).scalar_one() >= DECKS:
        raise ValueError(f"you have {DECKS} decks; remove one before you begin another")
    now = datetime.now(UTC)
    entry = Entry(Action.DECK_CHANGED, by, said, change.value, version, as_of)
    deck_id = add(connection, entry, now).audit_id
    times = dict.fromkeys(("created_at", "changed_at"), timestamp(now))
    row = {"deck_id": deck_id, "name": said, "owner": by.actor, "owner_name": by.name, "role": role}
    connection.execute(insert(deck).values(**row, as_of=as_of.isoformat(), version=version, **times))
    return deck_id


def _added(connection: Connection, by: Person, deck_id: int, view: View, frozen: Frozen) -> int:
    places = len(_slides(connection, deck_id))
    if places >= SLIDES:
        raise ValueError(f"deck {deck_id} has {SLIDES} slides; take one out or begin another deck")
    row = {
        "place": places + 1,
        "board": view.board,
        "address": _fitting("an address", view.address, 0, ADDRESS),
        "title": _fitting("a title", view.title, 1, TITLE),
        "note": _fitting("a note", view.note, 0, NOTE),
        "as_of": view.as_of.isoformat(),
        "version": view.version,
    }
    words = f"{Change.ADDED.value} · {view.title}"
    now = datetime.now(UTC)
    entry = Entry(Action.DECK_CHANGED, by, view.board, words, view.version, view.as_of, sha256=frozen.sha256)
    slide_id = add(connection, entry, now).audit_id
    connection.execute(insert(slide).values(slide_id=slide_id, deck_id=deck_id, **row))
    keep(connection, slide_id, frozen)
    _set(connection, deck_id, changed_at=timestamp(now))
    return slide_id


def _note(connection: Connection, by: Person, deck_id: int, change: Change, name: str, version: str) -> None:
    entry = Entry(Action.DECK_CHANGED, by, name, f"{change.value} · {deck_id}", version)
    add(connection, entry, datetime.now(UTC))


def _set(connection: Connection, deck_id: int, **values: str) -> None:
    connection.execute(update(deck).where(deck.c.deck_id == deck_id).values(**values))


def _number(connection: Connection, order: Sequence[int]) -> None:
    for place, slide_id in enumerate(order, 1):
        connection.execute(update(slide).where(slide.c.slide_id == slide_id).values(place=place))


def _slides(connection: Connection, deck_id: int) -> tuple[Slide, ...]:
    query = select(slide).where(slide.c.deck_id == deck_id).order_by(slide.c.place)
    return tuple(_slide(row) for row in connection.execute(query).mappings())


def _fitting(what: str, text: str, least: int, most: int) -> str:
    """`text` masked and without control signs; raises ValueError when it is too short or too long."""
    said = "".join(sign if sign.isprintable() or sign in _LINES else " " for sign in text).strip()
    if not least <= len(said) <= most:
        raise ValueError(f"{what} has {least} to {most} characters, not {len(said)}; shorten or write it")
    return "\n".join(mask(line) for line in said.split("\n")) if what != "an address" else said


def _deck(row: Mapping[Any, Any]) -> Deck:
    times = {key: datetime.fromisoformat(row[key]) for key in ("created_at", "changed_at")}
    return Deck(**{**row, **times, "as_of": date.fromisoformat(row["as_of"])})


def _slide(row: Mapping[Any, Any]) -> Slide:
    said = {key: row[key] for key in ("board", "address", "title", "version", "note")}
    view = View(**said, as_of=date.fromisoformat(row["as_of"]))
    return Slide(row["slide_id"], row["deck_id"], row["place"], view)

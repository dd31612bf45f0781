"""The only file that keeps state: a reader's choices live in the address, and the widgets follow it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from queries.vocabulary import Language, Text

LANGUAGE = "lang"
LANGUAGES = ("zh", "en")
# Choices that go along to the next board; the others belong to the board they were made on.
CARRIED = (LANGUAGE, "as_of", "district", "channel", "category1", "span")
# What a click in a table or chart may narrow a page by.
NARROWS = ("district", "channel", *(f"category{level}" for level in range(1, 6)), "level")
ITEMS = "items"  # the number whose items are listed
# What may mean something in Markdown.
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_PAGE = "_page"
_KEPT = "_kept"
_SEEN = "_seen"
_DONE = "_done"
_GRANTED = "_granted"
# Of an address: the language is each reader's own, the day is written out, a list that is open is no choice.
_NOT_SAVED = (LANGUAGE, "as_of", ITEMS)
# Choices of a saved view, which nobody is asked for.
_SAVED: ContextVar[Mapping[str, str] | None] = ContextVar("saved", default=None)


def begin(page: str) -> None:
    """Opens a run on board `page`; arriving from another board, carried choices enter the address again."""
    if st.session_state.get(_PAGE, page) != page:
        for key, value in st.session_state.get(_KEPT, {}).items():
            if key not in st.query_params:
                st.query_params[key] = value
    st.session_state[_PAGE] = page
    st.session_state[_KEPT] = {key: st.query_params[key] for key in CARRIED if key in st.query_params}


def address(as_of: date) -> str:
    """The choices of this page as its address spells them, its day written out even where it is the last."""
    chosen_here = {key: value for key, value in st.query_params.items() if key not in _NOT_SAVED}
    return urlencode({**chosen_here, "as_of": as_of.isoformat()})


@contextmanager
def saved(spelled: str, now: Language) -> Iterator[None]:
    """Inside the block choices are those of the address `spelled`, nothing is drawn and nothing is kept."""
    token = _SAVED.set({**dict(parse_qsl(spelled)), LANGUAGE: now})
    try:
        yield
    finally:
        _SAVED.reset(token)


def language() -> Language:
    """The reader's language: "zh" unless the address says `lang=en`."""
    return chosen(LANGUAGE, LANGUAGES, LANGUAGES[0])


def chosen(key: str, allowed: Sequence[str], default: str) -> str:
    """The choice `key` of the address; the default where it is absent or not allowed."""
    value = _written(key)
    return value if value is not None and value in allowed else default


def choose(key: str, value: str | None) -> None:
    """Writes a choice into the address (None takes it out); for callbacks, which run before the page does."""
    if _SAVED.get() is not None:
        return
    if value is None:
        st.query_params.pop(key, None)
        st.session_state.get(_KEPT, {}).pop(key, None)
    else:
        st.query_params[key] = value


def select(key: str, label: Text, options: Mapping[str, Text], default: str) -> str:
    """A drop-down over `options` (code → words); returns the chosen code."""
    return _widget(st.selectbox, key, label, options, default)


def segments(key: str, label: Text, options: Mapping[str, Text], default: str) -> str:
    """Buttons side by side over `options` (code → words); returns the chosen code."""
    return _widget(st.segmented_control, key, label, options, default)


def pick(key: str, label: str, options: Mapping[str, str], current: str, pick: Callable[[str], None]) -> None:
    """A drop-down over `options` (code → words) that shows `current` and calls `pick` with another choice.

    The choice is kept by whoever is called, not in the address: a link carries it nowhere.
    """
    name = f"pick-{key}"
    st.session_state[name] = current if current in options else None
    st.selectbox(
        label,
        list(options),
        key=name,
        format_func=lambda code: options.get(code, code),
        on_change=_picked,
        args=(name, options, pick),
    )


def _picked(name: str, options: Mapping[str, str], pick: Callable[[str], None]) -> None:
    if st.session_state[name] in options:
        pick(st.session_state[name])


def several(key: str, label: Text, options: Mapping[str, Text]) -> tuple[str, ...]:
    """A list to pick any number of `options` (code → words) from; returns the codes in their order.

    `label` stands in it while nothing is picked. The address holds the codes with commas between them.
    """
    now = language()
    words = {code: text.in_(now) for code, text in options.items()}
    named = (_written(key) or "").split(",")
    current = tuple(code for code in words if code in named)
    if _SAVED.get() is not None:
        return current
    name = f"w-{key}"
    st.session_state[name] = list(current)
    st.multiselect(
        label.in_(now),
        list(words),
        key=name,
        format_func=lambda code: words.get(code, code),
        placeholder=label.in_(now),
        label_visibility="collapsed",
        on_change=_push_several,
        args=(key, name),
    )
    return current


def day(key: str, label: Text, first: date, last: date, default: date | None = None) -> date:
    """A day from `first` to `last`; without a choice in the address it is `default`, else `last`."""
    usual = last if default is None else default
    try:
        current = min(max(date.fromisoformat(_written(key) or ""), first), last)
    except ValueError:
        current = usual
    if _SAVED.get() is not None:
        return current
    name = f"w-{key}"
    st.session_state[name] = current
    st.date_input(
        label.in_(language()),
        min_value=first,
        max_value=last,
        key=name,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        on_change=_push_day,
        args=(key, name, usual),
    )
    return current


def search(key: str, label: Text) -> str:
    """A line to type words into; returns them without blanks at the ends."""
    if _SAVED.get() is not None:
        return word(key).strip()
    name = f"w-{key}"
    st.session_state[name] = st.query_params.get(key, "")
    words = label.in_(language())
    st.text_input(
        words,
        key=name,
        placeholder=words,
        label_visibility="collapsed",
        on_change=_push,
        args=(key, name),
    )
    return st.query_params.get(key, "").strip()


def first_sight() -> bool:
    """Whether this reader's page is drawn for the first time: then there is nothing yet to leave standing."""
    seen = bool(st.session_state.get(_SEEN))
    st.session_state[_SEEN] = True
    return not seen


def once(what: str, act: Callable[[], None]) -> None:
    """Calls `act`, unless it has ended well for `what` in this session before."""
    done = st.session_state.setdefault(_DONE, set())
    if what not in done:
        act()
        done.add(what)


def grant(key: str, to: object) -> None:
    """Remembers in this session alone that `key` was granted `to` somebody for something; one at a time."""
    st.session_state[f"{_GRANTED}-{key}"] = to


def is_granted(key: str, to: object) -> bool:
    """Whether that is what was granted last."""
    return bool(st.session_state.get(f"{_GRANTED}-{key}") == to)


def withdraw(key: str) -> None:
    """Takes back what was granted, and its choice `key` out of the address; a callback."""
    st.session_state.pop(f"{_GRANTED}-{key}", None)
    choose(key, None)


def chip(key: str, name: Text, member: Text) -> None:
    """A button that says what the page is narrowed to, and takes it back."""
    if _SAVED.get() is not None:
        return
    now = language()
    label = f"{name.in_(now)}{'：' if now == 'zh' else ': '}{literal(member.in_(now))} ✕"
    st.button(label, key=f"chip-{key}", on_click=choose, args=(key, None))


def literal(text: str) -> str:
    """`text` as the Markdown of a label that shows just that: no picture is fetched, no word is coloured.

    Names of icons and emojis (:home:) are looked for after the escapes are gone, so their colons are parted.
    """
    return _PUNCTUATION.sub(lambda sign: f"\\{sign[0]}" + "\u2060" * (sign[0] == ":"), text)


def narrow(component: str) -> None:
    """Narrows the page to what has just been clicked, `key=code`, or takes that back; a callback."""
    state = st.session_state.get(component)
    key, _, value = str(state.get("narrow") or "").partition("=") if state is not None else ("", "", "")
    if key in NARROWS and value:
        choose(key, None if st.query_params.get(key) == value else value)


def word(key: str) -> str:
    """What the address says of `key`, unchecked; empty where it says nothing."""
    saved_choices = _SAVED.get()
    return (st.query_params if saved_choices is None else saved_choices).get(key, "")


def inside(key: str, label: Text, options: Mapping[str, Text], default: str) -> str:
    """Buttons side by side inside a window over the board; the choice is not kept in the address."""
    now = language()
    words = {code: text.in_(now) for code, text in options.items()}
    found = st.segmented_control(
        label.in_(now),
        list(words),
        key=f"inside-{key}",
        default=default,
        required=True,
        format_func=lambda code: words.get(code, code),
        label_visibility="collapsed",
    )
    return found if found in words else default


def page(key: str) -> int:
    """Which page of the list `key` is shown, the first one being 0."""
    return 0 if _SAVED.get() is not None else int(st.session_state.get(f"page-{key}", 0))


def pager(key: str, before: Text, after: Text, *, is_last: bool) -> None:
    """The two buttons that turn the pages of the list `key`."""
    now, current = language(), page(key)
    for text, step, is_off in ((before, -1, current == 0), (after, 1, is_last)):
        st.button(
            text.in_(now),
            key=f"turn-{key}{step}",
            disabled=is_off,
            on_click=_turn,
            args=(key, current + step),
        )


def _turn(key: str, to: int) -> None:
    st.session_state[f"page-{key}"] = to


def follow(key: str, component: str, trigger: str = "choose") -> None:
    """Chooses `key` as what has just been clicked in `component`; its callback."""
    state = st.session_state.get(component)
    value = None if state is None else state.get(trigger)
    if value is not None:
        choose(key, str(value))


def toggle(key: str, component: str) -> None:
    """As `follow`, and a second click on the same takes the choice back."""
    before = st.query_params.get(key)
    follow(key, component)
    if before is not None and st.query_params.get(key) == before:
        choose(key, None)


def open_cell(component: str, items: Mapping[str, Sequence[str]]) -> None:
    """Opens the items of the cell just clicked in the table `component`, `items` by column; its callback."""
    state = st.session_state.get(component)
    for row, column in state["selection"]["cells"] if state is not None else ():
        if column in items and 0 <= row < len(items[column]) and items[column][row]:
            choose(ITEMS, items[column][row])


def enter(key: str, chart: str, layer: str) -> None:
    """Chooses `key` as the `code` of the area just clicked in `layer` of the map `chart`; its callback."""
    state = st.session_state.get(chart)
    objects = {} if state is None else state.get("selection", {}).get("objects", {})
    for found in objects.get(layer) or []:
        code = (found.get("properties") or found).get("code")
        if code:
            choose(key, str(code))


def _written(key: str) -> str | None:
    """What the address says of `key`, or what came along from the board before."""
    saved_choices = _SAVED.get()
    if saved_choices is not None:
        return saved_choices.get(key)
    value = st.query_params.get(key)
    return st.session_state.get(_KEPT, {}).get(key) if value is None and key in CARRIED else value


def _widget(
    draw: Callable[..., object], key: str, label: Text, options: Mapping[str, Text], default: str
) -> str:
    now = language()
    words = {code: text.in_(now) for code, text in options.items()}
    current = chosen(key, tuple(options), default)
    if _SAVED.get() is not None:
        return current
    name = f"w-{key}"
    # The address decides; the widget is told before it is drawn.
    st.session_state[name] = current
    draw(
        label.in_(now),
        list(words),
        key=name,
        format_func=lambda code: words.get(code, code),
        label_visibility="collapsed",
        on_change=_push,
        args=(key, name),
    )
    return current


def _push(key: str, name: str) -> None:
    value = st.session_state[name]
    # A second click on the chosen segment clears it: the choice stays as it was.
    if value is not None:
        choose(key, str(value) or None)


def _push_several(key: str, name: str) -> None:
    choose(key, ",".join(st.session_state[name]) or None)


def _push_day(key: str, name: str, usual: date) -> None:
    value = st.session_state[name]
    if isinstance(value, date):
        choose(key, None if value == usual else value.isoformat())

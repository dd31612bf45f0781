"""The only file that puts HTML on the screen: style, header, notes and states, all from Markup."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import access, filters, language, record
from dashboards.figures.choropleth import Deck
from dashboards.figures.hex_map import HexMap
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.theme import DARK, LIGHT, THEMES, Theme, css_variables
from dashboards.guard.exports import EXPORTS
from dashboards.guard.identities import LOGIN_HEADER
from dashboards.numbers import DASH
from queries.vocabulary import Text

_HERE = Path(__file__).parent
_CSS = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("board.css", "print.css"))
# Paper is white, whatever the screen shows.
_PAPER = f"@media print{{:root{{{css_variables(LIGHT)}}}}}"
_ROW_HEIGHT = 35  # pixels of a row of a long table
_DAY, _DAY_WIDTH = r"\d{4}-\d{2}-\d{2}", 94  # a day as text, and the pixels it needs
_FONTS = "assets/fonts/noto-sans-sc/noto-sans-sc.css"


def _component(name: str, html: str, script: str) -> Any:
    """A component of our own: its name, what stands on the page, and the script beside this file."""
    return st.components.v2.component(
        f"qingyu_{name}",
        html=html,
        js=(_HERE / script).read_text(encoding="utf-8"),
        isolate_styles=False,
    )


_CLICKABLE = _component("clickable", "<div class='q-clickable'></div>", "clickable.js")
_FRAME = _component("frame", "<button type='button' class='q-switch'></button>", "frame.js")
_HEX_MAP = st.components.v2.component(
    "qingyu_hex_map",
    html=(
        "<div class='q-hex'><canvas role='img'></canvas><div class='q-hex-tip' hidden></div>"
        "<div class='q-hex-zoom'><button type='button' class='q-hex-in'>+</button>"
        "<button type='button' class='q-hex-out'>−</button></div>"
        "<div class='q-hex-time' hidden><button type='button' class='q-hex-play'></button>"
        "<input type='range' min='0' value='0'><output></output></div></div>"
    ),
    css=(_HERE / "hex_map.css").read_text(encoding="utf-8"),
    js=(_HERE / "hex_map.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)

_PICTURES = _component("pictures", "<span class='q-nothing'></span>", "picture.js")

_PICTURE, _PICTURE_HINT = (
    Text("存图", "PNG"),
    Text("将此卡片存为 PNG 图片", "Save this card as a PNG picture"),
)
_PRINTER = _component("printer", "<button type='button' class='q-switch'></button>", "print.js")
_DOWNLOAD = _component("download", "<button type='button' class='q-download'></button>", "download.js")
_DELIVERY = _component("delivery", "<span class='q-nothing'></span>", "delivery.js")

LANGUAGE_LABEL = Text("语言", "Language")
# Each language is named in itself, whatever the reader has chosen.
_NAMES = {language.CHINESE: Text("中文", "中文"), language.ENGLISH: Text("English", "English")}
_TO_DARK, _TO_LIGHT = Text("深色", "Dark"), Text("浅色", "Light")
_THEME_HINT = Text("切换深浅配色", "Switch between light and dark")


def theme() -> Theme:
    """The theme that the reader's browser shows."""
    return THEMES.get(st.context.theme.type or LIGHT.name, LIGHT)


def show(markup: Markup, place: DeltaGenerator | None = None) -> None:
    """Puts `markup` on the page (or into `place`); refuses text that was not built by figures/markup."""
    (place or st).html(_checked(markup))


def clickable(key: str, markup: Markup, on_choose: Callable[[], None]) -> None:
    """Puts `markup` on the page and calls `on_choose` when something with `data_choose` in it is clicked.

    Drawings (SVG) go this way: Streamlit's own HTML element strips them.
    """
    stamp = hashlib.blake2b(markup.encode(), digest_size=8).hexdigest()
    _CLICKABLE(key=key, data={"html": _checked(markup), "stamp": stamp}, on_choose_change=on_choose)


def drawing(key: str, markup: Markup) -> None:
    """Puts `markup` with drawings (SVG) in it on the page."""
    clickable(key, markup, lambda: None)


def _checked(markup: Markup) -> str:
    if not isinstance(markup, Markup):
        raise TypeError("only Markup reaches the page; build it with figures.markup.tag")
    return str(markup)


def pydeck(key: str, deck: Deck, height: int, label: str, on_click: Callable[[], None]) -> None:
    """Puts a map on the page and calls `on_click` when an area is clicked."""
    st.pydeck_chart(
        deck, height=height, key=key, on_select=on_click, selection_mode="single-object", alt=label
    )


def hex_map(key: str, drawn: HexMap, on_choose: Callable[[], None]) -> None:
    """Puts a map of cells on the page, which plays its weeks by itself; `on_choose` as in `clickable`."""
    _HEX_MAP(key=key, data={**drawn.data, "stamp": drawn.stamp}, on_choose_change=on_choose)


def plotly(key: str, figure: Mapping[str, Any]) -> None:
    """Puts a chart of figures/ on the page: no tool bar, labels and axes in its own theme."""
    chart = go.Figure(figure, _validate=False)
    st.plotly_chart(chart, key=key, theme=None, config={"displayModeBar": False})


def chart(place: DeltaGenerator, key: str, title: Markup, figure: Mapping[str, Any]) -> None:
    """A card in `place` with a chart of figures/ below its title."""
    with place, card(key):
        show(title)
        plotly(key, figure)


def table(
    key: str,
    frame: pd.DataFrame,
    shares: Sequence[str],
    label: str,
    height: int = 420,
    items: Mapping[str, Sequence[str]] | None = None,
    links: str = "",
) -> None:
    """A long table that scrolls and sorts in the browser, fractions at two places.

    `shares` are columns of per cent, drawn as bars from 0 to 100; `label` is read out by screen readers. The
    cells of the columns of `items` open, row by row, the items these name. The column `links` holds addresses
    of this suite, each shown as the column's name.
    """
    config = st.column_config
    drawn: dict[str, Any] = {
        name: config.ProgressColumn(name, format="%.2f", min_value=0, max_value=100)
        if name in shares
        else config.NumberColumn(name, format="%.2f")
        for name in map(str, frame.select_dtypes("float64"))
    }
    drawn |= {
        name: config.NumberColumn(name, format="localized") for name in map(str, frame.select_dtypes("int64"))
    }
    # The browser measures the first rows only, in which a day may be missing.
    drawn |= {
        name: config.TextColumn(name, width=_DAY_WIDTH) for name in map(str, frame) if _is_days(frame[name])
    }
    if links:
        drawn[links] = config.LinkColumn(links, display_text=links, width="small")
    fits = _ROW_HEIGHT * (len(frame) + 1) + 2
    st.dataframe(
        frame,
        key=key,
        height=min(height, fits),
        hide_index=True,
        column_config=drawn,
        placeholder=DASH,
        alt=label,
        on_select=partial(filters.open_cell, key, items) if items else "ignore",
        selection_mode="single-cell",
    )


def listing(
    place: DeltaGenerator,
    key: str,
    title: Markup,
    frame: pd.DataFrame,
    shares: Sequence[str],
    label: str,
    items: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """A card in `place` with a long table (see `table`) below its title."""
    with place, card(key):
        show(title)
        table(key, frame, shares, label, items=items)


def _is_days(column: pd.Series[Any]) -> bool:
    known = column.dropna()
    return len(known) > 0 and bool(known.astype(str).str.fullmatch(_DAY).all())


def row(*shares: int) -> Sequence[DeltaGenerator]:
    """Columns side by side, as wide as their shares."""
    return st.columns(shares, gap="small")


def card(key: str) -> DeltaGenerator:
    """A bordered surface around Streamlit's own elements."""
    return st.container(border=True, height="stretch", gap="xsmall", key=f"card-{key}")


def toolbar() -> DeltaGenerator:
    """A row of controls."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar")


def note(label: str, markup: Markup) -> None:
    """A button that opens a note."""
    with st.popover(label):
        show(markup)


def download(
    label: str,
    content: Callable[[], bytes],
    name: str,
    key: str = "download",
    *,
    words: str = "",
    rows: int | None = None,
) -> None:
    """A button that makes a file when it is pressed, for the login of this page and for a few minutes.

    Only for roles that take files away; what leaves is on record with `words` and `rows` (see
    record.handed_out).
    """
    if not access.may_export():
        return
    button = _DOWNLOAD(key=key, width="content", data={"label": label}, on_pressed_change=lambda: None)
    if button.pressed:
        made = record.handed_out(name, content, words, rows)
        file = EXPORTS.offer(st.context.headers.get(LOGIN_HEADER, ""), name, made)
        _DELIVERY(key=f"{key}-file", data={"file": file})


def printer(label: str) -> None:
    """A button that opens the browser's own printing of the page."""
    _PRINTER(key="printer", width="content", data={"label": label})


def buttons() -> DeltaGenerator:
    """A row of buttons."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def heading(title: str, subtitle: str) -> Markup:
    """A card's title with the measure and unit below it."""
    return tag("div", tag("h2", title), tag("p", subtitle, class_="q-note"), class_="q-heading")


def small(text: str) -> Markup:
    """A small remark."""
    return tag("p", text, class_="q-note")


def style(shown: Theme) -> None:
    """The page's fonts, tokens and style, once a run."""
    st.html(f"<style>@import url('{_FONTS}');:root{{{css_variables(shown)}}}{_PAPER}{_CSS}</style>")


def corner() -> DeltaGenerator:
    """The row of switches at the right of the title."""
    return st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"
    )


def switches(paths: Sequence[str], shown: Theme) -> None:
    """The language and theme switches; with them, once on every page, what opens the items of a number.

    A number is clicked wherever it stands: an element with `data_items`, a point of a chart with customdata.
    An element with `data_narrow` narrows the page to what it names.
    """
    now = language.current()
    filters.segments(filters.LANGUAGE, LANGUAGE_LABEL, _NAMES, language.CHINESE)
    words = language.OWN_LABELS
    back = {there: here for here, there in words.items()}
    is_chinese = now == language.CHINESE
    _FRAME(
        key="frame",
        width="content",
        on_items_change=partial(filters.follow, filters.ITEMS, "frame", "items"),
        on_narrow_change=partial(filters.narrow, "frame"),
        data={
            "lang": language.TAGS[now],
            "words": words if is_chinese else {},
            "back": {} if is_chinese else back,
            "label": (_TO_LIGHT if shown is DARK else _TO_DARK).in_(now),
            "hint": _THEME_HINT.in_(now),
            "next": "Light" if shown is DARK else "Dark",
            "paths": list(paths),
        },
    )


def pictures(name: str, head: str, foot: str) -> None:
    """Gives every card of the page a button that saves it as a picture, under the lines `head` and `foot`.

    `name` begins the name of the file.
    """
    now = language.current()
    words = {"label": _PICTURE.in_(now), "hint": _PICTURE_HINT.in_(now)}
    _PICTURES(key="pictures", data={"name": name, "head": head, "foot": foot, **words})


def header(title: str, words: str = "", as_of: str = "", badges: Sequence[str] = ()) -> Markup:
    """The title, the filters in words, the as-of line and what the reader must know of the data."""
    return tag(
        "div",
        tag("h1", title),
        tag("p", words, class_="q-words") if words else None,
        tag("p", as_of) if as_of else None,
        *(tag("span", badge, class_="q-badge") for badge in badges),
        class_="q-head",
    )


def state(title: str, sentence: str, detail: str = "") -> Markup:
    """What stands instead of a board that cannot be drawn."""
    return tag(
        "section",
        tag("h2", title),
        tag("p", sentence),
        tag("code", detail) if detail else None,
        class_="q-card q-state",
    )


def skeleton() -> Markup:
    """The page's outline, for the first sight of it."""
    return joined(*(tag("div", class_="q-skeleton") for _ in range(3)))


def foot(lines: Sequence[str]) -> Markup:
    """The page's closing notes."""
    return tag("div", *(tag("div", line) for line in lines), class_="q-foot")

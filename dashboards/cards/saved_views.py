"""A board's figures as the panels of a slide: the same sentences, numbers, charts, tables and map."""

from __future__ import annotations

import base64
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from dashboards import numbers
from dashboards.exports.deck import Area, Chart, Grid, Label, Lines, Map, Panel, Ring
from dashboards.figures import fitting
from dashboards.figures.boundaries import degrees, mercator
from dashboards.figures.choropleth import Deck
from dashboards.figures.hex_map import HexMap
from dashboards.figures.markup import Markup, plain_text
from dashboards.figures.theme import LIGHT

# What is beside the figures, what opens on a click, and what the reader of a slide has in the notes.
_BESIDE = frozenset(
    {"choices", "notes", "foot", "remarks", "workbook", "items", "shares", "rules", "legend", "name"}
)
_HEADINGS = frozenset({"title", "subtitle", "note", "head"})
_BLOCKS = frozenset({"div", "p", "li", "ul", "ol", "section", "figure", "tr", "table", "dt", "dd", "button"})
_CARDS = frozenset({"q-item", "q-multiple", "q-cell"})
_KEYS = frozenset({"q-legend"})  # what a map's panel shows by itself
_LEAVES = frozenset({"b", "p", "span", "strong"})
_SILENT = frozenset({"svg", "style", "script"})
_LONGEST_SUBTITLE = 240  # signs; what is longer is no remark on a table
_KEY_TITLE = re.compile(r'class="q-key-title">(.*?)</span>')
_KEY = re.compile(r'background:#([0-9A-Fa-f]{6})"[^>]*></i><b>(.*?)</b>(?:<em>(.*?)</em>)?')
_MARK = 7.0  # pixels: the radius of a street's mark on the page
_CORNERS = 16
_DOT = 0.01  # of the map
_TYPE, _MAP_HEIGHT = 12.0, 260.0  # pixels, those of a name and those between the first and the last of them
_UNIT = 1e-4  # pixels of zoom 0
_SPACES = re.compile(r"\s+")


def panels(figures: object) -> tuple[Panel, ...]:
    """The panels of frozen figures in the order of their fields; headings stand with what follows them."""
    found: list[Panel] = []
    title, subtitle = "", ""
    for atom in _atoms(figures):
        if isinstance(atom, _Heading):
            title, subtitle = atom.title or title, atom.subtitle or ("" if atom.title else subtitle)
            continue
        panel = Panel(atom.title or title, atom.subtitle or ("" if atom.title else subtitle), atom.body)
        title, subtitle = "", ""
        before = found[-1] if found else None
        if before is not None and _remark(panel) and not isinstance(before.body, Lines):
            # a sentence below a figure needs no panel of its own
            found[-1] = replace(before, subtitle=f"{before.subtitle} {_remark(panel)}".strip())
        elif before is not None and not panel.title and isinstance(before.body, Map):
            found.append(replace(panel, title=before.title))  # the map's areas as a table
        else:
            found.append(panel)
    return tuple(found)


def _remark(panel: Panel) -> str:
    """The sentence that is all a panel holds; empty for any other."""
    is_one = not panel.title and isinstance(panel.body, Lines) and len(panel.body.lines) == 1
    return panel.body.lines[0] if is_one and isinstance(panel.body, Lines) else ""


def remarks(figures: object) -> tuple[str, ...]:
    """The page's closing remarks."""
    foot = getattr(figures, "foot", None)
    return tuple(line for card in _read(foot) for line in card.lines) if isinstance(foot, Markup) else ()


class _Heading:
    """What stands above the next panel."""

    def __init__(self, title: str, subtitle: str) -> None:
        self.title, self.subtitle = title, subtitle


def _atoms(value: object, name: str = "") -> Iterator[_Heading | Panel]:
    if isinstance(value, Panel):
        yield value
    elif isinstance(value, Markup):
        yield from _markup(value, is_heading=name in _HEADINGS)
    elif isinstance(value, Deck):
        yield Panel("", "", _map(value, ""))
    elif isinstance(value, HexMap):
        yield Panel("", "", _cells(value))
    elif isinstance(value, pd.DataFrame):
        yield Panel("", "", _frame(value))
    elif isinstance(value, Mapping) and "data" in value and "layout" in value:
        if value["data"]:
            yield Panel("", "", Chart(value))
    elif isinstance(value, str):
        if name in {"title", "subtitle", "note"} and value:
            yield _Heading(value, "") if name == "title" else _Heading("", value)
    else:
        for key, part in _parts(value):
            yield from _atoms(part, key)


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """What a value is made of, by name: a dataclass's fields, a mapping's values, a sequence's items."""
    if is_dataclass(value):
        legend = getattr(value, "legend", getattr(value, "head", None))
        for field in fields(value):
            part = getattr(value, field.name)
            if isinstance(part, Deck) and isinstance(legend, Markup):
                title = _KEY_TITLE.search(legend)
                yield field.name, Panel(plain_text(Markup(title[1])) if title else "", "", _map(part, legend))
            elif field.name not in _BESIDE:
                yield field.name, part
    elif isinstance(value, Mapping):
        yield from ((str(key), part) for key, part in value.items())
    elif isinstance(value, list | tuple):
        yield from (("", part) for part in value)


def _markup(markup: Markup, *, is_heading: bool) -> Iterator[_Heading | Panel]:
    for card in _read(markup):
        if card.tiles and not card.tables:
            if card.lines:
                yield Panel(card.title, "", Lines(tuple(card.lines)))
            wide = max(map(len, card.tiles))
            rows = tuple((*tile, *[""] * (wide - len(tile))) for tile in card.tiles)
            yield Panel("" if card.lines else card.title, "", Grid(("",) * wide, rows))
        elif card.tables:
            # headings above lists of items say how many each holds
            title, subtitle = (
                card.title,
                " ".join([*card.lines, *(word for tile in card.tiles for word in tile)]),
            )
            if len(subtitle) > _LONGEST_SUBTITLE:
                yield Panel(title, "", Lines(tuple(card.lines)))
                subtitle = ""
            for grid in card.tables:
                yield Panel(title, subtitle, grid)
                title, subtitle = title and f"{title} ·", ""
        elif is_heading or (card.title and len(card.lines) <= 1):
            yield _Heading(card.title, " ".join(card.lines))
        elif card.lines:
            yield Panel(card.title, "", Lines(tuple(card.lines)))


@dataclass
class _Card:
    """A card as it is read: its title, its tables and tiles, and its other words line by line.

    A tile is what stands below a heading of its own, that first.
    """

    title: str = ""
    lines: list[str] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    tiles: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads cards, each below a title of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = [_Card()]
        self._words: list[str] = []
        self._silent = 0
        self._tile = ""
        self._rows: list[list[str]] | None = None
        self._heads = 0
        self._cell: tuple[str, int] | None = None
        # A card that is one of many, such as a stage's item, is a row: its depth in tags, and its cells.
        self._depth = 0
        self._card: list[str] = []
        self._is_key = False
        self._cards: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent:
            return
        if self._depth:
            self._depth += 1
            self._words = []
        elif (_CARDS | _KEYS) & (classes := set((dict(attrs).get("class") or "").split())):
            self._flush()
            self._depth, self._card, self._is_key = 1, [], bool(_KEYS & classes)
        elif tag == "table":
            self._flush()
            self._rows, self._heads = [], 0
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in {"td", "th"} and self._rows is not None:
            self._flush_cell()
            self._cell = (tag, int(dict(attrs).get("colspan") or 1))
            self._words = []
        elif tag in {"h1", "h2", "h3"} or (tag in _BLOCKS and self._cell is None):
            self._flush()
            self._tile = "" if tag == "h2" else self._tile

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif self._silent:
            return
        elif self._depth:
            self._depth -= 1
            if tag in _LEAVES and not self._is_key:
                self._card.append(self._taken())
            if not self._depth and self._card:
                self._cards.append([self._tile, *self._card])
            self._words = []
        elif tag in {"td", "th"}:
            self._flush_cell()
        elif tag == "thead" and self._rows is not None:
            self._heads = len(self._rows)
        elif tag == "table" and self._rows is not None:
            self._now.tables += _grid(self._rows, self._heads)
            self._rows = None
        elif tag in {"h1", "h2"}:
            words = self._taken()
            if self._now.title and words:
                self._end_cards()
                self.cards.append(_Card())
            self._now.title = words or self._now.title
        elif tag == "h3":
            self._tile = self._taken()
            self._now.tiles.append([self._tile])
        elif tag in _BLOCKS and self._cell is None:
            self._flush()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)

    def _taken(self) -> str:
        words, self._words = _SPACES.sub(" ", " ".join(self._words)).strip(), []
        return words

    def _flush(self) -> None:
        words = self._taken()
        if not words:
            return
        (self._now.tiles[-1] if self._tile else self._now.lines).append(words)

    def _flush_cell(self) -> None:
        if self._cell is not None and self._rows:
            self._rows[-1] += [self._taken(), *[""] * (self._cell[1] - 1)]
        self._cell = None

    def close(self) -> None:
        super().close()
        self._flush()
        self._end_cards()

    @property
    def _now(self) -> _Card:
        return self.cards[-1]

    def _end_cards(self) -> None:
        self._now.tables += _grid(self._cards, 0)
        self._cards = []


def _read(markup: Markup) -> list[_Card]:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.cards


def _grid(rows: list[list[str]], heads: int) -> list[Grid]:
    """The table without the columns that only draw: bars and small curves."""
    wide = max((len(row) for row in rows), default=0)
    filled = [row + [""] * (wide - len(row)) for row in rows if row]
    body = filled[heads:] if heads else filled
    kept = [place for place in range(wide) if any(row[place] for row in body)]
    if not body or not kept:
        return []
    head = filled[heads - 1] if heads else [""] * wide
    return [
        Grid(tuple(head[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in body))
    ]


def _frame(frame: pd.DataFrame) -> Grid:
    rows = tuple(tuple(_cell(cell) for cell in row) for row in frame.itertuples(index=False))
    return Grid(tuple(map(str, frame.columns)), rows)


def _cell(value: Any) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return numbers.DASH
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, date):
        return value.isoformat()[:10]
    return f"{value:,}" if isinstance(value, int) else str(value)


def _map(deck: Deck, legend: str) -> Map:
    """The map with what is in its view: of a district that is entered that one, with its streets' marks."""
    drawn = orjson.loads(deck.to_json())
    layers = {layer["id"]: layer["data"] for layer in drawn["layers"]}
    shown = layers.get("areas", ())
    if layers.get("points"):
        shown = [one for one in shown if one["properties"]["wide"] > 1] or shown
    areas = tuple(
        Area(
            name=str(one["properties"].get("name", "")),
            rings=tuple(_rings(one["geometry"])),
            fill=_hex(one["properties"]["fill"]),
            line=_hex(one["properties"]["line"]),
        )
        for one in shown
    )
    radius = _MARK / 2.0 ** float(drawn["initialViewState"]["zoom"])
    areas += tuple(
        Area(str(one["name"]), (_round(one["position"], radius),), _hex(one["fill"]), LIGHT.ink[1:])
        for one in layers.get("points", ())
    )
    labels = tuple(
        Label(
            one["text"], one["position"][0], one["position"][1], one["anchor"] == "start", _hex(one["colour"])
        )
        for one in layers.get("names", ())
    )
    leaders = tuple((tuple(one["from"]), tuple(one["to"])) for one in layers.get("leaders", ()))
    keys = tuple(
        (found[1], plain_text(Markup(f"{found[2]} {found[3] or ''}")).strip())
        for found in _KEY.finditer(legend)
    )
    return Map(areas, labels, leaders, keys)


def _round(middle: Sequence[float], radius: float) -> Ring:
    """A small circle around a longitude and latitude; the radius in pixels of zoom 0."""
    x, y = mercator(middle[0], middle[1])
    turns = (2 * math.pi * step / _CORNERS for step in range(_CORNERS))
    return tuple(degrees(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)


def _cells(drawn: HexMap) -> Map:
    """The cells of the first picture that stand out, over the outlines of the areas, with their legend."""
    told = drawn.data
    kinds = _unpacked(told["kinds"], np.uint8).reshape(len(told["frames"]), -1)[0]
    middles = _unpacked(told["cells"], np.uint16).reshape(-1, 2)
    corners = np.array(told["corners"]).reshape(-1, 2)
    loud = {at: kind for at, kind in enumerate(told["palette"]) if kind["loud"]}
    names = [told["names"][at] for at in _unpacked(told["nameOf"], np.uint16)]
    areas = [
        Area(area["name"], tuple(_ring(_unpacked(ring, np.uint16).reshape(-1, 2)) for ring in area["rings"]),
             LIGHT.missing[1:], LIGHT.muted[1:])
        for area in told["areas"]
    ]  # fmt: skip
    # As on the page, a cell that stands out is seen however small its like are drawn.
    grown = corners * max(1.0, _DOT * np.ptp(middles, axis=0).max() / np.hypot(*corners.T).max())
    cells = [
        Area(names[at], (_ring(middles[at] + grown),), loud[kind]["colour"][1:], LIGHT.card[1:])
        for at, kind in enumerate(kinds)
        if kind in loud
    ]
    labels = _free(
        Label(area["name"], *_place(area["at"]), is_beside=False, colour=LIGHT.ink[1:])
        for area in told["areas"]
    )
    keys = tuple((kind["colour"][1:], str(kind["label"])) for kind in loud.values())
    return Map((*areas, *cells), labels, (), keys)


def _free(labels: Iterable[Label]) -> tuple[Label, ...]:
    """The labels, in their order, that cover none before them on a map as wide as half a slide."""
    every = [(one, mercator(one.lon, one.lat)) for one in labels]
    high = max((y for _, (_, y) in every), default=0.0) - min((y for _, (_, y) in every), default=0.0)
    unit = (high or 1.0) / _MAP_HEIGHT
    kept: list[tuple[Label, tuple[float, float]]] = []
    for one, (x, y) in every:
        wide = fitting.width(one.text, _TYPE) * unit
        if all(abs(x - a) > wide or abs(y - b) > 1.3 * _TYPE * unit for _, (a, b) in kept):
            kept.append((one, (x, y)))
    return tuple(one for one, _ in kept)


def _unpacked(packed: str, kind: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.dtype(kind).newbyteorder("<"))


def _ring(points: NDArray[Any]) -> Ring:
    return tuple(_place(point) for point in points)


def _place(point: Sequence[float]) -> tuple[float, float]:
    """Units of the map as degrees somewhere on earth: it is fitted into its slide, only its shape counts."""
    return degrees(256 + float(point[0]) * _UNIT, 256 + float(point[1]) * _UNIT)


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield tuple((point[0], point[1]) for point in polygon[0])


def _hex(colour: list[int]) -> str:
    """`[r, g, b]` or `[r, g, b, a]` on white as RRGGBB."""
    share = (colour[3] if len(colour) > 3 else 255) / 255
    return "".join(f"{round(255 - (255 - part) * share):02X}" for part in colour[:3])

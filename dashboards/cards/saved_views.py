"""A board's figures as the panels of a slide: the same sentences, numbers, charts, tables and map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from html.parser import HTMLParser
from typing import Any

import orjson
import pandas as pd

from dashboards import numbers
from dashboards.exports.deck import Area, Chart, Grid, Label, Lines, Map, Panel, Ring
from dashboards.figures.choropleth import Deck
from dashboards.figures.markup import Markup, plain_text

# What is beside the figures, what opens on a click, and what the reader of a slide has in the notes.
_BESIDE = frozenset(
    {"choices", "notes", "foot", "remarks", "workbook", "items", "shares", "rules", "legend", "name"}
)
_HEADINGS = frozenset({"title", "subtitle", "note", "head"})
_BLOCKS = frozenset({"div", "p", "li", "ul", "ol", "section", "figure", "tr", "table", "dt", "dd", "button"})
_SILENT = frozenset({"svg", "style", "script"})
_KEY = re.compile(r'background:#([0-9A-Fa-f]{6})"[^>]*></i><b>(.*?)</b>(?:<em>(.*?)</em>)?')
_SPACES = re.compile(r"\s+")


def panels(figures: object) -> tuple[Panel, ...]:
    """The panels of frozen figures in the order of their fields; headings stand with what follows them."""
    found: list[Panel] = []
    title, subtitle = "", ""
    for atom in _atoms(figures):
        if isinstance(atom, _Heading):
            title, subtitle = atom.title or title, atom.subtitle or ("" if atom.title else subtitle)
            continue
        found.append(Panel(atom.title or title, atom.subtitle or ("" if atom.title else subtitle), atom.body))
        title, subtitle = "", ""
    return tuple(found)


def remarks(figures: object) -> tuple[str, ...]:
    """The page's closing remarks."""
    foot = getattr(figures, "foot", None)
    return tuple(_read(foot).lines) if isinstance(foot, Markup) else ()


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
        legend = getattr(value, "legend", None)
        for field in fields(value):
            part = getattr(value, field.name)
            if isinstance(part, Deck) and isinstance(legend, Markup):
                yield field.name, Panel("", "", _map(part, legend))
            elif field.name not in _BESIDE:
                yield field.name, part
    elif isinstance(value, Mapping):
        yield from ((str(key), part) for key, part in value.items())
    elif isinstance(value, list | tuple):
        yield from (("", part) for part in value)


def _markup(markup: Markup, *, is_heading: bool) -> Iterator[_Heading | Panel]:
    read = _read(markup)
    if read.tables:
        title, subtitle = read.title, " ".join(read.lines)
        for grid in read.tables:
            yield Panel(title, subtitle, grid)
            title, subtitle = title and f"{title} ·", ""
        return
    if is_heading or (read.title and len(read.lines) <= 1):
        yield _Heading(read.title, " ".join(read.lines))
    elif read.lines:
        yield Panel(read.title, "", Lines(tuple(read.lines)))


class _Reader(HTMLParser):
    """Reads a card: its title, its tables, and its other words line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.lines: list[str] = []
        self.tables: list[Grid] = []
        self._words: list[str] = []
        self._silent = 0
        self._tile = ""
        self._rows: list[list[str]] | None = None
        self._heads = 0
        self._cell: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent:
            return
        if tag == "table":
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
        elif tag in {"td", "th"}:
            self._flush_cell()
        elif tag == "thead" and self._rows is not None:
            self._heads = len(self._rows)
        elif tag == "table" and self._rows is not None:
            self.tables += _grid(self._rows, self._heads)
            self._rows = None
        elif tag in {"h1", "h2"}:
            words = self._taken()
            if self.title and words:
                self.lines.append(words)
            self.title = self.title or words
        elif tag == "h3":
            self._tile = self._taken()
            self.lines.append(self._tile)
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
        if self._tile and self.lines and self.lines[-1].startswith(self._tile):
            self.lines[-1] = f"{self.lines[-1]} · {words}"
        else:
            self.lines.append(words)

    def _flush_cell(self) -> None:
        if self._cell is not None and self._rows:
            self._rows[-1] += [self._taken(), *[""] * (self._cell[1] - 1)]
        self._cell = None

    def close(self) -> None:
        super().close()
        self._flush()


def _read(markup: Markup) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


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
    layers = {layer["id"]: layer["data"] for layer in orjson.loads(deck.to_json())["layers"]}
    areas = tuple(
        Area(
            name=str(one["properties"].get("name", "")),
            rings=tuple(_rings(one["geometry"])),
            fill=_hex(one["properties"]["fill"]),
            line=_hex(one["properties"]["line"]),
        )
        for one in layers.get("areas", ())
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


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield tuple((point[0], point[1]) for point in polygon[0])


def _hex(colour: list[int]) -> str:
    """`[r, g, b]` or `[r, g, b, a]` on white as RRGGBB."""
    share = (colour[3] if len(colour) > 3 else 255) / 255
    return "".join(f"{round(255 - (255 - part) * share):02X}" for part in colour[:3])

"""The charts and maps of a deck as pictures: for each an SVG with real text and a PNG twice its size.

A picture names its day, version and data, wherever it is put. No browser is asked: the page of all pictures
is set once, and PDFium turns it into points of colour.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboards.exports.deck import Chart, Deck, Map, Panel, View
from dashboards.exports.drawing import chart_svg, map_svg
from dashboards.exports.drawing_axes import plain
from dashboards.exports.drawing_marks import number, written
from dashboards.exports.pdf import faced, faces, head_of, printed
from dashboards.figures import fitting
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.theme import FONT, LIGHT

WIDTH, HEIGHT = 960.0, 600.0  # pixels
_TWICE = 2
_MARGIN, _GAP = 24.0, 12.0
_TITLE, _SMALL = 18.0, 12.0  # sizes of type
_LINE = 1.35  # of a size
_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a ZIP file knows: the same deck, the same bytes
_BANNED = re.compile(r'[\\/:*?"<>|\s]+')
_ENDS = re.compile(r"[\s，。、；：（]")  # where a long name may be cut: never inside a number
_LONGEST = 60  # signs of a name


@dataclass(frozen=True)
class _Picture:
    """A picture, what its files are called, without the ending, and all that stands in it."""

    name: str
    drawn: Markup

    def svg(self, font: str) -> Markup:
        """The picture in a font; without one it takes that of the page."""
        return tag(
            "svg",
            self.drawn,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
            width=number(WIDTH),
            height=number(HEIGHT),
            font_family=font or None,
        )


def pictures(deck: Deck) -> bytes:
    """A ZIP of all charts and maps in the order of the slides; the same deck gives the same bytes.

    Raises PrintingUnavailable where no PNG can be made.
    """
    found = [
        _Picture(_name(place, part, view, panel), _drawn(view, panel, deck))
        for place, view in enumerate(deck.views, 1)
        for part, panel in enumerate((one for one in view.panels if isinstance(one.body, Chart | Map)), 1)
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        pngs = rastered([one.svg("") for one in found], WIDTH, HEIGHT, deck.dated)
        for one, png in zip(found, pngs, strict=True):
            file.writestr(zipfile.ZipInfo(f"{one.name}.svg", _FIRST), one.svg(FONT), zipfile.ZIP_DEFLATED)
            file.writestr(zipfile.ZipInfo(f"{one.name}.png", _FIRST), png)
    return buffer.getvalue()


def _name(place: int, part: int, view: View, panel: Panel) -> str:
    said = f"{view.title} {panel.title}" if panel.title != view.title else view.title
    name = _BANNED.sub(" ", plain(said)).strip(" .")
    if len(name) > _LONGEST:
        ends = [found.start() for found in _ENDS.finditer(name, 0, _LONGEST)]
        name = name[: ends[-1]] if ends else view.title[:_LONGEST]
    return f"{place:02}-{part:02} {name}".rstrip(" .")


def _drawn(view: View, panel: Panel, deck: Deck) -> Markup:
    """The drawing under its title and above the line that says of which day, version and data it is."""
    across, top = WIDTH - 2 * _MARGIN, _MARGIN
    parts = [tag("rect", width=number(WIDTH), height=number(HEIGHT), fill=LIGHT.card)]
    for text, size, colour, weight in (
        (panel.title or view.title, _TITLE, LIGHT.ink, 700),
        (" · ".join(filter(None, (view.title, view.words))), _SMALL, LIGHT.muted, None),
        (panel.subtitle, _SMALL, LIGHT.muted, None),
    ):
        for line in fitting.broken(plain(text), across, size) if text else ():
            parts.append(written(line, (_MARGIN, top + size / 2), size, colour, weight=weight))
            top += size * _LINE
    foot = HEIGHT - _MARGIN - _SMALL / 2
    parts.append(written(plain(view.line), (_MARGIN, foot), _SMALL, LIGHT.muted))
    if deck.mark:
        parts.append(written(plain(deck.mark), (WIDTH - _MARGIN, foot), _SMALL, LIGHT.red, "end", weight=700))
    credit = " ".join(view.remarks) if isinstance(panel.body, Map) else ""
    for line in reversed(fitting.broken(plain(credit), across, _SMALL) if credit else []):
        foot -= _SMALL * _LINE
        parts.append(written(line, (_MARGIN, foot), _SMALL, LIGHT.muted))
    high = foot - _SMALL - _GAP - top
    drawn = (
        chart_svg(panel.body.figure, across, high, deck.language)
        if isinstance(panel.body, Chart)
        else map_svg(panel.body, across, high)
        if isinstance(panel.body, Map)
        else Markup("")
    )
    parts.append(tag("g", drawn, transform=f"translate({number(_MARGIN)} {number(top + _GAP)})"))
    return joined(*parts)


def rastered(drawn: Sequence[Markup], wide: float, high: float, dated: date) -> list[bytes]:
    """Drawings (SVG) of `wide` by `high` pixels as PNG files twice that size, in the bundled font.

    Raises PrintingUnavailable.
    """
    from pypdfium2 import PdfDocument  # noqa: PLC0415 - loaded when pictures are first asked for

    if not drawn:
        return []
    body = joined(*(tag("div", one) for one in drawn))
    rules, families = faces(body)
    style = f"{rules}\n@page {{ size: {wide}px {high}px; margin: 0; }}\nbody {{ margin: 0; }}\n"
    style += "div + div { break-before: page; } svg { display: block; }"
    page = tag("html", head_of("", "", dated, style), tag("body", faced(body, families)))
    made = []
    for sheet in PdfDocument(printed(page, dated)):
        buffer = io.BytesIO()
        sheet.render(scale=_TWICE * wide / sheet.get_width()).to_pil().save(buffer, "PNG")
        made.append(buffer.getvalue())
    return made

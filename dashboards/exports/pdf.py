"""The only file that writes PDF documents: selectable text in the bundled font, bookmarks, whole tables.

WeasyPrint sets them with the system's Pango; where that is missing only what is written here is missing.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from dashboards.exports.document import (
    DRAWING_HEIGHT,
    DRAWING_WIDTH,
    Block,
    Document,
    Drawing,
    Heading,
    Paragraph,
    Slot,
    Table,
    is_whole,
    shares,
)
from dashboards.exports.drawing import chart_svg
from dashboards.figures.markup import Markup, escaped, joined, tag
from queries.vocabulary import Language

_EPOCH = "SOURCE_DATE_EPOCH"
_ONE = threading.Lock()  # the day of its fonts is said through the environment of the whole process
FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts" / "noto-sans-sc"
_FACE = re.compile(
    r"@font-face \{.*?font-family: '([^']+)'.*?url\(\./([\w.-]+)\).*?unicode-range: ([^;]+);.*?\}", re.DOTALL
)
_STYLE = """
@page {
  size: A4; margin: 37mm 26mm 35mm 28mm;
  @top-right { content: var(--mark); color: #C8281E; font-size: 12pt; font-weight: 600; }
}
@page :right { @bottom-right { content: "— " counter(page) " —"; font-size: 12pt; } }
@page :left { @bottom-left { content: "— " counter(page) " —"; font-size: 12pt; } }
html { font: 400 12pt/1.75 var(--faces); color: #17212E; }
body { margin: 0; }
.number { margin: 0 0 14pt; padding-bottom: 8pt; border-bottom: 1.5pt solid #C8281E; text-align: center; }
.title { margin: 0 0 14pt; font-size: 20pt; font-weight: 700; line-height: 1.4; text-align: center;
  white-space: pre-line; }
h2, h3 { margin: 12pt 0 4pt; font-size: 14pt; font-weight: 700; break-after: avoid; }
h2 { bookmark-level: 1; } h3 { bookmark-level: 2; font-size: 12pt; font-weight: 600; }
p { margin: 0; }
:lang(zh) p.body { text-indent: 2em; }
p.quiet { font-size: 9.5pt; line-height: 1.5; color: #5F6B7A; text-indent: 0; }
table { width: 100%; margin: 4pt 0 12pt; border-collapse: collapse; table-layout: fixed; font-size: 9pt;
  line-height: 1.4; font-variant-numeric: tabular-nums; }
table.whole { break-inside: avoid; }
caption { font-size: 10.5pt; font-weight: 600; caption-side: top; padding-bottom: 3pt; break-after: avoid; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #5F6B7A; padding: 2pt 4pt; text-align: right; overflow-wrap: anywhere; }
th { background: #F6F7F9; text-align: center; font-weight: 600; }
td.name { text-align: left; }
figure { margin: 4pt 0 12pt; break-inside: avoid; }
figcaption { font-size: 10.5pt; font-weight: 600; text-align: center; }
.slots { break-inside: avoid; } .slot { border-bottom: 0.5pt dotted #5F6B7A; height: 24pt; }
.foot { margin-top: 16pt; padding-top: 4pt; border-top: 0.5pt solid #5F6B7A; }
"""


class PrintingUnavailable(Exception):
    """This machine cannot set a PDF; the message says what is missing and the cure."""


def pdf(document: Document) -> bytes:
    """The document as a PDF file; the same document gives the same bytes. Raises PrintingUnavailable."""
    return printed(html_of(document), document.dated)


def printed(html: Markup, dated: date) -> bytes:
    """A page of HTML, its fonts named by `faces`, as a PDF file of the day `dated`; raises as `pdf`."""
    page, fonts, only_files = _printer()
    read = page(string=html, base_url=f"{FONTS.as_uri()}/", url_fetcher=only_files)
    with _ONE, _dated(dated), _unsearched():
        # widths of tables are told by attributes: pages that are served may not hold styles
        made: bytes = read.write_pdf(font_config=fonts, presentational_hints=True)
    return made


def can_print() -> bool:
    """Whether this machine can set a PDF."""
    try:
        _printer()
    except PrintingUnavailable:
        return False
    return True


def html_of(document: Document) -> Markup:
    """The page that is set, with the faces of the slices of the bundled font that its text needs."""
    language = "zh-CN" if document.language == "zh" else "en"
    body = joined(
        tag("p", document.number, class_="number"),
        tag("h1", document.title, class_="title", style="bookmark-level: none"),
        *(_block(one, document.language) for one in document.blocks),
        tag("div", *(tag("p", line, class_="quiet") for line in document.foot), class_="foot"),
    )
    rules, families = faces(f"{body}{document.mark}— 0123456789")
    body = faced(body, families)
    named = f':root {{ --mark: "{document.mark}"; --faces: {families}; }}'
    head = head_of(document.title, document.mark, document.dated, f"{rules}\n{named}\n{_STYLE}")
    return joined(Markup("<!doctype html>"), tag("html", head, tag("body", body), lang=language))


def head_of(title: str, mark: str, dated: date, style: str) -> Markup:
    """The head of a page that is printed: what the file says of itself, and its style."""
    return tag(
        "head",
        Markup('<meta charset="utf-8">'),
        tag("title", title.replace("\n", " ")),
        _meta("author", "晴雨 Qingyu"),
        _meta("keywords", mark) if mark else None,
        _meta("dcterms.created", dated.isoformat()),
        _meta("dcterms.modified", dated.isoformat()),
        tag("style", Markup(style)),
    )


def _block(block: Block, language: Language) -> Markup:
    match block:
        case Heading():
            return tag(f"h{block.level + 1}", block.text)
        case Paragraph():
            return tag("p", block.text, class_="quiet" if block.quiet else "body")
        case Table():
            return _table(block)
        case Slot():
            return tag("div", *(tag("div", class_="slot") for _ in range(block.lines)), class_="slots")
        case Drawing():
            drawn = chart_svg(block.figure, DRAWING_WIDTH, DRAWING_HEIGHT, language)
            return tag("figure", tag("figcaption", block.title), drawn)


def _table(table: Table) -> Markup:
    columns = joined(*(Markup(f'<col style="width: {share * 100:.2f}%">') for share in shares(table)))
    head = tag("thead", tag("tr", *(tag("th", one) for one in table.headings)))
    rows = (
        tag(
            "tr", *(tag("td", one, class_="name" if at < table.names else None) for at, one in enumerate(row))
        )
        for row in table.rows
    )
    whole = "whole" if is_whole(table) else None
    return tag("table", tag("caption", table.title), columns, head, tag("tbody", *rows), class_=whole)


def _meta(name: str, content: str) -> Markup:
    return Markup(f'<meta name="{name}" content="{escaped(content)}">')


def faces(text: str) -> tuple[str, str]:
    """The @font-face rules of the slices that hold any sign of `text`, and the list of their families.

    Each slice is a family of its own: under one name WeasyPrint would take all of them for the same font.
    """
    signs = {ord(sign) for sign in text}
    every = enumerate(_FACE.finditer((FONTS / "noto-sans-sc.css").read_text(encoding="utf-8")))
    held = [(place, face) for place, face in every if any(_holds(one, signs) for one in face[3].split(","))]
    rules = [face[0].replace(face[1], f"Slice {place}") for place, face in held]
    return "\n".join(rules), ", ".join(f'"Slice {place}"' for place, _ in held)


def faced(body: Markup, families: str) -> Markup:
    """`body` with the `families` of `faces` in its drawings, which take none from the page around them."""
    return Markup(body.replace("<svg xmlns", f'<svg font-family="{families.replace(chr(34), "")}" xmlns'))


def _holds(piece: str, signs: set[int]) -> bool:
    first, _, last = piece.strip().removeprefix("U+").partition("-")
    return not signs.isdisjoint(range(int(first, 16), int(last or first, 16) + 1))


@contextmanager
def _dated(day: date) -> Iterator[None]:
    """Fonts that are unpacked inside bear this day, not this moment."""
    before = os.environ.get(_EPOCH)
    os.environ[_EPOCH] = str(int(datetime.combine(day, time(), UTC).timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ[_EPOCH]
        else:
            os.environ[_EPOCH] = before


@contextmanager
def _unsearched() -> Iterator[None]:
    """All boxes of a document live to its end: looking for dead ones among them takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _printer() -> tuple[Any, Any, Any]:
    """What reads HTML, what keeps the fonts once unpacked, and what fetches nothing but files."""
    try:
        with redirect_stdout(io.StringIO()):  # it prints an essay of its own
            from weasyprint import HTML  # noqa: PLC0415 - a machine without Pango must still start
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
            from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise PrintingUnavailable(
            "This machine has no Pango, which sets PDF files; install libpangoft2-1.0-0 and "
            "libharfbuzz-subset0 (apt install, or dnf install pango), or ask for docx alone."
        ) from error
    # or its folder of unpacked fonts would stay behind when this process ends
    atexit.register(_printer.cache_clear)
    return HTML, FontConfiguration(), URLFetcher(allowed_protocols=("file",))

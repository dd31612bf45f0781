"""A deck as PDF: the slides of the wall on pages 16 to 9, selectable text, a bookmark for each view."""

from __future__ import annotations

from dashboards.exports import paging
from dashboards.exports.deck import Deck
from dashboards.exports.pdf import faced, faces, head_of, printed
from dashboards.exports.presentation import slides_of
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.theme import LIGHT

_STYLE = f"""
@page {{ size: {paging.WIDTH}px {paging.HEIGHT}px; margin: 0; }}
* {{ box-sizing: border-box; bookmark-level: none; }}
html {{ font: 400 10px/1.3 var(--faces); color: {LIGHT.ink}; font-variant-numeric: tabular-nums; }}
body, h1, h2, p {{ margin: 0; font-weight: inherit; }}
section {{ position: relative; height: {paging.HEIGHT}px; overflow: hidden; }}
section + section {{ break-before: page; }}
section.first {{ bookmark-level: 1; bookmark-label: attr(data-name); }}
header, footer {{ position: absolute; left: {paging.MARGIN}px; right: {paging.MARGIN}px; }}
header {{ top: 18px; height: 69px; padding-right: 170px; border-bottom: 1.5px solid {LIGHT.primary}; }}
header h1 {{ font-size: 24px; font-weight: 700; }}
header p {{ font-size: 12px; color: {LIGHT.muted}; }}
.mark {{ color: {LIGHT.red}; font-weight: 700; }}
header .mark {{ position: absolute; right: 0; top: 6px; font-size: 12px; }}
article {{ position: absolute; padding-top: {paging.HEAD}px; }}
.told {{ position: absolute; top: 0; left: 0; right: 0; }}
.told h2 {{ font-weight: 700; }}
.told p {{ color: {LIGHT.muted}; }}
{" ".join(f".s{size} {{ font-size: {size}px; }}" for size in range(7, 14))}
.lines p {{ font-size: 13px; margin-bottom: 6px; }}
.lines p.hero {{ font-size: {paging.HERO}px; font-weight: 600; line-height: 1.1; }}
table {{ border-collapse: collapse; table-layout: fixed; }}
th, td {{ padding: 3px 4px; text-align: left; border-bottom: 0.5px solid {LIGHT.hairline};
  overflow-wrap: anywhere; vertical-align: middle; }}
th {{ background: {LIGHT.missing}; color: {LIGHT.muted}; font-weight: 700; }}
.num {{ text-align: right; }}
footer {{ top: 503px; font-size: 9px; color: {LIGHT.muted}; }}
footer span + span {{ position: absolute; right: 0; }}
.credit {{ position: absolute; left: {paging.MARGIN}px; right: {paging.MARGIN + 60}px; top: 517px;
  font-size: 7px; color: {LIGHT.muted}; }}
.cover {{ position: absolute; left: 61px; right: 61px; top: 173px; padding-left: 18px;
  border-left: 8px solid {LIGHT.primary}; }}
.cover h1 {{ font-size: 36px; font-weight: 700; margin-bottom: 14px; }}
.cover p {{ font-size: 16px; line-height: 1.7; color: {LIGHT.muted}; }}
.cover p.mark {{ color: {LIGHT.red}; }}
"""


def pdf(deck: Deck) -> bytes:
    """The deck as a PDF file; the same deck gives the same bytes.

    Raises PrintingUnavailable.
    """
    return printed(html_of(deck), deck.dated)


def html_of(deck: Deck) -> Markup:
    """The page that is set: every slide a page of its own."""
    before, pages = 0, []
    for page in slides_of(deck):
        first = page.view > before
        name = deck.views[page.view - 1].title if first else None
        pages.append(tag("section", page.drawn, class_="first" if first else None, data_name=name))
        before = page.view
    body = joined(*pages)
    rules, families = faces(body)
    body = faced(body, families)
    head = head_of(deck.title, deck.mark, deck.dated, f"{rules}\n:root {{ --faces: {families}; }}\n{_STYLE}")
    language = "zh-CN" if deck.language == "zh" else "en"
    return joined(Markup("<!doctype html>"), tag("html", head, tag("body", body), lang=language))

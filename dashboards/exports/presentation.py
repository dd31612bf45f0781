"""A deck as one page for the wall, and one for whoever speaks: every slide drawn before the first is shown.

The page asks the server for nothing but its style, script and fonts: once it stands, the connection may go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.exports import paging
from dashboards.exports.deck import Chart, Deck, Grid, Lines, Map, Panel, View
from dashboards.exports.drawing import chart_svg, map_svg
from dashboards.exports.drawing_axes import Undrawable
from dashboards.exports.paging import Placed
from dashboards.figures.markup import Child, Markup, joined, tag
from dashboards.figures.theme import LIGHT, css_variables
from queries.vocabulary import Language, Text

FONTS = "/assets/fonts/noto-sans-sc/noto-sans-sc.css"
STYLE, SCRIPT = "/present.css", "/present.js"
_TAGS = {"zh": "zh-CN", "en": "en"}

_START = Text("按空格键或点击，开始全屏放映", "Press space or click to begin full screen")
_VIEW = Text("第 {place} 个视图，共 {all} 个", "View {place} of {all}")
_NOTES, _NO_NOTES = Text("备注", "Notes"), Text("此页没有备注", "No notes for this slide")
_NEXT, _LAST = Text("下一页", "Next"), Text("这是最后一页", "This is the last slide")
_ELAPSED, _CLOCK = Text("已用时", "Elapsed"), Text("现在", "Now")
_AWAY = Text("与服务器的连接已断开，放映不受影响", "The server is away; the slides are all here")
_UNDRAWN = Text("此图只能在看板上查看", "This chart is drawn on its board only")
_SECONDS = Text("{n} 秒", "{n} s")
_AUTOMATIC = Text("自动播放间隔", "Seconds between slides")
_PAUSES = (10, 20, 30, 60)
_BUTTONS = (
    ("back", Text("上一页（←）", "Back (←)"), "‹"),
    ("next", Text("下一页（→）", "Next (→)"), "›"),
    ("full", Text("全屏（F）", "Full screen (F)"), "□"),
    ("blank", Text("黑屏（B）", "Blank (B)"), "■"),
    ("laser", Text("激光笔（L）", "Laser (L)"), "●"),
    ("auto", Text("自动播放（A）", "Automatic (A)"), "▶"),
    ("speak", Text("演讲者窗口（N）", "Speaker's window (N)"), "☰"),
    ("clock", Text("重新计时（T）", "Restart the timer (T)"), "↺"),
    ("leave", Text("退出（Esc）", "Leave (Esc)"), "✕"),
)


@dataclass(frozen=True)
class Page:
    """One slide: of which view (0 is the cover) and what stands on it."""

    view: int
    drawn: Markup
    note: str = ""


def presentation(deck: Deck, address: str, back: str, *, is_speaker: bool = False) -> Markup:
    """The whole page; `address` is where it stands, `back` the page to leave to.

    With `is_speaker` the page of the speaker's window: the slide, the next one, the notes and the clock.
    """
    now = deck.language
    found = list(slides_of(deck))
    stage = tag(
        "main",
        *(
            tag("section", one.drawn, class_="slide", data_view=one.view, data_place=place)
            for place, one in enumerate(found, 1)
        ),
        id="stage",
    )
    page = tag(
        "body",
        tag("div", stage, id="frame"),
        _speaker(found, now) if is_speaker else None,
        _bar(deck, now, is_speaker=is_speaker),
        tag("div", id="blank", hidden=True),
        tag("div", id="laser", hidden=True),
        tag("output", id="typed", hidden=True),
        tag("div", _START.in_(now), id="start", hidden=is_speaker),
        tag("div", _AWAY.in_(now), id="away", role="status", hidden=True),
        class_="speaker" if is_speaker else "wall",
        data_address=address,
        data_back=back,
    )
    head = tag(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        tag("title", f"{deck.title} · {deck.mark}" if deck.mark else deck.title),
        *(Markup(f'<link rel="stylesheet" href="{place}">') for place in (FONTS, STYLE)),
        tag("style", Markup(f":root{{{css_variables(LIGHT)}}}")),
        tag("script", src=SCRIPT, defer=True),
    )
    return joined(Markup("<!DOCTYPE html>"), tag("html", head, page, lang=_TAGS[now]))


def slides_of(deck: Deck) -> Iterator[Page]:
    """The slides in order, the cover first."""
    yield Page(0, _cover(deck))
    number = 1
    for place, view in enumerate(deck.views, 1):
        found = paging.pages(view.panels, deck.language)
        for part, panels in enumerate(found, 1):
            number += 1
            more = deck.more.format(place=part, all=len(found)) if len(found) > 1 else ""
            drawn = _slide(view, panels, f"{view.title}{more}", number, deck)
            yield Page(place, drawn, view.note)


def _cover(deck: Deck) -> Markup:
    return tag(
        "div",
        tag("h1", deck.title),
        *(tag("p", line) for line in deck.subtitle),
        tag("p", deck.mark, class_="mark") if deck.mark else None,
        class_="cover",
    )


def _slide(view: View, panels: Sequence[Placed], title: str, number: int, deck: Deck) -> Markup:
    return joined(
        tag(
            "header",
            tag("h1", title),
            tag("p", view.words),
            tag("b", deck.mark, class_="mark") if deck.mark else None,
        ),
        *(_panel(one, deck.language) for one in panels),
        # Whose the boundaries are is said where they are shown.
        tag("p", " ".join(view.remarks), class_="credit") if any(map(_is_map, panels)) else None,
        tag("footer", tag("span", view.line), tag("span", number)),
    )


def _panel(placed: Placed, now: Language) -> Markup:
    panel = placed.panel
    title, subtitle = paging.heading_sizes(panel, placed.wide)
    told = (
        tag("h2", panel.title, class_=f"s{title}") if panel.title else None,
        tag("p", panel.subtitle, class_=f"s{subtitle}") if panel.subtitle else None,
    )
    box = f"left:{placed.left:.1f}px;top:{placed.top:.1f}px;width:{placed.wide:.1f}px"
    return tag("article", tag("div", *told, class_="told"), _body(placed, now), style=box)


def _body(placed: Placed, now: Language) -> Markup:
    panel, wide, high = placed.panel, placed.wide, placed.high - paging.HEAD
    match panel.body:
        case Lines(lines):
            told = (tag("p", line, class_="hero" if paging.is_hero(line) else None) for line in lines)
            return tag("div", *told, class_="lines")
        case Grid():
            return _table(panel.body, wide)
        case _:
            return _drawn(panel, wide, high, now) or tag("div", tag("p", _UNDRAWN.in_(now)), class_="lines")


def thumbnail(view: View, wide: float, high: float, now: Language) -> Markup | None:
    """The first map or chart of a view, small; None where it has none."""
    drawn = (_drawn(panel, wide, high, now) for panel in view.panels)
    return next((one for one in drawn if one is not None), None)


def _drawn(panel: Panel, wide: float, high: float, now: Language) -> Markup | None:
    """A map or chart; None of what is neither, or what a browser alone can draw."""
    match panel.body:
        case Map():
            return map_svg(panel.body, wide, high)
        case Chart(figure):
            try:
                return chart_svg(figure, wide, high, now)
            except Undrawable:
                return None
    return None


def _is_map(placed: Placed) -> bool:
    return isinstance(placed.panel.body, Map)


def _table(grid: Grid, wide: float) -> Markup:
    sized = paging.columns(grid, wide)
    columns = tag("colgroup", *(Markup(f'<col width="{one:.1f}">') for one in sized))
    kinds = ["num" if paging.is_figure(grid, place) else None for place in range(len(sized))]
    head = tag("tr", *(tag("th", text, class_=kind) for text, kind in zip(grid.headings, kinds, strict=True)))
    rows = (
        tag("tr", *(tag("td", text, class_=kind) for text, kind in zip(row, kinds, strict=True)))
        for row in grid.rows
    )
    has_head = any(grid.headings)
    return tag(
        "table",
        columns,
        tag("thead", head) if has_head else None,
        tag("tbody", *rows),
        width=f"{sum(sized):.1f}",
    )


def _speaker(found: Sequence[Page], now: Language) -> Markup:
    notes: list[Child] = [
        tag("div", *map(_line, one.note.split("\n")), class_="note", data_place=place, hidden=True)
        if one.note
        else tag(
            "div", tag("p", _NO_NOTES.in_(now), class_="quiet"), class_="note", data_place=place, hidden=True
        )
        for place, one in enumerate(found, 1)
    ]
    return tag(
        "aside",
        tag("div", tag("h2", _NEXT.in_(now)), tag("div", id="next", data_last=_LAST.in_(now))),
        tag("div", tag("h2", _NOTES.in_(now)), *notes, id="notes"),
        tag(
            "div",
            *(
                tag("p", tag("span", text.in_(now)), tag("output", "", id=name), class_="clock")
                for name, text in (("elapsed", _ELAPSED), ("time", _CLOCK))
            ),
        ),
        id="speaker",
    )


def _line(text: str) -> Markup:
    return tag("p", text)


def _bar(deck: Deck, now: Language, *, is_speaker: bool) -> Markup:
    pauses = (
        tag("option", _SECONDS.in_(now).format(n=one), value=one, selected=one == _PAUSES[1])
        for one in _PAUSES
    )
    names = {"speak": not is_speaker, "full": not is_speaker, "laser": not is_speaker}
    buttons = (
        tag("button", sign, type="button", data_do=name, title=text.in_(now), aria_label=text.in_(now))
        for name, text, sign in _BUTTONS
        if names.get(name, True)
    )
    return tag(
        "nav",
        *buttons,
        tag("select", *pauses, id="pause", title=_AUTOMATIC.in_(now), aria_label=_AUTOMATIC.in_(now)),
        tag("output", "", id="place", data_say=_VIEW.in_(now).format(place="{place}", all=len(deck.views))),
        id="bar",
    )

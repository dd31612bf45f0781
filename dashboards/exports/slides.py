"""The only file that writes PowerPoint: a deck as slides with native charts, tables and shapes, 16 to 9.

Faces are ones that Windows has; each run also names its Chinese face, with the kind of face and script that
desktops without it look for in its place.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.exc import PackageNotFoundError
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Pt

from dashboards.exports import paging
from dashboards.exports.charts import FACE, chart_data, chart_type, dressed, numbers_of, parts, plot, rgb
from dashboards.exports.deck import Chart, Deck, Grid, Lines, Map, Panel, View, printable
from dashboards.exports.drawing import projection, thinned_ring
from dashboards.exports.drawing_axes import plain
from dashboards.exports.drawing_marks import reach, shade
from dashboards.exports.paging import Placed, pages
from dashboards.figures import fitting
from dashboards.figures.theme import contrast

WIDTH, HEIGHT = Pt(paging.WIDTH), Pt(paging.HEIGHT)
_MARGIN, _HEAD = Pt(paging.MARGIN), Pt(paging.HEAD)
_INK, _MUTED, _PRIMARY, _RED = "17212E", "5F6B7A", "274C8F", "C8281E"
_PALE, _HAIRLINE = "EEF0F3", "E3E7ED"
_TITLE, _WORDS, _BODY, _SMALL, _CREDIT = 24, 12, 13, 9, 7  # points
_TINY, _ROW = 6, 24.0  # points: the type and the height of a heat map's cells
_ASIDE = Pt(36)  # for the names of its rows
_PROPERTY = 255  # signs that a property of a file holds
# The office's own: its master may carry a mark or a ground; slides stand on its layout of this name.
TEMPLATE = Path(__file__).resolve().parents[2] / "assets" / "office" / "slides.pptx"
_BLANK = "Blank"


class BadTemplate(Exception):
    """The office's template cannot be used; the message says why and the cure."""


@dataclass(frozen=True)
class _Box:
    left: int
    top: int
    width: int
    height: int


def slides(deck: Deck) -> bytes:
    """The deck as a PPTX file: a first slide, then each view on as many slides as it needs.

    Raises BadTemplate.
    """
    file = _template()
    _properties(file, deck)
    _first(file, deck)
    for view in deck.views:
        native = (part for panel in view.panels for part in _native(panel, deck))
        found = pages(native, deck.language)
        for place, panels in enumerate(found, 1):
            more = deck.more.format(place=place, all=len(found)) if len(found) > 1 else ""
            _page(file, deck, view, panels, more)
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def _template() -> Any:
    try:
        file = Presentation(str(TEMPLATE))
    except (OSError, KeyError, ValueError, PackageNotFoundError) as wrong:
        raise BadTemplate(
            f"{TEMPLATE} is no PowerPoint file ({wrong}); put the one delivered back"
        ) from wrong
    if file.slide_layouts.get_by_name(_BLANK) is None or len(file.slides):
        raise BadTemplate(
            f'{TEMPLATE} needs a layout called "{_BLANK}" and no slides; rename one of its layouts, take '
            "its slides out, or put the file delivered back"
        )
    file.slide_width, file.slide_height = WIDTH, HEIGHT
    return file


def _native(panel: Panel, deck: Deck) -> list[Panel]:
    """The panel as PowerPoint can edit it: several charts for several groups, or numbers as a table."""
    body = panel.body
    if not isinstance(body, Chart) or _heat(body) is not None:
        return [panel]
    if plot(body.figure, deck.language) is None:
        return [replace(panel, body=numbers_of(body.figure))]
    return [
        replace(panel, title=" · ".join(filter(None, (panel.title, name))), body=Chart(figure))
        for name, figure in parts(body.figure)
    ]


def _heat(chart: Chart) -> Mapping[str, Any] | None:
    """The trace of a heat map."""
    return next((trace for trace in chart.figure["data"] if trace.get("type") == "heatmap"), None)


def _first(file: Any, deck: Deck) -> None:
    slide = file.slides.add_slide(file.slide_layouts.get_by_name(_BLANK))
    _bar(slide, _Box(_MARGIN, Inches(2.55), Inches(0.12), Inches(1.2)))
    box = _Box(Inches(0.85), Inches(2.4), Inches(11.6), Inches(1.5))
    _write(slide, box, [(deck.title, 36, _INK, True)], anchor=MSO_ANCHOR.MIDDLE)
    told = [(line, 16, _MUTED, False) for line in deck.subtitle]
    _write(slide, _Box(Inches(0.85), Inches(4.0), Inches(11.6), Inches(2.2)), told)
    if deck.mark:
        _write(slide, _Box(Inches(0.85), Inches(6.3), Inches(6), Inches(0.5)), [(deck.mark, 16, _RED, True)])


def _page(file: Any, deck: Deck, view: View, panels: Sequence[Placed], more: str) -> None:
    slide = file.slides.add_slide(file.slide_layouts.get_by_name(_BLANK))
    whole = WIDTH - 2 * _MARGIN
    heading = [(f"{view.title}{more}", _TITLE, _INK, True), (view.words, _WORDS, _MUTED, False)]
    _write(slide, _Box(_MARGIN, Inches(0.25), whole - Inches(2.2), Inches(0.95)), heading)
    if deck.mark:
        mark = _Box(WIDTH - _MARGIN - Inches(2.2), Inches(0.3), Inches(2.2), Inches(0.4))
        _write(slide, mark, [(deck.mark, 12, _RED, True)], align=PP_ALIGN.RIGHT)
    _bar(slide, _Box(_MARGIN, Inches(1.2), whole, Pt(1.5)))
    for one in panels:
        _panel(slide, one.panel, _Box(Pt(one.left), Pt(one.top), Pt(one.wide), Pt(one.high)), deck)
    foot = _Box(_MARGIN, Inches(6.98), whole - Inches(0.8), Inches(0.4))
    _write(slide, foot, [(view.line, _SMALL, _MUTED, False)])
    if any(isinstance(one.panel.body, Map) for one in panels):
        # whose the boundaries are is said where they are shown
        credit = replace(foot, top=foot.top + Pt(13))
        _write(slide, credit, [(" ".join(view.remarks), _CREDIT, _MUTED, False)])
    number = _Box(WIDTH - _MARGIN - Inches(0.8), Inches(6.98), Inches(0.8), Inches(0.4))
    _write(slide, number, [(str(len(file.slides)), _SMALL, _MUTED, False)], align=PP_ALIGN.RIGHT)
    noted = "\n".join(line for line in (view.note, view.line, *view.remarks) if line)
    frame = slide.notes_slide.notes_text_frame
    frame.text = printable(noted)
    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            _face(run)


def _panel(slide: Any, panel: Panel, box: _Box, deck: Deck) -> None:
    title, subtitle = paging.heading_sizes(panel, Emu(box.width).pt)
    heading = [(panel.title, title, _INK, True), (panel.subtitle, subtitle, _MUTED, False)]
    told = [line for line in heading if line[0]]
    if told:
        _write(slide, replace(box, height=_HEAD), told)
    below = replace(box, top=box.top + _HEAD, height=box.height - _HEAD)
    match panel.body:
        case Lines():
            heroes = ((line, paging.is_hero(line)) for line in panel.body.lines)
            told = [(line, paging.HERO if hero else _BODY, _INK, hero) for line, hero in heroes]
            _write(slide, below, told, space=6)
        case Grid():
            _table(slide, panel.body, below)
        case Map():
            _map(slide, panel.body, below)
        case Chart():
            heat, found = _heat(panel.body), plot(panel.body.figure, deck.language)
            if heat is not None:
                _cells(slide, heat, panel.body.figure, below)
            elif found is not None:
                place = (below.left, below.top, below.width, below.height)
                dressed(slide.shapes.add_chart(chart_type(found), *place, chart_data(found)).chart, found)


def _table(slide: Any, grid: Grid, box: _Box) -> None:
    columns = paging.columns(grid, Emu(box.width).pt)
    heads = int(any(grid.headings))
    lines = (grid.headings, *grid.rows) if heads else grid.rows
    heights = [paging.row_height(line, columns) for line in lines]
    shape = slide.shapes.add_table(
        len(lines), len(columns), box.left, box.top, Pt(sum(columns)), Pt(sum(heights))
    )
    table = shape.table
    _plain(shape)
    table.first_row = bool(heads)
    for place, wide in enumerate(columns):
        table.columns[place].width = Pt(wide)
    for line, (row, high) in enumerate(zip(lines, heights, strict=True)):
        table.rows[line].height = Pt(high)
        for place, text in enumerate(row):
            _cell(
                table.cell(line, place), text, is_head=line < heads, is_name=not paging.is_figure(grid, place)
            )


def _plain(shape: Any) -> None:
    """A table without a style of its own: no bands, no lines."""
    shape.table.horz_banding = False
    style = shape._element.find(f".//{qn('a:tableStyleId')}")  # noqa: SLF001 - python-pptx has no word for it
    style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def _cells(slide: Any, heat: Mapping[str, Any], figure: Mapping[str, Any], box: _Box) -> None:
    """A heat map as a table of coloured cells with their numbers; what carries a dot on the page has one."""
    low, high = reach(heat)
    ticks = figure["layout"].get("yaxis") or {}
    names = dict(zip(ticks.get("tickvals") or (), ticks.get("ticktext") or (), strict=False))
    dots = {
        place
        for trace in figure["data"]
        if trace.get("type") == "scatter"
        for place in zip(trace["x"], trace["y"], strict=True)
    }
    wide, tall = (box.width - _ASIDE) // len(heat["x"]), Pt(_ROW)
    frame = slide.shapes.add_table(
        len(heat["y"]) + 1, len(heat["x"]) + 1, box.left, box.top, _ASIDE + wide * len(heat["x"]), tall
    )
    _plain(frame)
    table = frame.table
    for place, column in enumerate(table.columns):
        column.width = wide if place else _ASIDE
    for row in table.rows:
        row.height = tall
    months = [str(x)[:7] for x in heat["x"]]
    for place, month in enumerate(months, 1):
        first, many = place == 1 or month != months[place - 2], months.count(month)
        if first and many > 1:
            table.cell(0, place).merge(table.cell(0, place + many - 1))
        _small(table.cell(0, place), month if first and many > 2 else "", _MUTED)
    for line, (y, values) in enumerate(zip(heat["y"], heat["z"], strict=True), 1):
        _small(table.cell(line, 0), plain(names.get(y, y)), _MUTED)
        for place, (x, value) in enumerate(zip(heat["x"], values, strict=True), 1):
            cell = table.cell(line, place)
            if value is None:
                _small(cell, "", _INK)
                continue
            colour = shade(heat, (value - low) / ((high - low) or 1))
            ink = max((f"#{_INK}", "#FFFFFF"), key=lambda one: contrast(one, colour))
            _small(cell, f"{'•' if (x, y) in dots else ''}{value:,}", ink[1:])
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(colour[1:])


def _small(cell: Any, text: str, colour: str) -> None:
    cell.margin_left = cell.margin_right = cell.margin_top = cell.margin_bottom = 0
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.CENTER
    _run(paragraph, text, _TINY, colour, is_bold=False)


def _cell(cell: Any, text: str, *, is_head: bool, is_name: bool) -> None:
    cell.margin_left = cell.margin_right = Pt(4)
    cell.margin_top = cell.margin_bottom = Pt(2)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT if is_name else PP_ALIGN.RIGHT
    _run(paragraph, text, paging.CELL, _MUTED if is_head else _INK, is_bold=is_head)
    if is_head:
        cell.fill.solid()
        cell.fill.fore_color.rgb = rgb(_PALE)
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - python-pptx has no word for borders
    border = (
        f'<a:lnB {nsdecls("a")} w="6350"><a:solidFill><a:srgbClr val="{_HAIRLINE}"/></a:solidFill></a:lnB>'
    )
    properties.insert(0, parse_xml(border))


def _map(slide: Any, drawn: Map, box: _Box) -> None:
    """The areas as freeform shapes, each named, below the legend."""
    keys = Inches(0.3) if drawn.keys else 0
    room = replace(box, top=box.top + keys, height=box.height - keys)
    place = projection(drawn, Emu(room.width).pt, Emu(room.height).pt, _SMALL)

    def at(lon: float, lat: float) -> tuple[int, int]:
        x, y = place(lon, lat)
        return room.left + Pt(x), room.top + Pt(y)

    for area in drawn.areas:
        shape = _outline(slide, [[at(*point) for point in ring] for ring in area.rings])
        shape.name = area.name
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(area.fill)
        shape.line.color.rgb = rgb(area.line)
        shape.line.width = Pt(0.75)
        _flat(shape)
    for leader in drawn.leaders:
        (x, y), (a, b) = (at(*point) for point in leader)
        line = slide.shapes.add_connector(1, x, y, a, b)
        line.line.color.rgb, line.line.width = rgb(_MUTED), Pt(0.5)
    for label in drawn.labels:
        x, y = at(label.lon, label.lat)
        wide, high = Pt(fitting.width(label.text, _SMALL) + 4), Pt(_SMALL * 1.4)
        left = x if label.is_beside else x - wide // 2
        _write(
            slide,
            _Box(left, y - high // 2, wide, high),
            [(label.text, _SMALL, label.colour, True)],
            wraps=False,
        )
    _keys(slide, drawn, box)


def _outline(slide: Any, rings: Sequence[Sequence[tuple[int, int]]]) -> Any:
    """A freeform shape around these rings.

    Its path is written at once: python-pptx measures the whole outline anew for each of its points.
    """
    left, top = (min(point[axis] for ring in rings for point in ring) for axis in (0, 1))
    right, bottom = (max(point[axis] for ring in rings for point in ring) for axis in (0, 1))
    builder = slide.shapes.build_freeform(left, top)
    builder.add_line_segments([(right, top), (right, bottom)], close=True)
    shape = builder.convert_to_shape()
    steps = []
    for ring in rings:
        first, *others = (f'<a:pt x="{x - left}" y="{y - top}"/>' for x, y in thinned_ring(ring, Pt(0.4)))
        lines = "".join(f"<a:lnTo>{point}</a:lnTo>" for point in others)
        steps.append(f"<a:moveTo>{first}</a:moveTo>{lines}<a:close/>")
    drawn = f'<a:path {nsdecls("a")} w="{right - left}" h="{bottom - top}">{"".join(steps)}</a:path>'
    path = shape._element.find(f".//{qn('a:path')}")  # noqa: SLF001 - python-pptx has no word for it
    path.getparent().replace(path, parse_xml(drawn))
    return shape


def _keys(slide: Any, drawn: Map, box: _Box) -> None:
    left = box.left
    for colour, words in drawn.keys:
        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, left, box.top + Pt(4), Pt(10), Pt(10))
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(colour)
        shape.line.color.rgb = rgb(_HAIRLINE)
        _flat(shape)
        wide = Pt(fitting.width(words, _SMALL) + 6)
        _write(slide, _Box(left + Pt(13), box.top + Pt(2), wide, Pt(14)), [(words, _SMALL, _INK, False)])
        left += Pt(17) + wide


def _bar(slide: Any, box: _Box) -> None:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, box.left, box.top, box.width, box.height)
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(_PRIMARY)
    shape.line.fill.background()
    _flat(shape)


def _flat(shape: Any) -> None:
    """No shadow: neither its own nor that of the theme, which some programs draw all the same."""
    shape.shadow.inherit = False
    shape._element.find(f".//{qn('a:effectRef')}").set("idx", "0")  # noqa: SLF001 - python-pptx has no word


def _write(
    slide: Any,
    box: _Box,
    lines: Sequence[tuple[str, int, str, bool]],
    *,
    align: PP_ALIGN = PP_ALIGN.LEFT,
    anchor: MSO_ANCHOR = MSO_ANCHOR.TOP,
    space: int = 0,
    wraps: bool = True,
) -> None:
    """Lines of text, size, colour and whether bold, in a box without margins."""
    frame = slide.shapes.add_textbox(box.left, box.top, box.width, box.height).text_frame
    frame.word_wrap, frame.vertical_anchor = wraps, anchor
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for place, (text, size, colour, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.space_after = align, Pt(space)
        _run(paragraph, text, size, colour, is_bold=bold)


def _run(paragraph: Any, text: str, size: int, colour: str, *, is_bold: bool) -> None:
    run = paragraph.add_run()
    run.text = printable(text)
    run.font.size, run.font.bold = Pt(size), is_bold
    run.font.color.rgb = rgb(colour)
    _face(run)


def _face(run: Any) -> None:
    run.font.name = FACE
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 - python-pptx names the Latin face only
    properties.set("lang", "zh-CN")
    latin = properties.find(qn("a:latin"))
    latin.addnext(parse_xml(f'<a:ea {nsdecls("a")} typeface="{FACE}" pitchFamily="34" charset="-122"/>'))


def _properties(file: Any, deck: Deck) -> None:
    told, day = file.core_properties, datetime.combine(deck.dated, datetime.min.time(), UTC)
    title, mark = (printable(text)[:_PROPERTY] for text in (deck.title, deck.mark))
    told.title, told.author, told.last_modified_by = title, "晴雨 Qingyu", "晴雨 Qingyu"
    told.keywords = told.comments = mark
    told.language = "zh-CN" if deck.language == "zh" else "en-US"
    told.created = told.modified = day

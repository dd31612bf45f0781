"""The hot-spot map by name: cells that stand out, the heaviest streets, the districts, and the file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import h3.api.numpy_int as h3
import numpy as np

from dashboards import numbers
from dashboards.cards.behind import opening, token, value_token
from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.hot_spots import FEW, PATTERNS, SPOTS, place_name
from dashboards.cards.hot_words import method_rows, no_cells
from dashboards.cards.hushed import instead, is_hushed
from dashboards.cards.regions import short
from dashboards.cards.volume import heading
from dashboards.exports.workbook import Cell, Sheet, workbook
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, tag
from dashboards.figures.ranking import Column, Group, Headings, Row, ranking
from queries.answer import Answer, figure
from queries.cell_map import VOLUME, Basis, CellMap
from queries.insights.emerging import Pattern
from queries.insights.hot_spots import HotSpotPolicy, Spot
from queries.insights.index import CITY_ROW
from queries.metrics import metric
from queries.metrics import metrics as metrics_of
from queries.question import Question
from queries.scope import CITY, Scope
from queries.vocabulary import Language, Text
from warehouse.schema import NOT_STATED

SHARE, PER_10K = "repeat_share", "cases_per_10k"
METRICS = (VOLUME, SHARE, PER_10K)
MOST_CELLS, MOST_STREETS = 20, 50
_CELL_HEADS = (
    Text("位置格（主要镇街）", "Cell (main street or town)"),
    Text("件数", "Items"),
    Text("常态", "Normal"),
    Text("倍数", "Ratio"),
    Text("判定", "Class"),
    Text("片", "Patch"),
    Text("演变", "Pattern"),
    Text("热点周数", "Weeks hot"),
)
_HINT = Text("H3 {cell}，中心 {lat}, {lon}，Gi* {score}", "H3 {cell}, centre {lat}, {lon}, Gi* {score}")
_FOCUS = {
    "rank": Text("位次", "Rank"),
    "move": Text("升降", "Move"),
    "name": Text("镇街", "Street or town"),
    "value": Text("件数", "Items"),
    "interval": Text("位次区间", "Rank interval"),
    "change": Text("较上年同期", "On last year"),
    "series": Text("走势", "Trend"),
}
_DISTRICT, _OF_DISTRICT = Text("区县", "District"), Text("占本区县", "Of its district")
_CELLS_SHEET, _STREETS_SHEET = Text("位置格", "Cells"), Text("重点镇街", "Focus list")
_DISTRICTS_SHEET, _METHOD_SHEET = Text("区县", "Districts"), Text("热点口径", "Method")
_SHEET_HEADS = (
    Text("H3 格", "H3 cell"),
    Text("经度", "Longitude"),
    Text("纬度", "Latitude"),
    *_CELL_HEADS,
    Text("Gi* 值", "Gi* score"),
)
_TOP = Text("最突出的格", "Cells that stand out most")
_TOP_UNIT = Text(
    "先列热点，按 Gi* 或件数；相邻热点连成一片；点击件数看明细，点击一行进入区县",
    "Hot spots first, by Gi* or items; neighbouring ones make a patch; click a number for its items, a row "
    "to enter its district",
)
_FOCUS_SAID = Text(
    "重点镇街：前 {n} 个占 {share}，最重的是{first}（{items} 件）",
    "Focus list: the first {n} have {share} of all items, most of all {first} ({items})",
)
_FOCUS_UNIT = Text(
    "登记件数最多的镇街；较上年同期为 52 周前的相同各周",
    "Streets and towns with the most items; “on last year” is against the same weeks 52 weeks earlier",
)
_NO_STREETS = Text(
    "来源没有记录镇街，列不出重点镇街。", "The source records no streets or towns: there is nothing to list."
)
_METHOD_HEADS = (Text("项目", "Part"), Text("口径", "Definition"))


@dataclass(frozen=True)
class Street:
    """A street or town of the focus list, heaviest first; NaN where something is not known."""

    id: int
    district: int
    items: float
    change: float
    of_district: float
    row: Mapping[str, object]


def top_cells(
    found: CellMap | None,
    names: Mapping[int, Text],
    codes: Mapping[int, str],
    question: Question,
    least: int,
    language: Language,
    scope: Scope = CITY,
) -> Markup:
    """The cells that stand out most, by their score, each opening its district and the items in it.

    A cell with fewer than `least` items is not named; `scope` is the reader's.
    """
    if found is None:
        return no_cells(language, scope)
    order = _standing_out(found, least)
    most = max((int(found.totals[cell]) for cell in order), default=1)
    split = replace(question, split=("cell",))
    rows = []
    for cell in order:
        number, items = int(found.grid.cells[cell]), int(found.totals[cell])
        lat, lon = h3.cell_to_latlng(number)
        row = {"cell": number, f"{VOLUME}_numerator": items}
        home = (int(found.districts[cell]), int(found.streets[cell]))
        expected = math.nan if found.expected is None else float(found.expected[cell])
        # inside a district its own name would only be repeated
        called = home if codes or not home[1] else (NOT_STATED, home[1])
        rows.append(
            Bar(
                name=place_name(called, names, language),
                value=opening(numbers.plain(items), token(split, VOLUME, row)),
                share=items / most,
                cells=(
                    numbers.plain(expected, 1),
                    _times(items, expected),
                    SPOTS[Spot(int(found.spots[cell]))].in_(language),
                    str(int(found.patches[cell]) or numbers.DASH),
                    PATTERNS[Pattern(int(found.patterns[cell]))].in_(language),
                    f"{int(found.weeks_hot[cell])} / {len(found.weeks)}",
                ),
                colour="worse",
                choose=codes.get(home[0], ""),
                hint=_HINT.in_(language).format(
                    cell=h3.int_to_str(number),
                    lat=f"{lat:.4f}",
                    lon=f"{lon:.4f}",
                    score=numbers.plain(float(found.scores[cell]), 1),
                ),
            )
        )
    return bars([text.in_(language) for text in _CELL_HEADS], rows)


def _standing_out(found: CellMap, least: int) -> list[int]:
    """Hot cells by score or items, then the others likewise; none with fewer than `least` items."""
    hot = found.spots >= int(Spot.HOT_90)
    size = found.scores if found.basis is Basis.NORMAL else found.totals
    order = np.lexsort((found.grid.cells, -size, ~hot))
    return [int(cell) for cell in order if found.totals[cell] >= least][:MOST_CELLS]


def focus_streets(now: Answer, before: Answer | None) -> tuple[Street, ...]:
    """The heaviest streets and towns; `now` and `before` (a year earlier) are split by district and street.

    Items whose street is not stated count for their district and are no street.
    """
    frame = now.frame
    whole = frame.groupby("district")[VOLUME].sum(min_count=1)
    if is_hushed(now):
        whole *= math.nan  # streets that are told add up to no district
    known = frame[(frame["street"] != NOT_STATED) & (frame[VOLUME] > 0)]
    ordered = known.sort_values([VOLUME, "street"], ascending=[False, True]).head(MOST_STREETS)
    earlier: dict[int, float] = {}
    if before is not None:
        counted = before.frame.groupby("street")[VOLUME].sum()
        earlier = {int(str(street)): float(items) for street, items in counted.items()}
    streets = []
    for row in ordered.to_dict("records"):
        items, base = float(row[VOLUME]), float(earlier.get(int(row["street"]), now.nothing))
        streets.append(
            Street(
                id=int(row["street"]),
                district=int(row["district"]),
                items=items,
                change=(items - base) / base if base > 0 else math.nan,
                of_district=items / float(whole[row["district"]]),
                row={str(key): value for key, value in row.items()},
            )
        )
    return tuple(streets)


def focus_table(
    streets: Sequence[Street],
    names: Mapping[int, Text],
    codes: Mapping[int, str],
    question: Question,
    language: Language,
) -> Markup:
    """The focus list; `question` is what its rows answer, `codes` are the districts' for a click."""
    if not streets:
        return tag("p", _NO_STREETS.in_(language), class_="q-note")
    most = max(street.items for street in streets)
    rows = tuple(
        Row(
            choose=codes.get(street.district, ""),
            name=names[street.id].in_(language) if street.id in names else numbers.DASH,
            rank=place,
            move="",
            move_is="unchanged",
            interval="",
            value=opening(numbers.plain(street.items), token(question, VOLUME, street.row)),
            bar=street.items / most,
            bar_is="plain",
            change=numbers.change_text(metric(VOLUME), street.change, language),
            change_is="unchanged",  # one period against one other is no signal
        )
        for place, street in enumerate(streets, start=1)
    )
    further = (
        Column(_DISTRICT.in_(language), tuple(_name(street.district, names, language) for street in streets)),
        Column(_OF_DISTRICT.in_(language), tuple(_percent(street.of_district) for street in streets)),
        Column(
            metric(SHARE).name.in_(language),
            tuple(
                opening(
                    numbers.figure_text(metric(SHARE), figure(metric(SHARE), street.row), language),
                    value_token(question, SHARE, street.row),
                )
                for street in streets
            ),
        ),
        *_per_residents(streets, language),
    )
    headings = Headings(**{key: text.in_(language) for key, text in _FOCUS.items()})
    return tag("div", ranking((Group("", rows),), headings, further=further), class_="q-scroll")


def _per_residents(streets: Sequence[Street], language: Language) -> tuple[Column, ...]:
    """Items per 10 000 residents, where the residents of any street are known."""
    rates = [street.row.get(PER_10K, math.nan) for street in streets]
    if not any(isinstance(rate, float) and not math.isnan(rate) for rate in rates):
        return ()
    shown = tuple(
        numbers.figure_text(metric(PER_10K), figure(metric(PER_10K), street.row), language, unit=False)
        for street in streets
    )
    return (Column(metric(PER_10K).name.in_(language), shown),)


def hot_spots_workbook(
    found: CellMap | None,
    streets: Answer,
    districts: Answer,
    names: Mapping[int, Text],
    place: Text,
    policy: HotSpotPolicy,
    language: Language,
) -> bytes:
    """Every cell, every street and district of the page, the metrics and the method, as a file."""
    known = {**names, CITY_ROW: place}
    only = replace(streets, question=replace(streets.question, split=("street",)))
    method = tuple((name, text) for name, text in method_rows(found, policy, language))
    sheets = [
        answer_sheet(_STREETS_SHEET.in_(language), only, known, language),
        answer_sheet(_DISTRICTS_SHEET.in_(language), districts, known, language),
        definitions_sheet(metrics_of(METRICS), language),
        Sheet(_METHOD_SHEET.in_(language), tuple(text.in_(language) for text in _METHOD_HEADS), method),
    ]
    if found is not None:
        sheets.insert(0, _cells_sheet(found, names, policy.least_shown, language))
    return workbook(sheets)


def _cells_sheet(found: CellMap, names: Mapping[int, Text], least: int, language: Language) -> Sheet:
    few = FEW.in_(language).format(n=least)
    expected = np.full(len(found.totals), math.nan) if found.expected is None else found.expected
    rows: list[tuple[Cell, ...]] = []
    for cell, number in enumerate(found.grid.cells.tolist()):
        lat, lon = h3.cell_to_latlng(number)
        items = int(found.totals[cell])
        hidden = 0 < items < least
        home = (int(found.districts[cell]), int(found.streets[cell]))
        usual = float(expected[cell])
        rows.append(
            (
                h3.int_to_str(number),
                round(lon, 5),
                round(lat, 5),
                place_name(home, names, language),
                few if hidden else items,
                None if math.isnan(usual) else round(usual, 2),
                None if hidden or not usual > 0 else round(items / usual, 2),
                SPOTS[Spot(int(found.spots[cell]))].in_(language),
                int(found.patches[cell]) or None,
                PATTERNS[Pattern(int(found.patterns[cell]))].in_(language),
                int(found.weeks_hot[cell]),
                round(float(found.scores[cell]), 3),
            )
        )
    return Sheet(_CELLS_SHEET.in_(language), tuple(text.in_(language) for text in _SHEET_HEADS), tuple(rows))


def top_title(language: Language) -> Markup:
    """The heading above the cells that stand out."""
    return heading(_TOP.in_(language), _TOP_UNIT.in_(language))


def focus_title(
    streets: Sequence[Street], now: Answer, names: Mapping[int, Text], language: Language
) -> Markup:
    """The sentence above the focus list: how much of all items so few places have."""
    whole = float(now.frame[VOLUME].sum())
    held = sum(street.items for street in streets)
    unit = _FOCUS_UNIT.in_(language)
    unjudged = instead(now, streets)
    if unjudged is not None:
        return heading(unjudged.in_(language), unit)
    if not streets or not whole > 0 or streets[0].id not in names:
        return heading(_STREETS_SHEET.in_(language), unit)
    said = _FOCUS_SAID.in_(language).format(
        n=len(streets),
        share=_percent(held / whole),
        first=names[streets[0].id].in_(language),
        items=numbers.plain(streets[0].items),
    )
    return heading(said, unit)


def _times(items: float, expected: float) -> str:
    return numbers.plain(items / expected, 1) if expected >= 0.05 else numbers.DASH


def _percent(value: float) -> str:
    return f"{numbers.plain(value * 100, 1)}{numbers.NARROW}%"


def _name(key: int, names: Mapping[int, Text], language: Language) -> str:
    return short(names[key].in_(language), language) if key in names else numbers.DASH

"""The volume board as sheets: its figures, the series with its forecast, the parts of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.explanation import part_names
from dashboards.cards.stretches import counted
from dashboards.cards.volume import TILES, Buckets, causes
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.answer import Answer
from queries.insights.contribution import Explanation
from queries.insights.index import CITY_ROW
from queries.metrics import metrics as metrics_of
from queries.vocabulary import Language, Text

_TOTAL, _DIVIDED = Text("合计", "Total"), Text("构成", "Divided")
_SERIES_HEAD = (
    Text("起始日", "From"),
    Text("结束日", "To"),
    Text("登记件数", "Items registered"),
    Text("预期", "Expected"),
    Text("下限", "Low"),
    Text("上限", "High"),
    Text("信号", "Signal"),
)
_PART_HEAD = (
    Text("部分", "Part"),
    Text("本期", "Now"),
    Text("基期", "Before"),
    Text("增减", "Change"),
)
SERIES_SHEET, PARTS_SHEET = Text("时间序列与预测", "Series and forecast"), Text("增减分解", "Change in parts")


def volume_workbook(
    total: Answer,
    place: Text,
    divided: Answer,
    members: Mapping[int, Text],
    found: Buckets,
    counts: Mapping[date, int],
    moved: Explanation | None,
    names: Sequence[Mapping[int, Text]],
    now: Language,
) -> bytes:
    """The board as a file; `names` are the members of the cube's dimensions, `place` names the total."""
    return workbook(
        [
            answer_sheet(_TOTAL.in_(now), total, {CITY_ROW: place}, now),
            answer_sheet(_DIVIDED.in_(now), divided, members, now),
            series_sheet(found, counts, now),
            parts_sheet(moved, names, now),
            definitions_sheet(metrics_of(TILES), now),
        ]
    )


def series_sheet(found: Buckets, counts: Mapping[date, int], now: Language) -> Sheet:
    """The buckets of the line with what was expected, forecast included; `counts` are the days."""
    said = {one.period: one for one in found.expected or ()}
    rows: list[tuple[Cell, ...]] = []
    for period in (*found.known, *found.ahead):
        one = said.get(period)
        band = (
            (None, None, None, None)
            if one is None
            else (one.expected, one.low, one.high, " · ".join(causes(one, now)))
        )
        rows.append((period.start, period.end, counted(counts, period), *band))
    return Sheet(SERIES_SHEET.in_(now), tuple(text.in_(now) for text in _SERIES_HEAD), tuple(rows))


def parts_sheet(found: Explanation | None, names: Sequence[Mapping[int, Text]], now: Language) -> Sheet:
    """The parts of the change, the rest last."""
    pieces = () if found is None else (*found.parts, found.rest)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, piece.now, piece.before, piece.change)
        for name, piece in zip(() if found is None else part_names(found, names, now), pieces, strict=True)
    )
    return Sheet(PARTS_SHEET.in_(now), tuple(text.in_(now) for text in _PART_HEAD), rows)

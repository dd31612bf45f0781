"""On time by handling unit: every unit beside its peers, with its size, its funnel signal and its clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from dashboards import numbers
from dashboards.cards.behind import token
from dashboards.cards.handling import CLOCK, OPEN, RED, REPLIED, YELLOW, by_band
from dashboards.cards.hushed import instead
from dashboards.cards.peers import (
    GROUP,
    NAME,
    POOLED,
    SIGNAL,
    UnitTable,
    beside_peers,
    group_text,
    outside,
    percent,
    signal_text,
    unit_items,
)
from dashboards.exports.workbook import Cell, Sheet
from queries.answer import Answer
from queries.drill import Side
from queries.insights.funnel_limits import Verdict
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

_TITLE = Text(
    "{below} 个单位{name}显著低于同类，{above} 个显著高于（共 {all} 个单位有到期件）",
    "{name}: {below} units stand below their peers, {above} above, of {all} that had items due",
)
_NONE = Text("{name}：没有单位有到期件", "{name}: no unit had items due")
_SUB = Text(
    "考核口径；与所选范围内同类组的合并比率相比，超出三倍标准差（精确二项分布）才算显著。"
    "显示 {shown} 个，点击列名可排序。",
    "Assessed items; beyond three standard deviations of the pooled rate of the peers shown here (exact "
    "binomial). {shown} shown; click a heading to sort.",
)
_NOT_RECORDED = Text(
    "{name}未记录，下表只列各单位在办件", "{name}: not recorded; the table holds what units have on hand"
)
_ON_HAND = Text(
    "截至日在办未答复的件，黄线、红线按答复期限计", "Items awaiting a reply; lines by the reply's deadline"
)
HEADINGS = {
    "name": NAME,
    "group": GROUP,
    "signal": SIGNAL,
    "rate": Text("按期率 %", "On time %"),
    "peers": POOLED,
    "every": Text("全口径 %", "All items %"),
    "due": Text("到期件", "Due"),
    "late": Text("逾期件", "Late"),
    "waiting": Text("在办未答复", "Awaiting reply"),
    "yellow": Text("黄线", "Yellow line"),
    "red": Text("红线", "Red line"),
}
ON_HAND = ("name", "group", "waiting", "yellow", "red")
RATES, BARS = ("rate", "peers", "every"), ("rate",)
SHEET = Text("单位", "Units")


@dataclass(frozen=True)
class Unit:
    """One unit as printed: rates in per cent (None: not recorded, nothing due, too few), counts of items.

    `due` and `late` are NaN where the deadline is not recorded; any count is where it is hidden.
    """

    name: Text
    group: str
    verdict: Verdict | None
    rate: float | None
    peers: float | None
    every: float | None
    due: float
    late: float
    waiting: float
    yellow: float
    red: float
    id: int = 0

    @property
    def part(self) -> float:
        """Items that were done in time."""
        return self.due - self.late

    @property
    def whole(self) -> float:
        """Items that were due."""
        return self.due


def units(
    members: pd.DataFrame, answer: Answer, clock: Answer, key: str, *, recorded: bool = True
) -> tuple[Unit, ...]:
    """The units that had something due or on hand: those that stand out low first, then by items late.

    `answer` holds `key` and its all-items twin split by unit, `clock` open_cases by unit and case clock;
    `recorded` says whether the city records the deadline at all.
    """
    rows = {int(row["unit"]): row for row in answer.frame.to_dict("records")}
    waiting, every = _waiting(clock.frame), f"{key}_all"
    found = []
    for one in beside_peers(members, answer, key, waiting, answer.nothing if recorded else math.nan):
        bands = dict.fromkeys(range(REPLIED + 1), clock.nothing) | waiting.get(one.id, {})
        found.append(
            Unit(
                name=one.name,
                group=one.group,
                verdict=one.verdict,
                rate=one.rate,
                peers=one.peers,
                every=percent(every, rows[one.id]) if one.id in rows else None,
                due=one.whole,
                late=one.whole - one.part,
                waiting=sum(value for band, value in bands.items() if band != REPLIED),
                yellow=bands[YELLOW],
                red=bands[RED],
                id=one.id,
            )
        )
    found.sort(
        key=lambda unit: (
            unit.verdict is not Verdict.BELOW_3,
            -_told(unit.late),
            -_told(unit.red),
            unit.name.zh,
        )
    )
    return tuple(found)


def _told(count: float) -> float:
    """A count to sort by: one not recorded or hidden comes last."""
    return 0.0 if math.isnan(count) else count


def _waiting(frame: pd.DataFrame) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {}
    for (unit, band), items in by_band(frame, "unit").items():
        found.setdefault(unit, {})[band] = items
    return found


def unit_frame(every: Sequence[Unit], language: Language) -> pd.DataFrame:
    """The units as a table with the reader's headings, without the columns of a deadline not recorded."""
    sheet = unit_sheet(every, language)
    frame = pd.DataFrame(list(sheet.rows), columns=list(sheet.headings))
    if not _is_recorded(every):
        return frame[[HEADINGS[key].in_(language) for key in ON_HAND]].astype(
            {HEADINGS[key].in_(language): "Int64" for key in ON_HAND[2:]}
        )
    counts = [HEADINGS[key].in_(language) for key in ("due", "late", "waiting", "yellow", "red")]
    rates = {HEADINGS[key].in_(language): "float64" for key in RATES}
    return frame.astype({**dict.fromkeys(counts, "Int64"), **rates})


def unit_card(
    every: Sequence[Unit],
    shown: Sequence[Unit],
    key: str,
    answer: Answer,
    clock: Answer,
    language: Language,
) -> UnitTable:
    """The units `shown` of `every` as a long table, under what stands out.

    `answer` and `clock` are those that the units were made of: their counts open their items.
    """
    title, below = unit_title(every, len(shown), key, language)
    unjudged = instead(answer, every)
    if unjudged is not None:
        title = unjudged.in_(language)
    bars = tuple(HEADINGS[key].in_(language) for key in BARS)
    items = {
        "due": unit_items(answer, shown, key, Side.WHOLE),
        "late": unit_items(answer, shown, key, Side.REST),
        "yellow": _in_band(clock, shown, YELLOW),
        "red": _in_band(clock, shown, RED),
    }
    opened = {HEADINGS[name].in_(language): found for name, found in items.items()}
    return UnitTable(title, below, unit_frame(shown, language), bars, opened)


def _in_band(clock: Answer, shown: Sequence[Unit], band: int) -> tuple[str, ...]:
    """What opens the items on hand of each unit that stand in a band of the case clock."""
    question = replace(clock.question, split=("unit", CLOCK))
    counted = [unit.yellow if band == YELLOW else unit.red for unit in shown]
    rows = [
        {"unit": unit.id, CLOCK: band, f"{OPEN}_numerator": amount}
        for unit, amount in zip(shown, counted, strict=True)
    ]
    return tuple(token(question, OPEN, row) for row in rows)


def unit_title(every: Sequence[Unit], shown: int, key: str, language: Language) -> tuple[str, str]:
    """The title that says who stands out, and the line below it."""
    name = metric_of(key).name.in_(language)
    if not _is_recorded(every):
        return _NOT_RECORDED.in_(language).format(name=name), _ON_HAND.in_(language)
    due = [one for one in every if one.due > 0]
    if not due:
        return _NONE.in_(language).format(name=name), _SUB.in_(language).format(shown=numbers.plain(shown))
    below, above = outside(due)
    title = _TITLE.in_(language).format(name=name, below=below, above=above, all=numbers.plain(len(due)))
    return title, _SUB.in_(language).format(shown=numbers.plain(shown))


def unit_sheet(every: Sequence[Unit], language: Language) -> Sheet:
    """The units for the download."""
    rows: list[tuple[Cell, ...]] = [
        (
            one.name.in_(language),
            group_text(one, language),
            signal_text(one, language),
            *(one.rate, one.peers, one.every, one.due, one.late, one.waiting, one.yellow, one.red),
        )
        for one in every
    ]
    return Sheet(SHEET.in_(language), tuple(text.in_(language) for text in HEADINGS.values()), tuple(rows))


def _is_recorded(every: Sequence[Unit]) -> bool:
    return not every or any(not math.isnan(one.due) for one in every)

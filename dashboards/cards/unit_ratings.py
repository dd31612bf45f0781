"""Satisfaction by handling unit: every unit beside its peers, with its size, funnel signal and composite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboards import numbers
from dashboards.cards.hushed import instead
from dashboards.cards.peers import (
    GROUP,
    NAME,
    POOLED,
    SIGNAL,
    Beside,
    UnitTable,
    beside_peers,
    group_text,
    outside,
    percent,
    signal_text,
    unit_items,
)
from dashboards.cards.responsiveness import COMPOSITE, MISSED, RATES
from dashboards.exports.workbook import Cell, Sheet
from queries.answer import Answer
from queries.drill import Side
from queries.insights.funnel_limits import Verdict
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

_TITLE = Text(
    "{below} 个单位{name} 显著低于同类，{above} 个显著高于（共 {all} 个单位有可计件）",
    "{name}: {below} units stand below their peers, {above} above, of {all} with items",
)
_NONE = Text("{name}：没有单位有可计件", "{name}: no unit had items")
_SUB = Text(
    "与所选范围内同类组的合并比率相比，超出三倍标准差（精确二项分布）才算显著；件数不足的不出比率。"
    "显示 {shown} 个，点击列名可排序。",
    "Beyond three standard deviations of the pooled rate of the peers shown here (exact binomial); no rate "
    "of too few items. {shown} shown; click a heading to sort.",
)
_PER_CENT = Text("{name} %", "{name} %")
WHOLE, CALLBACKS = Text("分母件", "Items"), Text("有效回访件", "Call-backs")
SHEET = Text("单位", "Units")


@dataclass(frozen=True)
class RatedUnit(Beside):
    """A unit with its composite of the three rates (points, None: too few) and the call-backs it is of."""

    composite: float | None
    callbacks: float

    @property
    def missed(self) -> float:
        """Items of the rate that did not meet it."""
        return self.whole - self.part


def rated_units(members: pd.DataFrame, answer: Answer) -> tuple[RatedUnit, ...]:
    """The units that had something to rate: those that stand out low first, then by items missed.

    `answer` holds the rate first and the composite, split by unit.
    """
    rows = {int(row["unit"]): row for row in answer.frame.to_dict("records")}
    found = [
        RatedUnit(
            **vars(one),
            composite=percent(COMPOSITE, rows[one.id]),
            callbacks=float(rows[one.id][f"{COMPOSITE}_denominator"]),
        )
        for one in beside_peers(members, answer, answer.question.metrics[0])
    ]
    known = [one for one in found if one.whole > 0 or one.callbacks > 0]
    known.sort(key=lambda one: (one.verdict is not Verdict.BELOW_3, -one.missed, one.name.zh))
    return tuple(known)


def rated_card(
    every: Sequence[RatedUnit], shown: Sequence[RatedUnit], key: str, answer: Answer, now: Language
) -> UnitTable:
    """The units `shown` of `every` as a long table, under what stands out; `answer` is what they are of."""
    counted = [one for one in every if one.whole > 0]
    below, above = outside(counted)
    said = {"name": RATES[key].in_(now), "below": below, "above": above, "all": numbers.plain(len(counted))}
    sheet = rated_sheet(shown, key, now)
    frame = pd.DataFrame(list(sheet.rows), columns=list(sheet.headings))
    rates, counts = frame.columns[[3, 4, 7]], frame.columns[[5, 6, 8]]
    # what is not recorded or not shown stays empty beside whole numbers
    whole = [name for name in counts if (frame[name].dropna().astype("float64") % 1 == 0).all()]
    drawn = frame.astype({**dict.fromkeys(rates, "float64"), **dict.fromkeys(whole, "Int64")})
    title = (instead(answer, every) or (_TITLE if counted else _NONE)).in_(now).format(**said)
    items = {
        str(counts[0]): unit_items(answer, shown, key, Side.WHOLE),
        str(counts[1]): unit_items(answer, shown, key, Side.REST),
    }
    sub = _SUB.in_(now).format(shown=numbers.plain(len(shown)))
    return UnitTable(title, sub, drawn, (str(rates[0]),), items)


def rated_sheet(every: Sequence[RatedUnit], key: str, now: Language) -> Sheet:
    """The units for the download."""
    head = (
        *(NAME, GROUP, SIGNAL, _PER_CENT),
        *(POOLED, WHOLE, MISSED[key], metric_of(COMPOSITE).name, CALLBACKS),
    )
    words = [text.in_(now).format(name=RATES[key].in_(now)) for text in head]
    rows: list[tuple[Cell, ...]] = [
        (
            one.name.in_(now),
            group_text(one, now),
            signal_text(one, now),
            *(one.rate, one.peers, one.whole, one.missed, one.composite, one.callbacks),
        )
        for one in every
    ]
    return Sheet(SHEET.in_(now), tuple(word[:1].upper() + word[1:] for word in words), tuple(rows))

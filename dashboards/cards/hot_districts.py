"""The districts of the hot-spot map: against their normal, by residents, or simply by items."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboards import numbers
from dashboards.cards.hot_places import PER_10K
from dashboards.cards.hot_spots import ranges
from dashboards.cards.measures import legend_title, measure_classes
from dashboards.cards.regions import Region, short
from dashboards.cards.volume import heading
from dashboards.figures.choropleth import Classes, Place
from dashboards.figures.markup import Markup
from queries.answer import Answer
from queries.cell_map import VOLUME, Basis
from queries.metrics import metric
from queries.vocabulary import Language, Text

RATIO_BREAKS = (0.9, 0.95, 1.05, 1.1, 1.25)
ITEM_BREAKS = (0.5, 0.8, 1.0, 1.25, 1.6)  # multiples of the mean
NOT_KNOWN = Text("无数据", "not known")
_RATIO = Text("与常态之比（区县数）", "Ratio to normal (districts)")
_ITEMS = Text("诉求总量（为区县均值的倍数）", "Items registered (multiple of the mean district)")
_ABOVE = Text("{place}高出常态最多：为常态的 {n} 倍", "{place} is furthest above normal: {n} × normal")
_RATE = Text("{place}万人诉求量最高：{n} 件", "{place} has the most items per 10 000 residents: {n}")
_MOST = Text("{place}诉求最多：{n} 件", "{place} has the most items: {n}")
_PLAIN = Text("各区县诉求", "Items by district")
_UNIT = Text("{period} 登记的诉求，按区县", "Items registered {period}, by district")
_COUNT_LINE = Text("登记 {n} 件", "{n} items registered")
_NORMAL_LINE = Text("常态 {n} 件", "Normal: {n} items")


@dataclass(frozen=True)
class Districts:
    """The districts ready for the map: rows, classes, the legend's title and the sentence above."""

    places: tuple[Place, ...]
    classes: Classes
    legend: str
    title: Markup


def hot_districts(
    regions: Sequence[Region], now: Answer, before: Answer | None, basis: Basis, language: Language
) -> Districts:
    """The districts; `now` and `before` (the reference weeks, if known) are split by district.

    A district's normal is its share of all items before × all items now. Where that is asked for but not
    known, and where no residents are, the next best is shown: items by residents, items.
    """
    frame = now.frame.set_index("district")
    items = frame[VOLUME].astype(float)
    rates = frame[PER_10K].astype(float)
    normal = pd.Series(math.nan, index=items.index)
    if before is not None and before.frame[VOLUME].sum() > 0:
        share = before.frame.set_index("district")[VOLUME] / before.frame[VOLUME].sum()
        normal = (share * items.sum()).reindex(items.index)
    ratios = (items / normal).where(normal > 0)
    if basis is Basis.NORMAL and ratios.notna().any():
        values, decimals, said, legend = ratios, 2, _ABOVE, _RATIO.in_(language)
        classes = Classes(RATIO_BREAKS, ranges(RATIO_BREAKS))
    elif rates.notna().any():
        values, decimals, said, legend = rates, 1, _RATE, legend_title(PER_10K, language)
        counted = rates.notna()
        residents = frame.loc[counted, f"{PER_10K}_denominator"].astype(float).sum()
        classes = measure_classes(PER_10K, items[counted].sum() / residents)
    else:
        values, decimals, said, legend = items, 0, _MOST, _ITEMS.in_(language)
        labels = ranges(tuple(f"{one:g}×" for one in ITEM_BREAKS))
        mean = items.sum() / max(1, int((items > 0).sum())) or 1.0
        classes = Classes(tuple(one * mean for one in ITEM_BREAKS), labels)
    places = tuple(
        _place(one, values, decimals, (items, normal, rates), language)
        for one in regions
        if not math.isnan(one.lon)
    )
    return Districts(places, classes, legend, _title(places, decimals, said, now, language))


def _place(
    region: Region,
    values: pd.Series[float],
    decimals: int,
    told: tuple[pd.Series[float], pd.Series[float], pd.Series[float]],
    language: Language,
) -> Place:
    items, normal, rate = (float(one.get(region.id, math.nan)) for one in told)
    value = float(values.get(region.id, math.nan))
    return Place(
        id=region.id,
        code=region.code,
        name=short(region.name.in_(language), language),
        lon=region.lon,
        lat=region.lat,
        value=None if math.isnan(value) else value,
        value_text=numbers.plain(value, decimals),
        lines=(
            _COUNT_LINE.in_(language).format(n=numbers.plain(0.0 if math.isnan(items) else items)),
            _NORMAL_LINE.in_(language).format(n=numbers.plain(normal, 1)),
            f"{metric(PER_10K).name.in_(language)} {numbers.plain(rate, 1)}",
        ),
    )


def _title(places: Sequence[Place], decimals: int, said: Text, now: Answer, language: Language) -> Markup:
    known: Mapping[str, float] = {one.name: one.value for one in places if one.value is not None}
    title = _PLAIN.in_(language)
    if known:
        top = max(known, key=lambda name: known[name])
        title = said.in_(language).format(place=top, n=numbers.plain(known[top], decimals))
    period = numbers.period_text(now.question.period, language)
    return heading(title, _UNIT.in_(language).format(period=period))

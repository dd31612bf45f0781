"""The layers of the hot-spot map: which class each cell is in, in which colour, under which legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dashboards import numbers
from dashboards.figures import hex_map
from dashboards.figures.boundaries import Boundaries
from dashboards.figures.hex_map import UNDRAWN, Frame, HexMap, Kind, blend, kind_legend
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from queries.cell_map import Basis, CellMap
from queries.insights.emerging import Pattern
from queries.insights.hot_spots import HotSpotPolicy, Spot
from queries.vocabulary import Language, Text
from warehouse.schema import NOT_STATED

SPANS = {"12w": Text("近 12 周", "Last 12 weeks"), "26w": Text("近 26 周", "Last 26 weeks")}
LAYER = Text("图层", "Layer")
LAYERS = {
    "spots": Text("显著性", "Significance"),
    "patterns": Text("演变类型", "Emerging"),
    "heat": Text("热力", "Heat"),
    "districts": Text("区县", "Districts"),
}
BASIS = Text("比较对象", "Measured against")
BASES = {
    Basis.NORMAL.value: Text("与常态之比", "Its own normal"),
    Basis.COUNT.value: Text("件数", "Number of items"),
}
CATEGORY, EVERY = Text("一级类别", "Category, level 1"), Text("全部类别", "Every category")
SPOTS = {
    Spot.HOT_99: Text("热点 99%", "Hot 99 %"),
    Spot.HOT_95: Text("热点 95%", "Hot 95 %"),
    Spot.HOT_90: Text("热点 90%", "Hot 90 %"),
    Spot.NONE: Text("不显著", "Not significant"),
    Spot.COLD_90: Text("冷点 90%", "Cold 90 %"),
    Spot.COLD_95: Text("冷点 95%", "Cold 95 %"),
    Spot.COLD_99: Text("冷点 99%", "Cold 99 %"),
}
PATTERNS = {
    Pattern.NEW: Text("新增", "New"),
    Pattern.CONSECUTIVE: Text("连续", "Consecutive"),
    Pattern.INTENSIFYING: Text("加剧", "Intensifying"),
    Pattern.PERSISTENT: Text("持续", "Persistent"),
    Pattern.SPORADIC: Text("零散", "Sporadic"),
    Pattern.OSCILLATING: Text("反复", "Oscillating"),
    Pattern.DIMINISHING: Text("减弱", "Diminishing"),
    Pattern.HISTORICAL: Text("历史", "Historical"),
    Pattern.NONE: Text("无热点演变", "No pattern"),
}
_RATIO_BREAKS = (0.5, 0.8, 1.25, 2.0)
_LADDER = tuple(step * 10.0**power for power in range(-2, 5) for step in (1, 2, 5))
_CLASSES = 5  # of heat
_WEEKLY = Text("每周 {range} 件", "{range} a week")
_TIMES = Text("常态的 {range} 倍", "{range} × normal")
_TITLES = {
    "spots": Text("Gi* 显著性（格数）", "Gi* significance (cells)"),
    "patterns": Text("演变类型（格数）", "Emerging patterns (cells)"),
    "heat": Text("每格每周件数（格数）", "Items by cell and week (cells)"),
    "ratio": Text("与常态之比（格数）", "Ratio to normal (cells)"),
}
_COUNTED = Text("({n})", "({n})")
_WEEK_OF, _WHOLE = Text("{day} 起一周", "Week from {day}"), Text("整段 {period}", "Whole period {period}")
_EXPECTED, _RATIO = Text("常态 {n} 件", "Normal: {n} items"), Text("为常态的 {n} 倍", "{n} × normal")
_WEEKS_HOT, _SCORE = Text("热点周数 {n}", "Weeks hot: {n}"), Text("Gi* = {n}", "Gi* = {n}")
_MAP = Text("热点格网图；点击一个区县进入", "Map of cells; click a district to enter it")


@dataclass(frozen=True)
class Layer:
    """One layer of cells, ready to be drawn; `frames` hold the whole period first, then its weeks."""

    title: str
    kinds: tuple[Kind, ...]
    frames: tuple[Frame, ...]
    legend: Markup


def layer_of(name: str, found: CellMap, least: int, language: Language, theme: Theme) -> Layer:
    """The layer `name` (spots, patterns, heat) of the cells."""
    spot_kinds = _spot_kinds(language, theme)
    weekly = found.weekly_spots.T
    if name == "spots":
        kinds, whole, weeks = spot_kinds, _spot_places(found.spots), _spot_places(weekly)
    elif name == "patterns":
        own = _pattern_kinds(language, theme)
        kinds = (*own, *spot_kinds)
        whole, weeks = _pattern_places(found.patterns), _spot_places(weekly) + np.uint8(len(own))
    elif found.basis is Basis.NORMAL and found.expected is not None:
        kinds = _ratio_kinds(language, theme)
        expected = found.expected / max(1, found.totals.sum())
        weekly_expected = expected[None, :] * found.counts.sum(axis=0)[:, None]
        whole = _ratio_places(found.totals, found.expected, least)
        weeks = _ratio_places(found.counts.T, weekly_expected, least)
    else:
        breaks = heat_breaks(found.totals / len(found.weeks))
        kinds = _heat_kinds(breaks, language, theme)
        whole = _heat_places(found.totals / len(found.weeks), breaks)
        weeks = _heat_places(found.counts.T.astype(float), breaks)
    labels = [
        _WHOLE.in_(language).format(period=numbers.period_text(found.period, language)),
        *(_WEEK_OF.in_(language).format(day=week) for week in found.weeks),
    ]
    counts = np.vstack([found.totals[None, :], found.counts.T])
    frames = tuple(map(Frame, labels, np.vstack([whole[None, :], weeks]).astype(np.uint8), counts))
    title = _TITLES["ratio" if name == "heat" and found.basis is Basis.NORMAL else name].in_(language)
    told = kinds[: len(PATTERNS)] if name == "patterns" else kinds
    held = [int((whole == place).sum()) for place in range(len(told))]
    return Layer(title, kinds, frames, kind_legend(title, told, held, _COUNTED.in_(language)))


def cells_drawn(
    layer: Layer,
    found: CellMap,
    areas: Sequence[hex_map.Area],
    names: Mapping[int, Text],
    boundaries: Boundaries,
    policy: HotSpotPolicy,
    entered: str,
    language: Language,
    theme: Theme,
) -> HexMap:
    """The layer as the browser plays it; `names` are of districts and streets by key."""
    homes = list(zip(found.districts.tolist(), found.streets.tolist(), strict=True))
    places = {home: place for place, home in enumerate(dict.fromkeys(homes))}
    expected = np.full(len(homes), np.nan) if found.expected is None else found.expected
    ratio = np.divide(found.totals, expected, out=np.full(len(homes), np.nan), where=expected >= 0.05)
    return hex_map.hex_map(
        boundaries,
        areas,
        found.grid.cells,
        layer.frames,
        layer.kinds,
        hex_map.Told(
            tuple(place_name(home, names, language) for home in places),
            np.array([places[home] for home in homes]),
            (
                (_EXPECTED.in_(language), expected, 1),
                (_RATIO.in_(language), ratio, 2),
                (_SCORE.in_(language), found.scores, 1),
                (_WEEKS_HOT.in_(language), found.weeks_hot.astype(float), 0),
            ),
        ),
        _words(policy.least_shown, language),
        theme,
        least=policy.least_shown,
        entered=entered,
    )


def place_name(home: tuple[int, int], names: Mapping[int, Text], language: Language) -> str:
    """District and street in which most of a cell's items lie."""
    district, street = home
    known = [names[key].in_(language) for key in (district, street) if key != NOT_STATED and key in names]
    return " · ".join(known) or _NOWHERE.in_(language)


def heat_breaks(weekly: NDArray[np.float64]) -> tuple[float, ...]:
    """Breaks of the weekly items of a cell, steps of 1-2-5, the last one passed by one cell in fifty."""
    held = weekly[weekly > 0]
    top = float(np.quantile(held, 0.98)) if len(held) else 1.0
    last = max((place for place, step in enumerate(_LADDER) if step <= top), default=0)
    last = max(last, _CLASSES - 2)
    return _LADDER[last - _CLASSES + 2 : last + 1]


def _words(least: int, language: Language) -> hex_map.Words:
    return hex_map.Words(
        count=Text("{n} 件", "{n} items").in_(language),
        few=FEW.in_(language).format(n=least),
        play=Text("逐周播放", "Play week by week").in_(language),
        pause=Text("暂停", "Pause").in_(language),
        week=Text("选择周", "Choose a week").in_(language),
        nearer=Text("放大", "Zoom in").in_(language),
        farther=Text("缩小", "Zoom out").in_(language),
        label=_MAP.in_(language),
    )


FEW = Text("少于 {n} 件", "fewer than {n} items")
_NOWHERE = Text("区划未明确", "Region not stated")


def _spot_kinds(language: Language, theme: Theme) -> tuple[Kind, ...]:
    strong = {3: 1.0, 2: 0.7, 1: 0.4}
    return tuple(
        Kind(
            theme.missing
            if spot is Spot.NONE
            else blend(theme.worse if spot > 0 else theme.blue, theme.card, strong[abs(spot)]),
            words.in_(language),
            is_loud=spot is not Spot.NONE,
        )
        for spot, words in SPOTS.items()
    )


def _pattern_kinds(language: Language, theme: Theme) -> tuple[Kind, ...]:
    colours = {
        Pattern.NEW: theme.red,
        Pattern.CONSECUTIVE: blend(theme.red, theme.card, 0.6),
        Pattern.INTENSIFYING: blend(theme.worse, theme.ink, 0.75),
        Pattern.PERSISTENT: theme.worse,
        Pattern.SPORADIC: theme.yellow,
        Pattern.OSCILLATING: blend(theme.yellow, theme.card, 0.55),
        Pattern.DIMINISHING: blend(theme.worse, theme.card, 0.45),
        Pattern.HISTORICAL: blend(theme.muted, theme.card, 0.6),
        Pattern.NONE: theme.missing,
    }
    return tuple(
        Kind(colours[one], words.in_(language), is_loud=one is not Pattern.NONE)
        for one, words in PATTERNS.items()
    )


def _ratio_kinds(language: Language, theme: Theme) -> tuple[Kind, ...]:
    colours = (
        blend(theme.blue, theme.card, 0.9),
        blend(theme.blue, theme.card, 0.45),
        theme.missing,
        blend(theme.worse, theme.card, 0.5),
        theme.worse,
    )
    return tuple(
        Kind(colour, _TIMES.in_(language).format(range=words))
        for colour, words in zip(colours, ranges(_RATIO_BREAKS), strict=True)
    )


def _heat_kinds(breaks: Sequence[float], language: Language, theme: Theme) -> tuple[Kind, ...]:
    steps = [theme.scale[round(step * (len(theme.scale) - 1) / (_CLASSES - 1))] for step in range(_CLASSES)]
    return tuple(
        Kind(colour, _WEEKLY.in_(language).format(range=words))
        for colour, words in zip(steps, ranges(breaks), strict=True)
    )


def ranges(breaks: Sequence[float | str]) -> tuple[str, ...]:
    """The classes between breaks in words: < 0.5, 0.5–0.8, …, ≥ 2."""
    words = [one if isinstance(one, str) else f"{one:g}" for one in breaks]
    between = (f"{low}–{high}" for low, high in pairwise(words))
    return (f"< {words[0]}", *between, f"≥ {words[-1]}")


def _spot_places(found: NDArray[np.int8]) -> NDArray[np.uint8]:
    return (int(Spot.HOT_99) - found).astype(np.uint8)


def _pattern_places(found: NDArray[np.int8]) -> NDArray[np.uint8]:
    order = list(PATTERNS)
    place = np.array([order.index(Pattern(value)) for value in range(len(order))], dtype=np.uint8)
    return place[found]


def _ratio_places(counts: NDArray[np.int64], expected: NDArray[np.float64], least: int) -> NDArray[np.uint8]:
    ratio = np.divide(counts, expected, out=np.full(counts.shape, np.inf), where=expected > 0)
    places = np.searchsorted(_RATIO_BREAKS, ratio, side="right")
    return np.where(np.maximum(counts, expected) < least, UNDRAWN, places).astype(np.uint8)


def _heat_places(weekly: NDArray[np.float64], breaks: Sequence[float]) -> NDArray[np.uint8]:
    return np.where(weekly > 0, np.searchsorted(breaks, weekly, side="right"), UNDRAWN).astype(np.uint8)

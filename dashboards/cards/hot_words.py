"""What the hot-spot map says: its choices in words, the sentence above it, its remarks, and its method."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from dashboards import numbers
from dashboards.cards import overview as words
from dashboards.cards.definitions import LABELS, SOURCES
from dashboards.cards.hot_spots import PATTERNS, SPANS, place_name
from dashboards.cards.region_map import HEXAGONS
from dashboards.cards.volume import heading
from dashboards.figures.boundaries import Boundaries
from dashboards.figures.markup import Markup, joined, tag
from queries.cell_map import Basis, CellMap
from queries.insights.emerging import Pattern
from queries.insights.hot_spots import HotSpotPolicy, Spot
from queries.metric import Source
from queries.scope import CITY, Scope
from queries.vocabulary import Grain, Language, Period, Text, bucket_start

_SPAN_WEEKS = {"12w": 12, "26w": 26}
_ABOVE = Text(
    "{span}有 {n} 格（{patches} 片）明显高于自身常态，最突出的在{place}：{count} 件，为常态的 {times} 倍",
    "{span}: {n} cells in {patches} patches are clearly above their normal, most of all in {place}: {count} "
    "items, {times} × normal",
)
_NONE_ABOVE = Text("{span}没有一格明显高于自身常态", "{span}: no cell is clearly above its own normal")
_DENSE = Text(
    "{span}诉求集聚于 {n} 格（{patches} 片），占面上全部格的 {cells}，却占全部件数的 {items}",
    "{span}: items cluster in {n} cells ({patches} patches), {cells} of all cells but {items} of all items",
)
_NONE_DENSE = Text("{span}诉求分布没有明显集聚", "{span}: items do not cluster anywhere")
_EMERGE = Text(
    "{span}新增热点 {new} 格、连续 {run} 格、加剧 {more} 格，减弱 {less} 格",
    "{span}: {new} new hot cells, {run} consecutive, {more} intensifying; {less} diminishing",
)
_HEAT = Text("最热的 1% 的格集中了 {share} 的诉求", "The hottest 1 % of cells hold {share} of all items")
_UNIT = Text(
    "每格约 0.74 平方公里，{cells} 格；另有 {n} 件无坐标，未上图",
    "Cells of about 0.74 km², {cells} of them; {n} more items have no coordinates and are not shown",
)
_NO_NORMAL = Text(
    "此前数据不足 {weeks} 周，无从比较常态，按件数判定。",
    "Fewer than {weeks} weeks of data before: no normal to compare with; cells are judged by number.",
)


def sentence(name: str, found: CellMap, names: Mapping[int, Text], span: str, language: Language) -> str:
    """What stands out in the layer `name`."""
    now = SPANS[span].in_(language)
    hot = found.spots >= int(Spot.HOT_95)
    totals = found.totals
    if name == "patterns":
        held = np.bincount(found.patterns, minlength=len(PATTERNS))
        order = (Pattern.NEW, Pattern.CONSECUTIVE, Pattern.INTENSIFYING, Pattern.DIMINISHING)
        counts = dict(zip(("new", "run", "more", "less"), (int(held[one]) for one in order), strict=True))
        return _EMERGE.in_(language).format(span=now, **counts)
    if name == "heat" and found.basis is Basis.COUNT:
        first = max(1, round(len(totals) / 100))
        share = float(np.sort(totals)[-first:].sum() / max(1, totals.sum()))
        return _HEAT.in_(language).format(share=_share(share))
    if not hot.any():
        return (_NONE_ABOVE if found.basis is Basis.NORMAL else _NONE_DENSE).in_(language).format(span=now)
    if found.basis is Basis.COUNT or found.expected is None:
        return _DENSE.in_(language).format(
            span=now,
            n=int(hot.sum()),
            patches=int(found.patches.max()),
            cells=_share(float(hot.mean())),
            items=_share(float(totals[hot].sum() / max(1, totals.sum()))),
        )
    top = int(np.argmax(np.where(hot, found.scores, -np.inf)))
    return _ABOVE.in_(language).format(
        span=now,
        n=int(hot.sum()),
        patches=int(found.patches.max()),
        place=place_name((int(found.districts[top]), int(found.streets[top])), names, language),
        count=numbers.plain(float(totals[top])),
        times=numbers.plain(float(totals[top] / max(found.expected[top], 0.05)), 1),
    )


def unit(found: CellMap, policy: HotSpotPolicy, basis: Basis, language: Language) -> tuple[str, ...]:
    """What a cell is, what is not on the map, and what could not be compared."""
    said = _UNIT.in_(language).format(
        cells=numbers.plain(len(found.grid.cells)), n=numbers.plain(found.unlocated)
    )
    if basis is found.basis:
        return (said,)
    return said, _NO_NORMAL.in_(language).format(weeks=policy.least_reference_weeks)


def _share(value: float) -> str:
    return f"{numbers.plain(value * 100, 1)}{numbers.NARROW}%"


_NO_CELLS = Text("来源没有坐标", "The source has no coordinates")
_NO_CELLS_HINT = Text(
    "所选范围内没有一件带坐标，画不出格网；可切换到“区县”图层，下方重点镇街不受影响。",
    "No item of this range has coordinates, so there are no cells to draw; the layer “Districts” and the "
    "focus list below do not need them.",
)
_OWN_CELLS = Text(
    "位置格只含本区县的办件，判定也只与本区县各格相比：一格件数很少，其他区县的格不向本角色显示。",
    "Cells hold items of your own district alone and are compared among themselves: a cell has few items, so "
    "those of other districts are not shown to your role.",
)
_OWN_CELLS_NONE = Text("没有可显示的格", "No cells to show")
_OWN_CELLS_HINT = Text(
    "位置格只显示本区县的办件，所选范围内没有；其他区县可切换到“区县”图层，下方重点镇街不受影响。",
    "Cells are shown of your own district alone, and there are none in this range. For other districts "
    "choose the layer “Districts”; the focus list below does not need cells.",
)
_RANGE = Text("{span} {period}（整周）", "{span} {period} (whole weeks)")


def weeks_of(span: str, as_of: date, first: date) -> Period:
    """The whole weeks of a span up to `as_of`, of those that lie after `first` at least one."""
    period = words.whole_weeks(as_of, _SPAN_WEEKS[span])
    known = bucket_start(first + timedelta(days=6), Grain.WEEK)
    return Period(min(max(period.start, known), period.end - timedelta(days=6)), period.end)


def said(span: str, period: Period, language: Language) -> str:
    """The span in words."""
    return _RANGE.in_(language).format(
        span=SPANS[span].in_(language), period=numbers.period_text(period, language)
    )


def no_cells(language: Language, scope: Scope = CITY) -> Markup:
    """What stands instead of cells where no item has coordinates, or where `scope` shows none."""
    if scope.listable is not None:
        return heading(_OWN_CELLS_NONE.in_(language), _OWN_CELLS_HINT.in_(language))
    return heading(_NO_CELLS.in_(language), _NO_CELLS_HINT.in_(language))


def own_cells(scope: Scope, language: Language) -> Markup:
    """What must be known of a map whose cells are those that `scope` opens alone; nothing where it is all."""
    return joined() if scope.listable is None else tag("p", _OWN_CELLS.in_(language), class_="q-note")


def remarks(shapes: Boundaries, language: Language) -> tuple[str, ...]:
    """What must be known of the districts' outlines."""
    return (HEXAGONS.in_(language),) if shapes.are_hexagons else ()


def cells_title(
    name: str,
    found: CellMap,
    names: Mapping[int, Text],
    span: str,
    policy: HotSpotPolicy,
    basis: Basis,
    language: Language,
) -> Markup:
    """The sentence above the cells with their unit and remarks."""
    lines = unit(found, policy, basis, language)
    return tag(
        "div",
        tag("h2", sentence(name, found, names, span, language)),
        *(tag("p", line, class_="q-note") for line in lines),
        class_="q-heading",
    )


# the method ----------------------------------------------------------------------------------------
MEANINGS = {
    Pattern.NEW: Text("末周首次成为热点", "hot in the last week for the first time"),
    Pattern.CONSECUTIVE: Text("末尾连续多周为热点，此前从未", "hot in the last weeks in a row, never before"),
    Pattern.INTENSIFYING: Text("九成以上周为热点且越来越热", "hot in 90 % of weeks and ever more"),
    Pattern.PERSISTENT: Text("九成以上周为热点，无升降趋势", "hot in 90 % of weeks without trend"),
    Pattern.SPORADIC: Text("末周为热点，此前时有时无", "hot in the last week, on and off before"),
    Pattern.OSCILLATING: Text("末周为热点，此前曾为冷点", "hot in the last week, a cold spot before"),
    Pattern.DIMINISHING: Text("九成以上周为热点但越来越弱", "hot in 90 % of weeks and ever less"),
    Pattern.HISTORICAL: Text("九成以上周为热点，末周已不是", "hot in 90 % of weeks, not in the last"),
}
_METHOD = Text("热点怎样判定", "How hot spots are found")
_METHOD_ROWS = (
    (
        Text("格", "Cell"),
        Text(
            "H3 第 8 级六边形，约 0.74 平方公里；研究范围为本期及此前参照期内有过任何诉求的格，"
            "所选类别没有诉求的格按 0 计。",
            "H3 hexagons of resolution 8, about 0.74 km²; the study area is every cell with any item in the "
            "period or its reference, so a cell without an item of the chosen category counts as 0.",
        ),
    ),
    (
        Text("统计量", "Statistic"),
        Text(
            "Getis–Ord Gi*，含自身，{rings} 圈以内邻格权重为 1；总体为所选范围（全市或所进入的区县）。"
            "件数取 ln(1+n)；与常态之比取 Freeman–Tukey 偏差。",
            "Getis–Ord Gi*, the cell included, weight 1 up to {rings} ring of neighbours; compared with the "
            "range chosen (the city, or the district entered). Counts enter as ln(1+n), ratios to normal as "
            "Freeman–Tukey deviates.",
        ),
    ),
    (
        Text("常态", "Normal"),
        Text(
            "本期全部件数 × 该格在此前 {weeks} 周所占的份额：季节和全市升降已在其中。",
            "all items of the period × the cell's share of the {weeks} weeks before it: season and growth of "
            "the whole are in it.",
        ),
    ),
    (
        Text("显著性", "Significance"),
        Text(
            "双侧检验，Benjamini–Hochberg 错误发现率；99%、95%、90% 即错误发现率不超过 1%、5%、10%。",
            "Two-sided, Benjamini–Hochberg false-discovery rate: 99, 95, 90 % are rates up to 1, 5, 10 %.",
        ),
    ),
    (
        Text("本图误报率", "Errors of this map"),
        Text(
            "把本图各格数值随机打乱 {shuffles} 次实测：单格检验误报 {single}，控制后误报 {controlled}。",
            "Measured on this map with its values dealt out at random {shuffles} times: {single} of cells by "
            "their own test, {controlled} after the control.",
        ),
    ),
    (
        Text("小数保护", "Small numbers"),
        Text(
            "不足 {least} 件的格只说“少于 {least} 件”，悬停与下载均同。",
            "A cell with fewer than {least} items says just that, to the pointer and in the download.",
        ),
    ),
)
_PATTERN_NOTE = Text("演变类型", "Emerging patterns")
_REFERENCE = (
    "Getis & Ord 1992; Ord & Getis 1995; Benjamini & Hochberg 1995; Caldas de Castro & Singer 2006; "
    "Esri Emerging Hot Spot Analysis; Mann 1945; Kendall 1975"
)


def method_rows(found: CellMap | None, policy: HotSpotPolicy, language: Language) -> list[tuple[str, str]]:
    """The method by its parts, with the error rates as measured on the very map."""
    values = {
        "rings": policy.rings,
        "weeks": policy.reference_weeks if found is None else found.reference_weeks,
        "shuffles": policy.shuffles,
        "least": policy.least_shown,
        "single": numbers.DASH if found is None else _share(found.errors.single),
        "controlled": numbers.DASH
        if found is None
        else f"{numbers.plain(found.errors.controlled * 100, 2)}{numbers.NARROW}%",
    }
    rows = [(name.in_(language), text.in_(language).format(**values)) for name, text in _METHOD_ROWS]
    meanings = [f"{PATTERNS[one].in_(language)}: {text.in_(language)}" for one, text in MEANINGS.items()]
    if language == "zh":
        meanings = [line.replace(": ", "：") for line in meanings]
    rows.append(
        (_PATTERN_NOTE.in_(language), "; ".join(meanings).replace("; ", "；" if language == "zh" else "; "))
    )
    rows.append((LABELS["source"].in_(language), f"{SOURCES[Source.OWN].in_(language)} · {_REFERENCE}"))
    return rows


def method(found: CellMap | None, policy: HotSpotPolicy, language: Language) -> Markup:
    """The definition note of the map."""
    entries = [
        child
        for name, text in method_rows(found, policy, language)
        for child in (tag("dt", name), tag("dd", text))
    ]
    return tag("article", tag("h3", _METHOD.in_(language)), tag("dl", *entries), class_="q-define")

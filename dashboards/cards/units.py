"""On time by handling unit: every unit beside its peers, with its size, its funnel signal and its clock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.handling import RED, REPLIED, YELLOW, by_band, late
from dashboards.exports.workbook import Cell, Sheet
from queries.answer import Answer, figure
from queries.insights.funnel_limits import Law, Verdict, limits
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

PEERS = {
    "city_bureau": Text("市级部门", "City bureaus"),
    "district_bureau": Text("区县部门", "District bureaus"),
    "street_office": Text("街道办事处", "Street offices"),
    "town_office": Text("乡镇政府", "Town governments"),
    "police_station": Text("派出所", "Police stations"),
    "enforcement_team": Text("执法中队", "Enforcement teams"),
    "utility": Text("公用事业单位", "Utilities"),
    "city": Text("市级单位", "City units"),
}
EVERY_GROUP = Text("全部同类组", "All peer groups")
GROUP, SEARCH = Text("同类组", "Peer group"), Text("查找单位", "Find a unit")
_SIGNALS = {
    Verdict.BELOW_3: Text("▼ 显著低于同类", "▼ Below its peers"),
    Verdict.ABOVE_3: Text("▲ 显著高于同类", "▲ Above its peers"),
}
_ORDINARY = Text("同类波动之内", "Within chance")
_TOO_FEW = Text("样本不足", "Too few")
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
    "name": Text("单位", "Unit"),
    "group": GROUP,
    "signal": Text("漏斗信号", "Funnel signal"),
    "rate": Text("按期率 %", "On time %"),
    "peers": Text("同类合并 %", "Peers, pooled %"),
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

    `due` and `late` are NaN where the deadline is not recorded.
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


def units(
    members: pd.DataFrame, answer: Answer, clock: Answer, key: str, *, recorded: bool = True
) -> tuple[Unit, ...]:
    """The units that had something due or on hand: those that stand out low first, then by items late.

    `answer` holds `key` and its all-items twin split by unit, `clock` open_cases by unit and case clock;
    `recorded` says whether the city records the deadline at all.
    """
    rows = {int(row["unit"]): row for row in answer.frame.to_dict("records")}
    waiting = _waiting(clock.frame)
    groups = {int(id_): str(group) for id_, group in zip(members["id"], members["peer_group"], strict=True)}
    pooled = _pooled([(groups[one], row) for one, row in rows.items() if one in groups], key)
    names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in members.to_dict("records")}
    none = 0.0 if recorded else math.nan
    nothing = {f"{one}{part}": none if part else math.nan for one in (key, f"{key}_all") for part in _PARTS}
    found = []
    for one, name in names.items():
        if one not in rows and one not in waiting:
            continue
        row, bands = rows.get(one, nothing), waiting.get(one, {})
        peers = pooled.get(groups[one], math.nan)
        found.append(
            Unit(
                name=name,
                group=groups[one],
                verdict=_verdict(row, key, peers),
                rate=_percent(key, row),
                peers=None if math.isnan(peers) else round(peers * 100, 2),
                every=_percent(f"{key}_all", row),
                due=float(row[f"{key}_denominator"]),
                late=late(row, key),
                waiting=sum(value for band, value in bands.items() if band != REPLIED),
                yellow=bands.get(YELLOW, 0.0),
                red=bands.get(RED, 0.0),
                id=one,
            )
        )
    found.sort(
        key=lambda unit: (
            unit.verdict is not Verdict.BELOW_3,
            -unit.late if recorded else 0.0,
            -unit.red,
            unit.name.zh,
        )
    )
    return tuple(found)


_PARTS = ("", "_numerator", "_denominator")


def _pooled(rows: Iterable[tuple[str, Mapping[Any, Any]]], key: str) -> dict[str, float]:
    """The rate of each peer group's items together."""
    sums: dict[str, list[float]] = {}
    for group, row in rows:
        whole = float(row[f"{key}_denominator"])
        if not math.isnan(whole):
            both = sums.setdefault(group, [0.0, 0.0])
            both[0] += float(row[f"{key}_numerator"])
            both[1] += whole
    return {group: part / whole for group, (part, whole) in sums.items() if whole}


def _verdict(row: Mapping[Any, Any], key: str, peers: float) -> Verdict | None:
    """Where a unit stands against its peers; None where its rate is not said."""
    value = float(row[key])
    if math.isnan(value) or math.isnan(peers):
        return None
    return limits(peers, float(row[f"{key}_denominator"]), Law.BINOMIAL).verdict(value)


def _waiting(frame: pd.DataFrame) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {}
    for (unit, band), items in by_band(frame, "unit").items():
        found.setdefault(unit, {})[band] = items
    return found


def _percent(key: str, row: Mapping[Any, Any]) -> float | None:
    shown = figure(metric_of(key), row)
    return None if shown is None else float(shown)


def chosen_units(every: Sequence[Unit], group: str, words: str) -> tuple[Unit, ...]:
    """The units of a peer group (empty: of all) whose name in either language holds `words`."""
    sought = words.casefold()
    return tuple(
        one
        for one in every
        if group in ("", one.group) and sought in f"{one.name.zh} {one.name.en}".casefold()
    )


def groups(members: pd.DataFrame) -> dict[str, Text]:
    """The peer groups that units belong to, all of them first; one without a name is called by its key."""
    keys = [str(key) for key in dict.fromkeys(members["peer_group"]) if str(key).strip()]
    return {"": EVERY_GROUP, **{key: PEERS.get(key, Text(key, key)) for key in keys}}


def unit_frame(every: Sequence[Unit], language: Language) -> pd.DataFrame:
    """The units as a table with the reader's headings, without the columns of a deadline not recorded."""
    sheet = unit_sheet(every, language)
    frame = pd.DataFrame(list(sheet.rows), columns=list(sheet.headings))
    if not _is_recorded(every):
        return frame[[HEADINGS[key].in_(language) for key in ON_HAND]].astype(
            {HEADINGS[key].in_(language): "int64" for key in ON_HAND[2:]}
        )
    counts = [HEADINGS[key].in_(language) for key in ("due", "late", "waiting", "yellow", "red")]
    rates = {HEADINGS[key].in_(language): "float64" for key in RATES}
    return frame.astype({**dict.fromkeys(counts, "int64"), **rates})


def unit_title(every: Sequence[Unit], shown: int, key: str, language: Language) -> tuple[str, str]:
    """The title that says who stands out, and the line below it."""
    name = metric_of(key).name.in_(language)
    if not _is_recorded(every):
        return _NOT_RECORDED.in_(language).format(name=name), _ON_HAND.in_(language)
    due = [one for one in every if one.due > 0]
    if not due:
        return _NONE.in_(language).format(name=name), _SUB.in_(language).format(shown=numbers.plain(shown))
    below, above = (sum(one.verdict is side for one in due) for side in (Verdict.BELOW_3, Verdict.ABOVE_3))
    title = _TITLE.in_(language).format(name=name, below=below, above=above, all=numbers.plain(len(due)))
    return title, _SUB.in_(language).format(shown=numbers.plain(shown))


def unit_sheet(every: Sequence[Unit], language: Language) -> Sheet:
    """The units for the download."""
    rows: list[tuple[Cell, ...]] = [
        (
            one.name.in_(language),
            _group(one, language),
            _signal(one, language),
            *(one.rate, one.peers, one.every, one.due, one.late, one.waiting, one.yellow, one.red),
        )
        for one in every
    ]
    return Sheet(SHEET.in_(language), tuple(text.in_(language) for text in HEADINGS.values()), tuple(rows))


def _is_recorded(every: Sequence[Unit]) -> bool:
    return not any(math.isnan(one.due) for one in every)


def _group(one: Unit, language: Language) -> str:
    return PEERS[one.group].in_(language) if one.group in PEERS else one.group


def _signal(one: Unit, language: Language) -> str:
    if one.verdict is None:
        return _TOO_FEW.in_(language) if one.due > 0 else numbers.DASH
    return _SIGNALS.get(one.verdict, _ORDINARY).in_(language)

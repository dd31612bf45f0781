"""Handling units beside their peers: the rate of each against its group, found by group and by name."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pandas as pd

from dashboards import numbers
from dashboards.cards.behind import token
from dashboards.cards.hushed import is_hushed
from queries.answer import Answer, figure
from queries.drill import Side
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
NAME, SIGNAL = Text("单位", "Unit"), Text("漏斗信号", "Funnel signal")
POOLED = Text("同类合并 %", "Peers, pooled %")
_SIGNALS = {
    Verdict.BELOW_3: Text("▼ 显著低于同类", "▼ Below its peers"),
    Verdict.ABOVE_3: Text("▲ 显著高于同类", "▲ Above its peers"),
}
_ORDINARY = Text("同类波动之内", "Within chance")
_TOO_FEW = Text("样本不足", "Too few")
_NOT_JUDGED = Text("不作判断", "Not judged")


class Placed(Protocol):
    """A unit with its place among its peers; `part` of `whole` items met what its rate asks for."""

    @property
    def id(self) -> int:
        """Its key."""

    @property
    def name(self) -> Text:
        """Its name."""

    @property
    def group(self) -> str:
        """Its peer group."""

    @property
    def verdict(self) -> Verdict | None:
        """Where it stands against its peers; None where its rate is not said."""

    @property
    def rate(self) -> float | None:
        """Its rate in per cent; None where there is none to print."""

    @property
    def part(self) -> float:
        """Items that met what the rate asks for."""

    @property
    def whole(self) -> float:
        """All items of the rate."""


def unit_items(answer: Answer, every: Sequence[Placed], key: str, side: Side) -> tuple[str, ...]:
    """What opens one side of the rate `key` of each unit; `answer` is split by unit."""
    rows = [{"unit": one.id, f"{key}_numerator": one.part, f"{key}_denominator": one.whole} for one in every]
    return tuple(token(answer.question, key, row, side) for row in rows)


One = TypeVar("One", bound=Placed)


@dataclass(frozen=True)
class Beside:
    """One unit: its rate and that of its group together in per cent, None where there is none to print."""

    id: int
    name: Text
    group: str
    verdict: Verdict | None
    rate: float | None
    peers: float | None
    part: float
    whole: float


@dataclass(frozen=True)
class UnitTable:
    """A long table of units under its title; the columns `shares` (per cent) are drawn as bars.

    `items` opens, column by column, what is behind the cells of each row.
    """

    title: str
    subtitle: str
    frame: pd.DataFrame
    shares: tuple[str, ...]
    items: Mapping[str, Sequence[str]]


def beside_peers(
    members: pd.DataFrame, answer: Answer, key: str, also: Collection[int] = (), nothing: float = 0.0
) -> tuple[Beside, ...]:
    """The units that `answer` (`key`, split by unit) or `also` names, in the order of `members`.

    A unit of `also` alone has `nothing` as its numbers: NaN where they are not recorded. Where counts are
    hidden nobody is judged by them, and no group is added up.
    """
    rows = {int(row["unit"]): row for row in answer.frame.to_dict("records")}
    groups = {int(id_): str(group) for id_, group in zip(members["id"], members["peer_group"], strict=True)}
    told = [(groups[one], row) for one, row in rows.items() if one in groups]
    pooled = {} if is_hushed(answer) else pooled_rates(told, key)
    none = {key: math.nan, f"{key}_numerator": nothing, f"{key}_denominator": nothing}
    found = []
    for member in members.to_dict("records"):
        one = int(member["id"])
        if one not in rows and one not in also:
            continue
        row, peers = rows.get(one, none), pooled.get(groups[one], math.nan)
        found.append(
            Beside(
                id=one,
                name=Text(member["name_zh"], member["name_en"]),
                group=groups[one],
                verdict=_verdict(row, key, peers),
                rate=percent(key, row),
                peers=None if math.isnan(peers) else round(peers * 100, 2),
                part=float(row[f"{key}_numerator"]),
                whole=float(row[f"{key}_denominator"]),
            )
        )
    return tuple(found)


def pooled_rates(rows: Iterable[tuple[str, Mapping[Any, Any]]], key: str) -> dict[str, float]:
    """The rate of each peer group's items together."""
    sums: dict[str, list[float]] = {}
    for group, row in rows:
        whole = float(row[f"{key}_denominator"])
        if not math.isnan(whole):
            both = sums.setdefault(group, [0.0, 0.0])
            both[0] += float(row[f"{key}_numerator"])
            both[1] += whole
    return {group: part / whole for group, (part, whole) in sums.items() if whole}


def percent(key: str, row: Mapping[Any, Any]) -> float | None:
    """A metric's value as printed; None where there is none."""
    shown = figure(metric_of(key), row)
    return None if shown is None else float(shown)


def chosen_units(every: Sequence[One], group: str, words: str) -> tuple[One, ...]:
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


def group_text(one: Placed, language: Language) -> str:
    """The peer group in words; one without a name is called by its key."""
    return PEERS[one.group].in_(language) if one.group in PEERS else one.group


def signal_text(one: Placed, language: Language) -> str:
    """Where the unit stands in the funnel of its peers, or why that is not said."""
    if one.verdict is None:
        why = _TOO_FEW if one.rate is None else _NOT_JUDGED
        return why.in_(language) if one.whole > 0 else numbers.DASH
    return _SIGNALS.get(one.verdict, _ORDINARY).in_(language)


def outside(every: Sequence[Placed]) -> tuple[int, int]:
    """How many stand below their peers, and how many above."""
    below, above = (sum(one.verdict is side for one in every) for side in (Verdict.BELOW_3, Verdict.ABOVE_3))
    return below, above


def _verdict(row: Mapping[Any, Any], key: str, peers: float) -> Verdict | None:
    """Where a unit stands against its peers; None where its rate is not said."""
    value = float(row[key])
    if math.isnan(value) or math.isnan(peers):
        return None
    return limits(peers, float(row[f"{key}_denominator"]), Law.BINOMIAL).verdict(value)

"""The districts in one measure, ranked: values, ranks over time, rank intervals, verdicts of the funnel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd

from dashboards.cards.behind import value_token
from dashboards.cards.measures import INDEX_KEY
from dashboards.cards.regions import Region, regions
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.errors import UnknownDimension
from queries.execute import Warehouse
from queries.insights.funnel_limits import Law, Verdict, dispersion, limits
from queries.insights.index import CITY_ROW, IndexPolicy, RankInterval
from queries.insights.ranking import ranked
from queries.insights.rate_ranks import Draws, Rate, rate_intervals
from queries.insights.standardisation import standardised
from queries.metric import Metric, Population, Ratio
from queries.metrics import CATALOG
from queries.metrics import metric as metric_of
from queries.question import Question, Trailing
from queries.vocabulary import Direction, Measurement, Period

VOLUME = "cases_registered"
PERIODS = 12  # of the ranks over time
INDEX_STEP = 2  # weeks between two of them where the index is ranked
STRATUM = "category1"
RANKABLE = tuple(key for key, one in CATALOG.items() if one.direction is not Direction.NEITHER)


class Fair(StrEnum):
    """How districts of unequal size and mix are made comparable."""

    CRUDE = "crude"
    RESIDENTS = "residents"  # a count per 10 000 residents
    MIX = "mix"  # a share at the city's mix of categories: indirect standardisation


@dataclass(frozen=True)
class Asked:
    """The answers behind a ranking; `before` is None where last year is not in the data.

    All but the city's are split by district, under Fair.MIX by category as well.
    """

    now: Answer
    before: Answer | None
    periods: Answer
    city: Answer
    city_periods: Answer


@dataclass(frozen=True)
class Entry:
    """One district: NaN and None where there is no value. `expected` only under Fair.MIX.

    `values` and `ranks` are period by period, oldest first; the last is the one that ends on the as-of date.
    `items` and `volume_items` open what is behind value and volume.
    """

    region: Region
    value: float
    part: float
    whole: float
    expected: float
    volume: float
    before: float
    values: tuple[float | None, ...]
    ranks: tuple[int | None, ...] = ()
    rank: int | None = None
    rank_before: int | None = None
    interval: RankInterval | None = None
    verdict: Verdict | None = None
    items: str = ""
    volume_items: str = ""


@dataclass(frozen=True)
class League:
    """All districts in the order to print them: group by group, by rank, the unranked last.

    `law` is None where chance has no simple law (the index, days, composites): then there is no funnel.
    `city` is the whole city's value, `spread` the overdispersion of the districts around it.
    """

    key: str
    fair: Fair
    entries: tuple[Entry, ...]
    ends: tuple[date, ...]
    city: float
    city_values: tuple[float | None, ...]
    law: Law | None
    spread: float

    @property
    def direction(self) -> Direction:
        """Which way is better."""
        return Direction.UP if self.key == INDEX_KEY else metric_of(self.key).direction

    @property
    def groups(self) -> dict[str, tuple[Entry, ...]]:
        """The entries by peer group."""
        keys = dict.fromkeys(one.region.group for one in self.entries)
        return {key: tuple(one for one in self.entries if one.region.group == key) for key in keys}


def fair_ways(warehouse: Warehouse, key: str, day: date) -> tuple[Fair, ...]:
    """The comparisons that make sense for a measure."""
    if key == INDEX_KEY:
        return (Fair.CRUDE,)
    metric = metric_of(key)
    if metric.measurement is Measurement.COUNT:
        return (Fair.CRUDE, Fair.RESIDENTS)
    if law_of(metric, Fair.CRUDE) is not Law.BINOMIAL:
        return (Fair.CRUDE,)
    cells = Question((key,), Period(day, day), day, split=("district", STRATUM))
    try:
        warehouse.statements(cells)
    except UnknownDimension:
        return (Fair.CRUDE,)
    # cells that are hidden or stepped make no rate at the city's mix
    return (Fair.CRUDE, Fair.MIX) if warehouse.is_exact(cells) else (Fair.CRUDE,)


def kept_metrics(measure: str) -> tuple[str, ...]:
    """The metrics to ask for a measure: itself, unless it is the index, and the volume beside every rank."""
    return (VOLUME,) if measure == INDEX_KEY else tuple(dict.fromkeys((measure, VOLUME)))


def draws_of(policy: IndexPolicy) -> Draws:
    """How ranks are drawn: as often, from the same seed and with the same coverage as those of the index."""
    return Draws(policy.draws, policy.seed, policy.coverage)


def trailing(period: Period) -> Trailing:
    """Windows as long as `period`, the last one `period` itself, four weeks apart (a week for a week)."""
    step = timedelta(days=7 if period.days <= 7 else 28)
    return Trailing(tuple(period.end - step * back for back in reversed(range(PERIODS))), period.days)


def index_dates(index: CityIndex) -> tuple[date, ...]:
    """The dates of the index that its ranks are shown at."""
    return index.dates[::-1][::INDEX_STEP][:PERIODS][::-1]


def metric_league(warehouse: Warehouse, key: str, fair: Fair, asked: Asked, draws: Draws) -> League:
    """The districts in a metric."""
    metric, members = metric_of(key), warehouse.members("district")
    districts = regions(members)
    residents = pd.Series(members["population"].to_numpy(dtype="float64"), index=members["id"])
    now = _figures(asked.now.frame, metric, fair, residents)
    before = None if asked.before is None else _figures(asked.before.frame, metric, fair, residents)
    frame = asked.periods.frame
    ends: tuple[date, ...] = tuple(sorted(set(frame["window_end"])))
    by_period = {end: _figures(frame[frame["window_end"] == end], metric, fair, residents) for end in ends}
    entries = tuple(
        Entry(
            region=region,
            value=_at(now["value"], region),
            part=_at(now["part"], region),
            whole=_at(now["whole"], region),
            expected=_at(now["expected"], region),
            volume=_at(now["volume"], region, 0.0),
            before=math.nan if before is None else _at(before["value"], region),
            values=tuple(_known(_at(by_period[end]["value"], region)) for end in ends),
            items=_behind(asked.now.question, key, now, region),
            volume_items=_behind(asked.now.question, VOLUME, now.assign(part=now["volume"]), region),
        )
        for region in districts
    )
    volumes = [
        {one.region.id: _at(by_period[end]["volume"], one.region, 0.0) for one in entries} for end in ends
    ]
    city_rows = asked.city_periods.frame.sort_values("window_end").to_dict("records")
    everyone = float(residents.sum())
    league = League(
        key=key,
        fair=fair,
        entries=entries,
        ends=ends,
        city=_whole(asked.city.frame.to_dict("records")[0], metric, fair, everyone),
        city_values=tuple(_known(_whole(row, metric, fair, everyone)) for row in city_rows),
        law=law_of(metric, fair),
        spread=math.nan,
    )
    return _judged(_ranked(league, volumes), draws)


def _behind(question: Question, key: str, figures: pd.DataFrame, region: Region) -> str:
    """What opens the items behind a district's value of the metric `key`."""
    row = {
        "district": region.id,
        f"{key}_numerator": _at(figures["part"], region),
        f"{key}_denominator": _at(figures["whole"], region),
    }
    return value_token(replace(question, split=("district",)), key, row)


def index_league(
    warehouse: Warehouse, index: CityIndex, last_year: CityIndex | None, counted: Answer
) -> League:
    """The districts in the index; `last_year` is the index of the same day a year before.

    `counted` is an answer of the volume by district.
    """
    dates, rows = index_dates(index), counted.frame.to_dict("records")
    volumes = {int(row["district"]): float(row[VOLUME]) for row in rows}
    opened = {int(row["district"]): value_token(counted.question, VOLUME, row) for row in rows}
    entries = tuple(
        Entry(
            region=region,
            value=index.score(region.id, index.as_of).value,
            part=math.nan,
            whole=math.nan,
            expected=math.nan,
            volume=volumes.get(region.id, 0.0),
            before=math.nan if last_year is None else last_year.score(region.id, last_year.as_of).value,
            values=tuple(_known(index.score(region.id, on).value) for on in dates),
            interval=index.ranks.get(region.id),
            volume_items=opened.get(region.id, ""),
        )
        for region in regions(warehouse.members("district"))
    )
    city = tuple(_known(index.score(CITY_ROW, on).value) for on in dates)
    league = League(INDEX_KEY, Fair.CRUDE, entries, dates, index.city.value, city, None, math.nan)
    return _ranked(league, [volumes] * len(dates))


def _figures(frame: pd.DataFrame, metric: Metric, fair: Fair, residents: pd.Series[float]) -> pd.DataFrame:
    """Value, part, whole, expected and volume by district, of an answer's frame."""
    key = metric.key
    frame = frame[frame["district"].isin(residents.index)] if fair is not Fair.MIX else frame
    if fair is Fair.MIX:
        cells = frame.rename(
            columns={
                "district": "member",
                STRATUM: "stratum",
                f"{key}_numerator": "part",
                f"{key}_denominator": "whole",
            }
        )
        found = standardised(cells).rename(columns={"observed": "part"})
        found["value"] = found["value"].where(found["whole"] >= metric.min_n)
        return found.assign(volume=frame.groupby("district")[VOLUME].sum())
    rows = frame.set_index("district")
    part, whole, value = rows[f"{key}_numerator"], rows[f"{key}_denominator"], rows[key]
    if fair is Fair.RESIDENTS:
        whole = (residents / 10_000).reindex(rows.index)
        value = part / whole
    return pd.DataFrame(
        {"value": value, "part": part, "whole": whole, "expected": math.nan, "volume": rows[VOLUME]}
    )


def _whole(row: Mapping[Any, Any], metric: Metric, fair: Fair, residents: float) -> float:
    if fair is Fair.RESIDENTS:
        return float(row[metric.key]) / residents * 10_000 if residents > 0 else math.nan
    return float(row[metric.key])


def law_of(metric: Metric, fair: Fair) -> Law | None:
    """How the metric's numerator varies by chance; None where no simple law describes it."""
    if fair is Fair.RESIDENTS:
        return Law.POISSON
    if not isinstance(metric.formula, Ratio) or metric.formula.denominator is None:
        return None
    if isinstance(metric.formula.denominator, Population):
        return Law.POISSON
    return Law.BINOMIAL if metric.measurement is Measurement.SHARE else None


def _ranked(league: League, volumes: Sequence[Mapping[int, float]]) -> League:
    """The league in printing order with its ranks; `volumes` are those of each period."""
    entries = league.entries
    groups = pd.Series([one.region.group for one in entries])
    own = pd.Series([one.volume for one in entries])
    now = ranked(pd.Series([one.value for one in entries]), own, groups, league.direction)
    by_period = [
        ranked(
            pd.Series(
                [math.nan if one.values[at] is None else one.values[at] for one in entries], dtype="float64"
            ),
            pd.Series([sizes.get(one.region.id, 0.0) for one in entries]),
            groups,
            league.direction,
        )
        for at, sizes in enumerate(volumes)
    ]
    found = []
    for place in now.index:
        series = tuple(_place(ranks.loc[place]) for ranks in by_period)
        before = series[-2] if len(series) > 1 else None
        one = entries[int(place)]
        found.append(replace(one, rank=_place(now.loc[place]), ranks=series, rank_before=before))
    return replace(league, entries=tuple(found))


def _judged(league: League, draws: Draws) -> League:
    """The league with rank intervals, verdicts and spread, where chance has a law."""
    law = league.law
    known = [one for one in league.entries if one.rank is not None and one.whole > 0]
    judged = {one.region.id for one in known}
    if law is Law.BINOMIAL and any(one.part > one.whole for one in known):
        law = None  # what is no part of its denominator is no share
    if law is None or not known or math.isnan(league.city):
        return replace(league, law=None)
    intervals: dict[int, RankInterval] = {}
    for members in league.groups.values():
        rates = {
            one.region.id: Rate(one.value, one.part, one.whole) for one in members if one.region.id in judged
        }
        if rates:
            intervals |= rate_intervals(rates, league.direction, law, draws)
    entries = tuple(
        replace(
            one,
            interval=intervals[one.region.id],
            verdict=limits(league.city, one.whole, law).verdict(one.value),
        )
        if one.region.id in judged
        else one
        for one in league.entries
    )
    values, sizes = [one.value for one in known], [one.whole for one in known]
    return replace(league, entries=entries, law=law, spread=dispersion(values, sizes, league.city, law))


def _at(values: pd.Series[float], region: Region, otherwise: float = math.nan) -> float:
    return float(values.get(region.id, otherwise))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _place(rank: Any) -> int | None:
    return None if pd.isna(rank) else int(rank)

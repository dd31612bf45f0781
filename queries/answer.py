"""What comes back: measures merged on the split columns, formulas applied, comparisons set beside. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Dialect, Select

from queries.compiler import SPECIAL, TIME, Part, Times, slot, terms_of
from queries.hiding import Told
from queries.insights.survival import Curve, kaplan_meier
from queries.metric import (
    ClearedWeeks,
    Concentration,
    Metric,
    Persons,
    Population,
    Product,
    Quantile,
    Ratio,
    Survival,
    Term,
)
from queries.question import Question
from queries.vocabulary import Measurement, Text, rounded

SECONDS_A_DAY = 86_400
FULL_MARKS = 100  # of one item, in a rate of points
Residents = Callable[[pd.DataFrame], "pd.Series[float]"]


@dataclass(frozen=True)
class Note:
    """What the reader must know beside a number; `kind`: festival (春节错期) or immature (队列未成熟)."""

    kind: str
    text: Text
    metric: str


@dataclass(frozen=True, eq=False)
class Statement:
    """One SELECT as it was sent: the table it read, rows returned, milliseconds."""

    reads: str
    query: Select[Any]
    dialect: Dialect
    rows: int
    milliseconds: float

    @property
    def sql(self) -> str:
        """The text of the SELECT in the engine's own spelling, values written in."""
        return spelled(self.query, self.dialect)


def spelled(query: Select[Any], dialect: Dialect) -> str:
    """A SELECT as text in the spelling of `dialect`, values written in."""
    return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer to a question; shared between readers, so never changed in place.

    `frame`: the split columns (member keys), `bucket` or `window_end` (dates) where time is split, then per
    metric `m`, `m_numerator`, `m_denominator` (floats; `m` is NaN where nothing is due or fewer than min_n
    are), for cohort metrics `m_mature_on`, and per comparison `m_yoy`, `m_yoy_base`, `m_mom`, `m_mom_base`,
    `m_ytd`, `m_ytd_numerator`, `m_ytd_denominator`. Changes are relative for counts and rates, differences
    for shares (as fractions) and days. `nothing` is what a member without a row has: NaN where small numbers
    are hidden.
    """

    question: Question
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()
    statements: tuple[Statement, ...] = field(default=())
    nothing: float = 0.0

    def one(self, column: str) -> float:
        """The value of `column` in an answer of a single row."""
        if len(self.frame) != 1:
            raise ValueError(f"{column} was asked of {len(self.frame)} rows; split nothing to get one")
        return float(self.frame[column].iloc[0])


def merged(
    question: Question, times: Times, parts: Sequence[Part], frames: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """The additive parts side by side on the split columns: absent sums are 0, time is complete.

    A member that only a special metric speaks of has its row too, so that no metric hides another's members.
    """
    keys = [*question.split, *([TIME] if times.timed else [])]
    columns: list[pd.DataFrame] = []
    for part, frame in zip(parts, frames, strict=True):
        if not part.special:
            # sums are whole numbers; an answer without rows says so only when told
            sums = (frame.set_index(keys) if keys else frame)[list(part.slots)].astype("int64")
            columns.append(sums)
        elif keys:
            columns.append(frame[keys].drop_duplicates().set_index(keys))
    if not keys:
        return pd.concat(columns, axis=1).fillna(0) if columns else pd.DataFrame(index=[0])
    wide = pd.concat(columns, axis=1)
    if times.timed:
        wide = wide.reindex(_dense(question, times, wide))
    return wide.fillna(0).reset_index().sort_values(keys, ignore_index=True)


def _dense(question: Question, times: Times, wide: pd.DataFrame) -> pd.Index[Any]:
    labels = [window.label for window in times.windows]
    if not question.split:
        return pd.Index(labels, name=TIME)
    members = wide.reset_index(TIME).index.unique()
    rows = [(*(m if isinstance(m, tuple) else (m,)), label) for m in members for label in labels]
    return pd.MultiIndex.from_tuples(rows, names=[*question.split, TIME])


def measured(
    question: Question,
    metrics: Sequence[Metric],
    times: Times,
    base: pd.DataFrame,
    special: Mapping[str, pd.DataFrame],
    residents: Residents,
    told: Told | None = None,
) -> pd.DataFrame:
    """One row per split member and time label, with value, numerator and denominator of every metric.

    `base` has a row of sums for each (see `merged`), `special` the rows of each metric that no sum can give.
    Where `told` says that some rows are told with hidden counts, only the others have special values.
    """
    exact = None if told is None else told.exact
    keys = [*question.split, *([TIME] if times.timed else [])]
    living = (
        residents(base) if any(map(_has_population, metrics)) else pd.Series(float("nan"), index=base.index)
    )
    columns: dict[str, pd.Series[Any]] = {key: base[key] for key in keys}
    for metric in metrics:
        if metric.key in special:
            part, whole = _special(metric, special[metric.key], base[keys], keys)
            if exact is not None:
                part, whole = part.where(exact), None if whole is None else whole.where(exact)
        elif isinstance(metric.formula, SPECIAL):
            part = whole = pd.Series(float("nan"), index=base.index)
        else:
            part, whole = _formula(metric.formula, base, living)
            if told is not None and whole is not None:
                part = _told_part(metric, part, whole, told)
        value = _value(metric, part, whole)
        if told is not None and whole is not None and not _has_population(metric):
            value = value.where(told.exact | (whole >= told.least_whole))
        columns[metric.key] = value
        columns[f"{metric.key}_numerator"] = part.astype("float64")
        nothing = pd.Series(float("nan"), index=base.index)
        columns[f"{metric.key}_denominator"] = nothing if whole is None else whole.astype("float64")
        if metric.matures_after_days and times.timed:
            ends = {w.label: w.end + timedelta(days=metric.matures_after_days) for w in times.windows}
            columns[f"{metric.key}_mature_on"] = base[TIME].map(ends)
    return pd.DataFrame(columns, index=base.index)


def _value(metric: Metric, part: pd.Series[float], whole: pd.Series[float] | None) -> pd.Series[float]:
    """Part ÷ whole, or the part alone for sums and quantiles; NaN where less than min_n is due."""
    if whole is None:
        return part.astype("float64")
    value = part if isinstance(metric.formula, Quantile) else (part / whole).where(whole != 0)
    enough = whole > 0 if _has_population(metric) else whole >= metric.min_n
    return value.where(enough).astype("float64")


def _is_sum(metric: Metric) -> bool:
    return isinstance(metric.formula, Persons) or (
        isinstance(metric.formula, Ratio) and metric.formula.denominator is None
    )


def _told_part(
    metric: Metric, part: pd.Series[float], whole: pd.Series[float], told: Told
) -> pd.Series[float]:
    """`part` where it is told: never more than there can be of `whole`, nor where too little is left over."""
    most = _most(metric)
    if most is None:
        return part
    part = part.clip(upper=(whole * most).where(~told.exact, math.inf))
    if not _counts(metric):
        return part
    return part.where(told.exact | (whole - part >= told.smallest))


def _most(metric: Metric) -> int | None:
    """What the numerator can be for each item of the denominator; None where they count different items."""
    if isinstance(metric.formula, Product):
        return 1
    if not isinstance(metric.formula, Ratio) or not isinstance(metric.formula.denominator, tuple):
        return None
    days = {getattr(term.measure, "clock", None) for term in terms_of(metric.formula)}
    if len(days) != 1 or None in days:
        return None
    return {Measurement.SHARE: 1, Measurement.RATE: FULL_MARKS}.get(metric.measurement)


def _counts(metric: Metric) -> bool:
    """Whether the numerator is a number of items."""
    return isinstance(metric.formula, Ratio) and all(term.weight == 1 for term in metric.formula.numerator)


def _has_population(metric: Metric) -> bool:
    return isinstance(metric.formula, Ratio) and isinstance(metric.formula.denominator, Population)


def _sum(terms: Sequence[Term], base: pd.DataFrame) -> pd.Series[float]:
    total = pd.Series(0.0, index=base.index)
    for term in terms:
        # whole weights stay whole numbers; 9/10 is one division of an exact integer
        total = total + base[slot(term)] * term.weight.numerator / term.weight.denominator
    return total


def _ratio(
    ratio: Ratio, base: pd.DataFrame, residents: pd.Series[float]
) -> tuple[pd.Series[float], pd.Series[float] | None]:
    part = _sum(ratio.numerator, base)
    if ratio.denominator is None:
        return part, None
    if isinstance(ratio.denominator, Population):
        return part, residents / ratio.denominator.per
    return part, _sum(ratio.denominator, base)


def _formula(
    formula: Any, base: pd.DataFrame, residents: pd.Series[float]
) -> tuple[pd.Series[float], pd.Series[float] | None]:
    if isinstance(formula, Product):
        part1, whole1 = _ratio(formula.first, base, residents)
        part2, whole2 = _ratio(formula.second, base, residents)
        if whole1 is None or whole2 is None:
            raise TypeError("a product is made of two ratios that both have a denominator")
        # [a ÷ y] × [b ÷ y] as (a × b ÷ y) ÷ y: the denominator stays the number of items
        return (part1 * part2 / whole2).where(whole2 != 0, 0.0), whole1
    if isinstance(formula, Ratio):
        return _ratio(formula, base, residents)
    raise TypeError(f"{type(formula).__name__} is answered by a SELECT of its own")


def _special(
    metric: Metric, frame: pd.DataFrame, rows: pd.DataFrame, keys: list[str]
) -> tuple[pd.Series[float], pd.Series[float] | None]:
    match metric.formula:
        case Quantile():
            found = frame.assign(part=frame["value"].astype(float) / SECONDS_A_DAY, whole=frame["rows"])
        case Persons():
            found = _persons(frame, keys, metric.formula.at_least)
        case Concentration():
            found = _busiest(frame, keys, metric.formula.top)
        case ClearedWeeks():
            found = frame
        case Survival():
            found = _survival(frame, keys, metric.formula.days)
        case _:
            raise TypeError(f"{metric.key} is made of measures")
    if keys:
        found = rows.merge(found, on=keys, how="left")
    elif found.empty:
        found = pd.DataFrame({"part": [float("nan")], "whole": [0.0]})
    part = found["part"].astype("float64").set_axis(rows.index)
    if isinstance(metric.formula, Persons):
        return part.fillna(0), None
    return part, found["whole"].astype("float64").fillna(0).set_axis(rows.index)


def _persons(frame: pd.DataFrame, keys: list[str], at_least: int) -> pd.DataFrame:
    """Part = persons with at least so many items, from how many persons filed how many."""
    part = frame["persons"].where(frame["filed"] >= at_least, 0)
    if not keys:
        return pd.DataFrame({"part": [float(part.sum())], "whole": [float("nan")]})
    return frame[keys].assign(part=part, whole=float("nan")).groupby(keys, as_index=False).sum()


def _busiest(frame: pd.DataFrame, keys: list[str], top: Fraction) -> pd.DataFrame:
    """Part = items of the busiest `top` of all persons (at least one), whole = items of all."""
    rows = frame.sort_values("filed", ascending=False, ignore_index=True)
    persons, filed = rows["persons"].astype("int64"), rows["filed"].astype("int64")
    groups: Any = [rows[key] for key in keys] or np.zeros(len(rows))
    all_persons = persons.groupby(groups).transform("sum")
    wanted = -(-all_persons * top.numerator // top.denominator)
    before = persons.groupby(groups).cumsum() - persons
    taken = (wanted - before).clip(0, persons)
    told = rows[keys].assign(part=taken * filed, whole=persons * filed)
    return told.groupby(keys, as_index=False).sum() if keys else told.sum().to_frame().T


def curve(frame: pd.DataFrame) -> Curve:
    """The survival curve of the rows that a Survival metric's SELECT returns: days, came_back, rows."""
    return kaplan_meier(frame["days"].tolist(), frame["came_back"].tolist(), frame["rows"].tolist())


def _survival(frame: pd.DataFrame, keys: list[str], days: int) -> pd.DataFrame:
    """Part = probability × cases, whole = cases, so that part ÷ whole is the Kaplan–Meier probability."""

    def of(group: pd.DataFrame) -> dict[str, float]:
        size = float(group["rows"].sum())
        return {"part": curve(group).returned_by(days) * size, "whole": size}

    if not keys:
        return pd.DataFrame([of(frame)] if len(frame) else [], columns=["part", "whole"])
    rows = [
        {**dict(zip(keys, member if isinstance(member, tuple) else (member,), strict=True)), **of(group)}
        for member, group in frame.groupby(keys)
    ]
    return pd.DataFrame(rows, columns=[*keys, "part", "whole"])


def residents(
    members: Callable[[str], pd.DataFrame], question: Question, base: pd.DataFrame
) -> pd.Series[float]:
    """Residents of the regions that each row's items come from; NaN where their number is not known."""
    named = {*question.split, *[one.dimension for one in question.filters]}
    level = members("district").rename(columns={"id": "district"})
    level = level[["district", "peer_group", "population"]]
    for parent, key in (("district", "street"), ("street", "village")):
        if named & {key, "village"}:
            below = members(key).rename(columns={"id": key, "parent_id": parent})
            level = below[[key, parent, "population"]].merge(level.drop(columns="population"), on=parent)
    if question.scope.districts is not None:
        level = level[level["district"].isin(question.scope.districts)]
    for one in question.filters:
        if one.dimension in level:
            level = level[level[one.dimension].isin(one.members)]
    keys = [key for key in question.split if key in level]
    if not keys:
        whole = level["population"].astype("float64").sum(skipna=False) if len(level) else float("nan")
        return pd.Series(whole, index=base.index, dtype="float64")
    groups = level.astype({"population": "float64"}).groupby(keys)["population"]
    known = groups.sum().where(groups.count() == groups.size())
    index = pd.MultiIndex.from_frame(base[keys]) if len(keys) > 1 else pd.Index(base[keys[0]])
    return known.reindex(index).set_axis(base.index)


def change(metric: Metric, value: pd.Series[float], base: pd.Series[float]) -> pd.Series[float]:
    """Change of `value` against `base`: a difference for shares and days, else relative."""
    if metric.measurement in (Measurement.SHARE, Measurement.DAYS):
        return value - base
    return ((value - base) / base).where(base != 0)


def beside(
    frame: pd.DataFrame,
    base: pd.DataFrame,
    metrics: Sequence[Metric],
    keys: Sequence[str],
    name: str,
    *,
    nothing: float = 0.0,
) -> pd.DataFrame:
    """`frame` with the comparison `name` of every metric from `base`, aligned on the keys.

    A member absent from `base` had `nothing`: NaN where that is hidden.
    """
    absent = pd.Series(False, index=frame.index)
    if keys:
        base = frame[list(keys)].merge(base, on=list(keys), how="left", indicator="found")
        absent = (base["found"] == "left_only").set_axis(frame.index)
    base = base.set_axis(frame.index)
    added: dict[str, pd.Series[float]] = {}
    for metric in metrics:
        key = metric.key
        if name == "ytd":
            for suffix in ("", "_numerator", "_denominator"):
                added[f"{key}_ytd{suffix}"] = base[f"{key}{suffix}"]
            continue
        # a member without rows then had none; a value that was never recorded stays unknown
        other = base[key].mask(absent, nothing) if _is_sum(metric) else base[key]
        added[f"{key}_{name}"] = change(metric, frame[key], other)
        added[f"{key}_{name}_base"] = other
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)


def measures_in(frame: pd.DataFrame, metrics: Sequence[Metric], keys: Sequence[str]) -> list[str]:
    """The columns of `frame` that say how many items there are; residents are no items."""
    residents = tuple(
        f"{one.key}{when}_denominator" for one in metrics if _has_population(one) for when in ("", "_ytd")
    )
    named = (str(name) for name in frame)
    return [name for name in named if name not in (*keys, *residents) and not name.endswith("_mature_on")]


def figure(metric: Metric, row: Mapping[str, Any]) -> Decimal | None:
    """The printed figure of a metric in an answer's row: shares in per cent, the metric's own rounding.

    A ratio of counts is divided anew in decimals, so that no binary artefact reaches the last printed place.
    """
    value = float(row[metric.key])
    if math.isnan(value):
        return None
    factor = 100 if metric.measurement is Measurement.SHARE else 1
    whole = float(row.get(f"{metric.key}_denominator", float("nan")))
    if not math.isnan(whole) and whole != 0 and isinstance(metric.formula, Ratio):
        exact = Decimal(repr(float(row[f"{metric.key}_numerator"]))) * factor / Decimal(repr(whole))
        return rounded(exact, metric.decimals, metric.rounding)
    return rounded(Decimal(repr(value)) * factor, metric.decimals, metric.rounding)


def immature_note(metric: Metric, last: date, as_of: date) -> Note | None:
    """The note that a cohort closing on `last` is not mature on `as_of`, with the day it will be."""
    mature = last + timedelta(days=metric.matures_after_days)
    if not metric.matures_after_days or mature <= as_of:
        return None
    return Note(
        "immature",
        Text(
            f"{metric.full_name.zh}:队列至 {mature:%Y-%m-%d} 方成熟,现值偏低。",
            f"{metric.full_name.en}: the cohort matures on {mature:%Y-%m-%d}; the present value is too low.",
        ),
        metric.key,
    )


def festival_note(base_name: Text) -> Note:
    """The note that only one of two compared periods holds Spring Festival."""
    return Note(
        "festival",
        Text(
            f"春节错期:本期与{base_name.zh}只有一方含春节假期,增减不宜直接比较。",
            f"Spring Festival falls in only one of this period and the {base_name.en}: compare with care.",
        ),
        "",
    )

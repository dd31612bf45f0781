"""What the calendar lets expect of daily counts, with bands and a forecast.

A quasi-Poisson regression on trend, time of year, weekday, public holidays, made-up working days and the days
around Spring Festival, with past outbursts weighted down: Farrington et al. (A statistical algorithm for the
early detection of outbreaks, J. R. Statist. Soc. A 159, 1996) as improved by Noufaily et al. (An improved
algorithm for outbreak detection in multiple surveillance systems, Statistics in Medicine 32, 2013), with the
weights of Anscombe residuals above 2.58 and negative binomial bands of the latter. Fitted by statsmodels.
What the last whole bucket was off is carried ahead and fades as an autoregressive error of order one does
(Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., chapter 10).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from queries.insights.control_chart import Signal, signals
from queries.vocabulary import Period

Floats = npt.NDArray[np.float64]

LEAST_DAYS = 56  # eight weeks, or not even a weekday is known
LEAST_ITEMS = 100
A_YEAR = 365.25
YEARLY_FROM = 550  # days of history from which a time of year and a trend can be told apart
HARMONICS = 3
OWN_EFFECT = 4  # days on which a holiday was seen before it has an effect of its own
AROUND = 10  # days before and after Spring Festival that feel it
OUTBURST = 2.58  # Noufaily et al. 2013
MOST_CARRIED = 0.9  # of one bucket's residual into the next
MEDIAN_CHI2 = 0.4549  # median of the chi-square distribution of one degree of freedom
COVERAGE = 0.95
# Of the rules of control_chart: runs and trends presume independent points, which residuals are not.
RULES = frozenset({Signal.OUTSIDE, Signal.NEAR_LIMIT})


@dataclass(frozen=True)
class Day:
    """A day of the calendar: whether it is worked, the code of its public holiday, Spring Festival or not."""

    on: date
    is_workday: bool
    holiday: str | None
    is_festival: bool


@dataclass(frozen=True)
class Bucket:
    """A stretch of days: what was counted (None where any day lies ahead), what is expected, its band.

    `low` and `high` hold 95 of 100 such buckets; `signals` are the special causes (those of RULES) of a
    counted bucket against its expectation.
    """

    period: Period
    counted: int | None
    expected: float
    low: float
    high: float
    signals: frozenset[Signal] = frozenset()


@dataclass(frozen=True, eq=False)
class Expectation:
    """Expected counts by day, known days first and then days ahead; `counts` are those of the known days."""

    days: tuple[date, ...]
    counts: tuple[int, ...]
    mean: Floats
    design: Floats
    covariance: Floats
    slow: int  # parameters that a week cannot average out: level, trend, time of year

    def over(self, periods: Sequence[Period]) -> tuple[Bucket, ...]:
        """The buckets `periods` of one width, in order; a bucket that is partly known counts what is known.

        Spread is measured between whole buckets of that width, robustly. Raises ValueError for days outside.
        """
        place = {day: at for at, day in enumerate(self.days)}
        missing = [period for period in periods if period.start not in place or period.end not in place]
        if missing:
            raise ValueError(
                f"Nothing is expected of {missing[0].start} to {missing[0].end}; ask for days from"
                f" {self.days[0]} to {self.days[-1]}."
            )
        spans = [range(place[period.start], place[period.end] + 1) for period in periods]
        residuals = self._residuals(round(sum(map(len, spans)) / max(1, len(spans))))
        dispersion = _dispersion(residuals, self.slow)
        whole = [at for at, span in enumerate(spans) if span[-1] < len(self.counts)]
        counted = [sum(self.counts[day] for day in spans[at]) for at in whole]
        means = [float(self.mean[list(spans[at])].sum()) for at in whole]
        away = [count - mean for count, mean in zip(counted, means, strict=True)]
        causes = signals(away, 0.0, [math.sqrt(dispersion * mean) for mean in means])
        past = [
            self._bucket(periods[at], spans[at], dispersion, count, cause & RULES)
            for at, count, cause in zip(whole, counted, causes, strict=True)
        ]
        carried = _carried(residuals)
        last = residuals[-1] if len(residuals) else 0.0
        ahead = [at for at in range(len(spans)) if at not in set(whole)]
        return (
            *past,
            *(
                self._bucket(periods[at], spans[at], dispersion, off=last * carried**step)
                for step, at in enumerate(ahead, start=1)
            ),
        )

    def _bucket(
        self,
        period: Period,
        span: range,
        dispersion: float,
        counted: int | None = None,
        found: frozenset[Signal] = frozenset(),
        off: float = 0.0,
    ) -> Bucket:
        """One bucket; `off` moves what is expected, in square roots of the mean."""
        from scipy.stats import nbinom  # noqa: PLC0415 - half a second that only this page needs

        # of a bucket that is partly known only the days ahead are uncertain
        open_days = [at for at in span if counted is not None or at >= len(self.counts)]
        already = 0 if counted is not None else sum(self.counts[at] for at in span if at < len(self.counts))
        plain = float(self.mean[open_days].sum())
        mean = max(plain + off * math.sqrt(plain), 0.5 * plain)
        slope = self.mean[open_days] @ self.design[open_days]
        # the variance of the estimated mean, in units of the mean, on top of the counts' own
        spread = dispersion * (1 + float(slope @ self.covariance @ slope) / plain)
        size = mean / (max(spread, 1.0001) - 1)
        low, high = nbinom.ppf([(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], size, size / (size + mean))
        return Bucket(period, counted, already + mean, already + float(low), already + float(high), found)

    def _residuals(self, width: int) -> Floats:
        """(count − mean) ÷ √mean of the known stretches of `width` days, the last one ending with them."""
        known = len(self.counts) // width * width
        counts = np.asarray(self.counts, dtype=float)[-known:].reshape(-1, width).sum(axis=1)
        means = self.mean[len(self.counts) - known : len(self.counts)].reshape(-1, width).sum(axis=1)
        return np.asarray((counts - means) / np.sqrt(means), dtype=np.float64)


def _dispersion(residuals: Floats, slow: int) -> float:
    """Variance ÷ mean of stretches, at least 1, from the median of squares: outbursts do not count."""
    free = len(residuals) / max(1, len(residuals) - slow)
    return max(1.0, float(np.median(residuals**2)) / MEDIAN_CHI2 * free)


def _carried(residuals: Floats) -> float:
    """How much of a residual the next one keeps: their autocorrelation, from 0 to MOST_CARRIED."""
    power = float(residuals @ residuals)
    return min(MOST_CARRIED, max(0.0, float(residuals[1:] @ residuals[:-1]) / power)) if power else 0.0


def expect(counts: Mapping[date, int], calendar: Sequence[Day]) -> Expectation | None:
    """What the days of `calendar` let expect, learnt from `counts`; None when these are too few.

    `calendar` holds consecutive days: those of `counts` first, then the days ahead.
    """
    days = [day.on for day in calendar]
    known = [day for day in days if day in counts]
    if len(known) < LEAST_DAYS or sum(counts.values()) < LEAST_ITEMS:
        return None
    values = np.array([counts[day] for day in known], dtype=float)
    design, slow = _design(calendar, len(known))
    past = design[: len(known)]
    fitted = _fitted(values, past, np.ones(len(known)))
    fitted = _fitted(values, past, _weights(values, past, fitted))
    return Expectation(
        tuple(days),
        tuple(int(value) for value in values),
        np.exp(design @ fitted.params),
        design,
        np.asarray(fitted.normalized_cov_params),
        slow,
    )


def _fitted(values: Floats, design: Floats, weights: Floats) -> Any:
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415 - a second that only this page needs
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    return GLM(values, design, family=Poisson(), var_weights=weights).fit()


def _weights(values: Floats, design: Floats, fitted: Any) -> Floats:
    """Weights that mute outbursts: 1, or ∝ s⁻² where the Anscombe residual s exceeds 2.58."""
    mean = np.asarray(fitted.fittedvalues)
    leverage = mean * np.einsum("ij,jk,ik->i", design, fitted.normalized_cov_params, design)
    residual = 1.5 * (values ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    dispersion = max(1.0, fitted.pearson_chi2 / fitted.df_resid)
    residual /= np.sqrt(dispersion * np.clip(1 - leverage, 1e-6, 1))
    weights = np.where(residual > OUTBURST, 1 / np.maximum(residual, OUTBURST) ** 2, 1.0)
    return np.asarray(weights * len(weights) / weights.sum(), dtype=np.float64)


def _design(calendar: Sequence[Day], known: int) -> tuple[Floats, int]:
    """Regressors by day and how many of them are slow; only what the known days can tell apart."""
    count = len(calendar)
    columns: list[Floats] = [np.ones(count)]
    if known >= YEARLY_FROM:
        turn = np.array([day.on.toordinal() / A_YEAR for day in calendar]) * 2 * math.pi
        columns.append((np.arange(count) - known) / A_YEAR)
        columns += [wave(turn * order) for order in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    slow = len(columns)
    weekday = np.array([day.on.weekday() for day in calendar])
    worked = np.array([day.is_workday for day in calendar])
    festival = np.array([day.is_festival for day in calendar])
    # the days of the festival itself are quieter than the rest of its break
    holiday = np.array(["festival" if day.is_festival else day.holiday or "" for day in calendar])
    made_up = (weekday >= 5) & worked
    # a holiday is a holiday and a made-up working day one, whatever day of the week they fall on
    ordinary = (holiday == "") & ~made_up
    columns += [((weekday == day) & ordinary).astype(float) for day in range(1, 7)]
    columns.append(made_up.astype(float))
    own = [
        name for name in sorted({*holiday[:known]} - {""}) if (holiday[:known] == name).sum() >= OWN_EFFECT
    ]
    columns += [(holiday == name).astype(float) for name in own]
    columns.append(((holiday != "") & ~np.isin(holiday, own)).astype(float))
    columns += _around(festival)
    told = [column for column in columns if column[:known].any()]
    return np.column_stack(told), slow


def _around(festival: npt.NDArray[np.bool_]) -> list[Floats]:
    """Nearness to the next and to the last day of Spring Festival: 1 beside it, 0 from ten days away."""
    at = np.flatnonzero(festival)
    place = np.arange(len(festival))
    if not len(at):
        return []
    ahead = np.array([min((day - one for day in at if day > one), default=AROUND) for one in place])
    behind = np.array([min((one - day for day in at if day < one), default=AROUND) for one in place])
    return [np.where(festival, 0.0, np.clip(1 - (gap - 1) / AROUND, 0, 1)) for gap in (ahead, behind)]

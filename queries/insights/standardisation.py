"""Indirect standardisation: what a member would have with its own mix of cases at the city's rates.

Observed ÷ expected, with the expected number added up stratum by stratum (Breslow and Day, Statistical
Methods in Cancer Research II, 1987, chapter 2; Bland, An Introduction to Medical Statistics, 16.3). A member
with more of the difficult cases is expected to do worse, and is compared with that expectation.
"""

from __future__ import annotations

import pandas as pd


def pooled_rates(cells: pd.DataFrame) -> pd.Series[float]:
    """Σ part ÷ Σ whole of each stratum; `cells` has columns stratum, part, whole. NaN where whole is 0."""
    sums = cells.groupby("stratum")[["part", "whole"]].sum()
    return (sums["part"] / sums["whole"]).where(sums["whole"] > 0)


def expected(wholes: pd.Series[float], rates: pd.Series[float]) -> float:
    """Σ whole × rate over the strata of one member; both are indexed by stratum.

    A stratum without a rate counts nothing: nobody has any case in it.
    """
    return float((wholes * rates.reindex(wholes.index)).sum())


def standardised(cells: pd.DataFrame) -> pd.DataFrame:
    """Members compared at equal mix: `cells` has columns member, stratum, part, whole, all members' rows.

    Returns, indexed by member: observed (Σ part), whole, expected, value. `value` is observed ÷ expected
    times the pooled rate, so that it reads in the metric's own unit. Of a share above one half it is the
    complement that is standardised (100 % less the failures' ratio times their pooled rate), or a good share
    could exceed 100 %. NaN where nothing is due or expected.
    """
    rates = pooled_rates(cells)
    total = cells["part"].sum() / cells["whole"].sum() if cells["whole"].sum() > 0 else float("nan")
    rows = {}
    for member, own in cells.groupby("member"):
        observed, whole = float(own["part"].sum()), float(own["whole"].sum())
        due = expected(own.groupby("stratum")["whole"].sum(), rates)
        rarer = total > 0.5
        part, base = (whole - observed, whole - due) if rarer else (observed, due)
        ratio = part / base if base > 0 else float("nan")
        value = 1 - ratio * (1 - total) if rarer else ratio * total
        rows[member] = (observed, whole, due, value)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["observed", "whole", "expected", "value"])

"""Ranks inside peer groups: standard competition ranking 1-2-2-4, ties listed by volume (METRICS rule 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from queries.vocabulary import Direction

TIE_DECIMALS = 9  # values that agree this far are one value: binary artefacts do not part a tie


def ranked(
    values: pd.Series[float], volumes: pd.Series[float], groups: pd.Series[Any], direction: Direction
) -> pd.Series[int]:
    """Rank of every member inside its group, as `Int64`: 1 is best, `<NA>` where there is no value to rank.

    The three series share one index. The ranks come in the order to print them: group by group (as first
    met), by rank, ties by volume with the larger first, the unranked last. Assigned to a frame they align by
    its index. Larger values rank first under `Direction.UP`, smaller ones under `Direction.DOWN`.

    Raises ValueError for `Direction.NEITHER`: where no way is better there is no rank.
    """
    if direction is Direction.NEITHER:
        raise ValueError("a metric that is better in neither direction has no rank; list it by volume")
    better_first = values.astype("float64").round(TIE_DECIMALS) * (-1 if direction is Direction.UP else 1)
    rows = pd.DataFrame(
        {"place": better_first, "volume": -volumes.astype("float64"), "group": pd.factorize(groups)[0]}
    )
    rows["rank"] = rows.groupby("group")["place"].rank(method="min").astype("Int64")
    listed = rows.sort_values(["group", "rank", "volume"], kind="stable", na_position="last")
    ranks: pd.Series[int] = listed["rank"]
    return ranks


def intervals(
    drawn: np.ndarray, values: Sequence[float], coverage: float
) -> tuple[tuple[int, int, int], ...]:
    """(rank, lowest, highest rank) of every member, larger is better; ties share the better rank.

    `values` are what is ranked, `drawn` (draws × members) what they could have been; the interval holds the
    middle share `coverage` of the drawn ranks and always the rank itself.
    """
    ranks = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
    tail = (1 - coverage) / 2
    low, high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="nearest")
    own = [1 + sum(other > value for other in values) for value in values]
    return tuple((rank, min(rank, int(low[at])), max(rank, int(high[at]))) for at, rank in enumerate(own))

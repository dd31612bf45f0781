"""Ranks inside peer groups: standard competition ranking 1-2-2-4, ties listed by volume (METRICS rule 8)."""

from __future__ import annotations

from typing import Any

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

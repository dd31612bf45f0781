"""Which metrics a dimension can split: told by the columns of the tables they read, not by the compiler."""

from __future__ import annotations

from sqlalchemy import Table

from queries.compiler import terms_of
from queries.dimensions import DIMENSIONS
from queries.metric import Metric
from queries.metrics import CATALOG


def tables(metric: Metric) -> set[Table]:
    """The facts that a metric is counted on."""
    own = getattr(metric.formula, "table", None)
    return {own} if own is not None else {term.measure.table for term in terms_of(metric.formula)}


def offered(cut: str) -> tuple[str, ...]:
    """Keys of the metrics whose every table has the column of the dimension `cut`."""
    column = DIMENSIONS[cut].column
    return tuple(key for key, one in CATALOG.items() if all(column in t.c for t in tables(one)))

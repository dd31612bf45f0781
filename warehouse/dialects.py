"""The only file that spells SQL differently per engine: DuckDB, PostgreSQL, ClickHouse.

Each construct below is compiled for all three; an engine without a spelling fails loudly at compile time.
Both ClickHouse dialect names (`clickhouse`, `clickhousedb`) are registered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Date, Double, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

CLICKHOUSE = ("clickhouse", "clickhousedb")


class seconds_between(FunctionElement[int]):  # noqa: N801 - reads as a SQL word
    """Seconds on the clock from the first timestamp to the second; their fractions do not count."""

    type = BigInteger()
    inherit_cache = True
    name = "seconds_between"


class days_between(FunctionElement[int]):  # noqa: N801 - reads as a SQL word
    """Whole days from the first date to the second."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


class days_before(FunctionElement[Any]):  # noqa: N801 - reads as a SQL word
    """The date a whole number of days before a date."""

    type = Date()
    inherit_cache = True
    name = "days_before"


class week_start(FunctionElement[Any]):  # noqa: N801 - reads as a SQL word
    """Monday of the date's ISO week."""

    type = Date()
    inherit_cache = True
    name = "week_start"


class month_start(FunctionElement[Any]):  # noqa: N801 - reads as a SQL word
    """First day of the date's month."""

    type = Date()
    inherit_cache = True
    name = "month_start"


class quarter_start(FunctionElement[Any]):  # noqa: N801 - reads as a SQL word
    """First day of the date's quarter."""

    type = Date()
    inherit_cache = True
    name = "quarter_start"


class year_start(FunctionElement[Any]):  # noqa: N801 - reads as a SQL word
    """1 January of the date's year."""

    type = Date()
    inherit_cache = True
    name = "year_start"


class quantile(FunctionElement[float]):  # noqa: N801 - reads as a SQL word
    """Exact quantile with linear interpolation: `quantile(values, level)`; ignores nulls."""

    type = Double()
    inherit_cache = True
    name = "quantile"


class place_of(FunctionElement[int]):  # noqa: N801 - reads as a SQL word
    """Where the second text begins in the first, 0 where it does not occur; no sign of it is a wildcard."""

    type = Integer()
    inherit_cache = True
    name = "place_of"


class total(FunctionElement[int]):  # noqa: N801 - reads as a SQL word
    """Sum of integers as a 64-bit integer, 0 when there is nothing to add."""

    type = BigInteger()
    inherit_cache = True
    name = "total"


def _spell(element: type[FunctionElement[Any]], **templates: str) -> None:
    """Registers one template per engine; `{0}`, `{1}` are the compiled arguments."""

    def spelled(template: str) -> Callable[..., str]:
        def compile_(node: FunctionElement[Any], compiler: Any, **kw: Any) -> str:
            return template.format(*[compiler.process(clause, **kw) for clause in node.clauses])

        return compile_

    for engine, template in templates.items():
        for name in CLICKHOUSE if engine == "clickhouse" else (engine,):
            compiles(element, name)(spelled(template))


_spell(
    seconds_between,
    duckdb="date_diff('second', {0}, {1})",
    postgresql="CAST(EXTRACT(EPOCH FROM (date_trunc('second', {1}) - date_trunc('second', {0}))) AS BIGINT)",
    clickhouse="dateDiff('second', {0}, {1})",
)
_spell(
    days_between,
    duckdb="date_diff('day', {0}, {1})",
    postgresql="({1} - {0})",
    clickhouse="dateDiff('day', {0}, {1})",
)
_spell(
    days_before,
    duckdb="CAST({0} - {1} AS DATE)",
    postgresql="CAST({0} - CAST({1} AS INTEGER) AS DATE)",
    clickhouse="({0} - {1})",
)
for _element, _unit, _click in (
    (week_start, "week", "toMonday"),
    (month_start, "month", "toStartOfMonth"),
    (quarter_start, "quarter", "toStartOfQuarter"),
    (year_start, "year", "toStartOfYear"),
):
    _spell(
        _element,
        duckdb=f"CAST(date_trunc('{_unit}', {{0}}) AS DATE)",
        postgresql=f"CAST(date_trunc('{_unit}', {{0}}) AS DATE)",
        clickhouse=f"{_click}({{0}})",
    )
_spell(
    quantile,
    duckdb="quantile_cont({0}, {1})",
    postgresql="percentile_cont(CAST({1} AS DOUBLE PRECISION)) WITHIN GROUP (ORDER BY {0})",
    clickhouse="quantileExactInclusive({1})({0})",
)
_spell(
    place_of,
    duckdb="strpos({0}, {1})",
    postgresql="strpos({0}, {1})",
    clickhouse="positionUTF8({0}, {1})",
)
_spell(
    total,
    duckdb="CAST(COALESCE(SUM({0}), 0) AS BIGINT)",
    postgresql="CAST(COALESCE(SUM({0}), 0) AS BIGINT)",
    clickhouse="toInt64(ifNull(sum({0}), 0))",
)

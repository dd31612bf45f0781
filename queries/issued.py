"""What issued documents hold: a metric in one line, and JSON that is the same for the same content."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from queries.metrics import metric as metric_of
from queries.vocabulary import Text

DIGITS = 12  # significant: more would be binary artefacts

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Line:
    """A metric of a whole place; NaN where there is no value. The bases are what it is compared with."""

    metric: str
    value: float
    numerator: float
    denominator: float
    yoy: float
    yoy_base: float
    mom: float
    mom_base: float


def line_of(key: str, row: Row) -> Line:
    """The line of metric `key` in a row of an answer that is compared both ways."""
    return Line(
        key,
        float(row[key]),
        side(row, key, "numerator"),
        side(row, key, "denominator"),
        *(float(row[f"{key}_{name}"]) for name in ("yoy", "yoy_base", "mom", "mom_base")),
    )


def side(row: Row, key: str, name: str) -> float:
    """The `numerator` or `denominator` of metric `key` in a row of an answer."""
    return float(row[f"{key}_{name}"])


def written(told: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8 that is the same for the same content: sorted, 12 significant digits."""
    return (json.dumps(plain(told), ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def fingerprint(policy: Mapping[str, str]) -> str:
    """SHA-256 of policy values by dotted name, the first 12 digits."""
    told = json.dumps(dict(policy), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def definitions(metrics: Sequence[str]) -> dict[str, str]:
    """What decides the numbers of these metrics, by dotted name."""
    found = {}
    for key in metrics:
        metric = metric_of(key)
        told = (metric.formula_text.zh, metric.clock.zh, metric.population.zh, metric.direction, metric.min_n)
        found[f"metric[{key}]"] = " | ".join([*map(str, told), str(metric.decimals), metric.rounding])
    return found


def plain(value: Any) -> Any:
    """What JSON knows: no NaN, days as text, floats at 12 significant digits, whole ones as integers."""
    match value:
        case Text():
            return {"zh": value.zh, "en": value.en}
        case StrEnum() | date():
            return str(value)
        case bool() | None | int() | str():
            return value
        case float():
            if math.isnan(value):
                return None
            return int(value) if value.is_integer() else float(f"{value:.{DIGITS}g}")
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"an issued document holds no {type(value).__name__}")


def leaves(name: str, value: Any) -> dict[str, str]:
    """Nested values by dotted name; members of lists go by their own key or metric, else by place."""
    if isinstance(value, dict):
        return {
            key: leaf for part, one in value.items() for key, leaf in leaves(f"{name}.{part}", one).items()
        }
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return {
            key: leaf
            for place, one in enumerate(value, 1)
            for key, leaf in leaves(f"{name}[{one.get('key') or one.get('metric') or place}]", one).items()
        }
    return {name: json.dumps(value, ensure_ascii=False)}

"""The metric catalogue: every module of this folder declares the metrics of one subject in `METRICS`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from queries.errors import UnknownMetric, did_you_mean
from queries.metric import Metric


def _found() -> Mapping[str, Metric]:
    catalog: dict[str, Metric] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        for one in importlib.import_module(f"{__name__}.{module}").METRICS:
            if one.key in catalog:
                raise ValueError(f"two metrics are called {one.key!r}; rename the one in {module}.py")
            catalog[one.key] = one
    return MappingProxyType(catalog)


CATALOG: Mapping[str, Metric] = _found()


def metric(key: str) -> Metric:
    """The metric of that key; raises UnknownMetric."""
    if key not in CATALOG:
        raise UnknownMetric(f"no metric {key!r} in the catalogue; {did_you_mean(key, CATALOG)}")
    return CATALOG[key]


def metrics(keys: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics of those keys, in that order; raises UnknownMetric."""
    return tuple(metric(key) for key in keys)

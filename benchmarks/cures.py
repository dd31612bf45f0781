"""What a chart and a map cost to make, the usual way and ours, function by function and in bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd
import plotly.express as px  # noqa: TID251 - the usual way is measured here, and only here
import plotly.graph_objects as go
import pydeck

from benchmarks import report

ROUNDS = 30


@dataclass(frozen=True)
class Cost:
    """Median milliseconds to make something, and the bytes of what is sent for it."""

    milliseconds: float
    size: int


def costs(trend: Mapping[str, Any], deck_json: str) -> dict[str, Cost]:
    """Each way to make the overview's trend chart and its map, from the finished ones; ways take turns."""
    spec = orjson.loads(deck_json)
    by_address = orjson.loads(deck_json)
    for layer in by_address["layers"]:
        if layer["@@type"] == "GeoJsonLayer":
            layer["data"] = "assets/cities/districts.geojson"
    express = _long(trend)
    ways: dict[str, Callable[[], str]] = {
        "chart, plotly express": lambda: str(px.line(express, x="day", y="value", color="line").to_json()),
        "chart, graph objects": lambda: str(go.Figure(trend).to_json()),
        "chart, plain dict (ours)": lambda: str(go.Figure(trend, _validate=False).to_json()),
        "map, pydeck": lambda: str(_pydeck(spec).to_json()),
        "map, orjson (ours)": lambda: orjson.dumps(spec).decode(),
        "map, orjson, shapes by address": lambda: orjson.dumps(by_address).decode(),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    sizes = {name: len(make().encode()) for name, make in ways.items()}
    for _ in range(ROUNDS):
        for name, make in ways.items():
            begun = time.perf_counter()
            make()
            spent[name].append((time.perf_counter() - begun) * 1000)
    return {name: Cost(report.p50(spent[name]), sizes[name]) for name in ways}


def _long(trend: Mapping[str, Any]) -> pd.DataFrame:
    """The chart's lines as the long frame that express draws from."""
    lines = [
        pd.DataFrame({"day": pd.to_datetime(line["x"]), "value": line["y"], "line": line["name"]})
        for line in trend["data"]
    ]
    return pd.concat(lines, ignore_index=True)


def _pydeck(spec: Mapping[str, Any]) -> pydeck.Deck:
    layers = []
    for layer in spec["layers"]:
        named = {key: _plain(value) for key, value in layer.items() if key not in {"@@type", "id", "data"}}
        layers.append(pydeck.Layer(layer["@@type"], data=layer["data"], id=layer["id"], **named))
    view = pydeck.ViewState(**spec["initialViewState"])
    return pydeck.Deck(layers=layers, initial_view_state=view, map_provider=None)


def _plain(value: Any) -> Any:
    """Pydeck marks expressions itself."""
    return value.removeprefix("@@=") if isinstance(value, str) else value

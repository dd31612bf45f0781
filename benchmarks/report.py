"""How measurements are put together and printed: medians, ratios, one table, one JSON file."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from unicodedata import east_asian_width

RESULTS = Path(__file__).resolve().parent.parent / "var" / "benchmark"


def p50(values: Sequence[float]) -> float:
    """The median; NaN of nothing."""
    return median(values) if values else math.nan


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, interpolated between the values there are; NaN of nothing."""
    if len(values) < 2:
        return p50(values)
    return quantiles(values, n=20, method="inclusive")[18]


def milliseconds(value: float) -> str:
    """A time as printed: two figures below ten, none after the point above."""
    return "–" if math.isnan(value) else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def times(before: float, after: float) -> str:
    """How many times cheaper `after` is than `before`."""
    if not before > 0 or not after > 0:
        return "–"
    ratio = before / after
    return f"{ratio:,.1f} ×" if ratio < 10 else f"{ratio:,.0f} ×"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up in a terminal; all but the first are right-aligned."""
    widths = [max(_width(row[at]) for row in (headings, *rows)) for at in range(len(headings))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell + " " * (wide - _width(cell)) if at == 0 else " " * (wide - _width(cell)) + cell
            for at, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join(
        "-" * (wide + 2) if at == 0 else "-" * (wide + 1) + ":" for at, wide in enumerate(widths)
    )
    return "\n".join([line(headings), rule + "|", *(line(row) for row in rows)])


def machine() -> dict[str, object]:
    """What it was measured on, as far as it matters to compare two files."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}


def write(name: str, measured: Mapping[str, object]) -> Path:
    """Writes `measured` to var/benchmark/<name>.json and returns its path."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {"machine": machine(), **measured}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, default=str), encoding="utf-8")
    return path


def read(name: str) -> dict[str, object]:
    """What `write` wrote under this name, empty when nothing stands there."""
    path = RESULTS / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)

"""The only file that reads the demo's own tables: the CSV files beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent


def table(name: str) -> pd.DataFrame:
    """A table of this folder as text, blanks as empty strings."""
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


def districts() -> pd.DataFrame:
    """How each district differs: code; factors per_head, returns; yearly trend; shares late, published."""
    rows = table("districts.csv")
    return rows.astype(dict.fromkeys(rows.columns.drop("code"), float))

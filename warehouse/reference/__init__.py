"""The members of channel and purpose that every warehouse shares, whatever city or source filled it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from warehouse import frames
from warehouse.schema import channel, purpose

FOLDER = Path(__file__).parent


def channels() -> pd.DataFrame:
    """Every channel, one row each with the columns of schema.channel; key 0 is 未明确."""
    return _read("channels.csv")


def purposes() -> pd.DataFrame:
    """Every purpose of an item, one row each with the columns of schema.purpose; key 0 is 未明确."""
    return _read("purposes.csv")


def load_reference(connection: Connection) -> None:
    """Fill the tables `channel` and `purpose`, replacing what they held."""
    frames.replace(connection, channel, channels())
    frames.replace(connection, purpose, purposes())


def _read(name: str) -> pd.DataFrame:
    return _cached(name).copy()


@cache
def _cached(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name)

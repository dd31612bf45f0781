"""Channels and purposes: whole, unique, with the member 未明确."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import create_engine, select

from warehouse import reference
from warehouse.schema import METADATA, channel, purpose


@pytest.mark.parametrize(("members", "table"), [(reference.channels, channel), (reference.purposes, purpose)])
def test_members_fit_their_table(members: Callable[[], pd.DataFrame], table: object) -> None:
    rows = members()
    key = f"{table}_id"
    assert rows[key].tolist() == list(range(len(rows)))
    assert rows["code"].is_unique
    assert rows.iloc[0]["name_zh"] == "未明确"
    assert rows.notna().all().all()


def test_streams_and_kinds_are_those_of_the_schema() -> None:
    rows = reference.channels()
    assert set(rows["stream"]) == {"hotline", "petition", "opinion"}
    assert set(rows["kind"]) == {"visit", "letter", "call", "online", "app"}


def test_a_caller_cannot_change_what_others_read() -> None:
    mine = reference.channels()
    mine["code"] = "spoilt"
    assert "hotline_call" in set(reference.channels()["code"])


def test_loading_twice_leaves_one_set() -> None:
    with create_engine("duckdb:///:memory:").begin() as connection:
        METADATA.create_all(connection)
        reference.load_reference(connection)
        reference.load_reference(connection)
        codes = connection.execute(select(purpose.c.code).order_by(purpose.c.purpose_id)).scalars().all()
        channels = connection.execute(select(channel.c.code)).scalars().all()
    assert codes == ["not_stated", "complaint", "report", "consult", "help", "suggestion", "praise", "other"]
    assert len(channels) == len(reference.channels())

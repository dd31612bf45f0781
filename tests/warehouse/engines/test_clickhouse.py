"""A shard that is not there is an error in one sentence, never a number that is too small."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from queries.execute import Warehouse, open_warehouse
from queries.metrics import CATALOG
from queries.question import Question
from queries.vocabulary import Period
from tests.queries import dozen
from tests.services.clickhouse import HOST, Cluster
from warehouse.copying import copy
from warehouse.errors import WarehouseUnavailable
from warehouse.places import versions_at

pytestmark = pytest.mark.clickhouse
EVER = Period(date(2025, 1, 1), dozen.AS_OF)


@pytest.fixture
def second_shard_killed(on_clickhouse: Warehouse, clickhouse: Cluster) -> Iterator[int]:
    """The cluster without its second shard; the port the others look for it."""
    clickhouse.kill(clickhouse.nodes[1])
    yield clickhouse.nodes[1].tcp
    clickhouse.start()


def counted(warehouse: Warehouse) -> float:
    return warehouse.ask(Question(("cases_registered",), EVER, dozen.AS_OF)).one("cases_registered")


def test_no_metric_is_answered_without_a_shard_that_it_needs(
    second_shard_killed: int, on_clickhouse: Warehouse
) -> None:
    """What lives whole on every node, the list of major issues, is still answered; nothing else is."""
    whole = {"major_issue", "major_issue_week"}
    lost = f"The shard {HOST}:{second_shard_killed} of the ClickHouse cluster does not answer"
    answered = set()
    for key in CATALOG:
        try:
            answer = on_clickhouse.ask(Question((key,), EVER, dozen.AS_OF))
        except WarehouseUnavailable as error:
            assert str(error).startswith(lost), key  # noqa: PT017 - or else it must be complete
        else:
            answered.add(key)
            assert {statement.reads for statement in answer.statements} <= whole, key
    assert "high_risk_issues" in answered
    assert len(answered) < len(CATALOG) / 4


def test_a_shard_that_is_back_answers_again(on_clickhouse: Warehouse, clickhouse: Cluster) -> None:
    before = counted(on_clickhouse)
    clickhouse.kill(clickhouse.nodes[1])
    with pytest.raises(WarehouseUnavailable, match="a number without it would be too small"):
        counted(on_clickhouse)
    clickhouse.start()
    assert counted(on_clickhouse) == before == 17


def test_nothing_is_published_without_a_shard(
    second_shard_killed: int, dozen_cases: Path, clickhouse: Cluster
) -> None:
    url = clickhouse.url("dozen")
    live = versions_at(url).version()
    with pytest.raises(WarehouseUnavailable, match="does not answer; check that the node runs"):
        copy(versions_at(dozen_cases), versions_at(url), say=lambda _: None)
    assert versions_at(url).version() == live


def test_a_first_node_that_does_not_answer_says_so(on_clickhouse: Warehouse, clickhouse: Cluster) -> None:
    first = clickhouse.nodes[0]
    clickhouse.kill(first)
    try:
        with pytest.raises(WarehouseUnavailable, match=f"ClickHouse at {HOST}:{first.http} does not answer"):
            open_warehouse(clickhouse.url("dozen"))
        with pytest.raises(WarehouseUnavailable, match="does not answer"):
            counted(on_clickhouse)
    finally:
        clickhouse.start()
    assert counted(on_clickhouse) == 17

"""The private ClickHouse is a cluster: its shards know each other and come back with what they held."""

from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.services.clickhouse import CLUSTER, HOST, SHARDS, Cluster, Node

pytestmark = pytest.mark.clickhouse


@pytest.fixture
def cluster(clickhouse: Cluster) -> Iterator[Cluster]:
    """The cluster, whole again afterwards."""
    yield clickhouse
    clickhouse.start()


def asked(node: Node, statement: str) -> str:
    connection = HTTPConnection(HOST, node.http, timeout=10)
    try:
        connection.request("POST", "/", statement.encode("utf-8"))
        return connection.getresponse().read().decode("utf-8").strip()
    finally:
        connection.close()


def test_every_shard_knows_all(cluster: Cluster) -> None:
    for node in cluster.nodes:
        counted = asked(node, f"SELECT count(), uniqExact(_shard_num) FROM cluster('{CLUSTER}', system.one)")
        assert counted.split() == [str(SHARDS)] * 2


def test_a_killed_shard_comes_back_with_what_it_held(cluster: Cluster) -> None:
    first, second = cluster.nodes
    asked(second, "CREATE TABLE default.kept (name String) ENGINE = MergeTree ORDER BY name")
    asked(second, "INSERT INTO default.kept VALUES ('晴雨')")
    cluster.kill(second)
    # Left out in silence, as these nodes are told: what the suite's own readers must never accept.
    assert asked(first, f"SELECT count() FROM cluster('{CLUSTER}', system.one)") == "1"
    cluster.start()
    assert asked(second, "SELECT name FROM default.kept") == "晴雨"


def test_a_node_that_ends_itself_is_started_again(cluster: Cluster) -> None:
    node = cluster.nodes[1]
    with pytest.raises(OSError):  # noqa: PT011 - however the connection breaks
        asked(node, "SYSTEM KILL")
    cluster.start()
    assert asked(node, "SELECT 1") == "1"

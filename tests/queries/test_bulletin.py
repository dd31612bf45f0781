"""One bulletin's content: the same bytes in every process, untouched by later loads, ranks with ties."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from queries.bulletin import Bulletin, Entry, bulletin, canonical, placed
from queries.editions import Edition, Kind, edition, latest
from queries.errors import BadEdition
from queries.execute import Warehouse, open_warehouse
from queries.policies import read_bulletin, read_index
from queries.question import Question
from queries.vocabulary import Direction, Text
from tests.queries.dozen import AS_OF, only_row
from tests.services.versions import older, two_versions
from warehouse.store import Store

ROOT = Path(__file__).resolve().parents[2]
MARCH = edition(Kind.MONTHLY, "2026-03")
_SAME = """
import sys
from datetime import date
from queries.bulletin import bulletin, canonical
from queries.editions import Kind, edition
from queries.execute import open_warehouse
from queries.policies import read_bulletin, read_index
opened = open_warehouse(sys.argv[1], sys.argv[2])
one = edition(Kind.MONTHLY, "2026-03")
sys.stdout.buffer.write(canonical(bulletin(opened, one, one.period.end, read_bulletin(), read_index())))
"""


def made(opened: Warehouse, one: Edition = MARCH, as_of: date | None = None) -> Bulletin:
    return bulletin(opened, one, as_of or one.period.end, read_bulletin(), read_index())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of 300 random cases, and a later version of 400 that is live."""
    return two_versions(tmp_path_factory.mktemp("bulletin"), 300, 400)


@pytest.fixture
def first(place: Path) -> Iterator[Warehouse]:
    """The older version, by its name."""
    with older(place) as opened:
        yield opened


def elsewhere(place: Path, version: str, seed: str) -> bytes:
    """The bulletin of March as another process makes it."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", _SAME, str(place), version]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout


def test_two_processes_give_the_same_bytes_and_a_later_load_changes_nothing(
    place: Path, first: Warehouse
) -> None:
    here, version = canonical(made(first)), Store(place).versions()[0]
    assert elsewhere(place, version, "1") == elsewhere(place, version, "2") == here
    live = open_warehouse(place)
    try:
        assert canonical(made(live)) != here
    finally:
        live.close()


def test_what_is_written_is_json_without_gaps(first: Warehouse) -> None:
    found = made(first)
    told = json.loads(canonical(found), parse_constant=pytest.fail)
    assert (told["period"], told["number"]["zh"]) == ("2026-03", "晴雨月报〔2026〕第 3 期")
    assert told["fingerprint"] == found.fingerprint
    assert [one["metric"] for one in told["lines"]] == list(read_bulletin()[0].city)
    assert told["policy"]["bulletin.lists[replied_on_time].red"] == "2"


def test_its_numbers_are_those_of_the_questions(first: Warehouse) -> None:
    found = made(first)
    line = next(one for one in found.lines if one.metric == "cases_registered")
    asked = only_row(first.ask(Question((line.metric,), MARCH.period, MARCH.period.end)))
    assert line.value == asked["cases_registered"] > 0
    league = next(one for one in found.leagues if one.measure == "repeat_share")
    split = first.ask(Question((line.metric,), MARCH.period, MARCH.period.end, ("district",))).frame
    counted = {int(row["district"]): row[line.metric] for row in split.to_dict("records") if row["district"]}
    assert {one.region: one.volume for one in league.entries if one.volume} == counted


def test_the_policy_decides_the_fingerprint(first: Warehouse) -> None:
    found = made(first)
    weekly = made(first, latest(Kind.WEEKLY, AS_OF))
    assert weekly.fingerprint == found.fingerprint
    changed = dict(found.policy) | {"bulletin.lists[replied_on_time].red": "3"}
    assert Bulletin(**{**vars(found), "policy": changed}).fingerprint != found.fingerprint


@pytest.mark.parametrize(
    ("key", "as_of", "said"),
    [
        ("2026-05", None, "2026-05 is not over in the data, which end on 2026-04-30"),
        ("2024-12", None, "2024-12 begins before the data"),
        ("2026-03", date(2026, 3, 30), "choose a day from 2026-03-31"),
        ("2026-03", date(2026, 5, 1), "to 2026-04-30"),
    ],
)
def test_a_period_that_the_data_do_not_hold(
    first: Warehouse, key: str, as_of: date | None, said: str
) -> None:
    with pytest.raises(BadEdition, match=said):
        made(first, edition(Kind.MONTHLY, key), as_of)


def entry(region: int, value: float, volume: float, before: float = math.nan) -> Entry:
    name = Text(f"区{region}", f"District {region}")
    return Entry(region, name, "urban", value, math.nan, math.nan, volume, before, None, None)


def test_ranks_with_ties_by_volume_and_where_they_stood_before() -> None:
    entries = [
        entry(1, 0.9, 10, 0.1),
        entry(2, 0.95, 10, 0.3),
        entry(3, 0.9, 20, 0.3),
        entry(4, math.nan, 99, 0.2),
        entry(5, 0.8, 5),
    ]
    league = placed("replied_on_time", entries, [0, 0, 0, 0, 0], Direction.UP)
    assert [(one.region, one.rank, one.rank_before) for one in league.entries] == [
        (2, 1, 1),
        (3, 2, 1),
        (1, 2, 4),
        (5, 4, None),
        (4, None, 3),
    ]

"""What is sent to a browser holds no field its reader may not see: not hidden, not packed, not as bytes.

The items of the demo city are numbered in their texts, so that each can be told in the bytes of a page.
"""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, text
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboards.navigation import all_boards
from queries.policies import read_roles
from tests.hostile.cast import DISTRICT
from tests.hostile.client import Target, opened
from tests.services.suite import serving
from warehouse.engines import duckdb
from warehouse.schema import cases, region
from warehouse.store import Store

ROLES = read_roles()
READERS = ("presenter", "district")
# A number, a title and a detail of one item: sign, and the item's key in nine figures.
MARKED = {"source_case_no": "NUM", "title": "TIT", "detail": "DET"}
_MARK = re.compile(rb"(NUM|TIT|DET)(\d{9})")
_WHOLE, _DECIMAL = re.compile(rb"\d{15,19}"), re.compile(rb"\d{2,3}\.\d{4,}")


@dataclass(frozen=True)
class Secrets:
    """What no page holds: keys of persons and matters, points; and the items of the district `own`."""

    directory: Path
    keys: frozenset[int]
    points: frozenset[tuple[float, float]]
    own: frozenset[int]


@pytest.fixture(scope="module")
def secrets(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    directory = tmp_path_factory.mktemp("fields") / "warehouse"
    shutil.copytree(demo_warehouse, directory)
    engine = duckdb.engine(Store(directory).current(), read_only=False)
    told = ", ".join(
        f"{column} = '{sign}' || lpad(case_id::VARCHAR, 9, '0')" for column, sign in MARKED.items()
    )
    try:
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE cases SET {told}"))
            rows = connection.execute(
                select(
                    cases.c.case_id,
                    cases.c.person_key,
                    cases.c.matter_key,
                    cases.c.lon,
                    cases.c.lat,
                    region.c.code,
                ).join(region, region.c.region_id == cases.c.district_id)
            ).all()
        with engine.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")  # a reader does not replay what was written
    finally:
        engine.dispose()
    return Secrets(
        directory,
        frozenset(key for row in rows for key in row[1:3] if key is not None),
        frozenset((row[3], row[4]) for row in rows if row[3] is not None),
        frozenset(row[0] for row in rows if row[5] == DISTRICT),
    )


def items_in(raw: bytes) -> set[int]:
    """The items whose number, title or detail stands in the bytes."""
    return {int(number) for _, number in _MARK.findall(raw)}


def numbers_in(raw: bytes, wanted: Iterable[float]) -> set[float]:
    """Those of the `wanted` numbers that stand in the bytes, written out or packed in eight of them."""
    sought = set(wanted)
    packed = {
        int.from_bytes(struct.pack("<q" if isinstance(one, int) else "<d", one), "little"): one
        for one in sought
    }
    found: set[float] = {one for one in map(int, _WHOLE.findall(raw)) if one in sought}
    found |= {one for one in map(float, _DECIMAL.findall(raw)) if one in sought}
    known = np.fromiter(packed, dtype=np.uint64)
    for shift in range(min(8, len(raw))):
        whole = (len(raw) - shift) // 8
        read = np.frombuffer(raw, dtype="<u8", count=whole, offset=shift)
        found |= {packed[int(one)] for one in np.intersect1d(read, known)}
    return found


def points_in(raw: bytes, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those of the `points` of which both degrees are found; an outline may share one of the two."""
    whole = list(points)
    found = numbers_in(raw, (degrees for point in whole for degrees in point))
    return [point for point in whole if set(point) <= found]


def sent(address: str, role: str) -> dict[str, bytes]:
    """All bytes that a reader of this role is sent, by the board they open."""
    target = Target(address)
    cookie = f"{target.cookie()}; role={role}"
    frames = {}
    for board in (one.key for one in all_boards() if ROLES.may_open(role, one.key)):
        asked = BackMsg()
        asked.rerun_script.page_name = board
        with opened(target, cookie) as tab:
            seen = tab.run(asked)
        assert seen.title, board
        frames[board] = seen.raw
    return frames


@pytest.mark.timeout(300)
def test_no_field_outside_a_role_is_sent(secrets: Secrets, tmp_path: Path) -> None:
    with serving(secrets.directory, tmp_path / "log", entry="tests/hostile/cast.py") as address:
        frames = {role: sent(address, role) for role in READERS}
    for role, boards in frames.items():
        for board, raw in boards.items():
            foreign = items_in(raw) - (secrets.own if role == "district" else frozenset())
            assert foreign == set(), f"{role} on {board}: items outside the right"
            assert numbers_in(raw, secrets.keys) == set(), f"{role} on {board}: keys of persons"
            assert points_in(raw, secrets.points) == [], f"{role} on {board}: points of items"
    assert items_in(frames["district"]["case_life"]), "the district office lists its own items"


def test_a_scope_taken_away_is_seen(secrets: Secrets, tmp_path: Path) -> None:
    with serving(secrets.directory, tmp_path / "log", entry="tests/hostile/unscoped.py") as address:
        target, asked = Target(address), BackMsg()
        asked.rerun_script.page_name = "case_life"
        with opened(target, f"{target.cookie()}; role=district") as tab:
            raw = tab.run(asked).raw
    assert items_in(raw) - secrets.own


def test_a_field_is_found_however_it_is_sent() -> None:
    key, point = 4_611_686_018_427_387_905, 120.123456
    for raw in (b"x" * 3 + struct.pack("<q", key), f'{{"k": {key}}}'.encode()):
        assert numbers_in(raw, {key, 7}) == {key}
    for raw in (b"y" + struct.pack("<d", point) + b"z", f"[{point}]".encode()):
        assert numbers_in(raw, {point}) == {point}
    assert numbers_in(b"1234567 120.5", {key, point}) == set()
    assert points_in(b"[120.123456, 30.54321]", [(point, 30.54321), (point, 30.1)]) == [(point, 30.54321)]
    assert items_in("编号 NUM000000042".encode()) == {42}

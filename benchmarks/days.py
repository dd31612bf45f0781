"""A copy of a demo warehouse that takes loads, and the files that its source would send on the days after.

The copy is no demo any more, as a demo refuses real items. The persons of whom the files speak get the keys
that a load makes of their telephone and matter, so that their items link; nothing else is changed.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent

import pyarrow as pa
from sqlalchemy import Connection, select

from warehouse.engines import duckdb
from warehouse.ingest import key_ring
from warehouse.people import keyed, person_key
from warehouse.schema import warehouse_info
from warehouse.store import Store

# Of a benchmark's made-up persons, so no secret at all; a load takes it from QINGYU_PERSON_KEY.
SECRET = bytes(range(32))
NAME = "演示人"
DAYS_OF_HISTORY = 1096  # three years: what the demo spreads its items over
CORRECTED_PER_NEW = 7 / 3  # 70 000 corrected items for 30 000 new ones
_RECENT = 90  # days: only items registered since are corrected or repeated
_FIRST_KNOWN, _FIRST_NEW = 13_000_000_000, 18_000_000_000  # telephones
MAPPING = dedent("""\
    city = "{city}"
    description = "演示数据：模拟源系统每日导出 (demo data: a source's daily export)"
    dedup = ["source_case_no"]
    personal = ["person_phone", "person_name", "matter"]
    same_matter = ["matter"]

    [columns]
    {columns}
    category = {{ from = "category", separator = "/" }}
    """)
_COLUMNS = (
    "source_case_no", "registered_at", "transferred_at", "accepted_at", "notified_at", "replied_at",
    "closed_at", "evaluated_at", "accept_due_at", "notify_due_at", "reply_due_at", "district", "street",
    "village", "channel", "purpose", "source", "unit", "urgency", "satisfaction", "is_collective",
    "is_litigation", "is_counted", "is_resolved", "is_contacted", "people", "lon", "lat", "title", "detail",
    "person_phone", "person_name", "matter",
)  # fmt: skip


@dataclass(frozen=True)
class Days:
    """The prepared copy: the store that holds it, the mapping and the files of the days in order."""

    store: Store
    mapping: Path
    files: tuple[Path, ...]
    new: int  # items a day
    corrected: int

    def fresh(self, place: Path) -> Store:
        """A store in `place` whose live version is the prepared copy; whatever stood there is removed.

        The file is linked, not copied: a version is never written again once it is live. A copy for the next
        load stands beside it, as every load leaves it.
        """
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        live = self.store.current()
        os.link(live, place / live.name)
        (place / "CURRENT").write_text(live.name + "\n", encoding="ascii")
        store = Store(place)
        store.prepare()
        return store

    def thinned(self, rows: int) -> Days:
        """The same days of `rows` rows each, taken evenly from each file: new to corrected as before."""
        share = min(1.0, rows / (self.new + self.corrected))
        files = tuple(_thinned(file, share) for file in self.files)
        return replace(
            self, files=files, new=round(self.new * share), corrected=round(self.corrected * share)
        )


def prepare(demo: Path, place: Path, days: int) -> Days:
    """Makes the copy and `days` files in `place` from the demo warehouse at `demo`, or finds them there.

    Raises RuntimeError when the files would lie in the future, which a load refuses.
    """
    store, note = Store(place / "base"), place / "prepared.json"
    told = {"of": Store(demo).version(), "days": days}
    kept = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    if {name: kept.get(name) for name in told} != told:
        shutil.rmtree(place, ignore_errors=True)
        _link(Store(demo), store)
        print(f"Preparing a copy of {demo} and {days} day files in {place}, once", flush=True)
        with store.build(copy_newest=True) as connection:
            kept = told | _fill(connection, place, days)
        (store.directory / Store(demo).current().name).unlink()
        note.write_text(json.dumps(kept), encoding="utf-8")
    files = tuple(_file(place, day) for day in range(1, days + 1))
    return Days(store, place / "refresh.toml", files, int(kept["new"]), int(kept["corrected"]))


def _link(source: Store, target: Store) -> None:
    """Makes the live version of `source` the live version of `target`, without copying it."""
    target.directory.mkdir(parents=True)
    live = source.current()
    os.link(live, target.directory / live.name)
    (target.directory / "CURRENT").write_text(live.name + "\n", encoding="ascii")


def _file(place: Path, day: int) -> Path:
    return place / f"day-{day}.csv"


def _thinned(file: Path, share: float) -> Path:
    target = file.with_name(f"{file.stem}-thinned.csv")
    with (
        file.open(encoding="utf-8", newline="") as whole,
        target.open("w", encoding="utf-8", newline="") as part,
    ):
        rows, written = csv.reader(whole), csv.writer(part)
        written.writerow(next(rows))
        written.writerows(row for at, row in enumerate(rows) if int((at + 1) * share) > int(at * share))
    return target


def _fill(connection: Connection, place: Path, days: int) -> dict[str, int]:
    info = connection.execute(select(warehouse_info.c.city, warehouse_info.c.as_of_on)).one()
    as_of: date = info.as_of_on
    if as_of + timedelta(days + 1) > date.today():  # noqa: DTZ011 (as a load does)
        raise RuntimeError(
            f"The demo ends on {as_of}, so its next {days} days are not over and a load would refuse"
            " them; build the demo with an earlier --until."
        )
    items = connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one()
    new = max(days, items // DAYS_OF_HISTORY)
    corrected = round(new * CORRECTED_PER_NEW)
    _choose(connection, as_of, days, new, corrected)
    _know_persons(connection)
    columns = "\n".join(f'{name} = "{name}"' for name in _COLUMNS)
    (place / "refresh.toml").write_text(MAPPING.format(city=info.city, columns=columns), encoding="utf-8")
    connection.exec_driver_sql(_CONCERNED.format(since=as_of - timedelta(_RECENT)))
    connection.exec_driver_sql(_NAMED_CATEGORIES)
    connection.exec_driver_sql(_DESCRIBED)
    for day in range(1, days + 1):
        target = str(_file(place, day)).replace("'", "''")
        connection.exec_driver_sql(f"COPY ({_EXPORT.format(day=day)}) TO '{target}' (FORMAT csv, HEADER)")
    connection.exec_driver_sql(_REKEY)
    connection.exec_driver_sql(
        "UPDATE cases SET person_key = rekeyed.person_key, matter_key = rekeyed.matter_key "
        "FROM rekeyed WHERE cases.case_id = rekeyed.case_id"
    )
    # A row corrects what its own mapping brought, and nothing else.
    connection.exec_driver_sql("UPDATE batch SET mapping = 'refresh'")
    connection.exec_driver_sql("UPDATE warehouse_info SET is_demo = false")
    key_ring.sign(connection, (SECRET,))
    return {"new": new, "corrected": corrected}


def _choose(connection: Connection, as_of: date, days: int, new: int, corrected: int) -> None:
    """Which items each day corrects (open ones are closed, closed ones evaluated), and which it repeats."""
    connection.exec_driver_sql(
        f"""
        CREATE TEMP TABLE correction AS
        SELECT case_id, is_open, CAST(1 + place % {days} AS INTEGER) AS day,
            TIMESTAMP '{as_of}' + to_days(CAST(1 + place % {days} AS INTEGER))
                + to_seconds(CAST(32400 + case_id % 32400 AS BIGINT)) AS moment
        FROM (
            SELECT case_id, closed_at IS NULL AS is_open,
                row_number() OVER (ORDER BY closed_at DESC NULLS FIRST, case_id) - 1 AS place
            FROM cases WHERE evaluated_at IS NULL AND registered_on > DATE '{as_of}' - {_RECENT}
        ) WHERE place < {days * corrected}
        """
    )
    # Of ten new items two are returns, one is another matter of somebody known, seven are of strangers.
    connection.exec_driver_sql(
        f"""
        CREATE TEMP TABLE arrival AS
        SELECT case_id AS like_id, place + 1 AS number, CAST(1 + place % {days} AS INTEGER) AS day,
            (place // {days}) % 10 < 3 AND person_key IS NOT NULL AS is_known,
            (place // {days}) % 10 < 2 AND person_key IS NOT NULL AND matter_key IS NOT NULL AS is_return,
            date_trunc('second', registered_at) - CAST(registered_on AS TIMESTAMP)
                + TIMESTAMP '{as_of}' + to_days(CAST(1 + place % {days} AS INTEGER)) AS registered_at
        FROM (
            SELECT case_id, registered_at, registered_on, person_key, matter_key,
                row_number() OVER (ORDER BY hash(case_id), case_id) - 1 AS place
            FROM cases WHERE registered_on > DATE '{as_of}' - {_RECENT}
        ) WHERE place < {days * new}
        """
    )


def _know_persons(connection: Connection) -> None:
    """Temporary tables `person` and `matter`: old key, telephone or matter's word, the key a load makes."""
    concerned = connection.exec_driver_sql(
        """
        SELECT DISTINCT person_key FROM cases WHERE person_key IS NOT NULL AND case_id IN (
            SELECT case_id FROM correction UNION ALL SELECT like_id FROM arrival WHERE is_known
        ) ORDER BY person_key
        """
    ).scalars()
    telephones = {old: str(_FIRST_KNOWN + number) for number, old in enumerate(concerned)}
    keys = {old: person_key(SECRET, None, phone, NAME) for old, phone in telephones.items()}
    persons = {"person_key": list(keys), "phone": list(telephones.values()), "new_key": list(keys.values())}
    _keep(connection, "person", pa.table(persons))
    found = connection.exec_driver_sql(
        "SELECT DISTINCT person_key, matter_key FROM cases SEMI JOIN person USING (person_key) "
        "WHERE matter_key IS NOT NULL"
    ).all()
    matters = {
        "person_key": [person for person, _ in found],
        "matter_key": [matter for _, matter in found],
        "new_matter": list(_matter_keys((str(keys[person]), f"M{matter}") for person, matter in found)),
    }
    _keep(connection, "matter", pa.table(matters))


def _matter_keys(matters: Iterable[tuple[str, str]]) -> Iterable[int]:
    """As a load makes them of a person's key and the source's word for the matter."""
    return (keyed(SECRET, "matter", person, word) for person, word in matters)


def _keep(connection: Connection, name: str, rows: pa.Table) -> None:
    duckdb.raw(connection).register("incoming", rows)
    connection.exec_driver_sql(f"CREATE TEMP TABLE {name} AS SELECT * FROM incoming")
    duckdb.raw(connection).unregister("incoming")


# A load knows a category by the names on its path, and masks the demo's long numbers.
_NAMED_CATEGORIES = """
    UPDATE category SET code = path.path FROM (
        WITH RECURSIVE path AS (
            SELECT category_id, name_zh AS path FROM category WHERE level = 1
            UNION ALL
            SELECT below.category_id, path.path || ' > ' || below.name_zh
            FROM category AS below JOIN path ON below.parent_id = path.category_id
        ) SELECT * FROM path
    ) AS path WHERE category.category_id = path.category_id
"""
# Read once: few of millions of items, and the recent ones stand together.
_CONCERNED = """
    CREATE TEMP TABLE concerned AS
    SELECT * FROM cases WHERE registered_on > DATE '{since}' AND case_id IN (
        SELECT case_id FROM correction UNION ALL SELECT like_id FROM arrival
    )
"""
# These items in the words of the mapping.
_DESCRIBED = """
    CREATE TEMP VIEW described AS
    SELECT item.*, district.code AS district, street.code AS street, village.code AS village,
        channel.code AS channel, purpose.code AS purpose, source.code AS source, unit.code AS unit,
        replace(category.code, ' > ', '/') AS category,
        ['ordinary', 'urgent', 'critical'][item.urgency] AS urgency_word,
        ['satisfied', 'mostly', 'dissatisfied', 'other', 'overdue'][item.satisfaction] AS satisfaction_word,
        person.phone, CASE WHEN person.phone IS NOT NULL THEN 'M' || item.matter_key END AS matter
    FROM concerned AS item
    LEFT JOIN region AS district ON district.region_id = item.district_id AND item.district_id <> 0
    LEFT JOIN region AS street ON street.region_id = item.street_id AND item.street_id <> 0
    LEFT JOIN region AS village ON village.region_id = item.village_id AND item.village_id <> 0
    LEFT JOIN channel ON channel.channel_id = item.channel_id AND item.channel_id <> 0
    LEFT JOIN purpose ON purpose.purpose_id = item.purpose_id AND item.purpose_id <> 0
    LEFT JOIN source ON source.source_id = item.source_id AND item.source_id <> 0
    LEFT JOIN unit ON unit.unit_id = item.unit_id AND item.unit_id <> 0
    LEFT JOIN category ON category.category_id = item.category_id AND item.category_id <> 0
    LEFT JOIN person ON person.person_key = item.person_key
"""
# What both kinds of row say alike.
_SAME = """district, street, village, channel, purpose, source, unit, category, urgency_word AS urgency,
    is_collective, is_litigation, is_counted, people, lon, lat, title, detail"""
_EXPORT = f"""
    SELECT source_case_no, described.registered_at, transferred_at,
        coalesce(accepted_at, CASE WHEN is_open THEN moment - INTERVAL 2 HOUR END) AS accepted_at,
        notified_at, coalesce(replied_at, CASE WHEN is_open THEN moment - INTERVAL 1 HOUR END) AS replied_at,
        coalesce(closed_at, moment) AS closed_at, CASE WHEN NOT is_open THEN moment END AS evaluated_at,
        accept_due_at, notify_due_at, reply_due_at,
        CASE WHEN is_open THEN satisfaction_word
            ELSE ['satisfied', 'mostly', 'dissatisfied'][1 + described.case_id % 3] END AS satisfaction,
        coalesce(is_resolved, described.case_id % 10 < 7) AS is_resolved, is_contacted,
        phone AS person_phone, CASE WHEN phone IS NOT NULL THEN '{NAME}' END AS person_name, matter, {_SAME}
    FROM described JOIN correction ON correction.case_id = described.case_id WHERE day = {{day}}
    UNION ALL BY NAME
    SELECT 'XF' || strftime(arrival.registered_at, '%Y%m%d') || 'R' || lpad(CAST(number AS VARCHAR), 8, '0')
            AS source_case_no, arrival.registered_at,
        arrival.registered_at + INTERVAL 10 MINUTE AS transferred_at,
        CASE WHEN number % 2 = 0 THEN arrival.registered_at + INTERVAL 40 MINUTE END AS accepted_at,
        arrival.registered_at + (accept_due_at - described.registered_at) AS accept_due_at,
        arrival.registered_at + (notify_due_at - described.registered_at) AS notify_due_at,
        arrival.registered_at + (reply_due_at - described.registered_at) AS reply_due_at,
        CASE WHEN is_known THEN phone ELSE CAST({_FIRST_NEW} + number AS VARCHAR) END AS person_phone,
        '{NAME}' AS person_name, CASE WHEN is_return THEN matter ELSE 'N' || number END AS matter, {_SAME}
    FROM described JOIN arrival ON arrival.like_id = described.case_id WHERE day = {{day}}
"""
_REKEY = """
    CREATE TEMP TABLE rekeyed AS
    SELECT item.case_id, person.new_key AS person_key, matter.new_matter AS matter_key
    FROM cases AS item JOIN person ON person.person_key = item.person_key
    LEFT JOIN matter ON matter.person_key = item.person_key AND matter.matter_key = item.matter_key
"""

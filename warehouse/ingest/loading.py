"""Load one file: from opening it to the published warehouse, or to nothing changed at all."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, func, insert, select, update

from warehouse import matters, rollups
from warehouse.calendars import load_calendar
from warehouse.changes import Changes, noted
from warehouse.cities import City, load_regions, read_city
from warehouse.deadlines import read_profiles
from warehouse.errors import BadSource, WarehouseBusy, WarehouseError, WarehouseMissing
from warehouse.ingest import values
from warehouse.ingest.key_ring import secrets_for, sign
from warehouse.ingest.mapping import Mapping, read_mapping
from warehouse.ingest.members import Open, Regions, bare_dimensions, largest
from warehouse.ingest.quarantine import SideSource, waiting
from warehouse.ingest.rows import Checked, RowBuilder
from warehouse.ingest.sidefile import SideFile, side_path
from warehouse.ingest.sources import Batch, IsRow, Source, joined, open_source
from warehouse.ingest.staging import Stage
from warehouse.ingest.tally import DUPLICATE, REJECTED, SUPERSEDED, Report, Tally
from warehouse.ingest.targets import REQUIRED
from warehouse.schema import METADATA, batch, batch_reason, case_history, cases, warehouse_info
from warehouse.store import DIRECTORY_VARIABLE, Store

# The side files stand beside the warehouse directory, never in it.
SIDE_FOLDER = "rejected"
# Parts that are read before the first is stored: the file's beginning, while the live version is copied.
AHEAD = 3
_NAMING = ("person_identity", "person_phone", "person_name")


class _Part(NamedTuple):
    """Some rows as they were read, and the items made of them; None when none could be taken apart."""

    read: Batch
    made: tuple[pd.DataFrame, Checked] | None


class _Steps:
    """What a load spends its seconds on."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._lines: list[str] = []

    def done(self, step: str) -> None:
        now = time.monotonic()
        self._lines.append(f"{step}  {now - self._since:.1f} s")
        self._since = now

    def say(self, say: Callable[[str], None]) -> None:
        for line in self._lines:
            say(line)


def load(
    store: Store,
    file: Path,
    mapping_name: str,
    say: Callable[[str], None],
    city_key: str | None = None,
    *,
    hold: bool = False,
) -> Report:
    """Load `file` through a mapping into the warehouse, or into a new one, and publish it, or `hold` it back.

    What is held already is built upon, and published with it. The report goes to `say` line by line. Nothing
    changes when the file was loaded before, when no row was new and whole, or on any error. Raises
    BadMapping, BadSource, BadCity and WarehouseError.
    """
    written = read_mapping(mapping_name)
    city = read_city(city_key or written.city)
    source, mapping, missing = open_source(file, written, say)
    report = Report(file, source.kind, mapping.name, city.key, Tally(), None, missing=missing)
    fingerprint = _fingerprint(file)
    is_new, earlier = _standing(store, city, fingerprint)
    if earlier:
        report = replace(report, already=earlier)
        _say_all(report, say)
        return report
    steps = _Steps()
    with (
        _Intake(store, mapping, city, source) as intake,
        store.build(copy_newest=not is_new, hold=hold, meanwhile=intake.begin_on_newest) as connection,
        ExitStack() as open_,
    ):
        steps.done("copy the live version, begin to read 复制现行版本并开始读取")
        if is_new:
            if store.versions():
                raise WarehouseBusy(f"Another load has just made {store.directory}; run this one again.")
            METADATA.create_all(connection)
            load_regions(connection, city)
            bare_dimensions(connection)
            intake.begin(connection)
        changes = open_.enter_context(noted(connection))
        report = _fill(connection, intake, report, fingerprint, changes, corrects=True)
        steps.done("read and store 读取入库")
        if not report.tally.rows_loaded + report.tally.rows(SUPERSEDED):
            _say_all(report, say)
            raise BadSource(
                f"No row of {file} was whole and new, so nothing was published; the reasons above say what "
                "to correct in the file or in the mapping."
            )
        _complete(connection, mapping, city, changes, steps, is_new=is_new)
    steps.done("write and publish 落盘发布")
    _say_all(report, say)
    steps.say(say)
    if hold:
        say(f"held back 暂不发布, until `python -m warehouse publish`: {store.require_held().name}")
    else:
        say(f"published 已发布: {store.version()} in {store.directory}")
    _prepare(store, say)
    return report


def replay(
    store: Store, mapping_name: str, say: Callable[[str], None], batch_id: int | None = None
) -> list[Report]:
    """Read the rows again that loads through this mapping set aside (all, or of one batch); publish once.

    Rows that pass now are loaded in a batch of their own, the rest are set aside again under it. An item that
    stands already stays as it is, as something newer may have come since. Nothing changes when no row passes,
    or on any error. Raises BadMapping, BadSource, BadCity and WarehouseError.
    """
    written = read_mapping(mapping_name)
    reports, steps = [], _Steps()
    with store.build(copy_newest=True) as connection, noted(connection) as changes:
        steps.done("copy the live version 复制现行版本")
        city = read_city(connection.execute(select(warehouse_info.c.city)).scalar_one())
        found, _ = waiting(connection, _side_folder(store))
        chosen = [one for one in found if one.mapping == written.name and batch_id in (None, one.batch_id)]
        if not chosen:
            raise BadSource(
                f"Nothing that the mapping '{written.name}' set aside waits in {_side_folder(store)}; "
                "`python -m warehouse quarantine` lists what does."
            )
        for one in chosen:
            source = SideSource(one, written.delimiter)
            mapping, missing = written.fitted(source.header, str(one.path))
            report = Report(
                Path(one.replay_name), source.kind, mapping.name, city.key, Tally(), None, missing=missing
            )
            fingerprint = _fingerprint(one.path)
            with _Intake(store, mapping, city, source) as intake:
                intake.begin(connection)
                reports.append(_fill(connection, intake, report, fingerprint, changes, corrects=False))
        if all(report.set_aside == report.tally.rows_read for report in reports):
            _forget(reports, say)
        steps.done("read and store 读取入库")
        _complete(connection, written, city, changes, steps, is_new=False)
    steps.done("write and publish 落盘发布")
    for report in reports:
        _say_all(report, say)
    steps.say(say)
    say(f"published 已发布: {store.version()} in {store.directory}")
    _prepare(store, say)
    return reports


def _prepare(store: Store, say: Callable[[str], None]) -> None:
    """Copy the new version for the load after this one, which then need not; what is loaded is loaded."""
    try:
        if not store.prepare():
            say("no room for a copy 磁盘空间不足，未备副本: the next load makes it and takes longer")
    except WarehouseBusy:
        pass  # the next load has begun already


def _forget(reports: Sequence[Report], say: Callable[[str], None]) -> None:
    """End a replay under which no row passed: what it wrote of them stands in the older side files."""
    for report in reports:
        _say_all(replace(report, side_file=None), say)
        if report.side_file:
            report.side_file.unlink()
    rows = sum(report.tally.rows_read for report in reports)
    raise BadSource(
        f"None of the {rows} rows passes under this mapping, so nothing was changed; the reasons above say "
        "what to correct in it."
    )


def _side_folder(store: Store) -> Path:
    return store.directory.parent / SIDE_FOLDER


def _say_all(report: Report, say: Callable[[str], None]) -> None:
    for line in report.text():
        say(line)


def _standing(store: Store, city: City, fingerprint: str) -> tuple[bool, str]:
    """Say whether a new warehouse is to be made, and which earlier batch was this very file, '' if none.

    Raises WarehouseError when the live warehouse is a demo, another city's, or an older suite's.
    """
    try:
        with store.reading(newest=True) as connection:
            info = connection.execute(select(warehouse_info.c.city, warehouse_info.c.is_demo)).one()
            known = connection.execute(
                select(batch.c.batch_id, batch.c.file_name, batch.c.loaded_at).where(
                    batch.c.file_sha256 == fingerprint
                )
            ).first()
    except WarehouseMissing:
        return True, ""
    cure = f"set {DIRECTORY_VARIABLE} to another directory to keep the two apart"
    if info.is_demo:
        raise WarehouseError(
            f"{store.directory} holds the demo city, which real items must not be mixed with; {cure}."
        )
    if info.city != city.key:
        raise WarehouseError(f"{store.directory} holds the city {info.city}, not {city.key}; {cure}.")
    if known is None:
        return False, ""
    return False, f"batch {known.batch_id}, {known.file_name}, {known.loaded_at:%Y-%m-%d %H:%M}"


class _Intake:
    """The rows of a source on their way: read and made into items beside the thread that stores them."""

    def __init__(self, store: Store, mapping: Mapping, city: City, source: Source) -> None:
        self.store, self.mapping, self.city, self.source = store, mapping, city, source
        self.now = values.whole_second(datetime.now(ZoneInfo(city.time_zone)).replace(tzinfo=None))
        self._beside = ThreadPoolExecutor(max_workers=1)
        self._ahead: deque[Future[_Part | None]] = deque()

    def begin_on_newest(self) -> None:
        """Begin with what the version holds that is being copied."""
        with self.store.reading(newest=True) as newest:
            self.begin(newest)

    def begin(self, connection: Connection) -> None:
        """Look up what the warehouse under `connection` holds already, and begin to read."""
        regions = Regions(self.city)
        self.members = Open(connection, regions, self.mapping.name)
        profile = read_profiles()[self.mapping.deadlines] if self.mapping.deadlines else None
        self.secrets = self._secrets(connection)
        self.builder = RowBuilder(
            self.mapping, self.city, self.members, regions, self.secrets, profile, self.now
        )
        self._made = self._parts()
        self._ahead.extend(self._next() for _ in range(AHEAD))

    def _secrets(self, connection: Connection) -> tuple[bytes, ...]:
        """Those of the person keys; none where the mapping names no person."""
        names = any(key in self.mapping.columns for key in _NAMING)
        return secrets_for(connection, self.store) if names else ()

    def parts(self) -> Iterator[_Part]:
        """Yield every part in the file's order, once."""
        while (part := self._ahead.popleft().result()) is not None:
            self._ahead.append(self._next())
            yield part

    def __enter__(self) -> _Intake:
        return self

    def __exit__(self, *_: object) -> None:
        self._beside.shutdown(cancel_futures=True)

    def _next(self) -> Future[_Part | None]:
        return self._beside.submit(next, self._made, None)

    def _parts(self) -> Iterator[_Part]:
        header = self.mapping.headers()
        for read in self.source.batches(header, _is_row(self.mapping, self.source.header)):
            yield _Part(read, self.builder.build(read.rows) if len(read.rows) else None)


def _fill(
    connection: Connection,
    intake: _Intake,
    report: Report,
    fingerprint: str,
    changes: Changes,
    *,
    corrects: bool,
) -> Report:
    """Put every row of the source into `cases`, and write the batch; the account must add up.

    Unless it `corrects`, items that stand already stay as they are.
    """
    source, mapping = intake.source, intake.mapping
    batch_id = largest(connection, batch, "batch_id") + 1
    side = SideFile(
        side_path(_side_folder(intake.store), batch_id, fingerprint),
        mapping.header_row,
        joined(source.raw_header(mapping.headers()), mapping.delimiter),
    )
    tally = Tally(unlisted=intake.builder.unlisted)
    stage = Stage(connection, batch_id, mapping, tally, side, intake.now, changes, corrects=corrects)
    with side:
        for part in intake.parts():
            tally.rows_read += len(part.read.rows) + len(part.read.broken)
            for record in part.read.broken:
                tally.reasons[REJECTED, record.reason] += 1
                side.add(record.place, record.reason, "", record.raw)
            if part.made is not None:
                stage.add(*part.made, part.read)
    intake.members.save(connection)
    sign(connection, intake.secrets)
    lines = source.lines()
    _check_account(connection, batch_id, tally, report.file)
    if lines is not None and not lines.adds_up():
        raise WarehouseError(f"The lines of {report.file} do not add up ({lines}); nothing was published.")
    _write_batch(connection, batch_id, report, fingerprint, tally, intake.now)
    unread = [name for name in source.header if name and name not in mapping.headers()]
    return replace(
        report,
        tally=tally,
        lines=lines,
        unread=tuple(name for name in unread if name not in mapping.personal),
        side_file=side.path if side.rows else None,
        set_aside=side.rows,
        batch_id=batch_id,
    )


def _is_row(mapping: Mapping, header: Sequence[str]) -> IsRow:
    """A test whether fields are plainly a row: an identifier is there, and the registered time is a time."""
    identifier, registered = (mapping.columns[key].header for key in REQUIRED)
    places = [header.index(name) for name in (identifier, registered) if name is not None]

    def is_row(fields: Sequence[str]) -> bool:
        told = [fields[place].strip() for place in places]
        return all(told) and values.is_time(told[-1], mapping.date_formats)

    return is_row


def _check_account(connection: Connection, batch_id: int, tally: Tally, file: Path) -> None:
    stored, kept = (
        connection.execute(select(func.count()).where(table.c.batch_id == batch_id)).scalar_one()
        for table in (cases, case_history)
    )
    superseded = tally.rows(SUPERSEDED)
    if not tally.adds_up() or (stored, kept) != (tally.rows_loaded, superseded):
        raise WarehouseError(
            f"The rows of {file} do not add up: read {tally.rows_read}, loaded {tally.rows_loaded}, stored "
            f"{stored}, superseded {superseded}, kept as history {kept}, duplicate {tally.rows(DUPLICATE)}, "
            f"rejected {tally.rows(REJECTED)}; nothing was published: report this with the file's header."
        )


def _write_batch(
    connection: Connection, batch_id: int, report: Report, fingerprint: str, tally: Tally, now: datetime
) -> None:
    connection.execute(
        insert(batch).values(
            batch_id=batch_id,
            file_name=report.file.name,
            file_sha256=fingerprint,
            mapping=report.mapping,
            loaded_at=now,
            rows_read=tally.rows_read,
            rows_loaded=tally.rows_loaded,
            rows_superseded=tally.rows(SUPERSEDED),
            rows_duplicate=tally.rows(DUPLICATE),
            rows_rejected=tally.rows(REJECTED),
        )
    )
    reasons = [
        {"batch_id": batch_id, "kind": kind, "reason": reason, "rows": rows}
        for (kind, reason), rows in sorted(tally.reasons.items())
    ]
    if reasons:
        connection.execute(insert(batch_reason), reasons)


def _complete(
    connection: Connection, mapping: Mapping, city: City, changes: Changes, steps: _Steps, *, is_new: bool
) -> None:
    """Bring everything that follows from the facts up to date: links, calendar, roll-ups, what is held."""
    matters.follow(connection, changes)
    steps.done("link the matters 关联同人同事")
    first, last = connection.execute(
        select(func.min(cases.c.registered_on), func.max(cases.c.registered_on))
    ).one()
    as_of = mapping.as_of or last
    # A year before the data for comparisons with the year before, one after it for what falls due.
    load_calendar(connection, date(first.year - 1, 1, 1), date(max(last, as_of).year + 1, 12, 31))
    rollups.follow(connection, changes)
    steps.done("roll up 汇总")
    told = {
        "built_at": values.whole_second(datetime.now(ZoneInfo(city.time_zone)).replace(tzinfo=None)),
        "data_from_on": first,
    }
    if is_new:
        fixed = {"version": "", "city": city.key, "is_demo": False, "full_scale": 1.0}
        connection.execute(insert(warehouse_info).values(as_of_on=as_of, **told, **fixed))
    else:
        latest = func.greatest(warehouse_info.c.as_of_on, as_of)
        connection.execute(update(warehouse_info).values(as_of_on=latest, **told))


def _fingerprint(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

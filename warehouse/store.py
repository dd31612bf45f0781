"""The only file that decides which warehouse version is live, and lets one writer at a time make the next."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from warehouse.engines import duckdb, versions
from warehouse.errors import WarehouseBusy, WarehouseError, WarehouseMissing, WarehouseUnavailable
from warehouse.schema import METADATA

DIRECTORY_VARIABLE = "QINGYU_WAREHOUSE"
DEFAULT_DIRECTORY = Path("var/warehouse")
VERSIONS_KEPT = versions.KEPT

_POINTER = "CURRENT"
_LOCK = "WRITER.lock"
_FILE_NAME = re.compile(r"warehouse-(?P<version>\d{8}T\d{12})\.duckdb")
_HALF_BUILT = ".building"
_HELD = ".held"
_SPARE = ".spare"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_CLONE = 0x40049409  # FICLONE of linux/fs.h


def directory() -> Path:
    """Return the warehouse directory: QINGYU_WAREHOUSE, else var/warehouse under the working directory."""
    return Path(os.environ.get(DIRECTORY_VARIABLE) or DEFAULT_DIRECTORY)


class Store:
    """A directory of warehouse versions, of which the file CURRENT names the live one.

    A version is a DuckDB file that is never written again once it is live, so readers need no lock, a reader
    of an older version finishes undisturbed, and a failed or killed build leaves the live version as it was.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def current(self) -> Path:
        """Return the live DuckDB file.

        Raises WarehouseMissing when nothing has been published, or the live file has gone.
        """
        path = self.directory / _file_name(self.version())
        if not path.is_file():
            raise WarehouseMissing(
                f"{self.directory / _POINTER} names {path.name}, which is not there; restore that file, run "
                "`python -m warehouse rollback`, or build again with `python -m warehouse demo` or `load`."
            )
        return path

    def held(self) -> Path | None:
        """Return the file that waits to be published, which loads build upon; None when nothing is held.

        One older than the live version is part of it: a build was killed before it removed the file.
        """
        newest = max(self.directory.glob(f"*{_HELD}"), default=None)
        return None if newest is None or self._is_past(newest) else newest

    @contextmanager
    def reading(self, *, newest: bool = False) -> Iterator[Connection]:
        """Yield a connection that reads the live version, or with `newest` the one that is held, if any.

        All its tables are as declared today. Raises what `current` raises, and WarehouseError for a version
        that an older suite built.
        """
        path = (newest and self.held()) or self.current()
        engine = duckdb.engine(path, read_only=True)
        try:
            with engine.connect() as connection:
                self._require_layout(connection)
                yield connection
        finally:
            engine.dispose()

    def _require_layout(self, connection: Connection) -> None:
        stored = "SELECT table_name, column_name FROM information_schema.columns"
        found = {(table, column) for table, column in connection.exec_driver_sql(stored)}
        declared = [(table.name, one.name) for table in METADATA.sorted_tables for one in table.columns]
        lacking = [one for one in declared if one not in found]
        if lacking:
            raise WarehouseError(
                f"{self.directory} was built by an older suite (it lacks {'.'.join(lacking[0])}); build the "
                "demo again, or load the source files into a new directory."
            )

    def file_of(self, version: str) -> Path:
        """Return the DuckDB file of a version that is kept; raises WarehouseMissing."""
        return self.directory / _file_name(versions.require_kept(version, self.versions(), self.directory))

    def versions(self) -> list[str]:
        """Return the versions that can be opened, oldest first."""
        if not self.directory.is_dir():
            return []
        named = (_FILE_NAME.fullmatch(path.name) for path in self.directory.iterdir())
        return sorted(name["version"] for name in named if name)

    def roll_back(self, to: str | None = None) -> str:
        """Make the version `to`, else the one before the live one, live; returns its name.

        No file is removed, so that the way forward stays open until the next build. Raises WarehouseMissing
        when that version is not kept, WarehouseBusy while a build is at work.
        """
        with self._one_writer(), self._space_said():
            chosen = versions.to_go_back_to(to, self.versions(), self.version(), self.directory)
            self._clear_past()  # beside an older version it would seem to wait again
            self._flip(chosen)
        return chosen

    def version(self) -> str:
        """Return the live version's name, which sorts by the time (UTC) its build began.

        Raises WarehouseMissing when nothing has been published, WarehouseError when CURRENT is not readable.
        """
        pointer = self.directory / _POINTER
        try:
            content = pointer.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise WarehouseMissing(
                f"No warehouse stands in {self.directory}; make one with `python -m warehouse demo` or "
                f"`load`, or set {DIRECTORY_VARIABLE} to the directory that holds it."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise WarehouseError(
                f"{pointer} cannot be read ({error}); write the live file's name into it."
            ) from error
        named = _FILE_NAME.fullmatch(content)
        if named is None:
            raise WarehouseError(
                f"{pointer} says {content[:60]!r}, which is no warehouse file; "
                "write the live file's name into it."
            )
        return named["version"]

    @contextmanager
    def build(
        self, *, copy_newest: bool = False, hold: bool = False, meanwhile: Callable[[], None] | None = None
    ) -> Iterator[Connection]:
        """Yield an autocommit connection to a new file; when the block ends cleanly that file goes live.

        The file starts empty, or with `copy_newest` as a copy of what is held, else of the live version: the
        one that `prepare` made, or one made now; `meanwhile` is called beside that, and may read the version.
        With `hold` the file waits for `publish`, and the live version stays. The block must leave exactly one
        row in warehouse_info; its `version` is set here. An error in the block, or in publishing, removes the
        file and changes nothing.

        Raises WarehouseBusy when another process is building, WarehouseMissing for `copy_newest` without a
        live version, WarehouseError for an empty file while something is held, WarehouseUnavailable when the
        disk is full.
        """
        with self._one_writer(), self._space_said():
            self._clear_half_built()
            self._clear_past()
            held = self.held()
            if held and not copy_newest:
                raise WarehouseError(
                    f"{self.directory} holds back {held.name}, which a new warehouse would leave behind; run "
                    "`python -m warehouse publish` or `publish --discard` first."
                )
            version = versions.new_name(self._known())
            file = self.directory / _file_name(version)
            half = file.with_name(file.name + _HALF_BUILT)
            try:
                if copy_newest:
                    with ThreadPoolExecutor(max_workers=1) as beside:
                        copying = beside.submit(self._copy_to, half, held or self.current())
                        if meanwhile is not None:
                            meanwhile()
                        copying.result()
                with self._written(half) as connection:
                    yield connection
                    _stamp(connection, version)
                _sync(half)
                half.rename(file.with_name(file.name + _HELD) if hold else file)
                if hold:
                    _sync(self.directory)
                else:
                    self._flip(version)
                if held:  # what it held is part of the new version
                    held.unlink()
                self._clear_spares()
            finally:
                self._clear_half_built()
            self._prune()

    def prepare(self) -> bool:
        """Copy what the next build with `copy_newest` begins with; False when the disk has no room for it.

        Raises WarehouseMissing when nothing has been published, WarehouseBusy while a build is at work.
        """
        with self._one_writer():
            newest = self.held() or self.current()
            spare = self._spare_of(newest)
            half = spare.with_name(spare.name + _HALF_BUILT)
            self._clear_spares()
            try:
                _copy(newest, half)
                _sync(half)
                half.rename(spare)
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                return False
            finally:
                half.unlink(missing_ok=True)
        return True

    def publish(self) -> str:
        """Make the version that is held live; returns its name.

        Raises WarehouseMissing when nothing is held, WarehouseBusy while a build is at work.
        """
        with self._one_writer(), self._space_said():
            held = self.require_held()
            file = held.with_suffix("")
            # Two names until it is live: at no moment would a kill leave it without one.
            if not file.exists():
                os.link(held, file)
            version = _version_of(file)
            self._flip(version)
            held.unlink()
            self._prune()
        return version

    def discard(self) -> None:
        """Drop the version that is held; raises what `publish` raises."""
        with self._one_writer():
            self.require_held().unlink()
            self._clear_spares()

    def require_held(self) -> Path:
        """Return the file that waits to be published; raises WarehouseMissing when nothing is held."""
        held = self.held()
        if held is None:
            raise WarehouseMissing(
                f"{self.directory} holds nothing back; `python -m warehouse load --hold` does, until it is "
                "published or discarded."
            )
        return held

    def _is_past(self, held: Path) -> bool:
        try:
            return _version_of(held) < self.version()
        except WarehouseMissing:
            return False

    def _clear_past(self) -> None:
        """Remove what was held and is published; only the holder of the lock may call this."""
        for held in self.directory.glob(f"*{_HELD}"):
            if self._is_past(held):
                held.unlink()

    def _spare_of(self, file: Path) -> Path:
        return self.directory / (_file_name(_version_of(file)) + _SPARE)

    def _copy_to(self, half: Path, newest: Path) -> None:
        """Begin the build `half` as the copy of `newest` that stands ready, else as one made now."""
        spare = self._spare_of(newest)
        if spare.exists():
            spare.rename(half)
        else:
            _copy(newest, half)

    def _clear_spares(self) -> None:
        """Remove copies that no build will begin with; only the holder of the lock may call this."""
        for spare in self.directory.glob(f"*{_SPARE}"):
            spare.unlink()

    def _known(self) -> list[str]:
        """The versions that are kept and the one that is held."""
        held = self.held()
        return [*self.versions(), *([_version_of(held)] if held else [])]

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / _LOCK).open("a+", encoding="ascii")
        except OSError as error:
            raise WarehouseUnavailable(
                f"{self.directory} cannot be written ({error.strerror}); "
                f"correct its rights or set {DIRECTORY_VARIABLE} to another directory."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise WarehouseBusy(
                    f"{self.directory} is being written by {lock.read().strip() or 'another process'}; "
                    "wait until it has finished or stop it, then try again."
                ) from None
            # The name is for the reader of the message only: the lock itself ends with its process.
            lock.truncate(0)
            lock.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
            lock.flush()
            yield

    @contextmanager
    def _space_said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise WarehouseUnavailable(
                f"The disk holding {self.directory} is full; free space and run again."
            ) from error

    @contextmanager
    def _written(self, path: Path) -> Iterator[Connection]:
        engine = duckdb.engine(path, read_only=False)
        try:
            # Autocommit: the whole file is thrown away on error, so a transaction would only cost memory.
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
                connection.exec_driver_sql("CHECKPOINT")
        finally:
            engine.dispose()

    def _flip(self, version: str) -> None:
        """Make `version` live in one atomic step that survives a power cut."""
        new_pointer = self.directory / (_POINTER + _HALF_BUILT)
        new_pointer.write_text(_file_name(version) + "\n", encoding="ascii")
        _sync(new_pointer)
        new_pointer.replace(self.directory / _POINTER)
        _sync(self.directory)

    def _prune(self) -> None:
        # A reader that still has an older file open keeps it: unlinking only takes the name away.
        for version in self.versions()[:-VERSIONS_KEPT]:
            (self.directory / _file_name(version)).unlink()

    def _clear_half_built(self) -> None:
        """Remove what a failed or killed build left behind; only the holder of the lock may call this."""
        for left in self.directory.glob(f"*{_HALF_BUILT}*"):
            if left.is_dir():  # DuckDB's spill directory
                shutil.rmtree(left)
            else:
                left.unlink()


def _file_name(version: str) -> str:
    return f"warehouse-{version}.duckdb"


def _version_of(file: Path) -> str:
    """The version of a file, be it live, held or one of either's names."""
    return file.name.removeprefix("warehouse-").partition(".")[0]


def _stamp(connection: Connection, version: str) -> None:
    rows = connection.exec_driver_sql("SELECT count(*) FROM warehouse_info").scalar_one()
    versions.require_one_row(rows)
    connection.exec_driver_sql("UPDATE warehouse_info SET version = ?", (version,))


def _copy(source: Path, target: Path) -> None:
    """Copy a file; where a file system shares blocks between files (XFS, Btrfs), nothing has to be copied."""
    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new, _CLONE, old.fileno())
        except OSError:
            shutil.copyfile(source, target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

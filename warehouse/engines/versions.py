"""How versions of a warehouse are named, and which of them are kept, whatever the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from warehouse.errors import WarehouseError, WarehouseMissing

KEPT = 3
FORMAT = "%Y%m%dT%H%M%S%f"


def new_name(known: Iterable[str]) -> str:
    """Return now (UTC), or just after the newest of `known` should the machine's clock have gone back."""
    newest = max((built_at(version) for version in known), default=datetime.min)
    now = datetime.now(UTC).replace(tzinfo=None)
    return max(now, newest + timedelta(microseconds=1)).strftime(FORMAT)


def built_at(version: str) -> datetime:
    """Return when (UTC) the build of `version` began."""
    return datetime.strptime(version, FORMAT)


def retired(known: Sequence[str], live: str) -> list[str]:
    """Return the versions to be dropped: all but the newest few and the live one, oldest first."""
    return [version for version in sorted(known)[:-KEPT] if version != live]


def require_kept(version: str, kept: Sequence[str], place: object) -> str:
    """Return `version`; raises WarehouseMissing unless it is one of those kept at `place`."""
    if version not in kept:
        raise WarehouseMissing(f"{place} keeps no version {version}; it keeps: {', '.join(kept) or 'none'}.")
    return version


def to_go_back_to(version: str | None, kept: Sequence[str], live: str, place: object) -> str:
    """Return `version`, else the newest one kept before the live one; raises WarehouseMissing."""
    if version is not None:
        return require_kept(version, kept, place)
    before = [one for one in kept if one < live]
    if not before:
        raise WarehouseMissing(f"{place} keeps no version before {live}; nothing was changed.")
    return max(before)


def require_one_row(rows: int) -> None:
    """Raise WarehouseError unless warehouse_info holds the one row that says what the warehouse is."""
    if rows != 1:
        raise WarehouseError(
            f"A build left {rows} rows in warehouse_info where exactly 1 says what the warehouse holds; "
            "nothing was published."
        )

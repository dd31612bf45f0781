"""The only file that reads a mapping: which column of a source fills which canonical column, and how.

A mapping is checked whole before anything is read: all its faults are said at once, each naming file and key.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Entries
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from warehouse import cities, deadlines
from warehouse.errors import BadMapping
from warehouse.ingest.coordinates import SYSTEMS
from warehouse.ingest.targets import DEDUP_COLUMNS, MATTER_COLUMNS, REQUIRED, TARGETS, Kind, vocabulary

FOLDER = Path(__file__).resolve().parent.parent / "mappings"
LAST_REGISTERED = "last_registered"
NOT_STATED, REJECT, ADD = "not_stated", "reject", "add"
REFUSE, LEAVE_EMPTY = "refuse", "leave_empty"
YEAR_FIRST = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日 %H时%M分",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)
ABSENT = ("NULL", "null", "None", "N/A", "#N/A", "-", "--", "/", "\\N")

KEYS = (
    "city",
    "description",
    "time_zone",
    "coordinate_system",
    "absent_coordinates",
    "date_formats",
    "absent",
    "delimiter",
    "sheet",
    "header_row",
    "dedup",
    "personal",
    "same_matter",
    "collective_from",
    "deadlines",
    "as_of",
    "missing_columns",
    "columns",
)
COLUMN_KEYS = ("from", "constant", "values", "default", "unknown", "separator")
_COMPARED, _NAMED, _NAME_LENGTH = 1000, 80, 40
_UNKNOWN = {
    Kind.OPEN: (ADD, NOT_STATED, REJECT),
    Kind.FIXED: (NOT_STATED, REJECT),
    Kind.CHOICE: (NOT_STATED, REJECT),
    Kind.FLAG: (NOT_STATED, REJECT),
}


@dataclass(frozen=True)
class Column:
    """How one canonical column is filled: from the source column `header`, or with `constant`.

    `values` translates the source's words; a word in neither `values` nor the canonical vocabulary becomes
    `default` where one is given, else is treated as `unknown` says.
    """

    target: str
    header: str | None = None
    constant: str | None = None
    values: Entries[str, str] = field(default_factory=dict)
    default: str | None = None
    unknown: str = NOT_STATED
    separator: str | None = None


@dataclass(frozen=True)
class Mapping:
    """A whole mapping, checked; dates are spelled as for strptime, points are (longitude, latitude)."""

    name: str
    path: Path
    city: str
    columns: Entries[str, Column]
    description: str = ""
    time_zone: str | None = None
    coordinate_system: str = SYSTEMS[0]
    absent_coordinates: tuple[tuple[float, float], ...] = ()
    date_formats: tuple[str, ...] = YEAR_FIRST
    absent: frozenset[str] = frozenset(ABSENT)
    delimiter: str = ","
    sheet: str | None = None
    header_row: int = 1
    dedup: tuple[str, ...] = ("source_case_no",)
    personal: frozenset[str] = frozenset()
    same_matter: tuple[str, ...] = ("matter",)
    collective_from: int = 5
    deadlines: str | None = None
    as_of: date | None = None  # None: the last day on which an item was registered
    missing_columns: str = REFUSE

    def headers(self) -> tuple[str, ...]:
        """The source columns that are read, each once."""
        return tuple(dict.fromkeys(column.header for column in self.columns.values() if column.header))

    def fitted(self, header: Collection[str], place: str) -> tuple[Mapping, tuple[str, ...]]:
        """Return the mapping for a file with this header, and the source columns that it lacks.

        Unless `missing_columns` says to leave them empty, and always for what every row must have, a missing
        column raises BadMapping; `place` names the file.
        """
        missing = [
            column for column in self.columns.values() if column.header and column.header not in header
        ]
        excused = self.missing_columns == LEAVE_EMPTY
        faults = [
            f"{self.path}: [columns] {column.target} names the source column '{column.header}', "
            f"which {place} does not have; {_meant(column.header, header)}."
            for column in missing
            if not excused or column.target in REQUIRED
        ]
        if faults:
            raise BadMapping("\n".join(faults))
        left = {key: column for key, column in self.columns.items() if column not in missing}
        return replace(self, columns=left), tuple(str(column.header) for column in missing)


def names() -> tuple[str, ...]:
    """The mappings that come with the suite."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def read_mapping(name: str) -> Mapping:
    """Return the mapping `name` of warehouse/mappings, or the one in the TOML file at the path `name`.

    Raises BadMapping with one sentence per fault.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadMapping(
            f"There is no mapping '{name}' ({path} does not exist); {_meant(name, names())}, "
            "or give the path of a .toml file."
        ) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadMapping(f"{path} is not readable as TOML in UTF-8: {wrong}; correct that place.") from wrong
    return _Reader(path).mapping(written)


@dataclass
class _Reader:
    """Reads one mapping and gathers every fault it meets."""

    path: Path
    faults: list[str] = field(default_factory=list)

    def mapping(self, written: dict[str, object]) -> Mapping:
        self._known(written, KEYS, "")
        columns = self._columns(self._table(written, "columns"))
        mapping = Mapping(
            name=self.path.stem,
            path=self.path,
            city=self._choice(written, "city", cities.cities(), ""),
            columns=columns,
            description=self._text(written, "description", ""),
            time_zone=self._time_zone(written),
            coordinate_system=self._choice(written, "coordinate_system", SYSTEMS, SYSTEMS[0]),
            absent_coordinates=self._points(written),
            date_formats=self._texts(written, "date_formats", YEAR_FIRST),
            absent=frozenset(self._texts(written, "absent", ABSENT)),
            delimiter=self._choice(written, "delimiter", (",", ";", "\t", "|"), ","),
            sheet=self._text(written, "sheet", "") or None,
            header_row=self._whole(written, "header_row", 1),
            dedup=self._listed(written, "dedup", DEDUP_COLUMNS, ("source_case_no",)),
            personal=frozenset(self._texts(written, "personal", ())),
            same_matter=self._listed(
                written,
                "same_matter",
                MATTER_COLUMNS,
                ("matter",) if "matter" in columns else ("category2", "address"),
            ),
            collective_from=self._whole(written, "collective_from", 5),
            deadlines=self._choice(written, "deadlines", tuple(deadlines.read_profiles()), "") or None,
            as_of=self._as_of(written),
            missing_columns=self._choice(written, "missing_columns", (REFUSE, LEAVE_EMPTY), REFUSE),
        )
        if "city" not in written:
            self._fault("city", f"is missing; write one of: {', '.join(cities.cities())}")
        self._consistent(mapping)
        if self.faults:
            raise BadMapping("\n".join(self.faults))
        return mapping

    def _columns(self, written: dict[str, object]) -> dict[str, Column]:
        self._known(written, tuple(TARGETS), "[columns] ")
        return {target: self._column(target, given) for target, given in written.items() if target in TARGETS}

    def _column(self, target: str, given: object) -> Column:
        if isinstance(given, str):
            given = {"from": given}
        place = f"[columns] {target}"
        if not isinstance(given, dict):
            self._fault(place, 'must be a source column\'s name or a table such as { from = "渠道" }')
            return Column(target)
        self._known(given, COLUMN_KEYS, f"{place}.")
        kind = TARGETS[target].kind
        allowed = _UNKNOWN.get(kind, ())
        column = Column(
            target,
            header=self._text(given, "from", "", place) or None,
            constant=self._text(given, "constant", "", place) or None,
            values=self._values(given, place),
            default=self._text(given, "default", "", place) or None,
            unknown=self._choice(given, "unknown", allowed, allowed[0] if allowed else NOT_STATED, place),
            separator=self._text(given, "separator", "", place) or None,
        )
        if (column.header is None) == (column.constant is None):
            self._fault(place, "needs exactly one of 'from' (a source column) and 'constant'")
        if not allowed and (column.values or column.default):
            self._fault(place, "has no fixed words, so 'values' and 'default' mean nothing; remove them")
        if column.default and "unknown" in given:
            self._fault(place, "has both 'default' and 'unknown'; keep one")
        if (column.separator is not None) != (target == "category"):
            self._fault(place, "'separator' belongs to 'category', which needs it, and to no other column")
        self._known_words(column, place)
        return column

    def _known_words(self, column: Column, place: str) -> None:
        """A misspelt translation would otherwise show only as a number of unknown values."""
        words = vocabulary(column.target)
        if not words:
            return
        given = [*column.values.values(), column.default, column.constant]
        for word in given:
            if word is not None and word.casefold() not in words:
                self._fault(place, f"says '{word}', which is no word of it; {_meant(word, words)}")

    def _consistent(self, mapping: Mapping) -> None:
        for target in REQUIRED:
            if target not in mapping.columns:
                self._fault(f"[columns] {target}", "is missing; every mapping must say where it comes from")
        levels = [
            key for key in ("category1", "category2", "category3", "category4") if key in mapping.columns
        ]
        if "category" in mapping.columns and levels:
            self._fault(f"[columns] {levels[0]}", "cannot stand beside 'category'; keep one of the two forms")
        if levels != [f"category{level}" for level in range(1, len(levels) + 1)]:
            self._fault(f"[columns] {levels[-1]}", "lacks a level above it; map the levels from 1 on")
        if ("lon" in mapping.columns) != ("lat" in mapping.columns):
            self._fault("[columns] lon", "and 'lat' belong together; map both or neither")
        for column in mapping.columns.values():
            if column.header in mapping.personal and TARGETS[column.target].kind is not Kind.PERSONAL:
                self._fault(
                    f"[columns] {column.target}",
                    f"would store '{column.header}', which 'personal' lists; map it to a person_ column",
                )
        for key in mapping.dedup:
            if key not in mapping.columns and key not in REQUIRED:
                self._fault("dedup", f"names '{key}', which [columns] does not fill; map it or leave it out")

    def _known(self, written: dict[str, object], keys: Collection[str], place: str) -> None:
        for key in written:
            if key not in keys:
                self.faults.append(
                    f"{self.path}: {place}{key} is not a key of a mapping; {_meant(key, keys)} "
                    "(docs/mapping.md)."
                )

    def _fault(self, key: str, sentence: str) -> None:
        self.faults.append(f"{self.path}: {key} {sentence}.")

    def _table(self, written: dict[str, object], key: str) -> dict[str, object]:
        given = written.get(key, {})
        if isinstance(given, dict):
            return given
        self._fault(key, f"must be a table; write [{key}] and the entries below it")
        return {}

    def _text(self, written: dict[str, object], key: str, otherwise: str, place: str = "") -> str:
        given = written.get(key, otherwise)
        if isinstance(given, str) and (given.strip() or key not in written):
            return given
        self._fault(f"{place}.{key}".strip("."), f"must be a text that is not empty, found {given!r}")
        return otherwise

    def _choice(
        self,
        written: dict[str, object],
        key: str,
        allowed: Collection[str],
        otherwise: str,
        place: str = "",
    ) -> str:
        given = written.get(key, otherwise)
        if key not in written or given in allowed:
            return str(given)
        spelled = ", ".join(repr(one) for one in allowed) or "nothing: leave it out"
        self._fault(f"{place}.{key}".strip("."), f"is {given!r}; allowed: {spelled}")
        return otherwise

    def _texts(self, written: dict[str, object], key: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        given = written.get(key, list(otherwise))
        if isinstance(given, list) and all(isinstance(one, str) for one in given):
            return tuple(given)
        self._fault(key, f'must be a list of texts such as ["…", "…"], found {given!r}')
        return otherwise

    def _listed(
        self, written: dict[str, object], key: str, allowed: Collection[str], otherwise: tuple[str, ...]
    ) -> tuple[str, ...]:
        given = self._texts(written, key, otherwise)
        if not given:
            self._fault(key, f"is empty; name at least one of: {', '.join(allowed)}")
        for one in given:
            if one not in allowed:
                self._fault(key, f"names '{one}'; {_meant(one, allowed)}")
        return given

    def _values(self, given: dict[str, object], place: str) -> dict[str, str]:
        values = given.get("values", {})
        if isinstance(values, dict) and all(isinstance(one, str) for one in values.values()):
            return {str(word): str(meaning) for word, meaning in values.items()}
        self._fault(f"{place}.values", 'must be a table of texts such as { "来电" = "hotline_call" }')
        return {}

    def _whole(self, written: dict[str, object], key: str, otherwise: int) -> int:
        given = written.get(key, otherwise)
        if isinstance(given, int) and not isinstance(given, bool) and given >= 1:
            return given
        self._fault(key, f"must be a whole number from 1 on, found {given!r}")
        return otherwise

    def _time_zone(self, written: dict[str, object]) -> str | None:
        name = self._text(written, "time_zone", "")
        try:
            return ZoneInfo(name).key if name else None
        except (ZoneInfoNotFoundError, ValueError):
            self._fault("time_zone", f"'{name}' is not known; write an IANA name such as Asia/Shanghai")
            return None

    def _points(self, written: dict[str, object]) -> tuple[tuple[float, float], ...]:
        given = written.get("absent_coordinates", [])
        try:
            points = tuple((float(lon), float(lat)) for lon, lat in given)  # type: ignore[attr-defined]
        except (TypeError, ValueError):
            self._fault("absent_coordinates", "must be a list of [longitude, latitude] pairs in degrees")
            return ()
        if any(abs(lat) > 90 for _, lat in points):
            self._fault("absent_coordinates", "has a latitude beyond 90°; write [longitude, latitude]")
        return points

    def _as_of(self, written: dict[str, object]) -> date | None:
        given = written.get("as_of", LAST_REGISTERED)
        if given == LAST_REGISTERED:
            return None
        if type(given) is date:
            return given
        self._fault("as_of", f'must be a date such as 2026-10-31 or "{LAST_REGISTERED}", found {given!r}')
        return None


def _meant(word: str | None, allowed: Iterable[str]) -> str:
    """Say what was probably meant, else what there is to choose from: of thousands of names, the first."""
    choices = list(islice((one for one in allowed if one), _COMPARED))
    near = difflib.get_close_matches(word or "", choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    more = " …" if len(choices) > _NAMED else ""
    return f"choose one of: {', '.join(one[:_NAME_LENGTH] for one in choices[:_NAMED])}{more}"

"""From the text of a batch to rows of `cases`: every field read, checked, joined and, where personal, hashed.

A row without an identifier or a registered time is rejected. Any other field that cannot be read is left
empty and counted as a repair: the row is worth more than the field.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from warehouse import reference
from warehouse.cities import City
from warehouse.deadlines import Profile
from warehouse.ingest import coordinates, values
from warehouse.ingest.mapping import REJECT, Column
from warehouse.ingest.mapping import Mapping as SourceMapping
from warehouse.ingest.members import DEEPEST, Open, Regions, listed
from warehouse.ingest.targets import REQUIRED, TARGETS, Kind, vocabulary
from warehouse.ingest.workbook import DAMAGED
from warehouse.people import MASK, keyed, mask, person_key, rekeyed
from warehouse.schema import NOT_STATED, cases

ABSENT, UNREADABLE, UNKNOWN = "absent", "not readable", "not a listed value"
FUTURE, BEFORE, DEFAULT_POINT = "in the future", "before registered_at", "default coordinate"
TOO_LONG = "number damaged by the spreadsheet"
NO_PARENT = "no level above it"
LONGER = "longer than {most} characters"
# The most that is kept: what is longer is no number, no name, no text that a person wrote, and every page
# that shows it would have to carry it.
LONGEST_NUMBER, LONGEST_NAME = 100, 200
LONGEST_TEXT = {"title": 1_000}
_LONGEST_TEXT = 20_000
STAGES = ("transferred_at", "accepted_at", "notified_at", "replied_at", "closed_at", "evaluated_at")
NUMBERS = ("source_case_no", "person_identity", "person_phone", "matter")
DUE = ("accept_due_at", "notify_due_at", "reply_due_at")
# No word, number or address is as long; searching such runs for one would take the square of their length.
_LONG = 256
_ENDLESS = re.compile(rf"[A-Za-z0-9_.+-]{{{_LONG},}}|[一二三四五六七八九十百甲乙丙丁]{{{_LONG},}}")
_BLANKS = re.compile(r"\s{16,}")
CLOCKS = {
    name: name.removesuffix("_on") + "_at"
    for name in (column.name for column in cases.columns)
    if name.endswith("_on") and name != "returned_on"
}


@dataclass
class Checked:
    """A batch as it is being read: `fields` by canonical column, and what was wrong in which rows."""

    index: pd.Index[int]
    fields: dict[str, pd.Series[Any]] = field(default_factory=dict)
    repairs: list[tuple[str, pd.Series[bool]]] = field(default_factory=list)
    rejection: pd.Series[str] = field(init=False)

    def __post_init__(self) -> None:
        self.rejection = pd.Series("", index=self.index, dtype="str")

    def repair(self, key: str, reason: str, where: pd.Series[bool]) -> None:
        """Count the field `key` as set aside in the rows `where`."""
        if where.any():
            self.repairs.append((f"{key}: {reason}", where))

    def reject(self, key: str, reason: str, where: pd.Series[bool]) -> None:
        """Reject the rows `where`, unless an earlier reason did."""
        self.rejection = self.rejection.mask(where & (self.rejection == ""), f"{key}: {reason}")


class RowBuilder:
    """Reads batches of one source into rows of `cases`; grows the open dimensions as it goes."""

    def __init__(
        self,
        mapping: SourceMapping,
        city: City,
        members: Open,
        regions: Regions,
        secrets: Sequence[bytes],
        profile: Profile | None,
        now: datetime,
    ) -> None:
        """`secrets` are none when the mapping names no person; `now` is the city's wall clock."""
        self._mapping, self._city, self._members, self._regions = mapping, city, members, regions
        self._secrets, self._profile, self._now = tuple(secrets), profile, pd.Timestamp(now)
        self._channels = reference.channels().set_index("channel_id")
        self._words = {key: vocabulary(key) for key in mapping.columns}
        self.unlisted: dict[str, Counter[str]] = {}

    def build(self, text: pd.DataFrame) -> tuple[pd.DataFrame, Checked]:
        """Return all rows of `text` as rows of `cases`, without its keys, links and batch, and the account.

        Rejected rows are returned too, on the same index: the caller leaves them out by `Checked.rejection`.
        """
        checked = Checked(text.index)
        written = self._written(text, checked)
        for key, column in self._mapping.columns.items():
            self._read(column, written[key], checked)
        self._times(checked)
        self._point(checked)
        fields = checked.fields
        rows = pd.DataFrame(index=text.index)
        for target in TARGETS.values():
            if target.key in cases.columns and target.kind is not Kind.TEXT:
                rows[target.key] = fields.get(target.key, self._nothing(target.kind, text.index))
                if target.otherwise is not None:
                    rows[target.key] = rows[target.key].fillna(float(target.otherwise))
        self._places(written, rows, checked)
        self._dimensions(written, rows, checked)
        self._derived(rows)
        self._persons(written, rows)
        self._texts(written, rows, checked)
        return rows, checked

    # reading

    def _written(self, text: pd.DataFrame, checked: Checked) -> dict[str, pd.Series[str]]:
        """The text of every mapped canonical column, missing where the source says nothing."""
        written = {}
        for key, column in self._mapping.columns.items():
            if column.header is None:
                written[key] = pd.Series(column.constant, index=text.index, dtype="str")
                continue
            words = values.present(text[column.header], self._mapping.absent)
            damaged = (words == DAMAGED).fillna(False).astype(bool)
            if key in NUMBERS:
                words, lost = values.numbers(words)
                damaged |= lost
            if damaged.any():
                note = checked.reject if key in REQUIRED else checked.repair
                note(key, TOO_LONG, damaged)
                words = words.mask(damaged)
            written[key] = words
        for key in REQUIRED:
            checked.reject(key, ABSENT, written[key].isna())
        return written

    def _read(self, column: Column, words: pd.Series[str], checked: Checked) -> None:
        key, kind = column.target, TARGETS[column.target].kind
        zone = self._mapping.time_zone or self._city.time_zone
        if kind is Kind.NUMBER_TEXT:
            checked.fields[key], longer = values.cut(values.half_width(words), LONGEST_NUMBER)
            # Two numbers cut to one would be one item.
            checked.reject(key, LONGER.format(most=LONGEST_NUMBER), longer)
            return
        if kind is Kind.TIME:
            checked.fields[key], bad = values.times(
                words, self._mapping.date_formats, zone, self._city.time_zone
            )
        elif kind is Kind.COUNT:
            checked.fields[key], bad = values.counts(words)
        elif kind is Kind.DEGREES:
            checked.fields[key], bad = values.degrees(words, 180.0 if key == "lon" else 90.0)
        elif self._words[key]:
            checked.fields[key], bad = values.words(words, column.values, self._words[key], column.default)
            self._unknown(column, words, bad, checked)
            return
        else:
            return
        note = checked.reject if key in REQUIRED else checked.repair
        note(key, UNREADABLE, bad)

    def _unknown(self, column: Column, words: pd.Series[str], bad: pd.Series[bool], checked: Checked) -> None:
        if bad.any():
            self.unlisted.setdefault(column.target, Counter()).update(map(masked, words[bad]))
            note = checked.reject if column.unknown == REJECT else checked.repair
            note(column.target, UNKNOWN, bad)

    def _times(self, checked: Checked) -> None:
        """Set aside times that cannot be: any before registration, and stages in the future."""
        fields = checked.fields
        registered = fields["registered_at"]
        checked.reject("registered_at", FUTURE, registered > self._now)
        for key in (*STAGES, *DUE):
            if key not in fields:
                continue
            for reason, wrong in (
                (BEFORE, fields[key] < registered),
                (FUTURE, (fields[key] > self._now) & (key in STAGES)),
            ):
                checked.repair(key, reason, wrong)
                fields[key] = fields[key].mask(wrong)

    def _point(self, checked: Checked) -> None:
        if "lon" not in checked.fields:
            return
        lon, lat = checked.fields["lon"], checked.fields["lat"]
        default = (lon == 0) & (lat == 0)  # in the Gulf of Guinea, where nobody complains
        for east, north in self._mapping.absent_coordinates:
            default |= (lon == east) & (lat == north)
        checked.repair("lon, lat", DEFAULT_POINT, default)
        known = lon.notna() & lat.notna() & ~default
        moved = coordinates.to_wgs84(
            lon.where(known).to_numpy(dtype=float),
            lat.where(known).to_numpy(dtype=float),
            self._mapping.coordinate_system,
        )
        checked.fields["lon"] = pd.Series(moved[0], index=lon.index)
        checked.fields["lat"] = pd.Series(moved[1], index=lon.index)

    # joining

    def _places(self, written: Mapping[str, pd.Series[str]], rows: pd.DataFrame, checked: Checked) -> None:
        names = ("district", "street", "village")
        columns = [self._translated(name, written, rows.index) for name in names]
        found: dict[tuple[str | None, ...], Any] = {}
        for triple in zip(*columns, strict=True):
            if triple not in found:
                found[triple] = self._regions.find(*triple)
        placed = [found[triple] for triple in zip(*columns, strict=True)]
        for level, name in enumerate(names):
            ids = [ids[level] for ids, _ in placed]
            rows[f"{name}_id"] = pd.Series(ids, index=rows.index, dtype="int64")
            unknown = pd.Series([wrong[level] for _, wrong in placed], index=rows.index, dtype=bool)
            if name in self._mapping.columns:
                self._unknown(self._mapping.columns[name], written[name], unknown, checked)

    def _translated(
        self, key: str, written: Mapping[str, pd.Series[str]], index: pd.Index[int]
    ) -> list[str | None]:
        if key not in written:
            return [None] * len(index)
        column = self._mapping.columns[key]
        places, distinct = pd.factorize(written[key])
        known = [column.values.get(word, word) for word in distinct]
        known.append(column.default or None)  # at place -1, that of rows without a word
        return [known[place] for place in places]

    def _dimensions(
        self, written: Mapping[str, pd.Series[str]], rows: pd.DataFrame, checked: Checked
    ) -> None:
        for key in ("channel", "purpose"):
            ids = checked.fields.get(key, self._nothing(Kind.COUNT, rows.index))
            rows[f"{key}_id"] = ids.fillna(NOT_STATED).astype("int64")
        kept = checked.rejection == ""
        named = {
            key: self._listed(key, words, checked).where(kept)
            for key, words in written.items()
            if TARGETS[key].kind is Kind.OPEN
        }
        nobody = [None] * len(rows)
        rows["source_id"] = self._members.sources(
            _texts(named["source"]) if "source" in named else nobody, rows["channel_id"].to_numpy()
        )
        paths = self._paths(named, rows.index, checked)
        rows["category_id"], rows["category1_id"], rows["category2_id"] = self._members.categories(paths)
        rows["unit_id"] = self._members.units(
            _texts(named["unit"]) if "unit" in named else nobody,
            _texts(named["unit_parent"]) if "unit_parent" in named else nobody,
            self._unit_levels(checked, rows.index),
        )

    def _unit_levels(self, checked: Checked, index: pd.Index[int]) -> Any:
        stated = checked.fields.get("unit_level", self._nothing(Kind.COUNT, index))
        return stated.fillna(TARGETS["unit_level"].otherwise).to_numpy(dtype=np.int64)

    def _listed(self, key: str, words: pd.Series[str], checked: Checked) -> pd.Series[str]:
        column = self._mapping.columns[key]
        meant, wrong = listed(words, column, self.unlisted)
        note = checked.reject if column.unknown == REJECT else checked.repair
        note(key, UNKNOWN, wrong)
        meant, longer = values.cut(meant, LONGEST_NAME)
        checked.repair(key, LONGER.format(most=LONGEST_NAME), longer)
        return meant

    def _paths(
        self, named: Mapping[str, pd.Series[str]], index: pd.Index[int], checked: Checked
    ) -> list[tuple[str, ...]]:
        """The category of each row as the names of its levels, from level 1 down to where it stops."""
        if "category" in named:
            separator = self._mapping.columns["category"].separator or "/"
            places, distinct = pd.factorize(named["category"])
            known = [
                tuple(part.strip() for part in path.split(separator, DEEPEST - 1) if part.strip())
                for path in distinct
            ]
            known.append(())  # at place -1, that of rows without one
            return [known[place] for place in places]
        levels = [key for key in ("category1", "category2", "category3", "category4") if key in named]
        if not levels:
            return [()] * len(index)
        above = pd.Series(True, index=index)
        for key in levels:
            checked.repair(key, NO_PARENT, named[key].notna() & ~above)
            above = above & named[key].notna()
        return [_until_none(path) for path in zip(*(_texts(named[key]) for key in levels), strict=True)]

    # deriving

    def _derived(self, rows: pd.DataFrame) -> None:
        channel = self._channels.loc[rows["channel_id"]]
        stream, kind = (channel[name].to_numpy() for name in ("stream", "kind"))
        stated = rows["channel_id"].to_numpy() != NOT_STATED
        rows["is_petition"] = stated & (stream == "petition")
        rows["is_online"] = stated & np.isin(kind, ["online", "app"])
        visit = stated & (kind == "visit")
        collective = visit & (rows["people"].to_numpy() >= self._mapping.collective_from)
        above = rows["competent_level"] - rows["visited_level"]
        both = (rows["competent_level"] > 0) & (rows["visited_level"] > 0)
        skips = visit & (both & (above > 1)).to_numpy()
        for key, derived in (("is_collective", collective), ("is_skip_level", skips)):
            rows[key] = rows[key].fillna(pd.Series(derived.astype(float), index=rows.index))
        for target in TARGETS.values():
            if target.kind is Kind.FLAG:
                rows[target.key] = rows[target.key].astype("boolean")
        if self._profile is not None:
            due = self._profile.due(rows[["registered_at", "accepted_at", "urgency", "is_extended"]])
            for key in DUE:
                rows[key] = rows[key].fillna(due[key])
        for day, moment in CLOCKS.items():
            rows[day] = rows[moment].dt.floor("D")
        cells = coordinates.cells(rows["lon"].to_numpy(dtype=float), rows["lat"].to_numpy(dtype=float))
        rows["h3"] = pd.Series(cells, index=rows.index).astype("Int64").mask(cells < 0)

    def _persons(self, written: Mapping[str, pd.Series[str]], rows: pd.DataFrame) -> None:
        rows["person_key"] = pd.Series(pd.NA, index=rows.index, dtype="Int64")
        rows["matter_key"] = pd.Series(pd.NA, index=rows.index, dtype="Int64")
        if not self._secrets:
            return
        first, *later = self._secrets
        nobody = [None] * len(rows)
        who = [
            _texts(written[key]) if key in written else nobody
            for key in ("person_identity", "person_phone", "person_name")
        ]
        persons = [person_key(first, *one) for one in zip(*who, strict=True)]
        what = [self._matter_part(key, written, rows) for key in self._mapping.same_matter]
        matters: list[int | None] = []
        for person, *parts in zip(persons, *what, strict=True):
            told = person is not None and any(parts)
            matters.append(keyed(first, "matter", str(person), *parts) if told else None)
        rows["person_key"] = _through(later, persons, rows.index)
        rows["matter_key"] = _through(later, matters, rows.index)

    def _matter_part(self, key: str, written: Mapping[str, pd.Series[str]], rows: pd.DataFrame) -> list[str]:
        stored = f"{key}_id"
        if stored in rows:
            return ["" if one == NOT_STATED else str(one) for one in rows[stored]]
        if key in written:
            return ["".join(word.split()) if word else "" for word in _texts(values.half_width(written[key]))]
        return [""] * len(rows)

    def _texts(self, written: Mapping[str, pd.Series[str]], rows: pd.DataFrame, checked: Checked) -> None:
        personal = [_texts(words) for key, words in written.items() if TARGETS[key].kind is Kind.PERSONAL]
        known = [[part for part in row if part] for row in zip(*personal, strict=True)] if personal else None
        for key, target in TARGETS.items():
            if target.kind is not Kind.TEXT:
                continue
            if key not in written:
                rows[key] = pd.Series(pd.NA, index=rows.index, dtype="str")
            elif known is None:
                masked_once = {text: masked(text) for text in written[key].dropna().unique()}
                rows[key] = written[key].map(masked_once)
            else:
                masked_once = {}
                texts = [
                    _masked_beside(text, parts, masked_once) if text is not None else None
                    for text, parts in zip(_texts(written[key]), known, strict=True)
                ]
                rows[key] = pd.Series(texts, index=rows.index, dtype="str")
            # Only now: a number cut in two would no longer look like one.
            most = LONGEST_TEXT.get(key, _LONGEST_TEXT)
            rows[key], longer = values.cut(rows[key], most)
            checked.repair(key, LONGER.format(most=most), longer)

    @staticmethod
    def _nothing(kind: Kind, index: pd.Index[int]) -> pd.Series[Any]:
        if kind is Kind.TIME:
            return pd.Series(pd.NaT, index=index, dtype="datetime64[us]")
        return pd.Series(np.nan, index=index, dtype="float64")


def masked(text: str, known: Iterable[str] = ()) -> str:
    """Return `text` masked as `people.mask` does; runs without end, as of a pasted picture, masked whole."""
    if len(text) > _LONG:
        text = _BLANKS.sub(" ", _ENDLESS.sub(MASK, text))
    return mask(text, known)


def _masked_beside(text: str, known: Sequence[str], masked_once: dict[str, str]) -> str:
    """`masked`, but a text that names none of `known` once for all its rows; many titles are alike.

    A line break or a tab in the text may stand for the blank in a name or an address, so such texts are not.
    """
    if len(text) > _LONG or not text.isprintable() or any(part in text for part in known):
        return masked(text, known)
    if text not in masked_once:
        masked_once[text] = masked(text)
    return masked_once[text]


def _texts(words: pd.Series[str]) -> list[str | None]:
    """The column as plain texts, None where missing: tuples of NaN would never equal each other."""
    texts: list[str | None] = words.astype(object).where(words.notna(), None).tolist()
    return texts


def _until_none(path: Sequence[str | None]) -> tuple[str, ...]:
    names: list[str] = []
    for name in path:
        if name is None:
            break
        names.append(name)
    return tuple(names)


def _through(later: Sequence[bytes], keys: list[int | None], index: pd.Index[int]) -> pd.Series[Any]:
    """The keys as they are once they have gone through the secrets that came after the first."""
    for secret in later:
        keys = rekeyed(secret, keys)
    held: pd.Series[Any] = pd.Series(keys, index=index, dtype="Int64")
    return held

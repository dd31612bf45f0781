"""From text to values: each reader takes a column of text and says which entries it could not read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

EXCEL_SERIAL = "excel"  # a date format: days since 1899-12-30, as a spreadsheet shows an unformatted date
# How typed cells of XLSX and Parquet are spelled on their way here; always understood.
TYPED = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d")
EARLIEST, LATEST = pd.Timestamp(1950, 1, 1), pd.Timestamp(2100, 1, 1)
CUT = "…"
_EXCEL_EPOCH = datetime(1899, 12, 30)
# Signs that nobody sees: controls but tab and line ends, soft hyphens, zero widths, marks of direction, tags,
# the line ends of no keyboard, and what is no character at all, which no XML (XLSX, DOCX, SVG) may hold.
UNSEEN = (
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\U0001fffe\U0001ffff\U0010fffe\U0010ffff\\x00]"
)
# No script writes five marks on one letter; hundreds of them cover the lines above and below.
_MARKS = r"(\pM{4})\pM+"
# How exports tell a spreadsheet to leave a number alone: ="0012", or '0012.
_KEPT_AS_TEXT = r"^(?:=\"(.*)\"|'(\d.*))$"
_ADJOINING = re.compile(r"%Y%m|%m%d|%d%H|%H%M|%M%S")
_DAMAGED_NUMBER, _WHOLE_NUMBER = r"^[+-]?\d(?:\.\d+)?[eE]\+\d+$", r"^(\d+)\.0+$"


def visible(column: pd.Series[str]) -> pd.Series[str]:
    """Return the column without signs that nobody sees, which make equal texts differ and hide numbers.

    Of the marks on one letter four are kept.
    """
    return _replaced(_replaced(column, UNSEEN, ""), _MARKS, r"\1")


def present(column: pd.Series[str], absent: frozenset[str]) -> pd.Series[str]:
    """Return the column without blanks at its ends, missing where it is empty or says one of `absent`.

    What an export wrote as ="0012" or '0012, so that a spreadsheet would keep it as text, is that text.
    """
    bare = _replaced(column.str.strip(), _KEPT_AS_TEXT, r"\1\2").str.strip()
    return bare.mask((bare == "") | bare.isin(list(absent)))


def cut(column: pd.Series[str], most: int) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Return the column with every text cut to `most` characters, the last one "…", and where that was."""
    texts = pa.array(column, type=pa.large_string(), from_pandas=True)
    found = pc.fill_null(pc.greater(pc.utf8_length(texts), most), fill_value=False)
    longer = pd.Series(found.to_numpy(zero_copy_only=False), index=column.index, dtype=bool)
    if not longer.any():
        return column, longer
    return column.mask(longer, column.str.slice(0, most - 1) + CUT), longer


def numbers(column: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Return numbers that name something as they were typed ("12.0" is 12), and where they are lost.

    A spreadsheet shows a long number as 3.30106E+17, and saves just that: many numbers become one.
    """
    damaged = column.str.contains(_DAMAGED_NUMBER, regex=True).fillna(False).astype(bool)
    return _replaced(column, _WHOLE_NUMBER, r"\1").mask(damaged), damaged


def half_width(column: pd.Series[str]) -> pd.Series[str]:
    """Return the column with full-width digits, letters and signs made half-width (NFKC)."""
    foreign = ~column.str.isascii().fillna(True).astype(bool)
    if not foreign.any():
        return column
    return column.where(~foreign, column[foreign].str.normalize("NFKC").reindex(column.index))


def times(
    column: pd.Series[str], formats: Sequence[str], source_zone: str, city_zone: str
) -> tuple[pd.Series[pd.Timestamp], pd.Series[bool]]:
    """Return the column as the city's wall clock, and where a text is no plausible time.

    Of `formats` the first that fits an entry reads it. A format with %z carries its own offset; other times
    are the wall clock of `source_zone`. Where that clock was set back, the hour that came twice is read as
    the second; where it was set forward, the hour that never was is moved to the next that did.
    """
    text = half_width(column)
    found = pd.Series(pd.NaT, index=column.index, dtype="datetime64[us]")
    for written in dict.fromkeys((*formats, *TYPED)):
        left = text[found.isna() & text.notna()]
        if left.empty:
            break
        read = _read(left, written, source_zone, city_zone)
        found[read.index] = read
    bad = (text.notna() & found.isna()) | (found < EARLIEST) | (found >= LATEST)
    return found.mask(bad), bad


def is_time(text: str, formats: Sequence[str]) -> bool:
    """Say whether one text is a time in any of `formats`."""
    for written in (*formats, *TYPED):
        try:
            datetime.strptime(text.strip(), written)
        except ValueError:
            continue
        return True
    return False


def counts(column: pd.Series[str]) -> tuple[pd.Series[float], pd.Series[bool]]:
    """Return whole numbers from 0 on, NaN where missing, and where a text is none ("3.0" is 3)."""
    numbers = pd.to_numeric(half_width(column), errors="coerce")
    bad = column.notna() & ~((numbers >= 0) & (numbers < 2**31) & (numbers == np.floor(numbers)))
    return numbers.mask(bad).astype("float64"), bad


def degrees(column: pd.Series[str], most: float) -> tuple[pd.Series[float], pd.Series[bool]]:
    """Return degrees, NaN where missing, and where a text is no number within ±`most`."""
    numbers = pd.to_numeric(half_width(column), errors="coerce")
    bad = column.notna() & ~(numbers.abs() <= most)
    return numbers.mask(bad).astype("float64"), bad


def words(
    column: pd.Series[str], values: Mapping[str, str], vocabulary: Mapping[str, int], default: str | None
) -> tuple[pd.Series[float], pd.Series[bool]]:
    """Return the number of each word, NaN where missing, and where a word is in no list.

    A word is translated by `values` first, then looked up in `vocabulary` without regard to capitals. With a
    `default` nothing is missing and nothing is unknown.
    """
    # Each word once: a column of 50 000 rows holds some dozens.
    places, distinct = pd.factorize(column)
    known = [vocabulary.get(values.get(word, word).casefold(), np.nan) for word in distinct]
    numbers = pd.Series(np.array([*known, np.nan])[places], index=column.index, dtype="float64")
    unknown = column.notna() & numbers.isna()
    if default is None:
        return numbers, unknown
    return numbers.fillna(vocabulary[default.casefold()]), unknown & False


def _read(text: pd.Series[str], written: str, source_zone: str, city_zone: str) -> pd.Series[pd.Timestamp]:
    if written == EXCEL_SERIAL:
        days = pd.to_numeric(text, errors="coerce")
        days = days.where((days >= 1) & (days < 200_000))
        return (_EXCEL_EPOCH + pd.to_timedelta(days, unit="D")).dt.round("s").astype("datetime64[us]")
    if "%z" in written:
        read = pd.to_datetime(text, format=written, errors="coerce", utc=True)
        return read.dt.tz_convert(city_zone).dt.tz_localize(None).astype("datetime64[us]")
    if _ADJOINING.search(written):
        # With a figure left out, 2026111 might be the first of November or the eleventh of January.
        text = text.where(text.str.len() == len(datetime(2000, 10, 10, 10, 10, 10).strftime(written)))
    read = pd.to_datetime(text, format=written, errors="coerce").astype("datetime64[us]")
    if source_zone == city_zone:
        return read
    second = np.zeros(len(read), dtype=bool)
    placed = read.dt.tz_localize(source_zone, ambiguous=second, nonexistent="shift_forward")
    return placed.dt.tz_convert(city_zone).dt.tz_localize(None).astype("datetime64[us]")


def _replaced(column: pd.Series[str], pattern: str, by: str) -> pd.Series[str]:
    """The column with what `pattern` (RE2) finds replaced; the very column where it finds nothing."""
    texts = pa.array(column, type=pa.large_string(), from_pandas=True)
    if not pc.any(pc.match_substring_regex(texts, pattern)).as_py():
        return column
    changed = pc.replace_substring_regex(texts, pattern, by)
    return pd.Series(changed.to_pandas(), index=column.index, name=column.name, dtype="str")


def whole_second(moment: datetime) -> datetime:
    """Return the moment without its fraction of a second, as the warehouse keeps times of its own."""
    return moment - timedelta(microseconds=moment.microsecond)

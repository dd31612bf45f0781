"""Reading single fields: what counts as a time, a number, a word, and what does not."""

from __future__ import annotations

import pandas as pd
import pytest

from warehouse.ingest import values
from warehouse.ingest.mapping import ABSENT, YEAR_FIRST
from warehouse.ingest.targets import FLAG_WORDS, TARGETS, vocabulary

SHANGHAI = "Asia/Shanghai"


def column(*texts: str) -> pd.Series[str]:
    return values.present(pd.Series(list(texts), dtype="str"), frozenset(ABSENT))


def read(text: str, formats: tuple[str, ...] = YEAR_FIRST, zone: str = SHANGHAI, city: str = SHANGHAI) -> str:
    """The time as text, '' where none was given, 'bad' where it is no time."""
    found, bad = values.times(column(text), formats, zone, city)
    if bad.iloc[0]:
        assert found.isna().all()
        return "bad"
    return "" if found.isna().all() else str(found.iloc[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05 10:20:30", "2026-03-05 10:20:30"),
        ("2026-03-05 10:20:30.250000", "2026-03-05 10:20:30.250000"),
        ("2026-3-5 9:05", "2026-03-05 09:05:00"),
        ("2026/3/5", "2026-03-05 00:00:00"),
        ("2026年3月5日 10:20", "2026-03-05 10:20:00"),
        ("２０２６年３月５日", "2026-03-05 00:00:00"),
        ("20260305102030", "2026-03-05 10:20:30"),
        ("20260305", "2026-03-05 00:00:00"),
        (" 2026-03-05\u3000", "2026-03-05 00:00:00"),
        ("", ""),
        ("NULL", ""),
        ("2026.3.5 9:05", "2026-03-05 09:05:00"),
        ("2026年3月5日9时5分", "2026-03-05 09:05:00"),
        ("2026-03-05T10:20:30.5Z", "2026-03-05 18:20:30.500000"),
        ("2026111", "bad"),  # the first of November, or the eleventh of January
        ("202635", "bad"),
        ("2026030510203", "bad"),
        ("2026-02-29", "bad"),
        ("05/03/2026", "bad"),
        ("1899-12-31", "bad"),
        ("2100-01-01", "bad"),
        ("昨天", "bad"),
    ],
)
def test_a_time(text: str, expected: str) -> None:
    assert read(text) == expected


def test_a_time_in_a_format_of_the_mapping() -> None:
    american = ("%m/%d/%Y %I:%M:%S %p",)
    assert read("01/02/2015 12:20:09 AM", american) == "2015-01-02 00:20:09"
    assert read("01/02/2015 12:20:09 PM", american) == "2015-01-02 12:20:09"


def test_each_entry_is_read_by_the_first_format_that_fits() -> None:
    found, bad = values.times(column("05/03/2026", "2026-03-05", "x"), ("%d/%m/%Y",), SHANGHAI, SHANGHAI)
    assert found.dt.strftime("%Y-%m-%d").to_list()[:2] == ["2026-03-05", "2026-03-05"]
    assert bad.to_list() == [False, False, True]


def test_times_of_another_zone_become_the_citys_wall_clock() -> None:
    assert read("2026-03-05 10:00", zone="UTC") == "2026-03-05 18:00:00"
    assert read("2026-03-05T10:00:00+0000", ("%Y-%m-%dT%H:%M:%S%z",)) == "2026-03-05 18:00:00"


def test_the_hours_of_clock_changes_are_kept() -> None:
    # New York: 02:30 on 8 March 2026 never was; 01:30 on 1 November was twice, the second time at 06:30 UTC.
    assert read("2026-03-08 02:30", zone="America/New_York", city="UTC") == "2026-03-08 07:00:00"
    assert read("2026-11-01 01:30", zone="America/New_York", city="UTC") == "2026-11-01 06:30:00"
    assert read("2026-03-08 02:30", zone="America/New_York", city="America/New_York") == "2026-03-08 02:30:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ("'tis", "'tis"),
        ('="0012', '="0012'),
        ("=1+1", "=1+1"),
        ('=" NULL "', None),
    ],
)
def test_what_was_written_for_a_spreadsheet_to_keep_as_text(text: str, expected: str | None) -> None:
    found = column(text)
    assert (None if found.isna().iloc[0] else found.iloc[0]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13812345678.0", "13812345678"),
        ("12.00", "12"),
        ("12.5", "12.5"),
        ("0012", "0012"),
        ("3.30106E+17", "lost"),
        ("3E+5", "lost"),
        ("3E5", "3E5"),
        ("XF3.30106E+17", "XF3.30106E+17"),
    ],
)
def test_a_number_that_names_something(text: str, expected: str) -> None:
    found, damaged = values.numbers(column(text, ""))
    assert ("lost" if damaged.iloc[0] else found.iloc[0]) == expected
    assert damaged.iloc[0] == found.isna().iloc[0]
    assert found.isna().iloc[1]
    assert not damaged.iloc[1]


def test_what_nobody_sees_is_taken_out_and_what_parts_words_is_kept() -> None:
    texts = pd.Series(["a\x00b\u200bc\ufeff\u202ed\u3000e\tf\ng\rh", "路灯", None], dtype="str")
    found = values.visible(texts)
    assert found.to_list()[:2] == ["abcd\u3000e\tf\ng\rh", "路灯"]
    assert found.isna().to_list() == [False, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("３", 3),
        ("3.0", 3),
        ("0", 0),
        ("3.5", "bad"),
        ("-1", "bad"),
        ("三", "bad"),
        ("9999999999", "bad"),
    ],
)
def test_a_count(text: str, expected: int | str) -> None:
    found, bad = values.counts(column(text))
    assert ("bad" if bad.iloc[0] else found.iloc[0]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("120.15", 120.15), ("-71.0587", -71.0587), ("190", "bad"), ("nan", "bad"), ("东经120", "bad")],
)
def test_degrees(text: str, expected: float | str) -> None:
    found, bad = values.degrees(column(text), 180.0)
    assert ("bad" if bad.iloc[0] else found.iloc[0]) == expected


def test_words_are_translated_then_looked_up_without_regard_to_capitals() -> None:
    levels = TARGETS["satisfaction"].words
    found, unknown = values.words(
        column("满意", "SATISFIED", "很好", "差", ""), {"很好": "满意"}, levels, None
    )
    assert found.to_list()[:3] == [1, 1, 1]
    assert unknown.to_list() == [False, False, False, True, False]


def test_a_default_takes_what_is_unknown_and_what_is_missing() -> None:
    found, unknown = values.words(column("是", "也许", ""), {}, FLAG_WORDS, "否")
    assert found.to_list() == [1, 0, 0]
    assert not unknown.any()


@pytest.mark.parametrize("target", [key for key in TARGETS if vocabulary(key)])
def test_every_word_is_in_small_letters_or_it_would_never_be_found(target: str) -> None:
    assert [word for word in vocabulary(target) if word != word.casefold()] == []

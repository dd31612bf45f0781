"""A mapping is checked whole; every fault names file and key, and the guide knows every key."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from warehouse.errors import BadMapping
from warehouse.ingest import mapping as mappings
from warehouse.ingest.mapping import read_mapping
from warehouse.ingest.targets import TARGETS

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "mapping.md"
GOOD = """
city = "boston"
[columns]
source_case_no = "编号"
registered_at = "登记"
"""


def read(tmp_path: Path, text: str) -> mappings.Mapping:
    path = tmp_path / "some.toml"
    path.write_text(text)
    return read_mapping(str(path))


def test_the_shortest_mapping_has_every_default(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert (found.name, found.city, found.headers()) == ("some", "boston", ("编号", "登记"))
    assert found.dedup == ("source_case_no",)
    assert found.same_matter == ("category2", "address")
    assert found.as_of is None
    assert read(tmp_path, GOOD + 'matter = "关联"').same_matter == ("matter",)


@pytest.mark.parametrize("name", mappings.names())
def test_the_shipped_mappings_are_sound(name: str) -> None:
    assert read_mapping(name).name == name


def test_the_canonical_mapping_knows_every_canonical_header() -> None:
    canonical = read_mapping("canonical")
    left_out = {"category", "matter"}  # other forms of category1 to 4, and of the address
    assert set(canonical.columns) == set(TARGETS) - left_out
    assert all(column.header == TARGETS[key].header for key, column in canonical.columns.items())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("citty = 'boston'\n" + GOOD, "citty is not a key of a mapping; did you mean 'city'?"),
        (
            GOOD.replace("registered_at", "registerd_at"),
            r"registerd_at is not .* did you mean 'registered_at'",
        ),
        (GOOD.replace("registered_at", "registerd_at"), r"\[columns\] registered_at is missing"),
        (GOOD.replace('city = "boston"', ""), "city is missing; write one of: "),
        (GOOD.replace("boston", "bostn"), "city is 'bostn'; allowed: 'boston'"),
        ('time_zone = "China"\n' + GOOD, "time_zone 'China' is not known"),
        ('coordinate_system = "GCJ02"\n' + GOOD, "coordinate_system is 'GCJ02'; allowed: 'WGS84', 'GCJ-02'"),
        ("absent_coordinates = [[30.2, 120.1]]\n" + GOOD, r"latitude beyond 90°; write \[longitude"),
        ("absent_coordinates = [1, 2]\n" + GOOD, r"must be a list of \[longitude, latitude\] pairs"),
        ('date_formats = "%Y"\n' + GOOD, "date_formats must be a list of texts"),
        ('dedup = ["title"]\n' + GOOD, "dedup names 'title'; choose one of"),
        ('dedup = ["unit"]\n' + GOOD, r"dedup names 'unit', which \[columns\] does not fill"),
        ("dedup = []\n" + GOOD, "dedup is empty; name at least one of"),
        ('same_matter = ["adress"]\n' + GOOD, "same_matter names 'adress'; did you mean 'address'"),
        ('deadlines = "national"\n' + GOOD, "deadlines is 'national'; allowed: 'national_2022'"),
        ('as_of = "today"\n' + GOOD, "as_of must be a date such as 2026-10-31"),
        ("header_row = 0\n" + GOOD, "header_row must be a whole number from 1 on, found 0"),
        ('delimiter = "::"\n' + GOOD, "delimiter is '::'; allowed: ',', ';'"),
        (
            'missing_columns = "ignore"\n' + GOOD,
            "missing_columns is 'ignore'; allowed: 'refuse', 'leave_empty'",
        ),
        ('columns = "x"\ncity = "boston"', r"columns must be a table; write \[columns\]"),
        (GOOD + "title = 3", r"\[columns\] title must be a source column's name or a table"),
        (GOOD + "title = { form = 'x' }", r"\[columns\] title\.form is not a key .* did you mean 'from'"),
        (GOOD + "title = { }", "title needs exactly one of 'from'"),
        (GOOD + "title = { from = 'x', constant = 'y' }", "title needs exactly one of 'from'"),
        (GOOD + "title = ''", "title.from must be a text that is not empty"),
        (GOOD + "title = { from = 'x', values = { a = 'b' } }", "title has no fixed words"),
        (
            GOOD + "channel = { from = 'x', unknown = 'add' }",
            "unknown is 'add'; allowed: 'not_stated', 'reject'",
        ),
        (
            GOOD + "channel = { from = 'x', unknown = 'reject', default = 'y' }",
            "both 'default' and 'unknown'",
        ),
        (GOOD + "channel = { from = 'x', values = { a = 1 } }", "values must be a table of texts"),
        (
            GOOD + "channel = { constant = 'hotline_cal' }",
            "says 'hotline_cal', .* did you mean 'hotline_call'",
        ),
        (
            GOOD + "satisfaction = { from = 'x', values = { a = '很满意' } }",
            "says '很满意', which is no word of it",
        ),
        (GOOD + "category = 'x'", "'separator' belongs to 'category', which needs it"),
        (GOOD + "source = { from = 'x', separator = '/' }", "'separator' belongs to 'category'"),
        (
            GOOD + "category = { from = 'x', separator = '/' }\ncategory1 = 'y'",
            "cannot stand beside 'category'",
        ),
        (GOOD + "category1 = 'x'\ncategory3 = 'y'", "category3 lacks a level above it"),
        (GOOD + "lon = 'x'", "lon and 'lat' belong together"),
        (
            "personal = ['电话']\n" + GOOD + "title = '电话'",
            "title would store '电话', which 'personal' lists",
        ),
    ],
)
def test_a_fault_names_file_key_and_cure(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadMapping, match=rf"some\.toml: .*{said}"):
        read(tmp_path, text)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadMapping) as raised:
        read(tmp_path, "citty = 'x'\nheader_row = 0\n[columns]\ntitel = 'x'\n")
    assert (
        len(str(raised.value).splitlines()) == 6
    )  # citty, header_row, titel, city and the two required columns


def test_a_mapping_that_is_not_there_offers_those_that_are() -> None:
    with pytest.raises(
        BadMapping, match=r"no mapping 'boston' .* did you mean 'boston311'\?, or give the path"
    ):
        read_mapping("boston")


def test_a_mapping_that_is_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match=r"some\.toml is not readable as TOML .*line 1"):
        read(tmp_path, "city = \n")


def test_a_date_is_an_as_of(tmp_path: Path) -> None:
    assert read(tmp_path, "as_of = 2026-10-31\n" + GOOD).as_of == date(2026, 10, 31)


def test_missing_source_columns_are_all_named_with_what_was_meant(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD + 'title = "标 题"\n')
    with pytest.raises(BadMapping) as raised:
        found.fitted(("编 号", "登记", "标题"), "export.csv")
    first, second = str(raised.value).splitlines()
    assert "source_case_no names the source column '编号', which export.csv does not have" in first
    assert "title names the source column '标 题'" in second
    assert "did you mean '标题'?" in second


def test_missing_columns_may_be_left_empty_but_not_the_required_ones(tmp_path: Path) -> None:
    found = read(tmp_path, 'missing_columns = "leave_empty"\n' + GOOD + 'title = "标题"\n')
    fitted, missing = found.fitted(("编号", "登记"), "export.csv")
    assert (set(fitted.columns), missing) == ({"source_case_no", "registered_at"}, ("标题",))
    with pytest.raises(BadMapping, match=r"'登记', which export\.csv does not have"):
        found.fitted(("编号",), "export.csv")


def test_the_guide_explains_every_key_and_every_canonical_column() -> None:
    explained = set(re.findall(r"`([a-z0-9_]+)`", GUIDE.read_text(encoding="utf-8")))
    wanted = {*mappings.KEYS, *mappings.COLUMN_KEYS, *TARGETS}
    assert sorted(wanted - explained) == []


def test_every_mapping_printed_in_the_guide_is_sound(tmp_path: Path) -> None:
    printed = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert printed
    for text in printed:
        if "[columns]" in text and "city" in text:
            read(tmp_path, text)

"""A city is read whole, or refused in one sentence that names the file and the key or row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from warehouse.cities import CITIES, cities, load_regions, read_city
from warehouse.errors import BadCity
from warehouse.schema import METADATA, region

SETTINGS = """
key = "tiny"
name_zh = "小城"
name_en = "Tiny"
time_zone = "Asia/Shanghai"
coordinate_system = "WGS84"
regions = "regions.csv"
boundaries = "districts.geojson"
attribution_zh = "无"
attribution_en = "none"
[view]
longitude = 120.0
latitude = 30.0
zoom = 8
"""
REGIONS = """code,parent_code,level,kind,name_zh,name_en,peer_group,population,area_km2,lon,lat
00,,1,city,小城,Tiny,,300,9.5,120.0,30.0
01,00,2,district,东区,East,urban,100,4.5,120.1,30.1
0101,01,3,town,镇,Town,town,,,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of cities that holds the one city `tiny`."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "city.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "tiny" / "regions.csv").write_text(REGIONS, encoding="utf-8")
    (tmp_path / "tiny" / "districts.geojson").write_text("{}", encoding="utf-8")
    return tmp_path


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_regions_take_keys_in_the_order_of_the_file(folder: Path) -> None:
    rows = read_city("tiny", folder).regions
    assert rows[["region_id", "code", "parent_id", "level"]].values.tolist() == [
        [0, "not_stated", 0, 0],
        [1, "00", 0, 1],
        [2, "01", 1, 2],
        [3, "0101", 2, 3],
    ]
    assert list(rows.columns) == [column.name for column in region.columns]


def test_the_map_is_optional(folder: Path) -> None:
    assert read_city("tiny", folder).boundary == folder / "tiny" / "districts.geojson"
    _change(folder / "tiny" / "city.toml", 'boundaries = "districts.geojson"', "")
    assert read_city("tiny", folder).boundary is None


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "city.toml",
            'key = "tiny"',
            'key = "huge"',
            "the key 'key' is 'huge'; it must be the folder's name 'tiny'",
        ),
        ("city.toml", 'name_zh = "小城"', "", "the key 'name_zh' must be a text"),
        ("city.toml", "Asia/Shanghai", "Asia/Nowhere", "time_zone 'Asia/Nowhere' is not known"),
        ("city.toml", "WGS84", "GCJ-02", "coordinate_system is 'GCJ-02'; convert"),
        (
            "city.toml",
            "zoom = 8",
            "zoom = 80",
            "'zoom' in \\[view\\] must be a number from 0 to 22, found 80",
        ),
        ("city.toml", "longitude = 120.0", "", "'longitude' in \\[view\\] must be a number"),
        ("city.toml", "[view]", "[vista]", "the key 'vista' is not known"),
        ("city.toml", 'key = "tiny"', "key = ", "is not valid TOML"),
        (
            "city.toml",
            "districts.geojson",
            "borders.geojson",
            "'boundaries' names borders.geojson, which is missing",
        ),
        ("city.toml", "regions.csv", "places.csv", "places.csv is missing"),
        ("regions.csv", "code,parent_code", "code,parent", "the columns are code, parent, level"),
        ("regions.csv", "0101,01,3", "01,01,3", "row 4: code stands twice"),
        ("regions.csv", "0101,01,3", ",01,3", "row 4: code is empty"),
        (
            "regions.csv",
            "0101,01,3",
            "0101,09,3",
            "row 4: parent_code names no region of this file \\(found '09'\\)",
        ),
        ("regions.csv", "0101,01,3", "0101,01,4", "row 4: parent must be one level above"),
        ("regions.csv", "0101,01,3", "0101,01,7", "row 4: level must be 1, 2, 3 or 4"),
        ("regions.csv", "01,00,2", "01,00,1", "row 2: the first row, and only it, must be the city"),
        ("regions.csv", "urban,100,", "urban,many,", "row 3: population must be a number \\(found 'many'\\)"),
        ("regions.csv", "120.1,30.1", "30.1,120.1", "row 3: lat must lie between -90 and 90"),
    ],
)
def test_a_fault_is_one_sentence(folder: Path, file: str, old: str, new: str, sentence: str) -> None:
    _change(folder / "tiny" / file, old, new)
    with pytest.raises(BadCity, match=sentence) as caught:
        read_city("tiny", folder)
    assert str(folder / "tiny") in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_an_unknown_city_names_the_known_ones(folder: Path) -> None:
    with pytest.raises(BadCity, match=r"There is no city 'atlantis' .* choose one of: tiny"):
        read_city("atlantis", folder)


def test_a_region_table_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "tiny" / "regions.csv").write_bytes(REGIONS.encode("gb18030"))
    with pytest.raises(BadCity, match="is not a CSV file in UTF-8"):
        read_city("tiny", folder)


def test_hangzhou_is_whole() -> None:
    rows = read_city("hangzhou").regions
    assert rows.groupby("level").size().to_dict() == {0: 1, 1: 1, 2: 13, 3: 196, 4: 3320}
    districts = rows[rows["level"] == 2]
    assert districts["population"].sum() == rows.loc[rows["level"] == 1, "population"].item() == 11_936_010
    assert set(districts["peer_group"]) == {"urban", "suburban"}


def test_every_city_of_the_suite_is_read() -> None:
    assert cities() == tuple(sorted(path.name for path in CITIES.iterdir() if path.is_dir()))
    for key in cities():
        with create_engine("duckdb:///:memory:").begin() as connection:
            METADATA.create_all(connection)
            load_regions(connection, read_city(key))
            load_regions(connection, read_city(key))
            stored = connection.execute(select(func.count()).select_from(region)).scalar_one()
        assert stored == len(read_city(key).regions)


def test_a_city_can_be_moved(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "tiny", tmp_path / "elsewhere" / "tiny")
    assert cities(tmp_path / "elsewhere") == ("tiny",)

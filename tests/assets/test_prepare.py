"""The prepared assets are complete, fit together, and are what the reference data gives."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import shapely
from PIL import Image
from shapely.geometry import shape

from assets import prepare

ASSETS = Path(prepare.__file__).parent
CITIES = ASSETS / "cities"
FONT = ASSETS / "fonts" / "noto-sans-sc"

needs_reference = pytest.mark.skipif(
    not prepare.REFERENCE.is_dir(), reason="the reference data ../shared/data is not beside the checkout"
)


def regions(city: str) -> list[dict[str, str]]:
    return prepare.rows(CITIES / city / "regions.csv")


@pytest.fixture(scope="module")
def hangzhou() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in regions("hangzhou")}


@pytest.fixture(scope="module")
def districts() -> dict[str, shapely.Geometry]:
    collection = json.loads((CITIES / "hangzhou" / "districts.geojson").read_text(encoding="utf-8"))
    return {feature["properties"]["code"]: shape(feature["geometry"]) for feature in collection["features"]}


# --- every city -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("city", ["hangzhou", "boston"])
def test_city_says_what_it_is_made_of(city: str) -> None:
    settings = tomllib.loads((CITIES / city / "city.toml").read_text(encoding="utf-8"))
    assert settings["key"] == city
    assert settings["coordinate_system"] == "WGS84"
    named = [settings[key] for key in ("regions", "boundaries") if key in settings]
    assert [name for name in named if not (CITIES / city / name).is_file()] == []


@pytest.mark.parametrize("city", ["hangzhou", "boston"])
def test_codes_are_unique_and_parents_come_first(city: str) -> None:
    seen: dict[str, int] = {"": 0}
    for row in regions(city):
        assert row["code"] not in seen
        assert seen[row["parent_code"]] == int(row["level"]) - 1
        seen[row["code"]] = int(row["level"])


@pytest.mark.parametrize("city", ["hangzhou", "boston"])
def test_every_region_has_both_names(city: str) -> None:
    assert [row["code"] for row in regions(city) if not (row["name_zh"] and row["name_en"])] == []


# --- Hangzhou ---------------------------------------------------------------------------------------------


def test_counts_of_each_level_and_kind(hangzhou: dict[str, dict[str, str]]) -> None:
    assert Counter(row["level"] for row in hangzhou.values()) == {"1": 1, "2": 13, "3": 196, "4": 3320}
    kinds = Counter(row["kind"] for row in hangzhou.values() if row["level"] == "3")
    assert kinds == {"subdistrict": 93, "town": 75, "township": 23, "statistical_area": 5}


def test_population_is_the_census_total(hangzhou: dict[str, dict[str, str]]) -> None:
    assert hangzhou["330100"]["population"] == "11936010"
    counted = {row["level"] for row in hangzhou.values() if row["population"]}
    assert counted == {"1", "2"}


def test_peer_groups(hangzhou: dict[str, dict[str, str]]) -> None:
    groups = Counter((row["level"], row["peer_group"]) for row in hangzhou.values() if row["peer_group"])
    assert groups == {("2", "urban"): 8, ("2", "suburban"): 5, ("3", "street"): 93, ("3", "town"): 98}


@pytest.mark.parametrize(
    ("code", "english"),
    [
        ("330112", "Lin'an District"),
        ("330182", "Jiande City"),
        ("330102001", "Qingbo Subdistrict"),
        ("330122201", "Eshan She Ethnic Township"),
        ("330109401", "Xiaoshan Economic and Technological Development Zone"),
    ],
)
def test_english_names(hangzhou: dict[str, dict[str, str]], code: str, english: str) -> None:
    assert hangzhou[code]["name_en"] == english


@pytest.mark.parametrize(
    ("name", "kind", "english"),
    [
        ("长庆街道", "subdistrict", "Changqing Subdistrict"),  # 长 chang, not zhang
        ("朝晖街道", "subdistrict", "Zhaohui Subdistrict"),
        ("闸弄口街道", "subdistrict", "Zhanongkou Subdistrict"),
        ("三都镇", "town", "Sandu Town"),
        ("长安村委会", "village", "Chang'an Village"),
        ("外源村村委会", "village", "Waiyuan Village"),
        ("范村村村民委员会", "village", "Fancun Village"),
        ("梵村委会", "village", "Fancun Village"),
        ("沈冠村村委会村委会", "village", "Shenguan Village"),
        ("艾溪（西湖）社区", "community", "Aixi (Xihu) Community"),
        ("围垦生活区", "other", "Weiken Living Area"),
    ],
)
def test_place_names_are_read_as_places(name: str, kind: str, english: str) -> None:
    readings = prepare.load_readings(CITIES / "hangzhou" / "readings.toml")
    assert prepare.named(name, readings["characters"]) == (kind, english)


def test_unknown_ending_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="add it to ENDINGS"):
        prepare.named("某某大厦", {})


def test_names_need_no_tone_marks() -> None:
    letters = re.compile(r"[A-Za-zü'() -]+")
    assert [row["name_en"] for row in regions("hangzhou") if not letters.fullmatch(row["name_en"])] == []


# --- boundaries -------------------------------------------------------------------------------------------


def test_neighbours_share_their_border(districts: dict[str, shapely.Geometry]) -> None:
    assert shapely.coverage_is_valid(list(districts.values()))
    whole = shapely.union_all(list(districts.values()))
    assert whole.geom_type == "Polygon"
    assert shapely.get_num_interior_rings(whole) == 0


def test_points_lie_in_their_own_district(
    hangzhou: dict[str, dict[str, str]], districts: dict[str, shapely.Geometry]
) -> None:
    placed = [row for row in hangzhou.values() if row["lon"] and row["level"] in {"2", "3"}]
    assert Counter(row["level"] for row in placed) == {"2": 13, "3": 126}
    for row in placed:
        district = districts[row["code"] if row["level"] == "2" else row["parent_code"]]
        point = shapely.Point(float(row["lon"]), float(row["lat"]))
        # A simplified border may pass on the other side of a town on the river: 300 m.
        assert district.distance(point) < 0.003, row["name_zh"]


@pytest.mark.parametrize(
    ("point", "stored"),
    [((120.1234567, 30.5), ("120.12346", "30.50000")), ((121.5, 30.5), ("", "")), (None, ("", ""))],
)
def test_point_outside_its_district_is_left_blank(
    point: tuple[float, float] | None, stored: tuple[str, str]
) -> None:
    assert prepare.placed(point, shapely.box(120, 30, 121, 31)) == stored


def test_boundaries_stay_small() -> None:
    assert (CITIES / "hangzhou" / "districts.geojson").stat().st_size < 105_000


# --- Boston -----------------------------------------------------------------------------------------------


def test_boston_is_known_by_its_region_table_alone() -> None:
    rows = regions("boston")
    assert Counter(row["level"] for row in rows) == {"1": 1, "2": 23}
    assert all(re.fullmatch(r"[a-z][a-z-]+", row["code"]) for row in rows)
    assert "boundaries" not in tomllib.loads((CITIES / "boston" / "city.toml").read_text(encoding="utf-8"))


# --- fonts and images -------------------------------------------------------------------------------------


def test_font_needs_nothing_but_its_own_folder() -> None:
    wanted = re.findall(r"url\(([^)]+)\)", (FONT / "noto-sans-sc.css").read_text(encoding="utf-8"))
    assert len(wanted) == 101
    assert {(FONT / each).resolve() for each in wanted} == set(FONT.glob("*.woff2"))
    assert "SIL OPEN FONT LICENSE" in (FONT / "OFL.txt").read_text(encoding="utf-8")


def test_favicon_is_the_drawn_mark() -> None:
    with Image.open(ASSETS / "images" / "favicon.png") as stored:
        assert stored.size == (64, 64)
        assert stored.convert("RGBA").tobytes() == prepare.favicon().tobytes()


# --- from the reference data ------------------------------------------------------------------------------


def written(table: list[prepare.Region], folder: Path) -> str:
    prepare.write_regions(folder / "regions.csv", table)
    return (folder / "regions.csv").read_text(encoding="utf-8")


@needs_reference
def test_hangzhou_comes_from_the_reference_data(tmp_path: Path) -> None:
    table, boundaries = prepare.hangzhou(prepare.REFERENCE)
    assert written(table, tmp_path) == (CITIES / "hangzhou" / "regions.csv").read_text(encoding="utf-8")
    stored = json.loads((CITIES / "hangzhou" / "districts.geojson").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(boundaries)) == stored


@needs_reference
def test_boston_comes_from_the_reference_data(tmp_path: Path) -> None:
    table = prepare.boston(prepare.REFERENCE)
    assert written(table, tmp_path) == (CITIES / "boston" / "regions.csv").read_text(encoding="utf-8")


@needs_reference
def test_a_census_for_another_district_is_refused(tmp_path: Path) -> None:
    for folder in ("hangzhou_admin_codes", "hangzhou_districts"):
        (tmp_path / folder).symlink_to(prepare.REFERENCE / folder)
    source = prepare.REFERENCE / "hangzhou_population" / "hangzhou_population_2020census.csv"
    shifted = source.read_text(encoding="utf-8").replace("上城区", "下城区")
    (tmp_path / "hangzhou_population").mkdir()
    (tmp_path / "hangzhou_population" / source.name).write_text(shifted, encoding="utf-8")
    with pytest.raises(ValueError, match=r"census\.csv calls district 330102 下城区 .* says 上城区"):
        prepare.hangzhou(tmp_path)

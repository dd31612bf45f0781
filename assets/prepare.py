"""Prepares assets/cities and assets/images from the reference data; the only file that writes them.

Run from the repository root: ``python -m assets.prepare [REFERENCE_DATA]`` (default ``../shared/data``).
The same input always gives the same bytes. Where each source comes from stands in assets/SOURCES.md.
"""

import csv
import gzip
import io
import json
import math
import re
import statistics
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import shapely
from PIL import Image, ImageDraw
from pypinyin import Style, lazy_pinyin, load_phrases_dict
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

ASSETS = Path(__file__).resolve().parent
REFERENCE = ASSETS.parent.parent / "shared" / "data"

HANGZHOU = "330100"
URBAN = {"330102", "330105", "330106", "330108", "330109", "330110", "330113", "330114"}
# Degrees, about 150 m: the borders stay recognisable at city scale and the file under 90 KB.
SIMPLIFY = 0.0015
# Decimals of a degree: 5 are about one metre.
PLACES = 5

# Ending in Chinese → (kind, ending in English). The first that fits wins, so longer endings come first.
ENDINGS = (
    ("类似社区", "other", "Quasi-community"),
    ("虚拟社区", "other", "Virtual Community"),
    ("生活区", "other", "Living Area"),
    ("社区居民委员会", "community", "Community"),
    ("社区居委会", "community", "Community"),
    ("居民委员会", "community", "Community"),
    ("居委会", "community", "Community"),
    ("社区", "community", "Community"),
    ("村村民委员会", "village", "Village"),
    ("村民委员会", "village", "Village"),
    ("村村委会", "village", "Village"),
    ("村委会", "village", "Village"),
    ("街道", "subdistrict", "Subdistrict"),
    ("民族乡", "township", "Ethnic Township"),
    ("畲族乡", "township", "She Ethnic Township"),
    ("镇", "town", "Town"),
    ("乡", "township", "Township"),
)
STREET_PEERS = {"subdistrict": "street", "town": "town", "township": "town"}

# Boston 311 writes this point where it knows no place: 17 070 cases in 2015.
BOSTON_UNKNOWN_PLACE = ("42.3594", "-71.0587")

INDIGO, PAPER, RAIN = "#274C8F", "#F6F7F9", "#8FB3E8"


@dataclass(frozen=True)
class Region:
    """One row of a region table; population in persons, area in km², lon and lat in degrees WGS84."""

    code: str
    parent_code: str
    level: int
    kind: str
    name_zh: str
    name_en: str
    peer_group: str = ""
    population: str = ""
    area_km2: str = ""
    lon: str = ""
    lat: str = ""


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, every value as text: codes keep their leading digits."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def write_regions(path: Path, regions: Iterable[Region]) -> None:
    """Writes a region table: UTF-8, LF, one header line, parents before children."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Region))
        writer.writerows(astuple(region) for region in regions)


def degrees(value: float) -> str:
    """A coordinate with one metre's precision."""
    return f"{value:.{PLACES}f}"


# --- English names -----------------------------------------------------------------------------------------


def load_readings(path: Path) -> dict[str, dict[str, str]]:
    """Reads the hand-checked readings and teaches their words to pypinyin."""
    readings: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    load_phrases_dict(
        {word: [[sound] for sound in sounds.split()] for word, sounds in readings["words"].items()}
    )
    return readings


def romanised(name: str, characters: Mapping[str, str]) -> str:
    """A Chinese name as one capitalised word: 长安 → Chang'an.

    Set apart by an apostrophe where a syllable opens with a, o or e, as GB/T 16159 asks. Brackets become a
    word of their own: 艾溪（西湖） → Aixi (Xihu).
    """
    if bracket := re.fullmatch(r"(.+)（(.+)）", name):
        outer, inner = bracket.groups()
        return f"{romanised(outer, characters)} ({romanised(inner, characters)})"
    sounds = lazy_pinyin(name, style=Style.NORMAL, v_to_u=True)
    syllables = [characters.get(character, sound) for character, sound in zip(name, sounds, strict=True)]
    joined = syllables[0] + "".join("'" + s if s[0] in "aoe" else s for s in syllables[1:])
    return joined[0].upper() + joined[1:]


def named(name: str, characters: Mapping[str, str]) -> tuple[str, str]:
    """(kind, English name) of a street-level or village-level name."""
    for ending, kind, english in ENDINGS:
        if not name.endswith(ending):
            continue
        stem = name.removesuffix(ending)
        if stem.endswith("村委会"):  # the source doubles the ending once: 沈冠村村委会村委会
            stem = stem.removesuffix("村村委会")
        elif kind == "village" and len(stem) == 1:  # 梵村委会 is the committee of 梵村, not of 梵
            stem += "村"
        return kind, f"{romanised(stem, characters)} {english}"
    raise ValueError(f"No known ending in the place name {name}: add it to ENDINGS in assets/prepare.py.")


# --- Hangzhou ----------------------------------------------------------------------------------------------


def districts_kind(name_en: str) -> str:
    """Kind of a district-level unit by its English ending."""
    return {"District": "district", "County": "county", "City": "county_city"}[name_en.rsplit(maxsplit=1)[-1]]


def inner_point(polygon: BaseGeometry) -> tuple[float, float]:
    """(lon, lat) of the point furthest from the border: a label set there stays inside.

    Measured with longitudes shrunk to the local scale, otherwise the point leans north or south.
    """
    shrink = math.cos(math.radians(polygon.centroid.y))
    local = shapely.transform(polygon, lambda xy: xy * [shrink, 1.0])
    centre = shapely.get_point(shapely.maximum_inscribed_circle(local, tolerance=1e-4), 0)
    return centre.x / shrink, centre.y


def placed(point: tuple[float, float] | None, district: BaseGeometry) -> tuple[str, str]:
    """(lon, lat) of a point inside its own district; blanks for a point elsewhere, or none."""
    if point is None or not district.contains(shapely.Point(point)):
        return "", ""
    return degrees(point[0]), degrees(point[1])


def hangzhou(reference: Path) -> tuple[list[Region], dict[str, object]]:
    """Region table (city, 13 districts, 196 street-level units, 3 320 villages) and district boundaries."""
    readings = load_readings(ASSETS / "cities" / "hangzhou" / "readings.toml")
    characters, by_hand = readings["characters"], readings["names"]
    codes = reference / "hangzhou_admin_codes"
    census = {
        row["code"]: row
        for row in rows(reference / "hangzhou_population" / "hangzhou_population_2020census.csv")
    }
    collection = json.loads(
        (reference / "hangzhou_districts" / "hangzhou_districts_wgs84.geojson").read_text(encoding="utf-8")
    )
    polygons = {f["properties"]["code"]: shape(f["geometry"]) for f in collection["features"]}

    districts, names = [], {}
    for row in rows(codes / "districts.csv"):
        code, counted = row["code"], census[row["code"]]
        if counted["district"] != row["name"]:
            raise ValueError(
                f"hangzhou_population_2020census.csv calls district {code} {counted['district']} where "
                f"districts.csv says {row['name']}: bring the two to one division of the city."
            )
        names[code] = row["name"]
        centre = inner_point(polygons[code])
        english = readings["districts"][code]
        districts.append(
            Region(
                code=code,
                parent_code=HANGZHOU,
                level=2,
                kind=districts_kind(english),
                name_zh=row["name"],
                name_en=english,
                peer_group="urban" if code in URBAN else "suburban",
                population=counted["resident_pop_2020census"],
                area_km2=counted["area_km2_polygon"],
                lon=degrees(centre[0]),
                lat=degrees(centre[1]),
            )
        )
    city_lon, city_lat = inner_point(shapely.union_all(list(polygons.values())))
    city = Region(
        code=HANGZHOU,
        parent_code="",
        level=1,
        kind="city",
        name_zh="杭州市",
        name_en="Hangzhou",
        population=str(sum(int(district.population) for district in districts)),
        area_km2=f"{sum(float(district.area_km2) for district in districts):.1f}",
        lon=degrees(city_lon),
        lat=degrees(city_lat),
    )

    # Joined by (district, name): the code systems of the sources differ for 60 of the 191 units.
    points = {
        (row["district"], row["name"]): (float(row["lng_wgs84"]), float(row["lat_wgs84"]))
        for row in rows(reference / "hangzhou_street_points" / "hangzhou_street_points.csv")
        if row["lng_wgs84"]
    }
    streets = []
    for row in rows(codes / "streets.csv"):
        code, area = row["code"], row["areaCode"]
        try:
            kind, english = named(row["name"], characters)
        except ValueError:
            if code not in by_hand:
                raise
            kind, english = "statistical_area", ""
        lon, lat = placed(points.get((names[area], row["name"])), polygons[area])
        streets.append(
            Region(
                code=code,
                parent_code=area,
                level=3,
                kind=kind,
                name_zh=row["name"],
                name_en=by_hand.get(code, english),
                peer_group=STREET_PEERS.get(kind, ""),
                lon=lon,
                lat=lat,
            )
        )
    villages = []
    for row in rows(codes / "villages.csv"):
        kind, english = named(row["name"], characters)
        villages.append(Region(row["code"], row["streetCode"], 4, kind, row["name"], english))
    return [city, *districts, *streets, *villages], boundaries(polygons, names)


def boundaries(polygons: Mapping[str, BaseGeometry], names: Mapping[str, str]) -> dict[str, object]:
    """District polygons as GeoJSON, simplified together so that neighbours keep one shared border."""
    codes = sorted(polygons)
    simple = shapely.coverage_simplify([polygons[code] for code in codes], SIMPLIFY)
    rounded = [shapely.transform(polygon, lambda xy: xy.round(PLACES)) for polygon in simple]
    if not shapely.coverage_is_valid(rounded) or not all(polygon.is_valid for polygon in rounded):
        raise ValueError("Simplified districts no longer fit together: lower SIMPLIFY in assets/prepare.py.")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": code,
                "properties": {"code": code, "name": names[code]},
                "geometry": mapping(polygon),
            }
            for code, polygon in zip(codes, rounded, strict=True)
        ],
    }


# --- Boston ------------------------------------------------------------------------------------------------


def boston(reference: Path) -> list[Region]:
    """Region table of the city and its 23 neighbourhoods, each at the median of its located cases."""
    places: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows(reference / "boston311_2015" / "boston311_2015.raw.csv.gz"):
        if row["neighborhood"] and (row["LATITUDE"], row["LONGITUDE"]) != BOSTON_UNKNOWN_PLACE:
            places[row["neighborhood"]].append((float(row["LONGITUDE"]), float(row["LATITUDE"])))
    located = [place for neighbourhood in places.values() for place in neighbourhood]
    lon, lat = middle(located)
    regions = [Region("boston", "", 1, "city", "波士顿", "Boston", lon=lon, lat=lat)]
    for name in sorted(places):
        lon, lat = middle(places[name])
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        regions.append(
            Region(
                code="boston-unspecified" if slug == "boston" else slug,
                parent_code="boston",
                level=2,
                kind="district",
                name_zh=name,
                name_en=name,
                peer_group="neighbourhood",
                lon=lon,
                lat=lat,
            )
        )
    return regions


def middle(places: list[tuple[float, float]]) -> tuple[str, str]:
    """(lon, lat) of the median of some places, each axis by itself."""
    longitudes, latitudes = zip(*places, strict=True)
    return degrees(statistics.median(longitudes)), degrees(statistics.median(latitudes))


# --- Mark --------------------------------------------------------------------------------------------------


def favicon(size: int = 64) -> Image.Image:
    """The mark 晴雨: a sun on the left half, a rain drop on the right, on an indigo tile."""
    big = size * 8  # drawn large and scaled down: pillow has no smooth edges of its own
    image = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, big - 1, big - 1), radius=big // 5, fill=INDIGO)
    middle, radius = big / 2, big * 0.21
    for angle in range(105, 256, 30):  # six rays, all on the sun's own half
        direction = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        near, far = radius * 1.32, radius * 1.82
        draw.line(
            [(middle + direction[0] * reach, middle + direction[1] * reach) for reach in (near, far)],
            fill=PAPER,
            width=big // 22,
        )
    draw.pieslice((middle - radius, middle - radius, middle + radius, middle + radius), 90, 270, fill=PAPER)
    drop = []
    for step in range(181):  # right half of a drop: point above, round below
        turn = math.pi * step / 180
        width = math.sin(turn) * math.sin(turn / 2) ** 1.6
        drop.append((middle + big * 0.028 + radius * 1.28 * width, middle - radius * 1.62 * math.cos(turn)))
    draw.polygon(drop, fill=RAIN)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main(reference: Path = REFERENCE) -> None:
    """Writes every prepared asset, saying each file."""
    if not reference.is_dir():
        raise SystemExit(f"No reference data at {reference}: give its folder as the first argument.")
    cities = ASSETS / "cities"
    regions, districts = hangzhou(reference)
    write_regions(cities / "hangzhou" / "regions.csv", regions)
    compact = json.dumps(districts, ensure_ascii=False, separators=(",", ":"))
    (cities / "hangzhou" / "districts.geojson").write_text(compact + "\n", encoding="utf-8")
    write_regions(cities / "boston" / "regions.csv", boston(reference))
    favicon().save(ASSETS / "images" / "favicon.png", optimize=True)
    print("Wrote the region tables, district boundaries and favicon under assets/.")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))

"""The only file that reads a city: its name, time zone, map and the table of its regions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
from sqlalchemy import Connection

from warehouse import frames
from warehouse.errors import BadCity
from warehouse.schema import NOT_STATED, RegionLevel, region

CITIES = Path(__file__).resolve().parent.parent / "assets" / "cities"
CITY_ID = 1
SETTINGS = (
    "attribution_en",
    "attribution_zh",
    "boundaries",
    "coordinate_system",
    "key",
    "name_en",
    "name_zh",
    "regions",
    "time_zone",
    "view",
)
COLUMNS = (
    "code",
    "parent_code",
    "level",
    "kind",
    "name_zh",
    "name_en",
    "peer_group",
    "population",
    "area_km2",
    "lon",
    "lat",
)


@dataclass(frozen=True, eq=False)
class City:
    """A city as configured in assets/cities/<key>: lon and lat in degrees WGS84, zoom in web-map levels.

    `boundary` is the GeoJSON file of its districts, or None. `regions` has exactly the columns of
    schema.region: key 0 is 未明确, 1 the city, the rest in the order of the file.
    """

    key: str
    name_zh: str
    name_en: str
    time_zone: str
    lon: float
    lat: float
    zoom: float
    boundary: Path | None
    attribution_zh: str
    attribution_en: str
    regions: pd.DataFrame


def cities(folder: Path = CITIES) -> tuple[str, ...]:
    """The keys of every configured city, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/city.toml")))


def read_city(key: str, folder: Path = CITIES) -> City:
    """The city `key`; raises BadCity naming the file and the key or row that is wrong."""
    path = folder / key / "city.toml"
    if not path.is_file():
        known = ", ".join(cities(folder)) or "none"
        raise BadCity(f"There is no city '{key}' ({path} is missing); choose one of: {known}.")
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadCity(f"{path} is not valid TOML in UTF-8 ({wrong}); correct the line it names.") from wrong
    for unknown in sorted(set(settings) - set(SETTINGS)):
        raise BadCity(f"{path}: the key '{unknown}' is not known; use only {', '.join(SETTINGS)}.")
    if (system := _text(settings, "coordinate_system", path)) != "WGS84":
        raise BadCity(f"{path}: coordinate_system is '{system}'; convert the files to WGS84 and write WGS84.")
    view = settings.get("view")
    if not isinstance(view, dict):
        raise BadCity(f"{path}: the table [view] is missing; write longitude, latitude and zoom in it.")
    return City(
        key=_own_key(settings, path),
        name_zh=_text(settings, "name_zh", path),
        name_en=_text(settings, "name_en", path),
        time_zone=_time_zone(settings, path),
        lon=_number(view, "longitude", -180, 180, path),
        lat=_number(view, "latitude", -90, 90, path),
        zoom=_number(view, "zoom", 0, 22, path),
        boundary=_boundary(settings, path),
        attribution_zh=_text(settings, "attribution_zh", path),
        attribution_en=_text(settings, "attribution_en", path),
        regions=_regions(path.parent / _text(settings, "regions", path)),
    )


def load_regions(connection: Connection, city: City) -> None:
    """Fill the table `region` with the regions of `city`, replacing what it held."""
    frames.replace(connection, region, city.regions)


def _text(settings: dict[str, object], key: str, path: Path) -> str:
    value = settings.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadCity(f"{path}: the key '{key}' must be a text that is not empty, found {value!r}.")
    return value


def _own_key(settings: dict[str, object], path: Path) -> str:
    key = _text(settings, "key", path)
    if key != path.parent.name:
        raise BadCity(f"{path}: the key 'key' is '{key}'; it must be the folder's name '{path.parent.name}'.")
    return key


def _time_zone(settings: dict[str, object], path: Path) -> str:
    name = _text(settings, "time_zone", path)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as wrong:
        raise BadCity(
            f"{path}: time_zone '{name}' is not known; write an IANA name such as Asia/Shanghai."
        ) from wrong
    return name


def _number(view: dict[str, object], key: str, least: float, most: float, path: Path) -> float:
    value = view.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadCity(f"{path}: '{key}' in [view] must be a number from {least} to {most}, found {value!r}.")
    return float(value)


def _boundary(settings: dict[str, object], path: Path) -> Path | None:
    if "boundaries" not in settings:
        return None
    boundary = path.parent / _text(settings, "boundaries", path)
    if not boundary.is_file():
        raise BadCity(
            f"{path}: the key 'boundaries' names {boundary.name}, which is missing; "
            "add the file or remove the key."
        )
    return boundary


def _regions(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError as wrong:
        raise BadCity(f"{path} is missing; put the city's region table there.") from wrong
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as wrong:
        raise BadCity(f"{path} is not a CSV file in UTF-8 ({wrong}); save it again as one.") from wrong
    if tuple(frame.columns) != COLUMNS:
        raise BadCity(
            f"{path}: the columns are {', '.join(frame.columns)}; they must be {', '.join(COLUMNS)}."
        )
    # The header is line 1, so the first region stands on line 2.
    lines = frame.index + 2
    _check(path, lines, frame["code"], frame["code"] == "", "code is empty; give every region its own code")
    _check(
        path, lines, frame["code"], frame["code"].duplicated(), "code stands twice; every code must be unique"
    )
    numbers = {
        name: _numbers(path, frame, name) for name in ("level", "population", "area_km2", "lon", "lat")
    }
    level = numbers["level"]
    _check(
        path,
        lines,
        frame["level"],
        ~level.isin([int(one) for one in RegionLevel]),
        "level must be 1, 2, 3 or 4",
    )
    _check(path, lines, frame["lon"], numbers["lon"].abs() > 180, "lon must lie between -180 and 180 degrees")
    _check(path, lines, frame["lat"], numbers["lat"].abs() > 90, "lat must lie between -90 and 90 degrees")
    if frame.empty or level[0] != RegionLevel.CITY or (level == RegionLevel.CITY).sum() != 1:
        raise BadCity(
            f"{path} row 2: the first row, and only it, must be the city (level 1); reorder the file."
        )
    parent_id = frame["parent_code"].map(dict(zip(frame["code"], frame.index + CITY_ID, strict=True)))
    below = level > RegionLevel.CITY
    _check(
        path,
        lines,
        frame["parent_code"],
        below & parent_id.isna(),
        "parent_code names no region of this file",
    )
    parent_level = parent_id.map(dict(zip(frame.index + CITY_ID, level, strict=True)))
    _check(
        path,
        lines,
        frame["parent_code"],
        below & (parent_level != level - 1),
        "parent must be one level above",
    )
    rows = pd.DataFrame(
        {
            "region_id": frame.index + CITY_ID,
            "code": frame["code"],
            "parent_id": parent_id.fillna(NOT_STATED).astype("int64"),
            "level": level.astype("int64"),
            "kind": frame["kind"],
            "name_zh": frame["name_zh"],
            "name_en": frame["name_en"],
            "peer_group": frame["peer_group"],
            "population": numbers["population"].astype("Int64"),
            "area_km2": numbers["area_km2"],
            "lon": numbers["lon"],
            "lat": numbers["lat"],
        }
    )
    return pd.concat([_not_stated(rows), rows], ignore_index=True)


def _not_stated(rows: pd.DataFrame) -> pd.DataFrame:
    """The member 未明确, to which cases without a usable place belong."""
    texts = {
        "code": "not_stated",
        "kind": "not_stated",
        "name_zh": "未明确",
        "name_en": "Not stated",
        "peer_group": "",
    }
    member = pd.DataFrame([{"region_id": NOT_STATED, "parent_id": NOT_STATED, "level": 0, **texts}])
    return member.reindex(columns=rows.columns).astype(rows.dtypes.to_dict())


def _numbers(path: Path, frame: pd.DataFrame, name: str) -> pd.Series[float]:
    """The column as numbers, NaN where it is blank."""
    numbers = pd.to_numeric(frame[name].where(frame[name] != ""), errors="coerce")
    _check(
        path, frame.index + 2, frame[name], (frame[name] != "") & numbers.isna(), f"{name} must be a number"
    )
    return numbers


def _check(
    path: Path, lines: pd.Index[int], values: pd.Series[str], wrong: pd.Series[bool], rule: str
) -> None:
    for line, value in zip(lines[wrong], values[wrong], strict=True):
        raise BadCity(f"{path} row {line}: {rule} (found '{value}').")

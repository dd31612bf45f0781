"""The only file that makes another city: 33 districts with short and long names, and a demo built in it.

The city stands in a copy of the suite, so that it is shown to need a folder of assets/cities and, for its
demo, rows of districts.csv, and no line of code.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.services.suite import ROOT, build_demo, serving
from warehouse.cities import COLUMNS

KEY = "yunchuan"
CASES = "12k"
PACKAGES = ("assets", "dashboards", "queries", "warehouse", ".streamlit")
TOML = """
key = "yunchuan"
name_zh = "云川市"
name_en = "Yunchuan"
time_zone = "Asia/Shanghai"
coordinate_system = "WGS84"
regions = "regions.csv"
boundaries = "districts.geojson"
attribution_zh = "虚构的城市"
attribution_en = "A made-up city"

[view]
longitude = 103.0
latitude = 26.0
zoom = 7.6
"""
# kind, Chinese name, English name: from two characters to a name of four peoples
URBAN = (
    ("district", "东区", "East District"),
    ("district", "西区", "West District"),
    ("district", "云岭区", "Yunling District"),
    ("district", "川江区", "Chuanjiang District"),
    ("district", "古城区", "Old Town District"),
    ("district", "长乐门区", "Changlemen District"),
    ("district", "青羊岗区", "Qingyanggang District"),
    ("district", "经济技术开发区", "Economic and Technological Development Zone"),
    ("district", "高新技术产业开发区", "High-Tech Industrial Development Zone"),
    ("district", "玉龙河国际旅游度假区", "Yulong River International Tourism Resort District"),
    ("district", "空港新区", "Airport New Area"),
)
SUBURBAN = (
    ("county_city", "安和市", "Anhe City"),
    ("county_city", "石门关市", "Shimenguan City"),
    ("county", "丰县", "Feng County"),
    ("county", "澧县", "Li County"),
    ("county", "大姚坝县", "Dayaoba County"),
    ("county", "双江河拉祜族佤族布朗族傣族自治县", "Shuangjianghe Lahu, Va, Blang and Dai Autonomous County"),
    ("county", "金平谷苗族瑶族傣族自治县", "Jinpinggu Miao, Yao and Dai Autonomous County"),
    ("county", "白水彝族自治县", "Baishui Yi Autonomous County"),
    ("county", "清溪县", "Qingxi County"),
    ("county", "永宁坪县", "Yongningping County"),
    ("county", "镇远岭县", "Zhenyuanling County"),
    ("county", "龙潭县", "Longtan County"),
    ("county", "芦山沟县", "Lushangou County"),
    ("county", "鹤鸣县", "Heming County"),
    ("county", "五河县", "Wuhe County"),
    ("county", "望江台县", "Wangjiangtai County"),
    ("county", "怀仁县", "Huairen County"),
    ("county", "会泽原县", "Huizeyuan County"),
    ("county", "沙坪县", "Shaping County"),
    ("county", "乌兰县", "Wulan County"),
    ("county", "平川县", "Pingchuan County"),
    ("county", "临溪生态示范县", "Linxi Ecological Demonstration County"),
)
DISTRICTS = (*URBAN, *SUBURBAN)
STREETS = (
    ("和平", "Heping"),
    ("人民路", "Renminlu"),
    ("解放", "Jiefang"),
    ("滨河", "Binhe"),
    ("火车南站", "Huochenanzhan"),
    ("凤凰山", "Fenghuangshan"),
)
KINDS = (("subdistrict", "street", "街道", "Subdistrict"), ("town", "town", "镇", "Town"))
# Widths and heights of the grid that the boundaries are cut from: small in the middle, as cities are.
ACROSS = (1.4, 1.0, 0.5, 0.4, 0.4, 0.8, 1.2)
DOWN = (1.2, 0.6, 0.4, 0.6, 1.1)
DEGREE = 0.4
SEED = 33
TRENDS = (-0.07, -0.04, 0.09, 0.15)


def code_of(place: int) -> str:
    """The code of the district at this place of DISTRICTS."""
    return f"99{place + 1:04d}"


def write_city(folder: Path, *, boundaries: bool = True) -> Path:
    """The city's folder below `folder`: settings, regions and, if asked for, boundaries."""
    city = folder / KEY
    city.mkdir()
    settings = TOML if boundaries else TOML.replace('boundaries = "districts.geojson"\n', "")
    (city / "city.toml").write_text(settings, encoding="utf-8")
    (city / "regions.csv").write_text(_regions(), encoding="utf-8")
    if boundaries:
        (city / "districts.geojson").write_text(_boundaries(), encoding="utf-8")
    return city


def _regions() -> str:
    """33 districts with three to eight streets each; the villages of every third district are known."""
    corners, rng = _corners(), np.random.default_rng(SEED)
    lines = [",".join(COLUMNS), "990000,,1,city,云川市,Yunchuan,,,,,"]
    for place, (kind, name_zh, name_en) in enumerate(DISTRICTS):
        code, peers = code_of(place), "urban" if place < len(URBAN) else "suburban"
        lon, lat = np.mean(_ring(corners, place)[:-1], axis=0).round(5)
        size = f"{rng.integers(80_000, 1_400_000)},{100 + 10 * place},{lon},{lat}"
        lines.append(f'{code},990000,2,{kind},{name_zh},"{name_en}",{peers},{size}')
        for number in range(3 + place % 6):
            street, (words, english) = f"{code}{number + 1:03d}", STREETS[number % len(STREETS)]
            below, group, zh, en = KINDS[number % len(KINDS)]
            lines.append(f"{street},{code},3,{below},{words}{zh},{english} {en},{group},,,,")
            if not place % 3:
                village = f"{street}001,{street},4,community,{words}社区,{english} Community,,,,,"
                lines += [village, village.replace("001,", "002,", 1).replace("社区", "新村")]
    return "\n".join(lines) + "\n"


def _corners() -> np.ndarray:
    """The grid's corners as (row, column, lon and lat), pushed off their lines a little."""
    lon = 101.8 + DEGREE * np.cumsum((0, *ACROSS))
    lat = 27.0 - DEGREE * np.cumsum((0, *DOWN))
    grid = np.stack(np.meshgrid(lon, lat), axis=-1)
    pushed: np.ndarray = grid + np.random.default_rng(SEED).uniform(-0.05, 0.05, grid.shape)
    return pushed.round(5)


def _ring(corners: np.ndarray, place: int) -> list[list[float]]:
    """The corners of one district; urban ones stand in the middle of the grid, two fields stay empty."""
    middle = sorted(
        ((row, column) for row in range(len(DOWN)) for column in range(len(ACROSS))),
        key=lambda at: (abs(at[0] - len(DOWN) // 2) + abs(at[1] - len(ACROSS) // 2), at),
    )
    row, column = middle[place]
    around = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column), (row, column))
    return [corners[at].tolist() for at in around]


def _boundaries() -> str:
    corners = _corners()
    features = [
        {
            "type": "Feature",
            "properties": {"code": code_of(place), "name": name_zh},
            "geometry": {"type": "Polygon", "coordinates": [_ring(corners, place)]},
        }
        for place, (_, name_zh, _) in enumerate(DISTRICTS)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _stories() -> str:
    """How each district differs, in the columns of warehouse/demo/districts.csv."""
    rng = np.random.default_rng(SEED)
    lines = ["code,per_head,trend,late,returns,published"]
    for place in range(len(DISTRICTS)):
        per_head, late, returns, published = rng.uniform((0.6, 0.01, 0.75, 0.8), (1.2, 0.09, 1.2, 0.9))
        trend = TRENDS[place % len(TRENDS)]
        lines.append(f"{code_of(place)},{per_head:.2f},{trend},{late:.3f},{returns:.2f},{published:.2f}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def second_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the suite to which the city has been added."""
    copy = tmp_path_factory.mktemp("second")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    write_city(copy / "assets" / "cities")
    (copy / "warehouse" / "demo" / "districts.csv").write_text(_stories(), encoding="utf-8")
    return copy


@pytest.fixture(scope="session")
def second_warehouse(second_checkout: Path) -> Path:
    """Directory of the demo warehouse of the city, built once; do not write to it."""
    directory = second_checkout / "var" / "warehouse"
    build_demo(directory, "--city", KEY, cases=CASES, checkout=second_checkout)
    return directory


@pytest.fixture(scope="session")
def second_url(second_checkout: Path, second_warehouse: Path) -> Iterator[str]:
    """Address of the suite, running over the second city."""
    with serving(second_warehouse, second_checkout / "log", second_checkout) as address:
        yield address

"""Places by name: cells that are listed, the focus list by hand, the file without small counts."""

from __future__ import annotations

import io
import math
from datetime import date

import openpyxl
import pandas as pd
import pytest

from dashboards.cards import hot_places as places
from queries.answer import Answer
from queries.cell_map import VOLUME, Basis
from queries.question import Question
from queries.vocabulary import Period, Text
from tests.dashboards.cards.test_hot_spots import CELLS, POLICY, cell_map
from tests.dashboards.cards.test_hot_spots import NAMES as OF_CELLS

PERIOD = Period(date(2026, 10, 5), date(2026, 10, 25))
CITY = Text("杭州市", "Hangzhou")
NAMES = OF_CELLS | {2: Text("西湖区", "Xihu District"), 20: Text("三墩镇", "Sandun Town")}
CODES = {1: "330102", 2: "330106"}


def answer(split: tuple[str, ...], rows: list[dict[str, float]]) -> Answer:
    """An answer with items, repeat share and rate of each row; nothing is known of what a row leaves out."""
    question = Question(places.METRICS, PERIOD, PERIOD.end, split=split)
    frame = pd.DataFrame(rows)
    for key in places.METRICS:
        for part in ("", "_numerator", "_denominator"):
            if key + part not in frame:
                frame[key + part] = math.nan
    frame[f"{VOLUME}_numerator"] = frame[VOLUME]
    return Answer(question, frame)


NOW = answer(
    ("district", "street"),
    [
        {"district": 1, "street": 10, VOLUME: 60.0},
        {"district": 1, "street": 0, VOLUME: 40.0},
        {"district": 2, "street": 20, VOLUME: 90.0},
    ],
)
BEFORE = answer(
    ("district", "street"),
    [{"district": 1, "street": 10, VOLUME: 50.0}, {"district": 2, "street": 20, VOLUME: 0.0}],
)


def test_the_focus_list_by_hand() -> None:
    """三墩 has all of its district; 清波 60 of the 100 of its district, a fifth more than a year ago."""
    first, second = places.focus_streets(NOW, BEFORE)
    assert (first.id, first.items, first.of_district) == (20, 90.0, 1.0)
    assert math.isnan(first.change)
    assert (second.id, second.of_district) == (10, 0.6)
    assert second.change == pytest.approx(0.2)
    assert all(math.isnan(one.change) for one in places.focus_streets(NOW, None))
    title = places.focus_title((first, second), NOW, NAMES, "zh")
    assert "前 2 个占 78.9\u00a0%，最重的是三墩镇（90 件）" in title
    assert "重点镇街" in places.focus_title((), NOW, NAMES, "zh")


def test_numbers_of_the_focus_list_open_their_items() -> None:
    table = places.focus_table(places.focus_streets(NOW, BEFORE), NAMES, CODES, NOW.question, "zh")
    assert table.count("data-items=") == 2
    assert "street-20" in table
    assert 'data-choose="330106"' in table
    assert "万人诉求量" not in table


def test_a_source_without_streets_says_so() -> None:
    nowhere = answer(("district", "street"), [{"district": 1, "street": 0, VOLUME: 9.0}])
    streets = places.focus_streets(nowhere, None)
    assert streets == ()
    assert "没有记录镇街" in places.focus_table(streets, NAMES, CODES, nowhere.question, "zh")


def test_residents_that_are_known_are_shown() -> None:
    known = NOW.frame.assign(cases_per_10k=[3.0, math.nan, 4.5])
    known = known.assign(
        cases_per_10k_numerator=[60.0, 40, 90], cases_per_10k_denominator=[20.0, math.nan, 20]
    )
    streets = places.focus_streets(Answer(NOW.question, known), None)
    assert "万人诉求量" in places.focus_table(streets, NAMES, CODES, NOW.question, "zh")


def test_cells_are_listed_hot_ones_first_and_small_ones_never() -> None:
    question = Question((VOLUME,), PERIOD, PERIOD.end)
    table = places.top_cells(cell_map(), NAMES, CODES, question, 3, "zh")
    values = [int(row.split("<")[0]) for row in table.split('role="button">')[1:] if row[0].isdigit()]
    assert values[:3] == [120, 27, 15]
    assert sorted(values[3:]) == [9, 9]
    assert f"cell-{CELLS[6]}" in table
    by_count = places.top_cells(cell_map(Basis.COUNT), NAMES, CODES, question, 10, "zh")
    assert by_count.count("q-row") == 3
    assert "没有坐标" in places.top_cells(None, NAMES, CODES, question, 3, "zh")


def test_the_file_tells_no_small_count() -> None:
    districts = answer(("district",), [{"district": 1, VOLUME: 80.0}])
    content = places.hot_spots_workbook(cell_map(), NOW, districts, NAMES, CITY, POLICY, "zh")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["位置格", "重点镇街", "区县", "口径", "热点口径"]
    rows = list(book["位置格"].values)
    assert rows[0][:5] == ("H3 格", "经度", "纬度", "位置格（主要镇街）", "件数")
    counts = [row[4] for row in rows[1:]]
    assert counts == [0, "少于 3 件", 9, 9, 15, 27, 120]
    assert rows[2][6] is None
    assert rows[7][6:10] == (2, "热点 99%", 1, "连续")
    streets = {row[0]: row[2] for row in book["重点镇街"].values if row[1] == "诉求总量"}
    assert streets == {"清波街道": 60, "三墩镇": 90, "未明确": 40}
    without = places.hot_spots_workbook(None, NOW, districts, NAMES, CITY, POLICY, "en")
    assert "Cells" not in openpyxl.load_workbook(io.BytesIO(without)).sheetnames


def test_a_cell_knows_where_it_lies() -> None:
    book = places.hot_spots_workbook(cell_map(), NOW, NOW, NAMES, CITY, POLICY, "zh")
    rows = pd.DataFrame(list(openpyxl.load_workbook(io.BytesIO(book))["位置格"].values)[1:])
    assert rows[1].astype(float).to_numpy() == pytest.approx(120.15, abs=0.05)
    assert rows[2].astype(float).to_numpy() == pytest.approx(30.25, abs=0.05)

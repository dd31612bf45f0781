"""The volume board over the demo city: its parts add up to what the metrics say, whatever is chosen."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from dashboards import data
from dashboards.boards.leadership import volume as board
from dashboards.cards import explanation, stretches, volume
from dashboards.figures.theme import LIGHT
from queries.execute import Warehouse
from queries.insights.contribution import Explanation, Part
from queries.question import Filter, Question
from queries.vocabulary import Compare, Grain, Period, Text
from tests.dashboards.conftest import Draw, shown
from warehouse.store import DIRECTORY_VARIABLE

DAY = date(2026, 3, 2)


@pytest.fixture
def warehouse(demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The small demo city."""
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(demo_warehouse))
    return data.warehouse()


def choices(
    warehouse: Warehouse, base: str = "yoy", bucket: int | None = None, district: int | None = None
) -> board.Choices:
    """What a reader may choose: weeks, compared with `base`, the bucket at place `bucket` explained."""
    as_of = warehouse.info.as_of
    known = stretches.whole(stretches.WIDTHS["week"], warehouse.info.data_from, as_of)
    return board.Choices(
        as_of=as_of,
        span="4w",
        period=Period(as_of - timedelta(days=27), as_of),
        here=() if district is None else (Filter("district", (district,)),),
        district="",
        entered=district,
        region=Text("杭州市", "Hangzhou"),
        place=Text("杭州市", "Hangzhou"),
        channel=Text("全部渠道", "All channels"),
        grain="week",
        base=base,
        cut="category1",
        bucket=None if bucket is None else known[bucket],
        known=known,
    )


@pytest.mark.parametrize("base", ["yoy", "mom"])
@pytest.mark.parametrize("bucket", [None, -1])
@pytest.mark.parametrize("district", [None, 1])
def test_parts_add_up_to_the_metric_s_own_change(
    warehouse: Warehouse, base: str, bucket: int | None, district: int | None
) -> None:
    place = None if district is None else int(warehouse.members("district")["id"].iloc[district])
    chosen = choices(warehouse, base, bucket, place)
    asked = board.query(warehouse, chosen)
    found = explanation.explained(*asked.cells)
    pieces = [*found.parts, found.rest]
    assert sum(piece.change for piece in pieces) == found.now - found.before
    whole = Question(
        (volume.VOLUME,),
        chosen.bucket or chosen.period,
        chosen.as_of,
        grain=Grain.WEEK if chosen.bucket else None,
        filters=chosen.here,
        compare=(Compare(base),),
    )
    answer = warehouse.ask(whole)
    assert (found.now, found.before) == (
        answer.one(volume.VOLUME),
        answer.one(f"{volume.VOLUME}_{base}_base"),
    )


def test_days_add_up_to_the_metric(warehouse: Warehouse) -> None:
    as_of = warehouse.info.as_of
    counts, expected = explanation.learn(warehouse, as_of, ())
    whole = warehouse.ask(Question((volume.VOLUME,), Period(warehouse.info.data_from, as_of), as_of))
    assert sum(counts.values()) == whole.one(volume.VOLUME)
    assert expected is not None
    assert expected.days[-1] > as_of + timedelta(days=100), "the calendar reaches over the forecast"


def test_file_holds_every_bucket_and_every_part(warehouse: Warehouse) -> None:
    chosen = choices(warehouse)
    asked = board.query(warehouse, chosen)
    drawn = board.figures(warehouse, asked, chosen, "en", LIGHT)
    book = pd.read_excel(io.BytesIO(drawn.workbook()), sheet_name=None, engine="openpyxl")
    assert list(book) == ["Total", "Divided", "Series and forecast", "Change in parts", "Definitions"]
    series = book["Series and forecast"]
    assert len(series) == 52 + 8
    assert series["Items registered"].notna().tolist() == [True] * 52 + [False] * 8
    assert (series["Low"] < series["Expected"]).all()
    assert (series["Expected"] < series["High"]).all()
    now, before = (answer.frame[volume.VOLUME].sum() for answer in asked.cells)
    assert book["Change in parts"]["Change"].sum() == now - before


def test_what_is_compared_with_what() -> None:
    period = Period(date(2026, 10, 4), date(2026, 10, 31))
    week = Period(date(2026, 10, 19), date(2026, 10, 25))
    assert explanation.compared(period, None, "yoy", Grain.WEEK)[1] == period.last_year()
    assert explanation.compared(period, None, "mom", Grain.WEEK)[1] == period.preceding()
    assert explanation.compared(period, week, "yoy", Grain.WEEK) == (
        week,
        Period(date(2025, 10, 20), date(2025, 10, 26)),
    )
    assert explanation.compared(period, week, "mom", Grain.WEEK)[1].end == date(2026, 10, 18)


def test_part_without_an_earlier_part_is_called_its_others() -> None:
    rest = Part((None, None), 5, 5)
    names = ({1: Text("甲", "A")}, {2: Text("乙", "B"), 3: Text("丙", "C")})
    parts = (Part((1, 2), 1, 9), Part((None, 2), 9, 1), Part((None, 3), 9, 1))
    found = Explanation(24, 16, parts, rest)
    assert explanation.part_names(found, names, "en") == ["A · B", "B, other", "C", "Everything else"]
    assert explanation.part_names(Explanation(5, 5, (), rest), names, "zh") == ["变动分散，没有突出的部分"]


def test_first_view_reads_only_roll_ups(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    answered = data.ask

    def ask(opened: Warehouse, question: Question) -> object:
        answer = answered(opened, question)
        read.update(statement.reads for statement in answer.statements)
        return answer

    monkeypatch.setattr(data, "ask", ask)
    data.forget()
    board.query(data.warehouse(), choices(warehouse))
    assert read
    assert all(name.startswith("rollup_") for name in read)


@pytest.mark.parametrize("grain", ["day", "month"])
@pytest.mark.parametrize("cut", ["channel", "district", "purpose"])
def test_every_grain_and_division_is_drawn(
    grain: str, cut: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    from tests.dashboards.test_boards import STATE, draw_board

    choice = {"grain": grain, "cut": cut, "lang": "en", "district": "330110", "base": "mom"}
    page = shown(draw_board("volume", demo_warehouse, monkeypatch, **choice))
    assert STATE not in page
    assert "Total" in page


def test_a_few_cases_are_drawn_without_an_expectation(
    dozen_directory: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    from tests.dashboards.test_boards import STATE, draw_board

    page = shown(draw_board("volume", dozen_directory, monkeypatch, span="year"))
    assert STATE not in page
    assert "历史数据不足以推算预期区间" in page

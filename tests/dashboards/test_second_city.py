"""Every board over another city of 33 districts: languages, themes, empty, with shapes and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from dashboards import data, layout
from dashboards.cards import audit, decks
from dashboards.figures.theme import THEMES
from dashboards.navigation import all_boards
from tests.dashboards.conftest import shown
from tests.dashboards.test_boards import BOARDS, BOTH, STATE, draw_board
from tests.queries import dozen
from tests.services.second_city import DISTRICTS, KEY, code_of, write_city
from warehouse import rollups
from warehouse.cities import City, load_regions, read_city
from warehouse.schema import warehouse_info
from warehouse.store import Store

THEME = pytest.mark.parametrize("theme", list(THEMES))
# The district with the longest name, in both languages.
LONGEST = max(range(len(DISTRICTS)), key=lambda place: len(DISTRICTS[place][1]))


@pytest.fixture(scope="module")
def second_city(second_checkout: Path) -> Iterator[City]:
    """The suite of this process knows the second city as if it stood in assets/cities."""
    read = partial(read_city, folder=second_checkout / "assets" / "cities")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("queries.execute.read_city", read)
        data.forget()
        yield read(KEY)
    data.forget()


@pytest.fixture(scope="module")
def second_empty_directory(tmp_path_factory: pytest.TempPathFactory, second_city: City) -> Path:
    """Directory of a warehouse that knows the second city and nothing that ever happened in it."""
    folder: Path = tmp_path_factory.mktemp("second-empty")
    with Store(folder).build() as connection:
        dozen.frame_without_facts(connection)
        load_regions(connection, second_city)
        connection.execute(update(warehouse_info).values(city=KEY))
        rollups.rebuild(connection)
    return folder


@BOARDS
@BOTH
@THEME
@pytest.mark.parametrize("district", ["", code_of(LONGEST)], ids=["city", "district"])
def test_board_is_drawn(
    board: str,
    lang: str,
    theme: str,
    district: str,
    second_warehouse: Path,
    second_city: City,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "theme", lambda: THEMES[theme])
    test = draw_board(board, second_warehouse, monkeypatch, lang=lang, district=district)
    page = shown(test)
    assert not test.exception
    assert STATE not in page
    title = next(one.title for one in all_boards() if one.key == board)
    assert f"<h1>{title.in_(lang)}</h1>" in page
    assert "杭州" not in page


# What they show stands in the records, not in the warehouse.
APART = {"audit": audit.CHAIN, "decks": decks.NONE}


@BOARDS
@BOTH
def test_empty_board_says_that_nothing_matches(
    board: str, lang: str, second_empty_directory: Path, second_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(draw_board(board, second_empty_directory, monkeypatch, lang=lang))
    if board == "definitions":
        assert "cases_registered" in page
    elif board in APART:
        assert APART[board].in_(lang) in page
    else:
        assert ("没有符合条件的数据" if lang == "zh" else "Nothing matches") in page


@BOARDS
def test_city_without_shapes_is_drawn(
    board: str,
    second_warehouse: Path,
    second_city: City,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_city(tmp_path, boundaries=False)
    monkeypatch.setattr("queries.execute.read_city", partial(read_city, folder=tmp_path))
    data.forget()
    try:
        page = shown(draw_board(board, second_warehouse, monkeypatch))
    finally:
        data.forget()
    assert STATE not in page
    if board == "overview":
        assert "六边形" in page


def test_every_district_has_its_row_in_the_overview(
    second_warehouse: Path, second_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(draw_board("overview", second_warehouse, monkeypatch))
    rows = set(re.findall(r'q-row[^>]*data-choose=\\"(\d+)', page))
    assert rows == {code_of(place) for place in range(len(DISTRICTS))}

"""What a page shows is put into a deck, and the deck board keeps, orders, notes, copies and opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from dashboards import access, deck_desk, filters, record
from dashboards.exports import deck as content
from dashboards.exports.frozen import unpack
from dashboards.navigation import all_boards
from dashboards.recipe import Board, board_of
from queries.errors import QueryError
from queries.execute import Warehouse, open_warehouse
from tests.dashboards.conftest import Become, Draw, shown
from tests.dashboards.test_boards import draw_board
from warehouse.records import audit, decks
from warehouse.records.audit import Person, Wanted
from warehouse.records.decks import Slide, View
from warehouse.records.frozen import Frozen
from warehouse.records.opening import PLACE_VARIABLE, Records

LEADER = Person("leader-1", "leader one", "leader", "login-1")
DAY, LAST = date(2026, 9, 30), date(2026, 10, 31)
YUHANG = "district=330110&span=12w&as_of=2026-09-30"
# A bulletin's day follows from its edition.
SHOWN = [board for board in all_boards() if board.is_shown and board.key != "bulletin"]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """A store of this test's own."""
    monkeypatch.setenv(PLACE_VARIABLE, str(tmp_path / "records.db"))
    with closing(record.records()) as opened:
        yield opened


@pytest.fixture
def deck(store: Records, demo_warehouse: Path) -> int:
    """A deck of the leader with two views."""
    made = decks.make(store, LEADER, "九月会商", DAY, "v0")
    for view in (
        View("overview", YUHANG, "近 12 周 · 余杭区", DAY, "v0", "先看余杭"),
        View("volume", "as_of=2026-09-30", "近 4 周", DAY, "v0"),
    ):
        decks.add_slide(store, LEADER, made, view, frozen(demo_warehouse, view))
    return made


def frozen(directory: Path, view: View) -> Frozen:
    """What a view shows the reader."""
    board = board_of(view.board)
    assert board is not None
    with closing(open_warehouse(directory)) as warehouse:
        return board.freeze(warehouse, view, access.rights())


def kept(store: Records, deck: int, lang: str = "zh") -> list[content.View]:
    """The slides of the deck as they are frozen."""
    found = decks.open_deck(store, LEADER, deck, lang)
    return [unpack(found.kept[one.slide_id][1])[0] for one in found.slides]


def slides(store: Records, deck: int) -> list[Slide]:
    return list(decks.slides_of(store, LEADER, deck))


def test_a_view_is_kept_with_its_choices_and_its_day(
    demo_warehouse: Path, store: Records, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Behind:
        open = True

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("dashboards.deck_desk.st.popover", lambda *_a, **_k: Behind())
    test = draw_board("overview", demo_warehouse, monkeypatch, district="330110", items="x", lang="en")
    test.text_input(key="deck-name").input("周会")
    test.text_area(key="deck-note").input("先看余杭")
    next(one for one in test.button if one.label == "Save").click().run()
    (kept,) = decks.decks_of(store, LEADER)
    (slide,) = slides(store, kept.deck_id)
    assert (kept.name, kept.role, kept.as_of) == ("周会", "", LAST)
    assert slide.view.board == "overview"
    assert slide.view.address == "district=330110&as_of=2026-10-31"
    assert "余杭区" in slide.view.title
    assert slide.view.note == "先看余杭"
    assert "Added to" in shown(test)
    assert {one.action for one in audit.listed(store, Wanted(), 10)} == {"viewed", "deck_changed"}


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_roles_without_the_deck_board_are_not_asked(
    role: str, store: Records, become: Become, demo_warehouse: Path
) -> None:
    become(role)
    board = board_of("overview")
    assert board is not None
    with closing(open_warehouse(demo_warehouse)) as warehouse:
        with filters.saved(YUHANG, "zh"):
            choices = board.filters(warehouse)
        # draws nothing, where there is no page
        deck_desk.offer("overview", choices, "v1", partial(board.freeze, warehouse, rights=""))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_slides_stand_in_order_with_filters_day_version_and_the_way_back(
    lang: str, demo_warehouse: Path, deck: int, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    page = shown(draw_board("decks", demo_warehouse, monkeypatch, lang=lang))
    first, second = re.findall(r"<h2>(.*?)</h2>", page)
    assert (first, second) == (
        ("1. 一图一指数", "2. 诉求总量") if lang == "zh" else ("1. One map, one index", "2. Volume")
    )
    assert ("余杭区" if lang == "zh" else "Yuhang") in page
    assert "先看余杭" in page
    assert page.count("v0") == 2
    assert ("仍是定格时的数字" if lang == "zh" else "are those frozen") in page
    assert f'href="/overview?district=330110&amp;span=12w&amp;as_of=2026-09-30&amp;lang={lang}"' in page


def test_buttons_move_and_take_out(
    demo_warehouse: Path, store: Records, deck: int, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    first, second = (one.slide_id for one in slides(store, deck))
    test = draw_board("decks", demo_warehouse, monkeypatch)
    test.button(key=f"Up-{second}").click().run()
    assert [one.slide_id for one in slides(store, deck)] == [second, first]
    test.button(key=f"Down-{second}").click().run()
    assert [one.slide_id for one in slides(store, deck)] == [first, second]
    test.button(key=f"Take out-{first}").click().run()
    assert [one.view.board for one in slides(store, deck)] == ["volume"]
    assert "1. 诉求总量" in shown(test)


def test_one_click_copies_the_deck_onto_the_latest_day(
    demo_warehouse: Path, store: Records, deck: int, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    test = draw_board("decks", demo_warehouse, monkeypatch)
    test.button(key="copy-deck").click().run()
    copy = next(one for one in decks.decks_of(store, LEADER) if one.deck_id != deck)
    assert (copy.name, copy.as_of, copy.slides) == ("2026-10-31 会商", LAST, 2)
    assert slides(store, copy.deck_id)[0].view.address == "district=330110&span=12w&as_of=2026-10-31"
    assert slides(store, copy.deck_id)[0].view.note == "先看余杭"
    assert test.query_params["deck"] == str(copy.deck_id)
    assert "仍是定格时的数字" not in shown(test)
    first, second = kept(store, copy.deck_id)
    assert "2026年10月31日" in first.line
    assert first.panels
    assert second.panels


def test_freezing_anew_keeps_the_days_and_says_so(
    demo_warehouse: Path, store: Records, deck: int, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    before = kept(store, deck)
    test = draw_board("decks", demo_warehouse, monkeypatch)
    version = next(one for one in decks.decks_of(store, LEADER)).version
    test.button(key="freeze-deck").click().run()
    found = decks.open_deck(store, LEADER, deck, "zh")
    assert version == "v0" != found.deck.version
    assert {one.view.version for one in found.slides} == {found.deck.version}
    # the same data: the same numbers
    assert [one.panels for one in kept(store, deck)] == [one.panels for one in before]
    assert "仍是定格时的数字" not in shown(test)
    changes = [one.words for one in audit.listed(store, Wanted(action="deck_changed"), 2)]
    assert all(one.startswith("重新定格 · ") for one in changes)


def test_a_slide_that_cannot_be_frozen_says_so_and_stays(
    demo_warehouse: Path, store: Records, deck: int, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    done = Board.freeze

    def fails(board: Board, warehouse: Warehouse, view: View, rights: str) -> Frozen:
        if board.key == "volume":
            raise QueryError("the member has gone")
        return done(board, warehouse, view, rights)

    before = kept(store, deck)
    test = draw_board("decks", demo_warehouse, monkeypatch)
    monkeypatch.setattr(Board, "freeze", fails)
    test.button(key="freeze-deck").click().run()
    assert [one.value for one in test.toast] == ["第 2 页未能定格，已略去"]
    found = decks.open_deck(store, LEADER, deck, "zh")
    assert [one.view.version == "v0" for one in found.slides] == [False, True]
    assert kept(store, deck)[1] == before[1]


def test_of_a_board_that_is_closed_to_the_role_nothing_is_worked_out(
    demo_warehouse: Path, store: Records, become: Become, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    presenter = Person("presenter-1", "presenter one", "presenter")
    made = decks.make(store, presenter, "汇报", DAY, "v0")
    view = View("hotspots", "as_of=2026-09-30", "近 12 周", DAY, "v0")
    decks.add_slide(store, presenter, made, view, Frozen("5:", {"zh": b"", "en": b""}))
    become("presenter")
    page = shown(draw_board("decks", demo_warehouse, monkeypatch))
    assert "您的角色不能打开这个看板" in page
    assert 'href="/hotspots' not in page


def test_without_decks_the_page_says_how_to_begin(
    demo_warehouse: Path, store: Records, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    assert "点“加入会商”" in shown(draw_board("decks", demo_warehouse, monkeypatch))


@pytest.mark.parametrize("board", SHOWN, ids=lambda board: board.key)
def test_a_view_is_frozen_without_a_page_in_both_languages(
    board: Board, demo_warehouse: Path, store: Records
) -> None:
    found = board_of(board.key)
    assert found is not None
    assert found.title == board.title
    pages = frozen(demo_warehouse, View(board.key, YUHANG, "余杭区", DAY, "v0")).pages
    (chinese, mark), (english, _) = unpack(pages["zh"]), unpack(pages["en"])
    assert "余杭区" in chinese.words
    assert "Yuhang" in english.words
    assert "2026年9月30日" in chinese.line
    assert mark == "演示数据"
    # the longer words of one language may be a panel of their own
    first, second = (
        [type(one.body) for one in view.panels if not isinstance(one.body, content.Lines)]
        for view in (chinese, english)
    )
    assert first == second
    assert chinese.panels
    assert chinese.definitions
    assert filters._SAVED.get() is None

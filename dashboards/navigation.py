"""The only file that builds the menu: it finds the boards in dashboards/boards, one menu for each role.

A board that the role does not open is not registered with Streamlit at all: neither its name nor its address
is told to the browser, and a forged page finds nothing behind it. Who follows a link to it reads the same
sentence as for an address that never existed.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboards import access, boards, filters, language, layout, record
from dashboards.figures.markup import tag
from dashboards.recipe import Board, begin
from queries.errors import BadPolicy, QueryError
from queries.vocabulary import Language, Text
from warehouse.errors import WarehouseError

# The board at the root, for whoever may open it; for others it is the first of theirs.
DEFAULT = "overview"
_NAME = re.compile(r"[a-z][a-z_]{0,63}", re.ASCII)
_CLOSED = Text("无法打开此页面", "This page cannot be opened")
_CLOSED_WHY = Text(
    "您的角色（{role}）不能打开这个地址，或者没有这个页面；本次访问已记录。",
    "Your role ({role}) may not open this address, or there is no such page; the attempt is on record.",
)
_NOTHING_OPENS = Text(
    "您的角色（{role}）没有可以打开的看板，请与管理员联系。",
    "Your role ({role}) opens no board; ask the administrator.",
)
_HOME = Text("回到首页", "To the first page")


@cache
def all_boards() -> tuple[Board, ...]:
    """Every board there is, in the order of the menu.

    Raises ValueError naming the file when a board is not declared as `BOARD`, is not called after its file,
    or shares its key with another.
    """
    found: dict[str, Board] = {}
    for section in pkgutil.iter_modules(boards.__path__):
        package = importlib.import_module(f"{boards.__name__}.{section.name}")
        for file in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{file.name}")
            board = getattr(module, "BOARD", None)
            if not isinstance(board, Board) or board.key != file.name:
                raise ValueError(f"{module.__file__}: declare BOARD = Board(key={file.name!r}, …) in it")
            if board.key in found:
                raise ValueError(f"{module.__file__}: another board is called {board.key!r}; rename the file")
            found[board.key] = board
    return tuple(sorted(found.values(), key=lambda board: board.order))


def check_boards() -> None:
    """Raises BadPolicy when the policy does not say of a board who opens it: it would be opened by nobody."""
    for board in all_boards():
        if board.key not in access.roles().boards:
            raise BadPolicy(
                f"roles.toml: boards.{board.key} is nothing; write the roles that open this board, "
                "or an empty list."
            )


def own_boards() -> tuple[Board, ...]:
    """The boards that the reader's role opens, in the order of the menu.

    Raises UnknownReader, UnknownRole and BadPolicy.
    """
    return tuple(board for board in all_boards() if access.may_open(board.key))


def paths(own: Sequence[Board]) -> list[str]:
    """The addresses of the boards; the one at the root answers under its name as well."""
    return ["/", *(f"/{board.key}" for board in own)]


def open_board() -> None:
    """Draws the menu and the board that the reader has opened."""
    now = language.current()
    layout.style(layout.theme())
    try:
        own = own_boards()
        who = access.role().name.in_(now)
    except QueryError as wrong:
        _alone(now, str(wrong))
        return
    if not own:
        _alone(now, _NOTHING_OPENS.in_(now).format(role=who))
        return
    pages = _menu(own, now)
    asked = _asked()
    if asked and asked not in {board.key for board in own}:
        next(iter(pages.values())).append(
            _hidden(partial(_closed, asked, who, paths(own)), _CLOSED.in_(now), asked)
        )
    opened = st.navigation(pages, position="top")
    filters.begin(opened.url_path or _home(own).key)
    opened.run()


def _home(own: Sequence[Board]) -> Board:
    return next((board for board in own if board.key == DEFAULT), own[0])


def _menu(own: Sequence[Board], now: Language) -> dict[str, list[st.Page]]:
    """The pages of the boards by section."""
    pages: dict[str, list[st.Page]] = {}
    for board in own:
        is_home = board is _home(own)
        page = st.Page(
            partial(board.run, paths(own)),
            title=board.title.in_(now),
            help=board.answers.in_(now),
            # The default page must not have an address of its own, every other one needs it.
            url_path=None if is_home else board.key,
            default=is_home,
        )
        pages.setdefault(board.section.in_(now), []).append(page)
        if is_home:
            by_name = _hidden(partial(board.run, paths(own)), board.title.in_(now), board.key)
            pages[board.section.in_(now)].append(by_name)
    return pages


def _hidden(run: Callable[[], None], title: str, address: str) -> st.Page:
    return st.Page(run, title=title, url_path=address, visibility="hidden")


def _asked() -> str:
    """The name of the page that the browser asks for, empty for the root and for what is no name."""
    context = get_script_run_ctx()
    wanted = context.pages_manager.intended_page_name if context is not None else None
    name = wanted or urlsplit(st.context.url or "").path.rpartition("/")[2]
    return name if _NAME.fullmatch(name) else ""


def _closed(asked: str, role: str, addresses: Sequence[str]) -> None:
    """Says that nothing opens here, whether there is such a board or not, and writes it down."""
    now = language.current()
    sentence = _CLOSED_WHY.in_(now).format(role=role)
    try:
        record.denied(asked)
    except WarehouseError as wrong:
        sentence = str(wrong)
    begin(_CLOSED.in_(now), addresses)
    layout.show(layout.state(_CLOSED.in_(now), sentence))
    layout.show(layout.small(tag("a", _HOME.in_(now), href="/", target="_self")))


def _alone(now: Language, sentence: str) -> None:
    """A page without a menu that says why there is none."""
    show = partial(layout.show, layout.state(_CLOSED.in_(now), sentence))
    st.navigation([st.Page(show, title=_CLOSED.in_(now), default=True)], position="hidden").run()

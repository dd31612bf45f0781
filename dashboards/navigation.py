"""The only file that builds the menu: it finds the boards by walking dashboards/boards."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache

import streamlit as st

from dashboards import boards, filters, language, layout
from dashboards.recipe import Board

DEFAULT = "overview"


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


def paths(every: Sequence[Board]) -> list[str]:
    """The addresses of the boards; the default one lives at the root."""
    return ["/" if board.key == DEFAULT else f"/{board.key}" for board in every]


def _page(board: Board, addresses: Sequence[str]) -> Callable[[], None]:
    def run() -> None:
        board.run(addresses)

    return run


def open_board() -> None:
    """Draws the menu and the board that the reader has opened."""
    now = language.current()
    every = all_boards()
    pages: dict[str, list[st.Page]] = {}
    keys: dict[str, Board] = {}
    for board in every:
        is_default = board.key == DEFAULT
        page = st.Page(
            _page(board, paths(every)),
            title=board.title.in_(now),
            help=board.answers.in_(now),
            # The default page must not have an address of its own, every other one needs it.
            url_path=None if is_default else board.key,
            default=is_default,
        )
        pages.setdefault(board.section.in_(now), []).append(page)
        keys[page.url_path] = board
    opened = st.navigation(pages, position="top")
    board = keys[opened.url_path]
    filters.begin(board.key)
    layout.style(layout.theme())
    opened.run()

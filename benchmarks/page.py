"""The overview run in this process as Streamlit would run it, with a stopwatch on each of its steps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import streamlit as st
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from dashboards import data, layout, navigation
from dashboards.boards.leadership import overview
from queries import city_index
from queries.execute import Warehouse
from queries.insights import index, key_points
from queries.question import Question

APP = Path(__file__).resolve().parent.parent / "dashboards" / "app.py"
LIMIT = 600  # seconds one run may take
# What a re-run is made of, in the order of the table.
STEPS = ("engine", "query", "insight", "figure", "transport", "frame")
_READ = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_][a-z0-9_]*)", re.IGNORECASE)


@dataclass
class Stopwatch:
    """Milliseconds by step; a step inside another is counted for itself alone."""

    spent: dict[str, float] = field(default_factory=dict)
    _inner: list[float] = field(default_factory=list)
    _begun: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Begins a step inside the one that runs."""
        self._inner.append(0.0)
        self._begun.append(time.perf_counter())

    def end(self, name: str) -> None:
        """Ends the step begun last and calls it `name`."""
        took = (time.perf_counter() - self._begun.pop()) * 1000
        self.spent[name] = self.spent.get(name, 0.0) + took - self._inner.pop()
        if self._inner:
            self._inner[-1] += took

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Counts what the block takes, without the steps inside it."""
        self.begin()
        try:
            yield
        finally:
            self.end(name)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, counted as step `name`."""

        def run(*arguments: Any, **named: Any) -> Any:
            with self.step(name):
                return call(*arguments, **named)

        return run


@dataclass(frozen=True)
class Run:
    """One re-run: milliseconds by step, the tables read, the questions asked, the charts and maps drawn."""

    steps: Mapping[str, float]
    reads: frozenset[str]
    questions: tuple[Question, ...]
    charts: tuple[Any, ...]
    maps: tuple[str, ...]

    @property
    def total(self) -> float:
        """Milliseconds from the script's first line to its last."""
        return sum(self.steps.values())


def forget_answers() -> None:
    """Empties every cache of the dashboards, as after a start."""
    st.cache_resource.clear()  # noqa: TID251 - the gate keeps; measuring cold means emptying it


class Page:
    """The overview over one warehouse, real or naive; `run` draws it once with the choices of an address."""

    def __init__(self, warehouse: Any) -> None:
        self.warehouse = warehouse
        self._test = AppTest.from_file(str(APP), default_timeout=LIMIT)

    def run(self, **choices: str) -> Run:
        """Draws the page; raises RuntimeError when what it draws is an error instead."""
        clock = Stopwatch()
        reads: set[str] = set()
        questions: list[Question] = []
        charts: list[Any] = []
        maps: list[str] = []

        def before(*_arguments: Any) -> None:
            clock.begin()

        def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            # Rows are fetched after this; what that takes stays with the step that asked.
            clock.end("engine")
            reads.update(name.lower() for name in _READ.findall(statement) if name.lower() != "select")

        def ask(warehouse: Warehouse, question: Question) -> Any:
            questions.append(question)
            return answers(warehouse, question)

        def chart(key: str, figure: Any) -> None:
            charts.append(figure)
            plotly(key, figure)

        def deck(key: str, shown: Any, *more: Any) -> None:
            maps.append(shown.to_json())
            pydeck(key, shown, *more)

        plotly, pydeck = layout.plotly, layout.pydeck
        answers = clock.timed("query", type(self.warehouse).ask)
        board = replace(
            overview.BOARD,
            query=clock.timed("query", overview.BOARD.query),
            figures=clock.timed("figure", overview.BOARD.figures),
            layout=clock.timed("transport", overview.BOARD.layout),
        )
        boards = tuple(board if one.key == board.key else one for one in navigation.all_boards())
        replaced: list[tuple[Any, str, Any]] = [
            (data, "warehouse", lambda: self.warehouse),
            (data, "city_index", clock.timed("query", data.city_index)),
            (type(self.warehouse), "ask", ask),
            (layout, "plotly", chart),
            (layout, "pydeck", deck),
            (navigation, "all_boards", lambda: boards),
            (navigation, "open_board", clock.timed("frame", navigation.open_board)),
            (city_index, "score", clock.timed("insight", index.score)),
            (city_index, "rank_intervals", clock.timed("insight", index.rank_intervals)),
            (overview, "key_points", clock.timed("insight", key_points.key_points)),
        ]
        for name in list(self._test.query_params):
            del self._test.query_params[name]
        for name, value in choices.items():
            self._test.query_params[name] = value
        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "after_cursor_execute", after)
        try:
            with ExitStack() as stack:
                for owner, name, value in replaced:
                    stack.enter_context(patch.object(owner, name, value))
                self._test.run()
        finally:
            event.remove(Engine, "before_cursor_execute", before)
            event.remove(Engine, "after_cursor_execute", after)
        if self._test.exception or not maps:
            said = [one.value for one in self._test.exception] or [
                one.proto for one in self._test.get("html")
            ]
            raise RuntimeError(f"the overview was not drawn: {said}")
        return Run(dict(clock.spent), frozenset(reads), tuple(questions), tuple(charts), tuple(maps))

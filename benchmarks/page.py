"""A board run in this process as Streamlit would run it, with a stopwatch on each of its steps."""

from __future__ import annotations

import inspect
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import streamlit as st
from sqlalchemy import Connection, Engine, event
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest

from benchmarks.report import RESULTS
from dashboards import access, data, layout, navigation
from dashboards.guard.viewers import Viewer
from queries.question import Question
from warehouse.records.opening import PLACE_VARIABLE

APP = Path(__file__).resolve().parent.parent / "dashboards" / "app.py"
LIMIT = 600  # seconds one run may take
READER = Viewer("benchmark", "benchmark", "benchmark", "leader")
RECORDS = RESULTS / "records.db"  # what pages write down costs them time too
# What a re-run is made of, in the order of the table.
STEPS = ("engine", "query", "insight", "figure", "transport", "frame")
INSIGHTS = "queries.insights."
# What a board may call of a warehouse.
_CALLS = ("ask", "curve", "items", "listed", "sparse", "members", "annotations", "event_windows", "calendar")
_STATE = 'class="q-card q-state"'
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
class Call:
    """Something asked of a warehouse: the method's name and what it was given."""

    method: str
    arguments: tuple[Any, ...]
    options: tuple[tuple[str, Any], ...] = ()

    def of(self, warehouse: Any) -> Any:
        """What `warehouse` returns for it."""
        return getattr(warehouse, self.method)(*self.arguments, **dict(self.options))


@dataclass(frozen=True)
class Run:
    """One re-run: milliseconds by step, the tables read, what was asked, the charts and maps drawn.

    `statements` counts the SELECTs sent, `size` the bytes of the messages that a new reader receives, `cpu`
    the milliseconds that all threads of this process worked: what a crowded machine does not change.
    """

    steps: Mapping[str, float]
    reads: frozenset[str]
    calls: tuple[Call, ...] = ()
    charts: tuple[Any, ...] = ()
    maps: tuple[str, ...] = ()
    statements: int = 0
    size: int = 0
    cpu: float = 0.0

    @property
    def total(self) -> float:
        """Milliseconds from the script's first line to its last."""
        return sum(self.steps.values())

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions among what was asked."""
        return tuple(call.arguments[0] for call in self.calls if call.method == "ask")


@dataclass
class Notes:
    """What is noted while a board runs; its methods stand in for what they note."""

    clock: Stopwatch = field(default_factory=Stopwatch)
    reads: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    charts: list[Any] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)
    statements: int = 0
    size: int = 0
    _is_asking: bool = False

    def before(self, connection: Connection, *_arguments: Any) -> None:
        """A SELECT is sent."""
        if _asks_the_warehouse(connection):
            self.clock.begin()

    def after(self, connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        """It has been executed; rows are fetched after this, and that stays with the step that asked."""
        if not _asks_the_warehouse(connection):
            return
        self.clock.end("engine")
        self.statements += 1
        self.reads.update(tables_read(statement))

    def calling(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method `name` of a warehouse, timed, and noted unless another method called it."""
        timed = self.clock.timed("query", method)

        def noted(warehouse: Any, *arguments: Any, **options: Any) -> Any:
            if self._is_asking:
                return timed(warehouse, *arguments, **options)
            self.calls.append(Call(name, arguments, tuple(options.items())))
            self._is_asking = True
            try:
                return timed(warehouse, *arguments, **options)
            finally:
                self._is_asking = False

        return noted

    def drawing(self) -> Iterator[tuple[Any, str, Any]]:
        """What puts charts and maps on the page and messages into the queue, noted."""
        plotly, pydeck, queued = layout.plotly, layout.pydeck, ForwardMsgQueue.enqueue

        def chart(key: str, figure: Any, *more: Any, **named: Any) -> None:
            self.charts.append(figure)
            plotly(key, figure, *more, **named)

        def deck(key: str, shown: Any, *more: Any, **named: Any) -> None:
            self.maps.append(shown.to_json())
            pydeck(key, shown, *more, **named)

        def enqueue(queue: ForwardMsgQueue, message: ForwardMsg) -> None:
            self.size += message.ByteSize()
            queued(queue, message)

        yield layout, "plotly", chart
        yield layout, "pydeck", deck
        yield ForwardMsgQueue, "enqueue", enqueue

    def insights(self) -> Iterator[tuple[Any, str, Any]]:
        """Every insight, wherever a module has imported it, with its stopwatch."""
        for name, module in list(sys.modules.items()):
            if not name.startswith(("dashboards.", "queries.")) or name.startswith(INSIGHTS):
                continue
            for key, value in list(vars(module).items()):
                if inspect.isfunction(value) and value.__module__.startswith(INSIGHTS):
                    yield module, key, self.clock.timed("insight", value)


def tables_read(statement: str) -> set[str]:
    """The names that a SELECT reads from, in small letters."""
    return {name.lower() for name in _READ.findall(statement)} - {"select"}


def forget_answers() -> None:
    """Empties every cache of the dashboards, as after a start."""
    st.cache_resource.clear()  # noqa: TID251 - the gate keeps; measuring cold means emptying it


def _asks_the_warehouse(connection: Connection) -> bool:
    """What is written down of a look is no question; its time is the frame's."""
    return connection.engine.url.database != str(RECORDS)


class Page:
    """One board over one warehouse, real or naive; `run` draws it once with the choices of an address."""

    def __init__(self, warehouse: Any, board: str = navigation.DEFAULT) -> None:
        self.warehouse = warehouse
        self.board = board
        self._test = AppTest.from_file(str(APP), default_timeout=LIMIT)

    def run(self, **choices: str) -> Run:
        """Draws the page; raises RuntimeError when what it draws is an error instead."""
        notes = Notes()
        for name in list(self._test.query_params):
            del self._test.query_params[name]
        for name, value in choices.items():
            self._test.query_params[name] = value
        event.listen(Engine, "before_cursor_execute", notes.before)
        event.listen(Engine, "after_cursor_execute", notes.after)
        worked, main = time.process_time(), sys.modules["__main__"]
        try:
            with ExitStack() as stack:
                for owner, name, value in [*self._timed(notes), *notes.drawing(), *notes.insights()]:
                    stack.enter_context(patch.object(owner, name, value))
                stack.enter_context(patch.object(access, "reader", lambda: READER))
                stack.enter_context(patch.dict(os.environ, {PLACE_VARIABLE: str(RECORDS)}))
                self._test.run()
        finally:
            event.remove(Engine, "before_cursor_execute", notes.before)
            event.remove(Engine, "after_cursor_execute", notes.after)
            sys.modules["__main__"] = main  # whose place the page's script has taken
        worked = (time.process_time() - worked) * 1000
        drawn = [one.proto.body for one in self._test.get("html")]
        if self._test.exception or any(_STATE in body for body in drawn):
            said = [one.value for one in self._test.exception] or drawn
            raise RuntimeError(f"the board {self.board} was not drawn: {said}")
        return Run(
            dict(notes.clock.spent),
            frozenset(notes.reads),
            tuple(notes.calls),
            tuple(notes.charts),
            tuple(notes.maps),
            notes.statements,
            notes.size,
            worked,
        )

    def _timed(self, notes: Notes) -> Iterator[tuple[Any, str, Any]]:
        """The steps of the board and of the warehouse, each with its stopwatch."""
        clock, kind = notes.clock, type(self.warehouse)
        shown = next(one for one in navigation.all_boards() if one.key == self.board)
        board = replace(
            shown,
            query=clock.timed("query", shown.query),
            figures=clock.timed("figure", shown.figures),
            layout=clock.timed("transport", shown.layout),
        )
        boards = tuple(board if one.key == board.key else one for one in navigation.all_boards())
        yield data, "warehouse", lambda: self.warehouse
        yield data, "city_index", clock.timed("query", data.city_index)
        for name in _CALLS:
            if hasattr(kind, name):
                yield kind, name, notes.calling(name, getattr(kind, name))
        yield navigation, "all_boards", lambda: boards
        yield navigation, "DEFAULT", self.board
        yield navigation, "open_board", clock.timed("frame", navigation.open_board)

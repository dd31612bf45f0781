"""What the boards of the menu ask of a warehouse: each question once, by name, and what it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Table, event

from benchmarks.page import Call, Page, forget_answers, tables_read
from queries.drill import Drill
from queries.execute import Warehouse
from queries.question import Question
from warehouse.rollups import ROLLUPS
from warehouse.schema import METADATA, cases, review

ROLLUP, FACT, LIST = "roll-ups", "fact", "lists"
GROUPS = (ROLLUP, FACT, LIST)
_ROLLUPS = {rollup.table.name for rollup in ROLLUPS}
# They grow with the items; every other table is a dimension, or a list as long as people keep by hand.
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_FACTS = {cases.name, review.name}


@dataclass(frozen=True)
class Asked:
    """A question of a board: who asks it, what it is, its SELECTs on the warehouse where it was found."""

    board: str
    call: Call
    statements: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for the same question on any warehouse."""
        return repr(self.call)

    @property
    def name(self) -> str:
        """Board, method and subject in a few words."""
        asked = " ".join(_said(one) for one in self.call.arguments if isinstance(one, Question | Drill))
        method = "" if self.call.method == "ask" else f"{self.call.method} "
        return f"{self.board}: {method}{asked}".strip()

    @property
    def tables(self) -> frozenset[str]:
        """The warehouse's tables that are read."""
        return frozenset(
            name
            for statement in self.statements
            for name in tables_read(statement)
            if name in METADATA.tables
        )

    @property
    def group(self) -> str:
        """FACT when any SELECT reads a fact, else ROLLUP when any reads a roll-up, else LIST."""
        return FACT if self.tables & _FACTS else ROLLUP if self.tables & _ROLLUPS else LIST

    def touched(self, rows: Mapping[str, int]) -> int:
        """Bytes of the columns that the SELECTs name, whole and as declared: `rows` tells of every table.

        More than the engine reads where it skips blocks of days or keeps values compressed.
        """
        return sum(
            rows[name] * sum(_WIDTHS[str(column.type)] for column in _named(METADATA.tables[name], statement))
            for statement in self.statements
            for name in tables_read(statement)
            if name in rows
        )


# Bytes of a value in memory; a text is a view of 16 bytes, its letters not counted.
_WIDTHS: Mapping[str, int] = {
    "BIGINT": 8,
    "INTEGER": 4,
    "SMALLINT": 2,
    "BOOLEAN": 1,
    "DATE": 4,
    "DATETIME": 8,
    "DOUBLE": 8,
    "VARCHAR": 16,
}


def questions(warehouse: Warehouse, boards: Sequence[str]) -> tuple[Asked, ...]:
    """What these boards ask at first sight, drawn with empty caches; each question once.

    Left out is what an open warehouse knows already: the members of dimensions, read once for each version.
    Raises RuntimeError when a board draws an error.
    """
    found: dict[str, tuple[str, Call]] = {}
    for board in boards:
        forget_answers()
        for call in Page(warehouse, board).run().calls:
            found.setdefault(repr(call), (board, call))
    forget_answers()
    asked = []
    for board, call in found.values():
        with sending() as statements:
            call.of(warehouse)
        if statements:
            asked.append(Asked(board, call, tuple(statements)))
    return tuple(asked)


@contextmanager
def sending() -> Iterator[list[str]]:
    """Notes every SELECT sent to any engine while the block runs."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _named(table: Table, statement: str) -> list[Any]:
    """The columns of `table` that the SELECT names anywhere."""
    words = set(_WORD.findall(statement))
    return [column for column in table.columns if column.name in words]


def _said(asked: Question | Drill) -> str:
    """A question in a few words: metrics, splits, time, filters, comparisons."""
    question = asked.question if isinstance(asked, Drill) else asked
    first, *more = question.metrics
    parts = [first + (f" +{len(more)}" if more else "")]
    if question.split:
        parts.append("by " + ", ".join(question.split))
    if question.grain is not None:
        parts.append(f"per {question.grain.value}")
    if question.trailing is not None:
        parts.append(f"on {len(question.trailing.ends)} dates")
    if question.filters:
        parts.append("where " + ", ".join(one.dimension for one in question.filters))
    if question.compare:
        parts.append("with " + ", ".join(one.value for one in question.compare))
    return f"{' '.join(parts)} ({(question.period.end - question.period.start).days + 1} days)"

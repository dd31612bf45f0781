"""Boards drawn in this process: over the demo city, over the dozen cases, over an empty warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, data
from dashboards.guard.viewers import Viewer
from queries.answer import Answer
from queries.execute import Warehouse
from queries.insights.survival import Curve
from queries.question import Question
from tests.queries import dozen
from warehouse import rollups
from warehouse.store import DIRECTORY_VARIABLE, Store

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
Draw = Callable[..., AppTest]


Become = Callable[..., Viewer]


@pytest.fixture(autouse=True)
def become(monkeypatch: pytest.MonkeyPatch) -> Become:
    """Makes the reader another: `become("district", "330110")`. Until then a leader reads every page."""

    def becoming(role: str, *districts: str) -> Viewer:
        viewer = Viewer(f"{role}-1", f"{role} one", "login-1", role, districts)
        monkeypatch.setattr(access, "reader", lambda: viewer)
        return viewer

    # drawn with no secret of a file beside the checkout
    monkeypatch.setenv(data.ROUNDING_VARIABLE, "5a" * 32)
    becoming("leader")
    return becoming


@pytest.fixture(scope="session")
def dozen_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a warehouse with sixteen cases of 2025 and 2026."""
    folder: Path = tmp_path_factory.mktemp("few")
    with Store(folder).build() as connection:
        dozen.fill(connection)
    return folder


@pytest.fixture(scope="session")
def empty_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a warehouse that knows its city and nothing that ever happened in it."""
    folder: Path = tmp_path_factory.mktemp("empty")
    with Store(folder).build() as connection:
        dozen.frame_without_facts(connection)
        rollups.rebuild(connection)
    return folder


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """Empty caches before and after: for tests that break what would be kept."""
    data.forget()
    yield
    data.forget()


@dataclass
class Noted:
    """What has been asked of a warehouse: the questions in order, the tables they were answered from."""

    questions: list[Question] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


@contextmanager
def noting() -> Iterator[Noted]:
    """Notes every question that reaches a warehouse; what the dashboards keep they do not ask again."""
    noted, answered, drawn = Noted(), Warehouse.ask, Warehouse.curve

    def ask(warehouse: Warehouse, question: Question) -> Answer:
        answer = answered(warehouse, question)
        noted.questions.append(question)
        noted.tables.update(statement.reads for statement in answer.statements)
        return answer

    def curve(warehouse: Warehouse, question: Question) -> Curve | None:
        noted.questions.append(question)
        return drawn(warehouse, question)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Warehouse, "ask", ask)
        patch.setattr(Warehouse, "curve", curve)
        yield noted


@pytest.fixture
def read(nothing_kept: None) -> Iterator[set[str]]:
    """The tables that the boards' questions are answered from while the test runs."""
    with noting() as noted:
        yield noted.tables


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Draws the suite over a warehouse directory: `draw(directory, lang="en", district="330110")`."""

    def drawn(directory: Path, **choices: str) -> AppTest:
        monkeypatch.setenv(DIRECTORY_VARIABLE, str(directory))
        test = AppTest.from_file(str(APP), default_timeout=60)
        for key, value in choices.items():
            test.query_params[key] = value
        return test.run()

    return drawn


def shown(test: AppTest) -> str:
    """All HTML on the page, that of clickable pieces included."""
    found: list[Any] = [*test.get("html"), *test.get("bidi_component")]
    return "\n".join(piece.body if hasattr(piece, "body") else str(piece.proto.json) for piece in found)

"""A small source: one mapping, one city, and a store to load into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, select

from warehouse.engines import duckdb
from warehouse.ingest.loading import load
from warehouse.ingest.tally import Report
from warehouse.people import SECRET_VARIABLE
from warehouse.schema import cases
from warehouse.store import Store

MAPPING = """
city = "boston"
time_zone = "America/New_York"
personal = ["姓名", "电话", "证件", "地址"]

[columns]
source_case_no = "编号"
registered_at = "登记"
closed_at = "办结"
title = "标题"
"""
HEADER = "编号,登记,办结,标题"


@dataclass
class Desk:
    """A store under a temporary directory, and what was said while loading into it."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return Store(self.folder / "var" / "warehouse")

    def file(self, content: bytes | str, name: str = "export.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def mapping(self, text: str = MAPPING, name: str = "some.toml") -> str:
        return str(self.file(text, name))

    def load(
        self,
        content: bytes | str,
        mapping: str = MAPPING,
        name: str = "export.csv",
        mapping_name: str = "some.toml",
    ) -> Report:
        written = self.mapping(mapping, mapping_name)
        return load(self.store, self.file(content, name), written, self.said.append)

    def ask(self, query: Executable) -> list[tuple[Any, ...]]:
        engine = duckdb.engine(self.store.current(), read_only=True)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(query)]
        finally:
            engine.dispose()

    def column(self, name: str) -> list[Any]:
        """One column of the cases, in the order of the source's numbers."""
        return [row[0] for row in self.ask(select(cases.c[name]).order_by(cases.c.source_case_no))]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    return Desk(tmp_path)


@pytest.fixture
def columns() -> Callable[..., str]:
    """The small mapping with more columns: columns(district="区", lon="x")."""

    def more(top: str = "", **added: str) -> str:
        lines = [
            f'{key} = "{value}"' if value[:1] != "{" else f"{key} = {value}" for key, value in added.items()
        ]
        return top + MAPPING + "\n".join(lines) + "\n"

    return more

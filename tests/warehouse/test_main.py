"""The command: what it prints, how it ends, and that an error is one sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.warehouse.test_store import fill
from warehouse import __main__ as command
from warehouse import demo
from warehouse.schema import METADATA
from warehouse.store import DIRECTORY_VARIABLE, Store

MAPPING = 'city = "boston"\n[columns]\nsource_case_no = "编号"\nregistered_at = "登记"\n'


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path / "var" / "warehouse"))
    (tmp_path / "some.toml").write_text(MAPPING)
    (tmp_path / "some.csv").write_text("编号,登记\nA1,2026-03-01\n,2026-03-01\n")
    monkeypatch.chdir(tmp_path)


def test_a_load_prints_its_account_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["load", "some.csv", "--mapping", "some.toml"]) == 0
    said = capsys.readouterr()
    account = "read 读取 2 = loaded 载入 1 + superseded 更正 0 + duplicate 重复 0 + rejected 拒收 1"
    assert f"rows {account}" in said.out
    assert said.err == ""


def test_status_says_what_stands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command.main(["load", "some.csv", "--mapping", "some.toml"])
    capsys.readouterr()
    assert command.main(["status"]) == 0
    said = capsys.readouterr().out
    version = Store(tmp_path / "var" / "warehouse").version()
    for part in (version, "boston", "2026-03-01", "read 读取 2 = loaded 载入 1"):
        assert part in said
    assert "demo" not in said
    assert command.main(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["city"], told["cases"], told["as_of_on"]) == (
        version,
        "boston",
        1,
        "2026-03-01",
    )
    assert told["batches"][0]["rows_rejected"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["load", "some.csv", "--mapping", "nome.toml"], 2, "There is no mapping 'nome.toml'"),
        (["load", "some.csv", "--mapping", "boston311"], 2, "does not have"),
        (["load", "none.csv", "--mapping", "some.toml"], 1, "cannot be read"),
        (["load", "some.csv", "--mapping", "some.toml", "--city", "bostn"], 1, "There is no city 'bostn'"),
        (["status"], 1, "No warehouse stands in"),
    ],
)
def test_an_error_is_a_sentence_on_stderr_with_its_exit_code(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert command.main(arguments) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert not list(Path().glob("var/warehouse/*.duckdb*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["load", "some.csv"], "--mapping"),
        (["demo", "--cases", "many"], "many"),
        (["demo", "--cases", "0"], "not a positive number"),
        (["demo", "--until", "soon"], "soon"),
    ],
)
def test_a_wrong_command_line_ends_with_two(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as raised:
        command.main(arguments)
    assert raised.value.code == 2
    assert said in capsys.readouterr().err


def test_help_names_the_shipped_mappings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        command.main(["load", "--help"])
    assert raised.value.code == 0
    assert "boston311, canonical" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spelled", "cases"),
    [("300k", 300_000), ("3m", 3_000_000), ("1.5M", 1_500_000), ("33_000_000", 33_000_000)],
)
def test_the_demo_is_built_as_asked_and_published(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, spelled: str, cases: int
) -> None:
    asked: dict[str, Any] = {}

    def build(connection: Connection, **given: Any) -> None:
        asked.update(given)
        METADATA.create_all(connection)
        fill(connection, given["city"])

    monkeypatch.setattr(demo, "build", build)
    assert command.main(["demo", "--cases", spelled, "--seed", "7", "--until", "2026-06-30"]) == 0
    assert (asked["city"], asked["cases"], asked["seed"]) == ("hangzhou", cases, 7)
    assert asked["until"] == date(2026, 6, 30)
    assert "演示数据" in capsys.readouterr().out
    assert command.main(["status"]) == 0
    assert "演示数据 demo data" in capsys.readouterr().out

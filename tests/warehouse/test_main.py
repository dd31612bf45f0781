"""The command: what it prints, how it ends, and that an error is one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
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


def load(capsys: pytest.CaptureFixture[str]) -> None:
    """The small file: one row loaded, one rejected."""
    assert command.main(["load", "some.csv", "--mapping", "some.toml"]) == 0
    capsys.readouterr()


def standing(capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    assert command.main(["status", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_quarantine_lists_what_was_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys)
    assert command.main(["quarantine"]) == 0
    said = capsys.readouterr().out
    assert "batch 1 批次  some.csv  row 行 3  rejected: source_case_no: absent  登记: 2026-03-01" in said
    assert "1 row" in said
    assert command.main(["quarantine", "--json", "--batch", "1", "--reason", "Absent"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == [
        {
            "batch_id": 1,
            "file_name": "some.csv",
            "mapping": "some",
            "row": 3,
            "reason": "rejected: source_case_no: absent",
            "shown": "登记: 2026-03-01",
        }
    ]
    for other in (["--batch", "2"], ["--reason", "quotation"]):
        assert command.main(["quarantine", "--json", *other]) == 0
        assert json.loads(capsys.readouterr().out) == []


def test_a_replay_after_the_mapping_was_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys)
    assert command.main(["replay", "--mapping", "some.toml"]) == 1
    assert "None of the 1 rows passes" in capsys.readouterr().err
    Path("some.toml").write_text(MAPPING.replace('= "编号"', '= { constant = "X1" }'))
    assert command.main(["replay", "--mapping", "some.toml", "--batch", "1"]) == 0
    assert "loaded 载入 1" in capsys.readouterr().out
    assert command.main(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cases"], len(told["batches"]), told["waiting"]) == (2, 2, 0)


def test_a_rollback_makes_an_older_version_live_and_the_way_forward_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(capsys)
    Path("more.csv").write_text("编号,登记\nA2,2026-03-02\n")
    assert command.main(["load", "more.csv", "--mapping", "some.toml"]) == 0
    capsys.readouterr()

    newest = standing(capsys)
    assert command.main(["rollback"]) == 0
    assert capsys.readouterr().out.startswith(f"Version {newest['kept'][0]} is live")
    assert (standing(capsys)["cases"], standing(capsys)["kept"]) == (1, newest["kept"])
    assert command.main(["rollback"]) == 1
    assert "keeps no version before" in capsys.readouterr().err
    place = str(tmp_path / "var" / "warehouse")
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path / "nowhere"))
    assert command.main(["rollback", "--to", newest["version"], "--at", place]) == 0
    monkeypatch.setenv(DIRECTORY_VARIABLE, place)
    capsys.readouterr()
    assert standing(capsys) == newest


def test_a_writer_at_work_ends_the_others_with_three(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    load(capsys)
    with Store(tmp_path / "var" / "warehouse").build(copy_newest=True):
        for arguments in (["load", "other.csv", "--mapping", "some.toml"], ["rollback"]):
            Path("other.csv").write_text("编号,登记\nA7,2026-03-02\n")
            assert command.main(arguments) == 3
            assert "is being written by process" in capsys.readouterr().err


def test_loads_held_back_are_published_together(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    load(capsys)
    live = standing(capsys)
    for number in (7, 8):
        Path("other.csv").write_text(f"编号,登记\nA{number},2026-03-02\n")
        assert command.main(["load", "other.csv", "--mapping", "some.toml", "--hold"]) == 0
        assert "held back 暂不发布" in capsys.readouterr().out
    now = standing(capsys)
    assert now.pop("held").endswith(".duckdb.held")
    assert now.items() <= live.items()
    assert command.main(["load", "other.csv", "--mapping", "some.toml"]) == 0
    assert "already loaded" in capsys.readouterr().out
    assert command.main(["publish"]) == 0
    capsys.readouterr()
    assert (standing(capsys)["cases"], standing(capsys)["held"]) == (live["cases"] + 2, None)
    assert command.main(["publish", "--discard"]) == 1
    assert "holds nothing back" in capsys.readouterr().err


def test_a_first_load_can_be_held_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["load", "some.csv", "--mapping", "some.toml", "--hold"]) == 0
    assert command.main(["status"]) == 1
    capsys.readouterr()
    assert command.main(["publish"]) == 0
    capsys.readouterr()
    assert standing(capsys)["cases"] == 1


def test_a_reader_that_leaves_early_is_no_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    load(capsys)
    root = Path(command.__file__).parents[1]
    shell = f"{sys.executable} -m warehouse status --directory {tmp_path}/var/warehouse | true"
    ended = subprocess.run(
        ["bash", "-c", f"{shell}; exit ${{PIPESTATUS[0]}}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")

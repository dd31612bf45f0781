"""`python -m warehouse audit`: exit codes, a line or JSON, and an export that is on record itself."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from tests.warehouse.records.conftest import viewing, without_guards
from warehouse.__main__ import main
from warehouse.records.audit import Wanted, append, listed
from warehouse.records.opening import PLACE_VARIABLE, Records


@pytest.fixture(autouse=True)
def _the_store(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE_VARIABLE, place)


Printed = pytest.CaptureFixture[str]


def test_a_whole_chain_is_said_to_be_whole(records: Records, capsys: Printed) -> None:
    last = append(records, viewing("a"))
    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == f"1 records are whole 记录完整, the last is {last.hash}.\n"
    assert main(["audit", "verify", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["hash"], told["fault"]) == (1, last.hash, None)


def test_a_broken_chain_ends_with_4_and_names_the_record(records: Records, capsys: Printed) -> None:
    for words in "abc":
        append(records, viewing(words))
    without_guards(records, "UPDATE audit SET words = 'never' WHERE audit_id = 2")
    assert main(["audit", "verify"]) == 4
    assert "record 2 was edited 已被篡改; 1 records before it are whole" in capsys.readouterr().out
    assert main(["audit", "verify", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["fault"] == {"wrong": "edited", "record": 2}


def test_a_head_kept_elsewhere_finds_a_chain_that_was_cut(records: Records, capsys: Printed) -> None:
    for words in "abc":
        append(records, viewing(words))
    assert main(["audit", "head"]) == 0
    line = capsys.readouterr().out.strip()
    assert main(["audit", "head", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["line"] == line
    assert main(["audit", "verify", "--head", line]) == 0
    cut = "UPDATE audit_head SET records = 2, hash = (SELECT previous FROM audit WHERE audit_id = 3)"
    without_guards(records, cut, "DELETE FROM audit WHERE audit_id = 3")
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--head", line]) == 4
    assert "record 3 is missing" in capsys.readouterr().out
    assert main(["audit", "verify", "--head", "mine"]) == 1
    assert "is no head" in capsys.readouterr().err


def test_an_export_holds_every_record_and_is_one(records: Records, tmp_path: Path, capsys: Printed) -> None:
    for words in ("晴", "雨"):
        append(records, viewing(words))
    to = tmp_path / "records.jsonl"
    assert main(["audit", "export", "--to", str(to), "--json"]) == 0
    content = to.read_bytes()
    lines = [json.loads(line) for line in content.splitlines()]
    assert [line["words"] for line in lines] == ["晴", "雨"]
    assert lines[1]["previous"] == lines[0]["hash"]
    # What the operations guide says of the hash, worked out from the file alone.
    fields = {name: value for name, value in lines[1].items() if name not in ("audit_id", "hash")}
    spelled = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    assert lines[1]["hash"] == hashlib.sha256(spelled.encode()).hexdigest()
    hashed = hashlib.sha256(content).hexdigest()
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(to), "records": 2, "bytes": len(content), "sha256": hashed}
    record = listed(records, Wanted(), 1)[0]
    assert (record.action, record.object, record.role) == ("exported", "records.jsonl", "operator")
    assert (record.rows, record.bytes, record.sha256) == (2, len(content), hashed)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600


@pytest.mark.parametrize(("days", "expected"), [(("2000-01-01", "2000-12-31"), 0), (("2000-01-01",), 1)])
def test_an_export_of_some_days(
    records: Records, tmp_path: Path, days: tuple[str, ...], expected: int
) -> None:
    append(records, viewing("a"))
    given = [word for option, day in zip(("--from", "--until"), days, strict=False) for word in (option, day)]
    assert main(["audit", "export", "--to", str(tmp_path / "some"), *given]) == 0
    assert len((tmp_path / "some").read_text(encoding="utf-8").splitlines()) == expected


def test_an_export_overwrites_nothing_and_leaves_nothing_half_done(
    records: Records, tmp_path: Path, capsys: Printed
) -> None:
    to = tmp_path / "mine"
    to.write_text("mine", encoding="utf-8")
    assert main(["audit", "export", "--to", str(to)]) == 1
    assert to.read_text(encoding="utf-8") == "mine"
    assert main(["audit", "export", "--to", str(tmp_path / "none" / "file")]) == 1
    said = capsys.readouterr().err
    assert "stands already" in said
    assert "cannot be written (No such file or directory)" in said
    without_guards(records, "DELETE FROM audit_head")
    assert main(["audit", "export", "--to", str(tmp_path / "new")]) == 1
    assert {path.name for path in tmp_path.iterdir()} <= {"mine", "records"}
    assert listed(records, Wanted(), 5) == ()


@pytest.mark.parametrize("command", [["verify"], ["head"], ["export", "--to", "never"]])
def test_a_store_that_is_not_there_is_not_made(command: list[str], place: str, capsys: Printed) -> None:
    assert main(["audit", *command]) == 1
    assert "No records stand in" in capsys.readouterr().err
    assert main(["audit", *command]) == 1  # nor by the first try

"""The command that writes bulletins: files, exit codes, one sentence for every refusal, differences."""

from __future__ import annotations

import getpass
import hashlib
import io
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import docx
import pytest

from dashboards import bulletin as command
from dashboards import commands
from dashboards.exports.pdf import PrintingUnavailable
from tests.services.commands import require_refusal
from tests.services.versions import two_versions
from warehouse.records import audit
from warehouse.records.audit import Wanted
from warehouse.records.opening import PLACE_VARIABLE, open_records, records_place
from warehouse.store import Store

ROOT = Path(__file__).resolve().parents[2]
MARCH = ("--kind", "monthly", "--period", "2026-03", "--format", "docx,json")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of 300 random cases, and a later version of 400 that is live."""
    return two_versions(tmp_path_factory.mktemp("command"), 300, 400)


def run(place: Path, to: Path, *arguments: str) -> int:
    return command.main(["--warehouse", str(place), "--to", str(to), *arguments])


def test_it_writes_what_it_says(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, tmp_path / "new", *MARCH) == commands.DONE
    assert sorted(one.name for one in (tmp_path / "new").iterdir()) == [
        "bulletin-2026-03-zh.docx",
        "bulletin-2026-03.json",
    ]
    told = json.loads((tmp_path / "new" / "bulletin-2026-03.json").read_bytes())
    assert told["version"] == Store(place).version()
    said = capsys.readouterr().out
    assert "晴雨月报〔2026〕第 3 期: 2026-03-01 – 2026-03-31" in said
    assert "bulletin-2026-03-zh.docx" in said
    file = docx.Document(io.BytesIO((tmp_path / "new" / "bulletin-2026-03-zh.docx").read_bytes()))
    cells = {row.cells[0].text: row.cells[1].text for row in file.tables[0].rows}
    line = next(one for one in told["lines"] if one["metric"] == "cases_registered")
    assert cells["诉求总量（件）"] == f"{line['value']:,}"


def test_the_same_again_changes_no_byte(place: Path, tmp_path: Path) -> None:
    assert run(place, tmp_path, *MARCH) == commands.DONE
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert run(place, tmp_path, *MARCH) == commands.DONE
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_what_was_issued_is_not_altered_and_the_difference_is_said(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    first = Store(place).versions()[0]
    assert run(place, older, *MARCH, "--version", first) == commands.DONE
    issued = {one.name: one.read_bytes() for one in older.iterdir()}
    assert run(place, older, *MARCH) == commands.NOTHING_DONE
    assert "says something else than this one" in capsys.readouterr().err
    assert {one.name: one.read_bytes() for one in older.iterdir()} == issued
    assert run(place, newer, *MARCH) == commands.DONE
    pair = [str(folder / "bulletin-2026-03.json") for folder in (older, newer)]
    capsys.readouterr()
    assert command.main(["--diff", *pair]) == command.DIFFERENT
    said = capsys.readouterr().out
    assert f"仓库版本不同：{first} → {Store(place).version()}。" in said
    assert "数据后到或有更正：截至日前的诉求总量" in said
    assert "全市 · 诉求总量 · 数值：" in said
    assert command.main(["--diff", *pair, "--json"]) == command.DIFFERENT
    assert json.loads(capsys.readouterr().out)["held"]["cases_registered"][0] < 400
    assert command.main(["--diff", pair[0], pair[0], "--lang", "en"]) == commands.DONE
    assert capsys.readouterr().out == "Both bulletins say the same.\n"
    assert run(place, older, *MARCH, "--replace") == commands.DONE
    assert command.main(["--diff", *pair]) == commands.DONE


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--kind", "monthly", "--period", "2026-3"), commands.WRONG_COMMAND, "spell it like 2026-10"),
        (("--kind", "monthly", "--period", "2030-01"), commands.WRONG_COMMAND, "is not over in the data"),
        (
            ("--kind", "weekly", "--version", "20200101T000000000000"),
            commands.NOTHING_DONE,
            "keeps no version",
        ),
        (
            ("--kind", "weekly", "--warehouse", "/nowhere/at/all"),
            commands.NOTHING_DONE,
            "No warehouse stands",
        ),
        (("--diff", "/nowhere/a.json", "/nowhere/b.json"), commands.NOTHING_DONE, "No such file"),
    ],
)
def test_a_refusal_is_one_sentence(
    place: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    require_refusal(lambda to: run(place, to, *arguments), tmp_path / "none", capsys, code, said)


@pytest.mark.parametrize("arguments", [(), ("--kind", "daily"), ("--kind", "weekly", "--format", "doc")])
def test_a_wrong_command_is_said_by_the_parser(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(list(arguments))
    assert caught.value.code == commands.WRONG_COMMAND


def test_no_half_of_a_bulletin_is_written_where_pdf_cannot_be(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unavailable(_document: object) -> bytes:
        raise PrintingUnavailable("This machine has no Pango.")

    monkeypatch.setattr(commands, "WRITERS", {**commands.WRITERS, "pdf": unavailable})
    assert run(place, tmp_path, "--kind", "monthly", "--period", "2026-03") == commands.NOTHING_DONE
    assert capsys.readouterr().err == "This machine has no Pango.\n"
    assert list(tmp_path.iterdir()) == []


def test_output_that_nobody_reads_does_no_harm(place: Path, tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    named = [sys.executable, "-m", "dashboards.bulletin", "--warehouse", str(place), "--to", str(tmp_path)]
    with os.fdopen(writes, "w") as gone:
        done = subprocess.run([*named, *MARCH], cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (commands.DONE, b"")
    assert len(list(tmp_path.iterdir())) == 2


def test_every_file_is_on_record_before_it_stands_there(place: Path, tmp_path: Path) -> None:
    with closing(open_records(records_place())) as records:
        before = audit.head(records).records
        assert run(place, tmp_path, *MARCH) == commands.DONE
        made = list(reversed(audit.listed(records, Wanted(), audit.head(records).records - before)))
    assert [one.object for one in made] == ["bulletin-2026-03-zh.docx", "bulletin-2026-03.json"]
    for one in made:
        written = (tmp_path / one.object).read_bytes()
        assert (one.bytes, one.sha256) == (len(written), hashlib.sha256(written).hexdigest())
        assert (one.action, one.actor, one.role) == ("exported", f"command:{getpass.getuser()}", "operator")
        assert one.words == "晴雨月报〔2026〕第 3 期 · 2026-03-01 至 2026-03-31"
        assert (one.version, one.as_of) == (Store(place).version(), "2026-03-31")


def test_what_cannot_be_put_on_record_is_not_written(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PLACE_VARIABLE, str(tmp_path / "nowhere" / "at" / "all" / "records.db"))
    (tmp_path / "nowhere").write_text("a file where a folder should be", encoding="utf-8")
    assert run(place, tmp_path / "files", *MARCH) == commands.NOTHING_DONE
    assert capsys.readouterr().err.count("\n") == 1
    assert list((tmp_path / "files").iterdir()) == []

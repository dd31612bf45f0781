"""The audit of what is installed: what differs is a finding, and no answer is never taken for a clean one."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import audit
import qingyu

TESTED = {"plotly": "7.1.0", "duckdb-sqlalchemy": "1.5.6.5"}
FLAW = {"name": "plotly", "version": "7.1.0", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["7.1.1"]}]}


def test_names_are_compared_as_indexes_do(tmp_path: Path) -> None:
    file = tmp_path / "some.txt"
    file.write_text("# why\nplotly==7.1.0\nDuckDB_SQLAlchemy==1.5.6.5\npsycopg[binary]==3.3.9  # here\n")
    assert audit.pins(file) == {**TESTED, "psycopg": "3.3.9"}


@pytest.mark.parametrize(
    ("here", "found"),
    [
        (TESTED | {"pip": "26.0"}, []),
        (TESTED | {"leftpad": "1.0"}, ["leftpad 1.0 is not in constraints.txt"]),
        (TESTED | {"plotly": "7.1.1"}, ["plotly is 7.1.1, tested was 7.1.0"]),
        ({"plotly": "7.1.0"}, ["duckdb-sqlalchemy 1.5.6.5 is missing"]),
    ],
)
def test_what_differs_is_said(here: dict[str, str], found: list[str]) -> None:
    assert [one.partition(":")[0] for one in audit.differing(here, TESTED, TESTED)] == found


def test_what_is_tested_but_not_needed_may_be_missing() -> None:
    assert audit.differing({"plotly": "7.1.0"}, TESTED, {"plotly": "7.1.0"}) == []


def answering(monkeypatch: pytest.MonkeyPatch, root: Path, answer: str | None, code: int = 0) -> None:
    """Lets every process end with `code`, pip-audit writing `answer`."""

    def captured(command: Sequence[str], _: Path) -> "subprocess.CompletedProcess[str]":
        if "pip_audit" in command and answer is not None:
            (root / "var" / "audit").mkdir(parents=True)
            (root / "var" / "audit" / "answer.json").write_text(answer)
        return subprocess.CompletedProcess(command, code, "no index", "")

    monkeypatch.setattr(audit, "_captured", captured)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"dependencies": [FLAW | {"vulns": []}]}, []),
        ({"dependencies": [FLAW]}, ["plotly 7.1.0: CVE-2026-1, mended in 7.1.1"]),
        ({"dependencies": [{"name": "plotly", "skip_reason": "gone"}]}, ["plotly was not looked up: gone"]),
    ],
)
def test_an_answer_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: object, found: list[str]
) -> None:
    answering(monkeypatch, tmp_path, json.dumps(answer))
    assert audit.vulnerable(tmp_path) == found


@pytest.mark.parametrize(("answer", "code"), [(None, 0), ("", 0), ("{}", 0), (None, 1)])
def test_no_answer_is_not_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str | None, code: int
) -> None:
    answering(monkeypatch, tmp_path, answer, code)
    assert audit.vulnerable(tmp_path) is None


@pytest.mark.parametrize(
    ("differs", "known", "code"),
    [([], [], 0), ([], None, 3), (["x"], None, 1), ([], ["CVE"], 1), (["x"], [], 1)],
)
def test_the_exit_code_tells_them_apart(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    differs: list[str],
    known: list[str] | None,
    code: int,
) -> None:
    monkeypatch.setattr(audit, "differing", lambda *_: differs)
    monkeypatch.setattr(audit, "conflicts", list)
    monkeypatch.setattr(audit, "vulnerable", lambda _: known)
    assert audit.main() == code
    assert ("NOT CHECKED" in capsys.readouterr().out) == (known is None)


def test_without_an_environment_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(qingyu.Stopped, match=r"no environment to audit: set it up"):
        qingyu.audit(tmp_path)
